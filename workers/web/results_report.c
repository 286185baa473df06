/*
 * results_report: names come from the sessions that were held and the surveys that are shown;
 * numbers are the report's, and nothing is added to them.
 */
#include "workers/web/results_report.h"

#include "workers/web/results_survey.h"

void results_init(struct results *r, struct page *page)
{
        *r = (struct results){ .page = page,
                               .held = web_held(page->tx),
                               .municipalities = web_municipalities(page->tx),
                               .surveys = web_shown_surveys(page->tx) };
}

bool results_read(struct results *r, struct report_of of)
{
        r->survey = results_survey(&r->surveys, of);
        return report_read(r->page->tx, of, &r->report);
}

bool results_read_questions(struct results *r, struct report_of of)
{
        r->survey = results_survey(&r->surveys, of);
        return report_read_questions(r->page->tx, of, &r->report);
}

struct text results_name(const struct results *r)
{
        const struct report_of *of = &r->report.of;
        struct text name = r->report.subject;
        if (r->survey)
                return results_survey_name(r->page, r->survey, *of);
        for (size_t i = 0; i < r->held.count; i++) {
                const struct web_held *row = &r->held.row[i];
                if (of->session.at && text_equal(row->meeting, of->session))
                        return results_title(r->page, row);
                if (of->network.at && text_equal(row->network, of->network))
                        name = results_network(r->page, row);
        }
        return of->network.at && of->year ? arena_printf(r->page->arena, "%.*s, %lld",
                                                         TEXT_ARGS(name), (long long)of->year)
                                          : name;
}

void results_put_network(const struct results *r)
{
        struct html *h = r->page->html;
        for (size_t i = 0; i < r->held.count; i++) {
                const struct web_held *row = &r->held.row[i];
                if (!r->report.of.session.at || !text_equal(row->meeting, r->report.of.session))
                        continue;
                html_open(h, "p");
                html_link(h,
                          arena_printf(r->page->arena, "/results/network/%.*s",
                                       TEXT_ARGS(row->network)),
                          results_network(r->page, row));
                html_say(h, arena_printf(r->page->arena, ", %.*s",
                                         TEXT_ARGS(page_day(r->page,
                                                            day_at(row->held_at, NULL, NULL)))));
                html_close(h);
        }
}

void results_put_answered(const struct results *r)
{
        struct page *page = r->page;
        const struct report *report = &r->report;
        const double share =
                report->invited ? 100.0 * (double)report->answered / (double)report->invited : 0;
        const struct place *places = PLACES(
                { "answered", arena_printf(page->arena, "%lld", (long long)report->answered) },
                { "invited", arena_printf(page->arena, "%lld", (long long)report->invited) },
                { "share", arena_printf(page->arena, "%.0f", share) });
        page_put(page, "p", PHRASE_results_answered, places);
        if (statistics_are_weak(report->invited, report->answered))
                html_classed(page->html, "p", "warning", page_say(page, PHRASE_results_weak, NULL));
        for (size_t i = 0; i < report->tallies.count; i++) {
                const struct text_array sessions = report->tallies.row[i].sessions;
                struct text names = { 0 };
                for (size_t n = 0; n < sessions.count; n++)
                        names = arena_printf(page->arena, "%.*s%s%.*s", TEXT_ARGS(names),
                                             n ? ", " : "", TEXT_ARGS(sessions.at[n]));
                if (sessions.count > 1)
                        page_put(page, "p", PHRASE_results_together, PLACES({ "sessions", names }));
        }
}

/* A goal's words, with the number of its wording where there are several. */
static struct text name_goal(const struct results *r, const struct report_goals *goal)
{
        struct page *page = r->page;
        const struct text words = page_pick(page, goal->text_nb, goal->text_nn, goal->text_en);
        bool several = goal->edition > 1;
        for (size_t i = 0; i < r->report.goals.count; i++)
                several = several || (text_equal(r->report.goals.row[i].goal, goal->goal) &&
                                      r->report.goals.row[i].edition != goal->edition);
        if (!several)
                return words;
        return page_say(
                page, PHRASE_results_wording,
                PLACES({ "goal", words },
                       { "number", arena_printf(page->arena, "%lld", (long long)goal->edition) }));
}

/* What a municipality is called; of none: the others together. */
static struct text name_municipality(const struct results *r, struct text municipality)
{
        for (size_t i = 0; municipality.at && i < r->municipalities.count; i++)
                if (text_equal(r->municipalities.row[i].municipality, municipality))
                        return r->municipalities.row[i].name;
        return page_say(r->page, PHRASE_results_others, NULL);
}

size_t results_goals(const struct results *r, bool by_municipality, struct results_row *rows)
{
        size_t count = 0;
        for (size_t i = 0; i < r->report.goals.count; i++) {
                const struct report_goals *g = &r->report.goals.row[i];
                if ((g->municipality.at != NULL) != by_municipality)
                        continue;
                rows[count++] = (struct results_row){ name_municipality(r, g->municipality),
                                                      name_goal(r, g), g->counts };
        }
        return count;
}

size_t results_questions(const struct results *r, struct results_row *rows)
{
        size_t count = 0;
        for (size_t i = 0; i < r->report.questions.count; i++) {
                const struct report_questions *q = &r->report.questions.row[i];
                if (!q->municipality.at)
                        rows[count++] = (struct results_row){ { 0 },
                                                              page_pick(r->page, q->text_nb,
                                                                        q->text_nn, q->text_en),
                                                              q->counts };
        }
        return count;
}
