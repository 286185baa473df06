-- R79: the leader compiles and publishes the year's report in the web face, too. The functions hold that it is the leader.
SET LOCAL ROLE padriver_owner_evaluation;

CREATE FUNCTION evaluation.check_publisher(person bigint, now timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM register.roles_on(person, (now AT TIME ZONE 'Europe/Oslo')::date) r WHERE r.role = 'leader') THEN
    RAISE EXCEPTION 'person % is not the leader, who alone compiles and publishes a report', person USING ERRCODE = 'PD002';
  END IF;
END $$;

-- evaluation.report_compile and report_publish by a person, who is asked for the right.
CREATE FUNCTION evaluation.compile_as(person bigint, of_year int, now timestamptz, OUT edition int, OUT again boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM evaluation.check_publisher(person, now);
  SELECT c.edition, c.again INTO edition, again FROM evaluation.report_compile(of_year, 'person/' || person, now) c;
END $$;

CREATE FUNCTION evaluation.publish_as(person bigint, of_year int, edition int, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM evaluation.check_publisher(person, now);
  RETURN evaluation.report_publish(of_year, edition, 'person/' || person, now);
END $$;

RESET ROLE;
REVOKE ALL ON FUNCTION evaluation.check_publisher, evaluation.compile_as, evaluation.publish_as FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation.compile_as, evaluation.publish_as TO padriver_web;
