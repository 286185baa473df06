-- Statements of the list of who was at a session.

-- web_attendees (person bigint, meeting text, now time) -> many (attendee bigint, name text, municipality text, noted bool,
--   present bool)
SELECT a.attendee, a.name, a.municipality, a.noted, a.present FROM plan.attendees(:person, :meeting, :now) a
 ORDER BY a.name COLLATE "nb-x-icu", a.attendee;

-- web_attend (person bigint, meeting text, there bigint[], now time) -> one (present int)
SELECT plan.attend_as(:person, :meeting, :there, :now) AS present;
