/*
 * event: what schemas/events.def expands into: a struct and a record for each event type, their
 * numbers, typed handler slots, and functions to append each (tx.h has the transaction they go
 * into).
 */
#pragma once

#include "common/codec.h"

struct tx;

/* What a handler says. */
enum status {
        DONE,   /* effects are in the transaction */
        RETRY,  /* the world's fault: holds only the event's partition, tried again after a pause */
        REJECT, /* the event's fault: parked with its reason (tx_reject) */
};

/* struct meeting_scheduled { struct text meeting; int64_t version; }; … */
#define INT(name, least, greatest, meaning) int64_t name;
#define CODE(name, most, meaning)           struct text name;
#define EVENT(number, name, meaning, fields)                                                       \
        struct name {                                                                              \
                fields                                                                             \
        };
#include "schemas/events.def"
#undef EVENT
#undef CODE
#undef INT

enum event_type {
        EVENT_none = 0,
#define EVENT(number, name, meaning, fields) EVENT_##name = number,
#include "schemas/events.def"
#undef EVENT
        EVENT_count /* one more than the greatest number */
};

/* One slot for each type; an empty slot is a subscription not taken. */
struct handlers {
#define EVENT(number, name, meaning, fields)                                                       \
        enum status (*name)(struct tx * tx, const struct name *event);
#include "schemas/events.def"
#undef EVENT
};

/* An event as it stands in the log. */
struct event {
        int64_t position;
        int64_t at; /* microseconds since 1970 UTC */
        enum event_type type;
        struct text key, actor;
        int64_t cause;           /* position of the event that led to it, or 0 */
        struct text body;        /* MessagePack */
        struct text traceparent; /* the trace it belongs to (traceparent.h), or no text */
        int64_t part;            /* partition, in a batch */
};

/* The record of a type; NULL for a number or name that is not declared. */
const struct record *event_record(int64_t type);
enum event_type event_named(struct text name);

/* "meeting_scheduled"; "unknown" for what is not declared. */
const char *event_name(int64_t type);

/* The key: the first field of the event's struct. */
struct text event_key(enum event_type type, const void *value);

/* The numbers of the types that have a handler, written to types (EVENT_count places); returns how
 * many. */
size_t event_types(const struct handlers *on, int64_t *types);

/* Decodes the body and calls the handler; REJECT with a reason if it does not decode, DONE if the
 * slot is empty. */
enum status event_handle(const struct handlers *on, struct tx *tx, const struct event *event);
