"""One broker is active; another stands by, listens only once it holds the lock, and takes over (design 2)."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402


class Standby(unittest.TestCase):
    def setUp(self):
        self.it = Instance()
        self.addCleanup(self.it.close)
        self.it.programs["standby"] = self.it.program("broker")
        self.path = self.it.runtime + "/broker"
        eventually(lambda: os.path.exists(self.path))

    def publish(self, meeting="N1-S1"):
        """Asks until it is confirmed."""
        with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source="p") as publisher:
            number = eventually(lambda: publisher.hello(1))[1]["number"] + 1
            return eventually(lambda: publisher.publish([("session_held", {"meeting": meeting})], number, 1))

    def waits(self):
        """Whether the standby is connected: it asks for the lock again and again."""
        return self.it.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'padriver_broker'") >= 2

    def holder(self):
        """The session that holds the broker's lock."""
        return self.it.psql("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 7031 AND granted")

    def test_the_standby_binds_only_with_the_lock_and_takes_over(self):
        counters = Counters(self.it, "counter")
        self.publish()
        before = os.stat(self.path).st_ino
        self.it.start("standby")
        eventually(self.waits)
        self.publish()
        self.assertEqual(os.stat(self.path).st_ino, before)
        self.it.kill("broker")
        self.publish()
        self.assertNotEqual(os.stat(self.path).st_ino, before)
        eventually(lambda: counters.counted("counter") == 3)
        self.it.start("broker")  # now it is the one that stands by
        eventually(self.waits)
        self.assertEqual(self.it.stop("standby"), 0)
        self.publish()
        eventually(lambda: counters.counted("counter") == 4)
        counters.check("counter")

    def test_a_broker_that_loses_its_session_leaves_the_new_ones_socket_alone(self):
        self.publish()
        self.it.start("standby")
        eventually(self.waits)
        self.it.pause("broker")
        old = self.holder()
        self.it.psql("SELECT pg_terminate_backend(%s)" % old[0][0])
        eventually(lambda: self.holder() not in ([], old))
        self.publish()
        taken = os.stat(self.path).st_ino
        self.it.resume("broker")
        eventually(lambda: "no longer active" in self.it.said())
        self.publish()
        self.assertEqual(os.stat(self.path).st_ino, taken)
        self.it.kill("standby")
        self.publish()  # and it serves again when it holds the lock again

    def test_programs_start_before_the_store_and_the_broker_and_go_on_after_these_were_away(self):
        counters = Counters(self.it, "counter", start=False)
        self.it.stop("broker")
        self.it.cluster.stop()
        self.it.start("counter")
        self.it.start("broker")
        eventually(lambda: "cannot connect to the store" in self.it.said())
        self.assertFalse(os.path.exists(self.path))
        self.it.cluster.start()
        self.publish()
        self.it.cluster.crash()
        self.it.cluster.start()
        self.publish()
        eventually(lambda: counters.counted("counter") == 2)
        counters.check("counter")

    def test_sigterm_is_a_clean_end(self):
        self.publish()
        self.assertEqual(self.it.stop("broker"), 0)
        self.assertFalse(os.path.exists(self.path))


if __name__ == "__main__":
    unittest.main()
