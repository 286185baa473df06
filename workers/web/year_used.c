/*
 * year_used: the chapter of what was taken into use after the year's sessions, as far as they are
 * followed up. It stands by itself: no goal is judged by it, and no number of sessions has it in.
 */
#include "common/statistics.h"
#include "workers/web/results_list.h"
#include "workers/web/results_table.h"
#include "workers/web/table.h"
#include "workers/web/year_chapter.h"

/* What became of it; of one that was counted with another, with which. */
static void put_standing(const struct year *year, const struct web_year_follow_ups *f)
{
        if (f->session.at && !text_equal(f->session, f->meeting))
                page_put(year->page, "td", PHRASE_results_together,
                         PLACES({ "sessions", f->session }));
        else
                page_put(year->page, "td", results_standing(f->standing, true), NULL);
}

/* Each session, with who answered where the numbers stand under it. */
static void put_sessions(const struct year *year, const struct web_year_follow_ups_rows *rows)
{
        struct page *page = year->page;
        table_begin(page, page_say(page, PHRASE_follow_sessions, NULL),
                    (const enum phrase[]){ PHRASE_results_session, PHRASE_year_invited,
                                           PHRASE_year_answered, PHRASE_start_state,
                                           PHRASE_count });
        for (size_t i = 0; i < rows->count; i++) {
                const struct web_year_follow_ups *f = &rows->row[i];
                const bool own = text_equal(f->session, f->meeting);
                table_row(page);
                html_open(page->html, "th");
                html_set(page->html, "scope", TEXT("row"));
                html_say(page->html, f->meeting);
                html_close(page->html);
                html_element(page->html, "td", own ? year_number(year, f->invited) : TEXT("–"));
                html_element(page->html, "td", own ? year_number(year, f->answered) : TEXT("–"));
                put_standing(year, f);
                table_end_row(page);
        }
        table_end(page);
}

/* How many answered of all that is shown. */
static void put_rate(const struct year *year, const struct web_year_follow_ups_rows *rows)
{
        int64_t invited = 0, answered = 0;
        for (size_t i = 0; i < rows->count; i++)
                if (text_equal(rows->row[i].session, rows->row[i].meeting)) {
                        invited += rows->row[i].invited;
                        answered += rows->row[i].answered;
                }
        year_put_rate(year, invited, answered);
}

/* What was asked of all, and what it comes to by goal. */
static void put_bars(const struct year *year)
{
        struct page *page = year->page;
        const int64_t edition = year->edition.edition;
        const struct web_year_used_rows asked = web_year_used(page->tx, year->year, edition);
        const struct web_year_used_goals_rows goals =
                web_year_used_goals(page->tx, year->year, edition);
        struct results_row *rows =
                arena_array(page->arena, asked.count + goals.count, sizeof *rows);
        for (size_t i = 0; i < asked.count; i++)
                rows[i] =
                        (struct results_row){ { 0 },
                                              page_pick(page, asked.row[i].text_nb,
                                                        asked.row[i].text_nn, asked.row[i].text_en),
                                              asked.row[i].counts };
        if (asked.count > 0)
                results_put_bars(page, "used", page_say(page, PHRASE_follow_heading, NULL), rows,
                                 asked.count);
        for (size_t i = 0; i < goals.count; i++)
                rows[i] = (struct results_row){ { 0 },
                                                year_words(year, goals.row[i].goal),
                                                goals.row[i].counts };
        if (goals.count > 0)
                results_put_bars(page, "usedgoals", page_say(page, PHRASE_follow_goals, NULL), rows,
                                 goals.count);
}

void year_put_used(const struct year *year)
{
        struct page *page = year->page;
        const struct web_year_follow_ups_rows rows =
                web_year_follow_ups(page->tx, year->year, year->edition.edition);
        page_put(page, "p", PHRASE_follow_lead, NULL);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_follow_none, NULL);
                return;
        }
        put_rate(year, &rows);
        put_bars(year);
        put_sessions(year, &rows);
}
