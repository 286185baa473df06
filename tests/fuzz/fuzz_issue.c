/*
 * issue: a newsletter's file, then its Markdown as letters show it. No script, no picture, and no
 * link but to the web or to an address comes out, whatever went in.
 */
#include "common/mail/markdown.h"
#include "common/newsletter/issue.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

/* Each tag is one that a letter may hold, each link leads where it may. */
static void check_html(const char *html)
{
        for (const char *at = html; (at = strchr(at, '<')); at++) {
                require(strncmp(at, "<script", 7) != 0 && strncmp(at, "<img", 4) != 0);
                require(strncmp(at, "<style", 6) != 0 && strncmp(at, "<iframe", 7) != 0);
        }
        for (const char *at = html; (at = strstr(at, "<a href=\"")); at++) {
                at += strlen("<a href=\"");
                require(strncasecmp(at, "http", 4) == 0 || strncasecmp(at, "mailto:", 7) == 0);
        }
}

static void check_markdown(struct arena *arena, struct text markdown)
{
        struct fault fault = { "" };
        if (markdown_check(markdown, &fault)) {
                require(text_is_utf8(markdown_text(arena, markdown)));
                check_html(arena_string(arena, markdown_html(arena, markdown)));
        } else {
                require(fault.reason[0]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct text input = { (const char *)data, size };
        struct arena *arena = arena_new();
        struct issue issue;
        struct fault fault = { "" };
        int line = 0;
        if (issue_parse(input, arena, &issue, &line, &fault)) {
                for (size_t i = 0; i < ISSUE_LANGUAGES; i++) {
                        require(issue.body[i].size <= ISSUE_BODY);
                        if (issue.body[i].at)
                                check_markdown(arena, issue.body[i]);
                }
        } else {
                require(fault.reason[0]);
                if (text_is_utf8(input) && size <= ISSUE_BODY)
                        check_markdown(arena, input);
        }
        arena_destroy(&arena);
        return 0;
}
