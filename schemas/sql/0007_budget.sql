-- The budget: grants and the letters about them, shares in versions, and a double-entry ledger that only grows.
-- Amounts are whole øre; a debit is positive, a credit negative. Nothing here is ever altered: a new letter is a new
-- version, a new distribution is a new version, a wrong voucher is reversed by another (promise 9).
-- A voucher names who caused its event.
GRANT USAGE ON SCHEMA log TO padriver_owner_budget;
GRANT SELECT (position, actor) ON log.event, log.parked TO padriver_owner_budget;
SET LOCAL ROLE padriver_owner_budget;

-- What the ledger books on, dated. The codes are the host's finance department's (KOSTRA), never the program's.
CREATE TABLE budget.account (
  purpose text NOT NULL CHECK (purpose IN ('bank', 'income', 'transfer', 'payable', 'reserve', 'fund')),
  valid_from date NOT NULL,
  valid_to date,
  code text NOT NULL CHECK (code ~ '^[0-9.]{1,12}$'),
  function text NOT NULL DEFAULT '' CHECK (function ~ '^[0-9]{0,4}$'),
  name text NOT NULL CHECK (name <> ''),
  PRIMARY KEY (purpose, valid_from),
  CHECK (valid_to >= valid_from),
  CONSTRAINT purpose_has_one_account EXCLUDE USING gist (purpose WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
INSERT INTO budget.account (purpose, valid_from, code, function, name) VALUES
  ('bank', '2017-01-01', '2.10', '', 'Bank'),
  ('income', '2017-01-01', '810', '258', 'Andre statlige overføringer'),
  ('transfer', '2017-01-01', '450', '258', 'Overføring til kommuner'),
  ('payable', '2017-01-01', '2.32', '', 'Kortsiktig gjeld til kommuner'),
  ('reserve', '2017-01-01', '550', '258', 'Avsetning til bundne driftsfond'),
  ('fund', '2017-01-01', '2.51', '', 'Bundne driftsfond');

-- R82, R94: a grant as a funder awards it.
CREATE TABLE budget.award (
  grant_id text PRIMARY KEY CHECK (grant_id ~ '^[A-Za-z0-9._/-]{1,40}$'),
  year int NOT NULL CHECK (year BETWEEN 2017 AND 2999),
  funder text NOT NULL CHECK (funder <> '' AND length(funder) <= 120),
  kind text NOT NULL CHECK (kind IN ('base', 'project', 'other'))
);

-- R82, R88: each letter about a grant is a version of it; the last one says what the grant is.
CREATE TABLE budget.letter (
  grant_id text NOT NULL REFERENCES budget.award,
  version int NOT NULL CHECK (version > 0),
  amount_ore bigint NOT NULL CHECK (amount_ore BETWEEN 1 AND 100000000000000),
  dated date NOT NULL,
  reference text NOT NULL CHECK (length(reference) <= 80),
  conditions text NOT NULL CHECK (length(conditions) <= 2000),
  report_by date,
  registered_at timestamptz NOT NULL,
  actor text NOT NULL,
  PRIMARY KEY (grant_id, version)
);
CREATE UNIQUE INDEX letter_reference ON budget.letter (grant_id, reference) WHERE reference <> '';

-- The last number of each year: locked by whoever posts, so that numbers have no gaps. hash is that of its seal.
CREATE TABLE budget.year (
  year int PRIMARY KEY,
  number int NOT NULL,
  hash bytea NOT NULL
);

-- A voucher: one event's balanced lines.
CREATE TABLE budget.voucher (
  year int NOT NULL,
  number int NOT NULL CHECK (number > 0),
  booked_on date NOT NULL,
  posted_at timestamptz NOT NULL,
  code text NOT NULL CHECK (code IN ('received', 'distributed', 'reversed')),
  grant_id text NOT NULL,
  event_position bigint NOT NULL,
  decision text NOT NULL CHECK (decision <> ''),
  letter int NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL CHECK (reason ~ '^[A-Za-z0-9._/-]{0,40}$'),
  reverses_year int,
  reverses_number int,
  PRIMARY KEY (year, number),
  FOREIGN KEY (grant_id, letter) REFERENCES budget.letter,
  FOREIGN KEY (reverses_year, reverses_number) REFERENCES budget.voucher,
  UNIQUE (reverses_year, reverses_number),
  CHECK (year = extract(year FROM booked_on)),
  CHECK ((code = 'reversed') = (reverses_number IS NOT NULL)),
  CHECK ((reverses_year IS NULL) = (reverses_number IS NULL))
);

-- municipality is the number it has that day; empty where none is concerned.
CREATE TABLE budget.entry (
  year int NOT NULL,
  number int NOT NULL,
  line int NOT NULL CHECK (line > 0),
  purpose text NOT NULL,
  account text NOT NULL,
  function text NOT NULL,
  municipality text NOT NULL,
  area text NOT NULL,
  amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
  PRIMARY KEY (year, number, line),
  FOREIGN KEY (year, number) REFERENCES budget.voucher
);

-- A voucher's hash covers the voucher, its lines and the seal before it in the year: what is changed in spite of all
-- shows (padriver ledger check), unless the whole chain after it is made anew.
CREATE TABLE budget.seal (
  year int NOT NULL,
  number int NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (year, number),
  FOREIGN KEY (year, number) REFERENCES budget.voucher
);

-- The money that came, one row an event.
CREATE TABLE budget.receipt (
  event_position bigint PRIMARY KEY,
  grant_id text NOT NULL REFERENCES budget.award,
  amount_ore bigint NOT NULL CHECK (amount_ore > 0),
  year int NOT NULL,
  number int NOT NULL,
  FOREIGN KEY (year, number) REFERENCES budget.voucher
);

-- R20, R88: a grant shared out, under a letter and a decision; the versions before it stay.
CREATE TABLE budget.distribution (
  grant_id text NOT NULL,
  version int NOT NULL CHECK (version > 0),
  letter int NOT NULL,
  decision text NOT NULL CHECK (decision <> ''),
  event_position bigint NOT NULL,
  distributed_at timestamptz NOT NULL,
  year int NOT NULL,
  number int NOT NULL,
  PRIMARY KEY (grant_id, version),
  FOREIGN KEY (grant_id, letter) REFERENCES budget.letter,
  FOREIGN KEY (year, number) REFERENCES budget.voucher
);

-- R86: municipality is the register's id of the one that employs the area's coordinator that day, number its number;
-- the host's own pot has no area.
CREATE TABLE budget.share (
  grant_id text NOT NULL,
  version int NOT NULL,
  pot text NOT NULL,
  area text NOT NULL,
  municipality text NOT NULL,
  number text NOT NULL,
  amount_ore bigint NOT NULL CHECK (amount_ore >= 0),
  PRIMARY KEY (grant_id, version, pot, area),
  FOREIGN KEY (grant_id, version) REFERENCES budget.distribution
);

-- Nothing is altered, not even by the owner.
CREATE FUNCTION budget.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'budget.% only grows: correct a voucher with padriver ledger reverse, a grant with a new letter',
    TG_TABLE_NAME USING ERRCODE = 'PD002';
END $$;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['award', 'letter', 'voucher', 'entry', 'seal', 'receipt', 'distribution', 'share'] LOOP
    EXECUTE format('CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON budget.%I
                    FOR EACH STATEMENT EXECUTE FUNCTION budget.refuse_change()', t);
  END LOOP;
END $$;

-- Every voucher has lines and they sum to nothing.
CREATE FUNCTION budget.check_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE total numeric;
BEGIN
  SELECT sum(e.amount_ore) INTO total FROM budget.entry e WHERE e.year = NEW.year AND e.number = NEW.number;
  IF total IS DISTINCT FROM 0 THEN
    RAISE EXCEPTION 'voucher %/% does not balance: its lines sum to % øre', NEW.year, NEW.number, total
      USING ERRCODE = 'PD002';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON budget.voucher DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION budget.check_balance();
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON budget.entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION budget.check_balance();

-- The shares of each version sum to the letter's amount.
CREATE FUNCTION budget.check_shares() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  amount bigint;
  total numeric;
BEGIN
  SELECT l.amount_ore, (SELECT sum(s.amount_ore) FROM budget.share s WHERE s.grant_id = d.grant_id AND s.version = d.version)
    INTO amount, total
    FROM budget.distribution d JOIN budget.letter l ON l.grant_id = d.grant_id AND l.version = d.letter
   WHERE d.grant_id = NEW.grant_id AND d.version = NEW.version;
  IF total IS DISTINCT FROM amount THEN
    RAISE EXCEPTION 'grant % version %: shares sum to % øre, the letter says %', NEW.grant_id, NEW.version, total, amount
      USING ERRCODE = 'PD002';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sums_to_grant AFTER INSERT ON budget.distribution DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION budget.check_shares();
CREATE CONSTRAINT TRIGGER sums_to_grant AFTER INSERT ON budget.share DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION budget.check_shares();

-- The seal that a voucher must have after the one before it.
CREATE FUNCTION budget.voucher_hash(v budget.voucher, before bytea) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(before || convert_to(json_build_array(v.year, v.number, to_char(v.booked_on, 'YYYY-MM-DD'),
      extract(epoch FROM v.posted_at), v.code, v.grant_id, v.event_position, v.decision, v.letter, v.actor, v.reason,
      v.reverses_year, v.reverses_number,
      (SELECT json_agg(json_build_array(e.line, e.purpose, e.account, e.function, e.municipality, e.area, e.amount_ore)
                       ORDER BY e.line)
         FROM budget.entry e WHERE e.year = v.year AND e.number = v.number))::text, 'UTF8'))
$$;

-- Takes the next number of the year and writes a voucher with its lines and seal. Lines come in arrays.
-- The only way into these tables; for post and reverse alone.
CREATE FUNCTION budget.write_voucher(v budget.voucher, purposes text[], accounts text[], functions text[],
  municipalities text[], areas text[], amounts bigint[], OUT year int, OUT number int)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE seal bytea;
BEGIN
  v.year := extract(year FROM v.booked_on);
  INSERT INTO budget.year AS y (year, number, hash) VALUES (v.year, 1, '')
    ON CONFLICT ON CONSTRAINT year_pkey DO UPDATE SET number = y.number + 1
    RETURNING y.number, y.hash INTO v.number, seal;
  INSERT INTO budget.voucher SELECT v.*;
  INSERT INTO budget.entry (year, number, line, purpose, account, function, municipality, area, amount_ore)
    SELECT v.year, v.number, u.line, u.purpose, u.account, u.function, u.municipality, u.area, u.amount
      FROM unnest(purposes, accounts, functions, municipalities, areas, amounts) WITH ORDINALITY
        AS u(purpose, account, function, municipality, area, amount, line);
  seal := budget.voucher_hash(v, seal);
  INSERT INTO budget.seal VALUES (v.year, v.number, seal);
  UPDATE budget.year y SET hash = seal WHERE y.year = v.year;
  year := v.year;
  number := v.number;
END $$;

-- Who caused an event of the log, or of those parked.
CREATE FUNCTION budget.actor_of(event bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT e.actor FROM log.event e WHERE e.position = $1),
                  (SELECT p.actor FROM log.parked p WHERE p.position = $1 LIMIT 1))
$$;

-- Posts a voucher of an event on the accounts that the purposes have that day. R87: there is no posting without a
-- letter and a decision, since a voucher names both.
CREATE FUNCTION budget.post(now timestamptz, code text, grant_id text, event bigint, decision text, letter int,
  purposes text[], municipalities text[], areas text[], amounts bigint[], OUT year int, OUT number int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v budget.voucher;
  accounts text[];
  functions text[];
  missing text;
BEGIN
  v.booked_on := (now AT TIME ZONE 'Europe/Oslo')::date;
  v.posted_at := now;
  v.code := post.code;
  v.grant_id := post.grant_id;
  v.event_position := event;
  v.decision := post.decision;
  v.letter := post.letter;
  v.actor := budget.actor_of(event);
  v.reason := '';
  SELECT array_agg(a.code ORDER BY u.line), array_agg(a.function ORDER BY u.line),
         min(u.purpose) FILTER (WHERE a.code IS NULL)
    INTO accounts, functions, missing
    FROM unnest(purposes) WITH ORDINALITY AS u(purpose, line)
    LEFT JOIN budget.account a ON a.purpose = u.purpose AND v.booked_on >= a.valid_from AND (v.booked_on <= a.valid_to) IS NOT FALSE;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'no account for % on %; set one with padriver ledger account', missing, v.booked_on
      USING ERRCODE = 'PD002';
  END IF;
  SELECT w.year, w.number INTO year, number
    FROM budget.write_voucher(v, purposes, accounts, functions, municipalities, areas, amounts) w;
END $$;

-- Posts the opposite of a voucher, once. event and actor: whose doing it is; 0 takes the voucher's own event, and an
-- empty actor that of the event.
CREATE FUNCTION budget.reverse(now timestamptz, of_year int, of_number int, reason text, event bigint, actor text,
  OUT year int, OUT number int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v budget.voucher;
BEGIN
  SELECT x.* INTO v FROM budget.voucher x WHERE x.year = of_year AND x.number = of_number;
  IF v.number IS NULL THEN
    RAISE EXCEPTION 'there is no voucher %/%; see padriver ledger', of_year, of_number USING ERRCODE = 'PD002';
  ELSIF v.code = 'reversed' THEN
    RAISE EXCEPTION 'voucher %/% is itself a reversal', of_year, of_number USING ERRCODE = 'PD002';
  ELSIF EXISTS (SELECT FROM budget.voucher x WHERE x.reverses_year = of_year AND x.reverses_number = of_number) THEN
    RAISE EXCEPTION 'voucher %/% is reversed already', of_year, of_number USING ERRCODE = 'PD002';
  ELSIF reason !~ '^[A-Za-z0-9._/-]{1,40}$' THEN
    RAISE EXCEPTION 'a reason is a code of letters, digits and - . / _, not "%"', reason USING ERRCODE = 'PD002';
  END IF;
  v.reverses_year := v.year;
  v.reverses_number := v.number;
  v.booked_on := (now AT TIME ZONE 'Europe/Oslo')::date;
  v.posted_at := now;
  v.code := 'reversed';
  v.reason := reverse.reason;
  v.event_position := coalesce(nullif(event, 0), v.event_position);
  v.actor := coalesce(nullif(reverse.actor, ''), budget.actor_of(v.event_position));
  SELECT w.year, w.number INTO year, number FROM (
    SELECT array_agg(e.purpose ORDER BY e.line) AS p, array_agg(e.account ORDER BY e.line) AS a,
           array_agg(e.function ORDER BY e.line) AS f, array_agg(e.municipality ORDER BY e.line) AS m,
           array_agg(e.area ORDER BY e.line) AS r, array_agg(-e.amount_ore ORDER BY e.line) AS o
      FROM budget.entry e WHERE e.year = of_year AND e.number = of_number) l,
    budget.write_voucher(v, l.p, l.a, l.f, l.m, l.r, l.o) w;
END $$;

-- Registers a letter as the next version of its grant. What the grant's first letter said of funder, kind and year
-- stays; NULL takes it over. Returns the version.
CREATE FUNCTION budget.letter_register(grant_id text, year int, funder text, kind text, amount_ore bigint, dated date,
  reference text, conditions text, report_by date, now timestamptz, actor text) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a budget.award;
  known int;
  made int;
BEGIN
  IF dated > (now AT TIME ZONE 'Europe/Oslo')::date THEN
    RAISE EXCEPTION 'the letter about % would be dated %, which is yet to come', grant_id, dated USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO budget.award VALUES (grant_id, coalesce(year, extract(year FROM dated)::int),
      coalesce(funder, 'Helsedirektoratet'), coalesce(kind, 'base')) ON CONFLICT DO NOTHING;
  SELECT x.* INTO a FROM budget.award x WHERE x.grant_id = letter_register.grant_id FOR UPDATE;
  IF (a.year, a.funder, a.kind) <> (coalesce(year, a.year), coalesce(funder, a.funder), coalesce(kind, a.kind)) THEN
    RAISE EXCEPTION '% is a % grant for % from %; another grant needs another name', grant_id, a.kind, a.year, a.funder
      USING ERRCODE = 'PD002';
  END IF;
  SELECT l.version INTO known FROM budget.letter l
   WHERE l.grant_id = a.grant_id AND l.reference = letter_register.reference AND l.reference <> '';
  IF known IS NOT NULL THEN
    RAISE EXCEPTION 'letter % about % is registered already, as version %', reference, grant_id, known USING ERRCODE = 'PD002';
  END IF;
  made := 1 + coalesce((SELECT max(l.version) FROM budget.letter l WHERE l.grant_id = a.grant_id), 0);
  INSERT INTO budget.letter VALUES (a.grant_id, made, letter_register.amount_ore, letter_register.dated,
    letter_register.reference, letter_register.conditions, letter_register.report_by, now, letter_register.actor);
  RETURN made;
END $$;

-- The host's finance department gives a purpose another account from a day on.
CREATE FUNCTION budget.account_set(purpose text, from_day date, code text, function text, name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM budget.account a WHERE a.purpose = account_set.purpose) THEN
    RAISE EXCEPTION 'there is no purpose %; see padriver ledger accounts', purpose USING ERRCODE = 'PD002';
  ELSIF EXISTS (SELECT FROM budget.account a WHERE a.purpose = account_set.purpose AND a.valid_from >= from_day) THEN
    RAISE EXCEPTION '% has an account from % or later; accounts change forwards only', purpose, from_day USING ERRCODE = 'PD002';
  END IF;
  UPDATE budget.account a SET valid_to = from_day - 1 WHERE a.purpose = account_set.purpose AND a.valid_to IS NULL;
  INSERT INTO budget.account (purpose, valid_from, code, function, name)
    VALUES (purpose, from_day, account_set.code, account_set.function, account_set.name);
END $$;

-- The ledger as it is read: each entry with what it came from.
CREATE VIEW budget.ledger AS
  SELECT v.year, v.number, e.line, v.booked_on, v.code, e.purpose, e.account, e.function, e.municipality, e.area,
         e.amount_ore, v.grant_id, v.event_position, v.decision, v.letter, v.actor, v.reason, v.reverses_year,
         v.reverses_number
    FROM budget.entry e JOIN budget.voucher v USING (year, number);

-- A voucher that was not reversed.
CREATE VIEW budget.in_force AS
  SELECT v.year, v.number FROM budget.voucher v WHERE v.code <> 'reversed'
     AND NOT EXISTS (SELECT FROM budget.voucher r WHERE r.reverses_year = v.year AND r.reverses_number = v.number);

-- Each grant as it stands: its last letter, what came, and its last distribution (version 0: none). standing: the
-- distribution's voucher was not reversed.
CREATE VIEW budget.standing AS
  SELECT a.grant_id, a.year, a.funder, a.kind, l.version AS letter, l.amount_ore, l.dated, l.reference, l.registered_at,
         coalesce(r.received_ore, 0)::bigint AS received_ore, coalesce(d.version, 0) AS version, d.letter AS shared_letter,
         d.decision, d.distributed_at, d.year AS voucher_year, d.number AS voucher_number, coalesce(d.standing, false) AS standing
    FROM budget.award a
    CROSS JOIN LATERAL (SELECT x.* FROM budget.letter x WHERE x.grant_id = a.grant_id ORDER BY x.version DESC LIMIT 1) l
    CROSS JOIN LATERAL (SELECT sum(x.amount_ore) AS received_ore FROM budget.receipt x JOIN budget.in_force f USING (year, number)
                         WHERE x.grant_id = a.grant_id) r
    LEFT JOIN LATERAL (SELECT x.*, f.number IS NOT NULL AS standing FROM budget.distribution x
                         LEFT JOIN budget.in_force f USING (year, number)
                        WHERE x.grant_id = a.grant_id ORDER BY x.version DESC LIMIT 1) d ON true;

-- What a municipality is told of a version: its amount, and the one before (NULL in the first version). Who had a share
-- and has none any more is there with 0.
CREATE VIEW budget.share_letter AS
  WITH every AS (
    SELECT s.grant_id, s.version, s.pot, s.area, s.municipality FROM budget.share s
    UNION
    SELECT s.grant_id, d.version, s.pot, s.area, s.municipality
      FROM budget.share s JOIN budget.distribution d ON d.grant_id = s.grant_id AND d.version = s.version + 1)
  SELECT e.grant_id, e.version, e.pot, e.area, e.municipality, coalesce(s.amount_ore, 0) AS amount_ore,
         CASE WHEN e.version > 1 THEN coalesce(p.amount_ore, 0) END AS previous_ore,
         d.decision, d.letter, d.distributed_at, l.amount_ore AS grant_ore, l.dated, l.reference, a.year, a.funder, a.kind
    FROM every e
    JOIN budget.distribution d ON d.grant_id = e.grant_id AND d.version = e.version
    JOIN budget.letter l ON l.grant_id = e.grant_id AND l.version = d.letter
    JOIN budget.award a ON a.grant_id = e.grant_id
    LEFT JOIN budget.share s ON (s.grant_id, s.version, s.pot, s.area, s.municipality)
                              = (e.grant_id, e.version, e.pot, e.area, e.municipality)
    LEFT JOIN budget.share p ON (p.grant_id, p.version, p.pot, p.area, p.municipality)
                              = (e.grant_id, e.version - 1, e.pot, e.area, e.municipality);

-- Each voucher whose seal is not the one that its lines and the seal before it ask for.
CREATE FUNCTION budget.broken_seals() RETURNS TABLE (year int, number int)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT v.year, v.number
    FROM budget.voucher v
    LEFT JOIN budget.seal s ON s.year = v.year AND s.number = v.number
    LEFT JOIN budget.seal b ON b.year = v.year AND b.number = v.number - 1
   WHERE s.hash IS DISTINCT FROM budget.voucher_hash(v, coalesce(b.hash, ''))
$$;

-- Whatever is wrong in the books; no rows: nothing found.
CREATE FUNCTION budget.faults() RETURNS TABLE (subject text, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'trial balance', format('is %s øre and not 0', sum(e.amount_ore)) FROM budget.entry e HAVING sum(e.amount_ore) <> 0
  UNION ALL
  SELECT format('voucher %s/%s', v.year, v.number), format('has lines that sum to %s øre', coalesce(sum(e.amount_ore)::text, 'no'))
    FROM budget.voucher v LEFT JOIN budget.entry e USING (year, number)
   GROUP BY v.year, v.number HAVING sum(e.amount_ore) IS DISTINCT FROM 0
  UNION ALL
  SELECT format('voucher %s/%s', y.year, n), 'is missing: its number is a gap'
    FROM budget.year y, generate_series(1, y.number) n
   WHERE NOT EXISTS (SELECT FROM budget.voucher v WHERE v.year = y.year AND v.number = n)
  UNION ALL
  SELECT format('voucher %s/%s', v.year, v.number), 'lies beyond the last number that was given out'
    FROM budget.voucher v LEFT JOIN budget.year y USING (year) WHERE v.number > coalesce(y.number, 0)
  UNION ALL
  SELECT format('entry %s/%s/%s', e.year, e.number, e.line), 'belongs to no voucher'
    FROM budget.entry e LEFT JOIN budget.voucher v USING (year, number) WHERE v.number IS NULL
  UNION ALL
  SELECT format('voucher %s/%s', b.year, b.number), 'is not what was sealed when it was posted' FROM budget.broken_seals() b
  UNION ALL
  SELECT format('year %s', y.year), 'does not end with the seal of its last voucher'
    FROM budget.year y LEFT JOIN budget.seal s ON s.year = y.year AND s.number = y.number WHERE s.hash IS DISTINCT FROM y.hash
  UNION ALL
  SELECT format('grant %s version %s', d.grant_id, d.version),
         format('has shares of %s øre under a letter of %s', coalesce(sum(s.amount_ore), 0), l.amount_ore)
    FROM budget.distribution d JOIN budget.letter l ON l.grant_id = d.grant_id AND l.version = d.letter
    LEFT JOIN budget.share s ON s.grant_id = d.grant_id AND s.version = d.version
   GROUP BY d.grant_id, d.version, l.amount_ore HAVING coalesce(sum(s.amount_ore), 0) <> l.amount_ore
  UNION ALL
  SELECT format('grant %s version %s', d.grant_id, d.version), 'has shares that are not those of its voucher'
    FROM budget.distribution d
   WHERE (SELECT json_agg(json_build_array(s.area, s.number, s.amount_ore) ORDER BY s.area, s.number, s.amount_ore)
            FROM budget.share s WHERE s.grant_id = d.grant_id AND s.version = d.version AND s.amount_ore > 0)::text
         IS DISTINCT FROM
         (SELECT json_agg(json_build_array(e.area, e.municipality, e.amount_ore) ORDER BY e.area, e.municipality, e.amount_ore)
            FROM budget.entry e WHERE e.year = d.year AND e.number = d.number AND e.amount_ore > 0)::text
  UNION ALL
  SELECT format('grant %s version %s', d.grant_id, d.version), 'was followed by another but its voucher stands'
    FROM budget.distribution d JOIN budget.in_force f USING (year, number)
   WHERE EXISTS (SELECT FROM budget.distribution x WHERE x.grant_id = d.grant_id AND x.version > d.version)
  UNION ALL
  SELECT format('receipt of event %s', r.event_position), format('is of %s øre, posted are %s', r.amount_ore, coalesce(sum(e.amount_ore), 0))
    FROM budget.receipt r LEFT JOIN budget.entry e ON e.year = r.year AND e.number = r.number AND e.amount_ore > 0
   GROUP BY r.event_position, r.amount_ore HAVING coalesce(sum(e.amount_ore), 0) <> r.amount_ore
  UNION ALL
  SELECT format('voucher %s/%s', v.year, v.number), 'books money of which there is no receipt'
    FROM budget.voucher v LEFT JOIN budget.receipt r USING (year, number)
   WHERE v.code = 'received' AND r.number IS NULL
$$;

RESET ROLE;

-- Who may do what. Nobody who logs in can write a voucher but through post and reverse.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA budget FROM PUBLIC;
GRANT USAGE ON SCHEMA budget TO padriver_budget, padriver_notifications, padriver_ctl;
GRANT SELECT ON budget.standing TO padriver_budget;
GRANT SELECT ON budget.account, budget.distribution, budget.entry, budget.in_force, budget.ledger, budget.letter,
  budget.seal, budget.share, budget.share_letter, budget.standing, budget.year TO padriver_ctl;
GRANT INSERT ON budget.receipt, budget.distribution, budget.share TO padriver_budget;
GRANT SELECT ON budget.share_letter TO padriver_notifications;
GRANT EXECUTE ON FUNCTION budget.post, budget.reverse TO padriver_budget;
GRANT EXECUTE ON FUNCTION budget.reverse, budget.letter_register, budget.account_set, budget.faults TO padriver_ctl;
