/*
 * limit: how often something may be asked within a minute: for each thing asked for, from each
 * source (http.h), and in all. A fixed number of counters: two things may share one, and then are
 * counted together.
 */
#pragma once

#include "common/text.h"
#include <stdint.h>

#define LIMIT_SLOTS 16384

struct limit {
        int64_t minute;
        int64_t all;
        uint16_t things[LIMIT_SLOTS], sources[LIMIT_SLOTS];
        unsigned char key[16];
};

/* Times a minute. */
struct limit_most {
        int thing, source, all;
};

/* Whether it may be done once more. No source: it is not counted by it. */
bool limit_allows(struct limit *limit, const struct limit_most *most, struct text thing,
                  struct text source, int64_t now_ms);
