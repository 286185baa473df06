-- Retention: the log's oldest partitions leave the table once they are old and everybody is past them. A retired
-- partition is kept in the schema log_archive, for the operator to dump and drop: what asks for it (the broker) can lose
-- nothing by it.
CREATE SCHEMA log_archive AUTHORIZATION padriver_owner_log;
SET LOCAL ROLE padriver_owner_log;

-- Positions in a partition. A test may make it smaller, before there is a partition.
CREATE FUNCTION log.width() RETURNS bigint
LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1000000::bigint $$;

CREATE OR REPLACE FUNCTION log.extend() RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  width CONSTANT bigint := log.width();
  head bigint;
  n bigint;
  made int := 0;
BEGIN
  SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) INTO head;
  FOR n IN head / width .. head / width + 2 LOOP
    IF to_regclass(format('log.event_%s', n)) IS NULL THEN
      EXECUTE format('CREATE TABLE log.event_%s (LIKE log.event INCLUDING ALL)', n);
      EXECUTE format('ALTER TABLE log.event ATTACH PARTITION log.event_%s FOR VALUES FROM (%s) TO (%s)',
                     n, n * width, (n + 1) * width);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END $$;

-- Retires the oldest partition if it is full, its newest event is older than keep_from, an event after it is there (the
-- head stays known, else positions would start again), and no cursor of any group stands inside or before it. Returns
-- its number, or NULL. Parked rows hold copies, so they keep nothing. The table's lock stops everybody while it is
-- waited for: hence the timeout (55P03: somebody reads for long; ask again later), below PostgreSQL's deadlock_timeout.
CREATE FUNCTION log.retire(keep_from timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  first CONSTANT bigint := (SELECT e.position FROM log.event e ORDER BY e.position LIMIT 1);
  n CONSTANT bigint := first / log.width();
  last CONSTANT bigint := (n + 1) * log.width() - 1;
BEGIN
  IF NOT EXISTS (SELECT FROM log.event e WHERE e.position = last AND e.at < keep_from)
     OR NOT EXISTS (SELECT FROM log.event e WHERE e.position = last + 1)
     OR EXISTS (SELECT FROM log.cursor c WHERE c.position < last) THEN
    RETURN NULL;
  END IF;
  LOCK TABLE ONLY log.event IN ACCESS EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM log.cursor c WHERE c.position < last) THEN
    RETURN NULL;  -- of a group made meanwhile: log.group_add reads log.event before it says where it begins
  END IF;
  EXECUTE format('ALTER TABLE log.event DETACH PARTITION log.event_%s', n);
  EXECUTE format('ALTER TABLE log.event_%s SET SCHEMA log_archive', n);
  RETURN n;
END $$;

-- The retired partitions that are still there.
CREATE FUNCTION log.retired() RETURNS TABLE (number bigint, first bigint, last bigint, oldest timestamptz,
  newest timestamptz, bytes bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE there record;
BEGIN
  FOR there IN SELECT c.oid, substr(c.relname, 7)::bigint AS n FROM pg_class c
                WHERE c.relnamespace = 'log_archive'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^event_[0-9]{1,18}$'
                ORDER BY 2 LOOP
    number := there.n;
    bytes := pg_total_relation_size(there.oid);
    EXECUTE format('SELECT e.position, e.at FROM log_archive.event_%s e ORDER BY e.position LIMIT 1', number)
       INTO first, oldest;
    EXECUTE format('SELECT e.position, e.at FROM log_archive.event_%s e ORDER BY e.position DESC LIMIT 1', number)
       INTO last, newest;
    RETURN NEXT;
  END LOOP;
END $$;

-- Drops a retired partition for good. The log itself is out of its reach.
CREATE FUNCTION log.drop_retired(n bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass(format('log.event_%s', n)) IS NOT NULL THEN
    RAISE EXCEPTION 'partition % is part of the log; only what is retired can be dropped: see padriver retired list', n
      USING ERRCODE = 'PD002';
  ELSIF to_regclass(format('log_archive.event_%s', n)) IS NULL THEN
    RAISE EXCEPTION 'there is no retired partition %; see padriver retired list', n USING ERRCODE = 'PD002';
  END IF;
  EXECUTE format('DROP TABLE log_archive.event_%s', n);
END $$;

-- As before, but for what is retired: 0 is the start of what is held, and nothing before that can be begun at.
CREATE OR REPLACE FUNCTION log.group_add(name text, partitions int, start bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head bigint := coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0);
  floor bigint := coalesce((SELECT e.position FROM log.event e ORDER BY e.position LIMIT 1), 1) - 1;
BEGIN
  IF partitions NOT BETWEEN 1 AND 1024 THEN
    RAISE EXCEPTION 'a group has 1 to 1024 partitions, not %', partitions USING ERRCODE = 'PD002';
  ELSIF start NOT BETWEEN 0 AND head THEN
    RAISE EXCEPTION 'position % is not in the log, which ends at %', start, head USING ERRCODE = 'PD002';
  ELSIF start > 0 AND start < floor THEN
    RAISE EXCEPTION 'position % is retired; the oldest that a group can begin at is %', start + 1, floor + 1
      USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO log.worker_group VALUES (name, partitions) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is a group % already; see padriver group list', name USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO log.cursor (grp, part, position)
    SELECT group_add.name, p, greatest(coalesce(start, head), floor) FROM generate_series(0, partitions - 1) p;
END $$;

RESET ROLE;
REVOKE ALL ON FUNCTION log.width, log.retire, log.retired, log.drop_retired FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.width, log.retire TO padriver_broker;
GRANT EXECUTE ON FUNCTION log.retired, log.drop_retired TO padriver_ctl;
