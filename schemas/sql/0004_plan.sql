-- The plan: goals, the action plan, the wheel of activities, meetings, decisions. A meeting's identity is its activity's.
-- The wheel only plans; plan.schedule puts an activity in the calendar. Functions refuse with PD002 and say the way out.
SET LOCAL ROLE padriver_owner_plan;

-- R66-R71: every goal but the main one has a parent one level up, so each network's goals trace to the main goal.
CREATE TABLE plan.goal (
  id text PRIMARY KEY CHECK (id ~ '^[A-Z][A-Z0-9]{0,7}(-[a-z])?$'),
  kind text NOT NULL CHECK (kind IN ('main', 'sub', 'directive', 'focus', 'network', 'network_sub')),
  parent text,
  network text REFERENCES register.network,
  text_nb text NOT NULL CHECK (text_nb <> ''),
  text_nn text NOT NULL CHECK (text_nn <> ''),
  text_en text NOT NULL CHECK (text_en <> ''),
  valid_from date NOT NULL,
  valid_to date,
  level int NOT NULL GENERATED ALWAYS AS
    (CASE kind WHEN 'main' THEN 0 WHEN 'network' THEN 2 WHEN 'network_sub' THEN 3 ELSE 1 END) STORED,
  parent_level int NOT NULL GENERATED ALWAYS AS
    (CASE kind WHEN 'main' THEN 0 WHEN 'network' THEN 2 WHEN 'network_sub' THEN 3 ELSE 1 END - 1) STORED,
  UNIQUE (id, level),
  UNIQUE (id, kind),
  FOREIGN KEY (parent, parent_level) REFERENCES plan.goal (id, level),
  CHECK ((kind = 'main') = (parent IS NULL)),
  CHECK ((kind IN ('network', 'network_sub')) = (network IS NOT NULL)),
  CHECK (valid_to >= valid_from),
  CONSTRAINT one_main_goal EXCLUDE USING gist (daterange(valid_from, valid_to, '[]') WITH &&) WHERE (kind = 'main')
);

-- Which body may decide what (X3, R16, R18, R20, R35): data, for it has changed and will again.
CREATE TABLE plan.mandate (
  matter text NOT NULL CHECK (matter IN ('action_plan', 'accounts', 'base_grant', 'project_funds', 'partner', 'other')),
  body text NOT NULL REFERENCES register.body,
  valid_from date NOT NULL,
  valid_to date,
  PRIMARY KEY (matter, body),
  CHECK (valid_to >= valid_from)
);

-- What a body decided. One about a grant names it, its amount, and the pots that it is shared into.
CREATE TABLE plan.decision (
  id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9._-]{1,19}(/[A-Za-z0-9._-]{1,20})?$'),
  matter text NOT NULL,
  body text NOT NULL,
  meeting text,
  decided_on date NOT NULL,
  subject text NOT NULL CHECK (subject <> ''),
  grant_id text CHECK (grant_id ~ '^[A-Za-z0-9._/-]{1,40}$'),
  amount_ore bigint CHECK (amount_ore > 0),
  ordinal bigint NOT NULL GENERATED ALWAYS AS IDENTITY,  -- the order of recording: a later one about a grant goes first
  UNIQUE (id, matter),
  FOREIGN KEY (matter, body) REFERENCES plan.mandate (matter, body),
  CHECK ((grant_id IS NULL) = (amount_ore IS NULL)),
  CHECK (matter <> 'base_grant' OR grant_id IS NOT NULL)
);
CREATE INDEX decision_grant ON plan.decision (grant_id, decided_on);

-- kind areas: shared out by the weights; host: stays with the host.
CREATE TABLE plan.decision_pot (
  decision text NOT NULL REFERENCES plan.decision,
  pot text NOT NULL CHECK (pot ~ '^[a-z][a-z_-]{0,39}$'),
  kind text NOT NULL CHECK (kind IN ('areas', 'host')),
  amount_ore bigint NOT NULL CHECK (amount_ore > 0),
  PRIMARY KEY (decision, pot)
);

CREATE TABLE plan.decision_weight (
  decision text NOT NULL,
  pot text NOT NULL,
  area text NOT NULL REFERENCES register.area,
  weight int NOT NULL CHECK (weight BETWEEN 1 AND 1000000),
  PRIMARY KEY (decision, pot, area),
  FOREIGN KEY (decision, pot) REFERENCES plan.decision_pot
);

-- R16, R50: adopted by a body that may; one in force.
CREATE TABLE plan.action_plan (
  year int NOT NULL CHECK (year BETWEEN 2017 AND 2199),
  version int NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('draft', 'in_force', 'replaced')),
  decision text,
  matter text NOT NULL GENERATED ALWAYS AS ('action_plan'::text) STORED,
  published_on date,  -- R55
  PRIMARY KEY (year, version),
  FOREIGN KEY (decision, matter) REFERENCES plan.decision (id, matter),
  CHECK (state = 'draft' OR decision IS NOT NULL)
);
CREATE UNIQUE INDEX one_action_plan_in_force ON plan.action_plan (state) WHERE state = 'in_force';

-- R52: the wheel. An activity has exactly one of eight methods; a body's meeting, a deadline or a survey has none.
CREATE TABLE plan.activity (
  id text PRIMARY KEY CHECK (id ~ '^[A-Z][A-Z0-9]{0,7}(-[A-Z0-9]{1,8})?$'),
  year int NOT NULL,
  plan_version int NOT NULL,
  kind text NOT NULL CHECK (kind IN ('activity', 'meeting', 'deadline', 'survey')),
  method text CHECK (method IN ('dialogue', 'contact', 'learning', 'competence', 'professional', 'guidance', 'local',
                                'regional')),
  network text,
  body text REFERENCES register.body,
  area text REFERENCES register.area,
  municipality text REFERENCES register.municipality,
  partner text REFERENCES register.partner,
  direction text CHECK (direction IN ('to', 'from', 'both')),  -- R65: which way knowledge spreads
  title_nb text NOT NULL CHECK (title_nb <> ''),
  title_nn text NOT NULL CHECK (title_nn <> ''),
  title_en text NOT NULL CHECK (title_en <> ''),
  first_day date NOT NULL,
  last_day date NOT NULL,
  begins time,
  ends time,
  place text,
  owner text NOT NULL REFERENCES register.position,
  goal text NOT NULL REFERENCES plan.goal,
  focus text,
  focus_kind text NOT NULL GENERATED ALWAYS AS ('focus'::text) STORED,
  directive text,
  directive_kind text NOT NULL GENERATED ALWAYS AS ('directive'::text) STORED,
  framework text,    -- R56
  legal_basis text,  -- R56
  FOREIGN KEY (year, plan_version) REFERENCES plan.action_plan,
  FOREIGN KEY (network, method) REFERENCES register.network (id, kind),
  FOREIGN KEY (focus, focus_kind) REFERENCES plan.goal (id, kind),
  FOREIGN KEY (directive, directive_kind) REFERENCES plan.goal (id, kind),
  CHECK (last_day >= first_day),
  CHECK (extract(year FROM first_day) = year),
  CHECK ((begins IS NULL) = (ends IS NULL)),
  CHECK (ends > begins),
  CONSTRAINT activity_has_one_method CHECK ((kind = 'activity') = (method IS NOT NULL)),
  CONSTRAINT meeting_is_of_a_body CHECK (kind <> 'meeting' OR body IS NOT NULL),
  CONSTRAINT body_or_network CHECK (num_nonnulls(body, network) <= 1),
  CONSTRAINT network_method_names_its_network
    CHECK (coalesce(method IN ('learning', 'competence', 'professional'), false) = (network IS NOT NULL)),
  CONSTRAINT dialogue_is_with_an_area_or_municipality
    CHECK (method <> 'dialogue' OR num_nonnulls(area, municipality) > 0),
  CONSTRAINT guidance_is_for_a_municipality CHECK (method <> 'guidance' OR municipality IS NOT NULL),
  CONSTRAINT local_cooperation_has_a_focus
    CHECK (method <> 'local' OR num_nonnulls(area, municipality) > 0 AND focus IS NOT NULL),
  CONSTRAINT regional_cooperation_has_a_partner
    CHECK (method <> 'regional' OR partner IS NOT NULL AND direction IS NOT NULL)
);

-- An activity in the calendar. organizer stays the same over a meeting's updates, as calendars ask (RFC 5546).
CREATE TABLE plan.meeting (
  id text PRIMARY KEY REFERENCES plan.activity,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  place text NOT NULL,
  state text NOT NULL CHECK (state IN ('scheduled', 'cancelled', 'held')),
  version int NOT NULL CHECK (version > 0),
  sequence int NOT NULL GENERATED ALWAYS AS (version - 1) STORED,  -- iCalendar's SEQUENCE
  scheduled_at timestamptz NOT NULL,                               -- when this version was made: DTSTAMP
  organizer bigint REFERENCES register.person,
  CHECK (ends_at > starts_at)
);
CREATE INDEX meeting_organizer ON plan.meeting (organizer);

-- A meeting with all that a letter or a page says of it. Exactly one of body and network is set.
CREATE VIEW plan.calendar AS
  SELECT m.id AS meeting, a.body, a.network, m.starts_at, m.ends_at, m.place, m.state, m.version, m.sequence,
         m.scheduled_at, m.organizer, a.title_nb, a.title_nn, a.title_en,
         coalesce(b.name_nb, n.name_nb) AS of_nb, coalesce(b.name_nn, n.name_nn) AS of_nn,
         coalesce(b.name_en, n.name_en) AS of_en
    FROM plan.meeting m JOIN plan.activity a USING (id)
    LEFT JOIN register.body b ON b.id = a.body LEFT JOIN register.network n ON n.id = a.network;

-- Those who hold a seat of the body or a membership of the network on the day.
CREATE FUNCTION plan.participants(meeting text, day date) RETURNS TABLE (person bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.person FROM plan.activity a, register.body_members(a.body, $2) p WHERE a.id = $1 AND a.body IS NOT NULL
  UNION
  SELECT p.person FROM plan.activity a, register.network_members(a.network, $2) p
   WHERE a.id = $1 AND a.network IS NOT NULL
$$;

-- The goals and sub-goals of a network on a day: what its evaluations ask about (R73).
CREATE FUNCTION plan.network_goals(network text, day date)
RETURNS TABLE (goal text, parent text, text_nb text, text_nn text, text_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT g.id, CASE g.kind WHEN 'network_sub' THEN g.parent END, g.text_nb, g.text_nn, g.text_en FROM plan.goal g
   WHERE g.network = $1 AND $2 >= g.valid_from AND ($2 <= g.valid_to) IS NOT FALSE
   ORDER BY g.level, g.id
$$;

-- R67, R68: each goal with the number of activities of a year that serve it, its descendants' included. 0 is a gap.
CREATE FUNCTION plan.goals_served(of_year int) RETURNS TABLE (goal text, kind text, activities bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE above (goal, ancestor) AS (
    SELECT g.id, g.id FROM plan.goal g
    UNION ALL
    SELECT a.goal, g.parent FROM above a JOIN plan.goal g ON g.id = a.ancestor WHERE g.parent IS NOT NULL),
  served AS (
    SELECT a.id, unnest(ARRAY[a.goal, a.focus, a.directive]) AS goal FROM plan.activity a WHERE a.year = $1)
  SELECT g.id, g.kind, count(DISTINCT s.id) FROM plan.goal g
    LEFT JOIN above u ON u.ancestor = g.id LEFT JOIN served s ON s.goal = u.goal
   GROUP BY g.id, g.kind ORDER BY g.level, g.kind, g.id
$$;

-- The wall time's moment in Europe/Oslo is computed by the caller (common/day.h); the functions take moments.

-- Puts an activity of the wheel in the calendar, or a cancelled meeting anew. Returns the version.
CREATE FUNCTION plan.schedule(meeting text, starts timestamptz, ends timestamptz, place text, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a plan.activity;
  m plan.meeting;
  made int;
  day date;
BEGIN
  SELECT x.* INTO a FROM plan.activity x WHERE x.id = schedule.meeting FOR UPDATE;
  IF a.id IS NULL THEN
    RAISE EXCEPTION 'there is no activity % in the wheel; see padriver plan list', meeting USING ERRCODE = 'PD002';
  END IF;
  SELECT x.* INTO m FROM plan.meeting x WHERE x.id = schedule.meeting;
  IF m.state = 'scheduled' THEN
    RAISE EXCEPTION '% is already in the calendar; padriver plan move changes it', meeting USING ERRCODE = 'PD002';
  ELSIF m.state = 'held' THEN
    RAISE EXCEPTION '% has been held; plan a new activity in the wheel', meeting USING ERRCODE = 'PD002';
  END IF;
  day := coalesce((starts AT TIME ZONE 'Europe/Oslo')::date, a.first_day);
  PERFORM plan.check_meetable(a, day);
  PERFORM plan.check_times(meeting, starts, ends, now);
  IF place IS NULL THEN
    RAISE EXCEPTION '% has no place in the wheel; give --place', meeting USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO plan.meeting AS x (id, starts_at, ends_at, place, state, version, scheduled_at, organizer)
    VALUES (meeting, starts, ends, schedule.place, 'scheduled', 1, now, plan.organizer_of(a, day))
    ON CONFLICT (id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, place = excluded.place,
      state = 'scheduled', version = x.version + 1, scheduled_at = excluded.scheduled_at, organizer = excluded.organizer
    RETURNING x.version INTO made;
  RETURN made;
END $$;

-- R71: only what has participants, and, for a network, goals and sub-goals to evaluate, can be put in the calendar.
CREATE FUNCTION plan.check_meetable(a plan.activity, day date) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF num_nonnulls(a.body, a.network) = 0 THEN
    RAISE EXCEPTION '% is neither a body''s meeting nor a network''s session and has no participants to invite', a.id
      USING ERRCODE = 'PD002';
  ELSIF a.network IS NOT NULL AND NOT EXISTS (SELECT FROM register.network n
     WHERE n.id = a.network AND day >= n.valid_from AND (day <= n.valid_to) IS NOT FALSE) THEN
    RAISE EXCEPTION 'network % does not run on %; correct its dates with padriver import', a.network, day
      USING ERRCODE = 'PD002';
  ELSIF a.network IS NOT NULL AND NOT EXISTS (SELECT FROM plan.network_goals(a.network, day) g WHERE g.parent IS NULL) THEN
    RAISE EXCEPTION 'network % has no goal; give it one (padriver import goal.csv) before its sessions', a.network
      USING ERRCODE = 'PD002';
  ELSIF a.network IS NOT NULL AND NOT EXISTS (SELECT FROM plan.network_goals(a.network, day) g WHERE g.parent IS NOT NULL) THEN
    RAISE EXCEPTION 'network % has no sub-goals; give it some (padriver import goal.csv) before its sessions', a.network
      USING ERRCODE = 'PD002';
  END IF;
END $$;

-- A meeting ends after it starts, and is not over when it is put in the calendar.
CREATE FUNCTION plan.check_times(meeting text, starts timestamptz, ends timestamptz, now timestamptz) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF starts IS NULL OR ends IS NULL THEN
    RAISE EXCEPTION '% has no time in the wheel; give --at and --until', meeting USING ERRCODE = 'PD002';
  ELSIF ends <= starts THEN
    RAISE EXCEPTION '% would end before it starts; give --at and --until in that order', meeting USING ERRCODE = 'PD002';
  ELSIF ends <= now THEN
    RAISE EXCEPTION '% would be over already; give a time to come', meeting USING ERRCODE = 'PD002';
  END IF;
END $$;

-- Who runs it: the holder, on the day, of the position that convenes the body or the network.
CREATE FUNCTION plan.organizer_of(a plan.activity, day date) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT register.holder_of(coalesce((SELECT b.convener FROM register.body b WHERE b.id = a.body),
                                     (SELECT n.convener FROM register.network n WHERE n.id = a.network)), day)
$$;

-- The meeting's row, locked, if it stands in the calendar; else says what to do.
CREATE FUNCTION plan.scheduled(meeting text) RETURNS plan.meeting
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE m plan.meeting;
BEGIN
  SELECT x.* INTO m FROM plan.meeting x WHERE x.id = scheduled.meeting FOR UPDATE;
  IF m.state = 'scheduled' THEN
    RETURN m;
  ELSIF m.state = 'cancelled' THEN
    RAISE EXCEPTION '% is cancelled; padriver plan schedule puts it in the calendar again', meeting USING ERRCODE = 'PD002';
  ELSIF m.state = 'held' THEN
    RAISE EXCEPTION '% has been held already', meeting USING ERRCODE = 'PD002';
  ELSIF EXISTS (SELECT FROM plan.activity a WHERE a.id = scheduled.meeting) THEN
    RAISE EXCEPTION '% is only planned in the wheel; padriver plan schedule puts it in the calendar', meeting
      USING ERRCODE = 'PD002';
  END IF;
  RAISE EXCEPTION 'there is no activity % in the wheel; see padriver plan list', meeting USING ERRCODE = 'PD002';
END $$;

-- Moves a meeting in time or place. NULL leaves as it is. Returns the new version.
CREATE FUNCTION plan.move(meeting text, starts timestamptz, ends timestamptz, place text, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m plan.meeting := plan.scheduled(meeting);
  from_at timestamptz := coalesce(starts, m.starts_at);
  to_at timestamptz := coalesce(ends, from_at + (m.ends_at - m.starts_at));
  where_to text := coalesce(place, m.place);
BEGIN
  IF (from_at, to_at, where_to) = (m.starts_at, m.ends_at, m.place) THEN
    RAISE EXCEPTION '% is at that time and place already', meeting USING ERRCODE = 'PD002';
  END IF;
  PERFORM plan.check_times(meeting, from_at, to_at, now);
  UPDATE plan.meeting x SET starts_at = from_at, ends_at = to_at, place = where_to, version = x.version + 1,
         scheduled_at = now WHERE x.id = move.meeting;
  RETURN m.version + 1;
END $$;

-- Calls a meeting off. Returns the new version; plan.schedule can put it back.
CREATE FUNCTION plan.cancel(meeting text, now timestamptz) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE m plan.meeting := plan.scheduled(meeting);
BEGIN
  UPDATE plan.meeting x SET state = 'cancelled', version = x.version + 1, scheduled_at = now WHERE x.id = cancel.meeting;
  RETURN m.version + 1;
END $$;

-- Notes that a meeting was held, once it is over. True: a network's session (to be evaluated, R72).
CREATE FUNCTION plan.hold(meeting text, now timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE m plan.meeting := plan.scheduled(meeting);
BEGIN
  IF now < m.ends_at THEN
    RAISE EXCEPTION '% is not over before %; say so afterwards', meeting,
      to_char(m.ends_at AT TIME ZONE 'Europe/Oslo', 'DD.MM.YYYY HH24:MI') USING ERRCODE = 'PD002';
  END IF;
  UPDATE plan.meeting x SET state = 'held' WHERE x.id = hold.meeting;
  RETURN (SELECT a.network IS NOT NULL FROM plan.activity a WHERE a.id = hold.meeting);
END $$;

-- Whether a body may decide a matter on a day; else says who may.
CREATE FUNCTION plan.check_mandate(matter text, body text, day date) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE who text;
BEGIN
  SELECT string_agg(x.body, ', ' ORDER BY x.body) INTO who FROM plan.mandate x
   WHERE x.matter = $1 AND day >= x.valid_from AND (day <= x.valid_to) IS NOT FALSE;
  IF body IS NULL OR who IS NULL OR body <> ALL (string_to_array(who, ', ')) THEN
    RAISE EXCEPTION '% does not decide % on %; % does', body, matter, day, coalesce(who, 'nobody') USING ERRCODE = 'PD002';
  END IF;
END $$;

-- R20, R35, R82-R84: records a decision with the pots it shares a grant into. For each pot of kind areas the weights
-- given, or one for each funded area of the day: stored with the decision either way.
CREATE FUNCTION plan.record_decision(decision text, matter text, body text, meeting text, decided_on date, subject text,
  grant_id text, amount_ore bigint, pots text[], kinds text[], amounts bigint[], areas text[], weights int[],
  now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  total numeric := (SELECT sum(x) FROM unnest(amounts) x);
  unknown text;
BEGIN
  IF decided_on > (now AT TIME ZONE 'Europe/Oslo')::date THEN
    RAISE EXCEPTION 'decision % would be of %, which is yet to come', decision, decided_on USING ERRCODE = 'PD002';
  ELSIF EXISTS (SELECT FROM plan.decision d WHERE d.id = record_decision.decision) THEN
    RAISE EXCEPTION 'decision % is recorded already; see padriver decision show %', decision, decision USING ERRCODE = 'PD002';
  END IF;
  PERFORM plan.check_mandate(matter, body, decided_on);
  PERFORM plan.check_decided_at(decision, body, meeting, now);
  IF total IS DISTINCT FROM amount_ore THEN
    RAISE EXCEPTION 'decision %: the pots sum to % kr, the amount is % kr; correct --pot or --amount', decision,
      round(coalesce(total, 0) / 100, 2), round(coalesce(amount_ore, 0) / 100.0, 2) USING ERRCODE = 'PD002';
  END IF;
  SELECT x INTO unknown FROM unnest(areas) x WHERE x NOT IN (SELECT a.area FROM register.areas_on(decided_on) a) LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'decision %: % is not a funded area on %; correct --weights', decision, unknown, decided_on
      USING ERRCODE = 'PD002';
  END IF;
  INSERT INTO plan.decision VALUES (decision, matter, body, meeting, decided_on, subject, grant_id, amount_ore);
  INSERT INTO plan.decision_pot SELECT record_decision.decision, u.* FROM unnest(pots, kinds, amounts) u(pot, kind, ore);
  INSERT INTO plan.decision_weight
    SELECT p.decision, p.pot, w.area, w.weight FROM plan.decision_pot p, (
        SELECT u.area, u.weight FROM unnest(areas, weights) u(area, weight)
        UNION ALL
        SELECT a.area, 1 FROM register.areas_on(decided_on) a WHERE cardinality(areas) = 0) w
     WHERE p.decision = record_decision.decision AND p.kind = 'areas';
  SELECT p.pot INTO unknown FROM plan.decision_pot p LEFT JOIN plan.decision_weight w USING (decision, pot)
   WHERE p.decision = record_decision.decision AND p.kind = 'areas' AND w.area IS NULL LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'decision %: pot % has no areas to go to on %; import the areas first', decision, unknown, decided_on
      USING ERRCODE = 'PD002';
  END IF;
END $$;

-- A decision is made in a meeting of its body that was not called off and does not lie ahead; or outside meetings.
CREATE FUNCTION plan.check_decided_at(decision text, body text, meeting text, now timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE m plan.meeting;
BEGIN
  IF meeting IS NULL THEN
    RETURN;
  ELSIF NOT EXISTS (SELECT FROM plan.activity a WHERE a.id = check_decided_at.meeting AND a.body = check_decided_at.body) THEN
    RAISE EXCEPTION 'decision %: % is not a meeting of %; see padriver plan list', decision, meeting, body
      USING ERRCODE = 'PD002';
  END IF;
  SELECT x.* INTO m FROM plan.meeting x WHERE x.id = check_decided_at.meeting;
  IF m.state = 'cancelled' THEN
    RAISE EXCEPTION 'decision %: % was cancelled', decision, meeting USING ERRCODE = 'PD002';
  ELSIF m.starts_at > now THEN
    RAISE EXCEPTION 'decision %: % does not begin before %', decision, meeting,
      to_char(m.starts_at AT TIME ZONE 'Europe/Oslo', 'DD.MM.YYYY HH24:MI') USING ERRCODE = 'PD002';
  END IF;
END $$;

RESET ROLE;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA plan FROM PUBLIC;
GRANT USAGE ON SCHEMA plan TO padriver_notifications, padriver_evaluation, padriver_budget, padriver_ctl;
GRANT SELECT ON plan.action_plan, plan.activity, plan.calendar, plan.decision, plan.decision_pot, plan.decision_weight,
  plan.goal, plan.meeting TO padriver_ctl;
GRANT SELECT ON plan.calendar TO padriver_notifications, padriver_evaluation;
GRANT SELECT ON plan.decision, plan.decision_pot, plan.decision_weight TO padriver_budget;
GRANT EXECUTE ON FUNCTION plan.participants TO padriver_notifications, padriver_evaluation;
GRANT EXECUTE ON FUNCTION plan.network_goals TO padriver_evaluation;
GRANT EXECUTE ON FUNCTION plan.goals_served, plan.schedule, plan.move, plan.cancel, plan.hold, plan.record_decision
  TO padriver_ctl;
