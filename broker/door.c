/*
 * door: see the header. A connection is a seat, known by its descriptor, which the monitor tells
 * when it begins and ends. Its place is the user (here) or the address (there). Only those let in
 * count as sitting: a seat is marked when its place is let in, and one older than a handshake may
 * last was let in, or libzmq would have closed it. Half of the seats is the most for one place.
 *
 * When too many stand, the one that has stood longest is cut off: libzmq aborts when its ipc
 * listener finds no descriptor free. What we shut down is libzmq's; should the descriptor be
 * another connection's by then, that peer comes again: only libzmq's thread opens any meanwhile.
 */
#include "broker/door.h"

#include "common/clock.h"
#include "common/log.h"
#include <arpa/inet.h>
#include <czmq.h>
#include <netdb.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define ZAP   "inproc://zeromq.zap.01"
#define WATCH "inproc://padriver.door.%d"

enum {
        PLACE = 56,
        AT_ONCE = 64, /* handshakes answered in a turn */
        EVENTS = 1024,
        SETTLED = 10000, /* ms after which a handshake is over (peer.c) */
        MINUTE = 60000,
        LINES = 20,          /* said in a minute */
        FRAMES = 7,          /* of a question */
        DESCRIPTORS = 65536, /* asked of the system */
};

/* ZAP's answers. A later one hears nothing and comes again by itself, a never one does not. */
static const char welcome[] = "200", later[] = "300", never[] = "400";

struct seat {
        bool taken, there, sits, cut;
        int64_t since, pid; /* 0 there */
        char place[PLACE];
};

struct door {
        struct clients *clients;
        zsock_t *zap, *watch;
        void *watched;      /* the ROUTER */
        struct seat *seats; /* by descriptor */
        size_t seat_count;
        int64_t most;
        bool failed[2]; /* a handshake, here or there: its connection is the next to end */
        int turns;      /* sockets watched so far: what each tells has a name of its own */
        struct door_counters counters;
        int64_t standing[2];           /* neither sit nor are cut off: here, there */
        int64_t minute, lines, unsaid; /* of the log, in this minute */
        char said[300];                /* the last line of it */
};

struct door *door_new(struct clients *clients, int64_t most)
{
        struct door *door = calloc(1, sizeof *door);
        setenv("ZSYS_SIGHANDLER", "false", 1);
        if (!door || !(door->zap = zsock_new(ZMQ_REP))) {
                panic("no socket: %s", zmq_strerror(errno));
        }
        struct rlimit files;
        if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < DESCRIPTORS) {
                files.rlim_cur = files.rlim_max < DESCRIPTORS ? files.rlim_max : DESCRIPTORS;
                setrlimit(RLIMIT_NOFILE, &files);
        }
        door->clients = clients;
        door->most = most;
        zsock_set_linger(door->zap, 0);
        if (zmq_bind(zsock_resolve(door->zap), ZAP) != 0) {
                panic("cannot bind %s: %s", ZAP, zmq_strerror(errno));
        }
        return door;
}

void door_destroy(struct door **door)
{
        if (*door) {
                door_watch(*door, NULL);
                zsock_destroy(&(*door)->zap);
                free((*door)->seats);
                free(*door);
                *door = NULL;
        }
}

void door_watch(struct door *door, void *socket)
{
        const int events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
        if (door->watched) {
                zmq_socket_monitor(door->watched, NULL, 0); /* before nobody listens to it */
        }
        zsock_destroy(&door->watch);
        door->watched = socket;
        free(door->seats);
        door->seats = NULL;
        door->seat_count = 0;
        door->counters.connections = door->standing[0] = door->standing[1] = 0;
        door->failed[0] = door->failed[1] = false;
        if (!socket) {
                return;
        }
        char name[40];
        snprintf(name, sizeof name, WATCH, door->turns++);
        door->watch = zsock_new(ZMQ_PAIR);
        zsock_set_linger(door->watch, 0);
        zsock_set_rcvhwm(door->watch, 0); /* else libzmq's threads would wait for us */
        if (zmq_socket_monitor(socket, name, events) != 0 ||
            zmq_connect(zsock_resolve(door->watch), name) != 0) {
                panic("cannot watch connections: %s", zmq_strerror(errno));
        }
}

void door_sockets(const struct door *door, void **sockets)
{
        sockets[0] = zsock_resolve(door->zap);
        sockets[1] = door->watch ? zsock_resolve(door->watch) : NULL;
}

struct door_counters *door_counters(struct door *door)
{
        return &door->counters;
}

void door_note(struct door *door, const char *format, ...)
{
        char words[sizeof door->said];
        int64_t now = clock_monotonic_ms();
        va_list values;
        va_start(values, format);
        vsnprintf(words, sizeof words, format, values);
        va_end(values);
        if (now - door->minute >= MINUTE) {
                if (door->unsaid > 0) {
                        log_warning("and %lld more were turned away", (long long)door->unsaid);
                }
                door->minute = now;
                door->lines = door->unsaid = 0;
                door->said[0] = '\0';
        }
        if (door->lines == LINES || strcmp(words, door->said) == 0) {
                door->unsaid++; /* who is stubborn takes no line from others */
                return;
        }
        door->lines++;
        memcpy(door->said, words, sizeof words);
        log_warning("%s", words);
}

/* The place of a connection, "uid:1000" or an address, as ZAP tells it; here its process, too. */
static void find_place(int fd, struct seat *seat)
{
        char *place = seat->place;
        struct sockaddr_storage name = { .ss_family = AF_UNSPEC };
        struct ucred user;
        socklen_t size = sizeof name, user_size = sizeof user;
        snprintf(place, PLACE, "somewhere");
        if (getpeername(fd, (struct sockaddr *)&name, &size) != 0) {
                return;
        }
        if (name.ss_family != AF_UNIX) {
                getnameinfo((struct sockaddr *)&name, size, place, PLACE, NULL, 0, NI_NUMERICHOST);
        } else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &user_size) == 0) {
                snprintf(place, PLACE, "uid:%u", user.uid);
                seat->pid = user.pid;
        }
}

/* Ends the connection that has stood longest. */
static void cut_off(struct door *door, bool there)
{
        struct seat *oldest = NULL;
        for (size_t i = 0; i < door->seat_count; i++) {
                struct seat *seat = &door->seats[i];
                if (seat->taken && seat->there == there && !seat->sits && !seat->cut &&
                    (!oldest || seat->since < oldest->since)) {
                        oldest = seat;
                }
        }
        if (oldest) {
                oldest->cut = true;
                door->standing[there]--;
                door->counters.crowded++;
                shutdown((int)(oldest - door->seats), SHUT_RDWR);
        }
}

/* A connection begins. */
static void sit_down(struct door *door, int fd, bool there)
{
        if ((size_t)fd >= door->seat_count) {
                size_t count = (size_t)fd + 256;
                struct seat *seats = realloc(door->seats, count * sizeof *seats);
                if (!seats) {
                        panic("out of memory");
                }
                memset(seats + door->seat_count, 0, (count - door->seat_count) * sizeof *seats);
                door->seats = seats;
                door->seat_count = count;
        }
        struct seat *seat = &door->seats[fd];
        door->counters.connections += !seat->taken;
        door->counters.accepted++;
        *seat = (struct seat){ .taken = true, .there = there, .since = clock_monotonic_ms() };
        find_place(fd, seat);
        door->standing[there]++;
        if (door->standing[there] > door->most) {
                cut_off(door, there);
        }
}

/* It ends; failed says that its handshake did. */
static void get_up(struct door *door, int fd, bool failed)
{
        if (fd < 0 || (size_t)fd >= door->seat_count || !door->seats[fd].taken) {
                return;
        }
        struct seat *seat = &door->seats[fd];
        seat->taken = false;
        door->standing[seat->there] -= !seat->sits && !seat->cut;
        door->counters.connections--;
        if (failed) {
                door->counters.garbled++;
                door_note(door, "turned away %s: %s", seat->place,
                          seat->there ? "it spoke no CURVE, had another server's key, or was silent"
                                      : "it spoke no ZeroMQ, or was silent");
        }
}

/* What the monitor tells: the event and its value, then the endpoint. One thread serves an
 * endpoint, so a failed handshake is followed by its connection's end. False: nothing more. */
static bool take_event(struct door *door)
{
        void *socket = zsock_resolve(door->watch);
        unsigned char event[6];
        char endpoint[256];
        uint16_t kind;
        int32_t value;
        if (zmq_recv(socket, event, sizeof event, ZMQ_DONTWAIT) != sizeof event) {
                return false;
        }
        int size = zmq_recv(socket, endpoint, sizeof endpoint, ZMQ_DONTWAIT);
        bool there = size >= 3 && memcmp(endpoint, "tcp", 3) == 0;
        memcpy(&kind, event, sizeof kind);
        memcpy(&value, event + sizeof kind, sizeof value);
        if (kind == ZMQ_EVENT_ACCEPTED) {
                sit_down(door, value, there);
        } else if (kind == ZMQ_EVENT_DISCONNECTED) {
                get_up(door, value, door->failed[there]);
                door->failed[there] = false;
        } else {
                door->failed[there] = true;
        }
        return true;
}

/* How many sit, in all of this kind or at one place. */
static int64_t count_seats(const struct door *door, bool there, const char *place)
{
        int64_t count = 0, now = clock_monotonic_ms();
        for (size_t i = 0; i < door->seat_count; i++) {
                const struct seat *seat = &door->seats[i];
                bool sits = seat->taken && seat->there == there &&
                            (seat->sits || now - seat->since > SETTLED);
                count += sits && (!place || strcmp(seat->place, place) == 0);
        }
        return count;
}

/* Marks the seat of whoever is let in: the last that stood up from this place and process. */
static void mark(struct door *door, const char *place, int64_t pid)
{
        struct seat *newest = NULL;
        for (size_t i = 0; i < door->seat_count; i++) {
                struct seat *seat = &door->seats[i];
                if (seat->taken && !seat->sits && !seat->cut && seat->pid == pid &&
                    strcmp(seat->place, place) == 0 && (!newest || seat->since >= newest->since)) {
                        newest = seat;
                }
        }
        if (newest) {
                newest->sits = true;
                door->standing[newest->there]--;
        }
}

/* Whether there is room for one more. */
static bool find_seat(struct door *door, bool there, const char *place, int64_t pid)
{
        if (count_seats(door, there, NULL) >= door->most ||
            count_seats(door, there, place) >= (door->most + 1) / 2) {
                door->counters.crowded++;
                door_note(door,
                          "turned away %s: there are too many connections (broker.connections)",
                          place);
                return false;
        }
        mark(door, place, pid);
        return true;
}

/* Whether a user of this machine may come in: "localhost:uid:gid:pid" is what libzmq knows. */
static const char *admit_here(struct door *door, struct text address, char who[WHO_MOST])
{
        char place[PLACE];
        int64_t user, pid = 0;
        struct text rest = address;
        text_cut(&rest, ':');
        bool known = text_to_int(text_cut(&rest, ':'), &user) && user >= 0 && user < UINT32_MAX;
        text_cut(&rest, ':');
        if (!known || !text_to_int(rest, &pid)) {
                door->counters.strangers++;
                door_note(door, "turned away a peer whose user is not known");
                return never;
        }
        snprintf(place, sizeof place, "uid:%lld", (long long)user);
        clients_who_here(user, who);
        return find_seat(door, false, place, pid) ? welcome : later;
}

/* Whether a client may come in. One who was added just now may be a stranger still: he comes
 * again. */
static const char *admit_there(struct door *door, struct text address, struct text key,
                               char who[WHO_MOST])
{
        char place[PLACE];
        bool sure = true;
        snprintf(place, sizeof place, "%.*s", TEXT_ARGS(address));
        bool known = key.size == 32 &&
                     clients_who(door->clients, (const unsigned char *)key.at, who, &sure);
        if (!known && sure) {
                door->counters.strangers++;
                door_note(door, "turned away a stranger at %s: %s is on no certificate", place,
                          key.size == 32 ? who + strlen("key:") : "its key");
        }
        if (!known) {
                return sure ? never : later;
        }
        return find_seat(door, true, place, 0) ? welcome : later;
}

/* A question has version, number, domain, address, routing id, mechanism, credentials. */
static const char *admit(struct door *door, const struct text *question, char who[WHO_MOST])
{
        const char *status = never;
        if (text_equal(question[2], TEXT(DOOR_HERE))) {
                status = admit_here(door, question[3], who);
        } else if (text_equal(question[5], TEXT("CURVE"))) {
                status = admit_there(door, question[3], question[6], who);
        }
        door->counters.let_in += status == welcome;
        return status;
}

/* Answers one handshake. False: none waits. */
static bool answer_one(struct door *door)
{
        char who[WHO_MOST] = "";
        struct text question[FRAMES] = { { 0 } };
        zmsg_t *asked = NULL;
        void *socket = zsock_resolve(door->zap);
        zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
        if (zmq_poll(&item, 1, 0) <= 0 || !(asked = zmsg_recv(door->zap))) {
                return false;
        }
        zframe_t *frame = zmsg_first(asked);
        for (size_t i = 0; frame && i < FRAMES; i++, frame = zmsg_next(asked)) {
                question[i] = (struct text){ (const char *)zframe_data(frame), zframe_size(frame) };
        }
        const char *status = admit(door, question, who);
        zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
        zmq_send(socket, question[1].at, question[1].size, ZMQ_SNDMORE);
        zmq_send(socket, status, 3, ZMQ_SNDMORE);
        zmq_send(socket, "", 0, ZMQ_SNDMORE);
        zmq_send(socket, who, status == welcome ? strlen(who) : 0, ZMQ_SNDMORE);
        zmq_send(socket, "", 0, 0);
        zmsg_destroy(&asked);
        return true;
}

void door_turn(struct door *door)
{
        for (int i = 0; door->watch && i < EVENTS && take_event(door); i++) {
        }
        for (int i = 0; i < AT_ONCE && answer_one(door); i++) {
        }
}
