/*
 * money: amounts as people write them, to and from integer øre (day.h has money_text, for letters).
 * Taken are "1900000", "1900000.00", "1 900 000,50" (spaces of any kind between groups of three),
 * with a sign; refused are more than two decimals and anything else: an amount is never rounded.
 */
#pragma once

#include "common/arena.h"
#include "common/text.h"

/* The greatest amount taken, in øre: 10^12 kroner, as in events.def. */
#define MONEY_MOST INT64_C(100000000000000)

/* False if it is no amount or lies beyond ±MONEY_MOST. */
bool amount_parse(struct text t, int64_t *ore);

/* "1900000,00": plain, with decimal comma, for CSV and messages. */
struct text amount_text(struct arena *arena, int64_t ore);
