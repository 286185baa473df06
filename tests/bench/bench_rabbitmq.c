/*
 * bench_rabbitmq: publishes to a fanout exchange with publisher confirms and consumes a quorum
 * queue behind it. Messages are persistent; consumers have room for two thousand and acknowledge
 * many at once. Setup makes exchange and queues, and empties the queues.
 */
#include "tests/bench/publishing.h"
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum {
        GROUPS = 4,
        PREFETCH = 2000,
        TOGETHER = 200, /* acknowledged at once, at most */
        RING = 1 << 16, /* more than can be on their way */
};

#define EXCHANGE amqp_cstring_bytes("bench")

/* Which tags are confirmed; all up to low are. */
struct publisher {
        amqp_connection_state_t rabbit;
        uint64_t low;
        char confirmed[RING];
};

static void expect(amqp_rpc_reply_t reply, const char *what)
{
        if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
                return;
        }
        probe_die("RabbitMQ: %s: %s", what,
                  reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION
                          ? amqp_error_string2(reply.library_error)
                          : "the server refused; see its log");
}

static amqp_connection_state_t connect_to(const char *port)
{
        amqp_connection_state_t rabbit = amqp_new_connection();
        amqp_socket_t *socket = amqp_tcp_socket_new(rabbit);
        int status = amqp_socket_open(socket, "127.0.0.1", (int)strtol(port, NULL, 10));
        if (status != AMQP_STATUS_OK) {
                probe_die("RabbitMQ at port %s: %s", port, amqp_error_string2(status));
        }
        expect(amqp_login(rabbit, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
               "login");
        amqp_channel_open(rabbit, 1);
        expect(amqp_get_rpc_reply(rabbit), "channel");
        return rabbit;
}

/* Exchange and queues. */
static int setup(amqp_connection_state_t rabbit)
{
        amqp_table_entry_t kind = { .key = amqp_cstring_bytes("x-queue-type"),
                                    .value = { .kind = AMQP_FIELD_KIND_UTF8 } };
        kind.value.value.bytes = amqp_cstring_bytes("quorum");
        const amqp_table_t arguments = { 1, &kind };
        amqp_exchange_declare(rabbit, 1, EXCHANGE, amqp_cstring_bytes("fanout"), 0, 1, 0, 0,
                              amqp_empty_table);
        expect(amqp_get_rpc_reply(rabbit), "exchange");
        for (int i = 1; i <= GROUPS; i++) {
                char name[20];
                snprintf(name, sizeof name, "bench%d", i);
                amqp_queue_declare(rabbit, 1, amqp_cstring_bytes(name), 0, 1, 0, 0, arguments);
                expect(amqp_get_rpc_reply(rabbit), "queue");
                amqp_queue_bind(rabbit, 1, amqp_cstring_bytes(name), EXCHANGE, amqp_empty_bytes,
                                amqp_empty_table);
                expect(amqp_get_rpc_reply(rabbit), "binding");
                amqp_queue_purge(rabbit, 1, amqp_cstring_bytes(name));
                expect(amqp_get_rpc_reply(rabbit), "purge");
        }
        return 0;
}

static void add(void *context, int64_t number, size_t count, int64_t sent_at, int64_t step)
{
        struct publisher *publisher = context;
        char probe[PROBE_SIZE];
        const amqp_basic_properties_t persistent = { ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
                                                     .delivery_mode = 2 };
        const amqp_bytes_t body = { sizeof probe, probe };
        for (size_t i = 0; i < count; i++) {
                probe_write(probe, number + (int64_t)i, sent_at + (int64_t)i * step);
                int status = amqp_basic_publish(publisher->rabbit, 1, EXCHANGE, amqp_empty_bytes, 0,
                                                0, &persistent, body);
                if (status != AMQP_STATUS_OK) {
                        probe_die("RabbitMQ: publish: %s", amqp_error_string2(status));
                }
        }
}

/* One confirmation, or all up to it; returns how many that were not known yet. */
static int64_t note(struct publisher *publisher, const amqp_basic_ack_t *ack)
{
        int64_t news = 0;
        uint64_t from = ack->multiple ? publisher->low + 1 : ack->delivery_tag;
        for (uint64_t tag = from; tag <= ack->delivery_tag; tag++) {
                news += !publisher->confirmed[tag % RING];
                publisher->confirmed[tag % RING] = 1;
        }
        while (publisher->confirmed[(publisher->low + 1) % RING]) {
                publisher->confirmed[++publisher->low % RING] = 0;
        }
        return news;
}

/* Takes the confirmations that are there, the first of them waited for. */
static int64_t confirm(void *context, int timeout_ms)
{
        struct publisher *publisher = context;
        int64_t confirmed = 0;
        for (;;) {
                amqp_frame_t frame;
                struct timeval wait = { 0, confirmed ? 0 : timeout_ms * 1000 };
                amqp_maybe_release_buffers(publisher->rabbit);
                int status = amqp_simple_wait_frame_noblock(publisher->rabbit, &frame, &wait);
                if (status == AMQP_STATUS_TIMEOUT) {
                        return confirmed;
                }
                if (status != AMQP_STATUS_OK || frame.frame_type != AMQP_FRAME_METHOD ||
                    frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
                        probe_die("RabbitMQ: no confirmation: %s", amqp_error_string2(status));
                }
                confirmed += note(publisher, frame.payload.method.decoded);
        }
}

static int publish(amqp_connection_state_t rabbit)
{
        struct publisher *publisher = calloc(1, sizeof *publisher);
        if (!publisher) {
                probe_die("out of memory");
        }
        publisher->rabbit = rabbit;
        amqp_confirm_select(rabbit, 1);
        expect(amqp_get_rpc_reply(rabbit), "confirms");
        return publishing_run(&(struct publishing){ publisher, add, confirm });
}

/* Whether another message is here already. */
static int has_more(amqp_connection_state_t rabbit)
{
        return amqp_data_in_buffer(rabbit) || amqp_frames_enqueued(rabbit);
}

/* Message by message; acknowledges when none waits, or many are to be. */
static _Noreturn void consume(amqp_connection_state_t rabbit, const char *queue)
{
        struct tally *tally = tally_open();
        const size_t key = sizeof PROBE_KEY - 1;
        int open = 0;
        amqp_basic_qos(rabbit, 1, 0, PREFETCH, 0);
        expect(amqp_get_rpc_reply(rabbit), "qos");
        amqp_basic_consume(rabbit, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0,
                           amqp_empty_table);
        expect(amqp_get_rpc_reply(rabbit), "consume");
        for (;;) {
                amqp_envelope_t envelope;
                amqp_maybe_release_buffers(rabbit);
                expect(amqp_consume_message(rabbit, &envelope, NULL, 0), "message");
                const amqp_bytes_t *body = &envelope.message.body;
                probe_see(tally, (const char *)body->bytes + key, body->len - key, tally_now());
                if (++open >= TOGETHER || !has_more(rabbit)) {
                        amqp_basic_ack(rabbit, 1, envelope.delivery_tag, 1);
                        tally_ack(tally);
                        open = 0;
                }
                amqp_destroy_envelope(&envelope);
        }
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[2], "setup") == 0) {
                return setup(connect_to(argv[1]));
        }
        if (argc == 3 && strcmp(argv[2], "publish") == 0) {
                return publish(connect_to(argv[1]));
        }
        if (argc == 4 && strcmp(argv[2], "consume") == 0) {
                consume(connect_to(argv[1]), argv[3]);
        }
        probe_die("Usage: bench_rabbitmq PORT setup | publish | consume QUEUE");
}
