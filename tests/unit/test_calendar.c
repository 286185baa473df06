/*
 * A letter's calendar: the properties that RFC 5545 and 5546 require, a method and status that
 * agree, lines as they must be, and words that cannot break out of their property. (The flow tests
 * read it with other programs' parsers too.)
 */
#include "common/clock.h"
#include "common/mail/calendar.h"
#include "tests/support/test.h"
#include <string.h>

static struct arena *arena;

static int open_arena(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static int close_arena(void **state)
{
        (void)state;
        arena_destroy(&arena);
        return 0;
}

/* N1's second session, moved once. */
static struct calendar session(const char *method)
{
        return (struct calendar){
                .method = method,
                .uid = TEXT("N1-S2@buskerud.example"),
                .sequence = 1,
                .changed_at = day_time(day_of(2027, 2, 1), 9, 0),
                .starts = day_time(day_of(2027, 3, 29), 9, 0),
                .ends = day_time(day_of(2027, 3, 29), 15, 0),
                .summary = TEXT("Måling over tid"),
                .place = TEXT("Hønefoss"),
                .description = TEXT("Nettverk: Pasientsikkerhet og forbedring"),
                .organizer_name = TEXT("Åse Holm-Lien"),
                .organizer = TEXT("ase@ringerike.example"),
                .attendee_name = TEXT("Jon O'Hara"),
                .attendee = TEXT("jon@al.example"),
                .language = LANGUAGE_NN,
        };
}

/* The calendar with its folded lines joined. */
static char *unfolded(const struct calendar *calendar)
{
        struct text folded = calendar_text(calendar, arena);
        char *out = arena_alloc(arena, folded.size + 1), *to = out;

        for (size_t i = 0; i < folded.size; i++) {
                if (i + 2 < folded.size && memcmp(folded.at + i, "\r\n ", 3) == 0) {
                        i += 2;
                        continue;
                }
                *to++ = folded.at[i];
        }
        return out;
}

/* How many lines begin so. */
static int count_lines(const char *calendar, const char *beginning)
{
        int count = 0;

        for (const char *line = calendar; line && *line;) {
                count += strncmp(line, beginning, strlen(beginning)) == 0;
                line = strstr(line, "\r\n");
                line = line ? line + 2 : NULL;
        }
        return count;
}

static void test_what_the_standards_require_stands_once(void **state)
{
        static const char *const required[] = { "BEGIN:VCALENDAR",
                                                "PRODID:",
                                                "VERSION:2.0",
                                                "METHOD:REQUEST",
                                                "BEGIN:VTIMEZONE",
                                                "TZID:Europe/Oslo",
                                                "BEGIN:VEVENT",
                                                "UID:N1-S2@buskerud.example",
                                                "DTSTAMP:20270201T080000Z",
                                                "SEQUENCE:1",
                                                "DTSTART;TZID=Europe/Oslo:20270329T090000",
                                                "DTEND;TZID=Europe/Oslo:20270329T150000",
                                                "SUMMARY;LANGUAGE=nn:Måling over tid",
                                                "LOCATION:Hønefoss",
                                                "STATUS:CONFIRMED",
                                                "ORGANIZER;",
                                                "ATTENDEE;",
                                                "END:VEVENT",
                                                "END:VCALENDAR" };
        struct calendar calendar = session("REQUEST");
        char *text = unfolded(&calendar);

        (void)state;
        for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
                if (count_lines(text, required[i]) != 1)
                        fail_msg("%s stands %d times in\n%s", required[i],
                                 count_lines(text, required[i]), text);
        assert_non_null(strstr(text, ":mailto:jon@al.example\r\n"));
        assert_non_null(strstr(text, ":mailto:ase@ringerike.example\r\n"));
        assert_non_null(strstr(text, "RSVP=TRUE"));
}

static void test_a_cancellation_says_so_in_method_and_status(void **state)
{
        struct calendar calendar = session("CANCEL");
        char *text = unfolded(&calendar);

        (void)state;
        assert_int_equal(count_lines(text, "METHOD:CANCEL"), 1);
        assert_int_equal(count_lines(text, "STATUS:CANCELLED"), 1);
        assert_int_equal(count_lines(text, "UID:N1-S2@buskerud.example"), 1);
        assert_null(strstr(text, "RSVP"));
}

static void test_the_same_version_is_the_same_calendar(void **state)
{
        struct calendar calendar = session("REQUEST");

        (void)state;
        assert_text_equal(calendar_text(&calendar, arena),
                          arena_string(arena, calendar_text(&calendar, arena)));
}

static void test_words_cannot_break_out_of_their_property(void **state)
{
        struct calendar calendar = session("REQUEST");
        char *text;

        (void)state;
        calendar.summary = TEXT("Fra A, til B; med \\ og\nSTATUS:CANCELLED");
        calendar.attendee_name = TEXT("Kari \"Kalle\"; RSVP=FALSE:x");
        text = unfolded(&calendar);
        assert_int_equal(
                count_lines(text,
                            "SUMMARY;LANGUAGE=nn:Fra A\\, til B\\; med \\\\ og\\nSTATUS:CANCELLED"),
                1);
        assert_int_equal(count_lines(text, "STATUS:CONFIRMED"), 1);
        assert_int_equal(count_lines(text, "STATUS:CANCELLED"), 0);
        assert_int_equal(count_lines(text, "ATTENDEE;CN=\""), 1);
        assert_null(strstr(text, "\"Kalle\""));
}

static void test_lines_end_in_crlf_and_are_short(void **state)
{
        struct calendar calendar = session("REQUEST");
        struct text rest;

        (void)state;
        calendar.description = arena_printf(arena, "%0500d æøå %0300d", 1, 2);
        rest = calendar_text(&calendar, arena);
        while (rest.at && rest.size) {
                struct text line = text_cut(&rest, '\n');

                assert_true(line.size >= 1 && line.at[line.size - 1] == '\r');
                assert_true(line.size - 1 <= 75);
                assert_true(text_is_utf8(line));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_the_standards_require_stands_once),
                cmocka_unit_test(test_a_cancellation_says_so_in_method_and_status),
                cmocka_unit_test(test_the_same_version_is_the_same_calendar),
                cmocka_unit_test(test_words_cannot_break_out_of_their_property),
                cmocka_unit_test(test_lines_end_in_crlf_and_are_short),
        };

        return cmocka_run_group_tests(tests, open_arena, close_arena);
}
