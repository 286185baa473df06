-- Statements of the year's report and the packs: what an edition says, out of its snapshot.

-- web_year_editions () -> many (year int, edition int, compiled_at time, published_at time)
SELECT e.year, e.edition, e.compiled_at, e.published_at FROM evaluation.year_edition e ORDER BY e.year DESC, e.edition DESC;

-- web_year_edition (year int, edition int, published bool) -> one (edition int, newest int, sha256 text, snapshot text, compiled_at time, published_at time)
-- edition 0: the newest; published: of those that everybody may read.
SELECT e.edition, (SELECT max(x.edition) FROM evaluation.year_edition x
                    WHERE x.year = :year AND (x.published_at IS NOT NULL OR NOT :published)) AS newest,
       e.sha256, e.snapshot, e.compiled_at, e.published_at
  FROM evaluation.year_edition e
 WHERE e.year = :year AND (e.edition = :edition OR :edition = 0) AND (e.published_at IS NOT NULL OR NOT :published)
 ORDER BY e.edition DESC LIMIT 1;

-- web_year_networks (year int, edition int) -> many (network text, name_nb text, name_nn text, name_en text)
SELECT n.network, n.name_nb, n.name_nn, n.name_en FROM evaluation.year_network n
 WHERE n.year = :year AND n.edition = :edition ORDER BY n.network;

-- web_year_sessions (year int, edition int) -> many (meeting text, network text, held_on date, standing text, title_nb text, title_nn text, title_en text)
SELECT s.meeting, s.network, s.held_on, s.standing, s.title_nb, s.title_nn, s.title_en FROM evaluation.year_session s
 WHERE s.year = :year AND s.edition = :edition ORDER BY s.held_on, s.meeting;

-- web_year_tallies (year int, edition int) -> many (tally text, network text, sessions text[], invited int, answered int, survey bool)
SELECT t.tally, t.network, t.sessions, t.invited, t.answered, t.survey FROM evaluation.year_tally t
 WHERE t.year = :year AND t.edition = :edition ORDER BY t.held_on, t.tally;

-- web_year_goals (year int, edition int) -> many (goal text, kind text, network text, text_nb text, text_nn text, text_en text, wording int, counts int[], judged text, status text, reason text)
SELECT g.goal, g.kind, g.network, g.text_nb, g.text_nn, g.text_en, g.wording, g.counts, g.judged, g.status, g.reason
  FROM evaluation.year_goal g WHERE g.year = :year AND g.edition = :edition ORDER BY g.place;

-- web_year_results (year int, edition int) -> many (network text, goal text, municipality text, name text, counts int[])
SELECT r.network, r.goal, r.municipality, r.name, r.counts FROM evaluation.year_result r
 WHERE r.year = :year AND r.edition = :edition ORDER BY r.network, r.goal, r.municipality NULLS FIRST;

-- web_year_evidence (year int, edition int) -> many (goal text, wording int, tally text, counts int[])
SELECT e.goal, e.wording, e.tally, e.counts FROM evaluation.year_evidence e
 WHERE e.year = :year AND e.edition = :edition ORDER BY e.goal, e.wording, e.held_on, e.tally;

-- web_year_questions (year int, edition int, survey bool) -> many (text_nb text, text_nn text, text_en text, counts int[])
-- Of sessions: those that all are asked, without those about one sub-goal each.
SELECT q.text_nb, q.text_nn, q.text_en, q.counts FROM evaluation.year_question q
 WHERE q.year = :year AND q.edition = :edition AND q.survey = :survey AND (q.survey OR q.question NOT LIKE '%/%')
 ORDER BY q.place, q.question, q.version;

-- web_year_parties (year int, edition int) -> many (municipality text, name text, area text, status text)
SELECT p.municipality, p.name, p.area, p.status FROM evaluation.year_party p
 WHERE p.year = :year AND p.edition = :edition ORDER BY p.name;

-- web_year_areas (year int, edition int, area text) -> many (municipality text, name text, survey text)
-- Of an area: its municipalities, each with its status in the leader survey.
SELECT a.municipality, a.name, (SELECT p.status FROM evaluation.year_party p
                                 WHERE p.year = a.year AND p.edition = a.edition AND p.municipality = a.municipality) AS survey
  FROM evaluation.year_area a WHERE a.year = :year AND a.edition = :edition AND a.area = :area ORDER BY a.name;

-- web_year_gaps (year int, edition int) -> many (kind text, subject text, name_nb text, name_nn text, name_en text)
SELECT g.kind, g.subject, g.name_nb, g.name_nn, g.name_en FROM evaluation.year_gap g
 WHERE g.year = :year AND g.edition = :edition ORDER BY g.place, g.kind, g.subject;

-- web_year_findings (year int, edition int) -> many (id bigint, words text, goal text, session text)
SELECT f.id, f.words, f.goal, f.session FROM evaluation.year_finding f WHERE f.year = :year AND f.edition = :edition ORDER BY f.id;

-- web_year_changes (year int, edition int, from_year int) -> many (finding bigint, kind text, words text, owner_title text, due_on date, state text, note text)
SELECT c.finding, c.kind, c.words, c.owner_title, c.due_on, c.state, c.note FROM evaluation.year_change c
 WHERE c.year = :year AND c.edition = :edition AND c.of_year = :from_year ORDER BY c.id;

-- web_year_uses (year int, edition int) -> many (meeting text, held_on date, title_nb text, title_nn text, title_en text, of_year int, used text, adapted text)
SELECT u.meeting, u.held_on, u.title_nb, u.title_nn, u.title_en, u.of_year, u.used, u.adapted FROM evaluation.year_use u
 WHERE u.year = :year AND u.edition = :edition ORDER BY u.held_on, u.meeting;

-- web_dialogues (year int, compiled_on date) -> many (meeting text, title_nb text, title_nn text, title_en text)
-- Those to come that may use the year's report: of the year and the next.
SELECT d.meeting, d.title_nb, d.title_nn, d.title_en FROM evaluation.dialogue_meeting d
 WHERE d.year IN (:year, :year + 1) AND d.first_day >= :compiled_on ORDER BY d.first_day, d.meeting;

-- web_dialogue (meeting text) -> one (first_day date, area text, municipality text, title_nb text, title_nn text, title_en text)
SELECT d.first_day, d.area, d.municipality, d.title_nb, d.title_nn, d.title_en FROM evaluation.dialogue_meeting d
 WHERE d.meeting = :meeting;

-- web_dialogue_uses (meeting text, year int) -> many (used text, adapted text, recorded_at time)
SELECT u.used, u.adapted, u.recorded_at FROM evaluation.dialogue u
 WHERE u.meeting = :meeting AND u.year = :year ORDER BY u.id DESC LIMIT 20;

-- web_may_use (person bigint, meeting text, day date) -> one (may bool)
-- Whether it has been, and the person may record how it used a report.
SELECT evaluation.may_use(:person, :meeting, :day) AS may;

-- web_use (person bigint, meeting text, year int, used text, adapted text, now time) -> none
SELECT evaluation.used_as(:person, :meeting, :year, :used, :adapted, :now);

-- web_year_follow_ups (year int, edition int) -> many (meeting text, standing text, session text, invited int, answered int)
-- What became of each session's follow-up; session: under which its numbers stand.
SELECT f.meeting, f.standing, t.session, t.invited, t.answered
  FROM evaluation.year_follow_up f
  LEFT JOIN evaluation.year_follow_tally t ON t.year = f.year AND t.edition = f.edition AND f.meeting = ANY (t.about)
 WHERE f.year = :year AND f.edition = :edition ORDER BY f.held_on, f.meeting;

-- web_year_used (year int, edition int) -> many (text_nb text, text_nn text, text_en text, counts int[])
-- What was asked of all, without what was asked about one sub-goal each.
SELECT q.text_nb, q.text_nn, q.text_en, q.counts FROM evaluation.year_follow_question q
 WHERE q.year = :year AND q.edition = :edition AND q.question NOT LIKE '%/%' ORDER BY q.place, q.question, q.version;

-- web_year_used_goals (year int, edition int) -> many (goal text, wording int, counts int[])
SELECT g.goal, g.wording, g.counts FROM evaluation.year_follow_goal g
 WHERE g.year = :year AND g.edition = :edition ORDER BY g.goal, g.wording;
