/*
 * year_network: the chapter of the networks: sessions and who answered, development, goals,
 * municipalities.
 */
#include "workers/web/results_table.h"
#include "workers/web/table.h"
#include "workers/web/year_chapter.h"

/* Says the phrase as a cell. */
static void put_cell(const struct year *year, enum phrase what)
{
        page_put(year->page, "td", what, NULL);
}

/* Which tally a session's answers were counted in, or NULL. */
static const struct web_year_tallies *find_tally(const struct year *year, struct text session)
{
        for (size_t i = 0; i < year->tallies.count; i++)
                for (size_t n = 0; n < year->tallies.row[i].sessions.count; n++)
                        if (text_equal(year->tallies.row[i].sessions.at[n], session))
                                return &year->tallies.row[i];
        return NULL;
}

/* Who answered; of sessions that were counted together, at the one they stand under. */
static void put_answers(const struct year *year, const struct web_year_sessions *session)
{
        struct page *page = year->page;
        const struct web_year_tallies *t = find_tally(year, session->meeting);
        const bool own = t && text_equal(t->tally, session->meeting);
        html_element(page->html, "td", own ? year_number(year, t->invited) : TEXT("–"));
        html_element(page->html, "td", own ? year_number(year, t->answered) : TEXT("–"));
        html_element(page->html, "td",
                     own && t->invited
                             ? arena_printf(page->arena, "%.0f\u00a0%%",
                                            100.0 * (double)t->answered / (double)t->invited)
                             : TEXT("–"));
        if (own)
                put_cell(year, PHRASE_results_shown);
        else if (t)
                html_element(
                        page->html, "td",
                        page_say(page, PHRASE_results_together, PLACES({ "sessions", t->tally })));
        else if (text_equal(session->standing, TEXT("missing")))
                put_cell(year, PHRASE_results_missing);
        else
                put_cell(year, text_equal(session->standing, TEXT("open")) ? PHRASE_results_open
                                                                           : PHRASE_results_hidden);
}

/* The sessions of a network. */
static void put_sessions(const struct year *year, struct text network, struct text name)
{
        struct page *page = year->page;
        table_begin(page, page_say(page, PHRASE_year_sessions_of, PLACES({ "network", name })),
                    (const enum phrase[]){ PHRASE_results_session, PHRASE_start_when,
                                           PHRASE_year_invited, PHRASE_year_answered,
                                           PHRASE_year_rate, PHRASE_start_state, PHRASE_count });
        for (size_t i = 0; i < year->sessions.count; i++) {
                const struct web_year_sessions *s = &year->sessions.row[i];
                if (!text_equal(s->network, network))
                        continue;
                table_row(page);
                html_open(page->html, "th");
                html_set(page->html, "scope", TEXT("row"));
                html_say(page->html, arena_printf(page->arena, "%.*s %.*s", TEXT_ARGS(s->meeting),
                                                  TEXT_ARGS(page_pick(page, s->title_nb,
                                                                      s->title_nn, s->title_en))));
                html_close(page->html);
                html_element(page->html, "td", day_short(page->arena, (int32_t)s->held_on));
                put_answers(year, s);
                table_end_row(page);
        }
        table_end(page);
}

/* A goal's words by its id. */
struct text year_words(const struct year *year, struct text goal)
{
        for (size_t i = 0; i < year->goals.count; i++)
                if (text_equal(year->goals.row[i].goal, goal))
                        return page_pick(year->page, year->goals.row[i].text_nb,
                                         year->goals.row[i].text_nn, year->goals.row[i].text_en);
        return goal;
}

/* The results of a network: of all, or by municipality. */
static size_t find_results(const struct year *year, struct text network, bool parts,
                           struct results_row *rows)
{
        size_t count = 0;
        for (size_t i = 0; i < year->results.count; i++) {
                const struct web_year_results *r = &year->results.row[i];
                if (!text_equal(r->network, network) || (r->municipality.at != NULL) != parts)
                        continue;
                rows[count++] = (struct results_row){
                        r->name.at ? r->name : page_say(year->page, PHRASE_results_others, NULL),
                        year_words(year, r->goal), r->counts
                };
        }
        return count;
}

/* Development over a network's sessions, of its own goal. */
static void put_course(const struct year *year, struct text network)
{
        struct page *page = year->page;
        struct results_point *points =
                arena_array(page->arena, year->evidence.count, sizeof *points);
        size_t count = 0;
        for (size_t i = 0; i < year->evidence.count; i++) {
                const struct web_year_evidence *e = &year->evidence.row[i];
                if (text_equal(e->goal, network))
                        points[count++] = (struct results_point){ e->tally, e->wording, e->counts };
        }
        if (count > 1)
                results_put_course(page,
                                   arena_printf(page->arena, "course%.*s", TEXT_ARGS(network)).at,
                                   page_say(page, PHRASE_results_course_of,
                                            PLACES({ "goal", year_words(year, network) })),
                                   false, points, count);
}

/* Whether a session of the network was held. */
static bool is_active(const struct year *year, struct text network)
{
        for (size_t i = 0; i < year->sessions.count; i++)
                if (text_equal(year->sessions.row[i].network, network))
                        return true;
        return false;
}

static void put_network(const struct year *year, const struct web_year_networks *network)
{
        struct page *page = year->page;
        const struct text id = network->network;
        const struct text name =
                page_pick(page, network->name_nb, network->name_nn, network->name_en);
        struct results_row *rows = arena_array(page->arena, year->results.count, sizeof *rows);
        year_head(year, name);
        if (is_active(year, id))
                put_sessions(year, id, name);
        size_t count = find_results(year, id, false, rows);
        if (count == 0) {
                page_put(page, "p", PHRASE_year_no_results, NULL);
                return;
        }
        put_course(year, id);
        results_put_bars(page, arena_printf(page->arena, "goals%.*s", TEXT_ARGS(id)).at,
                         page_say(page, PHRASE_year_goals_of, PLACES({ "network", name })), rows,
                         count);
        count = find_results(year, id, true, rows);
        if (count > 0)
                results_put_municipalities(
                        page, page_say(page, PHRASE_year_parts_of, PLACES({ "network", name })),
                        rows, count);
}

void year_put_networks(const struct year *year)
{
        const struct web_year_networks_rows rows =
                web_year_networks(year->page->tx, year->year, year->edition.edition);
        for (size_t i = 0; i < rows.count; i++)
                put_network(year, &rows.row[i]);
}
