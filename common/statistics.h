/*
 * statistics: what the counts of answers on a scale from 1 to 5 say.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct statistics {
        int64_t n; /* who rated, without "don't know"; the rest is 0 if nobody did */
        double median, mean;
        double share_4_5; /* 0 to 1 */
};

/* counts[0] to counts[4]: how many answered 1 to 5. */
struct statistics statistics_of(const int64_t *counts);

/* The number so that printf rounds a half up, as people and spreadsheets do; by itself it makes
 * 3.12 of 3.125. Of fewer than a million answers nothing is as near to a half without being one. */
double statistics_half_up(double number);

/* Too few to build on: under ten, or under 40 % of those asked (domain: evaluation practice). */
bool statistics_are_weak(int64_t invited, int64_t answered);
