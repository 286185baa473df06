/*
 * calendar: builds the component tree and lets libical escape, quote and fold it. The zone is
 * written out here, with the rules in force since 1996, so that a letter never depends on which
 * version of the zone tables a machine has.
 */
#include "common/mail/calendar.h"

#include "common/clock.h"
#include "common/log.h"
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

#define ZONE "Europe/Oslo"

static const char zone_component[] = "BEGIN:VTIMEZONE\r\n"
                                     "TZID:" ZONE "\r\n"
                                     "BEGIN:DAYLIGHT\r\n"
                                     "DTSTART:19810329T020000\r\n"
                                     "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
                                     "TZOFFSETFROM:+0100\r\n"
                                     "TZOFFSETTO:+0200\r\n"
                                     "TZNAME:CEST\r\n"
                                     "END:DAYLIGHT\r\n"
                                     "BEGIN:STANDARD\r\n"
                                     "DTSTART:19961027T030000\r\n"
                                     "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
                                     "TZOFFSETFROM:+0200\r\n"
                                     "TZOFFSETTO:+0100\r\n"
                                     "TZNAME:CET\r\n"
                                     "END:STANDARD\r\n"
                                     "END:VTIMEZONE\r\n";

/* The wall time in Oslo, to the minute. */
static struct icaltimetype wall_time(int64_t time)
{
        struct icaltimetype t = icaltime_null_time();

        day_split(day_at(time, &t.hour, &t.minute), &t.year, &t.month, &t.day);
        return t;
}

/* The same moment in UTC, to the second. */
static struct icaltimetype utc_time(int64_t time)
{
        return icaltime_from_timet_with_zone((time_t)(time / CLOCK_SECOND), 0,
                                             icaltimezone_get_utc_timezone());
}

/* A property in Oslo's wall time. */
static icalproperty *in_zone(icalproperty *property)
{
        icalproperty_add_parameter(property, icalparameter_new_tzid(ZONE));
        return property;
}

static const char *mail_address(struct arena *arena, struct text address)
{
        return arena_string(arena, arena_printf(arena, "mailto:%.*s", TEXT_ARGS(address)));
}

static icalproperty *make_organizer(const struct calendar *calendar, struct arena *arena)
{
        icalproperty *p = icalproperty_new_organizer(mail_address(arena, calendar->organizer));

        icalproperty_add_parameter(
                p, icalparameter_new_cn(arena_string(arena, calendar->organizer_name)));
        return p;
}

/* The recipient; asked for a reply unless the meeting is off. */
static icalproperty *make_attendee(const struct calendar *calendar, bool off, struct arena *arena)
{
        icalproperty *p = icalproperty_new_attendee(mail_address(arena, calendar->attendee));

        icalproperty_add_parameter(
                p, icalparameter_new_cn(arena_string(arena, calendar->attendee_name)));
        icalproperty_add_parameter(p, icalparameter_new_cutype(ICAL_CUTYPE_INDIVIDUAL));
        icalproperty_add_parameter(p, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
        if (off)
                return p;
        icalproperty_add_parameter(p, icalparameter_new_partstat(ICAL_PARTSTAT_NEEDSACTION));
        icalproperty_add_parameter(p, icalparameter_new_rsvp(ICAL_RSVP_TRUE));
        return p;
}

/* A property in the recipient's language. */
static icalproperty *in_language(icalproperty *property, enum language language)
{
        static const char *const codes[] = { "nb", "nn", "en" };

        icalproperty_add_parameter(property, icalparameter_new_language(codes[language]));
        return property;
}

/* The meeting. */
static icalcomponent *make_event(const struct calendar *calendar, struct arena *arena)
{
        bool off = strcmp(calendar->method, "CANCEL") == 0;
        icalcomponent *event = icalcomponent_new_vevent();
        icalproperty *properties[] = {
                icalproperty_new_uid(arena_string(arena, calendar->uid)),
                icalproperty_new_dtstamp(utc_time(calendar->changed_at)),
                icalproperty_new_sequence((int)calendar->sequence),
                in_zone(icalproperty_new_dtstart(wall_time(calendar->starts))),
                in_zone(icalproperty_new_dtend(wall_time(calendar->ends))),
                in_language(icalproperty_new_summary(arena_string(arena, calendar->summary)),
                            calendar->language),
                icalproperty_new_location(arena_string(arena, calendar->place)),
                in_language(
                        icalproperty_new_description(arena_string(arena, calendar->description)),
                        calendar->language),
                icalproperty_new_status(off ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED),
                icalproperty_new_transp(off ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE),
                make_organizer(calendar, arena),
                make_attendee(calendar, off, arena),
        };

        for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
                icalcomponent_add_property(event, properties[i]);
        return event;
}

/* The whole VCALENDAR. */
struct text calendar_text(const struct calendar *calendar, struct arena *arena)
{
        icalproperty_method method = icalproperty_string_to_method(calendar->method);
        icalcomponent *whole = icalcomponent_new_vcalendar();
        struct text result;
        char *string;

        icalcomponent_add_property(whole, icalproperty_new_prodid("-//USHT//Padriver//NO"));
        icalcomponent_add_property(whole, icalproperty_new_version("2.0"));
        icalcomponent_add_property(whole, icalproperty_new_calscale("GREGORIAN"));
        icalcomponent_add_property(whole, icalproperty_new_method(method));
        icalcomponent_add_component(whole, icalcomponent_new_from_string(zone_component));
        icalcomponent_add_component(whole, make_event(calendar, arena));
        string = icalcomponent_as_ical_string_r(whole);
        if (!string)
                panic("calendar: cannot be written");
        result = arena_copy(arena, text_of(string));
        free(string);
        icalcomponent_free(whole);
        return result;
}
