/*
 * kept: a list, in the order of use.
 */
#include "workers/web/kept.h"

#include "common/log.h"
#include <stdlib.h>

struct thing {
        struct thing *next;
        size_t name_size, size;
        char bytes[]; /* its name, then itself */
};

struct kept {
        struct thing *first;
        size_t size, most;
};

struct kept *kept_new(size_t most)
{
        struct kept *kept = calloc(1, sizeof *kept);
        if (!kept)
                panic("out of memory");
        kept->most = most;
        return kept;
}

/* Takes what stands there off the list. */
static struct thing *take(struct kept *kept, struct thing **place)
{
        struct thing *thing = *place;
        *place = thing->next;
        kept->size -= thing->size;
        return thing;
}

static void put_first(struct kept *kept, struct thing *thing)
{
        thing->next = kept->first;
        kept->first = thing;
        kept->size += thing->size;
}

void kept_destroy(struct kept **kept)
{
        if (!*kept)
                return;
        while ((*kept)->first)
                free(take(*kept, &(*kept)->first));
        free(*kept);
        *kept = NULL;
}

struct text kept_find(struct kept *kept, struct text name)
{
        for (struct thing **place = &kept->first; *place; place = &(*place)->next) {
                if (!text_equal((struct text){ (*place)->bytes, (*place)->name_size }, name))
                        continue;
                struct thing *thing = take(kept, place);
                put_first(kept, thing);
                return (struct text){ thing->bytes + thing->name_size, thing->size };
        }
        return (struct text){ 0 };
}

/* Drops those behind the first that are too much. */
static void make_room(struct kept *kept)
{
        while (kept->size > kept->most && kept->first->next) {
                struct thing **last = &kept->first->next;
                while ((*last)->next)
                        last = &(*last)->next;
                free(take(kept, last));
        }
}

struct text kept_add(struct kept *kept, struct text name, struct text made)
{
        struct thing *thing = malloc(sizeof *thing + name.size + made.size);
        if (!thing)
                panic("out of memory");
        thing->name_size = name.size;
        thing->size = made.size;
        memcpy(thing->bytes, name.at, name.size);
        memcpy(thing->bytes + name.size, made.at, made.size);
        put_first(kept, thing);
        make_room(kept);
        return (struct text){ thing->bytes + thing->name_size, thing->size };
}
