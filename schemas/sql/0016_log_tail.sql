-- Appending costs the same however long the log is: the head is looked for in the newest partitions alone. A plan over
-- all of them opens each, some 4 µs a partition at every append.
SET LOCAL ROLE padriver_owner_log;

-- Where the partition of the head begins, or began lately: log.extend says it anew. The planner takes it as a constant,
-- so that older partitions are not in the plan; a plan from before looks at more of them, which is as right.
CREATE FUNCTION log.tail() RETURNS bigint
LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 0::bigint $$;

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
  IF log.tail() <> head / width * width THEN
    EXECUTE format('CREATE OR REPLACE FUNCTION log.tail() RETURNS bigint LANGUAGE sql IMMUTABLE SECURITY DEFINER'
                   ' SET search_path = pg_catalog, pg_temp AS ''SELECT %s::bigint''', head / width * width);
  END IF;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION log.append(at timestamptz, types smallint[], keys text[], actors text[], causes bigint[],
  bodies bytea[], traceparents text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  submitted CONSTANT smallint := 9;
  head bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'log.append needs READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  SET CONSTRAINTS ALL IMMEDIATE;
  PERFORM pg_advisory_xact_lock(7030);
  SELECT e.position INTO head FROM log.event e WHERE e.position >= log.tail() ORDER BY e.position DESC LIMIT 1;
  IF head IS NULL THEN
    SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) INTO head;
  END IF;
  INSERT INTO log.event (position, at, type, key, actor, cause, body, traceparent)
    SELECT head + u.ord, append.at, u.type, u.key, u.actor, nullif(u.cause, 0), u.body,
           CASE WHEN u.type <> submitted THEN u.traceparent END
      FROM unnest(types, keys, actors, causes, bodies, traceparents)
           WITH ORDINALITY AS u(type, key, actor, cause, body, traceparent, ord);
  RETURN head;
END $$;

RESET ROLE;
REVOKE ALL ON FUNCTION log.tail FROM PUBLIC;
