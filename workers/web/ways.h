/*
 * ways: what a person's roles give to read (web.sights says which), as links on the start page of
 * staff, and the way back to it.
 */
#pragma once

#include "workers/web/page.h"

/* What the start page is called: "For staff", or to others "Pages for you". */
struct text ways_title(const struct page *page);

/* The list of links. */
void ways_put(struct page *page);

/* The link back, at a page's end. */
void ways_put_back(struct page *page);
