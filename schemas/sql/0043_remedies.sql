-- What was set aside for a person (a letter that did not get through, an event that could not be handled) is dealt with from
-- the staff's pages, too: by the centre's office, which is asked for here, whoever calls.
GRANT SELECT ON evaluation.occasion, newsletter.issue, register.municipality_period TO padriver_owner_web;
GRANT EXECUTE ON FUNCTION notice.resend, notice.settle, newsletter.resend, newsletter.settle, log.retry, log.drop
  TO padriver_owner_web;
SET LOCAL ROLE padriver_owner_web;

-- As before, and what it is about: a title, or of a municipality's letter its name; and what helps to find it in a mail
-- server's log. Each letter once, whatever it is about.
CREATE OR REPLACE VIEW web.undelivered AS
  SELECT x.owner, x.id, x.rule, x.subject, x.state, x.due_at, coalesce(a.name, '') AS name,
         coalesce(o.title_nb, i.title_nb, m.name, '') AS title_nb, coalesce(o.title_nn, i.title_nn, m.name, '') AS title_nn,
         coalesce(o.title_en, i.title_en, i.title_nb, m.name, '') AS title_en, x.message_id, x.reply_code, x.reply_status
    FROM (SELECT 'notice' AS owner, l.id, l.rule, l.subject, l.person, l.state, l.due_at, l.message_id, l.reply_code, l.reply_status
            FROM notice.letter l
           WHERE l.state IN ('refused', 'uncertain', 'held')
             AND NOT EXISTS (SELECT FROM notice.letter r WHERE (r.rule, r.subject, r.person) = (l.rule, l.subject, l.person)
                                AND r.occurrence = l.occurrence || '/resend')
          UNION ALL
          SELECT 'newsletter', l.id, l.rule, l.subject, l.person, l.state, l.due_at, l.message_id, l.reply_code, l.reply_status
            FROM newsletter.letter l
           WHERE l.state IN ('refused', 'uncertain', 'held')
             AND NOT EXISTS (SELECT FROM newsletter.letter r WHERE (r.rule, r.subject, r.person) = (l.rule, l.subject, l.person)
                                AND r.occurrence = l.occurrence || '/resend')) x
    LEFT JOIN register.addressee a ON a.person = x.person
    LEFT JOIN LATERAL (SELECT c.title_nb, c.title_nn, c.title_en FROM evaluation.occasion c
                        WHERE x.owner = 'notice' AND c.evaluation = x.subject LIMIT 1) o ON true
    LEFT JOIN newsletter.issue i ON x.owner = 'newsletter' AND i.id = x.subject
    LEFT JOIN LATERAL (SELECT p.name FROM register.municipality_period p
                        WHERE x.rule = 'grant_share' AND p.number = regexp_replace(x.subject, '^.*/', '')
                        ORDER BY p.valid_from DESC LIMIT 1) m ON true;

-- As before, and whether it is to be tried again.
CREATE OR REPLACE VIEW web.parked AS
  SELECT p.grp, p.position, p.at, p.type, p.key, p.reason,
         (SELECT count(*) FROM log.parked w WHERE w.grp = p.grp AND w.key = p.key AND w.position > p.position) AS behind, p.retry
    FROM log.parked p WHERE p.waits_for IS NULL;

CREATE FUNCTION web.check_office(person bigint, now timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM register.office_on((now AT TIME ZONE 'Europe/Oslo')::date) o WHERE o.person = $1) THEN
    RAISE EXCEPTION 'person % is not of the centre''s office; ask the leader or the support function', person USING ERRCODE = 'PD002';
  END IF;
END $$;

-- The senders' and the log's own functions by a person, who is asked for the right. queue: notice or newsletter.
CREATE FUNCTION web.resend(person bigint, queue text, id bigint, now timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM web.check_office(person, now);
  RETURN CASE queue WHEN 'notice' THEN notice.resend(id, now) ELSE newsletter.resend(id, now) END;
END $$;

CREATE FUNCTION web.settle(person bigint, queue text, id bigint, outcome text, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM web.check_office(person, now);
  IF queue = 'notice' THEN
    PERFORM notice.settle(id, outcome, now);
  ELSE
    PERFORM newsletter.settle(id, outcome, now);
  END IF;
END $$;

CREATE FUNCTION web.retry(person bigint, grp text, pos bigint, now timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM web.check_office(person, now);
  RETURN pos IS NOT NULL AND log.retry(grp, pos) > 0;
END $$;

CREATE FUNCTION web.give_up(person bigint, grp text, pos bigint, now timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM web.check_office(person, now);
  RETURN log.drop(grp, pos);
END $$;
RESET ROLE;
REVOKE ALL ON FUNCTION web.check_office, web.resend, web.settle, web.retry, web.give_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION web.resend, web.settle, web.retry, web.give_up TO padriver_web;
