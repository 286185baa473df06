"""A peer that sends more than broker.rate is held to it: what is over is refused as busy, nothing of it is taken, nothing
that was confirmed is lost, and others wait no longer for it."""
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from instance import eventually  # noqa: E402
from publish import Publisher  # noqa: E402
from remote import Remote, SOURCE  # noqa: E402

HELD = ("session_held", {"meeting": "N1-S1"})
PER_SECOND = 200  # messages: 50 KiB, a quarter of one each
WINDOW = 64
OVER = "padriver_broker_over_rate_total"


class Flood(threading.Thread):
    """Keeps so many messages on their way, and sends again what is refused; counts what it is told."""

    def __init__(self, publisher):
        super().__init__(daemon=True)
        self.publisher, self.ending = publisher, False
        self.accepted, self.busy, self.other = set(), 0, []

    def send(self, number):
        self.publisher.send("PUBLISH", number=number, events=[{"type": HELD[0], "body": self.publisher.packed(HELD[1])}])

    def run(self):
        number = 0
        for number in range(1, WINDOW + 1):
            self.send(number)
        while not self.ending:
            answer = self.publisher.receive(1)
            if not answer:
                continue
            verb, fields = answer
            if verb == "ACCEPTED":
                self.accepted.add(fields["position"])
                number += 1
                self.send(number)
            elif fields["code"] == "busy":
                self.busy += 1
                self.send(fields["number"])
            else:
                self.other.append(fields)


class Rate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Remote(more="    rate = %d\n" % (PER_SECOND // 4))
        cls.addClassCleanup(cls.it.close)

    def count(self, actor):
        return self.it.value("SELECT count(*) FROM log.event WHERE actor = '%s'" % actor)

    def metric(self, name):
        page = self.it.padriver("metrics")
        return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))

    def waits(self, publisher, count):
        """How long each of so many single events took, ascending, at half of the rate."""
        waits = []
        for _ in range(count):
            began = time.monotonic()
            answer = publisher.publish([HELD])
            self.assertEqual(answer[0], "ACCEPTED")
            waits.append(time.monotonic() - began)
            publisher.receive(max(0, 2 / PER_SECOND - waits[-1]))
        return sorted(waits)

    def test_a_flood_is_held_to_its_rate_and_others_do_not_feel_it(self):
        honest = Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source="honest")
        self.addCleanup(honest.close)
        eventually(honest.hello)
        alone = self.waits(honest, 200)
        # Four connections of one client share its rate.
        keys = self.it.add("flood", "--publish", "*")
        floods = [Flood(self.it.publisher(self, keys)) for _ in range(4)]
        began = time.monotonic()
        for flood in floods:
            flood.start()
        eventually(lambda: sum(flood.busy for flood in floods) > 0)
        beside = self.waits(honest, 300)
        taken, seconds = self.count("client:flood"), time.monotonic() - began
        for flood in floods:
            flood.ending = True
        for flood in floods:
            flood.join()
            self.assertEqual(flood.other, [])
        self.assertLess(taken, PER_SECOND * (seconds + 1) * 1.1)
        self.assertGreater(taken, PER_SECOND * seconds * 0.7)
        self.assertLess(beside[len(beside) * 99 // 100], alone[len(alone) * 99 // 100] + 0.2)
        # What was confirmed is in the log, once.
        accepted = [position for flood in floods for position in flood.accepted]
        self.assertEqual(len(accepted), len(set(accepted)))
        self.assertEqual(len(accepted), self.it.value("SELECT count(*) FROM log.event WHERE actor = 'client:flood' AND position"
                                                      " IN (%s)" % ",".join(map(str, accepted))))
        eventually(lambda: self.metric(OVER) > 0)
        self.assertIn("to its rate (broker.rate)", self.it.said())

    def test_what_is_over_is_refused_with_the_way_out_and_taken_later(self):
        keys = self.it.add("bulk", "--publish", "*")
        bulk = self.it.publisher(self, keys, "bulk")
        eventually(bulk.hello)
        self.assertEqual(bulk.publish([HELD] * 2000, number=1)[0], "ACCEPTED")  # whatever its size: overdrawn
        verb, fields = bulk.publish([HELD], number=2001)
        self.assertEqual((verb, fields["code"]), ("REFUSED", "busy"))
        self.assertIn("publish it again, after", fields["reason"])
        answer = eventually(lambda: bulk.publish([HELD], number=2001)[0] == "ACCEPTED")
        self.assertTrue(answer)
        self.assertEqual(self.count("client:bulk"), 2001)

    def test_the_command_waits_and_publishes_again(self):
        self.it.add("desk", "--publish", "*")
        before = self.metric(OVER)
        lines = "".join('{"type": "session_held", "data": {"meeting": "N1-S1"}}\n' for _ in range(5000))
        said = self.it.padriver("--config", self.it.conf_there("desk"), "publish", "--json", "-", stdin=lines)
        self.assertEqual(self.count("client:desk"), 5000, said[-300:])
        eventually(lambda: self.metric(OVER) > before)


if __name__ == "__main__":
    unittest.main()
