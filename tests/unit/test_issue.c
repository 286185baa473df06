/* A newsletter's file: its head, its two written standards, and what is refused with which line. */
#include "common/newsletter/issue.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#define HEAD "newsletter: 2027-02\ntitle-nb: Nytt fra oss\ntitle-nn: Nytt frå oss\n"
#define BODY "--- nb\n## Hei\n\nNoe nytt.\n--- nn\n## Hei\n\nNoko nytt.\n"

static void check_fault(const char *data, int line, const char *reason)
{
        struct arena *arena = arena_new();
        struct issue issue;
        struct fault fault;
        int at = -1;
        assert_false(issue_parse(text_of(data), arena, &issue, &at, &fault));
        if (!strstr(fault.reason, reason))
                fail_msg("\"%s\" does not say \"%s\"", fault.reason, reason);
        assert_int_equal(at, line);
        arena_destroy(&arena);
}

static void test_a_whole_file_is_read(void **state)
{
        struct arena *arena = arena_new();
        struct issue issue;
        struct fault fault;
        int line;
        (void)state;
        assert_true(issue_parse(TEXT("\xEF\xBB\xBF# a remark\r\nnewsletter: "
                                     "2027-02\r\n\r\nnetwork: N1 , N2\r\n"
                                     "role: leader\r\ntitle-nb: Nytt: fra oss\r\ntitle-nn: Nytt "
                                     "frå oss\r\n" BODY "--- en\nNews.\n"
                                     "--- not a section\n"),
                                arena, &issue, &line,
                                &fault) == false); /* English lacks its title */
        assert_true(
                issue_parse(TEXT("network: N1 , N2\r\nrole: leader\r\n" HEAD "title-en: News\n" BODY
                                 "--- en\nNews.\n\n--- not a section\n"),
                            arena, &issue, &line, &fault));
        assert_text_equal(issue.id, "2027-02");
        assert_int_equal(issue.networks.count, 2);
        assert_text_equal(issue.networks.at[1], "N2");
        assert_int_equal(issue.areas.count, 0);
        assert_text_equal(issue.roles.at[0], "leader");
        assert_text_equal(issue.title[LANGUAGE_NN], "Nytt frå oss");
        assert_text_equal(issue.body[LANGUAGE_NN], "## Hei\n\nNoko nytt.");
        assert_text_equal(issue.body[LANGUAGE_EN], "News.\n\n--- not a section");
        arena_destroy(&arena);
}

static void test_english_may_be_missing(void **state)
{
        struct arena *arena = arena_new();
        struct issue issue;
        struct fault fault;
        int line;
        (void)state;
        assert_true(issue_parse(TEXT(HEAD BODY), arena, &issue, &line, &fault));
        assert_null(issue.body[LANGUAGE_EN].at);
        arena_destroy(&arena);
}

static void test_faults_name_their_line(void **state)
{
        (void)state;
        check_fault("", 0, "there is no text");
        check_fault(HEAD, 0, "there is no text");
        check_fault("newsletter: a b\n" BODY, 1, "letters, digits");
        check_fault("title: x\n" BODY, 1, "a line of the head is");
        check_fault(HEAD "newsletter: again\n" BODY, 4, "stands twice");
        check_fault(HEAD "network: N1\nnetwork: N2\n" BODY, 5, "stands twice");
        check_fault(HEAD "network: N1,,N2\n" BODY, 4, "is no name");
        check_fault(HEAD "network:\n" BODY, 4, "is no name");
        check_fault("newsletter: a\ntitle-nb: b\n" BODY, 0, "no title in nn");
        check_fault(HEAD "--- nb\nA\n", 0, "no text in nn");
        check_fault(HEAD "--- nb\n\n--- nn\nA\n", 4, "the text of nb has 1 to");
        check_fault(HEAD BODY "--- nb\nA\n", 12, "the text of nb stands twice");
        check_fault(HEAD "--- nb\n![x](https://y.example)\n--- nn\nA\n", 4, "the picture");
        check_fault("title-nb: b\ntitle-nn: c\n" BODY, 0, "no line newsletter:");
        check_fault(HEAD "title-nb\xff: x\n" BODY, 0, "UTF-8");
}

/* A file cut anywhere is read or refused, never more than read. */
static void test_a_file_cut_anywhere_is_harmless(void **state)
{
        static const char whole[] = "network: N1, N2\n" HEAD BODY "--- en\nNews.\n";
        (void)state;
        for (size_t size = 0; size < sizeof whole; size++) {
                struct arena *arena = arena_new();
                struct issue issue;
                struct fault fault;
                int line;
                char *copy =
                        malloc(size + !size); /* exact, so that a sanitizer sees a step beyond */
                memcpy(copy, whole, size);
                issue_parse((struct text){ copy, size }, arena, &issue, &line, &fault);
                free(copy);
                arena_destroy(&arena);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_whole_file_is_read),
                cmocka_unit_test(test_english_may_be_missing),
                cmocka_unit_test(test_faults_name_their_line),
                cmocka_unit_test(test_a_file_cut_anywhere_is_harmless),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
