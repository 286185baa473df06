-- How the instance stands: cursors, timers, parked events, letters. Read by status, lag, wait and clock.

-- lags () -> many (worker_group text, part smallint, position bigint, head bigint, oldest_at time, parked bigint)
-- Each cursor beside the head, when the first event that waits for it happened, and what the partition has parked.
SELECT c.grp AS worker_group, c.part, c.position, h.head, e.at AS oldest_at,
       (SELECT count(*) FROM log.parked p WHERE p.grp = c.grp AND p.part = c.part) AS parked
  FROM log.cursor c
  CROSS JOIN (SELECT coalesce((SELECT l.position FROM log.event l ORDER BY l.position DESC LIMIT 1), 0) AS head) h
  LEFT JOIN log.event e ON e.position = c.position + 1
 ORDER BY c.grp, c.part;

-- unfinished (now time) -> one (behind bigint, behind_group text, timers bigint, retries bigint, letters bigint)
-- Idle is when all of these are 0, seen in one snapshot.
SELECT (SELECT count(*) FROM log.cursor c WHERE c.position < h.head) AS behind,
       (SELECT min(c.grp) FROM log.cursor c WHERE c.position < h.head) AS behind_group,
       (SELECT count(*) FROM log.timer t WHERE t.due <= :now) AS timers,
       (SELECT count(*) FROM log.parked p WHERE p.retry) AS retries,
       (SELECT count(*) FROM notice.letter l WHERE l.state = 'claimed' OR (l.state = 'due' AND l.due_at <= :now))
       + (SELECT count(*) FROM newsletter.letter l WHERE l.state = 'claimed' OR (l.state = 'due' AND l.due_at <= :now))
         AS letters
  FROM (SELECT coalesce((SELECT l.position FROM log.event l ORDER BY l.position DESC LIMIT 1), 0) AS head) h;

-- next_due () -> one (due_at time)
-- When the next timer or letter is due; NULL if none is.
SELECT least((SELECT min(t.due) FROM log.timer t),
             (SELECT min(l.due_at) FROM notice.letter l WHERE l.state = 'due'),
             (SELECT min(l.due_at) FROM newsletter.letter l WHERE l.state = 'due')) AS due_at;

-- letters_due_at (due time) -> one (letters bigint)
SELECT (SELECT count(*) FROM notice.letter l WHERE l.state = 'due' AND l.due_at <= :due)
       + (SELECT count(*) FROM newsletter.letter l WHERE l.state = 'due' AND l.due_at <= :due) AS letters;

-- timers_due_by (due time) -> many (owner text, name text, due_at time, type smallint)
SELECT t.owner, t.name, t.due AS due_at, t.type FROM log.timer t WHERE t.due <= :due ORDER BY t.due, t.id LIMIT 1000;

-- letter_states () -> many (queue text, state text, letters bigint)
SELECT 'notice' AS queue, l.state, sum(l.letters)::bigint AS letters FROM notice.watch_letters() l GROUP BY l.state
 UNION ALL
SELECT 'newsletter', l.state, sum(l.letters)::bigint FROM newsletter.watch_letters() l GROUP BY l.state
 ORDER BY 1, 2;

-- log_counts (now time) -> one (head bigint, timers bigint, timers_due bigint, parked bigint)
SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) AS head,
       (SELECT count(*) FROM log.timer) AS timers,
       (SELECT count(*) FROM log.timer t WHERE t.due <= :now) AS timers_due,
       (SELECT count(*) FROM log.parked) AS parked;

-- oldest_snapshot () -> one (us bigint)
-- For how long somebody's transaction has had its snapshot; 0: nobody's does.
SELECT s.snapshot_us AS us FROM log.watch_store() s;

-- releases () -> one (instance text, actor text, at time)
-- The instance that may send; no row as long as no sender ever ran.
SELECT r.instance, r.actor, r.at FROM notice.released r;
