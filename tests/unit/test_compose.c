/*
 * A letter's bytes and its body: every line ends in CRLF and is short, headers cannot be broken out
 * of, the calendar part's method is the calendar's, HTML is escaped by construction, and a letter
 * composed twice is the same.
 */
#include "common/mail/body.h"
#include "common/mail/compose.h"
#include "tests/support/test.h"
#include <string.h>

static struct arena *arena;

static int open_arena(void **state)
{
        (void)state;
        compose_init();
        arena = arena_new();
        return 0;
}

static int close_arena(void **state)
{
        (void)state;
        arena_destroy(&arena);
        return 0;
}

/* An invitation in nynorsk. */
static struct message letter(void)
{
        return (struct message){
                .from_name = TEXT("USHT Buskerud"),
                .from = TEXT("usht@buskerud.example"),
                .reply_to = TEXT("ase@ringerike.example"),
                .to_name = TEXT("Máret Ånnå \"Kalle\" O'Hara"),
                .to = TEXT("maret@al.example"),
                .subject = TEXT("Påminning: Måltidsmiljø, onsdag 2. juni 2027"),
                .message_id = TEXT("0a1b2c@buskerud.example"),
                .at = day_time(day_of(2027, 5, 31), 9, 0),
                .language = LANGUAGE_NN,
                .text = TEXT("Vi minner om møtet.\n.\nDot\n"),
                .html = TEXT("<p>Vi minner om møtet.</p>\n"),
        };
}

/* The letter as a string. */
static const char *composed(const struct message *message)
{
        return arena_string(arena, compose(message, arena));
}

static void test_every_line_ends_in_crlf_and_is_short(void **state)
{
        struct message message = letter();
        struct text rest;

        (void)state;
        message.text = arena_printf(arena, "%05000d æøå\nneste\n", 1);
        message.subject = arena_printf(arena, "Å %0500d", 1);
        rest = compose(&message, arena);
        while (rest.at && rest.size) {
                struct text line = text_cut(&rest, '\n');

                assert_true(line.size >= 1 && line.at[line.size - 1] == '\r');
                assert_null(memchr(line.at, '\r', line.size - 1));
                assert_true(line.size <= 998);
        }
}

static void test_headers_say_who_when_and_that_a_machine_wrote_it(void **state)
{
        struct message message = letter();
        const char *text = composed(&message);

        (void)state;
        assert_non_null(strstr(text, "From: USHT Buskerud <usht@buskerud.example>\r\n"));
        assert_non_null(strstr(text, "<maret@al.example>\r\n"));
        assert_non_null(strstr(text, "Reply-To: ase@ringerike.example\r\n"));
        assert_non_null(strstr(text, "Message-Id: <0a1b2c@buskerud.example>\r\n"));
        assert_non_null(strstr(text, "Date: Mon, 31 May 2027 07:00:00 +0000\r\n"));
        assert_non_null(strstr(text, "Auto-Submitted: auto-generated\r\n"));
        assert_non_null(strstr(text, "Content-Language: nn\r\n"));
        assert_null(strstr(text, "List-Unsubscribe"));
        assert_null(strstr(text, "text/calendar"));
}

static void test_a_header_cannot_be_broken_out_of(void **state)
{
        struct message message = letter();
        const char *text;

        (void)state;
        message.subject = TEXT("Møte\r\nBcc: alle@al.example");
        message.to_name = TEXT("Kari\r\nBcc: alle@al.example");
        text = composed(&message);
        assert_null(strstr(text, "\nBcc:"));
}

static void test_the_calendar_parts_method_is_the_calendars(void **state)
{
        struct message message = letter();
        const char *text;

        (void)state;
        message.calendar = TEXT("BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n");
        message.method = "CANCEL";
        text = composed(&message);
        assert_non_null(strstr(text, "Content-Type: multipart/alternative;"));
        assert_non_null(
                strstr(text, "Content-Type: text/calendar; charset=utf-8; method=CANCEL\r\n"));
        assert_non_null(strstr(text, "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"));
}

static void test_who_can_unsubscribe_can_do_it_with_one_click(void **state)
{
        struct message message = letter();
        const char *text;

        (void)state;
        message.unsubscribe = TEXT("https://usht.buskerud.example/u/12.abc");
        text = composed(&message);
        assert_non_null(
                strstr(text, "List-Unsubscribe: <https://usht.buskerud.example/u/12.abc>\r\n"));
        assert_non_null(strstr(text, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

static void test_a_letter_composed_twice_is_the_same(void **state)
{
        struct message message = letter();

        (void)state;
        assert_string_equal(composed(&message), composed(&message));
}

static void test_a_body_says_the_same_in_text_and_html(void **state)
{
        struct body *body = body_new(arena, LANGUAGE_NN);

        (void)state;
        body_heading(body, TEXT("Samling"));
        body_paragraph(body, TEXT("Vi minner om samlinga."));
        body_fact(body, TEXT("Stad"), TEXT("Ål"));
        body_fact(body, TEXT("Tid"), TEXT("kl. 09.00"));
        body_link(body, TEXT("Svar"), TEXT("https://usht.example/e/1.x"));
        body_footer(body, TEXT("Hei"));
        assert_text_equal(body_text(body),
                          "Samling\n\nVi minner om samlinga.\n\nStad: Ål\nTid: kl. 09.00\n\nSvar\n"
                          "https://usht.example/e/1.x\n\n-- \nHei\n");
        assert_non_null(strstr(arena_string(arena, body_html(body)),
                               "<dl>\n<dt><strong>Stad</strong></dt><dd>Ål</dd>\n"
                               "<dt><strong>Tid</strong></dt><dd>kl. 09.00</dd>\n</dl>\n"
                               "<p><a href=\"https://usht.example/e/1.x\">Svar</a></p>\n<hr>\n"));
        assert_non_null(strstr(arena_string(arena, body_html(body)), "<html lang=\"nn\">"));
}

static void test_html_is_escaped_by_construction(void **state)
{
        struct body *body = body_new(arena, LANGUAGE_NB);
        const char *html;

        (void)state;
        body_heading(body, TEXT("<script>alert(1)</script>"));
        body_fact(body, TEXT("a&b"), TEXT("</dl>\"<b>"));
        body_link(body, TEXT("<i>"), TEXT("https://x.example/\" onclick=\"y"));
        html = arena_string(arena, body_html(body));
        assert_null(strstr(html, "<script>"));
        assert_null(strstr(html, "<b>"));
        assert_null(strstr(html, "<i>"));
        assert_null(strstr(html, "\" onclick"));
        assert_non_null(strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert_non_null(strstr(html, "a&amp;b"));
}

static void test_long_paragraphs_are_wrapped_at_spaces(void **state)
{
        struct body *body = body_new(arena, LANGUAGE_NB);

        (void)state;
        body_paragraph(body, TEXT("æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå "
                                  "æøå æøå 12345 a"));
        assert_text_equal(body_text(body), "æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå æøå "
                                           "æøå æøå æøå æøå æøå\n12345 a\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_line_ends_in_crlf_and_is_short),
                cmocka_unit_test(test_headers_say_who_when_and_that_a_machine_wrote_it),
                cmocka_unit_test(test_a_header_cannot_be_broken_out_of),
                cmocka_unit_test(test_the_calendar_parts_method_is_the_calendars),
                cmocka_unit_test(test_who_can_unsubscribe_can_do_it_with_one_click),
                cmocka_unit_test(test_a_letter_composed_twice_is_the_same),
                cmocka_unit_test(test_a_body_says_the_same_in_text_and_html),
                cmocka_unit_test(test_html_is_escaped_by_construction),
                cmocka_unit_test(test_long_paragraphs_are_wrapped_at_spaces),
        };

        return cmocka_run_group_tests(tests, open_arena, close_arena);
}
