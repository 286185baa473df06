/*
 * entry: an event made ready for delivery once, whatever group it goes to: its place, its type, its
 * key's hash, and its MessagePack as a BATCH carries it, open at the end for the partition's number
 * (which differs from group to group).
 */
#pragma once

#include "common/wire.h"

struct entry {
        int64_t position, type;
        uint32_t hash; /* of the key: its partition is hash modulo the group's partitions */
        struct text packed;
};

/* The record of wire_event. */
const struct record *entry_record(void);

/* FNV-1a, 32 bits. */
uint32_t entry_hash(struct text key);

/* Makes the entry; .packed lies in the buffer, which is emptied first. event->part is not looked
 * at. */
struct entry entry_of(const struct wire_event *event, struct buffer *buffer);

/* A batch to be sent: the ranges, and the entries inside them, each with its partition. */
struct parcel {
        int64_t number;
        const struct wire_range *ranges;
        size_t range_count;
        const struct entry *const *entries;
        const int16_t *parts;
        size_t entry_count;
};

/* Appends the parcel as BATCH's MessagePack: what codec_pack would make of it, without
 * unpacking. */
void entry_pack_batch(const struct parcel *parcel, struct buffer *out);
