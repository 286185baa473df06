/*
 * share: the method of the largest remainder in integers; products go through 128 bits, so that any
 * amount times any weight is exact. Pure: no clock, no store.
 */
#include "workers/budget/share.h"

#include "common/arena.h"
#include <stdlib.h>

__extension__ typedef __int128 wide;

/* The sum of the weights, or 0 if they cannot be shared by. */
static int64_t sum_weights(const struct share *shares, size_t count)
{
        int64_t sum = 0;

        for (size_t i = 0; i < count; i++) {
                if (shares[i].weight < 0 || __builtin_add_overflow(sum, shares[i].weight, &sum))
                        return 0;
        }
        return sum;
}

/* Who gets an odd øre first. */
static int compare(const void *left, const void *right)
{
        const struct share *a = *(const struct share *const *)left;
        const struct share *b = *(const struct share *const *)right;

        if (a->remainder != b->remainder)
                return a->remainder > b->remainder ? -1 : 1;
        const int order = text_compare(a->municipality, b->municipality);
        if (order)
                return order;
        return a < b ? -1 : a > b;
}

/* Gives an øre each to the first in line; the odd øre are fewer than the shares with a
 * remainder. */
static void give_odd(int64_t odd, struct share *shares, size_t count)
{
        struct arena *arena = arena_new();
        struct share **line = arena_array(arena, count, sizeof(struct share *));

        for (size_t i = 0; i < count; i++)
                line[i] = &shares[i];
        qsort(line, count, sizeof(struct share *), compare);
        for (int64_t i = 0; i < odd; i++)
                line[i]->amount_ore++;
        arena_destroy(&arena);
}

bool share_out(int64_t amount_ore, struct share *shares, size_t count)
{
        const int64_t weights = sum_weights(shares, count);
        int64_t odd = amount_ore;

        if (amount_ore < 0 || weights == 0)
                return false;
        for (size_t i = 0; i < count; i++) {
                const wide product = (wide)amount_ore * shares[i].weight;
                shares[i].amount_ore = (int64_t)(product / weights);
                shares[i].remainder = (int64_t)(product % weights);
                odd -= shares[i].amount_ore;
        }
        give_odd(odd, shares, count);
        return true;
}
