/*
 * counts: what the web face counts of itself for Prometheus. Nothing of who asked for what.
 */
#pragma once

#include "common/metrics.h"

struct counts {
        int64_t answered[6]; /* by the status' hundreds */
        int64_t submissions, turns, failed;
        struct metrics_histogram seconds; /* of a turn's transaction */
};

void counts_answer(struct counts *counts, unsigned status);

/* Writes them if it is time to. file may be NULL. */
void counts_write(const struct counts *counts, struct metrics_file *file, int64_t monotonic_ms);
