-- Statements of the evaluation's form.

-- web_paper (invitations bigint[]) -> many (invitation bigint, evaluation text, spent bool, mode text, state text,
--   threshold int, closes_at time, public_key bytea, respondent text, title_nb text, title_nn text, title_en text, starts_at time,
--   follow_up bool)
SELECT p.invitation, p.evaluation, p.spent, p.mode, p.state, p.threshold, p.closes_at, p.public_key,
       p.respondent, o.title_nb, o.title_nn, o.title_en, o.starts_at, o.follows IS NOT NULL AS follow_up
  FROM evaluation.paper p JOIN evaluation.occasion o ON o.evaluation = p.evaluation WHERE p.invitation = ANY (:invitations);

-- web_questions (evaluation text) -> many (name text, kind text, text_nb text, text_nn text, text_en text)
SELECT a.name, a.kind, a.text_nb, a.text_nn, a.text_en
  FROM evaluation.asked a WHERE a.evaluation = :evaluation ORDER BY a.place;

-- web_submit (invitations bigint[], boxes bytea[], answers text[], now time) -> many (evaluation text, mode text, submission bigint)
-- All or none; in the order given. An empty box or answer is none.
SELECT s.evaluation, s.mode, s.submission FROM evaluation.submit_all(:invitations, :boxes, :answers, :now) s;
