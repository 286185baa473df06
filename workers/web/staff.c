/*
 * staff: one table of lists; the number of each and its words are of common/needs.
 */
#include "workers/web/staff.h"

#include "common/needs/needs.h"
#include "common/needs/needs_sql.h"
#include "workers/web/contacts.h"
#include "workers/web/form.h"
#include "workers/web/input.h"
#include "workers/web/naming.h"
#include "workers/web/remedy.h"
#include "workers/web/session.h"
#include "workers/web/staff_sql.h"
#include "workers/web/table.h"
#include "workers/web/ways.h"
#include "workers/web/words.h"

/* Sessions that are over, and nobody has said what became of them. */
static void list_unmarked(struct page *page, struct text caption)
{
        const struct web_unmarked_rows rows = web_unmarked(page->tx, tx_now(page->tx));
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_start_what, PHRASE_staff_over, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_unmarked *r = &rows.row[i];
                table_row(page);
                table_link(page,
                           arena_printf(page->arena, "/staff/held/%.*s", TEXT_ARGS(r->meeting)),
                           page_pick(page, r->title_nb, r->title_nn, r->title_en));
                table_time(page, r->ends_at);
                table_end_row(page);
        }
        table_end(page);
}

static void list_missing(struct page *page, struct text caption)
{
        const struct web_missing_rows rows = web_missing(page->tx);
        table_begin(
                page, caption,
                (const enum phrase[]){ PHRASE_start_what, PHRASE_start_state_held, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_missing *r = &rows.row[i];
                table_row(page);
                table_cell(page, page_pick(page, r->title_nb, r->title_nn, r->title_en));
                table_time(page, r->held_at);
                table_end_row(page);
        }
        table_end(page);
}

/* A link to who was at the session, to who may say so. */
static void put_attendance(struct page *page, const struct web_open *row)
{
        if (row->survey || row->follow_up ||
            !(page->person->roles & (ROLE_LEADER | ROLE_COORDINATOR)))
                table_cell(page, TEXT(""));
        else
                table_link(
                        page,
                        arena_printf(page->arena, "/staff/held/%.*s", TEXT_ARGS(row->evaluation)),
                        page_say(page, PHRASE_attendance_question, NULL));
}

static void list_open(struct page *page, struct text caption)
{
        const struct web_open_rows rows = web_open(page->tx);
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_start_what, PHRASE_staff_answered,
                                           PHRASE_staff_invited, PHRASE_staff_closes,
                                           PHRASE_attendance, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_open *r = &rows.row[i];
                const struct text title = page_pick(page, r->title_nb, r->title_nn, r->title_en);
                table_row(page);
                table_link(page,
                           arena_printf(page->arena, "/%s/%.*s", r->survey ? "survey" : "show",
                                        TEXT_ARGS(r->evaluation)),
                           r->follow_up ? form_name(page, true, title) : title);
                table_number(page, r->answered);
                table_number(page, r->invited);
                table_time(page, r->closes_at);
                put_attendance(page, r);
                table_end_row(page);
        }
        table_end(page);
}

static void list_unshared(struct page *page, struct text caption)
{
        const struct web_unshared_rows rows = web_unshared(page->tx);
        page_put(page, "p", PHRASE_staff_unshared_how, NULL);
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_staff_grant, PHRASE_staff_received,
                                           PHRASE_staff_reason, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_unshared *r = &rows.row[i];
                table_row(page);
                table_cell(page, r->grant_id);
                table_cell(page,
                           r->received_ore == DB_NULL
                                   ? TEXT("")
                                   : money_text(page->arena, r->received_ore, page->language));
                naming_cell(page, naming_reason(page, r->reason), r->reason);
                table_end_row(page);
        }
        table_end(page);
}

/* Changes after a year's report that are past their day. */
static void list_changes(struct page *page, struct text caption)
{
        const struct web_overdue_rows rows = web_overdue(page->tx, tx_now(page->tx));
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_year_change, PHRASE_year_owner, PHRASE_year_due,
                                           PHRASE_staff_reason, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_overdue *r = &rows.row[i];
                table_row(page);
                table_link(page, arena_printf(page->arena, "/staff/change/%lld", (long long)r->id),
                           r->words);
                table_cell(page, r->owner_title);
                table_cell(page, day_short(page->arena, (int32_t)r->due_on));
                table_cell(page, r->found);
                table_end_row(page);
        }
        table_end(page);
}

static const struct line {
        const char *name; /* as web.needs says it */
        void (*list)(struct page *page, struct text caption);
} lines[] = {
        { "unmarked", list_unmarked },
        { "missing", list_missing },
        { "open", list_open },
        { "words", words_list },
        { "letters", remedy_list_letters },
        { "parked", remedy_list_parked },
        { "unshared", list_unshared },
        { "changes", list_changes },
        { "contacts", contacts_list },
};

/* Who is signed in, and the way out. */
static void put_person(struct page *page)
{
        page_put(page, "p", PHRASE_staff_person, PLACES({ "name", page->person->name }));
        html_open(page->html, "form");
        html_set(page->html, "method", TEXT("post"));
        html_set(page->html, "action", TEXT("/sign-out"));
        session_put_key(page);
        input_button(page, PHRASE_sign_in_out);
        html_close(page->html);
}

static struct needs_rows read_needs(struct page *page)
{
        return needs(page->tx, tx_now(page->tx), page->person->id,
                     page->web->service.conf.register_review);
}

/* "Evalueringer som er åpne: 2" */
static struct text say_need(struct page *page, const struct needs *need)
{
        return page_say(
                page, needs_words(need->name),
                PLACES({ "count", arena_printf(page->arena, "%lld", (long long)need->number) }));
}

/* A line for each thing of which there is some; a newer store may know of things that we do not. */
static void put_needs(struct page *page)
{
        const struct needs_rows rows = read_needs(page);
        bool any = false;
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_staff_needs, NULL));
        html_open(page->html, "ul");
        html_set(page->html, "id", TEXT("needs"));
        for (size_t i = 0; i < rows.count; i++) {
                if (rows.row[i].number == 0 || needs_words(rows.row[i].name) == PHRASE_count)
                        continue;
                any = true;
                html_open(page->html, "li");
                html_link(page->html,
                          arena_printf(page->arena, "/staff/%.*s", TEXT_ARGS(rows.row[i].name)),
                          say_need(page, &rows.row[i]));
                html_close(page->html);
        }
        if (!any)
                page_put(page, "li", PHRASE_staff_nothing, NULL);
        html_close(page->html);
}

void staff_show(struct page *page)
{
        page_begin(page, ways_title(page));
        if (request_query(page->request, "refused").at)
                html_classed(page->html, "p", "warning",
                             page_say(page, PHRASE_staff_refused, NULL));
        if (page->person->roles & ROLES_CENTRE)
                put_needs(page);
        ways_put(page);
        put_person(page);
        page_end(page);
}

/* The list under its line. */
static void put_list(struct page *page, const struct line *line)
{
        const struct needs_rows rows = read_needs(page);
        struct text title = { 0 };
        for (size_t i = 0; i < rows.count; i++)
                if (text_equal(rows.row[i].name, text_of(line->name)))
                        title = say_need(page, &rows.row[i]);
        page_begin(page, title);
        line->list(page, title);
        ways_put_back(page);
        page_end(page);
}

void staff_show_list(struct page *page)
{
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
                if (!text_equal(page->argument, text_of(lines[i].name)))
                        continue;
                put_list(page, &lines[i]);
                return;
        }
        page_not_found(page);
}
