"""The N-th malloc, write or fsync of a program fails: it ends (abort included) or carries on, and loses nothing. Started
again without the fault it goes on: numbered events are in the log once and have their effects once.

    class Broker(NthCall):
        victim = "broker"
        def test_...(self):
            self.fail_each("own", share=0.1)    # a seeded tenth of N = 1, 2, … up to what a run without fault does
"""
import os
import random
import sys
import time

import psycopg2

from faults import Faults
from instance import BUILD, SOURCE, eventually
from publish import Publisher

SHIM = BUILD + "/tests/failing_preload.so"
MESSAGES, SIZE = 3, 10


class NthCall(Faults):
    victim = "broker"
    settings = {"store": {"deadline": 1000}}  # libpq, once a send failed, waits for an answer that cannot come

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
        with open(self.counts, encoding="ascii") as file:
            bound = dict(line.split() for line in file)[kind]
        numbers = [n for n in range(1, int(bound) + 1) if random.Random("%d %d" % (seed, n)).random() < share]
        if most and len(numbers) > most:
            numbers = sorted(random.Random(seed).sample(numbers, most))
        for n in numbers:
            try:
                self.run_with("%s:%d" % (kind, n))
                self.assertEqual(self.ask("SELECT number FROM log.source WHERE name LIKE '%/nth'"), self.number - 1)
            except AssertionError as late:
                raise AssertionError("%s: %s:%d: %s" % (self.victim, kind, n, late)) from late
        self.run_with(None)
        self.check()
        self.assertEqual(self.published(), self.number - 1)
        print("%s: %d of %s %s calls failed; it ended: %s" % (self.victim, len(numbers), bound, kind, self.ends), file=sys.stderr)
