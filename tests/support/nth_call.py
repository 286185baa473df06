"""The N-th malloc, write or fsync of a program fails: it ends (abort included) or carries on, and loses nothing. Started
again without the fault it goes on: numbered events are in the log once and have their effects once.

    class Broker(NthCall):
        victim = "broker"
        def test_...(self):
            self.fail_each("own", share=0.1)    # a seeded tenth of N = 1, 2, … up to what a run without fault does
"""
import random
import sys
import unittest

import psycopg2

from faults import Faults
from instance import BUILD, SOURCE, Instance, eventually
from publish import Publisher
from smtpd import MailServer

SHIM = BUILD + "/tests/failing_preload.so"
MESSAGES, SIZE = 3, 10


def set_deadline(it, milliseconds):
    """Of the store: libpq, once a send failed, waits for an answer that cannot come."""
    with open(it.conf, encoding="utf-8") as file:
        text = file.read()
    with open(it.conf, "w", encoding="utf-8") as file:
        file.write(text.replace("store\n", "store\n    deadline = %d\n" % milliseconds, 1))


def read_count(path, kind):
    """How many calls of the kind a program made that ended in good order."""
    with open(path, encoding="ascii") as file:
        return int(dict(line.split() for line in file)[kind])


def choose(bound, share, most=None, seed=7):
    """A seeded share of the numbers from 1 to the bound, at most so many."""
    numbers = [n for n in range(1, bound + 1) if random.Random("%d %d" % (seed, n)).random() < share]
    return sorted(random.Random(seed).sample(numbers, most)) if most and len(numbers) > most else numbers


class NthCall(Faults):
    victim = "broker"
    settings = {"store": {"deadline": 1000}}  # see set_deadline

    def setUp(self):
        super().setUp()
        self.count("counter", start=False)
        self.it.stop("broker")
        self.store = psycopg2.connect(self.it.cluster.conninfo)
        self.store.autocommit = True
        self.addCleanup(self.store.close)
        self.publisher = self.connect()
        self.addCleanup(lambda: self.publisher.close())
        self.number, self.ends, self.counts = 1, {}, self.it.directory + "/counts"

    def connect(self):
        return Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source="nth")

    def ask(self, sql):
        with self.store.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    def is_done(self):
        return self.ask("SELECT position >= (SELECT coalesce(max(position), 0) FROM log.event) FROM log.cursor")

    def start_with(self, failing):
        """The victim with the fault, and who works with it without."""
        for name in ("broker", "counter"):
            self.it.environments.setdefault(name, {}).pop("LD_PRELOAD", None)
            if name == self.victim and failing:
                self.it.environments[name].update(LD_PRELOAD=SHIM, FAILING=failing, FAILING_COUNTS=self.counts)
            if not self.it.is_running(name):
                self.it.start(name)

    def restart_if_ended(self):
        if not self.it.is_running(self.victim):
            self.ends[self.it.process[self.victim].returncode] = self.ends.get(self.it.process[self.victim].returncode, 0) + 1
            self.start_with(None)

    def publish(self):
        """One message, asked again until it is confirmed."""
        kinds = ["meeting_held" if n % 5 == 0 else "session_held" for n in range(self.number, self.number + SIZE)]
        events = [(kind, {"meeting": "N%d" % (n % 7)}) for n, kind in enumerate(kinds)]
        for turn in range(80):
            answer = self.publisher.publish(events, number=self.number, seconds=0.3)
            if answer:
                break
            self.restart_if_ended()
            if turn % 4 == 3:  # silence: libzmq leaves a connection half dead when a write fails and reading does not
                self.publisher.close()
                self.publisher = self.connect()
        self.assertIsNotNone(answer, "not confirmed")
        assert answer[0] == "ACCEPTED", answer
        self.number += SIZE

    def run_with(self, failing):
        self.start_with(failing)
        for _ in range(MESSAGES):
            self.publish()

        def settled():
            self.restart_if_ended()
            return self.is_done()
        eventually(settled, 40, lambda: "after %s: %s" % (failing, self.it.said()[-2000:]))
        self.restart_if_ended()
        if not failing:
            return
        for name in (self.victim, "counter"):
            if self.it.is_running(name):
                self.it.stop(name) if failing.endswith(":0") else self.it.kill(name)

    def fail_each(self, kind, share=1.0, most=None, seed=7):
        """Runs with the N-th call failing, for a seeded share of all N; what must hold is held to after each."""
        self.run_with(kind + ":0")
        bound = read_count(self.counts, kind)
        numbers = choose(bound, share, most, seed)
        for n in numbers:
            try:
                self.run_with("%s:%d" % (kind, n))
                self.assertEqual(self.ask("SELECT number FROM log.source WHERE name LIKE '%/nth'"), self.number - 1)
            except AssertionError as late:
                raise AssertionError("%s: %s:%d: %s" % (self.victim, kind, n, late)) from late
        self.assertNotIn(78, self.ends, "nobody would start it again")
        self.run_with(None)
        self.check()
        self.assertEqual(self.published(), self.number - 1)
        print("%s: %d of %s %s calls failed; it ended: %s" % (self.victim, len(numbers), bound, kind, self.ends), file=sys.stderr)


class NthCallOfSender(unittest.TestCase):
    """A sender whose N-th write fails, its journal's among them: nobody is mailed twice, each letter comes to an end."""
    share = 0.1

    def turn(self, number, failing):
        """Two letters are due; the sender with the fault, and once more without if it ended."""
        self.it.psql("""INSERT INTO notice.letter (rule, subject, person, occurrence, due_at)
                        SELECT 'reminder', 'SG1', p.person, '1/%d', '2026-12-20T08:00:00Z'
                          FROM plan.participants('SG1', '2027-02-02') p ORDER BY 1 LIMIT 2""" % number)
        self.it.environments["notifications"] = {"LD_PRELOAD": SHIM, "FAILING": failing, "FAILING_COUNTS": self.counts}
        self.it.start("notifications")

        def settled():
            if not self.it.is_running("notifications"):
                self.ended += 1
                self.it.environments["notifications"] = {}
                self.it.start("notifications")
            return self.it.value("SELECT count(*) FROM notice.letter WHERE state IN ('due', 'claimed')") == 0
        # Where the last bytes of a letter got lost the server waits for them, and we for its answer: two minutes (smtp.c).
        eventually(settled, 200, lambda: failing + self.it.said()[-2000:])
        self.it.stop("notifications")

    def test_writing(self):
        with MailServer() as server, Instance(simulated="2026-12-20T08:00:00Z", broker=False, port=server.port, durable=False,
                                              settings="    attempts = 100\n") as self.it:
            self.ended, self.counts = 0, self.it.directory + "/counts"
            self.it.padriver("group", "add", "notifications", "--from", "start")
            self.it.padriver("import", SOURCE + "/deploy/sample", "--yes")
            self.it.padriver("plan", "schedule", "SG1")
            set_deadline(self.it, 2000)
            self.turn(0, "write:0")
            bound = read_count(self.counts, "write")
            numbers = choose(bound, self.share)
            for n in numbers:
                self.turn(n, "write:%d" % n)
            arrived = {}
            for letter in server.letters:
                key = letter.message["Message-ID"]
                arrived[key] = arrived.get(key, 0) + 1
            self.assertEqual(set(arrived.values()), {1})
            for row in self.it.padriver("mail", "list", json=True):
                self.assertIn(row["state"], ("sent", "uncertain"))
                if row["state"] == "sent":
                    self.assertIn("<%s>" % row["message_id"], arrived)
            print("sender: %d of %d write calls failed; it ended %d times" % (len(numbers), bound, self.ended), file=sys.stderr)
