-- The letters of whoever's schema the session's search path begins with.

-- hold_sender () -> one (mine bool, fresh bool)
-- Whether this session is the one sender of the table; fresh: it was not until now.
SELECT CASE WHEN h.held THEN true ELSE pg_try_advisory_lock(7031, 'letter'::regclass::oid::int) END AS mine,
       NOT h.held AS fresh
  FROM (SELECT EXISTS (
         SELECT FROM pg_locks k
          WHERE k.locktype = 'advisory' AND k.pid = pg_backend_pid() AND k.granted
            AND k.classid = 7031 AND k.objid = 'letter'::regclass::oid AND k.objsubid = 2) AS held) h;

-- adopt_store (instance text, now time) -> one (may_send bool)
SELECT notice.adopt(:instance, :now) AS may_send;

-- is_older (seen time) -> one (older bool)
-- Whether the store knows less than this instance has done, and nobody has released or held it since.
SELECT coalesce((SELECT max(l.claimed_at) FROM letter l) < :seen, true)
       AND NOT EXISTS (SELECT FROM notice.released r WHERE r.at >= :seen) AS older;

-- hold_store (now time) -> none
SELECT notice.hold(:now);

-- left_letters (claim text) -> many (id bigint, claim text)
-- What a sender before us left behind, and what another sender meanwhile took for left behind by us.
SELECT l.id, l.claim FROM letter l
 WHERE l.state = 'claimed' OR l.state = 'uncertain' AND l.claim = :claim
 ORDER BY l.id;

-- claim_letters (now time, most int, attempts int, instance text, claim text, domain text) ->
--   many (id bigint, state text, person bigint, cause bigint, rule text, subject text, occurrence text, message_id text)
-- T1: locks what is due, checks the instance and the owner's condition, and marks, in one statement.
WITH due AS (
  SELECT l.id, r.released, l.attempts >= :attempts AS tired,
         CASE WHEN l.not_after < :now THEN 'its time has passed' ELSE wanted(l) END AS why
    FROM letter l, (SELECT EXISTS (SELECT FROM notice.released x WHERE x.instance = :instance) AS released) r
   WHERE l.state IN ('due', 'held') AND l.due_at <= :now AND (l.state = 'due' OR r.released)
   ORDER BY l.due_at, l.id LIMIT :most
     FOR UPDATE OF l SKIP LOCKED),
judged AS (
  SELECT d.id, CASE WHEN NOT d.released THEN 'held'
                    WHEN d.why = 'suppressed' THEN 'suppressed'
                    WHEN d.why IS NOT NULL THEN 'dropped'
                    WHEN d.tired THEN 'refused'
                    ELSE 'claimed' END AS state, d.why
    FROM due d)
UPDATE letter l
   SET state = j.state,
       reason = CASE j.state WHEN 'held' THEN 'the store is not released for this instance; see padriver mail release'
                             WHEN 'refused' THEN 'tried too often'
                             ELSE j.why END,
       attempts = l.attempts + (j.state = 'claimed')::int,
       claimed_at = CASE j.state WHEN 'claimed' THEN :now ELSE l.claimed_at END,
       claim = CASE j.state WHEN 'claimed' THEN :claim ELSE l.claim END,
       message_id = CASE j.state WHEN 'claimed' THEN coalesce(l.message_id, left(encode(sha256(convert_to(
         concat_ws(' ', l.rule, l.subject, l.person, l.occurrence), 'UTF8')), 'hex'), 32) || '@' || :domain)
         ELSE l.message_id END
  FROM judged j
 WHERE l.id = j.id
RETURNING l.id, l.state, l.person, l.cause, l.rule, l.subject, l.occurrence, l.message_id;

-- book_letters (now time, attempts int, ids bigint[], claims text[], states text[], codes int[], statuses text[],
--   reasons text[]) -> none
-- T2. What another sender has listed as uncertain a person may have sent again: only knowledge changes it.
-- back: not begun, so it does not count; later: the server put it off, next try after 1, 2, 4 … minutes.
UPDATE letter l
   SET state = CASE WHEN u.state = 'later' AND l.attempts >= :attempts THEN 'refused'
                    WHEN u.state IN ('later', 'back') THEN 'due'
                    ELSE u.state END,
       due_at = CASE u.state WHEN 'later' THEN :now + least(interval '1 minute' * (2 ^ (l.attempts - 1)), interval '4 hours')
                             ELSE l.due_at END,
       attempts = l.attempts - (u.state = 'back')::int,
       sent_at = CASE u.state WHEN 'sent' THEN coalesce(l.claimed_at, :now) END,
       reply_code = CASE WHEN u.code > 0 THEN u.code ELSE l.reply_code END,
       reply_status = CASE WHEN u.code > 0 THEN u.status ELSE l.reply_status END,
       reason = nullif(u.reason, '')
  FROM unnest(:ids, :claims, :states, :codes, :statuses, :reasons) u(id, claim, state, code, status, reason)
 WHERE l.id = u.id AND l.claim = u.claim
   AND (l.state = 'claimed' OR l.state = 'uncertain' AND u.state IN ('sent', 'refused'));

-- suppress_recipient (letter bigint, reason text, now time) -> none
SELECT register.suppress(l.person, 'all', :reason, :now) FROM letter l WHERE l.id = :letter AND l.person > 0;
