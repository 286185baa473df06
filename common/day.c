/*
 * day: calendar arithmetic, holidays and the clocks of Oslo. Days are plain numbers and their
 * arithmetic is the Gregorian calendar's; what the law changes from time to time, the hour, is
 * asked from ICU. Texts for people are made in format.c.
 */
#include "common/day.h"

#include "common/clock.h"
#include "common/log.h"
#include <unicode/ucal.h>

/* The quotient, rounded down. */
static int64_t divide(int64_t number, int64_t by)
{
        return number / by - (number % by < 0);
}

/* bokmål unless the code says otherwise. */
enum language language_of(struct text code)
{
        if (text_equal(code, TEXT("nn")))
                return LANGUAGE_NN;
        return text_equal(code, TEXT("en")) ? LANGUAGE_EN : LANGUAGE_NB;
}

struct text language_code(enum language language)
{
        return language == LANGUAGE_NN   ? TEXT("nn")
               : language == LANGUAGE_EN ? TEXT("en")
                                         : TEXT("nb");
}

/* Counts from 1 March of year 0, so that the leap day is a year's last. */
int32_t day_of(int year, int month, int day)
{
        int64_t from_march = (month + 9) % 12;
        int64_t y = year - (month <= 2);
        int64_t leap_days = divide(y, 4) - divide(y, 100) + divide(y, 400);

        return (int32_t)(y * 365 + leap_days + (153 * from_march + 2) / 5 + day - 1 - 719468);
}

/* The year, month and date: a guess of the year that is at most one too great, set right. */
void day_split(int32_t day, int *year, int *month, int *date)
{
        int y = (int)divide(((int64_t)day + 719468) * 400, 146097) + 1, since, m;

        while (day_of(y, 3, 1) > day)
                y--;
        since = day - day_of(y, 3, 1);
        m = (5 * since + 2) / 153;
        *date = since - (153 * m + 2) / 5 + 1;
        *month = m < 10 ? m + 3 : m - 9;
        *year = y + (*month <= 2);
}

/* The date in the month, or the day before the next one, whichever comes first. */
int32_t day_months_after(int32_t day, int months)
{
        int year, month, date;

        day_split(day, &year, &month, &date);
        month += months - 1;
        const int32_t first = day_of(year + month / 12, month % 12 + 1, 1);
        month++;
        const int32_t next = day_of(year + month / 12, month % 12 + 1, 1);
        return first + date <= next ? first + date - 1 : next - 1;
}

/* 1970-01-01 was a Thursday. */
int day_weekday(int32_t day)
{
        return (int)(((int64_t)day % 7 + 7 + 3) % 7) + 1;
}

/* Easter Sunday (the Gregorian computus of Butcher and Meeus). */
static int32_t easter(int year)
{
        int golden = year % 19, century = year / 100, rest = year % 100;
        int correction = (century - (century + 8) / 25 + 1) / 3;
        int epact = (19 * golden + century - century / 4 - correction + 15) % 30;
        int week = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
        int shift = (golden + 11 * epact + 22 * week) / 451;
        int sum = epact + week - 7 * shift + 114;

        return day_of(year, sum / 31, sum % 31 + 1);
}

/* A Norwegian public holiday: by date, or by its distance from Easter Sunday. */
bool day_is_holiday(int32_t day)
{
        int year, month, date;

        day_split(day, &year, &month, &date);
        switch (month * 100 + date) {
        case 101:
        case 501:
        case 517:
        case 1225:
        case 1226:
                return true;
        default:
                break;
        }
        switch (day - easter(year)) {
        case -3: /* Maundy Thursday */
        case -2: /* Good Friday */
        case 0:
        case 1:
        case 39: /* Ascension */
        case 49: /* Whit Sunday */
        case 50:
                return true;
        default:
                return false;
        }
}

/* Monday to Friday and no holiday. */
bool day_is_working(int32_t day)
{
        return day_weekday(day) <= 5 && !day_is_holiday(day);
}

/* The first working day from this one on. */
int32_t day_working_from(int32_t day)
{
        while (!day_is_working(day))
                day++;
        return day;
}

/* That many working days before the day. */
int32_t day_working_before(int32_t day, int count)
{
        while (count > 0)
                count -= day_is_working(--day);
        return day;
}

/* A calendar with Oslo's clocks; the caller closes it. */
static UCalendar *open_oslo(void)
{
        UErrorCode status = U_ZERO_ERROR;
        UCalendar *oslo = ucal_open(u"Europe/Oslo", -1, "nb_NO", UCAL_GREGORIAN, &status);

        if (U_FAILURE(status))
                panic("ICU has no calendar for Europe/Oslo: %s", u_errorName(status));
        ucal_setAttribute(oslo, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
        ucal_setAttribute(oslo, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_LAST);
        return oslo;
}

/* The wall time in Oslo as a time. */
int64_t day_time(int32_t day, int hour, int minute)
{
        UErrorCode status = U_ZERO_ERROR;
        UCalendar *oslo = open_oslo();
        int year, month, date;
        double milliseconds;

        day_split(day, &year, &month, &date);
        ucal_clear(oslo);
        ucal_setDateTime(oslo, year, month - 1, date, hour, minute, 0, &status);
        milliseconds = ucal_getMillis(oslo, &status);
        ucal_close(oslo);
        if (U_FAILURE(status))
                panic("ICU cannot tell the time of day %d: %s", day, u_errorName(status));
        return (int64_t)milliseconds * 1000;
}

/* The day in Oslo at the time, and the wall time. */
int32_t day_at(int64_t time, int *hour, int *minute)
{
        UErrorCode status = U_ZERO_ERROR;
        UCalendar *oslo = open_oslo();
        int64_t milliseconds = divide(time, 1000), seconds;
        int32_t day;

        ucal_setMillis(oslo, (double)milliseconds, &status);
        milliseconds += ucal_get(oslo, UCAL_ZONE_OFFSET, &status);
        milliseconds += ucal_get(oslo, UCAL_DST_OFFSET, &status);
        ucal_close(oslo);
        if (U_FAILURE(status))
                panic("ICU cannot tell the day of a time: %s", u_errorName(status));
        day = (int32_t)divide(milliseconds, 86400000);
        seconds = divide(milliseconds, 1000) - day * INT64_C(86400);
        if (hour)
                *hour = (int)(seconds / 3600);
        if (minute)
                *minute = (int)(seconds / 60 % 60);
        return day;
}

/* A week belongs to the year of its Thursday. */
void day_week(int32_t day, int *year, int *week)
{
        int32_t thursday = day - day_weekday(day) + 4;
        int month, date;

        day_split(thursday, year, &month, &date);
        *week = (thursday - day_of(*year, 1, 1)) / 7 + 1;
}

/* A number of least to most digits. */
static bool read_digits(struct text t, size_t least, size_t most, int *value)
{
        int64_t number;

        if (t.size < least || t.size > most || t.at[0] < '0' || !text_to_int(t, &number))
                return false;
        *value = (int)number;
        return true;
}

/* "2027-01-27" or "27.1.2027", if there is such a day. */
bool day_parse(struct text t, int32_t *day)
{
        bool iso = t.size == 10 && t.at[4] == '-';
        struct text part[3];
        int year, month, date, y, m, d;

        for (size_t i = 0; i < 3; i++)
                part[iso ? 2 - i : i] = text_cut(&t, iso ? '-' : '.');
        if (t.at || !read_digits(part[0], iso ? 2 : 1, 2, &date) ||
            !read_digits(part[1], iso ? 2 : 1, 2, &month) || !read_digits(part[2], 4, 4, &year) ||
            month < 1 || month > 12)
                return false;
        *day = day_of(year, month, date);
        day_split(*day, &y, &m, &d);
        return y == year && m == month && d == date;
}

/* A day, T, hours and minutes, perhaps seconds; with Z it is UTC, else Oslo's wall time. */
bool time_parse(struct text t, int64_t *time)
{
        bool utc = t.size && t.at[t.size - 1] == 'Z';
        int hour, minute, second = 0;
        int32_t day;

        t.size -= utc;
        if (!day_parse(text_cut(&t, 'T'), &day) || !read_digits(text_cut(&t, ':'), 2, 2, &hour) ||
            !read_digits(text_cut(&t, ':'), 2, 2, &minute) ||
            (t.at && !read_digits(t, 2, 2, &second)) || hour > 23 || minute > 59 || second > 59)
                return false;
        *time = utc ? day * CLOCK_DAY + (hour * 60 + minute) * 60 * CLOCK_SECOND
                    : day_time(day, hour, minute);
        *time += second * CLOCK_SECOND;
        return true;
}
