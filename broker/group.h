/*
 * group: who holds which partition of a worker group. Pure: no socket, no store, no clock of its
 * own, so that seeded tests can drive it. A partition has a holder, who is sent its events, and an
 * heir, who shall hold it once nothing of it is on its way; most often they are one. Owner of
 * members and partitions.
 *
 *      HELLO ─▶ joining ── cursors read, group_share ─▶ told by TAKE ─▶ batches ─▶ leave (silence,
 * HELLO "")
 */
#pragma once

#include "broker/address.h"
#include "common/event.h"
#include "common/wire.h"

enum {
        GROUP_SILENCE = 5000, /* ms after which a member is given up */
        GROUP_MOST_PARTS = 1024,
};

struct member {
        struct member *next;
        struct address address;
        char who[WHO_MOST]; /* as the door knows him (clients.h) */
        int64_t heard_at;   /* monotonic ms */
        int64_t hello;      /* the number of its last HELLO */
        int64_t number;     /* of the last batch sent */
        int64_t dealt;      /* of the last batch dealt with */
        int64_t credit;     /* how many may be on their way */
        bool joining;       /* said HELLO: its cursors are to be read before anything is sent */
        bool untold;        /* a TAKE is to be sent */
        bool paging;        /* waits for a page of the log */
        size_t turn;        /* the partition that is served next, so that none waits for another */
};

struct partition {
        struct member *holder, *heir;
        int64_t cursor;    /* as its holder committed it */
        int64_t sent;      /* the end of the last batch sent: on its way from cursor to here */
        int64_t seen;      /* known: nothing for this group from sent to here */
        int64_t resume_at; /* monotonic ms: held back by LATER until then */
        int64_t pause;     /* ms; doubles while it makes no progress */
};

struct group {
        struct group *next;
        char name[64];
        bool types[EVENT_count]; /* what its members handle */
        struct member *members;
        struct partition *parts;
        size_t part_count;
        bool stale;   /* the cursors are to be read, then shared */
        bool reading; /* they are being read */
};

struct group *group_new(struct text name);
void group_destroy(struct group **group);

struct member *group_find(const struct group *group, const struct address *address);

/* Whether the types are those of the group; any are while it has no other member than this
 * address. */
bool group_suits(const struct group *group, const struct address *address, struct list types);

/* A member says HELLO: new or again. What was on its way to it counts for nothing. */
struct member *group_join(struct group *group, const struct address *address,
                          const struct wire_hello *hello, int64_t now);

/* A member goes; its partitions wait for the next group_share. */
void group_leave(struct group *group, struct member *member);

/* Members not heard of for GROUP_SILENCE leave. Returns how many. */
size_t group_expire(struct group *group, int64_t now);

/* The cursors as read from the store, parts 0 … count-1. Partitions that a member is at work in
 * keep theirs. */
void group_read(struct group *group, const int64_t *cursors, size_t count);

/* Gives partitions evenly to the members, moving as few as may be; those it changes become
 * untold. */
void group_share(struct group *group);

/*
 * Whether a TAKE is to be sent now: not while the cursors are being read for a HELLO, since what
 * the answer to it says first is what the member keeps.
 */
bool group_must_tell(const struct member *member);

/* What a member now holds, into cursors (GROUP_MOST_PARTS places); returns how many. */
size_t group_held(const struct group *group, const struct member *member,
                  struct wire_cursor *cursors);
