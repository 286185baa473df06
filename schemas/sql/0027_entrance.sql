-- The way to an evaluation without the letter at hand: who is asked and has not answered gets the link again, at the
-- invited address alone. The caller learns nothing, not even by time: each call writes.
GRANT USAGE ON SCHEMA evaluation, register TO padriver_owner_notice;
GRANT SELECT ON evaluation.missing, register.addressee TO padriver_owner_notice;
SET LOCAL ROLE padriver_owner_notice;

-- Three times at most, ten minutes apart.
CREATE FUNCTION notice.ask_again(evaluation text, address text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_logical_emit_message(true, 'padriver', '');
  INSERT INTO notice.letter (rule, subject, person, occurrence, due_at, not_after)
    SELECT 'evaluation', m.evaluation, m.person, 'again/' || past.count + 1, now, m.closes_at
      FROM evaluation.missing m
      JOIN register.addressee a ON a.person = m.person AND lower(a.email) = lower(ask_again.address),
           LATERAL (SELECT count(*), max(l.due_at) AS last FROM notice.letter l
                     WHERE l.subject = m.evaluation AND l.rule = 'evaluation' AND l.person = m.person
                       AND l.occurrence LIKE 'again/%') past
     WHERE m.evaluation = ask_again.evaluation AND m.closes_at > now
       AND past.count < 3 AND (past.last > now - interval '10 minutes') IS NOT TRUE
    ON CONFLICT DO NOTHING;
END $$;
RESET ROLE;

REVOKE ALL ON FUNCTION notice.ask_again FROM PUBLIC;
GRANT USAGE ON SCHEMA notice TO padriver_web;
GRANT EXECUTE ON FUNCTION notice.ask_again TO padriver_web;
GRANT SELECT ON evaluation.overview TO padriver_web;
