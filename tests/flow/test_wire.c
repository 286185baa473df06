/*
 * A wire that nobody reads from for longer than a sign of life may take: a worker in the middle of
 * a long transaction. libzmq 4.3 aborts there if its queue is full and it waits for signs of life
 * of its own (issue 3937).
 */
#include "common/wire.h"

#include "common/clock.h"
#include "tests/support/test.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

enum {
        MESSAGES = 500,   /* the broker calls all workers some twenty times a second */
        DEAF_MS = 6500,   /* longer than a peer waits for a sign of life */
        ANSWER_MS = 5000, /* at most */
};

/* The first message of the wire, as a broker hears it; its route. */
static size_t take_route(void *router, char route[255])
{
        int size = zmq_recv(router, route, 255, 0);
        assert_true(size > 0);
        assert_true(zmq_recv(router, NULL, 0, 0) >= 0);
        assert_true(zmq_recv(router, NULL, 0, 0) >= 0);
        return (size_t)size;
}

/* As many signs of life to it; 0x80 is an empty map. */
static void beat(void *router, const char *route, size_t size)
{
        for (int i = 0; i < MESSAGES; i++) {
                assert_int_equal(zmq_send(router, route, size, ZMQ_SNDMORE), (int)size);
                assert_int_equal(zmq_send(router, "BEAT", 4, ZMQ_SNDMORE), 4);
                assert_int_equal(zmq_send(router, "\x80", 1, 0), 1);
        }
}

static void test_a_wire_that_is_not_read_from_for_long_loses_nothing(void **state)
{
        char directory[] = "/tmp/wire.XXXXXX", route[255];
        struct arena *arena = arena_new();
        struct conf conf = { 0 };
        const void *value;
        (void)state;
        assert_non_null(mkdtemp(directory));
        conf.broker_endpoint = arena_printf(arena, "ipc://%s/broker", directory).at;
        void *context = zmq_ctx_new(), *router = zmq_socket(context, ZMQ_ROUTER);
        assert_int_equal(zmq_bind(router, conf.broker_endpoint), 0);
        struct wire *wire = wire_connect(&conf);
        assert_true(wire_send(wire, VERB_BEAT, &(struct wire_beat){ 0 }));
        beat(router, route, take_route(router, route));
        poll(NULL, 0, DEAF_MS);
        for (int i = 0; i < MESSAGES; i++) {
                assert_int_equal(wire_receive(wire, ANSWER_MS, arena, &value), VERB_BEAT);
                arena_clear(arena);
        }
        assert_true(wire_send(wire, VERB_BEAT, &(struct wire_beat){ 0 }));
        take_route(router, route);
        wire_destroy(&wire);
        zmq_close(router);
        zmq_ctx_term(context);
        rmdir(directory);
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_wire_that_is_not_read_from_for_long_loses_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
