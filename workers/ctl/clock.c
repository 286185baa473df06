/*
 * clock: the time of a simulated instance, moved as the world would move it. advance goes from one
 * due time to the next and waits for idle each time, so that everything happens at its own time;
 * jump is a machine that slept.
 */
#include "common/clock.h"

#include "common/day.h"
#include "workers/ctl/ctl.h"
#include "workers/ctl/idle.h"
#include "workers/ctl/status_sql.h"
#include <inttypes.h>
#include <stdio.h>

/* Only a simulated clock can be moved. */
static bool is_movable(const struct ctl *ctl)
{
        if (!clock_is_simulated(ctl->clock))
                ctl_fail(ctl, EXIT_REFUSED,
                         "this instance runs in real time; only a simulated one can be moved");
        return clock_is_simulated(ctl->clock);
}

/* Sets the clock and tells the broker. */
static int set(struct ctl *ctl, int64_t time)
{
        if (!clock_set(ctl->clock, time))
                return ctl_fail(ctl, EXIT_REFUSED, "it is %s already; the clock never goes back",
                                time_iso(ctl->arena, clock_now(ctl->clock)).at);
        ctl_wake(ctl);
        return EXIT_DONE;
}

/* The time now, as the last line. */
static void print_now(struct ctl *ctl)
{
        int64_t now = clock_now(ctl->clock);
        if (ctl->json)
                ctl_json(json_pack("{s:o,s:b}", "now_at", ctl_time(ctl, now), "simulated",
                                   clock_is_simulated(ctl->clock)));
        else
                printf("%s%s\n", time_iso(ctl->arena, now).at,
                       clock_is_simulated(ctl->clock) ? " (simulated)" : "");
}

/* `padriver clock show` */
static int show(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        print_now(ctl);
        return EXIT_DONE;
}

/* One timer about to fire. */
static void print_timer(struct ctl *ctl, const struct timers_due_by *timer)
{
        if (ctl->json)
                ctl_json(json_pack("{s:o,s:o,s:o,s:s}", "due_at", ctl_time(ctl, timer->due_at),
                                   "owner", ctl_text(timer->owner), "name", ctl_text(timer->name),
                                   "event", event_name(timer->type)));
        else
                printf("%s  %.*s %.*s: %s\n", time_iso(ctl->arena, timer->due_at).at,
                       TEXT_ARGS(timer->owner), TEXT_ARGS(timer->name), event_name(timer->type));
}

/* The letters about to be sent. */
static void print_letters(struct ctl *ctl, int64_t due, int64_t letters)
{
        if (ctl->json)
                ctl_json(json_pack("{s:o,s:I}", "due_at", ctl_time(ctl, due), "letters", letters));
        else
                printf("%s  %" PRId64 " letters\n", time_iso(ctl->arena, due).at, letters);
}

/* The next due time, at most until; what is due then is told. *due is DB_NULL if there is none. */
static int look_ahead(struct ctl *ctl, int64_t until, int64_t *due)
{
        struct next_due next = { DB_NULL };
        struct letters_due_at letters = { 0 };
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        next_due(tx, &next);
        *due = next.due_at != DB_NULL && next.due_at <= until ? next.due_at : DB_NULL;
        if (*due != DB_NULL) {
                struct timers_due_by_rows timers = timers_due_by(tx, *due);
                letters_due_at(tx, *due, &letters);
                for (size_t i = 0; i < timers.count; i++)
                        print_timer(ctl, &timers.row[i]);
                if (letters.letters > 0)
                        print_letters(ctl, *due, letters.letters);
        }
        return ctl_end(ctl);
}

/* One due time: the clock goes there and all that follows from it is done. */
static int step(struct ctl *ctl, int64_t until, int64_t seconds, int64_t *due)
{
        int code = look_ahead(ctl, until, due);
        if (code == EXIT_DONE && *due != DB_NULL) {
                fflush(stdout);
                code = set(ctl, *due);
        }
        return code == EXIT_DONE && *due != DB_NULL ? idle_wait(ctl, seconds) : code;
}

/* All due times up to the target, then the target itself. */
static int advance_to(struct ctl *ctl, int64_t target, int64_t seconds)
{
        int64_t due = 0;
        if (target < clock_now(ctl->clock))
                return set(ctl, target);
        int code = idle_wait(ctl, seconds);
        while (code == EXIT_DONE && due != DB_NULL)
                code = step(ctl, target, seconds, &due);
        if (code == EXIT_DONE)
                code = set(ctl, target);
        if (code == EXIT_DONE)
                print_now(ctl);
        return code;
}

/* One due time, wherever it is. */
static int advance_to_next(struct ctl *ctl, int64_t seconds)
{
        int64_t due;
        int code = idle_wait(ctl, seconds);
        if (code == EXIT_DONE)
                code = step(ctl, INT64_MAX, seconds, &due);
        if (code == EXIT_DONE && due == DB_NULL)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "nothing is due, ever: no timer is set and no letter waits");
        if (code == EXIT_DONE)
                print_now(ctl);
        return code;
}

/* The same wall time in Oslo, days later. */
static int64_t days_later(const struct ctl *ctl, int64_t days)
{
        int hour, minute;
        int32_t day = day_at(clock_now(ctl->clock), &hour, &minute);
        return day_time(day + (int32_t)days, hour, minute);
}

/* `padriver clock advance` */
static int advance(struct ctl *ctl, int argc, char **argv)
{
        int64_t days = 0, seconds = 60, target;
        bool to_next = false;
        const struct ctl_option options[] = {
                { .name = "days", .number = &days },
                { .name = "to-next", .flag = &to_next },
                { .name = "timeout", .number = &seconds },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 1, options))
                return EXIT_USAGE;
        if ((argc == 2) + (days != 0) + to_next != 1 || days < 0 || days > 36500)
                return ctl_fail(ctl, EXIT_USAGE, "how far? A TIME, --days N or --to-next");
        if (argc == 2 && !ctl_time_of(text_of(argv[1]), &target))
                return ctl_fail(ctl, EXIT_USAGE, "'%s' is no time; write " CTL_TIMES, argv[1]);
        if (!is_movable(ctl))
                return EXIT_REFUSED;
        if (to_next)
                return advance_to_next(ctl, seconds);
        return advance_to(ctl, argc == 2 ? target : days_later(ctl, days), seconds);
}

/* `padriver clock jump` */
static int jump(struct ctl *ctl, int argc, char **argv)
{
        int64_t target;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        if (!ctl_time_of(text_of(argv[1]), &target))
                return ctl_fail(ctl, EXIT_USAGE, "'%s' is no time; write " CTL_TIMES, argv[1]);
        if (!is_movable(ctl))
                return EXIT_REFUSED;
        int code = set(ctl, target);
        if (code == EXIT_DONE)
                print_now(ctl);
        return code;
}

/* `padriver clock simulate` */
static int simulate(struct ctl *ctl, int argc, char **argv)
{
        int64_t start;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        if (!ctl_time_of(text_of(argv[1]), &start))
                return ctl_fail(ctl, EXIT_USAGE, "'%s' is no time; write " CTL_TIMES, argv[1]);
        return clock_simulate(ctl->conf.place_runtime, start) ? EXIT_DONE : EXIT_REFUSED;
}

const struct command clock_commands[] = {
        { .name = "clock show",
          .summary = "Shows the instance's time, and whether it is simulated",
          .help = "--json: {now_at, simulated}.\n  padriver clock show\n",
          .run = show },
        { .name = "clock advance",
          .arguments = "TIME | --days N | --to-next [--timeout S]",
          .summary = "Moves a simulated clock from one due time to the next, and waits for idle "
                     "each time",
          .help = "Says what was due. --timeout (60) is for each wait.\n"
                  "--json: {due_at, owner, name, event} for a timer, {due_at, letters}, at last "
                  "{now_at, simulated}.\n"
                  "  padriver clock advance 2027-01-27T15:00\n"
                  "  padriver clock advance --days 7\n"
                  "  padriver clock advance --to-next\n",
          .run = advance },
        { .name = "clock simulate",
          .arguments = "TIME",
          .summary = "Makes a new instance's clock a simulated one, which stands still until it is "
                     "moved",
          .help = "Before any program of the instance starts, and for ever; only on one machine.\n"
                  "  padriver clock simulate 2026-12-01T08:00\n",
          .run = simulate },
        { .name = "clock jump",
          .arguments = "TIME",
          .summary = "Sets a simulated clock at once, as if the machine had slept",
          .help = "  padriver clock jump 2027-03-01T08:00\n",
          .run = jump },
        { 0 },
};
