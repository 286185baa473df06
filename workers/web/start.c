/*
 * start: the public pages. They name no person.
 */
#include "workers/web/start.h"

#include "common/day.h"
#include "workers/web/results_newest.h"
#include "workers/web/start_sql.h"
#include "workers/web/table.h"

/* "27.01.2027 09.00–15.00", or the days it lasts. */
static struct text find_when(struct page *page, const struct web_year_plan *row)
{
        const struct text first = day_short(page->arena, (int32_t)row->first_day);
        if (row->last_day != row->first_day)
                return arena_printf(page->arena, "%.*s–%.*s", TEXT_ARGS(first),
                                    TEXT_ARGS(day_short(page->arena, (int32_t)row->last_day)));
        if (!row->begins.at)
                return first;
        return arena_printf(page->arena, "%.*s, %.*s–%.*s", TEXT_ARGS(first),
                            TEXT_ARGS(row->begins), TEXT_ARGS(row->ends));
}

enum phrase start_find_state(struct text state)
{
        static const struct {
                const char *state;
                enum phrase words;
        } known[] = {
                { "scheduled", PHRASE_start_state_scheduled },
                { "held", PHRASE_start_state_held },
                { "unmarked", PHRASE_start_state_unmarked },
                { "cancelled", PHRASE_start_state_cancelled },
                { "deadline", PHRASE_start_state_deadline },
                { "open", PHRASE_start_state_open },
                { "closed", PHRASE_start_state_closed },
        };
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                if (text_equal(state, text_of(known[i].state)))
                        return known[i].words;
        return PHRASE_start_state_planned;
}

static void put_row(struct page *page, const struct web_year_plan *row)
{
        struct html *h = page->html;
        html_open(h, "tr");
        html_element(h, "td", find_when(page, row));
        html_open(h, "td");
        if (row->results.at)
                html_link(
                        h,
                        arena_printf(page->arena, "/results/session/%.*s", TEXT_ARGS(row->results)),
                        page_pick(page, row->title_nb, row->title_nn, row->title_en));
        else
                html_say(h, page_pick(page, row->title_nb, row->title_nn, row->title_en));
        html_close(h);
        html_element(h, "td", page_pick(page, row->of_nb, row->of_nn, row->of_en));
        html_element(h, "td", row->place);
        page_put(page, "td", start_find_state(row->state), NULL);
        html_close(h);
}

bool start_put_plan(struct page *page, struct text caption, int year, struct start_of of)
{
        const struct web_year_plan_rows rows =
                web_year_plan(page->tx, year, page_today(page), of.body, of.municipality, of.area);
        if (rows.count == 0)
                return false;
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_start_when, PHRASE_start_what, PHRASE_start_who,
                                           PHRASE_start_where, PHRASE_start_state, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++)
                put_row(page, &rows.row[i]);
        table_end(page);
        return true;
}

int start_find_year(struct page *page)
{
        int year, month, day;
        int64_t asked;
        day_split(page_today(page), &year, &month, &day);
        if (text_to_int(request_query(page->request, "year"), &asked) && asked >= 2000 &&
            asked < 2200) {
                year = (int)asked;
                page->query = arena_printf(page->arena, "year=%d", year);
        }
        return year;
}

static void put_way(struct page *page, struct text href, struct text words)
{
        html_open(page->html, "li");
        html_link(page->html, href, words);
        html_close(page->html);
}

/* To the plan further down, and to what else is public. */
static void put_ways(struct page *page, const struct place *places)
{
        html_open(page->html, "ul");
        html_set(page->html, "class", TEXT("row"));
        put_way(page, TEXT("#plan"), page_say(page, PHRASE_start_plan, places));
        put_way(page, TEXT("/results"), page_say(page, PHRASE_results_all, NULL));
        put_way(page, TEXT("/report"), page_say(page, PHRASE_year_all, NULL));
        html_close(page->html);
}

/* What was published last, unless another year's plan is asked for; the plan, or that there is
 * none; and the ways to the years beside it. */
void start_show(struct page *page)
{
        struct html *h;
        const int year = start_find_year(page);
        const struct text number = arena_printf(page->arena, "%d", year);
        const struct place *places = PLACES({ "year", number });
        const struct start_of all = { TEXT(""), TEXT(""), TEXT("") };
        page_begin(page, text_of(page->web->service.conf.mail_name));
        h = page->html;
        html_classed(h, "p", "lead", page_say(page, PHRASE_start_lead, NULL));
        put_ways(page, places);
        if (!page->query.at)
                results_put_newest(page);
        html_open(h, "h2");
        html_set(h, "id", TEXT("plan"));
        html_set(h, "class", TEXT("ds-heading"));
        html_say(h, page_say(page, PHRASE_start_plan, places));
        html_close(h);
        if (!start_put_plan(page, page_say(page, PHRASE_start_plan, places), year, all))
                page_put(page, "p", PHRASE_start_none, places);
        html_open(h, "p");
        for (int other = year - 1; other <= year + 1; other += 2) {
                html_link(h, arena_printf(page->arena, "/?year=%d", other),
                          page_say(page, PHRASE_start_plan,
                                   PLACES({ "year", arena_printf(page->arena, "%d", other) })));
                html_say(h, TEXT(" "));
        }
        html_close(h);
        page_end(page);
}

void start_show_accessibility(struct page *page)
{
        const struct text address = text_of(page->web->service.conf.mail_from);
        page_begin(page, page_say(page, PHRASE_page_accessibility, NULL));
        page_put(page, "p", PHRASE_access_lead, NULL);
        page_put(page, "p", PHRASE_access_how, NULL);
        page_put(page, "p", PHRASE_access_tell, PLACES({ "address", address }));
        page_put(page, "p", PHRASE_access_complain, NULL);
        page_end(page);
}
