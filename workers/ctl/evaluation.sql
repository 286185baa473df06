-- Statements of `padriver evaluation`.

-- evaluation_paper (invitation bigint) -> one (evaluation text, spent bool, mode text, state text, threshold int, closes_at time, public_key bytea)
SELECT p.evaluation, p.spent, p.mode, p.state, p.threshold, p.closes_at, p.public_key
  FROM evaluation.paper p WHERE p.invitation = :invitation;

-- evaluation_questions (evaluation text) -> many (name text, kind text, goal text, text_nb text, text_nn text, text_en text)
SELECT a.name, a.kind, a.goal, a.text_nb, a.text_nn, a.text_en
  FROM evaluation.asked a WHERE a.evaluation = :evaluation ORDER BY a.place;

-- evaluation_submit (invitation bigint, box bytea, answer text, now time) -> one (evaluation text, mode text, submission bigint)
SELECT s.evaluation, s.mode, s.submission FROM evaluation.submit(:invitation, :box, :answer::jsonb, :now) s;

-- evaluation_written (evaluation text) -> many (id text, question text, goal text, words text, released_by text, released_at time)
SELECT w.words_id, w.question, w.goal, w.words, w.released_by, w.released_at
  FROM evaluation.written w WHERE :evaluation = ANY (w.sessions) ORDER BY w.question, w.words_id;

-- evaluation_release_words (ids text[], who text, now time) -> none
SELECT evaluation.release_words(:ids, :who, :now);

-- evaluation_withdraw_words (ids text[], who text, now time) -> none
SELECT evaluation.withdraw_words(:ids, :who, :now);

-- evaluation_remove_words (ids text[], who text, now time) -> none
SELECT evaluation.remove_words(:ids, :who, :now);

-- evaluation_set_mode (evaluation text, mode text) -> none
SELECT evaluation.set_mode(:evaluation, :mode);

-- evaluations () -> many (evaluation text, network text, mode text, state text, opened_at time, closes_at time, invited int, answered int, hidden bool, kind text, follows text)
SELECT o.evaluation, o.network, o.mode, o.state, o.opened_at, o.closes_at, o.invited, o.answered, o.hidden, o.kind, o.follows
  FROM evaluation.overview o ORDER BY o.opened_at, o.evaluation;

-- evaluation_overview (evaluation text) -> one (network text, mode text, state text, threshold int, closes_at time, invited int, answered int, hidden bool)
SELECT o.network, o.mode, o.state, o.threshold, o.closes_at, o.invited, o.answered, o.hidden
  FROM evaluation.overview o WHERE o.evaluation = :evaluation;

-- evaluation_together (evaluation text) -> many (evaluation text)
-- Those whose answers were too few alone and were opened together with this one's.
SELECT o.evaluation FROM evaluation.overview o
 WHERE o.tally = (SELECT x.tally FROM evaluation.overview x WHERE x.evaluation = :evaluation) AND o.evaluation <> :evaluation
 ORDER BY o.opened_at;

-- evaluation_results (evaluation text) -> many (name text, goal text, text_nb text, text_nn text, text_en text, counts int[])
-- counts is empty where fewer than the threshold rated.
SELECT a.name, a.goal, a.text_nb, a.text_nn, a.text_en, coalesce(r.counts, '{}')
  FROM evaluation.asked a
  LEFT JOIN evaluation.report_question r ON r.scope = 'session' AND r.subject = a.evaluation AND r.municipality IS NULL
                                        AND r.question = a.question AND r.version = a.version
 WHERE a.evaluation = :evaluation AND a.kind = 'scale' ORDER BY a.place;

-- evaluation_goals (evaluation text) -> many (goal text, parent text, counts int[])
SELECT g.goal, g.parent, g.counts FROM evaluation.report_goal g
 WHERE g.scope = 'session' AND g.subject = :evaluation AND g.municipality IS NULL ORDER BY g.goal;
