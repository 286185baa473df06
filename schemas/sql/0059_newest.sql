-- What was published last stands on the start page. Which that is the web face asks of the tallies themselves: evaluation.report
-- would count all of them twice.
SET LOCAL ROLE padriver_owner_evaluation;
GRANT SELECT (tally, held_at, follow_up) ON evaluation.published TO padriver_web;
RESET ROLE;
