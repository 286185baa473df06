/*
 * retired: partitions of the log that the broker has retired (log.retention). They are out of the
 * log, but kept as tables of the schema log_archive, until a person who has a copy drops them.
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include "workers/ctl/retired_sql.h"
#include <inttypes.h>
#include <stdio.h>

/* `padriver retired list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        static const char *const heads[] = { "PARTITION", "FIRST", "LAST", "OLDEST",
                                             "NEWEST",    "MIB",   "TABLE" };
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        const struct retired_partitions_rows all = retired_partitions(tx);
        struct text *cells = arena_array(ctl->arena, all.count * 7, sizeof *cells), *cell = cells;
        for (size_t i = 0; i < all.count; i++) {
                const struct retired_partitions *row = &all.row[i];
                struct text table =
                        arena_printf(ctl->arena, "log_archive.event_%" PRId64, row->number);
                if (ctl->json)
                        ctl_json(json_pack("{s:I,s:I,s:I,s:o,s:o,s:I,s:o}", "partition",
                                           row->number, "first", row->first, "last", row->last,
                                           "oldest", ctl_time(ctl, row->oldest), "newest",
                                           ctl_time(ctl, row->newest), "bytes", row->bytes, "table",
                                           ctl_text(table)));
                *cell++ = arena_printf(ctl->arena, "%" PRId64, row->number);
                *cell++ = arena_printf(ctl->arena, "%" PRId64, row->first);
                *cell++ = arena_printf(ctl->arena, "%" PRId64, row->last);
                *cell++ = time_iso(ctl->arena, row->oldest);
                *cell++ = time_iso(ctl->arena, row->newest);
                *cell++ = arena_printf(ctl->arena, "%" PRId64, row->bytes >> 20);
                *cell++ = table;
        }
        if (!ctl->json)
                ctl_table(heads, 7, cells, all.count);
        return ctl_end(ctl);
}

/* `padriver retired drop` */
static int drop(struct ctl *ctl, int argc, char **argv)
{
        int64_t number;
        bool yes = false;
        const struct ctl_option options[] = { { .name = "yes", .flag = &yes }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        if (!text_to_int(text_of(argv[1]), &number) || number < 0)
                return ctl_fail(ctl, EXIT_USAGE,
                                "'%s' is no partition's number; see padriver retired list",
                                argv[1]);
        if (!yes)
                return ctl_fail(ctl, EXIT_REFUSED,
                                "nothing was dropped. Keep a copy first, as the user postgres: "
                                "pg_dump -Fc -t log_archive.event_%" PRId64
                                " padriver > event_%" PRId64 ".dump; then --yes drops it for good",
                                number, number);
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        retired_drop(tx, number);
        return ctl_carry_out(ctl);
}

const struct command retired_commands[] = {
        { .name = "retired list",
          .summary = "Lists the partitions that have left the log, and their tables",
          .help = "The broker retires the oldest partition once all of it is older than "
                  "log.retention and every group is\n"
                  "past it (padriver lag shows who is not; a group that nobody uses any more holds "
                  "it: padriver group drop).\n"
                  "Its table is kept, out of the log, until you drop it.\n"
                  "--json: {partition, first, last, oldest, newest, bytes, table} a line; first "
                  "and last are positions.\n"
                  "  padriver retired list\n",
          .run = list },
        { .name = "retired drop",
          .arguments = "PARTITION [--yes]",
          .summary = "Drops the table of a retired partition for good",
          .help = "Only what padriver retired list lists can be dropped. Without --yes it says how "
                  "to keep a copy first.\n"
                  "  padriver retired drop 0 --yes\n",
          .run = drop },
        { 0 },
};
