/*
 * peer: see the header. The listening socket is made here, not by libzmq, for two reasons: it
 * appears under its path with one rename, its rights set; and libzmq would remove the path when it
 * closes, which by then may be another broker's.
 */
#include "broker/peer.h"
#include "common/clock.h"
#include "common/instance.h"
#include "common/log.h"
#include <czmq.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define IPC "ipc://"
#define TCP "tcp://"
#define NEW ".new" /* behind the path until it is ready */

enum {
        PATH = sizeof((struct sockaddr_un *)0)->sun_path - sizeof NEW + 1, /* with its NUL */
        FROM_PEER = 8,  /* messages of one peer that wait: each may be of WIRE_MOST bytes */
        TO_PEER = 8192, /* for one peer: answers are small, and credit bounds the batches */
        BACKLOG = 128,
        SAID = 256, /* malformed messages that are answered in a second; the rest are dropped */
        HANDSHAKE_HERE = 10000, /* ms that a handshake may last: a turn of ours is in it */
        HANDSHAKE_THERE = 3000,
        DEAD = 15, /* seconds after which TCP gives a dead line up; libzmq 4.3's own heartbeats abort
                      the process when a peer's queue is full meanwhile (its issue 3937) */
};

struct peers {
        zsock_t *router;
        void *socket; /* the same, as libzmq knows it */
        char path[PATH];
        zmq_msg_t route, body; /* of the message in hand */
        struct arena *arena;
        struct buffer packed;
        struct metrics_by refused;
        struct clients *clients;
        struct door *door;
        int64_t second; /* of malformed messages, and how many */
        int bad;
};

struct peers *peers_new(struct clients *clients, const struct conf *conf)
{
        struct peers *peers = calloc(1, sizeof *peers);
        if (!peers) {
                panic("out of memory");
        }
        peers->arena = arena_new();
        zsys_set_io_threads(*conf->broker_remote ? 2 : 1); /* the crowd outside has its own */
        peers->clients = clients;
        peers->door = door_new(clients, conf->broker_connections);
        zmq_msg_init(&peers->route);
        zmq_msg_init(&peers->body);
        return peers;
}

void peers_destroy(struct peers **peers)
{
        if (*peers) {
                peers_close(*peers, false);
                door_destroy(&(*peers)->door);
                zmq_msg_close(&(*peers)->route);
                zmq_msg_close(&(*peers)->body);
                buffer_clear(&(*peers)->packed);
                arena_destroy(&(*peers)->arena);
                free(*peers);
                *peers = NULL;
        }
}

bool peers_check(const struct conf *conf)
{
        if (strncmp(conf->broker_endpoint, IPC, strlen(IPC)) != 0) {
                log_error("broker.endpoint: %s is not served; use ipc:// and a path here, and "
                          "broker.remote for other machines",
                          conf->broker_endpoint);
                return false;
        }
        if (strlen(conf->broker_endpoint) - strlen(IPC) >= PATH) {
                log_error("broker.endpoint: the path is longer than %d bytes", PATH - 1);
                return false;
        }
        if (*conf->broker_remote && strncmp(conf->broker_remote, TCP, strlen(TCP)) != 0) {
                log_error("broker.remote: %s is not served; use tcp:// with an address and a port",
                          conf->broker_remote);
                return false;
        }
        return true;
}

/* A socket that listens under the path, readable and writable for owner and group. -1: errno says
 * why. */
static int listen_at(const char *path)
{
        struct sockaddr_un name = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        snprintf(name.sun_path, sizeof name.sun_path, "%s" NEW, path);
        unlink(name.sun_path);
        mode_t before = umask(0117);
        bool good = fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof name) == 0;
        umask(before);
        good = good && listen(fd, BACKLOG) == 0 && rename(name.sun_path, path) == 0;
        if (!good && fd >= 0) {
                int error = errno;
                close(fd);
                errno = error;
        }
        return good ? fd : -1;
}

/* What holds for connections from everywhere. */
static void open_router(struct peers *peers)
{
        peers->router = zsock_new(ZMQ_ROUTER);
        if (!peers->router) {
                panic("no socket: %s", zmq_strerror(errno));
        }
        zsock_set_linger(peers->router, 0);
        zsock_set_sndhwm(peers->router, TO_PEER);
        zsock_set_rcvhwm(peers->router, FROM_PEER);
        zsock_set_maxmsgsize(peers->router, WIRE_MOST);
        zsock_set_router_mandatory(peers->router, 1);
        peers->socket = zsock_resolve(peers->router);
        door_watch(peers->door, peers->socket);
}

/* Listens to this machine. False: logged. */
static bool bind_here(struct peers *peers, const char *endpoint)
{
        snprintf(peers->path, sizeof peers->path, "%s", endpoint + strlen(IPC));
        int fd = listen_at(peers->path);
        if (fd < 0) {
                log_error("cannot listen at %s: %s", peers->path, strerror(errno));
                return false;
        }
        zsock_set_use_fd(peers->router, fd);
        zsock_set_affinity(peers->router, 1);
        zsock_set_handshake_ivl(peers->router, HANDSHAKE_HERE);
        zsock_set_zap_domain(peers->router, DOOR_HERE);
        if (zmq_bind(peers->socket, endpoint) != 0) {
                log_error("cannot serve %s: %s", endpoint, zmq_strerror(errno));
                close(fd);
                return false;
        }
        return true;
}

/* Whether the service may use the network at all: where it may not, libzmq aborts. */
static bool may_use_network(void)
{
        int families[] = { AF_INET, AF_NETLINK };
        bool may = true;
        for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
                int fd = socket(families[i], SOCK_DGRAM | SOCK_CLOEXEC, 0);
                may = may && fd >= 0;
                if (fd >= 0) {
                        close(fd);
                }
        }
        return may;
}

/* Listens to other machines; options hold for what is bound after them. False: logged. */
static bool bind_there(struct peers *peers, const struct conf *conf)
{
        unsigned char key[INSTANCE_KEY_SIZE];
        if (!may_use_network()) {
                log_error("broker.remote: this service may not use the network; see remote.conf in "
                          "deploy/README.md");
                return false;
        }
        if (!instance_broker_key(conf->place_state, key)) {
                return false;
        }
        zsock_set_use_fd(peers->router, -1);
        zsock_set_affinity(peers->router, 2);
        zsock_set_handshake_ivl(peers->router, HANDSHAKE_THERE);
        zsock_set_tcp_keepalive(peers->router, 1); /* not libzmq's heartbeats: see DEAD */
        zsock_set_tcp_keepalive_idle(peers->router, DEAD / 3);
        zsock_set_tcp_keepalive_intvl(peers->router, DEAD / 3);
        zsock_set_tcp_keepalive_cnt(peers->router, 2);
        zsock_set_tcp_maxrt(peers->router, DEAD * 1000);
        zsock_set_ipv6(peers->router, 1);
        zsock_set_zap_domain(peers->router, DOOR_THERE);
        int server = 1;
        bool good = zmq_setsockopt(peers->socket, ZMQ_CURVE_SERVER, &server, sizeof server) == 0 &&
                    zmq_setsockopt(peers->socket, ZMQ_CURVE_SECRETKEY, key, sizeof key) == 0;
        explicit_bzero(key, sizeof key);
        if (!good) {
                panic("libzmq was built without CURVE");
        }
        if (zmq_bind(peers->socket, conf->broker_remote) != 0) {
                log_error("cannot serve %s: %s", conf->broker_remote, zmq_strerror(errno));
                return false;
        }
        log_info("listens to other machines at %s", conf->broker_remote);
        return true;
}

bool peers_bind(struct peers *peers, const struct conf *conf)
{
        open_router(peers);
        bool here = bind_here(peers, conf->broker_endpoint);
        bool good = here && (!*conf->broker_remote || bind_there(peers, conf));
        if (!good) {
                int why = errno;
                peers_close(peers, here);
                errno = why;
        }
        return good;
}

void peers_close(struct peers *peers, bool remove)
{
        if (peers->router && remove) {
                unlink(peers->path);
        }
        door_watch(peers->door, NULL);
        zsock_destroy(&peers->router);
        peers->socket = NULL;
}

void peers_wait(struct peers *peers, bool listening, const struct watched *watched, size_t count,
                int timeout_ms)
{
        zmq_pollitem_t items[3 + DOOR_ITEMS];
        void *sockets[DOOR_ITEMS];
        int used = 0;
        door_sockets(peers->door, sockets);
        for (size_t i = 0; i < count && i < 2; i++) {
                short events = watched[i].writing ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN;
                if (watched[i].fd >= 0) {
                        items[used++] = (zmq_pollitem_t){ .fd = watched[i].fd, .events = events };
                }
        }
        if (peers->socket && listening) {
                items[used++] = (zmq_pollitem_t){ .socket = peers->socket, .events = ZMQ_POLLIN };
        }
        for (size_t i = 0; i < DOOR_ITEMS; i++) {
                if (sockets[i]) {
                        items[used++] =
                                (zmq_pollitem_t){ .socket = sockets[i], .events = ZMQ_POLLIN };
                }
        }
        zmq_poll(items, used, timeout_ms);
        door_turn(peers->door);
}

/* The frames of a message: route, verb, body; more than these are dropped. False: none is there. */
static bool take_frames(struct peers *peers, enum verb *verb)
{
        zmq_msg_t name, rest;
        if (!peers->socket || zmq_msg_recv(&peers->route, peers->socket, ZMQ_DONTWAIT) < 0) {
                return false;
        }
        zmq_msg_init(&name);
        bool more = zmq_msg_more(&peers->route) &&
                    zmq_msg_recv(&name, peers->socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&name);
        more = more && zmq_msg_recv(&peers->body, peers->socket, ZMQ_DONTWAIT) >= 0;
        bool whole = more && !zmq_msg_more(&peers->body);
        more = more && zmq_msg_more(&peers->body);
        zmq_msg_init(&rest);
        while (more && zmq_msg_recv(&rest, peers->socket, ZMQ_DONTWAIT) >= 0) {
                more = zmq_msg_more(&rest);
        }
        *verb = whole ? verb_named((struct text){ zmq_msg_data(&name), zmq_msg_size(&name) })
                      : VERB_none;
        zmq_msg_close(&rest);
        zmq_msg_close(&name);
        return true;
}

/* Holds a message to its declaration. */
static bool check(struct peers *peers, enum verb verb, struct message *message, struct fault *fault)
{
        const struct record *record = verb_record(verb);
        if (!record || strcmp(verb_direction(verb), "from broker") == 0) {
                return fault_set(fault,
                                 "%s is nothing to tell the broker; a message is two frames, "
                                 "a verb and a map",
                                 verb_name(verb));
        }
        struct text body = { zmq_msg_data(&peers->body), zmq_msg_size(&peers->body) };
        void *value = arena_alloc(peers->arena, record->size);
        message->verb = verb;
        message->value = value;
        return codec_unpack(record, body, peers->arena, value, fault);
}

/* A malformed message is answered, unless there are too many of them. */
static void refuse_malformed(struct peers *peers, const struct message *message, enum verb verb,
                             const char *reason)
{
        int64_t now = clock_coarse_ms() / 1000;
        door_counters(peers->door)->malformed++;
        peers->bad = now == peers->second ? peers->bad + 1 : 1;
        peers->second = now;
        if (peers->bad <= SAID) {
                peers_refuse(peers, &message->from, TEXT(""), 0, "bad_message", "%s: %s",
                             verb_name(verb), reason);
        }
}

bool peers_receive(struct peers *peers, struct message *message)
{
        enum verb verb;
        struct fault fault;
        for (int bad = 0; bad < FROM_PEER && take_frames(peers, &verb); bad++) {
                size_t size = zmq_msg_size(&peers->route);
                arena_clear(peers->arena);
                message->from.size = (uint8_t)size;
                memcpy(message->from.bytes, zmq_msg_data(&peers->route), message->from.size);
                message->who = text_of(zmq_msg_gets(&peers->body, "User-Id"));
                message->size = zmq_msg_size(&peers->body);
                if (check(peers, verb, message, &fault)) {
                        return true;
                }
                refuse_malformed(peers, message, verb, fault.reason);
        }
        return false;
}

/* A frame after the first was taken, or not: then memory is short. What is begun must be finished,
 * else the next message would follow in it, to this peer. */
static void finish(int taken)
{
        if (taken < 0) {
                panic("a message to a peer cannot be finished: %s", zmq_strerror(errno));
        }
}

/* The first two frames. False: nothing was sent. */
static bool send_head(struct peers *peers, const struct address *to, enum verb verb)
{
        const char *name = verb_name(verb);
        bool sent = peers->socket &&
                    zmq_send(peers->socket, to->bytes, to->size, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0;
        door_counters(peers->door)->unread += !sent && errno == EAGAIN;
        if (sent) {
                finish(zmq_send(peers->socket, name, strlen(name), ZMQ_DONTWAIT | ZMQ_SNDMORE));
        }
        return sent;
}

bool peers_send(struct peers *peers, const struct address *to, enum verb verb, const void *value)
{
        struct fault fault;
        if (!codec_check(verb_record(verb), value, &fault)) {
                panic("%s cannot be sent: %s", verb_name(verb), fault.reason);
        }
        peers->packed.size = 0;
        codec_pack(verb_record(verb), value, &peers->packed);
        if (!send_head(peers, to, verb)) {
                return false;
        }
        finish(zmq_send(peers->socket, peers->packed.at, peers->packed.size, ZMQ_DONTWAIT));
        return true;
}

/* For libzmq, when the last byte has left. */
static void free_bytes(void *bytes, void *hint)
{
        (void)hint;
        free(bytes);
}

bool peers_send_batch(struct peers *peers, const struct address *to, struct buffer *packed)
{
        zmq_msg_t body;
        if (zmq_msg_init_data(&body, packed->at, packed->size, free_bytes, NULL) != 0) {
                panic("out of memory");
        }
        *packed = (struct buffer){ 0 };
        bool sent = send_head(peers, to, VERB_BATCH);
        if (sent) {
                finish(zmq_msg_send(&body, peers->socket, ZMQ_DONTWAIT));
        } else {
                zmq_msg_close(&body);
        }
        return sent;
}

void peers_refuse(struct peers *peers, const struct address *to, struct text source, int64_t number,
                  const char *code, const char *format, ...)
{
        char reason[300];
        va_list args;
        va_start(args, format);
        vsnprintf(reason, sizeof reason, format, args);
        va_end(args);
        struct text said = text_of(reason);
        while (!text_is_utf8(said)) {
                said.size--;
        }
        log_debug("refuses: %.*s", TEXT_ARGS(said));
        metrics_note(&peers->refused, code);
        peers_send(peers, to, VERB_REFUSED,
                   &(struct wire_refused){ .source = source,
                                           .number = number,
                                           .code = text_of(code),
                                           .reason = said });
}

const struct metrics_by *peers_refused(const struct peers *peers)
{
        return &peers->refused;
}

void peers_forbid(struct peers *peers, const struct message *message, const char *reason)
{
        struct text source = TEXT("");
        int64_t number = 0;
        if (message->verb == VERB_PUBLISH) {
                const struct wire_publish *publish = message->value;
                source = publish->source;
                number = publish->number;
        }
        door_counters(peers->door)->forbidden++;
        door_note(peers->door, "refused %s of %.*s: %s", verb_name(message->verb),
                  TEXT_ARGS(message->who), reason);
        peers_refuse(peers, &message->from, source, number, "forbidden", "%s", reason);
}

void peers_put_off(struct peers *peers, const struct message *message, int64_t wait_ms)
{
        door_note(peers->door, "held %.*s to its rate (broker.rate)", TEXT_ARGS(message->who));
        if (message->verb == VERB_PUBLISH) {
                const struct wire_publish *publish = message->value;
                peers_refuse(
                        peers, &message->from, publish->source, publish->number, "busy",
                        "you send more than broker.rate allows: publish it again, after %lld ms",
                        (long long)wait_ms);
        }
}

struct text peers_actor(struct peers *peers, const struct message *message)
{
        return clients_actor(peers->clients, message->who);
}

struct door *peers_door(struct peers *peers)
{
        return peers->door;
}
