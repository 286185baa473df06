"""One measurement: four consumers, one publisher, a window or a rate; what the tallies say of it.

A system (systems.py) gives the programs; they speak as tests/bench/publishing.h and tally.h say.
"""
import mmap
import os
import struct
import time

import process

GROUPS = 4
STEPS, BUCKETS = 32, 32 * 40
FIELDS = ("next", "seen", "acked", "acked_at", "missing", "again")
SIZE = 8 * (len(FIELDS) + BUCKETS)
WARM_UP = "64 0 300 2000 64"
SETTLE = 90  # seconds that consumers may need after the publisher is done


class Failed(Exception):
    """A measurement that cannot be counted, in words for a person."""


class Tally:
    """struct tally of tally.h, in a file that a consumer maps."""
    def __init__(self, path):
        self.path = path
        with open(path, "w+b") as file:
            file.truncate(SIZE)
            self.map = mmap.mmap(file.fileno(), SIZE)

    def __getattr__(self, name):
        return struct.unpack_from("<q", self.map, 8 * FIELDS.index(name))[0]

    def clear(self):
        """All but the number that comes next."""
        self.map[8:] = bytes(SIZE - 8)

    def buckets(self):
        return struct.unpack_from("<%dq" % BUCKETS, self.map, 8 * len(FIELDS))

    def close(self):
        self.map.close()
        os.unlink(self.path)


def bucket_value(bucket):
    """The middle of a bucket, in microseconds (tally.c has the other way)."""
    if bucket < 2 * STEPS:
        return bucket
    shift = bucket // STEPS - 1
    return ((bucket - shift * STEPS) << shift) + (1 << shift) / 2


def percentile(counts, share):
    """The value below which that share of what was counted lies."""
    wanted, passed = sum(counts) * share, 0
    for bucket, count in enumerate(counts):
        passed += count
        if count and passed >= wanted:
            return bucket_value(bucket)
    return 0


def order(publisher, words):
    """Gives an order to the publisher; (events, began, ended), times in seconds."""
    publisher.stdin.write(words + "\n")
    publisher.stdin.flush()
    answer = publisher.stdout.readline().split()
    if len(answer) != 3:
        raise Failed("the publisher ended with %s; its last words are above" % publisher.wait(5))
    events, began, ended = (int(word) for word in answer)
    return events, began / 1e6, ended / 1e6


def wait_for(tallies, events, programs):
    """Until every group has acknowledged that many."""
    end = time.monotonic() + SETTLE
    while any(tally.acked < events for tally in tallies):
        if time.monotonic() > end or any(program.poll() is not None for program in programs):
            raise Failed("of %d events the groups acknowledged %s"
                         % (events, ", ".join(str(tally.acked) for tally in tallies)))
        time.sleep(0.002)


def check(tallies, events):
    """Each group saw each event once and in order."""
    for tally in tallies:
        if tally.acked != events or tally.missing or tally.again:
            raise Failed("a group got %d of %d events, %d were missing, %d came again"
                         % (tally.acked, events, tally.missing, tally.again))


def measure(system, directory, window, rate, seconds):
    """A dictionary of figures."""
    tallies = [Tally("%s/tally%d" % (directory, n)) for n in range(1, GROUPS + 1)]
    clients = []
    try:
        system.reset()
        os.sync()
        for n, tally in enumerate(tallies, 1):
            argv, env = system.consumer(n)
            clients.append(process.spawn(argv, dict(env, BENCH_TALLY=tally.path), log=system.log))
        argv, env = system.publisher()
        publisher = process.spawn(argv, env, log=system.log, pipes=True)
        clients.append(publisher)
        events, _, _ = order(publisher, WARM_UP)
        wait_for(tallies, events, clients)
        for tally in tallies:
            tally.clear()
        servers = system.servers()
        everything = servers + [client.pid for client in clients]
        process.reset_peak(servers)
        cpu = process.cpu_seconds(everything)
        events, began, ended = order(publisher, "%d %d %d 0 %d"
                                     % (4096 if rate else window, rate, int(seconds * 1000), system.bulk(window, rate)))
        wait_for(tallies, events, clients)
        cpu = process.cpu_seconds(everything) - cpu
        check(tallies, events)
        counts = [sum(column) for column in zip(*(tally.buckets() for tally in tallies))]
        return {"published_per_s": events / (ended - began),
                "delivered_per_s": events / (max(tally.acked_at for tally in tallies) / 1e6 - began),
                "e2e_p50_us": percentile(counts, 0.5), "e2e_p99_us": percentile(counts, 0.99),
                "cpu_s_per_million": cpu / events * 1e6, "peak_mib": process.peak_mib(servers)}
    finally:
        for client in reversed(clients):
            process.end(client)
        for tally in tallies:
            tally.close()
