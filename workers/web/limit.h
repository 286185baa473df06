/*
 * limit: how often something may be asked within a minute: for each thing asked for, from each
 * source (http.h), and in all. Memory is fixed; what is asked for is not kept.
 */
#pragma once

#include "common/text.h"
#include <stdint.h>

#define LIMIT_ROWS  4
#define LIMIT_SLOTS 16384

/* A name is counted once in each row. */
struct limit_counters {
        uint16_t at[LIMIT_ROWS][LIMIT_SLOTS];
};

struct limit {
        int64_t minute;
        int64_t all;
        struct limit_counters things, sources;
        unsigned char key[16];
};

/* Times a minute. */
struct limit_most {
        int thing, source, all;
};

/* Whether it may be done once more. No source: it is not counted by it. */
bool limit_allows(struct limit *limit, const struct limit_most *most, struct text thing,
                  struct text source, int64_t now_ms);
