"""Counter daemons for flow tests: effects that can be held against the log, event by event.

    with Instance() as it:
        counters = Counters(it, "counter")           # role, table, group and daemon
        counters.trouble("counter", "N1-S1", "reject")   # or "retry", "constraint"
        counters.check("counter")                    # effects = events, exactly once, in order by key
"""
from instance import BUILD

SCHEMA = """
CREATE SCHEMA counter;
CREATE TABLE counter.tally (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, grp text NOT NULL,
                            position bigint NOT NULL, key text NOT NULL);
CREATE TABLE counter.trouble (grp text, key text, kind text, PRIMARY KEY (grp, key));
"""
ROLE = """
CREATE ROLE padriver_{name} LOGIN;
GRANT USAGE ON SCHEMA log, counter TO padriver_{name};
GRANT INSERT ON counter.tally TO padriver_{name};
GRANT SELECT ON counter.trouble TO padriver_{name};
GRANT EXECUTE ON FUNCTION log.append, log.advance, log.park, log.parked_of, log.retryable, log.unpark, log.repark,
  log.timer_set, log.timer_drop TO padriver_{name};
"""
HANDLED = (4, 5, 10)


class Counters:
    def __init__(self, instance, *names, partitions=1, start=True):
        self.it = instance
        self.it.psql(SCHEMA)
        for name in names:
            self.it.psql(ROLE.format(name=name))
            self.it.padriver("group", "add", name, "--from", "start", "--partitions", str(partitions))
            self.worker(name, name)
            if start:
                self.it.start(name)

    def worker(self, process, group):
        """Another process of a group, to be started under that name."""
        self.it.programs[process] = BUILD + "/tests/counter_daemon"
        self.it.environments[process] = {"COUNTER_GROUP": group}

    def trouble(self, group, key, kind):
        self.it.psql("INSERT INTO counter.trouble VALUES ('%s', '%s', '%s')" % (group, key, kind))

    def peace(self):
        self.it.psql("DELETE FROM counter.trouble")

    def counted(self, group):
        return self.it.value("SELECT count(*) FROM counter.tally WHERE grp = '%s'" % group)

    def is_done(self, *groups):
        """Every event is behind the cursors of these groups, of all at one moment: what one passes on is new to the others."""
        return self.it.psql("SELECT min(position) >= (SELECT coalesce(max(position), 0) FROM log.event)"
                            " FROM log.cursor WHERE grp IN ('%s')" % "', '".join(groups)) == [["t"]]

    def faults(self, group):
        """What is not as promised: events without exactly one effect (parked ones without any), keys out of order."""
        return self.it.psql("""
            SELECT e.position, e.key, count(t.id), p.position FROM log.event e
              LEFT JOIN counter.tally t ON t.position = e.position AND t.grp = '{group}'
              LEFT JOIN log.parked p ON p.position = e.position AND p.grp = '{group}'
             WHERE e.type IN {handled} GROUP BY e.position, e.key, p.position
            HAVING count(t.id) <> CASE WHEN p.position IS NULL THEN 1 ELSE 0 END
            UNION ALL
            SELECT t.position, t.key, -1, t.id FROM (SELECT t.*, lag(t.position) OVER (PARTITION BY t.key ORDER BY t.id)
              AS before FROM counter.tally t WHERE t.grp = '{group}') t WHERE t.before > t.position
            """.format(group=group, handled=HANDLED))

    def check(self, group):
        faults = self.faults(group)
        assert not faults, "group %s: (position, key, effects, parked): %s" % (group, faults[:10])
