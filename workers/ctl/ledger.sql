-- ledger_entries (grant_id text, year int) -> many (year int, number int, line int, booked_on date, code text, account text, function text, municipality text, area text, amount_ore bigint, grant_id text, event bigint, decision text, letter int, actor text, reason text, reverses_year int, reverses_number int, seal text)
SELECT l.year, l.number, l.line, l.booked_on, l.code, l.account, l.function, l.municipality, l.area, l.amount_ore, l.grant_id,
       l.event_position, l.decision, l.letter, l.actor, l.reason, l.reverses_year, l.reverses_number,
       encode(s.hash, 'hex')
  FROM budget.ledger l LEFT JOIN budget.seal s USING (year, number)
 WHERE (:grant_id IS NULL OR l.grant_id = :grant_id) AND (:year IS NULL OR l.year = :year)
 ORDER BY l.year, l.number, l.line;

-- ledger_faults () -> many (subject text, fault text)
SELECT f.subject, f.fault FROM budget.faults() f;

-- ledger_years () -> many (year int, number int, balance_ore bigint, seal text)
-- Each year's last voucher number, the sum of all its entries, and the seal that covers all of it.
SELECT y.year, y.number, coalesce((SELECT sum(e.amount_ore) FROM budget.entry e WHERE e.year = y.year), 0)::bigint,
       encode(y.hash, 'hex')
  FROM budget.year y ORDER BY y.year;

-- ledger_reverse (now time, year int, number int, reason text, actor text) -> one (year int, number int)
SELECT r.year, r.number FROM budget.reverse(:now, :year, :number, :reason, 0, :actor) r;

-- ledger_account_rows () -> many (purpose text, valid_from date, valid_to date, code text, function text, name text)
SELECT a.purpose, a.valid_from, a.valid_to, a.code, a.function, a.name FROM budget.account a ORDER BY a.purpose, a.valid_from;

-- ledger_account_set (purpose text, from_day date, code text, function text, name text) -> none
SELECT budget.account_set(:purpose, :from_day, :code, :function, :name);
