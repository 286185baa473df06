/*
 * door: lets connections in. It answers libzmq's question for each (ZAP, RFC 27) in the broker's
 * own loop: a user of this machine by SO_PEERCRED, a client of another by its key on the allow-list
 * (clients.h). What it answers rides on each message of the connection as "User-Id"; no peer can
 * give itself another. It knows of connections that come and go by the socket's monitor, so that
 * nobody takes all the seats, counts those turned away, and logs them, a few a minute.
 */
#pragma once

#include "broker/clients.h"
#include <stdbool.h>
#include <stdint.h>

#define DOOR_HERE  "here"  /* ZAP domain of the ipc endpoint */
#define DOOR_THERE "there" /* of the tcp endpoint */

enum { DOOR_ITEMS = 2 };

/* Since the start, but the first. */
struct door_counters {
        int64_t connections; /* now, handshakes under way included */
        int64_t accepted;    /* connections that began */
        int64_t let_in;
        int64_t strangers; /* spoke CURVE with a key that is not on the list */
        int64_t garbled;   /* no CURVE, another server's key, no ZeroMQ, or silent for too long */
        int64_t crowded;   /* let in, but that there were too many */
        int64_t malformed; /* messages that are none */
        int64_t forbidden; /* messages outside their sender's rights */
        int64_t unread;    /* answers to peers that do not read */
};

struct door;

/* Answers from now on, for all sockets of the process. most: connections, for this machine and for
 * others each. */
struct door *door_new(struct clients *clients, int64_t most);
void door_destroy(struct door **door);

/* The ROUTER socket whose connections are to be known; NULL: it is closed. */
void door_watch(struct door *door, void *socket);

/* The sockets to poll: DOOR_ITEMS places. */
void door_sockets(const struct door *door, void **sockets);

/* Takes in what has come, a turn's worth of it. */
void door_turn(struct door *door);

struct door_counters *door_counters(struct door *door);

/* Says that somebody was turned away: a few lines a minute, then how many more. */
void door_note(struct door *door, const char *format, ...) __attribute__((format(printf, 2, 3)));
