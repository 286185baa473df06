/*
 * publish: events of those without a database login. Each event is held to events.def at the door;
 * the messages of a loop turn go into one log.publish, so that many share a commit: at once while
 * the store is idle, else collected up to a call's size, a few calls in flight. Invariant: a
 * message is answered ACCEPTED after its commit, REFUSED when nothing of it was taken, and not at
 * all when that is not known: then the publisher asks again with the same number.
 */
#include "broker/broker.h"
#include "broker/broker_sql.h"
#include "common/failpoint.h"
#include "common/log.h"
#include "common/traceparent.h"
#include <stdlib.h>
#include <string.h>

enum {
        CALLS = 4,       /* in flight */
        ENOUGH = 1024,   /* rows that a call is content with … */
        BYTES = 1 << 20, /* … or bytes of events */
        ROWS = ENOUGH + 4096,
        GREETINGS = 32, /* publishers that wait for their last number; more ask again */
};

/* A message in a call. */
struct asked {
        struct address from;
        struct text source; /* as asked, without the actor */
};

/* A log.publish: what it asks for, column by column, as the store takes it. */
struct call {
        struct broker *broker;
        struct arena *arena;
        struct call *next; /* idle ones */
        int64_t at;
        size_t asked_count, row_count, bytes;
        struct asked asked[ROWS];
        struct text sources[ROWS];
        int64_t numbers[ROWS], counts[ROWS];
        int64_t types[ROWS];
        struct text keys[ROWS], actors[ROWS], bodies[ROWS], traceparents[ROWS];
        bool traced; /* some row has a trace */
};

struct publisher {
        struct call *calls[CALLS + 1];
        struct call *collecting, *idle;
        struct arena *scratch; /* of the message at the door */
        struct buffer packed;  /* an event of it */
        size_t in_flight, greetings;
};

/* Ready to collect again. */
static void clear(struct call *call)
{
        call->asked_count = call->row_count = call->bytes = 0;
        call->traced = false;
        arena_clear(call->arena);
}

struct publisher *publish_new(struct broker *broker)
{
        struct publisher *publisher = calloc(1, sizeof *publisher);
        if (!publisher) {
                panic("out of memory");
        }
        for (size_t i = 0; i <= CALLS; i++) {
                struct call *call = calloc(1, sizeof *call);
                if (!call) {
                        panic("out of memory");
                }
                call->broker = broker;
                call->arena = arena_new();
                call->next = publisher->idle;
                publisher->calls[i] = publisher->idle = call;
        }
        publisher->collecting = publisher->idle;
        publisher->idle = publisher->idle->next;
        publisher->scratch = arena_new();
        return publisher;
}

void publish_destroy(struct publisher **publisher)
{
        if (*publisher) {
                for (size_t i = 0; i <= CALLS; i++) {
                        arena_destroy(&(*publisher)->calls[i]->arena);
                        free((*publisher)->calls[i]);
                }
                arena_destroy(&(*publisher)->scratch);
                buffer_clear(&(*publisher)->packed);
                free(*publisher);
                *publisher = NULL;
        }
}

bool publish_has_room(const struct publisher *publisher)
{
        const struct call *call = publisher->collecting;
        return call->row_count < ENOUGH && call->bytes < BYTES;
}

size_t publish_in_flight(const struct publisher *publisher)
{
        return publisher->in_flight;
}

void publish_forget(struct publisher *publisher)
{
        clear(publisher->collecting);
}

/* One event into a row of the call, packed as we pack it. False: fault says why not. */
static bool take_event(struct publisher *publisher, size_t row, const struct wire_news *news,
                       struct fault *fault)
{
        struct call *call = publisher->collecting;
        enum event_type type = event_named(news->type);
        const struct record *record = event_record(type);
        if (!record) {
                return fault_set(fault, "type: there is no event %.*s", TEXT_ARGS(news->type));
        }
        void *value = arena_alloc(publisher->scratch, record->size);
        if (!codec_unpack(record, news->body, publisher->scratch, value, fault)) {
                struct fault inner = *fault;
                return fault_set(fault, "%s: %.150s", record->name, inner.reason);
        }
        publisher->packed.size = 0;
        codec_pack(record, value, &publisher->packed);
        call->types[row] = type;
        call->bytes += publisher->packed.size;
        call->keys[row] = arena_copy(call->arena, event_key(type, value));
        call->bodies[row] = arena_copy(
                call->arena, (struct text){ publisher->packed.at, publisher->packed.size });
        return true;
}

/* All events of the message, or none: rows count once all are known to be good. */
static bool take_events(struct publisher *publisher, const struct wire_publish *publish,
                        struct text actor, struct fault *fault)
{
        struct call *call = publisher->collecting;
        const struct wire_news *news = publish->events.at;
        size_t first = call->row_count, count = publish->events.count;
        arena_clear(publisher->scratch);
        for (size_t i = 0; i < count; i++) {
                if (!take_event(publisher, first + i, &news[i], fault)) {
                        struct fault inner = *fault;
                        return fault_set(fault, "events[%zu]: %.180s", i, inner.reason);
                }
        }
        actor = arena_copy(call->arena, actor);
        struct text trace = traceparent_of(call->arena, publish->traceparent);
        call->traced = call->traced || trace.at;
        for (size_t row = first; row < first + count; row++) {
                call->actors[row] = actor;
                call->traceparents[row] = traceparent_may_ride((enum event_type)call->types[row])
                                                  ? trace
                                                  : (struct text){ 0 };
        }
        call->row_count += count;
        return true;
}

/* A source's name belongs to its peer. */
static struct text own_source(struct arena *arena, struct text actor, struct text source)
{
        return source.size == 0
                       ? TEXT("")
                       : arena_printf(arena, "%.*s/%.*s", TEXT_ARGS(actor), TEXT_ARGS(source));
}

/* Whether the message has what a message must; fault says what it lacks. */
static bool check(const struct wire_publish *publish, struct fault *fault)
{
        if (publish->events.count == 0) {
                return fault_set(fault, "events: there are none");
        }
        if (publish->source.size > 0 && publish->number == 0) {
                return fault_set(fault, "number: a source's events are numbered from 1");
        }
        return true;
}

void publish_take(struct broker *broker, const struct message *message)
{
        const struct wire_publish *publish = message->value;
        struct call *call = broker->publisher->collecting;
        struct text actor = peers_actor(broker->peers, message);
        struct fault fault;
        bool whole = check(publish, &fault);
        if (!whole || !take_events(broker->publisher, publish, actor, &fault)) {
                peers_refuse(broker->peers, &message->from, publish->source, publish->number,
                             whole ? "bad_event" : "bad_message", "%s", fault.reason);
                return;
        }
        size_t n = call->asked_count++;
        call->asked[n] = (struct asked){ message->from, arena_copy(call->arena, publish->source) };
        call->sources[n] = own_source(call->arena, actor, publish->source);
        call->numbers[n] = publish->number;
        call->counts[n] = (int64_t)publish->events.count;
}

/* What was new of a message goes to memory. */
static void remember(struct call *call, size_t row, int64_t count, int64_t position)
{
        for (int64_t i = 0; i < count; i++, row++) {
                recent_add(call->broker->recent,
                           &(struct wire_event){ .position = position + i,
                                                 .at = call->at,
                                                 .type = call->types[row],
                                                 .key = call->keys[row],
                                                 .actor = call->actors[row],
                                                 .body = call->bodies[row],
                                                 .traceparent = call->traceparents[row] });
        }
}

/* The call's events were appended after head. If we know the log up to there they are next in
 * memory. */
static void follow_call(struct call *call, int64_t head, const int64_t *skipped,
                        const int64_t *firsts)
{
        struct broker *broker = call->broker;
        if (head != recent_head(broker->recent)) {
                broker->look = broker->look || head >= 0; /* others' events lie between: read */
                return;
        }
        for (size_t i = 0, row = 0; i < call->asked_count; i++) {
                int64_t known = skipped[i] < 0 ? call->counts[i] : skipped[i];
                remember(call, row + (size_t)known, call->counts[i] - known, head + firsts[i]);
                row += (size_t)call->counts[i];
        }
        broker->grown_at = clock_monotonic_ms();
}

/* What the store took of a message. */
static void count_taken(struct call *call, size_t n, int64_t skipped)
{
        struct counts *counts = &call->broker->counts;
        if (skipped >= 0) {
                counts->messages++;
                counts->events += call->counts[n] - skipped;
        }
}

/* Tells the publisher what came of its message. */
static void tell(struct call *call, size_t n, int64_t skipped, int64_t first)
{
        struct peers *peers = call->broker->peers;
        const struct asked *asked = &call->asked[n];
        if (skipped == -2) {
                peers_refuse(peers, &asked->from, asked->source, call->numbers[n], "too_many",
                             "you have as many sources as one may have: go on with one of them");
                return;
        }
        if (skipped < 0) {
                peers_refuse(peers, &asked->from, asked->source, call->numbers[n], "gap",
                             "the source's last number is lower: HELLO tells it; send what lies "
                             "between first");
                return;
        }
        peers_send(peers, &asked->from, VERB_ACCEPTED,
                   &(struct wire_accepted){ .source = asked->source,
                                            .number = call->numbers[n],
                                            .position = first,
                                            .skipped = skipped });
}

/* log.publish answered: committed, or not, or nobody knows. */
static void take_published(void *context, const struct db_result *result)
{
        struct call *call = context;
        struct publisher *publisher = call->broker->publisher;
        struct int_array skipped = db_ints(result, 0, 1, call->arena);
        struct int_array firsts = db_ints(result, 0, 2, call->arena);
        bool good = result->end == DB_OK && skipped.count == call->asked_count;
        call->broker->counts.calls += good;
        call->broker->counts.failed_calls += !good;
        if (good) {
                int64_t head = db_int(result, 0, 0);
                failpoint("after-publish");
                follow_call(call, head, skipped.at, firsts.at);
                for (size_t i = 0; i < call->asked_count; i++) {
                        count_taken(call, i, skipped.at[i]);
                        tell(call, i, skipped.at[i], firsts.at[i] ? head + firsts.at[i] : 0);
                }
        } else if (result->end == DB_ERROR) {
                log_warning("the store refused %zu messages, who asked asks again: %s %s",
                            call->asked_count, result->sqlstate, result->message);
        }
        clear(call);
        call->next = publisher->idle;
        publisher->idle = call;
        publisher->in_flight--;
}

void publish_turn(struct broker *broker)
{
        struct publisher *publisher = broker->publisher;
        struct call *call = publisher->collecting;
        bool now = publisher->in_flight == 0 ||
                   (!publish_has_room(publisher) && publisher->in_flight < CALLS);
        if (call->asked_count == 0 && call->bytes > 0) {
                clear(call); /* what refused messages left */
        }
        if (call->asked_count == 0 || !now) {
                return;
        }
        size_t traces = call->traced ? call->row_count : 0;
        call->at = clock_now(broker->service.clock);
        const union param params[] = { { .integer = call->at },
                                       { .texts = { call->sources, call->asked_count } },
                                       { .ints = { call->numbers, call->asked_count } },
                                       { .ints = { call->counts, call->asked_count } },
                                       { .ints = { call->types, call->row_count } },
                                       { .texts = { call->keys, call->row_count } },
                                       { .texts = { call->actors, call->row_count } },
                                       { .texts = { call->bodies, call->row_count } },
                                       { .texts = { call->traceparents, traces } } };
        publisher->collecting = publisher->idle;
        publisher->idle = publisher->idle->next;
        publisher->in_flight++;
        failpoint("before-publish");
        db_send(broker->db, &broker_publish_statement, params, take_published, call);
}

/* A publisher that waits for its source's last number. */
struct greeting {
        struct broker *broker;
        struct address from;
        char source[64];
};

static void take_number(void *context, const struct db_result *result)
{
        struct greeting *greeting = context;
        greeting->broker->publisher->greetings--;
        if (result->end == DB_OK) {
                peers_send(greeting->broker->peers, &greeting->from, VERB_ACCEPTED,
                           &(struct wire_accepted){ .source = text_of(greeting->source),
                                                    .number = db_int(result, 0, 0) });
        }
        free(greeting);
}

void publish_hello(struct broker *broker, const struct message *message)
{
        const struct wire_hello *hello = message->value;
        struct publisher *publisher = broker->publisher;
        struct text actor = peers_actor(broker->peers, message);
        if (publisher->greetings == GREETINGS) {
                return;
        }
        publisher->greetings++;
        arena_clear(publisher->scratch);
        struct greeting *greeting = calloc(1, sizeof *greeting);
        if (!greeting) {
                panic("out of memory");
        }
        greeting->broker = broker;
        greeting->from = message->from;
        memcpy(greeting->source, hello->source.at ? hello->source.at : "", hello->source.size);
        const union param params[] = { { .text = own_source(publisher->scratch, actor,
                                                            hello->source) } };
        db_send(broker->db, &broker_source_statement, params, take_number, greeting);
}
