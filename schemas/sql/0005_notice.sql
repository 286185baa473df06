-- Notices: letters to be sent, and for which instance the store may send at all.
-- A letter is its key (rule, subject, person, occurrence): nobody is mailed twice for one reason. It holds no address and
-- no words: both come from the register and the templates when it is composed. newsletter.letter has the same shape
-- (LIKE notice.letter INCLUDING ALL), so that common/mail/queue.sql serves both senders: it says just `letter` and
-- `wanted(letter)`, and the session's search path says whose.
--   wanted(letter) -> text   the owner's condition (who has answered, declined, left, is suppressed; a newer version):
--                            NULL: send it; 'suppressed': the address takes no mail; else why it is dropped.
SET LOCAL ROLE padriver_owner_notice;

CREATE TABLE notice.letter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text NOT NULL,             -- why: invitation, update, cancellation, reminder, …
  subject text NOT NULL,          -- about what: a meeting, an evaluation, a grant
  person bigint NOT NULL,         -- to whom; 0: not a person (the subject says which municipality)
  occurrence text NOT NULL,       -- which time: the meeting's version, the reminder's day; "/resend" for each resending
  state text NOT NULL DEFAULT 'due'
    CHECK (state IN ('due', 'claimed', 'sent', 'uncertain', 'refused', 'dropped', 'held', 'suppressed')),
  due_at timestamptz NOT NULL,
  not_after timestamptz,          -- later it is dropped
  attempts int NOT NULL DEFAULT 0,
  claimed_at timestamptz,
  claim text,                     -- the journal it was claimed under
  sent_at timestamptz,
  reply_code int,                 -- the mail server's last answer: 250, 451, 550
  reply_status text,              -- and its enhanced status: 5.1.1
  message_id text,
  cause bigint,                   -- position of the event that led to it
  reason text,                    -- why it is held, dropped, refused or uncertain: ids only
  CONSTRAINT letter_key UNIQUE (rule, subject, person, occurrence),
  CHECK ((state = 'claimed') <= (claim IS NOT NULL AND message_id IS NOT NULL)),
  CHECK ((state = 'sent') <= (sent_at IS NOT NULL))
);
CREATE INDEX letter_open ON notice.letter (due_at, id) WHERE state IN ('due', 'held');
CREATE INDEX letter_claimed ON notice.letter (id) WHERE state = 'claimed';
CREATE INDEX letter_about ON notice.letter (subject, rule);

-- The instance that may send what this store holds. A restored or cloned store names another instance than the one that
-- runs it; its letters are held until a person releases them.
CREATE TABLE notice.released (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  instance text NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL
);

-- A store that never had a sender takes the first one's instance. True: this instance may send.
CREATE FUNCTION notice.adopt(instance text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO notice.released (instance, actor, at) VALUES (adopt.instance, 'first start', adopt.at)
    ON CONFLICT DO NOTHING;
  RETURN EXISTS (SELECT FROM notice.released r WHERE r.instance = adopt.instance);
END $$;

-- A sender finds that the store is an older copy: nothing is sent until a person releases it.
CREATE FUNCTION notice.hold(at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO notice.released (instance, actor, at) VALUES ('an older copy of the store', 'sender', $1)
  ON CONFLICT (one) DO UPDATE SET instance = excluded.instance, actor = excluded.actor, at = excluded.at
$$;

-- A person lets this instance send: held letters go on with the next claim, if still wanted.
CREATE FUNCTION notice.release(instance text, actor text, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO notice.released (instance, actor, at) VALUES ($1, $2, $3)
  ON CONFLICT (one) DO UPDATE SET instance = excluded.instance, actor = excluded.actor, at = excluded.at
$$;

-- Sends again what was refused or is uncertain, as a letter of its own whose key says so. Returns its id.
CREATE FUNCTION notice.resend(id bigint, at timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old notice.letter;
  made bigint;
BEGIN
  SELECT * INTO old FROM notice.letter l WHERE l.id = resend.id FOR UPDATE;
  IF old.id IS NULL THEN
    RAISE EXCEPTION 'there is no letter notice/%; see padriver mail list', resend.id USING ERRCODE = 'PD002';
  ELSIF old.state NOT IN ('refused', 'uncertain') THEN
    RAISE EXCEPTION 'letter notice/% is %; only refused and uncertain letters are sent again', old.id, old.state
      USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO notice.letter (rule, subject, person, occurrence, due_at, not_after, cause)
    VALUES (old.rule, old.subject, old.person, old.occurrence || '/resend', resend.at, old.not_after, old.cause)
    ON CONFLICT DO NOTHING RETURNING letter.id INTO made;
  IF made IS NULL THEN
    RAISE EXCEPTION 'letter notice/% was sent again before, as occurrence %/resend', old.id, old.occurrence
      USING ERRCODE = 'PD002';
  END IF;
  RETURN made;
END $$;

-- A person found out what became of an uncertain letter: it arrived, or it was lost and is due again.
CREATE FUNCTION notice.settle(id bigint, outcome text, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF outcome IS NULL OR outcome NOT IN ('sent', 'lost') THEN
    RAISE EXCEPTION 'a letter is settled as sent or lost, not as %', outcome USING ERRCODE = 'PD002';
  END IF;
  UPDATE notice.letter l
     SET state = CASE outcome WHEN 'sent' THEN 'sent' ELSE 'due' END,
         sent_at = CASE outcome WHEN 'sent' THEN coalesce(l.claimed_at, settle.at) END,
         due_at = CASE outcome WHEN 'sent' THEN l.due_at ELSE settle.at END,
         attempts = CASE outcome WHEN 'sent' THEN l.attempts ELSE 0 END,
         reason = 'settled as ' || outcome
   WHERE l.id = settle.id AND l.state = 'uncertain';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no uncertain letter notice/%; see padriver mail list --state uncertain', settle.id
      USING ERRCODE = 'PD002';
  END IF;
END $$;

RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA notice FROM PUBLIC;
GRANT USAGE ON SCHEMA notice TO padriver_notifications, padriver_newsletter, padriver_ctl;
GRANT SELECT, INSERT, UPDATE (state, due_at, attempts, claimed_at, claim, sent_at, reply_code, reply_status, message_id, reason)
  ON notice.letter TO padriver_notifications;
GRANT SELECT ON notice.letter TO padriver_ctl;
GRANT SELECT ON notice.released TO padriver_notifications, padriver_newsletter, padriver_ctl;
GRANT EXECUTE ON FUNCTION notice.adopt, notice.hold TO padriver_notifications, padriver_newsletter;
GRANT EXECUTE ON FUNCTION notice.release, notice.resend, notice.settle TO padriver_ctl;
