-- Statements of what a person decides about a letter or a parked event.

-- web_resend (person bigint, queue text, id bigint, now time) -> one (made bigint)
SELECT web.resend(:person, :queue, :id, :now) AS made;

-- web_settle (person bigint, queue text, id bigint, outcome text, now time) -> none
SELECT web.settle(:person, :queue, :id, :outcome, :now);

-- web_retry (person bigint, worker_group text, position bigint, now time) -> one (done bool)
SELECT web.retry(:person, :worker_group, :position, :now) AS done;

-- web_give_up (person bigint, worker_group text, position bigint, now time) -> one (done bool)
SELECT web.give_up(:person, :worker_group, :position, :now) AS done;
