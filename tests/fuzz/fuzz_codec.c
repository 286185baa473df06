/*
 * codec: every record of events.def and wire.def from MessagePack. What is taken is within its
 * bounds, and comes back the same through MessagePack and through JSON. The first byte picks the
 * record.
 */
#include "common/event.h"
#include "common/wire.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/random.h"

/* An event's record or a verb's. */
static const struct record *pick(unsigned number)
{
        number %= EVENT_count + VERB_count;
        return number < EVENT_count ? event_record(number)
                                    : verb_record((enum verb)(number - EVENT_count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct text input = { (const char *)data, size };
        const struct record *record = pick(fuzz_byte(&input));
        if (!record)
                return 0;
        struct arena *arena = arena_new();
        struct fault fault = { "" };
        void *value = arena_alloc(arena, record->size), *again = arena_alloc(arena, record->size);
        if (codec_unpack(record, input, arena, value, &fault)) {
                require(codec_check(record, value, &fault));
                struct text packed = codec_packed(record, value, arena);
                require(codec_unpack(record, packed, arena, again, &fault));
                require(random_same(record, value, again));
                struct text json = codec_to_json(record, value, arena);
                require(codec_from_json(record, json, arena, again, &fault));
                require(random_same(record, value, again));
        } else {
                require(fault.reason[0]);
        }
        arena_destroy(&arena);
        return 0;
}
