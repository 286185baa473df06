/*
 * results_table: tables and charts of results; a chart comes with its table, from the same rows.
 */
#pragma once

#include "workers/web/page.h"

/* A row: what it is about (in a table by municipality, which one), and its counts. */
struct results_row {
        struct text municipality, about;
        struct int_array counts;
};

/* The chart of all rows and their table. id: of the chart, alone in the page. */
void results_put_bars(struct page *page, const char *id, struct text caption,
                      const struct results_row *rows, size_t count);

/* The same with the table folded, where there are several charts in a page. */
void results_put_folded_bars(struct page *page, const char *id, struct text caption,
                             const struct results_row *rows, size_t count);

/* The table alone, with a column for the municipality. */
void results_put_municipalities(struct page *page, struct text caption,
                                const struct results_row *rows, size_t count);

/* One session's point in a course, or one year's. */
struct results_point {
        struct text session;
        int64_t series; /* the wording */
        struct int_array counts;
};

/* The course of a goal or a question, and its table. Points are sorted by wording; years: each of
 * them is a year. */
void results_put_course(struct page *page, const char *id, struct text caption, bool years,
                        const struct results_point *points, size_t count);
