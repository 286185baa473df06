/*
 * bench_log: the plain PostgreSQL log that Pådriver is measured against: a table, one writer that
 * COPYs a window a commit, readers that poll and move a cursor row each. No routing, no fencing, no
 * checks. The writer alone numbers the rows, so positions are visible in their order.
 */
#include "tests/bench/pg.h"
#include "tests/bench/publishing.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
        POLL_NS = 1000000, /* between looks at a log that had nothing new */
        BODY = PROBE_SIZE - sizeof PROBE_KEY + 1,
        ROW = 2 + 4 + 8 + 4 + sizeof PROBE_KEY - 1 + 4 + BODY, /* in binary COPY */
        MOST = 4096,
};

struct writer {
        PGconn *connection;
        int64_t position, confirmed;
        char rows[MOST * ROW];
};

static const char copy_head[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";

/* A row of binary COPY: each field has its size before it. */
static void put_row(char *at, int64_t position, int64_t number, int64_t sent_at)
{
        char probe[PROBE_SIZE];
        const size_t key = sizeof PROBE_KEY - 1;
        probe_write(probe, number, sent_at);
        pg_put16(at, 3);
        pg_put32(at + 2, 8);
        pg_put64(at + 6, (uint64_t)position);
        pg_put32(at + 14, (uint32_t)key);
        memcpy(at + 18, probe, key);
        pg_put32(at + 18 + key, BODY);
        memcpy(at + 22 + key, probe + key, BODY);
}

/* One COPY is one transaction. */
static void copy(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step)
{
        struct writer *writer = context;
        PGconn *connection = writer->connection;
        char end[2];
        for (size_t i = 0; i < count; i++) {
                put_row(writer->rows + i * ROW, ++writer->position, number + (int64_t)i,
                        sent_at + (int64_t)i * step);
        }
        pg_put16(end, UINT16_MAX);
        PQclear(pg_expect(connection,
                          PQexec(connection, "COPY event (position, key, body) FROM STDIN BINARY"),
                          PGRES_COPY_IN));
        if (PQputCopyData(connection, copy_head, sizeof copy_head) != 1 ||
            PQputCopyData(connection, writer->rows, (int)(count * ROW)) != 1 ||
            PQputCopyData(connection, end, sizeof end) != 1 ||
            PQputCopyEnd(connection, NULL) != 1) {
                probe_die("PostgreSQL: %s", PQerrorMessage(connection));
        }
        PQclear(pg_expect(connection, PQgetResult(connection), PGRES_COMMAND_OK));
        PQclear(PQgetResult(connection)); /* none */
        writer->confirmed += (int64_t)count;
}

/* What copy has confirmed already. */
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
        struct writer *writer = calloc(1, sizeof *writer);
        if (!writer) {
                probe_die("out of memory");
        }
        writer->connection = connection;
        PGresult *result = PQexec(connection, "SELECT coalesce(max(position), 0) FROM event");
        pg_expect(connection, result, PGRES_TUPLES_OK);
        writer->position = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        PQclear(result);
        publishing_run(&(struct publishing){ writer, copy, confirm });
        free(writer);
        return 0;
}

/* Counts the rows; returns the position of the last. */
static int64_t see(struct tally *tally, const PGresult *rows, int64_t cursor)
{
        int64_t now = tally_now();
        for (int i = 0; i < PQntuples(rows); i++) {
                cursor = pg_get64(PQgetvalue(rows, i, 0));
                probe_see(tally, PQgetvalue(rows, i, 2), (size_t)PQgetlength(rows, i, 2), now);
        }
        return cursor;
}

/* Reads on, moves the cursor, commits; pauses when there is nothing. */
static _Noreturn void consume(PGconn *connection, const char *group)
{
        const struct timespec pause = { 0, POLL_NS };
        const Oid bigint[] = { PG_BIGINT };
        struct tally *tally = tally_open();
        char sql[200];
        snprintf(sql, sizeof sql, "UPDATE cursor SET position = $1 WHERE grp = '%s'", group);
        pg_prepare(connection, "move", sql, 1, bigint);
        pg_prepare(connection, "read",
                   "SELECT position, key, body FROM event WHERE position > $1 "
                   "ORDER BY position LIMIT 4096",
                   1, bigint);
        snprintf(sql, sizeof sql, "SELECT position FROM cursor WHERE grp = '%s'", group);
        PGresult *result = pg_expect(connection, PQexec(connection, sql), PGRES_TUPLES_OK);
        int64_t cursor = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        PQclear(result);
        for (;;) {
                PGresult *rows = pg_run(connection, "read", cursor);
                if (PQntuples(rows) > 0) {
                        cursor = see(tally, rows, cursor);
                        PQclear(pg_run(connection, "move", cursor));
                        tally_ack(tally);
                } else {
                        nanosleep(&pause, NULL);
                }
                PQclear(rows);
        }
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[2], "publish") == 0) {
                return publish(pg_connect(argv[1]));
        }
        if (argc == 4 && strcmp(argv[2], "consume") == 0) {
                consume(pg_connect(argv[1]), argv[3]);
        }
        probe_die("Usage: bench_log CONNINFO publish | consume GROUP");
}
