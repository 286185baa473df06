-- Follow-up: some months after a session, those who were asked about it are asked what of it they have taken into use. It is
-- an evaluation of its own, on the session's terms. Nothing ties its answers to those that were given after the session; they
-- are opened, counted and shown apart, and are in no number of sessions.
GRANT SELECT ON plan.absent TO padriver_owner_evaluation;
SET LOCAL ROLE padriver_owner_evaluation;

-- follows: the evaluation of the session that it follows up.
ALTER TABLE evaluation.evaluation ADD COLUMN follows text UNIQUE REFERENCES evaluation.evaluation,
  ADD CONSTRAINT follows_a_session CHECK (follows IS NULL OR NOT survey);

-- Mode and threshold are those that were said after the session.
CREATE FUNCTION evaluation.keep_terms() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT e.network, e.mode, e.threshold INTO NEW.network, NEW.mode, NEW.threshold FROM evaluation.evaluation e
   WHERE e.id = NEW.follows AND NOT e.survey AND e.follows IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION '% is no evaluation of a session and cannot be followed up; see padriver evaluation list', NEW.follows
      USING ERRCODE = 'PD002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_terms BEFORE INSERT ON evaluation.evaluation
  FOR EACH ROW WHEN (NEW.follows IS NOT NULL) EXECUTE FUNCTION evaluation.keep_terms();

CREATE OR REPLACE FUNCTION evaluation.freeze_mode() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.survey AND NEW.mode <> 'municipality' THEN
    RAISE EXCEPTION '% is a survey of municipalities: its mode is municipality', OLD.id USING ERRCODE = 'PD002';
  ELSIF NEW.follows IS NOT NULL AND NEW.mode <> OLD.mode THEN
    RAISE EXCEPTION '% follows up % and is % as that was', OLD.id, OLD.follows, OLD.mode USING ERRCODE = 'PD002';
  ELSIF NEW.mode <> OLD.mode AND EXISTS (SELECT FROM evaluation.invitation i WHERE i.evaluation = OLD.id AND i.spent) THEN
    RAISE EXCEPTION 'evaluation % is % and stays so: somebody has answered', OLD.id, OLD.mode USING ERRCODE = 'PD002';
  END IF;
  RETURN NEW;
END $$;

-- Who was asked about a session and can be asked again: was there as far as is known, is in the register and takes letters.
-- Not whether they answered.
CREATE FUNCTION evaluation.followed(evaluation text) RETURNS TABLE (person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT i.person FROM evaluation.invitation i
   WHERE i.evaluation = $1 AND register.may_write(i.person, 'letters')
     AND NOT EXISTS (SELECT FROM plan.absent a WHERE a.meeting = $1 AND a.person = i.person)
$$;

-- Its questions stand in the form beside the session's. They are rated from 1 (not at all) to 5 (to a very high degree).
ALTER TABLE evaluation.form ADD COLUMN follow_up boolean NOT NULL DEFAULT false;
INSERT INTO evaluation.question (id, version, kind, level, text_nb, text_nn, text_en) VALUES
  ('used', 1, 'scale', 3, 'I hvilken grad har du tatt i bruk det du lærte på samlingen?',
   'I kva grad har du teke i bruk det du lærte på samlinga?',
   'To what degree have you taken into use what you learned at the session?'),
  ('used_goal', 1, 'scale', 3, 'I hvilken grad har du brukt det du lærte, i arbeidet med dette delmålet: {goal}?',
   'I kva grad har du brukt det du lærte, i arbeidet med dette delmålet: {goal}?',
   'To what degree have you used what you learned to work towards this sub-goal: {goal}?'),
  ('used_helped', 1, 'text', NULL, 'Hva hjalp deg med å ta det i bruk, eller hva hindret deg?',
   'Kva hjelpte deg med å ta det i bruk, eller kva hindra deg?',
   'What helped you to take it into use, or what kept you from it?');
INSERT INTO evaluation.form (place, question, about, follow_up) VALUES
  (21, 'used', 'goal', true), (22, 'used_goal', 'sub_goal', true), (23, 'used_helped', 'goal', true);

-- What an evaluation is about, for letters and pages: a session, the year of a survey, or, of a follow-up, its session.
CREATE OR REPLACE VIEW evaluation.occasion AS
  SELECT c.meeting AS evaluation, false AS survey, c.starts_at, coalesce(c.organizer, 0) AS organizer,
         c.title_nb, c.title_nn, c.title_en, c.of_nb, c.of_nn, c.of_en, NULL AS follows
    FROM plan.calendar c
  UNION ALL
  SELECT s.survey, true, s.first_day::timestamp AT TIME ZONE 'Europe/Oslo', coalesce(register.holder_of(s.owner, s.first_day), 0),
         s.title_nb, s.title_nn, s.title_en, '', '', '', NULL
    FROM plan.survey s
  UNION ALL
  SELECT e.id, false, c.starts_at, coalesce(c.organizer, 0), c.title_nb, c.title_nn, c.title_en, c.of_nb, c.of_nn, c.of_en, e.follows
    FROM evaluation.evaluation e JOIN plan.calendar c ON c.meeting = e.follows;

CREATE OR REPLACE VIEW evaluation.missing AS
  SELECT i.evaluation, i.id AS invitation, i.person, e.mode, e.threshold, e.opened_at, e.closes_at, i.respondent, e.follows
    FROM evaluation.invitation i JOIN evaluation.evaluation e ON e.id = i.evaluation
   WHERE e.state = 'open' AND NOT i.spent;

-- A follow-up is of its session's day and year. session, about: the session that a tally stands under, and all that it is of.
CREATE OR REPLACE VIEW evaluation.published AS
  SELECT t.id AS tally, t.network, t.mode, coalesce(c.starts_at, t.opened_at) AS held_at,
         extract(year FROM coalesce(c.starts_at, t.opened_at) AT TIME ZONE 'Europe/Oslo')::int AS year,
         array_agg(e.id ORDER BY e.opened_at, e.id) AS sessions, max(e.threshold) AS threshold,
         sum(e.invited)::int AS invited, sum(e.answered)::int AS answered, t.survey,
         t.follows IS NOT NULL AS follow_up, coalesce(t.follows, t.id) AS session,
         array_agg(coalesce(e.follows, e.id) ORDER BY e.opened_at, e.id) AS about
    FROM evaluation.evaluation t JOIN evaluation.evaluation e ON e.tally = t.id
    LEFT JOIN plan.calendar c ON c.meeting = coalesce(t.follows, t.id)
   GROUP BY t.id, c.starts_at
  HAVING sum(e.answered) >= max(e.threshold);

-- Scopes of follow-ups are their own: no sum is of both.
CREATE OR REPLACE VIEW evaluation.scope AS
  SELECT 'session' AS scope, s.subject, p.tally FROM evaluation.published p, unnest(p.sessions) s (subject)
  UNION ALL SELECT 'network', p.network, p.tally FROM evaluation.published p WHERE NOT p.follow_up
  UNION ALL SELECT 'year', p.year::text, p.tally FROM evaluation.published p WHERE NOT p.survey AND NOT p.follow_up
  UNION ALL SELECT 'network_year', p.network || '/' || p.year, p.tally FROM evaluation.published p WHERE NOT p.follow_up
  UNION ALL SELECT 'follow_session', s.subject, p.tally FROM evaluation.published p, unnest(p.about) s (subject) WHERE p.follow_up
  UNION ALL SELECT 'follow_network', p.network, p.tally FROM evaluation.published p WHERE p.follow_up
  UNION ALL SELECT 'follow_year', p.year::text, p.tally FROM evaluation.published p WHERE p.follow_up
  UNION ALL SELECT 'follow_network_year', p.network || '/' || p.year, p.tally FROM evaluation.published p WHERE p.follow_up;

CREATE OR REPLACE VIEW evaluation.report AS
  SELECT s.scope, s.subject, p.tally, p.network, p.mode, p.year, p.held_at, p.sessions, p.threshold, p.invited, p.answered,
         p.session, p.about
    FROM evaluation.scope s JOIN evaluation.published p USING (tally);

-- Wordings of follow-ups are numbered by themselves.
CREATE OR REPLACE VIEW evaluation.edition AS
  SELECT w.tally, w.goal, w.parent,
         dense_rank() OVER (PARTITION BY w.goal, w.follow_up ORDER BY w.first_at, w.wording)::int AS edition
    FROM (SELECT x.*, min(x.held_at) OVER (PARTITION BY x.goal, x.wording) AS first_at
            FROM (SELECT p.tally, p.held_at, p.follow_up, g.goal, min(CASE WHEN g.goal = i.goal THEN i.parent END) AS parent,
                         string_agg(DISTINCT i.question || '.' || i.version, ' ') AS wording
                    FROM evaluation.published p JOIN evaluation.evaluation e USING (tally)
                    JOIN evaluation.item i ON i.evaluation = e.id
                    JOIN evaluation.question q ON q.id = i.question AND q.version = i.version AND q.kind = 'scale',
                         LATERAL (SELECT i.goal UNION SELECT i.parent WHERE i.parent IS NOT NULL) g (goal)
                   GROUP BY p.tally, p.held_at, p.follow_up, g.goal
                  HAVING count(DISTINCT i.question) = count(DISTINCT i.question || '.' || i.version)) x) w;

-- standing is of the session's evaluation alone (R72); follow_up: shown, hidden, open, or missing (not asked, or not yet).
CREATE OR REPLACE VIEW evaluation.standing AS
  SELECT c.meeting, c.network, extract(year FROM c.starts_at AT TIME ZONE 'Europe/Oslo')::int AS year, c.starts_at AS held_at,
         CASE WHEN e.id IS NULL THEN 'missing' WHEN e.state = 'open' THEN 'open' WHEN p.tally IS NULL THEN 'hidden'
              ELSE 'shown' END AS standing,
         CASE WHEN f.id IS NULL THEN 'missing' WHEN f.state = 'open' THEN 'open' WHEN u.tally IS NULL THEN 'hidden'
              ELSE 'shown' END AS follow_up
    FROM plan.calendar c LEFT JOIN evaluation.evaluation e ON e.id = c.meeting
    LEFT JOIN evaluation.published p ON p.tally = e.tally
    LEFT JOIN evaluation.evaluation f ON f.follows = c.meeting
    LEFT JOIN evaluation.published u ON u.tally = f.tally
   WHERE c.network IS NOT NULL AND c.state = 'held';

CREATE OR REPLACE VIEW evaluation.overview AS
  SELECT e.id AS evaluation, e.network, e.mode, e.state, e.threshold, e.opened_at, e.closes_at, e.tally,
         coalesce(e.invited, count(i.id))::int AS invited,
         coalesce(e.answered, count(i.id) FILTER (WHERE i.spent))::int AS answered,
         NOT EXISTS (SELECT FROM evaluation.published p WHERE p.tally = e.tally) AS hidden,
         CASE WHEN e.survey THEN 'survey' WHEN e.follows IS NULL THEN 'session' ELSE 'follow-up' END AS kind, e.follows
    FROM evaluation.evaluation e LEFT JOIN evaluation.invitation i ON i.evaluation = e.id
   GROUP BY e.id;

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.keep_terms, evaluation.followed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.followed TO padriver_evaluation;

-- Who is asked for answers: has not given them, was at the session as far as is known, and has not left the network, or the
-- municipality's contacts, by the day it is due; of a follow-up: who left the network since was at the session all the same.
CREATE OR REPLACE FUNCTION notice.evaluation_wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT CASE
             WHEN EXISTS (SELECT FROM plan.absent a WHERE a.meeting = coalesce(m.follows, l.subject) AND a.person = l.person)
               THEN 'was not there'
             WHEN m.follows IS NOT NULL THEN ''
             WHEN m.respondent IS NULL AND NOT EXISTS (
               SELECT FROM plan.participants(l.subject, (l.due_at AT TIME ZONE 'Europe/Oslo')::date) p
                WHERE p.person = l.person) THEN 'does not take part any more'
             WHEN m.respondent IS NOT NULL AND NOT EXISTS (
               SELECT FROM register.recipients_of(m.respondent, (l.due_at AT TIME ZONE 'Europe/Oslo')::date) r
                WHERE r.person = l.person) THEN 'is no contact of the municipality any more'
             ELSE '' END
      FROM evaluation.missing m WHERE m.evaluation = l.subject AND m.person = l.person), 'nothing is missing any more')
$$;
