/*
 * pg: what the clients of the PostgreSQL systems share: a connection, and statements of which any
 * failure ends the program.
 */
#pragma once

#include <libpq-fe.h>
#include <stdint.h>

/* Connected, its session set up as Pådriver's own are: no JIT, no sequential scans. */
PGconn *pg_connect(const char *conninfo);

/* The result, if it is of the kind expected. */
PGresult *pg_expect(PGconn *connection, PGresult *result, ExecStatusType status);

/* Runs a command without a result. */
void pg_command(PGconn *connection, const char *sql);

/* Prepares a statement. */
void pg_prepare(PGconn *connection, const char *name, const char *sql, int param_count,
                const Oid *types);

/* Runs it with a number as its one parameter; results are binary. The caller clears. */
PGresult *pg_run(PGconn *connection, const char *name, int64_t number);

/* Numbers as PostgreSQL sends them. */
int64_t pg_get64(const char *bytes);
void pg_put16(char *bytes, uint16_t value);
void pg_put32(char *bytes, uint32_t value);
void pg_put64(char *bytes, uint64_t value);

enum { PG_BIGINT = 20, PG_TEXTS = 1009 };
