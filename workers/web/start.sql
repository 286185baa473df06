-- Statements of the public start page.

-- web_year_plan (year int) -> many (id text, first_day date, last_day date, begins text, ends text, place text, state text,
--   title_nb text, title_nn text, title_en text, of_nb text, of_nn text, of_en text)
-- Times are Oslo's wall time; of whom: a body, a network, an area or nobody.
SELECT y.id, y.first_day, y.last_day, y.begins, y.ends, y.place, y.state, y.title_nb, y.title_nn, y.title_en,
       y.of_nb, y.of_nn, y.of_en
  FROM plan.year_plan y WHERE y.year = :year ORDER BY y.first_day, y.begins, y.id;
