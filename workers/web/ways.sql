-- Statements of what a person finds on the start page of staff besides what needs somebody.

-- web_bodies (person bigint, day date) -> many (body text, name_nb text, name_nn text, name_en text)
SELECT b.body, b.name_nb, b.name_nn, b.name_en FROM web.bodies(:person, :day) b WHERE b.may ORDER BY b.body DESC;

-- web_sees_grants (person bigint, day date) -> one (may bool)
SELECT web.sees(:person, 'grants', '', :day) AS may;

-- web_own_municipalities (person bigint, day date) -> many (number text, name text)
SELECT m.number, m.name FROM web.municipalities(:person, :day) m WHERE m.may ORDER BY m.name;
