/*
 * submission: answers to evaluations. What participants send in one turn of the loop is one
 * transaction together; while it commits, the next ones wait in their sockets. An anonymous answer
 * is sealed here, before the store sees it, and its event names nobody: no actor, no cause, and the
 * day for a time.
 */
#pragma once

#include "workers/web/page.h"

struct submissions *submissions_new(struct web *web);
void submissions_destroy(struct submissions **submissions);

/* POST /e/LINK: holds the request until the turn ends. */
void submission_take(struct page *page);

/* Stores what was taken, and answers. */
void submissions_turn(struct submissions *submissions);
