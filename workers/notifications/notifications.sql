-- Whose letters an event asks for. Each statement names a letter's key once: again it changes nothing.

-- meeting_now (meeting text) -> one (starts_at time, ends_at time, state text, version int, session bool)
SELECT c.starts_at, c.ends_at, c.state, c.version, c.network IS NOT NULL AS session
  FROM plan.calendar c WHERE c.meeting = :meeting;

-- letters_invite (meeting text, version int, day date, now time, not_after time, cause bigint) -> none
-- Those who take part that day and hold no calendar entry yet.
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'invitation', :meeting, p.person, CAST(:version AS text), :now, :not_after, :cause
  FROM plan.participants(:meeting, :day) p
 WHERE NOT EXISTS (SELECT FROM notice.invited i WHERE i.meeting = :meeting AND i.person = p.person)
ON CONFLICT DO NOTHING;

-- letters_update (meeting text, version int, day date, now time, not_after time, cause bigint) -> none
-- Those of them who do.
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'update', :meeting, p.person, CAST(:version AS text), :now, :not_after, :cause
  FROM plan.participants(:meeting, :day) p
  JOIN notice.invited i ON i.meeting = :meeting AND i.person = p.person
ON CONFLICT DO NOTHING;

-- letters_cancel (meeting text, version int, now time, not_after time, cause bigint) -> none
-- All who hold a calendar entry, whether they still take part or not.
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'cancellation', :meeting, i.person, CAST(:version AS text), :now, :not_after, :cause
  FROM notice.invited i WHERE i.meeting = :meeting
ON CONFLICT DO NOTHING;

-- letters_remind (meeting text, version int, day date, now time, not_after time, cause bigint) -> none
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'reminder', :meeting, p.person, CAST(:version AS text), :now, :not_after, :cause
  FROM plan.participants(:meeting, :day) p
ON CONFLICT DO NOTHING;

-- evaluation_now (evaluation text) -> one (opened_at time, closes_at time, survey bool)
-- None when it is closed or nobody is left to ask.
SELECT m.opened_at, m.closes_at, m.respondent IS NOT NULL FROM evaluation.missing m WHERE m.evaluation = :evaluation LIMIT 1;

-- letters_ask (evaluation text, now time, not_after time, cause bigint) -> none
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'evaluation', :evaluation, m.person, '0', :now, :not_after, :cause
  FROM evaluation.missing m WHERE m.evaluation = :evaluation
ON CONFLICT DO NOTHING;

-- letters_remind_missing (evaluation text, days int, now time, not_after time, cause bigint) -> none
-- Those who were asked and have not answered. Who never got the question is not reminded of it.
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'evaluation_reminder', :evaluation, m.person, CAST(:days AS text), :now, :not_after, :cause
  FROM evaluation.missing m
 WHERE m.evaluation = :evaluation
   AND EXISTS (SELECT FROM letter a WHERE a.rule = 'evaluation' AND a.subject = :evaluation AND a.person = m.person
                                      AND a.state IN ('sent', 'uncertain'))
ON CONFLICT DO NOTHING;

-- letters_escalate (survey text, days int, day date, now time, cause bigint) -> none
-- Who coordinates municipalities that have not answered.
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT DISTINCT 'survey_missing', o.evaluation, s.coordinator, CAST(:days AS text), :now, o.closes_at, :cause
  FROM evaluation.overview o, evaluation.survey_status(o.evaluation, :day) s
 WHERE o.evaluation = :survey AND o.state = 'open' AND s.status <> 'answered' AND s.coordinator IS NOT NULL
ON CONFLICT DO NOTHING;

-- letters_share (grant_id text, version int, day date, now time, cause bigint) -> none
-- R86: the municipality that employs the coordinator; the host's own pot concerns no employer.
INSERT INTO letter (rule, subject, person, occurrence, due_at, cause)
SELECT DISTINCT 'grant_share', :grant_id || '/' || m.number, r.person, CAST(:version AS text), :now, :cause
  FROM budget.share_letter s,
       register.municipality_on(s.municipality, (s.distributed_at AT TIME ZONE 'Europe/Oslo')::date) m,
       register.recipients_of(s.municipality, :day) r
 WHERE s.grant_id = :grant_id AND s.version = :version AND s.area <> ''
ON CONFLICT DO NOTHING;

-- letters_grant (grant_id text, version int, body text, day date, now time, cause bigint) -> none
INSERT INTO letter (rule, subject, person, occurrence, due_at, cause)
SELECT 'grant_notice', :grant_id, b.person, CAST(:version AS text), :now, :cause
  FROM register.body_members(:body, :day) b
 WHERE EXISTS (SELECT FROM budget.share_letter s WHERE s.grant_id = :grant_id AND s.version = :version)
ON CONFLICT DO NOTHING;

-- untold_municipalities (grant_id text, version int, day date) -> many (municipality text, nobody bool)
-- Every municipality that has a share; nobody: it employs a coordinator and has no one to tell.
SELECT DISTINCT s.municipality,
       s.area <> '' AND NOT EXISTS (SELECT FROM register.recipients_of(s.municipality, :day)) AS nobody
  FROM budget.share_letter s WHERE s.grant_id = :grant_id AND s.version = :version;

-- letter_sign_in (sign_in text, now time, cause bigint) -> none
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'sign_in', :sign_in, w.person, '0', :now, w.expires_at, :cause FROM web.waiting w WHERE CAST(w.id AS text) = :sign_in
ON CONFLICT DO NOTHING;

-- letter_held (rule text, meeting text, version int, leader bool, day date, now time, cause bigint) -> none
-- To who runs the session, or the leader; where nobody runs it, to the leader.
INSERT INTO letter (rule, subject, person, occurrence, due_at, cause)
SELECT :rule, :meeting, x.person, CAST(:version AS text), :now, :cause
  FROM (SELECT coalesce(CASE WHEN NOT :leader THEN plan.organizer_on(:meeting, :day) END, register.leader_on(:day)) AS person) x
 WHERE x.person IS NOT NULL
ON CONFLICT DO NOTHING;

-- letters_needs (week text, day date, now time, not_after time, cause bigint) -> none
-- To the leader and the support function.
INSERT INTO letter (rule, subject, person, occurrence, due_at, not_after, cause)
SELECT 'needs', :week, o.person, '0', :now, :not_after, :cause FROM register.office_on(:day) o
ON CONFLICT DO NOTHING;

-- needs_timer () -> one (found bool)
SELECT log.timer_is_set('notifications', 'needs') AS found;
