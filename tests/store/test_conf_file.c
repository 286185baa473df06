/*
 * Settings from a file: what cannot be read stops the program. Needs no PostgreSQL.
 */
#include "tests/support/test.h"

#include "common/conf.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Loads a file of the content, repeated. */
static bool load(struct conf *conf, const char *content, int times)
{
        struct arena *arena = arena_new();
        char path[] = "/tmp/padriver-conf-XXXXXX";
        int file = mkstemp(path);
        bool loaded;

        assert_true(file >= 0);
        for (int i = 0; i < times; i++)
                assert_true(dprintf(file, "%s", content) >= 0);
        close(file);
        loaded = conf_load(conf, path, arena);
        unlink(path);
        arena_destroy(&arena);
        return loaded;
}

static void test_a_file_is_read_whole_or_refused(void **state)
{
        struct conf conf;

        (void)state;
        assert_true(load(&conf, "broker\n    batch = 7\n", 1));
        assert_int_equal(conf.broker_batch, 7);
        assert_true(load(&conf, "# a line of sixteen", 10));
        assert_true(load(&conf, "# 16 characters\n", 4096));
        assert_false(load(&conf, "# 16 characters\n", 4097));
}

static void test_a_missing_file_is_fatal(void **state)
{
        struct arena *arena = arena_new();
        struct conf conf;

        (void)state;
        assert_false(conf_load(&conf, "/nowhere/padriver.conf", arena));
        assert_false(conf_load(&conf, "/tmp", arena));
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_file_is_read_whole_or_refused),
                cmocka_unit_test(test_a_missing_file_is_fatal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
