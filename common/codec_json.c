/*
 * codec_json: structs from and to JSON objects, by jansson: no key twice, whole numbers exact, no
 * floating point. Bytes are base64. Unknown keys are skipped, as in MessagePack.
 */
#include "common/codec.h"
#include "common/log.h"
#include <jansson.h>
#include <sodium.h>
#include <string.h>

/* The greatest JSON text read, in bytes. */
enum { JSON_MOST = 4 * 1024 * 1024 };

static bool read_record(const struct record *record, const json_t *object, struct arena *arena,
                        char *value, struct fault *fault);

/* A string, or base64 for bytes. */
static bool read_text(const struct field *field, const json_t *json, struct arena *arena,
                      struct text *text, struct fault *fault)
{
        if (json_typeof(json) != JSON_STRING)
                return fault_set(fault, "%s: not a string", field->name);
        struct text given = { json_string_value(json), json_string_length(json) };
        if (field->kind != FIELD_BYTES) {
                *text = arena_copy(arena, given);
                return true;
        }
        unsigned char *bytes = arena_alloc(arena, given.size / 4 * 3 + 3);
        const char *end = NULL;
        if (sodium_base642bin(bytes, given.size / 4 * 3 + 3, given.at, given.size, NULL,
                              &text->size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
            end != given.at + given.size)
                return fault_set(fault, "%s: not base64", field->name);
        text->at = (const char *)bytes;
        return true;
}

/* An array of objects. */
static bool read_list(const struct field *field, const json_t *json, struct arena *arena,
                      struct list *list, struct fault *fault)
{
        size_t count = json_array_size(json);
        if (json_typeof(json) != JSON_ARRAY)
                return fault_set(fault, "%s: not a list", field->name);
        if (count > (size_t)field->most)
                return fault_set(fault, "%s: too many", field->name);
        const struct record *items = field->items();
        char *at = arena_array(arena, count, items->size);
        for (size_t i = 0; i < count; i++) {
                char *item = at + i * items->size;
                if (!read_record(items, json_array_get(json, i), arena, item, fault))
                        return fault_within(fault, field, i);
        }
        *list = (struct list){ at, count };
        return true;
}

/* One field's value; its bounds are checked with the whole record. */
static bool read_field(const struct field *field, const json_t *json, struct arena *arena,
                       void *member, struct fault *fault)
{
        switch (field->kind) {
        case FIELD_INT:
                if (json_typeof(json) != JSON_INTEGER)
                        return fault_set(fault, "%s: not a whole number", field->name);
                *(int64_t *)member = json_integer_value(json);
                return true;
        case FIELD_CODE:
        case FIELD_TEXT:
        case FIELD_BYTES:
                return read_text(field, json, arena, member, fault);
        case FIELD_LIST:
                break;
        }
        return read_list(field, json, arena, member, fault);
}

/* An object by field name. */
static bool read_record(const struct record *record, const json_t *object, struct arena *arena,
                        char *value, struct fault *fault)
{
        if (json_typeof(object) != JSON_OBJECT)
                return fault_set(fault, "not a JSON object");
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                const json_t *json = json_object_get(object, field->name);
                char *member = value + field->offset;
                if ((json && !read_field(field, json, arena, member, fault)) ||
                    !field_check(field, member, fault))
                        return false;
        }
        return true;
}

/* Fills value from a JSON object. */
bool codec_from_json(const struct record *record, struct text json, struct arena *arena,
                     void *value, struct fault *fault)
{
        if (json.size > JSON_MOST)
                return fault_set(fault, "%zu bytes of JSON, at most %d", json.size, JSON_MOST);
        json_error_t error;
        json_t *object =
                json_loadb(json.at ? json.at : "", json.size, JSON_REJECT_DUPLICATES, &error);
        if (!object) {
                return fault_set(fault, "not JSON: %s (line %d, column %d)", error.text, error.line,
                                 error.column);
        }
        memset(value, 0, record->size);
        bool good = read_record(record, object, arena, value, fault);
        json_decref(object);
        return good;
}

/* The bytes as a base64 string. */
static json_t *write_bytes(struct text bytes)
{
        size_t size = sodium_base64_encoded_len(bytes.size, sodium_base64_VARIANT_ORIGINAL);
        struct arena *arena = arena_new();
        char *base64 = arena_alloc(arena, size);
        sodium_bin2base64(base64, size, (const unsigned char *)(bytes.at ? bytes.at : ""),
                          bytes.size, sodium_base64_VARIANT_ORIGINAL);
        json_t *json = json_string(base64);
        arena_destroy(&arena);
        return json;
}

static json_t *write_record(const struct record *record, const char *value);

/* An array of objects. */
static json_t *write_list(const struct field *field, const struct list *list)
{
        const struct record *items = field->items();
        json_t *array = json_array();
        for (size_t i = 0; i < list->count; i++) {
                json_array_append_new(
                        array, write_record(items, (const char *)list->at + i * items->size));
        }
        return array;
}

/* One field's value. */
static json_t *write_field(const struct field *field, const void *member)
{
        const struct text *text = member;
        switch (field->kind) {
        case FIELD_INT:
                return json_integer(*(const int64_t *)member);
        case FIELD_CODE:
        case FIELD_TEXT:
                return json_stringn(text->at ? text->at : "", text->size);
        case FIELD_BYTES:
                return write_bytes(*text);
        case FIELD_LIST:
                break;
        }
        return write_list(field, member);
}

/* An object of all fields, in the table's order. */
static json_t *write_record(const struct record *record, const char *value)
{
        json_t *object = json_object();
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                json_object_set_new(object, field->name, write_field(field, value + field->offset));
        }
        return object;
}

/* The value as a JSON object on one line. */
struct text codec_to_json(const struct record *record, const void *value, struct arena *arena)
{
        struct fault fault;
        if (!codec_check(record, value, &fault))
                panic("writing %s as JSON: %s", record->name, fault.reason);
        json_t *object = write_record(record, value);
        char *line = json_dumps(object, JSON_COMPACT);
        json_decref(object);
        struct text json = arena_copy(arena, text_of(line));
        free(line);
        return json;
}
