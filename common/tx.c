/*
 * tx: collects events while statements run, and sends the append and the COMMIT as one. BEGIN
 * travels with the first statement; a transaction that says nothing sends nothing. Invariant: after
 * the first failure nothing more reaches the store but a ROLLBACK, and the first reason stays.
 */
#include "common/tx.h"

#include "common/failpoint.h"
#include "common/log.h"
#include "common/traceparent.h"
#include "common/tx_sql.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPENING_PARAMS = 8 };

/* An event to be appended. */
struct pending {
        enum event_type type;
        struct text key, actor, body, traceparent;
        int64_t cause;
};

/* The statement that a transaction begins with. */
struct opening {
        const struct statement *statement; /* NULL: none */
        union param params[OPENING_PARAMS];
        db_done *done;
        void *context;
};

struct tx {
        struct db *db;
        const char *owner;
        void *context;
        struct arena *arena;
        int64_t now, at;
        struct text actor, traceparent;
        int64_t cause;
        struct opening opening;
        bool begun;    /* BEGIN was sent */
        bool departed; /* COMMIT, too */
        bool failed;
        bool stale; /* the connection must not be used again */
        bool constraint;
        bool committed; /* COMMIT was answered by COMMIT */
        bool unknown;   /* COMMIT was not answered */
        enum tx_end end;
        char reason[300];
        struct db_result result; /* of the last statement */
        struct pending *events;
        size_t event_count, event_capacity;
        int64_t head; /* of the log before the append; -1: not appended */
};

/* What queries give after a failure. */
static const struct db_result nothing = { .end = DB_OK, .message = "", .command = "" };

struct tx *tx_new(struct db *db, const char *owner)
{
        struct tx *tx = calloc(1, sizeof *tx);
        if (!tx)
                panic("out of memory");
        tx->db = db;
        tx->owner = owner;
        tx->arena = arena_new();
        tx->head = -1;
        return tx;
}

void tx_destroy(struct tx **tx)
{
        if (!*tx)
                return;
        tx_rollback(*tx);
        db_result_clear(&(*tx)->result);
        arena_destroy(&(*tx)->arena);
        free((*tx)->events);
        free(*tx);
        *tx = NULL;
}

void tx_set_context(struct tx *tx, void *context)
{
        tx->context = context;
}

void *tx_context(const struct tx *tx)
{
        return tx->context;
}

int64_t tx_now(const struct tx *tx)
{
        return tx->now;
}

struct arena *tx_arena(const struct tx *tx)
{
        return tx->arena;
}

bool tx_failed(const struct tx *tx)
{
        return tx->failed;
}

bool tx_is_constraint(const struct tx *tx)
{
        return tx->constraint;
}

bool tx_is_unknown(const struct tx *tx)
{
        return tx->unknown;
}

const char *tx_reason(const struct tx *tx)
{
        return tx->reason;
}

void tx_set_actor(struct tx *tx, struct text actor)
{
        if (!text_equal(tx->actor, actor)) /* else it stays: most often it is the same again */
                tx->actor = arena_copy(tx->arena, actor);
}

void tx_set_cause(struct tx *tx, int64_t position)
{
        tx->cause = position;
}

void tx_set_traceparent(struct tx *tx, struct text traceparent)
{
        tx->traceparent =
                traceparent.size > 0 ? arena_copy(tx->arena, traceparent) : (struct text){ 0 };
}

int64_t tx_cause(const struct tx *tx)
{
        return tx->cause;
}

void tx_set_at(struct tx *tx, int64_t at)
{
        tx->at = at;
}

int64_t tx_position(const struct tx *tx, size_t n)
{
        return tx->committed && n < tx->event_count && tx->head >= 0 ? tx->head + 1 + (int64_t)n
                                                                     : 0;
}

/* The first failure is the one that stays. */
static void __attribute__((format(printf, 3, 0)))
fail(struct tx *tx, enum tx_end end, const char *format, va_list args)
{
        if (tx->failed)
                return;
        tx->failed = true;
        tx->end = end;
        vsnprintf(tx->reason, sizeof tx->reason, format, args);
}

static void __attribute__((format(printf, 3, 4)))
fail_with(struct tx *tx, enum tx_end end, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        fail(tx, end, format, args);
        va_end(args);
}

/* What the failure, the first or a later one, means to the handler. */
static enum status status_of(const struct tx *tx)
{
        return tx->end == TX_REJECT ? REJECT : RETRY;
}

enum status tx_reject(struct tx *tx, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        fail(tx, TX_REJECT, format, args);
        va_end(args);
        return status_of(tx);
}

enum status tx_retry(struct tx *tx, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        fail(tx, TX_RETRY, format, args);
        va_end(args);
        return status_of(tx);
}

void tx_fence(struct tx *tx, const char *reason)
{
        fail_with(tx, TX_FENCED, "%s", reason);
}

/* The server said no, or went away. */
void tx_note(struct tx *tx, const struct db_result *result)
{
        const char *state = result->sqlstate, *message = result->message;
        if (tx->failed || result->end == DB_OK)
                return;
        switch (db_advice(result)) {
        case DB_ADVICE_FENCED:
                fail_with(tx, TX_FENCED, "%s", message);
                break;
        case DB_ADVICE_REJECT:
                if (strcmp(state, "PD002") == 0) /* for a person already */
                        fail_with(tx, TX_REJECT, "%s", message);
                else
                        fail_with(tx, TX_REJECT, "%s %s", state, message);
                break;
        case DB_ADVICE_RETRY_ONCE:
                tx->constraint = strncmp(state, "23", 2) == 0;
                fail_with(tx, TX_REJECT, "%s %s", state, message);
                break;
        case DB_ADVICE_EXIT:
                log_error("the store refuses what this program asks: %s %s", state, message);
                fail_with(tx, TX_EXIT, "%s %s", state, message);
                break;
        case DB_ADVICE_RECONNECT:
                tx->stale = true;
                fail_with(tx, TX_RETRY, "%s%s%s", state, *state ? " " : "", message);
                break;
        case DB_ADVICE_RETRY:
                fail_with(tx, TX_RETRY, "%s %s", state, message);
                break;
        }
}

/* An answer of which only failure matters: BEGIN, a timer. */
static void take_nothing(void *context, const struct db_result *result)
{
        tx_note(context, result);
}

/* The answer of a statement. */
static void take_answer(void *context, const struct db_result *result)
{
        struct tx *tx = context;
        tx_note(tx, result);
        db_keep(tx->db, &tx->result);
}

/* The answer of the append. */
static void take_head(void *context, const struct db_result *result)
{
        struct tx *tx = context;
        tx_note(tx, result);
        if (result->end == DB_OK)
                tx->head = db_int(result, 0, 0);
}

/* The answer of COMMIT, which is ROLLBACK if a statement had failed. */
static void take_commit(void *context, const struct db_result *result)
{
        struct tx *tx = context;
        tx_note(tx, result);
        tx->unknown = result->end == DB_LOST;
        tx->committed = result->end == DB_OK && strcmp(result->command, "COMMIT") == 0;
        if (!tx->committed)
                fail_with(tx, TX_RETRY, "the store answered COMMIT with %s", result->command);
}

bool tx_begin(struct tx *tx, int64_t now)
{
        if (tx->begun)
                tx_rollback(tx);
        arena_clear(tx->arena);
        db_result_clear(&tx->result);
        tx->now = tx->at = now;
        tx->actor = text_of(tx->owner);
        tx->traceparent = (struct text){ 0 };
        tx->cause = 0;
        tx->failed = tx->stale = tx->constraint = tx->departed = tx->committed = tx->unknown =
                false;
        tx->end = TX_DONE;
        tx->reason[0] = '\0';
        tx->event_count = 0;
        tx->head = -1;
        tx->opening.statement = NULL;
        return db_is_open(tx->db) || db_connect(tx->db);
}

void tx_open(struct tx *tx, const struct statement *statement, const union param *params,
             db_done *done, void *context)
{
        if (statement->param_count > OPENING_PARAMS)
                panic("%s has too many parameters to begin with", statement->name);
        tx->opening = (struct opening){ .statement = statement, .done = done, .context = context };
        memcpy(tx->opening.params, params, statement->param_count * sizeof *params);
}

/* Sends the opening statement, which is then done with. */
static void send_opening(struct tx *tx)
{
        const struct opening opening = tx->opening;
        tx->opening.statement = NULL;
        if (opening.statement)
                db_send(tx->db, opening.statement, opening.params, opening.done, opening.context);
}

/* Sends BEGIN, and what the transaction begins with, in front of the first statement. */
static void begin(struct tx *tx)
{
        if (tx->begun)
                return;
        tx->begun = true;
        db_chain(tx->db);
        db_send_plain(tx->db, "BEGIN", take_nothing, tx);
        send_opening(tx);
}

void tx_wait(struct tx *tx)
{
        if (tx->begun || tx->opening.statement) { /* else there is nothing to be answered */
                begin(tx);
                db_wait(tx->db);
        }
}

bool tx_is_idle(const struct tx *tx)
{
        return !tx->begun && tx->event_count == 0;
}

const struct db_result *tx_run(struct tx *tx, const struct statement *statement,
                               const union param *params)
{
        if (tx->failed)
                return &nothing;
        db_result_clear(&tx->result);
        begin(tx);
        db_send(tx->db, statement, params, take_answer, tx);
        db_wait(tx->db);
        return tx->failed ? &nothing : &tx->result;
}

void tx_send(struct tx *tx, const struct statement *statement, const union param *params,
             db_done *done, void *context)
{
        if (tx->failed)
                return;
        begin(tx);
        db_send(tx->db, statement, params, done, context);
        db_flush(tx->db);
}

/* The body of an event; no text, and the tx failed, if it is out of bounds. */
static struct text pack(struct tx *tx, enum event_type type, const void *value)
{
        struct fault fault;
        if (tx->failed)
                return (struct text){ 0 };
        if (!codec_check(event_record(type), value, &fault)) {
                fail_with(tx, TX_REJECT, "%s: %s", event_name(type), fault.reason);
                return (struct text){ 0 };
        }
        return codec_packed(event_record(type), value, tx->arena);
}

/* The trace that an event of the type is to carry. */
static struct text trace_for(const struct tx *tx, enum event_type type)
{
        return traceparent_may_ride(type) ? tx->traceparent : (struct text){ 0 };
}

void tx_emit(struct tx *tx, enum event_type type, const void *value)
{
        struct text body = pack(tx, type, value);
        if (tx->failed)
                return;
        if (tx->event_count == tx->event_capacity) {
                tx->event_capacity = 2 * tx->event_capacity + 16;
                tx->events = realloc(tx->events, tx->event_capacity * sizeof *tx->events);
                if (!tx->events)
                        panic("out of memory");
        }
        tx->events[tx->event_count++] = (struct pending){
                .type = type,
                .key = arena_copy(tx->arena, event_key(type, value)),
                .actor = tx->actor,
                .body = body,
                .traceparent = trace_for(tx, type),
                .cause = tx->cause,
        };
}

void tx_timer_set(struct tx *tx, struct text name, int64_t due, int64_t not_after,
                  enum event_type type, const void *value)
{
        struct text body = pack(tx, type, value);
        if (tx->failed)
                return;
        const union param params[] = { { .text = text_of(tx->owner) },
                                       { .text = name },
                                       { .integer = due },
                                       { .integer = not_after },
                                       { .integer = type },
                                       { .text = event_key(type, value) },
                                       { .text = tx->actor },
                                       { .integer = tx->cause },
                                       { .text = body },
                                       { .text = trace_for(tx, type) } };
        begin(tx);
        db_send(tx->db, &set_timer_statement, params, take_nothing, tx);
}

void tx_timer_drop(struct tx *tx, struct text name)
{
        const union param params[] = { { .text = text_of(tx->owner) }, { .text = name } };
        if (tx->failed)
                return;
        begin(tx);
        db_send(tx->db, &drop_timer_statement, params, take_nothing, tx);
}

void tx_wait_for_disk(struct tx *tx)
{
        if (tx->failed)
                return;
        begin(tx);
        db_send(tx->db, &wait_for_disk_statement, NULL, take_nothing, tx);
}

/* The traces of the events; none at all if none of them has one. */
static struct text_array list_traces(struct tx *tx)
{
        struct text *traces = NULL;
        for (size_t i = 0; i < tx->event_count; i++) {
                if (tx->events[i].traceparent.at && !traces)
                        traces = arena_array(tx->arena, tx->event_count, sizeof *traces);
                if (traces)
                        traces[i] = tx->events[i].traceparent;
        }
        return (struct text_array){ traces, traces ? tx->event_count : 0 };
}

/* Queues the append of all events, chained to the COMMIT that follows. */
static void send_events(struct tx *tx)
{
        size_t count = tx->event_count;
        int64_t *types = arena_array(tx->arena, count, sizeof *types);
        int64_t *causes = arena_array(tx->arena, count, sizeof *causes);
        struct text *keys = arena_array(tx->arena, count, sizeof *keys);
        struct text *actors = arena_array(tx->arena, count, sizeof *actors);
        struct text *bodies = arena_array(tx->arena, count, sizeof *bodies);
        for (size_t i = 0; i < count; i++) {
                types[i] = tx->events[i].type;
                causes[i] = tx->events[i].cause;
                keys[i] = tx->events[i].key;
                actors[i] = tx->events[i].actor;
                bodies[i] = tx->events[i].body;
        }
        const union param params[] = {
                { .integer = tx->at },         { .ints = { types, count } },
                { .texts = { keys, count } },  { .texts = { actors, count } },
                { .ints = { causes, count } }, { .texts = { bodies, count } },
                { .texts = list_traces(tx) },
        };
        db_chain(tx->db);
        db_send(tx->db, &append_events_statement, params, take_head, tx);
}

/* Sends what is left of the transaction, with its end. */
static void send_end(struct tx *tx)
{
        if (!tx->begun && tx->event_count == 0) {
                send_opening(tx); /* by itself it needs neither BEGIN nor COMMIT */
                return;
        }
        begin(tx);
        if (tx->event_count > 0)
                send_events(tx);
        db_send_plain(tx->db, "COMMIT", take_commit, tx);
}

/* Sends the end of a transaction that did something and has not failed. */
static void depart(struct tx *tx)
{
        if (tx->failed || tx->departed ||
            !(tx->begun || tx->opening.statement || tx->event_count > 0))
                return;
        failpoint("before-commit");
        tx->departed = true;
        send_end(tx);
}

void tx_depart(struct tx *tx)
{
        depart(tx);
        db_flush(tx->db);
}

enum tx_end tx_commit(struct tx *tx)
{
        depart(tx);
        if (tx->departed) {
                db_wait(tx->db);
                failpoint("after-commit");
        }
        tx->departed = false;
        if (tx->failed)
                tx_rollback(tx);
        tx->begun = false;
        return tx->end;
}

void tx_rollback(struct tx *tx)
{
        if (tx->stale)
                db_close(tx->db);
        if (tx->begun && db_is_open(tx->db)) {
                db_send_plain(tx->db, "ROLLBACK", NULL, NULL);
                db_wait(tx->db);
        }
        tx->begun = false;
        tx->failed = true; /* nothing more until the next begin */
        tx->event_count = 0;
}
