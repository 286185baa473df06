/*
 * entrance: nothing here tells who is asked: not the reply, not its time, not the number of letters
 * (notice.ask_again).
 */
#include "workers/web/entrance.h"

#include "workers/web/entrance_sql.h"
#include "workers/web/qr.h"

enum { ADDRESS_MOST = 254 }; /* RFC 5321, 4.5.3.1.3 */

/* The evaluation of page->argument, open. Else the page says why not. */
static bool find(struct page *page, struct web_entrance *row)
{
        if (!web_entrance(page->tx, page->argument, row)) {
                page_not_found(page);
                return false;
        }
        if (text_equal(row->state, TEXT("open")) && tx_now(page->tx) < row->closes_at)
                return true;
        const struct text day = page_day(page, day_at(row->closes_at, NULL, NULL));
        const struct text hour = time_wall(page->arena, row->closes_at, page->language);
        page_refuse(
                page, 410, PHRASE_form_closed,
                page_say(page, PHRASE_form_closed_why, PLACES({ "day", day }, { "time", hour })));
        return false;
}

/* "Evaluering: …". */
static struct text find_title(struct page *page, const struct web_entrance *row)
{
        const struct text title = page_pick(page, row->title_nb, row->title_nn, row->title_en);
        return page_say(page, PHRASE_form_title, PLACES({ "title", title }));
}

void entrance_show_code(struct page *page)
{
        struct web_entrance row;
        if (!find(page, &row))
                return;
        const char *base = page->web->service.conf.mail_link;
        const struct text address =
                arena_printf(page->arena, "%s/q/%.*s", base, TEXT_ARGS(page->argument));
        page_begin(page, find_title(page, &row));
        page_put(page, "p", PHRASE_entrance_scan, NULL);
        qr_put(page->html, page->arena, address,
               page_say(page, PHRASE_entrance_code, PLACES({ "address", address })));
        html_classed(page->html, "p", "address", address);
        html_open(page->html, "p");
        html_set(page->html, "id", TEXT("count"));
        html_set(page->html, "class", TEXT("lead"));
        html_set(page->html, "aria-live", TEXT("polite"));
        html_say(
                page->html,
                page_say(page, PHRASE_entrance_count,
                         PLACES({ "answered", arena_printf(page->arena, "%d", (int)row.answered) },
                                { "invited", arena_printf(page->arena, "%d", (int)row.invited) })));
        html_close(page->html);
        html_open(page->html, "p");
        html_link(page->html, arena_printf(page->arena, "/show/%.*s", TEXT_ARGS(page->argument)),
                  page_say(page, PHRASE_entrance_refresh, NULL));
        html_close(page->html);
        page_put_script(page, "count.js");
        page_end(page);
}

/* The form; wrong: what was sent is no address. */
static void put_form(struct page *page, bool wrong)
{
        struct html *h = page->html;
        html_open(h, "form");
        html_set(h, "method", TEXT("post"));
        html_open(h, "div");
        html_set(h, "class", TEXT("ds-field question"));
        html_open(h, "label");
        html_set(h, "class", TEXT("ds-label"));
        html_set(h, "for", TEXT("address"));
        html_say(h, page_say(page, PHRASE_entrance_address, NULL));
        html_close(h);
        html_open(h, "input");
        html_set(h, "class", TEXT("ds-input"));
        html_set(h, "type", TEXT("email"));
        html_set(h, "id", TEXT("address"));
        html_set(h, "name", TEXT("address"));
        html_set(h, "autocomplete", TEXT("email"));
        html_set(h, "maxlength", arena_printf(page->arena, "%d", ADDRESS_MOST));
        html_flag(h, "required");
        if (wrong) {
                html_set(h, "aria-invalid", TEXT("true"));
                html_set(h, "aria-describedby", TEXT("address-fault"));
                html_set(h, "value", request_field(page->request, "address"));
        }
        html_close(h);
        if (wrong) {
                html_open(h, "p");
                html_set(h, "class", TEXT("ds-validation-message"));
                html_set(h, "id", TEXT("address-fault"));
                html_say(h, page_say(page, PHRASE_entrance_no_address, NULL));
                html_close(h);
        }
        html_close(h);
        html_open(h, "button");
        html_set(h, "class", TEXT("ds-button"));
        html_set(h, "type", TEXT("submit"));
        html_say(h, page_say(page, PHRASE_entrance_send, NULL));
        html_close(h);
        html_close(h);
}

static void put_page(struct page *page, const struct web_entrance *row, bool wrong)
{
        const struct text day = page_day(page, day_at(row->starts_at, NULL, NULL));
        page_begin(page, find_title(page, row));
        page_put(page, "p", PHRASE_form_about, PLACES({ "day", day }));
        page_put(page, "p", PHRASE_entrance_why, NULL);
        put_form(page, wrong);
        page_end(page);
}

void entrance_show(struct page *page)
{
        struct web_entrance row;
        if (find(page, &row))
                put_page(page, &row, false);
}

/* Whether it may be an address: one @ with something on both sides. */
static bool is_address(struct text address)
{
        struct text rest = address;
        const struct text name = text_cut(&rest, '@');
        return address.size <= ADDRESS_MOST && name.size > 0 && rest.at && rest.size > 0 &&
               !memchr(rest.at, '@', rest.size) && !memchr(address.at, ' ', address.size);
}

void entrance_take(struct page *page)
{
        struct web_entrance row;
        const struct text address = text_trim(request_field(page->request, "address"));
        if (!find(page, &row))
                return;
        if (!is_address(address)) {
                page->status = 422;
                put_page(page, &row, true);
                return;
        }
        web_ask_again(page->tx, page->argument, address, tx_now(page->tx));
        page_begin(page, page_say(page, PHRASE_entrance_sent, NULL));
        page_put(page, "p", PHRASE_entrance_sent_why, NULL);
        page_end(page);
}
