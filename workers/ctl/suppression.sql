-- Whom not to write to any more: seen, added and lifted through the register's functions.

-- suppressions () -> many (person bigint, channel text, reason text, at time)
SELECT s.person, s.channel, s.reason, s.at FROM register.suppression s ORDER BY s.at, s.person, s.channel;

-- suppression_add (person bigint, channel text, now time) -> one (known bool)
SELECT register.suppress(:person, :channel, 'asked', :now) AS known;

-- suppression_drop (person bigint, channel text) -> one (gone bool)
SELECT register.unsuppress(:person, :channel) AS gone;
