/* The connection: values survive the way there and back, requests keep their order, whatever is
 * lost is said to be. */
#include "tests/support/cluster.h"
#include "tests/support/test.h"

#include "common/clock.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A test's own database. */
static struct place {
        const char *conninfo;
        struct db *eye, *db;
        struct arena *arena;
} place;

static int set_up(void **state)
{
        (void)state;
        place.conninfo = cluster_database();
        place.eye = cluster_connect(place.conninfo, NULL);
        place.db = cluster_connect(place.conninfo, "padriver_budget");
        place.arena = arena_new();
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        db_destroy(&place.eye);
        db_destroy(&place.db);
        arena_destroy(&place.arena);
        return 0;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Sends one value of a type and gives it back as the server understood it. */
static struct db_result echo(enum sql_type type, const char *sql, union param param)
{
        static struct statement statements[300];
        static enum sql_type types[300];
        static char names[300][20];
        static size_t count;
        struct db_result result;
        assert_true(count < COUNT(statements));
        types[count] = type;
        snprintf(names[count], sizeof names[0], "echo%zu", count);
        statements[count] = (struct statement){
                .name = names[count], .sql = sql, .param_count = 1, .param_types = &types[count]
        };
        db_run(place.db, &statements[count++], &param, &result);
        return result;
}

/* The number comes back, and PostgreSQL writes it as we would. */
static void check_number(enum sql_type type, int64_t value, const char *written)
{
        struct db_result result =
                echo(type, "SELECT $1, $1::text", (union param){ .integer = value });
        assert_int_equal(result.end, DB_OK);
        assert_int_equal(db_int(&result, 0, 0), value);
        if (written)
                assert_text_equal(db_text(&result, 0, 1), written);
        else
                assert_null(db_text(&result, 0, 1).at);
        db_result_clear(&result);
}

static void test_numbers_times_and_dates_come_back(void **state)
{
        (void)state;
        check_number(SQL_BIGINT, INT64_MAX, "9223372036854775807");
        check_number(SQL_BIGINT, INT64_MIN + 1, "-9223372036854775807");
        check_number(SQL_BIGINT, DB_NULL, NULL);
        check_number(SQL_INT, -2147483647 - 1, "-2147483648");
        check_number(SQL_SMALLINT, 32767, "32767");
        check_number(SQL_BOOL, 1, "true");
        check_number(SQL_BOOL, 0, "false");
        check_number(SQL_TIME, 0, "1970-01-01 00:00:00+00");
        check_number(SQL_TIME, INT64_C(1806234130123456), "2027-03-28 11:42:10.123456+00");
        check_number(SQL_TIME, DB_NULL, NULL);
        check_number(SQL_DATE, 0, "1970-01-01");
        check_number(SQL_DATE, 20905, "2027-03-28");
        check_number(SQL_DATE, -800000, "0222-09-04 BC");
}

static void test_a_number_that_does_not_fit_is_bad_data(void **state)
{
        (void)state;
        static const struct {
                enum sql_type type;
                int64_t value;
        } cases[] = { { SQL_INT, INT64_C(2147483648) },
                      { SQL_SMALLINT, -32769 },
                      { SQL_BOOL, 200 },
                      { SQL_DATE, INT64_MAX },
                      { SQL_TIME, INT64_MIN + 5 } };
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct db_result result = echo(cases[i].type, "SELECT $1",
                                               (union param){ .integer = cases[i].value });
                assert_int_equal(result.end, DB_ERROR);
                assert_int_equal(db_advice(&result), DB_ADVICE_REJECT);
                db_result_clear(&result);
        }
        const int64_t ints[] = { 1, 70000 };
        struct db_result result =
                echo(SQL_SMALLINTS, "SELECT $1", (union param){ .ints = { ints, 2 } });
        assert_int_equal(db_advice(&result), DB_ADVICE_REJECT);
        db_result_clear(&result);
}

static void test_texts_and_bytes_come_back(void **state)
{
        (void)state;
        struct db_result result = echo(SQL_TEXT, "SELECT $1",
                                       (union param){ .text = TEXT("Bjørn \xF0\x9F\x8C\xB2") });
        assert_text_equal(db_text(&result, 0, 0), "Bjørn \xF0\x9F\x8C\xB2");
        db_result_clear(&result);
        result = echo(SQL_TEXT, "SELECT $1", (union param){ .text = TEXT("") });
        assert_non_null(db_text(&result, 0, 0).at);
        assert_int_equal(db_text(&result, 0, 0).size, 0);
        db_result_clear(&result);
        result = echo(SQL_TEXT, "SELECT $1", (union param){ .text = { NULL, 0 } });
        assert_null(db_text(&result, 0, 0).at);
        db_result_clear(&result);
        result = echo(SQL_BYTEA, "SELECT $1", (union param){ .text = TEXT("a\0\xff") });
        assert_int_equal(db_text(&result, 0, 0).size, 3);
        assert_memory_equal(db_text(&result, 0, 0).at, "a\0\xff", 3);
        db_result_clear(&result);
        result = echo(SQL_TEXT, "SELECT $1", (union param){ .text = TEXT("\xff") });
        assert_int_equal(db_advice(&result), DB_ADVICE_REJECT);
        db_result_clear(&result);
}

static void test_arrays_come_back_with_their_nulls(void **state)
{
        (void)state;
        const int64_t ints[] = { -1, DB_NULL, 32767 };
        const struct text texts[] = { TEXT("a,b"), { NULL, 0 }, TEXT("") };
        const enum sql_type kinds[] = { SQL_BIGINTS, SQL_INTS, SQL_SMALLINTS };
        struct db_result result;
        for (size_t i = 0; i < COUNT(kinds); i++) {
                result =
                        echo(kinds[i], "SELECT $1, $1::text", (union param){ .ints = { ints, 3 } });
                struct int_array got = db_ints(&result, 0, 0, place.arena);
                assert_text_equal(db_text(&result, 0, 1), "{-1,NULL,32767}");
                assert_int_equal(got.count, 3);
                assert_memory_equal(got.at, ints, sizeof ints);
                db_result_clear(&result);
                result = echo(kinds[i], "SELECT $1, $1 = '{}'",
                              (union param){ .ints = { NULL, 0 } });
                assert_int_equal(db_ints(&result, 0, 0, place.arena).count, 0);
                assert_int_equal(db_int(&result, 0, 1), 1);
                db_result_clear(&result);
        }
        result = echo(SQL_TEXTS, "SELECT $1, $1::text", (union param){ .texts = { texts, 3 } });
        struct text_array got = db_texts(&result, 0, 0, place.arena);
        assert_text_equal(db_text(&result, 0, 1), "{\"a,b\",NULL,\"\"}");
        db_result_clear(&result);
        assert_int_equal(got.count, 3); /* lives on without the answer */
        assert_text_equal(got.at[0], "a,b");
        assert_null(got.at[1].at);
        assert_text_equal(got.at[2], "");
}

/* Collects the ends of requests in the order they are told. */
struct seen {
        char line[400];
};

static void see(void *context, const struct db_result *result)
{
        struct seen *seen = context;
        size_t size = strlen(seen->line);
        const char *what = result->end == DB_OK     ? result->command
                           : result->end == DB_LOST ? "lost"
                                                    : result->sqlstate;
        snprintf(seen->line + size, sizeof seen->line - size, "%s%s", size ? "," : "", what);
}

static const struct statement select_one = { .name = "one", .sql = "SELECT 1" };
static const struct statement fail_once = { .name = "fails", .sql = "SELECT 1 / 0" };
static const struct statement sleep_long = { .name = "sleeps", .sql = "SELECT pg_sleep(20)" };

static void test_answers_come_in_order_each_to_its_own(void **state)
{
        (void)state;
        struct seen seen = { "" };
        for (int i = 0; i < 2; i++) {
                db_send(place.db, &select_one, NULL, see, &seen);
                db_send_plain(place.db, "BEGIN", see, &seen);
                db_send(place.db, &fail_once, NULL, see, &seen);
                db_send(place.db, &select_one, NULL, see, &seen);
                db_send_plain(place.db, "COMMIT", see, &seen);
                db_send(place.db, &select_one, NULL, see, &seen);
        }
        assert_int_equal(db_pending(place.db), 12);
        assert_true(db_wait(place.db));
        assert_string_equal(seen.line, "SELECT 1,BEGIN,22012,25P02,ROLLBACK,SELECT 1,SELECT "
                                       "1,BEGIN,22012,25P02,ROLLBACK,SELECT 1");
}

static void test_what_is_chained_to_a_failure_is_not_run(void **state)
{
        (void)state;
        struct seen seen = { "" };
        db_send_plain(place.db, "BEGIN", see, &seen);
        db_chain(place.db);
        db_send(place.db, &fail_once, NULL, see, &seen);
        db_send_plain(place.db, "COMMIT", see, &seen);
        db_send_plain(place.db, "ROLLBACK", see, &seen);
        assert_true(db_wait(place.db));
        assert_string_equal(seen.line, "BEGIN,22012,25P02,ROLLBACK");
}

static void test_nothing_waits_while_the_loop_goes_on(void **state)
{
        (void)state;
        struct seen seen = { "" };
        static const struct statement sleep_short = { .name = "naps",
                                                      .sql = "SELECT pg_sleep(0.1)" };
        int64_t start = clock_monotonic_ms();
        db_send(place.db, &sleep_short, NULL, see, &seen);
        assert_true(db_flush(place.db) && db_receive(place.db));
        assert_true(clock_monotonic_ms() - start < 90);
        assert_string_equal(seen.line, "");
        while (db_pending(place.db) > 0) {
                poll(&(struct pollfd){ .fd = db_socket(place.db), .events = POLLIN }, 1, 1000);
                assert_true(db_receive(place.db));
        }
        assert_string_equal(seen.line, "SELECT 1");
}

static void test_all_that_was_pending_hears_of_the_loss(void **state)
{
        (void)state;
        struct seen seen = { "" };
        db_send(place.db, &select_one, NULL, see, &seen);
        assert_true(db_wait(place.db));
        db_send(place.db, &sleep_long, NULL, see, &seen);
        db_send_plain(place.db, "COMMIT", see, &seen);
        assert_true(db_flush(place.db));
        cluster_run(place.eye, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                               "usename = 'padriver_budget'");
        assert_false(db_wait(place.db));
        assert_string_equal(seen.line, "SELECT 1,lost,lost");
        assert_false(db_is_open(place.db));
        db_send(place.db, &select_one, NULL, see, &seen);
        assert_string_equal(seen.line, "SELECT 1,lost,lost,lost");
        assert_true(db_connect(place.db));
        db_send(place.db, &select_one, NULL, see, &seen);
        assert_true(db_wait(place.db));
}

static void test_a_deadline_gives_the_connection_up(void **state)
{
        (void)state;
        struct seen seen = { "" };
        struct db *hasty = db_new(place.conninfo, "padriver_budget", NULL, 200);
        assert_true(db_connect(hasty));
        int64_t start = clock_monotonic_ms();
        db_send(hasty, &sleep_long, NULL, see, &seen);
        assert_false(db_wait(hasty));
        assert_true(clock_monotonic_ms() - start < 5000);
        assert_string_equal(seen.line, "lost");
        assert_false(db_is_open(hasty));
        db_destroy(&hasty);
}

/* The deadline cancels nothing: what the server was doing, it does. */
static void test_a_commit_is_never_cancelled(void **state)
{
        (void)state;
        struct db *hasty = db_new(place.conninfo, NULL, NULL, 200);
        assert_true(db_connect(hasty));
        cluster_run(place.eye, "CREATE TABLE public.done (n int)");
        db_send_plain(hasty, "INSERT INTO public.done SELECT 1 FROM pg_sleep(0.6)", NULL, NULL);
        assert_false(db_wait(hasty));
        while (cluster_number(place.eye, "SELECT count(*) FROM public.done") == 0)
                ;
        db_destroy(&hasty);
}

/* A queue of more than the socket takes, with answers that the server must get rid of meanwhile. */
static void test_much_each_way_does_not_block(void **state)
{
        (void)state;
        static char bytes[200000];
        static const enum sql_type type = SQL_TEXT;
        static const struct statement big = {
                .name = "big", .sql = "SELECT $1", .param_count = 1, .param_types = &type
        };
        memset(bytes, 'x', sizeof bytes);
        struct seen seen = { "" };
        for (int i = 0; i < 40; i++)
                db_send(place.db, &big, &(union param){ .text = { bytes, sizeof bytes } },
                        i < 39 ? NULL : see, &seen);
        assert_true(db_wait(place.db));
        assert_string_equal(seen.line, "SELECT 1");
}

static void test_a_statement_that_could_not_be_prepared_is_tried_again(void **state)
{
        (void)state;
        static const struct statement late = { .name = "late", .sql = "SELECT * FROM public.late" };
        struct db_result result;
        assert_false(db_run(place.db, &late, NULL, &result));
        assert_int_equal(db_advice(&result), DB_ADVICE_EXIT);
        db_result_clear(&result);
        cluster_run(place.eye, "CREATE TABLE public.late (n bigint); GRANT SELECT ON public.late "
                               "TO padriver_budget");
        assert_true(db_run(place.db, &late, NULL, &result));
        db_result_clear(&result);
        cluster_run(place.eye, "ALTER TABLE public.late ADD m bigint");
        assert_false(db_run(place.db, &late, NULL, &result)); /* its plan's columns changed */
        assert_int_equal(db_advice(&result), DB_ADVICE_RECONNECT);
        db_result_clear(&result);
}

static void test_the_session_is_set_up(void **state)
{
        (void)state;
        struct text got =
                cluster_text(place.db,
                             "SELECT concat_ws(' ', current_setting('TimeZone'), "
                             "current_setting('lock_timeout'),"
                             " current_setting('application_name'), "
                             "current_setting('default_transaction_isolation'), current_user)",
                             place.arena);
        assert_text_equal(got, "UTC 10s padriver_budget read committed padriver_budget");
        struct db *named = db_new(place.conninfo, "padriver_budget", "budget, register", 5000);
        assert_true(db_connect(named));
        got = cluster_text(named, "SELECT current_setting('search_path')", place.arena);
        assert_text_equal(got, "budget, register");
        db_destroy(&named);
}

static void test_a_server_that_takes_no_writes_is_refused(void **state)
{
        (void)state;
        cluster_run(place.eye, "ALTER ROLE padriver_budget SET default_transaction_read_only = on");
        struct db *db = db_new(place.conninfo, "padriver_budget", NULL, 5000);
        assert_false(db_connect(db));
        cluster_run(place.eye, "ALTER ROLE padriver_budget RESET default_transaction_read_only");
        assert_true(db_connect(db));
        db_destroy(&db);
}

static void test_no_server_is_said_and_not_waited_for(void **state)
{
        (void)state;
        struct db *db = db_new("host=/nonexistent dbname=x", "padriver_budget", NULL, 5000);
        assert_false(db_connect(db));
        assert_int_equal(db_socket(db), -1);
        assert_false(db_flush(db));
        assert_false(db_wait(db));
        db_destroy(&db);
}

static void test_after_a_crash_of_the_server_it_goes_on(void **state)
{
        (void)state;
        struct seen seen = { "" };
        db_send(place.db, &sleep_long, NULL, see, &seen);
        db_flush(place.db);
        cluster_crash();
        assert_false(db_wait(place.db));
        assert_string_equal(seen.line, "lost");
        assert_false(db_connect(place.db));
        cluster_start();
        assert_true(db_connect(place.db));
        db_send(place.db, &select_one, NULL, see, &seen);
        assert_true(db_wait(place.db));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_numbers_times_and_dates_come_back),
                TEST(test_a_number_that_does_not_fit_is_bad_data),
                TEST(test_texts_and_bytes_come_back),
                TEST(test_arrays_come_back_with_their_nulls),
                TEST(test_answers_come_in_order_each_to_its_own),
                TEST(test_what_is_chained_to_a_failure_is_not_run),
                TEST(test_nothing_waits_while_the_loop_goes_on),
                TEST(test_all_that_was_pending_hears_of_the_loss),
                TEST(test_a_deadline_gives_the_connection_up),
                TEST(test_a_commit_is_never_cancelled),
                TEST(test_much_each_way_does_not_block),
                TEST(test_a_statement_that_could_not_be_prepared_is_tried_again),
                TEST(test_the_session_is_set_up),
                TEST(test_a_server_that_takes_no_writes_is_refused),
                TEST(test_no_server_is_said_and_not_waited_for),
                TEST(test_after_a_crash_of_the_server_it_goes_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
