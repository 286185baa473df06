-- Whether a session was held is asked of who runs it, when it is over; and who may say so: the leader, and a coordinator
-- for the own area (R40). The functions hold that, whoever asks.
SET LOCAL ROLE padriver_owner_register;

-- The leader on a day; nobody: vacant (R26: escalations end here).
CREATE FUNCTION register.leader_on(day date) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.person FROM register.position p JOIN register.employment e ON e.position = p.id
   WHERE p.role = 'leader' AND e.person IS NOT NULL AND $1 >= e.valid_from AND ($1 <= e.valid_to) IS NOT FALSE
   ORDER BY p.id LIMIT 1
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION register.leader_on FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.leader_on TO padriver_notifications;
GRANT EXECUTE ON FUNCTION register.roles_on TO padriver_owner_plan;
SET LOCAL ROLE padriver_owner_plan;

-- Who runs a meeting on a day, whoever did when it was put in the calendar.
CREATE FUNCTION plan.organizer_on(meeting text, day date) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT plan.organizer_of(a, $2) FROM plan.activity a WHERE a.id = $1
$$;

-- Whether a person may say what becomes of an activity: it is of the area that is named, else of the one whose coordinator
-- runs it.
CREATE FUNCTION plan.may_write(person bigint, meeting text, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM register.roles_on($1, $3) r
     WHERE r.role = 'leader'
        OR r.role = 'coordinator' AND r.area = (
             SELECT coalesce(a.area, p.area) FROM plan.activity a
               LEFT JOIN register.network n ON n.id = a.network
               JOIN register.position p ON p.id = coalesce(n.convener, a.owner)
              WHERE a.id = $2))
$$;

CREATE FUNCTION plan.check_writer(person bigint, meeting text, now timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT plan.may_write(person, meeting, (now AT TIME ZONE 'Europe/Oslo')::date) THEN
    RAISE EXCEPTION '% is of an area that person % does not write in; ask its coordinator, or the leader', meeting, person
      USING ERRCODE = 'PD002';
  END IF;
END $$;

-- plan.hold, move and cancel by a person, who is asked for the right.
CREATE FUNCTION plan.hold_as(person bigint, meeting text, now timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM plan.check_writer(person, meeting, now);
  RETURN plan.hold(meeting, now);
END $$;

CREATE FUNCTION plan.move_as(person bigint, meeting text, starts timestamptz, ends timestamptz, place text,
  now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM plan.check_writer(person, meeting, now);
  RETURN plan.move(meeting, starts, ends, place, now);
END $$;

CREATE FUNCTION plan.cancel_as(person bigint, meeting text, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM plan.check_writer(person, meeting, now);
  RETURN plan.cancel(meeting, now);
END $$;
RESET ROLE;
REVOKE ALL ON FUNCTION plan.organizer_on, plan.may_write, plan.check_writer, plan.hold_as, plan.move_as, plan.cancel_as
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION plan.organizer_on TO padriver_notifications;
GRANT EXECUTE ON FUNCTION plan.may_write, plan.hold_as, plan.move_as, plan.cancel_as TO padriver_web;

-- As before, and the question whether a session was held: as long as nobody has answered it.
CREATE OR REPLACE FUNCTION notice.wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN NOT EXISTS (SELECT FROM register.addressee a WHERE a.person = l.person) THEN 'there is no such person, or no address'
    WHEN NOT register.may_write(l.person, 'letters') THEN 'suppressed'
    WHEN l.rule IN ('invitation', 'update', 'cancellation', 'reminder') THEN nullif(notice.meeting_wanted(l), '')
    WHEN l.rule IN ('evaluation', 'evaluation_reminder') THEN nullif(notice.evaluation_wanted(l), '')
    WHEN l.rule = 'survey_missing' THEN nullif(notice.survey_wanted(l), '')
    WHEN l.rule IN ('grant_share', 'grant_notice') THEN nullif(notice.grant_wanted(l), '')
    WHEN l.rule IN ('held', 'held_reminder', 'held_leader') THEN CASE
      WHEN NOT EXISTS (SELECT FROM plan.calendar c WHERE c.meeting = l.subject AND c.state = 'scheduled'
                          AND c.version = split_part(l.occurrence, '/', 1)::int)
        THEN 'the session is answered for' END
    WHEN l.rule = 'sign_in' THEN CASE
      WHEN NOT EXISTS (SELECT FROM web.waiting w WHERE w.id::text = l.subject AND w.person = l.person)
        THEN 'the link was used, or is too old' END
    ELSE 'no such rule' END
$$;
