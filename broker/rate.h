/*
 * rate: how much each peer may send in a second, by who it is (clients.h) however many connections
 * it has: a bucket that holds a second's worth and fills steadily. Pure: no clock of its own. What
 * is kept of a bucket is the moment up to which its peer has spent; one that lies a second back is
 * full, and as good as none, so the table is bounded and forgets by itself.
 */
#pragma once

#include "common/text.h"
#include <stdint.h>

enum {
        RATE_LEAST = 256,  /* bytes that any message counts as: small ones cost, too */
        RATE_PEERS = 2048, /* that are known at a time: more share buckets */
};

struct rates;

/* Bytes a second; 0: no limit. */
struct rates *rates_new(int64_t per_second);
void rates_destroy(struct rates **rates);

/*
 * Takes so many bytes out of who's bucket; one that holds anything may be overdrawn, so that no
 * message is too large. 0: taken; else nothing was, and how many ms to wait. now: monotonic ms.
 */
int64_t rates_take(struct rates *rates, struct text who, size_t bytes, int64_t now);
