/*
 * start: what everybody may read: the plan of the year, and the accessibility statement.
 */
#pragma once

#include "workers/web/page.h"

void start_show(struct page *page);
void start_show_accessibility(struct page *page);
