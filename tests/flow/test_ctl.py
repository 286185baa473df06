"""The command in a running instance: publishing to a committed effect, looking, mending, and moving the clock."""
import os
import subprocess
import sys
import unittest

import psycopg2

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import Instance, eventually  # noqa: E402


def line(meeting, number=""):
    return '{"type": "session_held", "data": {"meeting": "%s"}%s}' % (meeting, ', "number": %d' % number if number else "")


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Instance(simulated="2026-12-01T08:00:00Z", durable=False)
        cls.counters = Counters(cls.it, "counter")

    @classmethod
    def tearDownClass(cls):
        cls.it.close()

    def test_a_published_event_has_its_effect_when_idle(self):
        before = self.counters.counted("counter")
        position = int(self.it.padriver("publish", "session_held", "meeting=N1-S1"))
        self.it.padriver("wait", "--idle")
        self.assertEqual(self.counters.counted("counter"), before + 1)
        event = self.it.padriver("log", "--from", str(position), json=True)[0]
        self.assertEqual((event["position"], event["type"], event["data"]), (position, "session_held", {"meeting": "N1-S1"}))

    def test_a_number_is_taken_once(self):
        words = ("publish", "session_held", "meeting=N2-S1", "--source", "once", "--number", "1")
        self.assertGreater(int(self.it.padriver(*words)), 0)
        self.assertTrue(self.it.padriver(*words).startswith("0\n"))
        self.assertIn("the source's last number", self.it.padriver(*words[:-1], "9", exit=1))

    def test_a_stream_of_lines_may_be_sent_again(self):
        given = "\n".join(line("N3-S1", n) for n in range(1, 701))
        first = self.it.padriver("publish", "--json", "-", "--source", "stream", stdin=given)
        self.assertEqual(len(first.splitlines()), 700)
        again = self.it.padriver("publish", "--json", "-", "--source", "stream", stdin=given)
        self.assertNotIn('"position":1', again)
        self.assertEqual(len(self.it.padriver("log", "--key", "N3-S1", json=True)), 700)

    def test_a_parked_event_goes_on_when_a_person_says_so(self):
        self.counters.trouble("counter", "N4-S1", "reject")
        first = int(self.it.padriver("publish", "session_held", "meeting=N4-S1"))
        second = int(self.it.padriver("publish", "session_held", "meeting=N4-S1"))
        self.it.padriver("wait", "--idle")
        rows = self.it.padriver("parked", "list", "--key", "N4-S1", json=True)
        self.assertEqual([(row["position"], row["waits_for"]) for row in rows], [(first, None), (second, first)])
        self.it.padriver("parked", "retry", "counter", str(first))
        self.it.padriver("wait", "--idle")
        self.assertEqual(self.it.padriver("parked", "list", "--key", "N4-S1", json=True)[0]["attempts"], 2)
        self.counters.peace()
        self.it.padriver("parked", "retry", "counter", "--key", "N4-S1")
        self.it.padriver("wait", "--idle")
        self.assertEqual(self.it.padriver("parked", "list", json=True), [])
        self.counters.check("counter")

    def test_migrating_does_not_wait_for_the_broker_to_end(self):
        self.it.padriver("migrate", "--connection", self.it.cluster.conninfo)

    def test_status_and_check_are_content(self):
        self.it.padriver("status")
        self.it.padriver("check")
        status = self.it.padriver("status", json=True)[0]
        self.assertEqual((status["broker"]["answering"], status["groups"][0]["group"]), (True, "counter"))


    def test_status_shows_the_oldest_snapshot(self):
        def shown():
            return self.it.padriver("status", json=True)[0]["store"]["oldest_snapshot_s"]
        eventually(lambda: shown() == 0)
        dump = psycopg2.connect(self.it.cluster.conninfo)
        with dump.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            eventually(lambda: shown() >= 2)
            self.assertRegex(self.it.padriver("status"), "oldest snapshot [1-9][0-9]* s")
        dump.close()
        eventually(lambda: shown() == 0)


class Down(unittest.TestCase):
    def test_what_is_down_is_named_and_ends_with_69(self):
        with Instance(durable=False) as it:
            it.kill("broker")
            self.assertIn("the broker", it.padriver("publish", "session_held", "meeting=N1-S1", "--timeout", "1", exit=69))
            self.assertIn("the broker", it.padriver("status", exit=69))
            it.start("broker")
            it.padriver("publish", "session_held", "meeting=N1-S1")
            it.cluster.crash()
            self.assertIn("the store", it.padriver("log", exit=69))
            self.assertIn("the store", it.padriver("status", exit=69))
            it.cluster.start()
            eventually(lambda: "session_held" in it.padriver("log", exit=None))

    def test_wait_ends_with_1_while_a_daemon_is_away(self):
        with Instance(simulated="2026-12-01T08:00:00Z", durable=False) as it:
            Counters(it, "counter", start=False)
            it.padriver("publish", "session_held", "meeting=N1-S1")
            self.assertIn("1 cursors behind, the first of counter", it.padriver("wait", "--idle", "--timeout", "1", exit=1))
            it.start("counter")
            it.padriver("wait", "--idle")

    def test_following_the_log_shows_what_comes(self):
        with Instance(durable=False) as it:
            follow = subprocess.Popen([os.path.join(os.path.dirname(it.program("counter")), "padriver"), "log", "--follow",
                                       "--json"], env=it.environment(), stdout=subprocess.PIPE, text=True)
            try:
                for meeting in ("N1-S1", "N2-S1"):
                    it.padriver("publish", "session_held", "meeting=" + meeting)
                    self.assertIn(meeting, follow.stdout.readline())
            finally:
                follow.kill()
                follow.wait()
                follow.stdout.close()


class Clock(unittest.TestCase):
    def set_timer(self, it, name, due):
        it.psql("SELECT log.timer_set('counter', '%s', '%s', NULL, 10::smallint, '%s', '', 0, '\\x%s')"
                % (name, due, name, ("83a77375626a656374%02x%sa472756c65a46d656574aa6f6363757272656e636501"
                                     % (0xa0 + len(name), name.encode().hex()))))

    def test_advancing_stops_at_each_due_time_and_a_jump_does_not(self):
        with Instance(simulated="2026-12-01T08:00:00Z", durable=False) as it:
            Counters(it, "counter")
            for day in (2, 3, 4):
                self.set_timer(it, "N%d-S1" % day, "2026-12-0%d 08:00+00" % day)
            told = it.padriver("clock", "advance", "2026-12-03T12:00", json=True)
            self.assertEqual([row.get("name") for row in told], ["N2-S1", "N3-S1", None])
            self.assertEqual(told[-1]["now_at"], "2026-12-03T11:00:00Z")
            fired = it.padriver("log", "--type", "reminder_due", json=True)
            self.assertEqual([event["time"] for event in fired], ["2026-12-02T08:00:00Z", "2026-12-03T08:00:00Z"])
            it.padriver("clock", "advance", "--to-next")
            self.assertEqual(it.padriver("clock", "show", json=True)[0]["now_at"], "2026-12-04T08:00:00Z")
            self.set_timer(it, "N5-S1", "2026-12-05 08:00+00")
            it.padriver("clock", "jump", "2026-12-24T08:00:00Z")
            it.padriver("wait", "--idle")
            self.assertEqual(it.padriver("log", "--last", "1", json=True)[0]["time"], "2026-12-24T08:00:00Z")
            it.padriver("clock", "advance", "--to-next", exit=1)


if __name__ == "__main__":
    unittest.main()
