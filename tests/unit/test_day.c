/*
 * The calendar of day.h against facts: Norwegian holidays, Oslo's clocks, ISO weeks, written dates
 * and amounts.
 */
#include "tests/support/test.h"

#include "common/clock.h"
#include "common/day.h"
#include <stdlib.h>

/* Counts every day of eight centuries, the leap rule included, against day_split, day_of and the
 * week. */
static void test_every_day_follows_the_one_before(void **state)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        int32_t day = day_of(1600, 1, 1);
        int weekday = 6; /* a Saturday */

        (void)state;
        for (int year = 1600; year < 2400; year++) {
                bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

                for (int month = 1; month <= 12; month++)
                        for (int date = 1; date <= days[month - 1] + (leap && month == 2); date++) {
                                int y, m, d;

                                day_split(day, &y, &m, &d);
                                if (y != year || m != month || d != date ||
                                    day_of(year, month, date) != day || day_weekday(day) != weekday)
                                        fail_msg("%d-%d-%d is not day %d", year, month, date, day);
                                weekday = weekday % 7 + 1;
                                day++;
                        }
        }
        assert_int_equal(day_of(1970, 1, 1), 0);
}

static void test_easter_and_the_fixed_days_are_holidays(void **state)
{
        static const char *const holidays[] = {
                "2026-04-05", "2027-03-28", "2028-04-16", "2027-01-01", "2027-03-25", "2027-03-26",
                "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-16", "2027-05-17", "2027-12-25",
                "2027-12-26", "2028-05-25", "2038-04-25", "2285-03-22"
        };
        int32_t day, count = 0;

        (void)state;
        for (size_t i = 0; i < sizeof(holidays) / sizeof(holidays[0]); i++) {
                assert_true(day_parse(text_of(holidays[i]), &day));
                if (!day_is_holiday(day))
                        fail_msg("%s is a holiday", holidays[i]);
        }
        for (day = day_of(2026, 1, 1); day < day_of(2027, 1, 1); day++)
                count += day_is_holiday(day);
        assert_int_equal(count, 12);
        for (count = 0; day < day_of(2028, 1, 1); day++)
                count += day_is_holiday(day);
        assert_int_equal(count, 11); /* Whit Monday is 17 May */
        assert_false(day_is_holiday(day_of(2027, 12, 24)));
}

static void test_a_month_later_is_the_same_date_or_the_last_one(void **state)
{
        (void)state;
        assert_int_equal(day_months_after(day_of(2027, 1, 27), 4), day_of(2027, 5, 27));
        assert_int_equal(day_months_after(day_of(2027, 1, 31), 1), day_of(2027, 2, 28));
        assert_int_equal(day_months_after(day_of(2027, 10, 31), 4), day_of(2028, 2, 29));
        assert_int_equal(day_months_after(day_of(2027, 8, 31), 4), day_of(2027, 12, 31));
        assert_int_equal(day_months_after(day_of(2027, 12, 1), 12), day_of(2028, 12, 1));
        assert_int_equal(day_months_after(day_of(2027, 12, 31), 0), day_of(2027, 12, 31));
}

static void test_working_days_skip_weekends_and_easter(void **state)
{
        (void)state;
        assert_true(day_is_working(day_of(2027, 3, 24)));  /* a half day */
        assert_true(day_is_working(day_of(2026, 12, 24))); /* a half day */
        assert_false(day_is_working(day_of(2027, 3, 27)));
        assert_int_equal(day_working_from(day_of(2027, 3, 25)), day_of(2027, 3, 30));
        assert_int_equal(day_working_from(day_of(2027, 3, 24)), day_of(2027, 3, 24));
        assert_int_equal(day_working_before(day_of(2027, 3, 30), 2), day_of(2027, 3, 23));
        assert_int_equal(day_working_before(day_of(2027, 1, 27), 2), day_of(2027, 1, 25));
        assert_int_equal(day_working_before(day_of(2027, 5, 18), 2), day_of(2027, 5, 13));
        assert_int_equal(day_working_before(day_of(2027, 1, 4), 0), day_of(2027, 1, 4));
}

/* A wall time in Oslo as UTC. */
static void check_time(const char *wall, const char *utc)
{
        struct arena *arena = arena_new();
        int64_t time, same;

        assert_true(time_parse(text_of(wall), &time));
        assert_text_equal(time_iso(arena, time), utc);
        assert_true(time_parse(text_of(utc), &same));
        assert_true(same == time);
        arena_destroy(&arena);
}

static void test_the_clocks_of_oslo_change_twice_a_year(void **state)
{
        int hour, minute;

        (void)state;
        check_time("2027-01-27T09:00", "2027-01-27T08:00:00Z");
        check_time("2027-07-01T09:00:30", "2027-07-01T07:00:30Z");
        check_time("2027-03-28T01:59", "2027-03-28T00:59:00Z");
        check_time("2027-03-28T02:30", "2027-03-28T01:30:00Z"); /* skipped: 03.30 */
        check_time("2027-03-28T03:00", "2027-03-28T01:00:00Z");
        check_time("2027-10-31T02:30", "2027-10-31T00:30:00Z"); /* twice: the first */
        check_time("2027-10-31T03:00", "2027-10-31T02:00:00Z");
        assert_int_equal(day_at(day_time(day_of(2027, 3, 28), 2, 30), &hour, &minute),
                         day_of(2027, 3, 28));
        assert_int_equal(hour, 3);
        assert_int_equal(minute, 30);
}

/* R73 by the sample year: ten days after 18.3.2027 15.00 is 28.3. 15.00, an hour less than 240
 * hours. */
static void test_ten_days_later_is_the_same_hour_on_the_wall(void **state)
{
        int64_t opened = day_time(day_of(2027, 3, 18), 15, 0), closes;
        int hour, minute;
        int32_t day = day_at(opened, &hour, &minute);

        (void)state;
        closes = day_time(day + 10, hour, minute);
        assert_true(closes - opened == 239 * 3600 * CLOCK_SECOND);
        check_time("2027-03-28T15:00", "2027-03-28T13:00:00Z");
        assert_true(closes == day_of(2027, 3, 28) * CLOCK_DAY + 13 * 3600 * CLOCK_SECOND);
}

static void test_a_day_in_oslo_begins_before_utcs(void **state)
{
        int64_t midnight = day_of(2027, 1, 1) * CLOCK_DAY;

        (void)state;
        assert_int_equal(day_at(midnight - 3600 * CLOCK_SECOND, NULL, NULL), day_of(2027, 1, 1));
        assert_int_equal(day_at(midnight - 3600 * CLOCK_SECOND - 1, NULL, NULL),
                         day_of(2026, 12, 31));
}

static void test_weeks_belong_to_the_year_of_their_thursday(void **state)
{
        int year, week;

        (void)state;
        day_week(day_of(2027, 1, 1), &year, &week);
        assert_int_equal(year, 2026);
        assert_int_equal(week, 53);
        day_week(day_of(2027, 1, 4), &year, &week);
        assert_int_equal(year, 2027);
        assert_int_equal(week, 1);
        day_week(day_of(2024, 12, 30), &year, &week);
        assert_int_equal(year, 2025);
        assert_int_equal(week, 1);
}

static void test_written_dates_are_taken_in_two_forms_and_must_exist(void **state)
{
        static const char *const wrong[] = { "",           "2027-1-27",       "2027-02-29",
                                             "29.2.2027",  "31.4.2027",       "27.1.27",
                                             "27.1.2027 ", "27/1/2027",       "2027-13-01",
                                             "0.1.2027",   "1.0.2027",        "2027-01-2x",
                                             "1.1.2027.",  "+1.1.2027",       "2027-+1-01",
                                             "....",       "2027-01-27T09:00" };
        int32_t day;

        (void)state;
        assert_true(day_parse(TEXT("2027-01-27"), &day));
        assert_int_equal(day, day_of(2027, 1, 27));
        assert_true(day_parse(TEXT("27.1.2027"), &day));
        assert_int_equal(day, day_of(2027, 1, 27));
        assert_true(day_parse(TEXT("29.02.2028"), &day));
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                if (day_parse(text_of(wrong[i]), &day))
                        fail_msg("\"%s\" is no day", wrong[i]);
        assert_false(day_parse(text_of(NULL), &day));
}

static void test_written_times_must_exist(void **state)
{
        static const char *const wrong[] = { "",
                                             "2027-01-27",
                                             "2027-01-27T",
                                             "2027-01-27T9:00",
                                             "2027-01-27T24:00",
                                             "2027-01-27T09:60",
                                             "2027-01-27T09:00:60",
                                             "2027-01-27T09:00:00:00",
                                             "2027-01-27T09:00:00+01:00",
                                             "2027-02-30T09:00",
                                             "2027-01-27 09:00",
                                             "2027-01-27T09:00:",
                                             "Z" };
        int64_t time;

        (void)state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                if (time_parse(text_of(wrong[i]), &time))
                        fail_msg("\"%s\" is no time", wrong[i]);
        assert_false(time_parse(text_of(NULL), &time));
}

static void test_days_and_times_are_written_as_their_readers_do(void **state)
{
        struct arena *arena = arena_new();
        int32_t day = day_of(2027, 1, 27), monday = day_of(2027, 2, 1);
        int64_t time = day_time(day, 9, 0);

        (void)state;
        assert_text_equal(day_iso(arena, day), "2027-01-27");
        assert_text_equal(day_short(arena, day), "27.01.2027");
        assert_text_equal(day_long(arena, day, LANGUAGE_NB), "onsdag 27. januar 2027");
        assert_text_equal(day_long(arena, monday, LANGUAGE_NB), "mandag 1. februar 2027");
        assert_text_equal(day_long(arena, monday, LANGUAGE_NN), "måndag 1. februar 2027");
        assert_text_equal(day_long(arena, day, LANGUAGE_EN), "Wednesday 27 January 2027");
        assert_text_equal(time_wall(arena, time, LANGUAGE_NB), "kl. 09.00");
        assert_text_equal(time_wall(arena, time, LANGUAGE_NN), "kl. 09.00");
        assert_text_equal(time_wall(arena, time, LANGUAGE_EN), "09:00");
        assert_text_equal(time_iso(arena, -1), "1969-12-31T23:59:59Z");
        assert_int_equal(language_of(TEXT("nn")), LANGUAGE_NN);
        assert_int_equal(language_of(TEXT("en")), LANGUAGE_EN);
        assert_int_equal(language_of(text_of(NULL)), LANGUAGE_NB);
        arena_destroy(&arena);
}

static void test_amounts_have_no_breaking_spaces_and_a_true_minus(void **state)
{
        struct arena *arena = arena_new();

        (void)state;
        assert_text_equal(money_text(arena, 160000000, LANGUAGE_NB),
                          "1\u00A0600\u00A0000,00\u00A0kr");
        assert_text_equal(money_text(arena, -160000101, LANGUAGE_NN),
                          "\u22121\u00A0600\u00A0001,01\u00A0kr");
        assert_text_equal(money_text(arena, 5, LANGUAGE_NB), "0,05\u00A0kr");
        assert_text_equal(money_text(arena, 99999, LANGUAGE_NB), "999,99\u00A0kr");
        assert_text_equal(money_text(arena, 100000, LANGUAGE_NB), "1\u00A0000,00\u00A0kr");
        assert_text_equal(money_text(arena, 160000000, LANGUAGE_EN), "NOK\u00A01,600,000.00");
        assert_text_equal(money_text(arena, INT64_MIN, LANGUAGE_NB),
                          "\u221292\u00A0233\u00A0720\u00A0368\u00A0547\u00A0758,08\u00A0kr");
        arena_destroy(&arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_day_follows_the_one_before),
                cmocka_unit_test(test_easter_and_the_fixed_days_are_holidays),
                cmocka_unit_test(test_a_month_later_is_the_same_date_or_the_last_one),
                cmocka_unit_test(test_working_days_skip_weekends_and_easter),
                cmocka_unit_test(test_the_clocks_of_oslo_change_twice_a_year),
                cmocka_unit_test(test_ten_days_later_is_the_same_hour_on_the_wall),
                cmocka_unit_test(test_a_day_in_oslo_begins_before_utcs),
                cmocka_unit_test(test_weeks_belong_to_the_year_of_their_thursday),
                cmocka_unit_test(test_written_dates_are_taken_in_two_forms_and_must_exist),
                cmocka_unit_test(test_written_times_must_exist),
                cmocka_unit_test(test_days_and_times_are_written_as_their_readers_do),
                cmocka_unit_test(test_amounts_have_no_breaking_spaces_and_a_true_minus),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
