/*
 * worker: the skeleton of a daemon that handles events. main is one table and one call; options,
 * settings, signals, readiness, watchdog, reconnects, batches, fencing, parking and shutdown live
 * in worker.c. A batch is one transaction { cursors move · effects · new events }; if it fails it
 * is run event by event, to find the poison, which is parked with its reason while other keys go
 * on.
 */
#pragma once

#include "common/service.h"
#include "common/tx.h"

/* What handlers and periodic work share beyond the tx; made before the first batch, may be NULL. */
struct worker;
struct metrics_page;

/* Work between batches, at least every .ms (monotonic): its own transactions on the worker's tx. */
struct every {
        int ms;
        void (*call)(struct worker *worker);
};

struct worker {
        const char *group;  /* also the database user padriver_GROUP and search path */
        const char *schema; /* the search path, where it is not called as the group */
        struct handlers on;
        struct every every[4]; /* after every batch too; .call NULL ends */
        /* Once connected to the store; false ends the program with 78. */
        bool (*start)(struct worker *worker);
        void (*stop)(struct worker *worker); /* before the end */
        /* Adds what the daemon counts itself (metrics.h). */
        void (*tell)(struct worker *worker, struct metrics_page *page);

        /* Filled in by worker_main. */
        struct service *service;
        struct db *db;
        struct tx *tx;
        void *own; /* the daemon's own things */
};

/* The worker behind a handler's tx: worker_of(tx)->own. */
struct worker *worker_of(const struct tx *tx);

int worker_main(int argc, char **argv, struct worker *worker);
