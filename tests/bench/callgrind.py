"""Instructions of the broker and of a worker for each event, counted by valgrind: they do not depend on what else runs.

Two runs that differ in their number of events: start and end cancel out. How many events share a batch still depends on
timing, so repeated counts differ by a percent or two.
"""
import os
import re
import shutil

import process
from phase import GROUPS, Failed, Tally, order, wait_for
from systems import Padriver, Quiet

FEW, MANY = 4096, 20480
WATCHED = ("broker", "worker")


def wrapped(path):
    return ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + path, "-q"]


def instructions(path):
    """The total that callgrind wrote at the program's end."""
    with open(path, encoding="utf-8", errors="replace") as file:
        found = re.search(r"^(?:summary|totals): (\d+)", file.read(), re.MULTILINE)
    if not found:
        raise Failed("%s holds no total: did the program end by itself?" % path)
    return int(found.group(1))


def pass_through(system, directory, events, worker):
    """Sends so many events past the broker and four workers, the first of them watched."""
    tallies = [Tally("%s/tally%d" % (directory, n)) for n in range(1, GROUPS + 1)]
    clients = []
    for n, tally in enumerate(tallies, 1):
        argv, env = system.consumer(n)
        clients.append(process.spawn((worker if n == 1 else []) + argv, dict(env, BENCH_TALLY=tally.path), log=system.log))
    argv, env = system.publisher()
    clients.append(process.spawn(argv, env, log=system.log, pipes=True))
    order(clients[-1], "256 0 0 %d 128" % events)
    wait_for(tallies, events, clients)
    for client in reversed(clients):
        process.end(client, 60)
    for tally in tallies:
        tally.close()


def count(build, directory, out, events):
    """Instructions of (broker, worker) in a run of its own; the files stay in out."""
    files = ["%s/%s.%d" % (out, name, events) for name in WATCHED]
    Quiet.wrappers = {"broker": wrapped(files[0])}
    system = Padriver(build, directory)
    try:
        system.start()
        pass_through(system, directory, events, wrapped(files[1]))
    finally:
        system.stop()
    return [instructions(path) for path in files]


def run(build, directory):
    """Prints what an event costs."""
    out = build + "/callgrind"
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    few = count(build, directory, out, FEW)
    many = count(build, directory, out, MANY)
    print("instructions an event, window 256, 128 events a message, four groups (%d events less %d):" % (MANY, FEW))
    for name, most, least in zip(WATCHED, many, few):
        print("%-8s %7d" % (name, (most - least) / (MANY - FEW)))
    print("where they go: callgrind_annotate %s/broker.%d" % (out, MANY))
