/*
 * tally: what a consumer of the measurement has seen, in a file that the driver (tests/bench/run)
 * maps too. The consumer alone counts; the driver zeroes all but .next between two measurements,
 * while nothing is on its way. Histogram: latencies in microseconds, 32 steps for each doubling, so
 * that a value is known to 3 %.
 */
#pragma once

#include <stdint.h>

enum { TALLY_STEPS = 32, TALLY_BUCKETS = TALLY_STEPS * 40 };

struct tally {
        int64_t next;     /* the number that the next event must bear; 0: any */
        int64_t seen;     /* events handed to the consumer */
        int64_t acked;    /* of these acknowledged */
        int64_t acked_at; /* when, in microseconds */
        int64_t missing;  /* numbers passed over */
        int64_t again;    /* events with a number that had been seen */
        int64_t bucket[TALLY_BUCKETS];
};

/* Maps the file of BENCH_TALLY, made by the driver; ends the program if it cannot. */
struct tally *tally_open(void);

/* Microseconds of a clock that all processes of the machine share. */
int64_t tally_now(void);

/* An event arrived at the time given. */
void tally_see(struct tally *tally, int64_t number, int64_t sent_at, int64_t now);

/* All that was seen is acknowledged. */
void tally_ack(struct tally *tally);
