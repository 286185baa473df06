-- What each role reads of its own: a body's members their body, who decides of grants how they are shared, a municipality's
-- contacts their municipality (R8). web.sights alone says who sees what; the other functions show nothing to anybody else.
SET LOCAL ROLE padriver_owner_register;

-- R59, R109, R110: the contacts on record, also those without an address.
CREATE FUNCTION register.contacts_of(municipality text, day date) RETURNS TABLE (name text, role text, confirmed_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.name, c.role, c.confirmed_on FROM register.contact c JOIN register.person p ON p.id = c.person
   WHERE c.municipality = $1 AND $2 >= c.valid_from AND ($2 <= c.valid_to) IS NOT FALSE
   ORDER BY c.role, p.name, p.id
$$;

-- R12, R13, R45: the seats of a body; without a name: empty.
CREATE FUNCTION register.seats_of(body text, day date) RETURNS TABLE (title text, area text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.title, a.name, p.name
    FROM register.seat s LEFT JOIN register.area a ON a.id = s.area LEFT JOIN register.person p ON p.id = s.person
   WHERE s.body = $1 AND $2 >= s.valid_from AND ($2 <= s.valid_to) IS NOT FALSE
   ORDER BY s.person IS NULL, s.title, a.name, s.seat
$$;

-- R44: of a municipality, how many contacts, how many responsible for professional development, how many in networks.
CREATE FUNCTION register.municipality_counts(municipality text, day date,
  OUT contacts int, OUT responsible int, OUT members int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT count(*) FILTER (WHERE c.role = 'contact') FROM register.contacts_of($1, $2) c)::int,
         (SELECT count(*) FILTER (WHERE c.role = 'responsible') FROM register.contacts_of($1, $2) c)::int,
         (SELECT count(DISTINCT m.person) FROM register.membership m JOIN register.person p ON p.id = m.person
           WHERE p.municipality = $1 AND $2 >= m.valid_from AND ($2 <= m.valid_to) IS NOT FALSE)::int
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION register.contacts_of, register.seats_of, register.municipality_counts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.contacts_of, register.seats_of, register.municipality_counts, register.body_members,
  register.parties_on, register.municipality_on, register.employer_of TO padriver_owner_web;
GRANT SELECT ON register.body, register.area TO padriver_owner_web;
GRANT SELECT (id, municipality) ON register.person TO padriver_owner_web;
GRANT USAGE ON SCHEMA plan, evaluation TO padriver_owner_web;
GRANT SELECT ON plan.calendar, plan.decision, plan.mandate TO padriver_owner_web;
GRANT EXECUTE ON FUNCTION plan.participants TO padriver_owner_web;
GRANT SELECT ON evaluation.occasion, evaluation.overview TO padriver_owner_web;
GRANT EXECUTE ON FUNCTION evaluation.survey_status TO padriver_owner_web;
GRANT SELECT ON budget.share_letter TO padriver_owner_web;
SET LOCAL ROLE padriver_owner_web;

-- Who sees what on a day. Those who run the centre: every body and every grant; leader and support function every
-- municipality, a coordinator those of the own area. Others: the bodies of which they are members, the municipality whose
-- contact they are, and the steering group the grants that it shares.
CREATE FUNCTION web.sights(person bigint, day date) RETURNS TABLE (what text, id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH mine AS (SELECT r.* FROM register.roles_on($1, $2) r)
  SELECT 'body', b.id FROM register.body b
   WHERE EXISTS (SELECT FROM mine m WHERE m.role IN ('leader', 'coordinator', 'support'))
      OR EXISTS (SELECT FROM register.body_members(b.id, $2) x WHERE x.person = $1)
  UNION ALL
  SELECT 'grants', '' WHERE EXISTS (SELECT FROM mine m WHERE m.role IN ('leader', 'coordinator', 'support', 'steering'))
  UNION ALL
  SELECT 'municipality', p.municipality FROM register.parties_on($2) p
   WHERE EXISTS (SELECT FROM mine m
                  WHERE m.role IN ('leader', 'support') OR m.role = 'coordinator' AND m.area = p.area
                     OR m.role = 'contact' AND m.municipality = p.municipality)
$$;

CREATE FUNCTION web.sees(person bigint, what text, id text, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM web.sights($1, $4) s WHERE s.what = $2 AND s.id = $3)
$$;

-- The bodies that a person sees; of one body also whether the person does, and whether it decides anything.
CREATE FUNCTION web.bodies(person bigint, day date)
RETURNS TABLE (body text, name_nb text, name_nn text, name_en text, may boolean, decides boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT b.id, b.name_nb, b.name_nn, b.name_en, web.sees($1, 'body', b.id, $2),
         EXISTS (SELECT FROM plan.mandate m WHERE m.body = b.id AND $2 >= m.valid_from AND ($2 <= m.valid_to) IS NOT FALSE)
    FROM register.body b
$$;

CREATE FUNCTION web.seats(person bigint, body text, day date) RETURNS TABLE (title text, area text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.title, s.area, s.name FROM register.seats_of($2, $3) s WHERE web.sees($1, 'body', $2, $3)
$$;

-- R20: what a body decided.
CREATE FUNCTION web.decisions(person bigint, body text, day date)
RETURNS TABLE (decision text, meeting text, decided_on date, subject text, grant_id text, amount_ore bigint, ordinal bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT d.id, d.meeting, d.decided_on, d.subject, d.grant_id, d.amount_ore, d.ordinal FROM plan.decision d
   WHERE d.body = $2 AND web.sees($1, 'body', $2, $3)
$$;

-- R89: when the first letter about a municipality's share in a version was sent; NULL: none was.
CREATE FUNCTION web.told_at(grant_id text, number text, version int) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT min(l.sent_at) FROM notice.letter l
   WHERE l.rule = 'grant_share' AND l.subject = $1 || '/' || $2 AND split_part(l.occurrence, '/', 1) = $3::text
     AND l.state = 'sent'
$$;

-- Each grant as it stands, and what its last distribution gave each area (area NULL: the host's own part).
CREATE FUNCTION web.grants(person bigint, day date)
RETURNS TABLE (grant_id text, year int, funder text, amount_ore bigint, received_ore bigint, version int, decision text,
  distributed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.grant_id, s.year, s.funder, s.amount_ore, s.received_ore, CASE WHEN s.standing THEN s.version ELSE 0 END, s.decision,
         s.distributed_at
    FROM budget.standing s WHERE web.sees($1, 'grants', '', $2)
$$;

CREATE FUNCTION web.grant_shares(person bigint, day date)
RETURNS TABLE (grant_id text, area text, municipality text, amount_ore bigint, told_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.grant_id, a.name, m.name, sum(s.amount_ore)::bigint, web.told_at(s.grant_id, m.number, s.version)
    FROM web.grants($1, $2) g JOIN budget.share_letter s ON s.grant_id = g.grant_id AND s.version = g.version
    LEFT JOIN register.area a ON a.id = s.area,
         register.municipality_on(s.municipality, (s.distributed_at AT TIME ZONE 'Europe/Oslo')::date) m
   GROUP BY s.grant_id, s.version, a.name, m.number, m.name HAVING sum(s.amount_ore) > 0
$$;

-- Every party, whether the person sees it, and for those: its counts and where it is in the last leader survey.
CREATE FUNCTION web.municipalities(person bigint, day date)
RETURNS TABLE (municipality text, number text, name text, area text, area_name text, may boolean, contacts int, responsible int,
  members int, survey text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH newest AS MATERIALIZED (
    SELECT s.municipality, s.status
      FROM (SELECT o.evaluation FROM evaluation.overview o JOIN evaluation.occasion c USING (evaluation)
             WHERE c.survey ORDER BY o.opened_at DESC LIMIT 1) o, evaluation.survey_status(o.evaluation, $2) s),
  mine AS MATERIALIZED (SELECT s.id FROM web.sights($1, $2) s WHERE s.what = 'municipality')
  SELECT p.municipality, p.number, p.name, p.area, a.name, m.id IS NOT NULL, c.contacts, c.responsible, c.members, n.status
    FROM register.parties_on($2) p JOIN register.area a ON a.id = p.area
    LEFT JOIN mine m ON m.id = p.municipality
    LEFT JOIN LATERAL register.municipality_counts(m.id, $2) c ON m.id IS NOT NULL
    LEFT JOIN newest n ON n.municipality = m.id
$$;

CREATE FUNCTION web.contacts(person bigint, municipality text, day date)
RETURNS TABLE (name text, role text, confirmed_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.name, c.role, c.confirmed_on FROM register.contacts_of($2, $3) c WHERE web.sees($1, 'municipality', $2, $3)
$$;

-- R76: where the municipality is in each leader survey; never what it answered.
CREATE FUNCTION web.surveys(person bigint, municipality text, day date)
RETURNS TABLE (survey text, title_nb text, title_nn text, title_en text, closes_at timestamptz, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT o.evaluation, c.title_nb, c.title_nn, c.title_en, o.closes_at, s.status
    FROM evaluation.overview o JOIN evaluation.occasion c USING (evaluation), evaluation.survey_status(o.evaluation, $3) s
   WHERE c.survey AND s.municipality = $2 AND web.sees($1, 'municipality', $2, $3)
$$;

-- Sessions and gatherings of contacts in the calendar of a year: how many from the municipality take part by the register of
-- that day, and how many of them an invitation was sent to.
CREATE FUNCTION web.sessions(person bigint, municipality text, of_year int, day date)
RETURNS TABLE (meeting text, starts_at timestamptz, state text, title_nb text, title_nn text, title_en text, of_nb text,
  of_nn text, of_en text, participants int, invited int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.meeting, c.starts_at, c.state, c.title_nb, c.title_nn, c.title_en, c.of_nb, c.of_nn, c.of_en,
         (SELECT count(*) FROM plan.participants(c.meeting, (c.starts_at AT TIME ZONE 'Europe/Oslo')::date) x
            JOIN register.person p ON p.id = x.person WHERE p.municipality = $2)::int,
         (SELECT count(DISTINCT l.person) FROM notice.letter l JOIN register.person p ON p.id = l.person
           WHERE l.rule = 'invitation' AND l.subject = c.meeting AND l.state = 'sent' AND p.municipality = $2)::int
    FROM plan.calendar c LEFT JOIN register.body b ON b.id = c.body
   WHERE (c.network IS NOT NULL OR b.members = 'contacts') AND extract(year FROM c.starts_at AT TIME ZONE 'Europe/Oslo') = $3
     AND web.sees($1, 'municipality', $2, $4)
$$;

-- R86, R88, R89: what a municipality that employs coordinators was given, version by version, and when it was told.
CREATE FUNCTION web.money(person bigint, municipality text, day date)
RETURNS TABLE (grant_id text, version int, area text, amount_ore bigint, distributed_at timestamptz, told_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.grant_id, s.version, a.name, sum(s.amount_ore)::bigint, s.distributed_at,
         web.told_at(s.grant_id, m.number, s.version)
    FROM budget.share_letter s JOIN register.area a ON a.id = s.area,
         register.municipality_on(s.municipality, (s.distributed_at AT TIME ZONE 'Europe/Oslo')::date) m
   WHERE s.municipality = $2 AND web.sees($1, 'municipality', $2, $3)
   GROUP BY s.grant_id, s.version, a.name, s.distributed_at, m.number
$$;

-- Whom a municipality turns to: who coordinates its area.
CREATE FUNCTION web.coordinator(area text, day date) RETURNS TABLE (name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.name FROM register.employer_of($1, $2) e JOIN register.addressee a USING (person)
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION web.sights, web.sees, web.bodies, web.seats, web.decisions, web.grants, web.grant_shares, web.told_at,
  web.municipalities, web.contacts, web.surveys, web.sessions, web.money, web.coordinator FROM PUBLIC;
GRANT EXECUTE ON FUNCTION web.sees, web.bodies, web.seats, web.decisions, web.grants, web.grant_shares, web.municipalities,
  web.contacts, web.surveys, web.sessions, web.money, web.coordinator TO padriver_web;
