-- The log: the only queue. Positions are consecutive and become visible in their order, because every append
-- numbers under one advisory lock that is held until its commit. Cursors move by compare-and-swap.
SET LOCAL ROLE padriver_owner_log;

CREATE TABLE log.event (
  position bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  type smallint NOT NULL,
  key text NOT NULL,
  actor text NOT NULL DEFAULT '',
  cause bigint,
  body bytea NOT NULL
) PARTITION BY RANGE (position);
CREATE INDEX event_cause ON log.event (cause, position) WHERE cause IS NOT NULL;  -- what an event led to

-- A publisher's own numbering: what is at or below number has been taken.
CREATE TABLE log.source (
  name text PRIMARY KEY,
  number bigint NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE log.worker_group (
  name text PRIMARY KEY,
  partitions smallint NOT NULL CHECK (partitions BETWEEN 1 AND 1024)
);

CREATE TABLE log.cursor (
  grp text NOT NULL REFERENCES log.worker_group ON DELETE CASCADE,
  part smallint NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (grp, part)
) WITH (fillfactor = 10);

-- An event that has not happened yet.
CREATE TABLE log.timer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text NOT NULL,
  name text NOT NULL,
  due timestamptz NOT NULL,
  not_after timestamptz,
  type smallint NOT NULL,
  key text NOT NULL,
  actor text NOT NULL DEFAULT '',
  cause bigint,
  body bytea NOT NULL,
  UNIQUE (owner, name)
);
CREATE INDEX timer_due ON log.timer (due, id);

-- A copy of an event that a group could not handle, or that waits behind one of its key.
CREATE TABLE log.parked (
  grp text NOT NULL REFERENCES log.worker_group ON DELETE CASCADE,
  position bigint NOT NULL,
  part smallint NOT NULL,
  at timestamptz NOT NULL,
  type smallint NOT NULL,
  key text NOT NULL,
  actor text NOT NULL,
  cause bigint,
  body bytea NOT NULL,
  reason text NOT NULL,
  waits_for bigint,            -- the position of its key that is in the way; NULL: it is the one
  attempts int NOT NULL,
  parked_at timestamptz NOT NULL,
  retry boolean NOT NULL DEFAULT false,
  PRIMARY KEY (grp, position)
);
CREATE INDEX parked_key ON log.parked (grp, key, position);
CREATE INDEX parked_retry ON log.parked (grp, position) WHERE retry;

-- Partitions of the table are fixed ranges, made ahead of the head. Made loose and then attached, which does not
-- stop readers or appenders.
CREATE FUNCTION log.extend() RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  width CONSTANT bigint := 1000000;
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
SELECT log.extend();

-- Appends and returns the head before: the events got head+1 and on. The lock is taken in a statement of its own, so
-- that the one that reads the head has a snapshot from after it.
CREATE FUNCTION log.append(at timestamptz, types smallint[], keys text[], actors text[], causes bigint[], bodies bytea[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE head bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'log.append needs READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  SET CONSTRAINTS ALL IMMEDIATE;
  PERFORM pg_advisory_xact_lock(7030);
  SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) INTO head;
  INSERT INTO log.event (position, at, type, key, actor, cause, body)
    SELECT head + u.ord, append.at, u.type, u.key, u.actor, nullif(u.cause, 0), u.body
      FROM unnest(types, keys, actors, causes, bodies) WITH ORDINALITY AS u(type, key, actor, cause, body, ord);
  RETURN head;
END $$;

-- Publishes for several numbered sources in one transaction; for each says how many of its first events were known
-- already (skipped) or, for a gap, -1: then nothing of that source was taken. It never raises for one source's fault.
-- Events come concatenated: counts[i] of source i, the first of them numbered numbers[i]. An empty source name is unnumbered.
CREATE FUNCTION log.publish(at timestamptz, sources text[], numbers bigint[], counts int[],
  types smallint[], keys text[], actors text[], bodies bytea[],
  OUT head bigint, OUT skipped int[], OUT firsts bigint[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  i int;
  last bigint;
  start int := 1;
  known int;
  taken int := 0;
  keep int[] := '{}';
BEGIN
  PERFORM log.lock_sources(sources);
  skipped := '{}';
  firsts := '{}';
  FOR i IN 1 .. cardinality(sources) LOOP
    known := 0;
    IF sources[i] <> '' THEN
      SELECT s.number INTO STRICT last FROM log.source s WHERE s.name = sources[i];
      IF numbers[i] > last + 1 THEN
        known := -1;
      ELSE
        known := least(last + 1 - numbers[i], counts[i]);
        IF known < counts[i] THEN
          UPDATE log.source s SET number = numbers[i] + counts[i] - 1 WHERE s.name = sources[i];
        END IF;
      END IF;
    END IF;
    skipped := skipped || known;
    IF known >= 0 AND known < counts[i] THEN
      firsts := firsts || taken + 1::bigint;
      taken := taken + counts[i] - known;
      keep := keep || ARRAY(SELECT generate_series(start + known, start + counts[i] - 1));
    ELSE
      firsts := firsts || 0::bigint;
    END IF;
    start := start + counts[i];
  END LOOP;
  IF taken = cardinality(types) THEN
    head := log.append(at, types, keys, actors, array_fill(0::bigint, ARRAY[taken]), bodies);
  ELSIF taken > 0 THEN
    head := log.append(at, ARRAY(SELECT types[k] FROM unnest(keep) k), ARRAY(SELECT keys[k] FROM unnest(keep) k),
      ARRAY(SELECT actors[k] FROM unnest(keep) k), array_fill(0::bigint, ARRAY[taken]),
      ARRAY(SELECT bodies[k] FROM unnest(keep) k));
  ELSE
    head := -1;
  END IF;
  firsts := ARRAY(SELECT CASE WHEN f > 0 THEN head + f ELSE 0 END FROM unnest(firsts) WITH ORDINALITY AS u(f, o) ORDER BY o);
END $$;

-- The rows of the sources, made if need be and locked in the order of their names (no deadlock between two callers).
CREATE FUNCTION log.lock_sources(sources text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO log.source (name, number)
    SELECT DISTINCT n, 0 FROM unnest(sources) n WHERE n <> '' ORDER BY 1 ON CONFLICT DO NOTHING;
  PERFORM FROM log.source s WHERE s.name = ANY (sources) ORDER BY s.name FOR UPDATE;
END $$;

CREATE FUNCTION log.source_number(source text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT s.number FROM log.source s WHERE s.name = source), 0)
$$;

-- Moves a group's cursors; PD001 is "fenced": somebody else did. True if anything of the group is parked.
CREATE FUNCTION log.advance(grp text, parts smallint[], froms bigint[], tos bigint[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE moved int;
BEGIN
  PERFORM FROM log.cursor c WHERE c.grp = advance.grp AND c.part = ANY (parts) ORDER BY c.part FOR UPDATE;
  UPDATE log.cursor c SET position = u.t FROM unnest(parts, froms, tos) u(p, f, t)
   WHERE c.grp = advance.grp AND c.part = u.p AND c.position = u.f AND u.t >= u.f;
  GET DIAGNOSTICS moved = ROW_COUNT;
  IF moved <> cardinality(parts) THEN
    RAISE EXCEPTION 'fenced: another worker moved a cursor of group %', grp USING ERRCODE = 'PD001';
  END IF;
  RETURN EXISTS (SELECT FROM log.parked p WHERE p.grp = advance.grp);
END $$;

-- Parks events of the log in a group, in the transaction that moves its cursor past them.
CREATE FUNCTION log.park(grp text, parts smallint[], positions bigint[], reasons text[], waits bigint[], at timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.parked (grp, position, part, at, type, key, actor, cause, body, reason, waits_for, attempts, parked_at)
    SELECT park.grp, e.position, u.part, e.at, e.type, e.key, e.actor, e.cause, e.body, u.reason, nullif(u.wait, 0),
           CASE WHEN u.wait = 0 THEN 1 ELSE 0 END, park.at
      FROM unnest(parts, positions, reasons, waits) u(part, position, reason, wait) JOIN log.event e USING (position)
$$;

-- Of these keys, those that are parked, each with the position that is in the way.
CREATE FUNCTION log.parked_of(grp text, keys text[]) RETURNS TABLE (key text, first bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.key, min(p.position) FROM log.parked p WHERE p.grp = parked_of.grp AND p.key = ANY (keys) GROUP BY p.key
$$;

-- The next row that a person marked for retry in these partitions: always the first of its key.
CREATE FUNCTION log.retryable(grp text, parts smallint[]) RETURNS SETOF log.parked
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p FROM log.parked p
   WHERE p.grp = retryable.grp AND p.part = ANY (parts) AND p.retry
     AND NOT EXISTS (SELECT FROM log.parked q WHERE q.grp = p.grp AND q.key = p.key AND q.position < p.position)
   ORDER BY p.position LIMIT 1
$$;

-- Whoever changes what is parked holds the partition's cursor, as a batch does, so that no batch parks behind a row that
-- is just going.
CREATE FUNCTION log.lock_cursors(grp text, k text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT FROM log.cursor c
   WHERE c.grp = $1 AND (k IS NULL OR c.part IN (SELECT p.part FROM log.parked p WHERE p.grp = $1 AND p.key = $2))
   ORDER BY c.part FOR UPDATE
$$;

-- A retried row succeeded: it goes, and what waited for it is to be tried.
CREATE FUNCTION log.unpark(grp text, pos bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE gone log.parked;
BEGIN
  DELETE FROM log.parked p WHERE p.grp = unpark.grp AND p.position = pos RETURNING * INTO gone;
  PERFORM log.free_rest(unpark.grp, gone.key);
END $$;

-- A retried row failed again: it stays, with its new reason, and those behind it wait on.
CREATE FUNCTION log.repark(grp text, pos bigint, why text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE log.parked p SET retry = false, reason = CASE WHEN p.position = pos THEN why ELSE p.reason END,
         attempts = p.attempts + CASE WHEN p.position = pos THEN 1 ELSE 0 END
   WHERE p.grp = repark.grp AND p.key = (SELECT q.key FROM log.parked q WHERE q.grp = repark.grp AND q.position = pos)
     AND p.position >= pos
$$;

-- The first of a key is gone: the others are to be tried in their order, each waits for the new first one.
CREATE FUNCTION log.free_rest(grp text, k text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE log.parked p SET retry = true, waits_for = nullif(f.first, p.position)
    FROM (SELECT min(q.position) AS first FROM log.parked q WHERE q.grp = $1 AND q.key = $2) f
   WHERE p.grp = $1 AND p.key = $2
$$;

-- A person asks for a retry: all rows of the key of the given one, in order; without position all of the group. Returns
-- how many were marked.
CREATE FUNCTION log.retry(grp text, pos bigint) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k text := (SELECT p.key FROM log.parked p WHERE p.grp = retry.grp AND p.position = pos);
  n int;
BEGIN
  IF pos IS NOT NULL AND k IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM log.lock_cursors(retry.grp, k);
  UPDATE log.parked p SET retry = true WHERE p.grp = retry.grp AND (k IS NULL OR p.key = k);
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;

-- A person gives a parked event up. What waited for it is to be tried. False: no such row.
CREATE FUNCTION log.drop(grp text, pos bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k text := (SELECT p.key FROM log.parked p WHERE p.grp = "drop".grp AND p.position = pos);
  gone log.parked;
BEGIN
  IF k IS NULL THEN
    RETURN false;
  END IF;
  PERFORM log.lock_cursors("drop".grp, k);
  DELETE FROM log.parked p WHERE p.grp = "drop".grp AND p.position = pos RETURNING * INTO gone;
  IF gone.position IS NOT NULL AND gone.waits_for IS NULL THEN
    PERFORM log.free_rest("drop".grp, k);
  END IF;
  RETURN gone.position IS NOT NULL;
END $$;

-- Timers. Set again under the same name, a timer moves.
CREATE FUNCTION log.timer_set(owner text, name text, due timestamptz, not_after timestamptz, type smallint, key text,
  actor text, cause bigint, body bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.timer (owner, name, due, not_after, type, key, actor, cause, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0), $9)
  ON CONFLICT ON CONSTRAINT timer_owner_name_key DO UPDATE SET due = excluded.due, not_after = excluded.not_after,
    type = excluded.type, key = excluded.key, actor = excluded.actor, cause = excluded.cause, body = excluded.body
$$;

CREATE FUNCTION log.timer_drop(owner text, name text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH d AS (DELETE FROM log.timer t WHERE t.owner = $1 AND t.name = $2 RETURNING 1) SELECT EXISTS (SELECT FROM d)
$$;

CREATE FUNCTION log.timer_move(timer bigint, due timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH u AS (UPDATE log.timer t SET due = $2 WHERE t.id = $1 RETURNING 1) SELECT EXISTS (SELECT FROM u)
$$;

CREATE FUNCTION log.timer_remove(timer bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH d AS (DELETE FROM log.timer t WHERE t.id = $1 RETURNING 1) SELECT EXISTS (SELECT FROM d)
$$;

-- Turns due timers into events, once, whoever asks; those past not_after just go. Says how many went, how many of them
-- fired, and when the next is due.
CREATE FUNCTION log.fire(now timestamptz, most int, OUT gone int, OUT fired int, OUT next timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  types smallint[]; keys text[]; actors text[]; causes bigint[]; bodies bytea[];
BEGIN
  WITH d AS (
    DELETE FROM log.timer t WHERE t.id IN (
      SELECT x.id FROM log.timer x WHERE x.due <= now ORDER BY x.due, x.id LIMIT most FOR UPDATE SKIP LOCKED)
    RETURNING t.*)
  SELECT count(*), count(*) FILTER (WHERE live), array_agg(d.type ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(d.key ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(d.actor ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(coalesce(d.cause, 0) ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(d.body ORDER BY d.due, d.id) FILTER (WHERE live)
    INTO gone, fired, types, keys, actors, causes, bodies
    FROM (SELECT d.*, (d.not_after IS NULL OR d.not_after >= now) AS live FROM d) d;
  IF fired > 0 THEN
    PERFORM log.append(now, types, keys, actors, causes, bodies);
  END IF;
  next := (SELECT min(t.due) FROM log.timer t);
END $$;

-- Groups are made, not assumed: cursors start where the operator says; without start at the head.
CREATE FUNCTION log.group_add(name text, partitions int, start bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head bigint := coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0);
BEGIN
  IF partitions NOT BETWEEN 1 AND 1024 THEN
    RAISE EXCEPTION 'a group has 1 to 1024 partitions, not %', partitions USING ERRCODE = 'PD002';
  ELSIF start NOT BETWEEN 0 AND head THEN
    RAISE EXCEPTION 'position % is not in the log, which ends at %', start, head USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO log.worker_group VALUES (name, partitions) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is a group % already; see padriver group list', name USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO log.cursor (grp, part, position)
    SELECT group_add.name, p, coalesce(start, head) FROM generate_series(0, partitions - 1) p;
END $$;

CREATE FUNCTION log.group_drop(name text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH d AS (DELETE FROM log.worker_group g WHERE g.name = $1 RETURNING 1) SELECT EXISTS (SELECT FROM d)
$$;

-- Ends whoever holds the append lock and has kept the server waiting for over two seconds (a client stopped between
-- append and commit). Returns how many were ended. Needs pg_signal_backend and pg_read_all_stats; runs with the caller's
-- rights for that reason. The idle are found before any is ended: an optimiser may not swap the two.
CREATE FUNCTION log.end_idle_appender() RETURNS int
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  WITH idle AS MATERIALIZED (
    SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = 7030 AND l.granted
       AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
       AND a.wait_event = 'ClientRead' AND clock_timestamp() - a.state_change > interval '2 seconds')
  SELECT count(*)::int FROM (SELECT pg_terminate_backend(i.pid) AS ended FROM idle i OFFSET 0) t WHERE t.ended
$$;

RESET ROLE;
GRANT pg_signal_backend, pg_read_all_stats TO padriver_broker;

-- Who may do what. Reading the log is for the broker and the command; each function is granted by name.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT USAGE ON SCHEMA log TO padriver_broker, padriver_notifications, padriver_evaluation, padriver_budget,
  padriver_newsletter, padriver_ctl;
GRANT SELECT ON log.event, log.cursor TO padriver_broker;
GRANT SELECT ON log.event, log.worker_group, log.cursor, log.timer, log.parked TO padriver_ctl;
GRANT EXECUTE ON FUNCTION log.publish, log.source_number, log.fire, log.extend, log.end_idle_appender
  TO padriver_broker;
GRANT EXECUTE ON FUNCTION log.append, log.advance, log.park, log.parked_of, log.retryable, log.unpark, log.repark,
  log.timer_set, log.timer_drop
  TO padriver_notifications, padriver_evaluation, padriver_budget, padriver_newsletter;
GRANT EXECUTE ON FUNCTION log.append, log.retry, log.drop, log.timer_set, log.timer_drop, log.timer_move, log.timer_remove,
  log.group_add, log.group_drop
  TO padriver_ctl;
