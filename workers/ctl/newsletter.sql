-- Newsletters as staff write, look at, try out and release them.

-- newsletter_draft (id text, networks text[], areas text[], roles text[], languages text[], title_nb text, title_nn text,
--   title_en text, body_nb text, body_nn text, body_en text, actor text, now time) -> none
SELECT newsletter.draft(:id, :networks, :areas, :roles, :languages, :title_nb, :title_nn, :title_en, :body_nb, :body_nn,
  :body_en, :actor, :now);

-- newsletter_counts (issue text, day date) -> one (released_at time, recipients bigint, nb bigint, nn bigint, en bigint,
--   suppressed bigint, without_address bigint)
-- The audience of an issue that day; of a released one, who was confirmed (recipients).
SELECT i.released_at,
       CASE WHEN i.released_at IS NULL THEN n.good ELSE (SELECT count(*) FROM newsletter.recipient r WHERE r.issue = i.id) END
         AS recipients,
       n.nb, n.nn, n.en, n.suppressed, n.without_address
  FROM newsletter.issue i
 CROSS JOIN LATERAL (
   SELECT count(*) FILTER (WHERE a.why = '') AS good,
          count(*) FILTER (WHERE a.why = '' AND a.language = 'nb') AS nb,
          count(*) FILTER (WHERE a.why = '' AND a.language = 'nn') AS nn,
          count(*) FILTER (WHERE a.why = '' AND a.language = 'en') AS en,
          count(*) FILTER (WHERE a.why = 'suppressed') AS suppressed,
          count(*) FILTER (WHERE a.why = 'no address') AS without_address
     FROM newsletter.audience(i.id, :day) a) n
 WHERE i.id = :issue;

-- newsletter_release (id text, expected int, day date, actor text, now time) -> one (recipients int)
SELECT newsletter.release(:id, :expected, :day, :actor, :now) AS recipients;

-- newsletter_reader (code text) -> one (person bigint)
SELECT p.id AS person FROM register.person p WHERE p.code = :code;

-- newsletter_try (issue text, person bigint, now time) -> one (letter bigint)
SELECT newsletter.test(:issue, :person, :now) AS letter;

-- newsletter_progress () -> many (id text, title_nb text, drafted_at time, released_at time, released_by text,
--   recipients bigint, waiting bigint, sent bigint, uncertain bigint, refused bigint, left_out bigint)
-- waiting: with those whose letter is not written yet.
SELECT p.id, p.title_nb, p.drafted_at, p.released_at, p.released_by, p.recipients,
       p.recipients - p.written + p.waiting AS waiting, p.sent, p.uncertain, p.refused, p.left_out
  FROM newsletter.progress p
 ORDER BY p.released_at NULLS LAST, p.drafted_at, p.id;

-- newsletter_unsubscribe (person bigint, now time) -> one (known bool)
SELECT register.unsubscribe(:person, :now) AS known;
