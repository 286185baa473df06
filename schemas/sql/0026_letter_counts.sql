-- How many letters there are by rule and state costs what is open, not what was ever sent: a letter that is sent, refused,
-- dropped or suppressed stays so, and is counted when it becomes it. One sender a table closes letters, and a person one
-- now and then, so nobody waits for these rows.
DO $$
DECLARE
  owner text;
BEGIN
  FOREACH owner IN ARRAY ARRAY['notice', 'newsletter'] LOOP
    EXECUTE format('SET LOCAL ROLE padriver_owner_%s', owner);
    EXECUTE replace($sql$
      CREATE INDEX letter_uncertain ON OWNER.letter (id) WHERE state = 'uncertain';
      CREATE TABLE OWNER.closed (
        rule text NOT NULL,
        state text NOT NULL CHECK (state IN ('sent', 'refused', 'dropped', 'suppressed')),
        letters bigint NOT NULL,
        sent_at timestamptz,        -- when the last one was
        PRIMARY KEY (rule, state)
      );

      CREATE FUNCTION OWNER.count_closed() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
      BEGIN
        IF TG_OP = 'UPDATE' THEN
          INSERT INTO OWNER.closed AS c
            SELECT a.rule, a.state, count(*), max(a.sent_at) FROM after a JOIN before b ON b.id = a.id
             WHERE a.state IN ('sent', 'refused', 'dropped', 'suppressed') AND b.state <> a.state
             GROUP BY a.rule, a.state ORDER BY a.rule, a.state
            ON CONFLICT (rule, state) DO UPDATE
              SET letters = c.letters + excluded.letters, sent_at = greatest(c.sent_at, excluded.sent_at);
        ELSE
          INSERT INTO OWNER.closed AS c
            SELECT a.rule, a.state, count(*), max(a.sent_at) FROM after a
             WHERE a.state IN ('sent', 'refused', 'dropped', 'suppressed')
             GROUP BY a.rule, a.state ORDER BY a.rule, a.state
            ON CONFLICT (rule, state) DO UPDATE
              SET letters = c.letters + excluded.letters, sent_at = greatest(c.sent_at, excluded.sent_at);
        END IF;
        RETURN NULL;
      END $body$;
      CREATE TRIGGER count_closed AFTER UPDATE ON OWNER.letter REFERENCING OLD TABLE AS before NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION OWNER.count_closed();
      CREATE TRIGGER count_made AFTER INSERT ON OWNER.letter REFERENCING NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION OWNER.count_closed();
      INSERT INTO OWNER.closed
        SELECT l.rule, l.state, count(*), max(l.sent_at) FROM OWNER.letter l
         WHERE l.state IN ('sent', 'refused', 'dropped', 'suppressed') GROUP BY l.rule, l.state;

      CREATE OR REPLACE FUNCTION OWNER.watch_letters() RETURNS TABLE (rule text, state text, letters bigint,
        sent_at timestamptz, due_at timestamptz)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
        SELECT x.rule, x.state, sum(x.letters)::bigint, max(x.sent_at), min(x.due_at)
          FROM (SELECT l.rule, l.state, 1::bigint AS letters, l.sent_at,
                       CASE l.state WHEN 'due' THEN l.due_at END AS due_at
                  FROM OWNER.letter l WHERE l.state IN ('due', 'held')
                UNION ALL
                SELECT l.rule, l.state, 1, l.sent_at, l.due_at FROM OWNER.letter l WHERE l.state = 'claimed'
                UNION ALL
                SELECT l.rule, l.state, 1, l.sent_at, NULL FROM OWNER.letter l WHERE l.state = 'uncertain'
                UNION ALL
                SELECT c.rule, c.state, c.letters, c.sent_at, NULL FROM OWNER.closed c) x
         GROUP BY x.rule, x.state ORDER BY x.rule, x.state
      $body$;
      REVOKE ALL ON FUNCTION OWNER.count_closed FROM PUBLIC;
      RESET ROLE;
      GRANT EXECUTE ON FUNCTION OWNER.watch_letters TO padriver_ctl;$sql$, 'OWNER', owner);
  END LOOP;
END $$;
