-- What the measurement of real daemons asks of the store, as the command does.

-- effects_submit (invitation bigint, answer text, now time) -> one (evaluation text, submission bigint)
SELECT s.evaluation, s.submission FROM evaluation.submit(:invitation, NULL, :answer::jsonb, :now) s;

-- effects_cursor (grp text) -> one (position bigint)
SELECT min(c.position) AS position FROM log.cursor c WHERE c.grp = :grp;
