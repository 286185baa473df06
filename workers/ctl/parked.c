/*
 * parked: events that a group could not handle, and those of their keys behind them. Nothing
 * retries itself: a person mends the cause and marks them, or gives one up. Ids are GROUP/POSITION.
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include "workers/ctl/group_sql.h"
#include "workers/ctl/parked_sql.h"
#include "workers/ctl/shown.h"
#include <inttypes.h>
#include <stdio.h>

/* One row in full. */
static json_t *document(struct ctl *ctl, const struct parked_in *row)
{
        struct text id = arena_printf(ctl->arena, "%.*s/%" PRId64, TEXT_ARGS(row->worker_group),
                                      row->position);
        return json_pack("{s:o,s:o,s:I,s:s,s:o,s:o,s:o,s:o,s:o,s:I,s:o,s:b}", "id", ctl_text(id),
                         "group", ctl_text(row->worker_group), "position", row->position, "type",
                         event_name(row->type), "key", ctl_text(row->key), "actor",
                         ctl_text(row->actor), "cause", shown_number(row->cause), "reason",
                         ctl_text(row->reason), "waits_for", shown_number(row->waits_for),
                         "attempts", row->attempts, "parked_at", ctl_time(ctl, row->parked_at),
                         "retry", row->retry);
}

/* One line for people. */
static void fill_cells(struct ctl *ctl, const struct parked_in *row, struct text *cells)
{
        cells[0] = row->worker_group;
        cells[1] = arena_printf(ctl->arena, "%" PRId64, row->position);
        cells[2] = text_of(event_name(row->type));
        cells[3] = row->key;
        cells[4] = time_iso(ctl->arena, row->parked_at);
        cells[5] = arena_printf(ctl->arena, "%" PRId64, row->attempts);
        cells[6] = row->retry ? TEXT("marked for retry")
                   : row->waits_for == DB_NULL
                           ? row->reason
                           : arena_printf(ctl->arena, "waits for %" PRId64, row->waits_for);
}

/* `padriver parked list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        struct text key = { 0 };
        struct group_exists known;
        const struct ctl_option options[] = { { .name = "key", .text = &key }, { 0 } };
        if (!ctl_options(ctl, &argc, argv, 0, 1, options))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (argc > 1 && group_exists(tx, text_of(argv[1]), &known) && !known.found) {
                tx_rollback(tx);
                return ctl_fail(ctl, EXIT_REFUSED, "there is no group %s; see padriver group list",
                                argv[1]);
        }
        struct parked_in_rows all = parked_in(tx, text_of(argv[1]), key);
        struct text *cells = arena_array(ctl->arena, all.count * 7, sizeof *cells);
        for (size_t i = 0; i < all.count; i++) {
                if (ctl->json)
                        ctl_json(document(ctl, &all.row[i]));
                else
                        fill_cells(ctl, &all.row[i], &cells[7 * i]);
        }
        const char *const heads[] = { "GROUP",     "POSITION", "TYPE",  "KEY",
                                      "PARKED AT", "ATTEMPTS", "REASON" };
        if (!ctl->json)
                ctl_table(heads, 7, cells, all.count);
        return ctl_end(ctl);
}

/* GROUP POSITION, or GROUP/POSITION in one word. False: said what is wrong. */
static bool read_id(const struct ctl *ctl, int argc, char **argv, struct text *group,
                    int64_t *position)
{
        struct text rest = text_of(argv[1]);
        *group = text_cut(&rest, '/');
        if (argc == 3 && !rest.at)
                rest = text_of(argv[2]);
        else if (argc == 3 || !rest.at)
                rest = TEXT("");
        if (text_to_int(rest, position) && *position > 0)
                return true;
        ctl_fail(ctl, EXIT_USAGE, "which one? GROUP POSITION, as padriver parked list shows them");
        return false;
}

/* The transaction is given up: there is no such row. */
static int fail_unknown(struct ctl *ctl, struct text group, int64_t position)
{
        if (tx_failed(ctl->tx))
                return ctl_end(ctl);
        tx_rollback(ctl->tx);
        return ctl_fail(ctl, EXIT_REFUSED,
                        "nothing is parked at position %" PRId64
                        " of group %.*s; see padriver parked list",
                        position, TEXT_ARGS(group));
}

/* The lines of `parked show` for people. */
static void print_one(struct ctl *ctl, const struct parked_at_position *row, struct text group,
                      int64_t position)
{
        struct text data = shown_data(ctl->arena, row->type, row->body);
        printf("%.*s %" PRId64 "\n  event      %s %.*s\n  fields     %.*s\n  happened   %s",
               TEXT_ARGS(group), position, event_name(row->type), TEXT_ARGS(row->key),
               TEXT_ARGS(data), time_iso(ctl->arena, row->at).at);
        printf("\n  parked     %s, attempts %" PRId64 "%s\n",
               time_iso(ctl->arena, row->parked_at).at, row->attempts,
               row->retry ? ", marked for retry" : "");
        if (row->waits_for != DB_NULL)
                printf("  waits for  %" PRId64 " of the same key\n", row->waits_for);
        printf("  reason     %.*s\n", TEXT_ARGS(row->reason));
}

/* `padriver parked show` */
static int show(struct ctl *ctl, int argc, char **argv)
{
        struct text group;
        struct parked_at_position found;
        int64_t position;
        if (!ctl_options(ctl, &argc, argv, 1, 2, NULL) ||
            !read_id(ctl, argc, argv, &group, &position))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (!parked_at_position(tx, group, position, &found))
                return fail_unknown(ctl, group, position);
        if (ctl->json) {
                struct parked_in row = { group,          position,        found.at,
                                         found.type,     found.key,       found.actor,
                                         found.cause,    found.reason,    found.waits_for,
                                         found.attempts, found.parked_at, found.retry };
                json_t *shown = document(ctl, &row);
                json_object_set_new(shown, "data",
                                    shown_document(ctl->arena, found.type, found.body));
                ctl_json(shown);
        } else {
                print_one(ctl, &found, group, position);
        }
        return ctl_end(ctl);
}

/* Says how many; none is a refusal. */
static int report_marked(struct ctl *ctl, struct text group, int64_t position,
                         const struct parked_retry *retry)
{
        if (retry->marked == 0) {
                tx_rollback(ctl->tx);
                return ctl_fail(ctl, EXIT_REFUSED,
                                "nothing of that is parked; see padriver parked list");
        }
        ctl_remedy(ctl, group, position, "retry");
        int code = ctl_commit(ctl);
        if (code == EXIT_DONE && ctl->json)
                ctl_json(json_pack("{s:I}", "marked", retry->marked));
        else if (code == EXIT_DONE)
                printf("%" PRId64 " marked for retry\n", retry->marked);
        return code;
}

/* `padriver parked retry` */
static int retry(struct ctl *ctl, int argc, char **argv)
{
        struct text key = { 0 }, group = { 0 };
        struct parked_retry marked = { 0 };
        struct first_parked_of first = { DB_NULL };
        int64_t position = DB_NULL;
        bool all = false;
        const struct ctl_option options[] = {
                { .name = "key", .text = &key },
                { .name = "all", .flag = &all },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 1, 2, options))
                return EXIT_USAGE;
        group = text_of(argv[1]);
        if (all || key.at ? argc == 3 || (all && key.at)
                          : !read_id(ctl, argc, argv, &group, &position))
                return all || key.at ? ctl_fail(ctl, EXIT_USAGE,
                                                "a position, --key or --all: one of them")
                                     : EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (key.at && first_parked_of(tx, group, key, &first))
                position = first.position;
        if (all || position != DB_NULL)
                parked_retry(tx, group, position, &marked);
        return tx_failed(tx) ? ctl_end(ctl) : report_marked(ctl, group, position, &marked);
}

/* `padriver parked drop` */
static int drop(struct ctl *ctl, int argc, char **argv)
{
        struct text group;
        struct parked_drop dropped = { false };
        int64_t position;
        if (!ctl_options(ctl, &argc, argv, 1, 2, NULL) ||
            !read_id(ctl, argc, argv, &group, &position))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        if (!parked_drop(tx, group, position, &dropped) || !dropped.gone)
                return fail_unknown(ctl, group, position);
        ctl_remedy(ctl, group, position, "drop");
        return ctl_commit(ctl);
}

const struct command parked_commands[] = {
        { .name = "parked list",
          .arguments = "[GROUP] [--key KEY]",
          .summary = "Lists the events that a group could not handle, and those behind them",
          .help = "--json: {id, group, position, type, key, actor, cause, reason, waits_for, "
                  "attempts, parked_at, retry}\n"
                  "a line. waits_for is the position of the same key that is in the way; null: "
                  "this is it.\n"
                  "  padriver parked list budget\n",
          .run = list },
        { .name = "parked show",
          .arguments = "GROUP POSITION",
          .summary = "Shows a parked event with its fields and its reason",
          .help = "--json: as parked list, with data.\n  padriver parked show budget 17\n",
          .run = show },
        { .name = "parked retry",
          .arguments = "GROUP POSITION | GROUP --key KEY | GROUP --all",
          .summary = "Lets the group try parked events again, in order",
          .help = "Mend the cause first: the reason says what it is. One event's whole key is "
                  "tried with it.\n"
                  "  padriver parked retry budget 17\n"
                  "  padriver parked retry budget --key grant-2027\n",
          .run = retry },
        { .name = "parked drop",
          .arguments = "GROUP POSITION",
          .summary = "Gives a parked event up; what waited for it is tried",
          .help = "The group never handles the event; the log keeps it.\n  padriver parked drop "
                  "budget 17\n",
          .run = drop },
        { 0 },
};
