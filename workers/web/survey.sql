-- Statements of the survey's page.

-- web_survey (survey text) -> one (title_nb text, title_nn text, title_en text, closes_at time, open bool)
SELECT c.title_nb, c.title_nn, c.title_en, o.closes_at, o.state = 'open' AS open
  FROM evaluation.occasion c JOIN evaluation.overview o USING (evaluation) WHERE c.survey AND c.evaluation = :survey;

-- web_survey_status (survey text, day date) -> many (name text, status text)
SELECT s.name, s.status FROM evaluation.survey_status(:survey, :day) s ORDER BY s.number;
