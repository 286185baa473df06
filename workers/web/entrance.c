/*
 * entrance: nothing here tells who is asked: not the reply, not its time, not the number of letters
 * (notice.ask_again).
 */
#include "workers/web/entrance.h"

#include "workers/web/entrance_sql.h"
#include "workers/web/form.h"
#include "workers/web/input.h"
#include "workers/web/qr.h"

#define REFRESH_SECONDS "15" /* where a reader asked for a page that comes again by itself */

/* A minute, of an evaluation and a mail address. A source may be a room full of people, who all ask
 * at once. */
static const struct limit_most most = { .thing = 3, .source = 600, .all = 6000 };

static bool is_open(const struct page *page, const struct web_entrance *row)
{
        return text_equal(row->state, TEXT("open")) && tx_now(page->tx) < row->closes_at;
}

/* The evaluation of page->argument, open. Else the page says why not. */
static bool find(struct page *page, struct web_entrance *row)
{
        if (!web_entrance(page->tx, page->argument, row)) {
                page_not_found(page);
                return false;
        }
        if (is_open(page, row))
                return true;
        const struct text day = page_day(page, day_at(row->closes_at, NULL, NULL));
        const struct text hour = time_wall(page->arena, row->closes_at, page->language);
        page_refuse(
                page, 410, PHRASE_form_closed,
                page_say(page, PHRASE_form_closed_why, PLACES({ "day", day }, { "time", hour })));
        return false;
}

static struct text find_title(struct page *page, const struct web_entrance *row)
{
        const struct text title = page_pick(page, row->title_nb, row->title_nn, row->title_en);
        return form_name(page, row->follow_up, title);
}

/* "3 av 24 har svart." */
static struct text say_count(struct page *page, const struct web_entrance *row)
{
        return page_say(page, PHRASE_entrance_count,
                        PLACES({ "answered", arena_printf(page->arena, "%d", (int)row->answered) },
                               { "invited", arena_printf(page->arena, "%d", (int)row->invited) }));
}

/* How many have answered. By itself it is kept fresh by a script alone, until somebody stops that;
 * without script a page that comes again by itself is asked for (WCAG 2.2.1, 2.2.2). */
static void put_count(struct page *page, struct text evaluation, const struct web_entrance *row)
{
        const struct text follow = request_query(page->request, "follow");
        const struct text path = request_path(page->request);
        const struct text show = arena_printf(page->arena, "/show/%.*s", TEXT_ARGS(evaluation));
        html_open(page->html, "p");
        html_set(page->html, "id", TEXT("count"));
        html_set(page->html, "class", TEXT("lead"));
        html_set(page->html, "aria-live", TEXT("polite"));
        html_set(page->html, "data-from", show);
        html_say(page->html, say_count(page, row));
        html_close(page->html);
        if (text_equal(follow, TEXT("0"))) {
                page_put_link(page, TEXT("?follow=0"), PHRASE_entrance_refresh);
                page_put_link(page, path, PHRASE_entrance_follow);
                return;
        }
        page_put_link(page, path, PHRASE_entrance_refresh);
        page_put_link(page, TEXT("?follow=0"), PHRASE_entrance_stop);
        if (text_equal(follow, TEXT("1")))
                return;
        html_open(page->html, "noscript");
        page_put_link(page, arena_printf(page->arena, "%.*s?follow=1", TEXT_ARGS(show)),
                      PHRASE_entrance_follow);
        html_close(page->html);
        page_put_script(page, "count.js");
}

void entrance_put_progress(struct page *page, struct text evaluation)
{
        struct web_entrance row;
        if (!web_entrance(page->tx, evaluation, &row))
                return;
        if (!is_open(page, &row)) {
                html_element(page->html, "p", say_count(page, &row));
                return;
        }
        put_count(page, evaluation, &row);
        page_put_link(page, arena_printf(page->arena, "/show/%.*s", TEXT_ARGS(evaluation)),
                      PHRASE_entrance_show);
}

void entrance_show_code(struct page *page)
{
        struct web_entrance row;
        if (!find(page, &row))
                return;
        const char *base = page->web->service.conf.mail_link;
        const struct text address =
                arena_printf(page->arena, "%s/q/%.*s", base, TEXT_ARGS(page->argument));
        if (text_equal(request_query(page->request, "follow"), TEXT("1")))
                request_set_header(page->request, "Refresh", TEXT(REFRESH_SECONDS));
        page_begin(page, find_title(page, &row));
        page_put(page, "p", PHRASE_entrance_scan, NULL);
        qr_put(page->html, page->arena, address,
               page_say(page, PHRASE_entrance_code, PLACES({ "address", address })));
        html_classed(page->html, "p", "address", address);
        put_count(page, page->argument, &row);
        page_end(page);
}

static void put_page(struct page *page, const struct web_entrance *row, bool wrong)
{
        const struct text day = page_day(page, day_at(row->starts_at, NULL, NULL));
        page_begin(page, find_title(page, row));
        page_put(page, "p", row->follow_up ? PHRASE_follow_form_about : PHRASE_form_about,
                 PLACES({ "day", day }));
        page_put(page, "p", PHRASE_entrance_why, NULL);
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        input_address(page, wrong);
        input_button(page, PHRASE_entrance_send);
        html_close(page->html);
        page_end(page);
}

void entrance_show(struct page *page)
{
        struct web_entrance row;
        if (find(page, &row))
                put_page(page, &row, false);
}

void entrance_take(struct page *page)
{
        struct web_entrance row;
        struct text address;
        if (!find(page, &row))
                return;
        if (!input_read_address(page, &address)) {
                page->status = 422;
                put_page(page, &row, true);
                return;
        }
        if (!page_is_allowed(page, &page->web->entrances, &most,
                             arena_printf(page->arena, "%.*s/%.*s", TEXT_ARGS(page->argument),
                                          TEXT_ARGS(address))))
                return;
        web_ask_again(page->tx, page->argument, address, tx_now(page->tx));
        page_begin(page, page_say(page, PHRASE_entrance_sent, NULL));
        page_put(page, "p", PHRASE_entrance_sent_why, NULL);
        page_end(page);
}
