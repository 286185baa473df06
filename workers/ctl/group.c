/*
 * group: worker groups, made before their first worker comes (design: groups are made, not
 * assumed). A backfill is a new group from the start; a group's number of partitions is fixed when
 * it is made.
 */
#include "workers/ctl/ctl.h"

#include "workers/ctl/group_sql.h"
#include "workers/ctl/log_sql.h"
#include <inttypes.h>
#include <stdio.h>

/* Where the cursors are to stand; POSITION is the first event that the group gets. False: it is
 * none of the three. */
static bool read_start(struct text from, int64_t *start)
{
        if (text_equal(from, TEXT("now"))) {
                *start = DB_NULL;
                return true;
        }
        if (text_equal(from, TEXT("start"))) {
                *start = 0;
                return true;
        }
        bool good = text_to_int(from, start) && *start >= 1;
        *start -= 1;
        return good;
}

/* Whether the log holds the start: it is not beyond its end, nor retired. False: said. */
static bool suits(const struct ctl *ctl, struct text from, int64_t start,
                  const struct log_ends *log)
{
        bool named = !text_equal(from, TEXT("start")) && start != DB_NULL;
        if (start > log->head)
                ctl_fail(ctl, EXIT_REFUSED,
                         "the log's last position is %" PRId64 "; --from now begins after it",
                         log->head);
        else if (named && start + 1 < log->first)
                ctl_fail(ctl, EXIT_REFUSED,
                         "position %" PRId64 " is retired; --from start begins at the oldest that "
                         "the log holds, %" PRId64,
                         start + 1, log->first);
        else
                return true;
        return false;
}

/* `padriver group add` */
static int add(struct ctl *ctl, int argc, char **argv)
{
        struct text from = { 0 };
        int64_t partitions = 1, start;
        const struct ctl_option options[] = {
                { .name = "from", .text = &from },
                { .name = "partitions", .number = &partitions },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 1, 1, options))
                return EXIT_USAGE;
        struct text name = text_of(argv[1]);
        struct group_exists known;
        struct log_ends log = { 0 };
        if (!from.at || !read_start(from, &start))
                return ctl_fail(
                        ctl, EXIT_USAGE,
                        "--from says where it begins: now, start, or a position of the log");
        if (!text_is_code(name) || name.size > 40 || partitions < 1 || partitions > 1024)
                return ctl_fail(ctl, EXIT_USAGE,
                                "a group's name is a code of at most 40 letters; it has 1 to 1024 "
                                "partitions");
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (group_exists(tx, name, &known) && known.found) {
                tx_rollback(tx);
                return ctl_fail(ctl, EXIT_REFUSED,
                                "there is a group %s; see padriver group list, or drop it first",
                                argv[1]);
        }
        if (log_ends(tx, &log) && !suits(ctl, from, start, &log)) {
                tx_rollback(tx);
                return EXIT_REFUSED;
        }
        group_add(tx, name, partitions, start);
        int code = ctl_commit(ctl);
        if (code == EXIT_DONE && start == 0 && log.first > 1)
                fprintf(stderr,
                        "padriver group add: begins at position %" PRId64
                        ", the oldest that the log holds; see padriver retired list\n",
                        log.first);
        return code;
}

/* `padriver group drop` */
static int drop(struct ctl *ctl, int argc, char **argv)
{
        struct group_exists known;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (group_exists(tx, text_of(argv[1]), &known) && !known.found) {
                tx_rollback(tx);
                return ctl_fail(ctl, EXIT_REFUSED, "there is no group %s; see padriver group list",
                                argv[1]);
        }
        group_drop(tx, text_of(argv[1]));
        return ctl_commit(ctl);
}

/* `padriver group list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        struct groups_rows all = groups(tx);
        struct text *cells = arena_array(ctl->arena, all.count * 4, sizeof *cells);
        for (size_t i = 0; i < all.count; i++) {
                const struct groups *row = &all.row[i];
                if (ctl->json)
                        ctl_json(json_pack("{s:o,s:I,s:I,s:I}", "group", ctl_text(row->name),
                                           "partitions", row->partitions, "least", row->least,
                                           "greatest", row->greatest));
                cells[4 * i] = row->name;
                cells[4 * i + 1] = arena_printf(ctl->arena, "%" PRId64, row->partitions);
                cells[4 * i + 2] = arena_printf(ctl->arena, "%" PRId64, row->least);
                cells[4 * i + 3] = arena_printf(ctl->arena, "%" PRId64, row->greatest);
        }
        const char *const heads[] = { "GROUP", "PARTITIONS", "LEAST CURSOR", "GREATEST CURSOR" };
        if (!ctl->json)
                ctl_table(heads, 4, cells, all.count);
        return ctl_end(ctl);
}

const struct command group_commands[] = {
        { .name = "group add",
          .arguments = "NAME --from now|start|POSITION [--partitions N]",
          .summary = "Makes a worker group, whose cursors begin where you say",
          .help = "A daemon is refused until its group is made. From a position: that event is the "
                  "first it gets;\n"
                  "start is the oldest that the log holds.\n"
                  "The number of partitions (1) is fixed: that many workers can share the group's "
                  "work.\n"
                  "  padriver group add notifications --from start\n"
                  "  padriver group add budget-2 --from 4711 --partitions 4\n",
          .run = add },
        { .name = "group drop",
          .arguments = "NAME",
          .summary = "Drops a worker group with its cursors and parked events",
          .help = "Its effects in the store stay.\n  padriver group drop budget-2\n",
          .run = drop },
        { .name = "group list",
          .summary = "Lists the worker groups and how far they have come",
          .help = "--json: {group, partitions, least, greatest} a line.\n  padriver group list\n",
          .run = list },
        { 0 },
};
