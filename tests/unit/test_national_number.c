/*
 * What is taken for a national identity number in somebody's words, and what is not.
 */
#include "tests/support/test.h"
#include "workers/web/national_number.h"

static void test_eleven_digits_are_found_however_they_are_grouped(void **state)
{
        static const char *const found[] = {
                "01019012345",     "født 010190 12345.",  "010190-12345",
                "01.01.90 12345",  "01 01 90 123 45",     "(01019012345)",
                "nr.01019012345",  "x01019012345x",       "1 2 3 01019012345 4",
                "22 010190 12345", "010190 12345, 13.00", "010190.123.45",
        };
        (void)state;
        for (size_t i = 0; i < sizeof found / sizeof *found; i++)
                if (!national_number_in(text_of(found[i])))
                        fail_msg("not found: %s", found[i]);
}

static void test_other_numbers_are_not(void **state)
{
        static const char *const others[] = {
                "",
                "27.01.2027 09.00-15.00",
                "Ring 22 33 44 55 eller 99 88 77 66",
                "010190123456",
                "0101901234",
                "010190  12345",
                "010190, 12345",
                "1 600 000,00 kr og 1 200 000,00 kr",
        };
        (void)state;
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
                if (national_number_in(text_of(others[i])))
                        fail_msg("found: %s", others[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_eleven_digits_are_found_however_they_are_grouped),
                cmocka_unit_test(test_other_numbers_are_not),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
