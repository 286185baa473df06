/*
 * counter_daemon: the smallest worker: one row for each event that it handles, so that a test can
 * hold the effects against the log. What the table counter.trouble says of a key makes its events
 * RETRY, REJECT or break a constraint. COUNTER_GROUP names the group; a meeting held is passed on
 * as a session held.
 */
#include "common/worker.h"
#include "tests/support/counter_daemon_sql.h"
#include <stdlib.h>

/* Counts an event of the key, unless the test wants trouble. */
static enum status count(struct tx *tx, struct text key)
{
        struct text group = text_of(worker_of(tx)->group);
        struct counter_trouble_rows trouble = counter_trouble(tx, group, key);
        counter_count(tx, group, tx_cause(tx), key);
        if (trouble.count > 0 && text_equal(trouble.row[0].kind, TEXT("reject"))) {
                return tx_reject(tx, "the test rejects %.*s", TEXT_ARGS(key));
        }
        if (trouble.count > 0 && text_equal(trouble.row[0].kind, TEXT("retry"))) {
                return tx_retry(tx, "the test puts %.*s off", TEXT_ARGS(key));
        }
        if (trouble.count > 0) { /* a constraint */
                counter_count(tx, (struct text){ 0 }, tx_cause(tx), key);
        }
        return DONE;
}

static enum status count_session(struct tx *tx, const struct session_held *event)
{
        return count(tx, event->meeting);
}

static enum status count_reminder(struct tx *tx, const struct reminder_due *event)
{
        return count(tx, event->subject);
}

/* Counts, and says it again as another event. */
static enum status pass_on(struct tx *tx, const struct meeting_held *event)
{
        emit_session_held(tx, &(struct session_held){ .meeting = event->meeting });
        return count(tx, event->meeting);
}

int main(int argc, char **argv)
{
        const char *group = getenv("COUNTER_GROUP");
        return worker_main(argc, argv,
                           &(struct worker){
                                   .group = group ? group : "counter",
                                   .on = {
                                           .session_held = count_session,
                                           .meeting_held = pass_on,
                                           .reminder_due = count_reminder,
                                   },
                           });
}
