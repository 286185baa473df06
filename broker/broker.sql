-- What the broker asks of the store.

-- broker_session () -> none
-- A partition that was never analysed would be read by Seq Scan and Sort.
SELECT set_config('enable_seqscan', 'off', false);

-- broker_lock () -> one (held bool)
SELECT pg_try_advisory_lock(7031) AS held;

-- broker_head () -> one (head bigint)
SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) AS head;

-- broker_extend () -> one (made int, width bigint)
SELECT log.extend() AS made, log.width() AS width;

-- broker_retire (keep_from time) -> one (retired bigint)
SELECT log.retire(:keep_from) AS retired;

-- broker_index () -> one (indexed bigint)
SELECT log.index_full() AS indexed;

-- broker_publish (at time, sources text[], numbers bigint[], counts int[], types smallint[], keys text[],
--   actors text[], bodies bytea[], traceparents text[]) -> one (head bigint, skipped int[], firsts int[])
SELECT p.head, p.skipped, p.firsts
  FROM log.publish(:at, :sources, :numbers, :counts, :types, :keys, :actors, :bodies, :traceparents) p;

-- broker_source (source text) -> one (number bigint)
SELECT log.source_number(:source) AS number;

-- broker_read (after bigint, most bigint) -> many (position bigint, at time, type smallint, key text, actor text,
--   cause bigint, body bytea, traceparent text)
SELECT e.position, e.at, e.type, e.key, e.actor, e.cause, e.body, e.traceparent
  FROM log.event e WHERE e.position > :after ORDER BY e.position LIMIT :most;

-- broker_page (after bigint, upto bigint, types smallint[], most bigint) -> many (position bigint, at time,
--   type smallint, key text, actor text, cause bigint, body bytea, traceparent text)
SELECT e.position, e.at, e.type, e.key, e.actor, e.cause, e.body, e.traceparent
  FROM log.event e WHERE e.position > :after AND e.position <= :upto AND e.type = ANY (:types)
 ORDER BY e.position LIMIT :most;

-- broker_cursors (grp text) -> many (part smallint, position bigint)
SELECT c.part, c.position FROM log.cursor c WHERE c.grp = :grp ORDER BY c.part;

-- broker_fire (at time, most int) -> one (gone int, fired int, next_at time)
SELECT f.gone, f.fired, f.next AS next_at FROM log.fire(:at, :most) f;

-- broker_unblock () -> one (ended int)
SELECT log.end_idle_appender() AS ended;
