/*
 * share: every share-out sums to its amount, whatever the weights (R84, promise 9). Random but
 * repeatable.
 */
#include "common/arena.h"
#include "tests/support/test.h"
#include "workers/budget/share.c"
#include <string.h>

#define MOST_SHARES 400
#define MOST_ORE    INT64_C(100000000000000)

/* A repeatable random number (splitmix64). */
static uint64_t draw(uint64_t *seed)
{
        uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

/* A number of random length between 1 and most. */
static int64_t draw_to(uint64_t *seed, int64_t most)
{
        const uint64_t limit = (uint64_t)most >> (draw(seed) % 47);

        return 1 + (int64_t)(draw(seed) % (limit ? limit : 1));
}

static int64_t sum(const struct share *shares, size_t count)
{
        int64_t all = 0;

        for (size_t i = 0; i < count; i++)
                all += shares[i].amount_ore;
        return all;
}

/* Shares with numbered municipalities. */
static void number(struct share *shares, size_t count, struct arena *arena)
{
        for (size_t i = 0; i < count; i++)
                shares[i].municipality = arena_printf(arena, "%04zu", 1000 + i);
}

/* The greatest difference between two shares of equal weight. */
static int64_t spread(const struct share *shares, size_t count)
{
        int64_t most = 0;

        for (size_t i = 0; i < count; i++) {
                for (size_t k = i + 1; k < count; k++) {
                        const int64_t d = shares[i].amount_ore - shares[k].amount_ore;
                        if (shares[i].weight == shares[k].weight && (d > most || -d > most))
                                most = d < 0 ? -d : d;
                }
        }
        return most;
}

static void test_any_amount_over_any_shares_sums_exactly_and_is_even(void **state)
{
        uint64_t seed = 2027;
        struct arena *arena = arena_new();
        struct share shares[MOST_SHARES], again[MOST_SHARES];

        (void)state;
        for (int round = 0; round < 1000; round++) {
                const size_t count = (size_t)draw_to(&seed, MOST_SHARES);
                const int64_t amount = draw_to(&seed, MOST_ORE), most = draw_to(&seed, 1000000);
                number(shares, count, arena);
                for (size_t i = 0; i < count; i++)
                        shares[i].weight = draw_to(&seed, most);
                memcpy(again, shares, sizeof shares);
                assert_true(share_out(amount, shares, count));
                assert_int_equal(sum(shares, count), amount);
                assert_true(spread(shares, count) <= 1);
                assert_true(share_out(amount, again, count));
                for (size_t i = 0; i < count; i++)
                        assert_int_equal(shares[i].amount_ore, again[i].amount_ore);
                arena_clear(arena);
        }
        arena_destroy(&arena);
}

static void test_the_largest_amount_over_the_most_shares_is_exact(void **state)
{
        struct arena *arena = arena_new();
        struct share shares[MOST_SHARES];

        (void)state;
        number(shares, MOST_SHARES, arena);
        for (size_t count = 1; count <= MOST_SHARES; count++) {
                for (size_t i = 0; i < count; i++)
                        shares[i].weight = INT64_MAX / MOST_SHARES;
                assert_true(share_out(MOST_ORE, shares, count));
                assert_int_equal(sum(shares, count), MOST_ORE);
                assert_true(spread(shares, count) <= 1);
                assert_true(share_out(1, shares, count));
                assert_int_equal(shares[0].amount_ore, 1);
                assert_int_equal(sum(shares, count), 1);
        }
        arena_destroy(&arena);
}

static void test_R84_odd_ore_goes_to_the_lowest_municipality_number(void **state)
{
        struct share shares[] = {
                { .municipality = TEXT("3328"), .weight = 1 },
                { .municipality = TEXT("3301"), .weight = 1 },
                { .municipality = TEXT("3303"), .weight = 1 },
                { .municipality = TEXT("3305"), .weight = 1 },
        };

        (void)state;
        assert_true(share_out(160000101, shares, 4));
        assert_int_equal(shares[0].amount_ore, 40000025);
        assert_int_equal(shares[1].amount_ore, 40000026);
        assert_int_equal(shares[2].amount_ore, 40000025);
        assert_int_equal(shares[3].amount_ore, 40000025);
        assert_true(share_out(160000000, shares, 4));
        for (size_t i = 0; i < 4; i++)
                assert_int_equal(shares[i].amount_ore, 40000000);
}

static void test_one_municipality_with_two_shares_takes_them_in_their_order(void **state)
{
        struct share shares[] = {
                { .municipality = TEXT("3301"), .weight = 1 },
                { .municipality = TEXT("3301"), .weight = 1 },
        };

        (void)state;
        assert_true(share_out(3, shares, 2));
        assert_int_equal(shares[0].amount_ore, 2);
        assert_int_equal(shares[1].amount_ore, 1);
}

static void test_the_largest_remainder_goes_first(void **state)
{
        struct share shares[] = {
                { .municipality = TEXT("3301"), .weight = 1 },
                { .municipality = TEXT("3303"), .weight = 2 },
                { .municipality = TEXT("3305"), .weight = 0 },
        };

        (void)state;
        assert_true(share_out(100, shares, 3));
        assert_int_equal(shares[0].amount_ore, 33);
        assert_int_equal(shares[1].amount_ore, 67);
        assert_int_equal(shares[2].amount_ore, 0);
}

static void test_what_cannot_be_shared_is_refused(void **state)
{
        struct share one = { .weight = 0 };
        struct share two[] = { { .weight = INT64_MAX }, { .weight = 1 } };

        (void)state;
        assert_false(share_out(100, &one, 1));
        assert_false(share_out(100, &one, 0));
        one.weight = -1;
        assert_false(share_out(100, &one, 1));
        assert_false(share_out(100, two, 2));
        one.weight = 1;
        assert_false(share_out(-1, &one, 1));
        assert_true(share_out(0, &one, 1));
        assert_int_equal(one.amount_ore, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_any_amount_over_any_shares_sums_exactly_and_is_even),
                cmocka_unit_test(test_the_largest_amount_over_the_most_shares_is_exact),
                cmocka_unit_test(test_R84_odd_ore_goes_to_the_lowest_municipality_number),
                cmocka_unit_test(test_one_municipality_with_two_shares_takes_them_in_their_order),
                cmocka_unit_test(test_the_largest_remainder_goes_first),
                cmocka_unit_test(test_what_cannot_be_shared_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
