/*
 * pack: what a dialogue meeting takes of a year's report (R81): its municipalities, what was found
 * and changed, questions to discuss; and what it has recorded. Only figures that are published.
 */
#pragma once

#include "workers/web/page.h"

/* GET /pack/2027/DM1 */
void pack_show(struct page *page);
