/*
 * A link works with the key it was made with, for the invitation it was made for, and not
 * otherwise.
 */
#include "tests/support/test.h"

#include "common/link.h"
#include <string.h>

static const unsigned char key[32] = "0123456789abcdef0123456789abcde", other[32] = "another";

static void test_a_link_leads_back_to_its_invitation(void **state)
{
        struct arena *arena = arena_new();
        const struct text url =
                link_url(arena, key, TEXT("https://usht.example"), 4611686018427387905);
        int64_t invitation = 0;
        (void)state;
        assert_true(text_starts(url, TEXT("https://usht.example/e/4611686018427387905.")));
        assert_true(link_read(key, url, &invitation));
        assert_true(invitation == 4611686018427387905);
        const struct text token = { url.at + 23, url.size - 23 };
        assert_true(link_read(key, arena_printf(arena, " %.*s\n", TEXT_ARGS(token)), &invitation));
        assert_false(link_read(other, url, &invitation));
        arena_destroy(&arena);
}

static void test_a_link_in_a_language_is_the_same_link(void **state)
{
        static const enum language languages[] = { LANGUAGE_NB, LANGUAGE_NN, LANGUAGE_EN };
        static const char *const ends[] = { "?lang=nb", "?lang=nn", "?lang=en" };
        struct arena *arena = arena_new();
        const struct text base = TEXT("https://usht.example");
        struct text meeting;
        (void)state;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
                int64_t number = 0, person = 0;
                struct text url = link_in(arena, link_url(arena, key, base, 77), languages[i]);
                assert_non_null(strstr(url.at, ends[i]));
                assert_true(link_read(key, url, &number));
                assert_int_equal(number, 77);
                url = link_in(arena, link_held_url(arena, key, base, TEXT("N1-S1"), 12),
                              languages[i]);
                assert_true(link_held_read(key, url, &meeting, &person));
                assert_int_equal(person, 12);
        }
        assert_false(link_read(key, TEXT("?lang=nn"), &(int64_t){ 0 }));
        arena_destroy(&arena);
}

static void test_a_forged_link_is_refused(void **state)
{
        struct arena *arena = arena_new();
        const struct text good = link_url(arena, key, TEXT(""), 77);
        int64_t invitation;
        (void)state;
        for (size_t i = 3; i < good.size; i++) {
                char *forged = arena_alloc(arena, good.size);
                memcpy(forged, good.at, good.size);
                forged[i] = forged[i] == '7' ? '8' : '7';
                assert_false(link_read(key, (struct text){ forged, good.size }, &invitation));
                assert_false(link_read(key, (struct text){ good.at, i }, &invitation));
        }
        assert_false(link_read(key, TEXT(""), &invitation));
        assert_false(link_read(key, TEXT("."), &invitation));
        assert_false(link_read(key, TEXT("-77.AAAAAAAAAAAAAAAAAAAAAA"), &invitation));
        assert_false(link_read(key, text_of(NULL), &invitation));
        arena_destroy(&arena);
}

/* Neither kind of link opens what the other is for. */
static void test_a_link_is_for_one_purpose(void **state)
{
        struct arena *arena = arena_new();
        const struct text evaluation = link_url(arena, key, TEXT(""), 77);
        const struct text newsletter =
                link_unsubscribe_url(arena, key, TEXT("https://usht.example"), 77);
        int64_t number = 0;
        (void)state;
        assert_true(text_starts(newsletter, TEXT("https://usht.example/u/77.")));
        assert_true(link_unsubscribe_read(key, newsletter, &number));
        assert_int_equal(number, 77);
        assert_false(link_unsubscribe_read(other, newsletter, &number));
        assert_false(link_unsubscribe_read(key, evaluation, &number));
        assert_false(link_read(key, newsletter, &number));
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_link_leads_back_to_its_invitation),
                cmocka_unit_test(test_a_link_in_a_language_is_the_same_link),
                cmocka_unit_test(test_a_forged_link_is_refused),
                cmocka_unit_test(test_a_link_is_for_one_purpose),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
