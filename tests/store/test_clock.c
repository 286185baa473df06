/*
 * Promise 10's foundation: one clock for all programs of an instance, which never goes back.
 * Works in a directory of its own; needs no PostgreSQL.
 */
#include "tests/support/test.h"

#include "common/clock.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char place[] = "/tmp/padriver-clock-XXXXXX", file[sizeof(place) + 16];

static int set_up(void **state)
{
        (void)state;
        if (!mkdtemp(place))
                return -1;
        snprintf(file, sizeof(file), "%s/clock", place);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        unlink(file);
        return rmdir(place);
}

static void test_without_a_file_the_clock_is_real(void **state)
{
        struct clock *clock = clock_open(place);
        int64_t before, after;

        (void)state;
        assert_non_null(clock);
        assert_false(clock_is_simulated(clock));
        before = clock_now(clock);
        after = clock_now(clock);
        assert_true(before > 0 && after >= before);
        assert_false(clock_set(clock, after + CLOCK_DAY));
        clock_close(&clock);
        assert_null(clock);
}

static void test_all_see_a_simulated_clock_move_forward_alone(void **state)
{
        struct clock *mine, *theirs;

        (void)state;
        assert_true(clock_simulate(place, 100));
        assert_false(clock_simulate(place, 200));
        mine = clock_open(place);
        theirs = clock_open(place);
        assert_true(clock_is_simulated(theirs));
        assert_int_equal(clock_now(theirs), 100);
        assert_true(clock_set(mine, 100 + CLOCK_DAY));
        assert_int_equal(clock_now(theirs), 100 + CLOCK_DAY);
        assert_false(clock_set(theirs, 100 + CLOCK_DAY - 1));
        assert_true(clock_set(theirs, 100 + CLOCK_DAY));
        assert_int_equal(clock_now(mine), 100 + CLOCK_DAY);
        clock_close(&mine);
        clock_close(&theirs);
}

/* The clock's file cut or overwritten. */
static void damage(off_t size, const char *bytes)
{
        int handle = open(file, O_WRONLY);

        assert_true(handle >= 0);
        assert_int_equal(ftruncate(handle, size), 0);
        assert_int_equal(write(handle, bytes, 1), 1);
        close(handle);
}

static void test_a_damaged_clock_is_refused(void **state)
{
        struct clock *clock;

        (void)state;
        damage(16, "X");
        assert_null(clock_open(place));
        damage(17, "P");
        assert_null(clock_open(place));
        damage(16, "P");
        clock = clock_open(place);
        assert_non_null(clock);
        clock_close(&clock);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_without_a_file_the_clock_is_real),
                cmocka_unit_test(test_all_see_a_simulated_clock_move_forward_alone),
                cmocka_unit_test(test_a_damaged_clock_is_refused),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
