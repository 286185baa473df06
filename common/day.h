/*
 * day: the calendar in Europe/Oslo: days, wall time, working days, Norwegian formats (ICU's
 * calendar). A day is days since 1970-01-01; a time is microseconds since then in UTC; a wall time
 * that the clocks skip in spring moves forward an hour, one that comes twice in autumn is taken the
 * first time.
 */
#pragma once

#include "common/arena.h"
#include "common/text.h"

enum language { LANGUAGE_NB, LANGUAGE_NN, LANGUAGE_EN };

/* "nb", "nn", "en"; anything else is bokmål. */
enum language language_of(struct text code);
struct text language_code(enum language language);

/* The day from year, month 1-12, day 1-31. */
int32_t day_of(int year, int month, int day);
void day_split(int32_t day, int *year, int *month, int *date);

/* So many months (0 or more) after the day; in a shorter month its last day. */
int32_t day_months_after(int32_t day, int months);

/* 1 Monday .. 7 Sunday. */
int day_weekday(int32_t day);

/* A Norwegian public holiday (half days are not). */
bool day_is_holiday(int32_t day);
bool day_is_working(int32_t day);

/* The day itself if it is a working day, else the next one. */
int32_t day_working_from(int32_t day);

/* That many working days before the day. */
int32_t day_working_before(int32_t day, int count);

/* The wall time in Oslo as a time. */
int64_t day_time(int32_t day, int hour, int minute);

/* The day in Oslo at the time, and its wall time if hour and minute are not NULL. */
int32_t day_at(int64_t time, int *hour, int *minute);

/* ISO 8601 week and its year. */
void day_week(int32_t day, int *year, int *week);

/* "2027-01-27", "27.1.2027", "2027-01-27T09:00", "…T09:00:00Z": false if it is none of these.
 * Wall time is Oslo's. */
bool day_parse(struct text t, int32_t *day);
bool time_parse(struct text t, int64_t *time);

/* "2027-01-27T08:00:00Z" and "2027-01-27". */
struct text time_iso(struct arena *arena, int64_t time);
struct text day_iso(struct arena *arena, int32_t day);

/* "27.01.2027"; "onsdag 27. januar 2027" in the language; "kl. 09.00". */
struct text day_short(struct arena *arena, int32_t day);
struct text day_long(struct arena *arena, int32_t day, enum language language);
struct text time_wall(struct arena *arena, int64_t time, enum language language);

/* "1 600 000,00 kr" with no-break spaces and U+2212 for minus (bokmål and nynorsk; English "NOK
 * 1,600,000.00"). */
struct text money_text(struct arena *arena, int64_t ore, enum language language);
