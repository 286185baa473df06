"""A worker's commits do not wait for the disk, so a crash of the store takes the last of them back; they are done again, not always
alike. What people or other programs were shown is not among them: the events of `padriver log`, vouchers, results (R74)."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_budget  # noqa: E402
import test_evaluation  # noqa: E402
from cluster import Cluster  # noqa: E402
from counters import Counters  # noqa: E402
from instance import Instance, eventually  # noqa: E402


def late_writer():
    cluster = Cluster()
    cluster.write_late()
    return cluster


def crash(it, worker):
    """The store is killed and starts again, and the worker has no chance to do anything over."""
    it.pause(worker)
    it.cluster.kill()
    it.cluster.start()


class Events(unittest.TestCase):
    def setUp(self):
        self.it = Instance(cluster=late_writer())
        self.addCleanup(self.it.close)
        self.counters = Counters(self.it, "counter", "second")

    def head(self):
        return self.it.value("SELECT max(position) FROM log.event")

    def done(self):
        eventually(lambda: self.counters.is_done("counter", "second"), 60, self.it.said)

    def pass_on(self):
        """The position of an event that the counter passed on. The other group sleeps, so that its commits write nothing down."""
        self.it.pause("second")
        given = int(self.it.padriver("publish", "meeting_held", "meeting=N1"))
        eventually(lambda: self.it.value("SELECT max(position) FROM counter.tally WHERE grp = 'counter'") == given + 1)
        return given + 1

    def lose(self):
        """The position of such a one that a crash took back. Where somebody else's commit came between, another is tried."""
        for _ in range(10):
            lost, known = self.pass_on(), self.it.said().count("active, the log's head is")
            crash(self.it, "counter")
            eventually(lambda: self.it.said().count("active, the log's head is") > known)
            if self.head() < lost:
                return lost
            self.it.resume("counter")
            self.it.resume("second")
            self.done()
            self.it.cluster.write_late()
        self.fail("no crash took anything back")

    def test_what_nobody_saw_is_taken_back_and_what_stands_in_its_place_has_its_effect(self):
        lost = self.lose()
        self.assertEqual(self.it.padriver("publish", "session_held", "meeting=N9"), "%d\n" % lost)
        self.it.resume("counter")
        self.it.resume("second")
        self.done()
        for group in ("counter", "second"):
            self.counters.check(group)
        self.assertEqual(self.it.psql("SELECT DISTINCT key FROM counter.tally WHERE position = %d" % lost), [["N9"]])

    def test_what_was_shown_stays(self):
        for _ in range(3):
            position = self.pass_on()
            self.assertEqual(self.it.padriver("log", json=True)[-1]["position"], position)
            crash(self.it, "counter")
            self.assertEqual(self.head(), position)
            self.it.resume("counter")
            self.it.resume("second")
            self.done()
            self.it.cluster.write_late()


class Vouchers(test_budget.Flow):
    cluster = staticmethod(late_writer)

    def vouchers(self):
        return self.it.psql("SELECT v.* FROM budget.voucher v ORDER BY v")

    def test_a_voucher_stays_as_it_was(self):
        self.letter()
        self.decision()
        self.money()
        eventually(lambda: len(self.vouchers()) == 2)
        written = self.vouchers()
        crash(self.it, "budget")
        self.assertEqual(self.vouchers(), written)
        self.it.resume("budget")


class Results(test_evaluation.Flow):
    cluster = staticmethod(late_writer)

    def tally(self):
        return self.query("SELECT e.state, r.* FROM evaluation.evaluation e JOIN evaluation.result r ON r.tally = e.id ORDER BY r")

    def test_results_stay_as_they_were(self):
        self.hold("N1-S1")
        self.answer("N1-S1", 6)
        self.it.padriver("clock", "jump", self.moment("closes_at", "evaluation.evaluation", "N1-S1"))
        eventually(self.tally)
        shown = self.tally()
        crash(self.it, "evaluation")
        self.assertEqual(self.tally(), shown)
        self.it.resume("evaluation")


if __name__ == "__main__":
    unittest.main()
