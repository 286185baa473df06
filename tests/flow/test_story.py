"""`deploy/try --once`: the story comes out as it should, and each of its steps is really checked: with the world altered
in a step (--break), just that step fails and the exit status says so."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

SOURCE = os.environ.get("PADRIVER_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("PADRIVER_BUILD") or SOURCE + "/build/dev"
WRONG = re.compile(r"^The step '(\w+)' went wrong", re.M)


def play(*words):
    """Plays the story in an instance of its own; the exit status and all that was said."""
    directory = tempfile.mkdtemp(prefix="story.", dir="/tmp")
    os.chmod(directory, 0o755)
    variables = dict(os.environ, PADRIVER_TRY=directory + "/try", PADRIVER_BUILD=BUILD)
    try:
        done = subprocess.run([SOURCE + "/deploy/try", "--once", *words], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=variables, timeout=500)
        return done.returncode, done.stdout
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class Story(unittest.TestCase):
    def test_every_step_is_as_it_should_be_and_who_opens_the_address_finds_results_and_charts(self):
        code, said = play("--", "sh", "-c", 'curl -sSf "$PADRIVER_WEB/" "$PADRIVER_WEB/results" "$PADRIVER_WEB/report/2027"')
        self.assertEqual(code, 0, said)
        start, results, report = said.split("<!DOCTYPE html>")[1:]
        for found in (re.findall('href="/results/session/([^"]+)"', page.split('id="plan"')[0]) for page in (start, results)):
            self.assertGreaterEqual(set(found), {"N6-S3", "LU-2027"})
        self.assertGreaterEqual(min(start.count("<svg"), report.count("<svg")), 3)
        for title in ("Letters", "Results by goal", "Ledger"):
            self.assertIn("\n" + title, said)

    def test_each_step_fails_when_the_world_is_altered_in_it(self):
        steps = subprocess.run([SOURCE + "/deploy/story.py", "--list"], capture_output=True, text=True).stdout.split()
        self.assertGreater(len(steps), 12)
        with ThreadPoolExecutor(2) as pool:
            for step, (code, said) in zip(steps, pool.map(lambda step: play("--break", step), steps)):
                with self.subTest(step=step):
                    self.assertNotEqual(code, 0, said)
                    self.assertEqual(WRONG.findall(said), [step], said)


if __name__ == "__main__":
    unittest.main()
