/*
 * How often something may be asked for in a minute: of each thing, from each source, and in all; the
 * next minute begins anew.
 */
#include "tests/support/test.h"
#include "workers/web/limit.h"
#include <stdio.h>

enum { MINUTE = 60000 };

static const struct limit_most most = { .thing = 3, .source = 10, .all = 40 };

/* How many times of so many the thing is allowed. */
static int ask(struct limit *limit, const char *thing, int times, int64_t now)
{
        int allowed = 0;
        for (int i = 0; i < times; i++)
                allowed += limit_allows(limit, &most, text_of(thing), (struct text){ 0 }, now);
        return allowed;
}

/* The same for things that are asked for once each. */
static int ask_each(struct limit *limit, struct text source, int times)
{
        int allowed = 0;
        for (int i = 0; i < times; i++) {
                char thing[64];
                snprintf(thing, sizeof thing, "%d@%.*s.example", i, TEXT_ARGS(source));
                allowed += limit_allows(limit, &most, text_of(thing), source, 0);
        }
        return allowed;
}

static void test_each_thing_has_its_own_number_in_a_minute(void **state)
{
        static struct limit limit;
        (void)state;
        assert_int_equal(ask(&limit, "a@b.example", 5, 0), 3);
        assert_int_equal(ask(&limit, "c@d.example", 5, MINUTE - 1), 3);
        assert_int_equal(ask(&limit, "a@b.example", 1, MINUTE - 1), 0);
        assert_int_equal(ask(&limit, "a@b.example", 5, MINUTE), 3);
}

static void test_one_source_leaves_the_others_room(void **state)
{
        static struct limit limit;
        (void)state;
        assert_int_equal(ask_each(&limit, TEXT("a"), 10000), 10);
        assert_int_equal(ask_each(&limit, TEXT("b"), 5), 5);
}

static void test_all_together_have_a_number_too_whatever_is_asked_for(void **state)
{
        static struct limit limit;
        (void)state;
        assert_int_equal(ask_each(&limit, (struct text){ 0 }, 10000), 40);
        assert_int_equal(ask_each(&limit, TEXT("a"), 1), 0);
        assert_int_equal(ask(&limit, "new@b.example", 1, MINUTE - 1), 0);
        assert_int_equal(ask(&limit, "new@b.example", 1, MINUTE), 1);
}

static void test_what_was_refused_counts_for_nothing(void **state)
{
        static struct limit limit;
        (void)state;
        ask(&limit, "a@b.example", 400, 0);
        assert_int_equal(ask(&limit, "c@d.example", 1, 0), 1);
}

static void test_nobody_of_many_is_refused_for_another(void **state)
{
        static const struct limit_most room = { .thing = 3, .source = 600, .all = 6000 };
        static struct limit limit;
        char name[16];
        (void)state;
        for (int minute = 0; minute < 300; minute++)
                for (int i = 0; i < 3 * 130; i++) {
                        snprintf(name, sizeof name, "%d", i % 130);
                        assert_true(limit_allows(&limit, &room, text_of(name), TEXT("room"),
                                                 minute * INT64_C(60000)));
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_thing_has_its_own_number_in_a_minute),
                cmocka_unit_test(test_one_source_leaves_the_others_room),
                cmocka_unit_test(test_all_together_have_a_number_too_whatever_is_asked_for),
                cmocka_unit_test(test_what_was_refused_counts_for_nothing),
                cmocka_unit_test(test_nobody_of_many_is_refused_for_another),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
