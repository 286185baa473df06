/*
 * nearest: which known name somebody may have meant: the fewest letters inserted, left out, changed
 * or swapped (optimal string alignment), if these are few beside the word's length.
 */
#include "workers/ctl/ctl.h"

#include <string.h>

#define MOST 40 /* longer words have no neighbours */

static size_t least(size_t a, size_t b)
{
        return a < b ? a : b;
}

/* How many steps lead from a to b; both at most MOST letters. */
static size_t distance(const char *a, size_t an, const char *b, size_t bn)
{
        size_t steps[MOST + 1][MOST + 1];
        for (size_t i = 0; i <= an; i++)
                steps[i][0] = i;
        for (size_t j = 0; j <= bn; j++)
                steps[0][j] = j;
        for (size_t i = 1; i <= an; i++) {
                for (size_t j = 1; j <= bn; j++) {
                        size_t best = least(steps[i - 1][j], steps[i][j - 1]) + 1;
                        best = least(best, steps[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                best = least(best, steps[i - 2][j - 2] + 1);
                        steps[i][j] = best;
                }
        }
        return steps[an][bn];
}

const char *ctl_nearest(const char *word, const char *const *names)
{
        const char *nearest = NULL;
        size_t size = strlen(word), best = size / 3 + 2;
        if (size > MOST)
                return NULL;
        for (; *names; names++) {
                size_t other = strlen(*names);
                size_t steps = other > MOST ? best : distance(word, size, *names, other);
                if (steps < best) {
                        best = steps;
                        nearest = *names;
                }
        }
        return nearest;
}
