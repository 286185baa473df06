/*
 * timers: events that have not happened yet (reminders, closings, invitations): listed, moved,
 * dropped by an operator.
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include "workers/ctl/shown.h"
#include "workers/ctl/timers_sql.h"
#include <inttypes.h>

/* One timer for programs. */
static json_t *document(struct ctl *ctl, const struct timers_set *row)
{
        return json_pack("{s:I,s:o,s:o,s:o,s:o,s:s,s:o}", "id", row->id, "owner",
                         ctl_text(row->owner), "name", ctl_text(row->name), "due_at",
                         ctl_time(ctl, row->due_at), "not_after", ctl_time(ctl, row->not_after),
                         "event", event_name(row->type), "data",
                         shown_document(ctl->arena, row->type, row->body));
}

/* One timer for people. */
static void fill_cells(struct ctl *ctl, const struct timers_set *row, struct text *cells)
{
        cells[0] = arena_printf(ctl->arena, "%" PRId64, row->id);
        cells[1] = time_iso(ctl->arena, row->due_at);
        cells[2] = row->owner;
        cells[3] = row->name;
        cells[4] = text_of(event_name(row->type));
        cells[5] = shown_data(ctl->arena, row->type, row->body);
}

/* `padriver timers list` */
static int list(struct ctl *ctl, int argc, char **argv)
{
        struct text owner = { 0 }, name = { 0 };
        const struct ctl_option options[] = {
                { .name = "owner", .text = &owner },
                { .name = "name", .text = &name },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        struct timers_set_rows all = timers_set(tx, owner, name);
        struct text *cells = arena_array(ctl->arena, all.count * 6, sizeof *cells);
        for (size_t i = 0; i < all.count; i++) {
                if (ctl->json)
                        ctl_json(document(ctl, &all.row[i]));
                else
                        fill_cells(ctl, &all.row[i], &cells[6 * i]);
        }
        const char *const heads[] = { "ID", "DUE", "OWNER", "NAME", "EVENT", "FIELDS" };
        if (!ctl->json)
                ctl_table(heads, 6, cells, all.count);
        return ctl_end(ctl);
}

/* The timer's number. False: said that it is none. */
static bool read_id(const struct ctl *ctl, const char *word, int64_t *id)
{
        if (text_to_int(text_of(word), id))
                return true;
        ctl_fail(ctl, EXIT_USAGE, "'%s' is no timer's id; see padriver timers list", word);
        return false;
}

/* Commits what found its timer. */
static int end(struct ctl *ctl, bool found, int64_t id)
{
        if (found || tx_failed(ctl->tx))
                return ctl_commit(ctl);
        tx_rollback(ctl->tx);
        return ctl_fail(
                ctl, EXIT_REFUSED,
                "there is no timer %" PRId64 "; it may have fired: see padriver timers list", id);
}

/* `padriver timers move` */
static int move(struct ctl *ctl, int argc, char **argv)
{
        struct timer_move moved = { false };
        int64_t id, due;
        if (!ctl_options(ctl, &argc, argv, 2, 2, NULL) || !read_id(ctl, argv[1], &id))
                return EXIT_USAGE;
        if (!ctl_time_of(text_of(argv[2]), &due))
                return ctl_fail(ctl, EXIT_USAGE, "'%s' is no time; write " CTL_TIMES, argv[2]);
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        return end(ctl, timer_move(tx, id, due, &moved) && moved.found, id);
}

/* `padriver timers drop` */
static int drop(struct ctl *ctl, int argc, char **argv)
{
        struct timer_remove removed = { false };
        int64_t id;
        if (!ctl_options(ctl, &argc, argv, 1, 1, NULL) || !read_id(ctl, argv[1], &id))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        return end(ctl, timer_remove(tx, id, &removed) && removed.found, id);
}

const struct command timers_commands[] = {
        { .name = "timers list",
          .arguments = "[--owner GROUP] [--name BEGINNING]",
          .summary = "Lists what is due to happen: reminders, closings, invitations",
          .help = "--json: {id, owner, name, due_at, not_after, event, data} a line.\n"
                  "  padriver timers list --owner evaluation\n",
          .run = list },
        { .name = "timers move",
          .arguments = "ID TIME",
          .summary = "Lets a timer fire at another time",
          .help = "  padriver timers move 12 2027-03-01T09:00\n",
          .run = move },
        { .name = "timers drop",
          .arguments = "ID",
          .summary = "Drops a timer: what it was for does not happen",
          .help = "  padriver timers drop 12\n",
          .run = drop },
        { 0 },
};
