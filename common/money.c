/*
 * money: a small state machine over the digits; the sign, the groups and the decimals are checked
 * as they pass.
 */
#include "common/money.h"

/* Takes a space that may stand between groups: ordinary, no-break or narrow no-break. */
static bool take_space(struct text *t)
{
        const struct text spaces[] = { TEXT(" "), TEXT("\xc2\xa0"), TEXT("\xe2\x80\xaf") };

        for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
                if (text_starts(*t, spaces[i])) {
                        t->at += spaces[i].size;
                        t->size -= spaces[i].size;
                        return true;
                }
        }
        return false;
}

/* Takes a sign, ASCII or U+2212; returns 1 or -1. */
static int take_sign(struct text *t)
{
        const struct text signs[] = { TEXT("+"), TEXT("-"), TEXT("\xe2\x88\x92") };

        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
                if (text_starts(*t, signs[i])) {
                        t->at += signs[i].size;
                        t->size -= signs[i].size;
                        return i == 0 ? 1 : -1;
                }
        }
        return 1;
}

/* Takes digits onto the value; returns how many, or -1 when the value grows too large. */
static int take_digits(struct text *t, int64_t *value)
{
        int count = 0;

        while (t->size > 0 && t->at[0] >= '0' && t->at[0] <= '9') {
                *value = *value * 10 + (t->at[0] - '0');
                if (*value > MONEY_MOST)
                        return -1;
                t->at++;
                t->size--;
                count++;
        }
        return count;
}

/* Takes whole kroner: digits in one row, or a group of one to three and then groups of three. */
static bool take_kroner(struct text *t, int64_t *value)
{
        int count = take_digits(t, value);

        if (count < 1)
                return false;
        for (bool first = true; take_space(t); first = false) {
                if (first && count > 3)
                        return false;
                if (take_digits(t, value) != 3)
                        return false;
        }
        return true;
}

bool amount_parse(struct text t, int64_t *ore)
{
        int64_t value = 0;

        t = text_trim(t);
        const int sign = take_sign(&t);
        if (!take_kroner(&t, &value))
                return false;
        int decimals = 0;
        if (t.size > 0 && (t.at[0] == ',' || t.at[0] == '.')) {
                t.at++;
                t.size--;
                decimals = take_digits(&t, &value);
                if (decimals < 1 || decimals > 2)
                        return false;
        }
        for (; decimals < 2; decimals++)
                value *= 10;
        if (t.size > 0 || value > MONEY_MOST)
                return false;
        *ore = sign * value;
        return true;
}

struct text amount_text(struct arena *arena, int64_t ore)
{
        const uint64_t size = ore < 0 ? -(uint64_t)ore : (uint64_t)ore;

        return arena_printf(arena, "%s%llu,%02u", ore < 0 ? "-" : "",
                            (unsigned long long)(size / 100), (unsigned)(size % 100));
}
