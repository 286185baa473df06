-- What needs a person: for the start page of staff, and for the letter of Monday morning.

-- needs (now time, person bigint, review int) -> many (name text, number bigint)
-- How much there is of each thing for the person, the most urgent first; review: the setting of that name.
SELECT n.name, n.number FROM web.needs(:now, :person, :review) n;
