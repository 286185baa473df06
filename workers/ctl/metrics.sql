-- What `padriver metrics` asks of the store, as padriver_metrics: it may ask this and nothing else.

-- watch_groups () -> many (name text, behind bigint, oldest_at time, parked bigint, waiting bigint, to_retry bigint)
SELECT g.name, g.behind, g.oldest_at, g.parked, g.waiting, g.to_retry FROM log.watch_groups() g;

-- watch_timers (now time) -> many (owner text, timers bigint, overdue bigint, oldest_at time)
SELECT t.owner, t.timers, t.overdue, t.oldest_at FROM log.watch_timers(:now) t;

-- watch_fired () -> many (type smallint, at time, timers bigint)
SELECT f.type, f.at, f.timers FROM log.watch_fired() f;

-- watch_letters () -> many (owner text, rule text, state text, letters bigint, sent_at time, due_at time)
SELECT 'notice' AS owner, l.rule, l.state, l.letters, l.sent_at, l.due_at FROM notice.watch_letters() l
 UNION ALL
SELECT 'newsletter', l.rule, l.state, l.letters, l.sent_at, l.due_at FROM newsletter.watch_letters() l;

-- watch_store () -> one (head bigint, partitions bigint, bytes bigint, dead_cursors bigint, dead_sources bigint,
--   snapshot_us bigint, snapshot_age bigint)
SELECT s.head, s.partitions, s.bytes, s.dead_cursors, s.dead_sources, s.snapshot_us, s.snapshot_age
  FROM log.watch_store() s;
