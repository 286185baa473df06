/*
 * sender: a worker that sends letters between its batches, one queue in its own. The table of such
 * a daemon says: .every = { { SENDER_MS, sender_turn } }, .stop = sender_stop, and a .start that
 * calls sender_start.
 */
#pragma once

#include "common/mail/queue.h"
#include "common/worker.h"

enum { SENDER_MS = 1000 };

/* Opens the queue of that name (its schema); looks more often where the clock is simulated, so that
 * a whole year runs in seconds. False: said what is missing. */
bool sender_start(struct worker *worker, const char *name, queue_compose *compose_letter);

/* How many letters ended how; for the table's .tell. */
void sender_tell(struct worker *worker, struct metrics_page *page);

/* Sends what is due. */
void sender_turn(struct worker *worker);
void sender_stop(struct worker *worker);
