-- grant_letter_add (grant_id text, year int, funder text, kind text, amount_ore bigint, dated date, reference text, conditions text, report_by date, now time, actor text) -> one (version int)
SELECT budget.letter_register(:grant_id, :year, :funder, :kind, :amount_ore, :dated, :reference, :conditions, :report_by,
  :now, :actor);

-- grant_standings (grant_id text) -> many (grant_id text, year int, funder text, kind text, letter int, amount_ore bigint, dated date, received_ore bigint, version int, standing bool, decision text)
-- Each grant as it stands, or the one; decision: the last recorded that names it.
SELECT s.grant_id, s.year, s.funder, s.kind, s.letter, s.amount_ore, s.dated, s.received_ore, s.version, s.standing,
       (SELECT x.id FROM plan.decision x WHERE x.grant_id = s.grant_id ORDER BY x.ordinal DESC LIMIT 1)
  FROM budget.standing s
 WHERE :grant_id IS NULL OR s.grant_id = :grant_id
 ORDER BY s.year, s.grant_id;

-- grant_decision_of (grant_id text) -> one (decision text, amount_ore bigint)
SELECT x.id, x.amount_ore FROM plan.decision x WHERE x.grant_id = :grant_id ORDER BY x.ordinal DESC LIMIT 1;

-- grant_letters (grant_id text) -> many (version int, amount_ore bigint, dated date, reference text, conditions text, report_by date, registered_at time, actor text)
SELECT l.version, l.amount_ore, l.dated, l.reference, l.conditions, l.report_by, l.registered_at, l.actor
  FROM budget.letter l WHERE l.grant_id = :grant_id ORDER BY l.version;

-- grant_versions (grant_id text) -> many (version int, letter int, amount_ore bigint, dated date, decision text, distributed_at time, voucher_year int, voucher_number int, standing bool)
SELECT d.version, d.letter, l.amount_ore, l.dated, d.decision, d.distributed_at, d.year, d.number, f.number IS NOT NULL
  FROM budget.distribution d
  JOIN budget.letter l ON l.grant_id = d.grant_id AND l.version = d.letter
  LEFT JOIN budget.in_force f USING (year, number)
 WHERE d.grant_id = :grant_id ORDER BY d.version;

-- grant_shares (grant_id text, version int) -> many (pot text, area text, number text, amount_ore bigint)
SELECT s.pot, s.area, s.number, s.amount_ore FROM budget.share s
 WHERE s.grant_id = :grant_id AND s.version = :version ORDER BY s.pot, s.number, s.area;
