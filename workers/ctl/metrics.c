/*
 * metrics: `padriver metrics`: what the store knows of how it goes, as padriver_metrics, and what
 * the programs count of themselves, as one page for Prometheus. Ages are by the instance's clock.
 */
#include "workers/ctl/metrics.h"

#include "common/event.h"
#include "workers/ctl/metrics_sql.h"
#include <stdio.h>
#include <stdlib.h>

enum { DEADLINE_MS = 5000 };

/* How long ago, in microseconds; 0 if it is to come or never was. */
static int64_t age(struct tx *tx, int64_t at)
{
        return at == DB_NULL || at > tx_now(tx) ? 0 : tx_now(tx) - at;
}

static void add_gauge(struct metrics_page *page, const char *name, const char *help, int64_t value)
{
        metrics_family(page, name, "gauge", help);
        metrics_count(page, NULL, value);
}

/* The groups' families. */
static void add_groups(struct tx *tx, struct metrics_page *page)
{
        const struct watch_groups_rows all = watch_groups(tx);
        struct metric_label labels[] = { { "group", TEXT("") }, { 0 }, { 0 } };
        metrics_family(page, "padriver_group_oldest_undelivered_seconds", "gauge",
                       "Since the first event happened that the group has yet to handle; 0: none.");
        for (size_t i = 0; i < all.count; i++) {
                labels[0].value = all.row[i].name;
                metrics_seconds(page, labels, age(tx, all.row[i].oldest_at));
        }
        metrics_family(page, "padriver_group_behind_positions", "gauge",
                       "From the group's last cursor to the log's head.");
        for (size_t i = 0; i < all.count; i++) {
                labels[0].value = all.row[i].name;
                metrics_count(page, labels, all.row[i].behind);
        }
        metrics_family(page, "padriver_group_parked_events", "gauge",
                       "Events set aside: cause: in the way of others, or alone; behind: of a key "
                       "that has one; retry: of both, marked for retry.");
        for (size_t i = 0; i < all.count; i++) {
                const struct watch_groups *row = &all.row[i];
                labels[0].value = row->name;
                labels[1] = (struct metric_label){ "state", TEXT("cause") };
                metrics_count(page, labels, row->parked);
                labels[1].value = TEXT("behind");
                metrics_count(page, labels, row->waiting);
                labels[1].value = TEXT("retry");
                metrics_count(page, labels, row->to_retry);
        }
}

/* Timers to come, overdue, and fired. */
static void add_timers(struct tx *tx, struct metrics_page *page)
{
        const struct watch_timers_rows all = watch_timers(tx, tx_now(tx));
        const struct watch_fired_rows fired = watch_fired(tx);
        struct metric_label labels[] = { { "owner", TEXT("") }, { 0 }, { 0 } };
        metrics_family(page, "padriver_timers", "gauge", "Timers set, by whether they are due.");
        for (size_t i = 0; i < all.count; i++) {
                labels[0].value = all.row[i].owner;
                labels[1] = (struct metric_label){ "state", TEXT("pending") };
                metrics_count(page, labels, all.row[i].timers - all.row[i].overdue);
                labels[1].value = TEXT("due");
                metrics_count(page, labels, all.row[i].overdue);
        }
        labels[1] = (struct metric_label){ 0 };
        metrics_family(page, "padriver_timers_oldest_due_seconds", "gauge",
                       "How long the owner's first timer is over its time; 0: none is.");
        for (size_t i = 0; i < all.count; i++) {
                labels[0].value = all.row[i].owner;
                metrics_seconds(page, labels, age(tx, all.row[i].oldest_at));
        }
        metrics_family(page, "padriver_timer_last_fired_timestamp_seconds", "gauge",
                       "When a timer last became an event of this type.");
        labels[0].name = "type";
        for (size_t i = 0; i < fired.count; i++) {
                labels[0].value = text_of(event_name(fired.row[i].type));
                metrics_seconds(page, labels, fired.row[i].at);
        }
}

/* The rows of a rule stand together: its last success is that of its row "sent". */
static void add_letters(struct tx *tx, struct metrics_page *page)
{
        const struct watch_letters_rows all = watch_letters(tx);
        struct metric_label labels[] = {
                { "owner", TEXT("") }, { "rule", TEXT("") }, { "state", TEXT("") }, { 0 }
        };
        metrics_family(page, "padriver_letters", "gauge", "Letters, by owner, rule and state.");
        for (size_t i = 0; i < all.count; i++) {
                labels[0].value = all.row[i].owner;
                labels[1].value = all.row[i].rule;
                labels[2].value = all.row[i].state;
                metrics_count(page, labels, all.row[i].letters);
        }
        labels[2] = (struct metric_label){ 0 };
        metrics_family(page, "padriver_rule_last_success_timestamp_seconds", "gauge",
                       "When the last letter of the rule was sent.");
        for (size_t i = 0; i < all.count; i++) {
                labels[0].value = all.row[i].owner;
                labels[1].value = all.row[i].rule;
                if (text_equal(all.row[i].state, TEXT("sent")))
                        metrics_seconds(page, labels, all.row[i].sent_at);
        }
        metrics_family(page, "padriver_rule_oldest_due_seconds", "gauge",
                       "How long the rule's first letter has been due and not sent.");
        for (size_t i = 0; i < all.count; i++) {
                labels[0].value = all.row[i].owner;
                labels[1].value = all.row[i].rule;
                if (text_equal(all.row[i].state, TEXT("due")))
                        metrics_seconds(page, labels, age(tx, all.row[i].due_at));
        }
}

/* The log's size, and what keeps the server from cleaning up. */
static void add_server(struct tx *tx, struct metrics_page *page)
{
        struct watch_store row = { 0 };
        struct metric_label table[] = { { "table", TEXT("log.cursor") }, { 0 } };
        if (!watch_store(tx, &row))
                return;
        add_gauge(page, "padriver_log_head_position", "The last event's position.", row.head);
        add_gauge(page, "padriver_log_partitions",
                  "Partitions of the log's table, those made ahead too.", row.partitions);
        add_gauge(page, "padriver_log_bytes", "The log's size on disk, with its indexes.",
                  row.bytes);
        metrics_family(page, "padriver_store_dead_rows", "gauge",
                       "Old versions of rows that are not cleaned away yet.");
        metrics_count(page, table, row.dead_cursors);
        table[0].value = TEXT("log.source");
        metrics_count(page, table, row.dead_sources);
        metrics_family(page, "padriver_store_oldest_snapshot_seconds", "gauge",
                       "How long the oldest transaction has had its snapshot: nothing newer is "
                       "cleaned away.");
        metrics_seconds(page, NULL, row.snapshot_us);
        add_gauge(page, "padriver_store_oldest_snapshot_transactions",
                  "Transactions since the oldest that anybody still sees, slots and prepared "
                  "transactions too.",
                  row.snapshot_age);
}

/* What the store says. False: nothing. */
static bool ask_store(struct ctl *ctl, struct gathered *all)
{
        struct metrics_page page = { 0 };
        struct db *db = db_new(ctl->conf.store_connection, "padriver_metrics", NULL, DEADLINE_MS);
        struct tx *tx = tx_new(db, "metrics");
        bool good = tx_begin(tx, clock_now(ctl->clock));
        if (good) {
                add_groups(tx, &page);
                add_timers(tx, &page);
                add_letters(tx, &page);
                add_server(tx, &page);
                good = tx_commit(tx) == TX_DONE;
        }
        if (good)
                gathered_add(all, (struct text){ page.text.at, page.text.size });
        metrics_clear(&page);
        add_gauge(&page, "padriver_store_up", "Whether the store answers.", good);
        gathered_add(all, (struct text){ page.text.at, page.text.size });
        metrics_clear(&page);
        tx_destroy(&tx);
        db_destroy(&db);
        return good;
}

/* `padriver metrics` */
static int metrics(struct ctl *ctl, int argc, char **argv)
{
        bool http = false;
        const struct ctl_option options[] = { { .name = "http", .flag = &http }, { 0 } };
        char *page = NULL;
        size_t size = 0;
        if (!ctl_options(ctl, &argc, argv, 0, 0, options))
                return EXIT_USAGE;
        if (http && !http_wants_metrics())
                return EXIT_DONE;
        FILE *out = http ? open_memstream(&page, &size) : stdout;
        if (!out)
                return ctl_fail(ctl, EXIT_INTERNAL, "there is no memory");
        struct gathered *all = gathered_new();
        bool good = ask_store(ctl, all);
        metrics_add_programs(all, ctl->conf.place_runtime);
        gathered_print(all, out);
        gathered_destroy(&all);
        if (http) {
                fclose(out);
                http_answer((struct text){ page, size });
                free(page);
        }
        return good || http ? EXIT_DONE : EXIT_DOWN;
}

const struct command metrics_commands[] = {
        { .name = "metrics",
          .arguments = "[--http]",
          .summary = "Tells Prometheus how it goes: groups, timers, letters, store, programs",
          .help = "The text exposition format: numbers by group, owner, type and rule, nothing of "
                  "a person. What the store\n"
                  "knows, as the role padriver_metrics, and what broker and daemons count of "
                  "themselves.\n"
                  "--http: answers one HTTP request for /metrics on standard input, as "
                  "padriver-metrics.socket has it.\n"
                  "Exit status 69 if the store does not answer; the programs' numbers come all "
                  "the same.\n"
                  "  padriver metrics | promtool check metrics\n",
          .run = metrics },
        { 0 },
};
