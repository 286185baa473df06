-- Statements of `padriver survey`.

-- surveys () -> many (survey text, first_day date, last_day date, state text, invited int, answered int, no_recipient int)
-- state: planned until it is opened. no_recipient: parties that the register has nobody to ask for.
SELECT s.survey, s.first_day, s.last_day, coalesce(o.state, 'planned'), o.invited, o.answered, o.parties - o.invited
  FROM plan.survey s
  LEFT JOIN LATERAL (SELECT o.state, o.invited, o.answered,
                            (SELECT count(*)::int FROM evaluation.survey_status(o.evaluation, s.first_day)) AS parties
                       FROM evaluation.overview o WHERE o.evaluation = s.survey) o ON true
 ORDER BY s.first_day, s.survey;

-- survey_days (survey text) -> one (first_day date, last_day date)
SELECT s.first_day, s.last_day FROM plan.survey s WHERE s.survey = :survey;

-- survey_standing (survey text, day date) -> many (municipality text, number text, name text, area text, status text)
SELECT s.municipality, s.number, s.name, s.area, s.status FROM evaluation.survey_status(:survey, :day) s ORDER BY s.number;

-- surveys_ahead (day date) -> many (survey text, first_day date, last_day date)
-- Those that are not over, and not opened.
SELECT s.survey, s.first_day, s.last_day FROM plan.survey s
 WHERE s.last_day >= :day AND NOT EXISTS (SELECT FROM evaluation.overview o WHERE o.evaluation = s.survey) ORDER BY s.survey;
