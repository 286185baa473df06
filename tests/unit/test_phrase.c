/*
 * What letters say: each phrase in all three languages with the same places; nynorsk differs from
 * bokmål unless it is said that both are written alike.
 */
#include "common/phrase.h"
#include "tests/support/test.h"
#include <string.h>

static const enum language all[] = { LANGUAGE_NB, LANGUAGE_NN, LANGUAGE_EN };

/* Whether the phrase has the place, as "{name}". */
static bool has_place(struct text phrase, struct text place)
{
        for (size_t i = 0; i + place.size <= phrase.size; i++)
                if (memcmp(phrase.at + i, place.at, place.size) == 0)
                        return true;
        return false;
}

/* Fails unless every place of a is in b. */
static void check_places(enum phrase p, struct text a, struct text b)
{
        const char *open = memchr(a.at, '{', a.size);

        while (open) {
                size_t left = (size_t)(a.at + a.size - open);
                const char *close = memchr(open, '}', left);

                if (!close)
                        fail_msg("%s: a place is not closed", phrase_name(p));
                struct text place = { open, (size_t)(close - open) + 1 };
                if (!has_place(b, place))
                        fail_msg("%s: %.*s is not in every language", phrase_name(p),
                                 TEXT_ARGS(place));
                open = memchr(close, '{', (size_t)(a.at + a.size - close));
        }
}

static void test_every_phrase_is_in_every_language(void **state)
{
        (void)state;
        for (enum phrase p = 0; p < PHRASE_count; p++)
                for (size_t i = 0; i < 3; i++) {
                        struct text t = phrase_raw(all[i], p);

                        if (t.size == 0 || !text_equal(t, text_trim(t)) || !text_is_utf8(t))
                                fail_msg("%s is missing or untidy", phrase_name(p));
                }
}

static void test_places_are_the_same_in_every_language(void **state)
{
        (void)state;
        for (enum phrase p = 0; p < PHRASE_count; p++)
                for (size_t i = 0; i < 3; i++)
                        check_places(p, phrase_raw(all[i], p), phrase_raw(all[(i + 1) % 3], p));
}

static void test_nynorsk_differs_from_bokmal_unless_it_says_so(void **state)
{
        (void)state;
        for (enum phrase p = 0; p < PHRASE_count; p++)
                if (!phrase_is_same(p) &&
                    text_equal(phrase_raw(LANGUAGE_NB, p), phrase_raw(LANGUAGE_NN, p)))
                        fail_msg("%s: nynorsk is bokmål; if that is right, say SAME",
                                 phrase_name(p));
}

/* Words that are bokmål and not nynorsk; a phrase that says SAME holds none. */
static void test_what_is_the_same_is_also_nynorsk(void **state)
{
        static const char *const bokmal[] = {
                "ikke",      "noe",       "fra ",    "jeg",          "hva",
                "hvor",      "mer ",      "gjelder", "blir knyttet", "lenken",
                "svarene",   "samlingen", "navn",    "tilskudd",     "evalueringen",
                "kommunene", "gruppen",   "innen ",  "sted",         "riktig"
        };

        (void)state;
        for (enum phrase p = 0; p < PHRASE_count; p++)
                for (size_t i = 0; i < sizeof(bokmal) / sizeof(bokmal[0]); i++)
                        if (has_place(phrase_raw(LANGUAGE_NN, p), text_of(bokmal[i])))
                                fail_msg("%s: \"%s\" is bokmål", phrase_name(p), bokmal[i]);
}

static void test_places_are_filled(void **state)
{
        struct arena *arena = arena_new();
        const struct place places[] = { { "title", TEXT("{day}") },
                                        { "day", TEXT("i dag") },
                                        { NULL, { 0 } } };

        (void)state;
        assert_text_equal(phrase(arena, LANGUAGE_NN, PHRASE_update_subject, places),
                          "Endra: {day}, i dag");
        arena_destroy(&arena);
}

static void test_numbers_are_spelled_out_by_language(void **state)
{
        struct arena *arena = arena_new();

        (void)state;
        assert_text_equal(phrase_number(arena, LANGUAGE_NB, 5), "fem");
        assert_text_equal(phrase_number(arena, LANGUAGE_NN, 7), "sju");
        assert_text_equal(phrase_number(arena, LANGUAGE_EN, 5), "five");
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_phrase_is_in_every_language),
                cmocka_unit_test(test_places_are_the_same_in_every_language),
                cmocka_unit_test(test_nynorsk_differs_from_bokmal_unless_it_says_so),
                cmocka_unit_test(test_what_is_the_same_is_also_nynorsk),
                cmocka_unit_test(test_places_are_filled),
                cmocka_unit_test(test_numbers_are_spelled_out_by_language),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
