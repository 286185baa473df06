/*
 * report: what is published of evaluations: of a session, a network, a year, or a network's year;
 * or of their follow-ups, months later, which are in no number of the former.
 * All numbers are sums of published cells (CONTRIBUTING, "A total is a sum of what is published").
 * It lives in the transaction's arena.
 */
#pragma once

#include "common/day.h"
#include "common/evaluation/report_sql.h"
#include "common/statistics.h"

/* What it is of. session alone; or network, year (0: all years) or both. */
struct report_of {
        struct text session, network;
        int64_t year;
        bool follow_up; /* of what was taken into use after them */
};

struct report {
        struct report_of of;
        struct text subject;
        struct report_tallies_rows tallies;     /* none: nothing is published */
        struct report_questions_rows questions; /* municipality no text: of all */
        struct report_goals_rows goals;
        struct report_course_rows course;
        struct report_standings_rows
                standings;         /* of the sessions that were held; not of one alone */
        int64_t invited, answered; /* of what is published */
};

/* False: there is nothing that it could be of. A failure of the store is the transaction's. */
bool report_read(struct tx *tx, struct report_of of, struct report *report);

/* The same of who answered and of the questions alone, which costs as little however much there is:
 * goals, by their wordings, are compared with all others. */
bool report_read_questions(struct tx *tx, struct report_of of, struct report *report);

/* The scope and subject of the store's views. */
struct text report_scope(struct arena *arena, struct report_of of, struct text *subject);

/* "4,25", in English "4.25"; a half is rounded up. */
struct text report_decimal(struct arena *arena, double number, int decimals,
                           enum language language);

/* The words in the language. */
struct text report_words(enum language language, struct text nb, struct text nn, struct text en);

/*
 * The tables as one of text: heads, then cells row by row. Each row: session, municipality (or
 * all), question or goal, its id, version, goal and words, n, 1 to 5, don't know, median, mean,
 * share 4–5 in per cent.
 */
#define REPORT_COLUMNS 17
struct report_table {
        struct text head[REPORT_COLUMNS];
        struct text *cell;
        size_t rows;
};
struct report_table report_table(struct arena *arena, const struct report *report,
                                 enum language language);

/* UTF-8 with its mark, semicolons, decimal commas. */
struct text report_csv(struct arena *arena, const struct report *report, enum language language);
