-- ground_of (grant_id text) -> one (letter int, amount_ore bigint, received_ore bigint, version int, shared_letter int, shared_decision text, standing bool, voucher_year int, voucher_number int, decision text, named text, named_ore bigint)
-- What a grant stands on: its last letter, the last decision that names its amount (decision), and the last that
-- names it at all (named). A base grant is shared by a decision about a base grant alone (R20). Always one row.
SELECT s.letter, s.amount_ore, coalesce(s.received_ore, 0), coalesce(s.version, 0), s.shared_letter, s.decision,
       coalesce(s.standing, false), s.voucher_year, s.voucher_number, d.id, o.id, o.amount_ore
  FROM (SELECT :grant_id AS grant_id) g
  LEFT JOIN budget.standing s USING (grant_id)
  LEFT JOIN LATERAL (
    SELECT x.id FROM plan.decision x
     WHERE x.grant_id = g.grant_id AND x.amount_ore = s.amount_ore AND (s.kind <> 'base' OR x.matter = 'base_grant')
     ORDER BY x.ordinal DESC LIMIT 1) d ON true
  LEFT JOIN LATERAL (
    SELECT x.id, x.amount_ore FROM plan.decision x WHERE x.grant_id = g.grant_id ORDER BY x.ordinal DESC LIMIT 1) o ON true;

-- grant_of_decision (decision text) -> one (grant_id text)
SELECT d.grant_id FROM plan.decision d WHERE d.id = :decision AND d.grant_id IS NOT NULL;

-- lines_of (decision text, day date) -> many (pot text, kind text, pot_ore bigint, area text, weight int, municipality text, number text)
-- R86: each area's line with the municipality that employs its coordinator on the day; the host's pot with the host.
SELECT p.pot, p.kind, p.amount_ore, coalesce(w.area, ''), coalesce(w.weight, 1), coalesce(e.municipality, h.municipality),
       coalesce(e.number, h.number)
  FROM plan.decision_pot p
  LEFT JOIN plan.decision_weight w USING (decision, pot)
  LEFT JOIN LATERAL register.employer_of(w.area, :day) e ON p.kind = 'areas'
  LEFT JOIN LATERAL register.host_on(:day) h ON p.kind = 'host'
 WHERE p.decision = :decision
 ORDER BY p.pot, coalesce(e.number, h.number), w.area;

-- post_voucher (now time, code text, grant_id text, event bigint, decision text, letter int, purposes text[], municipalities text[], areas text[], amounts bigint[]) -> one (year int, number int)
SELECT p.year, p.number FROM budget.post(:now, :code, :grant_id, :event, :decision, :letter, :purposes, :municipalities,
  :areas, :amounts) p;

-- reverse_voucher (now time, year int, number int, reason text, event bigint) -> one (year int, number int)
SELECT r.year, r.number FROM budget.reverse(:now, :year, :number, :reason, :event, '') r;

-- receipt_add (event bigint, grant_id text, amount_ore bigint, year int, number int) -> none
INSERT INTO budget.receipt (event_position, grant_id, amount_ore, year, number)
VALUES (:event, :grant_id, :amount_ore, :year, :number);

-- distribution_add (grant_id text, version int, letter int, decision text, event bigint, now time, year int, number int) -> none
INSERT INTO budget.distribution (grant_id, version, letter, decision, event_position, distributed_at, year, number)
VALUES (:grant_id, :version, :letter, :decision, :event, :now, :year, :number);

-- share_add (grant_id text, version int, pots text[], areas text[], municipalities text[], numbers text[], amounts bigint[]) -> none
INSERT INTO budget.share (grant_id, version, pot, area, municipality, number, amount_ore)
SELECT :grant_id, :version, u.pot, u.area, u.municipality, u.number, u.amount
  FROM unnest(:pots, :areas, :municipalities, :numbers, :amounts) AS u(pot, area, municipality, number, amount);
