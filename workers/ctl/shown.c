/*
 * shown: the codec read backwards for people and programs, and what the store has no value for.
 */
#include "workers/ctl/shown.h"

#include <inttypes.h>

struct text shown_data(struct arena *arena, int64_t type, struct text body)
{
        const struct record *record = event_record(type);
        void *value = record ? arena_alloc(arena, record->size) : NULL;
        if (!value || !codec_unpack(record, body, arena, value, NULL))
                return (struct text){ 0 };
        return codec_to_json(record, value, arena);
}

json_t *shown_document(struct arena *arena, int64_t type, struct text body)
{
        struct text data = shown_data(arena, type, body);
        json_t *document = data.at ? json_loadb(data.at, data.size, 0, NULL) : NULL;
        return document ? document : json_null();
}

json_t *shown_number(int64_t number)
{
        return number == DB_NULL ? json_null() : json_integer(number);
}

struct text shown_text(struct arena *arena, int64_t number)
{
        return number == DB_NULL ? TEXT("") : arena_printf(arena, "%" PRId64, number);
}
