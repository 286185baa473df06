-- Letters as operators see them. Ids are QUEUE/NUMBER: notice/12, newsletter/7.

-- mail_letters (queue text, id bigint, state text, rule text, subject text) -> many (queue text, id bigint, state text,
--   rule text, subject text, person bigint, occurrence text, recipient text, message_id text, attempts int, due_at time,
--   not_after time, claimed_at time, sent_at time, reply_code int, reply_status text, cause bigint, reason text)
-- What is NULL is not asked for.
SELECT l.queue, l.id, l.state, l.rule, l.subject, l.person, l.occurrence, a.email AS recipient, l.message_id, l.attempts,
       l.due_at, l.not_after, l.claimed_at, l.sent_at, l.reply_code, l.reply_status, l.cause, l.reason
  FROM (SELECT 'notice' AS queue, n.* FROM notice.letter n
        UNION ALL SELECT 'newsletter', n.* FROM newsletter.letter n) l
  LEFT JOIN register.addressee a ON a.person = l.person
 WHERE (:queue IS NULL OR l.queue = :queue) AND (:id = 0 OR l.id = :id) AND (:state IS NULL OR l.state = :state)
   AND (:rule IS NULL OR l.rule = :rule) AND (:subject IS NULL OR l.subject = :subject)
 ORDER BY l.due_at, l.queue, l.id;

-- mail_resend (queue text, id bigint, now time) -> one (made bigint)
SELECT CASE :queue WHEN 'notice' THEN notice.resend(:id, :now) ELSE newsletter.resend(:id, :now) END AS made;

-- mail_settle_notice (id bigint, outcome text, now time) -> none
SELECT notice.settle(:id, :outcome, :now);

-- mail_settle_newsletter (id bigint, outcome text, now time) -> none
SELECT newsletter.settle(:id, :outcome, :now);
