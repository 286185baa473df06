/*
 * group: see the header. Invariant: a partition's holder and heir are members of the group or NULL,
 * and a partition whose heir is not its holder is sent nothing more.
 */
#include "broker/group.h"
#include "common/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct group *group_new(struct text name)
{
        struct group *group = calloc(1, sizeof *group);
        if (!group) {
                panic("out of memory");
        }
        snprintf(group->name, sizeof group->name, "%.*s", TEXT_ARGS(name));
        return group;
}

void group_destroy(struct group **group)
{
        if (*group) {
                while ((*group)->members) {
                        group_leave(*group, (*group)->members);
                }
                free((*group)->parts);
                free(*group);
                *group = NULL;
        }
}

struct member *group_find(const struct group *group, const struct address *address)
{
        struct member *member = group->members;
        while (member && !address_equal(&member->address, address)) {
                member = member->next;
        }
        return member;
}

/* The types as a set; numbers that this broker does not know are left out. */
static void take_types(struct list types, bool set[EVENT_count])
{
        const struct wire_type *type = types.at;
        memset(set, 0, EVENT_count * sizeof *set);
        for (size_t i = 0; i < types.count; i++) {
                if (type[i].type > 0 && type[i].type < EVENT_count) {
                        set[type[i].type] = true;
                }
        }
}

bool group_suits(const struct group *group, const struct address *address, struct list types)
{
        bool set[EVENT_count];
        const struct member *first = group->members;
        take_types(types, set);
        return !first || (!first->next && address_equal(&first->address, address)) ||
               memcmp(set, group->types, sizeof set) == 0;
}

struct member *group_join(struct group *group, const struct address *address,
                          const struct wire_hello *hello, int64_t now)
{
        struct member *member = group_find(group, address);
        if (!member) {
                struct member **last = &group->members;
                while (*last) {
                        last = &(*last)->next;
                }
                member = *last = calloc(1, sizeof *member);
                if (!member) {
                        panic("out of memory");
                }
                member->address = *address;
        }
        take_types(hello->types, group->types);
        member->hello = hello->number;
        member->heard_at = now;
        member->joining = true;
        member->dealt = member->number;
        member->credit = 0;
        group->stale = true;
        return member;
}

void group_leave(struct group *group, struct member *member)
{
        struct member **link = &group->members;
        while (*link != member) {
                link = &(*link)->next;
        }
        *link = member->next;
        for (size_t i = 0; i < group->part_count; i++) {
                struct partition *part = &group->parts[i];
                part->holder = part->holder == member ? NULL : part->holder;
                part->heir = part->heir == member ? NULL : part->heir;
        }
        free(member);
        group->stale = true;
}

size_t group_expire(struct group *group, int64_t now)
{
        size_t gone = 0;
        for (struct member *member = group->members, *next; member; member = next) {
                next = member->next;
                if (now - member->heard_at > GROUP_SILENCE) {
                        group_leave(group, member);
                        gone++;
                }
        }
        return gone;
}

/* Another number of partitions is another group of that name: everybody starts anew. */
static void make_parts(struct group *group, size_t count)
{
        free(group->parts);
        group->parts = calloc(count ? count : 1, sizeof *group->parts);
        if (!group->parts) {
                panic("out of memory");
        }
        group->part_count = count;
        for (struct member *member = group->members; member; member = member->next) {
                member->joining = true;
        }
}

void group_read(struct group *group, const int64_t *cursors, size_t count)
{
        if (count != group->part_count) {
                make_parts(group, count);
        }
        for (size_t i = 0; i < count; i++) {
                struct partition *part = &group->parts[i];
                if (!part->holder || part->holder->joining) {
                        part->cursor = part->sent = part->seen = cursors[i];
                }
        }
        for (struct member *member = group->members; member; member = member->next) {
                member->untold = member->untold || member->joining;
                member->joining = false;
        }
}

/* How many partitions the member is heir of. */
static size_t count_heir(const struct group *group, const struct member *member)
{
        size_t count = 0;
        for (size_t i = 0; i < group->part_count; i++) {
                count += group->parts[i].heir == member;
        }
        return count;
}

/* The members with the fewest and the most; those still joining do not count. False: nobody is
 * there. */
static bool find_ends(const struct group *group, struct member **poorest, size_t *least,
                      struct member **richest, size_t *most)
{
        *poorest = *richest = NULL;
        for (struct member *member = group->members; member; member = member->next) {
                size_t count = count_heir(group, member);
                if (member->joining) {
                        continue;
                }
                if (!*poorest || count < *least) {
                        *poorest = member;
                        *least = count;
                }
                if (!*richest || count > *most) {
                        *richest = member;
                        *most = count;
                }
        }
        return *poorest != NULL;
}

/* Another becomes heir of one of the member's partitions: rather of one that it does not hold
 * yet. */
static void give_one(struct group *group, const struct member *from, struct member *to)
{
        struct partition *picked = NULL;
        for (size_t i = 0; i < group->part_count; i++) {
                struct partition *part = &group->parts[i];
                if (part->heir == from && (!picked || part->holder != from)) {
                        picked = part;
                }
        }
        if (picked) {
                picked->heir = to;
        }
}

/* Names an heir for each partition, evenly. */
static void name_heirs(struct group *group)
{
        struct member *poorest, *richest;
        size_t least = 0, most = 0;
        for (size_t i = 0; i < group->part_count; i++) {
                struct partition *part = &group->parts[i];
                if (!part->heir && find_ends(group, &poorest, &least, &richest, &most)) {
                        part->heir = poorest;
                }
        }
        while (find_ends(group, &poorest, &least, &richest, &most) && most > least + 1) {
                give_one(group, richest, poorest);
        }
}

void group_share(struct group *group)
{
        name_heirs(group);
        for (size_t i = 0; i < group->part_count; i++) {
                struct partition *part = &group->parts[i];
                if (part->heir != part->holder && (!part->holder || part->sent == part->cursor)) {
                        if (part->holder) {
                                part->holder->untold = true;
                        }
                        part->heir->untold = true;
                        part->holder = part->heir;
                        part->seen = part->sent = part->cursor;
                }
        }
}

bool group_must_tell(const struct member *member)
{
        return member->untold && !member->joining;
}

size_t group_held(const struct group *group, const struct member *member,
                  struct wire_cursor *cursors)
{
        size_t count = 0;
        for (size_t i = 0; i < group->part_count; i++) {
                if (group->parts[i].holder == member) {
                        cursors[count++] =
                                (struct wire_cursor){ .part = (int64_t)i,
                                                      .position = group->parts[i].cursor };
                }
        }
        return count;
}
