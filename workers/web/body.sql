-- Statements of a body's page.

-- web_body (person bigint, body text, day date) -> one (name_nb text, name_nn text, name_en text, may bool, decides bool)
SELECT b.name_nb, b.name_nn, b.name_en, b.may, b.decides FROM web.bodies(:person, :day) b WHERE b.body = :body;

-- web_seats (person bigint, body text, day date) -> many (title text, area text, name text)
SELECT s.title, s.area, s.name FROM web.seats(:person, :body, :day) s;

-- web_decisions (person bigint, body text, day date) -> many (decision text, meeting text, decided_on date, subject text,
--   amount_ore bigint)
-- The newest first.
SELECT d.decision, d.meeting, d.decided_on, d.subject, d.amount_ore FROM web.decisions(:person, :body, :day) d
 ORDER BY d.decided_on DESC, d.ordinal DESC LIMIT 200;
