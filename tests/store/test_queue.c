/*
 * The queue's statements against a real store: claims exclude each other, the condition and the
 * instance are asked in the claim itself, bookings touch nothing of another's, keys are unique, and
 * what each role may not do. (The condition here is the test's own: rule "unwanted" is not wanted.)
 */
#include "common/mail/outcome.h"
#include "common/mail/queue_sql.h"
#include "tests/support/cluster.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#define NOW    (INT64_C(1800000000) * 1000000)
#define MINUTE (INT64_C(60) * 1000000)

struct place {
        const char *conninfo;
        struct db *eye;
        struct db *db[2];
        struct tx *tx[2];
};

static int set_up(void **state)
{
        static struct place place;
        place.conninfo = cluster_database();
        place.eye = cluster_connect(place.conninfo, NULL);
        cluster_run(
                place.eye,
                "CREATE OR REPLACE FUNCTION notice.wanted(l notice.letter) RETURNS text"
                " LANGUAGE sql STABLE AS $$ SELECT CASE WHEN l.rule IN ('unwanted', 'suppressed')"
                " THEN l.rule END $$;"
                "INSERT INTO register.person (code, name, email, language) VALUES"
                " ('p1', 'Kari', 'kari@al.example', 'nn'), ('p2', 'Ola', 'ola@al.example', 'nb');");
        for (int i = 0; i < 2; i++) {
                place.db[i] = db_new(place.conninfo, "padriver_notifications", "notice", 5000);
                place.tx[i] = tx_new(place.db[i], "notifications");
        }
        *state = &place;
        return 0;
}

static int tear_down(void **state)
{
        struct place *place = *state;
        for (int i = 0; i < 2; i++) {
                tx_destroy(&place->tx[i]);
                db_destroy(&place->db[i]);
        }
        db_destroy(&place->eye);
        return 0;
}

/* Writes so many letters of a rule, due now. */
static void write_letters(struct place *place, const char *rule, int count)
{
        char sql[500];
        snprintf(sql, sizeof sql,
                 "INSERT INTO notice.letter (rule, subject, person, occurrence, due_at)"
                 " SELECT '%s', 'SG1', n, '1', to_timestamp(1800000000) FROM generate_series(1, "
                 "%d) n",
                 rule, count);
        cluster_run(place->eye, sql);
}

/* Claims in an open transaction, as an instance. */
static struct claim_letters_rows claim(struct tx *tx, int64_t most, const char *instance)
{
        return claim_letters(tx, tx_now(tx), most, 3, text_of(instance), TEXT("boot/start"),
                             TEXT("mail.example"));
}

static int64_t count_in(struct place *place, const char *state)
{
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM notice.letter WHERE state = '%s'", state);
        return cluster_number(place->eye, sql);
}

/* A store that instance "here" may send. */
static void adopt(struct place *place)
{
        struct adopt_store row;
        assert_true(tx_begin(place->tx[0], NOW));
        assert_true(adopt_store(place->tx[0], TEXT("here"), NOW, &row));
        assert_true(row.may_send);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
}

static void test_claims_exclude_each_other(void **state)
{
        struct place *place = *state;
        adopt(place);
        write_letters(place, "rule", 10);
        assert_true(tx_begin(place->tx[0], NOW));
        assert_true(tx_begin(place->tx[1], NOW));
        assert_int_equal(claim(place->tx[0], 4, "here").count, 4);
        assert_int_equal(claim(place->tx[1], 100, "here").count, 6);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        assert_int_equal(tx_commit(place->tx[1]), TX_DONE);
        assert_int_equal(count_in(place, "claimed"), 10);
        assert_int_equal(cluster_number(place->eye, "SELECT count(DISTINCT message_id)"
                                                    " FROM notice.letter WHERE attempts = 1"),
                         10);
        assert_true(tx_begin(place->tx[0], NOW));
        assert_int_equal(claim(place->tx[0], 100, "here").count, 0);
        tx_rollback(place->tx[0]);
}

static void test_one_session_is_the_sender(void **state)
{
        struct place *place = *state;
        struct hold_sender first, again, other;
        assert_true(tx_begin(place->tx[0], NOW));
        assert_true(hold_sender(place->tx[0], &first));
        assert_true(hold_sender(place->tx[0], &again));
        tx_commit(place->tx[0]);
        assert_true(first.mine && first.fresh && again.mine && !again.fresh);
        assert_true(tx_begin(place->tx[1], NOW));
        assert_true(hold_sender(place->tx[1], &other));
        assert_false(other.mine);
        tx_rollback(place->tx[1]);
        db_close(place->db[0]);
        for (bool mine = false; !mine; mine = other.mine) {
                assert_true(tx_begin(place->tx[1], NOW));
                assert_true(hold_sender(place->tx[1], &other));
                tx_rollback(place->tx[1]);
        }
}

static void test_the_condition_is_asked_in_the_claim(void **state)
{
        struct place *place = *state;
        adopt(place);
        write_letters(place, "unwanted", 2);
        write_letters(place, "suppressed", 1);
        write_letters(place, "rule", 1);
        cluster_run(place->eye,
                    "INSERT INTO notice.letter (rule, subject, person, occurrence, due_at,"
                    " not_after) VALUES ('rule', 'SG1', 7, '1', to_timestamp(1799999000),"
                    " to_timestamp(1799999999))");
        cluster_run(place->eye,
                    "INSERT INTO notice.letter (rule, subject, person, occurrence, due_at)"
                    " VALUES ('rule', 'SG1', 8, '1', to_timestamp(1800000001))");
        assert_true(tx_begin(place->tx[0], NOW));
        assert_int_equal(claim(place->tx[0], 100, "here").count, 5);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        assert_int_equal(count_in(place, "dropped"), 3);
        assert_int_equal(count_in(place, "suppressed"), 1);
        assert_int_equal(count_in(place, "claimed"), 1);
        assert_int_equal(count_in(place, "due"), 1);
}

static void test_another_instance_holds_until_it_is_released(void **state)
{
        struct place *place = *state;
        adopt(place);
        write_letters(place, "rule", 2);
        assert_true(tx_begin(place->tx[0], NOW));
        assert_int_equal(claim(place->tx[0], 100, "elsewhere").count, 2);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        assert_int_equal(count_in(place, "held"), 2);
        cluster_run(place->eye, "SELECT notice.adopt('elsewhere', now())");
        assert_true(tx_begin(place->tx[0], NOW));
        assert_int_equal(claim(place->tx[0], 100, "elsewhere").count, 0);
        tx_rollback(place->tx[0]);
        cluster_run(place->eye, "SELECT notice.release('elsewhere', 'test', now())");
        assert_true(tx_begin(place->tx[0], NOW));
        assert_int_equal(claim(place->tx[0], 100, "elsewhere").count, 2);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        assert_int_equal(count_in(place, "claimed"), 2);
}

static void test_a_booking_touches_only_its_own_claim(void **state)
{
        struct place *place = *state;
        adopt(place);
        write_letters(place, "rule", 5);
        assert_true(tx_begin(place->tx[0], NOW));
        struct claim_letters_rows rows = claim(place->tx[0], 100, "here");
        assert_int_equal(rows.count, 5);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        cluster_run(place->eye, "UPDATE notice.letter SET claim = 'other/start' WHERE id = 3;"
                                "UPDATE notice.letter SET state = 'uncertain' WHERE id IN (4, 5)");
        const struct text mine = TEXT("boot/start");
        const struct outcome outcomes[] = {
                { .id = 1, .claim = mine, .state = "later", .reply = { SMTP_RCPT, 451, "4.2.0" } },
                { .id = 2, .claim = mine, .state = "back" },
                { .id = 3, .claim = mine, .state = "sent", .reply = { SMTP_DOT, 250, "" } },
                { .id = 4, .claim = mine, .state = "sent", .reply = { SMTP_DOT, 250, "" } },
                { .id = 5, .claim = mine, .state = "back" },
        };
        assert_true(tx_begin(place->tx[0], NOW));
        outcome_write(place->tx[0], outcomes, 5, 3);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        struct arena *arena = arena_new();
        assert_text_equal(cluster_text(place->eye,
                                       "SELECT string_agg(state || ' ' || attempts || ' ' ||"
                                       " (due_at > to_timestamp(1800000000)), ', ' ORDER BY id)"
                                       " FROM notice.letter",
                                       arena),
                          "due 1 true, due 0 false, claimed 1 false, sent 1 false,"
                          " uncertain 1 false");
        arena_destroy(&arena);
}

static void test_a_refused_address_is_suppressed(void **state)
{
        struct place *place = *state;
        adopt(place);
        write_letters(place, "rule", 2);
        assert_true(tx_begin(place->tx[0], NOW));
        claim(place->tx[0], 100, "here");
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        const struct outcome outcomes[] = {
                { .id = 1,
                  .claim = TEXT("boot/start"),
                  .state = "refused",
                  .reply = { SMTP_RCPT, 550, "5.1.1" },
                  .reason = TEXT("550 5.1.1 at rcpt") },
                { .id = 2,
                  .claim = TEXT("boot/start"),
                  .state = "refused",
                  .reply = { SMTP_DOT, 550, "" },
                  .reason = TEXT("550 at dot") },
        };
        assert_true(tx_begin(place->tx[0], NOW));
        outcome_write(place->tx[0], outcomes, 2, 3);
        assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        assert_int_equal(
                cluster_number(place->eye, "SELECT sum(person)::bigint FROM register.suppression"),
                1);
}

static void test_a_letter_that_was_tried_too_often_is_refused(void **state)
{
        struct place *place = *state;
        adopt(place);
        write_letters(place, "rule", 1);
        const struct outcome later = { .id = 1,
                                       .claim = TEXT("boot/start"),
                                       .state = "later",
                                       .reply = { SMTP_DOT, 451, "" } };
        int64_t now = NOW;
        for (int i = 0; i < 3; i++, now += 10 * MINUTE) {
                assert_true(tx_begin(place->tx[0], now));
                assert_int_equal(claim(place->tx[0], 1, "here").count, 1);
                outcome_write(place->tx[0], &later, 1, 3);
                assert_int_equal(tx_commit(place->tx[0]), TX_DONE);
        }
        assert_int_equal(count_in(place, "refused"), 1);
}

static void test_a_key_stands_once_and_a_resend_is_another(void **state)
{
        struct place *place = *state;
        write_letters(place, "rule", 1);
        assert_string_equal(cluster_sqlstate(place->eye,
                                             "INSERT INTO notice.letter (rule, subject, person,"
                                             " occurrence, due_at) VALUES ('rule', 'SG1', 1, '1',"
                                             " now())"),
                            "23505");
        assert_string_equal(cluster_sqlstate(place->eye, "SELECT notice.resend(1, now())"),
                            "PD002");
        cluster_run(place->eye, "UPDATE notice.letter SET state = 'uncertain'");
        cluster_run(place->eye, "SELECT notice.resend(1, now())");
        assert_string_equal(cluster_sqlstate(place->eye, "SELECT notice.resend(1, now())"),
                            "PD002");
        assert_int_equal(cluster_number(place->eye, "SELECT count(*) FROM notice.letter"
                                                    " WHERE occurrence = '1/resend'"),
                         1);
        assert_string_equal(
                cluster_sqlstate(place->eye, "SELECT notice.settle(1, 'perhaps', now())"), "PD002");
        cluster_run(place->eye, "SELECT notice.settle(1, 'sent', now())");
        assert_string_equal(cluster_sqlstate(place->eye, "SELECT notice.settle(1, 'lost', now())"),
                            "PD002");
}

static void test_each_role_may_do_no_more_than_its_work(void **state)
{
        struct place *place = *state;
        static const struct {
                const char *role, *sql;
        } refused[] = {
                { "padriver_notifications", "DELETE FROM notice.letter" },
                { "padriver_notifications", "TRUNCATE notice.letter" },
                { "padriver_notifications", "UPDATE notice.letter SET person = 2" },
                { "padriver_notifications", "UPDATE notice.released SET instance = 'x'" },
                { "padriver_notifications", "SELECT notice.release('x', 'x', now())" },
                { "padriver_notifications", "SELECT notice.resend(1, now())" },
                { "padriver_notifications", "SELECT * FROM evaluation.invitation" },
                { "padriver_notifications", "SELECT * FROM evaluation.box" },
                { "padriver_notifications", "SELECT * FROM register.person" },
                { "padriver_notifications", "SELECT * FROM budget.entry" },
                { "padriver_notifications", "SELECT * FROM log.event" },
                { "padriver_newsletter", "SELECT * FROM notice.letter" },
                { "padriver_newsletter", "SELECT notice.release('x', 'x', now())" },
                { "padriver_ctl", "UPDATE notice.letter SET state = 'due'" },
                { "padriver_ctl", "INSERT INTO notice.letter (rule, subject, person, occurrence,"
                                  " due_at) VALUES ('r', 's', 1, '1', now())" },
                { "padriver_ctl", "SELECT notice.adopt('x', now())" },
                { "padriver_budget", "SELECT * FROM notice.letter" },
                { "padriver_evaluation", "SELECT * FROM notice.letter" },
        };
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
                struct db *db = cluster_connect(place->conninfo, refused[i].role);
                if (strcmp(cluster_sqlstate(db, refused[i].sql), "42501") != 0)
                        fail_msg("%s may: %s", refused[i].role, refused[i].sql);
                db_destroy(&db);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_claims_exclude_each_other, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_one_session_is_the_sender, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_the_condition_is_asked_in_the_claim, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_another_instance_holds_until_it_is_released,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_a_booking_touches_only_its_own_claim, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_a_refused_address_is_suppressed, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(test_a_letter_that_was_tried_too_often_is_refused,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_a_key_stands_once_and_a_resend_is_another,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_each_role_may_do_no_more_than_its_work, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
