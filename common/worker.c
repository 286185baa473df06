/*
 * worker: the skeleton of a daemon: it keeps the store and the broker within reach, says HELLO
 * until it is given partitions, runs what it is given (worker_batch.c), and says what is committed.
 * It starts and goes on whatever else is up; all that it remembers of the talk is lost at each
 * HELLO, and may be.
 *
 *      STRANGER ── HELLO ──▶ GREETED ── TAKE ──▶ HOLDING ── fenced, BEAT 0, silence ──▶ STRANGER
 */
#include "common/worker.h"
#include "common/log.h"
#include "common/worker_batch.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        CREDIT = 4,     /* batches on their way: one in hand, the others in the queue */
        UNTOLD = 2,     /* batches dealt with before we say so, if their commit is owed */
        EACH = 1000,    /* ms between beats, between HELLOs, between looks for parked events */
        SILENCE = 5000, /* ms without a word from the broker before the socket is made anew */
        SOON = 100,     /* ms between looks at what is not there yet */
        PULSE = 20,     /* ms between looks whether to beat, in a batch */
        QUIET = 2,      /* ms without a message before what is owed is committed … */
        LULL = 10,      /* … and after events, which others may follow */
        OWED = 100,     /* ms that it is owed at most, whatever comes */
        RETRIES = 64,   /* parked events in a row before the next batch has its turn */
        MOST_PARTS = 1024,
};

enum standing { STRANGER, GREETED, HOLDING };

struct skeleton {
        struct worker *worker;
        struct wire *wire;
        struct arena *arena; /* of the message in hand */
        struct batch batch;
        enum standing standing;
        struct hold hold[MOST_PARTS];
        int64_t hello;    /* the number of our last HELLO: older answers are not for us any more */
        int64_t number;   /* of the last batch dealt with */
        int64_t told;     /* the one that the broker knows of */
        int64_t woken;    /* the last position that a WAKE told of */
        int64_t pulse_at; /* coarse */
        int64_t greeted_at, beat_at, heard_at, looked_at, connect_at; /* monotonic ms */
        int64_t owed_at;                                              /* since; 0: nothing is */
        int quiet; /* ms without a message before what is owed is committed */
        int64_t every_at[4];
        int64_t clock_at; /* domain time when the daemon's own work was last looked at */
        int pause;        /* ms until the next try for the store */
        char refusal[100];
        bool started;
        struct metrics_file *metrics; /* NULL: none are written */
        int code;                     /* an exit_code */
};

struct worker *worker_of(const struct tx *tx)
{
        return tx_context(tx);
}

/* All that was given is given up. */
static void forget(struct skeleton *skeleton)
{
        skeleton->standing = STRANGER;
        skeleton->batch.hold_count = 0;
        skeleton->batch.owed = false;
        skeleton->owed_at = 0;
        skeleton->number = skeleton->told = 0;
}

/* Names the group and what it handles. */
static void say_hello(struct skeleton *skeleton, int64_t now)
{
        struct wire_type types[EVENT_count];
        int64_t numbers[EVENT_count];
        size_t count = event_types(&skeleton->worker->on, numbers);
        for (size_t i = 0; i < count; i++) {
                types[i].type = numbers[i];
        }
        forget(skeleton);
        skeleton->batch.session = db_session(skeleton->worker->db);
        skeleton->greeted_at = now;
        skeleton->standing = GREETED;
        skeleton->hello = now > skeleton->hello ? now : skeleton->hello + 1;
        wire_send(skeleton->wire, VERB_HELLO,
                  &(struct wire_hello){ .group = text_of(skeleton->worker->group),
                                        .types = { types, count },
                                        .number = skeleton->hello,
                                        .server = db_server(skeleton->worker->db) });
}

/* Says what is committed and how much more may come. */
static void say_next(struct skeleton *skeleton)
{
        struct wire_cursor moved[MOST_PARTS];
        struct batch *batch = &skeleton->batch;
        size_t count = 0;
        for (size_t i = 0; i < batch->hold_count; i++) {
                struct hold *hold = &batch->hold[i];
                if (hold->told != hold->committed) {
                        moved[count++] = (struct wire_cursor){ hold->part, hold->committed };
                        hold->told = hold->committed;
                }
        }
        skeleton->told = skeleton->number;
        wire_send(skeleton->wire, VERB_NEXT,
                  &(struct wire_next){ .parts = { moved, count },
                                       .number = skeleton->number,
                                       .credit = CREDIT,
                                       .owed = batch->owed });
}

/* Beats, and feeds the watchdog: also between the events of a batch. */
static void pulse(void *context)
{
        struct skeleton *skeleton = context;
        int64_t now = clock_coarse_ms();
        if (now - skeleton->pulse_at < PULSE) {
                return;
        }
        skeleton->pulse_at = now;
        service_progress();
        if (now - skeleton->beat_at >= EACH) {
                skeleton->beat_at = now;
                wire_send(skeleton->wire, VERB_BEAT, &(struct wire_beat){ 0 });
        }
}

/* Tells the broker of events that our last commit appended. */
static void wake(struct skeleton *skeleton)
{
        int64_t position = tx_position(skeleton->worker->tx, 0);
        if (position && position != skeleton->woken) {
                skeleton->woken = position;
                wire_send(skeleton->wire, VERB_WAKE, &(struct wire_wake){ 0 });
        }
}

/* What an end of a batch means for the talk. */
static void judge(struct skeleton *skeleton, enum batch_end end)
{
        if (end == BATCH_EXIT) {
                skeleton->code = EXIT_INTERNAL;
        } else if (end == BATCH_FENCED) {
                log_info("fenced: asks for its partitions anew");
                skeleton->batch.counts.fenced++;
                say_hello(skeleton, clock_monotonic_ms());
        }
        wake(skeleton);
}

/* Partitions: of those already held we know better than the broker how far they are. */
static void take(struct skeleton *skeleton, const struct wire_take *message)
{
        struct hold given[MOST_PARTS];
        struct batch *batch = &skeleton->batch;
        const struct wire_cursor *from = message->parts.at;
        if (message->number != skeleton->hello) {
                return;
        }
        for (size_t i = 0; i < message->parts.count; i++) {
                const struct hold *known = batch_hold(batch, from[i].part);
                int64_t at = from[i].position;
                given[i] = known ? *known : (struct hold){ from[i].part, at, at, at };
        }
        if (message->parts.count > 0) {
                memcpy(skeleton->hold, given, message->parts.count * sizeof *given);
        }
        batch->hold_count = message->parts.count;
        batch->parked = true; /* by a holder before us, perhaps */
        skeleton->standing = HOLDING;
        skeleton->refusal[0] = '\0';
        log_debug("holds %zu partitions", message->parts.count);
        say_next(skeleton);
}

/* Says which partitions cannot go on, then where we stand; that goes with the commit if it is owed
 * and there is credit left. */
static void answer(struct skeleton *skeleton, const struct wire_batch *message,
                   const struct list *held_back)
{
        if (held_back->count > 0) {
                struct text reason = text_of(skeleton->batch.reason);
                log_warning("holds back: %s", skeleton->batch.reason);
                skeleton->batch.counts.held_back += (int64_t)held_back->count;
                wire_send(skeleton->wire, VERB_LATER,
                          &(struct wire_later){ .parts = *held_back, .reason = reason });
        }
        skeleton->number = message->number;
        skeleton->quiet = message->events.count > 0 ? LULL : QUIET;
        if (!skeleton->batch.owed || skeleton->number - skeleton->told >= UNTOLD) {
                say_next(skeleton);
        }
}

/* The daemon's own work has its turn after each commit. */
static void call_every(struct skeleton *skeleton)
{
        memset(skeleton->every_at, 0, sizeof skeleton->every_at);
}

/* Handles a batch. */
static void run(struct skeleton *skeleton, const struct wire_batch *message)
{
        struct list held_back;
        if (skeleton->standing != HOLDING) {
                return;
        }
        int64_t begun = clock_monotonic_us();
        enum batch_end end = batch_run(&skeleton->batch, message, &held_back);
        metrics_observe(&skeleton->batch.counts.seconds, clock_monotonic_us() - begun);
        if (end == BATCH_DONE) {
                answer(skeleton, message, &held_back);
        }
        judge(skeleton, end);
        if (!skeleton->batch.owed) {
                call_every(skeleton);
        }
        if (skeleton->batch.parked) {
                skeleton->looked_at = 0;
        }
}

/* Commits the cursors that are owed, in a quiet moment or in time; in vain: again after a while. */
static void flush(struct skeleton *skeleton, bool quiet)
{
        struct batch *batch = &skeleton->batch;
        int64_t now = clock_monotonic_ms();
        if (!batch->owed) {
                skeleton->owed_at = 0;
                return;
        }
        skeleton->owed_at = skeleton->owed_at ? skeleton->owed_at : now;
        if (now - skeleton->owed_at < (quiet ? 0 : OWED) || !db_is_open(skeleton->worker->db)) {
                return;
        }
        arena_clear(skeleton->arena);
        enum batch_end end = batch_flush(batch);
        skeleton->owed_at = batch->owed ? now + SOON : 0;
        if (end == BATCH_DONE && !batch->owed) {
                say_next(skeleton);
                call_every(skeleton);
        }
        judge(skeleton, end);
}

/* Said once until it changes; HELLO goes on. */
static void note_refusal(struct skeleton *skeleton, const struct wire_refused *message)
{
        char said[sizeof skeleton->refusal];
        snprintf(said, sizeof said, "%.*s", TEXT_ARGS(message->reason));
        if (strcmp(said, skeleton->refusal) != 0) {
                log_warning("the broker refuses: %s", said);
                memcpy(skeleton->refusal, said, sizeof said);
        }
        if (text_equal(message->code, TEXT("other_server"))) {
                db_close(skeleton->worker->db); /* perhaps it has died, and nobody asked it since */
        }
        forget(skeleton);
}

/* A broker without a word for so long gets a new socket and a new HELLO. */
static void check_silence(struct skeleton *skeleton)
{
        if (clock_monotonic_ms() - skeleton->heard_at >= SILENCE) {
                wire_destroy(&skeleton->wire);
                forget(skeleton);
        }
}

/* One message of the broker, waiting at most so long. False: there was none. */
static bool hear(struct skeleton *skeleton, int timeout_ms)
{
        const void *value = NULL;
        arena_clear(skeleton->arena);
        enum verb verb = wire_receive(skeleton->wire, timeout_ms, skeleton->arena, &value);
        if (verb == VERB_none) {
                check_silence(skeleton);
                return false;
        }
        skeleton->heard_at = clock_monotonic_ms();
        if (verb == VERB_TAKE) {
                take(skeleton, value);
        } else if (verb == VERB_BATCH) {
                run(skeleton, value);
        } else if (verb == VERB_REFUSED) {
                note_refusal(skeleton, value);
        } else if (verb == VERB_BEAT && ((const struct wire_beat *)value)->known) {
                skeleton->looked_at = 0;
        } else if (verb == VERB_BEAT && skeleton->standing == HOLDING) {
                forget(skeleton);
                skeleton->greeted_at = 0;
        }
        return true;
}

/* The store, tried with growing pauses. The daemon's own start follows the first connection. */
static bool reach_store(struct skeleton *skeleton, int64_t now)
{
        struct worker *worker = skeleton->worker;
        if (!db_is_open(worker->db) && now >= skeleton->connect_at && !db_connect(worker->db)) {
                skeleton->pause = skeleton->pause ? 2 * skeleton->pause : 100;
                skeleton->pause = skeleton->pause > EACH ? EACH : skeleton->pause;
                skeleton->connect_at = clock_monotonic_ms() + skeleton->pause;
        }
        if (!db_is_open(worker->db)) {
                return false;
        }
        skeleton->pause = 0;
        if (!skeleton->started) {
                skeleton->started = !worker->start || worker->start(worker);
                if (!skeleton->started) {
                        skeleton->code = EXIT_SETTINGS;
                }
        }
        return skeleton->started;
}

/* The broker: a socket, beats, HELLO while we are strangers. False: no settings lead there. */
static bool reach_broker(struct skeleton *skeleton, int64_t now)
{
        if (!skeleton->wire) {
                skeleton->wire = wire_connect(&skeleton->worker->service->conf);
                skeleton->heard_at = now;
                skeleton->greeted_at = 0;
        }
        if (!skeleton->wire) {
                skeleton->code = EXIT_SETTINGS;
                return false;
        }
        if (db_session(skeleton->worker->db) != skeleton->batch.session ||
            (skeleton->standing != HOLDING && now - skeleton->greeted_at >= EACH)) {
                say_hello(skeleton, now);
        }
        return true;
}

/* Parked events that a person wants retried, a few at a time. */
static void look_at_parked(struct skeleton *skeleton, int64_t now)
{
        bool more = skeleton->standing == HOLDING && now - skeleton->looked_at >= EACH;
        if (more) {
                skeleton->looked_at = now;
        }
        for (int i = 0; more && i < RETRIES && !service_stopping(); i++) {
                arena_clear(skeleton->arena);
                judge(skeleton, batch_retry(&skeleton->batch, &more));
                more = more && skeleton->standing == HOLDING && skeleton->code == EXIT_DONE;
                pulse(skeleton);
        }
        if (more) {
                skeleton->looked_at = 0;
        }
}

/* Where time is moved by hand, moving it makes the daemon's own work due. */
static void notice_clock(struct skeleton *skeleton)
{
        const struct clock *clock = skeleton->worker->service->clock;
        if (clock_is_simulated(clock) && clock_now(clock) != skeleton->clock_at) {
                skeleton->clock_at = clock_now(clock);
                memset(skeleton->every_at, 0, sizeof skeleton->every_at);
        }
}

/* The daemon's own work that is due. Returns ms until the next is. */
static int run_every(struct skeleton *skeleton)
{
        struct worker *worker = skeleton->worker;
        int64_t wait = EACH;
        notice_clock(skeleton);
        for (size_t i = 0; i < 4 && worker->every[i].call; i++) {
                if (clock_monotonic_ms() - skeleton->every_at[i] >= worker->every[i].ms) {
                        worker->every[i].call(worker);
                        skeleton->every_at[i] = clock_monotonic_ms();
                        wake(skeleton);
                        pulse(skeleton);
                }
                int64_t left = skeleton->every_at[i] + worker->every[i].ms - clock_monotonic_ms();
                wait = left < wait ? left : wait;
        }
        return wait < 0 ? 0 : (int)wait;
}

/* What was counted, for whoever watches. */
static void tell(struct skeleton *skeleton, int64_t now)
{
        struct worker *worker = skeleton->worker;
        struct metrics_page page = {
                .own = { { "group", text_of(worker->group) },
                         { "process", metrics_process_number(skeleton->metrics) } },
                .own_count = 2,
        };
        worker_metrics(&skeleton->batch.counts, &page);
        if (worker->tell && skeleton->started) {
                worker->tell(worker, &page);
        }
        page.own[0].name = "program";
        metrics_process(&page);
        metrics_write(skeleton->metrics, &page, now);
        metrics_clear(&page);
}

/* One turn: what is due, then one message. */
static void turn(struct skeleton *skeleton)
{
        int64_t now = clock_monotonic_ms();
        int wait = SOON;
        if (reach_store(skeleton, now) && reach_broker(skeleton, now)) {
                look_at_parked(skeleton, now);
                wait = run_every(skeleton);
        }
        if (skeleton->standing != HOLDING && wait > SOON) {
                wait = SOON;
        }
        service_progress();
        if (metrics_due(skeleton->metrics, now)) {
                tell(skeleton, now);
        }
        if (skeleton->code != EXIT_DONE) {
                return;
        }
        if (skeleton->wire) {
                pulse(skeleton);
                wait = skeleton->batch.owed && wait > skeleton->quiet ? skeleton->quiet : wait;
                flush(skeleton, !hear(skeleton, wait));
        } else {
                poll(NULL, 0, wait);
        }
}

/* Leaves: an empty group gives the partitions to others at once. */
static void leave(struct skeleton *skeleton)
{
        if (skeleton->batch.owed && skeleton->code == EXIT_DONE) {
                arena_clear(skeleton->arena);
                batch_flush(&skeleton->batch);
        }
        if (skeleton->wire) {
                wire_send(skeleton->wire, VERB_HELLO, &(struct wire_hello){ 0 });
        }
        if (skeleton->started && skeleton->worker->stop) {
                skeleton->worker->stop(skeleton->worker);
        }
        metrics_close(&skeleton->metrics);
        wire_destroy(&skeleton->wire);
        arena_destroy(&skeleton->arena);
        tx_destroy(&skeleton->worker->tx);
        db_destroy(&skeleton->worker->db);
}

int worker_main(int argc, char **argv, struct worker *worker)
{
        struct service service = { 0 };
        bool stop = false;
        int code = service_open(&service, worker->group, argc, argv, &stop);
        if (code != EXIT_DONE || stop) {
                service_close(&service);
                return code;
        }
        struct skeleton *skeleton = calloc(1, sizeof *skeleton);
        if (!skeleton) {
                panic("out of memory");
        }
        worker->service = &service;
        worker->db = db_new(service.conf.store_connection, service.database_user,
                            worker->schema ? worker->schema : worker->group,
                            (int)service.conf.store_deadline);
        worker->tx = tx_new(worker->db, worker->group);
        tx_set_context(worker->tx, worker);
        skeleton->worker = worker;
        skeleton->arena = arena_new();
        skeleton->batch = (struct batch){ .worker = worker,
                                          .arena = skeleton->arena,
                                          .hold = skeleton->hold,
                                          .pulse = pulse,
                                          .context = skeleton };
        skeleton->metrics = metrics_open(service.conf.place_runtime, worker->group);
        service_ready();
        while (skeleton->code == EXIT_DONE && !service_stopping()) {
                turn(skeleton);
        }
        leave(skeleton);
        code = skeleton->code;
        free(skeleton);
        service_close(&service);
        return code;
}
