/*
 * limit: counters by a keyed hash, so that nobody can choose what shares a counter with what. A new
 * minute begins with new counters and a new key.
 */
#include "workers/web/limit.h"

#include <sodium.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

_Static_assert(crypto_shorthash_KEYBYTES == 16, "the key fits the hash");

/* The counter of what has the name. */
static uint16_t *find(const struct limit *limit, uint16_t *counters, struct text name)
{
        unsigned char hash[crypto_shorthash_BYTES];
        uint64_t number;
        crypto_shorthash(hash, (const unsigned char *)(name.at ? name.at : ""), name.size,
                         limit->key);
        memcpy(&number, hash, sizeof number);
        return &counters[number % LIMIT_SLOTS];
}

bool limit_allows(struct limit *limit, const struct limit_most *most, struct text thing,
                  struct text source, int64_t now_ms)
{
        const int64_t minute = now_ms / MINUTE_MS + 1; /* never that of a limit not yet used */
        if (limit->minute != minute) {
                *limit = (struct limit){ .minute = minute };
                crypto_shorthash_keygen(limit->key);
        }
        uint16_t none = 0;
        uint16_t *of_thing = find(limit, limit->things, thing);
        uint16_t *of_source = source.at ? find(limit, limit->sources, source) : &none;
        if (*of_thing >= most->thing || *of_source >= most->source || limit->all >= most->all)
                return false;
        ++*of_thing;
        ++*of_source;
        limit->all++;
        return true;
}
