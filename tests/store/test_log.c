/*
 * The log's functions, each called by the roles that may: positions without gaps in the order they
 * become visible, numbered publishing, fencing, parking in the order of a key, timers that fire
 * once.
 */
#include "tests/support/cluster.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test's own database: the superuser's connection, the broker's, a worker's and the command's. */
static struct place {
        const char *conninfo;
        struct db *eye, *broker, *worker, *ctl;
        struct arena *arena;
} place;

static int set_up(void **state)
{
        (void)state;
        place.conninfo = cluster_database();
        place.eye = cluster_connect(place.conninfo, NULL);
        place.broker = cluster_connect(place.conninfo, "padriver_broker");
        place.worker = cluster_connect(place.conninfo, "padriver_budget");
        place.ctl = cluster_connect(place.conninfo, "padriver_ctl");
        place.arena = arena_new();
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        db_destroy(&place.eye);
        db_destroy(&place.broker);
        db_destroy(&place.worker);
        db_destroy(&place.ctl);
        arena_destroy(&place.arena);
        return 0;
}

#define APPEND_ONE "SELECT log.append('2027-01-01', '{1}', '{k}', '{test}', '{0}', '{x}')"

/* Whether the two texts are the same; shows both when not. */
static void check_text_of(struct db *db, const char *sql, const char *want)
{
        struct text got = cluster_text(db, sql, place.arena);
        if (!text_equal(got, text_of(want)))
                fail_msg("%s gives %.*s, not %s", sql, TEXT_ARGS(got), want);
}

/* Counts what a process saw or did wrong; 0 is good. */
static void await(pid_t pid)
{
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A writer: appends of one to five events, every third rolled back; every fourth one waits while
 * it has the lock. */
static void write_events(int seed)
{
        struct db *db = cluster_connect(place.conninfo, "padriver_budget");
        for (int i = 0; i < 60; i++) {
                char sql[600];
                int size = 1 + (i + seed) % 5;
                snprintf(
                        sql, sizeof sql,
                        "BEGIN; SELECT log.append('2027-01-01', array_fill(1::smallint, ARRAY[%d]),"
                        " array_fill('w%d'::text, ARRAY[%d]), array_fill(''::text, ARRAY[%d]),"
                        " array_fill(0::bigint, ARRAY[%d]), array_fill('%d'::bytea, ARRAY[%d])); "
                        "%s %s",
                        size, seed, size, size, size, i, size,
                        i % 4 ? "" : "SELECT pg_sleep(0.002);", i % 3 ? "COMMIT" : "ROLLBACK");
                cluster_run(db, sql);
        }
        db_destroy(&db);
        _exit(0);
}

/* A reader: at every moment what is visible has no gap. */
static void watch_events(int control)
{
        struct db *db = cluster_connect(place.conninfo, "padriver_broker");
        char byte;
        while (read(control, &byte, 1) < 0)
                if (cluster_number(
                            db, "SELECT coalesce(max(position), 0) - count(*) FROM log.event") != 0)
                        _exit(1);
        _exit(0);
}

static void test_positions_have_no_gap_at_any_moment(void **state)
{
        (void)state;
        int ends[2];
        pid_t writers[4], reader;
        assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
        if ((reader = fork()) == 0) {
                close(ends[1]);
                watch_events(ends[0]);
        }
        for (int i = 0; i < 4; i++)
                if ((writers[i] = fork()) == 0)
                        write_events(i);
        for (int i = 0; i < 4; i++)
                await(writers[i]);
        close(ends[1]);
        await(reader);
        close(ends[0]);
        assert_int_equal(
                cluster_number(place.eye, "SELECT max(position) - count(*) FROM log.event"), 0);
        assert_int_equal(cluster_number(place.eye, "SELECT min(position) FROM log.event"), 1);
        /* what was committed, each in its writer's order */
        assert_int_equal(
                cluster_number(place.eye, "SELECT count(*) FROM log.event WHERE key = 'w0'"),
                cluster_number(place.eye, "SELECT sum(1 + i % 5)::bigint FROM generate_series(0, "
                                          "59) i WHERE i % 3 <> 0"));
        assert_int_equal(
                cluster_number(place.eye,
                               "SELECT count(*) FROM (SELECT convert_from(body, 'UTF8')::int"
                               " - lag(convert_from(body, 'UTF8')::int) OVER (PARTITION BY key "
                               "ORDER BY position) AS step"
                               " FROM log.event) s WHERE step < 0"),
                0);
}

static void test_append_returns_the_head_before(void **state)
{
        (void)state;
        assert_int_equal(cluster_number(place.worker, APPEND_ONE), 0);
        assert_int_equal(cluster_number(place.worker, APPEND_ONE), 1);
}

static void test_other_isolations_are_refused(void **state)
{
        (void)state;
        assert_string_equal(cluster_sqlstate(place.worker,
                                             "BEGIN ISOLATION LEVEL REPEATABLE READ; " APPEND_ONE),
                            "25001");
        cluster_run(place.worker, "ROLLBACK");
        assert_string_equal(
                cluster_sqlstate(place.worker, "BEGIN ISOLATION LEVEL SERIALIZABLE; " APPEND_ONE),
                "25001");
}

/* publish with the sources, numbers and counts; events are of type 1 with keys a, b, c ... */
static const char *publish(const char *sources, const char *numbers, const char *counts, int events)
{
        static char sql[500];
        snprintf(sql, sizeof sql,
                 "SELECT concat_ws(' ', head, skipped, firsts) FROM log.publish('2027-01-01', "
                 "'%s', '%s', '%s',"
                 " array_fill(1::smallint, ARRAY[%d]), ARRAY(SELECT chr(96 + i) FROM "
                 "generate_series(1, %d) i),"
                 " array_fill('p'::text, ARRAY[%d]), array_fill('x'::bytea, ARRAY[%d]))",
                 sources, numbers, counts, events, events, events, events);
        return sql;
}

static void test_what_a_source_sent_before_is_skipped(void **state)
{
        (void)state;
        check_text_of(place.broker, publish("{s}", "{1}", "{3}", 3), "0 {0} {1}");
        check_text_of(place.broker, publish("{s}", "{1}", "{3}", 3), "-1 {3} {0}");
        check_text_of(place.broker, publish("{s}", "{2}", "{4}", 4), "3 {2} {1}");
        check_text_of(place.eye, "SELECT string_agg(key, '' ORDER BY position) FROM log.event",
                      "abccd");
        assert_int_equal(cluster_number(place.broker, "SELECT log.source_number('s')"), 5);
        assert_int_equal(cluster_number(place.broker, "SELECT log.source_number('other')"), 0);
}

static void test_a_gap_is_refused_to_its_source_alone(void **state)
{
        (void)state;
        check_text_of(place.broker, publish("{s,t,u}", "{1,2,1}", "{1,2,1}", 4),
                      "0 {0,-1,0} {1,0,2}");
        check_text_of(place.eye, "SELECT string_agg(key, '' ORDER BY position) FROM log.event",
                      "ad");
        assert_int_equal(cluster_number(place.broker, "SELECT log.source_number('t')"), 0);
}

static void test_a_source_may_come_twice_in_a_call(void **state)
{
        (void)state;
        check_text_of(place.broker, publish("{s,t,s}", "{1,1,2}", "{1,1,2}", 4),
                      "0 {0,0,0} {1,2,3}");
        check_text_of(place.broker, publish("{s,s}", "{3,4}", "{1,2}", 3), "4 {1,0} {0,1}");
        assert_int_equal(cluster_number(place.broker, "SELECT log.source_number('s')"), 5);
}

static void test_what_is_new_is_appended_wherever_it_stands(void **state)
{
        (void)state;
        check_text_of(place.broker, publish("{s}", "{1}", "{2}", 2), "0 {0} {1}");
        check_text_of(place.broker, publish("{s,t,s,u}", "{1,1,2,1}", "{2,1,2,1}", 6),
                      "2 {2,0,1,0} {0,1,2,3}");
        check_text_of(place.broker, publish("{t,u,t}", "{2,2,9}", "{1,1,2}", 4),
                      "5 {0,0,-1} {1,2,0}");
        check_text_of(place.eye, "SELECT string_agg(key, '' ORDER BY position) FROM log.event",
                      "abcefab");
}

static void test_without_a_name_nothing_is_skipped(void **state)
{
        (void)state;
        check_text_of(place.broker, publish("{\"\",\"\"}", "{1,1}", "{1,1}", 2), "0 {0,0} {1,2}");
        check_text_of(place.broker, publish("{\"\"}", "{1}", "{1}", 1), "2 {0} {1}");
        assert_int_equal(cluster_number(place.eye, "SELECT count(*) FROM log.source"), 0);
}

/* Two publishers that ask at once for the same sources in other orders. */
static void publish_crosswise(const char *sources)
{
        struct db *db = cluster_connect(place.conninfo, "padriver_broker");
        for (int i = 1; i <= 40; i++) {
                char numbers[30];
                snprintf(numbers, sizeof numbers, "{%d,%d}", i, i);
                cluster_text(db, publish(sources, numbers, "{1,1}", 2), place.arena);
        }
        _exit(0);
}

static void test_crossing_publishers_neither_deadlock_nor_double(void **state)
{
        (void)state;
        pid_t first, second;
        if ((first = fork()) == 0)
                publish_crosswise("{s,t}");
        if ((second = fork()) == 0)
                publish_crosswise("{t,s}");
        await(first);
        await(second);
        assert_int_equal(cluster_number(place.eye, "SELECT count(*) FROM log.event"), 80);
}

static void test_a_zombie_cannot_commit(void **state)
{
        (void)state;
        cluster_run(place.ctl, "SELECT log.group_add('budget', 2, 0)");
        cluster_run(place.worker, "SELECT log.advance('budget', '{0,1}', '{0,0}', '{5,6}')");
        assert_string_equal(
                cluster_sqlstate(place.worker,
                                 "SELECT log.advance('budget', '{0,1}', '{5,0}', '{7,7}')"),
                "PD001");
        assert_string_equal(
                cluster_sqlstate(place.worker, "SELECT log.advance('budget', '{0}', '{5}', '{4}')"),
                "PD001");
        assert_string_equal(
                cluster_sqlstate(place.worker, "SELECT log.advance('other', '{0}', '{0}', '{4}')"),
                "PD001");
        cluster_run(place.worker, "SELECT log.advance('budget', '{0}', '{5}', '{5}')");
        check_text_of(place.eye, "SELECT array_agg(position ORDER BY part)::text FROM log.cursor",
                      "{5,6}");
}

/* The redo of a transaction waits for the old one, and is then fenced or free. */
static void test_the_redo_waits_for_the_first_try(void **state)
{
        (void)state;
        cluster_run(place.ctl, "SELECT log.group_add('budget', 1, 0)");
        for (int commits = 0; commits < 2; commits++) {
                cluster_run(place.worker,
                            "BEGIN; SELECT log.advance('budget', '{0}', '{0}', '{3}')");
                pid_t redo = fork();
                if (redo == 0) {
                        struct db *db = cluster_connect(place.conninfo, "padriver_budget");
                        const char *state_ = cluster_sqlstate(
                                db, "SELECT log.advance('budget', '{0}', '{0}', '{3}')");
                        const bool good = strcmp(state_, commits ? "PD001" : "") == 0;
                        db_destroy(&db);
                        _exit(!good);
                }
                while (cluster_number(place.eye,
                                      "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
                        ;
                cluster_run(place.worker, commits ? "COMMIT" : "ROLLBACK");
                await(redo);
                cluster_run(place.eye, "UPDATE log.cursor SET position = 0");
        }
}

/* Five events: k at 1, 2, 4 and l at 3, 5; group budget. 1 is parked, 2 behind it. */
static void park_two(void)
{
        cluster_run(place.ctl, "SELECT log.group_add('budget', 1, 0)");
        cluster_run(place.worker,
                    "SELECT log.append('2027-01-01', '{1,1,1,1,1}', '{k,k,l,k,l}', '{a,a,a,a,a}',"
                    " '{0,0,0,0,0}', '{x,x,x,x,x}')");
        cluster_run(place.worker, "SELECT log.park('budget', '{0,0}', '{1,2}', '{bad,waits}', "
                                  "'{0,1}', '2027-01-02')");
}

#define PARKED                                                                                     \
        "SELECT string_agg(concat(position, ':', waits_for, ':', attempts, CASE WHEN retry THEN "  \
        "'r' END), ' '"                                                                            \
        " ORDER BY position) FROM log.parked"

static void test_later_events_of_a_parked_key_wait_for_it(void **state)
{
        (void)state;
        park_two();
        check_text_of(place.eye, PARKED, "1::1 2:1:0");
        check_text_of(place.worker,
                      "SELECT string_agg(key || first, ' ') FROM log.parked_of('budget', '{k,l}')",
                      "k1");
        assert_int_equal(
                cluster_number(place.worker, "SELECT log.advance('budget', '{0}', '{0}', '{0}')"),
                1);
        assert_int_equal(
                cluster_number(place.worker, "SELECT position FROM log.retryable('budget', '{0}')"),
                DB_NULL);
}

static void test_a_retry_goes_through_a_key_in_order(void **state)
{
        (void)state;
        park_two();
        assert_int_equal(cluster_number(place.ctl, "SELECT log.retry('budget', 2)"), 2);
        assert_int_equal(
                cluster_number(place.worker, "SELECT position FROM log.retryable('budget', '{0}')"),
                1);
        cluster_run(place.worker,
                    "SELECT log.park('budget', '{0}', '{4}', '{waits}', '{1}', '2027-01-02')");
        cluster_run(place.worker, "SELECT log.unpark('budget', 1)");
        check_text_of(place.eye, PARKED, "2::0r 4:1:0");
        assert_int_equal(
                cluster_number(place.worker, "SELECT position FROM log.retryable('budget', '{0}')"),
                2);
        cluster_run(place.worker, "SELECT log.repark('budget', 2, 'still bad')");
        check_text_of(place.eye, PARKED, "2::1 4:1:0");
        check_text_of(place.eye, "SELECT reason FROM log.parked WHERE position = 2", "still bad");
        assert_int_equal(
                cluster_number(place.worker, "SELECT position FROM log.retryable('budget', '{0}')"),
                DB_NULL);
}

static void test_a_parked_event_is_not_retried_twice(void **state)
{
        (void)state;
        park_two();
        cluster_run(place.worker, "SELECT log.unpark('budget', 1)");
        assert_string_equal(cluster_sqlstate(place.worker, "SELECT log.unpark('budget', 1)"),
                            "PD001");
}

static void test_dropping_one_frees_the_rest(void **state)
{
        (void)state;
        park_two();
        cluster_run(place.worker,
                    "SELECT log.park('budget', '{0}', '{4}', '{waits}', '{1}', '2027-01-02')");
        assert_int_equal(cluster_number(place.ctl, "SELECT log.drop('budget', 2)"), 1);
        check_text_of(place.eye, PARKED, "1::1 4:1:0");
        assert_int_equal(cluster_number(place.ctl, "SELECT log.drop('budget', 1)"), 1);
        check_text_of(place.eye, PARKED, "4::0r");
        assert_int_equal(cluster_number(place.ctl, "SELECT log.drop('budget', 1)"), 0);
}

static void test_another_groups_rows_are_left_alone(void **state)
{
        (void)state;
        park_two();
        cluster_run(place.ctl, "SELECT log.group_add('other', 1, 0)");
        assert_int_equal(cluster_number(place.ctl, "SELECT log.retry('other', 1)"), 0);
        assert_int_equal(cluster_number(place.ctl, "SELECT log.retry('other', NULL)"), 0);
        assert_int_equal(cluster_number(place.ctl, "SELECT log.drop('other', 1)"), 0);
        assert_int_equal(cluster_number(place.ctl, "SELECT log.retry('budget', NULL)"), 2);
}

/* A drop during a batch waits for it: what the batch parks behind the dropped row is freed too. */
static void test_a_drop_waits_for_the_batch(void **state)
{
        (void)state;
        park_two();
        cluster_run(place.worker, "BEGIN; SELECT log.advance('budget', '{0}', '{0}', '{4}');"
                                  "SELECT log.parked_of('budget', '{k}')");
        pid_t dropper = fork();
        if (dropper == 0) {
                struct db *db = cluster_connect(place.conninfo, "padriver_ctl");
                cluster_run(db, "SELECT log.drop('budget', 1)");
                db_destroy(&db);
                _exit(0);
        }
        while (cluster_number(place.eye, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
                ;
        cluster_run(
                place.worker,
                "SELECT log.park('budget', '{0}', '{4}', '{waits}', '{1}', '2027-01-02'); COMMIT");
        await(dropper);
        check_text_of(place.eye, PARKED, "2::0r 4:1:0");
}

/* A thousand of one key go through in their order, each touching the next one alone. */
static void test_a_retry_of_many_touches_each_row_twice(void **state)
{
        (void)state;
        cluster_run(place.ctl, "SELECT log.group_add('budget', 1, 0)");
        cluster_run(place.worker,
                    "SELECT log.append('2027-01-01', array_fill(1::smallint, ARRAY[1000]),"
                    " array_fill('k'::text, ARRAY[1000]), array_fill('a'::text, ARRAY[1000]),"
                    " array_fill(0::bigint, ARRAY[1000]), array_fill('x'::bytea, ARRAY[1000]))");
        cluster_run(place.worker,
                    "SELECT log.park('budget', array_fill(0::smallint, ARRAY[1000]),"
                    " (SELECT array_agg(g) FROM generate_series(1, 1000) g),"
                    " array_fill('bad'::text, ARRAY[1000]),"
                    " ARRAY[0::bigint] || array_fill(1::bigint, ARRAY[999]), '2027-01-02')");
        assert_int_equal(cluster_number(place.ctl, "SELECT log.retry('budget', NULL)"), 1000);
        for (int64_t n = 1; n <= 1000; n++) {
                assert_int_equal(cluster_number(place.worker, "SELECT position FROM "
                                                              "log.retryable('budget', '{0}')"),
                                 n);
                cluster_run(place.worker, "SELECT log.unpark('budget', position) FROM"
                                          " log.retryable('budget', '{0}')");
        }
        check_text_of(place.eye, "SELECT count(*)::text FROM log.parked", "0");
        cluster_run(place.eye, "SELECT pg_stat_force_next_flush()");
        assert_true(cluster_number(place.eye,
                                   "SELECT pg_stat_get_tuples_updated('log.parked'::regclass)") <=
                    2000);
}

static void set_timers(int count)
{
        char sql[300];
        snprintf(sql, sizeof sql,
                 "SELECT log.timer_set('budget', 't' || i, '2027-01-01'::timestamptz + i * "
                 "interval '1 second', NULL,"
                 " 1::smallint, 'k' || i, 'a', 0, 'x') FROM generate_series(1, %d) i",
                 count);
        cluster_run(place.worker, sql);
}

/* A firer, as a broker and a standby that both believe to be active. */
static void fire_all(void)
{
        struct db *db = cluster_connect(place.conninfo, "padriver_broker");
        while (cluster_number(db, "SELECT gone FROM log.fire('2028-01-01', 7)") > 0)
                ;
        _exit(0);
}

static void test_a_timer_fires_once_whoever_asks(void **state)
{
        (void)state;
        pid_t first, second;
        set_timers(200);
        if ((first = fork()) == 0)
                fire_all();
        if ((second = fork()) == 0)
                fire_all();
        await(first);
        await(second);
        assert_int_equal(cluster_number(place.eye, "SELECT count(*) FROM log.event"), 200);
        assert_int_equal(cluster_number(place.eye, "SELECT count(DISTINCT key) FROM log.event"),
                         200);
}

static void test_timers_fire_in_order_when_due(void **state)
{
        (void)state;
        set_timers(3);
        check_text_of(place.broker,
                      "SELECT concat_ws(' ', gone, fired, next IS NULL) FROM"
                      " log.fire('2027-01-01 00:00:02Z', 100)",
                      "2 2 f");
        check_text_of(place.eye, "SELECT string_agg(key, ' ' ORDER BY position) FROM log.event",
                      "k1 k2");
        check_text_of(place.broker,
                      "SELECT concat_ws(' ', gone, fired, next IS NULL) FROM"
                      " log.fire('2027-01-01 00:00:03Z', 100)",
                      "1 1 t");
        assert_int_equal(
                cluster_number(
                        place.eye,
                        "SELECT count(*) FROM log.event"
                        " WHERE at = '2027-01-01 00:00:03Z' AND actor = 'a' AND cause IS NULL"),
                1);
}

static void test_past_not_after_a_timer_just_goes(void **state)
{
        (void)state;
        cluster_run(
                place.worker,
                "SELECT log.timer_set('budget', 'a', '2027-01-01', '2027-01-02', 1::smallint, 'k',"
                " 'a', 7, 'x');"
                "SELECT log.timer_set('budget', 'b', '2027-01-01', '2027-01-09', 1::smallint, 'l',"
                " 'a', 7, 'x')");
        check_text_of(place.broker,
                      "SELECT concat_ws(' ', gone, fired) FROM log.fire('2027-01-05', 100)", "2 1");
        check_text_of(place.eye, "SELECT key || cause FROM log.event", "l7");
}

static void test_the_log_goes_on_over_the_border_of_partitions(void **state)
{
        (void)state;
        cluster_run(place.eye,
                    "INSERT INTO log.event VALUES (999998, '2027-01-01', 1, 'k', '', NULL, 'x')");
        for (int i = 0; i < 4; i++)
                cluster_run(place.worker, APPEND_ONE);
        assert_int_equal(cluster_number(place.eye, "SELECT max(position) FROM log.event"), 1000002);
        assert_int_equal(cluster_number(place.broker, "SELECT log.extend()"), 1);
        assert_int_equal(cluster_number(place.broker, "SELECT log.extend()"), 0);
        assert_int_equal(cluster_number(place.eye, "SELECT count(*) FROM log.event_1"), 3);
}

static void test_extending_stops_no_appender(void **state)
{
        (void)state;
        cluster_run(place.eye,
                    "INSERT INTO log.event VALUES (1000001, '2027-01-01', 1, 'k', '', NULL, 'x')");
        cluster_run(place.worker, "BEGIN; " APPEND_ONE);
        assert_int_equal(cluster_number(place.broker, "SELECT log.extend()"), 1);
        cluster_run(place.worker, APPEND_ONE "; COMMIT");
}

static void test_groups_are_made_and_dropped(void **state)
{
        (void)state;
        cluster_run(place.worker, APPEND_ONE);
        cluster_run(place.ctl,
                    "SELECT log.group_add('now', 2, NULL); SELECT log.group_add('start', 1, 0)");
        check_text_of(place.ctl,
                      "SELECT string_agg(concat(grp, part, '@', position), ' ' ORDER BY grp, part)"
                      " FROM log.cursor",
                      "now0@1 now1@1 start0@0");
        assert_string_equal(cluster_sqlstate(place.ctl, "SELECT log.group_add('now', 1, 0)"),
                            "PD002");
        assert_string_equal(cluster_sqlstate(place.ctl, "SELECT log.group_add('x', 0, 0)"),
                            "PD002");
        assert_string_equal(cluster_sqlstate(place.ctl, "SELECT log.group_add('x', 1, 2)"),
                            "PD002");
        assert_int_equal(cluster_number(place.ctl, "SELECT log.group_drop('now')"), 1);
        assert_int_equal(cluster_number(place.ctl, "SELECT log.group_drop('now')"), 0);
        assert_int_equal(cluster_number(place.ctl, "SELECT count(*) FROM log.cursor"), 1);
}

static void test_a_stopped_holder_of_the_lock_is_ended(void **state)
{
        (void)state;
        cluster_run(place.worker, "BEGIN; " APPEND_ONE);
        int64_t ended = 0;
        assert_int_equal(cluster_number(place.broker, "SELECT log.end_idle_appender()"), 0);
        cluster_run(
                place.eye,
                "SELECT pg_sleep_until(state_change + interval '2.1 seconds') FROM pg_stat_activity"
                " WHERE usename = 'padriver_budget'");
        ended = cluster_number(place.broker, "SELECT log.end_idle_appender()");
        assert_int_equal(ended, 1);
        cluster_run(place.ctl, APPEND_ONE);
        assert_int_equal(cluster_number(place.eye, "SELECT count(*) FROM log.event"), 1);
}

/* Neither who works while it holds the lock, nor who waits idle without it. */
static void test_a_working_holder_is_left_alone(void **state)
{
        (void)state;
        pid_t busy = fork();
        if (busy == 0) {
                struct db *db = cluster_connect(place.conninfo, "padriver_budget");
                cluster_run(db, "BEGIN; " APPEND_ONE "; SELECT pg_sleep(2.6); COMMIT");
                db_destroy(&db);
                _exit(0);
        }
        cluster_run(place.worker, "BEGIN; SELECT 1");
        while (cluster_number(place.eye,
                              "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0)
                ;
        cluster_run(place.eye, "SELECT pg_sleep(2.2)");
        assert_int_equal(cluster_number(place.broker, "SELECT log.end_idle_appender()"), 0);
        await(busy);
        cluster_run(place.worker, "COMMIT");
        assert_int_equal(cluster_number(place.eye, "SELECT count(*) FROM log.event"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_positions_have_no_gap_at_any_moment),
                TEST(test_append_returns_the_head_before),
                TEST(test_other_isolations_are_refused),
                TEST(test_what_a_source_sent_before_is_skipped),
                TEST(test_a_gap_is_refused_to_its_source_alone),
                TEST(test_a_source_may_come_twice_in_a_call),
                TEST(test_what_is_new_is_appended_wherever_it_stands),
                TEST(test_without_a_name_nothing_is_skipped),
                TEST(test_crossing_publishers_neither_deadlock_nor_double),
                TEST(test_a_zombie_cannot_commit),
                TEST(test_the_redo_waits_for_the_first_try),
                TEST(test_later_events_of_a_parked_key_wait_for_it),
                TEST(test_a_retry_goes_through_a_key_in_order),
                TEST(test_a_parked_event_is_not_retried_twice),
                TEST(test_dropping_one_frees_the_rest),
                TEST(test_another_groups_rows_are_left_alone),
                TEST(test_a_drop_waits_for_the_batch),
                TEST(test_a_retry_of_many_touches_each_row_twice),
                TEST(test_a_timer_fires_once_whoever_asks),
                TEST(test_timers_fire_in_order_when_due),
                TEST(test_past_not_after_a_timer_just_goes),
                TEST(test_the_log_goes_on_over_the_border_of_partitions),
                TEST(test_extending_stops_no_appender),
                TEST(test_groups_are_made_and_dropped),
                TEST(test_a_stopped_holder_of_the_lock_is_ended),
                TEST(test_a_working_holder_is_left_alone),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
