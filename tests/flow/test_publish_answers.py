"""`padriver publish` against a broker of our own making, which falls silent or refuses just when the test wants it to."""
import json
import os
import shutil
import sys
import tempfile
import threading
import unittest

import msgpack
import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from command import SETTINGS, run  # noqa: E402


class Broker(threading.Thread):
    """Answers HELLO with the source's last number, and each PUBLISH as the test's function says (None: silence)."""

    def __init__(self, endpoint, answer, last=0):
        super().__init__(daemon=True)
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.bind(endpoint)
        self.answer, self.last = answer, last
        self.published, self.ending = [], False
        self.start()

    def run(self):
        while not self.ending:
            if not self.socket.poll(50):
                continue
            peer, verb, body = self.socket.recv_multipart()
            message = msgpack.unpackb(body)
            if verb == b"HELLO":
                self.send(peer, "ACCEPTED", source=message["source"], number=self.last, position=0, skipped=0)
            elif verb == b"PUBLISH":
                self.published.append(message)
                answer = self.answer(message, len(self.published))
                if answer:
                    self.send(peer, answer.pop("verb"), source=message["source"], number=message["number"], **answer)
        self.socket.close(linger=0)

    def send(self, peer, verb, **fields):
        self.socket.send_multipart([peer, verb.encode(), msgpack.packb(fields)])


def accepted(position, skipped=0):
    return {"verb": "ACCEPTED", "position": position, "skipped": skipped}


def refused(code, reason):
    return {"verb": "REFUSED", "code": code, "reason": reason}


class Publish(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="pub.", dir="/tmp")
        self.conf = self.directory + "/padriver.conf"
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(SETTINGS % (self.directory, self.directory, self.directory, self.directory, self.directory))
        self.broker = None

    def tearDown(self):
        if self.broker:
            self.broker.ending = True
            self.broker.join()
        shutil.rmtree(self.directory)

    def publish(self, answer, *words, last=0, stdin=""):
        self.broker = Broker("ipc://%s/broker" % self.directory, answer, last)
        return run("publish", *words, conf=self.conf, stdin=stdin)

    def test_the_position_is_printed(self):
        done = self.publish(lambda message, n: accepted(17), "session_held", "meeting=N1-S1")
        self.assertEqual((done.code, done.out), (0, "17\n"))
        event = self.broker.published[0]["events"][0]
        self.assertEqual((event["type"], msgpack.unpackb(event["body"])), ("session_held", {"meeting": "N1-S1"}))

    def test_after_a_silence_a_numbered_event_is_asked_again_with_its_number(self):
        done = self.publish(lambda message, n: accepted(0, skipped=1) if n == 2 else None,
                            "session_held", "meeting=N1-S1", "--source", "bank", "--number", "7")
        self.assertEqual((done.code, done.out), (0, "0\n"))
        self.assertEqual([message["number"] for message in self.broker.published], [7, 7])
        self.assertIn("taken before", done.err)

    def test_an_event_without_number_is_never_asked_again(self):
        done = self.publish(lambda message, n: None, "session_held", "meeting=N1-S1", "--timeout", "3")
        self.assertEqual(done.code, 69)
        self.assertEqual(len(self.broker.published), 1)
        self.assertIn("not known", done.err)

    def test_without_a_number_the_source_goes_on_from_its_last(self):
        done = self.publish(lambda message, n: accepted(3), "session_held", "meeting=N1-S1", "--source", "bank", last=41)
        self.assertEqual(done.code, 0)
        self.assertEqual(self.broker.published[0]["number"], 42)

    def test_what_the_broker_finds_bad_ends_with_65_and_a_gap_with_1(self):
        for code, exit_code in (("bad_event", 65), ("gap", 1), ("too_many", 1)):
            done = self.publish(lambda message, n: refused(code, "because"), "session_held", "meeting=N1-S1")
            self.assertEqual(done.code, exit_code, code)
            self.assertIn("because", done.err)
            self.tearDown()
            self.setUp()

    def test_what_came_too_early_is_sent_again_numbered_or_not(self):
        for words in ([], ["--source", "bank"]):
            done = self.publish(lambda message, n: refused("busy", "later") if n < 3 else accepted(9), "session_held", "meeting=N1-S1",
                                *words)
            self.assertEqual((done.code, done.out, len(self.broker.published)), (0, "9\n", 3))
            self.tearDown()
            self.setUp()

    def test_a_broker_that_stays_busy_ends_with_69_and_nothing_published(self):
        done = self.publish(lambda message, n: refused("busy", "too much"), "session_held", "meeting=N1-S1", "--timeout", "1")
        self.assertEqual(done.code, 69)
        self.assertIn("too much", done.err)

    def test_lines_are_published_in_batches_of_256_in_order(self):
        given = "\n".join(json.dumps({"type": "session_held", "data": {"meeting": "N%d-S1" % n}}) for n in range(600))
        positions = iter((1, 257, 513))
        done = self.publish(lambda message, n: accepted(next(positions)), "--json", "-", "--source", "bank", stdin=given)
        self.assertEqual(done.code, 0)
        self.assertEqual([(m["number"], len(m["events"])) for m in self.broker.published], [(1, 256), (257, 256), (513, 88)])
        rows = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual(rows, [{"line": n, "position": n} for n in range(1, 601)])

    def test_each_bad_line_is_told_and_the_good_ones_are_published(self):
        given = "\n".join([
            '{"type": "session_held", "data": {"meeting": "N1-S1"}}', "no json", "",
            '{"type": "session_helt", "data": {"meeting": "N1-S1"}}', '{"type": "session_held", "data": {"meeting": ""}}',
            '{"type": "session_held"}', "[1]", '{"type": "session_held", "data": {"meeting": "N2-S1"}, "number": 3}',
            '{"type": "session_held", "data": {"meeting": "N2-S1"}}', "{" + "x" * 70000])
        done = self.publish(lambda message, n: accepted(1), "--json", "-", stdin=given)
        self.assertEqual(done.code, 65)
        self.assertEqual([line.split(": ")[1] for line in done.err.splitlines()],
                         ["line %d" % n for n in (2, 4, 5, 6, 7, 8, 10)])
        self.assertEqual([row["line"] for row in map(json.loads, done.out.splitlines())], [1, 9])

    def test_numbers_of_lines_are_kept_and_known_ones_have_no_position(self):
        given = "\n".join('{"type": "session_held", "data": {"meeting": "N1-S1"}, "number": %d}' % n for n in (4, 5, 6, 9))
        answers = iter((accepted(20, skipped=1), refused("gap", "the last number is 6")))
        done = self.publish(lambda message, n: next(answers), "--json", "-", "--source", "bank", stdin=given)
        self.assertEqual([(m["number"], len(m["events"])) for m in self.broker.published], [(4, 3), (9, 1)])
        self.assertEqual([row["position"] for row in map(json.loads, done.out.splitlines())], [None, 20, 21])
        self.assertEqual(done.code, 1)
        self.assertIn("line 4: the last number is 6", done.err)

    def test_a_silent_broker_ends_the_stream_with_69(self):
        given = "\n".join('{"type": "session_held", "data": {"meeting": "N1-S1"}}' for _ in range(300))
        done = self.publish(lambda message, n: None, "--json", "-", "--timeout", "1", stdin=given)
        self.assertEqual(done.code, 69)
        self.assertEqual(len(self.broker.published), 1)
        self.assertIn("lines 1 to 256: the broker fell silent", done.err)


if __name__ == "__main__":
    unittest.main()
