/*
 * db: one connection to PostgreSQL, the only module that calls libpq. Always in pipeline mode and
 * binary: requests are queued, flushed together and answered in order, each to its callback. tx.h
 * (transactions) and the broker stand on it; the statements come from .sql files
 * (schemas/statements.c generates them). Every wait has the client's own deadline: when it passes,
 * the socket is closed and the outcome is unknown. Never is a commit cancelled (source: design, the
 * log in PostgreSQL).
 */
#pragma once

#include "common/arena.h"
#include "common/text.h"

enum sql_type {
        SQL_BIGINT,
        SQL_INT,
        SQL_SMALLINT,
        SQL_BOOL,
        SQL_TEXT,
        SQL_BYTEA,
        SQL_TIME, /* timestamptz; in C microseconds since 1970 UTC */
        SQL_DATE, /* date; in C days since 1970 */
        SQL_BIGINTS,
        SQL_INTS,
        SQL_SMALLINTS,
        SQL_TEXTS,
        SQL_BYTEAS,
};

/* A named statement of a .sql file. Static: its address is its identity. */
struct statement {
        const char *name; /* unique in the program; also the prepared statement's name */
        const char *sql;  /* with $1 … */
        size_t param_count, column_count;
        const enum sql_type *param_types, *column_types;
        const char *const *column_names;
};

/* One parameter: the member that its type asks for. NULL: a text or bytea without .at; a time or
 * date of DB_NULL. */
union param {
        int64_t integer; /* SQL_BIGINT … SQL_BOOL, SQL_TIME, SQL_DATE */
        struct text text;
        struct int_array ints;
        struct text_array texts;
};

/* NULL for times, dates and integers, as parameter and in results. */
#define DB_NULL INT64_MIN

struct db;

/* How a request ended. */
enum db_end {
        DB_OK,
        DB_ERROR, /* the server said no: see sqlstate */
        DB_LOST,  /* the connection went away or the deadline passed: the outcome of a commit is
                     unknown */
};

/* An answer; valid during the callback unless db_keep takes it, or until db_result_clear for
 * db_run. */
struct db_result {
        enum db_end end;
        char sqlstate[6];
        const char *message; /* the server's words, for the log */
        const char *command; /* the command tag: "COMMIT", "ROLLBACK", … */
        int64_t rows;        /* rows returned, or affected */
        void *handle;        /* PGresult */
};
typedef void db_done(void *context, const struct db_result *result);

/*
 * conninfo as libpq takes it (it may name several hosts); user and search_path may be NULL.
 * Makes no connection yet. deadline_ms bounds every wait, and how long the oldest request may go
 * unanswered.
 */
struct db *db_new(const char *conninfo, const char *user, const char *search_path, int deadline_ms);
void db_destroy(struct db **db);

/*
 * Connects and sets the session up. False: logged once for each new reason. Closes what was open.
 * Takes no server that is in recovery or read-only, so that several hosts lead to the primary.
 */
bool db_connect(struct db *db);
bool db_is_open(const struct db *db);

/* The number of the session, open or not: another one begins with each connection. */
int64_t db_session(const struct db *db);

/* Which server it is, of several that the settings may lead to: when it began to run; 0: none was
 * reached. */
int64_t db_server(const struct db *db);
void db_close(struct db *db); /* pending requests end with DB_LOST */

/* For poll: the socket, or -1; and whether to wait until it takes more (POLLOUT). */
int db_socket(const struct db *db);
bool db_has_unsent(const struct db *db);
size_t db_pending(const struct db *db);

/*
 * Queues a statement (prepared at first use); done may be NULL. Call db_flush to be sure it goes;
 * it may go before. Parameters are copied. On a closed connection done is called at once with
 * DB_LOST.
 */
void db_send(struct db *db, const struct statement *statement, const union param *params,
             db_done *done, void *context);

/* The same for plain SQL without parameters, such as BEGIN and COMMIT. */
void db_send_plain(struct db *db, const char *sql, db_done *done, void *context);

/*
 * The next request queued is one with what is queued after it: they travel together, and if it
 * fails the rest is not run (DB_ERROR 25P02). BEGIN and the first statement are sent so, the append
 * and COMMIT.
 */
void db_chain(struct db *db);

/* Writes out what is queued, as far as the socket takes it; the rest goes with later calls. False
 * if lost. */
bool db_flush(struct db *db);

/* Takes in what has arrived and calls callbacks. Never waits. False if the connection was lost. */
bool db_receive(struct db *db);

/* Flushes and waits until nothing is pending. False if lost or the deadline passed (then
 * closed). */
bool db_wait(struct db *db);

/* Queues, waits for everything pending and keeps the answer: clear it with db_result_clear. False
 * unless DB_OK. */
bool db_run(struct db *db, const struct statement *statement, const union param *params,
            struct db_result *result);

bool db_run_plain(struct db *db, const char *sql, struct db_result *result);

/*
 * Runs a script of several statements, for migrations, as long as it takes: the one wait without a
 * deadline. Outside a transaction it is one of its own. The result is that of the first failure or
 * of the last statement.
 */
bool db_script(struct db *db, const char *sql, struct db_result *result);

/* The character of the script, from 1, that the server's error points at; 0: none. */
int64_t db_position(const struct db_result *result);

/* In a callback: the answer lives on in kept until db_result_clear. */
void db_keep(struct db *db, struct db_result *kept);
void db_result_clear(struct db_result *result);

/*
 * The columns of row, from 0, as their types ask; texts live as long as the result, arrays and what
 * is in them as long as the arena. Outside the rows all is NULL.
 */
int64_t db_int(const struct db_result *result, int64_t row, int column);
struct text db_text(const struct db_result *result, int64_t row, int column);
struct int_array db_ints(const struct db_result *result, int64_t row, int column,
                         struct arena *arena);
struct text_array db_texts(const struct db_result *result, int64_t row, int column,
                           struct arena *arena);

/* What to do about an error (design, SQLSTATE). */
enum db_advice {
        DB_ADVICE_RETRY,     /* 08, 25, 40, 53, 55, 57, 58: the world's fault */
        DB_ADVICE_RECONNECT, /* lost, 25006 (a former primary), 0A and 26 (a prepared statement went
                                stale) */
        DB_ADVICE_FENCED,    /* PD001: drop the batch */
        DB_ADVICE_REJECT,    /* 22, and PD002: the event's fault */
        DB_ADVICE_RETRY_ONCE, /* 23, and what nobody knows: once alone, then reject */
        DB_ADVICE_EXIT,       /* 42, XX: our own fault */
};
enum db_advice db_advice(const struct db_result *result);
