-- The year's report says by itself what was taken into use after the year's sessions; a goal is judged by sessions alone. A year
-- without follow-ups has the same bytes as before.
SET LOCAL ROLE padriver_owner_evaluation;

-- As before; a goal is asked about by a session or the survey.
CREATE OR REPLACE VIEW evaluation.year_attainment AS
  SELECT y.year, g.id AS goal, g.parent, g.kind, g.network, g.text_nb, g.text_nn, g.text_en, r.edition,
         coalesce(r.tallies, 0) AS tallies, coalesce(r.counts, '{0,0,0,0,0,0}') AS counts, evaluation.goal_status(r.counts) AS judged,
         j.status, j.reason,
         EXISTS (SELECT FROM evaluation.evaluation e JOIN evaluation.item i ON i.evaluation = e.id
                  JOIN evaluation.occasion o ON o.evaluation = e.id
                 WHERE g.id IN (i.goal, i.parent) AND o.follows IS NULL
                   AND extract(year FROM o.starts_at AT TIME ZONE 'Europe/Oslo') = y.year) AS asked
    FROM generate_series(2000, 2199) y (year)
    JOIN plan.goal g ON g.valid_from <= make_date(y.year, 12, 31) AND (g.valid_to >= make_date(y.year, 1, 1)) IS NOT FALSE
    LEFT JOIN LATERAL (SELECT x.edition, x.tallies, x.counts FROM evaluation.report_goal x
                        WHERE x.scope = 'network_year' AND split_part(x.subject, '/', 2) = y.year::text
                          AND x.goal = g.id AND x.municipality IS NULL ORDER BY x.edition DESC LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT x.status, x.reason FROM evaluation.goal_judgement x
                        WHERE x.year = y.year AND x.goal = g.id ORDER BY x.id DESC LIMIT 1) j ON true;

-- What a snapshot says of follow-ups, if there are any: of each session, what became of its follow-up; and the published numbers.
CREATE FUNCTION evaluation.follow_snapshot(of_year int) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN EXISTS (SELECT FROM evaluation.standing s WHERE s.year = $1 AND s.follow_up <> 'missing') THEN jsonb_build_object(
    'follow_ups', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.held_on, x.meeting COLLATE "C") FROM (
      SELECT s.meeting, s.network, (s.held_at AT TIME ZONE 'Europe/Oslo')::date AS held_on, s.follow_up AS standing
        FROM evaluation.standing s WHERE s.year = $1) x),
    'follow_tallies', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.session COLLATE "C"), '[]') FROM (
      SELECT r.session, r.network, r.mode, r.about, r.invited, r.answered
        FROM evaluation.report r WHERE r.scope = 'follow_year' AND r.subject = $1::text) x),
    'follow_questions', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.place, x.question COLLATE "C", x.version), '[]') FROM (
      SELECT q.place, q.question, q.version, q.goal, q.level, q.text_nb, q.text_nn, q.text_en, q.counts
        FROM evaluation.report_question q
       WHERE q.scope = 'follow_year' AND q.subject = $1::text AND q.municipality IS NULL) x),
    'follow_goals', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.network COLLATE "C", x.goal COLLATE "C", x.wording), '[]') FROM (
      SELECT split_part(g.subject, '/', 1) AS network, g.goal, g.parent, g.edition AS wording, g.tallies, g.counts
        FROM evaluation.report_goal g
       WHERE g.scope = 'follow_network_year' AND split_part(g.subject, '/', 2) = $1::text AND g.municipality IS NULL) x))
  ELSE '{}' END
$$;

CREATE OR REPLACE FUNCTION evaluation.year_snapshot(of_year int) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (jsonb_build_object(
    'format', 1,
    'year', $1,
    'rule', jsonb_build_object('least', 10, 'reached', 80, 'partly', 50),
    'networks', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.network COLLATE "C"), '[]') FROM (
      SELECT n.id AS network, n.name_nb, n.name_nn, n.name_en FROM register.network n
       WHERE n.valid_from <= make_date($1, 12, 31) AND (n.valid_to >= make_date($1, 1, 1)) IS NOT FALSE) x),
    'areas', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.area COLLATE "C", x.municipality COLLATE "C"), '[]') FROM (
      SELECT p.area, a.name AS area_name, p.municipality, p.name
        FROM register.parties_on(make_date($1, 12, 31)) p JOIN register.area a ON a.id = p.area) x),
    'sessions', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.held_on, x.meeting COLLATE "C"), '[]') FROM (
      SELECT s.meeting, s.network, (s.held_at AT TIME ZONE 'Europe/Oslo')::date AS held_on, s.standing, c.title_nb, c.title_nn, c.title_en
        FROM evaluation.standing s JOIN plan.calendar c ON c.meeting = s.meeting WHERE s.year = $1) x),
    'tallies', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.held_on, x.tally COLLATE "C"), '[]') FROM (
      SELECT r.tally, r.network, r.mode, (r.held_at AT TIME ZONE 'Europe/Oslo')::date AS held_on, r.sessions, r.invited, r.answered,
             NOT EXISTS (SELECT FROM evaluation.report y WHERE y.scope = 'year' AND y.tally = r.tally) AS survey
        FROM evaluation.report r WHERE r.scope = 'network_year' AND r.year = $1) x),
    'goals', (SELECT coalesce(jsonb_agg(to_jsonb(x) - 'rank' ORDER BY x.rank, x.goal COLLATE "C"), '[]') FROM (
      SELECT a.goal, a.parent, a.kind, a.network, a.text_nb, a.text_nn, a.text_en,
             array_position(ARRAY['main', 'sub', 'directive', 'focus'], a.kind) AS rank, a.edition AS wording, a.tallies, a.counts, a.asked,
             a.judged, coalesce(a.status, a.judged) AS status, CASE WHEN a.status IS NOT NULL THEN a.reason END AS reason
        FROM evaluation.year_attainment a WHERE a.year = $1) x),
    'results', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.network COLLATE "C", x.goal COLLATE "C", x.wording,
                                          x.municipality COLLATE "C" NULLS FIRST), '[]') FROM (
      SELECT split_part(g.subject, '/', 1) AS network, g.goal, g.edition AS wording, g.municipality, m.name, g.tallies, g.counts
        FROM evaluation.report_goal g LEFT JOIN register.municipality_name m ON m.municipality = g.municipality
       WHERE g.scope = 'network_year' AND split_part(g.subject, '/', 2) = $1::text) x),
    'evidence', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.goal COLLATE "C", x.wording, x.held_on, x.tally COLLATE "C"), '[]') FROM (
      SELECT g.goal, g.edition AS wording, r.tally, (r.held_at AT TIME ZONE 'Europe/Oslo')::date AS held_on, g.counts
        FROM evaluation.report r JOIN evaluation.report_goal g ON g.scope = 'session' AND g.subject = r.tally
       WHERE r.scope = 'network_year' AND r.year = $1 AND g.municipality IS NULL) x),
    'questions', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.survey, x.place, x.question COLLATE "C", x.version), '[]') FROM (
      SELECT r.scope <> 'year' AS survey, q.place, q.question, q.version, q.goal, q.level, q.text_nb, q.text_nn, q.text_en, q.counts
        FROM evaluation.report_question q
        JOIN (SELECT 'year' AS scope, $1::text AS subject
              UNION ALL SELECT 'session', s.survey FROM plan.survey s WHERE s.year = $1) r USING (scope, subject)
       WHERE q.municipality IS NULL) x),
    'survey', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.area COLLATE "C", x.municipality COLLATE "C"), '[]') FROM (
      SELECT s.survey, m.municipality, m.name, m.area, m.status FROM plan.survey s
       CROSS JOIN LATERAL evaluation.survey_status(s.survey, make_date($1, 12, 31)) m WHERE s.year = $1) x),
    'gaps', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.place, x.kind COLLATE "C", x.subject COLLATE "C"), '[]') FROM (
      SELECT * FROM evaluation.year_gaps($1)) x),
    'findings', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM (
      SELECT f.id, f.words, f.goal, f.session FROM evaluation.finding f WHERE f.year = $1) x),
    'changes', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.id), '[]') FROM (
      SELECT t.id, t.year AS of_year, t.finding, t.found, t.kind, t.words, t.owner_title, t.due_on, t.state, t.note, t.since
        FROM evaluation.tracked t WHERE t.year IN ($1, $1 - 1)) x),
    'uses', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.held_on, x.meeting COLLATE "C"), '[]') FROM (
      SELECT DISTINCT ON (d.meeting COLLATE "C") d.meeting, a.first_day AS held_on, a.title_nb, a.title_nn, a.title_en, d.year AS of_year, d.edition,
             d.used, d.adapted
        FROM evaluation.dialogue d JOIN plan.activity a ON a.id = d.meeting WHERE a.year = $1
       ORDER BY d.meeting COLLATE "C", d.id DESC) x)) || evaluation.follow_snapshot($1))::text
$$;

CREATE VIEW evaluation.year_follow_up AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'follow_ups')
    x (meeting text, network text, held_on date, standing text);
CREATE VIEW evaluation.year_follow_tally AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'follow_tallies')
    x (session text, network text, mode text, about text[], invited int, answered int);
CREATE VIEW evaluation.year_follow_question AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'follow_questions')
    x (place int, question text, version int, goal text, text_nb text, text_nn text, text_en text, counts int[]);
CREATE VIEW evaluation.year_follow_goal AS
  SELECT r.year, r.edition, x.* FROM evaluation.year_report r, jsonb_to_recordset(r.snapshot::jsonb -> 'follow_goals')
    x (network text, goal text, parent text, wording int, counts int[]);

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.follow_snapshot FROM PUBLIC;
GRANT SELECT ON evaluation.year_follow_up, evaluation.year_follow_tally, evaluation.year_follow_question,
  evaluation.year_follow_goal TO padriver_web;
