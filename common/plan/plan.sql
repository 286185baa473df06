-- The wheel and its meetings, as the command and the pages see them. Rules are in the owner's functions (0004_plan.sql).

-- wheel (year int) -> many (id text, kind text, method text, body text, network text, area text, municipality text,
--   title text, first_day date, last_day date, begins text, ends text, place text, owner text, goal text, focus text,
--   directive text, state text, starts_at time, ends_at time, version int, sequence int, scheduled_at time)
-- state: planned until it stands in the calendar. begins and ends are Oslo's wall time.
SELECT a.id, a.kind, a.method, a.body, a.network, a.area, a.municipality, a.title_nb, a.first_day, a.last_day,
       to_char(a.begins, 'HH24:MI'), to_char(a.ends, 'HH24:MI'), coalesce(m.place, a.place), a.owner, a.goal, a.focus,
       a.directive, coalesce(m.state, 'planned'), m.starts_at, m.ends_at, m.version, m.sequence, m.scheduled_at
  FROM plan.activity a LEFT JOIN plan.meeting m USING (id)
 WHERE a.year = :year
 ORDER BY coalesce((m.starts_at AT TIME ZONE 'Europe/Oslo')::date, a.first_day), coalesce(m.starts_at::time, a.begins), a.id;

-- goals_served (year int) -> many (goal text, kind text, parent text, activities bigint, title text)
-- R67, R68: 0 is a gap.
SELECT s.goal, s.kind, g.parent, s.activities, g.text_nb FROM plan.goals_served(:year) s JOIN plan.goal g ON g.id = s.goal
 WHERE extract(year FROM g.valid_from) <= :year AND (extract(year FROM g.valid_to) >= :year) IS NOT FALSE
 ORDER BY g.level, g.kind, g.id;

-- year_in_force () -> one (year int)
SELECT p.year FROM plan.action_plan p WHERE p.state = 'in_force';

-- planned_time (activity text) -> one (first_day date, begins int, ends int, place text)
-- Minutes since midnight in Oslo; NULL where the wheel has no time.
SELECT a.first_day, (extract(epoch FROM a.begins) / 60)::int, (extract(epoch FROM a.ends) / 60)::int, a.place
  FROM plan.activity a WHERE a.id = :activity;

-- meeting_start (meeting text) -> one (starts_at time)
SELECT m.starts_at FROM plan.meeting m WHERE m.id = :meeting;

-- schedule_meeting (meeting text, starts time, ends time, place text, now time) -> one (version int)
SELECT plan.schedule(:meeting, :starts, :ends, :place, :now);

-- move_meeting (meeting text, starts time, ends time, place text, now time) -> one (version int)
SELECT plan.move(:meeting, :starts, :ends, :place, :now);

-- cancel_meeting (meeting text, now time) -> one (version int)
SELECT plan.cancel(:meeting, :now);

-- hold_meeting (meeting text, now time) -> one (session bool)
SELECT plan.hold(:meeting, :now);

-- record_decision (decision text, matter text, body text, meeting text, decided_on date, subject text, grant_id text,
--   amount_ore bigint, pots text[], kinds text[], amounts bigint[], areas text[], weights int[], now time) -> none
SELECT plan.record_decision(:decision, :matter, :body, :meeting, :decided_on, :subject, :grant_id, :amount_ore, :pots,
  :kinds, :amounts, :areas, :weights, :now);

-- decisions (only text) -> many (id text, matter text, body text, meeting text, decided_on date, subject text,
--   grant_id text, amount_ore bigint)
-- only: NULL for all.
SELECT d.id, d.matter, d.body, d.meeting, d.decided_on, d.subject, d.grant_id, d.amount_ore FROM plan.decision d
 WHERE coalesce(d.id = :only, true) ORDER BY d.ordinal;

-- pots_of (decision text) -> many (pot text, kind text, amount_ore bigint, areas text[], weights int[])
SELECT p.pot, p.kind, p.amount_ore,
       ARRAY(SELECT w.area FROM plan.decision_weight w WHERE (w.decision, w.pot) = (p.decision, p.pot) ORDER BY w.area),
       ARRAY(SELECT w.weight FROM plan.decision_weight w WHERE (w.decision, w.pot) = (p.decision, p.pot) ORDER BY w.area)
  FROM plan.decision_pot p WHERE p.decision = :decision ORDER BY p.pot;
