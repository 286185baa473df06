-- The web face: a role that reads what pages show and takes answers, and nothing else.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'padriver_owner_web') THEN
    CREATE ROLE padriver_owner_web NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'padriver_web') THEN
    CREATE ROLE padriver_web LOGIN;
  END IF;
END $$;
CREATE SCHEMA web AUTHORIZATION padriver_owner_web;

SET LOCAL ROLE padriver_owner_plan;

-- The year's plan as everybody may read it. It names nobody. state: planned until it stands in the calendar.
CREATE VIEW plan.year_plan AS
  SELECT a.id, a.year, a.kind, a.method, a.network, a.area, a.municipality, a.body, a.title_nb, a.title_nn, a.title_en,
         coalesce((m.starts_at AT TIME ZONE 'Europe/Oslo')::date, a.first_day) AS first_day,
         coalesce((m.ends_at AT TIME ZONE 'Europe/Oslo')::date, a.last_day) AS last_day,
         to_char(coalesce((m.starts_at AT TIME ZONE 'Europe/Oslo')::time, a.begins), 'HH24.MI') AS begins,
         to_char(coalesce((m.ends_at AT TIME ZONE 'Europe/Oslo')::time, a.ends), 'HH24.MI') AS ends,
         coalesce(m.place, a.place) AS place, coalesce(m.state, 'planned') AS state,
         coalesce(b.name_nb, n.name_nb, r.name, '') AS of_nb, coalesce(b.name_nn, n.name_nn, r.name, '') AS of_nn,
         coalesce(b.name_en, n.name_en, r.name, '') AS of_en
    FROM plan.activity a
    LEFT JOIN plan.meeting m USING (id)
    LEFT JOIN register.body b ON b.id = a.body
    LEFT JOIN register.network n ON n.id = a.network
    LEFT JOIN register.area r ON r.id = a.area;
RESET ROLE;

GRANT USAGE ON SCHEMA log, plan, evaluation TO padriver_web;
GRANT EXECUTE ON FUNCTION log.append TO padriver_web;
GRANT SELECT ON plan.year_plan, plan.calendar TO padriver_web;
GRANT SELECT ON evaluation.paper, evaluation.asked TO padriver_web;
GRANT EXECUTE ON FUNCTION evaluation.submit TO padriver_web;
