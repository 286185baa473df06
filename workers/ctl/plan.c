/*
 * plan: the subcommands about the wheel and its meetings. What may not be done is refused by the
 * owner's functions, in words for the user, and then the exit code is EXIT_REFUSED.
 */
#include "common/plan/plan.h"
#include "common/day.h"
#include "common/plan/plan_sql.h"
#include "workers/ctl/ctl.h"
#include <stdio.h>

/* Commits and says what became of the meeting. */
static int tell(struct ctl *ctl, const char *meeting, const char *what, int64_t version)
{
        int code = ctl_carry_out(ctl);
        if (code == EXIT_DONE && ctl->json)
                ctl_json(
                        json_pack("{s:s,s:I}", "meeting", meeting, "version", (json_int_t)version));
        else if (code == EXIT_DONE)
                printf("%s %s (version %lld)\n", meeting, what, (long long)version);
        return code;
}

/* The time in the option's text; DB_NULL without text. False: it said what is wrong. */
static bool read_moment(struct ctl *ctl, const char *option, struct text meeting, struct text text,
                        int64_t *moment)
{
        *moment = DB_NULL;
        if (!text.at || plan_moment(ctl->tx, meeting, text, moment) || tx_failed(ctl->tx))
                return true;
        ctl_fail(ctl, EXIT_USAGE, "--%s needs a time such as 2027-01-27T09:00 (Oslo), not '%.*s'",
                 option, TEXT_ARGS(text));
        tx_rollback(ctl->tx);
        return false;
}

/* padriver plan schedule and plan move. */
static int put(struct ctl *ctl, int argc, char **argv,
               int64_t (*act)(struct tx *tx, struct text meeting, const struct plan_when *when),
               const char *what)
{
        struct text at = { 0 }, until = { 0 };
        struct plan_when when = { 0 };
        const struct ctl_option options[] = { { .name = "at", .text = &at },
                                              { .name = "until", .text = &until },
                                              { .name = "place", .text = &when.place },
                                              { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        struct text meeting = text_of(argv[1]);
        if (!read_moment(ctl, "at", meeting, at, &when.starts) ||
            !read_moment(ctl, "until", meeting, until, &when.ends))
                return EXIT_USAGE;
        int64_t version = act(ctl->tx, meeting, &when);
        return tell(ctl, argv[1], what, version);
}

static int run_schedule(struct ctl *ctl, int argc, char **argv)
{
        return put(ctl, argc, argv, plan_schedule, "is in the calendar");
}

static int run_move(struct ctl *ctl, int argc, char **argv)
{
        return put(ctl, argc, argv, plan_move, "is moved");
}

/* padriver plan cancel ID */
static int run_cancel(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        int64_t version = plan_cancel(ctl->tx, text_of(argv[1]));
        return tell(ctl, argv[1], "is called off; padriver plan schedule puts it back", version);
}

/* padriver plan held ID */
static int run_held(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        if (!ctl_tx(ctl))
                return EXIT_DOWN;
        plan_hold(ctl->tx, text_of(argv[1]));
        int code = ctl_carry_out(ctl);
        if (code == EXIT_DONE && !ctl->json)
                printf("%s was held\n", argv[1]);
        return code;
}

/* One activity as JSON. */
static void list_json(struct ctl *ctl, const struct wheel *w)
{
        ctl_json(json_pack(
                "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,"
                "s:o,s:o,s:o}",
                "id", ctl_text(w->id), "kind", ctl_text(w->kind), "method", ctl_text(w->method),
                "body", ctl_text(w->body), "network", ctl_text(w->network), "area",
                ctl_text(w->area), "municipality", ctl_text(w->municipality), "title",
                ctl_text(w->title), "first_day",
                ctl_text(day_iso(ctl->arena, (int32_t)w->first_day)), "last_day",
                ctl_text(day_iso(ctl->arena, (int32_t)w->last_day)), "begins", ctl_text(w->begins),
                "ends", ctl_text(w->ends), "place", ctl_text(w->place), "owner", ctl_text(w->owner),
                "goal", ctl_text(w->goal), "focus", ctl_text(w->focus), "directive",
                ctl_text(w->directive), "state", ctl_text(w->state), "starts_at",
                ctl_time(ctl, w->starts_at), "ends_at", ctl_time(ctl, w->ends_at), "scheduled_at",
                ctl_time(ctl, w->scheduled_at), "version",
                w->version == DB_NULL ? json_null() : json_integer(w->version), "sequence",
                w->sequence == DB_NULL ? json_null() : json_integer(w->sequence)));
}

/* When it is: the calendar's time, else the wheel's. */
static struct text when_of(struct arena *arena, const struct wheel *w)
{
        if (w->starts_at != DB_NULL) {
                int hour, minute, end_hour, end_minute;
                int32_t day = day_at(w->starts_at, &hour, &minute);
                day_at(w->ends_at, &end_hour, &end_minute);
                return arena_printf(arena, "%.*s %02d:%02d-%02d:%02d",
                                    TEXT_ARGS(day_iso(arena, day)), hour, minute, end_hour,
                                    end_minute);
        }
        struct text first = day_iso(arena, (int32_t)w->first_day);
        if (w->begins.at)
                return arena_printf(arena, "%.*s %.*s-%.*s", TEXT_ARGS(first), TEXT_ARGS(w->begins),
                                    TEXT_ARGS(w->ends));
        if (w->last_day == w->first_day)
                return first;
        return arena_printf(arena, "%.*s to %.*s", TEXT_ARGS(first),
                            TEXT_ARGS(day_iso(arena, (int32_t)w->last_day)));
}

/* The year of the action plan in force, else this year. */
static int64_t find_year(struct ctl *ctl)
{
        struct year_in_force plan;
        int year, month, date;
        if (year_in_force(ctl->tx, &plan))
                return plan.year;
        day_split(day_at(tx_now(ctl->tx), NULL, NULL), &year, &month, &date);
        return year;
}

/* Takes --year and begins a transaction. False: said what is wrong, *code says how. */
static bool begin_year(struct ctl *ctl, int argc, char **argv, int64_t *year, int *code)
{
        const struct ctl_option options[] = { { .name = "year", .number = year }, { 0 } };
        *year = DB_NULL;
        *code = EXIT_USAGE;
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return false;
        if (*year != DB_NULL && (*year < 1970 || *year > 9999)) {
                ctl_fail(ctl, EXIT_USAGE, "--year needs a year such as 2027");
                return false;
        }
        *code = ctl_tx(ctl) ? EXIT_DONE : EXIT_DOWN;
        if (*code == EXIT_DONE && *year == DB_NULL)
                *year = find_year(ctl);
        return *code == EXIT_DONE;
}

/* padriver plan goals [--year YEAR] */
static int run_goals(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "goal", "kind", "serves", "activities", "what" };
        int64_t year;
        int code;
        if (!begin_year(ctl, argc, argv, &year, &code))
                return code;
        struct arena *arena = tx_arena(ctl->tx);
        struct goals_served_rows rows = goals_served(ctl->tx, year);
        struct text *cells = arena_array(arena, rows.count * 5 + 1, sizeof *cells), *cell = cells;
        for (size_t i = 0; i < rows.count; i++) {
                const struct goals_served *g = &rows.row[i];
                if (ctl->json)
                        ctl_json(json_pack("{s:o,s:o,s:o,s:I,s:o}", "goal", ctl_text(g->goal),
                                           "kind", ctl_text(g->kind), "parent", ctl_text(g->parent),
                                           "activities", (json_int_t)g->activities, "title",
                                           ctl_text(g->title)));
                *cell++ = g->goal;
                *cell++ = g->kind;
                *cell++ = g->parent.at ? g->parent : TEXT("-");
                *cell++ = g->activities ? arena_printf(arena, "%lld", (long long)g->activities)
                                        : TEXT("none");
                *cell++ = g->title;
        }
        if (!ctl->json && !tx_failed(ctl->tx))
                ctl_table(heads, 5, cells, rows.count);
        return ctl_end(ctl);
}

/* padriver plan list [--year YEAR] */
static int run_list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "id", "when", "state", "place", "what" };
        int64_t year;
        int code;
        if (!begin_year(ctl, argc, argv, &year, &code))
                return code;
        struct arena *arena = tx_arena(ctl->tx);
        struct wheel_rows rows = wheel(ctl->tx, year);
        struct text *cells = arena_array(arena, rows.count * 5 + 1, sizeof *cells), *cell = cells;
        for (size_t i = 0; i < rows.count; i++) {
                const struct wheel *w = &rows.row[i];
                if (ctl->json)
                        list_json(ctl, w);
                *cell++ = w->id;
                *cell++ = when_of(arena, w);
                *cell++ = w->state;
                *cell++ = w->place.at ? w->place : TEXT("-");
                *cell++ = w->title;
        }
        if (!ctl->json && !tx_failed(ctl->tx))
                ctl_table(heads, 5, cells, rows.count);
        return ctl_end(ctl);
}

const struct command plan_commands[] = {
        { .name = "plan list",
          .arguments = "[--year YEAR]",
          .summary = "Shows the wheel: the year's activities and which are in the calendar",
          .help = "Without --year the year of the action plan in force.\n"
                  "\n"
                  "  padriver plan list --year 2027\n",
          .run = run_list },
        { .name = "plan goals",
          .arguments = "[--year YEAR]",
          .summary = "Shows the year's goals and how many activities serve each; none is a gap",
          .help = "A goal's activities include those of the goals below it.\n"
                  "\n"
                  "  padriver plan goals --year 2027\n",
          .run = run_goals },
        { .name = "plan schedule",
          .arguments = "MEETING [--at TIME] [--until TIME] [--place PLACE]",
          .summary = "Puts an activity of the wheel in the calendar, or a cancelled meeting anew",
          .help = "Time and place are the wheel's unless told. TIME is 2027-01-27T09:00 (Oslo) or\n"
                  "a day alone, at the planned time of day.\n"
                  "\n"
                  "  padriver plan schedule N1-S1\n"
                  "  padriver plan schedule SG1 --at 2027-02-02T12:00 --place Teams\n",
          .run = run_schedule },
        { .name = "plan move",
          .arguments = "MEETING [--at TIME] [--until TIME] [--place PLACE]",
          .summary = "Moves a meeting in time or place",
          .help = "Without --until it stays as long as it was. A day alone keeps the time of day.\n"
                  "\n"
                  "  padriver plan move SG1 --at 2027-02-09\n",
          .run = run_move },
        { .name = "plan cancel",
          .arguments = "MEETING",
          .summary = "Calls a meeting off; plan schedule puts it back",
          .help = "  padriver plan cancel N5-S1\n",
          .run = run_cancel },
        { .name = "plan held",
          .arguments = "MEETING",
          .summary = "Notes that a meeting was held; a network's session is then evaluated",
          .help = "Not before its end, not of a cancelled one, and once.\n"
                  "\n"
                  "  padriver plan held N1-S1\n",
          .run = run_held },
        { 0 },
};
