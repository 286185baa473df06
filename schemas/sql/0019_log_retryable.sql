-- Which parked event may be retried next, found by index however many are parked: as an anti-join it could be planned to
-- compare each row of a key with each other.
SET LOCAL ROLE padriver_owner_log;

-- The next row that a person marked for retry in these partitions: always the first of its key.
CREATE OR REPLACE FUNCTION log.retryable(grp text, parts smallint[]) RETURNS SETOF log.parked
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p FROM log.parked p
   WHERE p.grp = retryable.grp AND p.part = ANY (parts) AND p.retry
     AND p.position = (SELECT q.position FROM log.parked q WHERE q.grp = p.grp AND q.key = p.key ORDER BY q.position LIMIT 1)
   ORDER BY p.position LIMIT 1
$$;

RESET ROLE;
