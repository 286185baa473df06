-- Statements of `padriver report`: the year's report, and what comes of it.

-- year_report_compile (year int, who text, now time) -> one (edition int, sha256 text, again bool)
SELECT c.edition, c.sha256, c.again FROM evaluation.report_compile(:year, :who, :now) c;

-- year_report_publish (year int, edition int, who text, now time) -> one (edition int)
SELECT evaluation.report_publish(:year, :edition, :who, :now) AS edition;

-- year_reports () -> many (year int, edition int, sha256 text, compiled_at time, published_at time)
SELECT e.year, e.edition, e.sha256, e.compiled_at, e.published_at FROM evaluation.year_edition e ORDER BY e.year, e.edition;

-- year_report (year int, edition int) -> one (edition int, sha256 text, snapshot text, compiled_at time, published_at time)
-- edition 0: the newest.
SELECT e.edition, e.sha256, e.snapshot, e.compiled_at, e.published_at FROM evaluation.year_edition e
 WHERE e.year = :year AND e.edition = evaluation.report_edition(:year, :edition);

-- year_report_now (year int) -> one (sha256 text)
SELECT evaluation.report_now(:year) AS sha256;

-- year_report_goals (year int, edition int) -> many (goal text, text_nb text, counts int[], judged text, status text, reason text)
SELECT g.goal, g.text_nb, g.counts, g.judged, g.status, g.reason FROM evaluation.year_goal g
 WHERE g.year = :year AND g.edition = :edition ORDER BY g.place;

-- year_report_gaps (year int, edition int) -> many (kind text, subject text, name_nb text)
SELECT g.kind, g.subject, g.name_nb FROM evaluation.year_gap g
 WHERE g.year = :year AND g.edition = :edition ORDER BY g.place, g.kind, g.subject;

-- year_report_overrule (year int, goal text, status text, reason text, who text, now time) -> none
SELECT evaluation.report_overrule(:year, :goal, :status, :reason, :who, :now);

-- year_report_find (year int, words text, goal text, session text, who text, now time) -> one (finding bigint)
SELECT evaluation.report_find(:year, :words, :goal, :session, :who, :now) AS finding;

-- year_report_findings (year int) -> many (id bigint, words text, goal text, session text, found_at time, found_by text, changes int)
SELECT f.id, f.words, f.goal, f.session, f.found_at, f.found_by,
       (SELECT count(*)::int FROM evaluation.tracked t WHERE t.finding = f.id) AS changes
  FROM evaluation.finding f WHERE f.year = :year ORDER BY f.id;

-- year_report_change (finding bigint, kind text, words text, owner text, due date, who text, now time) -> one (change bigint)
SELECT evaluation.report_change(:finding, :kind, :words, :owner, :due, :who, :now) AS change;

-- year_report_step (change bigint, state text, note text, who text, now time) -> none
SELECT evaluation.report_step(:change, :state, :note, :who, :now);

-- year_report_changes (year int) -> many (id bigint, year int, finding bigint, kind text, words text, owner text, due_on date, state text, note text, since date)
-- NULL: of all years.
SELECT t.id, t.year, t.finding, t.kind, t.words, t.owner, t.due_on, t.state, t.note, t.since
  FROM evaluation.tracked t WHERE t.year = :year OR :year IS NULL ORDER BY t.id;

-- year_report_steps (change bigint) -> many (state text, note text, taken_at time, taken_by text)
SELECT s.state, s.note, s.taken_at, s.taken_by FROM evaluation.change_step s WHERE s.change = :change ORDER BY s.id;

-- year_report_used (meeting text, year int, used text, adapted text, who text, now time) -> none
SELECT evaluation.report_used(:meeting, :year, :used, :adapted, :who, :now);
