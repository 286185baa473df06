"""deploy/try as its users meet it: a command in the instance, a second start, programs that die, Ctrl-C, kill -9."""
import glob
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from instance import BUILD, SOURCE, eventually  # noqa: E402


class Try(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.mkdtemp(prefix="padriver-test-try.")
        self.state = self.place + "/try"
        self.environment = dict(os.environ, PADRIVER_TRY=self.state, PADRIVER_BUILD=BUILD)
        self.process = None

    def tearDown(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        shutil.rmtree(self.place)

    def run_try(self, *words):
        return subprocess.run([SOURCE + "/deploy/try", *words], env=self.environment, capture_output=True, text=True,
                              timeout=120)

    def start(self, *words):
        self.log = open(self.place + "/said", "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        self.process = subprocess.Popen([SOURCE + "/deploy/try", *words], env=self.environment, stdout=self.log,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        eventually(lambda: os.path.exists(self.state + "/env") or self.process.poll() is not None, 60)
        self.assertIsNone(self.process.poll(), self.said())

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def pid(self, name):
        with open("%s/pids/%s.pid" % (self.state, name), encoding="ascii") as file:
            return int(file.read())

    def short(self):
        with open(self.state + "/short", encoding="ascii") as file:
            return file.read().strip()

    def test_a_command_runs_inside_and_its_status_is_ours(self):
        done = self.run_try("--bare", "--", "sh", "-c", 'padriver clock show; curl -s -o /dev/null -w "%{http_code}" "$PADRIVER_WEB/"; exit 9')
        self.assertEqual(done.returncode, 9, done.stderr)
        self.assertEqual(done.stdout, "2026-12-01T05:00:00Z (simulated)\n200")
        self.assertEqual(os.listdir(self.state + "/pids"), [])

    def test_the_sample_centre_is_loaded_without_the_story(self):
        done = self.run_try("--empty", "--", "padriver", "plan", "list", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("N1-S1", done.stdout)

    def test_one_instance_at_a_time_that_others_can_use(self):
        self.start("--bare")
        second = self.run_try("--bare")
        self.assertEqual(second.returncode, 1)
        self.assertIn("an instance is running (process %d)" % self.process.pid, second.stderr)
        joined = self.run_try("--", "sh", "-c", "echo $PADRIVER_CONF; exit 3")
        self.assertEqual((joined.returncode, joined.stdout), (3, self.state + "/padriver.conf\n"))
        page = self.run_try("--", "sh", "-c", 'curl -sSf "$PADRIVER_WEB/"')
        self.assertEqual((page.returncode, "<h1" in page.stdout), (0, True), page.stderr)
        self.assertIsNone(self.process.poll())

    def test_what_it_says_at_the_end_signs_the_leader_in(self):
        self.start("--empty")
        eventually(lambda: "Ctrl-C stops it" in self.said(), 60)
        page, address = re.search(r"ask for a link at (\S+) as the leader, (\S+@\S+example)", self.said()).groups()
        urllib.request.urlopen(page, urllib.parse.urlencode({"address": address}).encode(), timeout=30).close()
        words = re.search(r"deploy/try (-- bash -c 'grep .*')", self.said()).group(1)
        link = lambda: self.run_try(*shlex.split(words)).stdout.strip()  # noqa: E731
        eventually(lambda: link().startswith(page + "/"), 60)
        with urllib.request.urlopen(link(), timeout=30) as answer:
            self.assertIn("<form", answer.read().decode())

    def test_programs_that_die_are_started_again_and_ctrl_c_ends_all(self):
        self.start("--bare")
        names = ["postgres", "smtpd", "broker", "notifications", "evaluation", "budget", "newsletter", "web"]
        before = {name: self.pid(name) for name in names}
        for name in names:
            os.kill(before[name], signal.SIGKILL)
        eventually(lambda: all(self.pid(name) != before[name] for name in names))
        eventually(lambda: self.run_try("--", "padriver", "status").returncode == 0, 60)
        published = self.run_try("--", "padriver", "publish", "session_held", "meeting=X1")
        self.assertEqual(published.returncode, 0, published.stderr)
        short = self.short()
        os.killpg(self.process.pid, signal.SIGINT)
        self.assertEqual(self.process.wait(30), 0, self.said())
        self.assertFalse(os.path.exists(short))
        self.assertEqual(os.listdir(self.state + "/pids"), [])

    def test_a_start_after_kill_9_waits_for_what_was_left_and_begins_anew(self):
        self.start("--bare")
        short = self.short()
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        done = self.run_try("--bare", "--", "padriver", "log", "--json")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertFalse(os.path.exists(short))
        self.assertEqual(glob.glob(self.state + "/pids/*"), [])

    def test_unknown_options_are_refused(self):
        self.assertEqual(self.run_try("--emtpy").returncode, 64)
        self.assertEqual(self.run_try("--").returncode, 64)
        self.assertEqual(self.run_try("--help").returncode, 0)


if __name__ == "__main__":
    unittest.main()
