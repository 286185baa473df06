-- The conditions of notices: asked again in the statement that claims a letter, at most a second before it is sent
-- (promise 5). They run with the sender's own rights: the owner of notice sees no other schema.
-- Who holds a calendar entry for a meeting: was invited, and not told since that it is off.
CREATE VIEW notice.invited AS
  SELECT x.subject AS meeting, x.person
    FROM (SELECT DISTINCT ON (l.subject, l.person) l.subject, l.person, l.rule FROM notice.letter l
           WHERE l.rule IN ('invitation', 'update', 'cancellation') AND l.state IN ('claimed', 'sent', 'uncertain')
           ORDER BY l.subject, l.person, split_part(l.occurrence, '/', 1)::int DESC, l.id DESC) x
   WHERE x.rule <> 'cancellation';

-- A meeting's letters are of one version of it; a cancellation is of one that is off, the others of one that stands.
CREATE FUNCTION notice.meeting_wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT CASE
             WHEN c.version <> split_part(l.occurrence, '/', 1)::int THEN 'the meeting has a newer version'
             WHEN l.rule = 'cancellation' AND c.state <> 'cancelled' THEN 'the meeting stands'
             WHEN l.rule = 'cancellation' THEN ''
             WHEN c.state <> 'scheduled' THEN 'the meeting is ' || c.state
             WHEN NOT EXISTS (
               SELECT FROM plan.participants(c.meeting, (c.starts_at AT TIME ZONE 'Europe/Oslo')::date) p
                WHERE p.person = l.person) THEN 'does not take part any more'
             ELSE '' END
      FROM plan.calendar c WHERE c.meeting = l.subject), 'there is no such meeting')
$$;

-- Who is asked for answers: has not given them, and has not left the network by the day it is due.
CREATE FUNCTION notice.evaluation_wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
           WHEN NOT EXISTS (SELECT FROM evaluation.missing m WHERE m.evaluation = l.subject AND m.person = l.person)
             THEN 'nothing is missing any more'
           WHEN NOT EXISTS (SELECT FROM plan.participants(l.subject, (l.due_at AT TIME ZONE 'Europe/Oslo')::date) p
                             WHERE p.person = l.person) THEN 'does not take part any more'
           ELSE '' END
$$;

-- A grant's letters are of its last version. grant_share's subject is GRANT/NUMBER of the municipality.
CREATE FUNCTION notice.grant_wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  WITH about AS (
    SELECT CASE l.rule WHEN 'grant_share' THEN regexp_replace(l.subject, '/[^/]*$', '') ELSE l.subject END AS grant_id,
           split_part(l.occurrence, '/', 1)::int AS version, (l.due_at AT TIME ZONE 'Europe/Oslo')::date AS day)
  SELECT CASE
           WHEN EXISTS (SELECT FROM budget.share_letter s WHERE s.grant_id = a.grant_id AND s.version > a.version)
             THEN 'the grant has a newer version'
           WHEN l.rule = 'grant_notice' AND NOT EXISTS (SELECT FROM register.body_members('SG', a.day) b WHERE b.person = l.person)
             THEN 'holds no seat any more'
           WHEN l.rule = 'grant_share' AND NOT EXISTS (
             SELECT FROM budget.share_letter s,
                    register.municipality_on(s.municipality, (s.distributed_at AT TIME ZONE 'Europe/Oslo')::date) m,
                    register.recipients_of(s.municipality, a.day) r
              WHERE s.grant_id = a.grant_id AND s.version = a.version AND s.area <> ''
                AND l.subject = a.grant_id || '/' || m.number AND r.person = l.person)
             THEN 'is no contact of the municipality any more'
           ELSE '' END
    FROM about a
$$;

-- NULL: send it; 'suppressed'; else why not.
CREATE FUNCTION notice.wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN NOT EXISTS (SELECT FROM register.addressee a WHERE a.person = l.person) THEN 'there is no such person, or no address'
    WHEN NOT register.may_write(l.person, 'letters') THEN 'suppressed'
    WHEN l.rule IN ('invitation', 'update', 'cancellation', 'reminder') THEN nullif(notice.meeting_wanted(l), '')
    WHEN l.rule IN ('evaluation', 'evaluation_reminder') THEN nullif(notice.evaluation_wanted(l), '')
    WHEN l.rule IN ('grant_share', 'grant_notice') THEN nullif(notice.grant_wanted(l), '')
    ELSE 'no such rule' END
$$;

ALTER VIEW notice.invited OWNER TO padriver_owner_notice;
ALTER FUNCTION notice.wanted OWNER TO padriver_owner_notice;
ALTER FUNCTION notice.meeting_wanted OWNER TO padriver_owner_notice;
ALTER FUNCTION notice.evaluation_wanted OWNER TO padriver_owner_notice;
ALTER FUNCTION notice.grant_wanted OWNER TO padriver_owner_notice;
GRANT SELECT ON notice.invited TO padriver_notifications;
REVOKE ALL ON FUNCTION notice.wanted, notice.meeting_wanted, notice.evaluation_wanted, notice.grant_wanted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notice.wanted, notice.meeting_wanted, notice.evaluation_wanted, notice.grant_wanted
  TO padriver_notifications;
GRANT SELECT ON evaluation.missing TO padriver_ctl;  -- to show a letter
