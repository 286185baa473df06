/*
 * bench_pgq: publishes to a PgQ queue, consumes from it, and ticks it. A window is one transaction
 * with one call for all its events. A consumer's batch is one transaction too, so it pays one
 * fsync. The ticker runs every 10 ms, as fast as pgqd goes by its settings.
 */
#include "tests/bench/pg.h"
#include "tests/bench/publishing.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
        TICK_NS = 10000000,
        POLL_NS = 2000000, /* between looks for a batch */
        MOST = 4096,
};

struct writer {
        PGconn *connection;
        int64_t confirmed;
        char events[MOST * (PROBE_SIZE + 3) + 3]; /* a text of a text[] */
};

/* The events as one array. */
static void put_events(struct writer *writer, int64_t number, size_t count, int64_t sent_at,
                       int64_t step)
{
        char *at = writer->events;
        *at++ = '{';
        for (size_t i = 0; i < count; i++) {
                *at++ = '"';
                probe_write(at, number + (int64_t)i, sent_at + (int64_t)i * step);
                at += PROBE_SIZE;
                *at++ = '"';
                *at++ = ',';
        }
        at[-1] = '}';
        *at = '\0';
}

/* One call is one transaction. */
static void insert(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step)
{
        struct writer *writer = context;
        const char *values[] = { writer->events };
        put_events(writer, number, count, sent_at, step);
        PQclear(pg_expect(writer->connection,
                          PQexecPrepared(writer->connection, "insert", 1, values, NULL, NULL, 1),
                          PGRES_TUPLES_OK));
        writer->confirmed += (int64_t)count;
}

/* What insert has confirmed already. */
static int64_t confirm(void *context, int timeout_ms)
{
        struct writer *writer = context;
        int64_t confirmed = writer->confirmed;
        (void)timeout_ms;
        writer->confirmed = 0;
        return confirmed;
}

static int publish(PGconn *connection)
{
        const Oid texts[] = { PG_TEXTS };
        struct writer *writer = calloc(1, sizeof *writer);
        if (!writer) {
                probe_die("out of memory");
        }
        writer->connection = connection;
        pg_prepare(connection, "insert",
                   "SELECT count(pgq.insert_event('bench', 'probe', event)) FROM unnest($1) event",
                   1, texts);
        publishing_run(&(struct publishing){ writer, insert, confirm });
        free(writer);
        return 0;
}

/* The events of a batch, then its end, in the transaction that has begun. */
static void take_batch(PGconn *connection, struct tally *tally, int64_t batch)
{
        PGresult *rows = pg_run(connection, "events", batch);
        int64_t now = tally_now();
        const int key = sizeof PROBE_KEY - 1;
        for (int i = 0; i < PQntuples(rows); i++) {
                probe_see(tally, PQgetvalue(rows, i, 0) + key,
                          (size_t)(PQgetlength(rows, i, 0) - key), now);
        }
        PQclear(rows);
        PQclear(pg_run(connection, "finish", batch));
        pg_command(connection, "COMMIT");
        tally_ack(tally);
}

/* Batch after batch; pauses when there is none. */
static _Noreturn void consume(PGconn *connection, const char *group)
{
        const struct timespec pause = { 0, POLL_NS };
        const Oid bigint[] = { PG_BIGINT };
        struct tally *tally = tally_open();
        char next[100];
        snprintf(next, sizeof next, "BEGIN; SELECT pgq.next_batch('bench', '%s')", group);
        pg_prepare(connection, "events", "SELECT ev_data FROM pgq.get_batch_events($1)", 1, bigint);
        pg_prepare(connection, "finish", "SELECT pgq.finish_batch($1)", 1, bigint);
        for (;;) {
                PGresult *row = pg_expect(connection, PQexec(connection, next), PGRES_TUPLES_OK);
                int64_t batch = strtoll(PQgetvalue(row, 0, 0), NULL, 10);
                PQclear(row);
                if (batch > 0) {
                        take_batch(connection, tally, batch);
                } else {
                        pg_command(connection, "ROLLBACK");
                        nanosleep(&pause, NULL);
                }
        }
}

static _Noreturn void tick(PGconn *connection)
{
        const struct timespec pause = { 0, TICK_NS };
        for (;;) {
                PQclear(pg_expect(connection, PQexec(connection, "SELECT pgq.ticker('bench')"),
                                  PGRES_TUPLES_OK));
                nanosleep(&pause, NULL);
        }
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[2], "publish") == 0) {
                return publish(pg_connect(argv[1]));
        }
        if (argc == 3 && strcmp(argv[2], "tick") == 0) {
                tick(pg_connect(argv[1]));
        }
        if (argc == 4 && strcmp(argv[2], "consume") == 0) {
                consume(pg_connect(argv[1]), argv[3]);
        }
        probe_die("Usage: bench_pgq CONNINFO publish | consume GROUP | tick");
}
