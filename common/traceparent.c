/*
 * traceparent: see the header. Versions above 00 may have more behind a dash, which we leave out;
 * version ff is none, and neither trace nor parent may be all zero.
 */
#include "common/traceparent.h"

enum { TRACE_AT = 3, TRACE = 32, PARENT_AT = 36, PARENT = 16, FLAGS_AT = 53 };

/* Whether size lower-case hexadecimal digits stand there. */
static bool is_hex(const char *at, size_t size)
{
        for (size_t i = 0; i < size; i++) {
                if (!((at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f'))) {
                        return false;
                }
        }
        return true;
}

/* The same, not all of them zero. */
static bool is_id(const char *at, size_t size)
{
        bool zero = true;
        for (size_t i = 0; i < size; i++) {
                zero = zero && at[i] == '0';
        }
        return !zero && is_hex(at, size);
}

/* Whether the version is one that we can read, and ends as it may. */
static bool is_version(struct text given)
{
        struct text version = { given.at, 2 };
        if (text_equal(version, TEXT("00"))) {
                return given.size == TRACEPARENT_SIZE;
        }
        return is_hex(given.at, 2) && !text_equal(version, TEXT("ff")) &&
               (given.size == TRACEPARENT_SIZE || given.at[TRACEPARENT_SIZE] == '-');
}

struct text traceparent_of(struct arena *arena, struct text given)
{
        if (given.size < TRACEPARENT_SIZE || !is_version(given) || given.at[TRACE_AT - 1] != '-' ||
            !is_id(given.at + TRACE_AT, TRACE) || given.at[PARENT_AT - 1] != '-' ||
            !is_id(given.at + PARENT_AT, PARENT) || given.at[FLAGS_AT - 1] != '-' ||
            !is_hex(given.at + FLAGS_AT, 2)) {
                return (struct text){ 0 };
        }
        return arena_printf(arena, "00%.*s", TRACEPARENT_SIZE - 2, given.at + 2);
}

bool traceparent_may_ride(enum event_type type)
{
        return type != EVENT_evaluation_submitted;
}
