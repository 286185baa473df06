/*
 * db: a queue of requests beside libpq's pipeline. Each request is a Parse at its statement's first
 * use, a Bind and Execute, and a Sync unless it is chained to the next; libpq answers each of these
 * with one result, so counting results finds a request's end. Invariant: the head of the queue is
 * the request that the next result belongs to. A connection is given up, never cancelled: who
 * waited hears DB_LOST.
 */
#include "common/db_binary.h"

#include "common/clock.h"
#include "common/log.h"
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_SECONDS "5" /* for each host */

struct request {
        const struct statement *preparing; /* its Parse is on the way */
        db_done *done;
        void *context;
        int left; /* results to come */
        PGresult *answer;
};

struct db {
        char *conninfo, *user, *search_path;
        int deadline_ms;
        PGconn *connection;
        const struct statement **prepared;
        size_t prepared_count, prepared_capacity;
        struct request *queue; /* a ring */
        size_t head, count, capacity;
        bool chained, unsent;
        int64_t since; /* monotonic: when the head began to wait */
        int64_t session, server;
        struct db_result *answering;
        char reason[200]; /* of the last loss or failure to connect */
        struct arena *scratch;
};

/* What every session begins with; pg_is_in_recovery guards against a server that became a
 * standby. A commit waits for the disk unless its transaction says otherwise. Who sleeps in a
 * transaction loses it, as the broker gives up a worker that is silent for so long. */
static const enum sql_type session_types[] = { SQL_TEXT };
static const enum sql_type session_columns[] = { SQL_BOOL, SQL_TIME };
static const struct statement session_statement = {
        .name = "session",
        .sql = "SELECT pg_is_in_recovery(), pg_postmaster_start_time() FROM (SELECT"
               " set_config('search_path', coalesce($1, current_setting('search_path')), false),"
               " set_config('timezone', 'UTC', false),"
               " set_config('lock_timeout', '10s', false),"
               " set_config('idle_in_transaction_session_timeout', '5s', false),"
               " set_config('default_transaction_isolation', 'read committed', false),"
               " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
               " WHEN 'off' THEN 'on' WHEN 'local' THEN 'on'"
               " ELSE current_setting('synchronous_commit') END, false),"
               " set_config('jit', 'off', false) OFFSET 0) AS settings",
        .param_count = 1,
        .column_count = 2,
        .param_types = session_types,
        .column_types = session_columns,
};

static char *copy_string(const char *string)
{
        char *copy = string ? strdup(string) : NULL;
        if (string && !copy)
                panic("out of memory");
        return copy;
}

struct db *db_new(const char *conninfo, const char *user, const char *search_path, int deadline_ms)
{
        struct db *db = calloc(1, sizeof *db);
        if (!db)
                panic("out of memory");
        db->conninfo = copy_string(conninfo);
        db->user = copy_string(user);
        db->search_path = copy_string(search_path);
        db->deadline_ms = deadline_ms;
        db->scratch = arena_new();
        return db;
}

void db_destroy(struct db **db)
{
        if (!*db)
                return;
        db_close(*db);
        arena_destroy(&(*db)->scratch);
        free((*db)->conninfo);
        free((*db)->user);
        free((*db)->search_path);
        free((*db)->prepared);
        free((*db)->queue);
        free(*db);
        *db = NULL;
}

bool db_is_open(const struct db *db)
{
        return db->connection != NULL;
}

int db_socket(const struct db *db)
{
        return db->connection ? PQsocket(db->connection) : -1;
}

int64_t db_session(const struct db *db)
{
        return db->session;
}

int64_t db_server(const struct db *db)
{
        return db->server;
}

bool db_has_unsent(const struct db *db)
{
        return db->unsent;
}

size_t db_pending(const struct db *db)
{
        return db->count;
}

/* Tells who asked; what they do not keep goes. */
static void answer(struct db *db, const struct request *request, enum db_end end)
{
        PGresult *from = request->answer;
        const char *sqlstate = from ? PQresultErrorField(from, PG_DIAG_SQLSTATE) : NULL;
        struct db_result result = { .end = end, .message = "", .command = "", .handle = from };
        struct db_result *outer = db->answering;
        if (sqlstate)
                snprintf(result.sqlstate, sizeof result.sqlstate, "%s", sqlstate);
        if (from && PQresultErrorField(from, PG_DIAG_MESSAGE_PRIMARY))
                result.message = PQresultErrorField(from, PG_DIAG_MESSAGE_PRIMARY);
        if (end == DB_LOST)
                result.message = db->reason;
        if (end == DB_OK) {
                result.command = PQcmdStatus(from);
                result.rows = PQntuples(from);
                if (PQresultStatus(from) == PGRES_COMMAND_OK)
                        result.rows = strtoll(PQcmdTuples(from), NULL, 10);
        }
        if (end == DB_ERROR && !sqlstate) { /* skipped behind a chained request that failed */
                memcpy(result.sqlstate, "25P02", sizeof "25P02");
                result.message = "not run: what it was chained to failed";
        }
        db->answering = &result;
        if (request->done)
                request->done(request->context, &result);
        db->answering = outer;
        PQclear(result.handle);
}

void db_keep(struct db *db, struct db_result *kept)
{
        *kept = *db->answering;
        db->answering->handle = NULL;
}

/* Takes the head off the queue. */
static struct request pop(struct db *db)
{
        struct request request = db->queue[db->head];
        db->head = (db->head + 1) % db->capacity;
        db->count--;
        db->since = clock_monotonic_ms();
        return request;
}

void db_close(struct db *db)
{
        if (!db->connection)
                return;
        PQfinish(db->connection);
        db->connection = NULL;
        db->prepared_count = 0;
        db->chained = db->unsent = false;
        for (size_t left = db->count; left > 0; left--) {
                struct request request = pop(db);
                answer(db, &request, DB_LOST);
        }
}

/* Gives the connection up for a reason, said once until it changes. Returns false. */
static bool lose(struct db *db, const char *doing, const char *reason)
{
        size_t size = strcspn(reason, "\n");
        char line[sizeof db->reason];
        snprintf(line, sizeof line, "%s: %.*s", doing, (int)(size < 160 ? size : 160), reason);
        if (strcmp(line, db->reason) != 0)
                log_warning("%s", line);
        memcpy(db->reason, line, sizeof line);
        db_close(db);
        return false;
}

/* Notices are not for the operator. */
static void ignore_notice(void *context, const PGresult *notice)
{
        (void)context;
        (void)notice;
}

bool db_connect(struct db *db)
{
        const char *names[] = { "connect_timeout",  "target_session_attrs",   "dbname",
                                "application_name", db->user ? "user" : NULL, NULL };
        const char *values[] = { CONNECT_SECONDS, "read-write",
                                 db->conninfo,    db->user ? db->user : "padriver",
                                 db->user,        NULL };
        struct db_result result;
        union param search_path = { .text = text_of(db->search_path) };
        db_close(db);
        db->connection = PQconnectdbParams(names, values, 1);
        if (PQstatus(db->connection) != CONNECTION_OK || PQsetnonblocking(db->connection, 1) != 0 ||
            !PQenterPipelineMode(db->connection))
                return lose(db, "cannot connect to the store", PQerrorMessage(db->connection));
        PQsetNoticeReceiver(db->connection, ignore_notice, NULL);
        bool good = db_run(db, &session_statement, &search_path, &result);
        bool standby = good && db_int(&result, 0, 0) != 0;
        db->server = good ? db_int(&result, 0, 1) : 0;
        if (db->connection && (!good || standby))
                lose(db, "cannot use the store",
                     good ? "the server is in recovery" : result.message);
        db_result_clear(&result);
        if (db->connection && *db->reason)
                log_info("connected to the store again");
        if (db->connection) {
                *db->reason = '\0';
                db->session++;
        }
        return db->connection != NULL;
}

/* The place of a prepared statement, or the count. */
static size_t find_prepared(const struct db *db, const struct statement *statement)
{
        size_t i = 0;
        while (i < db->prepared_count && db->prepared[i] != statement)
                i++;
        return i;
}

/* Remembers that the connection knows the statement. */
static void add_prepared(struct db *db, const struct statement *statement)
{
        if (db->prepared_count == db->prepared_capacity) {
                db->prepared_capacity = 2 * db->prepared_capacity + 32;
                db->prepared = realloc(db->prepared, db->prepared_capacity * sizeof *db->prepared);
                if (!db->prepared)
                        panic("out of memory");
        }
        db->prepared[db->prepared_count++] = statement;
}

/* A free place at the queue's end. */
static struct request *push(struct db *db)
{
        if (db->count == db->capacity) {
                size_t capacity = 2 * db->capacity + 16;
                struct request *queue = calloc(capacity, sizeof *queue);
                if (!queue)
                        panic("out of memory");
                for (size_t i = 0; i < db->count; i++)
                        queue[i] = db->queue[(db->head + i) % db->capacity];
                free(db->queue);
                db->queue = queue;
                db->head = 0;
                db->capacity = capacity;
        }
        if (db->count == 0)
                db->since = clock_monotonic_ms();
        return &db->queue[(db->head + db->count++) % db->capacity];
}

void db_chain(struct db *db)
{
        db->chained = true;
}

/* Queues what libpq was given: so many results are to come, and one more if a Sync goes with it. */
static void queue_request(struct db *db, struct request request, bool sent)
{
        bool sync = !db->chained;
        request.left += sync;
        db->chained = false;
        if (db->connection)
                *push(db) = request;
        else
                answer(db, &request, DB_LOST);
        if (db->connection && (!sent || (sync && !PQpipelineSync(db->connection))))
                lose(db, "lost the store", PQerrorMessage(db->connection));
}

void db_send(struct db *db, const struct statement *statement, const union param *params,
             db_done *done, void *context)
{
        struct request request = { NULL, done, context, 1, NULL };
        struct db_values values;
        bool sent = true;
        if (db->connection) {
                int count = (int)statement->param_count;
                db_encode(statement, params, db->scratch, &values);
                if (find_prepared(db, statement) == db->prepared_count) {
                        request.preparing = statement;
                        request.left++;
                        add_prepared(db, statement);
                        sent = PQsendPrepare(db->connection, statement->name, statement->sql, count,
                                             values.types);
                }
                sent = sent && PQsendQueryPrepared(db->connection, statement->name, count,
                                                   values.values, values.sizes, values.formats, 1);
                arena_clear(db->scratch);
        }
        queue_request(db, request, sent);
}

void db_send_plain(struct db *db, const char *sql, db_done *done, void *context)
{
        struct request request = { NULL, done, context, 1, NULL };
        bool sent = db->connection &&
                    PQsendQueryParams(db->connection, sql, 0, NULL, NULL, NULL, NULL, 1);
        queue_request(db, request, sent);
}

bool db_flush(struct db *db)
{
        if (!db->connection)
                return false;
        int left = PQflush(db->connection);
        db->unsent = left > 0;
        return left >= 0 || lose(db, "lost the store", PQerrorMessage(db->connection));
}

/* Whether the session ended with this result, by the server's word or libpq's: a commit's outcome
 * is then unknown. */
static bool is_fatal(const PGresult *result)
{
        const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
        if (!severity)
                return PQresultStatus(result) == PGRES_FATAL_ERROR;
        return strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

/* One result of the head; answers it when it was the last. */
static void take_result(struct db *db, PGresult *result)
{
        struct request *request = &db->queue[db->head];
        ExecStatusType status = PQresultStatus(result);
        bool error = request->answer && PQresultStatus(request->answer) == PGRES_FATAL_ERROR;
        if (request->preparing && status != PGRES_COMMAND_OK) { /* not prepared after all */
                size_t place = find_prepared(db, request->preparing);
                if (place < db->prepared_count)
                        db->prepared[place] = db->prepared[--db->prepared_count];
        }
        request->preparing = NULL;
        request->left--;
        if (status == PGRES_PIPELINE_SYNC || error) {
                PQclear(result);
        } else {
                PQclear(request->answer);
                request->answer = result;
        }
        if (request->left > 0)
                return;
        struct request done = pop(db);
        status = PQresultStatus(done.answer);
        answer(db, &done,
               status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ? DB_OK : DB_ERROR);
}

bool db_receive(struct db *db)
{
        if (!db_flush(db))
                return false;
        bool alive = PQconsumeInput(db->connection) == 1;
        while (db->count > 0 && db->connection && !PQisBusy(db->connection)) {
                PGresult *result = PQgetResult(db->connection);
                if (result && is_fatal(result)) {
                        lose(db, "lost the store", PQresultErrorMessage(result));
                        PQclear(result);
                } else if (result) {
                        take_result(db, result);
                } else if (PQstatus(db->connection) == CONNECTION_BAD) {
                        break;
                }
        }
        if (!db->connection)
                return false;
        if (!alive || PQstatus(db->connection) == CONNECTION_BAD)
                return lose(db, "lost the store", PQerrorMessage(db->connection));
        if (db->count > 0 && clock_monotonic_ms() - db->since > db->deadline_ms)
                return lose(db, "lost the store", "no answer in time");
        return true;
}

bool db_wait(struct db *db)
{
        while (db_flush(db) && db->count > 0) {
                struct pollfd ready = { .fd = PQsocket(db->connection), .events = POLLIN };
                int64_t left = db->since + db->deadline_ms + 1 - clock_monotonic_ms();
                if (db->unsent)
                        ready.events |= POLLOUT;
                if (poll(&ready, 1, left > 0 ? (int)left : 0) < 0 && errno != EINTR)
                        panic("poll: %s", strerror(errno));
                db_receive(db);
        }
        return db->connection != NULL;
}

/* Keeps the answer for db_script. */
struct script {
        struct db *db;
        struct db_result *result;
};

static void keep_script(void *context, const struct db_result *result)
{
        struct script *script = context;
        (void)result;
        db_keep(script->db, script->result);
}

bool db_script(struct db *db, const char *sql, struct db_result *result)
{
        struct script script = { db, result };
        struct request request = { .done = keep_script, .context = &script };
        bool ready = db_wait(db) && PQexitPipelineMode(db->connection) &&
                     PQsetnonblocking(db->connection, 0) == 0;
        request.answer = ready ? PQexec(db->connection, sql) : NULL;
        if (ready && (is_fatal(request.answer) || PQsetnonblocking(db->connection, 1) != 0 ||
                      !PQenterPipelineMode(db->connection)))
                ready = lose(db, "lost the store", PQerrorMessage(db->connection));
        bool error = ready && PQresultStatus(request.answer) == PGRES_FATAL_ERROR;
        answer(db, &request, !ready ? DB_LOST : error ? DB_ERROR : DB_OK);
        return result->end == DB_OK;
}
