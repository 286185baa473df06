/*
 * start: what everybody may read: the plan of the year, and the accessibility statement.
 */
#pragma once

#include "workers/web/page.h"

/* Whose part of a plan; empty: of everybody. A municipality's has what is for its whole area. */
struct start_of {
        struct text body, municipality, area;
};

/* The year of the page: ?year=2027, which links to the other languages keep, else today's. */
int start_find_year(struct page *page);

/* A table of the year's plan. False: there is nothing in it. */
bool start_put_plan(struct page *page, struct text caption, int year, struct start_of of);

/* The words for a state in the plan; of one that is not known: it is planned alone. */
enum phrase start_find_state(struct text state);

void start_show(struct page *page);
void start_show_accessibility(struct page *page);
