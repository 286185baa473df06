/*
 * year_chapter: what the numbers say: in brief, goals, common questions, the survey. The networks
 * are year_network.c; what was taken into use is year_used.c; what is missing and what came of it
 * is year_follow.c.
 */
#include "workers/web/year_chapter.h"

#include "common/statistics.h"
#include "workers/web/results_table.h"
#include "workers/web/table.h"

/* Says the phrase as a cell. */
static void put_cell(const struct year *year, enum phrase what)
{
        page_put(year->page, "td", what, NULL);
}

struct text year_number(const struct year *year, int64_t number)
{
        return arena_printf(year->page->arena, "%lld", (long long)number);
}

void year_head(const struct year *year, struct text words)
{
        html_classed(year->page->html, "h3", "ds-heading", words);
}

static enum phrase find_status(struct text status)
{
        if (text_equal(status, TEXT("reached")))
                return PHRASE_year_reached;
        if (text_equal(status, TEXT("partly")))
                return PHRASE_year_partly;
        return text_equal(status, TEXT("not")) ? PHRASE_year_not : PHRASE_year_no_evidence;
}

/* How many goals have the status. */
static struct text count_goals(const struct year *year, const char *status)
{
        int64_t count = 0;
        for (size_t i = 0; i < year->goals.count; i++)
                count += text_equal(year->goals.row[i].status, text_of(status));
        return year_number(year, count);
}

void year_put_rate(const struct year *year, int64_t invited, int64_t answered)
{
        if (invited == 0)
                return;
        const double share = 100.0 * (double)answered / (double)invited;
        page_put(year->page, "p", PHRASE_results_answered,
                 PLACES({ "answered", year_number(year, answered) },
                        { "invited", year_number(year, invited) },
                        { "share", arena_printf(year->page->arena, "%.0f", share) }));
        if (statistics_are_weak(invited, answered))
                html_classed(year->page->html, "p", "warning",
                             page_say(year->page, PHRASE_results_weak, NULL));
}

/* Of all sessions. */
static void put_rate(const struct year *year)
{
        int64_t invited = 0, answered = 0;
        for (size_t i = 0; i < year->tallies.count; i++) {
                const struct web_year_tallies *t = &year->tallies.row[i];
                invited += t->survey ? 0 : t->invited;
                answered += t->survey ? 0 : t->answered;
        }
        year_put_rate(year, invited, answered);
}

static void put_summary(const struct year *year)
{
        struct page *page = year->page;
        const struct web_year_gaps_rows gaps =
                web_year_gaps(page->tx, year->year, year->edition.edition);
        int64_t shown = 0;
        for (size_t i = 0; i < year->sessions.count; i++)
                shown += text_equal(year->sessions.row[i].standing, TEXT("shown"));
        page_put(page, "p", PHRASE_year_held,
                 PLACES({ "held", year_number(year, (int64_t)year->sessions.count) },
                        { "shown", year_number(year, shown) }));
        put_rate(year);
        page_put(page, "p", PHRASE_year_statuses,
                 PLACES({ "goals", year_number(year, (int64_t)year->goals.count) },
                        { "reached", count_goals(year, "reached") },
                        { "partly", count_goals(year, "partly") },
                        { "not", count_goals(year, "not") },
                        { "none", count_goals(year, "no_evidence") }));
        page_put(page, "p", PHRASE_year_gap_count,
                 PLACES({ "count", year_number(year, (int64_t)gaps.count) }));
}

/* The sessions (or the survey) that were asked about the goal in its newest wording, each with its
 * share, a line each. */
static void put_evidence(const struct year *year, const struct web_year_goals *goal)
{
        struct html *h = year->page->html;
        bool any = false;
        html_open(h, "td");
        html_set(h, "class", TEXT("evidence"));
        for (size_t i = 0; i < year->evidence.count; i++) {
                const struct web_year_evidence *e = &year->evidence.row[i];
                if (!text_equal(e->goal, goal->goal) || e->wording != goal->wording)
                        continue;
                const struct statistics s = statistics_of(e->counts.at);
                if (any) {
                        html_open(h, "br");
                        html_close(h);
                }
                any = true;
                html_say(h,
                         arena_printf(year->page->arena, "%.*s: %.0f\u00a0%% (n\u00a0=\u00a0%lld)",
                                      TEXT_ARGS(e->tally), statistics_half_up(100 * s.share_4_5),
                                      (long long)s.n));
        }
        if (!any)
                html_say(h, TEXT("–"));
        html_close(h);
}

/* The status, and by what it was judged. */
static void put_status(const struct year *year, const struct web_year_goals *goal)
{
        struct page *page = year->page;
        if (!goal->reason.at)
                put_cell(year, find_status(goal->status));
        else
                page_put(page, "td", PHRASE_year_judged,
                         PLACES({ "status", page_say(page, find_status(goal->status), NULL) },
                                { "rule", page_say(page, find_status(goal->judged), NULL) },
                                { "reason", goal->reason }));
}

static void put_goal(const struct year *year, const struct web_year_goals *goal)
{
        struct html *h = year->page->html;
        const struct statistics s = statistics_of(goal->counts.at);
        table_row(year->page);
        html_open(h, "th");
        html_set(h, "scope", TEXT("row"));
        html_say(h, arena_printf(year->page->arena, "%.*s %.*s", TEXT_ARGS(goal->goal),
                                 TEXT_ARGS(year_words(year, goal->goal))));
        html_close(h);
        put_status(year, goal);
        html_element(h, "td", year_number(year, s.n));
        html_element(h, "td",
                     s.n ? arena_printf(year->page->arena, "%.0f\u00a0%%",
                                        statistics_half_up(100 * s.share_4_5))
                         : TEXT("–"));
        put_evidence(year, goal);
        table_end_row(year->page);
}

/* Whether the goal has its line among those with ratings, or among all. */
static bool has_line(const struct web_year_goals *goal, bool rated)
{
        return !rated || statistics_of(goal->counts.at).n > 0;
}

void year_put_goals(const struct year *year, bool rated)
{
        struct page *page = year->page;
        bool any = false;
        for (size_t i = 0; i < year->goals.count; i++)
                any = any || has_line(&year->goals.row[i], rated);
        if (!any) {
                page_put(page, "p", PHRASE_results_none, NULL);
                return;
        }
        page_put(page, "p", PHRASE_year_rule,
                 PLACES({ "reached", TEXT("80") }, { "partly", TEXT("50") },
                        { "least", TEXT("10") }));
        table_begin(page, page_say(page, PHRASE_year_goals, NULL),
                    (const enum phrase[]){ PHRASE_year_goal, PHRASE_start_state,
                                           PHRASE_year_ratings, PHRASE_results_share,
                                           PHRASE_year_evidence, PHRASE_count });
        for (size_t i = 0; i < year->goals.count; i++)
                if (has_line(&year->goals.row[i], rated))
                        put_goal(year, &year->goals.row[i]);
        table_end(page);
}

static void put_all_goals(const struct year *year)
{
        year_put_goals(year, false);
}

/* The chart and table of questions; false: there are none. */
static bool put_asked(const struct year *year, const char *id, enum phrase title, bool survey)
{
        struct page *page = year->page;
        const struct web_year_questions_rows asked =
                web_year_questions(page->tx, year->year, year->edition.edition, survey);
        struct results_row *rows = arena_array(page->arena, asked.count, sizeof *rows);
        for (size_t i = 0; i < asked.count; i++)
                rows[i] =
                        (struct results_row){ { 0 },
                                              page_pick(page, asked.row[i].text_nb,
                                                        asked.row[i].text_nn, asked.row[i].text_en),
                                              asked.row[i].counts };
        if (asked.count > 0)
                results_put_bars(page, id, page_say(page, title, NULL), rows, asked.count);
        return asked.count > 0;
}

static void put_questions(const struct year *year)
{
        if (!put_asked(year, "questions", PHRASE_year_questions, false))
                page_put(year->page, "p", PHRASE_results_none, NULL);
}

static void put_survey(const struct year *year)
{
        const struct web_year_parties_rows parties =
                web_year_parties(year->page->tx, year->year, year->edition.edition);
        int64_t answered = 0;
        for (size_t i = 0; i < parties.count; i++)
                answered += text_equal(parties.row[i].status, TEXT("answered"));
        if (parties.count > 0)
                page_put(year->page, "p", PHRASE_year_survey_rate,
                         PLACES({ "answered", year_number(year, answered) },
                                { "parties", year_number(year, (int64_t)parties.count) }));
        if (!put_asked(year, "survey", PHRASE_year_survey, true))
                page_put(year->page, "p", PHRASE_year_survey_none, NULL);
}

/* How the numbers are made, and by what the edition is known. */
static void put_about(const struct year *year)
{
        struct page *page = year->page;
        page_put(page, "p", PHRASE_year_hidden, NULL);
        page_put(page, "p", PHRASE_year_seal,
                 PLACES({ "edition", year_number(year, year->edition.edition) },
                        { "day", page_day(page, day_at(year->edition.compiled_at, NULL, NULL)) }));
        html_open(page->html, "p");
        html_classed(page->html, "code", "seal", year->edition.sha256);
        html_close(page->html);
}

const struct year_chapter year_chapters[] = {
        { "summary", PHRASE_year_summary, put_summary },
        { "goals", PHRASE_year_goals, put_all_goals },
        { "networks", PHRASE_year_networks, year_put_networks },
        { "asked", PHRASE_year_questions, put_questions },
        { "taken", PHRASE_follow_heading, year_put_used },
        { "leaders", PHRASE_year_survey, put_survey },
        { "gaps", PHRASE_year_gaps, year_put_gaps },
        { "findings", PHRASE_year_findings, year_put_findings },
        { "dialogue", PHRASE_year_uses, year_put_uses },
        { "about", PHRASE_year_about, put_about },
        { 0 },
};
