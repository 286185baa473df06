-- What a grant received is found by index. The daemon's plans are made when its tables are still empty and are kept: a
-- plan that reads a table would be kept, too, while the table grows, so its session takes an index wherever there is one,
-- and what is asked of each row is a question of its own, not a join that could be planned over all vouchers.
SET LOCAL ROLE padriver_owner_budget;
CREATE INDEX receipt_grant ON budget.receipt (grant_id);

CREATE OR REPLACE VIEW budget.standing AS
  SELECT a.grant_id, a.year, a.funder, a.kind, l.version AS letter, l.amount_ore, l.dated, l.reference, l.registered_at,
         coalesce(r.received_ore, 0)::bigint AS received_ore, coalesce(d.version, 0) AS version, d.letter AS shared_letter,
         d.decision, d.distributed_at, d.year AS voucher_year, d.number AS voucher_number, coalesce(d.standing, false) AS standing
    FROM budget.award a
    CROSS JOIN LATERAL (SELECT x.* FROM budget.letter x WHERE x.grant_id = a.grant_id ORDER BY x.version DESC LIMIT 1) l
    CROSS JOIN LATERAL (
      SELECT sum(x.amount_ore) AS received_ore FROM budget.receipt x
       WHERE x.grant_id = a.grant_id
         AND (SELECT count(*) FROM budget.voucher v WHERE v.reverses_year = x.year AND v.reverses_number = x.number) = 0) r
    LEFT JOIN LATERAL (
      SELECT x.*, (SELECT count(*) FROM budget.voucher v WHERE v.reverses_year = x.year AND v.reverses_number = x.number) = 0
               AS standing
        FROM budget.distribution x WHERE x.grant_id = a.grant_id ORDER BY x.version DESC LIMIT 1) d ON true;
RESET ROLE;
ALTER ROLE padriver_budget SET enable_seqscan = off;
ALTER ROLE padriver_evaluation SET enable_seqscan = off;
