/*
 * The rules of arena.h: zeroed, aligned, not overlapping, one block kept over a clear.
 */
#include "tests/support/test.h"

#include "common/arena.h"
#include <stdalign.h>
#include <string.h>

static void fill_and_check(struct arena *arena, size_t size)
{
        unsigned char *bytes = arena_alloc(arena, size);

        assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
                assert_int_equal(bytes[i], 0);
        memset(bytes, 0xEE, size);
}

static void test_memory_is_zero_even_after_a_clear(void **state)
{
        static const size_t sizes[] = { 1, 16, 17, 1000, 16000, 20000, 65536, 65537, 300000, 3 };
        struct arena *arena = arena_new();

        (void)state;
        for (int turn = 0; turn < 3; turn++) {
                for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
                        fill_and_check(arena, sizes[i]);
                arena_clear(arena);
        }
        arena_destroy(&arena);
        assert_null(arena);
        arena_destroy(&arena);
}

static void test_things_do_not_overlap(void **state)
{
        struct arena *arena = arena_new();
        size_t *things[2000];

        (void)state;
        for (size_t i = 0; i < 2000; i++) {
                things[i] = arena_array(arena, 1 + i % 97, sizeof(size_t));
                for (size_t j = 0; j < 1 + i % 97; j++)
                        things[i][j] = i;
        }
        for (size_t i = 0; i < 2000; i++)
                for (size_t j = 0; j < 1 + i % 97; j++)
                        assert_int_equal(things[i][j], i);
        arena_destroy(&arena);
}

static void test_a_clear_keeps_a_block_for_the_next_use(void **state)
{
        struct arena *arena = arena_new();
        void *before = arena_alloc(arena, 100), *after;

        (void)state;
        arena_alloc(arena, 200000);
        arena_clear(arena);
        after = arena_alloc(arena, 100);
        assert_ptr_equal(before, after);
        arena_destroy(&arena);
}

static void test_copies_are_strings_and_no_text_stays_none(void **state)
{
        struct arena *arena = arena_new();
        struct text text = arena_copy(arena, (struct text){ "Hol kommune", 3 });

        (void)state;
        assert_text_equal(text, "Hol");
        assert_string_equal(text.at, "Hol");
        assert_null(arena_copy(arena, text_of(NULL)).at);
        assert_non_null(arena_copy(arena, TEXT("")).at);
        assert_string_equal(arena_string(arena, text_of(NULL)), "");
        assert_string_equal(arena_string(arena, (struct text){ "3330", 2 }), "33");
        text = arena_printf(arena, "%s-S%d", "N1", 2);
        assert_text_equal(text, "N1-S2");
        assert_string_equal(text.at, "N1-S2");
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_memory_is_zero_even_after_a_clear),
                cmocka_unit_test(test_things_do_not_overlap),
                cmocka_unit_test(test_a_clear_keeps_a_block_for_the_next_use),
                cmocka_unit_test(test_copies_are_strings_and_no_text_stays_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
