"""Peers that misbehave: a publisher that dies in the middle of a message, a worker that takes and never answers, two brokers,
very many publishers, a huge message, very many tiny ones. The others are served meanwhile; confirmed is confirmed."""
import os
import resource
import socket
import sys
import time
import unittest

import msgpack
import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from flood import flood, news  # noqa: E402
from instance import eventually  # noqa: E402
from peers import dealer, memory  # noqa: E402

# A DEALER without security, as ZMTP 3.0 has it (rfc.zeromq.org/spec/23), up to its first message.
GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x05READY" + b"\x0bSocket-Type" + b"\x00\x00\x00\x06DEALER"


def frame(body, more=False):
    if len(body) < 256:
        return bytes([more, len(body)]) + body
    return bytes([2 | more]) + len(body).to_bytes(8, "big") + body


class Peers(Faults):
    def speak(self, start, message=b""):
        """Bytes to the broker's socket by hand, after which the line is cut."""
        with socket.socket(socket.AF_UNIX) as line:
            eventually(lambda: os.path.exists(self.it.runtime + "/broker"))
            line.connect(self.it.runtime + "/broker")
            line.settimeout(5)
            line.sendall(start)
            heard = line.recv(1024)
            while message and b"Socket-Type" not in heard:  # its own READY
                heard += line.recv(1024)
            line.sendall(message)

    def test_a_publisher_that_dies_at_each_byte_of_a_message_has_published_nothing(self):
        self.count("counter")
        self.load(20).join(20)
        message = frame(b"PUBLISH", more=True) + frame(msgpack.packb({"source": "dying", "number": 1, "events": news(2)}))
        start = GREETING + b"\x04" + bytes([len(READY)]) + READY
        for length in range(12, len(start), 5):
            self.speak(start[:length])
        for length in range(1, len(message)):
            self.speak(start, message[:length])
        self.speak(start, frame(b"PUBLISH", more=True) + b"\x02" + (1 << 20).to_bytes(8, "big") + bytes(5000))
        self.load(20).join(20)
        self.settle()  # 40 and no more
        self.speak(start, message)
        eventually(lambda: self.it.psql("SELECT number FROM log.source WHERE name LIKE '%/dying'") == [["2"]])

    def silent_worker(self):
        """A worker of the group counter that is given a partition, takes a batch, and says no more."""
        self.count("counter", partitions=2)
        worker = dealer(self)
        hello = {"group": "counter", "number": 1, "types": [{"type": number} for number in (4, 5, 10)]}
        worker.send_multipart([b"HELLO", msgpack.packb(hello)])
        while True:
            self.assertTrue(worker.poll(10000))
            verb, body = worker.recv_multipart()
            if verb == b"TAKE" and msgpack.unpackb(body)["parts"]:
                break
        worker.send_multipart([b"NEXT", msgpack.packb({"number": 0, "credit": 16, "parts": []})])
        stream = self.load(500)

        def has_batch():
            worker.send_multipart([b"BEAT", b"\x80"])
            return worker.poll(20) and worker.recv_multipart()[0] == b"BATCH"
        eventually(has_batch)
        return worker, stream

    def behind(self):
        """How many partitions are not at the log's head."""
        return self.it.value("SELECT count(*) FROM log.cursor WHERE position < (SELECT max(position) FROM log.event)")

    def test_a_worker_that_never_answers_nor_beats_is_given_up_and_others_do_its_work(self):
        _, stream = self.silent_worker()
        stream.join(30)
        eventually(lambda: "was silent and is given up" in self.it.said(), 15)
        self.settle()

    def test_a_worker_that_beats_and_never_answers_holds_up_its_partition_alone_and_lag_shows_it(self):
        worker, stream = self.silent_worker()

        def beats(until):
            worker.send_multipart([b"BEAT", b"\x80"])
            return until()
        eventually(lambda: beats(lambda: not stream.is_alive()))
        eventually(lambda: beats(lambda: self.behind() == 1))
        end = time.monotonic() + 6  # longer than a silence
        eventually(lambda: beats(lambda: time.monotonic() > end))
        self.assertEqual(self.behind(), 1)
        self.assertNotIn("given up", self.it.said())
        self.assertIn("counter", self.it.padriver("lag"))
        worker.close()
        self.settle()

    def test_brokers_started_at_once_one_serves(self):
        self.count("counter")
        stream = self.load()
        self.it.programs["other"] = self.it.program("broker")
        for _ in range(4):
            self.it.kill("broker")
            if self.it.is_running("other"):
                self.it.kill("other")
            for name in ("broker", "other"):
                self.it.start(name)
            eventually(self.broker_lock)
            eventually(stream.goes_on())
            self.assertEqual(len(self.broker_lock()), 1)
        self.settle()

    def test_five_hundred_publishers_at_once_are_each_confirmed(self):
        """Though the broker is started with few files allowed: it raises that itself, as far as it may."""
        self.count("counter")
        self.it.stop("broker")
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        self.it.start("broker")
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        zmq.Context.instance().max_sockets = 2000
        publishers = {number: dealer(self) for number in range(500)}
        confirmed = {}
        for turn in range(4):
            waiting = {number for number in publishers}
            end = time.monotonic() + 60
            while waiting:
                self.assertLess(time.monotonic(), end, self.it.said())
                for number in waiting:
                    publishers[number].send_multipart([b"PUBLISH", msgpack.packb({
                        "source": "p%d" % number, "number": 1 + 5 * turn, "events": news(5, "N%d" % (number % 30))})])
                for number in list(waiting):
                    if publishers[number].poll(1000 if len(waiting) < 20 else 200):
                        verb, body = publishers[number].recv_multipart()
                        answer = msgpack.unpackb(body)
                        self.assertEqual(verb, b"ACCEPTED", answer)
                        if answer["number"] == 1 + 5 * turn:
                            waiting.discard(number)
                            confirmed[number] = 5 * (turn + 1)
        self.assertEqual(self.published(), 500 * 20)
        self.assertEqual(self.it.psql("SELECT count(*), min(number), max(number) FROM log.source"), [["500", "20", "20"]])
        self.check()

    def test_too_few_open_files_are_told_at_the_start(self):
        self.it.stop("broker")
        starter = self.it.directory + "/few-files"
        with open(starter, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nulimit -n 128\nexec %s\n" % self.it.program("broker"))
        os.chmod(starter, 0o755)
        self.it.programs["broker"] = starter
        self.it.start("broker")
        eventually(lambda: "may open too few files" in self.it.said())

    def test_a_message_of_64_mib_ends_its_connection_and_costs_the_others_nothing(self):
        self.count("counter")
        stream = self.load()
        eventually(stream.goes_on())
        before = memory(self.it)
        for _ in range(3):
            dealer(self).send_multipart([b"PUBLISH", bytes(64 << 20)])
            eventually(stream.goes_on(), 20)
        self.settle()
        self.assertEqual(stream.silences, 0)
        self.assertLess(memory(self.it) - before, 16)

    def test_a_flood_of_tiny_messages_is_answered_or_asked_again_never_lost_and_in_order(self):
        self.count("counter")
        self.assertEqual(flood(dealer(self), 20000), 20000)
        self.assertEqual(self.published(), 20000)
        self.check()
        self.assertLess(memory(self.it), 200)


if __name__ == "__main__":
    unittest.main()
