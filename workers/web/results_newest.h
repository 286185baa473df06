/*
 * results_newest: what was published last, for the start page.
 */
#pragma once

#include "workers/web/page.h"

/* A heading, and of each of the newest results who answered, the chart of some questions and the
 * way to the whole. Nothing where nothing is shown. */
void results_put_newest(struct page *page);
