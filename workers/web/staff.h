/*
 * staff: the pages for those who are signed in.
 */
#pragma once

#include "workers/web/page.h"

/* GET /staff */
void staff_show(struct page *page);
