/*
 * worker_metrics: what the skeleton of a worker counts, as Prometheus is told it.
 */
#include "common/worker_batch.h"

/* clang-format off */
#define BATCHES "padriver_worker_batches_total", "counter", "Batches handled, by how they ended."
#define EVENTS  "padriver_worker_events_total", "counter", "Events handled, by how they ended."

static const struct metric table[] = {
        { BATCHES, "end", "whole", offsetof(struct worker_counts, batches) },
        { BATCHES, "end", "apart", offsetof(struct worker_counts, apart) },
        { BATCHES, "end", "fenced", offsetof(struct worker_counts, fenced) },
        { EVENTS, "end", "done", offsetof(struct worker_counts, done) },
        { EVENTS, "end", "parked", offsetof(struct worker_counts, parked) },
        { EVENTS, "end", "parked_behind", offsetof(struct worker_counts, waiting) },
        { EVENTS, "end", "retried", offsetof(struct worker_counts, retried) },
        { EVENTS, "end", "retried_in_vain", offsetof(struct worker_counts, retried_in_vain) },
        { "padriver_worker_held_back_total", "counter",
          "How often a partition could not go on and was put off.", NULL, NULL,
          offsetof(struct worker_counts, held_back) },
};
/* clang-format on */

void worker_metrics(const struct worker_counts *counts, struct metrics_page *page)
{
        metrics_table(page, table, sizeof table / sizeof *table, counts);
        metrics_histogram(page, "padriver_worker_batch_seconds",
                          "From a batch's arrival to its commit, handlers and store together.",
                          &counts->seconds);
}
