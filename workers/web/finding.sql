-- Statements of the pages about findings and changes, as they stand today.

-- web_finding_year (year int, person bigint, day date) -> one (may bool)
-- None without a report of the year.
SELECT evaluation.may_find(:person, :day) AS may
 WHERE EXISTS (SELECT FROM evaluation.year_edition e WHERE e.year = :year);

-- web_findings (year int) -> many (id bigint, words text, goal text, session text, changes bigint)
SELECT f.id, f.words, f.goal, f.session, (SELECT count(*) FROM evaluation.tracked t WHERE t.finding = f.id) AS changes
  FROM evaluation.finding f WHERE f.year = :year ORDER BY f.id;

-- web_finding (id bigint, person bigint, day date) -> one (year int, words text, goal text, session text, may bool)
SELECT f.year, f.words, f.goal, f.session, evaluation.may_find(:person, :day) AS may FROM evaluation.finding f WHERE f.id = :id;

-- web_changes (year int, finding bigint, change bigint) -> many (id bigint, finding bigint, kind text, words text, owner_title text,
--   due_on date, state text, note text)
-- Of a year, of a finding, or one; 0 for the others.
SELECT t.id, t.finding, t.kind, t.words, t.owner_title, t.due_on, t.state, t.note FROM evaluation.tracked t
 WHERE t.year = :year OR t.finding = :finding OR t.id = :change ORDER BY t.id;

-- web_may_step (person bigint, change bigint, day date) -> one (may bool)
SELECT evaluation.may_step(:person, :change, :day) AS may;

-- web_finding_subjects (year int) -> many (session bool, id text, name_nb text, name_nn text, name_en text)
SELECT s.session, s.id, s.name_nb, s.name_nn, s.name_en FROM evaluation.finding_subjects(:year) s;

-- web_change_owners () -> many (id text, title text)
SELECT o.id, o.title FROM evaluation.change_owners() o;

-- web_find (person bigint, year int, words text, goal text, session text, now time) -> one (id bigint)
SELECT evaluation.find_as(:person, :year, :words, :goal, :session, :now) AS id;

-- web_change (person bigint, finding bigint, kind text, words text, owner text, due date, now time) -> one (id bigint)
SELECT evaluation.change_as(:person, :finding, :kind, :words, :owner, :due, :now) AS id;

-- web_step (person bigint, change bigint, state text, note text, now time) -> none
SELECT evaluation.step_as(:person, :change, :state, :note, :now);
