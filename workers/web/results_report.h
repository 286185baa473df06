/*
 * results_report: a report as its pages show it: what it is called, who answered, and the rows of
 * its charts and tables. It lives in the page's arena.
 */
#pragma once

#include "common/evaluation/report.h"
#include "workers/web/results_list.h"
#include "workers/web/results_table.h"

struct results {
        struct page *page;
        struct report report; /* that was read last */
        struct web_held_rows held;
        struct web_municipalities_rows municipalities;
        struct web_shown_surveys_rows surveys;
        const struct web_shown_surveys *survey; /* NULL: it is of sessions */
        struct text path;                       /* of the report, below /results/ */
};

/* Reads what they are called; then one report after another. False: there is nothing that it could
 * be of. */
void results_init(struct results *r, struct page *page);
bool results_read(struct results *r, struct report_of of);
bool results_read_questions(struct results *r, struct report_of of); /* and who answered, alone */

/* What it is called: a session's title, a network's or a survey's name, a year. */
struct text results_name(const struct results *r);

/* Of a session: its network and its day. */
void results_put_network(const struct results *r);

/* Who answered, with the warning; of a session whose answers were too few alone, with which. */
void results_put_answered(const struct results *r);

/* The rows of goals, of all or by municipality, and of questions: as many as the report has, at
 * most. They return how many. */
size_t results_goals(const struct results *r, bool by_municipality, struct results_row *rows);
size_t results_questions(const struct results *r, struct results_row *rows);
