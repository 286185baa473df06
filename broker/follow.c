/*
 * follow: reads on in the log from the head that is known, and the cursors of groups. What is read
 * for a group comes back with a context of its own, since by then the group may be gone.
 */
#include "broker/broker.h"
#include "broker/broker_sql.h"
#include "common/failpoint.h"
#include "common/log.h"
#include <stdlib.h>
#include <string.h>

enum {
        ERRANDS = 16,   /* groups whose cursors are read at a time, lest HELLOs fill the queue */
        AT_ONCE = 1024, /* events read on */
        AGAIN = 10000,  /* positions until partitions are made ahead again if it failed */
};

/* What a group's cursors are read for. */
struct errand {
        struct broker *broker;
        struct text name; /* of the group, in the arena as all else */
        struct arena *arena;
};

static struct errand *errand_new(struct broker *broker, const struct group *group)
{
        struct arena *arena = arena_new();
        struct errand *errand = arena_alloc(arena, sizeof *errand);
        errand->broker = broker;
        errand->arena = arena;
        errand->name = arena_copy(arena, text_of(group->name));
        return errand;
}

static void errand_end(struct errand *errand)
{
        struct arena *arena = errand->arena;
        arena_destroy(&arena);
}

struct wire_event follow_event_of(const struct db_result *result, int64_t row)
{
        int64_t cause = db_int(result, row, 5);
        struct fault fault;
        struct wire_event event = { .position = db_int(result, row, 0),
                                    .at = db_int(result, row, 1),
                                    .type = db_int(result, row, 2),
                                    .key = db_text(result, row, 3),
                                    .actor = db_text(result, row, 4),
                                    .cause = cause == DB_NULL ? 0 : cause,
                                    .body = db_text(result, row, 6),
                                    .traceparent = db_text(result, row, 7) };
        const struct record *record = entry_record();
        if (!codec_check(record, &event, &fault)) {
                log_error("position %lld of the log: %s", (long long)event.position, fault.reason);
                event.key = event.actor = event.body = event.traceparent = TEXT("");
                event.cause = 0;
                event.type = event.type > 0 ? event.type : INT16_MAX;
        }
        return event;
}

/* The log after the head. */
static void take_read(void *context, const struct db_result *result)
{
        struct broker *broker = context;
        broker->looking = false;
        if (result->end != DB_OK) {
                broker_fail(broker, "the log cannot be read", result);
                return;
        }
        if (result->rows > 0) {
                failpoint("after-read");
        }
        for (int64_t row = 0; row < result->rows; row++) {
                struct wire_event event = follow_event_of(result, row);
                if (event.position > recent_head(broker->recent)) {
                        recent_add(broker->recent, &event);
                        broker->grown_at = clock_monotonic_ms();
                }
        }
        broker->look = broker->look || result->rows == AT_ONCE;
}

/* log.extend answered. */
static void take_extended(void *context, const struct db_result *result)
{
        struct broker *broker = context;
        if (result->end != DB_OK) {
                log_warning("the log's partitions are not made ahead: %s", result->message);
                broker->ahead = AGAIN;
                return;
        }
        broker->ahead = db_int(result, 0, 1) / 4; /* of a partition's width; two are free */
        broker->index.wanted = true;              /* one may be full by now */
        if (db_int(result, 0, 0) > 0) {
                log_info("made %lld partitions of the log ahead", (long long)db_int(result, 0, 0));
        }
}

void follow_turn(struct broker *broker, int64_t now)
{
        int64_t head = recent_head(broker->recent);
        if (head >= broker->extended + broker->ahead) {
                broker->extended = head;
                failpoint("before-extend");
                broker->ahead = INT64_MAX / 2; /* until it is answered */
                db_send(broker->db, &broker_extend_statement, NULL, take_extended, broker);
        }
        if (!broker->looking && (broker->look || now - broker->looked_at >= LOOK_MS)) {
                const union param params[] = { { .integer = head }, { .integer = AT_ONCE } };
                broker->look = false;
                broker->looking = true;
                broker->looked_at = now;
                db_send(broker->db, &broker_read_statement, params, take_read, broker);
        }
        broker_wake_at(broker, broker->looked_at + LOOK_MS);
}

/* A group's cursors. */
static void take_cursors(void *context, const struct db_result *result)
{
        struct errand *errand = context;
        errand->broker->errands--;
        if (result->end == DB_OK) {
                size_t count = (size_t)result->rows;
                int64_t *cursors = arena_array(errand->arena, count, sizeof *cursors);
                for (size_t i = 0; i < count; i++) {
                        cursors[i] = db_int(result, (int64_t)i, 1);
                }
                members_take_cursors(errand->broker, errand->name, cursors, count);
        } else {
                broker_fail(errand->broker, "cursors cannot be read", result);
        }
        errand_end(errand);
}

void follow_group(struct broker *broker, struct group *group)
{
        const union param params[] = { { .text = text_of(group->name) } };
        if (broker->errands == ERRANDS) {
                return; /* in a turn to come */
        }
        broker->errands++;
        group->stale = false;
        group->reading = true;
        db_send(broker->db, &broker_cursors_statement, params, take_cursors,
                errand_new(broker, group));
}
