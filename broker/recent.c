/*
 * recent: a ring of entries indexed by position. Invariant: ring[p & mask] holds event p for each p
 * in (floor, head], and bytes is the sum of their sizes.
 */
#include "broker/recent.h"
#include "common/log.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct recent {
        struct entry *ring;
        int64_t mask, floor, head;
        size_t bytes, most_bytes;
        struct buffer scratch;
};

struct recent *recent_new(size_t most_bytes)
{
        struct recent *recent = calloc(1, sizeof *recent);
        size_t places = 1024;
        while (places * 256 < most_bytes) {
                places *= 2;
        }
        if (!recent || !(recent->ring = calloc(places, sizeof *recent->ring))) {
                panic("out of memory");
        }
        recent->mask = (int64_t)places - 1;
        recent->most_bytes = most_bytes;
        return recent;
}

/* The oldest event goes. */
static void drop_oldest(struct recent *recent)
{
        struct entry *oldest = &recent->ring[++recent->floor & recent->mask];
        recent->bytes -= oldest->packed.size;
        free((void *)(uintptr_t)oldest->packed.at);
        *oldest = (struct entry){ 0 };
}

void recent_forget(struct recent *recent, int64_t head)
{
        while (recent->floor < recent->head) {
                drop_oldest(recent);
        }
        recent->floor = recent->head = head;
}

void recent_destroy(struct recent **recent)
{
        if (*recent) {
                recent_forget(*recent, 0);
                buffer_clear(&(*recent)->scratch);
                free((*recent)->ring);
                free(*recent);
                *recent = NULL;
        }
}

void recent_add(struct recent *recent, const struct wire_event *event)
{
        if (event->position != recent->head + 1) {
                panic("the log has a hole: %" PRId64 " after %" PRId64, event->position,
                      recent->head);
        }
        struct entry entry = entry_of(event, &recent->scratch);
        char *bytes = malloc(entry.packed.size);
        if (!bytes) {
                panic("out of memory");
        }
        memcpy(bytes, entry.packed.at, entry.packed.size);
        entry.packed.at = bytes;
        while (recent->floor < recent->head &&
               (recent->bytes + entry.packed.size > recent->most_bytes ||
                recent->head - recent->floor > recent->mask)) {
                drop_oldest(recent);
        }
        recent->head++;
        recent->bytes += entry.packed.size;
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
