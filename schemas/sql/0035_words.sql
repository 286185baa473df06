-- What people wrote in their own words. It stands in evaluation.answer alone, of all modes, without a name. Staff read it; what
-- a person has released may be shown with the results. It is deleted at a set time, released or not (evaluation_expiry_due).
SET LOCAL ROLE padriver_owner_evaluation;

-- Beside the answer, whose row stays as it was written.
CREATE TABLE evaluation.release (
  answer uuid PRIMARY KEY REFERENCES evaluation.answer ON DELETE CASCADE,
  released_by text NOT NULL CHECK (released_by <> ''),
  released_at timestamptz NOT NULL
);

-- Words that a person deleted; not what they were.
CREATE TABLE evaluation.removal (
  answer uuid PRIMARY KEY,
  tally text NOT NULL REFERENCES evaluation.evaluation,
  removed_by text NOT NULL CHECK (removed_by <> ''),
  removed_at timestamptz NOT NULL
);

-- For staff. Of a tally that is published, so of nothing that is hidden for being of too few; in an order that says nothing.
CREATE VIEW evaluation.written AS
  SELECT a.key::text AS words_id, a.tally, p.sessions, a.question, a.version, a.goal, a.words, r.released_by, r.released_at
    FROM evaluation.answer a JOIN evaluation.published p USING (tally) LEFT JOIN evaluation.release r ON r.answer = a.key
   WHERE a.words IS NOT NULL;

-- For everybody: what is released, in each report that its tally is in.
CREATE VIEW evaluation.report_words AS
  SELECT s.scope, s.subject, w.tally, w.question, w.version, w.goal, w.words_id, w.words, coalesce(f.place, 0) AS place,
         q.text_nb, q.text_nn, q.text_en
    FROM evaluation.scope s JOIN evaluation.written w USING (tally)
    JOIN evaluation.question q ON q.id = w.question AND q.version = w.version
    LEFT JOIN evaluation.form f ON f.question = split_part(w.question, '/', 1)
   WHERE w.released_at IS NOT NULL;

-- Those of the ids that stand in evaluation.written; refuses one that does not.
CREATE FUNCTION evaluation.known_words(ids text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE unknown text;
BEGIN
  SELECT coalesce(u.id, '') INTO unknown FROM unnest(ids) u (id)
   WHERE NOT EXISTS (SELECT FROM evaluation.written w WHERE w.words_id = u.id) LIMIT 1;
  IF unknown IS NOT NULL OR coalesce(cardinality(ids), 0) = 0 THEN
    RAISE EXCEPTION 'there are no words ''%'' (any more); see padriver evaluation words', unknown USING ERRCODE = 'PD002';
  END IF;
  RETURN ids::uuid[];
END $$;

-- Lets words be shown with the results. Who released them first stays said.
CREATE FUNCTION evaluation.release_words(ids text[], who text, now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO evaluation.release (answer, released_by, released_at)
  SELECT u.id, who, now FROM unnest(evaluation.known_words(ids)) u (id) ON CONFLICT (answer) DO NOTHING
$$;

-- Deletes words, released or not.
CREATE FUNCTION evaluation.remove_words(ids text[], who text, now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (DELETE FROM evaluation.answer a WHERE a.key = ANY (evaluation.known_words(ids)) RETURNING a.key, a.tally)
  INSERT INTO evaluation.removal (answer, tally, removed_by, removed_at) SELECT g.key, g.tally, who, now FROM gone g
$$;

-- Parts the words of named and municipality-attributed answers from whose they are.
CREATE FUNCTION evaluation.part_words(evaluation text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO evaluation.answer (tally, question, version, goal, words)
  SELECT i.evaluation, i.question, i.version, i.goal, s.answer ->> i.name
    FROM evaluation.submission s JOIN evaluation.item i USING (evaluation)
    JOIN evaluation.question q ON q.id = i.question AND q.version = i.version AND q.kind = 'text'
   WHERE s.evaluation = $1 AND s.answer ->> i.name <> '' ORDER BY gen_random_uuid();
  UPDATE evaluation.submission s SET answer = s.answer -
    ARRAY(SELECT i.name FROM evaluation.item i JOIN evaluation.question q ON q.id = i.question AND q.version = i.version
           WHERE i.evaluation = $1 AND q.kind = 'text')
   WHERE s.evaluation = $1
$$;

-- Their time is over.
CREATE FUNCTION evaluation.drop_words(tally text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM evaluation.answer a WHERE a.tally = $1 AND a.words IS NOT NULL
$$;

-- With its mode, the threshold that was said and the key that answers are sealed for are frozen by the first answer.
CREATE FUNCTION evaluation.freeze_terms() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (NEW.threshold, NEW.public_key) IS DISTINCT FROM (OLD.threshold, OLD.public_key)
     AND EXISTS (SELECT FROM evaluation.invitation i WHERE i.evaluation = OLD.id AND i.spent) THEN
    RAISE EXCEPTION 'evaluation % keeps its threshold and its key: somebody has answered', OLD.id USING ERRCODE = 'PD002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER freeze_terms BEFORE UPDATE OF threshold, public_key ON evaluation.evaluation
  FOR EACH ROW EXECUTE FUNCTION evaluation.freeze_terms();

-- Those that are closed already.
SELECT evaluation.part_words(e.id) FROM evaluation.evaluation e WHERE e.state = 'closed' AND e.mode <> 'anonymous';
RESET ROLE;
SELECT log.timer_set('evaluation', 'expiry ' || e.id, e.closes_at + interval '400 days', NULL, 18::smallint, e.id, '', 0,
                     '\x81aa'::bytea || 'evaluation' ||
                     CASE WHEN length(e.id) < 32 THEN set_byte('\x00', 0, 160 + length(e.id))
                          ELSE '\xd9'::bytea || set_byte('\x00', 0, length(e.id)) END || convert_to(e.id, 'UTF8'))
  FROM evaluation.evaluation e WHERE e.tally = e.id;

REVOKE ALL ON FUNCTION evaluation.freeze_terms, evaluation.known_words, evaluation.release_words, evaluation.remove_words, evaluation.part_words,
  evaluation.drop_words FROM PUBLIC;
GRANT SELECT ON evaluation.written TO padriver_ctl;
GRANT SELECT ON evaluation.report_words TO padriver_web;
GRANT EXECUTE ON FUNCTION evaluation.release_words, evaluation.remove_words TO padriver_ctl;
GRANT EXECUTE ON FUNCTION evaluation.part_words, evaluation.drop_words TO padriver_evaluation;
