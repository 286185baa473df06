/*
 * Promise 7's half outside the store: a copy of the state directory is another instance. Keys are
 * made once and kept from others. Works in a directory of its own; needs no PostgreSQL.
 */
#include "tests/support/test.h"

#include "common/instance.h"
#include "common/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[] = "/tmp/padriver-instance-XXXXXX";

/* A shell command that must succeed; the directory's name is $P. */
static void run(const char *command)
{
        assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
        (void)state;
        if (!mkdtemp(place))
                return -1;
        setenv("P", place, 1);
        unsetenv("CREDENTIALS_DIRECTORY");
        run("mkdir $P/state $P/run");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        return system("rm -rf $P");
}

/* A path below the test's directory. */
static const char *path(const char *name)
{
        static char buffer[4][200];
        static int turn;

        turn = (turn + 1) % 4;
        snprintf(buffer[turn], sizeof(buffer[turn]), "%s/%s", place, name);
        return buffer[turn];
}

/* The identity of a state directory. */
static void read_id(const char *directory, char id[33])
{
        struct instance *instance = instance_open(path(directory), path("run"));

        assert_non_null(instance);
        assert_int_equal(instance_id(instance).size, 32);
        memcpy(id, instance_id(instance).at, 33);
        instance_close(&instance);
        assert_null(instance);
}

static void test_without_its_file_there_is_no_instance(void **state)
{
        (void)state;
        assert_null(instance_open(path("state"), path("run")));
}

static void test_making_it_again_changes_nothing(void **state)
{
        char before[33], after[33];

        (void)state;
        assert_true(instance_create(path("state")));
        read_id("state", before);
        run("cp -a $P/state $P/kept");
        assert_true(instance_create(path("state")));
        read_id("state", after);
        assert_string_equal(before, after);
        run("diff -r $P/state $P/kept");
}

static void test_a_copy_is_another_instance_and_the_file_moved_is_the_same(void **state)
{
        char original[33], copy[33], moved[33];

        (void)state;
        read_id("state", original);
        run("cp -a $P/state $P/copy");
        read_id("copy", copy);
        assert_string_not_equal(original, copy);
        run("mv $P/state $P/moved");
        read_id("moved", moved);
        assert_string_equal(original, moved);
        run("mv $P/moved $P/state");
}

static void test_another_machine_is_another_instance(void **state)
{
        char original[33], one[33], other[33];

        (void)state;
        read_id("state", original);
        run("echo 03000200-0400-0500 >$P/run/machine");
        read_id("state", one);
        run("echo 03000200-0400-0501 >$P/run/machine");
        read_id("state", other);
        run("rm $P/run/machine");
        assert_string_not_equal(original, one);
        assert_string_not_equal(one, other);
}

static void test_keys_are_made_once_and_kept_from_others(void **state)
{
        struct instance *instance = instance_open(path("state"), path("run"));
        const unsigned char *link = instance_link_key(instance), *master;
        struct stat status;

        (void)state;
        master = instance_master_key(instance);
        assert_non_null(link);
        assert_non_null(master);
        assert_memory_not_equal(link, master, INSTANCE_KEY_SIZE);
        assert_ptr_equal(link, instance_link_key(instance));
        instance_close(&instance);
        assert_int_equal(stat(path("state/master.key"), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(stat(path("state/link.key"), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(stat(path("state/instance"), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0640);
}

static void test_a_credential_goes_before_the_file(void **state)
{
        struct instance *instance = instance_open(path("state"), path("run"));

        (void)state;
        run("mkdir $P/credentials && printf %064d 7 >$P/credentials/master.key");
        setenv("CREDENTIALS_DIRECTORY", path("credentials"), 1);
        assert_int_equal(instance_master_key(instance)[INSTANCE_KEY_SIZE - 1], 7);
        assert_non_null(instance_link_key(instance));
        unsetenv("CREDENTIALS_DIRECTORY");
        instance_close(&instance);
}

static void test_a_damaged_key_is_no_key(void **state)
{
        static const char *const damages[] = { "printf %063d 1 >$P/copy/link.key",
                                               "printf %066d 1 >$P/copy/link.key",
                                               "printf %064d 1 | tr 1 x >$P/copy/link.key",
                                               ": >$P/copy/link.key", "rm $P/copy/link.key" };

        (void)state;
        for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
                struct instance *instance = instance_open(path("copy"), path("run"));

                run(damages[i]);
                assert_null(instance_link_key(instance));
                instance_close(&instance);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_without_its_file_there_is_no_instance),
                cmocka_unit_test(test_making_it_again_changes_nothing),
                cmocka_unit_test(test_a_copy_is_another_instance_and_the_file_moved_is_the_same),
                cmocka_unit_test(test_another_machine_is_another_instance),
                cmocka_unit_test(test_keys_are_made_once_and_kept_from_others),
                cmocka_unit_test(test_a_credential_goes_before_the_file),
                cmocka_unit_test(test_a_damaged_key_is_no_key),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
