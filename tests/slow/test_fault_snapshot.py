"""A dump that stays open for an hour of work: a REPEATABLE READ snapshot, held while the cursors move as often as in an hour
at thirty batches a second. Each move leaves a dead row behind that nobody may clean away, so cursors get slower, but still
keep that pace at the end; nothing is lost, publishing goes on; once the dump ends the rows are cleaned and the speed is back
(design 3)."""
import os
import sys
import time
import unittest

import psycopg2

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from instance import eventually  # noqa: E402

MOVES = int(os.environ.get("FAULT_MOVES", 108_000))
PACE = 30  # moves in a second, which the slowest must keep


class Dump(Faults):
    def session(self):
        session = psycopg2.connect(self.it.cluster.conninfo)
        self.addCleanup(session.close)
        return session

    def moves(self, count):
        """Moves the cursor of a group that has no worker there and back, a transaction each, as batches do; the seconds."""
        worker = self.session()
        worker.autocommit = True
        began = time.monotonic()
        with worker.cursor() as cursor:
            for _ in range(count // 2):
                cursor.execute("SELECT log.advance('ghost', '{0}', '{0}', '{1}')")
                cursor.execute("UPDATE log.cursor SET position = 0 WHERE grp = 'ghost'")
        seconds = time.monotonic() - began
        worker.close()
        return seconds

    def test_cursors_slow_down_but_keep_the_pace_and_recover_when_it_ends(self):
        self.count("counter")
        self.it.padriver("group", "add", "ghost", "--from", "start")
        self.it.psql("ALTER SYSTEM SET autovacuum_naptime = 1")
        self.it.psql("SELECT pg_reload_conf()")
        self.load(100).join(30)
        few = max(200, MOVES // 50)
        alone = self.moves(few)
        dump = self.session()
        dump.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with dump.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM log.event")
        stream = self.load()
        spent = self.moves(MOVES)
        beside = self.moves(few)
        confirmed = stream.confirmed
        eventually(stream.goes_on(), 20)
        stream.finish()
        self.check()
        size = self.it.value("SELECT pg_relation_size('log.cursor')")
        age = self.it.value("SELECT extract(epoch FROM clock_timestamp() - min(xact_start))::int FROM pg_stat_activity"
                            " WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()")
        self.assertGreaterEqual(age, int(spent))
        dump.rollback()
        eventually(lambda: self.it.value("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'cursor'") < 1000, 60)
        after = self.moves(few)
        sys.stderr.write("%d moves while a dump was open: %.0f/s before, %.0f/s at its end, %.0f/s after it; log.cursor grew to %d KiB;"
                         " %d events were confirmed beside it\n" % (MOVES, few / alone, few / beside, few / after, size >> 10, confirmed))
        self.assertGreater(few / beside, PACE)
        self.assertLess(after, 3 * alone)
        self.settle()


if __name__ == "__main__":
    unittest.main()
