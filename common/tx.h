/*
 * tx: a transaction. Cursor first (worker.c), effects next, new events and timers last, commit.
 * Errors are sticky: after the first failure every call does nothing and queries return no rows, as
 * PostgreSQL itself does; so handlers hold no error branches, and only the commit is checked.
 * Statements are the typed functions generated from .sql files; they take the tx first.
 */
#pragma once

#include "common/db.h"
#include "common/event.h"

struct tx;

enum tx_end {
        TX_DONE,
        TX_RETRY,  /* the world's fault, or an unknown outcome: redo the whole transaction */
        TX_FENCED, /* another worker has the partition: drop the batch */
        TX_REJECT, /* bad data, by constraint or by the owner's function (PD002): tx_reason says
                      which. Worth one more try, alone: another may have been first */
        TX_EXIT,   /* our own fault (42, XX): logged */
};

/* Borrows db. owner: whose timers tx_timer_* are about and who the actor is, unless
 * tx_set_actor. */
struct tx *tx_new(struct db *db, const char *owner);
void tx_destroy(struct tx **tx);

/* Something of the caller's that goes with the tx, such as worker.c's worker. */
void tx_set_context(struct tx *tx, void *context);
void *tx_context(const struct tx *tx);

/* Starts at domain time now (microseconds). False: not connected and cannot connect. Clears the
 * arena. */
bool tx_begin(struct tx *tx, int64_t now);

/* Appends the events and commits, in one flush; rolls back if the tx has failed. tx_reason and the
 * arena stay. */
enum tx_end tx_commit(struct tx *tx);

/* Sends what tx_commit would, and does not wait: for who does something else meanwhile, and calls
 * tx_commit once nothing is pending (db_pending). */
void tx_depart(struct tx *tx);
void tx_rollback(struct tx *tx);

/* The domain time of this transaction, and memory that lives until the next tx_begin. */
int64_t tx_now(const struct tx *tx);
struct arena *tx_arena(const struct tx *tx);

bool tx_failed(const struct tx *tx);
bool tx_is_constraint(const struct tx *tx); /* it failed by a constraint (23) */
bool tx_is_unknown(const struct tx *tx);    /* COMMIT was sent, and nothing heard of it */
const char *tx_reason(const struct tx *tx); /* why it failed or was rejected; "" if it was not */

/* Returns REJECT and keeps the reason (ids only). After an earlier failure that one stays, and
 * RETRY may return. */
enum status tx_reject(struct tx *tx, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The transaction may not go on: what it stands on is another's, or was taken back. */
void tx_fence(struct tx *tx, const char *reason);

/* Returns RETRY and keeps the reason. */
enum status tx_retry(struct tx *tx, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whose act and which event's consequence the next appended events and timers are. */
void tx_set_actor(struct tx *tx, struct text actor);
void tx_set_cause(struct tx *tx, int64_t position);

/* The trace that the next ones belong to, as traceparent_of gives it; no text: none. */
void tx_set_traceparent(struct tx *tx, struct text traceparent);
int64_t tx_cause(const struct tx *tx);

/* When the events of this transaction happened, if not at tx_now: anonymous answers have their day
 * only. */
void tx_set_at(struct tx *tx, int64_t at);

/* Queues an event for the commit; value passes codec_check or the tx fails. Use the typed emit_NAME
 * below. */
void tx_emit(struct tx *tx, enum event_type type, const void *value);

/* After a commit: the position of the n-th event emitted (from 0), or 0. */
int64_t tx_position(const struct tx *tx, size_t n);

/*
 * A timer: an event that has not happened yet. Set again under the same name it moves. not_after
 * may be DB_NULL. Written at once in the transaction (log.timer_set). Use the typed timer_NAME
 * below.
 */
void tx_timer_set(struct tx *tx, struct text name, int64_t due, int64_t not_after,
                  enum event_type type, const void *value);
void tx_timer_drop(struct tx *tx, struct text name);

/*
 * The statement that this transaction begins with: it travels with the first other one, or is a
 * transaction of its own if there is none. done, called by the commit at the latest, tells tx_note
 * what came of it, so that a failure counts. params: what they point to lives until then.
 */
void tx_open(struct tx *tx, const struct statement *statement, const union param *params,
             db_done *done, void *context);
void tx_note(struct tx *tx, const struct db_result *result);

/* Begins with the opening statement now, and waits for its answer; without one there is none. */
void tx_wait(struct tx *tx);

/* Whether nothing was asked of the store yet, and nothing emitted: a commit would be of the opening
 * statement alone. */
bool tx_is_idle(const struct tx *tx);

/* This commit waits for the disk, though a worker's need not (worker.sql): what people have seen, a
 * crash must not take back and let come again otherwise. */
void tx_wait_for_disk(struct tx *tx);

/* Runs a statement; for the generated functions. The result lives until the next call; its end is
 * always DB_OK (zero rows after a failure). */
const struct db_result *tx_run(struct tx *tx, const struct statement *statement,
                               const union param *params);

/* Sends a statement and does not wait. done tells tx_note what came of it; it may emit, and end the
 * transaction by tx_depart. After a failure nothing is sent and done is not called. */
void tx_send(struct tx *tx, const struct statement *statement, const union param *params,
             db_done *done, void *context);

/* emit_meeting_scheduled(tx, &(struct meeting_scheduled) { … }); timer_reminder_due(tx, name, due,
 * not_after, &…) */
#define EVENT(number, name, meaning, fields)                                                       \
        static inline void emit_##name(struct tx *tx, const struct name *value)                    \
        {                                                                                          \
                tx_emit(tx, EVENT_##name, value);                                                  \
        }                                                                                          \
        static inline void timer_##name(struct tx *tx, struct text timer, int64_t due,             \
                                        int64_t not_after, const struct name *value)               \
        {                                                                                          \
                tx_timer_set(tx, timer, due, not_after, EVENT_##name, value);                      \
        }
#include "schemas/events.def"
#undef EVENT
