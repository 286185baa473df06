/*
 * results: reads a report (common/evaluation/report.h) and the sessions' names, and puts them on
 * the page: who answered, what is left out, goals, questions, development, municipalities, and by
 * itself what was taken into use months later.
 */
#include "workers/web/results.h"

#include "workers/web/results_report.h"
#include "workers/web/results_survey.h"

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

/* Goals and questions as charts with their tables. */
static void put_bars(const struct results *r)
{
        struct page *page = r->page;
        const size_t most = r->report.goals.count + r->report.questions.count;
        struct results_row *rows = arena_array(page->arena, most, sizeof *rows);
        const struct text goals = page_say(page, PHRASE_results_goals, NULL);
        const struct text questions = page_say(page, PHRASE_results_questions, NULL);
        size_t count = results_goals(r, false, rows);
        html_classed(page->html, "h2", "ds-heading", goals);
        page_put(page, "p", PHRASE_results_goals_read, NULL);
        results_put_bars(page, "goals", goals, rows, count);
        count = results_questions(r, rows);
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
        const size_t count = results_goals(r, true, rows);
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
        results_put_answered(&later);
        results_put_bars(page, "used", heading, rows, results_questions(&later, rows));
        put_way(r, "follow-up/", "", PHRASE_follow_more);
}

/* The whole page of a report. */
static void put_report(const struct results *r)
{
        struct page *page = r->page;
        const bool follow_up = r->report.of.follow_up;
        page_begin(page, page_say(page, follow_up ? PHRASE_follow_title : PHRASE_results_title,
                                  PLACES({ "of", results_name(r) })));
        results_put_network(r);
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
        results_put_answered(r);
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
        struct results r;
        struct report_of of;
        struct text path;
        bool csv;
        if (!read_path(page->argument, &of, &path, &csv)) {
                page_not_found(page);
                return;
        }
        results_init(&r, page);
        r.path = path;
        if (!results_read(&r, of)) {
                page_not_found(page);
                return;
        }
        if (csv)
                page_give(page, TEXT("evaluering.csv"),
                          report_csv(page->arena, &r.report, page->language));
        else
                put_report(&r);
}
