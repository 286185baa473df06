"""The way between a worker and the broker, and between a program and the store, is cut, reset, dead or slow. Confirmed events
have their effects once; whatever outcome is unknown is done again; others do not wait (promises 1, 2, 6)."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from instance import eventually, free_port  # noqa: E402
from line import BROKER, WORKER, Line  # noqa: E402
from relay import COMMIT, SYNC, Relay  # noqa: E402
from remote import Remote  # noqa: E402


class ToTheBroker(Faults):
    """A worker whose broker is behind the relay, beside one that reaches it directly."""

    def far(self):
        """The relay on the worker's way, when it starts next."""
        return self.broker_relay("counter")

    def begin(self, partitions=4):
        self.count("counter", partitions=partitions, start=False)
        self.relay = self.far()
        self.it.start("counter")
        self.stream = self.load()
        eventually(lambda: self.counters.counted("counter") > 100)
        self.counters.worker("near", "counter")
        self.it.start("near")
        eventually(lambda: self.it.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'padriver_counter'") == 2)
        before = self.counters.counted("counter")
        eventually(lambda: self.counters.counted("counter") > before + 100)

    def test_cut_and_reset_again_and_again(self):
        self.begin()
        for turn in range(10):
            self.relay.cut(reset=turn % 2 == 1)
            eventually(self.stream.goes_on())
        self.it.kill("near")
        self.settle()

    def test_a_dead_line_gives_the_partitions_to_others_and_what_arrives_late_is_fenced(self):
        self.begin()
        self.relay.stall()
        before = len(self.it.said())
        eventually(lambda: re.search("a worker of counter (was silent and is given up|is gone)", self.it.said()[before:]), 15, self.it.said)
        self.stream.finish()
        self.check()
        self.relay.go()
        self.it.kill("near")
        self.load(200)
        self.settle()

    def test_away_for_a_while_the_worker_comes_back_by_itself(self):
        self.begin(partitions=1)
        self.it.kill("near")
        self.relay.shut()
        eventually(self.stream.goes_on())
        self.relay.open()
        self.settle()

    def test_a_slow_line_slows_nobody_else(self):
        self.begin(partitions=2)
        self.relay.slow(size=50, pause=0.01)  # 5 kB/s

        def far_behind():
            """The slow worker's partition lags, the other does not."""
            slow, near, head = map(int, self.it.psql("SELECT min(position), max(position), (SELECT max(position) FROM log.event)"
                                                     " FROM log.cursor")[0])
            return head - slow > 1000 > 200 > head - near
        eventually(far_behind)
        self.stream.finish()
        self.relay.slow()
        self.settle()


class ToTheBrokerFromAnotherMachine(ToTheBroker):
    """The same over TCP with CURVE: a reset is a reset."""

    def instance(self):
        return Remote()

    def far(self):
        relay = Relay(("127.0.0.1", free_port()), ("127.0.0.1", self.it.tcp))
        self.addCleanup(relay.close)
        self.it.add("far", "--group", "counter")
        self.it.environments["counter"]["PADRIVER_CONF"] = self.it.conf_there("far", endpoint="tcp://127.0.0.1:%d" % relay.address[1])
        return relay


class ToTheBrokerByAWire(ToTheBroker):
    """The same where the link itself goes down: nobody is told, what was on its way is lost."""
    test_a_slow_line_slows_nobody_else = None

    def instance(self):
        self.line = line = Line()
        self.addCleanup(line.close)

        class Apart(Remote):
            address = BROKER

            def program(self, name):
                """The broker is at its end of the line."""
                program = super().program(name)
                return line.put(self.directory + "/broker.sh", BROKER, program) if name == "broker" else program
        return Apart()

    def far(self):
        self.it.add("far", "--group", "counter")
        self.it.environments["counter"]["PADRIVER_CONF"] = self.it.conf_there("far")
        self.it.programs["counter"] = self.line.put(self.it.directory + "/far.sh", WORKER, self.it.program("counter"))
        return self.line


class ToTheStore(Faults):
    """A program whose store is behind the relay."""
    settings = {"store": {"deadline": 1500}}

    def begin(self, name, *groups):
        self.count(*(groups or ("counter", "second")), start=False)
        self.relay = self.store_relay(name)
        if name == "broker":
            self.it.kill(name)
            self.it.start(name)
        for group in self.groups:
            self.it.start(group)
        self.stream = self.load()
        eventually(self.stream.goes_on())
        for group in self.groups:
            eventually(lambda group=group: self.counters.counted(group) > 20)

    def strike(self, pattern, action, behind=b""):
        self.relay.strike(pattern, action, behind)
        self.assertTrue(self.relay.struck.wait(20), self.it.said())
        eventually(self.stream.goes_on(), 20, self.it.said)

    def test_a_worker_whose_commit_is_cut_short_or_its_answer_lost_or_never_given_does_it_again(self):
        self.begin("counter")
        for action in ("cut", "lose", "mute"):
            self.strike(COMMIT, action)
        for action in ("cut", "lose", "mute"):
            self.strike(COMMIT, action, behind=b"append_events")
        self.settle()

    def test_the_broker_whose_publishing_is_cut_short_or_its_answer_lost_or_never_given(self):
        self.begin("broker")
        for action in ("cut", "lose", "mute"):
            self.strike(SYNC, action, behind=b"broker_publish")
        self.settle()

    def test_cut_and_reset_again_and_again(self):
        self.begin("broker", "counter")
        for turn in range(8):
            self.relay.cut(reset=turn % 2 == 1)
            eventually(self.stream.goes_on(), 20)
        self.settle()

    def test_a_dead_line_to_the_store_is_given_up_and_another_broker_serves(self):
        self.begin("broker", "counter")
        self.standby()
        old = self.broker_lock()
        self.relay.stall()
        eventually(lambda: "no longer active" in self.it.said())
        self.relay.cut()
        eventually(lambda: self.broker_lock() not in ([], old))
        eventually(self.stream.goes_on(), 20)
        self.relay.go()
        self.settle()

    def test_a_slow_line_to_the_store_slows_and_breaks_nothing(self):
        self.begin("counter", "counter")
        self.relay.slow(size=400, pause=0.01)
        eventually(self.stream.goes_on())
        self.stream.finish()
        self.relay.slow(size=4000, pause=0.001)
        self.settle()


if __name__ == "__main__":
    unittest.main()
