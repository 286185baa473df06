-- Evaluations: what was asked after a session, of whom, and what came out of it.
-- Anonymous answers are sealed boxes while an evaluation is open; at closing they become plain answers that nothing ties
-- to a box, an invitation, a person, a time or an order (design, anonymous answers). Results are counts.
SET LOCAL ROLE padriver_owner_evaluation;

-- A question's words. A changed wording is a new version, so that nothing is ever averaged over two wordings.
CREATE TABLE evaluation.question (
  id text NOT NULL CHECK (id ~ '^[a-z_]{1,20}(/[A-Za-z0-9-]{1,19})?$'),
  version int NOT NULL CHECK (version > 0),
  kind text NOT NULL CHECK (kind IN ('scale', 'text')),   -- 1 to 5 or "don't know"; the respondent's own words
  level smallint CHECK (level BETWEEN 1 AND 4),           -- Kirkpatrick's
  text_nb text NOT NULL CHECK (text_nb <> ''),
  text_nn text NOT NULL CHECK (text_nn <> ''),
  text_en text NOT NULL CHECK (text_en <> ''),
  PRIMARY KEY (id, version),
  CHECK ((kind = 'scale') = (level IS NOT NULL))
);

-- The wording in use of each question.
CREATE VIEW evaluation.wording AS
  SELECT DISTINCT ON (id) id, version, kind, level, text_nb, text_nn, text_en
    FROM evaluation.question ORDER BY id, version DESC;

-- The set that every session is asked, in this order. About goal: maps to the network's goal; about sub_goal: asked once for
-- each sub-goal, as question id/SUBGOAL, with {goal} replaced by its words (R73).
CREATE TABLE evaluation.form (
  place smallint PRIMARY KEY,
  question text NOT NULL UNIQUE,
  about text NOT NULL CHECK (about IN ('goal', 'sub_goal'))
);

-- id: the session's. Closed: no more answers. tally: under whose id the results stand; none: nothing was opened.
CREATE TABLE evaluation.evaluation (
  id text PRIMARY KEY,
  network text NOT NULL,
  mode text NOT NULL DEFAULT 'anonymous' CHECK (mode IN ('anonymous', 'municipality', 'named')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  threshold int NOT NULL DEFAULT 5 CHECK (threshold BETWEEN 5 AND 1000),
  opened_at timestamptz NOT NULL,
  closes_at timestamptz NOT NULL CHECK (closes_at > opened_at),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  tally text REFERENCES evaluation.evaluation
);
CREATE INDEX evaluation_waiting ON evaluation.evaluation (network) WHERE state = 'closed' AND tally IS NULL;
CREATE INDEX evaluation_tally ON evaluation.evaluation (tally);

-- What an evaluation asks: q1, q2, … each about a goal or sub-goal of its network (R73).
CREATE TABLE evaluation.item (
  evaluation text NOT NULL REFERENCES evaluation.evaluation,
  place int NOT NULL,
  name text NOT NULL GENERATED ALWAYS AS ('q' || place) STORED,
  question text NOT NULL,
  version int NOT NULL,
  goal text NOT NULL,
  parent text,  -- of a sub-goal: its goal
  PRIMARY KEY (evaluation, place),
  FOREIGN KEY (question, version) REFERENCES evaluation.question
);

-- Who is asked. id is random and only half of the link; the other half is an HMAC with a key outside the store.
CREATE TABLE evaluation.invitation (
  id bigint PRIMARY KEY CHECK (id > 0),
  evaluation text NOT NULL REFERENCES evaluation.evaluation,
  person bigint NOT NULL,
  municipality text,  -- whom the person worked for when asked
  spent boolean NOT NULL DEFAULT false,
  UNIQUE (evaluation, person)
);

-- A sealed answer. Its row carries no time, no number, no language and no invitation: the key is random, the size is one
-- for all. It is written in the transaction that spends the invitation, so who wrote it can be seen; what it says cannot.
CREATE TABLE evaluation.box (
  key uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  evaluation text NOT NULL REFERENCES evaluation.evaluation,
  sealed bytea NOT NULL CHECK (octet_length(sealed) = 8240)
);
CREATE INDEX box_evaluation ON evaluation.box (evaluation);

-- A whole answer in the named and municipality-attributed modes: {"q1": 4, "q2": 0, "q9": "words"}; 0 is "don't know".
CREATE TABLE evaluation.submission (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  evaluation text NOT NULL REFERENCES evaluation.evaluation,
  person bigint,
  municipality text,
  answer jsonb NOT NULL,
  CHECK (num_nonnulls(person, municipality) <= 1)
);
CREATE INDEX submission_evaluation ON evaluation.submission (evaluation);

-- Opened answers, one row for each question answered: not even one person's answers hang together. Written in one
-- transaction in shuffled order.
CREATE TABLE evaluation.answer (
  key uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tally text NOT NULL REFERENCES evaluation.evaluation,
  question text NOT NULL,
  version int NOT NULL,
  goal text NOT NULL,
  value smallint CHECK (value BETWEEN 0 AND 5),
  words text,
  FOREIGN KEY (question, version) REFERENCES evaluation.question,
  CHECK (num_nonnulls(value, words) = 1)
);
CREATE INDEX answer_tally ON evaluation.answer (tally);

-- counts[1] to counts[5], and counts[6] for "don't know".
CREATE TABLE evaluation.result (
  tally text NOT NULL REFERENCES evaluation.evaluation,
  question text NOT NULL,
  version int NOT NULL,
  goal text NOT NULL,
  counts int[] NOT NULL CHECK (cardinality(counts) = 6),
  PRIMARY KEY (tally, question, version, goal),
  FOREIGN KEY (question, version) REFERENCES evaluation.question
);

-- The mode that a respondent was told is the mode that holds.
CREATE FUNCTION evaluation.freeze_mode() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.mode <> OLD.mode AND EXISTS (SELECT FROM evaluation.invitation i WHERE i.evaluation = OLD.id AND i.spent) THEN
    RAISE EXCEPTION 'evaluation % is % and stays so: somebody has answered', OLD.id, OLD.mode USING ERRCODE = 'PD002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER freeze_mode BEFORE UPDATE OF mode ON evaluation.evaluation
  FOR EACH ROW EXECUTE FUNCTION evaluation.freeze_mode();

CREATE FUNCTION evaluation.set_mode(evaluation text, mode text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF mode IS NULL OR mode NOT IN ('anonymous', 'municipality', 'named') THEN
    RAISE EXCEPTION 'a mode is anonymous, municipality or named, not %', mode USING ERRCODE = 'PD002';
  END IF;
  UPDATE evaluation.evaluation e SET mode = set_mode.mode WHERE e.id = set_mode.evaluation AND e.state = 'open';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no open evaluation %; see padriver evaluation list', evaluation USING ERRCODE = 'PD002';
  END IF;
END $$;

-- Takes an answer: a box in anonymous mode, else plain, in the transaction that spends the invitation. The caller has
-- checked the link's HMAC, and appends evaluation_submitted with what this returns (answer 0: anonymous).
CREATE FUNCTION evaluation.submit(invitation bigint, box bytea, answer jsonb, now timestamptz,
  OUT evaluation text, OUT mode text, OUT submission bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  i evaluation.invitation;
  e evaluation.evaluation;
BEGIN
  SELECT x.* INTO i FROM evaluation.invitation x WHERE x.id = submit.invitation FOR UPDATE;
  IF i.id IS NULL THEN
    RAISE EXCEPTION 'this link is to no evaluation here; use the newest letter''s link' USING ERRCODE = 'PD002';
  END IF;
  SELECT x.* INTO e FROM evaluation.evaluation x WHERE x.id = i.evaluation FOR SHARE;
  IF i.spent THEN
    RAISE EXCEPTION 'this link has been used: evaluation % has your answer', e.id USING ERRCODE = 'PD002';
  ELSIF e.state <> 'open' OR now >= e.closes_at THEN
    RAISE EXCEPTION 'evaluation % closed on % and takes no more answers', e.id,
      to_char(e.closes_at AT TIME ZONE 'Europe/Oslo', 'DD.MM.YYYY HH24:MI') USING ERRCODE = 'PD002';
  ELSIF (e.mode = 'anonymous') <> (box IS NOT NULL) OR (box IS NULL) = (answer IS NULL) THEN
    RAISE EXCEPTION 'evaluation % is % now, which the form did not say; open the link again', e.id, e.mode
      USING ERRCODE = 'PD002';
  END IF;
  UPDATE evaluation.invitation x SET spent = true WHERE x.id = i.id;
  evaluation := e.id;
  mode := e.mode;
  submission := 0;
  IF box IS NOT NULL THEN
    INSERT INTO evaluation.box (evaluation, sealed) VALUES (e.id, box);
  ELSE
    PERFORM evaluation.check_answer(e.id, answer);
    INSERT INTO evaluation.submission (evaluation, person, municipality, answer)
      VALUES (e.id, CASE e.mode WHEN 'named' THEN i.person END, CASE e.mode WHEN 'municipality' THEN i.municipality END,
              answer)
      RETURNING id INTO submission;
  END IF;
END $$;

-- Each key is one of the evaluation's items, each value what its kind asks.
CREATE FUNCTION evaluation.check_answer(evaluation text, answer jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE bad text;
BEGIN
  IF jsonb_typeof(answer) <> 'object' THEN
    RAISE EXCEPTION 'an answer is an object of items' USING ERRCODE = 'PD002';
  END IF;
  SELECT a.key INTO bad FROM jsonb_each(answer) a
    LEFT JOIN evaluation.item i ON i.evaluation = check_answer.evaluation AND i.name = a.key
    LEFT JOIN evaluation.question q ON q.id = i.question AND q.version = i.version
   WHERE (CASE q.kind
            WHEN 'scale' THEN a.value::text IN ('0', '1', '2', '3', '4', '5')
            WHEN 'text' THEN jsonb_typeof(a.value) = 'string' AND octet_length(a.value #>> '{}') <= 2000
          END) IS NOT TRUE
   ORDER BY 1 LIMIT 1;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION '% is no item of evaluation %, or not answered as it asks (1 to 5, dk, or at most 2000 bytes of text)',
      bad, evaluation USING ERRCODE = 'PD002';
  END IF;
END $$;

-- Whom to remind: asked, not answered, still open. It says nothing of answers.
CREATE VIEW evaluation.missing AS
  SELECT i.evaluation, i.id AS invitation, i.person, e.mode, e.threshold, e.opened_at, e.closes_at
    FROM evaluation.invitation i JOIN evaluation.evaluation e ON e.id = i.evaluation
   WHERE e.state = 'open' AND NOT i.spent;

-- What an invitation's holder is shown: not who.
CREATE VIEW evaluation.paper AS
  SELECT i.id AS invitation, i.spent, e.id AS evaluation, e.network, e.mode, e.state, e.threshold, e.closes_at, e.public_key
    FROM evaluation.invitation i JOIN evaluation.evaluation e ON e.id = i.evaluation;

CREATE VIEW evaluation.asked AS
  SELECT i.evaluation, i.place, i.name, i.question, i.version, i.goal, i.parent, q.kind, q.level,
         q.text_nb, q.text_nn, q.text_en
    FROM evaluation.item i JOIN evaluation.question q ON q.id = i.question AND q.version = i.version;

-- Each evaluation with how many answered; hidden: no results can be shown (too few, or not opened yet).
CREATE VIEW evaluation.overview AS
  SELECT e.id AS evaluation, e.network, e.mode, e.state, e.threshold, e.opened_at, e.closes_at, e.tally,
         count(i.id)::int AS invited, count(i.id) FILTER (WHERE i.spent)::int AS answered,
         e.tally IS NULL OR e.mode <> 'anonymous' AND count(i.id) FILTER (WHERE i.spent) < e.threshold AS hidden
    FROM evaluation.evaluation e LEFT JOIN evaluation.invitation i ON i.evaluation = e.id
   GROUP BY e.id;

-- Results by question. One that fewer than the threshold rated is left out.
CREATE VIEW evaluation.shown AS
  SELECT i.evaluation, i.place, i.name, i.question, i.version, i.goal, i.parent, r.counts
    FROM evaluation.item i
    JOIN evaluation.evaluation e ON e.id = i.evaluation
    JOIN evaluation.result r ON r.tally = e.tally AND r.question = i.question AND r.version = i.version AND r.goal = i.goal
   WHERE (SELECT sum(c) FROM unnest(r.counts[1:5]) c) >= e.threshold;

-- Results by goal and sub-goal (R74), from the results that are shown alone, so that no difference tells what is left out.
-- A goal's counts include its sub-goals'.
CREATE VIEW evaluation.attainment AS
  SELECT s.evaluation, g.goal, min(CASE WHEN g.goal = s.goal THEN s.parent END) AS parent,
         ARRAY[sum(s.counts[1]), sum(s.counts[2]), sum(s.counts[3]), sum(s.counts[4]), sum(s.counts[5]),
               sum(s.counts[6])]::int[] AS counts
    FROM evaluation.shown s, LATERAL (SELECT s.goal UNION SELECT s.parent WHERE s.parent IS NOT NULL) g (goal)
   GROUP BY s.evaluation, g.goal;

-- The common set. Invented wordings after common practice; a new wording is a new version.
INSERT INTO evaluation.question (id, version, kind, level, text_nb, text_nn, text_en) VALUES
  ('overall', 1, 'scale', 1, 'Alt i alt, hvor fornøyd er du med samlingen?', 'Alt i alt, kor nøgd er du med samlinga?',
   'All in all, how satisfied are you with the session?'),
  ('relevant', 1, 'scale', 1, 'Innholdet var relevant for jobben min', 'Innhaldet var relevant for jobben min',
   'The content was relevant to my job'),
  ('arranged', 1, 'scale', 1, 'Samlingen var lagt opp på en god måte', 'Samlinga var lagd opp på ein god måte',
   'The session was well arranged'),
  ('sharing', 1, 'scale', 1, 'Jeg fikk tid til å dele erfaringer med andre kommuner',
   'Eg fekk tid til å dele erfaringar med andre kommunar', 'I had time to share experience with other municipalities'),
  ('sub_goal', 1, 'scale', 2, 'I hvilken grad bidro samlingen til dette delmålet: {goal}?',
   'I kva grad bidrog samlinga til dette delmålet: {goal}?', 'To what degree did the session help towards this sub-goal: {goal}?'),
  ('learned', 1, 'scale', 2, 'Jeg lærte noe nytt', 'Eg lærte noko nytt', 'I learned something new'),
  ('able', 1, 'scale', 2, 'Jeg har tro på at jeg kan bruke det jeg lærte', 'Eg har tru på at eg kan bruke det eg lærte',
   'I believe that I can use what I learned'),
  ('intended', 1, 'scale', 3, 'Jeg kommer til å bruke det jeg lærte i egen tjeneste',
   'Eg kjem til å bruke det eg lærte i eiga teneste', 'I am going to use what I learned in my own service'),
  ('supported', 1, 'scale', 3, 'Lederen min legger til rette for at jeg kan bruke det',
   'Leiaren min legg til rette for at eg kan bruke det', 'My manager makes it possible for me to use it'),
  ('takeaway', 1, 'text', NULL, 'Hva er det viktigste du tar med deg?', 'Kva er det viktigaste du tek med deg?',
   'What is the most important thing that you take with you?'),
  ('next_time', 1, 'text', NULL, 'Hva bør vi gjøre annerledes neste gang?', 'Kva bør vi gjere annleis neste gong?',
   'What should we do differently next time?'),
  ('help', 1, 'text', NULL, 'Hva trenger dere hjelp til fra USHT?', 'Kva treng de hjelp til frå USHT?',
   'What do you need help with from the development centre?');
INSERT INTO evaluation.form (place, question, about) VALUES
  (1, 'overall', 'goal'), (2, 'relevant', 'goal'), (3, 'arranged', 'goal'), (4, 'sharing', 'goal'),
  (5, 'sub_goal', 'sub_goal'), (6, 'learned', 'goal'), (7, 'able', 'goal'), (8, 'intended', 'goal'),
  (9, 'supported', 'goal'), (10, 'takeaway', 'goal'), (11, 'next_time', 'goal'), (12, 'help', 'goal');

RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA evaluation FROM PUBLIC;
GRANT USAGE ON SCHEMA evaluation TO padriver_evaluation, padriver_notifications, padriver_ctl;
GRANT SELECT ON evaluation.question, evaluation.wording, evaluation.form, evaluation.evaluation, evaluation.item,
  evaluation.box, evaluation.submission, evaluation.result TO padriver_evaluation;
GRANT INSERT ON evaluation.question, evaluation.evaluation, evaluation.item, evaluation.invitation, evaluation.answer,
  evaluation.result TO padriver_evaluation;
GRANT UPDATE (state, tally) ON evaluation.evaluation TO padriver_evaluation;
GRANT UPDATE (counts) ON evaluation.result TO padriver_evaluation;
GRANT DELETE ON evaluation.box TO padriver_evaluation;
GRANT SELECT ON evaluation.missing TO padriver_notifications;
GRANT SELECT ON evaluation.paper, evaluation.asked, evaluation.overview, evaluation.shown, evaluation.attainment
  TO padriver_ctl;
GRANT EXECUTE ON FUNCTION evaluation.submit, evaluation.set_mode TO padriver_ctl;
