-- Timers: events that have not happened yet, as operators see them.

-- timers_set (owner text, name text) -> many (id bigint, owner text, name text, due_at time, not_after time, type smallint, body bytea)
-- No owner: of all; name may be the beginning of one.
SELECT t.id, t.owner, t.name, t.due AS due_at, t.not_after, t.type, t.body
  FROM log.timer t
 WHERE (:owner IS NULL OR t.owner = :owner) AND (:name IS NULL OR starts_with(t.name, :name))
 ORDER BY t.due, t.id;

-- timer_move (timer bigint, due time) -> one (found bool)
SELECT log.timer_move(:timer, :due) AS found;

-- timer_remove (timer bigint) -> one (found bool)
SELECT log.timer_remove(:timer) AS found;
