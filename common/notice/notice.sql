-- What notices say, from live tables. Run by notifications and, to show a letter, by the command.

-- notice_addressee (person bigint) -> one (name text, email text, language text)
SELECT a.name, a.email, a.language FROM register.addressee a WHERE a.person = :person;

-- notice_meeting (meeting text) -> one (body text, network text, starts_at time, ends_at time, place text,
--   sequence int, scheduled_at time, organizer bigint, title_nb text, title_nn text, title_en text,
--   of_nb text, of_nn text, of_en text)
SELECT c.body, c.network, c.starts_at, c.ends_at, c.place, c.sequence, c.scheduled_at, coalesce(c.organizer, 0) AS organizer,
       c.title_nb, c.title_nn, c.title_en, c.of_nb, c.of_nn, c.of_en
  FROM plan.calendar c WHERE c.meeting = :meeting;

-- notice_occasion (evaluation text) -> one (starts_at time, organizer bigint, title_nb text, title_nn text, title_en text,
--   of_nb text, of_nn text, of_en text, follow_up bool)
SELECT o.starts_at, o.organizer, o.title_nb, o.title_nn, o.title_en, o.of_nb, o.of_nn, o.of_en, o.follows IS NOT NULL AS follow_up
  FROM evaluation.occasion o WHERE o.evaluation = :evaluation;

-- notice_paper (evaluation text, person bigint) -> one (invitation bigint, mode text, threshold int, closes_at time,
--   respondent text)
-- respondent: the municipality that is asked, by name.
SELECT m.invitation, m.mode, m.threshold, m.closes_at, n.name FROM evaluation.missing m
  LEFT JOIN register.municipality_name n ON n.municipality = m.respondent
 WHERE m.evaluation = :evaluation AND m.person = :person;

-- notice_survey (survey text, person bigint, day date) -> many (name text, status text, closes_at time)
-- The municipalities whose coordinator the person is that have not answered.
SELECT s.name, s.status, o.closes_at
  FROM evaluation.survey_status(:survey, :day) s JOIN evaluation.overview o ON o.evaluation = :survey
 WHERE s.coordinator = :person AND s.status <> 'answered' ORDER BY s.name;

-- notice_shares (grant_id text, version int) -> many (number text, municipality text, standard text, area text, area_name text,
--   amount_ore bigint, previous_ore bigint, decision text, kind text, year int, coordinator bigint)
SELECT n.number, n.name AS municipality, n.standard, s.area, a.name AS area_name, s.amount_ore, s.previous_ore, s.decision,
       s.kind, s.year, coalesce(e.person, 0) AS coordinator
  FROM (SELECT x.*, (x.distributed_at AT TIME ZONE 'Europe/Oslo')::date AS day FROM budget.share_letter x
         WHERE x.grant_id = :grant_id AND x.version = :version) s
 CROSS JOIN LATERAL register.municipality_on(s.municipality, s.day) n
  LEFT JOIN register.area a ON a.id = s.area
  LEFT JOIN LATERAL register.employer_of(s.area, s.day) e ON true
 ORDER BY s.area = '', n.number, s.area, s.pot;

-- notice_body (body text, day date) -> one (name_nb text, name_nn text, name_en text, convener bigint)
SELECT b.name_nb, b.name_nn, b.name_en, coalesce(register.holder_of(b.convener, :day), 0) AS convener
  FROM register.body b WHERE b.id = :body;

-- notice_sign_in (subject text, person bigint) -> one (id bigint, expires_at time)
SELECT w.id, w.expires_at FROM web.waiting w WHERE CAST(w.id AS text) = :subject AND w.person = :person;
