/*
 * What the codec promises of any table, also where no event and no verb uses it yet: a least count, a
 * least length, long names. And what its callers must not do.
 */
#include "common/codec.h"
#include "tests/support/panics.h"
#include "tests/support/test.h"
#include <string.h>

#define LONG_NAME "a_name_that_is_longer_than_thirty_one_bytes"

struct seat {
        struct text code;
};

/* At least one seat and at most two, a code of at least two letters, a number with a long name. */
struct room {
        struct list seats;
        struct text note, name;
        int64_t number;
};

static const struct record *seat_record(void)
{
        static const struct field fields[] = {
                { "code", 4, FIELD_CODE, offsetof(struct seat, code), 2, 4, NULL, "a code" },
        };
        static const struct record record = { "seat", "a seat", sizeof(struct seat), 1, fields };
        return &record;
}

static const struct record *room_record(void)
{
        static const struct field fields[] = {
                { "seats", 5, FIELD_LIST, offsetof(struct room, seats), 1, 2, seat_record,
                  "seats" },
                { "note", 4, FIELD_BYTES, offsetof(struct room, note), 0, 9, NULL, "a note" },
                { "name", 4, FIELD_TEXT, offsetof(struct room, name), 0, 9, NULL, "a name" },
                { LONG_NAME, sizeof LONG_NAME - 1, FIELD_INT, offsetof(struct room, number), 0, 9,
                  NULL, "a number" },
        };
        static const struct record record = { "room", "a room", sizeof(struct room), 4, fields };
        return &record;
}

static const struct seat good_seats[] = { { { "A1", 2 } }, { { "A2", 2 } }, { { "A3", 2 } } };

/* Each count around the bounds, by hand, and from both formats. */
static void check_count(size_t count, const char *checked, const char *unpacked, const char *parsed)
{
        const struct room room = { .seats = { good_seats, count }, .note = TEXT("x") };
        const char *const jsons[] = { "{\"seats\":[]}", "{\"seats\":[{\"code\":\"A1\"}]}",
                                      "{\"seats\":[{\"code\":\"A1\"},{\"code\":\"A2\"}]}",
                                      "{\"seats\":[{},{},{}]}" };
        struct arena *arena = arena_new();
        struct fault fault = { "" };
        struct room copy;
        assert_int_equal(codec_check(room_record(), &room, &fault), !*checked);
        assert_string_equal(fault.reason, checked);
        struct text packed = codec_packed(room_record(), &room, arena);
        fault.reason[0] = '\0';
        assert_int_equal(codec_unpack(room_record(), packed, arena, &copy, &fault), !*unpacked);
        assert_string_equal(fault.reason, unpacked);
        fault.reason[0] = '\0';
        assert_int_equal(
                codec_from_json(room_record(), text_of(jsons[count]), arena, &copy, &fault),
                !*parsed);
        assert_string_equal(fault.reason, parsed);
        arena_destroy(&arena);
}

static void test_a_list_has_at_least_and_at_most_so_many(void **state)
{
        (void)state;
        check_count(0, "seats: 0 of them, must be 1 to 2", "seats: too many or too few",
                    "seats: 0 of them, must be 1 to 2");
        check_count(1, "", "", "");
        check_count(2, "", "", "");
        check_count(3, "seats: 3 of them, must be 1 to 2", "seats: too many or too few",
                    "seats: too many");
}

static void test_a_text_may_be_too_short(void **state)
{
        const struct seat seats[] = { { TEXT("A1") }, { TEXT("A") } };
        const struct room room = { .seats = { seats, 2 } };
        struct fault fault;
        (void)state;
        assert_false(codec_check(seat_record(), &seats[1], &fault));
        assert_string_equal(fault.reason, "code: too short");
        assert_false(codec_check(room_record(), &room, &fault));
        assert_string_equal(fault.reason, "seats[1]: code: too short");
        assert_false(codec_check(room_record(), &room, NULL)); /* nobody asks why */
}

static void test_a_long_name_is_read_like_a_short_one(void **state)
{
        const struct room room = { .seats = { good_seats, 1 }, .note = TEXT("x"), .number = 7 };
        struct arena *arena = arena_new();
        struct fault fault = { "" };
        struct room copy;
        (void)state;
        struct text packed = codec_packed(room_record(), &room, arena);
        assert_true(codec_unpack(room_record(), packed, arena, &copy, &fault));
        assert_int_equal(copy.number, 7);
        assert_text_equal(copy.note, "x");
        /* 43 letters as their size would be, were there room for it in the first byte: it says 11 */
        const struct text wrong = TEXT("\x84\xa5seats\x91\x81\xa4"
                                       "code\xa2"
                                       "A1\xa4note\xc4\x00\xa4name\xa0\xab" LONG_NAME "\x07");
        assert_false(codec_unpack(room_record(), wrong, arena, &copy, &fault));
        assert_string_equal(fault.reason, "more bytes after the map");
        struct text json = codec_to_json(room_record(), &room, arena);
        assert_text_equal(
                json, "{\"seats\":[{\"code\":\"A1\"}],\"note\":\"eA==\",\"name\":\"\",\"" LONG_NAME
                      "\":7}");
        arena_destroy(&arena);
}

static void test_no_text_is_written_as_an_empty_one(void **state)
{
        const struct room room = { .seats = { good_seats, 1 } };
        struct arena *arena = arena_new();
        (void)state;
        assert_text_equal(codec_to_json(room_record(), &room, arena),
                          "{\"seats\":[{\"code\":\"A1\"}],\"note\":\"\",\"name\":\"\",\"" LONG_NAME
                          "\":0}");
        arena_destroy(&arena);
}

static void test_lists_and_bytes_are_not_set_by_hand(void **state)
{
        struct arena *arena = arena_new();
        struct room room = { 0 };
        struct fault fault;
        (void)state;
        assert_false(codec_set(room_record(), &room, TEXT("seats"), TEXT("1"), arena, &fault));
        assert_string_equal(fault.reason, "seats: room has no such field");
        assert_false(codec_set(room_record(), &room, TEXT("note"), TEXT("x"), arena, &fault));
        assert_string_equal(fault.reason, "note: room has no such field");
        assert_false(codec_set(room_record(), &room, (struct text){ 0 }, TEXT("x"), arena, &fault));
        assert_string_equal(fault.reason, ": room has no such field");
        assert_true(codec_set(room_record(), &room, TEXT(LONG_NAME), TEXT("9"), arena, &fault));
        assert_int_equal(room.number, 9);
        arena_destroy(&arena);
}

static void test_json_lists_are_held_to_their_form(void **state)
{
        const struct {
                struct text json;
                const char *reason;
        } examples[] = {
                { TEXT("{\"seats\":{}}"), "seats: not a list" },
                { TEXT("{\"seats\":null}"), "seats: not a list" },
                { TEXT("{\"seats\":[7]}"), "seats[0]: not a JSON object" },
                { TEXT("{\"seats\":[{\"code\":\"A1\"},{}]}"), "seats[1]: code: missing or empty" },
                { TEXT("{\"seats\":[{\"code\":\"A1\"}],\"note\":7}"), "note: not a string" },
                { TEXT("{\"seats\":[{\"code\":\"A1\"}],\"note\":\"*\"}"), "note: not base64" },
                { TEXT("{\"seats\":[{\"code\":\"A1\"}],\"note\":\"eA\"}"), "note: not base64" },
                { TEXT("{\"seats\":[{\"code\":\"A1\"}],\"note\":\"eA==x\"}"), "note: not base64" },
        };
        struct arena *arena = arena_new();
        struct room room;
        struct fault fault;
        (void)state;
        for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
                assert_false(
                        codec_from_json(room_record(), examples[i].json, arena, &room, &fault));
                assert_string_equal(fault.reason, examples[i].reason);
        }
        arena_destroy(&arena);
}

static void test_json_beyond_four_mebibytes_is_not_even_read(void **state)
{
        const size_t most = 4 * 1024 * 1024;
        struct arena *arena = arena_new();
        char *spaces = arena_alloc(arena, most + 1);
        struct room room;
        struct fault fault;
        (void)state;
        memset(spaces, ' ', most + 1);
        memcpy(spaces, "{}", 2);
        assert_false(codec_from_json(room_record(), (struct text){ spaces, most + 1 }, arena, &room,
                                     &fault));
        assert_string_equal(fault.reason, "4194305 bytes of JSON, at most 4194304");
        assert_false(codec_from_json(room_record(), (struct text){ spaces, most }, arena, &room,
                                     &fault));
        assert_string_equal(fault.reason, "seats: 0 of them, must be 1 to 2");
        assert_false(codec_from_json(room_record(), (struct text){ 0 }, arena, &room, &fault));
        assert_memory_equal(fault.reason, "not JSON", 8);
        arena_destroy(&arena);
}

static void write_an_empty_room(void)
{
        struct arena *arena = arena_new();
        codec_to_json(room_record(), &(struct room){ 0 }, arena);
        arena_destroy(&arena);
}

static void test_what_is_out_of_bounds_is_never_written(void **state)
{
        (void)state;
        assert_panics(write_an_empty_room,
                      "writing room as JSON: seats: 0 of them, must be 1 to 2");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_list_has_at_least_and_at_most_so_many),
                cmocka_unit_test(test_a_text_may_be_too_short),
                cmocka_unit_test(test_a_long_name_is_read_like_a_short_one),
                cmocka_unit_test(test_no_text_is_written_as_an_empty_one),
                cmocka_unit_test(test_lists_and_bytes_are_not_set_by_hand),
                cmocka_unit_test(test_json_lists_are_held_to_their_form),
                cmocka_unit_test(test_json_beyond_four_mebibytes_is_not_even_read),
                cmocka_unit_test(test_what_is_out_of_bounds_is_never_written),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
