/*
 * limit: counters by a keyed hash, so that nobody can choose what shares a counter with what. A new
 * minute begins with new counters and a new key.
 */
#include "workers/web/limit.h"

#include <sodium.h>
#include <string.h>

enum { MINUTE_MS = 60000, MOST = 255 };

_Static_assert(crypto_shorthash_KEYBYTES == 16, "the key fits the hash");

/* The thing's counter. */
static unsigned char *find(struct limit *limit, struct text thing)
{
        unsigned char hash[crypto_shorthash_BYTES];
        uint64_t number;
        crypto_shorthash(hash, (const unsigned char *)(thing.at ? thing.at : ""), thing.size,
                         limit->key);
        memcpy(&number, hash, sizeof number);
        return &limit->each[number % LIMIT_SLOTS];
}

bool limit_allows(struct limit *limit, struct text thing, int each, int64_t all, int64_t now_ms)
{
        const int64_t minute = now_ms / MINUTE_MS + 1; /* never that of a limit not yet used */
        if (limit->minute != minute) {
                *limit = (struct limit){ .minute = minute };
                crypto_shorthash_keygen(limit->key);
        }
        unsigned char *count = find(limit, thing);
        if (*count >= each || *count == MOST || limit->all >= all)
                return false;
        (*count)++;
        limit->all++;
        return true;
}
