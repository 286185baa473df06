"""Retention of the log: what is old and behind every cursor leaves it a partition at a time, and nothing else does."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402

WIDTH = 10
OLD, NEW, KEEP = "2026-01-01", "2027-01-01", "2026-06-01"


class Retention(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(durable=False)
        cls.addClassCleanup(cls.cluster.close)
        cls.cluster.narrow_log(WIDTH)
        cls.number = 0

    def setUp(self):
        type(self).number += 1
        self.database = "test%d" % self.number
        self.cluster.query("CREATE DATABASE %s TEMPLATE padriver" % self.database, "postgres")

    def query(self, sql, user="postgres"):
        return self.cluster.query(sql, self.database, user)

    def value(self, sql, user="postgres"):
        return self.query(sql, user)[0][0]

    def append(self, count, at=OLD):
        """Events by a worker; the head before."""
        for start in range(0, count, WIDTH):
            n = min(WIDTH, count - start)
            self.query("SELECT log.extend()", "padriver_broker")
            self.query("SELECT log.append('%s', array_fill(1::smallint, ARRAY[%d]), array_fill('k'::text, ARRAY[%d]),"
                       " array_fill(''::text, ARRAY[%d]), array_fill(0::bigint, ARRAY[%d]), array_fill('x'::bytea, ARRAY[%d]))"
                       % (at, n, n, n, n, n), "padriver_budget")

    def retire(self):
        """Asks as the broker does, until there is nothing more; the numbers that went."""
        gone = []
        while (number := int(self.value("SELECT coalesce(log.retire('%s'), -1)" % KEEP, "padriver_broker"))) >= 0:
            gone.append(number)
        return gone

    def held(self):
        return self.query("SELECT min(position), max(position) FROM log.event")[0]

    def refused(self, sql, user):
        with self.assertRaises(RuntimeError) as caught:
            self.query(sql, user)
        return str(caught.exception)

    def test_old_partitions_leave_oldest_first_and_are_kept(self):
        self.append(35)
        self.append(10, NEW)
        self.assertEqual(self.retire(), [0, 1, 2])
        self.assertEqual(self.held(), ["30", "45"])
        rows = self.query("SELECT number, first, last FROM log.retired()", "padriver_ctl")
        self.assertEqual(rows, [["0", "1", "9"], ["1", "10", "19"], ["2", "20", "29"]])
        self.assertEqual(self.value("SELECT count(*) FROM log_archive.event_1"), "10")

    def test_a_new_event_keeps_its_partition_and_all_after_it(self):
        self.append(15)
        self.append(4, NEW)     # the last of partition 1
        self.append(21)
        self.assertEqual(self.retire(), [0])

    def test_a_cursor_inside_or_before_keeps_the_partition(self):
        self.append(35)
        self.query("SELECT log.group_add('late', 2, 8)", "padriver_ctl")
        self.assertEqual(self.retire(), [])
        self.query("UPDATE log.cursor SET position = 30 WHERE part = 1")
        self.assertEqual(self.retire(), [])     # each partition of the group counts
        self.query("UPDATE log.cursor SET position = 9 WHERE part = 0")
        self.assertEqual(self.retire(), [0])

    def test_positions_go_on_when_every_event_is_old(self):
        for size in (19, 1, 1):                 # the head's partition full, its successor empty; then begun
            self.append(size)
            self.retire()
        self.assertEqual(self.held(), ["20", "21"])
        self.append(8)
        self.assertEqual(self.held(), ["20", "29"])
        self.assertEqual(self.retire(), [])     # full, but it holds the head
        self.append(1)
        self.assertEqual(self.held()[1], "30")
        self.assertEqual(self.retire(), [2])
        self.append(25)
        self.assertEqual((self.held()[1], self.value("SELECT count(*) FROM log.event")), ("55", "26"))

    def test_a_reader_for_long_is_not_waited_for(self):
        self.append(25)
        reader = subprocess.Popen([self.cluster.bin + "/psql", "-XqAt", "-d", self.cluster.conninfo_of(self.database)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        reader.stdin.write("BEGIN; SELECT max(position) FROM log.event;\n")
        reader.stdin.flush()
        self.assertEqual(reader.stdout.readline(), "25\n")
        self.assertIn("lock timeout", self.refused("SELECT log.retire('%s')" % KEEP, "padriver_broker"))
        self.append(1)                          # the appender goes on
        reader.communicate("COMMIT;\n")
        self.assertEqual(self.retire(), [0, 1])

    def test_a_group_made_meanwhile_is_not_left_behind(self):
        self.append(25)
        maker = subprocess.Popen([self.cluster.bin + "/psql", "-XqAt", "-d",
                                  self.cluster.conninfo_of(self.database, "padriver_ctl")],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        maker.stdin.write("BEGIN; SELECT log.group_add('first', 1, 0); SELECT 'made';\n")
        maker.stdin.flush()
        self.assertEqual([maker.stdout.readline(), maker.stdout.readline()], ["\n", "made\n"])
        self.assertIn("lock timeout", self.refused("SELECT log.retire('%s')" % KEEP, "padriver_broker"))
        maker.communicate("COMMIT;\n")
        self.assertEqual(self.retire(), [])

    def test_a_group_begins_no_earlier_than_the_log(self):
        self.append(35)
        self.retire()
        self.query("SELECT log.group_add('start', 1, 0)", "padriver_ctl")
        self.query("SELECT log.group_add('oldest', 1, 29)", "padriver_ctl")
        self.assertEqual(self.query("SELECT position FROM log.cursor"), [["29"], ["29"]])
        said = self.refused("SELECT log.group_add('early', 1, 28)", "padriver_ctl")
        self.assertIn("position 29 is retired; the oldest that a group can begin at is 30", said)

    def test_parked_rows_live_on_without_their_events(self):
        self.append(12)
        self.query("SELECT log.group_add('budget', 1, 0)", "padriver_ctl")
        self.query("BEGIN; SELECT log.advance('budget', '{0}', '{0}', '{12}');"
                   " SELECT log.park('budget', '{0,0}', '{3,4}', ARRAY['why', ''], '{0,3}', '%s'); COMMIT" % OLD, "padriver_budget")
        self.assertEqual(self.retire(), [0])
        self.query("SELECT log.retry('budget', 3)", "padriver_ctl")
        row = self.query("SELECT position, convert_from(body, 'UTF8') FROM log.retryable('budget', '{0}')", "padriver_budget")
        self.assertEqual(row, [["3", "x"]])

    def test_only_what_is_retired_can_be_dropped(self):
        self.append(25)
        self.assertIn("partition 0 is part of the log", self.refused("SELECT log.drop_retired(0)", "padriver_ctl"))
        self.retire()
        self.assertIn("no retired partition 7", self.refused("SELECT log.drop_retired(7)", "padriver_ctl"))
        self.query("SELECT log.drop_retired(0)", "padriver_ctl")
        self.assertEqual(self.query("SELECT number FROM log.retired()", "padriver_ctl"), [["1"]])
        self.assertEqual(self.held(), ["20", "25"])

    def test_nobody_reads_or_drops_the_archive_by_hand(self):
        self.append(25)
        self.retire()
        for role in ("broker", "notifications", "evaluation", "budget", "newsletter", "ctl"):
            for sql in ("SELECT * FROM log_archive.event_0", "DROP TABLE log_archive.event_0"):
                self.assertIn("denied for schema log_archive", self.refused(sql, "padriver_" + role))
        for role in ("budget", "ctl"):
            self.assertIn("denied", self.refused("SELECT log.retire('%s')" % KEEP, "padriver_" + role))
        self.assertIn("denied", self.refused("SELECT log.drop_retired(0)", "padriver_broker"))


if __name__ == "__main__":
    unittest.main()
