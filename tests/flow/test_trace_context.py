"""W3C trace context: a trace rides from PUBLISH or a command through what handlers emit and the timers they set to what
these fire; never with an answer, whoever asks for it (design: anonymous answers)."""
import base64
import hashlib
import hmac
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import BUILD, SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402


def trace(number):
    return "00-%032x-00f067aa0ba902b7-01" % number


class TraceContext(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Instance(daemons=["evaluation", "notifications"], simulated="2027-01-04T08:00", durable=False, mail=True)
        cls.addClassCleanup(cls.it.close)
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        cls.counters = Counters(cls.it, "counter")

    def within(self, traceparent, *words):
        """Runs a command whose environment names a trace."""
        done = subprocess.run([BUILD + "/workers/padriver", *words], env=self.it.environment(TRACEPARENT=traceparent),
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def publish(self, traceparent, *events):
        with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime) as publisher:
            publisher.send("PUBLISH", number=1, traceparent=traceparent,
                           events=[{"type": name, "body": publisher.packed(fields)} for name, fields in events])
            return publisher.answer("PUBLISH", 10)

    def idle(self):
        self.it.padriver("wait", "--idle", "--timeout", "60")

    def traced(self, key):
        """The events of a key, each with its trace."""
        return [(row[0], row[1] or None) for row in self.it.psql(
            "SELECT type, traceparent FROM log.event WHERE key = '%s' ORDER BY position" % key)]

    def test_it_rides_with_what_handlers_emit_and_what_their_timers_fire(self):
        self.it.padriver("plan", "schedule", "N1-S1", "--at", "2027-08-04T09:00", "--until", "2027-08-04T10:00")
        self.it.padriver("clock", "jump", "2027-08-04T10:00")
        self.idle()
        mine = trace(1)
        answer = self.publish(mine, ("session_held", {"meeting": "N1-S1"}))
        self.assertEqual(answer[0], "ACCEPTED")
        self.idle()
        opened = {row["type"]: row.get("traceparent") for row in self.it.padriver("log", "--key", "N1-S1", json=True)}
        self.assertEqual(opened["session_held"], mine)
        self.assertEqual(opened["evaluation_opened"], mine)
        self.assertNotIn("traceparent", self.it.padriver("log", "--key", "N1-S1", json=True)[0])  # nobody gave one
        timers = self.it.psql("SELECT DISTINCT owner, traceparent FROM log.timer WHERE key = 'N1-S1' ORDER BY 1")
        self.assertEqual(timers, [["evaluation", mine], ["notifications", mine]])
        self.it.padriver("clock", "advance", "2027-09-01T10:00")
        self.idle()
        fired = {row["type"]: row.get("traceparent") for row in self.it.padriver("log", "--key", "N1-S1", json=True)}
        nodes = self.it.padriver("trace", mine[3:35], json=True)
        self.assertEqual({node["traceparent"] for node in nodes if node["node"] == "event" and node["asked"]}, {mine})
        self.assertEqual([node["id"] for node in nodes if node["node"] == "event"],
                         [row["position"] for row in self.it.padriver("log", json=True) if row.get("traceparent") == mine])
        said = self.it.padriver("trace", mine[3:35])
        self.assertEqual(said.count(" in trace " + mine[3:35]), 1)  # where it begins
        self.it.padriver("trace", "0" * 31 + "9", exit=1)
        self.assertEqual({name: fired[name] for name in ("reminder_due", "evaluation_closing_due", "evaluation_closed")},
                         {"reminder_due": mine, "evaluation_closing_due": mine, "evaluation_closed": mine})

    def test_a_command_takes_it_from_its_environment(self):
        self.within(trace(2), "publish", "session_held", "meeting=C1")
        self.within(trace(3), "plan", "schedule", "N2-S1", "--at", "2027-12-04T09:00")
        self.idle()
        self.assertEqual(self.traced("C1"), [("4", trace(2))])
        self.assertEqual(self.traced("N2-S1")[0], ("1", trace(3)))
        self.assertEqual(self.it.psql("SELECT DISTINCT traceparent FROM log.timer WHERE key = 'N2-S1'"), [[trace(3)]])

    def test_what_is_none_is_ignored_and_the_event_is_taken(self):
        for number, bad in enumerate(("", "nonsense", trace(4).upper(), trace(4) + "-more", "00-%032d-%016d-00" % (0, 0))):
            self.assertEqual(self.publish(bad, ("session_held", {"meeting": "B%d" % number}))[0], "ACCEPTED")
            self.assertEqual(self.traced("B%d" % number), [("4", None)])
        self.within("nonsense", "publish", "session_held", "meeting=B9")
        self.assertEqual(self.traced("B9"), [("4", None)])

    def test_events_of_a_call_keep_their_own(self):
        """Some with, some without, some sent again: what is new of a source keeps the trace of its message."""
        with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source="calls") as publisher:
            publisher.hello()
            for first, mine in ((1, trace(5)), (1, trace(6)), (4, ""), (5, trace(7))):
                publisher.send("PUBLISH", source="calls", number=first, traceparent=mine, events=[
                    {"type": "session_held", "body": publisher.packed({"meeting": "K%d" % n})}
                    for n in range(first, first + (3 if first == 1 and mine == trace(6) else 1))])
            eventually(lambda: self.traced("K5"))
        self.assertEqual([self.traced("K%d" % n)[0][1] for n in range(1, 6)],
                         [trace(5), trace(6), trace(6), None, trace(7)])

    def test_a_parked_event_keeps_it_until_it_is_retried(self):
        self.counters.trouble("counter", "P1", "reject")
        self.publish(trace(8), ("meeting_held", {"meeting": "P1"}))
        eventually(lambda: self.it.psql("SELECT traceparent FROM log.parked WHERE key = 'P1'") == [[trace(8)]])
        self.counters.peace()
        self.it.padriver("parked", "retry", "counter", "--key", "P1")
        eventually(lambda: self.traced("P1") == [("5", trace(8)), ("4", trace(8))])

    def test_it_survives_the_brokers_memory(self):
        """What is delivered from the log after a restart is what was delivered from memory."""
        self.it.kill("counter")
        self.publish(trace(9), ("meeting_held", {"meeting": "R1"}))
        self.it.kill("broker")
        self.it.start("broker")
        self.it.start("counter")
        eventually(lambda: self.traced("R1") == [("5", trace(9)), ("4", trace(9))])

    def test_an_answer_belongs_to_no_trace_whoever_asks(self):
        """By the command that answers, by the wire, by SQL; and no word of it is anywhere in the store."""
        self.it.padriver("plan", "schedule", "N3-S1", "--at", "2027-06-04T09:00", "--until", "2027-06-04T10:00")
        self.it.padriver("clock", "jump", "2027-06-04T10:00")
        self.it.padriver("plan", "held", "N3-S1")
        self.idle()
        key = bytes.fromhex(open(self.it.state + "/link.key", encoding="ascii").read().strip())
        number = self.it.value("SELECT min(id) FROM evaluation.invitation WHERE evaluation = 'N3-S1'")
        mac = hmac.new(key, b"evaluation/%d" % number, hashlib.sha512).digest()[:16]
        link = "https://usht.example/e/%d.%s" % (number, base64.urlsafe_b64encode(mac).decode().rstrip("="))
        self.within(trace(0xbeef), "evaluation", "answer", link, "q1=5")
        self.publish(trace(0xbeef), ("evaluation_submitted", {"evaluation": "N3-S1", "answer": 0}))
        self.it.psql("SELECT log.append(at, '{9}', '{N3-S1}', '{\"\"}', '{0}', ARRAY[body], '{%s}') FROM log.event WHERE type = 9 LIMIT 1"
                     % trace(0xbeef))
        self.idle()
        self.assertEqual([row for row in self.traced("N3-S1") if row[0] == "9"], 3 * [("9", None)])
        for row in self.it.psql("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"):
            self.assertEqual(self.it.psql("SELECT count(*) FROM %s t WHERE t::text LIKE '%%beef-00f067%%'" % row[0]), [["0"]], row)


if __name__ == "__main__":
    unittest.main()
