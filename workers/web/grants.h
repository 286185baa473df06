/*
 * grants: what the funders award, what came of it, and how it was shared among the areas, for those
 * who run the centre and for the steering group, which decides it (R20).
 */
#pragma once

#include "workers/web/page.h"

/* GET /staff/grants */
void grants_show(struct page *page);
