/*
 * results_table: every number stands beside its n. Tables scroll by themselves where they are wider
 * than the page.
 */
#include "workers/web/results_table.h"

#include "common/evaluation/report.h"
#include "workers/web/chart.h"

/* A cell with a number in digits. */
static void put_number(struct page *page, int64_t number)
{
        html_element(page->html, "td", arena_printf(page->arena, "%lld", (long long)number));
}

static void put_column(struct page *page, struct text words)
{
        html_open(page->html, "th");
        html_set(page->html, "scope", TEXT("col"));
        html_say(page->html, words);
        html_close(page->html);
}

/* Opens the table up to its first row; heads end with PHRASE_count. */
static void begin_table(struct page *page, struct text caption, const enum phrase *heads)
{
        struct html *h = page->html;
        html_open(h, "section");
        html_set(h, "class", TEXT("wide"));
        html_set(h, "aria-label", caption);
        html_set(h, "tabindex", TEXT("0"));
        html_open(h, "table");
        html_set(h, "class", TEXT("ds-table"));
        html_element(h, "caption", caption);
        html_open(h, "thead");
        html_open(h, "tr");
        for (; *heads != PHRASE_count; heads++)
                put_column(page, page_say(page, *heads, NULL));
}

/* Ends the row of heads. */
static void begin_rows(struct page *page)
{
        html_close(page->html);
        html_close(page->html);
        html_open(page->html, "tbody");
}

static void end_table(struct page *page)
{
        html_close(page->html);
        html_close(page->html);
        html_close(page->html);
}

/* The columns of counts and statistics. */
static void put_numbers_head(struct page *page)
{
        put_column(page, page_say(page, PHRASE_results_n, NULL));
        for (int rating = 1; rating <= 5; rating++)
                put_column(page, arena_printf(page->arena, "%d", rating));
        put_column(page, page_say(page, PHRASE_results_dont_know, NULL));
        put_column(page, page_say(page, PHRASE_results_median, NULL));
        put_column(page, page_say(page, PHRASE_results_mean, NULL));
        put_column(page, page_say(page, PHRASE_results_share, NULL));
}

static void put_numbers(struct page *page, struct int_array counts)
{
        const struct statistics s = statistics_of(counts.at);
        put_number(page, s.n);
        for (size_t i = 0; i < counts.count; i++)
                put_number(page, counts.at[i]);
        html_element(page->html, "td", report_decimal(page->arena, s.median, 1, page->language));
        html_element(page->html, "td", report_decimal(page->arena, s.mean, 2, page->language));
        html_element(
                page->html, "td",
                arena_printf(page->arena, "%.0f\u00a0%%", statistics_half_up(100 * s.share_4_5)));
}

/* What a row is about: its head. */
static void put_head(struct page *page, struct text words)
{
        html_open(page->html, "th");
        html_set(page->html, "scope", TEXT("row"));
        html_say(page->html, words);
        html_close(page->html);
}

void results_put_municipalities(struct page *page, struct text caption,
                                const struct results_row *rows, size_t count)
{
        static const enum phrase heads[] = { PHRASE_results_municipality, PHRASE_results_about,
                                             PHRASE_count };
        begin_table(page, caption, heads);
        put_numbers_head(page);
        begin_rows(page);
        for (size_t i = 0; i < count; i++) {
                html_open(page->html, "tr");
                put_head(page, rows[i].municipality);
                html_element(page->html, "td", rows[i].about);
                put_numbers(page, rows[i].counts);
                html_close(page->html);
        }
        end_table(page);
}

static void put_chart(struct page *page, const char *id, struct text caption,
                      const struct results_row *rows, size_t count)
{
        struct chart_bar *bars = arena_array(page->arena, count, sizeof *bars);
        const struct chart chart = { id, caption, page_say(page, PHRASE_results_bars_read, NULL) };
        for (size_t i = 0; i < count; i++) {
                const struct statistics s = statistics_of(rows[i].counts.at);
                bars[i].label = arena_printf(page->arena, "%.*s (n\u00a0=\u00a0%lld)",
                                             TEXT_ARGS(rows[i].about), (long long)s.n);
                bars[i].counts = rows[i].counts;
        }
        chart_distribution(html_writer(page->html), &chart, bars, count);
}

static void put_table(struct page *page, struct text caption, const struct results_row *rows,
                      size_t count)
{
        static const enum phrase heads[] = { PHRASE_results_about, PHRASE_count };
        begin_table(page, caption, heads);
        put_numbers_head(page);
        begin_rows(page);
        for (size_t i = 0; i < count; i++) {
                html_open(page->html, "tr");
                put_head(page, rows[i].about);
                put_numbers(page, rows[i].counts);
                html_close(page->html);
        }
        end_table(page);
}

void results_put_bars(struct page *page, const char *id, struct text caption,
                      const struct results_row *rows, size_t count)
{
        put_chart(page, id, caption, rows, count);
        put_table(page, caption, rows, count);
}

void results_put_folded_bars(struct page *page, const char *id, struct text caption,
                             const struct results_row *rows, size_t count)
{
        struct html *h = page->html;
        put_chart(page, id, caption, rows, count);
        html_open(h, "details");
        html_element(h, "summary", page_say(page, PHRASE_results_numbers, NULL));
        put_table(page, caption, rows, count);
        html_close(h);
}

/* What a row of a course is called: with the number of its wording where there are several. */
static struct text name_point(struct page *page, const struct results_point *points, size_t count,
                              size_t i)
{
        if (points[0].series == points[count - 1].series) /* they are sorted by it */
                return points[i].session;
        return page_say(page, PHRASE_results_wording,
                        PLACES({ "goal", points[i].session },
                               { "number",
                                 arena_printf(page->arena, "%lld", (long long)points[i].series) }));
}

void results_put_course(struct page *page, const char *id, struct text caption, bool years,
                        const struct results_point *points, size_t count)
{
        const enum phrase heads[] = { years ? PHRASE_survey_year : PHRASE_results_session,
                                      PHRASE_count };
        struct chart_point *drawn = arena_array(page->arena, count, sizeof *drawn);
        const struct chart chart = {
                id, caption,
                page_say(page, years ? PHRASE_survey_course_read : PHRASE_results_course_read, NULL)
        };
        for (size_t i = 0; i < count; i++) {
                const struct statistics s = statistics_of(points[i].counts.at);
                drawn[i] = (struct chart_point){
                        points[i].session, report_decimal(page->arena, s.mean, 1, page->language),
                        s.mean, points[i].series
                };
        }
        chart_course(html_writer(page->html), &chart, drawn, count);
        begin_table(page, caption, heads);
        put_numbers_head(page);
        begin_rows(page);
        for (size_t i = 0; i < count; i++) {
                html_open(page->html, "tr");
                put_head(page, name_point(page, points, count, i));
                put_numbers(page, points[i].counts);
                html_close(page->html);
        }
        end_table(page);
}
