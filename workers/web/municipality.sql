-- Statements of a municipality's page, and of the list of those that a person sees.

-- web_counts_of_municipalities (person bigint, day date) -> many (number text, name text, area_name text, contacts int, responsible int,
--   members int, survey text)
SELECT m.number, m.name, m.area_name, m.contacts, m.responsible, m.members, m.survey
  FROM web.municipalities(:person, :day) m WHERE m.may ORDER BY m.area_name, m.number;

-- web_municipality (person bigint, number text, day date) -> one (municipality text, name text, area text, area_name text, may bool)
SELECT m.municipality, m.name, m.area, m.area_name, m.may FROM web.municipalities(:person, :day) m WHERE m.number = :number;

-- web_contacts (person bigint, municipality text, day date) -> many (name text, role text, confirmed_on date,
--   confirmed_by text)
SELECT c.name, c.role, c.confirmed_on, c.confirmed_by FROM web.contacts(:person, :municipality, :day) c;

-- web_coordinator (area text, day date) -> one (name text)
SELECT c.name FROM web.coordinator(:area, :day) c;

-- web_surveys (person bigint, municipality text, day date) -> many (title_nb text, title_nn text, title_en text, closes_at time,
--   status text)
SELECT s.title_nb, s.title_nn, s.title_en, s.closes_at, s.status FROM web.surveys(:person, :municipality, :day) s
 ORDER BY s.closes_at DESC, s.survey;

-- web_sessions (person bigint, municipality text, year int, day date) -> many (starts_at time, state text, title_nb text,
--   title_nn text, title_en text, of_nb text, of_nn text, of_en text, participants int, invited int)
SELECT s.starts_at,
       CASE WHEN s.state = 'scheduled' AND (s.starts_at AT TIME ZONE 'Europe/Oslo')::date < :day THEN 'unmarked' ELSE s.state END
         AS state, s.title_nb, s.title_nn, s.title_en, s.of_nb, s.of_nn, s.of_en, s.participants, s.invited
  FROM web.sessions(:person, :municipality, :year, :day) s ORDER BY s.starts_at, s.meeting;

-- web_money (person bigint, municipality text, day date) -> many (grant_id text, version int, area text, amount_ore bigint,
--   distributed_at time, told_at time)
SELECT m.grant_id, m.version, m.area, m.amount_ore, m.distributed_at, m.told_at FROM web.money(:person, :municipality, :day) m
 ORDER BY m.distributed_at DESC, m.grant_id, m.version DESC, m.area;
