/*
 * The log's newest stretch in memory, and the batches made of it: the same bytes that the codec
 * would make, whatever the partition.
 */
#include "broker/recent.h"
#include "common/event.h"
#include "tests/support/random.h"
#include "tests/support/test.h"
#include <string.h>

static struct wire_event event_at(int64_t position)
{
        return (struct wire_event){ .position = position,
                                    .at = position * 1000,
                                    .type = EVENT_session_held,
                                    .key = TEXT("N1-S1"),
                                    .actor = TEXT("root"),
                                    .cause = position / 2,
                                    .body = TEXT("\x81\xa7meeting\xa5N1-S1") };
}

static void test_memory_is_contiguous_up_to_the_head(void **state)
{
        struct recent *recent = recent_new(1 << 20);
        (void)state;
        recent_forget(recent, 41);
        assert_int_equal(recent_floor(recent), 41);
        for (int64_t position = 42; position <= 50; position++) {
                struct wire_event event = event_at(position);
                recent_add(recent, &event);
        }
        assert_int_equal(recent_head(recent), 50);
        assert_int_equal(recent_floor(recent), 41);
        assert_int_equal(recent_at(recent, 45)->position, 45);
        recent_forget(recent, 7);
        assert_int_equal(recent_head(recent), 7);
        assert_int_equal(recent_floor(recent), 7);
        recent_destroy(&recent);
}

static void test_memory_is_bounded_and_the_oldest_go(void **state)
{
        struct recent *recent = recent_new(10000);
        struct wire_event event = event_at(1);
        (void)state;
        recent_add(recent, &event);
        size_t size = recent_at(recent, 1)->packed.size;
        for (int64_t position = 2; position <= 5000; position++) {
                event = event_at(position);
                recent_add(recent, &event);
        }
        int64_t held = recent_head(recent) - recent_floor(recent);
        assert_int_equal(recent_head(recent), 5000);
        assert_in_range(held, 10000 / (int64_t)size - 10, 10000 / (int64_t)size);
        assert_int_equal(recent_at(recent, recent_floor(recent) + 1)->position,
                         recent_floor(recent) + 1);
        recent_destroy(&recent);
}

static void test_what_is_held_is_whole_whatever_the_sizes(void **state)
{
        enum { MOST = 20000, ROUNDS = 3000 };
        struct recent *recent = recent_new(MOST);
        struct random random = { 5 };
        char body[4096];
        (void)state;
        memset(body, 'x', sizeof body);
        for (int64_t position = 1; position <= ROUNDS; position++) {
                struct wire_event event = event_at(position);
                event.body = (struct text){ body, random_within(&random, 0, 9) ? 30 : sizeof body };
                recent_add(recent, &event);
                size_t held = 0;
                for (int64_t at = recent_floor(recent) + 1; at <= position; at++) {
                        const struct entry *entry = recent_at(recent, at);
                        struct wire_event read;
                        struct buffer packed = { 0 };
                        buffer_add(&packed, entry->packed.at, entry->packed.size);
                        buffer_add(&packed, "\x07", 1); /* the partition */
                        assert_true(codec_unpack(entry_record(),
                                                 (struct text){ packed.at, packed.size }, NULL,
                                                 &read, NULL));
                        assert_int_equal(read.position, at);
                        held += entry->packed.size;
                        buffer_clear(&packed);
                }
                assert_in_range(held, 1, MOST);
                assert_true(position < 1000 || held > MOST / 2);
        }
        recent_destroy(&recent);
}

static void test_a_batch_is_what_the_codec_reads(void **state)
{
        struct arena *arena = arena_new();
        struct random random = { 11 };
        (void)state;
        for (int round = 0; round < 200; round++) {
                enum { COUNT = 20 };
                struct wire_event given[COUNT];
                struct entry entry[COUNT];
                const struct entry *entries[COUNT];
                int16_t parts[COUNT];
                struct buffer scratch = { 0 }, packed = { 0 };
                struct wire_range ranges[2] = { { .part = 3, .from = 0, .to = INT64_MAX },
                                                { .part = 1023, .from = 7, .to = 9 } };
                enum extent extent = (enum extent)(round % 3);
                for (int i = 0; i < COUNT; i++) {
                        random_fill(&random, entry_record(), extent, &given[i], arena);
                        parts[i] = (int16_t)given[i].part;
                        entry[i] = entry_of(&given[i], &scratch);
                        entry[i].packed = arena_copy(arena, entry[i].packed);
                        entries[i] = &entry[i];
                }
                struct parcel parcel = { 77, ranges, 2, entries, parts, COUNT };
                struct wire_batch batch;
                struct fault fault;
                entry_pack_batch(&parcel, &packed);
                if (!codec_unpack(verb_record(VERB_BATCH), (struct text){ packed.at, packed.size },
                                  arena, &batch, &fault)) {
                        fail_msg("%s", fault.reason);
                }
                const struct wire_event *got = batch.events.at;
                const struct wire_range *range = batch.ranges.at;
                assert_int_equal(batch.number, 77);
                assert_int_equal(batch.ranges.count, 2);
                assert_true(range[0].to == INT64_MAX && range[1].part == 1023);
                assert_int_equal(batch.events.count, COUNT);
                for (int i = 0; i < COUNT; i++) {
                        assert_true(random_same(entry_record(), &given[i], &got[i]));
                        assert_int_equal(entry[i].hash, entry_hash(given[i].key));
                }
                buffer_clear(&scratch);
                buffer_clear(&packed);
                arena_clear(arena);
        }
        arena_destroy(&arena);
}

static void test_the_hash_is_fnv_1a(void **state)
{
        (void)state;
        assert_int_equal(entry_hash(TEXT("")), 0x811c9dc5u);
        assert_int_equal(entry_hash(TEXT("a")), 0xe40c292cu);
        assert_int_equal(entry_hash(TEXT("foobar")), 0xbf9cf968u);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_memory_is_contiguous_up_to_the_head),
                cmocka_unit_test(test_memory_is_bounded_and_the_oldest_go),
                cmocka_unit_test(test_what_is_held_is_whole_whatever_the_sizes),
                cmocka_unit_test(test_a_batch_is_what_the_codec_reads),
                cmocka_unit_test(test_the_hash_is_fnv_1a),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
