-- R80: who presses twice, or goes back and presses again, records nothing twice; the answer is what stands already. It is known
-- by what it says and not by a number in the form: words that were altered after going back are recorded, too.
SET LOCAL ROLE padriver_owner_evaluation;

CREATE OR REPLACE FUNCTION evaluation.report_find(of_year int, words text, goal text, session text, who text, now timestamptz)
RETURNS bigint
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
  LOCK TABLE evaluation.finding IN SHARE ROW EXCLUSIVE MODE;
  SELECT f.id INTO made FROM evaluation.finding f
   WHERE f.year = of_year AND f.words = report_find.words AND f.goal IS NOT DISTINCT FROM report_find.goal
     AND f.session IS NOT DISTINCT FROM report_find.session LIMIT 1;
  IF made IS NULL THEN
    INSERT INTO evaluation.finding (year, words, goal, session, found_at, found_by)
      VALUES (of_year, words, goal, session, now, who) RETURNING id INTO made;
  END IF;
  RETURN made;
END $$;

-- A change that is done or dropped may be decided anew.
CREATE OR REPLACE FUNCTION evaluation.report_change(finding bigint, kind text, words text, owner text, due date, who text,
  now timestamptz) RETURNS bigint
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
  LOCK TABLE evaluation.change IN SHARE ROW EXCLUSIVE MODE;
  SELECT t.id INTO made FROM evaluation.tracked t
   WHERE t.finding = report_change.finding AND t.kind = report_change.kind AND t.words = report_change.words
     AND t.owner = report_change.owner AND t.due_on = due AND t.state = 'open' LIMIT 1;
  IF made IS NULL THEN
    INSERT INTO evaluation.change (finding, kind, words, owner, due_on, proposed_at, proposed_by)
      VALUES (finding, kind, words, owner, due, now, who) RETURNING id INTO made;
  END IF;
  RETURN made;
END $$;

-- The same state and note as it stands with are no step.
CREATE OR REPLACE FUNCTION evaluation.report_step(change bigint, state text, note text, who text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM evaluation.change c WHERE c.id = report_step.change FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no change %; padriver report changes lists them', change USING ERRCODE = 'PD002';
  ELSIF state IS NULL OR state NOT IN ('open', 'done', 'dropped') THEN
    RAISE EXCEPTION 'a change is open, done or dropped, not %', state USING ERRCODE = 'PD002';
  ELSIF coalesce(length(note), 0) NOT BETWEEN 1 AND 1000 THEN
    RAISE EXCEPTION 'say in at most 1000 letters what was done, or why not' USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO evaluation.change_step (change, state, note, taken_at, taken_by)
  SELECT report_step.change, report_step.state, report_step.note, now, who
   WHERE NOT EXISTS (SELECT FROM evaluation.tracked t
                      WHERE t.id = report_step.change AND t.state = report_step.state AND t.note = report_step.note);
END $$;

RESET ROLE;
