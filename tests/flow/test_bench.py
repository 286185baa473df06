"""tests/bench/run and tests/bench/web.py on a small scale: that they measure, not how fast anything is. Speed depends on the
machine; its shape does not: which figures there are, that events lost or out of order are found, that nothing is left behind,
that a goal missed is said."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS + "/support", TESTS + "/bench"]
from instance import BUILD, SOURCE, eventually  # noqa: E402
import phase  # noqa: E402
import report  # noqa: E402
import web  # noqa: E402

FIGURES = {"published_per_s", "delivered_per_s", "e2e_p50_us", "e2e_p99_us", "cpu_s_per_million", "peak_mib"}
SMALL = ["--build", BUILD, "--systems", "postgresql-log,padriver", "--windows", "16", "--rounds", "2", "--seconds", "0.2"]


def of_run(run, directory):
    """Processes of the run's session, and those that have to do with its directory: PostgreSQL and its watcher."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as cmdline, open("/proc/%s/stat" % pid, encoding="ascii") as stat:
                session = int(stat.read().rsplit(")", 1)[1].split()[3])
                if session == run.pid or directory.encode() in cmdline.read():
                    found.append(pid)
        except OSError:
            pass
    return found


class Bench(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="bench.", dir="/var/tmp")
        self.addCleanup(self.place.cleanup)
        os.chmod(self.place.name, 0o755)

    def start(self, *words):
        """In a session of its own, by which all that it starts is known."""
        return subprocess.Popen([SOURCE + "/tests/bench/run", *words, "--directory", self.place.name], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, start_new_session=True)

    def left(self, run):
        return of_run(run, self.place.name)

    def test_every_figure_of_every_load_stands_in_the_table_and_in_json(self):
        file = self.place.name + "/figures.json"
        run = self.start(*SMALL, "--json", file)
        said, complaints = run.communicate(timeout=300)
        self.assertEqual(run.returncode, 0, complaints)
        with open(file, encoding="utf-8") as read:
            objects = json.load(read)
        self.assertEqual({(one["system"], one["window"], one["rate"]) for one in objects},
                         {(system, *load) for system in ("postgresql-log", "padriver") for load in ((16, 0), (1, 1000))})
        for one in objects:
            self.assertEqual(set(one), FIGURES | {"system", "window", "rate", "durability"})
            for figure in FIGURES:
                self.assertEqual(set(one[figure]), {"median", "min", "max"})
                self.assertTrue(0 <= one[figure]["min"] <= one[figure]["median"] <= one[figure]["max"], one)
            self.assertGreater(one["delivered_per_s"]["min"], 0)
            self.assertIn("fsynced", one["durability"])
        for word in ("window 16", "at 1000 events/s", "÷ log", "padriver ÷"):
            self.assertIn(word, said)
        self.assertEqual(os.listdir(self.place.name), ["figures.json"])
        self.assertEqual(self.left(run), [])

    def test_nothing_is_left_when_it_is_ended(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            run = self.start(*SMALL, "--systems", "padriver", "--seconds", "60")
            self.addCleanup(run.stdout.close)
            self.addCleanup(run.stderr.close)
            eventually(lambda: any(name.startswith("tally") for _, _, names in os.walk(self.place.name) for name in names))
            run.send_signal(number)
            self.assertNotEqual(run.wait(60), 0)
            eventually(lambda: not self.left(run), what=lambda: self.left(run))

    def test_it_says_what_is_wrong(self):
        for words, reason in ((["--systems", "kafka"], "no system kafka"), (["--windows", "0"], "--windows from 1 to 4096")):
            run = self.start(*words)
            self.assertIn(reason, run.communicate(timeout=60)[1])
            self.assertEqual(run.returncode, 2)

    def tally(self, **values):
        tally = phase.Tally(tempfile.mktemp(dir=self.place.name))
        self.addCleanup(tally.close)
        for name, value in values.items():
            at = 8 * phase.FIELDS.index(name)
            tally.map[at:at + 8] = value.to_bytes(8, "little")
        return tally

    def test_an_event_lost_or_seen_twice_or_not_acknowledged_spoils_a_measurement(self):
        phase.check([self.tally(seen=5, acked=5)], 5)
        for values in ({"seen": 4, "acked": 4}, {"seen": 5, "acked": 5, "missing": 1}, {"seen": 5, "acked": 5, "again": 1}):
            with self.assertRaises(phase.Failed):
                phase.check([self.tally(**values)], 5)

    def test_ratios_are_of_figures_of_the_same_round(self):
        class System:
            name, durability = "", "fsynced"
        results, load = report.Results(), (256, 0)
        for name, rates in ((report.BASE, (100, 10, 1000)), (report.OURS, (90, 9, 300))):
            for rate in rates:
                System.name = name
                results.add(System, load, dict.fromkeys(report.FIGURES, rate))
        self.assertEqual(results.ratio(load, "delivered_per_s", report.OURS, report.BASE), 0.9)

    def test_percentiles_are_of_what_was_counted(self):
        counts = [0] * phase.BUCKETS
        counts[10], counts[20], counts[96] = 98, 1, 1
        self.assertEqual(phase.percentile(counts, 0.5), 10)
        self.assertEqual(phase.percentile(counts, 0.99), 20)
        self.assertEqual(phase.percentile(counts, 1), 130)  # bucket 96 holds 128 to 131


class Web(unittest.TestCase):
    def test_every_answer_is_stored_and_with_goals_that_nothing_can_reach_the_check_fails(self):
        subprocess.run(["cmake", "--build", BUILD, "--target", "bench_web", "--", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run([SOURCE + "/tests/bench/web.py", "--build", BUILD, "--rounds", "2", "--answers", "300", "--seconds", "1",
                               "--people", "12", "--check", "--least-rate", "1e9", "--most-p99", "0", "--most-wait", "0"],
                              capture_output=True, text=True, timeout=400, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        figures = dict(re.findall(r"^(.+?)  +([\d.]+) \[", done.stdout, re.M))
        self.assertEqual(list(figures), [
            "commits of one row a second, one client", "answers stored a second, 64 connections", "answers for each commit of one row",
            "at 500 answers a second: p50 ms", "at 500 answers a second: p99 ms", "12 people, begun within 5 s: longest wait, ms"])
        self.assertTrue(all(float(figure) > 0 for figure in figures.values()), done.stdout)
        self.assertIn("answers stored, all that were sent: %d\n" % (2 * (300 + 500 + 12)), done.stdout)
        for sentence in (r"\d+ answers were stored a second \([\d.]+ for each commit of one row\); the goal is at least 1e\+09",
                         r"p99 at 500 answers a second was [\d.]+ ms; the goal is at most 0", r"of 12 people somebody waited \d+ ms; the goal is at most 0"):
            self.assertRegex(done.stderr, "(?m)^%s$" % sentence)

    def test_a_goal_is_missed_by_the_median_of_its_figure_alone(self):
        good = {"rates": [3000, 2000, 4000], "rows": [5000, 5000, 5000], "p99": [50, 40, 90], "waits": [1000, 900, 5000]}
        self.assertEqual(web.missed(**good), [])
        for name, values, said in (("rates", [2999, 2000, 4000], "2999 answers were stored a second (0.60 for each commit of one row); "
                                                                "the goal is at least 3000"),
                                   ("p99", [50.1, 40, 90], "p99 at 500 answers a second was 50.1 ms; the goal is at most 50"),
                                   ("waits", [1001, 900, 5000], "of 130 people somebody waited 1001 ms; the goal is at most 1000")):
            self.assertEqual(web.missed(**{**good, name: values}), [said])

    def test_each_of_the_crowd_begins_at_the_own_moment_though_nobody_before_is_done(self):
        count, seconds, all_there = 130, 0.5, threading.Barrier(130)

        def act(n, due):
            begun = time.monotonic()
            all_there.wait(60)  # nobody goes on before the last one has begun
            return n, due, begun
        began = time.monotonic()
        moments = web.crowd(count, seconds, act)
        self.assertEqual([n for n, _, _ in moments], list(range(count)))
        first = moments[0][1]
        self.assertLessEqual(began, first)
        for n, due, begun in moments:
            self.assertAlmostEqual(due - first, seconds * n / count, places=6)
            self.assertLessEqual(due, begun)


if __name__ == "__main__":
    unittest.main()
