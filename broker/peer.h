/*
 * peer: the broker's end of the wire: one ROUTER socket, which listens to this machine by ipc and,
 * if asked to, to others by tcp, with CURVE alone. Who comes in is the door's to say (door.h);
 * these two modules of the broker touch ZeroMQ. Messages come and go as zmq_msg without copies.
 * What a peer sends is hostile until the codec has checked it; what is wrong is answered REFUSED
 * and leaves no trace.
 */
#pragma once

#include "broker/address.h"
#include "broker/door.h"
#include "common/conf.h"
#include "common/metrics.h"
#include "common/wire.h"

struct peers;

struct message {
        struct address from;
        enum verb verb;
        const void *value; /* the verb's struct; lives until the next peers_receive */
        struct text who;   /* who the door let in (clients.h); lives as long */
        size_t size;       /* bytes of its body */
};

/* The clients are the door's, and live longer. */
struct peers *peers_new(struct clients *clients, const struct conf *conf);
void peers_destroy(struct peers **peers);

/* Whether the endpoints are such that we serve; logged if not. */
bool peers_check(const struct conf *conf);

/*
 * Listens. The caller holds the broker's lock: the path is taken over in one step, so that no peer
 * finds it empty. False: logged; errno says whether it may pass by itself.
 */
bool peers_bind(struct peers *peers, const struct conf *conf);

/* Ends all connections. The path stays unless remove: then the caller still holds the lock. */
void peers_close(struct peers *peers, bool remove);

struct watched {
        int fd;       /* -1: none */
        bool writing; /* also until it can be written to */
};

/* Waits until one of those watched (two at most) is readable, a peer speaks if we listen, or time
 * is up. */
void peers_wait(struct peers *peers, bool listening, const struct watched *watched, size_t count,
                int timeout_ms);

/* The next well-formed message. False: none is there now. */
bool peers_receive(struct peers *peers, struct message *message);

/* False: the peer is gone or does not read. */
bool peers_send(struct peers *peers, const struct address *to, enum verb verb, const void *value);

/* BATCH, packed already; the bytes are the socket's from here on, whatever comes of it. */
bool peers_send_batch(struct peers *peers, const struct address *to, struct buffer *packed);

/* REFUSED, with a reason for a person. */
void peers_refuse(struct peers *peers, const struct address *to, struct text source, int64_t number,
                  const char *code, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* How many messages were refused with which code. */
const struct metrics_by *peers_refused(const struct peers *peers);

/* REFUSED as forbidden, counted and noted. */
void peers_forbid(struct peers *peers, const struct message *message, const char *reason);

/* A PUBLISH is REFUSED as busy, and noted: it may come again after so many ms. */
void peers_put_off(struct peers *peers, const struct message *message, int64_t wait_ms);

/* The name of whoever spoke: the actor of what it publishes. Lives as long as the message. */
struct text peers_actor(struct peers *peers, const struct message *message);

struct door *peers_door(struct peers *peers);
