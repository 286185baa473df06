/*
 * recent: two rings, one of entries indexed by position and one of their bytes, each entry's in one
 * piece. Invariant: ring[p & mask] holds event p for each p in (floor, head], and their bytes lie
 * in order between those of floor + 1 and filled, around the end if need be.
 */
#include "broker/recent.h"
#include "common/log.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct recent {
        struct entry *ring;
        int64_t mask, floor, head;
        char *bytes;
        size_t most_bytes, filled; /* where the next entry's bytes may begin */
        struct buffer scratch;
};

struct recent *recent_new(size_t most_bytes)
{
        struct recent *recent = calloc(1, sizeof *recent);
        size_t places = 1024;
        while (places * 256 < most_bytes) {
                places *= 2;
        }
        if (!recent || !(recent->ring = calloc(places, sizeof *recent->ring)) ||
            !(recent->bytes = malloc(most_bytes))) {
                panic("out of memory");
        }
        recent->mask = (int64_t)places - 1;
        recent->most_bytes = most_bytes;
        return recent;
}

void recent_forget(struct recent *recent, int64_t head)
{
        recent->floor = recent->head = head;
        recent->filled = 0;
}

void recent_destroy(struct recent **recent)
{
        if (*recent) {
                buffer_clear(&(*recent)->scratch);
                free((*recent)->ring);
                free((*recent)->bytes);
                free(*recent);
                *recent = NULL;
        }
}

/* Whether the oldest event's bytes lie in the stretch of the ring. */
static bool is_in_the_way(const struct recent *recent, size_t from, size_t to)
{
        if (recent->floor == recent->head) {
                return false;
        }
        const struct entry *oldest = &recent->ring[(recent->floor + 1) & recent->mask];
        size_t at = (size_t)(oldest->packed.at - recent->bytes);
        return at < to && at + oldest->packed.size > from;
}

/* A place for the bytes; the oldest events go for it. What lies behind the place last filled, up
 * to the ring's end, goes too when there is no room for the next there. */
static char *make_room(struct recent *recent, size_t size)
{
        size_t from = recent->filled, to = from + size;
        if (to > recent->most_bytes) {
                while (is_in_the_way(recent, from, recent->most_bytes)) {
                        recent->floor++;
                }
                from = 0;
                to = size;
        }
        while (is_in_the_way(recent, from, to) || recent->head - recent->floor > recent->mask) {
                recent->floor++;
        }
        recent->filled = to;
        return recent->bytes + from;
}

void recent_add(struct recent *recent, const struct wire_event *event)
{
        if (event->position != recent->head + 1) {
                panic("the log has a hole: %" PRId64 " after %" PRId64, event->position,
                      recent->head);
        }
        struct entry entry = entry_of(event, &recent->scratch);
        char *place = make_room(recent, entry.packed.size);
        memcpy(place, entry.packed.at, entry.packed.size);
        entry.packed.at = place;
        recent->head++;
        recent->ring[recent->head & recent->mask] = entry;
}

int64_t recent_head(const struct recent *recent)
{
        return recent->head;
}

int64_t recent_floor(const struct recent *recent)
{
        return recent->floor;
}

const struct entry *recent_at(const struct recent *recent, int64_t position)
{
        return &recent->ring[position & recent->mask];
}
