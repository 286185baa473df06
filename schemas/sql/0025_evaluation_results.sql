-- What is published of evaluations. Its unit is the tally: closed evaluations whose answers were counted together. A tally
-- is published once, whole, and never changes; a number of it (a cell) is published if at least the threshold rated. Every
-- total, whatever it is of, is a sum of published cells: what is hidden is in no total, so that no difference between
-- totals, filters or reports of different days is of anything but published cells.
GRANT USAGE ON SCHEMA plan TO padriver_owner_evaluation;
GRANT SELECT ON plan.calendar, plan.goal TO padriver_owner_evaluation;
SET LOCAL ROLE padriver_owner_evaluation;

-- As they were at closing, so that what was published stays so when invitations are deleted.
ALTER TABLE evaluation.evaluation ADD COLUMN invited int, ADD COLUMN answered int;
UPDATE evaluation.evaluation e SET (invited, answered) =
  (SELECT count(*), count(*) FILTER (WHERE i.spent) FROM evaluation.invitation i WHERE i.evaluation = e.id)
 WHERE e.state = 'closed';
ALTER TABLE evaluation.evaluation ADD CONSTRAINT counted_when_closed
  CHECK ((state = 'closed') = (invited IS NOT NULL) AND (invited IS NULL) = (answered IS NULL));

-- Results have a tally when they are whole: two looks at results that grow tell what came between.
UPDATE evaluation.evaluation SET tally = NULL WHERE state = 'open';
ALTER TABLE evaluation.evaluation ADD CONSTRAINT tallied_when_closed CHECK (state = 'closed' OR tally IS NULL);

-- In municipality-attributed mode: a result's counts by municipality ('': of none).
CREATE TABLE evaluation.part (
  tally text NOT NULL,
  question text NOT NULL,
  version int NOT NULL,
  goal text NOT NULL,
  municipality text NOT NULL,
  counts int[] NOT NULL CHECK (cardinality(counts) = 6),
  PRIMARY KEY (tally, question, version, goal, municipality),
  FOREIGN KEY (tally, question, version, goal) REFERENCES evaluation.result
);

DROP VIEW evaluation.attainment, evaluation.shown;

-- The tallies that are published. Of the year in which the session was that it stands under.
CREATE VIEW evaluation.published AS
  SELECT t.id AS tally, t.network, t.mode, coalesce(c.starts_at, t.opened_at) AS held_at,
         extract(year FROM coalesce(c.starts_at, t.opened_at) AT TIME ZONE 'Europe/Oslo')::int AS year,
         array_agg(e.id ORDER BY e.opened_at, e.id) AS sessions, max(e.threshold) AS threshold,
         sum(e.invited)::int AS invited, sum(e.answered)::int AS answered
    FROM evaluation.evaluation t JOIN evaluation.evaluation e ON e.tally = t.id
    LEFT JOIN plan.calendar c ON c.meeting = t.id
   GROUP BY t.id, c.starts_at
  HAVING sum(e.answered) >= max(e.threshold);

-- The cells that are published: of a whole tally (municipality NULL), and of municipalities. Those below the threshold are
-- one group ('') that the smallest other one joins if they are below it together: so all groups of a tally have at least
-- the threshold, and their sum is the whole.
CREATE VIEW evaluation.cell AS
  WITH whole AS (
    SELECT p.tally, p.threshold, r.question, r.version, r.goal, r.counts
      FROM evaluation.published p JOIN evaluation.result r USING (tally)
     WHERE r.counts[1] + r.counts[2] + r.counts[3] + r.counts[4] + r.counts[5] >= p.threshold),
  sized AS (
    SELECT p.*, w.threshold, s.rated, s.rated + p.counts[6] AS answered, p.municipality <> '' AND s.rated >= w.threshold AS large
      FROM whole w JOIN evaluation.part p USING (tally, question, version, goal),
           LATERAL (SELECT p.counts[1] + p.counts[2] + p.counts[3] + p.counts[4] + p.counts[5] AS rated) s),
  judged AS (
    SELECT s.*, row_number() OVER (of_cell ORDER BY NOT s.large, s.rated, s.municipality) = 1 AS smallest,
           sum(CASE WHEN s.large THEN 0 ELSE s.answered END) OVER of_cell AS rest_answered,
           sum(CASE WHEN s.large THEN 0 ELSE s.rated END) OVER of_cell AS rest_rated
      FROM sized s WINDOW of_cell AS (PARTITION BY s.tally, s.question, s.version, s.goal)),
  grouped AS (
    SELECT j.*, CASE WHEN NOT j.large OR j.smallest AND j.rest_answered > 0 AND j.rest_rated < j.threshold THEN ''
                     ELSE j.municipality END AS part_of
      FROM judged j)
  SELECT w.tally, NULL AS municipality, w.question, w.version, w.goal, w.counts FROM whole w
  UNION ALL
  SELECT g.tally, g.part_of, g.question, g.version, g.goal,
         ARRAY[sum(g.counts[1]), sum(g.counts[2]), sum(g.counts[3]), sum(g.counts[4]), sum(g.counts[5]), sum(g.counts[6])]::int[]
    FROM grouped g GROUP BY g.tally, g.part_of, g.question, g.version, g.goal;

-- What a report is of: a session (whose tally others may share), a network, a year, a network's year.
CREATE VIEW evaluation.scope AS
  SELECT 'session' AS scope, s.subject, p.tally FROM evaluation.published p, unnest(p.sessions) s (subject)
  UNION ALL SELECT 'network', p.network, p.tally FROM evaluation.published p
  UNION ALL SELECT 'year', p.year::text, p.tally FROM evaluation.published p
  UNION ALL SELECT 'network_year', p.network || '/' || p.year, p.tally FROM evaluation.published p;

-- The published tallies of each report, in the order of their sessions.
CREATE VIEW evaluation.report AS
  SELECT s.scope, s.subject, p.tally, p.network, p.mode, p.year, p.held_at, p.sessions, p.threshold, p.invited, p.answered
    FROM evaluation.scope s JOIN evaluation.published p USING (tally);

-- Results by question: another wording is another row. goal: if it is about one alone. place: in the form.
CREATE VIEW evaluation.report_question AS
  SELECT r.scope, r.subject, r.municipality, r.question, r.version, r.goal, r.tallies, r.counts,
         coalesce(f.place, 0) AS place, q.level, q.text_nb, q.text_nn, q.text_en
    FROM (SELECT s.scope, s.subject, c.municipality, c.question, c.version,
                 CASE WHEN min(c.goal) = max(c.goal) THEN min(c.goal) END AS goal, count(*)::int AS tallies,
                 ARRAY[sum(c.counts[1]), sum(c.counts[2]), sum(c.counts[3]), sum(c.counts[4]),
                       sum(c.counts[5]), sum(c.counts[6])]::int[] AS counts
            FROM evaluation.scope s JOIN evaluation.cell c USING (tally)
           GROUP BY s.scope, s.subject, c.municipality, c.question, c.version) r
    JOIN evaluation.question q ON q.id = r.question AND q.version = r.version
    LEFT JOIN evaluation.form f ON f.question = split_part(r.question, '/', 1);

-- Which wordings a goal was asked about with, its sub-goals' included; numbered in the order in which they came. A tally
-- that holds two wordings of one question has no number for that goal.
CREATE VIEW evaluation.edition AS
  SELECT w.tally, w.goal, w.parent, dense_rank() OVER (PARTITION BY w.goal ORDER BY w.first_at, w.wording)::int AS edition
    FROM (SELECT x.*, min(x.held_at) OVER (PARTITION BY x.goal, x.wording) AS first_at
            FROM (SELECT p.tally, p.held_at, g.goal, min(CASE WHEN g.goal = i.goal THEN i.parent END) AS parent,
                         string_agg(DISTINCT i.question || '.' || i.version, ' ') AS wording
                    FROM evaluation.published p JOIN evaluation.evaluation e USING (tally)
                    JOIN evaluation.item i ON i.evaluation = e.id
                    JOIN evaluation.question q ON q.id = i.question AND q.version = i.version AND q.kind = 'scale',
                         LATERAL (SELECT i.goal UNION SELECT i.parent WHERE i.parent IS NOT NULL) g (goal)
                   GROUP BY p.tally, p.held_at, g.goal
                  HAVING count(DISTINCT i.question) = count(DISTINCT i.question || '.' || i.version)) x) w;

-- Results by goal and sub-goal (R74), in the goal's words of today. A goal's counts include its sub-goals'.
CREATE VIEW evaluation.report_goal AS
  SELECT r.scope, r.subject, r.municipality, r.goal, r.parent, r.edition, r.tallies, r.counts, g.text_nb, g.text_nn, g.text_en
    FROM (SELECT s.scope, s.subject, c.municipality, d.goal, d.parent, d.edition, count(DISTINCT s.tally)::int AS tallies,
                 ARRAY[sum(c.counts[1]), sum(c.counts[2]), sum(c.counts[3]), sum(c.counts[4]),
                       sum(c.counts[5]), sum(c.counts[6])]::int[] AS counts
            FROM evaluation.scope s JOIN evaluation.cell c USING (tally)
            JOIN evaluation.edition d ON d.tally = c.tally AND (d.goal = c.goal OR EXISTS (
                   SELECT FROM evaluation.evaluation e JOIN evaluation.item i ON i.evaluation = e.id
                    WHERE e.tally = c.tally AND i.goal = c.goal AND i.parent = d.goal))
           GROUP BY s.scope, s.subject, c.municipality, d.goal, d.parent, d.edition) r
    LEFT JOIN plan.goal g ON g.id = r.goal;

-- What became of the evaluation of each session that was held (R72): shown, hidden (too few), open, or missing.
CREATE VIEW evaluation.standing AS
  SELECT c.meeting, c.network, extract(year FROM c.starts_at AT TIME ZONE 'Europe/Oslo')::int AS year, c.starts_at AS held_at,
         CASE WHEN e.id IS NULL THEN 'missing' WHEN e.state = 'open' THEN 'open' WHEN p.tally IS NULL THEN 'hidden'
              ELSE 'shown' END AS standing
    FROM plan.calendar c LEFT JOIN evaluation.evaluation e ON e.id = c.meeting
    LEFT JOIN evaluation.published p ON p.tally = e.tally
   WHERE c.network IS NOT NULL AND c.state = 'held';

-- Each evaluation with how many answered; hidden: no results can be shown (still open, or too few).
CREATE OR REPLACE VIEW evaluation.overview AS
  SELECT e.id AS evaluation, e.network, e.mode, e.state, e.threshold, e.opened_at, e.closes_at, e.tally,
         coalesce(e.invited, count(i.id))::int AS invited,
         coalesce(e.answered, count(i.id) FILTER (WHERE i.spent))::int AS answered,
         NOT EXISTS (SELECT FROM evaluation.published p WHERE p.tally = e.tally) AS hidden
    FROM evaluation.evaluation e LEFT JOIN evaluation.invitation i ON i.evaluation = e.id
   GROUP BY e.id;

RESET ROLE;
GRANT SELECT ON evaluation.report, evaluation.report_question, evaluation.report_goal, evaluation.standing
  TO padriver_ctl, padriver_web;
GRANT SELECT (evaluation, spent) ON evaluation.invitation TO padriver_evaluation;
GRANT INSERT ON evaluation.part TO padriver_evaluation;
GRANT UPDATE (invited, answered) ON evaluation.evaluation TO padriver_evaluation;
