/*
 * form: the evaluation's form, and what became of an answer. It is filled in by the personal link
 * of a letter, or again with what was wrong in it.
 */
#pragma once

#include "workers/web/form_sql.h"
#include "workers/web/page.h"

/* GET /e/LINK */
void form_show(struct page *page);

/* GET /thanks, and /thanks/survey of who answered for a municipality */
void form_show_thanks(struct page *page);
void form_show_survey_thanks(struct page *page);

/* The evaluation behind an invitation, and what it asks. */
struct form {
        struct web_paper paper;
        struct web_questions_rows questions;
};

/* "Evaluering: …", of a follow-up "Oppfølging: …". */
struct text form_name(struct page *page, bool follow_up, struct text title);

/* The invitation of page->argument. False: it is no link of ours, and the page says so. */
bool form_read_link(struct page *page, int64_t *invitation);

/* Whether it can be answered now; else the page says kindly why not. */
bool form_is_open(struct page *page, const struct web_paper *paper, int64_t now);

/*
 * Reads what was sent: the answer as a JSON object (ballot.h) in the request's arena. No text:
 * something is wrong; form_put then shows it all again with what to correct.
 */
struct text form_read(struct page *page, const struct web_questions_rows *questions);

/* The page with the form; after a POST with what was sent and what is wrong with it. */
void form_put(struct page *page, const struct form *form, bool changed);
