/*
 * entry: see the header. The last field of wire_event is the partition, so an entry is the record
 * without it, with one field more promised in the map's head.
 */
#include "broker/entry.h"
#include "common/log.h"
#include <msgpack.h>
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
        record.field_count--;
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

/* For msgpack-c's packer. */
static int add_bytes(void *buffer, const char *bytes, size_t size)
{
        buffer_add(buffer, bytes, size);
        return 0;
}

/* A field's name. */
static void add_key(msgpack_packer *packer, const char *key)
{
        msgpack_pack_str(packer, strlen(key));
        msgpack_pack_str_body(packer, key, strlen(key));
}

/* A number of the ranges. */
static void add_number(msgpack_packer *packer, const char *key, int64_t number)
{
        add_key(packer, key);
        msgpack_pack_int64(packer, number);
}

void entry_pack_batch(const struct parcel *parcel, struct buffer *out)
{
        msgpack_packer packer;
        msgpack_packer_init(&packer, out, add_bytes);
        msgpack_pack_map(&packer, 3);
        add_number(&packer, "number", parcel->number);
        add_key(&packer, "ranges");
        msgpack_pack_array(&packer, parcel->range_count);
        for (size_t i = 0; i < parcel->range_count; i++) {
                msgpack_pack_map(&packer, 3);
                add_number(&packer, "part", parcel->ranges[i].part);
                add_number(&packer, "from", parcel->ranges[i].from);
                add_number(&packer, "to", parcel->ranges[i].to);
        }
        add_key(&packer, "events");
        msgpack_pack_array(&packer, parcel->entry_count);
        for (size_t i = 0; i < parcel->entry_count; i++) {
                const struct text packed = parcel->entries[i]->packed;
                buffer_add(out, packed.at, packed.size);
                msgpack_pack_int16(&packer, parcel->parts[i]);
        }
}
