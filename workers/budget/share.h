/*
 * share: an amount divided over weighted shares in whole øre. What cannot be divided goes, an øre
 * each, to the shares with the largest remainders; equal remainders by municipality number, then by
 * place in the array. So shares always sum to the amount, and equal weights never differ by more
 * than an øre (R84).
 */
#pragma once

#include "common/text.h"

/* Fill in municipality and weight; share_out fills in the rest. */
struct share {
        struct text municipality; /* its number: the order among equal remainders */
        int64_t weight;           /* 0 or more */
        int64_t amount_ore;
        int64_t remainder; /* of amount × weight ÷ all weights, before the odd øre */
};

/* False, and nothing is shared, for a negative amount or weight, or when the weights sum to 0 or
 * overflow. */
bool share_out(int64_t amount_ore, struct share *shares, size_t count);
