/*
 * members: what workers say, and what they are told: the edge around group.c and deliver.c. A
 * member that cannot be sent to is gone: its partitions go to others once the group's cursors are
 * read.
 */
#include "broker/broker.h"
#include "common/failpoint.h"
#include "common/log.h"
#include <stdio.h>
#include <string.h>

static struct group *find_group(const struct broker *broker, struct text name)
{
        struct group *group = broker->groups;
        while (group && !text_equal(text_of(group->name), name)) {
                group = group->next;
        }
        return group;
}

/* The member at that address, and its group. */
static struct member *find_member(const struct broker *broker, const struct address *address,
                                  struct group **group)
{
        for (*group = broker->groups; *group; *group = (*group)->next) {
                struct member *member = group_find(*group, address);
                if (member) {
                        return member;
                }
        }
        return NULL;
}

bool members_know(const struct broker *broker, const struct message *message)
{
        struct group *group;
        const struct member *member = find_member(broker, &message->from, &group);
        return member && text_equal(text_of(member->who), message->who);
}

/* Who speaks; a stranger is asked for a HELLO. */
static struct member *hear(struct broker *broker, const struct message *message,
                           struct group **group)
{
        struct member *member = find_member(broker, &message->from, group);
        if (member && text_equal(text_of(member->who), message->who)) {
                member->heard_at = clock_monotonic_ms();
        } else {
                peers_send(broker->peers, &message->from, VERB_BEAT, &(struct wire_beat){ 0 });
                member = NULL;
        }
        return member;
}

/* Sends to a member; one that cannot be reached leaves. */
static bool send_to(struct broker *broker, struct group *group, struct member *member,
                    enum verb verb, const void *value)
{
        bool sent = peers_send(broker->peers, &member->address, verb, value);
        if (!sent) {
                log_info("a worker of %s is gone", group->name);
                broker->counts.gone++;
                group_leave(group, member);
        }
        return sent;
}

/* A sign of life to each member; those that are gone leave. */
static void beat_all(struct broker *broker, struct group *group)
{
        for (struct member *member = group->members, *next; member; member = next) {
                next = member->next;
                send_to(broker, group, member, VERB_BEAT, &(struct wire_beat){ .known = 1 });
        }
}

/* The group of that name, made if there is room; NULL if not. */
static struct group *need_group(struct broker *broker, struct text name)
{
        struct group *group = find_group(broker, name);
        size_t groups = 0, members = 0;
        for (const struct group *g = broker->groups; g; g = g->next) {
                groups++;
                for (const struct member *m = g->members; m; m = m->next) {
                        members++;
                }
        }
        if (members >= MOST_MEMBERS || (!group && groups >= MOST_GROUPS)) {
                return NULL;
        }
        if (!group) {
                group = group_new(name);
                group->next = broker->groups;
                broker->groups = group;
        }
        return group;
}

/* A worker's HELLO. */
static void join(struct broker *broker, const struct message *message)
{
        const struct wire_hello *hello = message->value;
        struct group *group = need_group(broker, hello->group);
        if (!group) {
                peers_refuse(broker->peers, &message->from, TEXT(""), 0, "too_many",
                             "there are too many workers; stop some");
                return;
        }
        if (!group_find(group, &message->from)) {
                beat_all(broker, group); /* whoever was killed makes room now */
        }
        if (!group_suits(group, &message->from, hello->types)) {
                peers_refuse(broker->peers, &message->from, TEXT(""), 0, "other_types",
                             "the workers of group %s handle other event types: stop them first",
                             group->name);
                return;
        }
        struct member *member = group_join(group, &message->from, hello, clock_monotonic_ms());
        snprintf(member->who, sizeof member->who, "%.*s", TEXT_ARGS(message->who));
}

void members_hello(struct broker *broker, const struct message *message)
{
        const struct wire_hello *hello = message->value;
        bool elsewhere = hello->server && hello->server != db_server(broker->db);
        struct group *group;
        struct member *member = find_member(broker, &message->from, &group);
        if (member && (elsewhere || !text_equal(text_of(group->name), hello->group))) {
                group_leave(group, member);
        }
        if (hello->group.size > 0 && elsewhere) {
                peers_refuse(broker->peers, &message->from, TEXT(""), 0, "other_server",
                             "the worker's connection is to another PostgreSQL than the broker's, "
                             "or from before it began to run: it is made anew");
        } else if (hello->group.size > 0) {
                join(broker, message);
        } else {
                publish_hello(broker, message);
        }
}

void members_next(struct broker *broker, const struct message *message)
{
        struct group *group;
        struct member *member = hear(broker, message, &group);
        if (member && deliver_next(group, member, message->value)) {
                group_share(group);
        }
}

void members_later(struct broker *broker, const struct message *message)
{
        const struct wire_later *later = message->value;
        struct group *group;
        struct member *member = hear(broker, message, &group);
        if (member) {
                deliver_later(group, member, later, clock_monotonic_ms());
                broker->counts.later++;
                log_debug("%s holds back: %.*s", group->name, TEXT_ARGS(later->reason));
        }
}

void members_beat(struct broker *broker, const struct message *message)
{
        struct group *group;
        struct member *member = hear(broker, message, &group);
        if (member) {
                send_to(broker, group, member, VERB_BEAT, &(struct wire_beat){ .known = 1 });
        }
}

void members_take_cursors(struct broker *broker, struct text name, const int64_t *cursors,
                          size_t count)
{
        struct group *group = find_group(broker, name);
        if (!group) {
                return;
        }
        group->reading = false;
        if (count == 0) {
                for (struct member *member = group->members; member; member = group->members) {
                        peers_refuse(broker->peers, &member->address, TEXT(""), 0, "unknown_group",
                                     "there is no group %s: padriver group add %s --from now",
                                     group->name, group->name);
                        group_leave(group, member);
                }
        } else if (!group->stale) { /* else somebody came since: read again */
                group_read(group, cursors, count);
                group_share(group);
        }
}

/* Tells a member what it holds now. */
static bool tell(struct broker *broker, struct group *group, struct member *member)
{
        struct wire_cursor cursors[GROUP_MOST_PARTS];
        struct wire_take take = { .number = member->hello,
                                  .parts = { cursors, group_held(group, member, cursors) } };
        member->untold = false;
        failpoint("before-take");
        return send_to(broker, group, member, VERB_TAKE, &take);
}

/* Sends what was made; a member that cannot be reached leaves. */
static bool send_batch(struct broker *broker, struct group *group, struct member *member)
{
        struct buffer packed = { 0 };
        entry_pack_batch(&broker->delivery.parcel, &packed);
        broker->counts.batches++;
        broker->counts.delivered += (int64_t)broker->delivery.parcel.entry_count;
        failpoint("before-batch");
        bool sent = peers_send_batch(broker->peers, &member->address, &packed);
        if (!sent) {
                log_info("a worker of %s is gone", group->name);
                broker->counts.gone++;
                group_leave(group, member);
        }
        return sent;
}

/* What memory holds of the group's types after from. */
static struct view look_into_memory(struct broker *broker, const struct group *group, int64_t from)
{
        int64_t head = recent_head(broker->recent), position = from;
        size_t count = 0, most = (size_t)broker->service.conf.broker_batch;
        most = group->members->next ? DELIVER_MOST : most; /* not all of them are this member's */
        while (position < head && count < most) {
                const struct entry *entry = recent_at(broker->recent, ++position);
                if (entry->type < EVENT_count && group->types[entry->type]) {
                        broker->places[count++] = entry;
                }
        }
        return (struct view){ from, position, broker->places, count };
}

/* Ends the view where its events that are the member's fill a batch, by number or by size. */
static void trim(struct view *view, const struct group *group, const struct member *member,
                 size_t most)
{
        size_t own = 0, size = 0;
        for (size_t i = 0; i < view->count; i++) {
                const struct entry *entry = view->entries[i];
                if (group->parts[entry->hash % group->part_count].holder != member) {
                        continue;
                }
                size += entry->packed.size;
                if ((++own == most || size >= BATCH_SIZE) && i + 1 < view->count) {
                        view->count = i + 1;
                        view->to = entry->position;
                }
        }
}

/* Sends a member all it has credit for. */
static void deliver(struct broker *broker, struct group *group, struct member *member, int64_t now)
{
        const struct known known = { .floor = recent_floor(broker->recent),
                                     .head = recent_head(broker->recent),
                                     .idle = now - broker->grown_at >= IDLE_MS };
        int64_t from;
        member->paging = false;
        while (deliver_wants(group, member, &known, now, &from)) {
                struct view view;
                bool here = from >= known.floor;
                if (here) {
                        view = look_into_memory(broker, group, from);
                } else if (!pages_look(broker, group->types, from, &view)) {
                        member->paging = true;
                        continue;
                }
                trim(&view, group, member, (size_t)broker->service.conf.broker_batch);
                if (deliver_make(group, member, &view, here && known.idle, now,
                                 &broker->delivery) &&
                    !send_batch(broker, group, member)) {
                        return;
                }
        }
}

/* Who may not work for the group any more is told and leaves. */
static void review(struct broker *broker, struct group *group)
{
        for (struct member *member = group->members, *next; member; member = next) {
                next = member->next;
                if (!clients_may_join(broker->clients, text_of(member->who),
                                      text_of(group->name))) {
                        log_info("a worker of %s is no longer let in", group->name);
                        peers_refuse(broker->peers, &member->address, TEXT(""), 0, "forbidden",
                                     "this key may no longer work for group %s", group->name);
                        group_leave(group, member);
                }
        }
}

void members_review(struct broker *broker)
{
        for (struct group *group = broker->groups; group; group = group->next) {
                review(broker, group);
        }
}

/* One group's turn. */
static void serve(struct broker *broker, struct group *group, int64_t now)
{
        size_t expired = group_expire(group, now);
        broker->counts.gone += (int64_t)expired;
        if (expired > 0) {
                log_info("a worker of %s was silent and is given up", group->name);
        }
        for (struct member *member = group->members, *next; member; member = next) {
                next = member->next;
                if (!group_must_tell(member) || tell(broker, group, member)) {
                        deliver(broker, group, member, now);
                }
        }
        if (group->stale && !group->reading && group->members) {
                follow_group(broker, group);
        }
        broker_wake_at(broker, deliver_due(group, now));
        if (deliver_waits(group) && now - broker->grown_at < IDLE_MS) {
                broker_wake_at(broker, broker->grown_at + IDLE_MS);
        }
}

void members_turn(struct broker *broker, int64_t now)
{
        bool wake = broker->wake && now - broker->woken_at >= WAKE_MS;
        for (struct group **link = &broker->groups; *link;) {
                struct group *group = *link;
                if (wake) {
                        beat_all(broker, group);
                }
                serve(broker, group, now);
                if (!group->members) {
                        *link = group->next;
                        group_destroy(&group);
                } else {
                        link = &group->next;
                }
        }
        if (wake) {
                broker->wake = false;
                broker->woken_at = now;
        } else if (broker->wake) {
                broker_wake_at(broker, broker->woken_at + WAKE_MS);
        }
}

void members_forget(struct broker *broker)
{
        while (broker->groups) {
                struct group *group = broker->groups;
                broker->groups = group->next;
                group_destroy(&group);
        }
}
