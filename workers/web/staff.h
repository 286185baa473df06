/*
 * staff: the start page of who is signed in: what needs a person, each line a link to the page that
 * lists its cause. Those who do not work at the centre are shown the ways to what they may read.
 */
#pragma once

#include "workers/web/page.h"

/* GET /staff */
void staff_show(struct page *page);

/* GET /staff/WHAT: the list behind a line. */
void staff_show_list(struct page *page);
