/*
 * survey: which municipalities have answered (R76), for those who work in the centre; never
 * what.
 */
#pragma once

#include "workers/web/page.h"

/* GET /survey/SURVEY */
void survey_show(struct page *page);

/* The words for where a municipality is in a survey. */
enum phrase survey_words(struct text status);
