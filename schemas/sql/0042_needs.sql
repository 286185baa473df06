-- What needs a person, counted in one place for the start page of staff and for the letter of Monday morning; and which
-- municipalities' contacts are to be confirmed anew (R110).
SET LOCAL ROLE padriver_owner_register;

-- The centre's office on a day: the leader and the support function.
CREATE FUNCTION register.office_on(day date) RETURNS TABLE (person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT e.person FROM register.position p JOIN register.employment e ON e.position = p.id
   WHERE p.role IN ('leader', 'support') AND e.person IS NOT NULL
     AND $1 >= e.valid_from AND ($1 <= e.valid_to) IS NOT FALSE
$$;

-- The parties with a contact that was not confirmed for so many months, or never, or without any contact; with the names of
-- their contacts and the day when the list as a whole was last confirmed, if ever. The longest ago comes first.
CREATE FUNCTION register.unconfirmed_on(day date, months int)
RETURNS TABLE (municipality text, name text, area text, people text[], confirmed_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.municipality, p.name, a.name, array_remove(array_agg(DISTINCT n.name ORDER BY n.name), NULL),
         CASE WHEN bool_and(c.confirmed_on IS NOT NULL) THEN min(c.confirmed_on) END
    FROM register.parties_on($1) p JOIN register.area a ON a.id = p.area
    LEFT JOIN register.contact c ON c.municipality = p.municipality AND $1 >= c.valid_from AND ($1 <= c.valid_to) IS NOT FALSE
    LEFT JOIN register.person n ON n.id = c.person
   GROUP BY p.municipality, p.name, a.name
  HAVING NOT bool_and(coalesce(c.confirmed_on >= $1 - make_interval(months => $2), false))
   ORDER BY 5 NULLS FIRST, 2
$$;

-- R40: whether a person may say that a municipality's contacts are right: the leader, and the coordinator of its area.
CREATE FUNCTION register.may_confirm(person bigint, municipality text, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM register.roles_on($1, $3) r
     WHERE r.role = 'leader'
        OR r.role = 'coordinator' AND r.area = (SELECT p.area FROM register.parties_on($3) p WHERE p.municipality = $2))
$$;

-- A person says that all contacts of a municipality are right. Returns how many they are.
CREATE FUNCTION register.confirm_contacts(person bigint, municipality text, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  day CONSTANT date := (now AT TIME ZONE 'Europe/Oslo')::date;
  confirmed int;
BEGIN
  IF NOT register.may_confirm($1, $2, day) THEN
    RAISE EXCEPTION '% is of an area that person % does not write in; ask its coordinator, or the leader', municipality, person
      USING ERRCODE = 'PD002';
  END IF;
  UPDATE register.contact c SET confirmed_on = day
   WHERE c.municipality = $2 AND day >= c.valid_from AND (day <= c.valid_to) IS NOT FALSE;
  GET DIAGNOSTICS confirmed = ROW_COUNT;
  IF confirmed = 0 THEN
    RAISE EXCEPTION '% has no contact to confirm; name one (padriver import contact.csv)', municipality USING ERRCODE = 'PD002';
  END IF;
  RETURN confirmed;
END $$;
RESET ROLE;

REVOKE ALL ON FUNCTION register.office_on, register.unconfirmed_on, register.may_confirm, register.confirm_contacts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.office_on TO padriver_notifications, padriver_owner_web;
GRANT EXECUTE ON FUNCTION register.unconfirmed_on TO padriver_owner_web, padriver_web;
GRANT EXECUTE ON FUNCTION register.may_confirm, register.confirm_contacts TO padriver_web;
GRANT USAGE ON SCHEMA plan, evaluation TO padriver_owner_web;
GRANT EXECUTE ON FUNCTION evaluation.tallies_with_words TO padriver_owner_web;
GRANT SELECT ON plan.calendar, evaluation.standing, evaluation.overview, evaluation.tracked TO padriver_owner_web;
SET LOCAL ROLE padriver_owner_web;

-- How much there is of each thing that needs a person, the most urgent first. review: months after which contacts are to be
-- confirmed anew. Of people's own words those count that the person may read.
CREATE FUNCTION web.needs(now timestamptz, person bigint, review int) RETURNS TABLE (name text, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT x.name, x.number FROM (VALUES
    (1, 'unmarked', (SELECT count(*) FROM plan.calendar c
                      WHERE c.network IS NOT NULL AND c.state = 'scheduled' AND c.ends_at <= $1)),
    (2, 'missing', (SELECT count(*) FROM evaluation.standing s WHERE s.standing = 'missing')),
    (3, 'open', (SELECT count(*) FROM evaluation.overview o WHERE o.state = 'open')),
    (4, 'words', (SELECT count(*) FROM evaluation.tallies_with_words($2, $1) t WHERE t.waiting > 0)),
    (5, 'letters', (SELECT count(*) FROM web.undelivered)),
    (6, 'parked', (SELECT count(*) FROM web.parked)),
    (7, 'unshared', (SELECT count(*) FROM web.unshared)),
    (8, 'changes', (SELECT count(*) FROM evaluation.tracked t
                     WHERE t.state = 'open' AND t.due_on < ($1 AT TIME ZONE 'Europe/Oslo')::date)),
    (9, 'contacts', (SELECT count(*) FROM register.unconfirmed_on(($1 AT TIME ZONE 'Europe/Oslo')::date, $3)))
  ) x (place, name, number) ORDER BY x.place
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION web.needs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION web.needs TO padriver_web, padriver_notifications, padriver_ctl;

SET LOCAL ROLE padriver_owner_log;
-- Whether a timer is set: for one that is to be there from the start on, and moves only by itself.
CREATE FUNCTION log.timer_is_set(owner text, name text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM log.timer t WHERE t.owner = $1 AND t.name = $2)
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION log.timer_is_set FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.timer_is_set TO padriver_notifications;

-- As before, and Monday's letter: to who is of the office.
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
    WHEN l.rule = 'needs' THEN CASE
      WHEN NOT EXISTS (SELECT FROM register.office_on((l.due_at AT TIME ZONE 'Europe/Oslo')::date) o WHERE o.person = l.person)
        THEN 'is of the centre''s office no more' END
    ELSE 'no such rule' END
$$;
