"""Hostile peers do not stop the others: events are confirmed and handled while they go on, and the broker's memory
stays within bounds. (How much slower: tests/bench/hostile.py.)"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from hostile import HOSTILE, Hostile, start_broker  # noqa: E402
from instance import SANITIZED, SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402

ASYNCAPI = SOURCE + "/schemas/asyncapi.yaml"
MEBIBYTE = 1024 * 1024
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=64")  # what AddressSanitizer keeps of what was freed is not the broker's


class Others(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Instance(durable=False, broker=False)
        cls.addClassCleanup(cls.it.close)
        start_broker(cls.it)
        cls.counters = Counters(cls.it, "counter")

    def peak(self):
        with open("/proc/%d/status" % self.it.process["broker"].pid, encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024

    def go_on(self, source):
        """Twenty events, each confirmed, all handled."""
        with Publisher(ASYNCAPI, runtime=self.it.runtime, source=source) as publisher:
            eventually(publisher.hello)
            for number in range(1, 21):
                answer = eventually(lambda n=number: publisher.publish([("session_held", {"meeting": "N1-S1"})], number=n))
                self.assertEqual(answer[0], "ACCEPTED")
        eventually(lambda: self.counters.is_done("counter"))

    def test_others_are_served_whatever_one_does(self):
        for kind in HOSTILE:
            with self.subTest(kind), Hostile(kind, self.it.runtime) as hostile:
                self.go_on(kind)
                self.assertTrue(hostile.is_running())
        self.assertTrue(self.it.is_running("broker"))
        self.counters.check("counter")
        self.assertLess(self.peak(), (512 if SANITIZED else 256) * MEBIBYTE)

    def test_connections_that_say_nothing_are_cut_off_before_descriptors_run_out(self):
        few = Instance(durable=False, broker=False)
        self.addCleanup(few.close)
        start_broker(few, "connections = 40")
        eventually(lambda: os.path.exists(few.runtime + "/broker"))
        pid = few.process["broker"].pid
        with Hostile("half-open", few.runtime), Publisher(ASYNCAPI, runtime=few.runtime, source="in") as publisher:
            eventually(publisher.hello)
            for number in range(1, 21):
                event = [("session_held", {"meeting": "N1-S1"})]
                self.assertEqual(eventually(lambda n=number: publisher.publish(event, number=n))[0], "ACCEPTED")
                self.assertLess(len(os.listdir("/proc/%d/fd" % pid)), 400)


if __name__ == "__main__":
    unittest.main()
