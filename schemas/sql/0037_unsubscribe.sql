-- One unsubscribes from newsletters by the link in each of them, and takes that back where it was done: what somebody else
-- has stopped (a mail server that refuses the address, a person who asked the centre) stays stopped.
SET LOCAL ROLE padriver_owner_register;

-- Whether newsletters go to a person ('wanted'), the link has stopped them ('unsubscribed') or something else has
-- ('stopped'); and the person's written standard. No row: there is no such person.
CREATE FUNCTION register.subscription_of(person bigint) RETURNS TABLE (state text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN bool_or(s.reason <> 'unsubscribed by the link in a newsletter') THEN 'stopped'
              WHEN count(s.person) > 0 THEN 'unsubscribed'
              ELSE 'wanted' END,
         p.language
    FROM register.person p LEFT JOIN register.suppression s ON s.person = p.id AND s.channel IN ('newsletter', 'all')
   WHERE p.id = $1
   GROUP BY p.id, p.language
$$;

-- Stops newsletters to a person; again changes nothing. False: no such person.
CREATE FUNCTION register.unsubscribe(person bigint, at timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT register.suppress($1, 'newsletter', 'unsubscribed by the link in a newsletter', $2)
$$;

-- Takes that back. False: the link had not stopped them.
CREATE FUNCTION register.resubscribe(person bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH d AS (DELETE FROM register.suppression s
              WHERE s.person = $1 AND s.channel = 'newsletter' AND s.reason = 'unsubscribed by the link in a newsletter'
              RETURNING 1)
  SELECT EXISTS (SELECT FROM d)
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION register.subscription_of, register.unsubscribe, register.resubscribe FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.subscription_of, register.unsubscribe, register.resubscribe TO padriver_web;
GRANT EXECUTE ON FUNCTION register.unsubscribe TO padriver_ctl;
