/*
 * codec: what every direction shares (faults, bounds, setting one field by hand) and packing to
 * MessagePack. Reading MessagePack is in codec_read.c, JSON in codec_json.c.
 */
#include "common/codec.h"
#include "common/pack.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Writes what is wrong. */
bool fault_set(struct fault *fault, const char *format, ...)
{
        if (fault) {
                va_list args;
                va_start(args, format);
                vsnprintf(fault->reason, sizeof fault->reason, format, args);
                va_end(args);
        }
        return false;
}

/* Puts the way to the record before the reason. */
bool fault_within(struct fault *fault, const struct field *field, size_t item)
{
        if (fault) {
                struct fault inner = *fault;
                fault_set(fault, "%s[%zu]: %.150s", field->name, item, inner.reason);
        }
        return false;
}

/* A whole number within least..most. */
static bool check_int(const struct field *field, int64_t value, struct fault *fault)
{
        if (value < field->least || value > field->most) {
                return fault_set(fault, "%s: %" PRId64 " is not within %" PRId64 " to %" PRId64,
                                 field->name, value, field->least, field->most);
        }
        return true;
}

/* A text's length, and its form by its kind. */
static bool check_text(const struct field *field, struct text value, struct fault *fault)
{
        if (value.size > (size_t)field->most) {
                return fault_set(fault, "%s: %zu bytes, at most %" PRId64, field->name, value.size,
                                 field->most);
        }
        if (value.size < (size_t)field->least) {
                return fault_set(fault, "%s: %s", field->name,
                                 value.size ? "too short" : "missing or empty");
        }
        if (field->kind == FIELD_CODE && value.size > 0 && !text_is_code(value)) {
                return fault_set(fault, "%s: only letters, digits and - . / _ may stand here",
                                 field->name);
        }
        if (field->kind == FIELD_TEXT && value.size > 0 && !text_is_utf8(value))
                return fault_set(fault, "%s: not UTF-8", field->name);
        return true;
}

/* A list's length and each of its records. */
static bool check_list(const struct field *field, const struct list *list, struct fault *fault)
{
        const struct record *items = field->items();
        if (list->count < (size_t)field->least || list->count > (size_t)field->most) {
                return fault_set(fault, "%s: %zu of them, must be %" PRId64 " to %" PRId64,
                                 field->name, list->count, field->least, field->most);
        }
        for (size_t i = 0; i < list->count; i++)
                if (!codec_check(items, (const char *)list->at + i * items->size, fault))
                        return fault_within(fault, field, i);
        return true;
}

/* Whether one field's value is within its bounds. */
bool field_check(const struct field *field, const void *member, struct fault *fault)
{
        switch (field->kind) {
        case FIELD_INT:
                return check_int(field, *(const int64_t *)member, fault);
        case FIELD_CODE:
        case FIELD_TEXT:
        case FIELD_BYTES:
                return check_text(field, *(const struct text *)member, fault);
        case FIELD_LIST:
                break;
        }
        return check_list(field, member, fault);
}

/* Whether every field is within its bounds. */
bool codec_check(const struct record *record, const void *value, struct fault *fault)
{
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                if (!field_check(field, (const char *)value + field->offset, fault))
                        return false;
        }
        return true;
}

static void pack_record(struct buffer *out, const struct record *record, const char *value);

/* Its count, and each of its records. */
static void pack_list(struct buffer *out, const struct field *field, const struct list *list)
{
        const struct record *items = field->items();
        pack_array(out, list->count);
        for (size_t i = 0; i < list->count; i++)
                pack_record(out, items, (const char *)list->at + i * items->size);
}

/* One field's value. */
static void pack_field(struct buffer *out, const struct field *field, const char *member)
{
        const struct text *text = (const void *)member;
        switch (field->kind) {
        case FIELD_INT:
                pack_int64(out, *(const int64_t *)(const void *)member);
                return;
        case FIELD_CODE:
        case FIELD_TEXT:
                pack_text(out, text->at, text->size);
                return;
        case FIELD_BYTES:
                pack_bin(out, text->size);
                buffer_add(out, text->at, text->size);
                return;
        case FIELD_LIST:
                break;
        }
        pack_list(out, field, (const void *)member);
}

/* A map of all fields by name. */
static void pack_record(struct buffer *out, const struct record *record, const char *value)
{
        pack_map(out, record->field_count);
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                pack_text(out, field->name, field->name_size);
                pack_field(out, field, value + field->offset);
        }
}

/* Appends the value as a MessagePack map. */
void codec_pack(const struct record *record, const void *value, struct buffer *out)
{
        pack_record(out, record, value);
}

/* The same into the arena. */
struct text codec_packed(const struct record *record, const void *value, struct arena *arena)
{
        struct buffer buffer = { 0 };
        codec_pack(record, value, &buffer);
        struct text packed = arena_copy(arena, (struct text){ buffer.at, buffer.size });
        buffer_clear(&buffer);
        return packed;
}

/* The field of that name, or NULL. */
static const struct field *find_field(const struct record *record, struct text name)
{
        for (size_t i = 0; i < record->field_count; i++)
                if (text_equal(text_of(record->fields[i].name), name))
                        return &record->fields[i];
        return NULL;
}

/* Sets one field of a zeroed value. */
bool codec_set(const struct record *record, void *value, struct text name, struct text text,
               struct arena *arena, struct fault *fault)
{
        const struct field *field = find_field(record, name);
        if (!field || field->kind == FIELD_LIST || field->kind == FIELD_BYTES) {
                return fault_set(fault, "%.*s: %s has no such field", TEXT_ARGS(name),
                                 record->name);
        }
        void *member = (char *)value + field->offset;
        if (field->kind != FIELD_INT)
                *(struct text *)member = arena_copy(arena, text);
        else if (!text_to_int(text, member))
                return fault_set(fault, "%s: not a whole number", field->name);
        return field_check(field, member, fault);
}
