/*
 * submission: answers to evaluations. What participants send is written in few transactions, one in
 * flight; while the store commits it, the next ones are judged and sealed. An anonymous answer is
 * sealed here, before the store sees it, and its event names nobody: no actor, no cause, and the
 * day for a time. Nobody is thanked before the commit.
 */
#pragma once

#include "workers/web/page.h"

/* deadline_ms: how long the store may take to answer. */
struct submissions *submissions_new(struct web *web, int deadline_ms);
void submissions_destroy(struct submissions **submissions);

/* POST /e/LINK: holds the request until the answer is stored, or refused. */
void submission_take(struct page *page);

/* Takes in what the store said, judges what was taken, sends off what is ready. */
void submissions_turn(struct submissions *submissions);

/* Waits until all that was taken is answered. */
void submissions_finish(struct submissions *submissions);

/* For poll: the store's socket while something is in flight, or -1; and whether to wait until it
 * takes more (POLLOUT). */
int submissions_socket(const struct submissions *submissions, bool *unsent);
