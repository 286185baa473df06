/*
 * needs: on Monday at eight, whoever slept, the office is told what needs a person. One timer sets
 * the next. It has no end itself, or a long sleep would break the chain: after one it fires once,
 * late; the letter's own end is the next Monday.
 */
#include "workers/notifications/notifications.h"

#include "common/day.h"
#include "common/log.h"
#include "workers/notifications/notifications_sql.h"

enum { HOUR = 8, WEEK = 7, TRIES = 3 };

/* Eight o'clock on the first Monday after that time. */
static int64_t find_monday(int64_t now)
{
        const int32_t today = day_at(now, NULL, NULL);
        const int32_t monday = today - day_weekday(today) + 1;
        const int64_t due = day_time(monday, HOUR, 0);
        return due > now ? due : day_time(monday + WEEK, HOUR, 0);
}

/* The event's subject is the week it is due in. */
static void set_timer(struct tx *tx, int64_t due)
{
        int year, week;
        day_week(day_at(due, NULL, NULL), &year, &week);
        timer_reminder_due(tx, NEEDS, due, DB_NULL,
                           &(struct reminder_due){
                                   arena_printf(tx_arena(tx), "%d-W%02d", year, week), NEEDS, 0 });
}

/* Sets the timer if there is none. False: the store could not be asked. */
static bool try_to_plan(struct worker *worker)
{
        struct tx *tx = worker->tx;
        struct needs_timer timer;
        if (!tx_begin(tx, clock_now(worker->service->clock)))
                return false;
        if (needs_timer(tx, &timer) && !timer.found)
                set_timer(tx, find_monday(tx_now(tx)));
        return tx_commit(tx) == TX_DONE;
}

void plan_needs(struct worker *worker)
{
        int tries = 0;
        while (tries < TRIES && !try_to_plan(worker))
                tries++;
        if (tries == TRIES)
                log_warning("Monday's letter is not planned if it was not before; the next start "
                            "does it");
}

/* No week is the consequence of another: a trace is to end. */
enum status tell_needs(struct tx *tx, const struct reminder_due *event)
{
        const int64_t now = tx_now(tx), next = find_monday(now);
        letters_needs(tx, event->subject, day_at(now, NULL, NULL), now, next - 1, tx_cause(tx));
        tx_set_cause(tx, 0);
        set_timer(tx, next);
        return DONE;
}
