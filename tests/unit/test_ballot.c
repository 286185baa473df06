/*
 * A ballot is read with the keys of its evaluation alone, and its size says nothing. What counts
 * say of answers.
 */
#include "tests/support/test.h"

#include "common/ballot.h"
#include "common/statistics.h"
#include "tests/support/random.h"
#include <stdlib.h>
#include <string.h>

static const unsigned char master[32] = "the master key of this test only";

static struct text key_of(const struct ballot_keys *keys)
{
        return (struct text){ (const char *)keys->public_key, BALLOT_KEY };
}

static void test_a_ballot_opens_with_its_evaluations_keys_alone(void **state)
{
        struct arena *arena = arena_new();
        struct ballot_keys keys, again, other, stranger;
        (void)state;
        ballot_keys(master, TEXT("N1-S1"), &keys);
        ballot_keys(master, TEXT("N1-S1"), &again);
        ballot_keys(master, TEXT("N1-S2"), &other);
        ballot_keys((const unsigned char *)"another master key of this test..", TEXT("N1-S1"),
                    &stranger);
        const struct text box = ballot_seal(arena, key_of(&keys), TEXT("{\"q1\":4}"));
        assert_text_equal(ballot_open(arena, &again, box), "{\"q1\":4}");
        assert_null(ballot_open(arena, &other, box).at);
        assert_null(ballot_open(arena, &stranger, box).at);
        assert_null(ballot_open(arena, &keys, (struct text){ box.at, box.size - 1 }).at);
        char *damaged = arena_alloc(arena, box.size);
        memcpy(damaged, box.at, box.size);
        damaged[4000] ^= 1;
        assert_null(ballot_open(arena, &keys, (struct text){ damaged, box.size }).at);
        arena_destroy(&arena);
}

static void test_all_ballots_have_one_size_and_no_two_are_alike(void **state)
{
        static const size_t sizes[] = { 0, 1, 100, BALLOT_SIZE - 2, BALLOT_SIZE - 1 };
        struct arena *arena = arena_new();
        struct ballot_keys keys;
        char *words = arena_alloc(arena, BALLOT_SIZE);
        (void)state;
        memset(words, 'x', BALLOT_SIZE);
        ballot_keys(master, TEXT("N1-S1"), &keys);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                const struct text answer = { words, sizes[i] };
                const struct text box = ballot_seal(arena, key_of(&keys), answer);
                assert_int_equal(box.size, BALLOT_SEALED);
                assert_true(text_equal(ballot_open(arena, &keys, box), answer));
                assert_false(text_equal(box, ballot_seal(arena, key_of(&keys), answer)));
        }
        assert_null(ballot_seal(arena, key_of(&keys), (struct text){ words, BALLOT_SIZE }).at);
        assert_null(ballot_seal(arena, TEXT("short"), TEXT("{}")).at);
        arena_destroy(&arena);
}

static int compare(const void *a, const void *b)
{
        return *(const int *)a - *(const int *)b;
}

static void test_statistics_are_those_of_the_sorted_answers(void **state)
{
        struct random random = { 5 };
        (void)state;
        for (int turn = 0; turn < 500; turn++) {
                int64_t counts[6] = { 0, 0, 0, 0, 0, 9 };
                int ratings[40], n = (int)random_within(&random, 1, 40), sum = 0, high = 0;
                for (int i = 0; i < n; i++) {
                        ratings[i] = (int)random_within(&random, 1, 5);
                        counts[ratings[i] - 1]++;
                        sum += ratings[i];
                        high += ratings[i] >= 4;
                }
                qsort(ratings, (size_t)n, sizeof *ratings, compare);
                const struct statistics s = statistics_of(counts);
                assert_int_equal(s.n, n);
                assert_true(s.median == (ratings[(n - 1) / 2] + ratings[n / 2]) / 2.0);
                assert_true(s.mean == (double)sum / n);
                assert_true(s.share_4_5 == (double)high / n);
        }
        assert_int_equal(statistics_of((const int64_t[6]){ 0, 0, 0, 0, 0, 7 }).n, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_ballot_opens_with_its_evaluations_keys_alone),
                cmocka_unit_test(test_all_ballots_have_one_size_and_no_two_are_alike),
                cmocka_unit_test(test_statistics_are_those_of_the_sorted_answers),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
