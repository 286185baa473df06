/*
 * idle: looks again and again, every few milliseconds by the monotonic clock.
 */
#include "workers/ctl/idle.h"

#include "workers/ctl/status_sql.h"
#include <inttypes.h>
#include <time.h>

#define PAUSE_MS 20

/* What is unfinished now; false: the store is down, said. */
static bool look(struct ctl *ctl, struct unfinished *row)
{
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return false;
        bool seen = unfinished(tx, clock_now(ctl->clock), row);
        row->behind_group = arena_copy(ctl->arena, row->behind_group);
        return ctl_end(ctl) == EXIT_DONE && seen;
}

/* Says what is in the way. */
static int give_up(const struct ctl *ctl, const struct unfinished *left, int64_t seconds)
{
        return ctl_fail(ctl, EXIT_REFUSED,
                        "not idle after %" PRId64 " s: %" PRId64 " cursors behind%s%.*s, %" PRId64
                        " timers due, %" PRId64 " parked events to retry, %" PRId64
                        " letters due or claimed; see padriver lag and padriver status",
                        seconds, left->behind, left->behind ? ", the first of " : "",
                        TEXT_ARGS(left->behind_group), left->timers, left->retries, left->letters);
}

int idle_wait(struct ctl *ctl, int64_t seconds)
{
        const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
        int64_t end = clock_monotonic_ms() + seconds * 1000;
        for (;;) {
                struct unfinished left = { 0 };
                if (!look(ctl, &left))
                        return EXIT_DOWN;
                if (left.behind + left.timers + left.retries + left.letters == 0)
                        return EXIT_DONE;
                if (clock_monotonic_ms() >= end)
                        return give_up(ctl, &left, seconds);
                nanosleep(&pause, NULL);
        }
}
