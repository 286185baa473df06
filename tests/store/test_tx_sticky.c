/*
 * Where a transaction may fail on its way, and that then nothing of it stands: in a timer that is not
 * waited for, in the append, by the connection in the middle, by being left and begun again. And what
 * events and timers bear: actor, trace.
 */
#include "tests/support/cluster.h"
#include "tests/support/panics.h"
#include "tests/support/test.h"

#include "common/clock.h"
#include "common/tx.h"

#define NOW   INT64_C(1800000000000000)
#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

/* A test's own database, with a connection for looking and a transaction as the budget daemon. */
struct place {
        struct db *eye, *db;
        struct tx *tx;
};

static int set_up(void **state)
{
        static struct place place;
        const char *conninfo = cluster_database();
        place.eye = cluster_connect(conninfo, NULL);
        cluster_run(place.eye, "CREATE TABLE public.thing (id bigint PRIMARY KEY);"
                               "GRANT ALL ON public.thing TO padriver_budget");
        place.db = db_new(conninfo, "padriver_budget", "budget", 5000);
        place.tx = tx_new(place.db, "budget");
        *state = &place;
        return 0;
}

static int tear_down(void **state)
{
        struct place *place = *state;
        tx_destroy(&place->tx);
        tx_destroy(&place->tx); /* what is gone may go again */
        db_destroy(&place->db);
        db_destroy(&place->eye);
        return 0;
}

/* A statement without parameters. */
#define STATEMENT(name_, sql_) static const struct statement name_ = { .name = #name_, .sql = sql_ }

STATEMENT(insert_one, "INSERT INTO public.thing VALUES (1)");
STATEMENT(greatest_of_all, "SELECT max(id) FROM public.thing");
STATEMENT(change_two, "UPDATE public.thing SET id = id + 10 WHERE id = 2");
STATEMENT(serializable, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");

static void begin_and_insert(struct place *place)
{
        assert_true(tx_begin(place->tx, NOW));
        assert_int_equal(tx_run(place->tx, &insert_one, NULL)->rows, 1);
}

static void emit_one(struct tx *tx)
{
        emit_meeting_held(tx, &(struct meeting_held){ TEXT("SG1") });
}

static void expect_nothing(struct place *place)
{
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 0);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 0);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.timer"), 0);
        assert_int_equal(tx_position(place->tx, 0), 0);
}

static void test_a_timer_that_is_refused_undoes_all_though_nobody_waited_for_it(void **state)
{
        struct place *place = *state;
        cluster_run(place->eye, "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC, "
                                "padriver_budget");
        begin_and_insert(place);
        timer_meeting_held(place->tx, TEXT("t"), NOW, DB_NULL,
                           &(struct meeting_held){ TEXT("SG1") });
        assert_false(tx_failed(place->tx)); /* it is on its way */
        assert_int_equal(tx_commit(place->tx), TX_EXIT);
        assert_memory_equal(tx_reason(place->tx), "42501", 5);
        expect_nothing(place);
}

static void test_an_append_that_is_refused_undoes_all(void **state)
{
        struct place *place = *state;
        cluster_run(place->eye,
                    "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN RAISE EXCEPTION 'the log is full' USING ERRCODE = '53100';"
                    " END $$;"
                    "CREATE TRIGGER refuse BEFORE INSERT ON log.event FOR EACH STATEMENT"
                    " EXECUTE FUNCTION public.refuse()");
        begin_and_insert(place);
        emit_one(place->tx);
        assert_int_equal(tx_commit(place->tx), TX_RETRY);
        assert_string_equal(tx_reason(place->tx), "53100 the log is full");
        expect_nothing(place);
        cluster_run(place->eye, "DROP TRIGGER refuse ON log.event");
        begin_and_insert(place); /* the same connection is good for the next */
        emit_one(place->tx);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(tx_position(place->tx, 0), 1);
}

static void test_a_serialization_failure_asks_for_the_whole_again(void **state)
{
        struct place *place = *state;
        cluster_run(place->eye, "INSERT INTO public.thing VALUES (2)");
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &serializable, NULL);
        tx_run(place->tx, &greatest_of_all, NULL);
        cluster_run(place->eye, "UPDATE public.thing SET id = 2 WHERE id = 2");
        tx_run(place->tx, &change_two, NULL);
        emit_one(place->tx);
        assert_int_equal(tx_commit(place->tx), TX_RETRY);
        assert_memory_equal(tx_reason(place->tx), "40001", 5);
        assert_int_equal(cluster_number(place->eye, "SELECT id FROM public.thing"), 2);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 0);
}

static void test_a_connection_that_ends_between_statements_leaves_nothing(void **state)
{
        struct place *place = *state;
        begin_and_insert(place);
        timer_meeting_held(place->tx, TEXT("t"), NOW, DB_NULL,
                           &(struct meeting_held){ TEXT("SG1") });
        cluster_run(place->eye, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                "usename = 'padriver_budget'");
        emit_one(place->tx);
        tx_timer_drop(place->tx, TEXT("t"));
        assert_int_equal(tx_commit(place->tx), TX_RETRY);
        expect_nothing(place);
}

static void test_what_is_left_without_an_end_is_undone_by_the_next(void **state)
{
        struct place *place = *state;
        begin_and_insert(place);
        emit_one(place->tx);
        begin_and_insert(place); /* no duplicate: the first is gone */
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 0);
}

static void test_after_retry_the_first_reason_stays(void **state)
{
        struct place *place = *state;
        begin_and_insert(place);
        assert_int_equal(tx_retry(place->tx, "no mail server for %d s", 7), RETRY);
        assert_int_equal(tx_reject(place->tx, "bad"), RETRY);
        tx_timer_drop(place->tx, TEXT("t"));
        assert_int_equal(tx_commit(place->tx), TX_RETRY);
        assert_string_equal(tx_reason(place->tx), "no mail server for 7 s");
        tx_timer_drop(place->tx, TEXT("t"));
        assert_int_equal(db_pending(place->db), 0); /* nothing more was sent */
        expect_nothing(place);
}

static void test_a_trace_rides_with_what_may_bear_it(void **state)
{
        struct place *place = *state;
        const struct evaluation_submitted answer = { .evaluation = TEXT("N1-S1") };
        tx_begin(place->tx, NOW);
        emit_one(place->tx);
        tx_set_traceparent(place->tx, TEXT(TRACE));
        tx_set_actor(place->tx, TEXT("budget")); /* as it is already */
        emit_one(place->tx);
        emit_evaluation_submitted(place->tx, &answer); /* nobody is to be linked with it */
        emit_one(place->tx);
        timer_meeting_held(place->tx, TEXT("t"), NOW, DB_NULL,
                           &(struct meeting_held){ TEXT("SG1") });
        tx_set_traceparent(place->tx, (struct text){ 0 });
        emit_one(place->tx);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(cluster_number(place->eye, "SELECT min(position) * count(*) FROM log.event"
                                                    " WHERE traceparent = '" TRACE "'"),
                         2 * 2); /* the second and the fourth */
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"
                                                    " WHERE traceparent IS NULL"
                                                    " AND actor = 'budget'"),
                         3);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.timer"
                                                    " WHERE traceparent = '" TRACE "'"),
                         1);
}

static void test_it_is_idle_until_it_asks_or_emits(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        assert_true(tx_is_idle(place->tx));
        emit_one(place->tx);
        assert_false(tx_is_idle(place->tx));
        tx_rollback(place->tx);
        tx_begin(place->tx, NOW);
        tx_open(place->tx, &insert_one, (const union param[]){ { 0 } }, NULL, NULL);
        assert_true(tx_is_idle(place->tx));
        tx_wait(place->tx);
        assert_false(tx_is_idle(place->tx));
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 0);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
}

static void test_waiting_for_nothing_is_over_at_once(void **state)
{
        struct place *place = *state;
        int64_t began = clock_monotonic_ms();
        tx_begin(place->tx, NOW);
        tx_wait(place->tx);
        assert_true(tx_is_idle(place->tx));
        assert_int_equal(tx_run(place->tx, &insert_one, NULL)->rows, 1);
        tx_wait(place->tx);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_in_range(clock_monotonic_ms() - began, 0, 4000);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
}

static void test_without_a_store_nothing_begins(void **state)
{
        struct db *db = db_new("host=/nowhere", "padriver_budget", "budget", 1000);
        struct tx *tx = tx_new(db, "budget");
        (void)state;
        assert_false(tx_begin(tx, NOW));
        assert_int_equal(tx_run(tx, &insert_one, NULL)->rows, 0);
        assert_int_equal(tx_commit(tx), TX_RETRY);
        tx_destroy(&tx);
        db_destroy(&db);
}

static void open_with_too_many(void)
{
        static const struct statement nine = { .name = "nine", .param_count = 9 };
        static struct db *db; /* these two are still in use when it panics */
        static struct tx *tx;
        db = db_new("", NULL, NULL, 1000);
        tx = tx_new(db, "budget");
        tx_open(tx, &nine, (const union param[9]){ { 0 } }, NULL, NULL);
}

static void test_more_parameters_than_there_is_room_for_are_a_fault_of_ours(void **state)
{
        (void)state;
        assert_panics(open_with_too_many, "nine has too many parameters to begin with");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_more_parameters_than_there_is_room_for_are_a_fault_of_ours),
                cmocka_unit_test(test_without_a_store_nothing_begins),
                TEST(test_a_timer_that_is_refused_undoes_all_though_nobody_waited_for_it),
                TEST(test_an_append_that_is_refused_undoes_all),
                TEST(test_a_serialization_failure_asks_for_the_whole_again),
                TEST(test_a_connection_that_ends_between_statements_leaves_nothing),
                TEST(test_what_is_left_without_an_end_is_undone_by_the_next),
                TEST(test_after_retry_the_first_reason_stays),
                TEST(test_it_is_idle_until_it_asks_or_emits),
                TEST(test_waiting_for_nothing_is_over_at_once),
                TEST(test_a_trace_rides_with_what_may_bear_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
