/*
 * rate: see the header. A bucket lies within a few places of where its peer's hash points.
 */
#include "broker/rate.h"
#include "broker/address.h"
#include "broker/entry.h"
#include "common/log.h"
#include <stdio.h>
#include <stdlib.h>

enum {
        PROBES = 16,
        MS = 1000000, /* in ns */
        SECOND = 1000 * MS,
};

struct bucket {
        char who[WHO_MOST]; /* empty: nobody's */
        int64_t spent;      /* ns: the moment up to which its peer has spent */
};

struct rates {
        int64_t per_second;
        struct bucket buckets[RATE_PEERS];
};

struct rates *rates_new(int64_t per_second)
{
        struct rates *rates = calloc(1, sizeof *rates);
        if (!rates) {
                panic("out of memory");
        }
        rates->per_second = per_second;
        return rates;
}

void rates_destroy(struct rates **rates)
{
        free(*rates);
        *rates = NULL;
}

/* The peer's bucket: its own, else one that is full, else one that it shares. */
static struct bucket *find_bucket(struct rates *rates, struct text who, int64_t full)
{
        uint32_t hash = entry_hash(who);
        struct bucket *found = NULL;
        for (uint32_t i = 0; i < PROBES; i++) {
                struct bucket *bucket = &rates->buckets[(hash + i) % RATE_PEERS];
                if (text_equal(text_of(bucket->who), who)) {
                        return bucket;
                }
                if (!found && (!*bucket->who || bucket->spent <= full)) {
                        found = bucket;
                }
        }
        if (!found) {
                return &rates->buckets[hash % RATE_PEERS];
        }
        snprintf(found->who, sizeof found->who, "%.*s", TEXT_ARGS(who));
        found->spent = full;
        return found;
}

int64_t rates_take(struct rates *rates, struct text who, size_t bytes, int64_t now)
{
        if (rates->per_second == 0) {
                return 0;
        }
        int64_t full = now * MS - SECOND;
        struct bucket *bucket = find_bucket(rates, who, full);
        if (bucket->spent > now * MS) {
                return (bucket->spent - now * MS + MS - 1) / MS;
        }
        int64_t cost = bytes > RATE_LEAST ? (int64_t)bytes : RATE_LEAST;
        bucket->spent =
                (bucket->spent > full ? bucket->spent : full) + cost * SECOND / rates->per_second;
        return 0;
}
