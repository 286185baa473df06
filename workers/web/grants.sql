-- Statements of the page about grants.

-- web_grants (person bigint, day date) -> many (grant_id text, year int, funder text, amount_ore bigint, received_ore bigint,
--   version int, decision text, distributed_at time)
SELECT g.grant_id, g.year, g.funder, g.amount_ore, g.received_ore, g.version, g.decision, g.distributed_at
  FROM web.grants(:person, :day) g ORDER BY g.year DESC, g.grant_id LIMIT 100;

-- web_grant_shares (person bigint, day date) -> many (grant_id text, area text, municipality text, amount_ore bigint, told_at time)
SELECT s.grant_id, s.area, s.municipality, s.amount_ore, s.told_at FROM web.grant_shares(:person, :day) s
 ORDER BY s.grant_id, s.area NULLS LAST, s.municipality;
