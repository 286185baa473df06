/*
 * year: which edition a path names, and the frame around its chapters: on a page with the ways to
 * PDF and data, in print (print.h) alone.
 */
#include "workers/web/year.h"

#include "workers/web/kept.h"
#include "workers/web/print.h"
#include "workers/web/session.h"
#include "workers/web/year_chapter.h"

bool year_read(struct year *year, struct page *page, int64_t of, int64_t edition, bool published)
{
        *year = (struct year){ .page = page, .year = of };
        return web_year_edition(page->tx, of, edition, published, &year->edition);
}

void year_read_parts(struct year *year)
{
        struct tx *tx = year->page->tx;
        const int64_t edition = year->edition.edition;
        year->goals = web_year_goals(tx, year->year, edition);
        year->sessions = web_year_sessions(tx, year->year, edition);
        year->tallies = web_year_tallies(tx, year->year, edition);
        year->evidence = web_year_evidence(tx, year->year, edition);
        year->results = web_year_results(tx, year->year, edition);
}

/* "/report/2027/2" with what follows it. */
static struct text path_of(const struct year *year, bool published, const char *ending)
{
        return arena_printf(year->page->arena, "%s/report/%lld/%lld%s", published ? "" : "/staff",
                            (long long)year->year, (long long)year->edition.edition, ending);
}

static void put_link(struct page *page, struct text href, struct text words)
{
        html_open(page->html, "li");
        html_link(page->html, href, words);
        html_close(page->html);
}

/* The chapters by their names. */
static void put_contents(const struct year *year)
{
        struct page *page = year->page;
        html_open(page->html, "nav");
        html_set(page->html, "aria-label", page_say(page, PHRASE_year_contents, NULL));
        html_set(page->html, "class", TEXT("contents"));
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_year_contents, NULL));
        html_open(page->html, "ol");
        for (const struct year_chapter *c = year_chapters; c->id; c++)
                put_link(page, arena_printf(page->arena, "#%s", c->id),
                         page_say(page, c->title, NULL));
        html_close(page->html);
        html_close(page->html);
}

static void put_chapters(struct year *year)
{
        year_read_parts(year);
        struct html *h = year->page->html;
        put_contents(year);
        for (const struct year_chapter *c = year_chapters; c->id; c++) {
                html_open(h, "h2");
                html_set(h, "class", TEXT("ds-heading"));
                html_set(h, "id", text_of(c->id));
                html_say(h, page_say(year->page, c->title, NULL));
                html_close(h);
                c->put(year);
        }
}

/* The same as they were made once: they say what the edition says, whoever asks. */
static void put_kept_chapters(struct year *year)
{
        struct page *page = year->page;
        const size_t before = html_written(page->html).size;
        const struct text name =
                arena_printf(page->arena, "%lld-%lld-%d/%.*s", (long long)year->year,
                             (long long)year->edition.edition, (int)page->language,
                             TEXT_ARGS(year->edition.sha256));
        struct text made = kept_find(page->web->kept, name);
        if (made.at) {
                html_put(page->html, made);
                return;
        }
        put_chapters(year);
        made = html_written(page->html);
        if (!tx_failed(page->tx))
                kept_add(page->web->kept, name,
                         (struct text){ made.at + before, made.size - before });
}

/* The dialogue meetings that can use the report, for staff. */
static void put_packs(const struct year *year)
{
        struct page *page = year->page;
        const struct web_dialogues_rows rows =
                web_dialogues(page->tx, year->year, day_at(year->edition.compiled_at, NULL, NULL));
        if (rows.count == 0 || year->edition.published_at == DB_NULL)
                return;
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_year_packs, NULL));
        html_open(page->html, "ul");
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_dialogues *r = &rows.row[i];
                put_link(page,
                         arena_printf(page->arena, "/pack/%lld/%.*s", (long long)year->year,
                                      TEXT_ARGS(r->meeting)),
                         arena_printf(page->arena, "%.*s %.*s", TEXT_ARGS(r->meeting),
                                      TEXT_ARGS(page_pick(page, r->title_nb, r->title_nn,
                                                          r->title_en))));
        }
        html_close(page->html);
}

/* What is to be known of the edition before it is read, and the ways to take it along. */
static void put_lead(const struct year *year, bool published)
{
        struct page *page = year->page;
        const struct web_year_edition *e = &year->edition;
        page_put(page, "p", PHRASE_year_edition,
                 PLACES({ "edition", year_number(year, e->edition) },
                        { "day", page_day(page, day_at(e->compiled_at, NULL, NULL)) }));
        if (e->published_at == DB_NULL)
                html_classed(page->html, "p", "warning",
                             page_say(page, PHRASE_year_unpublished, NULL));
        if (e->newest > e->edition)
                html_classed(page->html, "p", "warning", page_say(page, PHRASE_year_newer, NULL));
        html_open(page->html, "ul");
        put_link(page,
                 arena_printf(page->arena, "%s/report/%lld/%lld.pdf", published ? "" : "/staff",
                              (long long)year->year, (long long)e->edition),
                 page_say(page, PHRASE_year_pdf, NULL));
        put_link(page, path_of(year, published, "/snapshot.json"),
                 page_say(page, PHRASE_year_data, NULL));
        if (!published)
                put_link(page,
                         arena_printf(page->arena, "/staff/findings/%lld", (long long)year->year),
                         page_say(page, PHRASE_finding_title,
                                  PLACES({ "year", year_number(year, year->year) })));
        if (!published && e->published_at == DB_NULL && (page->person->roles & ROLE_LEADER))
                put_link(page,
                         arena_printf(page->arena, "/staff/publish/%lld/%lld",
                                      (long long)year->year, (long long)e->edition),
                         page_say(page, PHRASE_edition_see, NULL));
        html_close(page->html);
}

static struct text name_report(const struct year *year)
{
        return page_say(year->page, PHRASE_year_title,
                        PLACES({ "year", year_number(year, year->year) }));
}

/* The whole of it to be printed. */
static void print(struct year *year)
{
        struct page *page = year->page;
        print_begin(page, name_report(year));
        page_put(page, "p", PHRASE_year_edition,
                 PLACES({ "edition", year_number(year, year->edition.edition) },
                        { "day", page_day(page, day_at(year->edition.compiled_at, NULL, NULL)) }));
        put_kept_chapters(year);
        print_end(page,
                  arena_printf(page->arena, "evalueringsrapport-%lld-%lld", (long long)year->year,
                               (long long)year->edition.edition),
                  year->edition.sha256);
}

static void show(struct year *year, bool published)
{
        struct page *page = year->page;
        page_begin(page, name_report(year));
        put_lead(year, published);
        put_kept_chapters(year);
        if (!published)
                put_packs(year);
        page_end(page);
}

/* Takes the ending off the path; false: it has another. */
static bool take_ending(struct text *path, struct text ending)
{
        if (path->size <= ending.size ||
            memcmp(path->at + path->size - ending.size, ending.at, ending.size) != 0)
                return false;
        path->size -= ending.size;
        return true;
}

/* "2027" or "2027/2", with ".pdf" or "/snapshot.json". */
static void answer(struct page *page, bool published)
{
        struct year year;
        struct text path = page->argument;
        const bool pdf = take_ending(&path, TEXT(".pdf"));
        const bool data = take_ending(&path, TEXT("/snapshot.json"));
        int64_t of, edition = 0;
        const struct text first = text_cut(&path, '/');
        if (!text_to_int(first, &of) || of < 2000 || of > 2199 ||
            (path.at && (!text_to_int(path, &edition) || edition < 1 || edition > 1000000)) ||
            !year_read(&year, page, of, edition, published))
                page_not_found(page);
        else if (data)
                page_give_as(page, TEXT("application/json"),
                             arena_printf(page->arena, "evalueringsrapport-%lld-%lld.json",
                                          (long long)of, (long long)year.edition.edition),
                             arena_copy(page->arena, year.edition.snapshot));
        else if (pdf)
                print(&year);
        else
                show(&year, published);
}

void year_show(struct page *page)
{
        answer(page, true);
}

void year_show_to_staff(struct page *page)
{
        answer(page, false);
}

/* A line for each edition, the newest first. */
static void put_editions(struct page *page, bool published)
{
        const struct web_year_editions_rows rows = web_year_editions(page->tx);
        const struct year year = { .page = page };
        size_t count = 0;
        html_open(page->html, "ul");
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_year_editions *r = &rows.row[i];
                if (published && r->published_at == DB_NULL)
                        continue;
                count++;
                html_open(page->html, "li");
                html_link(page->html,
                          arena_printf(page->arena, "%s/report/%lld/%lld",
                                       published ? "" : "/staff", (long long)r->year,
                                       (long long)r->edition),
                          page_say(page, PHRASE_year_title,
                                   PLACES({ "year", year_number(&year, r->year) })));
                html_say(page->html,
                         arena_printf(
                                 page->arena, ", %.*s",
                                 TEXT_ARGS(page_say(
                                         page, PHRASE_year_edition,
                                         PLACES({ "edition", year_number(&year, r->edition) },
                                                { "day", page_day(page, day_at(r->compiled_at, NULL,
                                                                               NULL)) })))));
                html_close(page->html);
        }
        if (count == 0)
                page_put(page, "li", PHRASE_year_none, NULL);
        html_close(page->html);
}

void year_show_all(struct page *page)
{
        session_find(page);
        const bool staff = page->person && (page->person->roles & ROLES_CENTRE);
        page_begin(page, page_say(page, PHRASE_year_all, NULL));
        page_put(page, "p", PHRASE_year_all_lead, NULL);
        put_editions(page, !staff);
        if (page->person && (page->person->roles & ROLE_LEADER))
                page_put_link(page, TEXT("/staff/reports"), PHRASE_edition_title);
        page_end(page);
}
