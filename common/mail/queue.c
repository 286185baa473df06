/*
 * queue: rounds of claim (T1) → send → book (T2). What a round could not book is settled like what
 * a dead sender left: from the journal, which says the same as we knew. So there is one way back,
 * and it is always tested.
 *
 *      due ── T1 ──▶ claimed ── dot, reply ── T2 ──▶ sent | due later | refused
 *                       └─ not begun within a second, server away ── T2 ──▶ due
 *                       └─ dot, no reply ── T2 ──▶ uncertain
 */
#include "common/mail/queue.h"

#include "common/failpoint.h"
#include "common/log.h"
#include "common/mail/journal.h"
#include "common/mail/outcome.h"
#include "common/mail/queue_sql.h"
#include "common/mail/seen.h"
#include "common/mail/smtp.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
        ROUND_MS = 1000,   /* from T1 to the last letter begun */
        BOOK_MS = 20,      /* the longest that a reply waits for its booking */
        ROUND_MOST = 500,  /* letters in a round */
        ROUND_FIRST = 10,  /* before it is known what a second's worth is */
        PAUSE_MOST = 30000 /* ms until an absent server is tried again */
};

/* A letter ready to go. */
struct ready {
        int64_t id;
        struct text to, message;
};

struct queue {
        const char *name;
        const struct service *service;
        struct mailer mailer;
        queue_compose *compose;
        struct smtp *smtp;
        struct journal *journal;
        struct seen *seen;
        struct arena *arena; /* of the round */
        bool settled;        /* nothing is left to settle from the journal */
        bool waiting;        /* another sender has the table; said once */
        int most;            /* a second's worth */
        int pause;           /* ms, grows while the server is away */
        int64_t away_until;  /* monotonic ms */
        struct ready ready[ROUND_MOST];
        size_t ready_count;
        struct outcome outcome[OUTCOME_MOST];
        size_t outcome_count;
        int64_t first_outcome_at; /* monotonic ms */
        struct metrics_by ends;
};

/* Opens what a sender needs besides the store. */
struct queue *queue_new(const char *name, const struct service *service,
                        queue_compose *compose_letter)
{
        struct queue *queue = calloc(1, sizeof *queue);

        if (!queue)
                panic("out of memory");
        compose_init();
        queue->name = name;
        queue->service = service;
        queue->compose = compose_letter;
        queue->arena = arena_new();
        queue->most = ROUND_FIRST;
        queue->mailer.conf = &service->conf;
        queue->mailer.instance =
                instance_open(service->conf.place_state, service->conf.place_runtime);
        queue->seen = seen_open(service->conf.place_state, name);
        if (queue->seen && queue->mailer.instance && instance_link_key(queue->mailer.instance))
                queue->smtp = smtp_new(&service->conf);
        if (!queue->smtp)
                queue_destroy(&queue);
        return queue;
}

/* The table's lock goes with the session, the journal's with its file. */
void queue_destroy(struct queue **queue)
{
        if (!*queue)
                return;
        smtp_destroy(&(*queue)->smtp);
        journal_close(&(*queue)->journal);
        seen_close(&(*queue)->seen);
        instance_close(&(*queue)->mailer.instance);
        arena_destroy(&(*queue)->arena);
        free(*queue);
        *queue = NULL;
}

const struct metrics_by *queue_ends(const struct queue *queue)
{
        return &queue->ends;
}

struct text queue_occurrence(struct text occurrence)
{
        return text_cut(&occurrence, '/');
}

struct message queue_message(const struct mailer *mailer, const struct letter *letter, int64_t now)
{
        return (struct message){ .from_name = text_of(mailer->conf->mail_name),
                                 .from = text_of(mailer->conf->mail_from),
                                 .message_id = letter->message_id,
                                 .at = now };
}

/* Ends a transaction. False: nothing of it holds, or nobody knows. Our own fault ends the
 * program. */
static bool commit(struct tx *tx)
{
        enum tx_end end = tx_commit(tx);

        if (end == TX_EXIT)
                panic("letters: %s", tx_reason(tx));
        if (end != TX_DONE)
                log_warning("letters wait: %s", tx_reason(tx));
        return end == TX_DONE;
}

/* T2. What cannot be booked is settled from the journal later. */
static bool book(struct queue *queue, struct tx *tx)
{
        if (!queue->outcome_count)
                return true;
        if (tx_begin(tx, clock_now(queue->service->clock))) {
                outcome_write(tx, queue->outcome, queue->outcome_count,
                              queue->service->conf.mail_attempts);
                failpoint("before-book");
                queue->settled = commit(tx);
        } else {
                queue->settled = false;
        }
        queue->outcome_count = 0;
        return queue->settled;
}

/* Notes what became of a letter, and books when there are enough or the first has waited. */
static bool note(struct queue *queue, struct tx *tx, struct outcome outcome)
{
        metrics_note(&queue->ends, outcome.state);
        if (!queue->outcome_count)
                queue->first_outcome_at = clock_monotonic_ms();
        queue->outcome[queue->outcome_count++] = outcome;
        if (queue->outcome_count < OUTCOME_MOST &&
            clock_monotonic_ms() - queue->first_outcome_at < BOOK_MS)
                return true;
        return book(queue, tx);
}

/* Writes what was found out so far into the open transaction. */
static void write_left(struct queue *queue, struct tx *tx)
{
        outcome_write(tx, queue->outcome, queue->outcome_count, queue->service->conf.mail_attempts);
        queue->outcome_count = 0;
}

/* In the open transaction: an older copy of the store would send again what went since; a person
 * looks first. */
static void hold_if_older(struct queue *queue, struct tx *tx)
{
        struct is_older store = { 0 };

        if (seen_at(queue->seen) && is_older(tx, seen_at(queue->seen), &store) && store.older) {
                log_warning(
                        "this store is older than the last letters sent from it: it was restored");
                hold_store(tx, tx_now(tx));
        }
}

/* In the open transaction: settles what a sender left behind, and whether this instance may
 * send. */
static void settle_all(struct queue *queue, struct tx *tx)
{
        struct text content = journal_content(queue->journal, queue->arena), rest = content;
        struct text head = text_cut(&rest, '\n'), boot, claim;
        struct left_letters_rows left;
        struct adopt_store store = { 0 };

        text_cut(&head, ' ');
        boot = text_cut(&head, ' ');
        claim = arena_printf(queue->arena, "%.*s/%.*s", TEXT_ARGS(boot), TEXT_ARGS(head));
        left = left_letters(tx, claim);
        for (size_t i = 0; i < left.count; i++) {
                struct text claimed = arena_copy(queue->arena, left.row[i].claim);

                queue->outcome[queue->outcome_count++] =
                        outcome_of_journal(left.row[i].id, claimed, content, queue->arena);
                if (queue->outcome_count == OUTCOME_MOST || i + 1 == left.count)
                        write_left(queue, tx);
        }
        if (left.count)
                log_info("%zu letters were left behind in the middle of sending", left.count);
        hold_if_older(queue, tx);
        if (adopt_store(tx, instance_id(queue->mailer.instance), tx_now(tx), &store) &&
            !store.may_send)
                log_warning("this store is not released for this instance: letters are held"
                            " (padriver mail release)");
}

/* Says once why nothing is sent here. */
static bool wait_for(struct queue *queue, const char *why)
{
        if (!queue->waiting)
                log_info("sends no letters: %s", why);
        queue->waiting = true;
        return false;
}

/* Whether this process is the one sender; opens a transaction, and leaves it open if so. */
static bool begin_as_sender(struct queue *queue, struct tx *tx)
{
        struct hold_sender hold = { 0 };
        const char *runtime = queue->service->conf.place_runtime;

        if (!queue->journal && !(queue->journal = journal_open(runtime, queue->name)))
                return wait_for(queue, errno == EWOULDBLOCK ? "another process sends them"
                                                            : strerror(errno));
        if (!tx_begin(tx, clock_now(queue->service->clock)))
                return false;
        if (hold_sender(tx, &hold) && hold.mine) {
                queue->settled = queue->settled && !hold.fresh;
                queue->waiting = false;
                return true;
        }
        bool failed = tx_failed(tx);

        tx_rollback(tx);
        return !failed && wait_for(queue, "another process sends them");
}

/* Composes a claimed letter in the open transaction. */
static void prepare(struct queue *queue, struct tx *tx, const struct claim_letters *row)
{
        struct letter letter = { .id = row->id,
                                 .person = row->person,
                                 .cause = row->cause,
                                 .rule = row->rule,
                                 .subject = row->subject,
                                 .occurrence = row->occurrence,
                                 .message_id = row->message_id };
        struct message message = queue_message(&queue->mailer, &letter, tx_now(tx));
        struct ready *ready = &queue->ready[queue->ready_count++];
        struct text reason = TEXT("its recipient's address cannot be used");

        *ready = (struct ready){ .id = row->id };
        if (queue->compose(tx, &queue->mailer, &letter, &message, &reason) &&
            smtp_address_usable(message.to)) {
                ready->to = arena_copy(queue->arena, message.to);
                ready->message = compose(&message, queue->arena);
        } else {
                ready->message = arena_copy(queue->arena, reason);
        }
}

/* T1. Returns how many rows were looked at; 0 also if nothing was committed. */
static size_t claim(struct queue *queue, struct tx *tx)
{
        const struct conf *conf = &queue->service->conf;
        struct claim_letters_rows rows;

        arena_clear(queue->arena);
        queue->ready_count = 0;
        if (!begin_as_sender(queue, tx))
                return 0;
        if (!queue->settled) {
                settle_all(queue, tx);
                queue->settled = commit(tx);
                return queue->settled;
        }
        if (!journal_start(queue->journal)) {
                tx_rollback(tx);
                return 0;
        }
        rows = claim_letters(tx, tx_now(tx), queue->most, conf->mail_attempts,
                             instance_id(queue->mailer.instance), journal_claim(queue->journal),
                             text_of(conf->mail_domain));
        for (size_t i = 0; i < rows.count; i++)
                if (text_equal(rows.row[i].state, TEXT("claimed")))
                        prepare(queue, tx, &rows.row[i]);
        if (!rows.count)
                tx_rollback(tx);
        else if (!(queue->settled = commit(tx)))
                return 0;
        else if (queue->ready_count)
                failpoint("after-claim");
        queue->settled =
                queue->settled && (!queue->ready_count || seen_note(queue->seen, tx_now(tx)));
        return queue->settled ? rows.count : 0;
}

/* What the hook before the final dot needs. */
struct dot {
        struct journal *journal;
        int64_t letter;
};

/* The last moment at which a letter can be kept back. */
static bool write_dot(void *context)
{
        const struct dot *dot = context;

        return journal_dot(dot->journal, dot->letter);
}

/* Hands one letter over and notes what the server said. */
static struct outcome hand_over(struct queue *queue, const struct ready *ready)
{
        struct dot dot = { queue->journal, ready->id };
        struct smtp_letter letter = { .from = text_of(queue->service->conf.mail_from),
                                      .to = ready->to,
                                      .message = ready->message,
                                      .before_dot = write_dot,
                                      .context = &dot };
        struct smtp_reply reply;
        enum smtp_end end = smtp_send(queue->smtp, &letter, &reply);

        if (end != SMTP_AWAY && end != SMTP_UNCERTAIN)
                journal_reply(queue->journal, ready->id, &reply);
        if (end == SMTP_AWAY) {
                queue->pause = queue->pause ? 2 * queue->pause : 500;
                queue->pause = queue->pause > PAUSE_MOST ? PAUSE_MOST : queue->pause;
                queue->away_until = clock_monotonic_ms() + queue->pause;
        } else {
                queue->pause = 0;
        }
        return outcome_of_reply(ready->id, journal_claim(queue->journal), &reply, queue->arena);
}

/* Whether the letters of a round may still be begun. */
static bool goes_on(const struct queue *queue, int64_t started)
{
        return clock_monotonic_ms() - started < ROUND_MS &&
               clock_monotonic_ms() >= queue->away_until && !service_stopping();
}

/* A second's worth, by a round that began so many letters: claiming and composing them counts, or
 * a slow machine would claim again and again what it cannot begin in time. */
static void fit(struct queue *queue, size_t begun, int64_t took)
{
        int64_t most = begun ? (int64_t)begun * ROUND_MS / (took > 0 ? took : 1) : queue->most / 2;

        queue->most = most < 1 ? 1 : most > ROUND_MOST ? ROUND_MOST : (int)most;
}

/* Sends what was claimed; gives back what was not begun in time. */
static void send_round(struct queue *queue, struct tx *tx, int64_t started)
{
        struct text claimed = journal_claim(queue->journal);
        size_t sent = 0;

        for (size_t i = 0; i < queue->ready_count; i++) {
                const struct ready *ready = &queue->ready[i];
                struct outcome outcome = { .id = ready->id, .claim = claimed, .state = "back" };

                if (!ready->to.at) {
                        outcome.state = "dropped";
                        outcome.reason = ready->message;
                } else if (goes_on(queue, started)) {
                        outcome = hand_over(queue, ready);
                        sent++;
                }
                if (!note(queue, tx, outcome))
                        return;
                service_progress();
        }
        if (book(queue, tx))
                fit(queue, sent, clock_monotonic_ms() - started);
}

/* Sends what is due, for about a second at most. */
void queue_turn(struct queue *queue, struct tx *tx)
{
        const int64_t began = clock_monotonic_ms();

        while (goes_on(queue, began)) {
                const int64_t started = clock_monotonic_ms();
                if (!claim(queue, tx))
                        return;
                send_round(queue, tx, started);
        }
}
