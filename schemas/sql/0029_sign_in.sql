-- Staff sign in by a link mailed to their address; there is no password. What one may do follows from the register on
-- the day: who leaves a position or a seat is signed out with it.
GRANT USAGE ON SCHEMA register TO padriver_owner_web;
SET LOCAL ROLE padriver_owner_register;

-- The roles of a person on a day, with the area that a coordinator writes in (R40), or the municipality stood for.
CREATE FUNCTION register.roles_on(person bigint, day date) RETURNS TABLE (role text, area text, municipality text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.role, p.area, NULL FROM register.employment e JOIN register.position p ON p.id = e.position
   WHERE e.person = $1 AND $2 >= e.valid_from AND ($2 <= e.valid_to) IS NOT FALSE
  UNION
  SELECT CASE s.body WHEN 'SG' THEN 'steering' ELSE 'council' END, NULL, NULL FROM register.seat s
   WHERE s.person = $1 AND s.body IN ('SG', 'FR') AND $2 >= s.valid_from AND ($2 <= s.valid_to) IS NOT FALSE
  UNION
  SELECT 'contact', NULL, c.municipality FROM register.contact c JOIN register.party p USING (municipality)
   WHERE c.person = $1 AND $2 >= c.valid_from AND ($2 <= c.valid_to) IS NOT FALSE
     AND $2 >= p.valid_from AND ($2 <= p.valid_to) IS NOT FALSE
   ORDER BY 1, 2, 3
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION register.roles_on FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.roles_on TO padriver_owner_web;
GRANT SELECT ON register.addressee TO padriver_owner_web;

SET LOCAL ROLE padriver_owner_web;

-- A link that was asked for. id is random, and half of the link; the other half is an HMAC with a key outside the store.
CREATE TABLE web.sign_in (
  id bigint PRIMARY KEY,
  person bigint,  -- nobody: the address is of nobody who signs in
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

-- Who is signed in. The browser holds the token, the store its hash.
CREATE TABLE web.session (
  hash bytea PRIMARY KEY,
  person bigint NOT NULL,
  begun_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL  -- to the minute
);

-- The links that would work, for the letters.
CREATE VIEW web.waiting AS
  SELECT s.id, s.person, s.expires_at FROM web.sign_in s WHERE s.person IS NOT NULL AND s.used_at IS NULL;

-- Somebody asks for a link. The caller learns nothing: whoever asks, a row is written.
CREATE FUNCTION web.ask_sign_in(id bigint, address text, now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM web.sign_in s WHERE s.expires_at < $3 - interval '1 hour';
  INSERT INTO web.sign_in (id, person, expires_at)
    VALUES ($1, (SELECT a.person FROM register.addressee a WHERE lower(a.email) = lower($2)
                    AND EXISTS (SELECT FROM register.roles_on(a.person, ($3 AT TIME ZONE 'Europe/Oslo')::date))),
            $3 + interval '15 minutes')
$$;

-- Whether the link would work.
CREATE FUNCTION web.may_sign_in(id bigint, now timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM web.waiting w WHERE w.id = $1 AND w.expires_at > $2)
$$;

-- Uses the link and begins a session. False: it was used before, or is too old.
CREATE FUNCTION web.sign_in(id bigint, hash bytea, now timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM web.session s WHERE s.begun_at < $3 - interval '8 hours' OR s.seen_at < $3 - interval '30 minutes';
  WITH used AS (
    UPDATE web.sign_in s SET used_at = $3
     WHERE s.id = $1 AND s.person IS NOT NULL AND s.used_at IS NULL AND s.expires_at > $3 RETURNING s.person),
  begun AS (
    INSERT INTO web.session SELECT $2, u.person, $3, $3 FROM used u RETURNING 1)
  SELECT EXISTS (SELECT FROM begun)
$$;

-- Whose session it is, a row for each role; none: it has ended, or the person has no role any more. A session ends after
-- 30 minutes without a page, and after 8 hours.
CREATE FUNCTION web.session_of(hash bytea, now timestamptz)
RETURNS TABLE (person bigint, name text, role text, area text, municipality text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE web.session s SET seen_at = $2
   WHERE s.hash = $1 AND s.begun_at > $2 - interval '8 hours' AND s.seen_at > $2 - interval '30 minutes'
     AND s.seen_at <= $2 - interval '1 minute';
  SELECT s.person, a.name, r.role, r.area, r.municipality
    FROM web.session s JOIN register.addressee a USING (person),
         register.roles_on(s.person, ($2 AT TIME ZONE 'Europe/Oslo')::date) r
   WHERE s.hash = $1 AND s.begun_at > $2 - interval '8 hours' AND s.seen_at > $2 - interval '30 minutes'
$$;

CREATE FUNCTION web.sign_out(hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM web.session s WHERE s.hash = $1
$$;
RESET ROLE;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA web FROM PUBLIC;
GRANT USAGE ON SCHEMA web TO padriver_web, padriver_notifications, padriver_ctl;
GRANT EXECUTE ON FUNCTION web.ask_sign_in, web.may_sign_in, web.sign_in, web.session_of, web.sign_out TO padriver_web;
GRANT SELECT ON web.waiting TO padriver_notifications, padriver_ctl;

-- As before, and the letter with the link.
CREATE OR REPLACE FUNCTION notice.wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN NOT EXISTS (SELECT FROM register.addressee a WHERE a.person = l.person) THEN 'there is no such person, or no address'
    WHEN NOT register.may_write(l.person, 'letters') THEN 'suppressed'
    WHEN l.rule IN ('invitation', 'update', 'cancellation', 'reminder') THEN nullif(notice.meeting_wanted(l), '')
    WHEN l.rule IN ('evaluation', 'evaluation_reminder') THEN nullif(notice.evaluation_wanted(l), '')
    WHEN l.rule IN ('grant_share', 'grant_notice') THEN nullif(notice.grant_wanted(l), '')
    WHEN l.rule = 'sign_in' THEN CASE
      WHEN NOT EXISTS (SELECT FROM web.waiting w WHERE w.id::text = l.subject AND w.person = l.person)
        THEN 'the link was used, or is too old' END
    ELSE 'no such rule' END
$$;
