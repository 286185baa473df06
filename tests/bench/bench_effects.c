/*
 * bench_effects: what daemons do with events, not only what the log does. It appends as a web face
 * would, many people's forms in one transaction and then a WAKE, and holds an event for confirmed
 * when the daemon's cursor has passed it, which is when its effects are committed. BENCH_EFFECTS is
 * evaluation (named answers become results) or grant (money becomes entries); BENCH_GRANTS says of
 * how many grants.
 */
#include "common/log.h"
#include "common/service.h"
#include "common/tx.h"
#include "common/wire.h"
#include "tests/bench/bench_effects_sql.h"
#include "tests/bench/publishing.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ANSWER                                                                                     \
        "{\"q1\":4,\"q2\":5,\"q3\":3,\"q4\":4,\"q5\":2,\"q6\":5,\"q7\":4,\"q8\":0,\"q9\":3,"       \
        "\"q12\":\"ord\"}"

enum {
        LOOK_NS = 1000000, /* between looks at the cursor */
        RING = 4096,       /* transactions on their way */
        AMOUNT_ORE = 100,
};

/* A transaction whose events are on their way. */
struct appended {
        int64_t last; /* position */
        int64_t number, count, sent_at, step;
};

struct effects {
        struct service service;
        struct db *db;
        struct tx *tx;
        struct wire *wire;
        struct tally *tally;
        bool answers;   /* else money */
        int64_t grants; /* that the money is for, in turn */
        struct appended ring[RING];
        size_t head, count;
};

/* One person's form, in the transaction that has begun. */
static void record(struct effects *effects, int64_t number)
{
        struct tx *tx = effects->tx;
        struct effects_submit done;
        if (!effects->answers) {
                struct text grant =
                        arena_printf(tx_arena(tx), "bench-%" PRId64, number % effects->grants);
                emit_grant_received(tx, &(struct grant_received){ grant, AMOUNT_ORE });
        } else if (effects_submit(tx, number, TEXT(ANSWER), tx_now(tx), &done)) {
                emit_evaluation_submitted(
                        tx, &(struct evaluation_submitted){ done.evaluation, done.submission });
        }
}

static void append(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step)
{
        struct effects *effects = context;
        struct tx *tx = effects->tx;
        if (effects->count == RING || !tx_begin(tx, clock_now(effects->service.clock))) {
                probe_die("too many transactions on their way, or no store");
        }
        for (size_t i = 0; i < count; i++) {
                record(effects, number + (int64_t)i);
        }
        if (tx_commit(tx) != TX_DONE) {
                probe_die("not taken: %s", tx_reason(tx));
        }
        wire_send(effects->wire, VERB_WAKE, &(struct wire_wake){ 0 });
        effects->ring[(effects->head + effects->count++) % RING] =
                (struct appended){ tx_position(tx, count - 1), number, (int64_t)count, sent_at,
                                   step };
}

/* Where the daemon's group stands. */
static int64_t find_cursor(struct effects *effects)
{
        struct effects_cursor cursor = { 0 };
        struct text group = effects->answers ? TEXT("evaluation") : TEXT("budget");
        if (!tx_begin(effects->tx, clock_now(effects->service.clock)) ||
            !effects_cursor(effects->tx, group, &cursor) || tx_commit(effects->tx) != TX_DONE) {
                probe_die("the cursor cannot be read: %s", tx_reason(effects->tx));
        }
        return cursor.position;
}

/* A look at the cursor: everything up to it has had its effects. */
static int64_t confirm(void *context, int timeout_ms)
{
        struct effects *effects = context;
        const struct timespec pause = { 0, LOOK_NS };
        int64_t cursor = effects->count > 0 ? find_cursor(effects) : 0, now = tally_now();
        int64_t confirmed = 0;
        while (effects->count > 0 && effects->ring[effects->head].last <= cursor) {
                const struct appended *done = &effects->ring[effects->head];
                for (int64_t i = 0; i < done->count; i++) {
                        tally_see(effects->tally, done->number + i, done->sent_at + i * done->step,
                                  now);
                }
                confirmed += done->count;
                effects->head = (effects->head + 1) % RING;
                effects->count--;
        }
        if (confirmed == 0 && timeout_ms > 0) {
                nanosleep(&pause, NULL);
        }
        tally_ack(effects->tally);
        return confirmed;
}

int main(int argc, char **argv)
{
        bool stop;
        struct effects *effects = calloc(1, sizeof *effects);
        const char *what = getenv("BENCH_EFFECTS");
        if (!effects || !what || service_open(&effects->service, "ctl", argc, argv, &stop) != 0) {
                probe_die("BENCH_EFFECTS must say evaluation or grant; --config as any program");
        }
        const char *grants = getenv("BENCH_GRANTS");
        effects->answers = strcmp(what, "evaluation") == 0;
        effects->grants = grants ? strtoll(grants, NULL, 10) : 1;
        effects->tally = tally_open();
        effects->db = db_new(effects->service.conf.store_connection, effects->service.database_user,
                             NULL, (int)effects->service.conf.store_deadline);
        effects->tx = tx_new(effects->db, "bench");
        effects->wire = wire_connect(&effects->service.conf);
        publishing_run(&(struct publishing){ effects, append, confirm });
        wire_destroy(&effects->wire);
        tx_destroy(&effects->tx);
        db_destroy(&effects->db);
        service_close(&effects->service);
        free(effects);
        return 0;
}
