-- Who has three letters whose links still work gets no fourth: else anybody could have us write to them without end. What is
-- asked is written down all the same, so that neither reply nor time tells.
SET LOCAL ROLE padriver_owner_web;
CREATE OR REPLACE FUNCTION web.ask_sign_in(id bigint, address text, goes_to text, now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM web.sign_in s WHERE s.expires_at < $4 - interval '1 hour';
  INSERT INTO web.sign_in (id, person, expires_at, goes_to)
    VALUES ($1, (SELECT a.person FROM register.addressee a WHERE lower(a.email) = lower($2)
                    AND EXISTS (SELECT FROM register.roles_on(a.person, ($4 AT TIME ZONE 'Europe/Oslo')::date))
                    AND (SELECT count(*) FROM web.waiting w WHERE w.person = a.person AND w.expires_at > $4) < 3),
            $4 + interval '15 minutes', $3)
$$;
RESET ROLE;
