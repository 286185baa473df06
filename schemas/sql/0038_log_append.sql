-- Appending is leaner. Its arrays are read side by side instead of gathered in a table first, which copied every body
-- twice: a fifth of an append of a thousand events. One event is a row of VALUES. And log.publish numbers its events
-- itself: a function that changes rights and search path within another that does so costs as much as a small insert.
SET LOCAL ROLE padriver_owner_log;

-- Numbers the events and returns the head before. A part of log.append and log.publish, in their rights and search path.
CREATE FUNCTION log.number(at timestamptz, types smallint[], keys text[], actors text[], causes bigint[], bodies bytea[],
  traceparents text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  submitted CONSTANT smallint := 9;
  head bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'log.append needs READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  PERFORM pg_advisory_xact_lock(7030);
  SELECT e.position INTO head FROM log.event e WHERE e.position >= log.tail() ORDER BY e.position DESC LIMIT 1;
  IF head IS NULL THEN
    SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0) INTO head;
  END IF;
  IF cardinality(types) = 1 THEN
    INSERT INTO log.event (position, at, type, key, actor, cause, body, traceparent)
      VALUES (head + 1, number.at, types[1], keys[1], actors[1], nullif(causes[1], 0), bodies[1],
              CASE WHEN types[1] <> submitted THEN traceparents[1] END);
  ELSE
    INSERT INTO log.event (position, at, type, key, actor, cause, body, traceparent)
      SELECT head + u.ord, number.at, u.type, u.key, u.actor, nullif(u.cause, 0), u.body,
             CASE WHEN u.type <> submitted THEN u.traceparent END
        FROM (SELECT generate_series(1, cardinality(types)) AS ord, unnest(types) AS type, unnest(keys) AS key,
                     unnest(actors) AS actor, unnest(causes) AS cause, unnest(bodies) AS body,
                     unnest(traceparents) AS traceparent) u;
  END IF;
  RETURN head;
END $$;

CREATE OR REPLACE FUNCTION log.append(at timestamptz, types smallint[], keys text[], actors text[], causes bigint[],
  bodies bytea[], traceparents text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;
  RETURN log.number(at, types, keys, actors, causes, bodies, traceparents);
END $$;

-- As before. The broker calls it alone in its transaction, so that no constraint can be deferred.
CREATE OR REPLACE FUNCTION log.publish(at timestamptz, sources text[], numbers bigint[], counts int[],
  types smallint[], keys text[], actors text[], bodies bytea[], traceparents text[] DEFAULT '{}',
  OUT head bigint, OUT skipped int[], OUT firsts int[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  source text := '';       -- the one at hand, and its last number
  last bigint;
  moved boolean := false;  -- it is to be written
  known int;
  start int := 1;
  taken int := 0;
  keep int[] := '{}';      -- the events that are new, where those before them are not
BEGIN
  IF cardinality(sources) = 1 THEN
    UPDATE log.source s SET number = numbers[1] + counts[1] - 1
     WHERE s.name = sources[1] AND s.number = numbers[1] - 1 AND counts[1] > 0;
    IF FOUND THEN
      head := log.number(at, types, keys, actors, '{}', bodies, traceparents);
      skipped := '{0}';
      firsts := '{1}';
      RETURN;
    END IF;
  END IF;
  IF cardinality(sources) > 1 THEN  -- in the order of their names: no deadlock between two callers
    PERFORM log.lock_source(n.name) FROM (SELECT DISTINCT u.name FROM unnest(sources) u(name) WHERE u.name <> ''
                                           ORDER BY u.name) n;
  END IF;
  FOR i IN 1 .. cardinality(sources) LOOP
    known := 0;
    IF sources[i] <> source THEN
      IF moved THEN
        UPDATE log.source s SET number = last WHERE s.name = source;
        moved := false;
      END IF;
      source := sources[i];
      last := CASE WHEN source <> '' THEN log.lock_source(source) END;
    END IF;
    IF source <> '' AND last IS NULL THEN
      known := -2;
    ELSIF source <> '' AND numbers[i] > last + 1 THEN
      known := -1;
    ELSIF source <> '' THEN
      known := least(last + 1 - numbers[i], counts[i]);
      IF known < counts[i] THEN
        last := numbers[i] + counts[i] - 1;
        moved := true;
      END IF;
    END IF;
    skipped[i] := known;
    firsts[i] := 0;
    IF known >= 0 AND known < counts[i] THEN
      firsts[i] := taken + 1;
      IF start + known > taken + 1 THEN
        keep := CASE WHEN keep = '{}' THEN ARRAY(SELECT generate_series(1, taken)) ELSE keep END
                || ARRAY(SELECT generate_series(start + known, start + counts[i] - 1));
      END IF;
      taken := taken + counts[i] - known;
    END IF;
    start := start + counts[i];
  END LOOP;
  IF moved THEN
    UPDATE log.source s SET number = last WHERE s.name = source;
  END IF;
  IF taken = cardinality(types) THEN
    head := log.number(at, types, keys, actors, '{}', bodies, traceparents);
  ELSIF taken > 0 AND keep = '{}' THEN
    head := log.number(at, types[:taken], keys[:taken], actors[:taken], '{}', bodies[:taken], traceparents[:taken]);
  ELSIF taken > 0 THEN
    head := log.number(at, ARRAY(SELECT types[k] FROM unnest(keep) k), ARRAY(SELECT keys[k] FROM unnest(keep) k),
      ARRAY(SELECT actors[k] FROM unnest(keep) k), '{}', ARRAY(SELECT bodies[k] FROM unnest(keep) k),
      CASE WHEN traceparents = '{}' THEN '{}' ELSE ARRAY(SELECT traceparents[k] FROM unnest(keep) k) END);
  ELSE
    head := -1;
  END IF;
END $$;
RESET ROLE;
REVOKE ALL ON FUNCTION log.number FROM PUBLIC;
