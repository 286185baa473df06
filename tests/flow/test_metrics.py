"""`padriver metrics`: promtool accepts it, each number is what happened, a program that dies is told as down, and the
alert rules speak of metrics that there are."""
import datetime
import os
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import BUILD, SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402

PROMTOOL = next((path for path in ("/usr/bin/promtool", os.path.join(SOURCE, "build/prometheus/usr/bin/promtool"))
                 if os.access(path, os.X_OK)), "promtool")
RULES = SOURCE + "/deploy/prometheus/padriver.rules.yml"


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Instance(daemons=["notifications"], simulated="2027-01-04T08:00", durable=False, mail=True)
        cls.addClassCleanup(cls.it.close)
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        cls.counters = Counters(cls.it, "counter")
        eventually(lambda: os.path.exists(cls.it.runtime + "/metrics/counter.prom"))  # it is the first process

    def page(self):
        done = subprocess.run([BUILD + "/workers/padriver", "metrics"], env=self.it.environment(), capture_output=True,
                              text=True, check=True)
        return done.stdout

    def told(self, page=None):
        """{name: {frozenset of labels: value}}"""
        samples = {}
        for line in (page or self.page()).splitlines():
            if not line.startswith("#"):
                name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
                key = frozenset(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))
                self.assertNotIn(key, samples.setdefault(name, {}), line)
                samples[name][key] = float(value)
        return samples

    def value(self, name, page=None, **labels):
        """The sample that has these labels, and perhaps more; 0 if there is none."""
        wanted = set(labels.items())
        found = [value for key, value in self.told(page).get(name, {}).items() if wanted <= key]
        self.assertLessEqual(len(found), 1, (name, labels))
        return found[0] if found else 0

    def wait(self, value, name, **labels):
        eventually(lambda: self.value(name, **labels) == value, what=lambda: (name, labels, self.value(name, **labels)))

    def idle(self):
        self.it.padriver("wait", "--idle", "--timeout", "60")

    def stamps(self):
        """When broker and counter last wrote their pages."""
        return [open("%s/metrics/%s.prom" % (self.it.runtime, name), encoding="utf-8").readline() for name in ("broker", "counter")]

    def settle(self):
        """Idle, and told: what is counted from here on is the test's own."""
        self.idle()
        before = self.stamps()
        eventually(lambda: not set(before) & set(self.stamps()))

    def test_promtool_accepts_the_page_and_the_rules(self):
        self.it.padriver("plan", "schedule", "N4-S1", "--at", "2027-12-04T09:00")
        self.idle()
        page = self.page()
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=page, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        done = subprocess.run([PROMTOOL, "check", "rules", RULES], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        known = set(re.findall(r"^# TYPE (\w+) ", page, re.M)) | {"padriver_broker_refused_total"}
        with open(RULES, encoding="utf-8") as file:
            self.assertLessEqual(set(re.findall(r"\b(padriver_\w+)", "".join(re.findall(r"expr: (.*)", file.read())))), known | {
                "padriver_letters", "padriver_rule_oldest_due_seconds", "padriver_timers_oldest_due_seconds"})

    def test_published_events_are_counted_to_their_end(self):
        self.settle()
        numbers = {"padriver_broker_published_events_total": {}, "padriver_broker_delivered_events_total": {},
                   "padriver_worker_events_total": {"group": "counter", "end": "done"},
                   "padriver_worker_batch_seconds_count": {"group": "counter"}}
        old = {name: self.value(name, **labels) for name, labels in numbers.items()}
        with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime) as publisher:
            publisher.publish([("session_held", {"meeting": "M%d" % n}) for n in range(50)])
        self.wait(old["padriver_worker_events_total"] + 50, "padriver_worker_events_total", group="counter", end="done")
        self.wait(old["padriver_broker_published_events_total"] + 50, "padriver_broker_published_events_total")
        page = self.page()
        self.assertGreaterEqual(self.value("padriver_broker_delivered_events_total", page),
                                old["padriver_broker_delivered_events_total"] + 50)
        self.assertGreater(self.value("padriver_worker_batch_seconds_count", page, group="counter"),
                           old["padriver_worker_batch_seconds_count"])
        self.assertEqual(self.value("padriver_broker_active", page), 1)
        self.assertEqual(self.value("padriver_broker_workers", page, group="counter"), 1)
        self.assertEqual(self.value("padriver_store_up", page), 1)
        self.assertEqual(self.value("padriver_log_head_position", page), self.it.value("SELECT max(position) FROM log.event"))
        self.assertEqual(self.value("padriver_group_behind_positions", group="counter"), 0)

    def test_what_is_parked_and_put_off_is_counted(self):
        self.settle()
        old = {end: self.value("padriver_worker_events_total", group="counter", end=end)
               for end in ("parked", "parked_behind", "retried")}
        later = self.value("padriver_broker_later_total")
        self.counters.trouble("counter", "T1", "reject")
        for _ in range(3):
            self.it.padriver("publish", "session_held", "meeting=T1")
        self.wait(old["parked"] + 1, "padriver_worker_events_total", group="counter", end="parked")
        self.wait(old["parked_behind"] + 2, "padriver_worker_events_total", group="counter", end="parked_behind")
        page = self.page()
        self.assertEqual([self.value("padriver_group_parked_events", page, group="counter", state=state)
                          for state in ("cause", "behind", "retry")], [1, 2, 0])
        self.counters.peace()
        self.it.padriver("parked", "retry", "counter", "--key", "T1")
        self.wait(old["retried"] + 3, "padriver_worker_events_total", group="counter", end="retried")
        self.assertEqual(self.value("padriver_group_parked_events", group="counter", state="cause"), 0)
        self.counters.trouble("counter", "T2", "retry")
        self.it.padriver("publish", "session_held", "meeting=T2")
        eventually(lambda: self.value("padriver_broker_later_total") > later)
        eventually(lambda: self.value("padriver_worker_held_back_total", group="counter") > 0)
        self.assertEqual(self.value("padriver_group_behind_positions", group="counter"), 1)
        now = datetime.datetime.fromisoformat(self.it.padriver("clock", "show", json=True)[0]["now_at"].replace("Z", "+00:00"))
        self.it.padriver("clock", "jump", (now + datetime.timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertEqual(self.value("padriver_group_oldest_undelivered_seconds", group="counter"), 600)
        self.counters.peace()
        self.idle()
        self.assertEqual(self.value("padriver_group_oldest_undelivered_seconds", group="counter"), 0)

    def test_refusals_are_counted_by_code(self):
        self.settle()
        old = {code: self.value("padriver_broker_refused_total", code=code) for code in ("bad_event", "gap")}
        with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source="gaps") as publisher:
            self.assertEqual(publisher.publish([("no_such_event", {})], number=1)[0], "REFUSED")
            self.assertEqual(publisher.publish([("session_held", {"meeting": "G"})], number=7)[1]["code"], "gap")
        for code, count in old.items():
            self.wait(count + 1, "padriver_broker_refused_total", code=code)

    def test_letters_and_timers_are_told_by_state_rule_and_owner(self):
        self.it.padriver("plan", "schedule", "N1-S1", "--at", "2027-01-25T09:00")
        self.idle()
        page = self.page()
        sent = self.it.value("SELECT count(*) FROM notice.letter WHERE rule = 'invitation' AND state = 'sent'")
        self.assertGreater(sent, 0)
        self.assertEqual(self.value("padriver_letters", page, owner="notice", rule="invitation", state="sent"), sent)
        last = self.it.value("SELECT extract(epoch FROM max(sent_at))::bigint FROM notice.letter WHERE rule = 'invitation'")
        self.assertEqual(self.value("padriver_rule_last_success_timestamp_seconds", page, rule="invitation"), last)
        self.assertGreater(self.value("padriver_timers", page, owner="notifications", state="pending"), 0)
        self.assertEqual(self.value("padriver_timers", page, owner="notifications", state="due"), 0)
        self.wait(sent, "padriver_letters_tried_total", group="notifications", end="sent")
        fired = self.value("padriver_broker_timers_fired_total")
        self.it.padriver("clock", "advance", "2027-01-24T09:00")
        now = self.it.value("SELECT extract(epoch FROM max(at))::bigint FROM log.event WHERE type = 10")
        self.assertEqual(self.value("padriver_timer_last_fired_timestamp_seconds", type="reminder_due"), now)
        eventually(lambda: self.value("padriver_broker_timers_fired_total") > fired)
        self.it.pause("broker")
        self.it.padriver("clock", "jump", "2027-02-24T09:00", exit=None)
        self.it.psql("SELECT log.timer_set('notifications', 'late', '2027-02-24 07:00+00', NULL, 10::smallint, 'x', '', 0, '')")
        page = self.page()
        self.it.psql("SELECT log.timer_drop('notifications', 'late')")
        self.it.resume("broker")
        self.assertGreaterEqual(self.value("padriver_timers", page, owner="notifications", state="due"), 1)
        self.assertGreaterEqual(self.value("padriver_timers_oldest_due_seconds", page, owner="notifications"), 3600)

    def test_an_open_snapshot_is_seen(self):
        sleeper = subprocess.Popen([self.it.cluster.bin + "/psql", "-X", "-q", "-d", self.it.cluster.conninfo], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        sleeper.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;\n")
        sleeper.stdin.flush()
        eventually(lambda: self.value("padriver_store_oldest_snapshot_seconds") > 1)
        sleeper.stdin.close()
        sleeper.wait()
        eventually(lambda: self.value("padriver_store_oldest_snapshot_seconds") < 1)

    def test_a_program_that_dies_is_down_one_that_hangs_is_silent_one_that_is_stopped_is_gone(self):
        self.counters.worker("second", "counter")
        self.it.start("second")
        self.wait(1, "padriver_program_up", program="counter", process="2")
        self.it.kill("second")
        self.wait(0, "padriver_program_up", program="counter", process="2")
        self.assertIn(frozenset({("program", "counter"), ("process", "2")}), self.told()["padriver_program_up"])
        self.assertEqual([key for key in self.told()["padriver_worker_held_back_total"] if ("process", "2") in key], [])
        self.it.start("second")
        self.wait(1, "padriver_program_up", program="counter", process="2")
        self.it.pause("second")
        eventually(lambda: self.value("padriver_program_silent_seconds", program="counter", process="2") > 3)
        self.it.resume("second")
        self.assertEqual(self.it.stop("second"), 0)
        self.assertNotIn(frozenset({("program", "counter"), ("process", "2")}), self.told()["padriver_program_up"])

    def http(self, request):
        done = subprocess.run([BUILD + "/workers/padriver", "metrics", "--http"], env=self.it.environment(), input=request,
                              capture_output=True, check=True, timeout=30)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: %d" % len(body), head)
        return head.split(b"\r\n")[0].decode(), body.decode()

    def test_a_scraper_is_answered_and_nothing_else(self):
        status, body = self.http(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n")
        self.assertEqual(status, "HTTP/1.1 200 OK")
        self.assertEqual(self.value("padriver_store_up", body), 1)
        for request, code in ((b"GET / HTTP/1.1\r\n\r\n", 404), (b"POST /metrics HTTP/1.1\r\n\r\n", 405), (b"\r\n\r\n", 400),
                              (b"GET /metrics\r\n\r\n", 400), (b"x" * 10000, 400), (b"", 400), (b"\0\xff /metrics HTTP/1.1\n\n", 405)):
            self.assertIn("HTTP/1.1 %d " % code, self.http(request)[0], request)

    def test_zz_without_the_store_the_programs_are_told_all_the_same(self):
        self.it.cluster.stop(signal.SIGQUIT)
        done = subprocess.run([BUILD + "/workers/padriver", "metrics"], env=self.it.environment(), capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 69)
        self.assertEqual(self.value("padriver_store_up", done.stdout), 0)
        self.assertEqual(self.value("padriver_program_up", done.stdout, program="broker"), 1)
        self.it.cluster.start()


if __name__ == "__main__":
    unittest.main()
