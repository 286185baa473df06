/*
 * status: how the instance stands, at a glance (status) and by partition (lag), and the wait for it
 * to come to rest.
 */
#include "workers/ctl/ctl.h"

#include "common/day.h"
#include "common/instance.h"
#include "common/wire.h"
#include "workers/ctl/idle.h"
#include "workers/ctl/probe.h"
#include "workers/ctl/shown.h"
#include "workers/ctl/status_sql.h"
#include <inttypes.h>
#include <stdio.h>

/* Seconds since the first event that waits for the cursor happened; 0 if none does. */
static int64_t age(const struct ctl *ctl, const struct lags *row)
{
        int64_t age = row->oldest_at == DB_NULL ? 0 : clock_now(ctl->clock) - row->oldest_at;
        return age > 0 ? age / CLOCK_SECOND : 0;
}

/* One partition for programs. */
static json_t *lag_document(const struct ctl *ctl, const struct lags *row)
{
        return json_pack("{s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "group", ctl_text(row->worker_group),
                         "partition", row->part, "position", row->position, "head", row->head,
                         "behind", row->head - row->position, "oldest_s", age(ctl, row), "parked",
                         row->parked);
}

/* All partitions for people. */
static void print_lags(struct ctl *ctl, const struct lags_rows *all)
{
        const char *const heads[] = { "GROUP",  "PARTITION", "POSITION", "HEAD",
                                      "BEHIND", "OLDEST",    "PARKED" };
        struct text *cells = arena_array(ctl->arena, all->count * 7, sizeof *cells);
        for (size_t i = 0; i < all->count; i++) {
                const struct lags *row = &all->row[i];
                cells[7 * i] = row->worker_group;
                cells[7 * i + 1] = shown_text(ctl->arena, row->part);
                cells[7 * i + 2] = shown_text(ctl->arena, row->position);
                cells[7 * i + 3] = shown_text(ctl->arena, row->head);
                cells[7 * i + 4] = shown_text(ctl->arena, row->head - row->position);
                cells[7 * i + 5] = arena_printf(ctl->arena, "%" PRId64 " s", age(ctl, row));
                cells[7 * i + 6] = shown_text(ctl->arena, row->parked);
        }
        ctl_table(heads, 7, cells, all->count);
}

/* `padriver lag` */
static int lag(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return EXIT_DOWN;
        struct lags_rows all = lags(tx);
        for (size_t i = 0; ctl->json && i < all.count; i++)
                ctl_json(lag_document(ctl, &all.row[i]));
        if (!ctl->json)
                print_lags(ctl, &all);
        return ctl_end(ctl);
}

/* `padriver wait` */
static int wait_for(struct ctl *ctl, int argc, char **argv)
{
        bool idle = false;
        int64_t seconds = 60;
        const struct ctl_option options[] = {
                { .name = "idle", .flag = &idle },
                { .name = "timeout", .number = &seconds },
                { 0 },
        };
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        if (!idle || seconds < 0 || seconds > 86400)
                return ctl_fail(ctl, EXIT_USAGE,
                                "wait for what? --idle, with a --timeout of at most a day");
        return idle_wait(ctl, seconds);
}

/* The letters of each queue by state, {notice: {sent: 12}, …}, into the document. */
static void add_letters(json_t *mail, const struct letter_states_rows *all)
{
        for (size_t i = 0; i < all->count; i++) {
                const struct letter_states *row = &all->row[i];
                json_t *queue = json_object_getn(mail, row->queue.at, row->queue.size);
                if (!queue) {
                        queue = json_object();
                        json_object_setn_new(mail, row->queue.at, row->queue.size, queue);
                }
                json_object_setn_new(queue, row->state.at, row->state.size,
                                     json_integer(row->letters));
        }
}

/* Whether the instance that runs may send what this store holds; null: no sender ever ran. */
static json_t *mail_document(struct ctl *ctl, struct tx *tx)
{
        struct releases released;
        struct letter_states_rows letters = letter_states(tx);
        bool any = releases(tx, &released);
        struct instance *instance = instance_open(ctl->conf.place_state, ctl->conf.place_runtime);
        bool same = any && instance && text_equal(instance_id(instance), released.instance);
        json_t *mail = json_pack("{s:o}", "released", any ? json_boolean(same) : json_null());
        add_letters(mail, &letters);
        instance_close(&instance);
        return mail;
}

/* The groups, each with what it is behind and has parked over all its partitions. */
static json_t *groups_document(const struct lags_rows *all)
{
        json_t *groups = json_array();
        for (size_t i = 0; i < all->count;) {
                const struct lags *first = &all->row[i];
                int64_t behind = 0, parked = 0, partitions = 0;
                for (; i < all->count && text_equal(all->row[i].worker_group, first->worker_group);
                     i++) {
                        behind += all->row[i].head - all->row[i].position;
                        parked += all->row[i].parked;
                        partitions++;
                }
                json_array_append_new(groups,
                                      json_pack("{s:o,s:I,s:I,s:I}", "group",
                                                ctl_text(first->worker_group), "partitions",
                                                partitions, "behind", behind, "parked", parked));
        }
        return groups;
}

/* What the store says; null and EXIT_DOWN if it says nothing. */
static json_t *store_document(struct ctl *ctl, json_t *status)
{
        struct log_counts counts = { 0 };
        struct oldest_snapshot snapshot = { 0 };
        struct tx *tx = ctl_tx(ctl);
        if (!tx)
                return json_pack("{s:b}", "answering", false);
        struct lags_rows all = lags(tx);
        json_object_set_new(status, "groups", groups_document(&all));
        json_object_set_new(status, "mail", mail_document(ctl, tx));
        log_counts(tx, clock_now(ctl->clock), &counts);
        oldest_snapshot(tx, &snapshot);
        bool answering = ctl_end(ctl) == EXIT_DONE;
        return json_pack("{s:b,s:I,s:I,s:I,s:I,s:I}", "answering", answering, "head", counts.head,
                         "timers", counts.timers, "timers_due", counts.timers_due, "parked",
                         counts.parked, "oldest_snapshot_s", snapshot.us / 1000000);
}

/* The number that the document holds under the name. */
static int64_t number_in(const json_t *document, const char *name)
{
        return json_integer_value(json_object_get(document, name));
}

/* The letters of one queue by state on a line. */
static void print_letters(const char *name, json_t *queue)
{
        const char *state;
        json_t *letters;
        printf("  %-12s", name);
        json_object_foreach(queue, state, letters)
                printf(" %s %" JSON_INTEGER_FORMAT, state, json_integer_value(letters));
        putchar('\n');
}

/* The mail's state and queues. */
static void print_mail(json_t *mail)
{
        const char *name;
        json_t *queue, *released = json_object_get(mail, "released");
        puts(json_is_true(released)    ? "mail           this instance may send"
             : json_is_false(released) ? "mail           held: the store was released for another "
                                         "instance; see padriver instance release"
                                       : "mail           no sender has run yet");
        json_object_foreach(mail, name, queue) if (json_is_object(queue))
                print_letters(name, queue);
}

/* The whole for people. */
static void print_status(const struct ctl *ctl, json_t *status, bool broker)
{
        size_t i;
        json_t *group, *store = json_object_get(status, "store");
        printf("broker         %s at %s\n", broker ? "answers" : "DOES NOT ANSWER",
               ctl->conf.broker_endpoint);
        if (json_is_false(json_object_get(store, "answering"))) {
                puts("store          DOES NOT ANSWER");
                return;
        }
        printf("store          head %" PRId64 ", timers %" PRId64 " (due %" PRId64
               "), parked %" PRId64 ", oldest snapshot %" PRId64 " s\n",
               number_in(store, "head"), number_in(store, "timers"), number_in(store, "timers_due"),
               number_in(store, "parked"), number_in(store, "oldest_snapshot_s"));
        print_mail(json_object_get(status, "mail"));
        puts("groups");
        json_array_foreach(json_object_get(status, "groups"), i, group) printf(
                "  %-12s %" PRId64 " partitions, %" PRId64 " events behind, %" PRId64 " parked\n",
                json_string_value(json_object_get(group, "group")), number_in(group, "partitions"),
                number_in(group, "behind"), number_in(group, "parked"));
}

/* `padriver status` */
static int status(struct ctl *ctl, int argc, char **argv)
{
        if (!ctl_options(ctl, &argc, argv, 0, 0, NULL))
                return EXIT_USAGE;
        bool broker = probe_broker(ctl);
        json_t *all = json_pack("{s:{s:b,s:s},s:n,s:n,s:n}", "broker", "answering", broker,
                                "endpoint", ctl->conf.broker_endpoint, "store", "mail", "groups");
        json_object_set_new(all, "store", store_document(ctl, all));
        bool store = json_is_true(json_object_get(json_object_get(all, "store"), "answering"));
        if (ctl->json)
                ctl_json(json_incref(all));
        else
                print_status(ctl, all, broker);
        json_decref(all);
        if (!broker)
                ctl_fail(ctl, EXIT_DOWN, "the broker does not answer at %s",
                         ctl->conf.broker_endpoint);
        return broker && store ? EXIT_DONE : EXIT_DOWN;
}

const struct command status_commands[] = {
        { .name = "status",
          .summary = "Shows how the instance stands: broker, store, mail, groups",
          .help = "Exit status 69 if the broker or the store does not answer. The oldest snapshot "
                  "is how long somebody's\n"
                  "transaction has been open that keeps dead rows from being cleaned away.\n"
                  "--json: {broker: {answering, endpoint}, store: {answering, head, timers, "
                  "timers_due, parked,\n"
                  "oldest_snapshot_s},\n"
                  "mail: {released, notice: {STATE: LETTERS}, newsletter: {…}}, groups: [{group, "
                  "partitions, behind, parked}]}.\n"
                  "  padriver status\n",
          .run = status },
        { .name = "lag",
          .summary = "Shows how far each group has come in each partition of the log",
          .help = "OLDEST is how long ago the first event happened that waits for the cursor.\n"
                  "BEHIND counts positions to the head, events of other groups too; PARKED events "
                  "are behind the cursor, set aside.\n"
                  "--json: {group, partition, position, head, behind, oldest_s, parked} a line.\n"
                  "  padriver lag\n",
          .run = lag },
        { .name = "wait",
          .arguments = "--idle [--timeout S]",
          .summary = "Waits until everything that is due is done",
          .help = "Idle: every cursor at the head, no timer due, nothing marked for retry, no "
                  "letter due or claimed.\n"
                  "Exit status 1, and what is unfinished, when --timeout (60) seconds have "
                  "passed.\n"
                  "  padriver wait --idle --timeout 30\n",
          .run = wait_for },
        { 0 },
};
