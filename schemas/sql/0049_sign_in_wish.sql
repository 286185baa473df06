-- Who asks for a page of the staff's and is not signed in lands on it once they are, also where the letter's link is
-- opened on another machine: so the asking itself keeps the page, whoever asks. A path of our own alone; the web face
-- looks, before it is kept and before it is gone to, whether it is one of its pages.
SET LOCAL ROLE padriver_owner_web;

ALTER TABLE web.sign_in ADD goes_to text
  CHECK (goes_to ~ '^(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$' AND length(goes_to) <= 200);

DROP FUNCTION web.ask_sign_in, web.sign_in;

-- As before, and the page asked for, if any.
CREATE FUNCTION web.ask_sign_in(id bigint, address text, goes_to text, now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM web.sign_in s WHERE s.expires_at < $4 - interval '1 hour';
  INSERT INTO web.sign_in (id, person, expires_at, goes_to)
    VALUES ($1, (SELECT a.person FROM register.addressee a WHERE lower(a.email) = lower($2)
                    AND EXISTS (SELECT FROM register.roles_on(a.person, ($4 AT TIME ZONE 'Europe/Oslo')::date))),
            $4 + interval '15 minutes', $3)
$$;

-- As before, with the page asked for. No row: it was used before, or is too old.
CREATE FUNCTION web.sign_in(id bigint, hash bytea, now timestamptz) RETURNS TABLE (goes_to text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM web.session s WHERE s.begun_at < $3 - interval '8 hours' OR s.seen_at < $3 - interval '30 minutes';
  WITH used AS (
    UPDATE web.sign_in s SET used_at = $3
     WHERE s.id = $1 AND s.person IS NOT NULL AND s.used_at IS NULL AND s.expires_at > $3 RETURNING s.person, s.goes_to),
  begun AS (
    INSERT INTO web.session SELECT $2, u.person, $3, $3 FROM used u)
  SELECT u.goes_to FROM used u
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION web.ask_sign_in, web.sign_in FROM PUBLIC;
GRANT EXECUTE ON FUNCTION web.ask_sign_in, web.sign_in TO padriver_web;
