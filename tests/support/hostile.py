"""Peers that mean harm, each kind as a process of its own that goes on until it is killed.

    with Hostile("flood", runtime) as hostile: ...      # kinds: HOSTILE

    flood       small messages of rubbish as fast as they go
    huge        PUBLISH after PUBLISH of almost the greatest size, with a bad event at the end
    hello       HELLO as publisher and as worker under ever new names
    unread      questions whose answers are never read
    half-open   500 connections that begin and say no more
    crowd       500 connections that all speak
    knocking    connections that come and go as fast as they can
    pinging     messages with ZeroMQ's own PING behind them, then the connection's end: an abort of libzmq 4.3
"""
import os
import socket
import subprocess
import sys
import time

HOSTILE = ("flood", "huge", "hello", "unread", "half-open", "crowd", "knocking", "pinging")
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(48)  # ZMTP 3.1 (RFC 37)
READY = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
PING = b"\x04\x07\x04PING\x00\x00"
BEAT = b"\x01\x04BEAT\x00\x01\x80"


def start_broker(it, *lines):
    """Starts an instance's broker without broker.rate, since here friend and foe are one user; lines: more of its settings."""
    with open(it.conf, "r+", encoding="utf-8") as file:
        text = file.read().replace("broker\n", "".join(["broker\n", "    rate = 0\n"] + ["    %s\n" % line for line in lines]))
        file.seek(0)
        file.write(text)
    it.start("broker")


class Hostile:
    def __init__(self, kind, runtime):
        # In the background of everything: what is measured is the broker, not who gets the processor.
        self.process = subprocess.Popen(["nice", "-n", "10", "/usr/bin/python3", os.path.abspath(__file__), kind, runtime + "/broker"],
                                        stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"at it\n", kind

    def is_running(self):
        return self.process.poll() is None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def dealers(path, count):
    import zmq
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 2 * count + 10)
    sockets = [context.socket(zmq.DEALER) for _ in range(count)]
    for one in sockets:
        one.linger = 0
        one.connect("ipc://" + path)
    return sockets


def put(one, *frames):
    """Sends if there is room; else waits for a moment."""
    import zmq
    try:
        one.send_multipart(frames, zmq.DONTWAIT)
    except zmq.Again:
        time.sleep(0.001)


def forever(path, kind):
    import msgpack
    good = {"type": "session_held", "body": msgpack.packb({"meeting": "N1-S1"})}
    bad = {"type": "session_held", "body": msgpack.packb({"meeting": "æ"})}
    many = msgpack.packb({"events": [dict(good, more=b"x" * 1000)] * 3600 + [bad]})
    if kind in ("half-open", "knocking"):
        yield from raw(path, kind)
    if kind == "pinging":
        yield from pinging(path)
    peers = dealers(path, 500 if kind == "crowd" else 4 if kind == "huge" else 1)
    number = 0
    while True:
        for one in peers:
            number += 1
            if kind == "flood":
                put(one, b"PUBLISH", os.urandom(20))
            elif kind == "huge":
                put(one, b"PUBLISH", many)
            elif kind == "hello":
                put(one, b"HELLO", msgpack.packb({"source": "s%d" % number}))
                put(one, b"HELLO", msgpack.packb({"group": "g%d" % (number % 300), "types": [{"type": 4}]}))
            elif kind == "unread":
                put(one, b"PUBLISH", msgpack.packb({"events": [bad], "number": 1}))
            else:
                put(one, b"BEAT", b"\x80")
        yield


def raw(path, kind):
    kept = []
    while True:
        one = socket.socket(socket.AF_UNIX)
        try:
            one.connect(path)
            one.send(b"\xff")
            kept.append(one)
        except OSError:
            time.sleep(0.01)
        if kind == "knocking":
            one.close()
            kept.clear()
        elif len(kept) > 500:  # the broker hangs up in time: again
            kept.pop(0).close()
        yield


def pinging(path):
    while True:
        with socket.socket(socket.AF_UNIX) as one:
            try:
                one.settimeout(1)
                one.connect(path)
                one.sendall(GREETING + READY)
                heard = b""
                while len(heard) <= len(GREETING) + len(READY):  # the broker's own are longer: it is a ROUTER
                    heard += one.recv(1000) or b"x" * 1000
                one.sendall((BEAT * 50 + PING * 3) * 5)
            except OSError:
                time.sleep(0.01)
        yield


if __name__ == "__main__":
    said = False
    for turn, _ in enumerate(forever(sys.argv[2], sys.argv[1])):
        if not said and turn > 20:
            said = True
            print("at it", flush=True)
