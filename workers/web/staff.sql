-- Statements of the staff's lists of what needs a person; how much there is of each is web.needs (common/needs).

-- web_unmarked (now time) -> many (meeting text, ends_at time, title_nb text, title_nn text, title_en text)
SELECT c.meeting, c.ends_at, c.title_nb, c.title_nn, c.title_en FROM plan.calendar c
 WHERE c.network IS NOT NULL AND c.state = 'scheduled' AND c.ends_at <= :now ORDER BY c.ends_at, c.meeting LIMIT 200;

-- web_missing () -> many (meeting text, held_at time, title_nb text, title_nn text, title_en text)
SELECT s.meeting, s.held_at, c.title_nb, c.title_nn, c.title_en
  FROM evaluation.standing s JOIN plan.calendar c ON c.meeting = s.meeting
 WHERE s.standing = 'missing' ORDER BY s.held_at, s.meeting LIMIT 200;

-- web_open () -> many (evaluation text, survey bool, follow_up bool, closes_at time, invited int, answered int, title_nb text,
--   title_nn text, title_en text)
SELECT o.evaluation, c.survey, c.follows IS NOT NULL AS follow_up, o.closes_at, o.invited, o.answered, c.title_nb, c.title_nn, c.title_en
  FROM evaluation.overview o JOIN evaluation.occasion c ON c.evaluation = o.evaluation
 WHERE o.state = 'open' ORDER BY o.closes_at, o.evaluation LIMIT 200;

-- web_undelivered (owner text, id bigint) -> many (owner text, id bigint, rule text, subject text, state text, due_at time, name text,
--   title_nb text, title_nn text, title_en text, message_id text, reply_code int, reply_status text)
-- id 0: all.
SELECT u.owner, u.id, u.rule, u.subject, u.state, u.due_at, u.name, u.title_nb, u.title_nn, u.title_en, u.message_id, u.reply_code,
       u.reply_status
  FROM web.undelivered u WHERE :id = 0 OR (u.owner = :owner AND u.id = :id)
 ORDER BY u.due_at DESC, u.owner, u.id LIMIT 200;

-- web_parked (worker_group text, position bigint) -> many (worker_group text, position bigint, at time, type smallint, key text,
--   reason text, behind bigint, retry bool, title_nb text, title_nn text, title_en text)
-- position 0: all.
SELECT p.grp AS worker_group, p.position, p.at, p.type, p.key, p.reason, p.behind, p.retry, o.title_nb, o.title_nn, o.title_en
  FROM web.parked p
  LEFT JOIN LATERAL (SELECT c.title_nb, c.title_nn, c.title_en FROM evaluation.occasion c WHERE c.evaluation = p.key LIMIT 1) o ON true
 WHERE :position = 0 OR (p.grp = :worker_group AND p.position = :position)
 ORDER BY p.grp, p.position LIMIT 200;

-- web_unshared () -> many (grant_id text, received_ore bigint, reason text)
SELECT u.grant_id, u.received_ore, u.reason FROM web.unshared u ORDER BY u.grant_id LIMIT 200;

-- web_overdue (now time) -> many (id bigint, words text, owner_title text, due_on date, found text)
-- Changes after a year's report that are past their day.
SELECT t.id, t.words, t.owner_title, t.due_on, t.found FROM evaluation.tracked t
 WHERE t.state = 'open' AND t.due_on < (:now AT TIME ZONE 'Europe/Oslo')::date ORDER BY t.due_on, t.id LIMIT 200;
