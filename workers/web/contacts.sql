-- Statements of the list of contacts to be confirmed.

-- web_unconfirmed (day date, review int, person bigint) -> many (municipality text, name text, area text, people text[],
--   confirmed_on date, may bool)
SELECT u.municipality, u.name, u.area, u.people, u.confirmed_on, register.may_confirm(:person, u.municipality, :day) AS may
  FROM register.unconfirmed_on(:day, :review) u;

-- web_may_confirm (person bigint, municipality text, day date) -> one (may bool)
SELECT register.may_confirm(:person, :municipality, :day) AS may;

-- web_confirm (person bigint, municipality text, now time) -> one (confirmed int)
SELECT register.confirm_contacts(:person, :municipality, :now) AS confirmed;
