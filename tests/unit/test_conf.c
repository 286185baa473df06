/*
 * The rules of conf.h: defaults, bounds, and that nothing unknown or doubtful is passed over.
 */
#include "tests/support/test.h"

#include "common/conf.h"
#include <string.h>

static struct arena *arena;

/* Whether the text is taken. */
static bool takes(struct conf *conf, const char *zpl)
{
        return conf_read(conf, text_of(zpl), "test.conf", arena);
}

static void test_an_empty_file_gives_the_defaults(void **state)
{
        struct conf conf;

        (void)state;
        assert_true(takes(&conf, ""));
        assert_string_equal(conf.place_runtime, "/run/padriver");
        assert_int_equal(conf.broker_batch, 512);
        assert_string_equal(conf.mail_tls, "none");
        assert_string_equal(conf.mail_credentials, "");
        assert_true(conf_load(&conf, NULL, arena));
        assert_true(conf_load(&conf, "", arena));
}

static void test_settings_stand_indented_in_their_section(void **state)
{
        struct conf conf;

        (void)state;
        assert_true(takes(&conf, "# ours\nbroker\n    batch = 4096 # the most\n    endpoint = "
                                 "'ipc://@x'\nmail\n    tls = implicit\n    ca = \"a#b\"\n"));
        assert_int_equal(conf.broker_batch, 4096);
        assert_string_equal(conf.broker_endpoint, "ipc://@x");
        assert_string_equal(conf.mail_tls, "implicit");
        assert_string_equal(conf.mail_ca, "a#b");
        assert_int_equal(conf.broker_memory, 16);
}

static void test_what_is_doubtful_is_fatal(void **state)
{
        static const char *const wrong[] = {
                "broker\n    bacth = 5\n", /* unknown in a section */
                "brokre\n    batch = 5\n", /* unknown section */
                "batch = 5\n",             /* at the margin */
                "broker = 5\n",            /* a section has no value */
                "broker/batch = 5\n",
                "broker\n    batch = 0\n",    /* below the least */
                "broker\n    batch = 4097\n", /* above the greatest */
                "broker\n    batch = 5k\n",
                "broker\n    batch =\n",
                "broker\n    endpoint =\n", /* has a default, so it is needed */
                "broker\n    batch = 5\n        more = 1\n",
                "broker\n    batch = 5\n    batch = 5\n",
                "broker\n    batch = 5\nmail\nbroker\n    memory = 5\n",
                "mail\n    tls = starttls none\n",
                "mail\n    tls = None\n",
                "broker\n  batch = 5\n", /* not ZPL */
                "broker\n    batch = \"5\n",
                "mail\n    ca = \xFF\n",
        };
        struct conf conf, before;

        (void)state;
        assert_true(takes(&conf, ""));
        before = conf;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                if (takes(&conf, wrong[i]))
                        fail_msg("taken: %s", wrong[i]);
                assert_memory_equal(&conf, &before, sizeof(conf));
        }
}

static void test_a_long_line_is_refused_before_it_is_parsed(void **state)
{
        struct conf conf;
        char zpl[4096] = "mail\n    ca = ";

        (void)state;
        memset(zpl + strlen(zpl), 'x', 3000);
        assert_false(takes(&conf, zpl));
}

static void test_the_sample_says_the_defaults(void **state)
{
        struct conf sample, defaults;
        struct text text = conf_sample(arena);

        (void)state;
        assert_true(conf_read(&sample, text, "sample", arena));
        assert_true(takes(&defaults, ""));
#define STRING(section, name, value, meaning)                                                      \
        assert_string_equal(sample.section##_##name, defaults.section##_##name);                   \
        assert_non_null(strstr(text.at, meaning));
#define NUMBER(section, name, value, least, greatest, meaning)                                     \
        assert_true(sample.section##_##name == defaults.section##_##name);
#define CHOICE(section, name, value, choices, meaning) STRING(section, name, value, meaning)
#include "schemas/conf.def"
}

/* One arena for all. */
static int set_up(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_destroy(&arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_empty_file_gives_the_defaults),
                cmocka_unit_test(test_settings_stand_indented_in_their_section),
                cmocka_unit_test(test_what_is_doubtful_is_fatal),
                cmocka_unit_test(test_a_long_line_is_refused_before_it_is_parsed),
                cmocka_unit_test(test_the_sample_says_the_defaults),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
