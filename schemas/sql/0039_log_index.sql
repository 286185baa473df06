-- log.index_full whatever the planner does: where it joined the names of the log's partitions by a hash, it read the number
-- out of the name of every table first, and failed at the first one that bears none.
SET LOCAL ROLE padriver_owner_log;

CREATE OR REPLACE FUNCTION log.index_full() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
SET max_parallel_maintenance_workers = 0 AS $$
DECLARE
  head CONSTANT bigint := (SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1);
  full_one bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7033) THEN
    RETURN NULL;
  END IF;
  WITH partition AS MATERIALIZED (
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'log.event'::regclass)
  SELECT max(p.n) INTO full_one FROM (SELECT substr(t.relname, 7)::bigint AS n FROM partition t) p
   WHERE p.n < head / log.width() AND to_regclass(format('log.event_%s_key', p.n)) IS NULL;
  IF full_one IS NOT NULL THEN
    EXECUTE format('CREATE INDEX event_%s_key ON log.event_%s (key, position)', full_one, full_one);
  END IF;
  RETURN full_one;
END $$;
RESET ROLE;
