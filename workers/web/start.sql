-- Statements of the public start page.

-- web_year_plan (year int, body text, municipality text, area text) -> many (id text, first_day date, last_day date, begins text,
--   ends text, place text, state text, shown bool, title_nb text, title_nn text, title_en text, of_nb text, of_nn text, of_en text)
-- Times are Oslo's wall time; of whom: a body, a network, an area or nobody. Of a body alone, or of a municipality with what is
-- for its whole area, where one is named. Of a session that was held results may be shown.
SELECT y.id, y.first_day, y.last_day, y.begins, y.ends, y.place, y.state, coalesce(s.standing = 'shown', false) AS shown,
       y.title_nb, y.title_nn, y.title_en, y.of_nb, y.of_nn, y.of_en
  FROM plan.year_plan y LEFT JOIN evaluation.standing s ON s.meeting = y.id
 WHERE y.year = :year AND (:body = '' OR y.body = :body)
   AND (:municipality = '' OR y.municipality = :municipality OR y.municipality IS NULL AND y.area = :area)
 ORDER BY y.first_day, y.begins, y.id;
