"""Peers made by hand, and what the broker needs for them."""
import re

import zmq


def dealer(test):
    """A DEALER connected to the broker of the test's instance, without bounds of its own; closed with the test."""
    peer = zmq.Context.instance().socket(zmq.DEALER)
    peer.linger = peer.sndhwm = peer.rcvhwm = 0
    peer.connect("ipc://%s/broker" % test.it.runtime)
    test.addCleanup(peer.close)
    return peer


def memory(it, name="broker"):
    """The most that a program has ever had resident, in MiB."""
    with open("/proc/%d/status" % it.process[name].pid, encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) // 1024
