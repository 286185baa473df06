/*
 * What is a traceparent is W3C's to say (Trace Context, version 00, and how later versions are to
 * be read); what is none is as if none was given.
 */
#include "common/traceparent.h"
#include "tests/support/test.h"

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
#define GOOD   "00-" TRACE "-" PARENT "-01"

static void test_a_traceparent_is_taken_as_it_stands(void **state)
{
        struct arena *arena = arena_new();
        (void)state;
        assert_text_equal(traceparent_of(arena, TEXT(GOOD)), GOOD);
        assert_text_equal(traceparent_of(arena, TEXT("00-" TRACE "-" PARENT "-ff")),
                          "00-" TRACE "-" PARENT "-ff");
        arena_destroy(&arena);
}

static void test_a_later_version_is_read_as_far_as_we_know_it(void **state)
{
        struct arena *arena = arena_new();
        (void)state;
        assert_text_equal(traceparent_of(arena, TEXT("01-" TRACE "-" PARENT "-01")), GOOD);
        assert_text_equal(traceparent_of(arena, TEXT("fe-" TRACE "-" PARENT "-01-what-else")),
                          GOOD);
        arena_destroy(&arena);
}

static void test_what_breaks_the_grammar_is_none(void **state)
{
        static const char *const bad[] = {
                "",
                "00",
                "00-" TRACE "-" PARENT "-0",
                "00-" TRACE "-" PARENT "-01-",
                "00-" TRACE "-" PARENT "-01-more",
                "01-" TRACE "-" PARENT "-01more",
                "ff-" TRACE "-" PARENT "-01",
                "0G-" TRACE "-" PARENT "-01",
                "00-" TRACE "-" PARENT "-0x",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
                "00-00000000000000000000000000000000-" PARENT "-01",
                "00-" TRACE "-0000000000000000-01",
                "00_" TRACE "-" PARENT "-01",
                "00-" TRACE "_" PARENT "-01",
                "00-" TRACE "-" PARENT "_01",
                "00-4bf92f3577b34da6a3ce929d0e0e473g-" PARENT "-01",
                "00-" TRACE "-00f067aa0ba902b -01",
        };
        struct arena *arena = arena_new();
        (void)state;
        assert_null(traceparent_of(arena, (struct text){ 0 }).at);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                if (traceparent_of(arena, text_of(bad[i])).at) {
                        fail_msg("taken: %s", bad[i]);
                }
        }
        arena_destroy(&arena);
}

static void test_an_answer_belongs_to_no_trace(void **state)
{
        (void)state;
        assert_false(traceparent_may_ride(EVENT_evaluation_submitted));
        assert_true(traceparent_may_ride(EVENT_session_held));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_traceparent_is_taken_as_it_stands),
                cmocka_unit_test(test_a_later_version_is_read_as_far_as_we_know_it),
                cmocka_unit_test(test_what_breaks_the_grammar_is_none),
                cmocka_unit_test(test_an_answer_belongs_to_no_trace),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
