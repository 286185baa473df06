"""The broker retires what is older than log.retention while events come and go; the command shows, refuses and drops it."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402

SETTINGS = 'log\n    retention = 100\n'


class Retention(unittest.TestCase):
    def setUp(self):
        self.it = Instance(simulated="2026-12-01T08:00:00Z", broker=False, durable=False, settings=SETTINGS)
        self.addCleanup(self.it.close)
        self.it.cluster.narrow_log(50)
        self.it.start("broker")

    def publish(self, events):
        with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime) as publisher:
            for start in range(0, events, 40):
                held = [("session_held", {"meeting": "N%d" % (start + n)}) for n in range(min(40, events - start))]
                self.assertEqual(eventually(lambda held=held: publisher.publish(held, seconds=5))[0], "ACCEPTED")

    def retired(self):
        return [row["partition"] for row in self.it.padriver("retired", "list", json=True)]

    def test_what_is_old_and_handled_is_retired_and_the_log_goes_on(self):
        counters = Counters(self.it, "counter")
        self.publish(120)
        eventually(lambda: counters.is_done("counter"))
        self.assertEqual(self.retired(), [])
        self.it.padriver("clock", "jump", "2027-02-01T08:00:00Z")
        self.publish(90)                        # to 210
        eventually(lambda: counters.is_done("counter"))
        self.it.padriver("clock", "jump", "2027-03-20T08:00:00Z")
        eventually(lambda: self.retired() == [0, 1])    # 99 < 120 < 149: partition 2 has new ones
        counters.check("counter")
        self.publish(30)
        eventually(lambda: counters.is_done("counter"))
        self.assertEqual(self.it.psql("SELECT min(position), max(position) FROM log.event"), [["100", "240"]])
        self.assertEqual(self.it.value("SELECT count(*) FROM counter.tally"), 240)
        self.check_commands()

    def test_what_is_full_is_indexed_by_key_while_the_log_goes_on(self):
        def indexed():
            return self.it.psql("SELECT relname FROM pg_class WHERE relname ~ '^event_[0-9]+_key$' ORDER BY 1")
        self.publish(90)
        eventually(lambda: indexed() == [["event_0_key"]])
        self.publish(90)
        eventually(lambda: indexed() == [["event_0_key"], ["event_1_key"], ["event_2_key"]])
        self.assertEqual([node["id"] for node in self.it.padriver("trace", "N7", json=True)], [8, 98])

    def check_commands(self):
        """Each command that meets what is retired says so, and the way out."""
        it = self.it
        self.assertEqual(it.padriver("log", "--from", "100", "--to", "100", json=True)[0]["position"], 100)
        self.assertEqual(it.padriver("log", json=True)[0]["position"], 100)
        for words in (("log", "--from", "99"), ("log", "--to", "7")):
            self.assertIn("the log begins at 100; see padriver retired list", it.padriver(*words, exit=1))
        self.assertIn("what is retired is not traced", it.padriver("trace", "7", exit=1))
        self.assertIn("position 99 is retired; --from start begins at the oldest that the log holds, 100",
                      it.padriver("group", "add", "early", "--from", "99", exit=1))
        self.assertIn("position 1 is retired", it.padriver("group", "add", "early", "--from", "1", exit=1))
        it.padriver("group", "add", "exact", "--from", "100")
        self.assertIn("begins at position 100", it.padriver("group", "add", "early", "--from", "start"))
        least = {row["group"]: row["least"] for row in it.padriver("group", "list", json=True)}
        self.assertEqual((least["exact"], least["early"]), (99, 99))
        self.assertIn("pg_dump -Fc -t log_archive.event_0", it.padriver("retired", "drop", "0", exit=1))
        self.assertIn("is part of the log", it.padriver("retired", "drop", "2", "--yes", exit=1))
        self.assertIn("no retired partition 9", it.padriver("retired", "drop", "9", "--yes", exit=1))
        self.assertEqual(self.retired(), [0, 1])
        it.padriver("retired", "drop", "0", "--yes")
        self.assertEqual(self.retired(), [1])

    def test_a_cause_that_is_retired_is_said(self):
        self.it.psql("SELECT log.append('2026-01-01', array_fill(1::smallint, ARRAY[49]), array_fill('k'::text, ARRAY[49]),"
                     " array_fill(''::text, ARRAY[49]), array_fill(0::bigint, ARRAY[49]), array_fill('x'::bytea, ARRAY[49]))")
        self.it.psql("SELECT log.append('2026-12-01', '{4}', '{N1-S1}', '{me}', '{17}', '{x}')")
        self.it.padriver("clock", "jump", "2026-12-01T09:00:00Z")
        eventually(lambda: self.retired() == [0])
        self.assertIn("(because of 17, retired)", self.it.padriver("trace", "50"))


if __name__ == "__main__":
    unittest.main()
