/*
 * counts: what the broker counts since its start, ++ where it happens, and how it is told
 * (common/metrics.h). Refusals are counted by code in peer.c.
 */
#pragma once

#include <stdint.h>

struct broker;

struct counts {
        int64_t batches, delivered, pages, later; /* to and from workers */
        int64_t messages, events, calls,
                failed_calls;  /* from publishers; failed: to be asked again */
        int64_t fired, lapsed; /* timers */
        int64_t gone;          /* workers given up */
        int64_t over;          /* messages over their sender's rate */
};

/* Writes them when it is time. */
void counts_turn(struct broker *broker, int64_t now);
