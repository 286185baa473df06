/*
 * body: what a body of the centre does, for its members and for those who run the centre: its
 * meetings, what it decided (R20), who sits in it and which seats are empty (R45).
 */
#pragma once

#include "workers/web/page.h"

/* GET /staff/body/SG */
void body_show(struct page *page);
