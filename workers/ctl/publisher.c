/*
 * publisher: asks, waits, asks again. An answer belongs to the question if source and number are
 * the same and it says what a PUBLISH is told: a position or something skipped. HELLO's answer says
 * neither.
 */
#include "workers/ctl/publisher.h"

#include <inttypes.h>
#include <stdio.h>

#define AGAIN_MS   1000 /* silence before a numbered message is sent again */
#define BUSY_MS    250  /* before a message that the broker was too busy for is sent again */
#define SILENCE_MS 5000 /* before the socket is made anew */

/* Keeps the reason; returns the code. */
static int fail(struct publisher *publisher, int code, struct text reason)
{
        snprintf(publisher->reason, sizeof publisher->reason, "%.*s", TEXT_ARGS(reason));
        return code;
}

/* Whether nothing is wrong with the message but that it came too early. */
static bool is_early(const struct wire_refused *refused)
{
        return text_equal(refused->code, TEXT("busy"));
}

/* The exit code of a refusal. */
static int refuse(struct publisher *publisher, const struct wire_refused *refused)
{
        bool bad = text_equal(refused->code, TEXT("bad_event")) ||
                   text_equal(refused->code, TEXT("bad_message"));
        return fail(publisher,
                    bad                 ? EXIT_BAD_DATA
                    : is_early(refused) ? EXIT_DOWN
                                        : EXIT_REFUSED,
                    refused->reason);
}

/* After too long a silence: what is known. */
static int give_up(struct publisher *publisher, bool asked)
{
        char reason[400];
        const char *endpoint = publisher->ctl->conf.broker_endpoint;
        if (!asked)
                snprintf(reason, sizeof reason,
                         "the broker does not answer at %s; nothing was published", endpoint);
        else if (publisher->source.size > 0)
                snprintf(reason, sizeof reason,
                         "the broker fell silent at %s; publish again as %.*s number %" PRId64
                         ": it is taken once",
                         endpoint, TEXT_ARGS(publisher->source), publisher->next);
        else
                snprintf(reason, sizeof reason,
                         "the broker fell silent at %s; whether it took the event is not known: "
                         "see padriver log --last 5 "
                         "(with --source and --number one may ask again)",
                         endpoint);
        return fail(publisher, EXIT_DOWN, text_of(reason));
}

/* A message that opens or reopens the talk. */
static void say_hello(struct publisher *publisher)
{
        wire_send(ctl_wire(publisher->ctl), VERB_HELLO,
                  &(struct wire_hello){ .source = publisher->source });
}

/* The wire: a new one after so long without a word, since another broker may have taken over. */
static struct wire *find_wire(struct publisher *publisher, int64_t now, int64_t *heard_at)
{
        if (now - *heard_at >= SILENCE_MS) {
                wire_destroy(&publisher->ctl->wire);
                *heard_at = now;
        }
        return ctl_wire(publisher->ctl);
}

int publisher_open(struct publisher *publisher)
{
        struct wire *wire = ctl_wire(publisher->ctl);
        struct arena *arena = publisher->ctl->arena;
        int64_t heard_at = clock_monotonic_ms(), end = heard_at + publisher->wait_ms, again = 0;
        if (!wire)
                return fail(publisher, EXIT_SETTINGS, TEXT("the settings do not lead to a broker"));
        for (int64_t now; (now = clock_monotonic_ms()) < end;) {
                const void *value;
                wire = find_wire(publisher, now, &heard_at);
                if (now >= again) {
                        say_hello(publisher);
                        again = now + AGAIN_MS;
                }
                enum verb verb = wire_receive(wire, (int)(again < end ? again - now : end - now),
                                              arena, &value);
                if (verb == VERB_REFUSED)
                        return refuse(publisher, value);
                if (verb == VERB_ACCEPTED) {
                        publisher->next = ((const struct wire_accepted *)value)->number + 1;
                        return EXIT_DONE;
                }
        }
        return give_up(publisher, false);
}

/* Whether the message answers the question; then its exit code, and next has moved. */
static bool is_answer(struct publisher *publisher, enum verb verb, const void *value, size_t count,
                      struct wire_accepted *answer, int *code)
{
        if (verb == VERB_REFUSED) {
                const struct wire_refused *refused = value;
                *code = refuse(publisher, refused);
                return refused->number == publisher->next &&
                       text_equal(refused->source, publisher->source);
        }
        if (verb != VERB_ACCEPTED)
                return false;
        *answer = *(const struct wire_accepted *)value;
        if (answer->number != publisher->next || !text_equal(answer->source, publisher->source) ||
            (answer->position == 0 && answer->skipped == 0))
                return false;
        publisher->next += (int64_t)count;
        *code = EXIT_DONE;
        return true;
}

int publisher_send(struct publisher *publisher, const struct wire_news *events, size_t count,
                   struct arena *arena, struct wire_accepted *answer)
{
        const struct wire_publish publish = { .source = publisher->source,
                                              .number = publisher->next,
                                              .events = { events, count },
                                              .traceparent = publisher->ctl->traceparent };
        bool numbered = publisher->source.size > 0;
        int64_t heard_at = clock_monotonic_ms(), end = heard_at + publisher->wait_ms, again = 0;
        int code = EXIT_DONE;
        bool early = false;
        for (int64_t now; (now = clock_monotonic_ms()) < end;) {
                const void *value;
                struct wire *wire = find_wire(publisher, now, &heard_at);
                if (now >= again) {
                        wire_send(wire, VERB_PUBLISH, &publish);
                        again = numbered ? now + AGAIN_MS : end;
                        early = false;
                }
                enum verb verb =
                        wire_receive(wire, (int)((again < end ? again : end) - now), arena, &value);
                heard_at = verb == VERB_none ? heard_at : now;
                if (verb == VERB_BEAT && ((const struct wire_beat *)value)->known == 0)
                        say_hello(publisher);
                else if (is_answer(publisher, verb, value, count, answer, &code)) {
                        early = verb == VERB_REFUSED && is_early(value);
                        again = now + BUSY_MS;
                        if (!early)
                                return code;
                }
        }
        return early ? code : give_up(publisher, true);
}
