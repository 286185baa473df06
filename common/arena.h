/*
 * arena: memory that is given back all at once. What a batch brings lives in its arena and dies
 * with it. Allocation does not fail to its caller (out of memory panics); callers bound sizes
 * before asking.
 */
#pragma once

#include "common/text.h"

struct arena;

struct arena *arena_new(void);
void arena_destroy(struct arena **arena);

/* Gives everything back; keeps one block for the next use. */
void arena_clear(struct arena *arena);

/* Zeroed memory, aligned for any type. Lives until clear or destroy. */
__attribute__((returns_nonnull)) void *arena_alloc(struct arena *arena, size_t size);

/* The same with any content, for who fills it all. */
__attribute__((returns_nonnull)) void *arena_raw(struct arena *arena, size_t size);

/* Zeroed memory for count things of size each; panics on overflow. */
__attribute__((returns_nonnull)) void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of the bytes, with a NUL behind them. No text stays no text. */
struct text arena_copy(struct arena *arena, struct text t);

/* As printf into a new text, with a NUL behind it. */
struct text arena_printf(struct arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* The text as a NUL-terminated string. */
const char *arena_string(struct arena *arena, struct text t);
