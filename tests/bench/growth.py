#!/usr/bin/python3
"""Measures what a long log costs: steady delivery beside an empty log, and catching up beside a plain reader of the table.

    tests/bench/growth.py [--events 10000000] [--build build/bench]

Two instances side by side, one with an empty log and one that is filled first. Ratios are of rounds that alternate.
See README.md here.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
CHUNK = 500000
KEYS = 64
STEADY = [(1, 0), (256, 0), (4096, 0), (1, 1000)]


def say(words):
    print(words, file=sys.stderr, flush=True)


def options():
    parser = argparse.ArgumentParser(prog="tests/bench/growth.py", description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=10000000, help="in the long log; 10000000")
    parser.add_argument("--behind", type=int, default=1000000, help="how many of them a late group has before it; 1000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="that a measurement publishes")
    parser.add_argument("--build", metavar="DIR", default=SOURCE + "/build/bench", help="a configured build directory")
    parser.add_argument("--directory", metavar="DIR", default="/var/tmp", help="where the data goes: a disk, not a tmpfs")
    parser.add_argument("--only", metavar="WORD", help="steady or catchup: that part alone")
    parser.add_argument("--json", metavar="FILE", help="write the figures")
    chosen = parser.parse_args()
    chosen.behind = min(chosen.behind, chosen.events)
    return chosen


def make_side(kind, name, build, directory, events):
    """A started instance whose log has that many events, and four groups at its end."""
    place = "%s/%s" % (directory, name)
    os.mkdir(place)
    os.chmod(place, 0o755)
    side = kind(build, place)
    side.name = name
    side.start()
    process.end(side.it.process["broker"])
    fill(side.cluster, events)
    side.cluster.query("UPDATE log.cursor SET position = (SELECT coalesce(max(position), 0) FROM log.event);"
                       "CREATE TABLE public.reader (position bigint); INSERT INTO public.reader VALUES (0)")
    for name in ("late", "late2"):
        side.cluster.query("CREATE ROLE padriver_%s LOGIN IN ROLE padriver_budget" % name)
    side.it.start("broker")
    return side


def fill(cluster, events):
    """Events as bench_publisher makes them: 300 bytes of key and body. Then as old a log would be: vacuumed, written."""
    body = "\\x84a570726f6265a862656e63682d3031a66e756d626572ce00000000a773656e745f6174cf0000000000000000a766696c6c696e67d9"
    size = 300 - 8 - (len(body) - 2) // 2 - 1
    body += "%02x" % size + "78" * size
    number, sent_at = body.index("ce00000000") // 2, body.index("cf0000000000000000") // 2
    for first in range(1, events + 1, CHUNK):
        last = min(first + CHUNK - 1, events)
        cluster.query("SELECT log.extend()")
        cluster.query(
            "INSERT INTO log.event SELECT p, '2026-01-01'::timestamptz + p * interval '1 s', 19, 'bench-' || p %% %d, 'bench',"
            " NULL, overlay(overlay('%s'::bytea PLACING int4send(p::int) FROM %d) PLACING int8send(p) FROM %d)"
            " FROM generate_series(%d::bigint, %d) p" % (KEYS, body, number + 1, sent_at + 1, first, last))
        if last % (4 * CHUNK) == 0:
            say("  %d events" % last)
    cluster.query("SELECT log.extend()")
    cluster.query("VACUUM (FREEZE, ANALYZE) log.event")
    cluster.query("CHECKPOINT")


def catch_up(side, events, workers=1, group="late"):
    """A group that is so far behind until it is done: events a second from its first to its last, all its workers."""
    head = int(side.cluster.query("SELECT max(position) FROM log.event")[0][0])
    side.it.padriver("group", "add", group, "--from", str(head - events + 1), "--partitions", str(workers))
    tallies = [Tally("%s/%s%d" % (side.directory, group, n)) for n in range(workers)]
    clients = [process.spawn([side.program("bench_worker")], side.it.environment(BENCH_GROUP=group, BENCH_TALLY=tally.path),
                             log=side.log) for tally in tallies]
    try:
        while not (seen := sum(tally.seen for tally in tallies)):
            time.sleep(0.001)
        began, end = time.time(), time.monotonic() + 600
        while (acked := sum(tally.acked for tally in tallies)) < events:
            if time.monotonic() > end:
                raise Failed("a late group got %d of %d events" % (acked, events))
            time.sleep(0.005)
        return (events - seen) / (max(tally.acked_at for tally in tallies) / 1e6 - began)
    finally:
        for client in clients:
            process.end(client)
        for tally in tallies:
            tally.close()
        side.it.padriver("group", "drop", group)


def read_plainly(side, events, page):
    head = int(side.cluster.query("SELECT max(position) FROM log.event")[0][0])
    done = subprocess.run([side.program("bench_reader"), side.cluster.conninfo, str(head - events), str(page)],
                          capture_output=True, text=True, check=True)
    count, microseconds = (int(word) for word in done.stdout.split())
    return count * 1e6 / microseconds


def pass_over(side):
    """A group that takes none of the log's events from its start: positions a second."""
    head = int(side.cluster.query("SELECT max(position) FROM log.event")[0][0])
    side.it.padriver("group", "add", "budget", "--from", "start")
    began = time.monotonic()
    side.it.start("budget")
    while side.cluster.query("SELECT position FROM log.cursor WHERE grp = 'budget'") != [[str(head)]]:
        time.sleep(0.02)
    took = time.monotonic() - began
    process.end(side.it.process.pop("budget"))
    side.it.padriver("group", "drop", "budget")
    return head / took


def measure_catching_up(chosen, grown, small, figures):
    """The same stretch at the end of a long log and of a short one, and a plain reader of the long one."""
    for turn in range(chosen.rounds):
        runs = [("catch_up_per_s", lambda: catch_up(grown, chosen.behind)),
                ("catch_up_short_log_per_s", lambda: catch_up(small, chosen.behind)),
                ("three_workers_per_s", lambda: catch_up(grown, chosen.behind, 3)),
                ("plain_512_per_s", lambda: read_plainly(grown, chosen.behind, 512)),
                ("plain_4096_per_s", lambda: read_plainly(grown, chosen.behind, 4096))]
        found = {name: run() for name, run in (runs if turn % 2 == 0 else reversed(runs))}
        if turn == 0:
            found["pass_over_per_s"] = pass_over(grown)
        say("round %d  %s" % (turn + 1, "  ".join("%s %d" % pair for pair in found.items())))
        for name, value in found.items():
            figures.setdefault(name, []).append(value)


class Behind:
    """While it lasts, a group catches up on the side, from the log's start again whenever it is done."""
    def __init__(self, side):
        self.side = side

    def __enter__(self):
        self.side.it.padriver("group", "add", "late2", "--from", "start")
        self.tally = Tally(self.side.directory + "/late2")
        self.worker = process.spawn([self.side.program("bench_worker")], self.side.it.environment(
            BENCH_GROUP="late2", BENCH_TALLY=self.tally.path), log=self.side.log)
        while not self.tally.seen:
            time.sleep(0.001)

    def __exit__(self, *_):
        process.end(self.worker)
        say("  meanwhile a late group got %d events" % self.tally.seen)
        self.tally.close()
        self.side.it.padriver("group", "drop", "late2")


def measure_steady(chosen, grown, empty, figures):
    for turn in range(chosen.rounds):
        for window, rate in STEADY:
            load = "rate%d" % rate if rate else "window%d" % window
            runs = [("empty", empty), ("grown", grown), ("beside", grown)]
            for name, side in runs[turn % 3:] + runs[:turn % 3]:
                if name == "beside":
                    with Behind(side):
                        found = measure(side, side.directory, window, rate, chosen.seconds)
                else:
                    found = measure(side, side.directory, window, rate, chosen.seconds)
                say("round %d  %-10s %-7s %7d delivered/s  p50 %6d  p99 %6d µs  %5.1f cpu s/M"
                    % (turn + 1, load, name, found["delivered_per_s"], found["e2e_p50_us"], found["e2e_p99_us"],
                       found["cpu_s_per_million"]))
                for figure in ("delivered_per_s", "e2e_p50_us", "e2e_p99_us"):
                    figures.setdefault("%s %s %s" % (load, name, figure), []).append(found[figure])


def report(figures):
    rows = []
    for name, values in sorted(figures.items()):
        rows.append("%-36s %10.0f (%.0f-%.0f)" % (name, statistics.median(values), min(values), max(values)))

    def ratio(over, under):
        if over in figures and under in figures:
            rows.append("%s : %s = %.2f" % (over, under, statistics.median(
                a / b for a, b in zip(figures[over], figures[under]))))
    ratio("catch_up_per_s", "plain_512_per_s")
    ratio("catch_up_per_s", "plain_4096_per_s")
    ratio("catch_up_per_s", "catch_up_short_log_per_s")
    for window, rate in STEADY:
        load = "rate%d" % rate if rate else "window%d" % window
        for figure in ("delivered_per_s", "e2e_p99_us"):
            ratio("%s grown %s" % (load, figure), "%s empty %s" % (load, figure))
            ratio("%s beside %s" % (load, figure), "%s grown %s" % (load, figure))
    return "\n".join(rows)


def main():
    directory, sides, figures = tempfile.mkdtemp(prefix="growth.", dir=chosen.directory), [], {}
    os.chmod(directory, 0o755)
    try:
        say("fills a log with %d events" % chosen.events)
        grown = make_side(Padriver, "grown", chosen.build, directory, chosen.events)
        sides.append(grown)
        if chosen.only != "steady":
            sides.append(make_side(Padriver, "small", chosen.build, directory, chosen.behind))
            measure_catching_up(chosen, grown, sides[-1], figures)
        if chosen.only != "catchup":
            sides.append(make_side(Padriver, "empty", chosen.build, directory, 0))
            measure_steady(chosen, grown, sides[-1], figures)
    finally:
        for side in sides:
            side.stop()
        process.end_all()
        shutil.rmtree(directory, ignore_errors=True)
        if figures:
            print(report(figures))
            if chosen.json:
                with open(chosen.json, "w", encoding="utf-8") as file:
                    json.dump(figures, file, indent=1)


if __name__ == "__main__":
    chosen = options()
    chosen.build = os.path.abspath(chosen.build)
    os.environ["PADRIVER_BUILD"] = chosen.build
    if subprocess.run(["cmake", "--build", chosen.build, "--target", "bench", "--", "--quiet"], cwd=SOURCE).returncode:
        sys.exit("tests/bench/growth.py: cmake --preset bench makes the build directory")
    import process
    from phase import Failed, Tally, measure
    from systems import Padriver
    process.adopt_orphans()
    main()
