/*
 * survey: a row a municipality, with its state in words.
 */
#include "workers/web/survey.h"

#include "common/day.h"
#include "workers/web/survey_sql.h"
#include "workers/web/table.h"
#include "workers/web/ways.h"

enum phrase survey_words(struct text status)
{
        if (text_equal(status, TEXT("answered")))
                return PHRASE_survey_answered;
        return text_equal(status, TEXT("missing")) ? PHRASE_survey_not_answered
                                                   : PHRASE_survey_no_recipient;
}

void survey_show(struct page *page)
{
        struct web_survey survey;
        if (!web_survey(page->tx, page->argument, &survey)) {
                page_not_found(page);
                return;
        }
        const struct web_survey_status_rows rows =
                web_survey_status(page->tx, page->argument, page_today(page));
        const struct text title =
                page_pick(page, survey.title_nb, survey.title_nn, survey.title_en);
        page_begin(page, title);
        page_put(page, "p", PHRASE_evaluation_closes,
                 PLACES({ "day", page_day(page, day_at(survey.closes_at, NULL, NULL)) },
                        { "time", time_wall(page->arena, survey.closes_at, page->language) }));
        table_begin(page, title,
                    (const enum phrase[]){ PHRASE_survey_municipality, PHRASE_survey_state,
                                           PHRASE_count });
        for (size_t i = 0; i < rows.count; i++) {
                table_row(page);
                html_element(page->html, "td", rows.row[i].name);
                html_element(page->html, "td",
                             page_say(page, survey_words(rows.row[i].status), NULL));
                table_end_row(page);
        }
        table_end(page);
        if (survey.open)
                page_put_link(page, TEXT("/staff/open"), PHRASE_survey_open);
        else
                page_put_link(page, TEXT("/results"), PHRASE_results_all);
        ways_put_back(page);
        page_end(page);
}
