/*
 * calendar: one meeting as iCalendar for one attendee (RFC 5545, 5546): Europe/Oslo with its
 * VTIMEZONE, a UID that stays, the stored sequence, the time of that version as DTSTAMP: sent twice
 * it is the same. By libical.
 */
#pragma once

#include "common/arena.h"
#include "common/day.h"

struct calendar {
        const char *method; /* "REQUEST" or "CANCEL" */
        struct text uid;
        int64_t sequence;
        int64_t changed_at;   /* when this version was made */
        int64_t starts, ends; /* ends after starts */
        struct text summary, place, description;
        struct text organizer_name, organizer; /* an address */
        struct text attendee_name, attendee;
        enum language language;
};

/* The whole VCALENDAR, lines ending in CRLF, none longer than 75 bytes. */
struct text calendar_text(const struct calendar *calendar, struct arena *arena);
