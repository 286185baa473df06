/*
 * Which numbers are shown with a warning: of fewer than ten answers, or of less than two fifths of
 * those asked. Either is enough by itself.
 */
#include "common/statistics.h"
#include "tests/support/test.h"

static void test_fewer_than_ten_answers_are_weak_though_all_have_answered(void **state)
{
        (void)state;
        assert_true(statistics_are_weak(9, 9));
        assert_true(statistics_are_weak(5, 5));
        assert_false(statistics_are_weak(10, 10));
}

static void test_less_than_two_fifths_are_weak_though_many_have_answered(void **state)
{
        (void)state;
        assert_false(statistics_are_weak(25, 10));
        assert_true(statistics_are_weak(26, 10));
        assert_false(statistics_are_weak(1000, 400));
        assert_true(statistics_are_weak(1000, 399));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fewer_than_ten_answers_are_weak_though_all_have_answered),
                cmocka_unit_test(test_less_than_two_fifths_are_weak_though_many_have_answered),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
