-- Who was there. Noted by who runs the session, from those who were called; as a whole list, which can be noted again.
-- Who was not there is not asked what it was worth.
GRANT SELECT (id, name, municipality) ON register.person TO padriver_owner_plan;
GRANT SELECT ON register.municipality_name TO padriver_owner_plan;
SET LOCAL ROLE padriver_owner_plan;

-- municipality and role are those of the day it was noted: whom the person worked for (R111), as what (R57); role of a
-- network's session alone. No reference to the person: who is erased stays counted.
CREATE TABLE plan.attendance (
  meeting text NOT NULL REFERENCES plan.meeting,
  person bigint NOT NULL,
  present boolean NOT NULL,
  municipality text REFERENCES register.municipality,
  role text CHECK (role IN ('leader', 'resource')),
  noted_by bigint NOT NULL,
  noted_at timestamptz NOT NULL,
  PRIMARY KEY (meeting, person)
);

-- What the daemons that ask need.
CREATE VIEW plan.absent AS
  SELECT a.meeting, a.person FROM plan.attendance a WHERE NOT a.present;

-- Those who were called to a meeting on its day, and those noted before they left.
CREATE FUNCTION plan.called(meeting text) RETURNS TABLE (person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.person FROM plan.meeting m, plan.participants(m.id, (m.starts_at AT TIME ZONE 'Europe/Oslo')::date) p WHERE m.id = $1
  UNION
  SELECT a.person FROM plan.attendance a WHERE a.meeting = $1
$$;

-- The list to tick, for who may: with what is noted of each.
CREATE FUNCTION plan.attendees(person bigint, meeting text, now timestamptz)
RETURNS TABLE (attendee bigint, name text, municipality text, noted boolean, present boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.id, p.name, coalesce(n.name, ''), a.present IS NOT NULL, coalesce(a.present, false)
    FROM plan.called($2) c JOIN register.person p ON p.id = c.person
    LEFT JOIN register.municipality_name n ON n.municipality = p.municipality
    LEFT JOIN plan.attendance a ON a.meeting = $2 AND a.person = p.id
   WHERE plan.may_write($1, $2, ($3 AT TIME ZONE 'Europe/Oslo')::date)
$$;

-- Notes who of those called was there; the others were not. Returns how many were.
CREATE FUNCTION plan.attend(meeting text, there bigint[], who bigint, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m plan.meeting;
  stranger bigint;
BEGIN
  SELECT x.* INTO m FROM plan.meeting x WHERE x.id = attend.meeting FOR UPDATE;
  IF m.id IS NULL OR m.state = 'cancelled' THEN
    RAISE EXCEPTION '% does not stand in the calendar; see padriver plan list', meeting USING ERRCODE = 'PD002';
  ELSIF now < m.starts_at THEN
    RAISE EXCEPTION '% does not begin before %; say afterwards who was there', meeting,
      to_char(m.starts_at AT TIME ZONE 'Europe/Oslo', 'DD.MM.YYYY HH24:MI') USING ERRCODE = 'PD002';
  ELSIF coalesce(cardinality(there), 0) = 0 THEN
    RAISE EXCEPTION 'somebody was at %; else say that it was cancelled', meeting USING ERRCODE = 'PD002';
  END IF;
  SELECT t.id INTO stranger FROM unnest(there) t (id) WHERE t.id NOT IN (SELECT c.person FROM plan.called(m.id) c) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'person % was not called to %; correct the members in the register', stranger, meeting USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO plan.attendance AS a (meeting, person, present, municipality, role, noted_by, noted_at)
    SELECT m.id, c.person, c.person = ANY (there), p.municipality, n.role, who, now
      FROM plan.called(m.id) c JOIN register.person p ON p.id = c.person
      LEFT JOIN plan.activity x ON x.id = m.id
      LEFT JOIN LATERAL register.network_members(x.network, (m.starts_at AT TIME ZONE 'Europe/Oslo')::date) n ON n.person = p.id
    ON CONFLICT ON CONSTRAINT attendance_pkey DO UPDATE
      SET present = excluded.present, noted_by = excluded.noted_by, noted_at = excluded.noted_at
      WHERE a.present <> excluded.present;
  RETURN (SELECT count(*) FROM plan.attendance a WHERE a.meeting = m.id AND a.present);
END $$;

-- plan.attend by a person, who is asked for the right (R40).
CREATE FUNCTION plan.attend_as(person bigint, meeting text, there bigint[], now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM plan.check_writer(person, meeting, now);
  RETURN plan.attend(meeting, there, person, now);
END $$;

-- What was noted of a meeting that was then moved or called off is of none that was held.
CREATE FUNCTION plan.forget_attendance() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM plan.attendance a WHERE a.meeting = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_attendance AFTER UPDATE OF version ON plan.meeting
  FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION plan.forget_attendance();
RESET ROLE;

REVOKE ALL ON FUNCTION plan.called, plan.attendees, plan.attend, plan.attend_as, plan.forget_attendance FROM PUBLIC;
GRANT SELECT ON plan.absent TO padriver_evaluation, padriver_notifications;
GRANT EXECUTE ON FUNCTION plan.attendees, plan.attend_as TO padriver_web;
