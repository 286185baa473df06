-- Statements of the results' pages; the tables themselves are common/evaluation/report.sql.

-- web_held () -> many (meeting text, network text, year int, held_at time, standing text, follow_up text,
--   title_nb text, title_nn text, title_en text, of_nb text, of_nn text, of_en text)
-- Sessions that were held, network by network.
SELECT s.meeting, s.network, s.year, s.held_at, s.standing, s.follow_up, c.title_nb, c.title_nn, c.title_en, c.of_nb, c.of_nn, c.of_en
  FROM evaluation.standing s JOIN plan.calendar c ON c.meeting = s.meeting ORDER BY s.network, s.held_at, s.meeting;

-- web_shown_surveys () -> many (survey text, series text, year int, title_nb text, title_nn text, title_en text)
-- Leader surveys that results are shown of, the newest of each series first.
SELECT r.tally, r.network, r.year, o.title_nb, o.title_nn, o.title_en
  FROM evaluation.report r JOIN evaluation.occasion o ON o.evaluation = r.tally AND o.survey
 WHERE r.scope = 'network' ORDER BY r.network, r.year DESC;

-- web_newest () -> many (session text)
-- The three newest sessions and surveys that results are shown of; one of those that were counted together.
SELECT p.tally AS session FROM evaluation.published p WHERE NOT p.follow_up ORDER BY p.held_at DESC, p.tally LIMIT 3;

-- web_municipalities () -> many (municipality text, name text)
SELECT m.municipality, m.name FROM register.municipality_name m;

-- web_quoted (scope text, session text) -> many (question text, text_nb text, text_nn text, text_en text, words text)
-- What participants wrote, as far as a person has released it.
SELECT w.question, w.text_nb, w.text_nn, w.text_en, w.words FROM evaluation.report_words w
 WHERE w.scope = :scope AND w.subject = :session ORDER BY w.place, w.question, w.version, w.words_id;
