-- The answers of a transaction are taken by one statement: half of what one statement each costs the store.
SET LOCAL ROLE padriver_owner_evaluation;

-- What is sealed cannot be compressed: nobody tries.
ALTER TABLE evaluation.box ALTER sealed SET STORAGE EXTERNAL;

-- Says why an invitation takes no answer.
CREATE FUNCTION evaluation.refuse(invitation bigint, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  i evaluation.invitation;
  e evaluation.evaluation;
BEGIN
  SELECT x.* INTO i FROM evaluation.invitation x WHERE x.id = refuse.invitation;
  SELECT x.* INTO e FROM evaluation.evaluation x WHERE x.id = i.evaluation;
  IF i.id IS NULL THEN
    RAISE EXCEPTION 'this link is to no evaluation here; use the newest letter''s link' USING ERRCODE = 'PD002';
  ELSIF i.spent THEN
    RAISE EXCEPTION 'this link has been used: evaluation % has your answer', e.id USING ERRCODE = 'PD002';
  ELSIF e.state <> 'open' OR now >= e.closes_at THEN
    RAISE EXCEPTION 'evaluation % closed on % and takes no more answers', e.id,
      to_char(e.closes_at AT TIME ZONE 'Europe/Oslo', 'DD.MM.YYYY HH24:MI') USING ERRCODE = 'PD002';
  END IF;
  RAISE EXCEPTION 'evaluation % is % now, which the form did not say; open the link again', e.id, e.mode
    USING ERRCODE = 'PD002';
END $$;

-- Takes answers, all or none: for each invitation a box in anonymous mode, else a plain answer; an empty one is none. All
-- in the transaction that spends the invitations. The caller has checked the links' HMACs, and appends
-- evaluation_submitted with each row that this returns, in the order given (submission 0: anonymous). To plan it anew at
-- each call would cost more than a few answers.
CREATE FUNCTION evaluation.submit_all(invitations bigint[], boxes bytea[], answers text[], now timestamptz)
RETURNS TABLE (evaluation text, mode text, submission bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    WITH asked AS MATERIALIZED (
      SELECT x.invitation, nullif(x.box, '') AS box, nullif(x.answer, '')::jsonb AS answer, x.n
        FROM unnest(invitations, boxes, answers) WITH ORDINALITY x (invitation, box, answer, n)),
    held AS MATERIALIZED (  -- stays open, and in its mode, until the commit
      SELECT e.id, e.mode FROM evaluation.evaluation e
       WHERE e.id IN (SELECT i.evaluation FROM evaluation.invitation i WHERE i.id = ANY (invitations))
         AND e.state = 'open' AND submit_all.now < e.closes_at
         FOR SHARE),
    spent AS (
      UPDATE evaluation.invitation i SET spent = true FROM asked a, held h
       WHERE i.id = a.invitation AND h.id = i.evaluation AND NOT i.spent
         AND (h.mode = 'anonymous') = (a.box IS NOT NULL) AND (a.box IS NULL) <> (a.answer IS NULL)
      RETURNING a.n, h.id, h.mode, i.person, i.municipality, a.box, a.answer),
    written AS MATERIALIZED (
      SELECT s.*, CASE WHEN s.box IS NULL THEN nextval('evaluation.submission_id_seq') ELSE 0 END AS submission
        FROM spent s ORDER BY s.n),
    boxed AS (
      INSERT INTO evaluation.box (evaluation, sealed) SELECT w.id, w.box FROM written w WHERE w.box IS NOT NULL),
    told AS (
      INSERT INTO evaluation.submission (id, evaluation, person, municipality, answer) OVERRIDING SYSTEM VALUE
        SELECT w.submission, w.id, CASE w.mode WHEN 'named' THEN w.person END,
               CASE w.mode WHEN 'municipality' THEN w.municipality END, w.answer
          FROM written w WHERE w.box IS NULL)
    SELECT a.invitation, w.id, w.mode, w.submission, w.answer FROM asked a LEFT JOIN written w USING (n) ORDER BY a.n
  LOOP
    IF one.id IS NULL THEN
      PERFORM evaluation.refuse(one.invitation, now);
    ELSIF one.answer IS NOT NULL THEN
      PERFORM evaluation.check_answer(one.id, one.answer);
    END IF;
    evaluation := one.id;
    mode := one.mode;
    submission := one.submission;
    RETURN NEXT;
  END LOOP;
END $$;

-- The same for one.
CREATE OR REPLACE FUNCTION evaluation.submit(invitation bigint, box bytea, answer jsonb, now timestamptz,
  OUT evaluation text, OUT mode text, OUT submission bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.evaluation, s.mode, s.submission
    FROM evaluation.submit_all(ARRAY[$1], ARRAY[$2], ARRAY[$3::text], $4) s
$$;

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.refuse, evaluation.submit_all FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION evaluation.submit FROM padriver_web;
GRANT EXECUTE ON FUNCTION evaluation.submit_all TO padriver_web;
