/*
 * A peer's bytes are taken or refused with a reason, and never trusted: wrong types, damaged and
 * endless input, counts that promise more than there is.
 */
#include "tests/support/test.h"

#include "common/event.h"
#include "common/wire.h"
#include "tests/support/random.h"
#include <stdlib.h>
#include <string.h>

/* Unpacks from a copy of exactly that size, so that a sanitizer sees each byte read too far. */
static bool unpack(const struct record *record, struct text data, struct fault *fault)
{
        struct arena *arena = arena_new();
        char *copy = malloc(data.size ? data.size : 1);
        assert_non_null(copy);
        if (data.size)
                memcpy(copy, data.at, data.size);
        void *value = arena_alloc(arena, record->size);
        fault->reason[0] = '\0';
        bool good = codec_unpack(record, (struct text){ copy, data.size }, arena, value, fault);
        assert_true(good ? codec_check(record, value, NULL) : fault->reason[0] != '\0');
        free(copy);
        arena_destroy(&arena);
        return good;
}

/* A row of a table: bytes, and why they are refused; NULL: they are taken. */
struct example {
        struct text data;
        const char *reason;
};

static void check_examples(const struct record *record, const struct example *examples)
{
        for (; examples->data.at; examples++) {
                struct fault fault;
                bool good = unpack(record, examples->data, &fault);
                if (good)
                        fault.reason[0] = '\0';
                assert_string_equal(fault.reason, examples->reason ? examples->reason : "");
        }
}

#define MEETING "\xa7meeting\xa2N1"
#define VERSION "\xa7version\x01"

static void test_order_is_free_and_unknown_keys_are_skipped(void **state)
{
        (void)state;
        check_examples(
                event_record(EVENT_meeting_scheduled),
                (const struct example[]){
                        { TEXT("\x82" MEETING VERSION), NULL },
                        { TEXT("\x82" VERSION MEETING), NULL },
                        { TEXT("\xde\x00\x02" VERSION MEETING), NULL },
                        { TEXT("\xdf\x00\x00\x00\x02" VERSION MEETING), NULL },
                        { TEXT("\x83\xa1x\x93\x01\xc0\xc3" VERSION MEETING), NULL },
                        { TEXT("\x83" VERSION "\xa1x\x81\xa7meeting\xa2N2" MEETING), NULL },
                        { TEXT("\x83" VERSION MEETING "\xa1x\xcb\x3f\xf0\0\0\0\0\0\0"), NULL },
                        { TEXT("\x83" VERSION MEETING "\xa1x\xc7\x02\x05zz"), NULL },
                        { TEXT("\x83" VERSION MEETING "\xa1x\xd6\x05zzzz"), NULL },
                        { TEXT("\x84" VERSION MEETING "\xa1x\xc4\x01z\xa1x\xc4\x01z"), NULL },
                        { { 0 }, NULL },
                });
}

static void test_wholes_of_every_width_are_read(void **state)
{
        (void)state;
        check_examples(
                event_record(EVENT_meeting_scheduled),
                (const struct example[]){
                        { TEXT("\x82" MEETING "\xa7version\xcc\x01"), NULL },
                        { TEXT("\x82" MEETING "\xa7version\xcd\x00\x01"), NULL },
                        { TEXT("\x82" MEETING "\xa7version\xce\x00\x00\x00\x01"), NULL },
                        { TEXT("\x82" MEETING "\xa7version\xcf\0\0\0\0\0\0\0\x01"), NULL },
                        { TEXT("\x82" MEETING "\xa7version\xd0\x01"), NULL },
                        { TEXT("\x82" MEETING "\xa7version\xd3\0\0\0\0\0\0\0\x01"), NULL },
                        { TEXT("\x82" MEETING "\xa7version\xff"),
                          "version: -1 is not within 1 to 1000000" },
                        { TEXT("\x82" MEETING "\xa7version\xd0\xfe"),
                          "version: -2 is not within 1 to 1000000" },
                        { TEXT("\x82" MEETING "\xa7version\xd1\xff\xfe"),
                          "version: -2 is not within 1 to 1000000" },
                        { TEXT("\x82" MEETING "\xa7version\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
                          "version: too great a number" },
                        { { 0 }, NULL },
                });
}

static void test_wrong_types_are_refused_by_name(void **state)
{
        (void)state;
        check_examples(
                event_record(EVENT_meeting_scheduled),
                (const struct example[]){
                        { TEXT(""), "cut short" },
                        { TEXT("\x92" MEETING), "not a map" },
                        { TEXT("\xc0"), "not a map" },
                        { TEXT("\x82\x01\x02" VERSION), "not a string" },
                        { TEXT("\x82" VERSION "\xa7meeting\x05"), "meeting: not a string" },
                        { TEXT("\x82" VERSION "\xa7meeting\xc4\x02N1"), "meeting: not a string" },
                        { TEXT("\x82" VERSION "\xa7meeting\xc0"), "meeting: not a string" },
                        { TEXT("\x82" VERSION "\xa7meeting\xc1"), "meeting: not MessagePack" },
                        { TEXT("\x82" MEETING "\xa7version\xa1"
                               "1"),
                          "version: not a whole number" },
                        { TEXT("\x82" MEETING "\xa7version\xca\x3f\x80\0\0"),
                          "version: not a whole number" },
                        { TEXT("\x82" MEETING "\xa7version\xc3"), "version: not a whole number" },
                        { { 0 }, NULL },
                });
        check_examples(verb_record(VERB_PUBLISH), (const struct example[]){
                                                          { TEXT("\x81\xa6"
                                                                 "events\x80"),
                                                            "events: not a list" },
                                                          { TEXT("\x81\xa6"
                                                                 "events\x91\x90"),
                                                            "events[0]: not a map" },
                                                          { TEXT("\x81\xa6"
                                                                 "events\x92\x80\x81\xa4"
                                                                 "body\xa1z"),
                                                            "events[1]: body: not a byte string" },
                                                          { { 0 }, NULL },
                                                  });
}

static void test_bounds_and_forms_are_held_at_the_door(void **state)
{
        (void)state;
        check_examples(
                event_record(EVENT_meeting_scheduled),
                (const struct example[]){
                        { TEXT("\x80"), "meeting: missing or empty" },
                        { TEXT("\x81" MEETING), "version: 0 is not within 1 to 1000000" },
                        { TEXT("\x81" VERSION), "meeting: missing or empty" },
                        { TEXT("\x82" VERSION "\xa7meeting\xa0"), "meeting: missing or empty" },
                        { TEXT("\x82" VERSION "\xa7meeting\xa2\xc3\xa5"),
                          "meeting: only letters, digits and - . / _ may stand here" },
                        { TEXT("\x82" VERSION "\xa7meeting\xa2N\0"),
                          "meeting: only letters, digits and - . / _ may stand here" },
                        { TEXT("\x82" VERSION "\xa7meeting\xd9\x29"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                          "meeting: 41 bytes, at most 40" },
                        { TEXT("\x83" MEETING VERSION MEETING), "meeting: given twice" },
                        { TEXT("\x82" MEETING VERSION "\xc0"), "more bytes after the map" },
                        { { 0 }, NULL },
                });
        check_examples(verb_record(VERB_LATER),
                       (const struct example[]){
                               { TEXT("\x81\xa6reason\xa2\xc3\x28"), "reason: not UTF-8" },
                               { { 0 }, NULL },
                       });
}

static void test_a_count_larger_than_the_rest_is_refused_before_it_costs(void **state)
{
        (void)state;
        check_examples(verb_record(VERB_PUBLISH),
                       (const struct example[]){
                               { TEXT("\xdf\xff\xff\xff\xff"), "cut short" },
                               { TEXT("\x81\xa6"
                                      "events\xdd\xff\xff\xff\xff"),
                                 "events: cut short" },
                               { TEXT("\x81\xa6"
                                      "events\xdc\x10\x00\x80"),
                                 "events: cut short" },
                               { TEXT("\x81\xa6source\xdb\xff\xff\xff\xff"), "source: cut short" },
                               { TEXT("\x81\xa1x\xc6\xff\xff\xff\xff"), "cut short" },
                               { TEXT("\x81\xa1x\xc9\xff\xff\xff\xff"), "cut short" },
                               { TEXT("\x81\xa1x\xd8\x01"), "cut short" },
                               { TEXT("\x81\xdb\xff\xff\xff\xffz"), "cut short" },
                               { TEXT("\x81\xa1x\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\xc0"),
                                 "nested too deep" },
                               { { 0 }, NULL },
                       });
}

static void test_a_list_longer_than_declared_is_refused(void **state)
{
        struct buffer buffer = { 0 };
        struct fault fault;
        (void)state;
        buffer_add(&buffer, "\x81\xa5types\xdc\x01\x01", 10);
        for (int i = 0; i < 257; i++)
                buffer_add(&buffer, "\x81\xa4type\x01", 7);
        assert_false(
                unpack(verb_record(VERB_HELLO), (struct text){ buffer.at, buffer.size }, &fault));
        assert_string_equal(fault.reason, "types: too many or too few");
        buffer_clear(&buffer);
}

/* Every event and verb, packed from random values. */
static struct text packed_example(struct random *random, int64_t n, const struct record **record,
                                  struct arena *arena)
{
        *record = n < EVENT_count ? event_record(n) : verb_record((enum verb)(n - EVENT_count));
        if (!*record)
                return (struct text){ 0 };
        void *value = arena_alloc(arena, (*record)->size);
        random_fill(random, *record, EXTENT_ANY, value, arena);
        return codec_packed(*record, value, arena);
}

static void test_what_is_cut_short_anywhere_is_refused(void **state)
{
        struct random random = { 30 };
        (void)state;
        for (int64_t n = 1; n < EVENT_count + (int)VERB_count; n++) {
                struct arena *arena = arena_new();
                const struct record *record;
                struct text data = packed_example(&random, n, &record, arena);
                size_t step = data.size > 2000 ? 97 : 1;
                for (size_t size = 0; size < data.size; size += step) {
                        struct fault fault;
                        assert_false(unpack(record, (struct text){ data.at, size }, &fault));
                }
                arena_destroy(&arena);
        }
}

static void test_damage_is_refused_or_harmless(void **state)
{
        struct random random = { 31 };
        (void)state;
        for (int64_t n = 1; n < EVENT_count + (int)VERB_count; n++) {
                struct arena *arena = arena_new();
                const struct record *record;
                struct text data = packed_example(&random, n, &record, arena);
                for (int turn = 0; data.size && turn < 300; turn++) {
                        char *damaged = arena_alloc(arena, data.size);
                        struct fault fault;
                        memcpy(damaged, data.at, data.size);
                        for (int64_t i = random_within(&random, 1, 4); i > 0; i--) {
                                damaged[random_bits(&random) % data.size] =
                                        (char)random_bits(&random);
                        }
                        unpack(record, (struct text){ damaged, data.size }, &fault);
                        arena_clear(arena);
                        data = packed_example(&random, n, &record, arena);
                }
                arena_destroy(&arena);
        }
}

static void test_json_is_read_strictly(void **state)
{
        const struct example examples[] = {
                { TEXT("{\"meeting\":\"N1\",\"version\":1}"), NULL },
                { TEXT("{\"version\":1,\"x\":[{}],\"meeting\":\"N1\"}"), NULL },
                { TEXT("{\"meeting\":\"N1\",\"version\":1.0}"), "version: not a whole number" },
                { TEXT("{\"meeting\":\"N1\",\"version\":\"1\"}"), "version: not a whole number" },
                { TEXT("{\"meeting\":\"N1\",\"version\":true}"), "version: not a whole number" },
                { TEXT("{\"meeting\":7,\"version\":1}"), "meeting: not a string" },
                { TEXT("{\"meeting\":null,\"version\":1}"), "meeting: not a string" },
                { TEXT("{\"version\":1}"), "meeting: missing or empty" },
                { TEXT("{\"meeting\":\"N1\"}"), "version: 0 is not within 1 to 1000000" },
                { TEXT("[1]"), "not a JSON object" },
        };
        const struct text broken[] = {
                TEXT(""),
                TEXT("{"),
                TEXT("{\"meeting\":\"N1\",\"version\":1} x"),
                TEXT("{\"meeting\":\"N1\",\"meeting\":\"N1\",\"version\":1}"),
                TEXT("{\"meeting\":\"N1\",\"version\":99999999999999999999}"),
                TEXT("{\"meeting\":\"\xff\",\"version\":1}"),
                TEXT("{\"meeting\":\"N\\u0000\",\"version\":1}"),
        };
        struct arena *arena = arena_new();
        struct meeting_scheduled value;
        struct fault fault;
        (void)state;
        const struct record *record = event_record(EVENT_meeting_scheduled);
        for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
                bool good = codec_from_json(record, examples[i].data, arena, &value, &fault);
                assert_string_equal(good ? "" : fault.reason,
                                    examples[i].reason ? examples[i].reason : "");
        }
        for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
                assert_false(codec_from_json(record, broken[i], arena, &value, &fault));
                assert_memory_equal(fault.reason, "not JSON", 8);
        }
        arena_destroy(&arena);
}

static void test_the_command_line_is_refused_by_name(void **state)
{
        struct arena *arena = arena_new();
        struct meeting_scheduled value = { 0 };
        struct fault fault;
        const struct record *record = event_record(EVENT_meeting_scheduled);
        (void)state;
        assert_false(codec_set(record, &value, TEXT("metting"), TEXT("N1"), arena, &fault));
        assert_string_equal(fault.reason, "metting: meeting_scheduled has no such field");
        assert_false(codec_set(record, &value, TEXT("version"), TEXT("1x"), arena, &fault));
        assert_string_equal(fault.reason, "version: not a whole number");
        assert_false(codec_set(record, &value, TEXT("version"), TEXT("0"), arena, &fault));
        assert_string_equal(fault.reason, "version: 0 is not within 1 to 1000000");
        assert_false(codec_set(record, &value, TEXT("meeting"), TEXT("N 1"), arena, &fault));
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order_is_free_and_unknown_keys_are_skipped),
                cmocka_unit_test(test_wholes_of_every_width_are_read),
                cmocka_unit_test(test_wrong_types_are_refused_by_name),
                cmocka_unit_test(test_bounds_and_forms_are_held_at_the_door),
                cmocka_unit_test(test_a_count_larger_than_the_rest_is_refused_before_it_costs),
                cmocka_unit_test(test_a_list_longer_than_declared_is_refused),
                cmocka_unit_test(test_what_is_cut_short_anywhere_is_refused),
                cmocka_unit_test(test_damage_is_refused_or_harmless),
                cmocka_unit_test(test_json_is_read_strictly),
                cmocka_unit_test(test_the_command_line_is_refused_by_name),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
