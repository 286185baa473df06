/*
 * recent: the newest stretch of the log in memory, without a hole, up to the head that the broker
 * knows. Delivery from here spares the store a read for each group. Bounded in bytes: the oldest
 * go.
 */
#pragma once

#include "broker/entry.h"

struct recent;

struct recent *recent_new(size_t most_bytes);
void recent_destroy(struct recent **recent);

/* Forgets all; the log is known up to head. */
void recent_forget(struct recent *recent, int64_t head);

/* The next event of the log; its position must be the head's next (else panics). */
void recent_add(struct recent *recent, const struct wire_event *event);

int64_t recent_head(const struct recent *recent);

/* The least position after which everything up to the head is here. */
int64_t recent_floor(const struct recent *recent);

/* The event there: floor < position <= head. */
const struct entry *recent_at(const struct recent *recent, int64_t position);
