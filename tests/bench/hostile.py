#!/usr/bin/python3
"""How long others wait for a confirmed event while one peer means harm: their median and p99, beside none.

    tests/bench/hostile.py [--seconds 5] [--json FILE]

One honest publisher, one event at a time, durable; each kind of tests/support/hostile.py as one process of lower
priority beside it. Everything shares the machine's processors, so some of the wait is theirs and not the broker's.
Needs python3-zmq, python3-msgpack and python3-yaml, as tests/packages has them.
"""
import argparse
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hostile import HOSTILE, Hostile, start_broker  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402


def measure(it, source, seconds):
    """The waits for single events, in ms; one that was not answered in five seconds counts as that."""
    waits = []
    with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=it.runtime, source=source) as publisher:
        eventually(publisher.hello)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began, number = time.monotonic(), publisher.next_number
            while publisher.publish([("session_held", {"meeting": "N1-S1"})], number=number) is None:
                pass
            publisher.next_number = number + 1
            waits.append((time.monotonic() - began) * 1000)
    return sorted(waits)


def memory(it):
    with open("/proc/%d/status" % it.process["broker"].pid, encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024


def row(it, kind, waits):
    return {"hostile": kind, "events": len(waits), "p50_ms": round(waits[len(waits) // 2], 2),
            "p99_ms": round(waits[min(len(waits) - 1, len(waits) * 99 // 100)], 2), "broker_peak_mib": memory(it)}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--json")
    asked = options.parse_args()
    rows = []
    print("%-10s %8s %9s %9s %16s" % ("hostile", "events", "p50 ms", "p99 ms", "broker peak MiB"))
    for kind in ("none", *HOSTILE):
        with Instance(broker=False) as it:
            start_broker(it)
            if kind == "none":
                rows.append(row(it, kind, measure(it, kind, asked.seconds)))
            else:
                eventually(lambda: os.path.exists(it.runtime + "/broker"))
                with Hostile(kind, it.runtime):
                    rows.append(row(it, kind, measure(it, kind, asked.seconds)))
        print("%(hostile)-10s %(events)8d %(p50_ms)9.2f %(p99_ms)9.2f %(broker_peak_mib)16d" % rows[-1], flush=True)
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
