"""Half a million tiny messages at once: each is answered, or dropped and asked again; confirmed is confirmed, order is kept."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from flood import flood  # noqa: E402
from peers import dealer, memory  # noqa: E402

COUNT = 500_000


class Flood(Faults):
    def test_half_a_million_tiny_messages_are_answered_or_asked_again_never_lost_and_in_order(self):
        self.count("counter")
        self.assertEqual(flood(dealer(self), COUNT), COUNT)
        self.assertEqual(self.published(), COUNT)
        self.check(600)
        self.assertLess(memory(self.it), 250)


if __name__ == "__main__":
    unittest.main()
