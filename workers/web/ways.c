/*
 * ways: links to bodies, grants, municipalities, and to what everybody reads.
 */
#include "workers/web/ways.h"

#include "workers/web/session.h"
#include "workers/web/ways_sql.h"

struct text ways_title(const struct page *page)
{
        return page_say(page,
                        page->person->roles & ROLES_CENTRE ? PHRASE_staff_title : PHRASE_ways_title,
                        NULL);
}

static void put_way(struct page *page, struct text path, struct text words)
{
        html_open(page->html, "li");
        html_link(page->html, path, words);
        html_close(page->html);
}

static void put_bodies(struct page *page, int32_t today)
{
        const struct web_bodies_rows rows = web_bodies(page->tx, page->person->id, today);
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_bodies *r = &rows.row[i];
                put_way(page, arena_printf(page->arena, "/staff/body/%.*s", TEXT_ARGS(r->body)),
                        page_pick(page, r->name_nb, r->name_nn, r->name_en));
        }
}

/* To those who run the centre a list of them; to a contact the own one. */
static void put_municipalities(struct page *page, int32_t today)
{
        if (page->person->roles & ROLES_CENTRE) {
                put_way(page, TEXT("/staff/municipalities"),
                        page_say(page, PHRASE_municipality_all, NULL));
                return;
        }
        const struct web_own_municipalities_rows rows =
                web_own_municipalities(page->tx, page->person->id, today);
        for (size_t i = 0; i < rows.count; i++)
                put_way(page,
                        arena_printf(page->arena, "/staff/municipality/%.*s",
                                     TEXT_ARGS(rows.row[i].number)),
                        page_say(page, PHRASE_municipality_title,
                                 PLACES({ "name", rows.row[i].name })));
}

void ways_put(struct page *page)
{
        const int32_t today = page_today(page);
        struct web_sees_grants grants = { 0 };
        int year, month, day;
        day_split(today, &year, &month, &day);
        if (page->person->roles & ROLES_CENTRE)
                html_classed(page->html, "h2", "ds-heading",
                             page_say(page, PHRASE_ways_title, NULL));
        html_open(page->html, "ul");
        html_set(page->html, "id", TEXT("ways"));
        put_municipalities(page, today);
        put_bodies(page, today);
        if (web_sees_grants(page->tx, page->person->id, today, &grants) && grants.may)
                put_way(page, TEXT("/staff/grants"), page_say(page, PHRASE_grants_title, NULL));
        if (page->person->roles & ROLES_CENTRE)
                put_way(page, TEXT("/staff/words"), page_say(page, PHRASE_words_all, NULL));
        if (page->person->roles & ROLE_LEADER)
                put_way(page, TEXT("/staff/reports"), page_say(page, PHRASE_edition_title, NULL));
        put_way(page, TEXT("/"),
                page_say(page, PHRASE_start_plan,
                         PLACES({ "year", arena_printf(page->arena, "%d", year) })));
        put_way(page, TEXT("/results"), page_say(page, PHRASE_results_all, NULL));
        put_way(page, TEXT("/report"), page_say(page, PHRASE_year_all, NULL));
        html_close(page->html);
}

void ways_put_back(struct page *page)
{
        page_put_link(page, TEXT("/staff"),
                      page->person->roles & ROLES_CENTRE ? PHRASE_staff_title : PHRASE_ways_title);
}
