-- The report of a year (R79): what is published of its evaluations, goal by goal, with what is lacking; what came of it (R80);
-- and what the dialogue meetings made of it (R81). An edition is a text of JSON that holds all that its pages say; the same
-- data give the same bytes. Its numbers come from the published views alone, so it tells nothing that results hide.
GRANT SELECT ON plan.activity, plan.survey TO padriver_owner_evaluation;
GRANT SELECT ON register.network, register.area, register.position, register.party TO padriver_owner_evaluation;
SET LOCAL ROLE padriver_owner_evaluation;

CREATE TABLE evaluation.year_report (
  year int NOT NULL CHECK (year BETWEEN 2000 AND 2199),
  edition int NOT NULL CHECK (edition > 0),
  snapshot text NOT NULL,
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),  -- of the snapshot's bytes in UTF-8
  compiled_at timestamptz NOT NULL,
  compiled_by text NOT NULL CHECK (compiled_by <> ''),
  PRIMARY KEY (year, edition)
);

-- Editions that everybody may read; the others are for staff.
CREATE TABLE evaluation.year_publication (
  year int NOT NULL,
  edition int NOT NULL,
  published_at timestamptz NOT NULL,
  published_by text NOT NULL CHECK (published_by <> ''),
  PRIMARY KEY (year, edition),
  FOREIGN KEY (year, edition) REFERENCES evaluation.year_report
);

-- A person's own judgement of a goal. The newest one counts, beside what the rule says; NULL: the rule counts again.
CREATE TABLE evaluation.goal_judgement (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  year int NOT NULL,
  goal text NOT NULL,
  status text CHECK (status IN ('reached', 'partly', 'not', 'no_evidence')),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  judged_at timestamptz NOT NULL,
  judged_by text NOT NULL CHECK (judged_by <> '')
);

-- R80: what a report shows that something should be done about.
CREATE TABLE evaluation.finding (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  year int NOT NULL,
  words text NOT NULL CHECK (length(words) BETWEEN 1 AND 1000),
  goal text,
  session text,
  found_at timestamptz NOT NULL,
  found_by text NOT NULL CHECK (found_by <> '')
);

CREATE TABLE evaluation.change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  finding bigint NOT NULL REFERENCES evaluation.finding,
  kind text NOT NULL CHECK (kind IN ('organisation', 'goals', 'methods', 'content')),
  words text NOT NULL CHECK (length(words) BETWEEN 1 AND 1000),
  owner text NOT NULL,  -- a position
  due_on date NOT NULL,
  proposed_at timestamptz NOT NULL,
  proposed_by text NOT NULL CHECK (proposed_by <> '')
);

-- The newest row is what it is; none: open.
CREATE TABLE evaluation.change_step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  change bigint NOT NULL REFERENCES evaluation.change,
  state text NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
  note text NOT NULL CHECK (length(note) BETWEEN 1 AND 1000),
  taken_at timestamptz NOT NULL,
  taken_by text NOT NULL CHECK (taken_by <> '')
);

-- R81: how a dialogue meeting used the report, and what is done differently there. The newest row of a meeting counts.
CREATE TABLE evaluation.dialogue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  meeting text NOT NULL,
  year int NOT NULL,
  edition int NOT NULL,
  used text NOT NULL CHECK (length(used) BETWEEN 1 AND 2000),
  adapted text NOT NULL CHECK (length(adapted) BETWEEN 1 AND 2000),
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  FOREIGN KEY (year, edition) REFERENCES evaluation.year_publication
);

-- All of these only grow.
CREATE FUNCTION evaluation.only_grows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '%.% only grows: what was written there stays', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'PD002';
END $$;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['year_report', 'year_publication', 'goal_judgement', 'finding', 'change', 'change_step', 'dialogue'] LOOP
    EXECUTE format('CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON evaluation.%I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION evaluation.only_grows()', name);
  END LOOP;
END $$;

-- The rule for a goal: fewer than ten ratings are no evidence; reached where four of five are 4 or 5, partly where half are.
CREATE FUNCTION evaluation.goal_status(counts int[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN n.rated < 10 THEN 'no_evidence' WHEN n.high * 100 >= n.rated * 80 THEN 'reached'
              WHEN n.high * 100 >= n.rated * 50 THEN 'partly' ELSE 'not' END
    FROM (SELECT coalesce(sum(c), 0) AS rated, coalesce(sum(c) FILTER (WHERE place >= 4), 0) AS high
            FROM unnest(counts[1:5]) WITH ORDINALITY x (c, place)) n
$$;

-- The changes that came of a year's findings, as they stand.
CREATE VIEW evaluation.tracked AS
  SELECT c.id, f.year, c.finding, f.words AS found, c.kind, c.words, c.owner, coalesce(p.title, c.owner) AS owner_title, c.due_on,
         coalesce(s.state, 'open') AS state, s.note, (s.taken_at AT TIME ZONE 'Europe/Oslo')::date AS since
    FROM evaluation.change c JOIN evaluation.finding f ON f.id = c.finding
    LEFT JOIN register.position p ON p.id = c.owner
    LEFT JOIN LATERAL (SELECT x.* FROM evaluation.change_step x WHERE x.change = c.id ORDER BY x.id DESC LIMIT 1) s ON true;

-- The goals of a year with what is published of each: in the newest wording that has numbers, never in two together.
CREATE VIEW evaluation.year_attainment AS
  SELECT y.year, g.id AS goal, g.parent, g.kind, g.network, g.text_nb, g.text_nn, g.text_en, r.edition,
         coalesce(r.tallies, 0) AS tallies, coalesce(r.counts, '{0,0,0,0,0,0}') AS counts, evaluation.goal_status(r.counts) AS judged,
         j.status, j.reason,
         EXISTS (SELECT FROM evaluation.evaluation e JOIN evaluation.item i ON i.evaluation = e.id
                  JOIN evaluation.occasion o ON o.evaluation = e.id
                 WHERE g.id IN (i.goal, i.parent)
                   AND extract(year FROM o.starts_at AT TIME ZONE 'Europe/Oslo') = y.year) AS asked
    FROM generate_series(2000, 2199) y (year)
    JOIN plan.goal g ON g.valid_from <= make_date(y.year, 12, 31) AND (g.valid_to >= make_date(y.year, 1, 1)) IS NOT FALSE
    LEFT JOIN LATERAL (SELECT x.edition, x.tallies, x.counts FROM evaluation.report_goal x
                        WHERE x.scope = 'network_year' AND split_part(x.subject, '/', 2) = y.year::text
                          AND x.goal = g.id AND x.municipality IS NULL ORDER BY x.edition DESC LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT x.status, x.reason FROM evaluation.goal_judgement x
                        WHERE x.year = y.year AND x.goal = g.id ORDER BY x.id DESC LIMIT 1) j ON true;

-- What a year's report lacks, and of which thing.
CREATE FUNCTION evaluation.year_gaps(of_year int)
RETURNS TABLE (place int, kind text, subject text, name_nb text, name_nn text, name_en text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 1, 'session_' || s.standing, s.meeting, c.title_nb, c.title_nn, c.title_en
    FROM evaluation.standing s JOIN plan.calendar c ON c.meeting = s.meeting
   WHERE s.year = $1 AND s.standing <> 'shown'
  UNION ALL
  SELECT 2, 'session_not_held', c.meeting, c.title_nb, c.title_nn, c.title_en FROM plan.calendar c
   WHERE c.network IS NOT NULL AND c.state = 'scheduled'
     AND extract(year FROM c.starts_at AT TIME ZONE 'Europe/Oslo') = $1
  UNION ALL
  SELECT 3, CASE WHEN a.asked THEN 'goal_no_evidence' ELSE 'goal_no_question' END, a.goal, a.text_nb, a.text_nn, a.text_en
    FROM evaluation.year_attainment a WHERE a.year = $1 AND a.judged = 'no_evidence'
  UNION ALL
  SELECT 4, 'network_no_goals', n.id, n.name_nb, n.name_nn, n.name_en FROM register.network n
   WHERE n.valid_from <= make_date($1, 12, 31) AND (n.valid_to >= make_date($1, 1, 1)) IS NOT FALSE
     AND NOT EXISTS (SELECT FROM plan.goal g WHERE g.network = n.id AND g.valid_from <= make_date($1, 12, 31)
                        AND (g.valid_to >= make_date($1, 1, 1)) IS NOT FALSE)
  UNION ALL
  SELECT 5, 'survey_none', $1::text, '', '', ''
   WHERE NOT EXISTS (SELECT FROM plan.survey s JOIN evaluation.overview o ON o.evaluation = s.survey WHERE s.year = $1)
  UNION ALL
  SELECT 5, CASE o.state WHEN 'open' THEN 'survey_open' ELSE 'survey_hidden' END, s.survey, s.title_nb, s.title_nn, s.title_en
    FROM plan.survey s JOIN evaluation.overview o ON o.evaluation = s.survey WHERE s.year = $1 AND o.hidden
  UNION ALL
  SELECT 6, 'survey_municipality', m.municipality, m.name, m.name, m.name
    FROM plan.survey s CROSS JOIN LATERAL evaluation.survey_status(s.survey, make_date($1, 12, 31)) m
   WHERE s.year = $1 AND m.status <> 'answered'
  UNION ALL
  SELECT 7, 'dialogue_not_recorded', a.id, a.title_nb, a.title_nn, a.title_en FROM plan.activity a
   WHERE a.year = $1 AND a.method = 'dialogue' AND EXISTS (SELECT FROM evaluation.year_publication p WHERE p.year < $1)
     AND NOT EXISTS (SELECT FROM evaluation.dialogue d WHERE d.meeting = a.id)
$$;

-- The snapshot: jsonb writes its keys in one order, and every list has one, whatever the database's collation.
CREATE FUNCTION evaluation.year_snapshot(of_year int) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'format', 1,
    'year', $1,
    'rule', jsonb_build_object('least', 10, 'reached', 80, 'partly', 50),
    'networks', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.network COLLATE "C"), '[]') FROM (
      SELECT n.id AS network, n.name_nb, n.name_nn, n.name_en FROM register.network n
       WHERE n.valid_from <= make_date($1, 12, 31) AND (n.valid_to >= make_date($1, 1, 1)) IS NOT FALSE) x),
    'areas', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.area COLLATE "C", x.municipality COLLATE "C"), '[]') FROM (
      SELECT p.area, a.name AS area_name, p.municipality, p.name
        FROM register.parties_on(make_date($1, 12, 31)) p JOIN register.area a ON a.id = p.area) x),
    'sessions', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.held_on, x.meeting COLLATE "C"), '[]') FROM (
      SELECT s.meeting, s.network, (s.held_at AT TIME ZONE 'Europe/Oslo')::date AS held_on, s.standing, c.title_nb, c.title_nn, c.title_en
        FROM evaluation.standing s JOIN plan.calendar c ON c.meeting = s.meeting WHERE s.year = $1) x),
    'tallies', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.held_on, x.tally COLLATE "C"), '[]') FROM (
      SELECT r.tally, r.network, r.mode, (r.held_at AT TIME ZONE 'Europe/Oslo')::date AS held_on, r.sessions, r.invited, r.answered,
             NOT EXISTS (SELECT FROM evaluation.report y WHERE y.scope = 'year' AND y.tally = r.tally) AS survey
        FROM evaluation.report r WHERE r.scope = 'network_year' AND r.year = $1) x),
    'goals', (SELECT coalesce(jsonb_agg(to_jsonb(x) - 'rank' ORDER BY x.rank, x.goal COLLATE "C"), '[]') FROM (
      SELECT a.goal, a.parent, a.kind, a.network, a.text_nb, a.text_nn, a.text_en,
             array_position(ARRAY['main', 'sub', 'directive', 'focus'], a.kind) AS rank, a.edition AS wording, a.tallies, a.counts, a.asked,
             a.judged, coalesce(a.status, a.judged) AS status, CASE WHEN a.status IS NOT NULL THEN a.reason END AS reason
        FROM evaluation.year_attainment a WHERE a.year = $1) x),
    'results', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.network COLLATE "C", x.goal COLLATE "C", x.wording,
                                          x.municipality COLLATE "C" NULLS FIRST), '[]') FROM (
      SELECT split_part(g.subject, '/', 1) AS network, g.goal, g.edition AS wording, g.municipality, m.name, g.tallies, g.counts
        FROM evaluation.report_goal g LEFT JOIN register.municipality_name m ON m.municipality = g.municipality
       WHERE g.scope = 'network_year' AND split_part(g.subject, '/', 2) = $1::text) x),
    'evidence', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.goal COLLATE "C", x.wording, x.held_on, x.tally COLLATE "C"), '[]') FROM (
      SELECT g.goal, g.edition AS wording, r.tally, (r.held_at AT TIME ZONE 'Europe/Oslo')::date AS held_on, g.counts
        FROM evaluation.report r JOIN evaluation.report_goal g ON g.scope = 'session' AND g.subject = r.tally
       WHERE r.scope = 'network_year' AND r.year = $1 AND g.municipality IS NULL) x),
    'questions', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.survey, x.place, x.question COLLATE "C", x.version), '[]') FROM (
      SELECT r.scope <> 'year' AS survey, q.place, q.question, q.version, q.goal, q.level, q.text_nb, q.text_nn, q.text_en, q.counts
        FROM evaluation.report_question q
        JOIN (SELECT 'year' AS scope, $1::text AS subject
              UNION ALL SELECT 'session', s.survey FROM plan.survey s WHERE s.year = $1) r USING (scope, subject)
       WHERE q.municipality IS NULL) x),
    'survey', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.area COLLATE "C", x.municipality COLLATE "C"), '[]') FROM (
      SELECT s.survey, m.municipality, m.name, m.area, m.status FROM plan.survey s
       CROSS JOIN LATERAL evaluation.survey_status(s.survey, make_date($1, 12, 31)) m WHERE s.year = $1) x),
    'gaps', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.place, x.kind COLLATE "C", x.subject COLLATE "C"), '[]') FROM (
      SELECT * FROM evaluation.year_gaps($1)) x),
    'findings', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM (
      SELECT f.id, f.words, f.goal, f.session FROM evaluation.finding f WHERE f.year = $1) x),
    'changes', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM (
      SELECT t.id, t.year AS of_year, t.finding, t.found, t.kind, t.words, t.owner_title, t.due_on, t.state, t.note, t.since
        FROM evaluation.tracked t WHERE t.year IN ($1, $1 - 1)) x),
    'uses', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.held_on, x.meeting COLLATE "C"), '[]') FROM (
      SELECT DISTINCT ON (d.meeting COLLATE "C") d.meeting, a.first_day AS held_on, a.title_nb, a.title_nn, a.title_en, d.year AS of_year, d.edition,
             d.used, d.adapted
        FROM evaluation.dialogue d JOIN plan.activity a ON a.id = d.meeting WHERE a.year = $1
       ORDER BY d.meeting COLLATE "C", d.id DESC) x))::text
$$;

-- Writes an edition if the data have changed since the last one. again: they have not.
CREATE FUNCTION evaluation.report_compile(of_year int, who text, now timestamptz,
  OUT edition int, OUT sha256 text, OUT again boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made text;
  last evaluation.year_report;
BEGIN
  IF of_year NOT BETWEEN 2000 AND 2199 OR of_year > extract(year FROM now AT TIME ZONE 'Europe/Oslo') THEN
    RAISE EXCEPTION '% is no year that can be reported on yet', of_year USING ERRCODE = 'PD002';
  END IF;
  LOCK TABLE evaluation.year_report IN SHARE ROW EXCLUSIVE MODE;
  made := evaluation.year_snapshot(of_year);
  SELECT r.* INTO last FROM evaluation.year_report r WHERE r.year = of_year ORDER BY r.edition DESC LIMIT 1;
  again := last.snapshot IS NOT DISTINCT FROM made;
  edition := CASE WHEN again THEN last.edition ELSE coalesce(last.edition, 0) + 1 END;
  sha256 := encode(sha256(convert_to(made, 'UTF8')), 'hex');
  IF NOT again THEN
    INSERT INTO evaluation.year_report (year, edition, snapshot, sha256, compiled_at, compiled_by)
      VALUES (of_year, report_compile.edition, made, decode(report_compile.sha256, 'hex'), now, who);
  END IF;
END $$;

-- The edition that is meant; 0: the newest. Refuses one that is not there.
CREATE FUNCTION evaluation.report_edition(of_year int, wanted int) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found int;
BEGIN
  SELECT max(r.edition) INTO found FROM evaluation.year_report r
   WHERE r.year = of_year AND (r.edition = wanted OR coalesce(wanted, 0) = 0);
  IF found IS NULL THEN
    RAISE EXCEPTION 'there is no such report of %; padriver report list shows those there are', of_year USING ERRCODE = 'PD002';
  END IF;
  RETURN found;
END $$;

-- Lets everybody read it. Returns its edition.
CREATE FUNCTION evaluation.report_publish(of_year int, wanted int, who text, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found int := evaluation.report_edition(of_year, wanted);
BEGIN
  INSERT INTO evaluation.year_publication (year, edition, published_at, published_by) VALUES (of_year, found, now, who)
    ON CONFLICT DO NOTHING;
  RETURN found;
END $$;

CREATE FUNCTION evaluation.check_goal(of_year int, goal text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM evaluation.year_attainment a WHERE a.year = of_year AND a.goal = check_goal.goal) THEN
    RAISE EXCEPTION 'there is no goal % in %; padriver report show % lists them', goal, of_year, of_year USING ERRCODE = 'PD002';
  END IF;
END $$;

-- status NULL: as the rule says again.
CREATE FUNCTION evaluation.report_overrule(of_year int, goal text, status text, reason text, who text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM evaluation.check_goal(of_year, goal);
  IF status NOT IN ('reached', 'partly', 'not', 'no_evidence') THEN
    RAISE EXCEPTION 'a status is reached, partly, not or no_evidence, or rule, not %', status USING ERRCODE = 'PD002';
  ELSIF coalesce(length(reason), 0) NOT BETWEEN 1 AND 1000 THEN
    RAISE EXCEPTION 'give the reason in at most 1000 letters' USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO evaluation.goal_judgement (year, goal, status, reason, judged_at, judged_by)
    VALUES (of_year, goal, status, reason, now, who);
END $$;

CREATE FUNCTION evaluation.report_find(of_year int, words text, goal text, session text, who text, now timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE made bigint;
BEGIN
  PERFORM evaluation.report_edition(of_year, 0);
  IF goal IS NOT NULL THEN
    PERFORM evaluation.check_goal(of_year, goal);
  END IF;
  IF session IS NOT NULL AND NOT EXISTS (SELECT FROM evaluation.standing s WHERE s.meeting = session AND s.year = of_year) THEN
    RAISE EXCEPTION 'no session % was held in %', session, of_year USING ERRCODE = 'PD002';
  ELSIF coalesce(length(words), 0) NOT BETWEEN 1 AND 1000 THEN
    RAISE EXCEPTION 'say what was found in at most 1000 letters' USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO evaluation.finding (year, words, goal, session, found_at, found_by)
    VALUES (of_year, words, goal, session, now, who) RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION evaluation.report_change(finding bigint, kind text, words text, owner text, due date, who text, now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE made bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM evaluation.finding f WHERE f.id = finding) THEN
    RAISE EXCEPTION 'there is no finding %; padriver report findings lists them', finding USING ERRCODE = 'PD002';
  ELSIF kind IS NULL OR kind NOT IN ('organisation', 'goals', 'methods', 'content') THEN
    RAISE EXCEPTION 'a change is of organisation, goals, methods or content, not %', kind USING ERRCODE = 'PD002';
  ELSIF NOT EXISTS (SELECT FROM register.position p WHERE p.id = owner) THEN
    RAISE EXCEPTION 'there is no position %; a change is owned by one, such as leder', owner USING ERRCODE = 'PD002';
  ELSIF coalesce(length(words), 0) NOT BETWEEN 1 AND 1000 THEN
    RAISE EXCEPTION 'say what is changed in at most 1000 letters' USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO evaluation.change (finding, kind, words, owner, due_on, proposed_at, proposed_by)
    VALUES (finding, kind, words, owner, due, now, who) RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION evaluation.report_step(change bigint, state text, note text, who text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM evaluation.change c WHERE c.id = report_step.change;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no change %; padriver report changes lists them', change USING ERRCODE = 'PD002';
  ELSIF state IS NULL OR state NOT IN ('open', 'done', 'dropped') THEN
    RAISE EXCEPTION 'a change is open, done or dropped, not %', state USING ERRCODE = 'PD002';
  ELSIF coalesce(length(note), 0) NOT BETWEEN 1 AND 1000 THEN
    RAISE EXCEPTION 'say in at most 1000 letters what was done, or why not' USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO evaluation.change_step (change, state, note, taken_at, taken_by) VALUES (change, state, note, now, who);
END $$;

-- Of the newest published edition of the year.
CREATE FUNCTION evaluation.report_used(meeting text, of_year int, used text, adapted text, who text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found int;
BEGIN
  SELECT max(p.edition) INTO found FROM evaluation.year_publication p WHERE p.year = of_year;
  IF NOT EXISTS (SELECT FROM plan.activity a WHERE a.id = meeting AND a.method = 'dialogue') THEN
    RAISE EXCEPTION '% is no dialogue meeting in the wheel; see padriver plan list', meeting USING ERRCODE = 'PD002';
  ELSIF found IS NULL THEN
    RAISE EXCEPTION 'no report of % is published; see padriver report list', of_year USING ERRCODE = 'PD002';
  ELSIF coalesce(length(used), 0) NOT BETWEEN 1 AND 2000 OR coalesce(length(adapted), 0) NOT BETWEEN 1 AND 2000 THEN
    RAISE EXCEPTION 'say in at most 2000 letters each how it was used and what is done differently' USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO evaluation.dialogue (meeting, year, edition, used, adapted, recorded_at, recorded_by)
    VALUES (meeting, of_year, found, used, adapted, now, who);
END $$;

-- What the store's data would give now.
CREATE FUNCTION evaluation.report_now(of_year int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT encode(sha256(convert_to(evaluation.year_snapshot($1), 'UTF8')), 'hex')
$$;

-- The editions; seal: the hash of what the snapshot is today, which must be sha256.
CREATE VIEW evaluation.year_edition AS
  SELECT r.year, r.edition, r.snapshot, encode(r.sha256, 'hex') AS sha256, encode(sha256(convert_to(r.snapshot, 'UTF8')), 'hex') AS seal,
         r.compiled_at, p.published_at
    FROM evaluation.year_report r LEFT JOIN evaluation.year_publication p USING (year, edition);

-- What an edition says, list by list, for pages and the command.
CREATE VIEW evaluation.year_network AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'networks')
    x (network text, name_nb text, name_nn text, name_en text);
CREATE VIEW evaluation.year_area AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'areas')
    x (area text, area_name text, municipality text, name text);
CREATE VIEW evaluation.year_session AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'sessions')
    x (meeting text, network text, held_on date, standing text, title_nb text, title_nn text, title_en text);
CREATE VIEW evaluation.year_tally AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'tallies')
    x (tally text, network text, mode text, held_on date, sessions text[], invited int, answered int, survey boolean);
CREATE VIEW evaluation.year_goal AS
  SELECT r.year, r.edition, x.place, g.* FROM evaluation.year_report r,
         jsonb_array_elements(r.snapshot::jsonb -> 'goals') WITH ORDINALITY x (element, place),
         jsonb_to_record(x.element) g (goal text, parent text, kind text, network text, text_nb text, text_nn text, text_en text,
           wording int, tallies int, counts int[], asked boolean, judged text, status text, reason text);
CREATE VIEW evaluation.year_result AS
  SELECT r.year, r.edition, x.network, x.goal, x.municipality, x.name, x.tallies, x.counts
    FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'results')
         x (network text, goal text, municipality text, name text, tallies int, counts int[]);
CREATE VIEW evaluation.year_evidence AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'evidence')
    x (goal text, wording int, tally text, held_on date, counts int[]);
CREATE VIEW evaluation.year_question AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'questions')
    x (survey boolean, place int, question text, version int, goal text, text_nb text, text_nn text, text_en text, counts int[]);
CREATE VIEW evaluation.year_party AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'survey')
    x (survey text, municipality text, name text, area text, status text);
CREATE VIEW evaluation.year_gap AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'gaps')
    x (place int, kind text, subject text, name_nb text, name_nn text, name_en text);
CREATE VIEW evaluation.year_finding AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'findings')
    x (id bigint, words text, goal text, session text);
CREATE VIEW evaluation.year_change AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'changes')
    x (id bigint, of_year int, finding bigint, found text, kind text, words text, owner_title text, due_on date, state text, note text,
       since date);
CREATE VIEW evaluation.year_use AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'uses')
    x (meeting text, held_on date, title_nb text, title_nn text, title_en text, of_year int, used text, adapted text);

-- R81: the dialogue meetings, each with its area and municipality of today.
CREATE VIEW evaluation.dialogue_meeting AS
  SELECT a.id AS meeting, a.year, a.first_day, a.title_nb, a.title_nn, a.title_en, a.municipality,
         coalesce(a.area, p.area) AS area
    FROM plan.activity a
    LEFT JOIN register.party p ON p.municipality = a.municipality AND a.first_day >= p.valid_from
                              AND (a.first_day <= p.valid_to) IS NOT FALSE
   WHERE a.method = 'dialogue';

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.only_grows, evaluation.goal_status, evaluation.year_gaps, evaluation.year_snapshot,
  evaluation.report_compile, evaluation.report_edition, evaluation.report_publish, evaluation.check_goal,
  evaluation.report_overrule, evaluation.report_find, evaluation.report_change, evaluation.report_step, evaluation.report_used,
  evaluation.report_now FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.report_compile, evaluation.report_edition, evaluation.report_publish,
  evaluation.report_overrule, evaluation.report_find, evaluation.report_change, evaluation.report_step, evaluation.report_used,
  evaluation.report_now TO padriver_ctl;
GRANT SELECT ON evaluation.finding, evaluation.change_step TO padriver_ctl;
GRANT SELECT ON evaluation.year_edition, evaluation.year_goal, evaluation.year_gap, evaluation.tracked TO padriver_ctl, padriver_web;
GRANT SELECT ON evaluation.year_network, evaluation.year_area, evaluation.year_session, evaluation.year_tally,
  evaluation.year_result, evaluation.year_evidence, evaluation.year_question, evaluation.year_party, evaluation.year_finding,
  evaluation.year_change, evaluation.year_use, evaluation.dialogue_meeting TO padriver_web;
GRANT SELECT (id, meeting, year, used, adapted, recorded_at) ON evaluation.dialogue TO padriver_web;
