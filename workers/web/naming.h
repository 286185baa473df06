/*
 * naming: what the codes of rules, events, groups and reasons mean to who coordinates. What has no
 * words here is shown as its code, which stands beside the words in small print, too: it is what an
 * operator looks for.
 */
#pragma once

#include "workers/web/page.h"

struct text naming_rule(const struct page *page, struct text rule);
struct text naming_event(const struct page *page, int64_t type);
struct text naming_group(const struct page *page, struct text group);

/* Of a reason, the words; the reason itself if there are none. */
struct text naming_reason(const struct page *page, struct text reason);

/* A cell, and within any element: the words, with the code below. */
void naming_cell(struct page *page, struct text words, struct text code);
void naming_put(struct page *page, struct text words, struct text code);
