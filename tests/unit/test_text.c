/*
 * The rules of text.h: comparison by bytes, cutting, numbers at their bounds, UTF-8 as Unicode
 * defines it.
 */
#include "tests/support/test.h"

#include <string.h>

static void test_texts_are_ordered_by_bytes(void **state)
{
        (void)state;
        assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
        assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
        assert_true(text_compare(TEXT("z"), TEXT("å")) < 0);
        assert_int_equal(text_compare(TEXT("a"), TEXT("a")), 0);
        assert_true(text_equal(TEXT(""), text_of(NULL)));
        assert_false(text_equal(TEXT("a"), TEXT("ab")));
}

static void test_a_prefix_is_no_longer_than_the_whole(void **state)
{
        (void)state;
        assert_true(text_starts(TEXT("notice/7"), TEXT("notice/")));
        assert_true(text_starts(TEXT(""), TEXT("")));
        assert_false(text_starts(TEXT("not"), TEXT("notice/")));
        assert_false(text_starts(TEXT("notify/7"), TEXT("notice/")));
}

static void test_trimming_takes_blanks_at_the_ends_alone(void **state)
{
        (void)state;
        assert_text_equal(text_trim(TEXT(" \t N1 S1\r\n")), "N1 S1");
        assert_text_equal(text_trim(TEXT(" \n ")), "");
        assert_null(text_trim(text_of(NULL)).at);
}

static void test_cutting_tells_an_empty_rest_from_none(void **state)
{
        struct text rest = TEXT("a;;b;");

        (void)state;
        assert_text_equal(text_cut(&rest, ';'), "a");
        assert_text_equal(text_cut(&rest, ';'), "");
        assert_text_equal(text_cut(&rest, ';'), "b");
        assert_non_null(rest.at);
        assert_text_equal(text_cut(&rest, ';'), "");
        assert_null(rest.at);
        assert_null(text_cut(&rest, ';').at);
}

static void test_a_number_is_the_whole_text_and_fits(void **state)
{
        int64_t value;

        (void)state;
        assert_true(text_to_int(TEXT("9223372036854775807"), &value));
        assert_true(value == INT64_MAX);
        assert_true(text_to_int(TEXT("-9223372036854775808"), &value));
        assert_true(value == INT64_MIN);
        assert_true(text_to_int(TEXT("+007"), &value));
        assert_true(value == 7);
        assert_false(text_to_int(TEXT("9223372036854775808"), &value));
        assert_false(text_to_int(TEXT("-9223372036854775809"), &value));
        assert_false(text_to_int(TEXT("99999999999999999999"), &value));
        assert_false(text_to_int(TEXT(""), &value));
        assert_false(text_to_int(TEXT("-"), &value));
        assert_false(text_to_int(TEXT("+-1"), &value));
        assert_false(text_to_int(TEXT(" 1"), &value));
        assert_false(text_to_int(TEXT("1.0"), &value));
        assert_false(text_to_int(text_of(NULL), &value));
}

static void test_utf8_is_well_formed_or_refused(void **state)
{
        (void)state;
        assert_true(text_is_utf8(TEXT("")));
        assert_true(text_is_utf8(TEXT("Ål, Sámi: Áŋŋel, \xF0\x9F\x98\x80, \xF4\x8F\xBF\xBF")));
        assert_false(text_is_utf8(TEXT("a\0b")));
        assert_false(text_is_utf8(TEXT("\x80")));
        assert_false(text_is_utf8(TEXT("\xC0\xAF")));         /* overlong / */
        assert_false(text_is_utf8(TEXT("\xE0\x9F\xBF")));     /* overlong */
        assert_false(text_is_utf8(TEXT("\xF0\x8F\xBF\xBF"))); /* overlong */
        assert_false(text_is_utf8(TEXT("\xED\xA0\x80")));     /* half a surrogate pair */
        assert_false(text_is_utf8(TEXT("\xF4\x90\x80\x80"))); /* above U+10FFFF */
        assert_false(text_is_utf8(TEXT("\xF5\x80\x80\x80")));
        assert_false(text_is_utf8(TEXT("\xE2\x82"))); /* cut short */
        assert_false(text_is_utf8(TEXT("\xE2\x82"
                                       "a")));
}

static void test_a_code_has_no_other_signs(void **state)
{
        (void)state;
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./_";
        for (int byte = 1; byte < 256; byte++) {
                char c = (char)byte;
                assert_int_equal(text_is_code((struct text){ &c, 1 }), strchr(allowed, c) != NULL);
        }
        assert_true(text_is_code(TEXT("grant-2027/v1.2_A")));
        assert_false(text_is_code(TEXT("")));
        assert_false(text_is_code(text_of(NULL)));
        assert_false(text_is_code(TEXT("N1 S1")));
        assert_false(text_is_code(TEXT("Ål")));
        assert_false(text_is_code(TEXT("a\0b")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_texts_are_ordered_by_bytes),
                cmocka_unit_test(test_a_prefix_is_no_longer_than_the_whole),
                cmocka_unit_test(test_trimming_takes_blanks_at_the_ends_alone),
                cmocka_unit_test(test_cutting_tells_an_empty_rest_from_none),
                cmocka_unit_test(test_a_number_is_the_whole_text_and_fits),
                cmocka_unit_test(test_utf8_is_well_formed_or_refused),
                cmocka_unit_test(test_a_code_has_no_other_signs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
