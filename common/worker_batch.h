/*
 * worker_batch: how a worker handles what it was given: a batch in one transaction that moves the
 * cursors first; a batch that fails, event by event, to find the poison; parked events that a
 * person wants retried. Where handlers asked nothing of the store the move of the cursor is owed:
 * it rides on the next transaction, or batch_flush commits it. Invariants: all that is handled
 * beyond the committed cursor had no effect, so to be given it again does no harm; a stretch that
 * does not begin where we have come to is old news. The talk with the broker is in worker.c.
 * Internal to the skeleton.
 */
#pragma once

#include "common/metrics.h"
#include "common/wire.h"
#include "common/worker.h"

/* How it ended for the worker. */
enum batch_end {
        BATCH_DONE,   /* go on; partitions that could not are in .held_back */
        BATCH_FENCED, /* another worker has a partition: drop all and ask again */
        BATCH_EXIT,   /* our own fault (logged): end, so that the service manager starts us anew */
};

/* What the skeleton counts since its start (worker_metrics.c says what each is). */
struct worker_counts {
        int64_t batches, apart, fenced, held_back;
        int64_t done, parked, waiting, retried, retried_in_vain;
        struct metrics_histogram seconds; /* of a batch, handlers and commit */
};

/* Adds them to the page. */
void worker_metrics(const struct worker_counts *counts, struct metrics_page *page);

/* A partition that is held, as worker.c was given it. */
struct hold {
        int64_t part;
        int64_t handled;   /* every event up to this position is behind it */
        int64_t committed; /* as the store has it: behind, if the move is owed */
        int64_t told;      /* as the broker was told */
};

struct batch {
        struct worker *worker;
        struct arena *arena; /* lives until the batch is answered */
        struct hold *hold;
        size_t hold_count;
        int64_t session; /* of the store, in which the partitions were asked for */
        bool owed;       /* a move of a cursor is to be committed by and by */
        size_t waiting;  /* of the transaction's events, how many were parked behind others */
        struct worker_counts counts;
        bool parked;      /* something of the group may be parked: worker.c sets it with new
                             partitions, each advance tells anew; others park none of ours */
        char reason[200]; /* why the last partition was held back */
        void (*pulse)(void *context); /* called between events: beats go on */
        void *context;
};

/* NULL if it is not held. */
struct hold *batch_hold(struct batch *batch, int64_t part);

/*
 * Handles what of the message begins at our cursors. *held_back lists the cursors of the partitions
 * that cannot go on now (in the arena).
 */
enum batch_end batch_run(struct batch *batch, const struct wire_batch *message,
                         struct list *held_back);

/* Commits what is owed. It is owed still if the world is in the way: try again after a while. */
enum batch_end batch_flush(struct batch *batch);

/*
 * Retries one parked event that a person marked, in its own transaction, fenced like any other.
 * *more: there was one, and it is dealt with.
 */
enum batch_end batch_retry(struct batch *batch, bool *more);
