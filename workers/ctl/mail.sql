-- Letters as operators see them. Ids are QUEUE/NUMBER: notice/12.

-- mail_letters (queue text, id bigint, state text, rule text, subject text) -> many (queue text, id bigint, state text,
--   rule text, subject text, person bigint, occurrence text, recipient text, message_id text, attempts int, due_at time,
--   not_after time, claimed_at time, sent_at time, reply_code int, reply_status text, cause bigint, reason text)
-- What is NULL is not asked for.
SELECT l.queue, l.id, l.state, l.rule, l.subject, l.person, l.occurrence, a.email AS recipient, l.message_id, l.attempts,
       l.due_at, l.not_after, l.claimed_at, l.sent_at, l.reply_code, l.reply_status, l.cause, l.reason
  FROM (SELECT 'notice' AS queue, n.* FROM notice.letter n) l
  LEFT JOIN register.addressee a ON a.person = l.person
 WHERE (:queue IS NULL OR l.queue = :queue) AND (:id = 0 OR l.id = :id) AND (:state IS NULL OR l.state = :state)
   AND (:rule IS NULL OR l.rule = :rule) AND (:subject IS NULL OR l.subject = :subject)
 ORDER BY l.due_at, l.queue, l.id;

-- mail_notice_resend (id bigint, now time) -> one (made bigint)
SELECT notice.resend(:id, :now) AS made;

-- mail_notice_settle (id bigint, outcome text, now time) -> none
SELECT notice.settle(:id, :outcome, :now);
