/*
 * bench_publisher: publishes probes to the broker as any C program would, over common/wire, as a
 * numbered source: a message may be asked again without doubling its events. An order's group is
 * how many events ride in one PUBLISH. The bytes of an event are packed once; then only its number
 * and time change.
 */
#include "common/event.h"
#include "common/log.h"
#include "common/wire.h"
#include "tests/bench/publishing.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NUMBER  INT64_C(0x41424344)         /* where these stand in the packed event */
#define SENT_AT INT64_C(0x4142434445464748) /* the number and time are written */

enum {
        MOST = 4096, /* events in a message, and messages on their way */
        FULL_NS = 100000,
        FULL_TRIES = 100000,
};

struct publisher {
        struct wire *wire;
        struct arena *arena;
        char source[40];
        char body[MOST][PROBE_SIZE];
        size_t body_size, number_at, sent_at;
        struct wire_news news[MOST];
        int64_t asked[MOST]; /* how many events, of each message on its way: a ring */
        size_t head, count;
};

/* Where the bytes stand in the packed event. */
static size_t find(struct text packed, const char *bytes)
{
        const char *at = memmem(packed.at, packed.size, bytes, strlen(bytes));
        if (!at) {
                panic("the packed probe holds no %s", bytes);
        }
        return (size_t)(at - packed.at);
}

/* An event of PROBE_SIZE bytes, key and body together. */
static void pack(struct publisher *publisher)
{
        char filling[PROBE_SIZE];
        struct probe_sent probe = { TEXT(PROBE_KEY), NUMBER, SENT_AT, { filling, 100 } };
        memset(filling, 'x', sizeof filling);
        struct text packed = codec_packed(event_record(EVENT_probe_sent), &probe, publisher->arena);
        probe.filling.size += PROBE_SIZE - strlen(PROBE_KEY) - packed.size;
        packed = codec_packed(event_record(EVENT_probe_sent), &probe, publisher->arena);
        publisher->number_at = find(packed, "\xce"
                                            "ABCD") +
                               1;
        publisher->sent_at = find(packed, "\xcf"
                                          "ABCDEFGH") +
                             1;
        publisher->body_size = packed.size;
        for (size_t i = 0; i < MOST; i++) {
                memcpy(publisher->body[i], packed.at, packed.size);
                publisher->news[i] =
                        (struct wire_news){ .type = TEXT("probe_sent"),
                                            .body = { publisher->body[i], packed.size } };
        }
}

/* The number's bytes, big-endian. */
static void put(char *at, uint64_t value, int width)
{
        for (int i = width - 1; i >= 0; i--, value >>= 8) {
                at[i] = (char)(value & 0xff);
        }
}

/* A message; waits while the queue to the broker is full. */
static void say(struct publisher *publisher, enum verb verb, const void *value)
{
        const struct timespec pause = { 0, FULL_NS };
        for (int tries = 0; !wire_send(publisher->wire, verb, value); tries++) {
                if (tries == FULL_TRIES) {
                        probe_die("the broker takes nothing: is it running?");
                }
                nanosleep(&pause, NULL);
        }
}

static void send_events(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step)
{
        struct publisher *publisher = context;
        if (count > MOST || publisher->count == MOST) {
                probe_die("at most %d events in a message, and messages on their way", MOST);
        }
        for (size_t i = 0; i < count; i++) {
                put(publisher->body[i] + publisher->number_at, (uint64_t)number + i, 4);
                put(publisher->body[i] + publisher->sent_at,
                    (uint64_t)(sent_at + (int64_t)i * step), 8);
        }
        say(publisher, VERB_PUBLISH,
            &(struct wire_publish){ .source = text_of(publisher->source),
                                    .number = number - PROBE_FIRST + 1,
                                    .events = { publisher->news, count } });
        publisher->asked[(publisher->head + publisher->count++) % MOST] = (int64_t)count;
}

/* The oldest message is on disk. */
static int64_t take_answer(struct publisher *publisher, enum verb verb, const void *value)
{
        if (verb == VERB_REFUSED) {
                probe_die("refused: %.*s", TEXT_ARGS(((const struct wire_refused *)value)->reason));
        }
        if (verb != VERB_ACCEPTED || publisher->count == 0) {
                return 0;
        }
        int64_t count = publisher->asked[publisher->head];
        publisher->head = (publisher->head + 1) % MOST;
        publisher->count--;
        return count;
}

/* All confirmations that are there, the first of them waited for. */
static int64_t receive_answers(void *context, int timeout_ms)
{
        struct publisher *publisher = context;
        int64_t confirmed = 0;
        const void *value;
        enum verb verb;
        arena_clear(publisher->arena);
        while ((verb = wire_receive(publisher->wire, confirmed ? 0 : timeout_ms, publisher->arena,
                                    &value)) != VERB_none) {
                confirmed += take_answer(publisher, verb, value);
        }
        return confirmed;
}

int main(void)
{
        struct publisher *publisher = calloc(1, sizeof *publisher);
        struct arena *settings = arena_new();
        struct conf conf;
        log_open("bench_publisher");
        if (!publisher || !conf_load(&conf, getenv("PADRIVER_CONF"), settings) ||
            !(publisher->wire = wire_connect(&conf))) {
                probe_die("no broker: PADRIVER_CONF must name the settings");
        }
        publisher->arena = arena_new();
        snprintf(publisher->source, sizeof publisher->source, "bench-%d", (int)getpid());
        pack(publisher);
        publishing_run(&(struct publishing){ publisher, send_events, receive_answers });
        wire_destroy(&publisher->wire);
        arena_destroy(&publisher->arena);
        arena_destroy(&settings);
        free(publisher);
        return 0;
}
