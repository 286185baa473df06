/*
 * codec: one table-driven codec between C structs, MessagePack maps by field name, and JSON. Tables
 * come from schemas/events.def and wire.def. Unknown keys are skipped, order is free, bounds are
 * checked both ways; a missing field is zero or empty, and then fails its bounds if these exclude
 * that. Input is hostile: sizes are bounded before anything is allocated (source: MessagePack
 * specification).
 */
#pragma once

#include "common/arena.h"
#include "common/buffer.h"
#include "common/text.h"
#include <string.h>

enum field_kind {
        FIELD_INT, /* int64_t, least..most */
        FIELD_CODE, /* struct text, an identifier (text_is_code), least..most bytes; 0: may be empty */
        FIELD_TEXT,  /* struct text, UTF-8, least..most bytes */
        FIELD_BYTES, /* struct text, any bytes */
        FIELD_LIST,  /* struct list of records, least..most of them */
};

struct record;

struct field {
        const char *name;
        size_t name_size;
        enum field_kind kind;
        size_t offset; /* in the struct */
        int64_t least, most;
        const struct record *(*items)(void); /* FIELD_LIST */
        const char *meaning;
};

/* A C struct described. */
struct record {
        const char *name;
        const char *meaning;
        size_t size;
        size_t field_count;
        const struct field *fields;
};

/* The value of a FIELD_LIST: count structs of items->size each. */
struct list {
        const void *at;
        size_t count;
};

/* What is wrong with an input, for a person: names the field. */
struct fault {
        char reason[200];
};

/* Whether every field is within its bounds; fault may be NULL. */
bool codec_check(const struct record *record, const void *value, struct fault *fault);

/* Appends the value, which has passed codec_check, as a MessagePack map. */
void codec_pack(const struct record *record, const void *value, struct buffer *out);

/* The same into the arena. */
struct text codec_packed(const struct record *record, const void *value, struct arena *arena);

/*
 * Fills value (record->size bytes) from a MessagePack map. Texts point into data, lists into the
 * arena. False: fault says what is wrong; value is then undefined.
 */
bool codec_unpack(const struct record *record, struct text data, struct arena *arena, void *value,
                  struct fault *fault);

/* The same from and to a JSON object. Texts live in the arena. 64-bit numbers are JSON integers;
 * bytes are base64. */
bool codec_from_json(const struct record *record, struct text json, struct arena *arena,
                     void *value, struct fault *fault);
struct text codec_to_json(const struct record *record, const void *value, struct arena *arena);

/* Writes what is wrong; fault may be NULL. Returns false. */
bool fault_set(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts the list's field and the item's number before the reason: "events[3]: key: …". Returns
 * false. */
bool fault_within(struct fault *fault, const struct field *field, size_t item);

/* Whether one field's value (at the member, in a struct) is within its bounds. */
bool field_check(const struct field *field, const void *member, struct fault *fault);

/* Sets one field of a zeroed value from "name" and its text (command line). */
bool codec_set(const struct record *record, void *value, struct text name, struct text text,
               struct arena *arena, struct fault *fault);
