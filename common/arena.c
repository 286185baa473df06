/*
 * arena: a chain of blocks, filled from the newest. Small things share blocks of one size; a large
 * thing gets a block of its own. What is given out is zero, since a block is zeroed up to where it
 * was used.
 */
#include "common/arena.h"

#include "common/log.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (size_t)65536

struct block {
        struct block *next;
        size_t size, used;
        alignas(max_align_t) char bytes[];
};

struct arena {
        struct block *first; /* the newest */
};

/* An arena without blocks. */
struct arena *arena_new(void)
{
        struct arena *arena = calloc(1, sizeof(*arena));

        if (!arena)
                panic("out of memory");
        return arena;
}

/* Frees the arena and all that lives in it. */
void arena_destroy(struct arena **arena)
{
        if (!*arena)
                return;
        arena_clear(*arena);
        free((*arena)->first);
        free(*arena);
        *arena = NULL;
}

/* Frees all blocks but one of the common size, which is made zero again. */
void arena_clear(struct arena *arena)
{
        struct block *kept = NULL;

        while (arena->first) {
                struct block *block = arena->first;

                arena->first = block->next;
                if (kept || block->size != BLOCK_SIZE) {
                        free(block);
                        continue;
                }
                kept = block;
        }
        if (kept) {
                memset(kept->bytes, 0, kept->used);
                kept->used = 0;
                kept->next = NULL;
        }
        arena->first = kept;
}

/* A new block for at least size bytes, in front, or behind the one in use if only one thing fills
 * it. */
static struct block *add_block(struct arena *arena, size_t size, bool zero)
{
        bool large = size > BLOCK_SIZE / 4;
        struct block **place = large && arena->first ? &arena->first->next : &arena->first;
        struct block *block;

        if (!large)
                size = BLOCK_SIZE;
        block = zero || !large ? calloc(1, sizeof(*block) + size) : malloc(sizeof(*block) + size);
        if (!block)
                panic("out of memory for %zu bytes", size);
        block->size = size;
        block->used = 0;
        block->next = *place;
        *place = block;
        return block;
}

/* A thing's place in the block in use, or in a new one. */
static void *take(struct arena *arena, size_t size, bool zero)
{
        struct block *block = arena->first;
        void *memory;

        if (size > PTRDIFF_MAX / 2)
                panic("a request for %zu bytes", size);
        size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
        if (!block || block->size - block->used < size)
                block = add_block(arena, size, zero);
        memory = block->bytes + block->used;
        block->used += size;
        return memory;
}

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size)
{
        return take(arena, size, true);
}

/* Memory with any content: zero as well, but for a large thing. */
void *arena_raw(struct arena *arena, size_t size)
{
        return take(arena, size, false);
}

/* Zeroed memory for count things. */
void *arena_array(struct arena *arena, size_t count, size_t size)
{
        size_t total;

        if (__builtin_mul_overflow(count, size, &total))
                panic("a request for %zu things of %zu bytes", count, size);
        return arena_alloc(arena, total);
}

/* gcc 12 loses sight of a block, which the arena holds, once its bytes leave in a struct. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
/* A copy of the bytes, with a NUL behind them. */
struct text arena_copy(struct arena *arena, struct text t)
{
        char *bytes;

        if (!t.at)
                return t;
        bytes = arena_raw(arena, t.size + 1);
        if (t.size)
                memcpy(bytes, t.at, t.size);
        bytes[t.size] = '\0';
        return (struct text){ bytes, t.size };
}
#ifndef __clang__
#pragma GCC diagnostic pop
#endif

/* A new text as printf makes it. */
struct text arena_printf(struct arena *arena, const char *format, ...)
{
        va_list list;
        char *bytes;
        int size;

        va_start(list, format);
        size = vsnprintf(NULL, 0, format, list);
        va_end(list);
        if (size < 0)
                panic("cannot format \"%s\"", format);
        bytes = arena_alloc(arena, (size_t)size + 1);
        va_start(list, format);
        vsnprintf(bytes, (size_t)size + 1, format, list);
        va_end(list);
        return (struct text){ bytes, (size_t)size };
}

/* The text as a NUL-terminated string; no text gives the empty string. */
const char *arena_string(struct arena *arena, struct text t)
{
        return t.at ? arena_copy(arena, t).at : "";
}
