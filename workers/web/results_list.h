/*
 * results_list: a session as results name it.
 */
#pragma once

#include "workers/web/page.h"
#include "workers/web/results_sql.h"

struct text results_title(const struct page *page, const struct web_held *row);
struct text results_network(const struct page *page, const struct web_held *row);

/* The words for what became of an evaluation, or of a follow-up. */
enum phrase results_standing(struct text standing, bool follow_up);

/* "N1-S1 Kom i gang med forbedring, 27.01.2027: for få har svart"; a link if results are shown. Of
 * the session, or of its follow-up. */
void results_put_session(struct page *page, const struct web_held *row, bool follow_up);
