/*
 * broker: the loop. It stands by until the store's session lock is its own, then learns the head,
 * listens, and serves until the lock's session is lost or a signal comes. Losing the session it
 * stops listening and forgets; what it knew is in the log and its cursors. Kill it any time.
 *
 *      away ── connected ──▶ standing by ── lock, head ──▶ active ── store lost ──▶ away
 */
#include "broker/broker.h"
#include "broker/broker_sql.h"
#include "common/failpoint.h"
#include "common/log.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
        STANDBY_MS = 250, /* between tries for the lock */
        AWAY_MS = 500,    /* between tries for the store */
        STUCK_MS =
                2000,   /* without an answer of the store: perhaps an appender stopped in mid-air */
        MESSAGES = 256, /* taken in one turn, from all peers by turns */
        BYTES = 1 << 20,    /* and no more than these, so that large ones keep nobody waiting */
        DEADLINE_MS = 5000, /* of the connection that ends such an appender */
        OWN_FILES = 64,     /* beside connections from here and from elsewhere */
};

/* The clock's moments of the loop itself. */
struct loop {
        struct broker broker;
        bool asking, known;  /* for the lock; the head is known */
        int64_t tried_at;    /* for the store or the lock */
        int64_t answered_at; /* when the store last answered, or had nothing to answer */
        int64_t unblocked_at;
        int code; /* an exit_code */
};

void broker_fail(struct broker *broker, const char *what, const struct db_result *result)
{
        if (result->end == DB_ERROR) {
                log_error("%s: %s %s", what, result->sqlstate, result->message);
                broker->failed = true;
        }
}

/* Another server than that which holds our lock is a former primary, or the new one: what it shows
 * is another log. */
bool broker_open_aside(struct broker *broker)
{
        int64_t now = clock_monotonic_ms();
        if (!db_is_open(broker->aside) && now - broker->aside_at >= AWAY_MS) {
                broker->aside_at = now;
                if (db_connect(broker->aside)) {
                        db_send(broker->aside, &broker_session_statement, NULL, NULL, NULL);
                        if (db_server(broker->aside) != db_server(broker->db)) {
                                log_warning("the store has two servers: begins anew");
                                broker->failed = true;
                        }
                }
        }
        return db_is_open(broker->aside);
}

/* Nothing is known any more. */
static void forget(struct loop *loop, bool holds_lock)
{
        struct broker *broker = &loop->broker;
        if (broker->active) {
                log_info("no longer active");
        }
        peers_close(broker->peers, holds_lock);
        members_forget(broker);
        pages_forget(broker);
        index_forget(broker);
        publish_forget(broker->publisher);
        recent_forget(broker->recent, 0);
        broker->active = broker->look = broker->looking = broker->failed = broker->wake = false;
        broker->timers.wanted = broker->timers.asking = broker->retire.asking = false;
        broker->timers.next = DB_NULL;
        loop->asking = loop->known = false;
}

/* The log's head, in the session that holds the lock: now we may listen. */
static void take_head(void *context, const struct db_result *result)
{
        struct loop *loop = context;
        struct broker *broker = &loop->broker;
        if (result->end != DB_OK) {
                broker_fail(broker, "the log's head cannot be read", result);
                return;
        }
        recent_forget(broker->recent, db_int(result, 0, 0));
        broker->extended = broker->ahead = 0; /* at once */
        broker->retire.hour = -1;
        broker->look = broker->timers.wanted = true;
        loop->known = true;
}

/* Whether the lock is ours. */
static void take_lock(void *context, const struct db_result *result)
{
        struct loop *loop = context;
        loop->asking = false;
        if (result->end != DB_OK) {
                broker_fail(&loop->broker, "the lock cannot be asked for", result);
        } else if (db_int(result, 0, 0)) {
                loop->asking = true;
                failpoint("after-lock");
                db_send(loop->broker.db, &broker_head_statement, NULL, take_head, loop);
        }
}

/* Why we cannot listen: no room, or no such address yet. Else the settings are wrong. */
static bool may_pass(int error)
{
        return error == ENOSPC || error == EDQUOT || error == ENOMEM || error == ENOBUFS ||
               error == EMFILE || error == ENFILE || error == EADDRINUSE || error == EADDRNOTAVAIL;
}

/* Away: connects. Standing by: asks for the lock. Head known: listens. */
static void get_ready(struct loop *loop, int64_t now)
{
        struct broker *broker = &loop->broker;
        if (loop->known) {
                failpoint("before-listen");
                broker->active = peers_bind(broker->peers, &broker->service.conf);
                if (!broker->active) {
                        loop->code = may_pass(errno) ? EXIT_DOWN : EXIT_SETTINGS;
                        return;
                }
                log_info("active, the log's head is %lld", (long long)recent_head(broker->recent));
                return;
        }
        int64_t pause = db_is_open(broker->db) ? STANDBY_MS : AWAY_MS;
        if (loop->asking || now - loop->tried_at < pause) {
                broker_wake_at(broker, loop->tried_at + pause);
                return;
        }
        loop->tried_at = now;
        if (!db_is_open(broker->db) && db_connect(broker->db)) {
                db_send(broker->db, &broker_session_statement, NULL, NULL, NULL);
        }
        if (db_is_open(broker->db)) {
                loop->asking = true;
                db_send(broker->db, &broker_lock_statement, NULL, take_lock, loop);
        }
}

/* Something was committed: the log, the timers and the parked events are to be looked at. */
static void wake(struct broker *broker)
{
        broker->look = broker->timers.wanted = broker->wake = true;
}

/*
 * Whether the message is within its sender's rate. Else nothing of it is taken: a PUBLISH is told,
 * anything else may be said again. What workers say of their batches is bounded by their credit,
 * and must not be lost.
 */
static bool is_within_rate(struct broker *broker, const struct message *message, int64_t now)
{
        bool work = message->verb == VERB_NEXT || message->verb == VERB_LATER ||
                    message->verb == VERB_BEAT;
        int64_t wait = rates_take(broker->rates, message->who, message->size, now);
        if (wait == 0 || (work && members_know(broker, message))) {
                return true;
        }
        broker->counts.over++;
        peers_put_off(broker->peers, message, wait);
        return false;
}

/* What a peer said goes to whom it concerns, if it may say it. */
static void hear(struct broker *broker, const struct message *message, int64_t now)
{
        struct fault fault;
        if (!is_within_rate(broker, message, now)) {
                return;
        }
        if (!clients_may_say(broker->clients, message->who, message->verb, message->value,
                             &fault)) {
                peers_forbid(broker->peers, message, fault.reason);
                return;
        }
        switch (message->verb) {
        case VERB_HELLO:
                members_hello(broker, message);
                break;
        case VERB_NEXT:
                members_next(broker, message);
                break;
        case VERB_LATER:
                members_later(broker, message);
                break;
        case VERB_BEAT:
                members_beat(broker, message);
                break;
        case VERB_WAKE:
                wake(broker);
                break;
        case VERB_PUBLISH:
                publish_take(broker, message);
                break;
        case VERB_none:
        case VERB_TAKE:
        case VERB_BATCH:
        case VERB_ACCEPTED:
        case VERB_REFUSED:
        case VERB_count:
                break; /* peer.c lets none of these through */
        }
}

/* One turn of an active broker. */
static void serve(struct broker *broker, int64_t now)
{
        struct message message;
        size_t size = 0;
        if (clients_look(broker->clients, now)) {
                members_review(broker);
        }
        for (int i = 0; i < MESSAGES && size < BYTES && publish_has_room(broker->publisher) &&
                        peers_receive(broker->peers, &message);
             i++) {
                size += message.size;
                hear(broker, &message, now);
        }
        publish_turn(broker);
        timers_turn(broker, now);
        retire_turn(broker, now);
        index_turn(broker, now);
        follow_turn(broker, now);
        members_turn(broker, now);
        pages_turn(broker, now);
}

/* Whether somebody was ended. */
static void take_unblocked(void *context, const struct db_result *result)
{
        (void)context;
        if (result->end == DB_OK && db_int(result, 0, 0) > 0) {
                log_warning("ended a client that held the append lock without going on");
        }
}

/*
 * A client that stopped between its append and its commit holds the append lock, and no timeout of
 * PostgreSQL's ends it. We look for one each second, whoever it keeps waiting; if that is us, by
 * another connection. Who stands by looks too: the sleeper may be the active broker.
 */
static void end_idle_appender(struct loop *loop, int64_t now)
{
        if (db_pending(loop->broker.db) == 0) {
                loop->answered_at = now;
        }
        bool stuck = now - loop->answered_at >= STUCK_MS;
        struct db *db = stuck ? loop->broker.aside : loop->broker.db;
        if (now - loop->unblocked_at < LOOK_MS) {
                return;
        }
        loop->unblocked_at = now;
        if (stuck ? broker_open_aside(&loop->broker) : db_is_open(db)) {
                db_send(db, &broker_unblock_statement, NULL, take_unblocked, NULL);
                if (stuck) {
                        db_wait(db);
                }
        }
}

/* Takes in the store's answers, sends what is queued. */
static void attend_store(struct loop *loop, int64_t now)
{
        struct broker *broker = &loop->broker;
        size_t pending = db_pending(broker->db);
        if (db_is_open(broker->db)) {
                db_receive(broker->db);
        }
        if (db_pending(broker->db) != pending) {
                loop->answered_at = now;
        }
        if (db_is_open(broker->aside)) {
                db_receive(broker->aside);
        }
        if (broker->failed) {
                db_close(broker->db);
                loop->tried_at = now;
        }
        if (!db_is_open(broker->db)) {
                forget(loop, false);
        }
}

/* Waits for peers, the store or the time; then one turn. */
static void turn(struct loop *loop)
{
        struct broker *broker = &loop->broker;
        int64_t now = clock_monotonic_ms();
        int64_t left = broker->due - now;
        const struct watched stores[] = { { db_socket(broker->db), db_has_unsent(broker->db) },
                                          { db_socket(broker->aside),
                                            db_has_unsent(broker->aside) } };
        peers_wait(broker->peers, publish_has_room(broker->publisher), stores, 2,
                   left < 0 ? 0 : (int)left);
        now = clock_monotonic_ms();
        broker->due = now + LOOK_MS;
        attend_store(loop, now);
        if (broker->active) {
                serve(broker, now);
        } else {
                get_ready(loop, now);
        }
        counts_turn(broker, now);
        end_idle_appender(loop, now);
        if (db_is_open(broker->db)) {
                db_flush(broker->db);
        }
        if (db_is_open(broker->aside)) {
                db_flush(broker->aside);
        }
        service_progress();
}

/* Says what is missing before anything starts. */
static struct loop *loop_new(int argc, char **argv, int *code, bool *stop)
{
        struct loop *loop = calloc(1, sizeof *loop);
        if (!loop) {
                panic("out of memory");
        }
        struct broker *broker = &loop->broker;
        const struct conf *conf = &broker->service.conf;
        *code = service_open(&broker->service, "broker", argc, argv, stop);
        if (*code == EXIT_DONE && !*stop && !peers_check(conf)) {
                *code = EXIT_SETTINGS;
        }
        if (*code != EXIT_DONE || *stop) {
                service_close(&broker->service);
                free(loop);
                return NULL;
        }
        service_allow_files(2 * conf->broker_connections + OWN_FILES, "broker.connections");
        const char *user = broker->service.database_user;
        broker->db = db_new(conf->store_connection, user, NULL, (int)conf->store_deadline);
        broker->aside = db_new(conf->store_connection, user, NULL, DEADLINE_MS);
        index_open(broker);
        broker->clients = clients_new(*conf->broker_remote ? conf->broker_clients : "");
        broker->peers = peers_new(broker->clients, conf);
        broker->rates = rates_new(conf->broker_rate * 1024);
        broker->recent = recent_new((size_t)conf->broker_memory << 20);
        broker->publisher = publish_new(broker);
        broker->timers.next = DB_NULL;
        loop->answered_at = clock_monotonic_ms();
        return loop;
}

int main(int argc, char **argv)
{
        int code; /* an exit_code */
        bool stop = false;
        struct loop *loop = loop_new(argc, argv, &code, &stop);
        if (!loop) {
                return code;
        }
        struct broker *broker = &loop->broker;
        broker->metrics = metrics_open(broker->service.conf.place_runtime, "broker");
        service_ready();
        while (loop->code == EXIT_DONE && !service_stopping()) {
                turn(loop);
        }
        forget(loop, broker->active);
        metrics_close(&broker->metrics);
        db_destroy(&broker->db);
        db_destroy(&broker->aside);
        db_destroy(&broker->index.db);
        publish_destroy(&broker->publisher);
        recent_destroy(&broker->recent);
        rates_destroy(&broker->rates);
        peers_destroy(&broker->peers);
        clients_destroy(&broker->clients);
        service_close(&broker->service);
        code = loop->code;
        free(loop);
        return code;
}
