-- What the store knows of how it goes, for `padriver metrics`: numbers by group, owner, type and rule; nothing of a
-- person. A login of its own may ask these questions and nothing else.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'padriver_metrics') THEN
    CREATE ROLE padriver_metrics LOGIN;
  END IF;
END $$;
GRANT pg_read_all_stats TO padriver_owner_log;  -- for log.watch_store: whose snapshot is the oldest
SET LOCAL ROLE padriver_owner_log;

-- When timers last fired, by their event's type.
CREATE TABLE log.fired (
  type smallint PRIMARY KEY,
  at timestamptz NOT NULL,
  timers bigint NOT NULL
);

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
    INSERT INTO log.fired AS f (type, at, timers)
      SELECT u.type, fire.now, count(*) FROM unnest(types) u(type) GROUP BY u.type ORDER BY u.type
      ON CONFLICT (type) DO UPDATE SET at = greatest(f.at, excluded.at), timers = f.timers + excluded.timers;
    PERFORM log.append(now, types, keys, actors, causes, bodies, traceparents);
  END IF;
  next := (SELECT min(t.due) FROM log.timer t);
END $$;

-- Each group: how far its last cursor is behind the head, when the first event that waits happened, what is parked.
CREATE FUNCTION log.watch_groups() RETURNS TABLE (name text, behind bigint, oldest_at timestamptz, parked bigint,
  waiting bigint, to_retry bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT g.name, max(h.head - c.position), min(CASE WHEN c.position < h.head
           THEN (SELECT e.at FROM log.event e WHERE e.position = c.position + 1) END),
         (SELECT count(*) FROM log.parked p WHERE p.grp = g.name AND p.waits_for IS NULL),
         (SELECT count(*) FROM log.parked p WHERE p.grp = g.name AND p.waits_for IS NOT NULL),
         (SELECT count(*) FROM log.parked p WHERE p.grp = g.name AND p.retry)
    FROM log.worker_group g JOIN log.cursor c ON c.grp = g.name
   CROSS JOIN (SELECT coalesce((SELECT l.position FROM log.event l ORDER BY l.position DESC LIMIT 1), 0) AS head) h
   GROUP BY g.name ORDER BY g.name
$$;

-- Timers by owner; the first that is over its time.
CREATE FUNCTION log.watch_timers(now timestamptz) RETURNS TABLE (owner text, timers bigint, overdue bigint,
  oldest_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.owner, count(*), count(*) FILTER (WHERE t.due <= now), min(t.due) FILTER (WHERE t.due <= now)
    FROM log.timer t GROUP BY t.owner ORDER BY t.owner
$$;

CREATE FUNCTION log.watch_fired() RETURNS TABLE (type smallint, at timestamptz, timers bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT f.type, f.at, f.timers FROM log.fired f ORDER BY f.type
$$;

-- The server's side: the log's head and size, dead rows of what is updated all the time, and who keeps them from being
-- cleaned away: the oldest transaction that has a snapshot, by the server's own clock, and how many transactions began
-- since the oldest one that anybody still sees (standbys' slots and prepared transactions too).
CREATE FUNCTION log.watch_store(OUT head bigint, OUT partitions bigint, OUT bytes bigint, OUT dead_cursors bigint,
  OUT dead_sources bigint, OUT snapshot_us bigint, OUT snapshot_age bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1), 0), p.partitions, p.bytes,
         pg_stat_get_dead_tuples('log.cursor'::regclass), pg_stat_get_dead_tuples('log.source'::regclass),
         coalesce((SELECT max(extract(epoch FROM clock_timestamp() - a.xact_start) * 1000000)::bigint
                     FROM pg_stat_activity a
                    WHERE a.backend_xmin IS NOT NULL AND a.pid <> pg_backend_pid()
                      AND (a.datname = current_database() OR a.datname IS NULL)), 0),
         coalesce((SELECT max(x.age)::bigint FROM (
                     SELECT age(a.backend_xmin) FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid()
                     UNION ALL SELECT age(s.xmin) FROM pg_replication_slots s
                     UNION ALL SELECT age(t.transaction) FROM pg_prepared_xacts t) x), 0)
    FROM (SELECT count(*) AS partitions, coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)::bigint AS bytes
            FROM pg_inherits i WHERE i.inhparent = 'log.event'::regclass) p
$$;

RESET ROLE;

-- Letters by rule and state: how many, when the last was sent, when the first that waits was due.
SET LOCAL ROLE padriver_owner_notice;
CREATE FUNCTION notice.watch_letters() RETURNS TABLE (rule text, state text, letters bigint, sent_at timestamptz,
  due_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.rule, l.state, count(*), max(l.sent_at), min(l.due_at) FILTER (WHERE l.state IN ('due', 'claimed'))
    FROM notice.letter l GROUP BY l.rule, l.state ORDER BY l.rule, l.state
$$;
RESET ROLE;
SET LOCAL ROLE padriver_owner_newsletter;
CREATE FUNCTION newsletter.watch_letters() RETURNS TABLE (rule text, state text, letters bigint, sent_at timestamptz,
  due_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.rule, l.state, count(*), max(l.sent_at), min(l.due_at) FILTER (WHERE l.state IN ('due', 'claimed'))
    FROM newsletter.letter l GROUP BY l.rule, l.state ORDER BY l.rule, l.state
$$;
RESET ROLE;

REVOKE ALL ON FUNCTION log.watch_groups, log.watch_timers, log.watch_fired, log.watch_store, notice.watch_letters,
  newsletter.watch_letters FROM PUBLIC;
GRANT USAGE ON SCHEMA log, notice, newsletter TO padriver_metrics;
GRANT EXECUTE ON FUNCTION log.watch_groups, log.watch_timers, log.watch_fired, log.watch_store, notice.watch_letters,
  newsletter.watch_letters TO padriver_metrics;
