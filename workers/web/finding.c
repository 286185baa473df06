/*
 * finding: three pages, each with one form. What was sent is judged here against the lists that the
 * form offers; the store judges it again.
 */
#include "workers/web/finding.h"

#include "workers/web/finding_form.h"
#include "workers/web/finding_sql.h"
#include "workers/web/input.h"
#include "workers/web/session.h"
#include "workers/web/table.h"
#include "workers/web/ways.h"
#include "workers/web/year_chapter.h"
#include <inttypes.h>

static const char *const kinds[] = { "organisation", "goals", "methods", "content" };
static const char *const states[] = { "open", "done", "dropped" };
enum { KINDS = sizeof kinds / sizeof *kinds, STATES = sizeof states / sizeof *states };

static struct text number_of(const struct page *page, int64_t number)
{
        return arena_printf(page->arena, "%" PRId64, number);
}

static struct text path_of(const struct page *page, const char *what, int64_t number)
{
        return arena_printf(page->arena, "/staff/%s/%" PRId64, what, number);
}

static void put_changes(struct page *page, const struct web_changes_rows *rows, struct text caption)
{
        table_begin(page, caption,
                    (const enum phrase[]){ PHRASE_year_change, PHRASE_year_kind, PHRASE_year_owner,
                                           PHRASE_year_due, PHRASE_start_state, PHRASE_count });
        for (size_t i = 0; i < rows->count; i++) {
                const struct web_changes *r = &rows->row[i];
                const struct text state = page_say(page, year_state(r->state), NULL);
                table_row(page);
                table_link(page, path_of(page, "change", r->id), r->words);
                page_put(page, "td", year_kind(r->kind), NULL);
                table_cell(page, r->owner_title);
                table_cell(page, day_short(page->arena, (int32_t)r->due_on));
                table_cell(page, r->note.at ? arena_printf(page->arena, "%.*s: %.*s",
                                                           TEXT_ARGS(state), TEXT_ARGS(r->note))
                                            : state);
                table_end_row(page);
        }
        table_end(page);
}

/* The changes under their heading. */
static void put_changes_of(struct page *page, const struct web_changes_rows *rows, int64_t year)
{
        const struct text title =
                page_say(page, PHRASE_year_changes, PLACES({ "year", number_of(page, year) }));
        html_classed(page->html, "h2", "ds-heading", title);
        if (rows->count > 0)
                put_changes(page, rows, title);
        else
                page_put(page, "p", PHRASE_year_no_changes, NULL);
}

/* "N2-b Fire treninger i året" */
static struct text name_subject(const struct page *page, const struct web_finding_subjects *row)
{
        return arena_printf(page->arena, "%.*s %.*s", TEXT_ARGS(row->id),
                            TEXT_ARGS(page_pick(page, row->name_nb, row->name_nn, row->name_en)));
}

/* The same of a goal or a session by its id, which stands alone where it is of the year no more. */
static struct text find_name(const struct page *page,
                             const struct web_finding_subjects_rows *subjects, bool session,
                             struct text id)
{
        for (size_t i = 0; i < subjects->count; i++)
                if (subjects->row[i].session == session && text_equal(subjects->row[i].id, id))
                        return name_subject(page, &subjects->row[i]);
        return id;
}

/* What a finding is about: "N2-b Fire treninger i året; N2-S1 Se tegnene tidlig". */
static struct text name_about(const struct page *page,
                              const struct web_finding_subjects_rows *subjects, struct text goal,
                              struct text session)
{
        goal = find_name(page, subjects, false, goal);
        session = find_name(page, subjects, true, session);
        return goal.at && session.at ? arena_printf(page->arena, "%.*s; %.*s", TEXT_ARGS(goal),
                                                    TEXT_ARGS(session))
               : goal.at             ? goal
               : session.at          ? session
                                     : TEXT("");
}

/* What a finding can be about: the goals, or the sessions, after none of them. */
static void put_subjects(struct page *page, const struct web_finding_subjects_rows *subjects,
                         bool session)
{
        struct input_option *options =
                arena_array(page->arena, subjects->count + 1, sizeof *options);
        size_t count = 1;
        options[0] = (struct input_option){ TEXT(""), page_say(page, PHRASE_finding_none, NULL) };
        for (size_t i = 0; i < subjects->count; i++) {
                const struct web_finding_subjects *r = &subjects->row[i];
                if (r->session == session)
                        options[count++] = (struct input_option){ r->id, name_subject(page, r) };
        }
        input_select(page, session ? "session" : "goal",
                     session ? PHRASE_finding_session : PHRASE_finding_goal, options, count);
}

/* The subject that was sent, or none. False: it is not of the year. */
static bool read_subject(const struct page *page, const struct web_finding_subjects_rows *subjects,
                         bool session, struct text *subject)
{
        const struct text sent = request_field(page->request, session ? "session" : "goal");
        *subject = sent.size ? sent : (struct text){ 0 };
        for (size_t i = 0; i < subjects->count; i++)
                if (subjects->row[i].session == session && text_equal(subjects->row[i].id, sent))
                        return true;
        return sent.size == 0;
}

static void put_findings(struct page *page, int64_t year,
                         const struct web_finding_subjects_rows *subjects)
{
        const struct web_findings_rows rows = web_findings(page->tx, year);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_year_no_findings, NULL);
                return;
        }
        table_begin(page, page_say(page, PHRASE_finding, NULL),
                    (const enum phrase[]){ PHRASE_finding, PHRASE_year_kind, PHRASE_finding_changes,
                                           PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_findings *r = &rows.row[i];
                table_row(page);
                table_link(page, path_of(page, "finding", r->id), r->words);
                table_cell(page, name_about(page, subjects, r->goal, r->session));
                table_number(page, r->changes);
                table_end_row(page);
        }
        table_end(page);
}

/* Reads the year in page->argument. False: there is no report of it, and the page says so. */
static bool find_year(struct page *page, int64_t *year, struct web_finding_year *row)
{
        if (text_to_int(page->argument, year) && *year >= 2000 && *year <= 2199 &&
            web_finding_year(page->tx, *year, page->person->id, page_today(page), row))
                return true;
        page_not_found(page);
        return false;
}

static void put_year(struct page *page, int64_t year, bool may, enum phrase fault)
{
        const struct web_changes_rows changes = web_changes(page->tx, year, 0, 0);
        const struct web_finding_subjects_rows subjects = web_finding_subjects(page->tx, year);
        page_begin(page,
                   page_say(page, PHRASE_finding_title, PLACES({ "year", number_of(page, year) })));
        finding_put_done(page);
        page_put(page, "p", PHRASE_finding_how, NULL);
        put_findings(page, year, &subjects);
        put_changes_of(page, &changes, year);
        if (may) {
                finding_begin_form(page, PHRASE_finding_new, "find", fault);
                input_words(page, "words", PHRASE_finding_words, FINDING_WORDS);
                put_subjects(page, &subjects, false);
                put_subjects(page, &subjects, true);
                finding_end_form(page, PHRASE_finding_save);
        }
        html_open(page->html, "p");
        html_link(page->html, path_of(page, "report", year),
                  page_say(page, PHRASE_year_title, PLACES({ "year", number_of(page, year) })));
        html_close(page->html);
        ways_put_back(page);
        page_end(page);
}

void finding_show_year(struct page *page)
{
        struct web_finding_year row;
        int64_t year;
        if (find_year(page, &year, &row))
                put_year(page, year, row.may, PHRASE_count);
}

void finding_take(struct page *page)
{
        struct web_finding_year row;
        struct web_find made;
        struct text goal, session;
        int64_t year;
        if (!find_year(page, &year, &row))
                return;
        if (!row.may) {
                page_not_yours(page);
                return;
        }
        const struct web_finding_subjects_rows subjects = web_finding_subjects(page->tx, year);
        const struct text words = finding_read_words(page, "words");
        if (!words.at || !read_subject(page, &subjects, false, &goal) ||
            !read_subject(page, &subjects, true, &session)) {
                page->status = 422;
                put_year(page, year, true, PHRASE_finding_wrong);
                return;
        }
        web_find(page->tx, page->person->id, year, words, goal, session, tx_now(page->tx), &made);
        page_go_to(page,
                   arena_printf(page->arena, "/staff/findings/%" PRId64 "?done=finding", year));
}

/* Reads the finding in page->argument. False: there is none. */
static bool find_finding(struct page *page, int64_t *id, struct web_finding *row)
{
        if (text_to_int(page->argument, id) &&
            web_finding(page->tx, *id, page->person->id, page_today(page), row))
                return true;
        page_not_found(page);
        return false;
}

/* The form for a change. */
static void put_new_change(struct page *page, enum phrase fault)
{
        const struct web_change_owners_rows owners = web_change_owners(page->tx);
        struct input_option *options = arena_array(page->arena, owners.count + 1, sizeof *options);
        options[0] = (struct input_option){ TEXT(""), page_say(page, PHRASE_finding_choose, NULL) };
        for (size_t i = 0; i < owners.count; i++)
                options[i + 1] = (struct input_option){ owners.row[i].id, owners.row[i].title };
        finding_begin_form(page, PHRASE_finding_change_new, "change", fault);
        input_words(page, "words", PHRASE_finding_change_words, FINDING_WORDS);
        finding_put_choices(page, "kind", PHRASE_year_kind, kinds, KINDS, year_kind);
        input_select(page, "owner", PHRASE_year_owner, options, owners.count + 1);
        input_line(page, "due", "date", PHRASE_year_due);
        finding_end_form(page, PHRASE_finding_change_save);
}

static void put_finding(struct page *page, int64_t id, const struct web_finding *row,
                        enum phrase fault)
{
        const struct web_changes_rows changes = web_changes(page->tx, 0, id, 0);
        const struct web_finding_subjects_rows subjects = web_finding_subjects(page->tx, row->year);
        const struct text about = name_about(page, &subjects, row->goal, row->session);
        page_begin(page,
                   page_say(page, PHRASE_finding_one, PLACES({ "number", number_of(page, id) })));
        finding_put_done(page);
        html_element(page->html, "p", row->words);
        if (about.size)
                page_put(page, "p", PHRASE_year_finding_of, PLACES({ "of", about }));
        put_changes_of(page, &changes, row->year);
        if (row->may)
                put_new_change(page, fault);
        html_open(page->html, "p");
        html_link(page->html, path_of(page, "findings", row->year),
                  page_say(page, PHRASE_finding_title,
                           PLACES({ "year", number_of(page, row->year) })));
        html_close(page->html);
        page_end(page);
}

void finding_show(struct page *page)
{
        struct web_finding row;
        int64_t id;
        if (find_finding(page, &id, &row))
                put_finding(page, id, &row, PHRASE_count);
}

/* Whether it is a position that can own a change. */
static bool is_owner(struct page *page, struct text owner)
{
        const struct web_change_owners_rows owners = web_change_owners(page->tx);
        for (size_t i = 0; i < owners.count; i++)
                if (text_equal(owners.row[i].id, owner))
                        return true;
        return false;
}

void finding_take_change(struct page *page)
{
        struct web_finding row;
        struct web_change made;
        int32_t due;
        int64_t id;
        if (!find_finding(page, &id, &row))
                return;
        if (!row.may) {
                page_not_yours(page);
                return;
        }
        const struct text words = finding_read_words(page, "words");
        const struct text kind = finding_read_one(page, "kind", kinds, KINDS);
        const struct text owner = request_field(page->request, "owner");
        if (!words.at || !kind.at || !is_owner(page, owner) ||
            !day_parse(request_field(page->request, "due"), &due) || due < page_today(page)) {
                page->status = 422;
                put_finding(page, id, &row, PHRASE_finding_change_wrong);
                return;
        }
        web_change(page->tx, page->person->id, id, kind, words, owner, due, tx_now(page->tx),
                   &made);
        page_go_to(page, arena_printf(page->arena, "/staff/finding/%" PRId64 "?done=change", id));
}

/* Reads the change in page->argument. False: there is none. */
static bool find_change(struct page *page, struct web_changes_rows *rows, bool *may)
{
        struct web_may_step right = { 0 };
        int64_t id;
        if (!text_to_int(page->argument, &id) || id < 1 ||
            (*rows = web_changes(page->tx, 0, 0, id)).count == 0) {
                page_not_found(page);
                return false;
        }
        *may = web_may_step(page->tx, page->person->id, id, page_today(page), &right) && right.may;
        return true;
}

static void put_change(struct page *page, const struct web_changes_rows *rows, bool may,
                       enum phrase fault)
{
        const struct web_changes *row = &rows->row[0];
        const struct text title = page_say(page, PHRASE_finding_change_one,
                                           PLACES({ "number", number_of(page, row->id) }));
        page_begin(page, title);
        finding_put_done(page);
        put_changes(page, rows, title);
        if (may) {
                finding_begin_form(page, PHRASE_finding_step_new, "step", fault);
                finding_put_choices(page, "state", PHRASE_start_state, states, STATES, year_state);
                input_words(page, "note", PHRASE_finding_step_note, FINDING_WORDS);
                finding_end_form(page, PHRASE_finding_step_save);
        }
        html_open(page->html, "p");
        html_link(page->html, path_of(page, "finding", row->finding),
                  page_say(page, PHRASE_finding_one,
                           PLACES({ "number", number_of(page, row->finding) })));
        html_close(page->html);
        page_end(page);
}

void finding_show_change(struct page *page)
{
        struct web_changes_rows rows;
        bool may;
        if (find_change(page, &rows, &may))
                put_change(page, &rows, may, PHRASE_count);
}

void finding_take_step(struct page *page)
{
        struct web_changes_rows rows;
        bool may;
        if (!find_change(page, &rows, &may))
                return;
        if (!may) {
                page_not_yours(page);
                return;
        }
        const struct text state = finding_read_one(page, "state", states, STATES);
        const struct text note = finding_read_words(page, "note");
        const int64_t id = rows.row[0].id;
        if (!state.at || !note.at) {
                page->status = 422;
                put_change(page, &rows, true, PHRASE_finding_step_wrong);
                return;
        }
        web_step(page->tx, page->person->id, id, state, note, tx_now(page->tx));
        page_go_to(page, arena_printf(page->arena, "/staff/change/%" PRId64 "?done=step", id));
}
