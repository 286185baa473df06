/*
 * municipality: a chapter for each thing on record.
 */
#include "workers/web/municipality.h"

#include "workers/web/contacts.h"
#include "workers/web/municipality_sql.h"
#include "workers/web/session.h"
#include "workers/web/start.h"
#include "workers/web/survey.h"
#include "workers/web/table.h"
#include "workers/web/ways.h"

struct municipality {
        struct page *page;
        int64_t person;
        int32_t today;
        int year;
        struct web_municipality row;
};

/* Begins a chapter; its title is also its table's. */
static struct text begin_chapter(const struct municipality *m, enum phrase title)
{
        struct page *page = m->page;
        const struct text words =
                page_say(page, title,
                         PLACES({ "year", arena_printf(page->arena, "%d", m->year) },
                                { "area", m->row.area_name }));
        html_classed(page->html, "h2", "ds-heading", words);
        return words;
}

static bool has_role(const struct web_contacts_rows *rows, struct text role)
{
        for (size_t i = 0; i < rows->count; i++)
                if (text_equal(rows->row[i].role, role))
                        return true;
        return false;
}

/* What the list of contacts lacks, and whom to tell. */
static void put_contact_gaps(const struct municipality *m, const struct web_contacts_rows *rows)
{
        struct web_coordinator coordinator;
        if (!has_role(rows, TEXT("contact")))
                page_put(m->page, "p", PHRASE_municipality_no_contact, NULL);
        if (!has_role(rows, TEXT("responsible")))
                page_put(m->page, "p", PHRASE_municipality_no_responsible, NULL);
        if (web_coordinator(m->page->tx, m->row.area, m->today, &coordinator))
                page_put(m->page, "p", PHRASE_municipality_tell,
                         PLACES({ "name", coordinator.name }));
}

static void put_contacts(const struct municipality *m)
{
        struct page *page = m->page;
        const struct web_contacts_rows rows =
                web_contacts(page->tx, m->person, m->row.municipality, m->today);
        const struct text title = begin_chapter(m, PHRASE_municipality_contacts);
        if (rows.count > 0) {
                table_begin(page, title,
                            (const enum phrase[]){ PHRASE_municipality_name,
                                                   PHRASE_municipality_role,
                                                   PHRASE_municipality_confirmed, PHRASE_count });
                for (size_t i = 0; i < rows.count; i++) {
                        const struct web_contacts *r = &rows.row[i];
                        table_row(page);
                        table_cell(page, r->name);
                        page_put(page, "td",
                                 text_equal(r->role, TEXT("contact"))
                                         ? PHRASE_municipality_contact
                                         : PHRASE_municipality_responsible,
                                 NULL);
                        contacts_put_confirmed(page, r->confirmed_on, r->confirmed_by,
                                               PHRASE_municipality_unconfirmed);
                        table_end_row(page);
                }
                table_end(page);
        }
        put_contact_gaps(m, &rows);
}

static void put_surveys(const struct municipality *m)
{
        struct page *page = m->page;
        const struct web_surveys_rows rows =
                web_surveys(page->tx, m->person, m->row.municipality, m->today);
        const struct text title = begin_chapter(m, PHRASE_municipality_surveys);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_municipality_no_survey, NULL);
                return;
        }
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_start_what, PHRASE_staff_closes,
                                           PHRASE_survey_state, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_surveys *r = &rows.row[i];
                table_row(page);
                table_cell(page, page_pick(page, r->title_nb, r->title_nn, r->title_en));
                table_day_of(page, r->closes_at, PHRASE_survey_state);
                page_put(page, "td", survey_words(r->status), NULL);
                table_end_row(page);
        }
        table_end(page);
}

static void put_session(struct page *page, const struct web_sessions *r)
{
        table_row(page);
        table_day_of(page, r->starts_at, PHRASE_start_when);
        table_cell(page, page_pick(page, r->title_nb, r->title_nn, r->title_en));
        table_cell(page, page_pick(page, r->of_nb, r->of_nn, r->of_en));
        table_number(page, r->participants);
        table_number(page, r->invited);
        page_put(page, "td", start_find_state(r->state), NULL);
        table_end_row(page);
}

/* What is in the calendar of the year, with the municipality's part in it. */
static void put_sessions(const struct municipality *m)
{
        struct page *page = m->page;
        const struct web_sessions_rows rows =
                web_sessions(page->tx, m->person, m->row.municipality, m->year, m->today);
        const struct text title = begin_chapter(m, PHRASE_municipality_sessions);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_municipality_no_sessions, NULL);
                return;
        }
        page_put(page, "p", PHRASE_municipality_sessions_read, NULL);
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_start_when, PHRASE_start_what, PHRASE_start_who,
                                           PHRASE_municipality_participants,
                                           PHRASE_municipality_invited, PHRASE_start_state,
                                           PHRASE_count });
        for (size_t i = 0; i < rows.count; i++)
                put_session(page, &rows.row[i]);
        table_end(page);
}

/* What it was given for the coordinators that it employs, each version of it. */
static void put_money(const struct municipality *m)
{
        struct page *page = m->page;
        const struct web_money_rows rows =
                web_money(page->tx, m->person, m->row.municipality, m->today);
        const struct text title = begin_chapter(m, PHRASE_municipality_money);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_municipality_no_money, NULL);
                return;
        }
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_staff_grant, PHRASE_area, PHRASE_grants_version,
                                           PHRASE_grants_amount, PHRASE_grants_shared,
                                           PHRASE_grants_told, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_money *r = &rows.row[i];
                table_row(page);
                table_cell(page, r->grant_id);
                table_cell(page, r->area);
                table_number(page, r->version);
                table_money(page, r->amount_ore);
                table_day_of(page, r->distributed_at, PHRASE_grants_not_shared);
                table_day_of(page, r->told_at, PHRASE_grants_not_told);
                table_end_row(page);
        }
        table_end(page);
}

/* What the plan has for the municipality or its area, and the way to the whole. */
static void put_plan(const struct municipality *m)
{
        struct page *page = m->page;
        const struct start_of of = { TEXT(""), m->row.municipality, m->row.area };
        const struct text year = arena_printf(page->arena, "%d", m->year);
        const struct text title = begin_chapter(m, PHRASE_municipality_plan);
        if (!start_put_plan(page, title, m->year, of))
                page_put(page, "p", PHRASE_municipality_no_plan, NULL);
        html_open(page->html, "p");
        html_link(page->html, arena_printf(page->arena, "/?year=%.*s", TEXT_ARGS(year)),
                  page_say(page, PHRASE_start_plan, PLACES({ "year", year })));
        html_close(page->html);
}

void municipality_show(struct page *page)
{
        struct municipality m = { .page = page,
                                  .person = page->person->id,
                                  .today = page_today(page),
                                  .year = start_find_year(page) };
        if (!web_municipality(page->tx, m.person, page->argument, m.today, &m.row)) {
                page_not_found(page);
                return;
        }
        if (!m.row.may) {
                page_not_yours(page);
                return;
        }
        page_begin(page, page_say(page, PHRASE_municipality_title, PLACES({ "name", m.row.name })));
        put_contacts(&m);
        put_surveys(&m);
        put_sessions(&m);
        put_money(&m);
        put_plan(&m);
        ways_put_back(page);
        page_end(page);
}

static void put_row(struct page *page, const struct web_counts_of_municipalities *r)
{
        table_row(page);
        table_cell(page, r->area_name);
        table_link(
                page, arena_printf(page->arena, "/staff/municipality/%.*s", TEXT_ARGS(r->number)),
                arena_printf(page->arena, "%.*s %.*s", TEXT_ARGS(r->number), TEXT_ARGS(r->name)));
        table_number(page, r->contacts);
        table_number(page, r->responsible);
        table_number(page, r->members);
        page_put(page, "td", r->survey.at ? survey_words(r->survey) : PHRASE_survey_none_yet, NULL);
        table_end_row(page);
}

void municipality_show_all(struct page *page)
{
        const int32_t today = page_today(page);
        const struct web_counts_of_municipalities_rows rows =
                web_counts_of_municipalities(page->tx, page->person->id, today);
        const struct text title = page_say(page, PHRASE_municipality_all, NULL);
        page_begin(page, title);
        page_put(page, "p", PHRASE_municipality_all_read, NULL);
        table_begin(page, title,
                    (const enum phrase[]){
                            PHRASE_area, PHRASE_survey_municipality, PHRASE_municipality_contacts,
                            PHRASE_municipality_responsible, PHRASE_municipality_members,
                            PHRASE_municipality_surveys, PHRASE_count });
        for (size_t i = 0; i < rows.count; i++)
                put_row(page, &rows.row[i]);
        table_end(page);
        ways_put_back(page);
        page_end(page);
}
