/*
 * Promise 7: when a sender last claimed letters is remembered outside the store, and only moves
 * forward. Works in a directory of its own; needs no PostgreSQL. What follows from it is in
 * flow/test_letters.
 */
#include "tests/support/test.h"

#include "common/mail/seen.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char place[] = "/tmp/padriver-seen-XXXXXX", file[sizeof(place) + 16];

static int set_up(void **state)
{
        (void)state;
        if (!mkdtemp(place))
                return -1;
        snprintf(file, sizeof(file), "%s/notice.seen", place);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        unlink(file);
        return rmdir(place);
}

/* What a sender that starts now knows. */
static int64_t known(void)
{
        struct seen *seen = seen_open(place, "notice");
        assert_non_null(seen);
        int64_t at = seen_at(seen);
        seen_close(&seen);
        assert_null(seen);
        return at;
}

static void test_the_last_claim_outlives_its_sender_and_only_moves_forward(void **state)
{
        (void)state;
        assert_int_equal(known(), 0);
        struct seen *seen = seen_open(place, "notice");
        assert_true(seen_note(seen, 1803543600000000));
        assert_true(seen_note(seen, 1803540000000000));
        seen_close(&seen);
        assert_int_equal(known(), 1803543600000000);
}

static void test_a_damaged_or_unreachable_file_lets_no_sender_start(void **state)
{
        (void)state;
        assert_int_equal(truncate(file, 7), 0);
        assert_null(seen_open(place, "notice"));
        assert_null(seen_open("/nonexistent", "notice"));
        assert_int_equal(unlink(file), 0);
        assert_int_equal(known(), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_last_claim_outlives_its_sender_and_only_moves_forward),
                cmocka_unit_test(test_a_damaged_or_unreachable_file_lets_no_sender_start),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
