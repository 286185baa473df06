/* A newsletter's Markdown: what a letter may hold, and how it reads without HTML. */
#include "common/mail/markdown.h"
#include "tests/support/test.h"

#include <string.h>

static void check_text_is(const char *markdown, const char *text)
{
        struct arena *arena = arena_new();
        assert_text_equal(markdown_text(arena, text_of(markdown)), text);
        arena_destroy(&arena);
}

static void check_refused(const char *markdown, const char *reason)
{
        struct fault fault;
        assert_false(markdown_check(text_of(markdown), &fault));
        if (!strstr(fault.reason, reason))
                fail_msg("\"%s\" does not say \"%s\"", fault.reason, reason);
}

static void test_plain_text_reads_like_a_letter(void **state)
{
        (void)state;
        check_text_is("## Neste samling\n\nVi møtes *onsdag* i **Drammen**.\nTa med laget.\n",
                      "Neste samling\n-------------\n\nVi møtes onsdag i Drammen. Ta med laget.\n");
        check_text_is("- ett\n- to\n  - innerst\n- tre\n\nSlutt.",
                      "- ett\n- to\n  - innerst\n- tre\n\nSlutt.\n");
        check_text_is("3. tre\n4. fire\n\nSlutt.", "3. tre\n4. fire\n\nSlutt.\n");
        check_text_is("- ett\n\n  mer\n\n- to", "- ett\n\n  mer\n\n- to\n");
        check_text_is("> sitert\n>\n> mer", "> sitert\n>\n> mer\n");
        check_text_is("    a  b\n    c\n\nd", "    a  b\n    c\n\nd\n");
        check_text_is("a\n\n***\n\nb &amp; &#x41;", "a\n\n* * *\n\nb & &#x41;\n");
        check_text_is("a  \nb", "a\nb\n");
        check_text_is("", "");
}

static void test_links_keep_their_address(void **state)
{
        (void)state;
        check_text_is("Se [planen](https://usht.example/plan).",
                      "Se planen <https://usht.example/plan>.\n");
        check_text_is("<https://usht.example/>", "https://usht.example/\n");
        check_text_is("Skriv til post@usht.example.", "Skriv til post@usht.example.\n");
}

static void test_long_lines_are_wrapped_by_characters(void **state)
{
        (void)state;
        check_text_is(
                "- øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø ø\n",
                "- øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø øøøøøøøøø\n  ø\n");
}

static void test_html_in_it_is_shown_as_words(void **state)
{
        (void)state;
        struct arena *arena = arena_new();
        assert_text_equal(markdown_html(arena, TEXT("a <script>x</script>")),
                          "<p>a &lt;script&gt;x&lt;/script&gt;</p>\n");
        assert_text_equal(markdown_html(arena, TEXT("[a](https://b.example/?c&d)")),
                          "<p><a href=\"https://b.example/?c&amp;d\">a</a></p>\n");
        arena_destroy(&arena);
}

static void test_nothing_is_fetched_and_links_lead_where_they_say(void **state)
{
        struct fault fault;
        (void)state;
        check_refused("![a](https://track.example/1.png)",
                      "the picture https://track.example/1.png");
        check_refused("[a](javascript:alert)", "javascript:alert");
        check_refused("[a](/relative)", "/relative");
        check_refused("[a]: data:x\n\n[a]", "data:x");
        check_refused("# Tittel", "begin those inside with ##");
        check_refused("Tittel\n===", "begin those inside with ##");
        check_refused("a\xff", "UTF-8");
        assert_true(
                markdown_check(TEXT("## A\n[b](mailto:a@b.example) <https://c.example>"), &fault));
}

/* Whatever a person writes, both renderings end. */
static void test_deep_nesting_is_harmless(void **state)
{
        struct arena *arena = arena_new();
        char deep[400];
        (void)state;
        for (size_t i = 0; i < sizeof deep; i++)
                deep[i] = i % 2 ? ' ' : '>';
        assert_true(markdown_text(arena, (struct text){ deep, sizeof deep }).at != NULL);
        memset(deep, '[', sizeof deep);
        assert_true(markdown_text(arena, (struct text){ deep, sizeof deep }).size >
                    sizeof deep - 1);
        arena_destroy(&arena);
}

/* md4c 0.4.8 looks there for the rest of a link. */
static void test_what_lies_behind_the_end_is_not_read(void **state)
{
        static const char more[] = "a [b](https://c.example) d";
        const struct text cut = { more, strlen("a [b](https://c.example") };
        struct arena *arena = arena_new();
        (void)state;
        assert_text_equal(markdown_text(arena, cut), "a [b](https://c.example\n");
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plain_text_reads_like_a_letter),
                cmocka_unit_test(test_links_keep_their_address),
                cmocka_unit_test(test_long_lines_are_wrapped_by_characters),
                cmocka_unit_test(test_html_in_it_is_shown_as_words),
                cmocka_unit_test(test_nothing_is_fetched_and_links_lead_where_they_say),
                cmocka_unit_test(test_deep_nesting_is_harmless),
                cmocka_unit_test(test_what_lies_behind_the_end_is_not_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
