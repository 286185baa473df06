#!/usr/bin/python3
"""Answers to an evaluation through the web face, beside the store's own commits of one row, in one run and interleaved.

    tests/bench/web.py [--check] [--rounds N] [--answers N] [--build DIR] [--callgrind]

A round: a client that commits one row after the other (pgbench); answers as fast as 64 browsers get through; answers at
500 a second; and 130 people who open the form and send it, one after the other within five seconds, whether those before
are done or not. All durable: fsync is on, each answer is sealed, spends its invitation, and stands in the log when its
sender is thanked. Figures are medians [least, greatest]; what anybody waited counts from the moment when it was due.
With --check it ends with 1 and says so if a median misses its goal: 3000 answers a second, a p99 of 50 ms, and a longest
wait of a second. With --callgrind instead: the web face's instructions for each answer, which do not depend on what else
runs.
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
parser.add_argument("--check", action="store_true", help="end with 1 if a goal is missed")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--answers", type=int, default=12000, help="of a round as fast as they get through")
parser.add_argument("--seconds", type=int, default=10, help="of a round at 500 answers a second")
parser.add_argument("--people", type=int, default=130, help="of a round's crowd")
parser.add_argument("--least-rate", type=float, default=3000, metavar="N", help="goal: answers a second")
parser.add_argument("--most-p99", type=float, default=50, metavar="MS", help="goal: p99 at 500 a second")
parser.add_argument("--most-wait", type=float, default=1000, metavar="MS", help="goal: the crowd's longest wait")
parser.add_argument("--build", default=SOURCE + "/build/bench", help="configured with the preset bench, target bench built")
parser.add_argument("--callgrind", action="store_true")
chosen = parser.parse_args() if __name__ == "__main__" else parser.parse_args([])
if __name__ == "__main__":
    os.environ["PADRIVER_BUILD"], os.environ["PADRIVER_SOURCE"] = chosen.build, SOURCE
    sys.path.insert(0, SOURCE + "/tests/support")
import callgrind  # noqa: E402
from browser import Browser, settings  # noqa: E402
from instance import Instance, eventually, free_port  # noqa: E402

FIRST, CONNECTIONS, STEADY, RATE, SPREAD = 10**6, 64, 130, 500, 5
FEW, MANY = 200, 1200  # answers that are counted by valgrind
BODY = "mode=anonymous&" + "&".join("q%d=4" % n for n in range(1, 12)) + "&q12=Mer+tid+i+grupper&q13=&q14="


def link(key, invitation):
    mac = hmac.new(key, b"evaluation/%d" % invitation, hashlib.sha512).digest()[:16]
    return "/e/%d.%s" % (invitation, base64.urlsafe_b64encode(mac).decode().rstrip("="))


def post(port, paths, rate):
    connections = CONNECTIONS if rate == 0 else STEADY
    done = subprocess.run([chosen.build + "/tests/bench/bench_web", str(port), str(connections), str(rate), BODY],
                          input="\n".join(paths), stdout=subprocess.PIPE, text=True, check=True)
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


def crowd(count, seconds, act):
    """act(n, due) by so many at once, each in a thread of its own from its own moment on; the moments are spread evenly over the
    seconds. What they returned."""
    began = time.monotonic()

    def one(n):
        due = began + seconds * n / count
        time.sleep(max(0, due - time.monotonic()))
        return act(n, due)
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def longest_wait(port, paths):
    """Of people who open the form and send it, the longest that anybody waited for either."""
    def answer(n, due):
        browser = Browser(port)
        form = browser.get(paths[n])
        opened = time.monotonic()
        sent = browser.post(paths[n], {**form.fields, **{"q%d" % q: "4" for q in range(1, 12)}})
        if (form.status, sent.status) != (200, 303):
            raise SystemExit("a form was answered with %d, an answer with %d" % (form.status, sent.status))
        return max(opened - due, time.monotonic() - opened)
    return max(crowd(len(paths), SPREAD, answer))


def missed(rates, rows, p99, waits):
    """A sentence for each goal that the median misses."""
    rate, ratio = statistics.median(rates), statistics.median(rate / row for rate, row in zip(rates, rows))
    said = []
    if rate < chosen.least_rate:
        said.append("%.0f answers were stored a second (%.2f for each commit of one row); the goal is at least %g" % (rate, ratio, chosen.least_rate))
    if statistics.median(p99) > chosen.most_p99:
        said.append("p99 at %d answers a second was %.1f ms; the goal is at most %g" % (RATE, statistics.median(p99), chosen.most_p99))
    if statistics.median(waits) > chosen.most_wait:
        said.append("of %d people somebody waited %.0f ms; the goal is at most %g" % (chosen.people, statistics.median(waits), chosen.most_wait))
    return said


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
    each = chosen.answers + chosen.seconds * RATE + chosen.people
    with Answered(chosen.rounds * each) as it:
        it.open_web()
        rates, rows, p50, p99, waits = [], [], [], [], []
        for turn in range(chosen.rounds):
            paths = it.paths[turn * each:(turn + 1) * each]
            rows.append(commits(it))
            fast = post(it.web, paths[:chosen.answers], 0)
            rates.append(fast["accepted"] / fast["seconds"])
            steady = post(it.web, paths[chosen.answers:-chosen.people], RATE)
            p50.append(steady["p50_us"] / 1000)
            p99.append(steady["p99_us"] / 1000)
            waits.append(1000 * longest_wait(it.web, paths[-chosen.people:]))
        stored = it.value("SELECT count(*) FROM evaluation.box")
        if stored != chosen.rounds * each:
            raise SystemExit("%d answers were stored, not %d" % (stored, chosen.rounds * each))
    ratios = [rate / row for rate, row in zip(rates, rows)]
    for words, values, form in (("commits of one row a second, one client", rows, "%.0f"),
                                ("answers stored a second, %d connections" % CONNECTIONS, rates, "%.0f"),
                                ("answers for each commit of one row", ratios, "%.2f"),
                                ("at %d answers a second: p50 ms" % RATE, p50, "%.1f"),
                                ("at %d answers a second: p99 ms" % RATE, p99, "%.1f"),
                                ("%d people, begun within %d s: longest wait, ms" % (chosen.people, SPREAD), waits, "%.0f")):
        print("%-52s %s" % (words, spread(values, form)))
    print("answers stored, all that were sent: %d" % stored)
    faults = missed(rates, rows, p99, waits) if chosen.check else []
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    if chosen.callgrind:
        count_instructions()
    else:
        main()
