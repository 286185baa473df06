/*
 * news: names of events and fields looked up in the tables, values read by the codec, the event
 * packed for the wire.
 */
#include "workers/ctl/news.h"

#include "workers/ctl/ctl.h"
#include <string.h>

/* The type of that name; EVENT_none: the fault says so, and which is the nearest. */
static enum event_type find_type(struct arena *arena, struct text name, struct fault *fault)
{
        const char *names[EVENT_count + 1] = { NULL };
        size_t count = 0;
        enum event_type type = event_named(name);
        if (type != EVENT_none)
                return type;
        for (int64_t number = 1; number < EVENT_count; number++)
                if (event_record(number))
                        names[count++] = event_name(number);
        const char *near = name.size < 80 ? ctl_nearest(arena_string(arena, name), names) : NULL;
        fault_set(fault, "there is no event '%.*s'; %s%s", (int)(name.size < 80 ? name.size : 80),
                  name.at, near ? "did you mean " : "see padriver publish --help",
                  near ? near : "");
        return EVENT_none;
}

/* Checks the value and packs it. */
static bool pack(struct arena *arena, enum event_type type, const void *value,
                 struct wire_news *news, struct fault *fault)
{
        const struct record *record = event_record(type);
        if (!codec_check(record, value, fault))
                return false;
        *news = (struct wire_news){ .type = text_of(event_name(type)),
                                    .body = codec_packed(record, value, arena) };
        return true;
}

bool news_from_words(struct arena *arena, int argc, char **argv, struct wire_news *news,
                     struct fault *fault)
{
        enum event_type type = find_type(arena, text_of(argv[0]), fault);
        if (type == EVENT_none)
                return false;
        const struct record *record = event_record(type);
        void *value = arena_alloc(arena, record->size);
        for (int i = 1; i < argc; i++) {
                struct text text = text_of(argv[i]);
                struct text name = text_cut(&text, '=');
                if (!text.at)
                        return fault_set(fault, "'%.100s' is not FIELD=VALUE", argv[i]);
                if (!codec_set(record, value, name, text, arena, fault))
                        return false;
        }
        return pack(arena, type, value, news, fault);
}

/* The members of the object that the line holds. */
static bool take_members(struct arena *arena, const json_t *line, struct wire_news *news,
                         int64_t *number, struct fault *fault)
{
        const json_t *type = json_object_get(line, "type"), *data = json_object_get(line, "data");
        const json_t *numbered = json_object_get(line, "number");
        if (!json_is_string(type) || !json_is_object(data))
                return fault_set(fault, "an event is {\"type\": \"…\", \"data\": {…}}");
        if (numbered && (!json_is_integer(numbered) || json_integer_value(numbered) < 1))
                return fault_set(fault, "number is a whole number from 1");
        enum event_type known = find_type(arena, text_of(json_string_value(type)), fault);
        if (known == EVENT_none)
                return false;
        void *value = arena_alloc(arena, event_record(known)->size);
        char *object = json_dumps(data, JSON_COMPACT);
        bool good = codec_from_json(event_record(known), arena_copy(arena, text_of(object)), arena,
                                    value, fault);
        free(object);
        if (good && numbered)
                *number = json_integer_value(numbered);
        return good && pack(arena, known, value, news, fault);
}

bool news_from_json(struct arena *arena, struct text line, struct wire_news *news, int64_t *number,
                    struct fault *fault)
{
        json_error_t error;
        json_t *document = json_loadb(line.at, line.size, JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(document)) {
                json_decref(document);
                return fault_set(fault, "not a JSON object: %.120s",
                                 document ? "another value" : error.text);
        }
        bool good = take_members(arena, document, news, number, fault);
        json_decref(document);
        return good;
}

/* One event of the help: name, meaning, fields. */
static struct text describe(struct arena *arena, struct text before, const struct record *record)
{
        struct text text = arena_printf(arena, "%.*s  %s: %s\n", TEXT_ARGS(before), record->name,
                                        record->meaning);
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                text = arena_printf(arena, "%.*s      %s=%s  %s\n", TEXT_ARGS(text), field->name,
                                    field->kind == FIELD_INT ? "NUMBER" : "CODE", field->meaning);
        }
        return text;
}

struct text news_help(struct arena *arena)
{
        struct text text = TEXT("Events and their fields, the key first:\n");
        for (int64_t type = 1; type < EVENT_count; type++)
                if (event_record(type))
                        text = describe(arena, text, event_record(type));
        return text;
}
