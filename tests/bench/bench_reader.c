/*
 * bench_reader: a plain loop over the log's own table, page by page in the order of positions, each
 * page with a committed cursor: what any consumer that reads the table has to do, and what catching
 * up is held against. Prints events and microseconds.
 */
#include "tests/bench/pg.h"
#include "tests/bench/publishing.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads from the position on, a page at a time; returns how many events. */
static int64_t read_all(PGconn *connection, int64_t position)
{
        int64_t events = 0;
        for (;;) {
                PGresult *rows = pg_run(connection, "read", position);
                int count = PQntuples(rows);
                if (count > 0) {
                        position = pg_get64(PQgetvalue(rows, count - 1, 0));
                        PQclear(pg_run(connection, "move", position));
                }
                PQclear(rows);
                events += count;
                if (count == 0) {
                        return events;
                }
        }
}

int main(int argc, char **argv)
{
        const Oid bigint[] = { PG_BIGINT };
        char sql[300];
        if (argc != 4) {
                probe_die("Usage: bench_reader CONNINFO AFTER PAGE");
        }
        PGconn *connection = pg_connect(argv[1]);
        snprintf(sql, sizeof sql,
                 "SELECT position, at, type, key, actor, cause, body FROM log.event "
                 "WHERE position > $1 ORDER BY position LIMIT %d",
                 atoi(argv[3]));
        pg_prepare(connection, "read", sql, 1, bigint);
        pg_prepare(connection, "move", "UPDATE public.reader SET position = $1", 1, bigint);
        int64_t began = tally_now();
        int64_t events = read_all(connection, strtoll(argv[2], NULL, 10));
        printf("%" PRId64 " %" PRId64 "\n", events, tally_now() - began);
        PQfinish(connection);
        return 0;
}
