/*
 * sign_in: whoever asks, the same is written and the same event emitted; only notifications looks
 * whether there is somebody to send a link to. So neither reply nor time tells.
 */
#include "workers/web/sign_in.h"

#include "common/link.h"
#include "workers/web/input.h"
#include "workers/web/route.h"
#include "workers/web/session.h"
#include "workers/web/sign_in_sql.h"
#include <inttypes.h>
#include <sodium.h>

/* A minute, of a mail address. It takes many sources to keep others from signing in. */
static const struct limit_most most = { .thing = 3, .source = 30, .all = 600 };

/* The page to go to afterwards, of what the browser names; no text: it is none of the staff's. */
static struct text read_wish(struct text path)
{
        return route_roles(path) ? path : (struct text){ 0 };
}

static void put_page(struct page *page, struct text wish, bool wrong)
{
        if (wish.at)
                page->query = arena_printf(page->arena, "to=%.*s", TEXT_ARGS(wish));
        page_begin(page, page_say(page, PHRASE_sign_in_title, NULL));
        page_put(page, "p", PHRASE_sign_in_why, NULL);
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        html_set(page->html, "action", TEXT("/sign-in"));
        if (wish.at)
                input_hidden(page, "to", wish);
        input_address(page, wrong);
        input_button(page, PHRASE_sign_in_send);
        html_close(page->html);
        page_end(page);
}

void sign_in_show(struct page *page)
{
        put_page(page, read_wish(request_query(page->request, "to")), false);
}

/* A number that nobody can guess. */
static int64_t make_number(void)
{
        uint64_t number;
        randombytes_buf(&number, sizeof number);
        return (int64_t)(number >> 1) | 1;
}

void sign_in_take(struct page *page)
{
        const struct text wish = read_wish(request_field(page->request, "to"));
        struct text address;
        if (!input_read_address(page, &address)) {
                page->status = 422;
                put_page(page, wish, true);
                return;
        }
        if (!page_is_allowed(page, &page->web->sign_ins, &most, address))
                return;
        const int64_t number = make_number();
        web_ask_sign_in(page->tx, number, address, wish, tx_now(page->tx));
        emit_sign_in_asked(page->tx, &(struct sign_in_asked){ arena_printf(tx_arena(page->tx),
                                                                           "%" PRId64, number) });
        page_begin(page, page_say(page, PHRASE_entrance_sent, NULL));
        page_put(page, "p", PHRASE_sign_in_sent, NULL);
        page_end(page);
}

/* The number in page->argument. False: it is no link of ours, and the page says so. */
static bool read_link(struct page *page, int64_t *number)
{
        if (link_sign_in_read(page->web->link_key, page->argument, number))
                return true;
        page_refuse(page, 404, PHRASE_form_forged, page_say(page, PHRASE_form_forged_why, NULL));
        return false;
}

/* The link was used, or is too old. */
static void refuse_link(struct page *page)
{
        page->status = 410;
        page_begin(page, page_say(page, PHRASE_sign_in_over, NULL));
        page_put(page, "p", PHRASE_sign_in_over_why, NULL);
        html_open(page->html, "p");
        html_link(page->html, TEXT("/sign-in"), page_say(page, PHRASE_sign_in_again, NULL));
        html_close(page->html);
        page_end(page);
}

void sign_in_show_link(struct page *page)
{
        struct web_may_sign_in row = { 0 };
        int64_t number;
        if (!read_link(page, &number))
                return;
        if (!web_may_sign_in(page->tx, number, tx_now(page->tx), &row) || !row.may) {
                refuse_link(page);
                return;
        }
        page_begin(page, page_say(page, PHRASE_sign_in_title, NULL));
        page_put(page, "p", PHRASE_sign_in_press, NULL);
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        input_button(page, PHRASE_sign_in_title);
        html_close(page->html);
        page_end(page);
}

/* The page that was asked for; the own start page if it is not for this person, which it says. */
static struct text choose_page(const struct page *page, struct text wish)
{
        const unsigned roles = route_roles(wish);
        if (!roles || !page->person)
                return TEXT("/staff");
        return roles & page->person->roles ? wish : TEXT("/staff?refused=1");
}

void sign_in_use_link(struct page *page)
{
        struct text goes_to;
        int64_t number;
        if (!read_link(page, &number))
                return;
        if (session_begin(page, number, &goes_to))
                page_go_to(page, choose_page(page, goes_to));
        else
                refuse_link(page);
}

void sign_in_end(struct page *page)
{
        session_end(page);
        page_go_to(page, TEXT("/"));
}
