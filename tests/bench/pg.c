/*
 * pg: see the header. Numbers travel big-endian.
 */
#include "tests/bench/pg.h"
#include "tests/bench/publishing.h"
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

PGresult *pg_expect(PGconn *connection, PGresult *result, ExecStatusType status)
{
        if (PQresultStatus(result) != status) {
                probe_die("PostgreSQL: %s", PQerrorMessage(connection));
        }
        return result;
}

void pg_command(PGconn *connection, const char *sql)
{
        PQclear(pg_expect(connection, PQexec(connection, sql), PGRES_COMMAND_OK));
}

PGconn *pg_connect(const char *conninfo)
{
        PGconn *connection = PQconnectdb(conninfo);
        if (PQstatus(connection) != CONNECTION_OK) {
                probe_die("PostgreSQL: %s", PQerrorMessage(connection));
        }
        pg_command(connection, "SET jit = off");
        pg_command(connection, "SET enable_seqscan = off");
        pg_command(connection, "SET client_min_messages = warning");
        return connection;
}

void pg_prepare(PGconn *connection, const char *name, const char *sql, int param_count,
                const Oid *types)
{
        PQclear(pg_expect(connection, PQprepare(connection, name, sql, param_count, types),
                          PGRES_COMMAND_OK));
}

PGresult *pg_run(PGconn *connection, const char *name, int64_t number)
{
        char bytes[8];
        const char *values[] = { bytes };
        const int sizes[] = { sizeof bytes }, formats[] = { 1 };
        pg_put64(bytes, (uint64_t)number);
        PGresult *result = PQexecPrepared(connection, name, 1, values, sizes, formats, 1);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
                pg_expect(connection, result, PGRES_TUPLES_OK);
        }
        return result;
}

int64_t pg_get64(const char *bytes)
{
        uint64_t value;
        memcpy(&value, bytes, sizeof value);
        return (int64_t)be64toh(value);
}

void pg_put16(char *bytes, uint16_t value)
{
        value = htons(value);
        memcpy(bytes, &value, sizeof value);
}

void pg_put32(char *bytes, uint32_t value)
{
        value = htonl(value);
        memcpy(bytes, &value, sizeof value);
}

void pg_put64(char *bytes, uint64_t value)
{
        value = htobe64(value);
        memcpy(bytes, &value, sizeof value);
}
