/* The transaction: sticky errors, advice by SQLSTATE, positions, unknown outcomes. */
#include "tests/support/cluster.h"
#include "tests/support/test.h"

#include "common/tx.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW INT64_C(1800000000000000)

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
        cluster_run(place.eye, "CREATE TABLE public.thing (id bigint PRIMARY KEY, name text);"
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
        db_destroy(&place->db);
        db_destroy(&place->eye);
        return 0;
}

/* A statement without parameters. */
#define STATEMENT(name_, sql_) static const struct statement name_ = { .name = #name_, .sql = sql_ }

STATEMENT(insert_one, "INSERT INTO public.thing VALUES (1, 'one')");
STATEMENT(insert_two, "INSERT INTO public.thing VALUES (2, 'two')");
STATEMENT(count_things, "SELECT count(*) FROM public.thing");
STATEMENT(divide_by_zero, "SELECT 1 / 0");
STATEMENT(no_such_table, "SELECT * FROM public.nothing");
STATEMENT(raise_refusal, "DO $$ BEGIN RAISE EXCEPTION 'no seat 7' USING ERRCODE = 'PD002'; END $$");
STATEMENT(raise_fenced, "DO $$ BEGIN RAISE EXCEPTION 'fenced' USING ERRCODE = 'PD001'; END $$");
STATEMENT(raise_deadlock, "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$");
STATEMENT(raise_readonly, "DO $$ BEGIN RAISE EXCEPTION 'standby' USING ERRCODE = '25006'; END $$");
STATEMENT(raise_other, "DO $$ BEGIN RAISE EXCEPTION 'other' USING ERRCODE = 'PX123'; END $$");
STATEMENT(end_session, "SELECT pg_terminate_backend(pg_backend_pid())");

static const struct statement *const failing[] = {
        &divide_by_zero, &no_such_table, &raise_refusal, &raise_fenced, &raise_deadlock,
        &raise_readonly, &raise_other,   &insert_one,    &end_session
};
static const enum tx_end ends[] = { TX_REJECT, TX_EXIT,   TX_REJECT, TX_FENCED, TX_RETRY,
                                    TX_RETRY,  TX_REJECT, TX_REJECT, TX_RETRY };

static void test_each_sqlstate_ends_as_the_design_says(void **state)
{
        struct place *place = *state;
        cluster_run(place->eye, "INSERT INTO public.thing VALUES (1, 'there')");
        for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
                assert_true(tx_begin(place->tx, NOW));
                tx_run(place->tx, &insert_two, NULL);
                tx_run(place->tx, failing[i], NULL);
                assert_true(tx_failed(place->tx));
                assert_int_equal(tx_commit(place->tx), ends[i]);
                assert_true(*tx_reason(place->tx));
                assert_int_equal(tx_is_constraint(place->tx), failing[i] == &insert_one);
        }
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
}

static void test_a_refusal_is_told_in_its_own_words(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &raise_refusal, NULL);
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
        assert_string_equal(tx_reason(place->tx), "no seat 7");
}

static void test_after_a_failure_nothing_is_done(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &divide_by_zero, NULL);
        assert_int_equal(tx_run(place->tx, &count_things, NULL)->rows, 0);
        assert_int_equal(tx_run(place->tx, &insert_one, NULL)->rows, 0);
        emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("SG1") });
        timer_meeting_held(place->tx, TEXT("t"), NOW, DB_NULL,
                           &(struct meeting_held){ TEXT("SG1") });
        assert_int_equal(tx_reject(place->tx, "later"), REJECT);
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
        assert_memory_equal(tx_reason(place->tx), "22012", 5);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 0);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.timer"), 0);
}

/* What an opening statement's answer was. */
static int opened;

static void take_opened(void *context, const struct db_result *result)
{
        tx_note(context, result);
        opened += result->end == DB_OK;
}

static void test_what_opens_a_transaction_is_part_of_it(void **state)
{
        struct place *place = *state;
        opened = 0;
        tx_begin(place->tx, NOW);
        tx_open(place->tx, &insert_one, (const union param[]){ { 0 } }, take_opened, place->tx);
        assert_int_equal(db_int(tx_run(place->tx, &count_things, NULL), 0, 0), 1);
        assert_int_equal(opened, 1);
        tx_run(place->tx, &divide_by_zero, NULL);
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 0);
}

static void test_alone_it_is_a_transaction_of_its_own(void **state)
{
        struct place *place = *state;
        opened = 0;
        tx_begin(place->tx, NOW);
        tx_open(place->tx, &insert_one, (const union param[]){ { 0 } }, take_opened, place->tx);
        assert_int_equal(opened, 0);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(opened, 1);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
        tx_begin(place->tx, NOW);
        tx_open(place->tx, &insert_two, (const union param[]){ { 0 } }, take_opened, place->tx);
        tx_reject(place->tx, "poison");
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
        assert_int_equal(opened, 1); /* nothing was sent */
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
}

static void test_when_it_fails_nothing_else_is_done(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_open(place->tx, &raise_fenced, (const union param[]){ { 0 } }, take_opened, place->tx);
        tx_run(place->tx, &insert_one, NULL);
        assert_int_equal(tx_commit(place->tx), TX_FENCED);
        tx_begin(place->tx, NOW);
        tx_open(place->tx, &raise_fenced, (const union param[]){ { 0 } }, take_opened, place->tx);
        emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("SG1") });
        assert_int_equal(tx_commit(place->tx), TX_FENCED);
        tx_begin(place->tx, NOW);
        tx_open(place->tx, &raise_fenced, (const union param[]){ { 0 } }, take_opened, place->tx);
        assert_int_equal(tx_commit(place->tx), TX_FENCED);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 0);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 0);
}

static void test_the_worlds_fault_is_not_turned_into_the_events(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &raise_deadlock, NULL);
        assert_int_equal(tx_reject(place->tx, "no such meeting"), RETRY);
        assert_int_equal(tx_commit(place->tx), TX_RETRY);
}

static void test_a_new_transaction_starts_clean(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &divide_by_zero, NULL);
        tx_commit(place->tx);
        tx_begin(place->tx, NOW);
        assert_false(tx_failed(place->tx));
        assert_int_equal(tx_run(place->tx, &insert_one, NULL)->rows, 1);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_string_equal(tx_reason(place->tx), "");
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
}

static void test_events_get_the_positions_that_are_told(void **state)
{
        struct place *place = *state;
        cluster_run(place->eye,
                    "SELECT log.append('2027-01-01', '{1}', '{x}', '{y}', '{0}', '{\"\\\\x80\"}')");
        tx_begin(place->tx, NOW);
        emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("SG1") });
        tx_set_cause(place->tx, 1);
        tx_set_actor(place->tx, TEXT("kari"));
        emit_session_held(place->tx, &(struct session_held){ TEXT("N1-S1") });
        assert_int_equal(tx_position(place->tx, 0), 0);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(tx_position(place->tx, 0), 2);
        assert_int_equal(tx_position(place->tx, 1), 3);
        assert_int_equal(tx_position(place->tx, 2), 0);
        assert_int_equal(
                cluster_number(place->eye,
                               "SELECT count(*) FROM log.event WHERE position = 2 AND type = 5"
                               " AND actor = 'budget' AND cause IS NULL AND key = 'SG1'"),
                1);
        assert_int_equal(
                cluster_number(place->eye,
                               "SELECT count(*) FROM log.event WHERE position = 3 AND type = 4"
                               " AND actor = 'kari' AND cause = 1 AND key = 'N1-S1'"),
                1);
        assert_int_equal(cluster_number(place->eye, "SELECT at FROM log.event WHERE position = 3"),
                         NOW);
}

static void test_an_event_can_bear_its_day_only(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_set_at(place->tx, NOW - 5);
        emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("SG1") });
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(cluster_number(place->eye, "SELECT at FROM log.event"), NOW - 5);
}

static void test_an_event_out_of_bounds_rejects_the_transaction(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("has spaces") });
        assert_true(tx_failed(place->tx));
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
}

static void test_timers_are_set_moved_and_dropped(void **state)
{
        struct place *place = *state;
        const struct reminder_due due = { TEXT("SG1"), TEXT("meeting"), 1 };
        tx_begin(place->tx, NOW);
        timer_reminder_due(place->tx, TEXT("a"), NOW, DB_NULL, &due);
        timer_reminder_due(place->tx, TEXT("b"), NOW, NOW + 1, &due);
        timer_reminder_due(place->tx, TEXT("a"), NOW + 7, DB_NULL, &due);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(
                cluster_number(place->eye,
                               "SELECT due FROM log.timer WHERE owner = 'budget' AND name = 'a'"
                               " AND not_after IS NULL"),
                NOW + 7);
        tx_begin(place->tx, NOW);
        tx_timer_drop(place->tx, TEXT("a"));
        tx_timer_drop(place->tx, TEXT("never set"));
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(cluster_number(place->eye, "SELECT not_after FROM log.timer"), NOW + 1);
}

static void test_a_lost_connection_asks_for_the_whole_again(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &insert_one, NULL);
        cluster_run(place->eye, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                "usename = 'padriver_budget'");
        assert_int_equal(tx_commit(place->tx), TX_RETRY);
        assert_true(tx_begin(place->tx, NOW));
        tx_run(place->tx, &insert_one, NULL);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
}

static void test_a_transaction_that_says_nothing_sends_nothing(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        assert_int_equal(db_pending(place->db), 0);
        assert_int_equal(tx_commit(place->tx), TX_DONE);
        assert_int_equal(db_pending(place->db), 0);
}

/* The answer to a statement that nobody waited for: the transaction goes on, to its end. */
static void go_on(void *context, const struct db_result *result)
{
        struct place *place = context;
        tx_note(place->tx, result);
        emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("SG1") });
        tx_depart(place->tx);
}

/* What became of a transaction of that statement, which nobody waited for. */
static enum tx_end fly(struct place *place, const struct statement *statement)
{
        assert_true(tx_begin(place->tx, NOW));
        tx_send(place->tx, statement, NULL, go_on, place);
        assert_true(db_pending(place->db) > 0);
        db_wait(place->db);
        assert_int_equal(db_pending(place->db), 0);
        return tx_commit(place->tx);
}

static void test_what_is_sent_off_ends_by_itself(void **state)
{
        struct place *place = *state;
        assert_int_equal(fly(place, &insert_one), TX_DONE);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 1);
        assert_int_equal(fly(place, &divide_by_zero), TX_REJECT);
        assert_int_equal(fly(place, &end_session), TX_RETRY);
        assert_int_equal(fly(place, &insert_two), TX_DONE);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 2);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 2);
}

static void test_after_a_failure_nothing_is_sent_off(void **state)
{
        struct place *place = *state;
        tx_begin(place->tx, NOW);
        tx_depart(place->tx); /* it said nothing */
        tx_reject(place->tx, "no");
        tx_send(place->tx, &insert_one, NULL, go_on, place);
        tx_depart(place->tx);
        assert_int_equal(db_pending(place->db), 0);
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 0);
}

static void test_a_deferred_constraint_fails_the_commit(void **state)
{
        struct place *place = *state;
        cluster_run(place->eye, "ALTER TABLE public.thing ADD parent bigint REFERENCES public.thing"
                                " DEFERRABLE INITIALLY DEFERRED;"
                                "ALTER TABLE public.thing ALTER parent SET DEFAULT 9");
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &insert_one, NULL);
        assert_false(tx_failed(place->tx));
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
        tx_begin(place->tx, NOW);
        tx_run(place->tx, &insert_one, NULL);
        emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("SG1") });
        assert_int_equal(tx_commit(place->tx), TX_REJECT);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 0);
}

/* A process that dies at a failpoint. */
static void commit_and_die(const struct place *place, const char *failpoint)
{
        pid_t pid = fork();
        if (pid == 0) {
                setenv("PADRIVER_FAILPOINT", failpoint, 1);
                tx_begin(place->tx, NOW);
                tx_run(place->tx, &insert_one, NULL);
                emit_meeting_held(place->tx, &(struct meeting_held){ TEXT("SG1") });
                tx_commit(place->tx);
                _exit(0);
        }
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
}

static void test_killed_before_the_commit_nothing_is_left(void **state)
{
        struct place *place = *state;
        commit_and_die(place, "before-commit=kill");
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 0);
}

static void test_killed_after_the_commit_all_is_there(void **state)
{
        struct place *place = *state;
        commit_and_die(place, "after-commit:1=kill");
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM public.thing"), 1);
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM log.event"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_each_sqlstate_ends_as_the_design_says),
                TEST(test_a_refusal_is_told_in_its_own_words),
                TEST(test_after_a_failure_nothing_is_done),
                TEST(test_the_worlds_fault_is_not_turned_into_the_events),
                TEST(test_a_new_transaction_starts_clean),
                TEST(test_events_get_the_positions_that_are_told),
                TEST(test_an_event_can_bear_its_day_only),
                TEST(test_an_event_out_of_bounds_rejects_the_transaction),
                TEST(test_timers_are_set_moved_and_dropped),
                TEST(test_a_lost_connection_asks_for_the_whole_again),
                TEST(test_a_transaction_that_says_nothing_sends_nothing),
                TEST(test_what_opens_a_transaction_is_part_of_it),
                TEST(test_alone_it_is_a_transaction_of_its_own),
                TEST(test_when_it_fails_nothing_else_is_done),
                TEST(test_what_is_sent_off_ends_by_itself),
                TEST(test_after_a_failure_nothing_is_sent_off),
                TEST(test_a_deferred_constraint_fails_the_commit),
                TEST(test_killed_before_the_commit_nothing_is_left),
                TEST(test_killed_after_the_commit_all_is_there),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
