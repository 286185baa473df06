/*
 * finding_form: the parts that the forms about findings and changes share.
 */
#pragma once

#include "workers/web/page.h"

enum { FINDING_WORDS = 1000 }; /* letters at most */

/* The words that were sent; no text: none, or too many. */
struct text finding_read_words(const struct page *page, const char *field);

/* What was sent, if it is one of those; else no text. */
struct text finding_read_one(const struct page *page, const char *field, const char *const *of,
                             size_t count);

/* What was just done, said once. */
void finding_put_done(struct page *page);

/* A form under its heading, with what was wrong in what was sent (PHRASE_count: nothing). */
void finding_begin_form(struct page *page, enum phrase title, const char *what, enum phrase fault);
void finding_end_form(struct page *page, enum phrase button);

/* One of a few, side by side, each by its words. */
void finding_put_choices(struct page *page, const char *name, enum phrase legend,
                         const char *const *values, size_t count,
                         enum phrase (*words)(struct text));
