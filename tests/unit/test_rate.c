/*
 * What a peer may send in a second: a second's worth at once, then steadily, and nobody pays for
 * another.
 */
#include "broker/address.h"
#include "broker/rate.h"
#include "tests/support/random.h"
#include "tests/support/seeds.h"
#include "tests/support/test.h"
#include <stdio.h>

enum { SECOND = 1000, KIB = 1024 };

/* How many messages of that size pass at that moment. */
static int64_t pass(struct rates *rates, const char *who, size_t size, int64_t now)
{
        int64_t count = 0;
        while (count < 1000000 && rates_take(rates, text_of(who), size, now) == 0) {
                count++;
        }
        return count;
}

static void test_a_seconds_worth_passes_at_once_and_then_what_flows_in(void **state)
{
        struct rates *rates = rates_new(100 * KIB);
        (void)state;
        assert_in_range(pass(rates, "uid:1:a", KIB, 5), 100, 101);
        assert_int_equal(pass(rates, "uid:1:a", KIB, 5), 0);
        assert_in_range(pass(rates, "uid:1:a", KIB, 5 + SECOND / 10), 9, 11);
        assert_in_range(pass(rates, "uid:1:a", KIB, 60 * SECOND), 100, 101); /* no more is saved */
        rates_destroy(&rates);
}

static void test_nobody_pays_for_another(void **state)
{
        struct rates *rates = rates_new(10 * KIB);
        (void)state;
        pass(rates, "uid:1:a", KIB, 0);
        assert_in_range(pass(rates, "uid:2:b", KIB, 0), 10, 11);
        assert_in_range(pass(rates, "key:a", KIB, 0), 10, 11);
        rates_destroy(&rates);
}

static void test_who_is_refused_hears_when_to_come_again_and_pays_nothing(void **state)
{
        struct rates *rates = rates_new(10 * KIB);
        (void)state;
        pass(rates, "a", KIB, 0);
        int64_t wait = rates_take(rates, TEXT("a"), KIB, 0);
        assert_in_range(wait, 1, 101);
        for (int i = 0; i < 1000; i++) {
                assert_int_equal(rates_take(rates, TEXT("a"), KIB, 0), wait);
        }
        assert_int_not_equal(rates_take(rates, TEXT("a"), KIB, wait - 1), 0);
        assert_int_equal(rates_take(rates, TEXT("a"), KIB, wait), 0);
        rates_destroy(&rates);
}

static void test_the_greatest_message_passes_the_smallest_rate_and_is_paid_for(void **state)
{
        struct rates *rates = rates_new(KIB);
        (void)state;
        assert_int_equal(rates_take(rates, TEXT("a"), 4096 * KIB, 0), 0);
        assert_in_range(rates_take(rates, TEXT("a"), 1, 0), 4095 * SECOND - 1, 4095 * SECOND + 1);
        assert_int_equal(rates_take(rates, TEXT("a"), 1, 4096 * SECOND), 0);
        rates_destroy(&rates);
}

static void test_small_messages_cost_too(void **state)
{
        struct rates *rates = rates_new(RATE_LEAST * 10);
        (void)state;
        assert_in_range(pass(rates, "a", 1, 0), 10, 11);
        rates_destroy(&rates);
}

static void test_no_limit_is_none(void **state)
{
        struct rates *rates = rates_new(0);
        (void)state;
        assert_int_equal(pass(rates, "a", 4096 * KIB, 0), 1000000);
        rates_destroy(&rates);
}

/* Whatever a peer tries when: over any stretch no more than its rate and one second's worth. */
static void try_anything(uint64_t seed)
{
        struct random random = { seed };
        struct rates *rates = rates_new(50 * KIB);
        int64_t now = 1000000, began = now, taken = 0;
        for (int i = 0; i < 3000; i++) {
                int64_t size = random_within(&random, 0, 4 * KIB);
                now += random_within(&random, 0, 20);
                bool took = rates_take(rates, TEXT("a"), (size_t)size, now) == 0;
                taken += took ? (size > RATE_LEAST ? size : RATE_LEAST) : 0;
                assert_in_range(taken, 0, 50 * KIB * (now - began + SECOND) / SECOND + 4 * KIB);
        }
        assert_true(taken > 50 * KIB * (now - began) / SECOND * 9 / 10);
        rates_destroy(&rates);
}

static void test_over_any_stretch_the_rate_holds(void **state)
{
        (void)state;
        seeds_run(200, try_anything);
}

/* More peers than there are buckets: those known are held to their rate, and the table forgets. */
static void test_the_table_is_bounded_and_forgets(void **state)
{
        struct rates *rates = rates_new(KIB);
        char who[WHO_MOST];
        int passed = 0;
        (void)state;
        for (int round = 0; round < 2; round++) {
                passed = 0;
                for (int i = 0; i < 3 * RATE_PEERS; i++) {
                        snprintf(who, sizeof who, "key:%d", i);
                        passed +=
                                rates_take(rates, text_of(who), 4 * KIB, round * 60 * SECOND) == 0;
                }
                assert_in_range(passed, RATE_PEERS / 2, RATE_PEERS);
        }
        rates_destroy(&rates);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_seconds_worth_passes_at_once_and_then_what_flows_in),
                cmocka_unit_test(test_nobody_pays_for_another),
                cmocka_unit_test(test_who_is_refused_hears_when_to_come_again_and_pays_nothing),
                cmocka_unit_test(
                        test_the_greatest_message_passes_the_smallest_rate_and_is_paid_for),
                cmocka_unit_test(test_small_messages_cost_too),
                cmocka_unit_test(test_no_limit_is_none),
                cmocka_unit_test_teardown(test_over_any_stretch_the_rate_holds, seeds_tell),
                cmocka_unit_test(test_the_table_is_bounded_and_forgets),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
