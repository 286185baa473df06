/*
 * entry: see the header. The last fields of wire_event are the trace and the partition: an entry is
 * the record without them, but for a trace that there is, with one field more promised in the map's
 * head.
 */
#include "broker/entry.h"
#include "common/log.h"
#include "common/pack.h"
#include <string.h>

#define PART_KEY "\xa4part"

uint32_t entry_hash(struct text key)
{
        uint32_t hash = 2166136261u;
        for (size_t i = 0; i < key.size; i++) {
                hash = (hash ^ (unsigned char)key.at[i]) * 16777619u;
        }
        return hash;
}

/* BATCH's list of events says what an event is. */
const struct record *entry_record(void)
{
        const struct record *batch = verb_record(VERB_BATCH);
        size_t i = 0;
        while (i < batch->field_count && strcmp(batch->fields[i].name, "events") != 0) {
                i++;
        }
        if (i == batch->field_count) {
                panic("BATCH has no events");
        }
        return batch->fields[i].items();
}

struct entry entry_of(const struct wire_event *event, struct buffer *buffer)
{
        struct record record = *entry_record();
        record.field_count -= event->traceparent.size > 0 ? 1 : 2;
        buffer->size = 0;
        codec_pack(&record, event, buffer);
        if (((unsigned char)buffer->at[0] & 0xf0) != 0x80) {
                panic("an event's map has no short head");
        }
        buffer->at[0]++; /* one field more: the partition, by whoever sends it */
        buffer_add(buffer, PART_KEY, sizeof PART_KEY - 1);
        return (struct entry){ .position = event->position,
                               .type = event->type,
                               .hash = entry_hash(event->key),
                               .packed = { buffer->at, buffer->size } };
}

/* A field's name and its number. */
static void add_number(struct buffer *out, const char *key, int64_t number)
{
        pack_text(out, key, strlen(key));
        pack_int64(out, number);
}

/* About how many bytes the parcel takes: enough, so that the buffer grows once. */
static size_t guess_size(const struct parcel *parcel)
{
        enum { HEAD = 64, RANGE = 48, PART = 3 };
        size_t size = HEAD + RANGE * parcel->range_count + PART * parcel->entry_count;
        for (size_t i = 0; i < parcel->entry_count; i++) {
                size += parcel->entries[i]->packed.size;
        }
        return size;
}

void entry_pack_batch(const struct parcel *parcel, struct buffer *out)
{
        buffer_grow(out, guess_size(parcel));
        pack_map(out, 3);
        add_number(out, "number", parcel->number);
        pack_text(out, "ranges", strlen("ranges"));
        pack_array(out, parcel->range_count);
        for (size_t i = 0; i < parcel->range_count; i++) {
                pack_map(out, 3);
                add_number(out, "part", parcel->ranges[i].part);
                add_number(out, "from", parcel->ranges[i].from);
                add_number(out, "to", parcel->ranges[i].to);
        }
        pack_text(out, "events", strlen("events"));
        pack_array(out, parcel->entry_count);
        for (size_t i = 0; i < parcel->entry_count; i++) {
                const struct text packed = parcel->entries[i]->packed;
                buffer_add(out, packed.at, packed.size);
                pack_int16(out, parcel->parts[i]);
        }
}
