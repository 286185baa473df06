/*
 * How often something may be asked for in a minute: of each thing, and in all; the next minute
 * begins anew.
 */
#include "tests/support/test.h"
#include "workers/web/limit.h"
#include <stdio.h>

enum { MINUTE = 60000, EACH = 3, ALL = 20 };

/* How many times of so many the thing is allowed. */
static int ask(struct limit *limit, const char *thing, int times, int64_t now)
{
        int allowed = 0;
        for (int i = 0; i < times; i++)
                allowed += limit_allows(limit, text_of(thing), EACH, ALL, now);
        return allowed;
}

static void test_each_thing_has_its_own_number_in_a_minute(void **state)
{
        struct limit limit = { 0 };
        (void)state;
        assert_int_equal(ask(&limit, "a@b.example", 5, 0), EACH);
        assert_int_equal(ask(&limit, "c@d.example", 5, MINUTE - 1), EACH);
        assert_int_equal(ask(&limit, "a@b.example", 1, MINUTE - 1), 0);
        assert_int_equal(ask(&limit, "a@b.example", 5, MINUTE), EACH);
}

static void test_all_together_have_a_number_too_whatever_is_asked_for(void **state)
{
        struct limit limit = { 0 };
        char thing[20];
        int allowed = 0;
        (void)state;
        for (int i = 0; i < 5 * ALL; i++) {
                snprintf(thing, sizeof thing, "%d@b.example", i);
                allowed += ask(&limit, thing, 1, 0);
        }
        assert_int_equal(allowed, ALL);
        assert_int_equal(ask(&limit, "new@b.example", 1, MINUTE - 1), 0);
        assert_int_equal(ask(&limit, "new@b.example", 1, MINUTE), 1);
}

static void test_what_was_refused_counts_for_nothing(void **state)
{
        struct limit limit = { 0 };
        (void)state;
        ask(&limit, "a@b.example", 10 * ALL, 0);
        assert_int_equal(ask(&limit, "c@d.example", 1, 0), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_thing_has_its_own_number_in_a_minute),
                cmocka_unit_test(test_all_together_have_a_number_too_whatever_is_asked_for),
                cmocka_unit_test(test_what_was_refused_counts_for_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
