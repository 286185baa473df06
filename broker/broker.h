/*
 * broker: what the parts of the broker share. Nothing here outlives a restart or a lost store:
 * everything is read again from the log and its cursors. One thread; the store's answers come as
 * callbacks.
 */
#pragma once

#include "broker/counts.h"
#include "broker/deliver.h"
#include "broker/peer.h"
#include "broker/rate.h"
#include "broker/recent.h"
#include "common/db.h"
#include "common/metrics.h"
#include "common/service.h"

enum {
        IDLE_MS = 2,          /* the log is idle when nothing was added for so long */
        WAKE_MS = 50,         /* between two calls to all members to look for parked events */
        LOOK_MS = 1000,       /* the safety net beside WAKE: the log, the timers, silent members */
        BATCH_SIZE = 1 << 20, /* bytes of events that fill a batch: far from WIRE_MOST */
        MOST_GROUPS = 256,
        MOST_MEMBERS = 1024,
};

struct page;
struct publisher;

struct broker {
        struct service service;
        struct db *db;
        struct db *aside; /* for what must not wait in a queue with the rest, or nobody behind it */
        struct clients *clients;
        struct peers *peers;
        struct rates *rates;
        size_t errands; /* groups' cursors being read */
        struct recent *recent;
        struct group *groups;
        struct page *pages;
        struct publisher *publisher;
        bool active;        /* holds the lock, knows the head, listens */
        int64_t aside_at;   /* monotonic: when it was last tried to connect aside */
        int64_t due;        /* monotonic ms: the latest moment for the next turn */
        int64_t grown_at;   /* when the head last moved */
        int64_t extended;   /* the head when the log's partitions were last made ahead */
        int64_t ahead;      /* positions after which they are again */
        int64_t looked_at;  /* when the log was last looked at */
        bool look, looking; /* the log is to be read on from the head; is being read */
        bool failed;        /* the store answered what it should not: begin anew */
        bool wake;          /* members are to look for parked events */
        int64_t woken_at;
        struct {
                int64_t next;     /* domain time of the next timer, DB_NULL: none */
                int64_t asked_at; /* monotonic */
                bool wanted, asking;
        } timers;
        struct {
                int64_t hour;  /* of the domain's clock: when it was last asked */
                int64_t after; /* monotonic: not before */
                bool asking;
        } retire;
        struct {
                struct db *db;
                int64_t after; /* monotonic: not before */
                bool wanted, asking;
        } index;
        struct counts counts;
        struct metrics_file *metrics; /* NULL: none are written */
        struct delivery delivery;     /* under construction, and what it picks from */
        const struct entry *places[DELIVER_MOST];
};

/* The store answered what it should not: said, and then all begins anew with a new connection. */
void broker_fail(struct broker *broker, const char *what, const struct db_result *result);

/* The next turn is to begin at that moment or before. */
static inline void broker_wake_at(struct broker *broker, int64_t monotonic)
{
        broker->due = monotonic < broker->due ? monotonic : broker->due;
}

/* Connects aside, to the server that the rest is connected to. False: not now. */
bool broker_open_aside(struct broker *broker);

/* follow.c: reads the log and the groups. */

/* Reads on when asked to or when it is time; makes partitions of the log ahead of the head. */
void follow_turn(struct broker *broker, int64_t now);

/* A row of the log. One that no peer could be told goes on without its content: it will be
 * parked. */
struct wire_event follow_event_of(const struct db_result *result, int64_t row);

/* Reads a group's cursors, then shares its partitions. */
void follow_group(struct broker *broker, struct group *group);

/*
 * pages.c: what the log has of these types after from, where memory does not reach. False: it is
 * not there yet, and is asked for; the turn after it has come is the time to look again.
 */
bool pages_look(struct broker *broker, const bool *types, int64_t from, struct view *view);
void pages_turn(struct broker *broker, int64_t now);
void pages_forget(struct broker *broker);

/* members.c: HELLO, NEXT, LATER, BEAT; sends TAKE and BATCH. */
void members_hello(struct broker *broker, const struct message *message);
void members_next(struct broker *broker, const struct message *message);
void members_later(struct broker *broker, const struct message *message);
void members_beat(struct broker *broker, const struct message *message);

/* Whether it is a worker's who said HELLO. */
bool members_know(const struct broker *broker, const struct message *message);

/* The group's cursors as read; count 0: there is no such group. */
void members_take_cursors(struct broker *broker, struct text name, const int64_t *cursors,
                          size_t count);

/* Those who may no longer work for their group leave. */
void members_review(struct broker *broker);

/* Sends what can be sent. */
void members_turn(struct broker *broker, int64_t now);
void members_forget(struct broker *broker);

/* publish.c */
struct publisher *publish_new(struct broker *broker);
void publish_destroy(struct publisher **publisher);
void publish_take(struct broker *broker, const struct message *message);
void publish_hello(struct broker *broker, const struct message *message);

/* Whether more can be collected; not while the store is too far behind. */
bool publish_has_room(const struct publisher *publisher);
void publish_turn(struct broker *broker);

/* Commits that the store has not answered. */
size_t publish_in_flight(const struct publisher *publisher);

/* What was collected is forgotten; who asked asks again. */
void publish_forget(struct publisher *publisher);

/* timers.c */
void timers_turn(struct broker *broker, int64_t now);

/* retire.c */
void retire_turn(struct broker *broker, int64_t now);

/* index.c */
void index_open(struct broker *broker);
void index_turn(struct broker *broker, int64_t now);
void index_forget(struct broker *broker);
