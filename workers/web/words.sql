-- Statements of the pages on which staff read what people wrote; whose they are is asked by the functions.

-- web_tallies (person bigint, now time) -> many (tally text, waiting int, released int, expires_at time,
--   title_nb text, title_nn text, title_en text)
-- Those with most to decide on first.
SELECT t.tally, t.waiting, t.released, t.expires_at, o.title_nb, o.title_nn, o.title_en
  FROM evaluation.tallies_with_words(:person, :now) t JOIN evaluation.occasion o ON o.evaluation = t.tally
 ORDER BY t.waiting = 0, t.expires_at, t.tally;

-- web_tally (person bigint, tally text, now time) -> one (may bool, survey bool, sessions text[], expires_at time,
--   title_nb text, title_nn text, title_en text)
-- sessions: none if no words are left.
SELECT evaluation.may_decide(:person, :tally, (:now AT TIME ZONE 'Europe/Oslo')::date) AS may, o.survey,
       coalesce(t.sessions, '{}') AS sessions, t.expires_at, o.title_nb, o.title_nn, o.title_en
  FROM evaluation.occasion o LEFT JOIN evaluation.tallies_with_words(:person, :now) t ON t.tally = o.evaluation
 WHERE o.evaluation = :tally;

-- web_words (person bigint, tally text, now time) -> many (id text, question text, version int, text_nb text, text_nn text,
--   text_en text, words text, released_by text, released_at time)
SELECT w.words_id, w.question, w.version, w.text_nb, w.text_nn, w.text_en, w.words, w.released_by, w.released_at
  FROM evaluation.words_of(:person, :tally, :now) w ORDER BY w.place, w.question, w.version, w.words_id;

-- web_release (person bigint, ids text[], now time) -> none
SELECT evaluation.release_words_as(:person, :ids, :now);

-- web_withdraw (person bigint, ids text[], now time) -> none
SELECT evaluation.withdraw_words_as(:person, :ids, :now);

-- web_remove (person bigint, ids text[], now time) -> none
SELECT evaluation.remove_words_as(:person, :ids, :now);
