"""The broker's door: what is not an event of events.def is refused, whoever sends it, and does no harm."""
import os
import pwd
import random
import sys
import unittest

import msgpack
import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from instance import SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402


class Door(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Instance(durable=False)
        cls.addClassCleanup(cls.it.close)

    def publisher(self, source=""):
        publisher = Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source=source)
        self.addCleanup(publisher.close)
        return publisher

    def head(self):
        return self.it.value("SELECT coalesce(max(position), 0) FROM log.event")

    def test_a_publisher_needs_no_more_than_the_document(self):
        publisher = self.publisher("library")
        verb, fields = publisher.hello()
        self.assertEqual((verb, fields["number"]), ("ACCEPTED", 0))
        verb, fields = publisher.publish([("session_held", {"meeting": "N1-S1"}), ("meeting_held", {"meeting": "SG1"})])
        self.assertEqual(verb, "ACCEPTED")
        row = self.it.psql("SELECT type, key, actor, cause IS NULL, encode(body, 'hex') FROM log.event WHERE position = %d"
                           % fields["position"])[0]
        user = pwd.getpwuid(os.getuid()).pw_name
        self.assertEqual(row, ["4", "N1-S1", user, "t", msgpack.packb({"meeting": "N1-S1"}).hex()])
        self.assertEqual(self.it.psql("SELECT number FROM log.source WHERE name = '%s/library'" % user), [["2"]])

    def test_what_was_sent_twice_is_skipped_and_a_gap_is_refused_to_its_source_alone(self):
        bank, other = self.publisher("bank"), self.publisher("other")
        events = [("grant_received", {"grant": "grant-2027", "amount_ore": n}) for n in (1, 2, 3)]
        bank.publish(events)
        before = self.head()
        verb, fields = bank.publish(events, number=1)
        self.assertEqual((verb, fields["skipped"], fields["position"]), ("ACCEPTED", 3, 0))
        verb, fields = bank.publish(events + events[:1], number=1)
        self.assertEqual((verb, fields["skipped"], fields["position"]), ("ACCEPTED", 3, before + 1))
        bank.send("PUBLISH", source="bank", number=9, events=[])
        self.assertEqual(bank.receive(5)[1]["code"], "bad_message")
        verb, fields = bank.publish(events, number=6)
        self.assertEqual((verb, fields["code"]), ("REFUSED", "gap"))
        self.assertEqual(other.publish(events)[0], "ACCEPTED")
        self.assertEqual(bank.hello()[1]["number"], 4)
        self.assertEqual(self.head(), before + 4)

    def test_nobody_has_more_than_a_thousand_sources(self):
        first, user = self.publisher("one-of-many"), pwd.getpwuid(os.getuid()).pw_name
        event = [("session_held", {"meeting": "N1-S1"})]
        self.assertEqual(first.publish(event)[0], "ACCEPTED")
        self.it.psql("INSERT INTO log.source SELECT '%s/filler-' || n, 0 FROM generate_series((SELECT count(*) FROM log.source"
                     " WHERE starts_with(name, '%s/')) + 1, 1000) n" % (user, user))
        verb, fields = self.publisher("one-too-many").publish(event)
        self.assertEqual((verb, fields["code"]), ("REFUSED", "too_many"))
        self.assertEqual(first.publish(event)[0], "ACCEPTED")
        self.it.psql("DELETE FROM log.source WHERE name LIKE '%/filler-%'")
        self.assertEqual(self.publisher("one-too-many").publish(event)[0], "ACCEPTED")

    def test_a_bad_event_is_refused_with_its_field_and_nothing_of_the_message_is_taken(self):
        publisher, before = self.publisher(), self.head()
        good = ("session_held", {"meeting": "N1-S1"})
        for bad, words in (
                (("session_helt", {"meeting": "N1-S1"}), ("events[1]", "type", "session_helt")),
                (("session_held", {}), ("events[1]", "session_held", "meeting")),
                (("session_held", {"meeting": "æ"}), ("events[1]", "session_held", "meeting")),
                (("session_held", {"meeting": "x" * 41}), ("events[1]", "session_held", "meeting")),
                (("session_held", {"meeting": 7}), ("events[1]", "session_held", "meeting")),
                (("meeting_scheduled", {"meeting": "N1-S1", "version": 0}), ("events[1]", "version")),
                (("meeting_scheduled", {"meeting": "N1-S1", "version": 1 << 63}), ("events[1]", "version")),
                (("meeting_scheduled", {"meeting": "N1-S1", "version": 1.5}), ("events[1]", "version"))):
            verb, fields = publisher.publish([good, bad])
            self.assertEqual((verb, fields["code"]), ("REFUSED", "bad_event"), bad)
            for word in words:
                self.assertIn(word, fields["reason"])
        self.assertEqual(self.head(), before)

    def test_the_command_and_the_door_refuse_the_same(self):
        self.it.padriver("publish", "session_held", "meeting=", exit=65)
        self.it.padriver("publish", "session_helt", "meeting=N1-S1", exit=65)
        verb, fields = self.publisher().publish([("session_held", {"meeting": ""})])
        self.assertEqual((verb, fields["code"]), ("REFUSED", "bad_event"))

    def test_unknown_fields_are_left_out_and_the_body_is_packed_anew(self):
        verb, fields = self.publisher().publish([("session_held", {"more": {"a": [1, {}]}, "meeting": "N7-S7"})])
        self.assertEqual(verb, "ACCEPTED")
        self.assertEqual(self.it.psql("SELECT encode(body, 'hex') FROM log.event WHERE position = %d" % fields["position"]),
                         [[msgpack.packb({"meeting": "N7-S7"}).hex()]])

    def test_raw_frames_of_rubbish_do_no_harm(self):
        before, noise = self.head(), random.Random(4)
        verbs = [b"HELLO", b"TAKE", b"BATCH", b"NEXT", b"LATER", b"BEAT", b"WAKE", b"PUBLISH", b"", b"\xff" * 300]
        peers = [zmq.Context.instance().socket(zmq.DEALER) for _ in range(4)]
        for peer in peers:
            peer.linger = 0
            peer.connect("ipc://%s/broker" % self.it.runtime)
        good = msgpack.packb({"group": "ghost", "types": [{"type": 4}], "parts": [{"part": 0, "position": 1}], "credit": 16,
                              "source": "s", "number": 1, "events": [{"type": "session_held", "body": b"\x81\xa7meeting\xa1N"}]})
        for _ in range(3000):
            mangled = bytearray(good)
            for _ in range(noise.randint(1, 4)):
                mangled[noise.randrange(len(mangled))] = noise.randrange(256)
            body = noise.choice([bytes(mangled), noise.randbytes(noise.randint(0, 60)), good[:noise.randrange(len(good))]])
            frames = [noise.choice(verbs), body] + [b"more"] * noise.choice([0, 0, 0, 1, 5])
            noise.choice(peers).send_multipart(frames[noise.choice([0, 0, 0, 1]):])
        peers[0].send_multipart([b"PUBLISH", b"\xdf\xff\xff\xff\xff"])
        peers[1].send_multipart([b"PUBLISH", b"\x91" * 100000])
        peers[2].send_multipart([b"PUBLISH", b"x" * (5 << 20)])
        self.assertEqual(self.publisher("after").publish([("session_held", {"meeting": "N1-S1"})])[0], "ACCEPTED")
        self.assertTrue(self.it.is_running("broker"))
        # What of the noise happened to be well-formed was published by its rules; nothing else is in the log.
        self.assertEqual(self.it.psql("SELECT DISTINCT type FROM log.event WHERE position > %d" % before), [["4"]])
        for peer in peers:
            peer.close()

    def test_a_flood_of_single_events_shares_commits_and_each_is_answered(self):
        publisher = self.publisher("flood")
        for number in range(1, 501):
            publisher.send("PUBLISH", source="flood", number=number,
                           events=[{"type": "session_held", "body": msgpack.packb({"meeting": "N%d" % (number % 9)})}])
        positions = []
        for number in range(1, 501):
            verb, fields = publisher.receive(20)
            self.assertEqual((verb, fields["number"], fields["skipped"]), ("ACCEPTED", number, 0))
            positions.append(fields["position"])
        self.assertEqual(positions, sorted(positions))
        commits = self.it.value("SELECT count(DISTINCT xmin::text) FROM log.event WHERE position BETWEEN %d AND %d"
                                % (positions[0], positions[-1]))
        self.assertLess(commits, 250)

    def test_the_socket_is_for_owner_and_group(self):
        self.assertEqual(os.stat(self.it.runtime + "/broker").st_mode & 0o777, 0o660)

    def test_settings_that_cannot_be_end_with_78(self):
        it = Instance(durable=False, broker=False, settings="")
        self.addCleanup(it.close)
        with open(it.conf, encoding="utf-8") as file:
            text = file.read()
        for endpoint in ("tcp://127.0.0.1:1", "ipc:///tmp/" + "x" * 120, "ipc:///nowhere/at/all"):
            with open(it.conf, "w", encoding="utf-8") as file:
                file.write(text.replace("ipc://%s/broker" % it.runtime, endpoint))
            it.start("broker")
            self.assertEqual(it.died("broker"), 78, endpoint)
        eventually(lambda: "broker.endpoint" in it.said())


if __name__ == "__main__":
    unittest.main()
