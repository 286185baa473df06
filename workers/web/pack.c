/*
 * pack: of the newest published edition of the year, the part of the meeting's area or
 * municipality.
 */
#include "workers/web/pack.h"

#include "workers/web/finding_form.h"
#include "workers/web/input.h"
#include "workers/web/results_table.h"
#include "workers/web/session.h"
#include "workers/web/table.h"
#include "workers/web/year_chapter.h"

enum { ASKED_MOST = 8 }; /* goals to discuss */

struct pack {
        struct year year;
        struct text meeting;
        struct web_dialogue dialogue;
        struct web_year_areas_rows parties;
        bool may; /* record how it used the report */
};

static void put_title(const struct pack *pack, enum phrase title)
{
        html_classed(pack->year.page->html, "h2", "ds-heading",
                     page_say(pack->year.page, title, NULL));
}

/* Whether the meeting is with it: the municipality that is named, else all of the area. */
static bool is_here(const struct pack *pack, struct text municipality)
{
        if (pack->dialogue.municipality.at)
                return text_equal(pack->dialogue.municipality, municipality);
        for (size_t i = 0; i < pack->parties.count; i++)
                if (text_equal(pack->parties.row[i].municipality, municipality))
                        return true;
        return false;
}

/* The municipalities, and whether each has answered the leader survey. */
static void put_parties(const struct pack *pack)
{
        struct page *page = pack->year.page;
        table_begin(page, page_say(page, PHRASE_pack_part, NULL),
                    (const enum phrase[]){ PHRASE_results_municipality, PHRASE_pack_survey,
                                           PHRASE_count });
        for (size_t i = 0; i < pack->parties.count; i++) {
                const struct web_year_areas *r = &pack->parties.row[i];
                if (!is_here(pack, r->municipality))
                        continue;
                table_row(page);
                html_element(page->html, "td", r->name);
                page_put(page, "td",
                         text_equal(r->survey, TEXT("answered")) ? PHRASE_pack_yes : PHRASE_pack_no,
                         NULL);
                table_end_row(page);
        }
        table_end(page);
}

/* What is published of these municipalities by themselves. */
static void put_results(const struct pack *pack)
{
        const struct year *year = &pack->year;
        struct page *page = year->page;
        struct results_row *rows = arena_array(page->arena, year->results.count, sizeof *rows);
        size_t count = 0;
        for (size_t i = 0; i < year->results.count; i++) {
                const struct web_year_results *r = &year->results.row[i];
                if (r->municipality.size > 0 && is_here(pack, r->municipality))
                        rows[count++] = (struct results_row){ r->name, year_words(year, r->goal),
                                                              r->counts };
        }
        if (count > 0)
                results_put_municipalities(
                        page, page_say(page, PHRASE_results_municipalities, NULL), rows, count);
}

/* A question for each goal that has evidence and is not reached, then those for every meeting. */
static void put_questions(const struct pack *pack)
{
        struct page *page = pack->year.page;
        size_t asked = 0;
        html_open(page->html, "ol");
        page_put(page, "li", PHRASE_pack_recognise, NULL);
        for (size_t i = 0; i < pack->year.goals.count && asked < ASKED_MOST; i++) {
                const struct web_year_goals *g = &pack->year.goals.row[i];
                if (!text_equal(g->status, TEXT("not")) && !text_equal(g->status, TEXT("partly")))
                        continue;
                asked++;
                page_put(page, "li", PHRASE_pack_goal,
                         PLACES({ "goal", page_pick(page, g->text_nb, g->text_nn, g->text_en) }));
        }
        page_put(page, "li", PHRASE_pack_use, NULL);
        page_put(page, "li", PHRASE_pack_help, NULL);
        html_close(page->html);
}

/* Whether the person may read what the meeting recorded before an edition says it: who runs the
 * centre, and those of whom it is. */
static bool sees_record(const struct pack *pack)
{
        const struct person *person = pack->year.page->person;
        bool sees = person->roles & ROLES_CENTRE;
        for (size_t i = 0; i < person->municipalities.count; i++)
                sees = sees || is_here(pack, person->municipalities.at[i]);
        return sees;
}

/* How the meeting used the report, the newest record first. */
static void put_recorded(const struct pack *pack)
{
        struct page *page = pack->year.page;
        const struct web_dialogue_uses_rows rows =
                web_dialogue_uses(page->tx, pack->meeting, pack->year.year);
        if (rows.count == 0)
                page_put(page, "p", PHRASE_pack_not_recorded, NULL);
        for (size_t i = 0; i < rows.count; i++) {
                html_element(page->html, "p",
                             page_day(page, day_at(rows.row[i].recorded_at, NULL, NULL)));
                page_put(page, "p", PHRASE_year_used,
                         PLACES({ "year", year_number(&pack->year, pack->year.year) },
                                { "words", rows.row[i].used }));
                page_put(page, "p", PHRASE_year_adapted, PLACES({ "words", rows.row[i].adapted }));
        }
}

/* fault: what was wrong in what was sent. */
static void put_form(const struct pack *pack, enum phrase fault)
{
        struct page *page = pack->year.page;
        finding_begin_form(page, PHRASE_pack_record, "use", fault);
        input_words(page, "used", PHRASE_pack_record_used, FINDING_WORDS);
        input_words(page, "adapted", PHRASE_pack_record_adapted, FINDING_WORDS);
        finding_end_form(page, PHRASE_pack_record_save);
}

static void put_pack(const struct pack *pack, enum phrase fault)
{
        struct page *page = pack->year.page;
        const struct web_dialogue *d = &pack->dialogue;
        page_begin(page, page_say(page, PHRASE_pack_title,
                                  PLACES({ "meeting",
                                           page_pick(page, d->title_nb, d->title_nn, d->title_en) },
                                         { "year", year_number(&pack->year, pack->year.year) })));
        if (text_equal(request_query(page->request, "done"), TEXT("used")))
                page_note(page, PHRASE_pack_record_done);
        page_put(page, "p", PHRASE_pack_lead,
                 PLACES({ "day", page_day(page, (int32_t)d->first_day) }));
        put_title(pack, PHRASE_pack_part);
        put_parties(pack);
        put_results(pack);
        put_title(pack, PHRASE_pack_discuss);
        put_questions(pack);
        put_title(pack, PHRASE_pack_goals);
        year_put_goals(&pack->year, true);
        put_title(pack, PHRASE_pack_findings);
        year_put_findings(&pack->year);
        if (sees_record(pack)) {
                put_title(pack, PHRASE_pack_recorded);
                put_recorded(pack);
        }
        if (pack->may)
                put_form(pack, fault);
        html_open(page->html, "p");
        html_link(page->html, arena_printf(page->arena, "/report/%lld", (long long)pack->year.year),
                  page_say(page, PHRASE_year_title,
                           PLACES({ "year", year_number(&pack->year, pack->year.year) })));
        html_close(page->html);
        page_end(page);
}

/* Reads what the path names. False: there is none, and the page says so. */
static bool find(struct page *page, struct pack *pack)
{
        struct web_may_use right = { 0 };
        struct text path = page->argument;
        int64_t of;
        const struct text first = text_cut(&path, '/');
        pack->meeting = path;
        if (!text_to_int(first, &of) || of < 2000 || of > 2199 || !text_is_code(path) ||
            !web_dialogue(page->tx, path, &pack->dialogue) ||
            !year_read(&pack->year, page, of, 0, true)) {
                page_not_found(page);
                return false;
        }
        year_read_parts(&pack->year);
        pack->parties =
                web_year_areas(page->tx, of, pack->year.edition.edition, pack->dialogue.area);
        pack->may = web_may_use(page->tx, page->person->id, path, page_today(page), &right) &&
                    right.may;
        return true;
}

void pack_show(struct page *page)
{
        struct pack pack;
        if (find(page, &pack))
                put_pack(&pack, PHRASE_count);
}

void pack_take(struct page *page)
{
        struct pack pack;
        if (!find(page, &pack))
                return;
        if (!pack.may) {
                page_not_yours(page);
                return;
        }
        const struct text used = finding_read_words(page, "used");
        const struct text adapted = finding_read_words(page, "adapted");
        if (!used.at || !adapted.at) {
                page->status = 422;
                put_pack(&pack, PHRASE_pack_record_wrong);
                return;
        }
        web_use(page->tx, page->person->id, pack.meeting, pack.year.year, used, adapted,
                tx_now(page->tx));
        page_go_to(page, arena_printf(page->arena, "/pack/%lld/%.*s?done=used",
                                      (long long)pack.year.year, TEXT_ARGS(pack.meeting)));
}
