/*
 * counts: the table of names, and what is looked up when the page is written: groups, members,
 * batches on their way.
 */
#include "broker/broker.h"

/* clang-format off */
#define COUNTER(name, help, member) \
        { "padriver_broker_" name "_total", "counter", help, NULL, NULL, offsetof(struct counts, member) }

static const struct metric table[] = {
        COUNTER("batches", "Batches sent to workers.", batches),
        COUNTER("delivered_events", "Events sent to workers: once for each group, and again after a failure.", delivered),
        COUNTER("pages", "Reads of the log for groups that lag behind what is in memory.", pages),
        COUNTER("later", "How often a worker put partitions off.", later),
        COUNTER("workers_gone", "Workers that fell silent or could not be reached.", gone),
        COUNTER("over_rate", "Messages not taken, since their sender had sent more than broker.rate.", over),
        COUNTER("published_messages", "Publishers' messages that the store took.", messages),
        COUNTER("published_events", "Their events, those known already not counted.", events),
        COUNTER("publish_calls", "Commits that took publishers' messages, many in each.", calls),
        COUNTER("publish_calls_failed", "Such commits that failed or whose outcome is unknown.", failed_calls),
        COUNTER("timers_fired", "Timers that became events.", fired),
        COUNTER("timers_lapsed", "Timers that came too late to fire.", lapsed),
};

#define REFUSED "padriver_broker_connections_refused_total", "counter", "Connections turned away, by the reason.", "reason"
#define DOOR(member) offsetof(struct door_counters, member)

static const struct metric door_table[] = {
        { "padriver_broker_connections", "gauge", "Connections of peers now, those that shake hands included.", NULL, NULL, DOOR(connections) },
        { "padriver_broker_connections_accepted_total", "counter", "Connections that began.", NULL, NULL, DOOR(accepted) },
        { "padriver_broker_connections_let_in_total", "counter", "Connections let in.", NULL, NULL, DOOR(let_in) },
        { REFUSED, "stranger", DOOR(strangers) },
        { REFUSED, "handshake", DOOR(garbled) },
        { REFUSED, "crowd", DOOR(crowded) },
        { "padriver_broker_malformed_total", "counter", "Messages that are none.", NULL, NULL, DOOR(malformed) },
        { "padriver_broker_unread_total", "counter", "Answers to peers that do not read them.", NULL, NULL, DOOR(unread) },
};
/* clang-format on */

static void add_gauge(struct metrics_page *page, const char *name, const char *help, int64_t value)
{
        metrics_family(page, name, "gauge", help);
        metrics_count(page, NULL, value);
}

/* What each group has now: all of one family stand together. */
static void add_groups(struct metrics_page *page, const struct broker *broker)
{
        metrics_family(page, "padriver_broker_workers", "gauge", "Workers that the group has now.");
        for (const struct group *group = broker->groups; group; group = group->next) {
                const struct metric_label labels[] = { { "group", text_of(group->name) }, { 0 } };
                int64_t members = 0;
                for (const struct member *m = group->members; m; m = m->next) {
                        members++;
                }
                metrics_count(page, labels, members);
        }
        metrics_family(page, "padriver_broker_batches_in_flight", "gauge",
                       "Batches on their way to the group's workers or in their hands.");
        for (const struct group *group = broker->groups; group; group = group->next) {
                const struct metric_label labels[] = { { "group", text_of(group->name) }, { 0 } };
                int64_t flying = 0;
                for (const struct member *m = group->members; m; m = m->next) {
                        flying += m->number - m->dealt;
                }
                metrics_count(page, labels, flying);
        }
}

void counts_turn(struct broker *broker, int64_t now)
{
        if (!metrics_due(broker->metrics, now)) {
                return;
        }
        struct metrics_page page = {
                .own = { { "process", metrics_process_number(broker->metrics) },
                         { "program", TEXT("broker") } },
                .own_count = 1, /* a standby may be on the same machine */
        };
        add_gauge(&page, "padriver_broker_active",
                  "1: serves its peers; 0: stands by, or the store is away.", broker->active);
        add_gauge(&page, "padriver_broker_memory_events",
                  "Events kept in memory for delivery without reading the log.",
                  recent_head(broker->recent) - recent_floor(broker->recent));
        add_gauge(&page, "padriver_broker_publish_calls_in_flight",
                  "Commits of publishers' messages that the store has not answered.",
                  (int64_t)publish_in_flight(broker->publisher));
        metrics_table(&page, table, sizeof table / sizeof *table, &broker->counts);
        metrics_table(&page, door_table, sizeof door_table / sizeof *door_table,
                      door_counters(peers_door(broker->peers)));
        metrics_family(&page, "padriver_broker_refused_total", "counter",
                       "Messages refused, by the code that the peer was told.");
        metrics_words(&page, "code", peers_refused(broker->peers));
        add_groups(&page, broker);
        page.own_count = 2;
        metrics_process(&page);
        metrics_write(broker->metrics, &page, now);
        metrics_clear(&page);
}
