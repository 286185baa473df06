/*
 * pages: stretches of the log that lie before what is in memory, read for members that lag behind.
 * A page holds what the log has of a set of event types, so members and groups that take the same
 * share it; while one is worked on the next is read. They are read by a connection of their own:
 * who publishes does not wait behind them. Bounded by MOST pages of EVENTS events; what nobody
 * looked at for a while goes.
 */
#include "broker/broker.h"
#include "broker/broker_sql.h"
#include "common/log.h"
#include <stdlib.h>
#include <string.h>

enum {
        EVENTS = 1024, /* in a page, at most */
        SPAN = 16384,  /* positions that a page looks through */
        MOST = 16,     /* pages */
        READS = 4,     /* of them being read */
        STALE_MS = 1000,
};

struct page {
        struct page *next;
        struct broker *broker;
        struct arena *arena; /* holds the page itself */
        bool types[EVENT_count];
        int64_t from, to; /* as asked for while it is being read, then as read */
        bool reading;
        int64_t used_at; /* monotonic ms */
        const struct entry **places;
        size_t count;
};

/* The page goes. */
static void drop(struct page *page)
{
        struct page **link = &page->broker->pages;
        struct arena *arena = page->arena;
        while (*link != page) {
                link = &(*link)->next;
        }
        *link = page->next;
        arena_destroy(&arena);
}

/* The page that begins before the event after from, read or being read; NULL: there is none. */
static struct page *find(const struct broker *broker, const bool *types, int64_t from)
{
        struct page *page = broker->pages;
        while (page && (from < page->from || from >= page->to ||
                        memcmp(types, page->types, sizeof page->types) != 0)) {
                page = page->next;
        }
        return page;
}

/* A page's rows. */
static void take_rows(struct page *page, const struct db_result *result)
{
        struct buffer packed = { 0 };
        size_t count = (size_t)result->rows;
        struct entry *entries = arena_array(page->arena, count, sizeof *entries);
        page->places = arena_array(page->arena, count, sizeof *page->places);
        for (size_t i = 0; i < count; i++) {
                struct wire_event event = follow_event_of(result, (int64_t)i);
                entries[i] = entry_of(&event, &packed);
                entries[i].packed = arena_copy(page->arena, entries[i].packed);
                page->places[i] = &entries[i];
        }
        if (count == EVENTS) {
                page->to = entries[count - 1].position;
        }
        page->count = count;
        buffer_clear(&packed);
}

static void take_page(void *context, const struct db_result *result)
{
        struct page *page = context;
        if (result->end == DB_OK && !page->broker->failed) {
                take_rows(page, result);
                page->reading = false;
                page->used_at = clock_monotonic_ms();
        } else {
                broker_fail(page->broker, "a page of the log cannot be read", result);
                drop(page);
        }
}

/* Room for one more: the page that nobody looked at for the longest time goes, but not the one that
 * is being looked at. False: enough are being read. */
static bool make_room(struct broker *broker, const struct page *kept)
{
        struct page *oldest = NULL;
        size_t count = 0, reading = 0;
        for (struct page *page = broker->pages; page; page = page->next) {
                count++;
                reading += page->reading;
                if (!page->reading && page != kept &&
                    (!oldest || page->used_at < oldest->used_at)) {
                        oldest = page;
                }
        }
        if (oldest && reading < READS && count == MOST) {
                drop(oldest);
        }
        return reading < READS;
}

/* Asks for the page after from, if there is room; kept: the one that is being looked at. */
static void order(struct broker *broker, const bool *types, int64_t from, const struct page *kept)
{
        if (!make_room(broker, kept) || !broker_open_aside(broker)) {
                return;
        }
        struct arena *arena = arena_new();
        struct page *page = arena_alloc(arena, sizeof *page);
        int64_t head = recent_head(broker->recent), numbers[EVENT_count];
        size_t count = 0;
        for (int64_t type = 0; type < EVENT_count; type++) {
                if (types[type]) {
                        numbers[count++] = type;
                }
        }
        *page = (struct page){ .next = broker->pages,
                               .broker = broker,
                               .arena = arena,
                               .from = from,
                               .to = head - from > SPAN ? from + SPAN : head,
                               .reading = true };
        memcpy(page->types, types, sizeof page->types);
        broker->pages = page;
        const union param params[] = { { .integer = page->from },
                                       { .integer = page->to },
                                       { .ints = { numbers, count } },
                                       { .integer = EVENTS } };
        broker->counts.pages++;
        db_send(broker->aside, &broker_page_statement, params, take_page, page);
}

/* What the page shows after from. */
static struct view view_of(const struct page *page, int64_t from)
{
        size_t first = 0, end = page->count;
        while (first < end) {
                size_t middle = first + (end - first) / 2;
                if (page->places[middle]->position <= from) {
                        first = middle + 1;
                } else {
                        end = middle;
                }
        }
        return (struct view){ .from = from,
                              .to = page->to,
                              .entries = page->places + first,
                              .count = page->count - first };
}

bool pages_look(struct broker *broker, const bool *types, int64_t from, struct view *view)
{
        struct page *page = find(broker, types, from);
        if (!page) {
                order(broker, types, from, NULL);
                return false;
        }
        if (page->reading) {
                return false;
        }
        if (page->to < recent_floor(broker->recent) && !find(broker, types, page->to)) {
                order(broker, types, page->to, page); /* while this one is worked on */
        }
        page->used_at = clock_monotonic_ms();
        *view = view_of(page, from);
        return true;
}

void pages_turn(struct broker *broker, int64_t now)
{
        for (struct page *page = broker->pages, *next; page; page = next) {
                next = page->next;
                if (!page->reading && now - page->used_at > STALE_MS) {
                        drop(page);
                }
        }
}

void pages_forget(struct broker *broker)
{
        db_close(broker->aside); /* ends what is being read */
        while (broker->pages) {
                drop(broker->pages);
        }
}
