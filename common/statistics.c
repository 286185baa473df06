/*
 * statistics: exact from whole counts; one division each.
 */
#include "common/statistics.h"

enum { SCALE = 5 };

/* The rank-th smallest rating, counted from 1. */
static int find_rating(const int64_t *counts, int64_t rank)
{
        int rating = 1;
        for (int64_t below = counts[0]; below < rank && rating < SCALE; rating++)
                below += counts[rating];
        return rating;
}

struct statistics statistics_of(const int64_t *counts)
{
        int64_t n = 0, sum = 0;
        for (int i = 0; i < SCALE; i++) {
                n += counts[i];
                sum += (i + 1) * counts[i];
        }
        if (n == 0)
                return (struct statistics){ 0 };
        const int middle = find_rating(counts, (n + 1) / 2) + find_rating(counts, n / 2 + 1);
        return (struct statistics){ .n = n,
                                    .median = middle / 2.0,
                                    .mean = (double)sum / (double)n,
                                    .share_4_5 = (double)(counts[3] + counts[4]) / (double)n };
}

double statistics_half_up(double number)
{
        return number + 1e-9;
}

bool statistics_are_weak(int64_t invited, int64_t answered)
{
        return answered < 10 || 10 * answered < 4 * invited;
}
