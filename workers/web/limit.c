/*
 * limit: counters by a keyed hash, so that nobody can choose what shares a counter with what. Two
 * names may share one, but hardly in all rows, so the least of a name's counters is its own: of a
 * room full of people who ask at once none is refused for another. A new minute begins with new
 * counters and a new key.
 */
#include "workers/web/limit.h"

#include <sodium.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

_Static_assert(crypto_shorthash_KEYBYTES == 16, "the key fits the hash");

/* Where a name is counted, in each row. */
struct place {
        unsigned slot[LIMIT_ROWS];
};

static struct place find(const struct limit *limit, struct text name)
{
        uint16_t parts[LIMIT_ROWS];
        struct place place;
        _Static_assert(sizeof parts == crypto_shorthash_BYTES, "a part of the hash for each row");
        crypto_shorthash((unsigned char *)parts, (const unsigned char *)(name.at ? name.at : ""),
                         name.size, limit->key);
        for (size_t row = 0; row < LIMIT_ROWS; row++)
                place.slot[row] = parts[row] % LIMIT_SLOTS;
        return place;
}

static int count(const struct limit_counters *counters, const struct place *place)
{
        int least = UINT16_MAX;
        for (size_t row = 0; row < LIMIT_ROWS; row++)
                if (counters->at[row][place->slot[row]] < least)
                        least = counters->at[row][place->slot[row]];
        return least;
}

static void add(struct limit_counters *counters, const struct place *place)
{
        for (size_t row = 0; row < LIMIT_ROWS; row++)
                counters->at[row][place->slot[row]]++;
}

bool limit_allows(struct limit *limit, const struct limit_most *most, struct text thing,
                  struct text source, int64_t now_ms)
{
        const int64_t minute = now_ms / MINUTE_MS + 1; /* never that of a limit not yet used */
        if (limit->minute != minute) {
                memset(limit, 0, sizeof *limit);
                limit->minute = minute;
                crypto_shorthash_keygen(limit->key);
        }
        const struct place of_thing = find(limit, thing), of_source = find(limit, source);
        if (limit->all >= most->all || count(&limit->things, &of_thing) >= most->thing ||
            (source.at && count(&limit->sources, &of_source) >= most->source))
                return false;
        limit->all++;
        add(&limit->things, &of_thing);
        if (source.at)
                add(&limit->sources, &of_source);
        return true;
}
