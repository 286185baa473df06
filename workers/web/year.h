/*
 * year: the year's report (R79-R81) as everybody may read it, once published; staff also before.
 * What it says is read from the edition's snapshot alone. A page, its PDF and the pack of a
 * dialogue meeting come from the same chapters.
 */
#pragma once

#include "workers/web/page.h"
#include "workers/web/year_sql.h"

/* An edition with what several chapters need of it. */
struct year {
        struct page *page;
        int64_t year;
        struct web_year_edition edition;
        struct web_year_goals_rows goals;
        struct web_year_sessions_rows sessions;
        struct web_year_tallies_rows tallies;
        struct web_year_evidence_rows evidence;
        struct web_year_results_rows results;
};

/* GET /report; GET /report/2027, 2027/2 (an edition), each with .pdf or /snapshot.json; the same of
 * all editions under /staff. */
void year_show_all(struct page *page);
void year_show(struct page *page);
void year_show_to_staff(struct page *page);

/* Reads an edition, without what the chapters need; 0: the newest. False: there is none that may be
 * shown. */
bool year_read(struct year *year, struct page *page, int64_t of, int64_t edition, bool published);

/* Reads what the chapters need. */
void year_read_parts(struct year *year);
