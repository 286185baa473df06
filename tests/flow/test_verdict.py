"""The storm's verdict finds what it is there to find: after a storm that was good one thing is taken away, done twice or parked,
and both its last line and its exit code say so."""
import contextlib
import io
import os
import shutil
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "storm"), os.path.join(HERE, "..", "support")]
from storm import Storm, end  # noqa: E402
from verdict import Verdict  # noqa: E402

LINE = "%d kills, lost %d, doubled %d, parked %d unpoisoned"
TALLY = "(SELECT max(id) FROM counter.tally WHERE grp = 'counter')"
PARK = """INSERT INTO log.parked (grp, part, position, at, type, key, actor, cause, body, reason, attempts, parked_at)
            SELECT 'counter', 0, position, at, type, key, actor, cause, body, 'sabotage', 1, at FROM log.event
             WHERE position = (SELECT min(position) FROM log.event WHERE type = 4 AND key = 'N2-E8')"""


class Sabotage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.storm = Storm(1, 1)
        cls.addClassCleanup(cls.storm.close, keep=False)
        cls.storm.prepare()
        cls.storm.rage()
        cls.storm.calm()
        cls.it = cls.storm.it

    def judge(self):
        """The last line, the exit code, and what else was said."""
        said = io.StringIO()
        self.storm.faults.clear()
        with contextlib.redirect_stdout(said):
            verdict = Verdict(self.storm)
            verdict.count_parked()
            verdict.compare()
            code = end(self.storm, verdict)
        lines = said.getvalue().splitlines()
        return lines[-1], code, "\n".join(lines[:-1])

    def expect(self, lost=0, doubled=0, parked=0, said=""):
        line, code, faults = self.judge()
        self.assertEqual((line, code), (LINE % (self.storm.kills, lost, doubled, parked), 1 if said else 0), faults)
        self.assertIn(said, faults)

    def tearDown(self):
        self.expect()  # what was sabotaged is mended: nothing else was wrong

    def test_an_effect_that_is_missing_is_lost(self):
        row = self.it.psql("DELETE FROM counter.tally WHERE id = %s RETURNING id, position, key" % TALLY)[0]
        self.expect(lost=1, said="effects of group counter: 1 lost, among them ['%s']" % row[1])
        self.it.psql("INSERT INTO counter.tally (id, grp, position, key) OVERRIDING SYSTEM VALUE VALUES (%s, 'counter', %s, '%s')"
                     % tuple(row))

    def test_an_effect_that_is_there_twice_is_doubled(self):
        row = self.it.psql("INSERT INTO counter.tally (grp, position, key) SELECT grp, position, key FROM counter.tally WHERE id = %s"
                           " RETURNING id" % TALLY)[0]
        self.expect(doubled=1, said="effects of group counter: 1 doubled")
        self.it.psql("DELETE FROM counter.tally WHERE id = %s" % row[0])

    def test_an_effect_out_of_its_order_is_a_fault(self):
        first = self.it.value("SELECT min(id) FROM counter.tally WHERE grp = 'second' AND key = 'N2-E3'")
        self.it.psql("INSERT INTO counter.tally (grp, position, key) SELECT grp, position, key FROM counter.tally WHERE id = %s" % first)
        rows = self.it.psql("DELETE FROM counter.tally WHERE id = %s RETURNING position, key" % first)
        self.expect(said="out of order in second")
        self.it.psql("DELETE FROM counter.tally WHERE grp = 'second' AND position = %s" % rows[0][0])
        self.it.psql("INSERT INTO counter.tally (id, grp, position, key) OVERRIDING SYSTEM VALUE VALUES (%s, 'second', %s, '%s')"
                     % (first, *rows[0]))

    def test_an_event_parked_that_nobody_poisoned_is_told(self):
        self.it.psql(PARK)
        self.expect(parked=1, said="parked though not poisoned")
        self.it.psql("DELETE FROM log.parked")

    def test_a_confirmed_event_that_is_not_in_the_log_is_lost(self):
        source = self.storm.threads[0]
        number = len(source.confirmed) + 1
        source.confirmed[number] = ("reminder_due", {"subject": "N2-E1", "rule": source.name, "occurrence": number})
        self.expect(lost=1, said="events confirmed by the publishers: 1 lost")
        del source.confirmed[number]

    def test_a_letter_that_arrived_twice_is_doubled(self):
        new = self.it.maildir + "/new/"
        shutil.copy(new + sorted(os.listdir(new))[0], new + "copy")
        self.expect(doubled=1, said="letters sent: 1 doubled")
        os.unlink(new + "copy")


if __name__ == "__main__":
    unittest.main()
