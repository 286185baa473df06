-- One message that follows the last one of its source, as most do where publishers wait for each answer, is two
-- statements instead of five: that was a third of what PostgreSQL spent on it. And an actor has at most a thousand
-- sources, so that nobody fills the store with names: a message of one more is not taken, and skipped is -2.
SET LOCAL ROLE padriver_owner_log;

-- As before; NULL if the actor, whose name is what stands before the first slash, has all the sources he may have.
CREATE OR REPLACE FUNCTION log.lock_source(source text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  most CONSTANT bigint := 1000;
  last bigint;
BEGIN
  SELECT s.number INTO last FROM log.source s WHERE s.name = source FOR UPDATE;
  IF NOT FOUND AND (SELECT count(*) FROM log.source s
                     WHERE starts_with(s.name, split_part(source, '/', 1) || '/')) < most THEN
    INSERT INTO log.source (name, number) VALUES (source, 0) ON CONFLICT DO NOTHING;
    SELECT s.number INTO last FROM log.source s WHERE s.name = source FOR UPDATE;
  END IF;
  RETURN last;
END $$;

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
      head := log.append(at, types, keys, actors, '{}', bodies, traceparents);
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
    head := log.append(at, types, keys, actors, '{}', bodies, traceparents);
  ELSIF taken > 0 AND keep = '{}' THEN
    head := log.append(at, types[:taken], keys[:taken], actors[:taken], '{}', bodies[:taken], traceparents[:taken]);
  ELSIF taken > 0 THEN
    head := log.append(at, ARRAY(SELECT types[k] FROM unnest(keep) k), ARRAY(SELECT keys[k] FROM unnest(keep) k),
      ARRAY(SELECT actors[k] FROM unnest(keep) k), '{}', ARRAY(SELECT bodies[k] FROM unnest(keep) k),
      CASE WHEN traceparents = '{}' THEN '{}' ELSE ARRAY(SELECT traceparents[k] FROM unnest(keep) k) END);
  ELSE
    head := -1;
  END IF;
END $$;
RESET ROLE;
