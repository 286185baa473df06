-- The log's door for a transaction: its events at the commit, its timers at once.

-- append_events (at time, types smallint[], keys text[], actors text[], causes bigint[], bodies bytea[],
--   traceparents text[]) -> one (head bigint)
SELECT log.append(:at, :types, :keys, :actors, :causes, :bodies, :traceparents) AS head;

-- wait_for_disk () -> none
SELECT set_config('synchronous_commit', 'on', true);

-- set_timer (owner text, name text, due time, not_after time, type smallint, key text, actor text, cause bigint,
--   body bytea, traceparent text) -> none
SELECT log.timer_set(:owner, :name, :due, :not_after, :type, :key, :actor, :cause, :body, :traceparent);

-- drop_timer (owner text, name text) -> none
SELECT log.timer_drop(:owner, :name);
