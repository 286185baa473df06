/* Migrations: forward only, each once, all or nothing of a file. */
#include "tests/support/cluster.h"
#include "tests/support/test.h"

#include "common/migrate.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW INT64_C(1800000000000000)

/* A test's own empty database and folder of migrations. */
static struct place {
        struct db *db;
        const char *conninfo;
        char directory[40];
} place;

static int set_up(void **state)
{
        (void)state;
        place.conninfo = cluster_empty_database();
        place.db = cluster_connect(place.conninfo, NULL);
        strcpy(place.directory, "/tmp/migrate.XXXXXX");
        return mkdtemp(place.directory) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
        (void)info;
        (void)type;
        (void)walk;
        return remove(path);
}

static int tear_down(void **state)
{
        (void)state;
        db_destroy(&place.db);
        return nftw(place.directory, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *name, const char *sql)
{
        char path[100];
        snprintf(path, sizeof path, "%s/%s", place.directory, name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(sql, file);
        fclose(file);
}

/* Migrates from the test's folder. */
static struct migrated run(void)
{
        struct migrated migrated;
        bool good = migrate(place.db, place.directory, NOW, &migrated);
        assert_int_equal(good, !*migrated.reason);
        return migrated;
}

static void check_refused(const char *reason)
{
        struct migrated migrated = run();
        if (!strstr(migrated.reason, reason))
                fail_msg("\"%s\" does not say \"%s\"", migrated.reason, reason);
}

static void test_migrations_run_in_order_and_once(void **state)
{
        (void)state;
        write_file("0001_first.sql", "CREATE TABLE a (n int); INSERT INTO a VALUES (1);");
        write_file("0002_second.sql", "UPDATE a SET n = n + 1; -- no end");
        write_file("notes.txt", "not a migration");
        struct migrated migrated = run();
        assert_string_equal(migrated.reason, "");
        assert_int_equal(migrated.applied, 2);
        migrated = run();
        assert_int_equal(migrated.applied, 0);
        assert_int_equal(migrated.before, 2);
        write_file("0003_third.sql", "UPDATE a SET n = n + 10;");
        assert_int_equal(run().applied, 1);
        assert_int_equal(cluster_number(place.db, "SELECT n FROM a"), 12);
        assert_int_equal(cluster_number(place.db, "SELECT count(*) FROM public.migration WHERE at "
                                                  "= to_timestamp(1800000000)"),
                         3);
}

static void test_a_changed_file_is_refused_by_name(void **state)
{
        (void)state;
        write_file("0001_first.sql", "CREATE TABLE a (n int)");
        run();
        write_file("0001_first.sql", "CREATE TABLE a (n bigint)");
        write_file("0002_second.sql", "CREATE TABLE b (n int)");
        check_refused("0001_first.sql was changed");
        assert_int_equal(
                cluster_number(place.db, "SELECT count(*) FROM pg_class WHERE relname = 'b'"), 0);
}

static void test_a_failing_file_leaves_nothing_and_names_its_line(void **state)
{
        (void)state;
        write_file("0001_first.sql", "CREATE TABLE a (n int);");
        write_file("0002_second.sql",
                   "CREATE TABLE b (n int);\n-- æøå\nINSERT INTO a VALUES (nothing);\n");
        write_file("0003_third.sql", "CREATE TABLE c (n int);");
        check_refused("0002_second.sql:3: column \"nothing\" does not exist");
        assert_int_equal(
                cluster_number(place.db,
                               "SELECT count(*) FROM pg_class WHERE relname IN ('b', 'c')"),
                0);
        assert_int_equal(cluster_number(place.db, "SELECT count(*) FROM public.migration"), 1);
        write_file("0002_second.sql", "CREATE TABLE b (n int);");
        assert_int_equal(run().applied, 2);
}

static void test_a_file_before_what_is_applied_is_refused(void **state)
{
        (void)state;
        write_file("0002_second.sql", "CREATE TABLE b (n int)");
        run();
        write_file("0001_first.sql", "CREATE TABLE a (n int)");
        check_refused("migrations only go forward");
}

static void test_a_store_of_a_newer_version_is_refused(void **state)
{
        (void)state;
        char path[100];
        write_file("0001_first.sql", "CREATE TABLE a (n int)");
        write_file("0002_second.sql", "CREATE TABLE b (n int)");
        run();
        snprintf(path, sizeof path, "%s/0002_second.sql", place.directory);
        unlink(path);
        check_refused("0002_second.sql is applied but not here");
}

static void test_two_files_of_one_number_are_refused(void **state)
{
        (void)state;
        write_file("0001_first.sql", "SELECT 1");
        write_file("0001_other.sql", "SELECT 1");
        check_refused("another file has its number");
}

static void test_an_empty_folder_is_refused(void **state)
{
        (void)state;
        check_refused("there are no migrations here");
}

static void test_two_at_once_apply_each_file_once(void **state)
{
        (void)state;
        write_file("0001_first.sql",
                   "CREATE TABLE a (n int); INSERT INTO a VALUES (1); SELECT pg_sleep(0.3);");
        pid_t other = fork();
        if (other == 0) {
                struct migrated migrated;
                struct db *db = cluster_connect(place.conninfo, NULL);
                const bool good = migrate(db, place.directory, NOW, &migrated);
                db_destroy(&db);
                _exit(!good);
        }
        assert_string_equal(run().reason, "");
        int status;
        waitpid(other, &status, 0);
        assert_int_equal(status, 0);
        assert_int_equal(cluster_number(place.db, "SELECT count(*) FROM a"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_migrations_run_in_order_and_once),
                TEST(test_a_changed_file_is_refused_by_name),
                TEST(test_a_failing_file_leaves_nothing_and_names_its_line),
                TEST(test_a_file_before_what_is_applied_is_refused),
                TEST(test_a_store_of_a_newer_version_is_refused),
                TEST(test_two_files_of_one_number_are_refused),
                TEST(test_an_empty_folder_is_refused),
                TEST(test_two_at_once_apply_each_file_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
