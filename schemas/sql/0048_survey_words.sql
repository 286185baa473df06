-- Words that are released stand in the order in which they were asked for, those of the leader survey too.
SET LOCAL ROLE padriver_owner_evaluation;

CREATE OR REPLACE VIEW evaluation.report_words AS
  SELECT s.scope, s.subject, w.tally, w.question, w.version, w.goal, w.words_id, w.words, coalesce(f.place, v.place, 0) AS place,
         q.text_nb, q.text_nn, q.text_en
    FROM evaluation.scope s JOIN evaluation.written w USING (tally)
    JOIN evaluation.question q ON q.id = w.question AND q.version = w.version
    LEFT JOIN evaluation.form f ON f.question = split_part(w.question, '/', 1)
    LEFT JOIN evaluation.survey_form v ON v.question = split_part(w.question, '/', 1)
   WHERE w.released_at IS NOT NULL;

RESET ROLE;
