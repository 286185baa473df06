/*
 * pack: what a dialogue meeting takes of a year's report (R81): its municipalities, what was found
 * and changed, questions to discuss; and what it has recorded. Only figures that are published.
 */
#pragma once

#include "workers/web/page.h"

/* GET /pack/2027/DM1; POST: how the meeting used the report, by who writes in its area. */
void pack_show(struct page *page);
void pack_take(struct page *page);
