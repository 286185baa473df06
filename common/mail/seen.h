/*
 * seen: when this instance last claimed letters, kept outside the store in STATE/NAME.seen. A store
 * whose last claim is older than that is an older copy, restored: it would send again what went
 * since (promise 7). A lost file only forgets; a restored machine, whose file is as old as its
 * store, cannot be told from itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct seen;

/* Makes the file if there is none. NULL (logged): it cannot be read and written. */
struct seen *seen_open(const char *directory, const char *name);
void seen_close(struct seen **seen);

/* The last claim noted, microseconds since 1970 UTC; 0: none. */
int64_t seen_at(const struct seen *seen);

/* Notes a claim before its letters leave. False (logged): it could not be written, so nothing may
 * be sent. */
bool seen_note(struct seen *seen, int64_t at);
