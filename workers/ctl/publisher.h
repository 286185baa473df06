/*
 * publisher: a publisher's talk with the broker (schemas/wire.def): HELLO, then PUBLISH, answered
 * or asked again with the same number. Only a numbered source is asked again: an unnumbered message
 * could be taken twice.
 */
#pragma once

#include "common/wire.h"
#include "workers/ctl/ctl.h"

struct publisher {
        struct ctl *ctl;
        struct text source; /* empty: not numbered */
        int64_t next; /* the number of the next event; set by publisher_open to the last one + 1 */
        int64_t wait_ms;  /* how long to wait for an answer */
        char reason[400]; /* why it failed, for a person */
};

/* Opens the talk. Else the exit code; reason is set. */
int publisher_open(struct publisher *publisher);

/*
 * Sends the events in one message and waits until they are on disk; moves next. Else the exit code:
 * EXIT_BAD_DATA or EXIT_REFUSED as the broker says, EXIT_DOWN after silence; reason is set. What
 * answer points to lives in the arena.
 */
int publisher_send(struct publisher *publisher, const struct wire_news *events, size_t count,
                   struct arena *arena, struct wire_accepted *answer);
