/*
 * format: days, times and amounts as texts (day.h), for machines as ISO 8601 and for people as
 * Norwegian public bodies write them. Names of days and months come from ICU; the separators of
 * amounts are fixed here, since a letter must not change its look with the library's version.
 */
#include "common/clock.h"
#include "common/day.h"
#include "common/log.h"
#include <unicode/udat.h>
#include <unicode/ustring.h>

#define NO_BREAK_SPACE "\u00A0"
#define MINUS          "\u2212"

/* "2027-01-27T08:00:00Z", the second's fraction cut off. */
struct text time_iso(struct arena *arena, int64_t time)
{
        int64_t seconds = time / CLOCK_SECOND - (time % CLOCK_SECOND < 0);
        int64_t day = seconds / 86400 - (seconds % 86400 < 0);
        int rest = (int)(seconds - day * 86400);
        int year, month, date;

        day_split((int32_t)day, &year, &month, &date);
        return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, date, rest / 3600,
                            rest / 60 % 60, rest % 60);
}

/* "2027-01-27". */
struct text day_iso(struct arena *arena, int32_t day)
{
        int year, month, date;

        day_split(day, &year, &month, &date);
        return arena_printf(arena, "%04d-%02d-%02d", year, month, date);
}

/* "27.01.2027". */
struct text day_short(struct arena *arena, int32_t day)
{
        int year, month, date;

        day_split(day, &year, &month, &date);
        return arena_printf(arena, "%02d.%02d.%04d", date, month, year);
}

/* "onsdag 27. januar 2027", "Wednesday 27 January 2027". */
struct text day_long(struct arena *arena, int32_t day, enum language language)
{
        static const char *const locales[] = { "nb", "nn", "en_GB" };
        UErrorCode status = U_ZERO_ERROR;
        UDateFormat *format = udat_open(
                UDAT_PATTERN, UDAT_PATTERN, locales[language], u"UTC", -1,
                language == LANGUAGE_EN ? u"EEEE d MMMM y" : u"EEEE d. MMMM y", -1, &status);
        UChar wide[80];
        char text[240];

        udat_format(format, day * 86400000.0, wide, 80, NULL, &status);
        u_strToUTF8(text, sizeof(text), NULL, wide, -1, &status);
        if (U_FAILURE(status))
                panic("ICU cannot write a day: %s", u_errorName(status));
        udat_close(format);
        return arena_copy(arena, text_of(text));
}

/* "kl. 09.00", "09:00". */
struct text time_wall(struct arena *arena, int64_t time, enum language language)
{
        int hour, minute;

        day_at(time, &hour, &minute);
        return arena_printf(arena, language == LANGUAGE_EN ? "%02d:%02d" : "kl. %02d.%02d", hour,
                            minute);
}

/* The number in groups of three digits. */
static struct text group_digits(struct arena *arena, uint64_t number, const char *separator)
{
        struct text head;

        if (number < 1000)
                return arena_printf(arena, "%d", (int)number);
        head = group_digits(arena, number / 1000, separator);
        return arena_printf(arena, "%s%s%03d", head.at, separator, (int)(number % 1000));
}

/* "1 600 000,00 kr", "NOK 1,600,000.00". */
struct text money_text(struct arena *arena, int64_t ore, enum language language)
{
        uint64_t size = ore < 0 ? 0 - (uint64_t)ore : (uint64_t)ore;
        const char *sign = ore < 0 ? MINUS : "";
        int rest = (int)(size % 100);

        if (language == LANGUAGE_EN)
                return arena_printf(arena, "NOK" NO_BREAK_SPACE "%s%s.%02d", sign,
                                    group_digits(arena, size / 100, ",").at, rest);
        return arena_printf(arena, "%s%s,%02d" NO_BREAK_SPACE "kr", sign,
                            group_digits(arena, size / 100, NO_BREAK_SPACE).at, rest);
}
