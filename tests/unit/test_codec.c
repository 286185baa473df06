/*
 * What goes through the codec comes out the same: every event and every verb, as MessagePack and as
 * JSON, with random values and at its bounds.
 */
#include "tests/support/test.h"

#include "common/event.h"
#include "common/wire.h"
#include "tests/support/random.h"
#include <inttypes.h>
#include <string.h>

enum { TURNS = 20, SEED = 2027 };

typedef void check_value(const struct record *record, const void *value, struct arena *arena);

/* Calls check with values of every event and verb. */
static void for_every_record(check_value *check)
{
        struct random random = { SEED };
        for (int64_t n = 1; n < EVENT_count + (int)VERB_count; n++) {
                const struct record *record = n < EVENT_count
                                                      ? event_record(n)
                                                      : verb_record((enum verb)(n - EVENT_count));
                for (int turn = 0; record && turn < TURNS; turn++) {
                        struct arena *arena = arena_new();
                        void *value = arena_alloc(arena, record->size);
                        random_fill(&random, record,
                                    turn < EXTENT_ANY ? (enum extent)turn : EXTENT_ANY, value,
                                    arena);
                        check(record, value, arena);
                        arena_destroy(&arena);
                }
        }
}

static void pass_through_msgpack(const struct record *record, const void *value,
                                 struct arena *arena)
{
        struct fault fault = { "" };
        void *copy = arena_alloc(arena, record->size);
        struct text packed = codec_packed(record, value, arena);
        if (!codec_unpack(record, packed, arena, copy, &fault))
                fail_msg("%s: %s", record->name, fault.reason);
        assert_true(random_same(record, value, copy));
}

static void test_every_record_passes_through_msgpack(void **state)
{
        (void)state;
        for_every_record(pass_through_msgpack);
}

static void pass_through_json(const struct record *record, const void *value, struct arena *arena)
{
        struct fault fault = { "" };
        void *copy = arena_alloc(arena, record->size);
        struct text json = codec_to_json(record, value, arena);
        if (!codec_from_json(record, json, arena, copy, &fault))
                fail_msg("%s: %s", record->name, fault.reason);
        assert_true(random_same(record, value, copy));
}

static void test_every_record_passes_through_json(void **state)
{
        (void)state;
        for_every_record(pass_through_json);
}

/* Sets each field that can be set by hand from its printed value. */
static void pass_through_command_line(const struct record *record, const void *value,
                                      struct arena *arena)
{
        void *copy = arena_alloc(arena, record->size);
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                const void *member = (const char *)value + field->offset;
                if (field->kind != FIELD_INT && field->kind != FIELD_CODE &&
                    field->kind != FIELD_TEXT)
                        return;
                struct text text = field->kind == FIELD_INT ? arena_printf(arena, "%" PRId64,
                                                                           *(const int64_t *)member)
                                                            : *(const struct text *)member;
                assert_true(codec_set(record, copy, text_of(field->name), text, arena, NULL));
        }
        assert_true(random_same(record, value, copy));
}

static void test_every_event_can_be_set_field_by_field(void **state)
{
        (void)state;
        for_every_record(pass_through_command_line);
}

static void refuse_each_beyond_its_bounds(const struct record *record, const void *value,
                                          struct arena *arena)
{
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                char *copy = arena_alloc(arena, record->size);
                memcpy(copy, value, record->size);
                if (field->kind == FIELD_INT && field->most < INT64_MAX) {
                        *(int64_t *)(void *)(copy + field->offset) = field->most + 1;
                } else if (field->kind == FIELD_CODE || field->kind == FIELD_TEXT) {
                        struct text *text = (void *)(copy + field->offset);
                        char *bytes = arena_alloc(arena, (size_t)field->most + 1);
                        memset(bytes, 'a', (size_t)field->most + 1);
                        *text = (struct text){ bytes, (size_t)field->most + 1 };
                } else {
                        continue;
                }
                struct fault fault = { "" };
                assert_false(codec_check(record, copy, &fault));
                assert_memory_equal(fault.reason, field->name, strlen(field->name));
        }
}

static void test_a_value_beyond_its_bounds_is_refused_by_name(void **state)
{
        (void)state;
        for_every_record(refuse_each_beyond_its_bounds);
}

static void test_no_record_has_more_fields_than_the_reader_can_tell_apart(void **state)
{
        (void)state;
        for (int64_t type = 1; type < EVENT_count; type++)
                assert_true(!event_record(type) || event_record(type)->field_count <= 64);
        for (int verb = 1; verb < VERB_count; verb++)
                assert_true(verb_record((enum verb)verb)->field_count <= 64);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_record_passes_through_msgpack),
                cmocka_unit_test(test_every_record_passes_through_json),
                cmocka_unit_test(test_every_event_can_be_set_field_by_field),
                cmocka_unit_test(test_a_value_beyond_its_bounds_is_refused_by_name),
                cmocka_unit_test(test_no_record_has_more_fields_than_the_reader_can_tell_apart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
