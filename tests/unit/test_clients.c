/*
 * What certificates say and what they let their clients do. A file that is wrong is refused with
 * its line and the way out. (The directory itself is looked at in tests/flow/test_curve.py.)
 */
#include "tests/support/test.h"

#include "broker/clients.h"
#include "common/certificate.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static struct arena *arena;

/* Whether the text is a certificate. */
static bool takes(const char *zpl, struct certificate *certificate, struct fault *fault)
{
        return certificate_parse(text_of(zpl), arena, certificate, fault);
}

static void test_a_certificate_says_who_and_what(void **state)
{
        struct certificate certificate;
        struct fault fault;
        (void)state;
        assert_true(takes("# made by zcert\nmetadata\n    name = \"library\" # ours\n"
                          "    publish = \"session_held  meeting_held\"\n    group = 'budget'\n"
                          "curve\n    public-key = \"" KEY "\"",
                          &certificate, &fault));
        assert_text_equal(certificate.name, "library");
        assert_int_equal(certificate.publish.count, 2);
        assert_text_equal(certificate.publish.at[1], "meeting_held");
        assert_text_equal(certificate.groups.at[0], "budget");
        assert_false(certificate.publishes_all);
        assert_string_equal(certificate.public_key, KEY);
        assert_string_equal(certificate.secret_key, "");
}

static void test_a_star_is_every_event_and_nothing_is_the_default(void **state)
{
        struct certificate certificate;
        struct fault fault;
        (void)state;
        assert_true(takes("metadata\n  name = a\n  publish = \"*\"\ncurve\n  public-key = \"" KEY
                          "\"\n",
                          &certificate, &fault));
        assert_true(certificate.publishes_all);
        assert_true(takes("metadata\n  name = a\ncurve\n  public-key = \"" KEY "\"\n", &certificate,
                          &fault));
        assert_false(certificate.publishes_all);
        assert_int_equal(certificate.publish.count + certificate.groups.count, 0);
}

static void test_what_is_wrong_is_refused_with_its_line_and_the_way_out(void **state)
{
        static const struct {
                const char *zpl, *words;
        } wrong[] = {
                { "", "name" },
                { "metadata\n  name = a\n", "public-key" },
                { "curve\n  public-key = \"" KEY "\"\n", "name" },
                { "metadata\n  name = a\n  publsh = \"*\"\n", "line 3: publsh is unknown" },
                { "metadata\n  name = a\n  publish = \"session_helt\"\n",
                  "line 3: there is no event session_helt" },
                { "metadata\n  name = a\n  publish = \"* session_held\"\n",
                  "line 3: there is no event *" },
                { "metadata\n  name = a\n  group = \"b c/æ\"\n", "line 3:" },
                { "metadata\n  name = a\n  group = b\n  group = c\n",
                  "line 4: group stands there twice" },
                { "metadata\n  name = a\n  name = a\n", "line 3: name stands there twice" },
                { "metadata\n  name = \"../a\"\n", "line 2: a name is" },
                { "metadata\n  name = \"\"\n", "line 2: a name is" },
                { "metadata\n  name = \"a\" b\n", "line 2: is not name" },
                { "metadata\n  name = \"a\n", "line 2: is not name" },
                { "metadata\n  name\n", "line 2: is not name" },
                { "  name = a\n", "line 1: is not name" },
                { "name = a\n", "line 1: a certificate has the sections" },
                { "# x\nmetdata\n", "line 2: a certificate has the sections" },
                { "curve\n  public-key = \"short\"\n", "line 2: a key is 40" },
                { "curve\n  public-key = \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf~\"\n",
                  "line 2: a key is 40" },
                { "curve\n  public-key = \"" KEY "\"\n  public-key = \"" KEY "\"\n",
                  "line 3: the key stands there twice" },
                { "curve\n  private-key = \"" KEY "\"\n", "line 2: private-key is unknown" },
                { "metadata\n  name = \xff\n", "is not text" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                struct certificate certificate;
                struct fault fault = { "" };
                if (takes(wrong[i].zpl, &certificate, &fault) ||
                    !strstr(fault.reason, wrong[i].words))
                        fail_msg("\"%s\" gave \"%s\"", wrong[i].zpl, fault.reason);
        }
}

static void test_a_list_has_an_end(void **state)
{
        struct certificate certificate;
        struct fault fault;
        char zpl[1000] = "metadata\n  name = a\n  group = \"";
        (void)state;
        for (int i = 0; i <= CERTIFICATE_RIGHTS; i++)
                strncat(zpl, "b ", sizeof zpl - strlen(zpl) - 1);
        strncat(zpl, "\"\n", sizeof zpl - strlen(zpl) - 1);
        assert_false(takes(zpl, &certificate, &fault));
        assert_non_null(strstr(fault.reason, "line 3: at most 64"));
}

static void test_users_of_this_machine_work_for_their_own_group(void **state)
{
        struct clients *clients = clients_new("");
        char own[WHO_MOST];
        (void)state;
        snprintf(own, sizeof own, "uid:%d:somebody", (int)geteuid());
        assert_true(clients_may_join(clients, text_of(own), TEXT("budget")));
        assert_true(clients_may_join(clients, TEXT("uid:0:root"), TEXT("budget")));
        assert_true(clients_may_join(clients, TEXT("uid:990:padriver-budget"), TEXT("budget")));
        assert_false(clients_may_join(clients, TEXT("uid:990:padriver-budget"), TEXT("budget-2")));
        assert_false(
                clients_may_join(clients, TEXT("uid:990:padriver-budget"), TEXT("evaluation")));
        assert_false(clients_may_join(clients, TEXT("uid:991:anna"), TEXT("budget")));
        assert_false(clients_may_join(clients, TEXT("uid:991:budget"), TEXT("budget")));
        assert_false(clients_may_join(clients, TEXT("uid:x:padriver-budget"), TEXT("budget")));
        assert_false(clients_may_join(clients, TEXT("root"), TEXT("budget")));
        assert_false(clients_may_join(clients, (struct text){ 0 }, TEXT("budget")));
        clients_destroy(&clients);
}

static void test_whoever_is_not_known_may_say_nothing(void **state)
{
        static const struct wire_beat beat = { 0 };
        struct clients *clients = clients_new("");
        struct fault fault;
        (void)state;
        assert_false(clients_may_say(clients, TEXT("key:" KEY), VERB_BEAT, &beat, &fault));
        assert_false(clients_may_say(clients, TEXT(""), VERB_BEAT, &beat, &fault));
        assert_false(clients_may_say(clients, (struct text){ 0 }, VERB_BEAT, &beat, &fault));
        assert_true(clients_may_say(clients, TEXT("uid:990:anna"), VERB_BEAT, &beat, &fault));
        assert_text_equal(clients_actor(clients, TEXT("uid:990:anna")), "anna");
        assert_null(clients_actor(clients, TEXT("key:" KEY)).at);
        clients_destroy(&clients);
}

/* One arena for all. */
static int set_up(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_destroy(&arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_certificate_says_who_and_what),
                cmocka_unit_test(test_a_star_is_every_event_and_nothing_is_the_default),
                cmocka_unit_test(test_what_is_wrong_is_refused_with_its_line_and_the_way_out),
                cmocka_unit_test(test_a_list_has_an_end),
                cmocka_unit_test(test_users_of_this_machine_work_for_their_own_group),
                cmocka_unit_test(test_whoever_is_not_known_may_say_nothing),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
