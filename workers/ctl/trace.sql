-- What led to what, by causes. Money and letters of a grant have no cause in the log, but a decision in the ledger: it
-- is what led to them, since nothing is booked without one.

-- trace_events (positions bigint[], key text, decided smallint, most int) -> many (position bigint, at time, type smallint, key text, actor text, traceparent text, parent bigint)
-- These positions and all events of the key, each with what led to it; decided: the type of a decision's event. The
-- log is asked once for all decisions, and not if there is none: its newest partition has no index by key.
WITH asked AS MATERIALIZED (
  SELECT e.position, e.at, e.type, e.key, e.actor, e.traceparent, e.cause
    FROM log.event e WHERE e.position = ANY (:positions)
  UNION
  (SELECT e.position, e.at, e.type, e.key, e.actor, e.traceparent, e.cause
     FROM log.event e WHERE e.key = :key ORDER BY e.position LIMIT :most)),
booked AS MATERIALIZED (
  SELECT DISTINCT ON (v.event_position) v.event_position AS position, v.decision
    FROM budget.ledger v
   WHERE v.event_position = ANY (ARRAY(SELECT a.position FROM asked a WHERE a.cause IS NULL)) AND v.code <> 'reversed'
   ORDER BY v.event_position, v.year DESC, v.number DESC),
taken AS MATERIALIZED (
  SELECT d.key, min(d.position) AS position
    FROM log.event d
   WHERE (SELECT count(*) > 0 FROM booked) AND d.key = ANY (ARRAY(SELECT b.decision FROM booked b)) AND d.type = :decided
   GROUP BY d.key)
SELECT a.position, a.at, a.type, a.key, a.actor, a.traceparent,
       coalesce(a.cause, (SELECT t.position FROM booked b JOIN taken t ON t.key = b.decision
                           WHERE b.position = a.position AND t.position <> a.position)) AS parent
  FROM asked a
 ORDER BY a.position;

-- trace_of (trace text, most int) -> many (position bigint)
-- The events of a trace that another system began.
SELECT e.position FROM log.event e WHERE e.traceparent IS NOT NULL AND substr(e.traceparent, 4, 32) = :trace
 ORDER BY e.position LIMIT :most;

-- trace_led_to (positions bigint[], decided smallint, most int) -> many (position bigint)
-- What these events led to.
SELECT e.position FROM log.event e WHERE e.cause = ANY (:positions)
UNION
SELECT l.event_position FROM log.event d
  JOIN budget.ledger l ON l.decision = d.key AND l.code <> 'reversed' AND l.event_position <> d.position
  JOIN log.event e ON e.position = l.event_position AND e.cause IS NULL
 WHERE d.position = ANY (:positions) AND d.type = :decided
 ORDER BY 1 LIMIT :most;

-- trace_leaves (positions bigint[], most int) -> many (node text, id text, parent bigint, rule text, type smallint, subject text, state text, person bigint, at time, message_id text, reason text)
-- Where these events were parked, and the timers and letters that they led to. Type: of the event parked or to come.
SELECT l.node, l.id, l.parent, l.rule, l.type, l.subject, l.state, l.person, l.at, l.message_id, l.reason FROM (
  SELECT 1 AS sort, 0::bigint AS number, 'parked' AS node, p.grp || '/' || p.position AS id, p.position AS parent, NULL AS rule, p.type,
         p.key AS subject, CASE WHEN p.retry THEN 'to be retried' WHEN p.waits_for IS NULL THEN 'parked' ELSE 'waits' END AS state,
         NULL::bigint AS person, p.parked_at AS at, NULL AS message_id, p.reason
    FROM log.parked p WHERE p.position = ANY (:positions)
  UNION ALL
  SELECT 2, t.id, 'timer', t.id::text, t.cause, t.name, t.type, t.key, 'due', NULL, t.due, NULL, NULL
    FROM log.timer t WHERE t.cause = ANY (:positions)
  UNION ALL
  SELECT 3, n.id, 'letter', 'notice/' || n.id, n.cause, n.rule, 0::smallint, n.subject, n.state, n.person, coalesce(n.sent_at, n.due_at),
         n.message_id, n.reason
    FROM notice.letter n WHERE n.cause = ANY (:positions)
  UNION ALL
  SELECT 4, n.id, 'letter', 'newsletter/' || n.id, n.cause, n.rule, 0::smallint, n.subject, n.state, n.person, coalesce(n.sent_at, n.due_at),
         n.message_id, n.reason
    FROM newsletter.letter n WHERE n.cause = ANY (:positions)) l
 ORDER BY l.parent, l.sort, l.number LIMIT :most;
