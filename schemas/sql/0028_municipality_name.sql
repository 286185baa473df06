-- What a municipality is called today, for pages.
SET LOCAL ROLE padriver_owner_register;
CREATE VIEW register.municipality_name AS
  SELECT DISTINCT ON (p.municipality) p.municipality, p.name
    FROM register.municipality_period p ORDER BY p.municipality, p.valid_from DESC;

RESET ROLE;
GRANT USAGE ON SCHEMA register TO padriver_web;
GRANT SELECT ON register.municipality_name TO padriver_web;
