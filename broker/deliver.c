/*
 * deliver: see the header. Invariant: cursor <= sent <= seen for each partition; what lies between
 * cursor and sent is on its way to the holder, what lies between sent and seen holds nothing for
 * the group.
 */
#include "broker/deliver.h"

/* Whether the partition can go on with this member. */
static bool is_ready(const struct partition *part, const struct member *member, int64_t now)
{
        return part->holder == member && part->heir == member && now >= part->resume_at;
}

bool deliver_may(const struct member *member)
{
        return !member->joining && !member->untold &&
               member->number - member->dealt < member->credit;
}

bool deliver_wants(const struct group *group, struct member *member, const struct known *known,
                   int64_t now, int64_t *from)
{
        if (!deliver_may(member)) {
                return false;
        }
        for (size_t n = 0; n < group->part_count; n++) {
                size_t i = (member->turn + n) % group->part_count;
                const struct partition *part = &group->parts[i];
                bool more = part->seen < known->head || (known->idle && part->sent < known->head);
                bool here = part->seen >= known->floor || !member->paging;
                if (is_ready(part, member, now) && more && here) {
                        *from = part->seen;
                        member->turn = i + 1;
                        return true;
                }
        }
        return false;
}

/* Whether the view shows what comes next in the partition. */
static bool is_covered(const struct partition *part, const struct member *member,
                       const struct view *view, int64_t now)
{
        return is_ready(part, member, now) && part->seen >= view->from && part->seen <= view->to &&
               part->sent < view->to;
}

/* The view's events that are this member's, each with its partition. */
static size_t pick_entries(const struct group *group, const struct member *member,
                           const struct view *view, int64_t now, struct delivery *delivery)
{
        size_t count = 0;
        for (size_t i = 0; i < view->count; i++) {
                const struct entry *entry = view->entries[i];
                size_t n = entry->hash % group->part_count;
                const struct partition *part = &group->parts[n];
                if (is_covered(part, member, view, now) && entry->position > part->seen) {
                        delivery->entries[count] = entry;
                        delivery->parts[count++] = (int16_t)n;
                }
        }
        return count;
}

/* Moves each covered partition to the view's end; as ranges to be sent, or only as seen. */
static size_t move_parts(struct group *group, const struct member *member, const struct view *view,
                         bool send, int64_t now, struct delivery *delivery)
{
        size_t count = 0;
        for (size_t i = 0; i < group->part_count; i++) {
                struct partition *part = &group->parts[i];
                if (is_covered(part, member, view, now)) {
                        part->seen = view->to;
                        if (send) {
                                delivery->ranges[count++] = (struct wire_range){ .part = (int64_t)i,
                                                                                 .from = part->sent,
                                                                                 .to = view->to };
                                part->sent = view->to;
                        }
                }
        }
        return count;
}

/* Whether an empty range of this member has grown so long that it goes alone. */
static bool is_long(const struct group *group, const struct member *member, const struct view *view,
                    int64_t now)
{
        for (size_t i = 0; i < group->part_count; i++) {
                const struct partition *part = &group->parts[i];
                if (is_covered(part, member, view, now) && view->to - part->sent >= DELIVER_LAG) {
                        return true;
                }
        }
        return false;
}

bool deliver_make(struct group *group, struct member *member, const struct view *view, bool idle,
                  int64_t now, struct delivery *delivery)
{
        size_t entries = pick_entries(group, member, view, now, delivery);
        bool send = entries > 0 || idle || is_long(group, member, view, now);
        size_t ranges = move_parts(group, member, view, send, now, delivery);
        if (ranges == 0) {
                return false;
        }
        delivery->parcel = (struct parcel){ .number = ++member->number,
                                            .ranges = delivery->ranges,
                                            .range_count = ranges,
                                            .entries = delivery->entries,
                                            .parts = delivery->parts,
                                            .entry_count = entries };
        return true;
}

/* The member's own partition of that number, if the position is one it may name; else NULL. */
static struct partition *find_part(struct group *group, const struct member *member,
                                   const struct wire_cursor *cursor)
{
        struct partition *part =
                cursor->part < (int64_t)group->part_count ? &group->parts[cursor->part] : NULL;
        bool own = part && part->holder == member && cursor->position >= part->cursor &&
                   cursor->position <= part->sent;
        return own ? part : NULL;
}

/* The cursor as committed; progress ends the doubling of pauses. */
static void move_cursor(struct partition *part, int64_t position)
{
        if (position > part->cursor) {
                part->cursor = position;
                part->pause = 0;
        }
}

bool deliver_next(struct group *group, struct member *member, const struct wire_next *next)
{
        const struct wire_cursor *cursor = next->parts.at;
        bool freed = false, whole;
        member->credit = next->credit < DELIVER_CREDIT ? next->credit : DELIVER_CREDIT;
        if (next->number > member->dealt && next->number <= member->number) {
                member->dealt = next->number;
        }
        whole = member->dealt == member->number && !next->owed;
        for (size_t i = 0; i < next->parts.count; i++) {
                struct partition *part = find_part(group, member, &cursor[i]);
                if (part) {
                        move_cursor(part, cursor[i].position);
                }
        }
        for (size_t i = 0; i < group->part_count; i++) {
                struct partition *part = &group->parts[i];
                if (part->holder != member) {
                        continue;
                }
                if (whole && part->sent != part->cursor) {
                        part->sent = part->seen = part->cursor; /* it was dropped: once more */
                }
                freed = freed || (part->heir != member && part->sent == part->cursor);
        }
        return freed;
}

void deliver_later(struct group *group, struct member *member, const struct wire_later *later,
                   int64_t now)
{
        const struct wire_cursor *cursor = later->parts.at;
        for (size_t i = 0; i < later->parts.count; i++) {
                struct partition *part = find_part(group, member, &cursor[i]);
                if (!part) {
                        continue;
                }
                move_cursor(part, cursor[i].position);
                part->sent = part->seen = part->cursor;
                part->pause = part->pause ? 2 * part->pause : DELIVER_PAUSE;
                if (part->pause > DELIVER_PAUSE_MOST) {
                        part->pause = DELIVER_PAUSE_MOST;
                }
                part->resume_at = now + part->pause;
        }
}

int64_t deliver_due(const struct group *group, int64_t now)
{
        int64_t due = INT64_MAX;
        for (size_t i = 0; i < group->part_count; i++) {
                int64_t at = group->parts[i].resume_at;
                if (at > now && at < due) {
                        due = at;
                }
        }
        return due;
}

bool deliver_waits(const struct group *group)
{
        for (size_t i = 0; i < group->part_count; i++) {
                if (group->parts[i].holder && group->parts[i].seen > group->parts[i].sent) {
                        return true;
                }
        }
        return false;
}
