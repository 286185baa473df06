-- The log's hot functions again, leaner; what they promise is as before. Each statement inside a function costs about
-- as much as appending ten rows, so there are as few as can be, none of them planned anew at each call.
SET LOCAL ROLE padriver_owner_log;

-- Moves a group's cursors, partitions in ascending order (so that no two callers wait for each other); PD001 is
-- "fenced": somebody else did. True if anything of the group is parked.
CREATE OR REPLACE FUNCTION log.advance(grp text, parts smallint[], froms bigint[], tos bigint[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  FOR i IN 1 .. cardinality(parts) LOOP
    IF parts[i] <= parts[i - 1] THEN
      RAISE EXCEPTION 'log.advance takes partitions in ascending order' USING ERRCODE = '22023';
    END IF;
    UPDATE log.cursor c SET position = tos[i]
     WHERE c.grp = advance.grp AND c.part = parts[i] AND c.position = froms[i] AND tos[i] >= froms[i];
    IF NOT FOUND THEN
      RAISE EXCEPTION 'fenced: another worker moved a cursor of group %', grp USING ERRCODE = 'PD001';
    END IF;
  END LOOP;
  RETURN EXISTS (SELECT FROM log.parked p WHERE p.grp = advance.grp);
END $$;

-- The source's row, made if need be and locked: its last number. A part of log.publish, in its rights and search path.
CREATE FUNCTION log.lock_source(source text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE last bigint;
BEGIN
  SELECT s.number INTO last FROM log.source s WHERE s.name = source FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO log.source (name, number) VALUES (source, 0) ON CONFLICT DO NOTHING;
    SELECT s.number INTO last FROM log.source s WHERE s.name = source FOR UPDATE;
  END IF;
  RETURN last;
END $$;

-- Publishes for several numbered sources in one transaction. For each message says how many of its first events were
-- known already (skipped) or, for a gap, -1: then nothing of it was taken; and the place of its first new event among
-- those appended (firsts, from 1; 0: none), whose position is head + place. It never raises for one source's fault.
-- Events come concatenated: counts[i] of message i, the first of them numbered numbers[i]. An empty source name is
-- unnumbered. A source's row is written once, whatever the number of its messages.
DROP FUNCTION log.publish;
DROP FUNCTION log.lock_sources;
CREATE FUNCTION log.publish(at timestamptz, sources text[], numbers bigint[], counts int[],
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
    IF source <> '' AND numbers[i] > last + 1 THEN
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
REVOKE ALL ON FUNCTION log.publish, log.lock_source FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.publish TO padriver_broker;
