-- The counter's tally. The test makes the table; no constraint refuses a second effect, so that one would be seen.

-- counter_count (grp text, position bigint, key text) -> none
INSERT INTO counter.tally (grp, position, key) VALUES (:grp, :position, :key);

-- counter_trouble (grp text, key text) -> many (kind text)
SELECT t.kind FROM counter.trouble t WHERE t.grp = :grp AND t.key = :key;
