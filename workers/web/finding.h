/*
 * finding: what a year's report shows that something should be done about, what is changed, and
 * what became of that (R80): as it stands today, with the forms that record it. Who may is the
 * store's to decide (evaluation.find_as, change_as, step_as).
 */
#pragma once

#include "workers/web/page.h"

/* GET and POST /staff/findings/YEAR: all of a year; a new finding. */
void finding_show_year(struct page *page);
void finding_take(struct page *page);

/* GET and POST /staff/finding/ID: one with its changes; a new change. */
void finding_show(struct page *page);
void finding_take_change(struct page *page);

/* GET and POST /staff/change/ID: one; what became of it. */
void finding_show_change(struct page *page);
void finding_take_step(struct page *page);
