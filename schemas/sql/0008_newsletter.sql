-- Newsletters: issues with their audience, who was confirmed to get one, and their letters.
-- An issue is a draft until a person releases it and confirms the number of recipients; these are written down in the
-- same transaction, so that what was confirmed is what is sent, and who was skipped can be told. Who unsubscribes is
-- suppressed in the register for the channel newsletter alone: invitations go on.
GRANT USAGE ON SCHEMA register TO padriver_owner_newsletter;
GRANT SELECT ON register.addressee, register.membership, register.contact, register.party, register.network, register.area
  TO padriver_owner_newsletter;
GRANT SELECT ON register.position TO padriver_owner_newsletter;
GRANT EXECUTE ON FUNCTION register.may_write, register.holder_of TO padriver_owner_newsletter;
GRANT USAGE ON SCHEMA notice TO padriver_owner_newsletter;
GRANT SELECT ON notice.letter TO padriver_owner_newsletter;  -- to make one of its shape
SET LOCAL ROLE padriver_owner_newsletter;

CREATE TABLE newsletter.issue (
  id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9._/-]{1,40}$'),
  -- The audience: within one list any, of the lists all; an empty list does not narrow, and four empty ones are nobody.
  networks text[] NOT NULL,
  areas text[] NOT NULL,
  roles text[] NOT NULL CHECK (roles <@ '{leader,resource,contact,responsible}'),
  languages text[] NOT NULL CHECK (languages <@ '{nb,nn,en}'),
  title_nb text NOT NULL CHECK (length(title_nb) BETWEEN 1 AND 200),
  title_nn text NOT NULL CHECK (length(title_nn) BETWEEN 1 AND 200),
  title_en text CHECK (length(title_en) BETWEEN 1 AND 200),
  body_nb text NOT NULL CHECK (length(body_nb) BETWEEN 1 AND 100000),  -- Markdown
  body_nn text NOT NULL CHECK (length(body_nn) BETWEEN 1 AND 100000),
  body_en text CHECK (length(body_en) BETWEEN 1 AND 100000),
  drafted_at timestamptz NOT NULL,
  drafted_by text NOT NULL,
  released_at timestamptz,
  released_by text,
  CHECK ((title_en IS NULL) = (body_en IS NULL)),
  CHECK ((released_at IS NULL) = (released_by IS NULL))
);

-- Who was confirmed to get an issue.
CREATE TABLE newsletter.recipient (
  issue text NOT NULL REFERENCES newsletter.issue,
  person bigint NOT NULL,
  PRIMARY KEY (issue, person)
);

-- Rules: newsletter (subject: the issue, occurrence 1) and test (occurrence: which test).
CREATE TABLE newsletter.letter (LIKE notice.letter INCLUDING ALL);

-- The audience of an issue on a day, each person once: why is empty for those who can be written to. Membership of a
-- network counts with the person's municipality, a contact's role with the municipality it is for.
CREATE FUNCTION newsletter.audience(issue text, day date) RETURNS TABLE (person bigint, language text, why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH role AS (
    SELECT m.person, m.network, m.role, NULL::text AS municipality, m.valid_from, m.valid_to FROM register.membership m
    UNION ALL
    SELECT c.person, NULL, c.role, c.municipality, c.valid_from, c.valid_to FROM register.contact c),
  found AS (
    SELECT DISTINCT r.person, a.language, a.person IS NOT NULL AS known
      FROM newsletter.issue i CROSS JOIN role r LEFT JOIN register.addressee a ON a.person = r.person
     WHERE i.id = $1 AND $2 >= r.valid_from AND ($2 <= r.valid_to) IS NOT FALSE
       AND cardinality(i.networks) + cardinality(i.areas) + cardinality(i.roles) + cardinality(i.languages) > 0
       AND (cardinality(i.networks) = 0 OR r.network = ANY (i.networks))
       AND (cardinality(i.roles) = 0 OR r.role = ANY (i.roles))
       AND (cardinality(i.languages) = 0 OR a.language = ANY (i.languages))
       AND (cardinality(i.areas) = 0 OR EXISTS (
             SELECT FROM register.party p
              WHERE p.municipality = coalesce(r.municipality, a.municipality) AND p.area = ANY (i.areas)
                AND $2 >= p.valid_from AND ($2 <= p.valid_to) IS NOT FALSE)))
  SELECT f.person, f.language,
         CASE WHEN NOT f.known THEN 'no address' WHEN NOT register.may_write(f.person, 'newsletter') THEN 'suppressed' ELSE '' END
    FROM found f
$$;

-- Replies to an issue for one network go to its coordinator, to one for one area to that area's; else to nobody.
CREATE FUNCTION newsletter.reply_to(issue text, day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.email
    FROM newsletter.issue i
    LEFT JOIN register.network n ON cardinality(i.networks) = 1 AND n.id = i.networks[1]
    LEFT JOIN register.position p ON cardinality(i.areas) = 1 AND p.area = i.areas[1]
    JOIN register.addressee a ON a.person = register.holder_of(coalesce(n.convener, p.id), $2)
   WHERE i.id = $1
$$;

-- Writes a draft, or writes it anew. A name in the audience that is not in the register is refused, so that a slip of
-- the pen does not become nobody.
CREATE FUNCTION newsletter.draft(id text, networks text[], areas text[], roles text[], languages text[],
  title_nb text, title_nn text, title_en text, body_nb text, body_nn text, body_en text, actor text, at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  unknown text := (
    SELECT string_agg(u.what, ', ') FROM (
      SELECT 'network ' || n FROM unnest(networks) n WHERE n NOT IN (SELECT x.id FROM register.network x)
      UNION ALL SELECT 'area ' || n FROM unnest(areas) n WHERE n NOT IN (SELECT x.id FROM register.area x)
      UNION ALL SELECT 'role ' || n FROM unnest(roles) n WHERE n NOT IN ('leader', 'resource', 'contact', 'responsible')
      UNION ALL SELECT 'language ' || n FROM unnest(languages) n WHERE n NOT IN ('nb', 'nn', 'en')) u(what));
BEGIN
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'newsletter %: there is no %', draft.id, unknown USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO newsletter.issue VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13, $12)
  ON CONFLICT ON CONSTRAINT issue_pkey DO UPDATE SET networks = $2, areas = $3, roles = $4, languages = $5,
    title_nb = $6, title_nn = $7, title_en = $8, body_nb = $9, body_nn = $10, body_en = $11, drafted_at = $13, drafted_by = $12
    WHERE issue.released_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'newsletter % is released; a correction is a newsletter of its own', draft.id USING ERRCODE = 'PD002';
  END IF;
END $$;

-- A person confirmed how many get the issue: writes down who, and that it is released. Returns how many.
CREATE FUNCTION newsletter.release(id text, expected int, day date, actor text, at timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old newsletter.issue;
  n int;
BEGIN
  SELECT * INTO old FROM newsletter.issue i WHERE i.id = release.id FOR UPDATE;
  IF old.id IS NULL THEN
    RAISE EXCEPTION 'there is no newsletter %; see padriver newsletter list', release.id USING ERRCODE = 'PD002';
  ELSIF old.released_at IS NOT NULL THEN
    RAISE EXCEPTION 'newsletter % was released before, by %', old.id, old.released_by USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO newsletter.recipient SELECT old.id, a.person FROM newsletter.audience(old.id, release.day) a WHERE a.why = '';
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n = 0 THEN
    RAISE EXCEPTION 'nobody would get newsletter %: its audience is empty; see padriver newsletter preview %', old.id, old.id
      USING ERRCODE = 'PD002';
  ELSIF n IS DISTINCT FROM expected THEN
    RAISE EXCEPTION 'newsletter % has % recipients, not %; look at the preview and confirm with --yes %', old.id, n,
      coalesce(expected, 0), n USING ERRCODE = 'PD002';
  END IF;
  UPDATE newsletter.issue i SET released_at = release.at, released_by = release.actor WHERE i.id = old.id;
  RETURN n;
END $$;

-- One letter of an issue, draft or not, to one person, to see how it arrives. Returns its id.
CREATE FUNCTION newsletter.test(issue text, person bigint, at timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE made bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM newsletter.issue i WHERE i.id = test.issue FOR UPDATE) THEN
    RAISE EXCEPTION 'there is no newsletter %; see padriver newsletter list', test.issue USING ERRCODE = 'PD002';
  ELSIF NOT register.may_write(test.person, 'newsletter') THEN
    RAISE EXCEPTION 'person % has no address, or gets no newsletters', test.person USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO newsletter.letter (rule, subject, person, occurrence, due_at)
    SELECT 'test', test.issue, test.person, count(*) + 1, test.at FROM newsletter.letter l
     WHERE l.rule = 'test' AND l.subject = test.issue AND l.person = test.person AND l.occurrence NOT LIKE '%/%'
    RETURNING letter.id INTO made;
  RETURN made;
END $$;

-- The sender's condition, asked when a letter is claimed. Runs with the sender's rights.
CREATE FUNCTION newsletter.wanted(l newsletter.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN NOT EXISTS (SELECT FROM register.addressee a WHERE a.person = l.person) THEN 'there is no such person, or no address'
    WHEN NOT register.may_write(l.person, 'newsletter') THEN 'suppressed'
    WHEN l.rule NOT IN ('newsletter', 'test') THEN 'no such rule' END
$$;

-- Sending again and settling are as for notices: the same functions about this table.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['resend', 'settle'] LOOP
    EXECUTE replace(pg_get_functiondef(('notice.' || name)::regproc), 'notice', 'newsletter');
  END LOOP;
END $$;

-- How far each issue has come.
CREATE VIEW newsletter.progress AS
  SELECT i.id, i.title_nb, i.title_nn, i.title_en, i.drafted_at, i.released_at, i.released_by,
         (SELECT count(*) FROM newsletter.recipient r WHERE r.issue = i.id) AS recipients,
         n.written, n.waiting, n.sent, n.uncertain, n.refused, n.left_out
    FROM newsletter.issue i
   CROSS JOIN LATERAL (
     SELECT count(*) AS written,
            count(*) FILTER (WHERE l.state IN ('due', 'claimed', 'held')) AS waiting,
            count(*) FILTER (WHERE l.state = 'sent') AS sent,
            count(*) FILTER (WHERE l.state = 'uncertain') AS uncertain,
            count(*) FILTER (WHERE l.state = 'refused') AS refused,
            count(*) FILTER (WHERE l.state IN ('dropped', 'suppressed')) AS left_out
       FROM newsletter.letter l
      WHERE l.subject = i.id AND l.rule = 'newsletter' AND l.occurrence NOT LIKE '%/%') n;

RESET ROLE;
REVOKE SELECT ON notice.letter FROM padriver_owner_newsletter;
REVOKE USAGE ON SCHEMA notice FROM padriver_owner_newsletter;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA newsletter FROM PUBLIC;
GRANT USAGE ON SCHEMA newsletter TO padriver_newsletter, padriver_ctl;
GRANT SELECT ON newsletter.issue, newsletter.recipient TO padriver_newsletter;
GRANT SELECT, INSERT, UPDATE (state, due_at, attempts, claimed_at, claim, sent_at, reply_code, reply_status, message_id, reason)
  ON newsletter.letter TO padriver_newsletter;
GRANT EXECUTE ON FUNCTION newsletter.wanted TO padriver_newsletter;
GRANT EXECUTE ON FUNCTION newsletter.reply_to TO padriver_newsletter, padriver_ctl;
GRANT SELECT ON newsletter.issue, newsletter.recipient, newsletter.letter, newsletter.progress TO padriver_ctl;
GRANT EXECUTE ON FUNCTION newsletter.audience, newsletter.draft, newsletter.release, newsletter.test, newsletter.resend,
  newsletter.settle TO padriver_ctl;
