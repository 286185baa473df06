-- The instance that may send.

-- instance_release (instance text, actor text, at time) -> none
SELECT notice.release(:instance, :actor, :at);
