"""The N-th malloc, write or fsync of the broker and of the workers' skeleton fails, for each N: it ends (abort included) or
carries on, and never loses. A seeded tenth of these is in flow/test_fault_calls."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import nth_call  # noqa: E402
from nth_call import NthCall  # noqa: E402


class Broker(NthCall):
    def test_memory_for_itself(self):
        self.fail_each("own")

    def test_memory_for_whoever_asks(self):
        self.fail_each("memory")

    def test_writing(self):
        self.fail_each("write")

    def test_keeping(self):
        self.fail_each("sync")


class Skeleton(Broker):
    victim = "counter"


class Sender(nth_call.NthCallOfSender):
    share = 1.0


if __name__ == "__main__":
    unittest.main()
