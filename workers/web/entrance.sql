-- Statements of the entrance by QR code.

-- web_entrance (evaluation text) -> one (state text, closes_at time, invited int, answered int, title_nb text, title_nn text,
--   title_en text, starts_at time, follow_up bool)
-- Of a session or its follow-up.
SELECT o.state, o.closes_at, o.invited, o.answered, c.title_nb, c.title_nn, c.title_en, c.starts_at, c.follows IS NOT NULL AS follow_up
  FROM evaluation.overview o JOIN evaluation.occasion c ON c.evaluation = o.evaluation AND NOT c.survey
 WHERE o.evaluation = :evaluation;

-- web_ask_again (evaluation text, address text, now time) -> none
SELECT notice.ask_again(:evaluation, :address, :now);
