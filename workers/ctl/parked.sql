-- Parked events: listed from the log's table, retried and dropped through its functions.

-- parked_in (worker_group text, key text) -> many (worker_group text, position bigint, at time, type smallint, key text, actor text, cause bigint, reason text, waits_for bigint, attempts int, parked_at time, retry bool)
-- No group: of all; no key: every key. What a row waits for is the first of its key now.
SELECT p.grp AS worker_group, p.position, p.at, p.type, p.key, p.actor, p.cause, p.reason,
       CASE WHEN p.waits_for IS NOT NULL THEN min(p.position) OVER (PARTITION BY p.grp, p.key) END AS waits_for,
       p.attempts, p.parked_at, p.retry
  FROM log.parked p
 WHERE (:worker_group IS NULL OR p.grp = :worker_group) AND (:key IS NULL OR p.key = :key)
 ORDER BY p.grp, p.position;

-- parked_at_position (worker_group text, position bigint) -> one (at time, type smallint, key text, actor text, cause bigint, body bytea, reason text, waits_for bigint, attempts int, parked_at time, retry bool)
SELECT p.at, p.type, p.key, p.actor, p.cause, p.body, p.reason,
       CASE WHEN p.waits_for IS NOT NULL
            THEN (SELECT min(q.position) FROM log.parked q WHERE q.grp = p.grp AND q.key = p.key) END AS waits_for,
       p.attempts, p.parked_at, p.retry
  FROM log.parked p WHERE p.grp = :worker_group AND p.position = :position;

-- first_parked_of (worker_group text, key text) -> one (position bigint)
-- NULL: nothing of that key is parked.
SELECT min(p.position) AS position FROM log.parked p WHERE p.grp = :worker_group AND p.key = :key;

-- parked_retry (worker_group text, position bigint) -> one (marked int)
SELECT log.retry(:worker_group, :position) AS marked;

-- parked_drop (worker_group text, position bigint) -> one (gone bool)
SELECT log.drop(:worker_group, :position) AS gone;
