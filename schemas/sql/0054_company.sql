-- Too few answers wait for those of other persons: who answered several evaluations is one, however many boxes there are. Else
-- boxes of a few who answer again and again would make up the threshold, and who knows who has answered would know who says it.
SET LOCAL ROLE padriver_owner_evaluation;

-- How many persons answered one or more of the evaluations; not who.
CREATE FUNCTION evaluation.respondents(evaluations text[]) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(DISTINCT i.person) FROM evaluation.invitation i WHERE i.evaluation = ANY ($1) AND i.spent
$$;
RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.respondents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.respondents TO padriver_evaluation;
