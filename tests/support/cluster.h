/*
 * cluster: a private PostgreSQL for a test program: one cluster in a short directory under /tmp,
 * unix socket only, started at first use and removed when the program ends, however it ends (a
 * supervisor process sees to it). A template database is migrated once; each test gets its own
 * copy. Works as root and as an ordinary user.
 */
#pragma once

#include "common/db.h"

/* A new database with the schema; libpq's conninfo as superuser. Lives as long as the program. */
const char *cluster_database(void);

/* A new database with nothing in it. */
const char *cluster_empty_database(void);

/* A connection to it, open; as superuser if user is NULL. Destroy with db_destroy. */
struct db *cluster_connect(const char *conninfo, const char *user);

/* Runs SQL, several statements if you like, and expects it to succeed. */
void cluster_run(struct db *db, const char *sql);

/* Runs one query and gives the first column of its first row: a number (DB_NULL without rows), or
 * text in arena. */
int64_t cluster_number(struct db *db, const char *sql);
struct text cluster_text(struct db *db, const char *sql, struct arena *arena);

/* Runs SQL that must fail, and gives its SQLSTATE; "" if it succeeded. Ends the statement's
 * transaction. */
const char *cluster_sqlstate(struct db *db, const char *sql);

/* Stops the server at once, as a crash would, and starts it. */
void cluster_crash(void);
void cluster_start(void);
