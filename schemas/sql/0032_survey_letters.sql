-- The survey's letters: the question and its reminders as for other evaluations, to who answers for a municipality; and
-- before it closes, to each coordinator, which municipalities of the area have not answered.
GRANT SELECT ON evaluation.occasion, register.municipality_name TO padriver_notifications, padriver_ctl;
GRANT SELECT ON evaluation.overview TO padriver_notifications;
GRANT EXECUTE ON FUNCTION evaluation.survey_status TO padriver_notifications;

-- Who is asked for answers: has not given them, and has not left the network, or the municipality's contacts, by the day it
-- is due.
CREATE OR REPLACE FUNCTION notice.evaluation_wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT CASE
             WHEN m.respondent IS NULL AND NOT EXISTS (
               SELECT FROM plan.participants(l.subject, (l.due_at AT TIME ZONE 'Europe/Oslo')::date) p
                WHERE p.person = l.person) THEN 'does not take part any more'
             WHEN m.respondent IS NOT NULL AND NOT EXISTS (
               SELECT FROM register.recipients_of(m.respondent, (l.due_at AT TIME ZONE 'Europe/Oslo')::date) r
                WHERE r.person = l.person) THEN 'is no contact of the municipality any more'
             ELSE '' END
      FROM evaluation.missing m WHERE m.evaluation = l.subject AND m.person = l.person), 'nothing is missing any more')
$$;

-- Who is told of missing municipalities: coordinates one's area, or owns the survey, while it takes answers.
CREATE FUNCTION notice.survey_wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
           WHEN NOT EXISTS (
             SELECT FROM evaluation.survey_status(l.subject, (l.due_at AT TIME ZONE 'Europe/Oslo')::date) s
              WHERE s.coordinator = l.person AND s.status <> 'answered') THEN 'all have answered'
           ELSE '' END
$$;

-- As before, and the coordinator's.
CREATE OR REPLACE FUNCTION notice.wanted(l notice.letter) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN NOT EXISTS (SELECT FROM register.addressee a WHERE a.person = l.person) THEN 'there is no such person, or no address'
    WHEN NOT register.may_write(l.person, 'letters') THEN 'suppressed'
    WHEN l.rule IN ('invitation', 'update', 'cancellation', 'reminder') THEN nullif(notice.meeting_wanted(l), '')
    WHEN l.rule IN ('evaluation', 'evaluation_reminder') THEN nullif(notice.evaluation_wanted(l), '')
    WHEN l.rule = 'survey_missing' THEN nullif(notice.survey_wanted(l), '')
    WHEN l.rule IN ('grant_share', 'grant_notice') THEN nullif(notice.grant_wanted(l), '')
    WHEN l.rule = 'sign_in' THEN CASE
      WHEN NOT EXISTS (SELECT FROM web.waiting w WHERE w.id::text = l.subject AND w.person = l.person)
        THEN 'the link was used, or is too old' END
    ELSE 'no such rule' END
$$;
ALTER FUNCTION notice.survey_wanted OWNER TO padriver_owner_notice;
REVOKE ALL ON FUNCTION notice.survey_wanted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notice.survey_wanted TO padriver_notifications;
