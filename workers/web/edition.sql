-- Statements of the pages where the leader compiles and publishes the year's report.

-- web_report_years (today date) -> many (year int)
-- The years that can be reported on: those in which a session was held.
SELECT DISTINCT s.year FROM evaluation.standing s WHERE s.year <= extract(year FROM :today::date) ORDER BY s.year DESC;

-- web_compile (person bigint, year int, now time) -> one (edition int, again bool)
SELECT c.edition, c.again FROM evaluation.compile_as(:person, :year, :now) c;

-- web_publish (person bigint, year int, edition int, now time) -> one (edition int)
SELECT evaluation.publish_as(:person, :year, :edition, :now) AS edition;
