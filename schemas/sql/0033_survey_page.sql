GRANT EXECUTE ON FUNCTION evaluation.survey_status TO padriver_web;  -- for those who work in the centre
