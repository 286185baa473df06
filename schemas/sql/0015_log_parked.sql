-- A key with many parked events is retried in time that grows with their number, not with its square: when the first of
-- them goes, the next one alone is marked. waits_for says that a row is not the first of its key; which is, is asked.
SET LOCAL ROLE padriver_owner_log;

-- The first of a key is gone: the next is to be tried, and the others after it in their order.
CREATE OR REPLACE FUNCTION log.free_rest(grp text, k text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE log.parked p SET retry = true, waits_for = NULL
   WHERE p.grp = $1 AND p.position = (SELECT q.position FROM log.parked q WHERE q.grp = $1 AND q.key = $2
                                       ORDER BY q.position LIMIT 1)
$$;

-- A retried row failed again: it stays, with its new reason, and those behind it wait on.
CREATE OR REPLACE FUNCTION log.repark(grp text, pos bigint, why text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE log.parked p SET retry = false, reason = CASE WHEN p.position = pos THEN why ELSE p.reason END,
         attempts = p.attempts + CASE WHEN p.position = pos THEN 1 ELSE 0 END
   WHERE p.grp = repark.grp AND p.key = (SELECT q.key FROM log.parked q WHERE q.grp = repark.grp AND q.position = pos)
     AND p.position >= pos AND (p.retry OR p.position = pos)
$$;

RESET ROLE;
