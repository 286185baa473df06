/*
 * results_list: which sessions were held, and what became of the evaluation of each.
 */
#include "workers/web/results_list.h"

#include "workers/web/results.h"
#include "workers/web/results_survey.h"

struct text results_title(const struct page *page, const struct web_held *row)
{
        return page_pick(page, row->title_nb, row->title_nn, row->title_en);
}

struct text results_network(const struct page *page, const struct web_held *row)
{
        return page_pick(page, row->of_nb, row->of_nn, row->of_en);
}

enum phrase results_standing(struct text standing, bool follow_up)
{
        if (text_equal(standing, TEXT("missing")))
                return follow_up ? PHRASE_follow_missing : PHRASE_results_missing;
        if (text_equal(standing, TEXT("hidden")))
                return PHRASE_results_hidden;
        if (text_equal(standing, TEXT("open")))
                return follow_up ? PHRASE_follow_open : PHRASE_results_open;
        return PHRASE_results_shown;
}

void results_put_session(struct page *page, const struct web_held *row, bool follow_up)
{
        struct html *h = page->html;
        const struct text day = day_short(page->arena, day_at(row->held_at, NULL, NULL));
        const struct text standing = page_say(
                page, results_standing(follow_up ? row->follow_up : row->standing, follow_up),
                NULL);
        const struct text name = arena_printf(page->arena, "%.*s %.*s", TEXT_ARGS(row->meeting),
                                              TEXT_ARGS(results_title(page, row)));
        html_open(h, "li");
        if (text_equal(row->standing, TEXT("shown")))
                html_link(
                        h,
                        arena_printf(page->arena, "/results/session/%.*s", TEXT_ARGS(row->meeting)),
                        name);
        else
                html_say(h, name);
        html_say(h, arena_printf(page->arena, ", %.*s: %.*s", TEXT_ARGS(day), TEXT_ARGS(standing)));
        if (!follow_up && text_equal(row->follow_up, TEXT("shown"))) {
                html_say(h, TEXT(". "));
                html_link(h,
                          arena_printf(page->arena, "/results/follow-up/session/%.*s",
                                       TEXT_ARGS(row->meeting)),
                          page_say(page, PHRASE_follow_title, PLACES({ "of", row->meeting })));
        }
        html_close(h);
}

/* A link to each year in which a session was held. */
static void put_years(struct page *page, const struct web_held_rows *held)
{
        int64_t least = INT64_MAX, most = 0;
        for (size_t i = 0; i < held->count; i++) {
                least = held->row[i].year < least ? held->row[i].year : least;
                most = held->row[i].year > most ? held->row[i].year : most;
        }
        html_open(page->html, "ul");
        for (int64_t year = most; year >= least; year--) {
                const struct text number = arena_printf(page->arena, "%lld", (long long)year);
                html_open(page->html, "li");
                html_link(page->html,
                          arena_printf(page->arena, "/results/year/%.*s", TEXT_ARGS(number)),
                          page_say(page, PHRASE_results_year, PLACES({ "year", number })));
                html_close(page->html);
        }
        html_close(page->html);
}

void results_show_all(struct page *page)
{
        const struct web_held_rows held = web_held(page->tx);
        page_begin(page, page_say(page, PHRASE_results_all, NULL));
        struct html *h = page->html;
        page_put(page, "p", PHRASE_results_lead, NULL);
        if (held.count == 0)
                page_put(page, "p", PHRASE_results_none_held, NULL);
        else
                put_years(page, &held);
        for (size_t i = 0; i < held.count; i++) {
                const struct web_held *row = &held.row[i];
                if (i == 0 || !text_equal(row->network, held.row[i - 1].network)) {
                        html_open(h, "h2");
                        html_set(h, "class", TEXT("ds-heading"));
                        html_link(h,
                                  arena_printf(page->arena, "/results/network/%.*s",
                                               TEXT_ARGS(row->network)),
                                  results_network(page, row));
                        html_close(h);
                        html_open(h, "ul");
                }
                results_put_session(page, row, false);
                if (i + 1 == held.count || !text_equal(row->network, held.row[i + 1].network))
                        html_close(h);
        }
        results_put_surveys(page);
        page_end(page);
}
