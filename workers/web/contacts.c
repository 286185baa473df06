/*
 * contacts: a row for each municipality, with one form.
 */
#include "workers/web/contacts.h"

#include "workers/web/contacts_sql.h"
#include "workers/web/input.h"
#include "workers/web/session.h"
#include "workers/web/table.h"

/* The names, as one text. */
static struct text list_shown(struct page *page, const struct text_array *people)
{
        struct text list = TEXT("");
        for (size_t i = 0; i < people->count; i++)
                list = arena_printf(page->arena, "%.*s%.*s\n", TEXT_ARGS(list),
                                    TEXT_ARGS(people->at[i]));
        return list;
}

/* The button, if the person may press it and there is somebody to confirm. */
static void put_button(struct page *page, const struct web_unconfirmed *row)
{
        struct html *h = page->html;
        html_open(h, "td");
        if (row->may && row->people.count > 0) {
                html_open(h, "form");
                html_set(h, "method", TEXT("post"));
                html_set(h, "action", TEXT("/staff/contacts"));
                session_put_key(page);
                input_hidden(page, "municipality", row->municipality);
                input_shown(page, list_shown(page, &row->people));
                html_open(h, "button");
                html_set(h, "class", TEXT("ds-button"));
                html_set(h, "type", TEXT("submit"));
                html_say(h, page_say(page, PHRASE_contacts_right, NULL));
                html_say(h, TEXT(" "));
                html_classed(h, "span", "ds-sr-only",
                             page_say(page, PHRASE_contacts_right_of,
                                      PLACES({ "municipality", row->name })));
                html_close(h);
                html_close(h);
        }
        html_close(h);
}

/* Name under name. */
static void put_people(struct page *page, const struct text_array *people)
{
        html_open(page->html, "td");
        for (size_t i = 0; i < people->count; i++) {
                if (i > 0) {
                        html_open(page->html, "br");
                        html_close(page->html);
                }
                html_say(page->html, people->at[i]);
        }
        if (people->count == 0)
                html_say(page->html, page_say(page, PHRASE_contacts_nobody, NULL));
        html_close(page->html);
}

void contacts_put_confirmed(struct page *page, int64_t day, struct text by, enum phrase none)
{
        if (day == DB_NULL || !by.at)
                table_day(page, day, none);
        else
                page_put(page, "td", PHRASE_contacts_confirmed_by,
                         PLACES({ "day", day_short(page->arena, (int32_t)day) }, { "name", by }));
}

static struct web_unconfirmed_rows read_list(struct page *page)
{
        return web_unconfirmed(page->tx, page_today(page), page->web->service.conf.register_review,
                               page->person->id);
}

void contacts_list(struct page *page, struct text caption)
{
        const struct web_unconfirmed_rows rows = read_list(page);
        const struct text done = request_query(page->request, "done");
        if (text_equal(done, TEXT("confirmed")))
                page_note(page, PHRASE_contacts_done);
        if (text_equal(done, TEXT("changed")))
                input_fault(page, PHRASE_contacts_changed);
        page_put(page, "p", PHRASE_contacts_how, NULL);
        page_put(page, "p", PHRASE_contacts_whose, NULL);
        table_begin(page, caption,
                    (const enum phrase[]){
                            PHRASE_results_municipality, PHRASE_area, PHRASE_municipality_contacts,
                            PHRASE_municipality_confirmed, PHRASE_contacts_right, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_unconfirmed *r = &rows.row[i];
                table_row(page);
                table_cell(page, r->name);
                table_cell(page, r->area);
                put_people(page, &r->people);
                contacts_put_confirmed(page, r->confirmed_on, r->confirmed_by,
                                       PHRASE_contacts_never);
                put_button(page, r);
                table_end_row(page);
        }
        table_end(page);
}

/* Whether the municipality's contacts can be confirmed, and by who is signed in. Else the page says
 * why not. */
static bool may_confirm(struct page *page, struct text municipality)
{
        struct web_confirmable row;
        if (!web_confirmable(page->tx, page->person->id, municipality, page_today(page), &row))
                page_refuse(page, 404, PHRASE_page_refused,
                            page_say(page, PHRASE_contacts_unknown, NULL));
        else if (!row.may)
                page_refuse(page, 403, PHRASE_page_refused,
                            page_say(page, PHRASE_contacts_whose, NULL));
        else if (row.people == 0)
                page_refuse(
                        page, 422, PHRASE_page_refused,
                        page_say(page, PHRASE_contacts_none, PLACES({ "municipality", row.name })));
        else
                return true;
        return false;
}

/* Whether the municipality's contacts, still to be confirmed, are others than were shown. */
static bool have_changed(struct page *page, struct text municipality)
{
        const struct web_unconfirmed_rows rows = read_list(page);
        for (size_t i = 0; i < rows.count; i++)
                if (text_equal(rows.row[i].municipality, municipality))
                        return !input_was_shown(page, list_shown(page, &rows.row[i].people));
        return false;
}

void contacts_confirm(struct page *page)
{
        const struct text municipality = request_field(page->request, "municipality");
        struct web_confirm confirmed;
        if (!may_confirm(page, municipality))
                return;
        if (have_changed(page, municipality)) {
                page_go_to(page, TEXT("/staff/contacts?done=changed"));
                return;
        }
        web_confirm(page->tx, page->person->id, municipality, tx_now(page->tx), &confirmed);
        page_go_to(page, TEXT("/staff/contacts?done=confirmed"));
}
