-- R81: how a dialogue meeting used the year's report is recorded in the web face, too, once it has been: by the leader, and by the
-- coordinator who writes in its area (R40). The functions hold that.
SET LOCAL ROLE padriver_owner_evaluation;

-- The same words as the newest record of the edition are none: who presses twice records nothing twice.
CREATE OR REPLACE FUNCTION evaluation.report_used(meeting text, of_year int, used text, adapted text, who text, now timestamptz)
RETURNS void
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
  LOCK TABLE evaluation.dialogue IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO evaluation.dialogue (meeting, year, edition, used, adapted, recorded_at, recorded_by)
  SELECT report_used.meeting, of_year, found, report_used.used, report_used.adapted, now, who
   WHERE NOT EXISTS (
     SELECT FROM (SELECT d.* FROM evaluation.dialogue d WHERE d.meeting = report_used.meeting AND d.year = of_year
                   ORDER BY d.id DESC LIMIT 1) n
      WHERE n.edition = found AND n.used = report_used.used AND n.adapted = report_used.adapted);
END $$;

CREATE FUNCTION evaluation.may_use(person bigint, meeting text, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT plan.may_write($1, $2, $3)
     AND EXISTS (SELECT FROM evaluation.dialogue_meeting d WHERE d.meeting = $2 AND d.first_day <= $3)
$$;

CREATE FUNCTION evaluation.used_as(person bigint, meeting text, of_year int, used text, adapted text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT evaluation.may_use(person, meeting, (now AT TIME ZONE 'Europe/Oslo')::date) THEN
    RAISE EXCEPTION 'person % may not record what came of %; ask the coordinator of its area, or the leader, once it has been',
      person, meeting USING ERRCODE = 'PD002';
  END IF;
  PERFORM evaluation.report_used(meeting, of_year, used, adapted, 'person/' || person, now);
END $$;

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.may_use, evaluation.used_as FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.may_use, evaluation.used_as TO padriver_web;
