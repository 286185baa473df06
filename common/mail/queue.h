/*
 * queue: sends the letters of one owner's table (`letter` and `wanted(letter)` in the session's
 * search path): due → claimed → sent, due later, refused, uncertain, dropped, held or suppressed
 * (design, Letters). One sender a table, by a session advisory lock and the journal's file lock;
 * what a dead sender left behind is settled from its journal at the start. Runs on the worker's tx
 * between batches; letters leave the process only after their claim is committed.
 */
#pragma once

#include "common/instance.h"
#include "common/mail/compose.h"
#include "common/metrics.h"
#include "common/service.h"
#include "common/tx.h"

/* A letter as claimed; lives until the round's end. */
struct letter {
        int64_t id, person, cause;
        struct text rule, subject, occurrence;
        struct text message_id;
};

/* What composing needs besides the store. */
struct mailer {
        const struct conf *conf;
        struct instance *instance; /* for the key of links */
        bool masked;               /* only to be shown: without the secret half of links */
};

/*
 * Writes the letter in its recipient's language from live tables into message, whose from, at and
 * message_id are set; all in tx_arena. False: it cannot be written (no such person, no address);
 * *reason says why, ids only, and it is dropped.
 */
typedef bool queue_compose(struct tx *tx, const struct mailer *mailer, const struct letter *letter,
                           struct message *message, struct text *reason);

struct queue;

/*
 * name: of the journal ("notice", "newsletter"). Borrows service. NULL (logged): a setting that
 * cannot work, or no instance.
 */
struct queue *queue_new(const char *name, const struct service *service, queue_compose *compose);
void queue_destroy(struct queue **queue);

/* Sends what is due, for about a second at most; returns earlier if nothing is. For
 * worker.every. */
void queue_turn(struct queue *queue, struct tx *tx);

/* How many letters ended how since the start: sent, later (put off), refused, uncertain, dropped,
 * back (not begun). */
const struct metrics_by *queue_ends(const struct queue *queue);

/* An occurrence without the marks of resending: "2" of "2/resend". */
struct text queue_occurrence(struct text occurrence);

/* The letter with what the settings say of every letter: for composing outside a queue. */
struct message queue_message(const struct mailer *mailer, const struct letter *letter, int64_t now);
