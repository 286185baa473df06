-- Statements of the evaluation daemon.

-- session_of (meeting text) -> one (network text, starts_at time)
SELECT c.network, c.starts_at FROM plan.calendar c WHERE c.meeting = :meeting;

-- goals_in (network text, day date) -> one (goals bigint)
SELECT count(*) FROM plan.network_goals(:network, :day);

-- followed_session (evaluation text) -> one (network text, starts_at time, held bool)
-- None if it is no evaluation of a session.
SELECT e.network, c.starts_at, c.state = 'held' AS held
  FROM evaluation.evaluation e JOIN plan.calendar c ON c.meeting = e.id WHERE e.id = :evaluation;

-- evaluation_add (id text, network text, opened_at time, closes_at time, public_key bytea, follows text) -> none
-- Redo-safe: no row is affected if there is one.
INSERT INTO evaluation.evaluation (id, network, opened_at, closes_at, public_key, follows)
VALUES (:id, :network, :opened_at, :closes_at, :public_key, :follows) ON CONFLICT (id) DO NOTHING;

-- word_sub_goals (network text, day date, follow_up bool) -> none
-- A new version of a sub-goal's question where its words, the form's or the goal's, have changed.
INSERT INTO evaluation.question (id, version, kind, level, text_nb, text_nn, text_en)
SELECT w.id, coalesce(last.version, 0) + 1, w.kind, w.level, w.text_nb, w.text_nn, w.text_en
  FROM (SELECT t.id || '/' || g.goal AS id, t.kind, t.level, replace(t.text_nb, '{goal}', g.text_nb) AS text_nb,
               replace(t.text_nn, '{goal}', g.text_nn) AS text_nn, replace(t.text_en, '{goal}', g.text_en) AS text_en
          FROM evaluation.form f JOIN evaluation.wording t ON t.id = f.question
          JOIN plan.network_goals(:network, :day) g ON g.parent IS NOT NULL
         WHERE f.about = 'sub_goal' AND f.follow_up = :follow_up) w
  LEFT JOIN evaluation.wording last ON last.id = w.id
 WHERE (last.kind, last.level, last.text_nb, last.text_nn, last.text_en)
       IS DISTINCT FROM (w.kind, w.level, w.text_nb, w.text_nn, w.text_en);

-- items_add (evaluation text, network text, day date, follow_up bool) -> none
-- R73: the form's questions about the goal map to the network's (first) goal, those about sub-goals to each of them.
INSERT INTO evaluation.item (evaluation, place, question, version, goal, parent)
SELECT :evaluation, row_number() OVER (ORDER BY f.place, g.goal), w.id, w.version, g.goal, g.parent
  FROM evaluation.form f
  JOIN plan.network_goals(:network, :day) g
    ON CASE f.about WHEN 'sub_goal' THEN g.parent IS NOT NULL
                    ELSE g.goal = (SELECT min(m.goal) FROM plan.network_goals(:network, :day) m WHERE m.parent IS NULL) END
  JOIN evaluation.wording w ON w.id = CASE f.about WHEN 'sub_goal' THEN f.question || '/' || g.goal ELSE f.question END
 WHERE f.follow_up = :follow_up;

-- participants_in (meeting text, day date) -> one (persons bigint[])
-- But those who, as was noted before, were not there.
SELECT coalesce(array_agg(p.person ORDER BY p.person), '{}') FROM plan.participants(:meeting, :day) p
 WHERE NOT EXISTS (SELECT FROM plan.absent a WHERE a.meeting = :meeting AND a.person = p.person);

-- uninvited_in (evaluation text, now time) -> one (persons bigint[])
SELECT coalesce(array_agg(u.person ORDER BY u.person), '{}') FROM evaluation.uninvited(:evaluation, :now) u;

-- followed_by (evaluation text) -> one (persons bigint[])
-- Those who were asked about the session and can be asked again.
SELECT coalesce(array_agg(f.person ORDER BY f.person), '{}') FROM evaluation.followed(:evaluation) f;

-- invitations_add (evaluation text, ids bigint[], persons bigint[]) -> none
INSERT INTO evaluation.invitation (id, evaluation, person, municipality)
SELECT u.id, :evaluation, u.person, p.municipality
  FROM unnest(:ids, :persons) AS u(id, person) LEFT JOIN register.person p ON p.id = u.person;

-- network_lock (evaluation text) -> none
-- Against submit, and against another closing of the same network and kind that would open the same boxes.
SELECT e.id FROM evaluation.evaluation e
 WHERE (e.network, e.follows IS NULL) = (SELECT x.network, x.follows IS NULL FROM evaluation.evaluation x WHERE x.id = :evaluation)
   AND e.tally IS NULL
 ORDER BY e.id FOR UPDATE;

-- evaluation_of (evaluation text) -> one (network text, mode text, state text, threshold int, closes_at time, tally text, survey bool, follow_up bool)
SELECT e.network, e.mode, e.state, e.threshold, e.closes_at, e.tally, e.survey, e.follows IS NOT NULL AS follow_up FROM evaluation.evaluation e WHERE e.id = :evaluation;

-- evaluation_close (evaluation text) -> none
UPDATE evaluation.evaluation SET state = 'closed', (invited, answered) =
  (SELECT count(*), count(*) FILTER (WHERE i.spent) FROM evaluation.invitation i WHERE i.evaluation = :evaluation)
 WHERE id = :evaluation;

-- tally_set (evaluations text[], tally text) -> none
UPDATE evaluation.evaluation SET tally = :tally WHERE id = ANY (:evaluations) AND tally IS DISTINCT FROM :tally;

-- boxes_waiting (evaluation text, network text, follow_up bool) -> many (evaluation text, public_key bytea, threshold int, boxes bigint)
-- The evaluation's own boxes first, then those of closed evaluations of its network that wait for company: of sessions, or of
-- follow-ups; what is said after a session and what is said months later are never counted together.
SELECT e.id, e.public_key, e.threshold, count(*)
  FROM evaluation.evaluation e JOIN evaluation.box b ON b.evaluation = e.id
 WHERE e.id = :evaluation OR e.network = :network AND e.state = 'closed' AND e.tally IS NULL AND (e.follows IS NOT NULL) = :follow_up
 GROUP BY e.id ORDER BY e.id <> :evaluation, e.id;

-- boxes_of (evaluations text[]) -> many (evaluation text, sealed bytea)
SELECT b.evaluation, b.sealed FROM evaluation.box b WHERE b.evaluation = ANY (:evaluations) ORDER BY b.key;

-- boxes_drop (evaluations text[]) -> none
DELETE FROM evaluation.box b WHERE b.evaluation = ANY (:evaluations);

-- respondents_of (evaluations text[]) -> one (persons bigint)
SELECT evaluation.respondents(:evaluations);

-- items_of (evaluations text[], persons int) -> many (evaluation text, name text, question text, version int, goal text, kind text)
-- Those that at least so many persons were asked of whom there are boxes. A wording that changed between two evaluations would
-- else say which of them an answer is from, and too few answered that one.
SELECT i.evaluation, i.name, i.question, i.version, i.goal, q.kind
  FROM evaluation.item i JOIN evaluation.question q ON q.id = i.question AND q.version = i.version
 WHERE i.evaluation = ANY (:evaluations)
   AND (:persons = 0 OR :persons <= (SELECT evaluation.respondents(array_agg(o.evaluation)) FROM evaluation.item o
         WHERE o.evaluation = ANY (:evaluations) AND (o.question, o.version, o.goal) = (i.question, i.version, i.goal)))
 ORDER BY i.evaluation, i.place;

-- answers_add (tally text, questions text[], versions int[], goals text[], answer_values smallint[], answer_words text[]) -> none
INSERT INTO evaluation.answer (tally, question, version, goal, value, words)
SELECT :tally, u.question, u.version, u.goal, u.value, u.words
  FROM unnest(:questions, :versions, :goals, :answer_values, :answer_words) AS u(question, version, goal, value, words);

-- results_add (tally text, questions text[], versions int[], goals text[], answer_values smallint[]) -> none
-- Counts of ratings and "don't know", added to those that stand.
INSERT INTO evaluation.result AS r (tally, question, version, goal, counts)
SELECT :tally, u.question, u.version, u.goal,
       ARRAY[count(*) FILTER (WHERE u.value = 1), count(*) FILTER (WHERE u.value = 2), count(*) FILTER (WHERE u.value = 3),
             count(*) FILTER (WHERE u.value = 4), count(*) FILTER (WHERE u.value = 5), count(*) FILTER (WHERE u.value = 0)]::int[]
  FROM unnest(:questions, :versions, :goals, :answer_values) AS u(question, version, goal, value)
 WHERE u.value IS NOT NULL
 GROUP BY u.question, u.version, u.goal
 ORDER BY u.question, u.version, u.goal
ON CONFLICT (tally, question, version, goal) DO UPDATE SET counts =
  (SELECT array_agg(x.a + x.b ORDER BY x.i) FROM unnest(r.counts, excluded.counts) WITH ORDINALITY AS x(a, b, i));

-- words_part (evaluation text) -> none
SELECT evaluation.part_words(:evaluation);

-- words_drop (tally text) -> none
SELECT evaluation.drop_words(:tally);

-- submission_of (submission bigint) -> one (evaluation text, answer text)
SELECT s.evaluation, s.answer::text FROM evaluation.submission s WHERE s.id = :submission;

-- submissions_count (evaluation text) -> none
-- Results from all answers, whether their events were handled yet or not.
INSERT INTO evaluation.result AS r (tally, question, version, goal, counts)
SELECT i.evaluation, i.question, i.version, i.goal,
       ARRAY[count(*) FILTER (WHERE a.value = '1'), count(*) FILTER (WHERE a.value = '2'), count(*) FILTER (WHERE a.value = '3'),
             count(*) FILTER (WHERE a.value = '4'), count(*) FILTER (WHERE a.value = '5'), count(*) FILTER (WHERE a.value = '0')]::int[]
  FROM evaluation.submission s, jsonb_each(s.answer) a
  JOIN evaluation.item i ON i.evaluation = :evaluation AND i.name = a.key
  JOIN evaluation.question q ON q.id = i.question AND q.version = i.version AND q.kind = 'scale'
 WHERE s.evaluation = :evaluation
 GROUP BY i.evaluation, i.place
ON CONFLICT (tally, question, version, goal) DO UPDATE SET counts = excluded.counts;

-- parts_count (evaluation text) -> none
-- The same by municipality; '' where none is known.
INSERT INTO evaluation.part (tally, question, version, goal, municipality, counts)
SELECT i.evaluation, i.question, i.version, i.goal, coalesce(s.municipality, ''),
       ARRAY[count(*) FILTER (WHERE a.value = '1'), count(*) FILTER (WHERE a.value = '2'), count(*) FILTER (WHERE a.value = '3'),
             count(*) FILTER (WHERE a.value = '4'), count(*) FILTER (WHERE a.value = '5'), count(*) FILTER (WHERE a.value = '0')]::int[]
  FROM evaluation.submission s, jsonb_each(s.answer) a
  JOIN evaluation.item i ON i.evaluation = :evaluation AND i.name = a.key
  JOIN evaluation.question q ON q.id = i.question AND q.version = i.version AND q.kind = 'scale'
 WHERE s.evaluation = :evaluation
 GROUP BY i.evaluation, i.place, coalesce(s.municipality, '');

-- survey_of (survey text) -> one (series text, first_day date, last_day date, goals bigint)
-- goals: main ones on its first day.
SELECT s.series, s.first_day, s.last_day, (SELECT count(*) FROM plan.centre_goals(s.first_day) g WHERE g.parent IS NULL)
  FROM plan.survey s WHERE s.survey = :survey;

-- survey_add (id text, series text, opened_at time, closes_at time, public_key bytea) -> none
-- Redo-safe as evaluation_add.
INSERT INTO evaluation.evaluation (id, network, mode, opened_at, closes_at, public_key, survey)
VALUES (:id, :series, 'municipality', :opened_at, :closes_at, :public_key, true) ON CONFLICT (id) DO NOTHING;

-- survey_word_goals (day date) -> none
-- As word_sub_goals.
INSERT INTO evaluation.question (id, version, kind, level, text_nb, text_nn, text_en)
SELECT w.id, coalesce(last.version, 0) + 1, w.kind, w.level, w.text_nb, w.text_nn, w.text_en
  FROM (SELECT t.id || '/' || g.goal AS id, t.kind, t.level, replace(t.text_nb, '{goal}', g.text_nb) AS text_nb,
               replace(t.text_nn, '{goal}', g.text_nn) AS text_nn, replace(t.text_en, '{goal}', g.text_en) AS text_en
          FROM evaluation.survey_form f JOIN evaluation.wording t ON t.id = f.question
          JOIN plan.centre_goals(:day) g ON g.parent IS NOT NULL
         WHERE f.about = 'sub') w
  LEFT JOIN evaluation.wording last ON last.id = w.id
 WHERE (last.kind, last.level, last.text_nb, last.text_nn, last.text_en)
       IS DISTINCT FROM (w.kind, w.level, w.text_nb, w.text_nn, w.text_en);

-- survey_items_add (survey text, day date) -> none
-- R77, R78: each question maps to the main goal, or to one of its sub-goals.
INSERT INTO evaluation.item (evaluation, place, question, version, goal, parent)
SELECT :survey, row_number() OVER (ORDER BY f.place, g.goal), w.id, w.version, g.goal, g.parent
  FROM evaluation.survey_form f
  JOIN plan.centre_goals(:day) g ON (f.about = 'sub') = (g.parent IS NOT NULL)
  JOIN evaluation.wording w ON w.id = CASE f.about WHEN 'sub' THEN f.question || '/' || g.goal ELSE f.question END;

-- survey_parties (survey text, day date) -> one (parties bigint)
SELECT count(*) FROM evaluation.survey_status(:survey, :day);

-- survey_invite (survey text, ids bigint[], day date) -> one (invited int)
SELECT evaluation.survey_invite(:survey, :ids, :day);
