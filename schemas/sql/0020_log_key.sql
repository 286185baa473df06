-- The events of a key are found by index, however long the log is, and an append pays nothing for it: only a partition
-- that is full gets one, made once and whole. (On the table itself a BRIN costs an append a tenth, a hash a quarter.)
SET LOCAL ROLE padriver_owner_log;

-- Makes the index of the newest full partition that has none, and returns the partition's number; NULL: none wants one,
-- or another session makes one now. Nobody writes to a full partition, so only a vacuum has to make way.
CREATE FUNCTION log.index_full() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
SET max_parallel_maintenance_workers = 0 AS $$
DECLARE
  head CONSTANT bigint := (SELECT e.position FROM log.event e ORDER BY e.position DESC LIMIT 1);
  full_one bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7033) THEN
    RETURN NULL;
  END IF;
  SELECT max(p.n) INTO full_one
    FROM (SELECT substr(c.relname, 7)::bigint AS n FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'log.event'::regclass) p
   WHERE p.n < head / log.width() AND to_regclass(format('log.event_%s_key', p.n)) IS NULL;
  IF full_one IS NOT NULL THEN
    EXECUTE format('CREATE INDEX event_%s_key ON log.event_%s (key, position)', full_one, full_one);
  END IF;
  RETURN full_one;
END $$;

-- A trace asks for these, too: what was booked because of an event, or by a decision; where an event is parked; the
-- letters that it led to.
CREATE INDEX parked_position ON log.parked (position);
RESET ROLE;
SET LOCAL ROLE padriver_owner_budget;
CREATE INDEX voucher_event ON budget.voucher (event_position);
CREATE INDEX voucher_decision ON budget.voucher (decision);
RESET ROLE;
SET LOCAL ROLE padriver_owner_notice;
CREATE INDEX letter_cause ON notice.letter (cause);
RESET ROLE;
SET LOCAL ROLE padriver_owner_newsletter;
CREATE INDEX letter_cause ON newsletter.letter (cause);
RESET ROLE;

REVOKE ALL ON FUNCTION log.index_full FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.index_full TO padriver_broker;
