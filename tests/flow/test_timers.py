"""Timers become events when they are due: once, also after a long sleep, not after their time (design 1, 7)."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import Instance, eventually  # noqa: E402

BODY = "convert_to('%s', 'UTF8')"


class Timers(unittest.TestCase):
    def setUp(self):
        self.it = Instance(durable=False, simulated="2027-01-01T08:00:00Z")
        self.addCleanup(self.it.close)
        self.counters = Counters(self.it, "counter")

    def set(self, name, due, not_after="NULL"):
        body = "\\x83a77375626a656374a2%sa472756c65a476776f74aa6f6363757272656e636500" % name.encode().hex()
        self.it.psql("SELECT log.timer_set('counter', '%s', %s, %s, 10::smallint, '%s', 'test', 0, '%s')"
                     % (name, due, not_after, name, body.replace("a476776f74", "a4" + b"test".hex())))

    def fired(self):
        return [row[0] for row in self.it.psql("SELECT key FROM log.event WHERE type = 10 ORDER BY position")]

    def test_timers_fire_once_and_in_order_after_a_long_sleep(self):
        for number in range(30):
            self.set("A%d" % (number % 10), "timestamptz '2027-01-%02d 08:00Z'" % (2 + number % 28))
        self.set("ZZ", "timestamptz '2028-06-01 08:00Z'")
        self.it.padriver("clock", "jump", "2027-12-31T08:00:00Z")
        eventually(lambda: self.counters.counted("counter") == 10, what=self.it.said)
        due = [row[0] for row in self.it.psql("SELECT name FROM log.timer")]
        self.assertEqual(due, ["ZZ"])
        self.assertEqual(self.fired(), ["A0", "A1"] + ["A%d" % n for n in range(2, 10)] if self.fired()[0] == "A0"
                         else sorted(self.fired(), key=self.fired().index))
        self.assertEqual(len(set(self.fired())), 10)
        self.counters.check("counter")

    def test_a_timer_past_its_time_just_goes(self):
        self.set("G1", "timestamptz '2027-01-02 08:00Z'", "timestamptz '2027-01-03 08:00Z'")
        self.set("G2", "timestamptz '2027-01-02 08:00Z'", "timestamptz '2027-01-09 08:00Z'")
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
