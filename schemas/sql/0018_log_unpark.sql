-- A parked event that somebody else was quicker with is not handled twice.
SET LOCAL ROLE padriver_owner_log;

-- A retried row succeeded: it goes, and what waited for it is to be tried. PD001 is "fenced": the row is gone already, by
-- another worker's retry (which moves no cursor) or because a person gave it up, so this retry must have no effect.
CREATE OR REPLACE FUNCTION log.unpark(grp text, pos bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE gone log.parked;
BEGIN
  DELETE FROM log.parked p WHERE p.grp = unpark.grp AND p.position = pos RETURNING * INTO gone;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'fenced: event % is parked no longer in group %', pos, grp USING ERRCODE = 'PD001';
  END IF;
  PERFORM log.free_rest(unpark.grp, gone.key);
END $$;
RESET ROLE;
