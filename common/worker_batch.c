/*
 * worker_batch: see the header. Each transaction here begins with log.advance, which locks the
 * cursors: whoever was fenced fails before it has worked. What a worker has in hand it has of the
 * store that it was connected to when it asked: a crash takes back commits that had not waited for
 * the disk, and other events may stand in their places. So another connection fences it, too.
 */
#include "common/worker_batch.h"
#include "common/failpoint.h"
#include "common/log.h"
#include "common/worker_sql.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What one transaction takes: how far partitions go, and the events up to there by position. */
struct stretch {
        int64_t *parts, *tos;
        size_t part_count;
        const struct event *events;
        size_t event_count;
};

/* Moves of cursors in the store. */
struct moves {
        int64_t *parts, *froms, *tos;
        size_t count;
};

struct hold *batch_hold(struct batch *batch, int64_t part)
{
        for (size_t i = 0; i < batch->hold_count; i++) {
                if (batch->hold[i].part == part) {
                        return &batch->hold[i];
                }
        }
        return NULL;
}

/* The same where it is known to be held. */
static struct hold *need_hold(struct batch *batch, int64_t part)
{
        struct hold *hold = batch_hold(batch, part);
        if (!hold) {
                panic("partition %" PRId64 " is not held", part);
        }
        return hold;
}

static struct text group_of(const struct batch *batch)
{
        return text_of(batch->worker->group);
}

/* The answer of the advance: fenced or not, and whether anything of the group is parked. */
static void take_advanced(void *context, const struct db_result *result)
{
        struct batch *batch = context;
        tx_note(batch->worker->tx, result);
        if (result->end == DB_OK) {
                batch->parked = db_int(result, 0, 0);
        }
}

/* Where the stretch takes the partition; where it has come to if it is none of the stretch's. */
static int64_t end_of(const struct stretch *stretch, const struct hold *hold, bool *inside)
{
        for (size_t i = 0; i < stretch->part_count; i++) {
                if (stretch->parts[i] == hold->part) {
                        *inside = true;
                        return stretch->tos[i];
                }
        }
        *inside = false;
        return hold->handled;
}

/* The moves of the stretch and all that are owed, from what is committed, by partition. */
static struct moves list_moves(struct batch *batch, const struct stretch *stretch)
{
        size_t most = batch->hold_count;
        struct moves moves = { .parts = arena_array(batch->arena, most, sizeof *moves.parts),
                               .froms = arena_array(batch->arena, most, sizeof *moves.froms),
                               .tos = arena_array(batch->arena, most, sizeof *moves.tos) };
        for (size_t i = 0; i < most; i++) {
                const struct hold *hold = &batch->hold[i];
                bool inside;
                int64_t to = end_of(stretch, hold, &inside);
                if (inside || to != hold->committed) {
                        moves.parts[moves.count] = hold->part;
                        moves.froms[moves.count] = hold->committed;
                        moves.tos[moves.count++] = to;
                }
        }
        return moves;
}

/*
 * Starts a transaction with the fence. Its answer is waited for only where something may be parked:
 * else it travels with the first thing that a handler asks of the store, which is answered after
 * it; a batch whose handlers ask nothing is one statement. False: it failed, and tx_commit will say
 * how.
 */
static bool begin(struct batch *batch, const struct stretch *stretch)
{
        struct tx *tx = batch->worker->tx;
        const struct moves moves = list_moves(batch, stretch);
        if (!tx_begin(tx, clock_now(batch->worker->service->clock))) {
                tx_retry(tx, "the store is away");
                return false;
        }
        if (db_session(batch->worker->db) != batch->session) {
                tx_fence(tx, "the store was away since the partitions were taken");
                return false;
        }
        const union param params[] = { { .text = group_of(batch) },
                                       { .ints = { moves.parts, moves.count } },
                                       { .ints = { moves.froms, moves.count } },
                                       { .ints = { moves.tos, moves.count } } };
        tx_open(tx, &worker_advance_statement, params, take_advanced, batch);
        if (batch->parked || failpoint_is_asked("after-cursor")) {
                tx_wait(tx);
        }
        failpoint("after-cursor");
        return !tx_failed(tx);
}

/* Keeps a reason, cut between characters if it is too long. */
static void keep_reason(struct batch *batch, const char *reason)
{
        snprintf(batch->reason, sizeof batch->reason, "%s", reason);
        for (size_t n = strlen(batch->reason); !text_is_utf8((struct text){ batch->reason, n });
             n--) {
                batch->reason[n - 1] = '\0';
        }
}

/* The stretch is behind us. */
static void note_moves(struct batch *batch, const struct stretch *stretch)
{
        for (size_t i = 0; i < stretch->part_count; i++) {
                need_hold(batch, stretch->parts[i])->handled = stretch->tos[i];
        }
}

/* Commits, with all that was owed; the reason of a failure is kept for whoever parks or waits. */
static enum tx_end end(struct batch *batch, const struct stretch *stretch)
{
        failpoint("after-effects");
        enum tx_end ended = tx_commit(batch->worker->tx);
        if (ended != TX_DONE) {
                keep_reason(batch, tx_reason(batch->worker->tx));
                return ended;
        }
        note_moves(batch, stretch);
        for (size_t i = 0; i < batch->hold_count; i++) {
                batch->hold[i].committed = batch->hold[i].handled;
        }
        batch->owed = false;
        return TX_DONE;
}

/* Commits nothing yet: nothing was asked of the store, and what a crash takes back had no effect.
 */
static enum tx_end owe(struct batch *batch, const struct stretch *stretch)
{
        tx_rollback(batch->worker->tx);
        note_moves(batch, stretch);
        batch->owed = true;
        return TX_DONE;
}

/* Parks events: each with the position it waits for, or 0 and the reason. */
static void park(struct batch *batch, const struct event *events, const int64_t *waits,
                 size_t count, const char *reason)
{
        struct arena *arena = batch->arena;
        int64_t *parts = arena_array(arena, count, sizeof *parts);
        int64_t *positions = arena_array(arena, count, sizeof *positions);
        struct text *reasons = arena_array(arena, count, sizeof *reasons);
        for (size_t i = 0; i < count; i++) {
                parts[i] = events[i].part;
                positions[i] = events[i].position;
                reasons[i] = waits[i] ? arena_printf(arena, "waits for %" PRId64, waits[i])
                                      : text_of(reason);
        }
        worker_park(batch->worker->tx, group_of(batch), (struct int_array){ parts, count },
                    (struct int_array){ positions, count }, (struct text_array){ reasons, count },
                    (struct int_array){ waits, count }, tx_now(batch->worker->tx));
}

/* For each event the parked position of its key, or 0. */
static const int64_t *find_waits(struct batch *batch, const struct stretch *stretch)
{
        struct text *keys = arena_array(batch->arena, stretch->event_count, sizeof *keys);
        int64_t *waits = arena_array(batch->arena, stretch->event_count, sizeof *waits);
        for (size_t i = 0; i < stretch->event_count; i++) {
                keys[i] = stretch->events[i].key;
        }
        struct worker_parked_rows found =
                worker_parked(batch->worker->tx, group_of(batch),
                              (struct text_array){ keys, stretch->event_count });
        for (size_t i = 0; i < stretch->event_count; i++) {
                for (size_t j = 0; j < found.count; j++) {
                        if (text_equal(keys[i], found.row[j].key)) {
                                waits[i] = found.row[j].first;
                        }
                }
        }
        return waits;
}

/* Calls one event's handler; what it says instead of DONE fails the transaction. */
static bool handle(struct batch *batch, const struct event *event)
{
        struct tx *tx = batch->worker->tx;
        tx_set_cause(tx, event->position);
        tx_set_actor(tx, group_of(batch));
        tx_set_traceparent(tx, event->traceparent);
        switch (event_handle(&batch->worker->on, tx, event)) {
        case DONE:
                break;
        case RETRY:
                tx_retry(tx, "%s asks to be tried again", event_name(event->type));
                break;
        case REJECT:
                tx_reject(tx, "%s is rejected", event_name(event->type));
                break;
        }
        return !tx_failed(tx);
}

/* Cursors, effects, commit. Events whose key is parked are parked behind it. */
static enum tx_end attempt(struct batch *batch, const struct stretch *stretch)
{
        bool good = begin(batch, stretch);
        batch->waiting = 0;
        const int64_t *waits = good && batch->parked && stretch->event_count > 0
                                       ? find_waits(batch, stretch)
                                       : NULL;
        for (size_t i = 0; i < stretch->event_count && good; i++) {
                if (waits && waits[i]) {
                        park(batch, &stretch->events[i], &waits[i], 1, "");
                        batch->waiting++;
                } else {
                        good = handle(batch, &stretch->events[i]);
                }
                batch->pulse(batch->context);
        }
        return good && tx_is_idle(batch->worker->tx) ? owe(batch, stretch) : end(batch, stretch);
}

/* These events are dealt with. */
static void note_done(struct batch *batch, const struct stretch *stretch)
{
        batch->counts.done += (int64_t)(stretch->event_count - batch->waiting);
        batch->counts.waiting += (int64_t)batch->waiting;
}

/* Parks a rejected event with its reason, in the transaction that moves the cursor past it. */
static enum tx_end park_alone(struct batch *batch, const struct stretch *stretch)
{
        char reason[sizeof batch->reason];
        const int64_t waits = 0;
        const struct event *event = stretch->events;
        memcpy(reason, batch->reason, sizeof reason);
        if (begin(batch, stretch)) {
                park(batch, event, &waits, 1, reason);
        }
        enum tx_end ended = end(batch, stretch);
        if (ended == TX_DONE) {
                log_warning("parked %s at %" PRId64 ": %s", event_name(event->type),
                            event->position, reason);
                batch->parked = true;
                batch->counts.parked++;
        }
        return ended;
}

/* One event in a transaction of its own. */
static enum tx_end run_alone(struct batch *batch, const struct event *event)
{
        int64_t part = event->part, to = event->position;
        struct stretch alone = { &part, &to, 1, event, 1 };
        enum tx_end ended = attempt(batch, &alone);
        if (ended == TX_DONE) {
                note_done(batch, &alone);
        }
        return ended == TX_REJECT ? park_alone(batch, &alone) : ended;
}

/* What the end of a transaction means for the batch; RETRY holds the partition back. */
static enum batch_end judge(enum tx_end ended)
{
        return ended == TX_FENCED ? BATCH_FENCED : ended == TX_EXIT ? BATCH_EXIT : BATCH_DONE;
}

/* Whether the partition is among those held back. */
static bool is_held(const struct list *held, int64_t part)
{
        const struct wire_cursor *at = held->at;
        for (size_t i = 0; i < held->count; i++) {
                if (at[i].part == part) {
                        return true;
                }
        }
        return false;
}

/* A transaction of one partition; if the world is in its way the partition is held back, to begin
 * where its cursor stands. */
static enum batch_end note_end(struct batch *batch, enum tx_end ended, int64_t part,
                               struct wire_cursor *held, struct list *held_back)
{
        if (ended == TX_RETRY) {
                struct hold *hold = need_hold(batch, part);
                hold->handled = hold->committed;
                held[held_back->count++] = (struct wire_cursor){ part, hold->committed };
        }
        return judge(ended);
}

/* Moves the cursors from the last event to the ends of the ranges. */
static enum batch_end finish(struct batch *batch, const struct stretch *stretch,
                             struct wire_cursor *held, struct list *held_back)
{
        enum batch_end judged = BATCH_DONE;
        for (size_t i = 0; i < stretch->part_count && judged == BATCH_DONE; i++) {
                int64_t part = stretch->parts[i];
                struct stretch rest = { &part, &stretch->tos[i], 1, NULL, 0 };
                if (need_hold(batch, part)->handled < stretch->tos[i] &&
                    !is_held(held_back, part)) {
                        judged = note_end(batch, attempt(batch, &rest), part, held, held_back);
                }
        }
        return judged;
}

/* Event by event; a partition that cannot go on is held back, the others do not wait for it. */
static enum batch_end run_each(struct batch *batch, const struct stretch *stretch,
                               struct list *held_back)
{
        struct wire_cursor *held = arena_array(batch->arena, stretch->part_count, sizeof *held);
        enum batch_end judged = BATCH_DONE;
        held_back->at = held;
        for (size_t i = 0; i < stretch->event_count && judged == BATCH_DONE; i++) {
                const struct event *event = &stretch->events[i];
                if (!is_held(held_back, event->part)) {
                        judged = note_end(batch, run_alone(batch, event), event->part, held,
                                          held_back);
                }
        }
        return judged == BATCH_DONE ? finish(batch, stretch, held, held_back) : judged;
}

/* The ranges that begin where we have come to; others are old news. */
static void take_ranges(struct batch *batch, const struct wire_batch *message,
                        struct stretch *stretch)
{
        const struct wire_range *range = message->ranges.at;
        size_t most = message->ranges.count;
        stretch->parts = arena_array(batch->arena, most, sizeof *stretch->parts);
        stretch->tos = arena_array(batch->arena, most, sizeof *stretch->tos);
        for (size_t i = 0; i < most; i++) {
                const struct hold *hold = batch_hold(batch, range[i].part);
                if (hold && hold->handled == range[i].from && range[i].to >= range[i].from) {
                        size_t n = stretch->part_count++;
                        stretch->parts[n] = range[i].part;
                        stretch->tos[n] = range[i].to;
                }
        }
}

/* Whether the event lies in one of the ranges. */
static bool is_inside(struct batch *batch, const struct stretch *stretch,
                      const struct wire_event *event)
{
        for (size_t i = 0; i < stretch->part_count; i++) {
                if (stretch->parts[i] == event->part) {
                        return event->position > need_hold(batch, event->part)->handled &&
                               event->position <= stretch->tos[i];
                }
        }
        return false;
}

/* The events inside the ranges taken. */
static void take_events(struct batch *batch, const struct wire_batch *message,
                        struct stretch *stretch)
{
        const struct wire_event *from = message->events.at;
        struct event *events = arena_array(batch->arena, message->events.count, sizeof *events);
        for (size_t i = 0; i < message->events.count; i++) {
                if (is_inside(batch, stretch, &from[i])) {
                        events[stretch->event_count++] = (struct event){
                                .position = from[i].position,
                                .at = from[i].at,
                                .type = (enum event_type)from[i].type,
                                .key = from[i].key,
                                .actor = from[i].actor,
                                .cause = from[i].cause,
                                .body = from[i].body,
                                .traceparent = from[i].traceparent,
                                .part = from[i].part,
                        };
                }
        }
        stretch->events = events;
}

enum batch_end batch_run(struct batch *batch, const struct wire_batch *message,
                         struct list *held_back)
{
        struct stretch stretch = { 0 };
        *held_back = (struct list){ 0 };
        take_ranges(batch, message, &stretch);
        take_events(batch, message, &stretch);
        if (stretch.part_count == 0) {
                return BATCH_DONE;
        }
        enum tx_end ended = attempt(batch, &stretch);
        if (ended == TX_DONE) {
                note_done(batch, &stretch);
                batch->counts.batches++;
                return BATCH_DONE;
        }
        if (judge(ended) != BATCH_DONE) {
                return judge(ended);
        }
        batch->counts.apart++;
        return run_each(batch, &stretch, held_back);
}

/* The next parked event of ours to retry, copied into the batch's arena. */
static bool find_retryable(struct batch *batch, struct event *event)
{
        struct tx *tx = batch->worker->tx;
        int64_t *parts = arena_array(batch->arena, batch->hold_count, sizeof *parts);
        struct worker_retryable row;
        for (size_t i = 0; i < batch->hold_count; i++) {
                parts[i] = batch->hold[i].part;
        }
        if (!tx_begin(tx, clock_now(batch->worker->service->clock)) ||
            !worker_retryable(tx, group_of(batch), (struct int_array){ parts, batch->hold_count },
                              &row)) {
                tx_commit(tx);
                return false;
        }
        *event = (struct event){
                .position = row.position,
                .at = row.at,
                .type = (enum event_type)row.type,
                .key = arena_copy(batch->arena, row.key),
                .actor = arena_copy(batch->arena, row.actor),
                .cause = row.cause == DB_NULL ? 0 : row.cause,
                .body = arena_copy(batch->arena, row.body),
                .traceparent = arena_copy(batch->arena, row.traceparent),
                .part = row.part,
        };
        tx_commit(tx);
        return true;
}

/* The row goes if its handler is done now; else it stays with its new reason. */
static enum tx_end retry_alone(struct batch *batch, const struct event *event)
{
        struct hold *hold = need_hold(batch, event->part);
        struct stretch fence = { &hold->part, &hold->handled, 1, NULL, 0 };
        struct tx *tx = batch->worker->tx;
        if (begin(batch, &fence) && handle(batch, event)) {
                worker_unpark(tx, group_of(batch), event->position);
        }
        enum tx_end ended = end(batch, &fence);
        batch->counts.retried += ended == TX_DONE;
        if (ended != TX_REJECT) {
                return ended;
        }
        batch->counts.retried_in_vain++;
        char reason[sizeof batch->reason];
        memcpy(reason, batch->reason, sizeof reason);
        if (begin(batch, &fence)) {
                worker_repark(tx, group_of(batch), event->position, text_of(reason));
        }
        return end(batch, &fence);
}

enum batch_end batch_flush(struct batch *batch)
{
        const struct stretch nothing = { 0 };
        begin(batch, &nothing);
        enum tx_end ended = end(batch, &nothing);
        if (ended == TX_REJECT) {
                log_warning("cursors cannot be committed: %s", batch->reason);
        }
        return judge(ended);
}

enum batch_end batch_retry(struct batch *batch, bool *more)
{
        struct event event;
        *more = false;
        if (batch->hold_count == 0 || !find_retryable(batch, &event)) {
                return BATCH_DONE;
        }
        enum tx_end ended = retry_alone(batch, &event);
        *more = ended == TX_DONE;
        return judge(ended);
}
