-- What the skeleton of a worker asks of the log.

-- worker_advance (grp text, parts smallint[], froms bigint[], tos bigint[]) -> one (parked bool)
-- The commit of a batch need not wait for the disk: what a crash takes back is cursor, effects and new events
-- together, and it is delivered again.
SELECT log.advance(:grp, :parts, :froms, :tos) AS parked
  FROM (SELECT set_config('synchronous_commit', 'off', true) OFFSET 0) AS settings;

-- worker_parked (grp text, keys text[]) -> many (key text, first bigint)
SELECT p.key, p.first FROM log.parked_of(:grp, :keys) p;

-- worker_park (grp text, parts smallint[], positions bigint[], reasons text[], waits bigint[], at time) -> none
SELECT log.park(:grp, :parts, :positions, :reasons, :waits, :at);

-- worker_retryable (grp text, parts smallint[]) -> one (position bigint, part smallint, at time, type smallint,
--   key text, actor text, cause bigint, body bytea, traceparent text)
SELECT r.position, r.part, r.at, r.type, r.key, r.actor, r.cause, r.body, r.traceparent
  FROM log.retryable(:grp, :parts) r;

-- worker_unpark (grp text, pos bigint) -> none
SELECT log.unpark(:grp, :pos);

-- worker_repark (grp text, pos bigint, why text) -> none
SELECT log.repark(:grp, :pos, :why);
