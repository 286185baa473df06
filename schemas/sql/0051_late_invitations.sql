-- Who was there after all, as is noted while the evaluation is open, is asked, too. That somebody was asked late can be seen
-- by the row, as who answered can; what they say cannot: the boxes are opened all together.
SET LOCAL ROLE padriver_owner_plan;
CREATE VIEW plan.present AS
  SELECT a.meeting, a.person FROM plan.attendance a WHERE a.present;
RESET ROLE;
GRANT SELECT ON plan.present TO padriver_owner_evaluation;
SET LOCAL ROLE padriver_owner_evaluation;

-- Who was at the session of an open evaluation and is not asked.
CREATE FUNCTION evaluation.uninvited(evaluation text, now timestamptz) RETURNS TABLE (person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.person FROM plan.present a JOIN evaluation.evaluation e ON e.id = a.meeting
   WHERE e.id = $1 AND e.state = 'open' AND e.closes_at > $2
     AND EXISTS (SELECT FROM register.addressee r WHERE r.person = a.person)
     AND NOT EXISTS (SELECT FROM evaluation.invitation i WHERE i.evaluation = e.id AND i.person = a.person)
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.uninvited FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.uninvited TO padriver_evaluation;
