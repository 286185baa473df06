/*
 * subscription: a mail program posts what the page's own button posts. The answer is the page
 * itself, without a redirection, which such programs need not follow.
 */
#include "workers/web/subscription.h"

#include "common/link.h"
#include "workers/web/input.h"
#include "workers/web/subscription_sql.h"

/* Whose link it is. False: the page says why not. */
static bool find(struct page *page, int64_t *person)
{
        if (link_unsubscribe_read(page->web->link_key, page->argument, person))
                return true;
        page_refuse(page, 404, PHRASE_form_forged, page_say(page, PHRASE_form_forged_why, NULL));
        return false;
}

/* A button that posts one field. */
static void put_form(struct page *page, const char *name, const char *value, enum phrase button)
{
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        input_hidden(page, name, text_of(value));
        input_button(page, button);
        html_close(page->html);
}

/* How it stands, in the person's own written standard unless another is chosen. */
static void put(struct page *page, int64_t person)
{
        struct web_subscription row;
        if (!web_subscription(page->tx, person, &row)) {
                page_not_found(page);
                return;
        }
        if (!request_query(page->request, "lang").at)
                page->language = language_of(row.language);
        page_begin(page, page_say(page, PHRASE_subscription_title, NULL));
        if (text_equal(row.state, TEXT("wanted"))) {
                page_put(page, "p", PHRASE_subscription_ask, NULL);
                page_put(page, "p", PHRASE_subscription_letters, NULL);
                put_form(page, "List-Unsubscribe", "One-Click", PHRASE_subscription_stop);
        } else if (text_equal(row.state, TEXT("unsubscribed"))) {
                page_put(page, "p", PHRASE_subscription_stopped, NULL);
                page_put(page, "p", PHRASE_subscription_letters, NULL);
                put_form(page, "again", "yes", PHRASE_subscription_again);
        } else {
                page_put(page, "p", PHRASE_subscription_none, NULL);
        }
        page_end(page);
}

void subscription_show(struct page *page)
{
        int64_t person;
        if (find(page, &person))
                put(page, person);
}

void subscription_take(struct page *page)
{
        struct web_unsubscribe stopped;
        struct web_resubscribe again;
        int64_t person;
        if (!find(page, &person))
                return;
        tx_set_actor(page->tx, arena_printf(page->arena, "person/%lld", (long long)person));
        if (text_equal(request_field(page->request, "List-Unsubscribe"), TEXT("One-Click"))) {
                web_unsubscribe(page->tx, person, tx_now(page->tx), &stopped);
        } else if (request_field(page->request, "again").at) {
                web_resubscribe(page->tx, person, &again);
        } else {
                page_refuse(page, 422, PHRASE_page_refused,
                            page_say(page, PHRASE_page_wrong_form, NULL));
                return;
        }
        put(page, person);
}
