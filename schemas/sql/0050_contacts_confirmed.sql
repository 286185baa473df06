-- Who said that a contact is right, and when: beside the contact, so that a file which is imported again takes nothing of it
-- back (contact.confirmed_on is what the file says). A row for a contact as a file tells it from others; a contact that is
-- another one afterwards is not confirmed. No references: who is erased stays as a number, as with attendance, and a contact
-- that an undone import brings back is as it was.
SET LOCAL ROLE padriver_owner_register;

CREATE TABLE register.confirmation (
  municipality text NOT NULL,
  person bigint NOT NULL,
  role text NOT NULL,
  valid_from date NOT NULL,
  confirmed_on date NOT NULL,
  confirmed_by bigint,  -- not known before this table
  PRIMARY KEY (municipality, person, role, valid_from)
);

-- What was confirmed so far: what no import wrote.
INSERT INTO register.confirmation (municipality, person, role, valid_from, confirmed_on)
  SELECT c.municipality, c.person, c.role, c.valid_from, c.confirmed_on FROM register.contact c
   WHERE c.confirmed_on IS NOT NULL
     AND NOT EXISTS (SELECT FROM register.import_change i WHERE i.kind = 'contact'
                        AND i.after @> to_jsonb(c) - '{valid_to}'::text[]);

-- The contacts with the last day on which each was confirmed, by a file or by a person.
CREATE VIEW register.confirmed_contact AS
  SELECT c.municipality, c.person, c.role, c.valid_from, c.valid_to, greatest(c.confirmed_on, n.confirmed_on) AS confirmed_on,
         CASE WHEN n.confirmed_on >= c.confirmed_on OR c.confirmed_on IS NULL THEN n.confirmed_by END AS confirmed_by
    FROM register.contact c LEFT JOIN register.confirmation n USING (municipality, person, role, valid_from);

DROP FUNCTION register.unconfirmed_on, register.contacts_of;

-- As before, and who confirmed the list last as a whole: of whose word is the oldest, if it is known.
CREATE FUNCTION register.unconfirmed_on(day date, months int)
RETURNS TABLE (municipality text, name text, area text, people text[], confirmed_on date, confirmed_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.municipality, p.name, a.name, array_remove(array_agg(DISTINCT n.name ORDER BY n.name), NULL),
         CASE WHEN bool_and(c.confirmed_on IS NOT NULL) THEN min(c.confirmed_on) END,
         CASE WHEN bool_and(c.confirmed_on IS NOT NULL) THEN (array_agg(b.name ORDER BY c.confirmed_on, b.name))[1] END
    FROM register.parties_on($1) p JOIN register.area a ON a.id = p.area
    LEFT JOIN register.confirmed_contact c
      ON c.municipality = p.municipality AND $1 >= c.valid_from AND ($1 <= c.valid_to) IS NOT FALSE
    LEFT JOIN register.person n ON n.id = c.person
    LEFT JOIN register.person b ON b.id = c.confirmed_by
   GROUP BY p.municipality, p.name, a.name
  HAVING NOT bool_and(coalesce(c.confirmed_on >= $1 - make_interval(months => $2), false))
   ORDER BY 5 NULLS FIRST, 2
$$;

CREATE FUNCTION register.contacts_of(municipality text, day date)
RETURNS TABLE (name text, role text, confirmed_on date, confirmed_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.name, c.role, c.confirmed_on, b.name
    FROM register.confirmed_contact c JOIN register.person p ON p.id = c.person
    LEFT JOIN register.person b ON b.id = c.confirmed_by
   WHERE c.municipality = $1 AND $2 >= c.valid_from AND ($2 <= c.valid_to) IS NOT FALSE
   ORDER BY c.role, p.name, p.id
$$;

CREATE OR REPLACE FUNCTION register.confirm_contacts(person bigint, municipality text, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  day CONSTANT date := (now AT TIME ZONE 'Europe/Oslo')::date;
  confirmed int;
BEGIN
  IF NOT register.may_confirm($1, $2, day) THEN
    RAISE EXCEPTION '% is of an area that person % does not write in; ask its coordinator, or the leader', municipality, person
      USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO register.confirmation AS n
    SELECT c.municipality, c.person, c.role, c.valid_from, day, $1 FROM register.contact c
     WHERE c.municipality = $2 AND day >= c.valid_from AND (day <= c.valid_to) IS NOT FALSE
    ON CONFLICT ON CONSTRAINT confirmation_pkey
      DO UPDATE SET confirmed_on = excluded.confirmed_on, confirmed_by = excluded.confirmed_by;
  GET DIAGNOSTICS confirmed = ROW_COUNT;
  IF confirmed = 0 THEN
    RAISE EXCEPTION '% has no contact to confirm; name one (padriver import contact.csv)', municipality USING ERRCODE = 'PD002';
  END IF;
  RETURN confirmed;
END $$;
RESET ROLE;
REVOKE ALL ON FUNCTION register.unconfirmed_on, register.contacts_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.unconfirmed_on TO padriver_owner_web, padriver_web;
GRANT EXECUTE ON FUNCTION register.contacts_of TO padriver_owner_web;

SET LOCAL ROLE padriver_owner_web;
DROP FUNCTION web.contacts;
CREATE FUNCTION web.contacts(person bigint, municipality text, day date)
RETURNS TABLE (name text, role text, confirmed_on date, confirmed_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.name, c.role, c.confirmed_on, c.confirmed_by FROM register.contacts_of($2, $3) c
   WHERE web.sees($1, 'municipality', $2, $3)
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION web.contacts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION web.contacts TO padriver_web;
