/*
 * wire: a peer's end of the talk: one DEALER socket, two frames a message. What arrives is the
 * broker's and still held to its declared bounds; what leaves is checked too, so that a fault shows
 * where it was made. A wire keeps nothing that a reconnect could lose: whoever speaks over it asks
 * again, and connects anew after a silence. libzmq's own signs of life are not for us: in 4.3 one
 * that meets a full queue aborts the program, ours or the broker.
 */
#include "common/wire.h"
#include "common/certificate.h"
#include "common/log.h"
#include <czmq.h>

enum {
        QUEUE = 64,   /* messages waiting to leave */
        LINGER = 200, /* ms that what was sent may still leave after the end */
        RECONNECT = 50,
        RECONNECT_MOST = 1000,
        DEAF = 5000, /* ms that a handshake may last: another broker may be active by then */
};

struct wire {
        zsock_t *dealer;
        void *socket; /* the same, as libzmq knows it */
        struct buffer packed;
};

/* Our key pair and the broker's key, for a broker elsewhere: nothing is said to another. False:
 * logged. */
static bool set_keys(zsock_t *dealer, const struct conf *conf)
{
        struct certificate certificate;
        struct fault fault;
        if (!certificate_is_key(text_of(conf->broker_server_key))) {
                log_error("broker.endpoint is at another machine, so broker.server_key must be its "
                          "key: padriver key server shows it there");
                return false;
        }
        struct arena *arena = arena_new();
        bool good = certificate_load(conf->broker_certificate, true, arena, &certificate, &fault);
        if (good) {
                zsock_set_curve_serverkey(dealer, conf->broker_server_key);
                zsock_set_curve_publickey(dealer, certificate.public_key);
                zsock_set_curve_secretkey(dealer, certificate.secret_key);
                zsock_set_ipv6(dealer, 1);
        } else {
                log_error("broker.certificate: %s %s", conf->broker_certificate, fault.reason);
        }
        explicit_bzero(&certificate, sizeof certificate);
        arena_destroy(&arena);
        return good;
}

/* A socket that connects, and reconnects, by itself. */
struct wire *wire_connect(const struct conf *conf)
{
        struct wire *wire = calloc(1, sizeof *wire);
        const char *endpoint = conf->broker_endpoint;
        setenv("ZSYS_SIGHANDLER", "false", 1);
        if (!wire) { /* GCOVR_EXCL_BR_LINE: no test is out of memory just here */
                panic("out of memory");
        }
        wire->dealer = zsock_new(ZMQ_DEALER); /* czmq aborts if there is no socket to be had */
        if (strncmp(endpoint, "ipc://", 6) != 0 && !set_keys(wire->dealer, conf)) {
                wire_destroy(&wire);
                return NULL;
        }
        zsock_set_linger(wire->dealer, LINGER);
        zsock_set_sndhwm(wire->dealer, QUEUE);
        zsock_set_rcvhwm(wire->dealer, 0); /* our credit, and what we ask, bound it */
        zsock_set_maxmsgsize(wire->dealer, WIRE_MOST);
        zsock_set_reconnect_ivl(wire->dealer, RECONNECT);
        zsock_set_reconnect_ivl_max(wire->dealer, RECONNECT_MOST);
        zsock_set_handshake_ivl(wire->dealer, DEAF);
        wire->socket = zsock_resolve(wire->dealer);
        if (zmq_connect(wire->socket, endpoint) != 0) {
                /* GCOVR_EXCL_BR_START: tests/flow/test_fault_calls.py lets the calls fail */
                if (errno == ENOMEM || errno == EMFILE) {
                        panic("cannot connect to %s: %s", endpoint, zmq_strerror(errno));
                }
                /* GCOVR_EXCL_BR_STOP */
                log_error("broker.endpoint: cannot connect to %s: %s", endpoint,
                          zmq_strerror(errno));
                wire_destroy(&wire);
        }
        return wire;
}

void wire_destroy(struct wire **wire)
{
        if (*wire) {
                zsock_destroy(&(*wire)->dealer);
                buffer_clear(&(*wire)->packed);
                free(*wire);
                *wire = NULL;
        }
}

/* Two frames; nothing waits. */
bool wire_send(struct wire *wire, enum verb verb, const void *value)
{
        struct fault fault;
        const char *name = verb_name(verb);
        if (!codec_check(verb_record(verb), value, &fault)) {
                log_error("%s is not sent: %s", name, fault.reason);
                return false;
        }
        wire->packed.size = 0;
        codec_pack(verb_record(verb), value, &wire->packed);
        return zmq_send(wire->socket, name, strlen(name), ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
               zmq_send(wire->socket, wire->packed.at, wire->packed.size, ZMQ_DONTWAIT) >= 0;
}

/* The next frame into the arena; if there is none, an empty one and the last. Frames of one message
 * arrive together. */
static struct text take_frame(struct wire *wire, struct arena *arena, bool *more)
{
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        zmq_msg_recv(&frame, wire->socket, ZMQ_DONTWAIT);
        struct text borrowed = { zmq_msg_data(&frame), zmq_msg_size(&frame) };
        struct text text = arena_copy(arena, borrowed);
        *more = zmq_msg_more(&frame);
        zmq_msg_close(&frame);
        return text;
}

/* Waits until something may have arrived; a signal ends the wait. */
static bool wait_readable(struct wire *wire, int timeout_ms)
{
        zmq_pollitem_t item = { .socket = wire->socket, .events = ZMQ_POLLIN };
        return zmq_poll(&item, 1, timeout_ms) > 0;
}

/* Takes a whole message, then holds it to its declaration. */
enum verb wire_receive(struct wire *wire, int timeout_ms, struct arena *arena, const void **value)
{
        bool more, rest = false;
        if (!wait_readable(wire, timeout_ms)) {
                return VERB_none;
        }
        struct text name = take_frame(wire, arena, &more);
        struct text body = more ? take_frame(wire, arena, &rest) : (struct text){ 0 };
        while (rest) {
                take_frame(wire, arena, &rest);
        }
        enum verb verb = verb_named(name);
        const struct record *record = verb_record(verb);
        struct fault fault = { "unknown verb" };
        void *into = record ? arena_alloc(arena, record->size) : NULL;
        if (!record || !codec_unpack(record, body, arena, into, &fault)) {
                log_warning("dropped a message of the broker: %s: %s", verb_name(verb),
                            fault.reason);
                return VERB_none;
        }
        *value = into;
        return verb;
}
