"""The N-th malloc, write or fsync of the broker and of the workers' skeleton fails, for a seeded tenth of all N. All N are
in slow/test_fault_calls_all."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import nth_call  # noqa: E402
from nth_call import NthCall  # noqa: E402


class Broker(NthCall):
    def test_memory_for_itself(self):
        self.fail_each("own", share=0.1)

    def test_writing(self):
        self.fail_each("write", share=0.1)

    def test_memory_for_whoever_asks(self):
        self.fail_each("memory", share=0.1, most=12)


class Skeleton(NthCall):
    victim = "counter"

    def test_memory_for_itself(self):
        self.fail_each("own", share=0.1)

    def test_writing(self):
        self.fail_each("write", share=0.1)

    def test_memory_for_whoever_asks(self):
        self.fail_each("memory", share=0.1, most=12)


class Sender(nth_call.NthCallOfSender):
    """Its journal, too."""


if __name__ == "__main__":
    unittest.main()
