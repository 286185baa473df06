/*
 * publishing: the loop of every publisher of the measurement, so that all systems are asked the
 * same. Orders come on standard input, one a line: "WINDOW RATE MILLISECONDS MOST GROUP"; each is
 * answered on standard output with "EVENTS BEGAN ENDED", times in microseconds. WINDOW: events
 * unconfirmed at most; RATE: events a second, 0 for as fast as the window allows; the order ends
 * after its time or with MOST events (0: no such end), when all are confirmed. GROUP: events handed
 * over at once at most, for systems that take many at a time.
 */
#pragma once

#include "tests/bench/tally.h"
#include <stddef.h>

enum {
        PROBE_SIZE = 300,    /* bytes of an event, key and body together */
        PROBE_FIRST = 65536, /* number of the first event */
};

/* An event as systems other than Pådriver carry it: 300 printable bytes, the first of them its key. */
#define PROBE_KEY  "bench-01"
#define PROBE_HEAD PROBE_KEY " %010" PRId64 " %016" PRId64 " "

struct publishing {
        void *context;

        /* Sends count events numbered from number, each step microseconds after the one before. It
         * may wait for their confirmation. */
        void (*send)(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step);

        /* Waits at most so long for a confirmation; returns how many events were confirmed. */
        int64_t (*receive)(void *context, int timeout_ms);
};

/* Takes orders until the end of standard input. */
int publishing_run(const struct publishing *publishing);

/* Writes an event of PROBE_SIZE bytes. */
void probe_write(char *bytes, int64_t number, int64_t sent_at);

/* Counts an event by the bytes behind its key; ends the program if they are none of ours. */
void probe_see(struct tally *tally, const char *bytes, size_t size, int64_t now);

/* Ends the program with a reason. */
_Noreturn void probe_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
