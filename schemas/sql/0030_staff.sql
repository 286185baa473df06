-- What needs a person, for the start page of staff. Numbers, codes and the names of those whom a letter did not reach.
GRANT USAGE ON SCHEMA log, notice, newsletter, budget TO padriver_owner_web;
GRANT SELECT ON log.parked, notice.letter, newsletter.letter, budget.standing TO padriver_owner_web;
SET LOCAL ROLE padriver_owner_web;

-- Letters that did not get through, or may not have, and were not sent again.
CREATE VIEW web.undelivered AS
  SELECT x.owner, x.id, x.rule, x.subject, x.state, x.due_at, coalesce(a.name, '') AS name
    FROM (SELECT 'notice' AS owner, l.id, l.rule, l.subject, l.person, l.state, l.due_at FROM notice.letter l
           WHERE l.state IN ('refused', 'uncertain', 'held')
             AND NOT EXISTS (SELECT FROM notice.letter r WHERE (r.rule, r.subject, r.person) = (l.rule, l.subject, l.person)
                                AND r.occurrence = l.occurrence || '/resend')
          UNION ALL
          SELECT 'newsletter', l.id, l.rule, l.subject, l.person, l.state, l.due_at FROM newsletter.letter l
           WHERE l.state IN ('refused', 'uncertain', 'held')
             AND NOT EXISTS (SELECT FROM newsletter.letter r WHERE (r.rule, r.subject, r.person) = (l.rule, l.subject, l.person)
                                AND r.occurrence = l.occurrence || '/resend')) x
    LEFT JOIN register.addressee a ON a.person = x.person;

-- Events that a daemon could not handle; behind each, how many of its key wait.
CREATE VIEW web.parked AS
  SELECT p.grp, p.position, p.at, p.type, p.key, p.reason,
         (SELECT count(*) FROM log.parked w WHERE w.grp = p.grp AND w.key = p.key AND w.position > p.position) AS behind
    FROM log.parked p WHERE p.waits_for IS NULL;

-- Money that came and is not shared out under the grant's last letter; or it waits (parked) to be booked at all, with the
-- reason.
CREATE VIEW web.unshared AS
  SELECT coalesce(s.grant_id, p.key) AS grant_id, s.received_ore, p.reason
    FROM (SELECT x.grant_id, x.received_ore FROM budget.standing x
           WHERE x.received_ore > 0 AND (NOT x.standing OR x.shared_letter < x.letter)) s
    FULL JOIN (SELECT DISTINCT ON (x.key) x.key, x.reason FROM log.parked x
                WHERE x.grp = 'budget' AND x.type = 14 ORDER BY x.key, x.position) p ON p.key = s.grant_id;
RESET ROLE;

GRANT SELECT ON web.undelivered, web.parked, web.unshared TO padriver_web;
