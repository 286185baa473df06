/*
 * staff: one table of lines; each has its number (web_needs), its words and its list.
 */
#include "workers/web/staff.h"

#include "common/event.h"
#include "workers/web/input.h"
#include "workers/web/session.h"
#include "workers/web/staff_sql.h"
#include "workers/web/table.h"
#include "workers/web/words.h"
#include <stddef.h>

static struct text say_number(struct page *page, int64_t number)
{
        return arena_printf(page->arena, "%lld", (long long)number);
}

/* "27.01.2027 15.00" */
static struct text say_time(struct page *page, int64_t time)
{
        return arena_printf(page->arena, "%.*s %.*s",
                            TEXT_ARGS(day_short(page->arena, day_at(time, NULL, NULL))),
                            TEXT_ARGS(time_wall(page->arena, time, page->language)));
}

static void put_cell(struct page *page, struct text words)
{
        html_element(page->html, "td", words);
}

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
                put_cell(page, say_time(page, r->ends_at));
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
                put_cell(page, page_pick(page, r->title_nb, r->title_nn, r->title_en));
                put_cell(page, say_time(page, r->held_at));
                table_end_row(page);
        }
        table_end(page);
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
                table_row(page);
                table_link(page,
                           arena_printf(page->arena, "/%s/%.*s", r->survey ? "survey" : "show",
                                        TEXT_ARGS(r->evaluation)),
                           page_pick(page, r->title_nb, r->title_nn, r->title_en));
                put_cell(page, say_number(page, r->answered));
                put_cell(page, say_number(page, r->invited));
                put_cell(page, say_time(page, r->closes_at));
                if (r->survey || !(page->person->roles & (ROLE_LEADER | ROLE_COORDINATOR)))
                        put_cell(page, TEXT(""));
                else
                        table_link(page,
                                   arena_printf(page->arena, "/staff/held/%.*s",
                                                TEXT_ARGS(r->evaluation)),
                                   page_say(page, PHRASE_attendance_question, NULL));
                table_end_row(page);
        }
        table_end(page);
}

static enum phrase find_letter_state(struct text state)
{
        if (text_equal(state, TEXT("refused")))
                return PHRASE_staff_letter_refused;
        return text_equal(state, TEXT("held")) ? PHRASE_staff_letter_held
                                               : PHRASE_staff_letter_uncertain;
}

static void list_letters(struct page *page, struct text caption)
{
        const struct web_undelivered_rows rows = web_undelivered(page->tx);
        page_put(page, "p", PHRASE_staff_letters_how, NULL);
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_staff_letter, PHRASE_staff_to, PHRASE_start_what,
                                           PHRASE_start_state, PHRASE_start_when, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_undelivered *r = &rows.row[i];
                table_row(page);
                put_cell(page, arena_printf(page->arena, "%.*s/%lld", TEXT_ARGS(r->owner),
                                            (long long)r->id));
                put_cell(page, r->name);
                put_cell(page, arena_printf(page->arena, "%.*s %.*s", TEXT_ARGS(r->rule),
                                            TEXT_ARGS(r->subject)));
                page_put(page, "td", find_letter_state(r->state), NULL);
                put_cell(page, say_time(page, r->due_at));
                table_end_row(page);
        }
        table_end(page);
}

static void list_parked(struct page *page, struct text caption)
{
        const struct web_parked_rows rows = web_parked(page->tx);
        page_put(page, "p", PHRASE_staff_parked_how, NULL);
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_staff_event, PHRASE_staff_daemon,
                                           PHRASE_results_about, PHRASE_staff_reason,
                                           PHRASE_staff_behind, PHRASE_start_when, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_parked *r = &rows.row[i];
                table_row(page);
                put_cell(page, arena_printf(page->arena, "%lld %s", (long long)r->position,
                                            event_name(r->type)));
                put_cell(page, r->worker_group);
                put_cell(page, r->key);
                put_cell(page, r->reason);
                put_cell(page, say_number(page, r->behind));
                put_cell(page, say_time(page, r->at));
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
                put_cell(page, r->grant_id);
                put_cell(page, r->received_ore == DB_NULL
                                       ? TEXT("")
                                       : money_text(page->arena, r->received_ore, page->language));
                put_cell(page, r->reason);
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
                put_cell(page, r->words);
                put_cell(page, r->owner_title);
                put_cell(page, day_short(page->arena, (int32_t)r->due_on));
                put_cell(page, r->found);
                table_end_row(page);
        }
        table_end(page);
}

/* The lines, the most urgent first. */
static const struct line {
        const char *name;
        size_t number; /* where in web_needs */
        enum phrase words;
        void (*list)(struct page *page, struct text caption);
} lines[] = {
        { "unmarked", offsetof(struct web_needs, unmarked), PHRASE_staff_unmarked, list_unmarked },
        { "missing", offsetof(struct web_needs, missing), PHRASE_staff_missing, list_missing },
        { "open", offsetof(struct web_needs, open), PHRASE_staff_open, list_open },
        { "words", offsetof(struct web_needs, words), PHRASE_staff_words, words_list },
        { "letters", offsetof(struct web_needs, letters), PHRASE_staff_letters, list_letters },
        { "parked", offsetof(struct web_needs, parked), PHRASE_staff_parked, list_parked },
        { "unshared", offsetof(struct web_needs, unshared), PHRASE_staff_unshared, list_unshared },
        { "changes", offsetof(struct web_needs, changes), PHRASE_staff_changes, list_changes },
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

/* A line for each thing of which there is some. */
static void put_needs(struct page *page)
{
        struct web_needs needs = { 0 };
        bool any = false;
        web_needs(page->tx, tx_now(page->tx), page->person->id, &needs);
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_staff_needs, NULL));
        html_open(page->html, "ul");
        html_set(page->html, "id", TEXT("needs"));
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
                int64_t number;
                memcpy(&number, (const char *)&needs + lines[i].number, sizeof number);
                if (number == 0)
                        continue;
                any = true;
                html_open(page->html, "li");
                html_link(page->html, arena_printf(page->arena, "/staff/%s", lines[i].name),
                          page_say(page, lines[i].words,
                                   PLACES({ "count", say_number(page, number) })));
                html_close(page->html);
        }
        if (!any)
                page_put(page, "li", PHRASE_staff_nothing, NULL);
        html_close(page->html);
}

void staff_show(struct page *page)
{
        const bool centre = page->person->roles & ROLES_CENTRE;
        page_begin(page, page_say(page, PHRASE_staff_title, NULL));
        if (centre)
                put_needs(page);
        page_put_link(page, TEXT("/results"), PHRASE_results_all);
        if (centre)
                page_put_link(page, TEXT("/staff/words"), PHRASE_words_all);
        page_put_link(page, TEXT("/report"), PHRASE_year_all);
        put_person(page);
        page_end(page);
}

void staff_show_list(struct page *page)
{
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
                if (!text_equal(page->argument, text_of(lines[i].name)))
                        continue;
                struct web_needs needs = { 0 };
                int64_t number;
                web_needs(page->tx, tx_now(page->tx), page->person->id, &needs);
                memcpy(&number, (const char *)&needs + lines[i].number, sizeof number);
                const struct text title = page_say(page, lines[i].words,
                                                   PLACES({ "count", say_number(page, number) }));
                page_begin(page, title);
                lines[i].list(page, title);
                page_put_link(page, TEXT("/staff"), PHRASE_staff_title);
                page_end(page);
                return;
        }
        page_not_found(page);
}
