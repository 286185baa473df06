-- The register: municipalities, the agreement's parties and areas, bodies, networks and the people in them.
-- Everything that has changed and will again is dated: valid_from to valid_to, the last day included, empty for open.
-- Two rows that claim the same thing on the same day are refused by exclusion constraints (R1, R4).
SET LOCAL ROLE padriver_owner_register;

-- An identity of our own: numbers and names have changed twice since 2019 and belong to periods.
CREATE TABLE register.municipality (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z-]{0,39}$'),
  successor text REFERENCES register.municipality,  -- what it was merged into
  merged_on date,
  CHECK ((successor IS NULL) = (merged_on IS NULL)),
  CHECK (successor <> id)
);

CREATE TABLE register.municipality_period (
  municipality text NOT NULL REFERENCES register.municipality,
  number text NOT NULL CHECK (number ~ '^[0-9]{4}$'),
  name text NOT NULL CHECK (name <> ''),
  standard text NOT NULL CHECK (standard IN ('nb', 'nn', 'neutral')),  -- the written standard it has chosen
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (municipality, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT municipality_has_one_number EXCLUDE USING gist (municipality WITH =, daterange(valid_from, valid_to, '[]') WITH &&),
  CONSTRAINT number_is_of_one_municipality EXCLUDE USING gist (number WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- R1: exactly one host at any date.
CREATE TABLE register.host (
  municipality text NOT NULL REFERENCES register.municipality,
  valid_from date PRIMARY KEY,
  valid_to date,
  CHECK (valid_to >= valid_from),
  CONSTRAINT one_host_at_any_date EXCLUDE USING gist (daterange(valid_from, valid_to, '[]') WITH &&)
);

CREATE TABLE register.area (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z-]{0,39}$'),
  name text NOT NULL CHECK (name <> '')
);

-- R5: who coordinates an area, and through which joint body if any.
CREATE TABLE register.area_coordinating (
  area text NOT NULL REFERENCES register.area,
  municipality text NOT NULL REFERENCES register.municipality,
  through text,
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (area, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT area_has_one_coordinating EXCLUDE USING gist (area WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- R2, R3, R4: a party of the agreement is in exactly one area, because being a party names it.
CREATE TABLE register.party (
  municipality text NOT NULL REFERENCES register.municipality,
  area text NOT NULL REFERENCES register.area,
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (municipality, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT party_is_in_one_area EXCLUDE USING gist (municipality WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- R9, R10. appointed: by the Directorate; else an agreement of the centre's own.
CREATE TABLE register.partner (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z-]{0,39}$'),
  name text NOT NULL CHECK (name <> ''),
  kind text NOT NULL CHECK (kind IN ('authority', 'education', 'health', 'research', 'business', 'users')),
  role text NOT NULL,
  appointed boolean NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CHECK (valid_to >= valid_from)
);

-- A person. id is a pseudonym, and still personal; code is what files say. Erased means that the row is gone.
CREATE TABLE register.person (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,40}$'),
  name text NOT NULL CHECK (name <> '' AND length(name) <= 120),
  email text CHECK (email ~ '^[^@[:space:]<>,;"]+@[^@[:space:]<>,;"]+\.[^@[:space:]<>,;"]+$' AND length(email) <= 254),
  phone text CHECK (length(phone) <= 30),
  language text NOT NULL CHECK (language IN ('nb', 'nn', 'en')),
  municipality text REFERENCES register.municipality  -- whom the person works for, if a municipality
);
CREATE UNIQUE INDEX person_email ON register.person (lower(email));

-- The positions that run the centre (R28, R39); who holds one, for whom, is dated.
CREATE TABLE register.position (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z-]{0,39}$'),
  role text NOT NULL CHECK (role IN ('leader', 'coordinator', 'support')),
  area text UNIQUE REFERENCES register.area,  -- one position an area
  title text NOT NULL CHECK (title <> ''),
  CHECK ((role = 'coordinator') = (area IS NOT NULL))
);

-- R39, R86, R90: employer, share of a full-time equivalent, and what of it the base grant pays.
CREATE TABLE register.employment (
  position text NOT NULL REFERENCES register.position,
  employer text NOT NULL REFERENCES register.municipality,
  person bigint REFERENCES register.person,  -- nobody: vacant
  share_percent int NOT NULL CHECK (share_percent BETWEEN 1 AND 100),
  grant_percent int NOT NULL CHECK (grant_percent BETWEEN 0 AND share_percent),  -- above 50 is warned of (X2)
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (position, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT position_is_held_once EXCLUDE USING gist (position WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- A body: whose members are its seats' holders, the contacts of the municipalities, or the positions' holders.
CREATE TABLE register.body (
  id text PRIMARY KEY CHECK (id ~ '^[A-Z]{1,8}$'),
  name_nb text NOT NULL CHECK (name_nb <> ''),
  name_nn text NOT NULL CHECK (name_nn <> ''),
  name_en text NOT NULL CHECK (name_en <> ''),
  members text NOT NULL CHECK (members IN ('seats', 'contacts', 'positions')),
  convener text NOT NULL REFERENCES register.position,
  least_meetings int NOT NULL CHECK (least_meetings >= 0),  -- a semester
  most_meetings int NOT NULL,
  CHECK (most_meetings >= least_meetings)
);

-- R12, R13, R45: a seat stands for an area, the host or an interest; it may be empty, and then it is listed.
CREATE TABLE register.seat (
  body text NOT NULL REFERENCES register.body,
  seat text NOT NULL CHECK (seat ~ '^[a-z][a-z-]{0,39}$'),
  title text NOT NULL CHECK (title <> ''),
  area text REFERENCES register.area,
  municipality text REFERENCES register.municipality,
  person bigint REFERENCES register.person,
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (body, seat, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT seat_is_held_once EXCLUDE USING gist (body WITH =, seat WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

CREATE TABLE register.network (
  id text PRIMARY KEY CHECK (id ~ '^[A-Z][A-Z0-9]{0,7}$'),
  kind text NOT NULL CHECK (kind IN ('learning', 'competence', 'professional')),
  name_nb text NOT NULL CHECK (name_nb <> ''),
  name_nn text NOT NULL CHECK (name_nn <> ''),
  name_en text NOT NULL CHECK (name_en <> ''),
  convener text NOT NULL REFERENCES register.position,  -- the area coordinator who runs it
  valid_from date NOT NULL,
  valid_to date,
  CHECK (valid_to >= valid_from),
  UNIQUE (id, kind)
);

-- R57: participants are recorded as leader or professional resource.
CREATE TABLE register.membership (
  network text NOT NULL REFERENCES register.network,
  person bigint NOT NULL REFERENCES register.person,
  role text NOT NULL CHECK (role IN ('leader', 'resource')),
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (network, person, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT member_once EXCLUDE USING gist (network WITH =, person WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE INDEX membership_person ON register.membership (person);

-- R59, R109, R110: the municipalities' contacts, and who is responsible for professional development there.
CREATE TABLE register.contact (
  municipality text NOT NULL REFERENCES register.municipality,
  person bigint NOT NULL REFERENCES register.person,
  role text NOT NULL CHECK (role IN ('contact', 'responsible')),
  confirmed_on date,
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (municipality, person, role, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT contact_once EXCLUDE USING gist
    (municipality WITH =, person WITH =, role WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE INDEX contact_person ON register.contact (person);

-- Whom not to write to any more, and why.
CREATE TABLE register.suppression (
  person bigint NOT NULL REFERENCES register.person,
  channel text NOT NULL CHECK (channel IN ('letters', 'newsletter', 'all')),
  reason text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (person, channel)
);

-- What a sender needs to know of a person. Without an address nobody can be written to.
CREATE VIEW register.addressee AS
  SELECT p.id AS person, p.name, p.email, p.language, p.municipality FROM register.person p WHERE p.email IS NOT NULL;

-- A municipality as it is called on a day.
CREATE FUNCTION register.municipality_on(municipality text, day date,
  OUT number text, OUT name text, OUT standard text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT m.number, m.name, m.standard FROM register.municipality_period m
   WHERE m.municipality = $1 AND $2 >= m.valid_from AND ($2 <= m.valid_to) IS NOT FALSE
$$;

-- The parties on a day, each with its area and what it is called then.
CREATE FUNCTION register.parties_on(day date)
RETURNS TABLE (municipality text, area text, number text, name text, standard text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.municipality, p.area, m.number, m.name, m.standard
    FROM register.party p, register.municipality_on(p.municipality, $1) m
   WHERE $1 >= p.valid_from AND ($1 <= p.valid_to) IS NOT FALSE
   ORDER BY m.number, p.municipality
$$;

-- The host on a day.
CREATE FUNCTION register.host_on(day date) RETURNS TABLE (municipality text, number text, name text, standard text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT h.municipality, m.number, m.name, m.standard
    FROM register.host h, register.municipality_on(h.municipality, $1) m
   WHERE $1 >= h.valid_from AND ($1 <= h.valid_to) IS NOT FALSE
$$;

-- The funded areas on a day: those that have a coordinating municipality.
CREATE FUNCTION register.areas_on(day date) RETURNS TABLE (area text, name text, coordinating text, through text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, a.name, c.municipality, c.through
    FROM register.area a JOIN register.area_coordinating c ON c.area = a.id
   WHERE $1 >= c.valid_from AND ($1 <= c.valid_to) IS NOT FALSE
   ORDER BY a.id
$$;

-- R86: who employs the area's coordinator on a day and so is paid, with the number and name of that day.
CREATE FUNCTION register.employer_of(area text, day date)
RETURNS TABLE (municipality text, number text, name text, standard text, person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.employer, m.number, m.name, m.standard, e.person
    FROM register.position p JOIN register.employment e ON e.position = p.id,
         register.municipality_on(e.employer, $2) m
   WHERE p.area = $1 AND $2 >= e.valid_from AND ($2 <= e.valid_to) IS NOT FALSE
$$;

-- Who holds a position on a day; no row or no person: nobody.
CREATE FUNCTION register.holder_of(pos text, day date) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.person FROM register.employment e
   WHERE e.position = $1 AND $2 >= e.valid_from AND ($2 <= e.valid_to) IS NOT FALSE
$$;

-- The members of a body on a day, each once.
CREATE FUNCTION register.body_members(body text, day date) RETURNS TABLE (person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.person FROM register.seat s JOIN register.body b ON b.id = s.body AND b.members = 'seats'
   WHERE s.body = $1 AND s.person IS NOT NULL AND $2 >= s.valid_from AND ($2 <= s.valid_to) IS NOT FALSE
  UNION
  SELECT c.person FROM register.contact c JOIN register.party p USING (municipality), register.body b
   WHERE b.id = $1 AND b.members = 'contacts' AND c.role = 'contact'
     AND $2 >= c.valid_from AND ($2 <= c.valid_to) IS NOT FALSE
     AND $2 >= p.valid_from AND ($2 <= p.valid_to) IS NOT FALSE
  UNION
  SELECT e.person FROM register.employment e, register.body b
   WHERE b.id = $1 AND b.members = 'positions' AND e.person IS NOT NULL
     AND $2 >= e.valid_from AND ($2 <= e.valid_to) IS NOT FALSE
$$;

-- The members of a network on a day.
CREATE FUNCTION register.network_members(network text, day date) RETURNS TABLE (person bigint, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT m.person, m.role FROM register.membership m
   WHERE m.network = $1 AND $2 >= m.valid_from AND ($2 <= m.valid_to) IS NOT FALSE
$$;

-- Whom a letter to a municipality goes to on a day: who is responsible there, else its contacts.
CREATE FUNCTION register.recipients_of(municipality text, day date) RETURNS TABLE (person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH c AS (
    SELECT c.person, c.role FROM register.contact c
     WHERE c.municipality = $1 AND $2 >= c.valid_from AND ($2 <= c.valid_to) IS NOT FALSE)
  SELECT DISTINCT c.person FROM c
   WHERE c.role = CASE WHEN EXISTS (SELECT FROM c WHERE c.role = 'responsible') THEN 'responsible' ELSE 'contact' END
$$;

-- Whether a person may be written to over a channel: letters or newsletter.
CREATE FUNCTION register.may_write(person bigint, channel text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM register.person p WHERE p.id = $1 AND p.email IS NOT NULL)
     AND NOT EXISTS (SELECT FROM register.suppression s WHERE s.person = $1 AND s.channel IN ($2, 'all'))
$$;

-- Stops letters to a person over a channel; again changes nothing. False: no such person.
CREATE FUNCTION register.suppress(person bigint, channel text, reason text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM register.person p WHERE p.id = suppress.person FOR KEY SHARE) THEN
    RETURN false;
  END IF;
  INSERT INTO register.suppression VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
  RETURN true;
END $$;

-- Lets letters go again. False: nothing stopped them.
CREATE FUNCTION register.unsuppress(person bigint, channel text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH d AS (DELETE FROM register.suppression s WHERE s.person = $1 AND s.channel = $2 RETURNING 1)
  SELECT EXISTS (SELECT FROM d)
$$;

-- What the register lacks on a day, by requirement: shown, not refused, since life is like that.
CREATE FUNCTION register.gaps_on(day date) RETURNS TABLE (rule text, subject text, gap text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH area AS (SELECT a.* FROM register.areas_on($1) a),
  party AS (SELECT p.* FROM register.parties_on($1) p),
  employment AS (SELECT e.* FROM register.employment e WHERE $1 >= e.valid_from AND ($1 <= e.valid_to) IS NOT FALSE),
  seat AS (SELECT s.* FROM register.seat s WHERE $1 >= s.valid_from AND ($1 <= s.valid_to) IS NOT FALSE),
  contact AS (SELECT c.* FROM register.contact c WHERE $1 >= c.valid_from AND ($1 <= c.valid_to) IS NOT FALSE)
  SELECT 'R1', 'host', 'no municipality is the host' WHERE NOT EXISTS (SELECT FROM register.host_on($1))
  UNION ALL
  SELECT 'R5', p.area, 'has parties but no coordinating municipality' FROM party p
   WHERE p.area NOT IN (SELECT a.area FROM area a) GROUP BY p.area
  UNION ALL
  SELECT 'R12', a.area, 'has no seat in the steering group held by its coordinating municipality' FROM area a
   WHERE NOT EXISTS (SELECT FROM seat s WHERE s.body = 'SG' AND s.area = a.area AND s.municipality = a.coordinating
                       AND s.person IS NOT NULL)
  UNION ALL
  SELECT 'R13', h.municipality, 'does not hold the host''s seat in the steering group' FROM register.host_on($1) h
   WHERE NOT EXISTS (SELECT FROM seat s WHERE s.body = 'SG' AND s.municipality = h.municipality AND s.person IS NOT NULL)
  UNION ALL
  SELECT CASE s.body WHEN 'FR' THEN 'R45' ELSE 'R12' END, s.body || '/' || s.seat, 'is an empty seat' FROM seat s
   WHERE s.person IS NULL
  UNION ALL
  SELECT 'R39', a.area, 'has no coordinator' FROM area a
   WHERE NOT EXISTS (SELECT FROM register.position p JOIN employment e ON e.position = p.id
                      WHERE p.area = a.area AND e.person IS NOT NULL)
  UNION ALL
  SELECT 'R39', e.position, format('is paid %s %% by the base grant, above 50', e.grant_percent) FROM employment e
   WHERE e.grant_percent > 50
  UNION ALL
  SELECT 'R59', p.municipality, 'has no contact' FROM party p
   WHERE NOT EXISTS (SELECT FROM contact c WHERE c.municipality = p.municipality AND c.role = 'contact')
  UNION ALL
  SELECT 'R109', p.municipality, 'has named nobody responsible for professional development' FROM party p
   WHERE NOT EXISTS (SELECT FROM contact c WHERE c.municipality = p.municipality AND c.role = 'responsible')
  ORDER BY 1, 2
$$;

RESET ROLE;

-- Who may do what: each just what its statements name. Persons' own rows are for the command alone; the daemons see what
-- their letters need.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA register FROM PUBLIC;
GRANT USAGE ON SCHEMA register TO padriver_owner_plan, padriver_notifications, padriver_evaluation, padriver_budget,
  padriver_newsletter, padriver_ctl;
GRANT SELECT, REFERENCES ON register.area, register.municipality, register.partner, register.position, register.body,
  register.network TO padriver_owner_plan;
GRANT REFERENCES ON register.person TO padriver_owner_plan;
GRANT EXECUTE ON FUNCTION register.holder_of, register.body_members, register.network_members, register.areas_on
  TO padriver_owner_plan;
GRANT SELECT ON register.addressee, register.area, register.body TO padriver_notifications, padriver_ctl;
GRANT SELECT ON register.addressee TO padriver_newsletter;
GRANT SELECT (id, municipality) ON register.person TO padriver_evaluation;
GRANT SELECT ON register.person, register.suppression TO padriver_ctl;
GRANT EXECUTE ON FUNCTION register.may_write, register.suppress TO padriver_notifications, padriver_newsletter;
GRANT EXECUTE ON FUNCTION register.body_members, register.employer_of, register.holder_of, register.municipality_on,
  register.recipients_of TO padriver_notifications;
GRANT EXECUTE ON FUNCTION register.employer_of, register.host_on TO padriver_budget;
GRANT EXECUTE ON FUNCTION register.employer_of, register.holder_of, register.municipality_on, register.suppress,
  register.unsuppress, register.gaps_on TO padriver_ctl;
