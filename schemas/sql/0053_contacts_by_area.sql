-- Whose contacts are to be confirmed anew is told to who can do something about it: all municipalities to the centre's office,
-- those of the own area to a coordinator (R40, R110).
SET LOCAL ROLE padriver_owner_register;

-- may: whether the person may say that they are right.
CREATE FUNCTION register.unconfirmed_for(person bigint, day date, months int)
RETURNS TABLE (municipality text, name text, area text, people text[], confirmed_on date, confirmed_by text, may boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.municipality, u.name, u.area, u.people, u.confirmed_on, u.confirmed_by, m.may
    FROM register.unconfirmed_on($2, $3) u, register.may_confirm($1, u.municipality, $2) m (may)
   WHERE m.may OR EXISTS (SELECT FROM register.office_on($2) o WHERE o.person = $1)
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION register.unconfirmed_for FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.unconfirmed_for TO padriver_owner_web, padriver_web;
REVOKE EXECUTE ON FUNCTION register.unconfirmed_on FROM padriver_owner_web, padriver_web;

SET LOCAL ROLE padriver_owner_web;
-- As before; of contacts those count that the person is told of.
CREATE OR REPLACE FUNCTION web.needs(now timestamptz, person bigint, review int) RETURNS TABLE (name text, number bigint)
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
    (9, 'contacts', (SELECT count(*) FROM register.unconfirmed_for($2, ($1 AT TIME ZONE 'Europe/Oslo')::date, $3)))
  ) x (place, name, number) ORDER BY x.place
$$;
RESET ROLE;
