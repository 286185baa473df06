/*
 * A wire and what stands at its other end: a broker that speaks badly, one that is not there, one
 * elsewhere that must be the right one.
 */
#include "common/wire.h"

#include "common/certificate.h"
#include "tests/support/test.h"
#include <czmq.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ANSWER_MS = 20000, /* at most */ QUEUE_MOST = 1000 };

/* A broker's socket, and a wire to it. */
struct scene {
        struct arena *arena;
        char directory[32], route[255];
        size_t route_size;
        struct conf conf;
        void *context, *router;
        struct wire *wire;
};

/* What wires are connected with; nobody listens yet. */
static int set_up(void **state)
{
        static struct scene scene;
        memset(&scene, 0, sizeof scene);
        strcpy(scene.directory, "/tmp/wire.XXXXXX");
        scene.arena = arena_new();
        assert_non_null(mkdtemp(scene.directory));
        scene.conf.broker_endpoint =
                arena_printf(scene.arena, "ipc://%s/broker", scene.directory).at;
        scene.conf.broker_certificate =
                arena_printf(scene.arena, "%s/client.cert", scene.directory).at;
        scene.conf.broker_server_key = "";
        scene.context = zmq_ctx_new();
        scene.router = zmq_socket(scene.context, ZMQ_ROUTER);
        *state = &scene;
        return 0;
}

static int tear_down(void **state)
{
        struct scene *scene = *state;
        wire_destroy(&scene->wire);
        zmq_close(scene->router);
        zmq_ctx_term(scene->context);
        unlink(scene->conf.broker_certificate);
        rmdir(scene->directory);
        arena_destroy(&scene->arena);
        return 0;
}

/* The next message that reached the broker must be this verb's; the route to answer it stays. */
static void expect(struct scene *scene, const char *verb)
{
        char name[80] = "";
        int timeout = ANSWER_MS;
        zmq_setsockopt(scene->router, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
        int size = zmq_recv(scene->router, scene->route, sizeof scene->route, 0);
        assert_true(size > 0);
        scene->route_size = (size_t)size;
        assert_true(zmq_recv(scene->router, name, sizeof name - 1, 0) >= 0);
        assert_string_equal(name, verb);
        assert_true(zmq_recv(scene->router, NULL, 0, 0) >= 0);
}

/* Connects and says BEAT, so that the broker knows the way. */
static void meet(struct scene *scene)
{
        assert_int_equal(zmq_bind(scene->router, scene->conf.broker_endpoint), 0);
        scene->wire = wire_connect(&scene->conf);
        assert_non_null(scene->wire);
        assert_true(wire_send(scene->wire, VERB_BEAT, &(struct wire_beat){ 0 }));
        expect(scene, "BEAT");
}

/* The broker says these frames, up to the one without bytes. */
static void say(struct scene *scene, const struct text *frames)
{
        assert_true(zmq_send(scene->router, scene->route, scene->route_size, ZMQ_SNDMORE) >= 0);
        for (; frames->at; frames++) {
                int more = frames[1].at ? ZMQ_SNDMORE : 0;
                assert_true(zmq_send(scene->router, frames->at, frames->size, more) >= 0);
        }
}

static void test_what_the_broker_says_badly_is_dropped_whole(void **state)
{
        static const struct {
                struct text frames[4];
                enum verb verb;
        } says[] = {
                { { { "BEAT", 4 } }, VERB_none },
                { { { "", 0 } }, VERB_none },
                { { { "NOISE", 5 }, { "\x80", 1 } }, VERB_none },
                { { { "BEAT", 4 }, { "", 0 } }, VERB_none },
                { { { "BEAT", 4 }, { "\xc1", 1 } }, VERB_none },
                { { { "ACCEPTED", 8 }, { "\x80\x80", 2 } }, VERB_none },
                { { { "NOISE", 5 }, { "BEAT", 4 }, { "\x80", 1 } }, VERB_none },
                { { { "BEAT", 4 }, { "\x80", 1 }, { "BEAT", 4 } }, VERB_BEAT },
        };
        struct scene *scene = *state;
        const void *value;
        meet(scene);
        for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
                say(scene, says[i].frames);
                assert_int_equal(wire_receive(scene->wire, ANSWER_MS, scene->arena, &value),
                                 says[i].verb);
        }
        say(scene, (const struct text[]){ TEXT("BEAT"), TEXT("\x80"), { 0 } });
        assert_int_equal(wire_receive(scene->wire, ANSWER_MS, scene->arena, &value), VERB_BEAT);
        assert_int_equal(wire_receive(scene->wire, 0, scene->arena, &value), VERB_none);
}

static void test_a_value_out_of_bounds_does_not_leave(void **state)
{
        struct scene *scene = *state;
        meet(scene);
        assert_false(wire_send(scene->wire, VERB_NEXT, &(struct wire_next){ .number = -1 }));
        assert_true(wire_send(scene->wire, VERB_BEAT, &(struct wire_beat){ 0 }));
        expect(scene, "BEAT");
}

static void test_without_a_broker_what_is_too_much_is_dropped_at_once(void **state)
{
        struct scene *scene = *state;
        int sent = 0;
        scene->wire = wire_connect(&scene->conf);
        while (sent < QUEUE_MOST && wire_send(scene->wire, VERB_BEAT, &(struct wire_beat){ 0 }))
                sent++;
        assert_in_range(sent, 1, QUEUE_MOST - 1);
        assert_int_equal(zmq_bind(scene->router, scene->conf.broker_endpoint), 0);
        for (int i = 0; i < sent; i++)
                expect(scene, "BEAT"); /* no half of one among them */
}

static void test_an_endpoint_that_cannot_be_is_refused(void **state)
{
        struct scene *scene = *state;
        scene->conf.broker_endpoint =
                arena_printf(scene->arena, "ipc://%s/%0200d", scene->directory, 0).at;
        assert_null(wire_connect(&scene->conf));
}

static void test_elsewhere_is_connected_to_only_with_both_keys(void **state)
{
        struct scene *scene = *state;
        struct certificate server = { 0 }, client = { .name = TEXT("client") };
        char endpoint[80];
        int on = 1;
        size_t size = sizeof endpoint;
        certificate_make_keys(&server);
        certificate_make_keys(&client);
        zmq_setsockopt(scene->router, ZMQ_CURVE_SERVER, &on, sizeof on);
        zmq_setsockopt(scene->router, ZMQ_CURVE_SECRETKEY, server.secret_key, CERTIFICATE_KEY + 1);
        assert_int_equal(zmq_bind(scene->router, "tcp://127.0.0.1:*"), 0);
        zmq_getsockopt(scene->router, ZMQ_LAST_ENDPOINT, endpoint, &size);
        scene->conf.broker_endpoint = endpoint;
        scene->conf.broker_server_key = server.public_key;
        assert_null(wire_connect(&scene->conf)); /* no certificate of ours */
        assert_true(certificate_save(&client, scene->conf.broker_certificate, true));
        scene->conf.broker_server_key = "";
        assert_null(wire_connect(&scene->conf)); /* no key of the broker */
        scene->conf.broker_server_key = server.public_key;
        scene->wire = wire_connect(&scene->conf);
        assert_non_null(scene->wire);
        assert_true(wire_send(scene->wire, VERB_BEAT, &(struct wire_beat){ 0 }));
        expect(scene, "BEAT");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_what_the_broker_says_badly_is_dropped_whole),
                TEST(test_a_value_out_of_bounds_does_not_leave),
                TEST(test_without_a_broker_what_is_too_much_is_dropped_at_once),
                TEST(test_an_endpoint_that_cannot_be_is_refused),
                TEST(test_elsewhere_is_connected_to_only_with_both_keys),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
