/*
 * edition: a GET changes nothing. What is published is the edition that the page showed, not one
 * that was compiled meanwhile.
 */
#include "workers/web/edition.h"

#include "common/db.h"
#include "workers/web/edition_sql.h"
#include "workers/web/input.h"
#include "workers/web/session.h"
#include "workers/web/table.h"
#include "workers/web/ways.h"
#include "workers/web/year_chapter.h"

enum { EDITIONS_MOST = 1000000 };

static struct text path_of(const struct page *page, const char *before, int64_t of, int64_t edition)
{
        return arena_printf(page->arena, "%s/%lld/%lld", before, (long long)of, (long long)edition);
}

static struct text name_report(const struct page *page, int64_t of)
{
        return page_say(page, PHRASE_year_title,
                        PLACES({ "year", arena_printf(page->arena, "%lld", (long long)of) }));
}

static struct text write_day(const struct page *page, int64_t time)
{
        return day_short(page->arena, day_at(time, NULL, NULL));
}

/* A line for each edition, the newest first. */
static void put_editions(struct page *page)
{
        const struct web_year_editions_rows rows = web_year_editions(page->tx);
        if (rows.count == 0) {
                page_put(page, "p", PHRASE_edition_none, NULL);
                return;
        }
        table_begin(page, page_say(page, PHRASE_year_all, NULL),
                    (const enum phrase[]){ PHRASE_edition_report, PHRASE_edition,
                                           PHRASE_edition_compiled, PHRASE_edition_published,
                                           PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_year_editions *r = &rows.row[i];
                table_row(page);
                table_link(page, path_of(page, "/staff/report", r->year, r->edition),
                           name_report(page, r->year));
                table_number(page, r->edition);
                table_cell(page, write_day(page, r->compiled_at));
                if (r->published_at == DB_NULL)
                        table_link(page, path_of(page, "/staff/publish", r->year, r->edition),
                                   page_say(page, PHRASE_edition_see, NULL));
                else
                        table_cell(page, write_day(page, r->published_at));
                table_end_row(page);
        }
        table_end(page);
}

static struct text write_year(const struct page *page, const struct web_report_years *row)
{
        return arena_printf(page->arena, "%lld", (long long)row->year);
}

static void put_form(struct page *page, bool wrong)
{
        const struct web_report_years_rows years = web_report_years(page->tx, page_today(page));
        struct input_option *options = arena_array(page->arena, years.count, sizeof *options);
        for (size_t i = 0; i < years.count; i++)
                options[i] = (struct input_option){ write_year(page, &years.row[i]),
                                                    write_year(page, &years.row[i]) };
        if (years.count == 0) {
                page_put(page, "p", PHRASE_results_none_held, NULL);
                return;
        }
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_edition_compile, NULL));
        page_put(page, "p", PHRASE_edition_how, NULL);
        input_begin_form(page, "thumb", "compile");
        if (wrong)
                input_fault(page, PHRASE_edition_wrong);
        input_select(page, "year", PHRASE_edition_year, options, years.count);
        input_button(page, PHRASE_edition_compile);
        html_close(page->html);
}

static void put_all(struct page *page, bool wrong)
{
        page_begin(page, page_say(page, PHRASE_edition_title, NULL));
        page_put(page, "p", PHRASE_edition_lead, NULL);
        put_editions(page);
        put_form(page, wrong);
        ways_put_back(page);
        page_end(page);
}

void edition_show_all(struct page *page)
{
        put_all(page, false);
}

/* Whether a report of that year can be compiled. */
static bool can_compile(struct page *page, struct text sent, int64_t *of)
{
        const struct web_report_years_rows years = web_report_years(page->tx, page_today(page));
        if (!text_to_int(sent, of))
                return false;
        for (size_t i = 0; i < years.count; i++)
                if (years.row[i].year == *of)
                        return true;
        return false;
}

void edition_compile(struct page *page)
{
        struct web_compile made = { 0 };
        int64_t of;
        if (!can_compile(page, request_field(page->request, "year"), &of)) {
                page->status = 422;
                put_all(page, true);
                return;
        }
        web_compile(page->tx, page->person->id, of, tx_now(page->tx), &made);
        page_go_to(page, arena_printf(page->arena, "%.*s?done=%s",
                                      TEXT_ARGS(path_of(page, "/staff/publish", of, made.edition)),
                                      made.again ? "again" : "compiled"));
}

/* Reads the edition that the path names. False: there is none, and the page says so. */
static bool find(struct page *page, struct year *year)
{
        struct text path = page->argument;
        int64_t edition;
        const struct text first = text_cut(&path, '/');
        *year = (struct year){ .page = page };
        if (text_to_int(first, &year->year) && year->year >= 2000 && year->year <= 2199 &&
            text_to_int(path, &edition) && edition >= 1 && edition <= EDITIONS_MOST &&
            web_year_edition(page->tx, year->year, edition, false, &year->edition))
                return true;
        page_not_found(page);
        return false;
}

static void put_done(struct page *page)
{
        const struct text done = request_query(page->request, "done");
        if (text_equal(done, TEXT("compiled")))
                page_note(page, PHRASE_edition_is_compiled);
        else if (text_equal(done, TEXT("again")))
                page_note(page, PHRASE_edition_is_same);
        else if (text_equal(done, TEXT("published")))
                page_note(page, PHRASE_edition_is_published);
}

/* The ways to read it, and by what it is known. */
static void put_edition(const struct year *year)
{
        struct page *page = year->page;
        const struct web_year_edition *e = &year->edition;
        const bool published = e->published_at != DB_NULL;
        page_put(page, "p", PHRASE_year_edition,
                 PLACES({ "edition", year_number(year, e->edition) },
                        { "day", page_day(page, day_at(e->compiled_at, NULL, NULL)) }));
        if (e->newest > e->edition)
                html_classed(page->html, "p", "warning", page_say(page, PHRASE_year_newer, NULL));
        page_put_link(
                page,
                path_of(page, published ? "/report" : "/staff/report", year->year, e->edition),
                published ? PHRASE_edition_read : PHRASE_edition_read_draft);
        page_put(page, "p", PHRASE_edition_seal, NULL);
        html_open(page->html, "p");
        html_classed(page->html, "code", "seal", e->sha256);
        html_close(page->html);
}

/* The question, after what the edition lacks. */
static void put_question(const struct year *year)
{
        struct page *page = year->page;
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_edition_ask, NULL));
        page_put(page, "p", PHRASE_edition_final, NULL);
        input_begin_form(page, "thumb", "publish");
        input_button(page, PHRASE_edition_publish);
        html_close(page->html);
        page_put_link(page, TEXT("/staff/reports"), PHRASE_page_no_back);
}

void edition_show(struct page *page)
{
        struct year year;
        if (!find(page, &year))
                return;
        page_begin(page, name_report(page, year.year));
        put_done(page);
        put_edition(&year);
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_year_gaps, NULL));
        year_put_gaps(&year);
        if (year.edition.published_at == DB_NULL) {
                put_question(&year);
        } else {
                page_put(page, "p", PHRASE_edition_published_on,
                         PLACES({ "day",
                                  page_day(page, day_at(year.edition.published_at, NULL, NULL)) }));
                page_put_link(page, TEXT("/staff/reports"), PHRASE_edition_title);
        }
        page_end(page);
}

void edition_publish(struct page *page)
{
        struct web_publish done;
        struct year year;
        if (!find(page, &year))
                return;
        web_publish(page->tx, page->person->id, year.year, year.edition.edition, tx_now(page->tx),
                    &done);
        page_go_to(page, arena_printf(page->arena, "%.*s?done=published",
                                      TEXT_ARGS(path_of(page, "/staff/publish", year.year,
                                                        year.edition.edition))));
}
