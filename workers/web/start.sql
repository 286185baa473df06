-- Statements of the public start page.

-- web_year_plan (year int, today date, body text, municipality text, area text) -> many (first_day date, last_day date,
--   begins text, ends text, place text, state text, results text, title_nb text, title_nn text, title_en text, of_nb text,
--   of_nn text, of_en text)
-- Times are Oslo's wall time; of whom: a body, a network, an area or nobody. Of a body alone, or of a municipality with what is
-- for its whole area, where one is named. results: what participants or leaders said of it, under this name, if it is shown.
-- A state of its own has a deadline, a survey (open, closed), and a meeting that is over and not known to have been held; of
-- what has no participants that is never known.
SELECT y.first_day, y.last_day, y.begins, y.ends, y.place,
       CASE WHEN y.kind = 'deadline' THEN 'deadline'
            WHEN y.kind = 'survey' THEN coalesce(o.state, 'planned')
            WHEN y.state IN ('planned', 'scheduled') AND y.last_day < :today AND coalesce(y.network, y.body) IS NOT NULL
              THEN 'unmarked'
            ELSE y.state END AS state,
       CASE WHEN s.standing = 'shown' OR NOT o.hidden THEN coalesce(o.evaluation, y.id) END AS results,
       y.title_nb, y.title_nn, y.title_en, y.of_nb, y.of_nn, y.of_en
  FROM plan.year_plan y LEFT JOIN evaluation.standing s ON s.meeting = y.id
  LEFT JOIN evaluation.overview o ON y.kind = 'survey' AND o.evaluation = split_part(y.id, '-', 1) || '-' || y.year
 WHERE y.year = :year AND (:body = '' OR y.body = :body)
   AND (:municipality = '' OR y.municipality = :municipality OR y.municipality IS NULL AND y.area = :area)
 ORDER BY y.first_day, y.begins, y.id;
