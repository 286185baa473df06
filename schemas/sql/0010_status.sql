-- How far the schema has come is for `padriver check` to read. The table is made before any migration runs.
DO $$
BEGIN
  IF to_regclass('public.migration') IS NOT NULL THEN
    GRANT SELECT ON public.migration TO padriver_ctl;
  END IF;
END $$;
