-- Trace context: an event may belong to a trace that another system began (W3C's traceparent). It rides with the
-- event, with what comes of it and with the timers set because of it, unmodified. Most events have none: then the
-- column is NULL and the parameter '{}'. What nobody is to be linked with has none, whoever asks: evaluation_submitted.
SET LOCAL ROLE padriver_owner_log;

ALTER TABLE log.event ADD COLUMN traceparent text;
ALTER TABLE log.timer ADD COLUMN traceparent text;
ALTER TABLE log.parked ADD COLUMN traceparent text;
CREATE INDEX event_trace ON log.event (substr(traceparent, 4, 32)) WHERE traceparent IS NOT NULL;  -- a trace's events

DROP FUNCTION log.append(timestamptz, smallint[], text[], text[], bigint[], bytea[]);
CREATE FUNCTION log.append(at timestamptz, types smallint[], keys text[], actors text[], causes bigint[], bodies bytea[],
  traceparents text[] DEFAULT '{}')
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
  SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) INTO head;
  INSERT INTO log.event (position, at, type, key, actor, cause, body, traceparent)
    SELECT head + u.ord, append.at, u.type, u.key, u.actor, nullif(u.cause, 0), u.body,
           CASE WHEN u.type <> submitted THEN u.traceparent END
      FROM unnest(types, keys, actors, causes, bodies, traceparents)
           WITH ORDINALITY AS u(type, key, actor, cause, body, traceparent, ord);
  RETURN head;
END $$;

DROP FUNCTION log.publish(timestamptz, text[], bigint[], int[], smallint[], text[], text[], bytea[]);
CREATE FUNCTION log.publish(at timestamptz, sources text[], numbers bigint[], counts int[],
  types smallint[], keys text[], actors text[], bodies bytea[], traceparents text[] DEFAULT '{}',
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
    head := log.append(at, types, keys, actors, array_fill(0::bigint, ARRAY[taken]), bodies, traceparents);
  ELSIF taken > 0 THEN
    head := log.append(at, ARRAY(SELECT types[k] FROM unnest(keep) k), ARRAY(SELECT keys[k] FROM unnest(keep) k),
      ARRAY(SELECT actors[k] FROM unnest(keep) k), array_fill(0::bigint, ARRAY[taken]),
      ARRAY(SELECT bodies[k] FROM unnest(keep) k),
      CASE WHEN traceparents = '{}' THEN '{}' ELSE ARRAY(SELECT traceparents[k] FROM unnest(keep) k) END);
  ELSE
    head := -1;
  END IF;
  firsts := ARRAY(SELECT CASE WHEN f > 0 THEN head + f ELSE 0 END FROM unnest(firsts) WITH ORDINALITY AS u(f, o) ORDER BY o);
END $$;

CREATE OR REPLACE FUNCTION log.park(grp text, parts smallint[], positions bigint[], reasons text[], waits bigint[],
  at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.parked (grp, position, part, at, type, key, actor, cause, body, reason, waits_for, attempts, parked_at,
                          traceparent)
    SELECT park.grp, e.position, u.part, e.at, e.type, e.key, e.actor, e.cause, e.body, u.reason, nullif(u.wait, 0),
           CASE WHEN u.wait = 0 THEN 1 ELSE 0 END, park.at, e.traceparent
      FROM unnest(parts, positions, reasons, waits) u(part, position, reason, wait) JOIN log.event e USING (position)
$$;

DROP FUNCTION log.timer_set(text, text, timestamptz, timestamptz, smallint, text, text, bigint, bytea);
CREATE FUNCTION log.timer_set(owner text, name text, due timestamptz, not_after timestamptz, type smallint, key text,
  actor text, cause bigint, body bytea, traceparent text DEFAULT NULL) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.timer (owner, name, due, not_after, type, key, actor, cause, body, traceparent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0), $9, $10)
  ON CONFLICT ON CONSTRAINT timer_owner_name_key DO UPDATE SET due = excluded.due, not_after = excluded.not_after,
    type = excluded.type, key = excluded.key, actor = excluded.actor, cause = excluded.cause, body = excluded.body,
    traceparent = excluded.traceparent
$$;

CREATE OR REPLACE FUNCTION log.fire(now timestamptz, most int, OUT gone int, OUT fired int, OUT next timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  types smallint[]; keys text[]; actors text[]; causes bigint[]; bodies bytea[]; traceparents text[];
BEGIN
  WITH d AS (
    DELETE FROM log.timer t WHERE t.id IN (
      SELECT x.id FROM log.timer x WHERE x.due <= now ORDER BY x.due, x.id LIMIT most FOR UPDATE SKIP LOCKED)
    RETURNING t.*)
  SELECT count(*), count(*) FILTER (WHERE live), array_agg(d.type ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(d.key ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(d.actor ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(coalesce(d.cause, 0) ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(d.body ORDER BY d.due, d.id) FILTER (WHERE live),
         array_agg(d.traceparent ORDER BY d.due, d.id) FILTER (WHERE live)
    INTO gone, fired, types, keys, actors, causes, bodies, traceparents
    FROM (SELECT d.*, (d.not_after IS NULL OR d.not_after >= now) AS live FROM d) d;
  IF fired > 0 THEN
    PERFORM log.append(now, types, keys, actors, causes, bodies, traceparents);
  END IF;
  next := (SELECT min(t.due) FROM log.timer t);
END $$;

RESET ROLE;
REVOKE ALL ON FUNCTION log.append, log.publish, log.timer_set FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.publish TO padriver_broker;
GRANT EXECUTE ON FUNCTION log.append, log.timer_set
  TO padriver_notifications, padriver_evaluation, padriver_budget, padriver_newsletter, padriver_ctl;
