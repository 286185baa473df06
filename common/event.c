/*
 * event: the tables of schemas/events.def: a record for each event type, and what is read from
 * them. Decoding and dispatch to handlers are in event_handle.c, so that these tables need no
 * store.
 */
#include "common/event.h"

/* clang-format off */
/* A field of struct `self`: the function around it says which struct that is. */
#define INT(member, least, greatest, meaning) \
        { #member, sizeof #member - 1, FIELD_INT, offsetof(self, member), least, greatest, NULL, meaning },
#define CODE(member, most, meaning) \
        { #member, sizeof #member - 1, FIELD_CODE, offsetof(self, member), 1, most, NULL, meaning },
#define EVENT(number, type, meaning, members)                                                       \
        static const struct record *record_##type(void)                                             \
        {                                                                                           \
                typedef struct type self;                                                           \
                static const struct field fields[] = { members };                                   \
                static const struct record record = { #type, meaning, sizeof(self),                 \
                        sizeof fields / sizeof fields[0], fields };                                 \
                return &record;                                                                     \
        }
#include "schemas/events.def"
#undef EVENT
#undef CODE
#undef INT
/* clang-format on */

/* The record of a type. */
const struct record *event_record(int64_t type)
{
        switch (type) {
#define EVENT(number, type, meaning, members)                                                      \
        case number:                                                                               \
                return record_##type();
#include "schemas/events.def"
#undef EVENT
        default:
                return NULL;
        }
}

/* The type of that name. */
enum event_type event_named(struct text name)
{
        static const struct {
                struct text name;
                enum event_type type;
        } types[] = {
#define EVENT(number, type, meaning, members) { { #type, sizeof #type - 1 }, EVENT_##type },
#include "schemas/events.def"
#undef EVENT
        };
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
                if (text_equal(types[i].name, name))
                        return types[i].type;
        }
        return EVENT_none;
}

/* The name of a type. */
const char *event_name(int64_t type)
{
        const struct record *record = event_record(type);
        return record ? record->name : "unknown";
}

/* The key: the first field of the event's struct. */
struct text event_key(enum event_type type, const void *value)
{
        const struct record *record = event_record(type);
        if (!record)
                return (struct text){ 0 };
        return *(const struct text *)(const void *)((const char *)value + record->fields[0].offset);
}

/* The numbers of the types that have a handler. */
size_t event_types(const struct handlers *on, int64_t *types)
{
        size_t count = 0;
#define EVENT(number, type, meaning, members)                                                      \
        if (on->type)                                                                              \
                types[count++] = number;
#include "schemas/events.def"
#undef EVENT
        return count;
}
