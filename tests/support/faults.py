"""What the tests of faults share: an instance with counters, load, relays in its connections, and the sum at the end.

    class Stop(Faults):
        def test_...(self):
            self.count("counter", partitions=2)
            stream = self.load(1000)
            ...
            self.settle(stream)         # all that was confirmed has had its effects, exactly once, in order by key
"""
import os
import unittest

from cluster import Cluster
from counters import Counters
from instance import Instance, eventually
from relay import Relay
from stream import Stream


class Faults(unittest.TestCase):
    durable, parent = False, "/tmp"
    settings = {}  # of the store and the broker, in place of the usual ones: {"store": {"deadline": 2000}}

    def instance(self):
        """The instance, with its broker running."""
        it = Instance(broker=False, cluster=Cluster(durable=self.durable, parent=self.parent))
        with open(it.conf, encoding="utf-8") as conf:
            text = conf.read()
        for section, values in self.settings.items():
            text = text.replace(section + "\n", section + "\n" + "".join("    %s = %s\n" % pair for pair in values.items()), 1)
        with open(it.conf, "w", encoding="utf-8") as conf:
            conf.write(text)
        it.start("broker")
        return it

    def setUp(self):
        self.it = self.instance()
        self.addCleanup(self.it.close)
        self.streams, self.groups = [], ()

    def count(self, *groups, **more):
        self.groups = groups
        self.counters = Counters(self.it, *groups, **more)

    def load(self, events=None, **more):
        self.streams.append(Stream(self.it, "s%d" % len(self.streams), events, **more))
        return self.streams[-1]

    def store_relay(self, name):
        """A relay between a program, when it starts next, and the store."""
        directory = "%s/store-%s" % (self.it.directory, name)
        os.mkdir(directory)
        path = directory + "/.s.PGSQL.5432"
        relay = Relay(path, self.it.cluster.directory + "/.s.PGSQL.5432")
        self.addCleanup(relay.close)
        self.it.through(name, store=path)
        return relay

    def broker_relay(self, name):
        """The same between a worker and the broker."""
        path = "%s/broker-%s" % (self.it.directory, name)
        relay = Relay(path, self.it.runtime + "/broker")
        self.addCleanup(relay.close)
        self.it.through(name, broker=path)
        return relay

    def standby(self):
        """A second broker, which stands by."""
        self.it.programs["standby"] = self.it.program("broker")
        self.it.start("standby")
        eventually(lambda: self.it.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'padriver_broker'") >= 2)

    def published(self):
        return self.it.value("SELECT count(*) FROM log.event WHERE cause IS NULL AND type IN (4, 5)")

    def append_lock(self):
        """The session that holds the append lock, if one does."""
        return self.it.psql("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 7030 AND granted")

    def broker_lock(self):
        return self.it.psql("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 7031 AND granted")

    def check(self, seconds=60):
        """Every event is handled: then effects are events, and what workers pass on was passed on once by each."""
        eventually(lambda: self.counters.is_done(*self.groups), seconds, lambda: self.it.padriver("lag") + self.it.said()[-2000:])
        for group in self.groups:
            self.counters.check(group)
        held = self.it.value("SELECT count(*) FROM log.event WHERE type = 5")
        self.assertEqual(self.it.value("SELECT count(*) FROM log.event WHERE cause IS NOT NULL"), held * len(self.groups))

    def settle(self, seconds=60):
        """All that was to be published is confirmed, is in the log once, and has had its effects."""
        for stream in self.streams:
            stream.finish()
            self.assertFalse(stream.is_alive(), self.it.said()[-2000:])
        self.check(seconds)
        self.assertEqual(self.published(), sum(stream.confirmed for stream in self.streams))
