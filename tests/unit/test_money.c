/*
 * money: what people write as an amount is taken exactly or refused.
 */
#include "common/money.h"
#include "tests/support/test.h"

static void assert_taken(const char *t, int64_t expected)
{
        int64_t ore = -1;

        if (!amount_parse(text_of(t), &ore))
                fail_msg("refused: %s", t);
        assert_int_equal(ore, expected);
}

static void assert_refused(const char *t)
{
        int64_t ore;

        if (amount_parse(text_of(t), &ore))
                fail_msg("taken: %s as %lld", t, (long long)ore);
}

static void test_amounts_are_taken_as_people_write_them(void **state)
{
        (void)state;
        assert_taken("1900000", 190000000);
        assert_taken("1900000,00", 190000000);
        assert_taken("1900000.00", 190000000);
        assert_taken("1 900 000,00", 190000000);
        assert_taken("1\xc2\xa0"
                     "900\xc2\xa0"
                     "000,5",
                     190000050);
        assert_taken("1\xe2\x80\xaf"
                     "600\xe2\x80\xaf"
                     "001.01",
                     160000101);
        assert_taken(" 0,01 ", 1);
        assert_taken("-12,30", -1230);
        assert_taken("\xe2\x88\x92"
                     "12,30",
                     -1230);
        assert_taken("1000000000000", MONEY_MOST);
        assert_taken("1 000 000 000 000,00", MONEY_MOST);
}

static void test_what_would_be_rounded_or_guessed_is_refused(void **state)
{
        static const char *const bad[] = { "",
                                           " ",
                                           "kr",
                                           "1,",
                                           ",50",
                                           "1,005",
                                           "1.000.000",
                                           "1,000,000",
                                           "12 34",
                                           "1234 567",
                                           "1 00",
                                           "1  000",
                                           "1e6",
                                           "0x10",
                                           "1-",
                                           "--1",
                                           "1 000 000 000 000,01",
                                           "99999999999999999999",
                                           "10 kr",
                                           "NaN",
                                           "1,5 0" };

        (void)state;
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_refused(bad[i]);
        assert_false(amount_parse((struct text){ 0 }, &(int64_t){ 0 }));
}

static void test_a_written_amount_reads_back_as_itself(void **state)
{
        struct arena *arena = arena_new();
        const int64_t amounts[] = { 0, 1, -1, 99, 100, -100, 160000101, MONEY_MOST, -MONEY_MOST };

        (void)state;
        for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
                int64_t back = -7;
                assert_true(amount_parse(amount_text(arena, amounts[i]), &back));
                assert_int_equal(back, amounts[i]);
        }
        assert_string_equal(amount_text(arena, 160000101).at, "1600001,01");
        assert_string_equal(amount_text(arena, -5).at, "-0,05");
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_amounts_are_taken_as_people_write_them),
                cmocka_unit_test(test_what_would_be_rounded_or_guessed_is_refused),
                cmocka_unit_test(test_a_written_amount_reads_back_as_itself),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
