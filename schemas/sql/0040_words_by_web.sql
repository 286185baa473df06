-- Staff read, release and delete what people wrote in the web face. Who may: the leader and the support function of all, a
-- coordinator where each session that was counted is of the own area (R40). The functions hold that, of reading too.
GRANT EXECUTE ON FUNCTION register.roles_on TO padriver_owner_evaluation;
GRANT SELECT ON register.addressee TO padriver_owner_evaluation;
GRANT EXECUTE ON FUNCTION plan.may_write TO padriver_owner_evaluation;
GRANT USAGE ON SCHEMA log TO padriver_owner_evaluation;
GRANT SELECT (owner, name, due) ON log.timer TO padriver_owner_evaluation;
SET LOCAL ROLE padriver_owner_evaluation;

-- A release that was taken back.
CREATE TABLE evaluation.withdrawal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  answer uuid NOT NULL,
  tally text NOT NULL REFERENCES evaluation.evaluation,
  released_by text NOT NULL,
  released_at timestamptz NOT NULL,
  withdrawn_by text NOT NULL CHECK (withdrawn_by <> ''),
  withdrawn_at timestamptz NOT NULL
);

-- Takes a release back. What was not released stays so.
CREATE FUNCTION evaluation.withdraw_words(ids text[], who text, now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH hidden AS (
    DELETE FROM evaluation.release r WHERE r.answer = ANY (evaluation.known_words(ids)) RETURNING r.*)
  INSERT INTO evaluation.withdrawal (answer, tally, released_by, released_at, withdrawn_by, withdrawn_at)
  SELECT h.answer, a.tally, h.released_by, h.released_at, who, now FROM hidden h JOIN evaluation.answer a ON a.key = h.answer
$$;

-- Whether a person may read the words of a tally, and say what becomes of them.
CREATE FUNCTION evaluation.may_decide(person bigint, tally text, day date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM register.roles_on($1, $3) r WHERE r.role IN ('leader', 'support'))
      OR coalesce((SELECT bool_and(plan.may_write($1, e.id, $3)) FROM evaluation.evaluation e WHERE e.tally = $2), false)
$$;

-- Each tally with words that the person may read: how many are released and how many not, and when all of them go.
CREATE FUNCTION evaluation.tallies_with_words(person bigint, now timestamptz)
RETURNS TABLE (tally text, sessions text[], waiting int, released int, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.tally, w.sessions, count(*) FILTER (WHERE w.released_at IS NULL)::int, count(w.released_at)::int,
         (SELECT t.due FROM log.timer t WHERE t.owner = 'evaluation' AND t.name = 'expiry ' || w.tally)
    FROM evaluation.written w
   WHERE evaluation.may_decide($1, w.tally, ($2 AT TIME ZONE 'Europe/Oslo')::date)
   GROUP BY w.tally, w.sessions
$$;

-- The words of a tally, if the person may read them, with the name of who released them.
CREATE FUNCTION evaluation.words_of(person bigint, of_tally text, now timestamptz)
RETURNS TABLE (words_id text, place int, question text, version int, text_nb text, text_nn text, text_en text, words text,
               released_by text, released_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT w.words_id, coalesce(f.place, s.place, 0)::int, w.question, w.version, q.text_nb, q.text_nn, q.text_en, w.words,
         coalesce(p.name, w.released_by), w.released_at
    FROM evaluation.written w
    JOIN evaluation.question q ON q.id = w.question AND q.version = w.version
    LEFT JOIN evaluation.form f ON f.question = split_part(w.question, '/', 1)
    LEFT JOIN evaluation.survey_form s ON s.question = split_part(w.question, '/', 1)
    LEFT JOIN register.addressee p ON w.released_by = 'person/' || p.person
   WHERE w.tally = $2 AND evaluation.may_decide($1, $2, ($3 AT TIME ZONE 'Europe/Oslo')::date)
$$;

-- Who decides, as decisions name it; refuses who may not.
CREATE FUNCTION evaluation.decider(person bigint, ids text[], now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE of_tally text;
BEGIN
  SELECT a.tally INTO of_tally FROM evaluation.answer a
   WHERE a.key = ANY (evaluation.known_words(ids))
     AND NOT evaluation.may_decide(person, a.tally, (now AT TIME ZONE 'Europe/Oslo')::date) LIMIT 1;
  IF of_tally IS NOT NULL THEN
    RAISE EXCEPTION 'person % does not decide on words of %, which is of another area; ask its coordinator, or the leader',
      person, of_tally USING ERRCODE = 'PD002';
  END IF;
  RETURN 'person/' || person;
END $$;

-- evaluation.release_words, withdraw_words and remove_words by a person, who is asked for the right.
CREATE FUNCTION evaluation.release_words_as(person bigint, ids text[], now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT evaluation.release_words(ids, evaluation.decider(person, ids, now), now)
$$;

CREATE FUNCTION evaluation.withdraw_words_as(person bigint, ids text[], now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT evaluation.withdraw_words(ids, evaluation.decider(person, ids, now), now)
$$;

CREATE FUNCTION evaluation.remove_words_as(person bigint, ids text[], now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT evaluation.remove_words(ids, evaluation.decider(person, ids, now), now)
$$;
RESET ROLE;

REVOKE ALL ON FUNCTION evaluation.withdraw_words, evaluation.may_decide, evaluation.tallies_with_words, evaluation.words_of,
  evaluation.decider, evaluation.release_words_as, evaluation.withdraw_words_as, evaluation.remove_words_as FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.withdraw_words TO padriver_ctl;
GRANT EXECUTE ON FUNCTION evaluation.may_decide, evaluation.tallies_with_words, evaluation.words_of, evaluation.release_words_as,
  evaluation.withdraw_words_as, evaluation.remove_words_as TO padriver_web;
