/*
 * The tables of events.def and wire.def say what the files say, and a released event never changes.
 */
#include "tests/support/test.h"

#include "common/event.h"
#include "common/wire.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* An event as a line of tests/golden/events.txt. */
static struct text golden_line(struct arena *arena, int64_t type)
{
        static const char *const kinds[] = { "int", "code", "text", "bytes", "list" };
        const struct record *record = event_record(type);
        struct text line = arena_printf(arena, "%" PRId64 " %s", type, record->name);
        for (size_t i = 0; i < record->field_count; i++) {
                const struct field *field = &record->fields[i];
                line = arena_printf(arena, "%.*s %s:%s:%" PRId64 "..%" PRId64, TEXT_ARGS(line),
                                    field->name, kinds[field->kind], field->least, field->most);
        }
        return line;
}

static void test_a_released_event_never_changes(void **state)
{
        struct arena *arena = arena_new();
        FILE *file = fopen(SOURCE_DIRECTORY "/tests/golden/events.txt", "r");
        char bytes[1000];
        (void)state;
        assert_non_null(file);
        for (int64_t type = 1; type < EVENT_count; type++) {
                if (!event_record(type))
                        continue;
                struct text line = golden_line(arena, type);
                struct text golden = text_trim(text_of(fgets(bytes, sizeof bytes, file)));
                if (!text_equal(line, golden)) {
                        fail_msg("events.def says      %.*s\n"
                                 "events.txt remembers %.*s\n"
                                 "A released line never changes: its events stand in logs. Give "
                                 "the new form a new name "
                                 "and number;\na new event's line goes to the end of "
                                 "tests/golden/events.txt.",
                                 TEXT_ARGS(line), TEXT_ARGS(golden));
                }
        }
        if (fgets(bytes, sizeof bytes, file))
                fail_msg("events.def has lost a released event: %s", bytes);
        fclose(file);
        arena_destroy(&arena);
}

static void test_names_and_numbers_of_events_lead_to_each_other(void **state)
{
        (void)state;
        for (int64_t type = 1; type < EVENT_count; type++)
                if (event_record(type))
                        assert_int_equal(event_named(text_of(event_name(type))), type);
        assert_int_equal(event_named(TEXT("meeting")), EVENT_none);
        assert_int_equal(event_named(text_of(NULL)), EVENT_none);
        assert_string_equal(event_name(0), "unknown");
        assert_string_equal(event_name(EVENT_count), "unknown");
        assert_null(event_record(-1));
        assert_null(event_record(INT64_MAX));
}

static void test_the_first_field_of_every_event_is_its_key(void **state)
{
        struct reminder_due value = { TEXT("N1-S1"), TEXT("evaluation"), 3 };
        (void)state;
        assert_text_equal(event_key(EVENT_reminder_due, &value), "N1-S1");
        for (int64_t type = 1; type < EVENT_count; type++) {
                if (event_record(type)) {
                        assert_int_equal(event_record(type)->fields[0].kind, FIELD_CODE);
                        assert_true(event_record(type)->fields[0].most <= 80);
                }
        }
}

static enum status remind(struct tx *tx, const struct reminder_due *event)
{
        (void)tx;
        (void)event;
        return DONE;
}

static void test_an_empty_slot_is_a_subscription_not_taken(void **state)
{
        int64_t types[EVENT_count];
        (void)state;
        assert_int_equal(event_types(&(struct handlers){ 0 }, types), 0);
        assert_int_equal(event_types(&(struct handlers){ .reminder_due = remind }, types), 1);
        assert_int_equal(types[0], EVENT_reminder_due);
}

static void test_names_and_numbers_of_verbs_lead_to_each_other(void **state)
{
        (void)state;
        for (int verb = 1; verb < VERB_count; verb++) {
                assert_int_equal(verb_named(text_of(verb_name((enum verb)verb))), verb);
                assert_non_null(verb_record((enum verb)verb));
                assert_true(verb_meaning((enum verb)verb)[0] && verb_direction((enum verb)verb)[0]);
        }
        assert_int_equal(verb_named(TEXT("hello")), VERB_none);
        assert_null(verb_record(VERB_none));
        assert_string_equal(verb_name(VERB_count), "unknown");
        assert_string_equal(verb_direction(VERB_none), "");
        assert_string_equal(verb_meaning(VERB_none), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_released_event_never_changes),
                cmocka_unit_test(test_names_and_numbers_of_events_lead_to_each_other),
                cmocka_unit_test(test_the_first_field_of_every_event_is_its_key),
                cmocka_unit_test(test_an_empty_slot_is_a_subscription_not_taken),
                cmocka_unit_test(test_names_and_numbers_of_verbs_lead_to_each_other),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
