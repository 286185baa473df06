/*
 * Promise 4 on a full disk: half a line of the journal would spoil the one behind it, and with it
 * what is known of that letter. Works in a directory of its own; needs no PostgreSQL. What a whole
 * journal tells is in unit/test_journal.
 */
#include "tests/support/test.h"

#include "common/mail/journal.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char place[] = "/tmp/padriver-journal-XXXXXX", file[sizeof(place) + 16];

static int set_up(void **state)
{
        (void)state;
        signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit is cut, then fails */
        if (!mkdtemp(place))
                return -1;
        snprintf(file, sizeof(file), "%s/notice.journal", place);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        unlink(file);
        return rmdir(place);
}

/* Files may grow to so many bytes. */
static void leave_room(rlim_t bytes)
{
        struct rlimit limit = { bytes, RLIM_INFINITY };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_line_behind_one_that_did_not_fit_is_read(void **state)
{
        (void)state;
        struct arena *arena = arena_new();
        struct journal *journal = journal_open(place, "notice");
        struct smtp_reply reply;
        assert_true(journal_start(journal));
        struct text content = journal_content(journal, arena);
        leave_room(content.size + 3); /* "dot" */
        assert_false(journal_dot(journal, 1));
        leave_room(RLIM_INFINITY);
        assert_true(journal_dot(journal, 2));
        content = journal_content(journal, arena);
        struct text claim = journal_claim(journal);
        const struct text boot = journal_boot(arena);
        assert_int_equal(journal_read(content, boot, claim, 1, &reply), JOURNAL_NO_DOT);
        assert_int_equal(journal_read(content, boot, claim, 2, &reply), JOURNAL_DOT);
        journal_close(&journal);
        arena_destroy(&arena);
}

static void test_a_journal_that_cannot_begin_lets_no_letter_go(void **state)
{
        (void)state;
        struct journal *journal = journal_open(place, "notice");
        leave_room(2);
        assert_false(journal_start(journal));
        leave_room(RLIM_INFINITY);
        assert_true(journal_start(journal));
        journal_close(&journal);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_line_behind_one_that_did_not_fit_is_read),
                cmocka_unit_test(test_a_journal_that_cannot_begin_lets_no_letter_go),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
