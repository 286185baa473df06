/*
 * results_survey: the leader survey among the results: its name, its development from year to year
 * (R27, R78) and where to find it. Years are joined only where the same words were asked.
 */
#pragma once

#include "common/evaluation/report.h"
#include "workers/web/page.h"
#include "workers/web/results_sql.h"

/* The survey that the report is of, of several years the newest; NULL: it is of sessions. */
const struct web_shown_surveys *results_survey(const struct web_shown_surveys_rows *surveys,
                                               struct report_of of);

/* "Leader survey, 2027"; of several years its title alone. */
struct text results_survey_name(struct page *page, const struct web_shown_surveys *survey,
                                struct report_of of);

/* Each question from year to year. Needs two years. */
void results_put_years(struct page *page, const struct report *report);

/* Links to each survey's years, and to all of them together. */
void results_put_surveys(struct page *page);
