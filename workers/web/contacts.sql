-- Statements of the list of contacts to be confirmed.

-- web_unconfirmed (day date, review int, person bigint) -> many (municipality text, name text, area text, people text[],
--   confirmed_on date, confirmed_by text, may bool)
SELECT u.municipality, u.name, u.area, u.people, u.confirmed_on, u.confirmed_by, u.may
  FROM register.unconfirmed_for(:person, :day, :review) u;

-- web_confirmable (person bigint, municipality text, day date) -> one (name text, may bool, people int)
SELECT m.name, register.may_confirm(:person, m.municipality, :day) AS may, m.contacts + m.responsible AS people
  FROM web.municipalities(:person, :day) m WHERE m.municipality = :municipality;

-- web_confirm (person bigint, municipality text, now time) -> one (confirmed int)
SELECT register.confirm_contacts(:person, :municipality, :now) AS confirmed;
