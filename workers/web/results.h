/*
 * results: what participants said, as anybody may read it: of a session, a network, a year; as
 * charts, tables and CSV. What may be shown is decided by the store's views.
 */
#pragma once

#include "workers/web/page.h"

/* GET /results: which there are. */
void results_show_all(struct page *page);

/* GET /results/session/N1-S1, network/N1, network/N1/2027, year/2027; each with .csv; the same
 * below follow-up/, of what was taken into use. */
void results_show(struct page *page);
