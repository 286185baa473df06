/*
 * deliver: what a member of a group is sent next, and what its answers mean. Pure, like group. Each
 * partition's ranges are contiguous; a range moves on even when no event of the group lies inside:
 * with the next events, or alone when the log is idle. Order by key follows: a key has one
 * partition, a partition one holder, and its ranges go out by position.
 */
#pragma once

#include "broker/entry.h"
#include "broker/group.h"

enum {
        DELIVER_PAUSE = 100, /* ms of the first pause after LATER; doubles */
        DELIVER_PAUSE_MOST = 30000,
        DELIVER_LAG = 8192,  /* positions that an empty range may grow to before it is sent alone */
        DELIVER_MOST = 4096, /* events in a batch */
        DELIVER_CREDIT = 4,  /* batches on their way, whatever a member asks for */
};

/* What the log holds of the group's types after from, up to and including to. */
struct view {
        int64_t from, to;
        const struct entry *const *entries;
        size_t count;
};

/* Room for a parcel under construction. */
struct delivery {
        struct wire_range ranges[GROUP_MOST_PARTS];
        const struct entry *entries[DELIVER_MOST];
        int16_t parts[DELIVER_MOST];
        struct parcel parcel;
};

/* What is known of the log: in memory from floor to head, and whether it has been quiet for a
 * while. */
struct known {
        int64_t floor, head;
        bool idle;
};

/* Whether the member may be sent a batch. */
bool deliver_may(const struct member *member);

/*
 * Whether the member may be sent a batch and has a partition that can go on: *from is where to look
 * from. The partitions take turns. While a page is read for the member, only what is in memory
 * counts.
 */
bool deliver_wants(const struct group *group, struct member *member, const struct known *known,
                   int64_t now, int64_t *from);

/*
 * Makes the next parcel of what the view shows and notes it as sent. idle: the log has been quiet,
 * so empty ranges may go. False: nothing to be sent now (what was seen is remembered).
 */
bool deliver_make(struct group *group, struct member *member, const struct view *view, bool idle,
                  int64_t now, struct delivery *delivery);

/* NEXT. Returns whether a partition became free for its heir: then group_share. */
bool deliver_next(struct group *group, struct member *member, const struct wire_next *next);

/* LATER. */
void deliver_later(struct group *group, struct member *member, const struct wire_later *later,
                   int64_t now);

/* The next moment (monotonic ms) at which time alone changes something: a pause ends; INT64_MAX:
 * none. */
int64_t deliver_due(const struct group *group, int64_t now);

/* Whether an empty range waits for the log to be idle. */
bool deliver_waits(const struct group *group);
