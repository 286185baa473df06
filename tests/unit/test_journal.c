/*
 * What a journal tells of a letter that was claimed when its sender died (promise 4): the table of
 * design section 5, and what a server's answer means for letter and address.
 */
#include "common/mail/journal.h"
#include "tests/support/test.h"
#include <stdio.h>

static const char journal[] = "boot b00t start\n"
                              "dot 1\nreply 1 dot 250 2.0.0\n"
                              "reply 2 rcpt 550 5.1.1\n"
                              "dot 3\n"
                              "dot 44\nreply 44 dot 451 \n"
                              "dot 5\nreply 5 dot 2"; /* killed in the middle of a line */

/* What the journal tells of the letter. */
static enum journal_tells told(int64_t letter, struct smtp_reply *reply)
{
        *reply = (struct smtp_reply){ 0 };
        return journal_read(text_of(journal), TEXT("b00t"), TEXT("b00t/start"), letter, reply);
}

static void test_a_letter_without_a_dot_was_not_sent(void **state)
{
        struct smtp_reply reply;

        (void)state;
        assert_int_equal(told(6, &reply), JOURNAL_NO_DOT);
        assert_int_equal(told(4, &reply), JOURNAL_NO_DOT);
}

static void test_a_dot_with_an_answer_is_booked(void **state)
{
        struct smtp_reply reply;

        (void)state;
        assert_int_equal(told(1, &reply), JOURNAL_REPLY);
        assert_int_equal(smtp_judge(&reply), SMTP_SENT);
        assert_string_equal(reply.status, "2.0.0");
        assert_int_equal(told(44, &reply), JOURNAL_REPLY);
        assert_int_equal(smtp_judge(&reply), SMTP_LATER);
}

static void test_an_answer_before_the_dot_is_booked_too(void **state)
{
        struct smtp_reply reply;

        (void)state;
        assert_int_equal(told(2, &reply), JOURNAL_REPLY);
        assert_int_equal(smtp_judge(&reply), SMTP_REFUSED);
        assert_true(smtp_suppresses(&reply));
}

static void test_a_dot_without_an_answer_is_uncertain(void **state)
{
        struct smtp_reply reply;

        (void)state;
        assert_int_equal(told(3, &reply), JOURNAL_DOT);
        assert_int_equal(told(5, &reply), JOURNAL_DOT);
}

static void test_a_dot_that_was_not_written_whole_was_not_sent(void **state)
{
        struct smtp_reply reply;

        (void)state;
        assert_int_equal(journal_read(TEXT("boot b s\ndot 17"), TEXT("b"), TEXT("b/s"), 17, &reply),
                         JOURNAL_NO_DOT);
}

static void test_another_claim_or_boot_tells_nothing(void **state)
{
        struct smtp_reply reply;

        (void)state;
        assert_int_equal(
                journal_read(text_of(journal), TEXT("b00t"), TEXT("b00t/other"), 1, &reply),
                JOURNAL_NOTHING);
        assert_int_equal(
                journal_read(text_of(journal), TEXT("later"), TEXT("b00t/start"), 1, &reply),
                JOURNAL_NOTHING);
        assert_int_equal(
                journal_read(text_of(journal), TEXT("later"), TEXT("later/start"), 1, &reply),
                JOURNAL_NOTHING);
        assert_int_equal(journal_read(TEXT(""), TEXT("b00t"), TEXT("b00t/start"), 1, &reply),
                         JOURNAL_NOTHING);
        assert_int_equal(
                journal_read(TEXT("boot b00t start"), TEXT("b00t"), TEXT("b00t/start"), 1, &reply),
                JOURNAL_NOTHING);
}

static void test_a_damaged_line_harms_no_other(void **state)
{
        struct smtp_reply reply;

        (void)state;
        assert_int_equal(
                journal_read(TEXT("boot b s\n\ndot\nreply x\ndot 99999999999999999999\n\xff\n"
                                  "dot 7\nreply 7 dot 250 \n"),
                             TEXT("b"), TEXT("b/s"), 7, &reply),
                JOURNAL_REPLY);
        assert_int_equal(reply.code, 250);
}

/* One answer and what it means. */
static void check(enum smtp_stage stage, int code, const char *status, enum smtp_end end,
                  bool suppresses)
{
        struct smtp_reply reply = { .stage = stage, .code = code };

        snprintf(reply.status, sizeof(reply.status), "%s", status);
        assert_int_equal(smtp_judge(&reply), end);
        assert_int_equal(smtp_suppresses(&reply), suppresses);
}

static void test_550_at_the_recipient_differs_from_550_at_the_letter(void **state)
{
        (void)state;
        check(SMTP_RCPT, 550, "", SMTP_REFUSED, true);
        check(SMTP_DOT, 550, "", SMTP_REFUSED, false);
        check(SMTP_DATA, 554, "", SMTP_REFUSED, false);
        check(SMTP_RCPT, 550, "5.7.1", SMTP_REFUSED, false);
        check(SMTP_DOT, 550, "5.1.1", SMTP_REFUSED, true);
        check(SMTP_RCPT, 553, "5.1.8", SMTP_REFUSED, false);
}

static void test_what_the_server_says_about_us_is_not_about_the_letter(void **state)
{
        (void)state;
        check(SMTP_CONNECT, 550, "5.7.1", SMTP_AWAY, false);
        check(SMTP_CONNECT, 535, "5.7.8", SMTP_AWAY, false);
        check(SMTP_CONNECT, 0, "", SMTP_AWAY, false);
        check(SMTP_RCPT, 421, "4.3.2", SMTP_AWAY, false);
        check(SMTP_RCPT, 0, "", SMTP_AWAY, false);
        check(SMTP_DATA, 354, "", SMTP_AWAY, false);
}

static void test_silence_after_the_dot_is_uncertain(void **state)
{
        (void)state;
        check(SMTP_DOT, 0, "", SMTP_UNCERTAIN, false);
        check(SMTP_DOT, 250, "2.0.0", SMTP_SENT, false);
        check(SMTP_DOT, 451, "4.3.0", SMTP_LATER, false);
        check(SMTP_RCPT, 451, "", SMTP_LATER, false);
}

static void test_an_address_cannot_hold_a_command(void **state)
{
        (void)state;
        assert_true(smtp_address_usable(TEXT("kari.o'hara+x@al.example")));
        assert_true(smtp_address_usable(TEXT("åse@ål.example")));
        assert_false(smtp_address_usable(TEXT("a@b>\r\nRCPT TO:<c@d")));
        assert_false(smtp_address_usable(TEXT("a@b@c")));
        assert_false(smtp_address_usable(TEXT("a b@c")));
        assert_false(smtp_address_usable(TEXT("a@")));
        assert_false(smtp_address_usable(TEXT("@c")));
        assert_false(smtp_address_usable(TEXT("")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_letter_without_a_dot_was_not_sent),
                cmocka_unit_test(test_a_dot_with_an_answer_is_booked),
                cmocka_unit_test(test_an_answer_before_the_dot_is_booked_too),
                cmocka_unit_test(test_a_dot_without_an_answer_is_uncertain),
                cmocka_unit_test(test_a_dot_that_was_not_written_whole_was_not_sent),
                cmocka_unit_test(test_another_claim_or_boot_tells_nothing),
                cmocka_unit_test(test_a_damaged_line_harms_no_other),
                cmocka_unit_test(test_550_at_the_recipient_differs_from_550_at_the_letter),
                cmocka_unit_test(test_what_the_server_says_about_us_is_not_about_the_letter),
                cmocka_unit_test(test_silence_after_the_dot_is_uncertain),
                cmocka_unit_test(test_an_address_cannot_hold_a_command),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
