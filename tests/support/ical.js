// Reads calendars with ical.js: a JSON array of texts on standard input, one object a line on standard output.
"use strict";
const ICAL = require("ical.js");

const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const text of texts) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const zone = new ICAL.Timezone(calendar.getFirstSubcomponent("vtimezone"));
  ICAL.TimezoneService.register(zone.tzid, zone);
  const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
  const property = (name) => event.component.getFirstProperty(name);
  console.log(JSON.stringify({
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    status: event.component.getFirstPropertyValue("status"),
    starts: event.startDate.toJSDate().toISOString(),
    ends: event.endDate.toJSDate().toISOString(),
    zone: zone.tzid,
    summary: event.summary,
    place: event.location,
    organizer: event.organizer,
    attendees: event.attendees.map((attendee) => attendee.getFirstValue()),
    partstat: property("attendee").getParameter("partstat") || null,
    stamp: property("dtstamp").getFirstValue().toString(),
  }));
}
