/*
 * attendance: a box for each who was called, all saved with one button. What is not ticked is
 * absent, which the page says. A link ticks all, for who would rather untick a few.
 */
#include "workers/web/attendance.h"

#include "workers/web/attendance_sql.h"
#include "workers/web/input.h"
#include "workers/web/session.h"

static struct text box_name(struct page *page, const struct web_attendees *row)
{
        return arena_printf(page->arena, "there-%lld", (long long)row->attendee);
}

/* "Hvem var der?", and how many were once that is noted. */
static struct text find_summary(struct page *page, const struct web_attendees_rows *rows)
{
        int present = 0;
        bool noted = false;
        for (size_t i = 0; i < rows->count; i++) {
                present += rows->row[i].present;
                noted = noted || rows->row[i].noted;
        }
        if (!noted)
                return page_say(page, PHRASE_attendance_question, NULL);
        return page_say(page, PHRASE_attendance_noted,
                        PLACES({ "present", arena_printf(page->arena, "%d", present) },
                               { "called", arena_printf(page->arena, "%zu", rows->count) }));
}

static void put_box(struct page *page, const struct web_attendees *row, bool all)
{
        const struct text words =
                row->municipality.size
                        ? arena_printf(page->arena, "%.*s, %.*s", TEXT_ARGS(row->name),
                                       TEXT_ARGS(row->municipality))
                        : row->name;
        const struct text name = box_name(page, row);
        input_choice(page, &(struct input_choice){ .id = name,
                                                   .name = name,
                                                   .label = words,
                                                   .chosen = all || row->present });
}

/* Who is on the list, and who of them was there. */
static struct text list_shown(struct page *page, const struct web_attendees_rows *rows)
{
        int64_t *list = arena_array(page->arena, rows->count, sizeof *list);
        for (size_t i = 0; i < rows->count; i++)
                list[i] = 2 * rows->row[i].attendee + rows->row[i].present;
        return (struct text){ (const char *)list, rows->count * sizeof *list };
}

/* Says what follows from a missing tick, before there is one. */
static void put_consequence(struct page *page, bool asked, enum phrase fault)
{
        page_put(page, "p", asked ? PHRASE_attendance_late : PHRASE_attendance_why, NULL);
        if (fault != PHRASE_count)
                input_fault(page, fault);
        page_put_link(page, TEXT("?all=1"), PHRASE_attendance_all);
}

void attendance_put(struct page *page, struct text meeting, int64_t person, bool asked,
                    enum phrase fault)
{
        const struct web_attendees_rows rows =
                web_attendees(page->tx, person, meeting, tx_now(page->tx));
        const bool wrong = fault != PHRASE_count;
        const bool all = request_query(page->request, "all").at && !wrong;
        if (rows.count == 0)
                return;
        input_begin_choice(page, find_summary(page, &rows), all || wrong);
        put_consequence(page, asked, fault);
        input_begin_form(page, "thumb", "attend");
        input_shown(page, list_shown(page, &rows));
        html_open(page->html, "fieldset");
        html_set(page->html, "class", TEXT("ds-fieldset question boxes"));
        html_classed(page->html, "legend", "ds-label",
                     page_say(page, PHRASE_attendance_tick, NULL));
        for (size_t i = 0; i < rows.count; i++)
                put_box(page, &rows.row[i], all);
        html_close(page->html);
        input_button(page, PHRASE_attendance_save);
        html_close(page->html);
        html_close(page->html);
}

enum phrase attendance_take(struct page *page, struct text meeting, int64_t person)
{
        const int64_t now = tx_now(page->tx);
        const struct web_attendees_rows rows = web_attendees(page->tx, person, meeting, now);
        int64_t *there = arena_array(page->arena, rows.count, sizeof *there);
        struct web_attend noted;
        size_t count = 0;
        for (size_t i = 0; i < rows.count; i++)
                if (request_field(page->request, box_name(page, &rows.row[i]).at).at)
                        there[count++] = rows.row[i].attendee;
        if (!input_was_shown(page, list_shown(page, &rows)))
                return PHRASE_attendance_changed;
        if (count == 0)
                return PHRASE_attendance_nobody;
        if (web_attend(page->tx, person, meeting, (struct int_array){ there, count }, now, &noted))
                emit_attendance_noted(page->tx, &(struct attendance_noted){ meeting });
        return PHRASE_count;
}
