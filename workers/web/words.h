/*
 * words: what people wrote in evaluations in their own words, for staff to read, release to the
 * pages of results, take back, and delete for good. Whose words a person may read and decide on is
 * the store's to say (evaluation.may_decide).
 */
#pragma once

#include "workers/web/page.h"

/* /staff/words, a list of the start page of staff: the tallies with words. */
void words_list(struct page *page, struct text caption);

/* GET and POST /staff/words/TALLY, and /staff/words/TALLY/ID that asks before it deletes. */
void words_show(struct page *page);
void words_take(struct page *page);
