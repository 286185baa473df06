/*
 * results: reads a report (common/evaluation/report.h) and the sessions' names, and puts them on
 * the page: who answered, what is left out, goals, questions, development, municipalities, and by
 * itself what was taken into use months later.
 */
#include "workers/web/results.h"

#include "common/evaluation/report.h"
#include "workers/web/results_list.h"
#include "workers/web/results_survey.h"
#include "workers/web/results_table.h"

/* What the pages of results share. */
struct results {
        struct page *page;
        struct report report;
        struct web_held_rows held;
        struct web_municipalities_rows municipalities;
        const struct web_shown_surveys *survey; /* NULL: it is of sessions */
        struct text path;                       /* of the report, below /results/ */
};

/* "session/N1-S1", "network/N1", "network/N1/2027", "year/2027"; false: none. */
static bool read_subject(struct text path, struct report_of *of)
{
        const struct text kind = text_cut(&path, '/');
        const struct text name = text_cut(&path, '/');
        if (!text_is_code(name) || name.size > 40)
                return false;
        if (text_equal(kind, TEXT("session")))
                of->session = name;
        else if (text_equal(kind, TEXT("network")))
                of->network = name;
        else if (!text_equal(kind, TEXT("year")) || path.at)
                return false;
        if (of->session.at)
                return !path.at;
        const struct text year = of->network.at ? path : name;
        return !year.at || (text_to_int(year, &of->year) && of->year >= 2000 && of->year < 2200);
}

/* The same, all with .csv, and all below follow-up/; *subject is what stands between. */
static bool read_path(struct text path, struct report_of *of, struct text *subject, bool *csv)
{
        static const struct text ending = { ".csv", 4 }, follow_up = { "follow-up/", 10 };
        *of = (struct report_of){ .follow_up = text_starts(path, follow_up) };
        *csv = path.size > ending.size &&
               memcmp(path.at + path.size - ending.size, ending.at, ending.size) == 0;
        path.size -= *csv ? ending.size : 0;
        path.at += of->follow_up ? follow_up.size : 0;
        path.size -= of->follow_up ? follow_up.size : 0;
        *subject = path;
        return read_subject(path, of);
}

/* What the report is called: a session's title, a network's or a survey's name, a year. */
static struct text find_name(const struct results *r)
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

/* Of a session: its network and its day. */
static void put_session(const struct results *r)
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

/* Of a network: a link to each session that the numbers are of. */
static void put_sessions(const struct results *r)
{
        const struct report_of *of = &r->report.of;
        bool any = false;
        for (size_t i = 0; i < r->held.count; i++) {
                const struct web_held *row = &r->held.row[i];
                if (!of->network.at || of->follow_up || !text_equal(row->network, of->network) ||
                    (of->year && of->year != row->year) ||
                    !text_equal(row->standing, TEXT("shown")))
                        continue;
                if (!any) {
                        html_classed(r->page->html, "h2", "ds-heading",
                                     page_say(r->page, PHRASE_results_sessions, NULL));
                        html_open(r->page->html, "ul");
                }
                any = true;
                results_put_session(r->page, row, false);
        }
        if (any)
                html_close(r->page->html);
}

/* Who answered, with the warning; of a session whose answers were too few alone, with which. */
static void put_answered(const struct results *r)
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

/* Whether a session is of the report, but in none of its numbers. */
static bool is_left_out(const struct results *r, const struct web_held *row)
{
        const struct report_of *of = &r->report.of;
        return !of->session.at &&
               !text_equal(of->follow_up ? row->follow_up : row->standing, TEXT("shown")) &&
               (!of->network.at || text_equal(of->network, row->network)) &&
               (!of->year || of->year == row->year);
}

static void put_left_out(const struct results *r)
{
        struct page *page = r->page;
        const bool follow_up = r->report.of.follow_up;
        bool any = false;
        for (size_t i = 0; i < r->held.count; i++) {
                if (!is_left_out(r, &r->held.row[i]))
                        continue;
                if (!any) {
                        html_classed(page->html, "h2", "ds-heading",
                                     page_say(page,
                                              follow_up ? PHRASE_follow_left_out
                                                        : PHRASE_results_left_out,
                                              NULL));
                        html_open(page->html, "ul");
                }
                any = true;
                results_put_session(page, &r->held.row[i], follow_up);
        }
        if (any)
                html_close(page->html);
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

/* Goals of all, or by municipality. */
static size_t find_goals(const struct results *r, bool by_municipality, struct results_row *rows)
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

static size_t find_questions(const struct results *r, struct results_row *rows)
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

/* Goals and questions as charts with their tables. */
static void put_bars(const struct results *r)
{
        struct page *page = r->page;
        const size_t most = r->report.goals.count + r->report.questions.count;
        struct results_row *rows = arena_array(page->arena, most, sizeof *rows);
        const struct text goals = page_say(page, PHRASE_results_goals, NULL);
        const struct text questions = page_say(page, PHRASE_results_questions, NULL);
        size_t count = find_goals(r, false, rows);
        html_classed(page->html, "h2", "ds-heading", goals);
        page_put(page, "p", PHRASE_results_goals_read, NULL);
        results_put_bars(page, "goals", goals, rows, count);
        count = find_questions(r, rows);
        html_classed(page->html, "h2", "ds-heading", questions);
        results_put_bars(page, "questions", questions, rows, count);
}

/* The course of one goal, from the row where it begins; returns the row where the next one does. */
static size_t put_course_of(const struct results *r, size_t from)
{
        struct page *page = r->page;
        const struct report_course_rows *course = &r->report.course;
        const struct text goal = course->row[from].goal;
        struct results_point *points =
                arena_array(page->arena, course->count - from, sizeof *points);
        struct text words = goal;
        size_t next = from;
        for (; next < course->count && !course->row[next].question.at &&
               text_equal(course->row[next].goal, goal);
             next++)
                points[next - from] =
                        (struct results_point){ course->row[next].tally, course->row[next].version,
                                                course->row[next].counts };
        for (size_t i = 0; i < r->report.goals.count; i++) {
                const struct report_goals *g = &r->report.goals.row[i];
                if (text_equal(g->goal, goal))
                        words = page_pick(page, g->text_nb, g->text_nn, g->text_en);
        }
        results_put_course(page, arena_printf(page->arena, "course%zu", from).at,
                           page_say(page, PHRASE_results_course_of, PLACES({ "goal", words })),
                           false, points, next - from);
        return next;
}

/* Development: of sessions goals alone, and each question's is in the CSV; of surveys questions. */
static void put_course(const struct results *r)
{
        const struct report_course_rows *course = &r->report.course;
        if (r->survey)
                results_put_years(r->page, &r->report);
        if (r->survey || r->report.tallies.count < 2 || !r->report.of.network.at)
                return;
        html_classed(r->page->html, "h2", "ds-heading",
                     page_say(r->page, PHRASE_results_course, NULL));
        for (size_t i = 0; i < course->count && !course->row[i].question.at;)
                i = put_course_of(r, i);
}

/* By municipality, where the mode says whose an answer is. */
static void put_municipalities(const struct results *r)
{
        struct page *page = r->page;
        struct results_row *rows = arena_array(page->arena, r->report.goals.count, sizeof *rows);
        const struct text caption = page_say(page, PHRASE_results_municipalities, NULL);
        const size_t count = find_goals(r, true, rows);
        bool any = false;
        for (size_t i = 0; i < r->report.goals.count; i++)
                any = any || r->report.goals.row[i].municipality.size > 0;
        if (!any)
                return;
        html_classed(page->html, "h2", "ds-heading", caption);
        results_put_municipalities(page, caption, rows, count);
}

/* Of a session: what participants wrote, question by question. */
static void put_words(const struct results *r)
{
        struct html *h = r->page->html;
        if (!r->report.of.session.at)
                return;
        struct text subject;
        const struct text scope = report_scope(r->page->arena, r->report.of, &subject);
        const struct web_quoted_rows rows = web_quoted(r->page->tx, scope, subject);
        if (rows.count > 0)
                html_classed(h, "h2", "ds-heading",
                             page_say(r->page,
                                      r->survey ? PHRASE_survey_words : PHRASE_results_words,
                                      NULL));
        for (size_t i = 0; i < rows.count; i++) {
                const struct web_quoted *row = &rows.row[i];
                const struct text asked =
                        page_pick(r->page, row->text_nb, row->text_nn, row->text_en);
                if (i == 0 || !text_equal(row->question, rows.row[i - 1].question)) {
                        html_classed(h, "h3", "ds-heading", asked);
                        html_open(h, "ul");
                }
                html_element(h, "li", row->words);
                if (i + 1 == rows.count || !text_equal(row->question, rows.row[i + 1].question))
                        html_close(h);
        }
}

/* The way to another page of results. */
static void put_way(const struct results *r, const char *before, const char *after,
                    enum phrase words)
{
        struct page *page = r->page;
        html_open(page->html, "p");
        html_link(page->html,
                  arena_printf(page->arena, "/results/%s%.*s%s", before, TEXT_ARGS(r->path), after),
                  page_say(page, words, NULL));
        html_close(page->html);
}

/* Beside what was said after the sessions: what was taken into use since, by itself. */
static void put_follow_up(const struct results *r)
{
        struct page *page = r->page;
        struct results later = *r;
        struct report_of of = r->report.of;
        of.follow_up = true;
        if (r->report.of.follow_up || !report_read(page->tx, of, &later.report) ||
            later.report.tallies.count == 0)
                return;
        const struct text heading = page_say(page, PHRASE_follow_heading, NULL);
        struct results_row *rows =
                arena_array(page->arena, later.report.questions.count, sizeof *rows);
        html_classed(page->html, "h2", "ds-heading", heading);
        page_put(page, "p", PHRASE_follow_lead, NULL);
        put_answered(&later);
        results_put_bars(page, "used", heading, rows, find_questions(&later, rows));
        put_way(r, "follow-up/", "", PHRASE_follow_more);
}

/* The whole page of a report. */
static void put_report(const struct results *r)
{
        struct page *page = r->page;
        const bool follow_up = r->report.of.follow_up;
        page_begin(page, page_say(page, follow_up ? PHRASE_follow_title : PHRASE_results_title,
                                  PLACES({ "of", find_name(r) })));
        put_session(r);
        if (follow_up)
                page_put(page, "p", PHRASE_follow_lead, NULL);
        if (r->report.tallies.count == 0) {
                page_put(page, "p", PHRASE_results_none, NULL);
                put_left_out(r);
                put_follow_up(r);
                page_put_link(page, TEXT("/results"), PHRASE_results_all);
                page_end(page);
                return;
        }
        put_answered(r);
        put_sessions(r);
        put_left_out(r);
        put_bars(r);
        put_words(r);
        put_course(r);
        put_municipalities(r);
        put_follow_up(r);
        put_way(r, follow_up ? "follow-up/" : "", ".csv", PHRASE_results_file);
        if (follow_up)
                put_way(r, "", "", PHRASE_follow_back);
        page_put_link(page, TEXT("/results"), PHRASE_results_all);
        page_end(page);
}

void results_show(struct page *page)
{
        struct results r = { .page = page };
        struct report_of of;
        bool csv;
        if (!read_path(page->argument, &of, &r.path, &csv) ||
            !report_read(page->tx, of, &r.report)) {
                page_not_found(page);
                return;
        }
        r.held = web_held(page->tx);
        r.municipalities = web_municipalities(page->tx);
        const struct web_shown_surveys_rows surveys = web_shown_surveys(page->tx);
        r.survey = results_survey(&surveys, of);
        if (csv)
                page_give(page, TEXT("evaluering.csv"),
                          report_csv(page->arena, &r.report, page->language));
        else
                put_report(&r);
}
