"""A bad event stops no other key: it is parked with its reason, its key waits behind it, and a person retries (promise 3)."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import Instance, eventually  # noqa: E402


class Parking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Instance(durable=False)
        cls.addClassCleanup(cls.it.close)
        cls.counters = Counters(cls.it, "counter")

    def setUp(self):
        self.done()

    def publish(self, *keys):
        for key in keys:
            self.it.padriver("publish", "session_held", "meeting=" + key)

    def done(self):
        eventually(lambda: self.counters.is_done("counter"), what=self.it.said)

    def positions(self, key):
        return [int(row[0]) for row in self.it.psql("SELECT position FROM log.event WHERE key = '%s' ORDER BY 1" % key)]

    def test_the_poison_is_parked_its_key_waits_others_go_and_a_retry_runs_both_in_order(self):
        self.counters.trouble("counter", "P1", "reject")
        self.publish("A", "P1", "B", "P1", "C", "P1")
        self.done()
        first, second, third = self.positions("P1")
        rows = self.it.psql("SELECT position, reason, waits_for, attempts FROM log.parked WHERE key = 'P1' ORDER BY 1")
        self.assertEqual(rows[0], [str(first), "the test rejects P1", "", "1"])
        self.assertEqual([row[2:] for row in rows[1:]], [[str(first), "0"], [str(first), "0"]])
        self.counters.check("counter")
        self.it.padriver("parked", "retry", "counter/%d" % first)  # still bad: it stays, with another attempt
        eventually(lambda: self.it.psql("SELECT attempts FROM log.parked WHERE position = %d" % first) == [["2"]],
                   what=self.it.said)
        self.counters.peace()
        self.it.padriver("parked", "retry", "counter/%d" % first)
        eventually(lambda: self.it.value("SELECT count(*) FROM log.parked WHERE key = 'P1'") == 0, what=self.it.said)
        self.counters.check("counter")  # all three, once, in order

    def test_dropping_the_poison_frees_the_rest(self):
        self.counters.trouble("counter", "P2", "constraint")
        self.publish("P2", "P2")
        self.done()
        first, second = self.positions("P2")
        self.assertIn("23502", self.it.psql("SELECT reason FROM log.parked WHERE position = %d" % first)[0][0])
        self.counters.peace()
        self.it.padriver("parked", "drop", "counter/%d" % first)
        eventually(lambda: self.it.value("SELECT count(*) FROM log.parked WHERE key = 'P2'") == 0)
        self.assertEqual(self.it.psql("SELECT position FROM counter.tally WHERE key = 'P2'"), [[str(second)]])
        self.it.psql("DELETE FROM log.event WHERE position = %d" % first)

    def test_a_poison_in_a_batch_of_many_is_found(self):
        self.it.stop("counter")
        self.counters.trouble("counter", "P3", "reject")
        lines = "\n".join('{"type": "session_held", "data": {"meeting": "%s"}}' % ("P3" if n in (50, 120) else "N%d" % (n % 5))
                          for n in range(200))
        self.it.padriver("publish", "--json", "-", stdin=lines)
        self.it.start("counter")
        self.done()
        self.assertEqual(self.it.value("SELECT count(*) FROM log.parked WHERE key = 'P3'"), 2)
        self.counters.check("counter")

    def test_an_error_that_nobody_knows_is_parked_when_it_comes_again_alone(self):
        self.it.psql("CREATE FUNCTION counter.fail() RETURNS trigger LANGUAGE plpgsql AS"
                     " $$ BEGIN RAISE 'out of cheese'; END $$; CREATE TRIGGER fail BEFORE INSERT ON counter.tally"
                     " FOR EACH ROW WHEN (NEW.key = 'P4') EXECUTE FUNCTION counter.fail()")
        self.publish("A", "P4", "B")
        self.done()
        self.assertEqual(self.it.psql("SELECT reason FROM log.parked WHERE key = 'P4'"), [["P0001 out of cheese"]])
        self.counters.check("counter")

    def test_what_cannot_go_on_now_holds_its_partition_and_goes_on_by_itself(self):
        self.it.psql("INSERT INTO counter.trouble VALUES ('counter', 'R1', 'retry')")
        self.publish("A", "R1", "A")
        first = self.positions("R1")[0]
        eventually(lambda: self.it.psql("SELECT position FROM log.cursor WHERE grp = 'counter'") == [[str(first - 1)]],
                   what=self.it.said)
        eventually(lambda: "the test puts R1 off" in self.it.said())
        self.assertEqual(self.it.value("SELECT count(*) FROM log.parked WHERE key = 'R1'"), 0)
        self.counters.peace()
        self.done()
        self.counters.check("counter")


if __name__ == "__main__":
    unittest.main()
