-- Statements of the page that asks whether a session was held.

-- web_session (meeting text, person bigint, day date) -> one (state text, starts_at time, ends_at time, place text, may bool,
--   standing text, title_nb text, title_nn text, title_en text)
SELECT c.state, c.starts_at, c.ends_at, c.place, plan.may_write(:person, c.meeting, :day) AS may,
       s.standing, c.title_nb, c.title_nn, c.title_en
  FROM plan.calendar c LEFT JOIN evaluation.standing s ON s.meeting = c.meeting WHERE c.meeting = :meeting AND c.network IS NOT NULL;

-- web_hold (person bigint, meeting text, now time) -> one (session bool)
SELECT plan.hold_as(:person, :meeting, :now) AS session;

-- web_move (person bigint, meeting text, starts time, ends time, place text, now time) -> one (version int)
SELECT plan.move_as(:person, :meeting, :starts, :ends, :place, :now) AS version;

-- web_cancel (person bigint, meeting text, now time) -> one (version int)
SELECT plan.cancel_as(:person, :meeting, :now) AS version;
