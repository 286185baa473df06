-- Worker groups: made and dropped through the log's functions.

-- groups () -> many (name text, partitions smallint, least bigint, greatest bigint)
SELECT g.name, g.partitions, min(c.position) AS least, max(c.position) AS greatest
  FROM log.worker_group g JOIN log.cursor c ON c.grp = g.name
 GROUP BY g.name, g.partitions ORDER BY g.name;

-- group_add (name text, partitions int, start bigint) -> none
-- Its cursors stand at start; NULL: at the head.
SELECT log.group_add(:name, :partitions, :start);

-- group_exists (name text) -> one (found bool)
SELECT EXISTS (SELECT FROM log.worker_group g WHERE g.name = :name) AS found;

-- group_drop (name text) -> none
SELECT log.group_drop(:name);
