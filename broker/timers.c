/*
 * timers: asks the store to turn due timers into events (log.fire), which does so once whoever
 * asks. Asked when the next one is due by the domain's clock, when somebody committed (WAKE), and
 * each second, since others set timers too. A simulated clock jumps, so then it is asked often.
 */
#include "broker/broker.h"
#include "broker/broker_sql.h"
#include "common/failpoint.h"
#include "common/log.h"

enum {
        AT_ONCE = 256,     /* timers fired in one transaction */
        SIMULATED_MS = 50, /* between looks at a clock that jumps */
};

/* log.fire answered. */
static void take_fired(void *context, const struct db_result *result)
{
        struct broker *broker = context;
        broker->timers.asking = false;
        if (result->end != DB_OK) {
                log_warning("timers are not fired: %s", result->message);
                return;
        }
        int64_t gone = db_int(result, 0, 0), fired = db_int(result, 0, 1);
        broker->timers.next = db_int(result, 0, 2);
        broker->counts.fired += fired;
        broker->counts.lapsed += gone - fired;
        broker->timers.wanted = broker->timers.wanted || gone == AT_ONCE;
        if (fired > 0) {
                failpoint("after-fire");
                broker->look = true;
        }
}

/* How long until the next look, in ms. */
static int64_t pause_of(const struct broker *broker)
{
        const struct clock *clock = broker->service.clock;
        int64_t pause = clock_is_simulated(clock) ? SIMULATED_MS : LOOK_MS;
        if (broker->timers.next != DB_NULL) {
                int64_t left = (broker->timers.next - clock_now(clock)) / 1000 + 1;
                pause = left < 0 ? 0 : left < pause ? left : pause;
        }
        return pause;
}

void timers_turn(struct broker *broker, int64_t now)
{
        int64_t at = broker->timers.asked_at + pause_of(broker);
        if (broker->timers.asking) {
                return;
        }
        if (broker->timers.wanted || now >= at) {
                const union param params[] = { { .integer = clock_now(broker->service.clock) },
                                               { .integer = AT_ONCE } };
                broker->timers.wanted = false;
                broker->timers.asking = true;
                broker->timers.asked_at = now;
                broker->timers.next = DB_NULL;
                failpoint("before-fire");
                db_send(broker->db, &broker_fire_statement, params, take_fired, broker);
        } else {
                broker_wake_at(broker, at);
        }
}
