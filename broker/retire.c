/*
 * retire: asks the store now and then to take the log's oldest partition out of the table, once
 * everything in it is older than log.retention and every group is past it (log.retire decides).
 * Asked at the start and each hour of the domain's clock, one partition at a time, until there is
 * none. While somebody reads the log for long, as a dump does, it is left for later: waiting for
 * the table's lock stops everybody.
 */
#include "broker/broker.h"
#include "broker/broker_sql.h"
#include "common/log.h"
#include <inttypes.h>
#include <string.h>

enum {
        BUSY_MS = 600000, /* until the next try after the lock was not to be had */
};

#define HOUR (INT64_C(3600) * 1000000)

/* log.retire answered. */
static void take_retired(void *context, const struct db_result *result)
{
        struct broker *broker = context;
        broker->retire.asking = false;
        if (result->end == DB_OK && db_int(result, 0, 0) != DB_NULL) {
                log_info("retired partition %" PRId64 " of the log: padriver retired list",
                         db_int(result, 0, 0));
                broker->retire.hour = -1; /* perhaps the next one, too */
        } else if (result->end == DB_ERROR) {
                bool busy = strcmp(result->sqlstate, "55P03") == 0;
                log_info("the log's oldest partition is not retired now: %s",
                         busy ? "somebody reads the log for long" : result->message);
                broker->retire.hour = -1;
                broker->retire.after = clock_monotonic_ms() + BUSY_MS;
        }
}

void retire_turn(struct broker *broker, int64_t now)
{
        int64_t days = broker->service.conf.log_retention;
        int64_t at = clock_now(broker->service.clock);
        if (days == 0 || broker->retire.asking || broker->retire.hour == at / HOUR ||
            now < broker->retire.after) {
                return;
        }
        const union param params[] = { { .integer = at - days * 24 * HOUR } };
        broker->retire.asking = true;
        broker->retire.hour = at / HOUR;
        broker->retire.after = now + LOOK_MS;
        db_send(broker->db, &broker_retire_statement, params, take_retired, broker);
}
