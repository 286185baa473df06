/*
 * index: asks the store to make, for each partition of the log that is full, the index by key that
 * `padriver trace` and `padriver log --key` find events by (log.index_full). Nobody appends there
 * any more, so no append pays for it. It takes seconds of reading and sorting: by a connection of
 * its own, which is there only meanwhile. One that is cut short is asked for again.
 */
#include "broker/broker.h"
#include "broker/broker_sql.h"
#include "common/log.h"
#include <inttypes.h>

enum {
        BUSY_MS = 60000,     /* until the next try after it was not to be had */
        DEADLINE_MS = 20000, /* until we hang up: the server ends what it has begun all the same */
};

/* log.index_full answered. */
static void take_indexed(void *context, const struct db_result *result)
{
        struct broker *broker = context;
        broker->index.asking = false;
        if (result->end == DB_OK && db_int(result, 0, 0) != DB_NULL) {
                log_info("partition %" PRId64 " of the log is full and indexed by key",
                         db_int(result, 0, 0));
                broker->index.wanted = true; /* perhaps the one before, too */
        } else if (result->end != DB_OK) {
                log_info("a partition of the log is not indexed now: %s", result->message);
                broker->index.wanted = true;
                broker->index.after = clock_monotonic_ms() + BUSY_MS;
        }
}

void index_turn(struct broker *broker, int64_t now)
{
        struct db *db = broker->index.db;
        if (db_is_open(db)) {
                db_receive(db);
        }
        if (broker->index.asking || now < broker->index.after) {
                return;
        }
        if (!broker->index.wanted) {
                db_close(db);
        } else if (db_is_open(db) || db_connect(db)) {
                broker->index.asking = true;
                broker->index.wanted = false; /* one that fills meanwhile is asked for again */
                db_send(db, &broker_index_statement, NULL, take_indexed, broker);
                db_flush(db);
        } else {
                broker->index.after = now + BUSY_MS;
        }
}

void index_open(struct broker *broker)
{
        const struct conf *conf = &broker->service.conf;
        broker->index.db =
                db_new(conf->store_connection, broker->service.database_user, NULL, DEADLINE_MS);
}

void index_forget(struct broker *broker)
{
        db_close(broker->index.db);
        broker->index.wanted = false;
        broker->index.after = 0;
}
