-- What `padriver log` shows: stretches of the log, oldest first. Type 0 and no key ask for every event.

-- log_ends () -> one (first bigint, head bigint)
-- The oldest position that is held (1 if there is none yet) and the newest. What came before is retired.
SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position LIMIT 1), 1) AS first,
       coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) AS head;

-- flush_log () -> none
-- A commit that writes waits for the disk, and all that was committed before it is then on disk as well: without this, a
-- crash could take back a worker's events that were shown, and put others in their positions.
SELECT pg_logical_emit_message(true, 'padriver', '');

-- events_between (after bigint, upto bigint, type smallint, key text, most bigint) -> many (position bigint, at time, type smallint, key text, actor text, cause bigint, body bytea, traceparent text)
SELECT e.position, e.at, e.type, e.key, e.actor, e.cause, e.body, e.traceparent
  FROM log.event e
 WHERE e.position > :after AND e.position <= :upto
   AND (:type = 0 OR e.type = :type) AND (:key IS NULL OR e.key = :key)
 ORDER BY e.position LIMIT :most;

-- first_of_last (after bigint, upto bigint, type smallint, key text, most bigint) -> one (position bigint)
-- Where the last so many such events begin; NULL if there is none.
SELECT min(l.position) AS position
  FROM (SELECT e.position FROM log.event e
         WHERE e.position > :after AND e.position <= :upto
           AND (:type = 0 OR e.type = :type) AND (:key IS NULL OR e.key = :key)
         ORDER BY e.position DESC LIMIT :most) l;
