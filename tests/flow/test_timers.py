"""Timers become events when they are due: once, also after a long sleep, not after their time (design 1, 7)."""
import os
import sys
import unittest

import msgpack

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import Instance, eventually  # noqa: E402



class Timers(unittest.TestCase):
    def setUp(self):
        self.it = Instance(durable=False, simulated="2027-01-01T08:00:00Z")
        self.addCleanup(self.it.close)
        self.counters = Counters(self.it, "counter")

    def set(self, name, due, not_after=None):
        body = msgpack.packb({"subject": name, "rule": "test", "occurrence": 0}).hex()
        self.it.psql("SELECT log.timer_set('counter', '%s', '%s', %s, 10::smallint, '%s', 'test', 0, '\\x%s')"
                     % (name, due, "'%s'" % not_after if not_after else "NULL", name, body))

    def fired(self):
        return [row[0] for row in self.it.psql("SELECT key FROM log.event WHERE type = 10 ORDER BY position")]

    def test_timers_fire_once_and_in_order_after_a_long_sleep(self):
        for number in (3, 9, 1, 7, 5):
            self.set("A%d" % number, "2027-0%d-01 08:00Z" % number)
        self.set("A7", "2027-02-01 08:00Z")  # set again, it moves
        self.set("B1", "2028-06-01 08:00Z")
        self.it.padriver("clock", "jump", "2027-12-31T08:00:00Z")
        eventually(lambda: self.counters.counted("counter") == 5, what=self.it.said)
        self.assertEqual(self.fired(), ["A1", "A7", "A3", "A5", "A9"])
        self.assertEqual(self.it.psql("SELECT name FROM log.timer"), [["B1"]])
        self.counters.check("counter")

    def test_a_timer_past_its_time_just_goes(self):
        self.set("G1", "2027-01-02 08:00Z", "2027-01-03 08:00Z")
        self.set("G2", "2027-01-02 08:00Z", "2027-01-09 08:00Z")
        self.it.padriver("clock", "jump", "2027-01-05T08:00:00Z")
        eventually(lambda: self.it.value("SELECT count(*) FROM log.timer") == 0)
        self.assertEqual(self.fired(), ["G2"])

    def test_more_timers_than_one_transaction_takes(self):
        self.it.psql("INSERT INTO log.timer (owner, name, due, type, key, body)"
                     " SELECT 'counter', 'n' || n, timestamptz '2027-01-02 08:00Z' + n * interval '1 s', 10, 'K' || n % 7,"
                     " '\\x83a77375626a656374a24b30a472756c65a474657374aa6f6363757272656e636500'"
                     " FROM generate_series(1, 700) n")
        self.it.padriver("clock", "jump", "2027-01-03T08:00:00Z")
        eventually(lambda: self.it.value("SELECT count(*) FROM log.event WHERE type = 10") == 700)
        self.assertEqual(self.it.value("SELECT count(*) FROM log.timer"), 0)

    def test_a_timer_in_real_time_fires_when_it_is_due(self):
        real = Instance(durable=False)
        self.addCleanup(real.close)
        real.psql("SELECT log.timer_set('counter', 'soon', clock_timestamp() + interval '1.5 s', NULL, 5::smallint, 'SG', '',"
                  " 0, '\\x81a76d656574696e67a25347')")
        eventually(lambda: real.value("SELECT count(*) FROM log.event") == 1)
        self.assertEqual(real.psql("SELECT at - clock_timestamp() BETWEEN interval '-3 s' AND '0' FROM log.event"), [["t"]])


if __name__ == "__main__":
    unittest.main()
