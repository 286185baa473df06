-- R80: findings and changes are recorded in the web face, too: by the leader and the support function, and what became of a
-- change also by who holds the position that owns it. The functions hold that.
GRANT EXECUTE ON FUNCTION register.office_on TO padriver_owner_evaluation;
SET LOCAL ROLE padriver_owner_evaluation;

CREATE FUNCTION evaluation.may_find(person bigint, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM register.office_on($2) o WHERE o.person = $1)
$$;

CREATE FUNCTION evaluation.may_step(person bigint, change bigint, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT evaluation.may_find($1, $3)
      OR EXISTS (SELECT FROM evaluation.change c WHERE c.id = $2 AND register.holder_of(c.owner, $3) = $1)
$$;

-- The positions that can own a change; of several with one title the area tells which.
CREATE FUNCTION evaluation.change_owners() RETURNS TABLE (id text, title text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.id, concat_ws(', ', p.title, a.name) FROM register.position p LEFT JOIN register.area a ON a.id = p.area ORDER BY 2, 1
$$;

-- The goals and the sessions that a finding of a year can be about.
CREATE FUNCTION evaluation.finding_subjects(of_year int)
RETURNS TABLE (session boolean, id text, name_nb text, name_nn text, name_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT false, a.goal, a.text_nb, a.text_nn, a.text_en FROM evaluation.year_attainment a WHERE a.year = $1
  UNION ALL
  SELECT true, s.meeting, c.title_nb, c.title_nn, c.title_en
    FROM evaluation.standing s JOIN plan.calendar c ON c.meeting = s.meeting WHERE s.year = $1
   ORDER BY 1, 2
$$;

-- evaluation.report_find, report_change and report_step by a person, who is asked for the right.
CREATE FUNCTION evaluation.check_finder(person bigint, may boolean) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF may IS NOT TRUE THEN
    RAISE EXCEPTION 'person % may not record that; ask the leader or the support function', person USING ERRCODE = 'PD002';
  END IF;
END $$;

CREATE FUNCTION evaluation.find_as(person bigint, of_year int, words text, goal text, session text, now timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM evaluation.check_finder(person, evaluation.may_find(person, (now AT TIME ZONE 'Europe/Oslo')::date));
  RETURN evaluation.report_find(of_year, words, goal, session, 'person/' || person, now);
END $$;

CREATE FUNCTION evaluation.change_as(person bigint, finding bigint, kind text, words text, owner text, due date, now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM evaluation.check_finder(person, evaluation.may_find(person, (now AT TIME ZONE 'Europe/Oslo')::date));
  RETURN evaluation.report_change(finding, kind, words, owner, due, 'person/' || person, now);
END $$;

CREATE FUNCTION evaluation.step_as(person bigint, change bigint, state text, note text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM evaluation.check_finder(person, evaluation.may_step(person, change, (now AT TIME ZONE 'Europe/Oslo')::date));
  PERFORM evaluation.report_step(change, state, note, 'person/' || person, now);
END $$;

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.may_find, evaluation.may_step, evaluation.change_owners, evaluation.finding_subjects,
  evaluation.check_finder, evaluation.find_as, evaluation.change_as, evaluation.step_as FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.may_find, evaluation.may_step, evaluation.change_owners, evaluation.finding_subjects,
  evaluation.find_as, evaluation.change_as, evaluation.step_as TO padriver_web;
GRANT SELECT (id, year, words, goal, session) ON evaluation.finding TO padriver_web;
