"""Effects are had exactly once and in order by key, whatever is killed when: worker, broker, PostgreSQL (promises 1, 2, 6)."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import Instance, eventually  # noqa: E402
from stream import Stream  # noqa: E402

POINTS = ("after-cursor", "after-effects", "before-commit", "after-commit")


class ExactlyOnce(unittest.TestCase):
    def setUp(self):
        self.it = Instance()
        self.addCleanup(self.it.close)

    def published(self):
        """Events in the log that were not passed on by a worker."""
        return self.it.value("SELECT count(*) FROM log.event WHERE cause IS NULL")

    def settle(self, counters, *streams):
        """Everything confirmed and handled: then effects are events."""
        for stream in streams:
            stream.join(90)
            self.assertFalse(stream.is_alive(), self.it.said()[-2000:])
        eventually(lambda: counters.is_done(*self.groups), 60, lambda: self.it.padriver("lag"))
        for group in self.groups:
            counters.check(group)
        self.assertEqual(self.published(), sum(stream.confirmed for stream in streams))
        # What a worker passes on is passed on once by each group.
        held = self.it.value("SELECT count(*) FROM log.event WHERE type = 5")
        self.assertEqual(self.it.value("SELECT count(*) FROM log.event WHERE cause IS NOT NULL"), held * len(self.groups))

    def test_a_worker_killed_at_each_failpoint(self):
        self.groups = ("counter",)
        counters = Counters(self.it, "counter", start=False)
        turns = 0
        for point in [point + turn for turn in ("", ":4") for point in POINTS]:
            self.it.start("counter", failpoint=point + "=kill")
            while self.it.is_running("counter"):
                turns += 1
                Stream(self.it, "s%d" % turns, 100).join(60)
            self.assertEqual(self.it.process["counter"].returncode, -9)
        self.it.start("counter")
        eventually(lambda: counters.is_done("counter"), 60)
        counters.check("counter")

    def test_the_broker_and_postgresql_killed_while_a_worker_is_at_each_failpoint(self):
        counters = Counters(self.it, "counter", start=False)
        for victim, point in [(victim, point) for victim in ("broker", "store") for point in POINTS]:
            self.it.start("counter", failpoint=point + "=stop")
            Stream(self.it, victim + "-" + point, 100).join(60)
            eventually(lambda: self.it.is_stopped("counter"))
            if victim == "broker":
                self.it.kill("broker")
                self.it.start("broker")
            else:
                self.it.cluster.crash()
                self.it.cluster.start()
            self.it.resume("counter")
            eventually(lambda: counters.is_done("counter"), 60, lambda: self.it.padriver("lag"))
            counters.check("counter")
            self.assertEqual(self.it.stop("counter"), 0)

    def test_the_broker_killed_under_load(self):
        self.groups = ("counter", "second")
        counters = Counters(self.it, *self.groups, partitions=3)
        streams = [Stream(self.it, name, 3000) for name in ("a", "b")]
        for part in range(1, 5):
            eventually(lambda part=part: self.published() >= part * 900)
            self.it.kill("broker")
            self.it.start("broker")
        self.settle(counters, *streams)

    def test_postgresql_crashed_under_load(self):
        self.groups = ("counter", "second")
        counters = Counters(self.it, *self.groups, partitions=2)
        streams = [Stream(self.it, name, 2000) for name in ("a", "b")]
        for part in range(1, 4):
            eventually(lambda part=part: self.published() >= part * 600)
            self.it.cluster.crash()
            self.it.cluster.start()
        self.settle(counters, *streams)
        for name in self.groups + ("broker",):
            self.assertTrue(self.it.is_running(name))

    def test_workers_of_a_group_killed_and_started_under_load(self):
        self.groups = ("counter",)
        counters = Counters(self.it, "counter", partitions=6)
        for name in ("counter-2", "counter-3"):
            counters.worker(name, "counter")
            self.it.start(name)
        streams = [Stream(self.it, name, 3000, keys=40) for name in ("a", "b")]
        for part, name in enumerate(("counter-2", "counter", "counter-3", "counter-2", "counter"), 1):
            eventually(lambda part=part: self.published() >= part * 900)
            self.it.kill(name)
            self.it.start(name)
        self.settle(counters, *streams)


if __name__ == "__main__":
    unittest.main()
