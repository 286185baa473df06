"""The clock jumps: forwards and back, the machine's and the domain's. Timers fire once; what watches over the living, beats and
pauses, counts monotonic time and does not care (design 7)."""
import os
import sys
import unittest

import msgpack

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from instance import Instance, eventually  # noqa: E402

FAKE = "/usr/lib/%s-linux-gnu/faketime/libfaketime.so.1" % os.uname().machine


@unittest.skipIf(not os.path.exists(FAKE), "there is no libfaketime: install faketime")
class Machine(Faults):
    """CLOCK_REALTIME of the broker and a worker, by libfaketime."""

    def setUp(self):
        super().setUp()
        self.it.stop("broker")
        self.count("counter", start=False)
        self.file = self.it.directory + "/time"
        self.jump("+0")
        for name in ("broker", "counter"):
            self.it.environments.setdefault(name, {}).update(
                LD_PRELOAD=FAKE, FAKETIME_TIMESTAMP_FILE=self.file, FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
            self.it.start(name)

    def jump(self, to):
        """Everybody's clock is that far from the right time now."""
        with open(self.file + ".new", "w", encoding="ascii") as file:
            file.write(to)
        os.rename(self.file + ".new", self.file)

    def set(self, name, hours):
        body = msgpack.packb({"subject": name, "rule": "test", "occurrence": 0}).hex()
        self.it.psql("SELECT log.timer_set('counter', '%s', clock_timestamp() + interval '%d hours', NULL, 10::smallint, '%s',"
                     " 'test', 0, '\\x%s')" % (name, hours, name, body))

    def fired(self):
        return [row[0] for row in self.it.psql("SELECT key FROM log.event WHERE type = 10 ORDER BY position")]

    def test_timers_fire_once_whichever_way_it_jumps(self):
        self.set("A", 2)
        self.set("B", 30)
        self.set("C", 500)
        self.jump("+3h")
        eventually(lambda: self.fired() == ["A"])
        self.jump("-100h")
        stream = self.load()
        eventually(stream.goes_on())  # the log goes on, told at earlier times
        self.jump("+31h")
        eventually(lambda: self.fired() == ["A", "B"])
        for to in ("-31h", "+32h", "-1h", "+40h"):
            self.jump(to)
            eventually(stream.goes_on())
        self.assertEqual(self.fired(), ["A", "B"])
        self.assertEqual(self.it.psql("SELECT name FROM log.timer"), [["C"]])
        self.settle()

    def test_nobody_is_given_up_and_nothing_waits_longer(self):
        stream = self.load()
        for to in ("+1d", "-1d", "+10y", "-10y", "+1s", "-3s"):
            self.jump(to)
            eventually(stream.goes_on(), 20)
            before = self.counters.counted("counter")
            eventually(lambda: self.counters.counted("counter") > before, 20)
        self.assertNotIn("given up", self.it.said())
        self.assertNotIn("no answer in time", self.it.said())
        self.settle()


class Domain(unittest.TestCase):
    def test_the_simulated_clock_goes_forwards_alone(self):
        with Instance(simulated="2027-01-01T08:00:00Z", durable=False) as it:
            it.padriver("clock", "jump", "2027-06-01T08:00:00Z")
            it.padriver("clock", "jump", "2027-01-01T08:00:00Z", exit=1)
            self.assertEqual(it.padriver("clock", "show", json=True)[0]["now_at"], "2027-06-01T08:00:00Z")


if __name__ == "__main__":
    unittest.main()
