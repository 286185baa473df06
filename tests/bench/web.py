#!/usr/bin/python3
"""Answers to an evaluation through the web face, beside the store's own commits of one row, in one run and interleaved.

    tests/bench/web.py [--rounds N] [--answers N] [--build DIR] [--callgrind]

A round: a client that commits one row after the other (pgbench); answers as fast as 64 browsers get through; answers at
500 a second; and 130 people who open the form and send it within a minute. All durable: fsync is on, each answer is
sealed, spends its invitation, and stands in the log when its sender is thanked. Figures are medians [least, greatest].
With --callgrind instead: the web face's instructions for each answer, which do not depend on what else runs.
"""
import argparse
import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--answers", type=int, default=12000, help="of a round as fast as they get through")
parser.add_argument("--build", default=SOURCE + "/build/bench", help="configured with the preset bench, target bench built")
parser.add_argument("--callgrind", action="store_true")
chosen = parser.parse_args()
os.environ["PADRIVER_BUILD"], os.environ["PADRIVER_SOURCE"] = chosen.build, SOURCE
sys.path.insert(0, SOURCE + "/tests/support")
import callgrind  # noqa: E402
from browser import Browser, settings  # noqa: E402
from instance import Instance, eventually, free_port  # noqa: E402

FIRST, CONNECTIONS, RATE, PEOPLE = 10**6, 64, 500, 130
FEW, MANY = 200, 1200  # answers that are counted by valgrind
BODY = "mode=anonymous&" + "&".join("q%d=4" % n for n in range(1, 12)) + "&q12=Mer+tid+i+grupper&q13=&q14="


def link(key, invitation):
    mac = hmac.new(key, b"evaluation/%d" % invitation, hashlib.sha512).digest()[:16]
    return "/e/%d.%s" % (invitation, base64.urlsafe_b64encode(mac).decode().rstrip("="))


def post(port, paths, rate):
    connections = CONNECTIONS if rate == 0 else 130
    done = subprocess.run([chosen.build + "/tests/bench/bench_web", str(port), str(connections), str(rate), BODY],
                          input="\n".join(paths), capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    if figures["accepted"] != len(paths):
        raise SystemExit("only %d of %d were accepted" % (figures["accepted"], len(paths)))
    return figures


def commits(it, seconds=3):
    """One client's commits of one row a second."""
    it.psql("CREATE TABLE IF NOT EXISTS public.one (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text)")
    script = it.directory + "/one.sql"
    with open(script, "w", encoding="ascii") as file:
        file.write("INSERT INTO public.one (words) VALUES (repeat('x', 300));\n")
    done = subprocess.run([it.cluster.bin + "/pgbench", "-n", "-M", "prepared", "-c", "1", "-T", str(seconds), "-f", script,
                           "-h", it.cluster.directory, "-U", "postgres", "padriver"], capture_output=True, text=True, check=True)
    return float(re.search(r"tps = ([0-9.]+)", done.stdout)[1])


def crowd(port, paths):
    """130 people open the form and send it, each at a moment of one minute's twelfth; the longest that anybody waited."""
    def one(turn):
        time.sleep(5 * turn[0] / len(paths))
        began = time.monotonic()
        browser = Browser(port)
        form = browser.get(turn[1])
        opened = time.monotonic()
        sent = browser.post(turn[1], {**form.fields, **{"q%d" % n: "4" for n in range(1, 12)}})
        if (form.status, sent.status) != (200, 303):
            raise SystemExit("a form was answered with %d, an answer with %d" % (form.status, sent.status))
        return max(opened - began, time.monotonic() - opened)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        return max(pool.map(one, enumerate(paths)))


def spread(values, form="%.0f"):
    return (form + " [" + form + ", " + form + "]") % (statistics.median(values), min(values), max(values))


def watch(it, path):
    """The web face, when it starts next, is counted by valgrind."""
    script = it.directory + "/web"
    with open(script, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexec %s\n" % shlex.join(callgrind.wrapped(path) + [chosen.build + "/workers/padriver-web"]))
    os.chmod(script, 0o755)
    it.programs["web"] = script


class Answered(Instance):
    """An instance with an evaluation that asks so many, and a web face."""

    def __init__(self, count):
        self.web = free_port()
        super().__init__(daemons=["evaluation"], simulated="2027-02-01T08:00", durable=True,
                         settings=settings(self.web, SOURCE + "/workers/web/static"))
        self.padriver("import", "--yes", SOURCE + "/deploy/sample")
        self.padriver("plan", "schedule", "N1-S1", "--at", "2027-02-01T10:00", "--until", "2027-02-01T11:00")
        self.padriver("clock", "jump", "2027-02-01T12:00")
        self.padriver("plan", "held", "N1-S1")
        self.padriver("wait", "--idle", "--timeout", "60")
        self.psql("INSERT INTO evaluation.invitation (id, evaluation, person) SELECT n, 'N1-S1', n FROM generate_series(%d, %d) n;"
                  " ANALYZE evaluation.invitation" % (FIRST, FIRST + count))
        with open(self.state + "/link.key", encoding="ascii") as file:
            key = bytes.fromhex(file.read().strip())
        self.paths = [link(key, FIRST + n) for n in range(count)]

    def open_web(self):
        self.start("web")
        eventually(self.has_web)

    def has_web(self):
        try:
            return Browser(self.web).get("/accessibility").status == 200
        except OSError:
            return False


def count_instructions():
    """Two runs that differ in their number of answers: start and end cancel out."""
    totals = []
    with Answered(FEW + MANY) as it:
        for first, last in ((0, FEW), (FEW, FEW + MANY)):
            path = "%s/callgrind.%d" % (it.directory, last)
            watch(it, path)
            it.open_web()
            post(it.web, it.paths[first:last], 0)
            it.stop("web")
            totals.append(callgrind.instructions(path))
    print("instructions of the web face for each answer  %d" % ((totals[1] - totals[0]) / (MANY - FEW)))


def main():
    each = chosen.answers + 10 * RATE + PEOPLE
    with Answered(chosen.rounds * each) as it:
        it.open_web()
        rates, rows, p50, p99, waits = [], [], [], [], []
        for turn in range(chosen.rounds):
            paths = it.paths[turn * each:(turn + 1) * each]
            rows.append(commits(it))
            fast = post(it.web, paths[:chosen.answers], 0)
            rates.append(fast["accepted"] / fast["seconds"])
            steady = post(it.web, paths[chosen.answers:-PEOPLE], RATE)
            p50.append(steady["p50_us"] / 1000)
            p99.append(steady["p99_us"] / 1000)
            waits.append(1000 * crowd(it.web, paths[-PEOPLE:]))
        stored = it.value("SELECT count(*) FROM evaluation.box")
        if stored != chosen.rounds * each:
            raise SystemExit("%d answers were stored, not %d" % (stored, chosen.rounds * each))
    ratios = [rate / row for rate, row in zip(rates, rows)]
    print("commits of one row a second, one client       %s" % spread(rows))
    print("answers stored a second, %d connections       %s" % (CONNECTIONS, spread(rates)))
    print("answers for each commit of one row            %s" % spread(ratios, "%.2f"))
    print("at %d answers a second: p50 ms               %s" % (RATE, spread(p50, "%.1f")))
    print("                        p99 ms               %s" % spread(p99, "%.1f"))
    print("%d people in five seconds: longest wait, ms  %s" % (PEOPLE, spread(waits)))


if chosen.callgrind:
    count_instructions()
else:
    main()
