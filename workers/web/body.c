/*
 * body: the meetings of the year and of the next, once there are some; decisions of all years.
 */
#include "workers/web/body.h"

#include "workers/web/body_sql.h"
#include "workers/web/session.h"
#include "workers/web/start.h"
#include "workers/web/table.h"
#include "workers/web/ways.h"

static void put_title(struct page *page, struct text title)
{
        html_classed(page->html, "h2", "ds-heading", title);
}

/* This year's meetings, or that there are none, and the next year's if they are planned. */
static void put_meetings(struct page *page, int32_t today)
{
        const struct start_of of = { page->argument, TEXT(""), TEXT("") };
        int first, month, day;
        day_split(today, &first, &month, &day);
        put_title(page, page_say(page, PHRASE_body_meetings, NULL));
        for (int year = first; year <= first + 1; year++) {
                const struct place *places =
                        PLACES({ "year", arena_printf(page->arena, "%d", year) });
                if (!start_put_plan(page, page_say(page, PHRASE_body_meetings_of, places), year,
                                    of) &&
                    year == first)
                        page_put(page, "p", PHRASE_start_none, places);
        }
}

/* A decision with its number, its day, its meeting, and the grant's amount if it is about one. */
static void put_decision(struct page *page, const struct web_decisions *r)
{
        table_row(page);
        table_cell(page, r->decision);
        table_day(page, r->decided_on, PHRASE_body_outside);
        if (r->meeting.at)
                table_cell(page, r->meeting);
        else
                page_put(page, "td", PHRASE_body_outside, NULL);
        table_cell(page, r->subject);
        if (r->amount_ore == DB_NULL)
                table_cell(page, TEXT(""));
        else
                table_money(page, r->amount_ore);
        table_end_row(page);
}

/* What it decided; nothing is said of a body that only advises and has decided nothing. */
static void put_decisions(struct page *page, int32_t today, bool decides)
{
        const struct web_decisions_rows rows =
                web_decisions(page->tx, page->person->id, page->argument, today);
        const struct text title = page_say(page, PHRASE_body_decisions, NULL);
        if (rows.count == 0 && !decides)
                return;
        put_title(page, title);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_body_no_decisions, NULL);
                return;
        }
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_body_decision, PHRASE_body_decided,
                                           PHRASE_body_meeting, PHRASE_start_what,
                                           PHRASE_grants_amount, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++)
                put_decision(page, &rows.row[i]);
        table_end(page);
}

/* Who sits in it. A body without seats of its own, such as that of the contacts, has none. */
static void put_seats(struct page *page, int32_t today)
{
        const struct web_seats_rows rows =
                web_seats(page->tx, page->person->id, page->argument, today);
        const struct text title = page_say(page, PHRASE_body_seats, NULL);
        if (rows.count == 0)
                return;
        put_title(page, title);
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_body_seat, PHRASE_area, PHRASE_body_holder,
                                           PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_seats *r = &rows.row[i];
                table_row(page);
                table_cell(page, r->title);
                table_cell(page, r->area);
                if (r->name.at)
                        table_cell(page, r->name);
                else
                        page_put(page, "td", PHRASE_body_empty, NULL);
                table_end_row(page);
        }
        table_end(page);
}

void body_show(struct page *page)
{
        const int32_t today = page_today(page);
        struct web_body body;
        if (!text_is_code(page->argument) ||
            !web_body(page->tx, page->person->id, page->argument, today, &body)) {
                page_not_found(page);
                return;
        }
        if (!body.may) {
                page_not_yours(page);
                return;
        }
        page_begin(page, page_pick(page, body.name_nb, body.name_nn, body.name_en));
        put_meetings(page, today);
        put_decisions(page, today, body.decides);
        put_seats(page, today);
        ways_put_back(page);
        page_end(page);
}
