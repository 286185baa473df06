/*
 * limit: how often something may be asked within a minute, for each thing asked for and in all. A
 * fixed number of counters: two things may share one, and then are counted together.
 */
#pragma once

#include "common/text.h"
#include <stdint.h>

#define LIMIT_SLOTS 16384

struct limit {
        int64_t minute;
        int64_t all;
        unsigned char each[LIMIT_SLOTS];
        unsigned char key[16];
};

/* Whether it may be done once more: at most each times of this thing and all times of any. */
bool limit_allows(struct limit *limit, struct text thing, int each, int64_t all, int64_t now_ms);
