-- The leader survey: one evaluation a year in which the municipalities are the respondents (R75, R76), about mandate, action
-- plan and the centre's driving role (R77, R78). An evaluation like others, in the municipality-attributed mode: its id is
-- the series and the year (LU-2027), its network is the series, so that a series is shown over its years as a network over
-- its sessions. What it says is shown of all municipalities together alone; who has answered is shown by municipality.
SET LOCAL ROLE padriver_owner_plan;

-- The surveys of the wheel: LU and LU-2028 of 2028 both make LU-2028.
CREATE VIEW plan.survey AS
  SELECT DISTINCT ON (x.survey) x.*
    FROM (SELECT split_part(a.id, '-', 1) || '-' || a.year AS survey, split_part(a.id, '-', 1) AS series, a.year, a.title_nb,
                 a.title_nn, a.title_en, a.first_day, a.last_day, a.owner
            FROM plan.activity a WHERE a.kind = 'survey') x
   WHERE NOT EXISTS (SELECT FROM register.network n WHERE n.id = x.series)
   ORDER BY x.survey, x.first_day;

-- The main goal and its sub-goals on a day.
CREATE FUNCTION plan.centre_goals(day date)
RETURNS TABLE (goal text, parent text, text_nb text, text_nn text, text_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT g.id, g.parent, g.text_nb, g.text_nn, g.text_en FROM plan.goal g
   WHERE g.kind IN ('main', 'sub') AND $1 >= g.valid_from AND ($1 <= g.valid_to) IS NOT FALSE
   ORDER BY g.level, g.id
$$;

RESET ROLE;
REVOKE ALL ON FUNCTION plan.centre_goals FROM PUBLIC;
GRANT SELECT ON plan.survey TO padriver_owner_evaluation, padriver_evaluation, padriver_ctl;
GRANT EXECUTE ON FUNCTION plan.centre_goals TO padriver_evaluation;
GRANT USAGE ON SCHEMA register TO padriver_owner_evaluation;
GRANT EXECUTE ON FUNCTION register.parties_on, register.recipients_of, register.may_write, register.holder_of,
  register.employer_of TO padriver_owner_evaluation;
GRANT SELECT ON register.municipality_name TO padriver_owner_evaluation;
SET LOCAL ROLE padriver_owner_evaluation;

-- What a survey asks, in this order. About main: maps to the main goal; about sub: asked once for each of its sub-goals.
CREATE TABLE evaluation.survey_form (
  place smallint PRIMARY KEY,
  question text NOT NULL UNIQUE,
  about text NOT NULL CHECK (about IN ('main', 'sub'))
);
INSERT INTO evaluation.question (id, version, kind, level, text_nb, text_nn, text_en) VALUES
  ('survey_mandate', 1, 'scale', 4, 'I hvilken grad fyller USHT mandatet sitt overfor kommunen?',
   'I kva grad fyller USHT mandatet sitt overfor kommunen?',
   'To what degree does the development centre fulfil its mandate towards the municipality?'),
  ('survey_plan', 1, 'scale', 4, 'I hvilken grad svarer handlingsplanen til det kommunen trenger?',
   'I kva grad svarer handlingsplanen til det kommunen treng?',
   'To what degree does the action plan meet what the municipality needs?'),
  ('survey_carried_out', 1, 'scale', 4, 'I hvilken grad gjennomfører USHT det som står i handlingsplanen?',
   'I kva grad gjennomfører USHT det som står i handlingsplanen?',
   'To what degree does the development centre carry out its action plan?'),
  ('survey_goal', 1, 'scale', 4, 'I hvilken grad bidrar USHT til dette delmålet i kommunen: {goal}?',
   'I kva grad bidreg USHT til dette delmålet i kommunen: {goal}?',
   'To what degree does the development centre help towards this sub-goal in the municipality: {goal}?'),
  ('survey_improvement', 1, 'scale', 4, 'I hvilken grad er USHT en pådriver for forbedringsarbeid i kommunen?',
   'I kva grad er USHT ein pådrivar for forbetringsarbeid i kommunen?',
   'To what degree does the development centre drive improvement in the municipality?'),
  ('survey_uptake', 1, 'scale', 4, 'I hvilken grad er USHT en pådriver for å ta i bruk ny kunnskap og nye løsninger i kommunen?',
   'I kva grad er USHT ein pådrivar for å ta i bruk ny kunnskap og nye løysingar i kommunen?',
   'To what degree does the development centre drive implementation of new knowledge and solutions in the municipality?'),
  ('survey_best', 1, 'text', NULL, 'Hva har kommunen hatt mest nytte av i år?', 'Kva har kommunen hatt mest nytte av i år?',
   'What has been of most use to the municipality this year?'),
  ('survey_change', 1, 'text', NULL, 'Hva bør USHT gjøre annerledes neste år?', 'Kva bør USHT gjere annleis neste år?',
   'What should the development centre do differently next year?');
INSERT INTO evaluation.survey_form (place, question, about) VALUES
  (1, 'survey_mandate', 'main'), (2, 'survey_plan', 'main'), (3, 'survey_carried_out', 'main'), (4, 'survey_goal', 'sub'),
  (5, 'survey_improvement', 'main'), (6, 'survey_uptake', 'main'), (7, 'survey_best', 'main'), (8, 'survey_change', 'main');

ALTER TABLE evaluation.evaluation ADD COLUMN survey boolean NOT NULL DEFAULT false;

-- respondent: the municipality that answers by this invitation, and by no other (R76); none: the person answers.
ALTER TABLE evaluation.invitation ADD COLUMN respondent text,
  ADD CONSTRAINT one_answer_a_municipality UNIQUE (evaluation, respondent);

CREATE OR REPLACE FUNCTION evaluation.freeze_mode() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.survey AND NEW.mode <> 'municipality' THEN
    RAISE EXCEPTION '% is a survey of municipalities: its mode is municipality', OLD.id USING ERRCODE = 'PD002';
  ELSIF NEW.mode <> OLD.mode AND EXISTS (SELECT FROM evaluation.invitation i WHERE i.evaluation = OLD.id AND i.spent) THEN
    RAISE EXCEPTION 'evaluation % is % and stays so: somebody has answered', OLD.id, OLD.mode USING ERRCODE = 'PD002';
  END IF;
  RETURN NEW;
END $$;

-- Invites those parties that have no invitation, each by one who gets its letters, and takes back unanswered ones from who
-- gets them no more. ids: enough random numbers. A person is asked for one municipality. Returns how many it invited.
CREATE FUNCTION evaluation.survey_invite(survey text, ids bigint[], day date) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  party text;
  asked bigint;
  made int := 0;
BEGIN
  PERFORM FROM evaluation.evaluation e WHERE e.id = survey_invite.survey AND e.state = 'open' FOR SHARE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  DELETE FROM evaluation.invitation i
   WHERE i.evaluation = survey_invite.survey AND i.respondent IS NOT NULL AND NOT i.spent
     AND NOT EXISTS (SELECT FROM register.recipients_of(i.respondent, survey_invite.day) r
                      WHERE r.person = i.person AND register.may_write(r.person, 'letters'));
  FOR party IN
    SELECT s.municipality FROM evaluation.survey_status(survey_invite.survey, survey_invite.day) s
     WHERE s.status = 'no_recipient' ORDER BY s.number
  LOOP
    SELECT r.person INTO asked FROM register.recipients_of(party, survey_invite.day) r
     WHERE register.may_write(r.person, 'letters')
       AND NOT EXISTS (SELECT FROM evaluation.invitation i
                        WHERE i.evaluation = survey_invite.survey AND i.person = r.person)
     ORDER BY r.person LIMIT 1;
    CONTINUE WHEN NOT FOUND;
    made := made + 1;
    INSERT INTO evaluation.invitation (id, evaluation, person, municipality, respondent)
      VALUES (ids[made], survey_invite.survey, asked, party, party);
  END LOOP;
  RETURN made;
END $$;

-- R76: each party of the day it opened, with its area's coordinator today (else the survey's owner), and whether it has
-- answered, is missing, or has nobody to ask. What it answered is not here.
CREATE FUNCTION evaluation.survey_status(survey text, day date)
RETURNS TABLE (municipality text, number text, name text, area text, coordinator bigint, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.municipality, p.number, p.name, p.area, coalesce(c.person, register.holder_of(s.owner, $2)),
         CASE WHEN i.spent THEN 'answered' WHEN i.id IS NOT NULL THEN 'missing' ELSE 'no_recipient' END
    FROM evaluation.evaluation e
   CROSS JOIN LATERAL register.parties_on((e.opened_at AT TIME ZONE 'Europe/Oslo')::date) p
    LEFT JOIN evaluation.invitation i ON i.evaluation = e.id AND i.respondent = p.municipality
    LEFT JOIN plan.survey s ON s.survey = e.id
    LEFT JOIN LATERAL register.employer_of(p.area, $2) c ON true
   WHERE e.id = $1 AND e.survey
   ORDER BY p.number
$$;

-- What an evaluation is about, for letters and pages: a session, or the year of a survey.
CREATE VIEW evaluation.occasion AS
  SELECT c.meeting AS evaluation, false AS survey, c.starts_at, coalesce(c.organizer, 0) AS organizer,
         c.title_nb, c.title_nn, c.title_en, c.of_nb, c.of_nn, c.of_en
    FROM plan.calendar c
  UNION ALL
  SELECT s.survey, true, s.first_day::timestamp AT TIME ZONE 'Europe/Oslo', coalesce(register.holder_of(s.owner, s.first_day), 0),
         s.title_nb, s.title_nn, s.title_en, '', '', ''
    FROM plan.survey s;

CREATE OR REPLACE VIEW evaluation.missing AS
  SELECT i.evaluation, i.id AS invitation, i.person, e.mode, e.threshold, e.opened_at, e.closes_at, i.respondent
    FROM evaluation.invitation i JOIN evaluation.evaluation e ON e.id = i.evaluation
   WHERE e.state = 'open' AND NOT i.spent;

CREATE OR REPLACE VIEW evaluation.paper AS
  SELECT i.id AS invitation, i.spent, e.id AS evaluation, e.network, e.mode, e.state, e.threshold, e.closes_at, e.public_key,
         (SELECT n.name FROM register.municipality_name n WHERE n.municipality = i.respondent) AS respondent
    FROM evaluation.invitation i JOIN evaluation.evaluation e ON e.id = i.evaluation;

CREATE OR REPLACE VIEW evaluation.published AS
  SELECT t.id AS tally, t.network, t.mode, coalesce(c.starts_at, t.opened_at) AS held_at,
         extract(year FROM coalesce(c.starts_at, t.opened_at) AT TIME ZONE 'Europe/Oslo')::int AS year,
         array_agg(e.id ORDER BY e.opened_at, e.id) AS sessions, max(e.threshold) AS threshold,
         sum(e.invited)::int AS invited, sum(e.answered)::int AS answered, t.survey
    FROM evaluation.evaluation t JOIN evaluation.evaluation e ON e.tally = t.id
    LEFT JOIN plan.calendar c ON c.meeting = t.id
   GROUP BY t.id, c.starts_at
  HAVING sum(e.answered) >= max(e.threshold);

-- As before; a year is of its sessions, and a survey is no part of their sums.
CREATE OR REPLACE VIEW evaluation.scope AS
  SELECT 'session' AS scope, s.subject, p.tally FROM evaluation.published p, unnest(p.sessions) s (subject)
  UNION ALL SELECT 'network', p.network, p.tally FROM evaluation.published p
  UNION ALL SELECT 'year', p.year::text, p.tally FROM evaluation.published p WHERE NOT p.survey
  UNION ALL SELECT 'network_year', p.network || '/' || p.year, p.tally FROM evaluation.published p;

CREATE OR REPLACE VIEW evaluation.report_question AS
  SELECT r.scope, r.subject, r.municipality, r.question, r.version, r.goal, r.tallies, r.counts,
         coalesce(f.place, v.place, 0) AS place, q.level, q.text_nb, q.text_nn, q.text_en
    FROM (SELECT s.scope, s.subject, c.municipality, c.question, c.version,
                 CASE WHEN min(c.goal) = max(c.goal) THEN min(c.goal) END AS goal, count(*)::int AS tallies,
                 ARRAY[sum(c.counts[1]), sum(c.counts[2]), sum(c.counts[3]), sum(c.counts[4]),
                       sum(c.counts[5]), sum(c.counts[6])]::int[] AS counts
            FROM evaluation.scope s JOIN evaluation.cell c USING (tally)
           GROUP BY s.scope, s.subject, c.municipality, c.question, c.version) r
    JOIN evaluation.question q ON q.id = r.question AND q.version = r.version
    LEFT JOIN evaluation.form f ON f.question = split_part(r.question, '/', 1)
    LEFT JOIN evaluation.survey_form v ON v.question = split_part(r.question, '/', 1);

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.survey_invite, evaluation.survey_status FROM PUBLIC;
GRANT SELECT ON evaluation.survey_form TO padriver_evaluation;
GRANT EXECUTE ON FUNCTION evaluation.survey_invite TO padriver_evaluation;
GRANT EXECUTE ON FUNCTION evaluation.survey_status TO padriver_evaluation, padriver_ctl;
GRANT SELECT ON evaluation.occasion TO padriver_web;
