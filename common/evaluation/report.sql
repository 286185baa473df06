-- Statements of report.c: the published tables (schemas/sql, evaluation.report…).

-- report_tallies (scope text, subject text) -> many (tally text, network text, mode text, year int, held_at time, sessions text[], invited int, answered int)
-- tally, sessions: the session it stands under, and those it is about.
SELECT r.session, r.network, r.mode, r.year, r.held_at, r.about, r.invited, r.answered
  FROM evaluation.report r WHERE r.scope = :scope AND r.subject = :subject ORDER BY r.held_at, r.tally;

-- report_questions (scope text, subject text) -> many (municipality text, question text, version int, goal text, level int, text_nb text, text_nn text, text_en text, counts int[])
SELECT q.municipality, q.question, q.version, q.goal, q.level::int, q.text_nb, q.text_nn, q.text_en, q.counts
  FROM evaluation.report_question q WHERE q.scope = :scope AND q.subject = :subject
 ORDER BY q.municipality NULLS FIRST, q.place, q.question, q.version;

-- report_goals (scope text, subject text) -> many (municipality text, goal text, parent text, edition int, text_nb text, text_nn text, text_en text, counts int[])
SELECT g.municipality, g.goal, g.parent, g.edition, coalesce(g.text_nb, g.goal), coalesce(g.text_nn, g.goal),
       coalesce(g.text_en, g.goal), g.counts
  FROM evaluation.report_goal g WHERE g.scope = :scope AND g.subject = :subject
 ORDER BY g.municipality NULLS FIRST, g.goal, g.edition;

-- report_course (scope text, subject text) -> many (question text, goal text, version int, tally text, held_at time, counts int[])
-- Each question, and each goal (question NULL, version its edition), tally by tally.
SELECT c.question, c.goal, c.version, r.session, r.held_at, c.counts
  FROM evaluation.report r
  JOIN (SELECT q.subject, q.place::int AS place, q.question, q.goal, q.version, q.counts
          FROM evaluation.report_question q WHERE q.scope = 'session' AND q.municipality IS NULL
        UNION ALL
        SELECT g.subject, -1, NULL, g.goal, g.edition, g.counts
          FROM evaluation.report_goal g WHERE g.scope = 'session' AND g.municipality IS NULL) c ON c.subject = r.tally
 WHERE r.scope = :scope AND r.subject = :subject
 ORDER BY c.place, c.question, c.goal, c.version, r.held_at, r.tally;

-- report_standings (network text, year int, follow_up bool) -> many (meeting text, network text, held_at time, standing text)
-- Of a network, of a year, of both; NULL: of all.
SELECT s.meeting, s.network, s.held_at, CASE WHEN :follow_up THEN s.follow_up ELSE s.standing END FROM evaluation.standing s
 WHERE (s.network = :network OR :network IS NULL) AND (s.year = :year OR :year IS NULL)
 ORDER BY s.held_at, s.meeting;
