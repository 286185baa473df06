/*
 * results_survey: one course a question. A question that was worded anew begins a new line; each
 * wording stands beside its number.
 */
#include "workers/web/results_survey.h"

#include "workers/web/results_table.h"

const struct web_shown_surveys *results_survey(const struct web_shown_surveys_rows *surveys,
                                               struct report_of of)
{
        for (size_t i = 0; i < surveys->count; i++) {
                const struct web_shown_surveys *row = &surveys->row[i];
                if (of.session.at ? text_equal(row->survey, of.session)
                                  : of.network.at && text_equal(row->series, of.network))
                        return row;
        }
        return NULL;
}

static struct text say_number(struct page *page, int64_t number)
{
        return arena_printf(page->arena, "%lld", (long long)number);
}

/* A survey's title with its year. */
static struct text name_year(struct page *page, const struct web_shown_surveys *survey,
                             int64_t year)
{
        return page_say(page, PHRASE_survey_results,
                        PLACES({ "title", page_pick(page, survey->title_nb, survey->title_nn,
                                                    survey->title_en) },
                               { "year", say_number(page, year) }));
}

struct text results_survey_name(struct page *page, const struct web_shown_surveys *survey,
                                struct report_of of)
{
        if (of.session.at || of.year)
                return name_year(page, survey, of.session.at ? survey->year : of.year);
        return page_pick(page, survey->title_nb, survey->title_nn, survey->title_en);
}

/* The year in which it was asked. */
static struct text find_year(struct page *page, int64_t held_at)
{
        int year, month, date;
        day_split(day_at(held_at, NULL, NULL), &year, &month, &date);
        return say_number(page, year);
}

/* The newest words of a question; where it was worded anew, all of them stand in a list. */
static struct text put_wordings(struct page *page, const struct report *report,
                                struct text question, bool several)
{
        struct text words = question;
        if (several)
                html_open(page->html, "ul");
        for (size_t i = 0; i < report->questions.count; i++) {
                const struct report_questions *q = &report->questions.row[i];
                if (q->municipality.at || !text_equal(q->question, question))
                        continue;
                words = page_pick(page, q->text_nb, q->text_nn, q->text_en);
                if (several)
                        html_element(page->html, "li",
                                     page_say(page, PHRASE_results_wording,
                                              PLACES({ "goal", words },
                                                     { "number", say_number(page, q->version) })));
        }
        if (several)
                html_close(page->html);
        return words;
}

/* The course of the question that begins at the row; returns the row where the next one does. */
static size_t put_years_of(struct page *page, const struct report *report, size_t from)
{
        const struct report_course *row = report->course.row;
        const struct text question = row[from].question;
        struct results_point *points =
                arena_array(page->arena, report->course.count - from, sizeof *points);
        size_t next = from;
        for (; next < report->course.count && text_equal(row[next].question, question); next++)
                points[next - from] = (struct results_point){ find_year(page, row[next].held_at),
                                                              row[next].version, row[next].counts };
        const struct text words =
                put_wordings(page, report, question, row[from].version != row[next - 1].version);
        results_put_course(page, arena_printf(page->arena, "years%zu", from).at,
                           page_say(page, PHRASE_survey_course_of, PLACES({ "goal", words })), true,
                           points, next - from);
        return next;
}

void results_put_years(struct page *page, const struct report *report)
{
        if (report->tallies.count < 2)
                return;
        html_classed(page->html, "h2", "ds-heading", page_say(page, PHRASE_survey_course, NULL));
        for (size_t i = 0; i < report->course.count;)
                i = report->course.row[i].question.at ? put_years_of(page, report, i) : i + 1;
}

void results_put_surveys(struct page *page)
{
        const struct web_shown_surveys_rows surveys = web_shown_surveys(page->tx);
        struct html *h = page->html;
        for (size_t i = 0; i < surveys.count; i++) {
                const struct web_shown_surveys *row = &surveys.row[i];
                if (i == 0 || !text_equal(row->series, row[-1].series)) {
                        html_open(h, "h2");
                        html_set(h, "class", TEXT("ds-heading"));
                        html_link(h,
                                  arena_printf(page->arena, "/results/network/%.*s",
                                               TEXT_ARGS(row->series)),
                                  page_pick(page, row->title_nb, row->title_nn, row->title_en));
                        html_close(h);
                        html_open(h, "ul");
                }
                html_open(h, "li");
                html_link(
                        h,
                        arena_printf(page->arena, "/results/session/%.*s", TEXT_ARGS(row->survey)),
                        name_year(page, row, row->year));
                html_close(h);
                if (i + 1 == surveys.count || !text_equal(row->series, row[1].series))
                        html_close(h);
        }
}
