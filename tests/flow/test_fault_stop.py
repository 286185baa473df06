"""A process that stands still (SIGSTOP) holds up nobody for long: its partitions go to others, the append lock is taken
from it, and when it wakes it finds itself fenced. What had been confirmed stays, and has its effects once (design 3)."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from instance import eventually  # noqa: E402
from relay import COMMIT, SYNC  # noqa: E402


class Stop(Faults):
    def test_a_worker_that_stops_under_the_append_lock_is_ended_though_nobody_publishes(self):
        self.count("counter", "second", start=False)
        relay = self.store_relay("counter")
        self.it.padriver("publish", "meeting_held", "meeting=SG1")
        relay.strike(COMMIT, "hold", behind=b"append_events")
        self.it.start("counter")
        self.assertTrue(relay.struck.wait(10))
        self.it.pause("counter")
        sleeper = eventually(self.append_lock)
        self.it.start("second")  # it appends, too, and so waits
        eventually(lambda: sleeper[0] not in self.append_lock(), 5)
        eventually(lambda: self.counters.counted("second") == 2, 5)
        self.it.resume("counter")
        self.check()
        self.assertTrue(self.it.is_running("counter"))


if __name__ == "__main__":
    unittest.main()
