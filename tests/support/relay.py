"""A relay between a program and the store or the broker: it can cut, reset, stall, slow down, or strike at one message.

    with Relay(directory + "/.s.PGSQL.5432", cluster.directory + "/.s.PGSQL.5432") as relay:
        relay.cut()                     # every connection ends; new ones are let in
        relay.shut(); relay.open()      # … and none is let in until it is open again
        relay.stall(); relay.go()       # nothing passes, and nobody is told
        relay.slow(size=100, pause=0.01)
        relay.strike(COMMIT, "lose")    # at the next message of the client's that has these bytes, see ACTIONS
        relay.struck.wait(10)

An address is a path (UNIX socket) or (host, port). Bytes alone are relayed: who is on the other side of a UNIX socket
sees the user of the test.
"""
import os
import socket
import struct
import threading
import time

# COMMIT as db.c sends it: the beginning of its Parse.
COMMIT = b"P\x00\x00\x00\x0e\x00COMMIT\x00"
# The end of a request.
SYNC = b"S\x00\x00\x00\x04"
NOTHING = (b"", None, b"")
ACTIONS = {
    "hold": "what is before the message passes, it and the rest wait for release()",
    "cut": "what is before the message passes, then the connection ends",
    "lose": "the message passes; when its answer comes the connection ends instead",
    "mute": "the message passes; no answer ever does, nor is the connection ended",
}


def open_socket(address):
    return socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET, socket.SOCK_STREAM)


class Link:
    """One connection through the relay."""

    def __init__(self, relay, client):
        self.relay, self.client, self.server = relay, client, open_socket(relay.target)
        self.mute = self.fatal = False
        self.ended = threading.Event()
        try:
            self.server.connect(relay.target)
        except OSError:
            self.end()
            return
        for source, sink, upward in ((client, self.server, True), (self.server, client, False)):
            threading.Thread(target=self.pump, args=(source, sink, upward), daemon=True).start()

    def end(self, reset=False):
        self.ended.set()
        for end in (self.client, self.server):
            try:
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def pass_on(self, data, sink):
        size = self.relay.size or max(1, len(data))
        for start in range(0, len(data), size):
            if self.relay.pause:
                time.sleep(self.relay.pause)
            self.relay.passes.wait()
            sink.sendall(data[start:start + size])

    def pump(self, source, sink, upward):
        try:
            while data := source.recv(65536):
                if upward:
                    data = self.act(data)
                elif self.fatal:
                    break
                if not self.mute or upward:
                    self.pass_on(data, sink)
        except OSError:
            pass
        self.end()

    def act(self, data):
        """What of the client's bytes goes on now, once the test's strike is done."""
        at, action = self.relay.take_strike(data)
        if at < 0:
            return data
        if action == "hold":
            self.pass_on(data[:at], self.server)
            self.relay.struck.set()
            while not self.relay.released.wait(0.05) and not self.ended.is_set():
                pass
            return data[at:]
        if action == "cut":
            self.pass_on(data[:at], self.server)
            self.end()
        self.fatal, self.mute = action == "lose", action == "mute"
        self.relay.struck.set()
        return data


class Relay:
    def __init__(self, address, target):
        self.address, self.target = address, target
        self.links, self.lock = [], threading.Lock()
        self.size = self.pause = 0
        self.wanted = NOTHING
        self.passes, self.struck, self.released = threading.Event(), threading.Event(), threading.Event()
        self.passes.set()
        self.listener = None
        self.open()

    def open(self):
        self.listener = open_socket(self.address)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(self.address)
        self.listener.listen(128)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        try:
            while True:
                client, _ = listener.accept()
                with self.lock:
                    self.links = [link for link in self.links if not link.ended.is_set()]
                    self.links.append(Link(self, client))
        except OSError:
            pass

    def shut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        if isinstance(self.address, str) and os.path.exists(self.address):
            os.unlink(self.address)
        self.cut()

    def cut(self, reset=False):
        with self.lock:
            for link in self.links:
                link.end(reset)

    def stall(self):
        self.passes.clear()

    def go(self):
        self.passes.set()

    def slow(self, size=0, pause=0):
        """Each connection passes so many bytes at a time, after so many seconds; 0: as they come."""
        self.size, self.pause = size, pause

    def strike(self, pattern, action, behind=b""):
        """behind: the pattern is looked for after these bytes, in what the client sent at once."""
        assert action in ACTIONS
        self.struck.clear()
        self.released.clear()
        self.wanted = (pattern, action, behind)

    def take_strike(self, data):
        """Where to act in the client's bytes, -1: nowhere; and how."""
        with self.lock:
            pattern, action, behind = self.wanted
            at = data.find(pattern, data.find(behind)) if pattern and behind in data else -1
            if at >= 0:
                self.wanted = NOTHING
            return at, action

    def release(self):
        self.released.set()

    def close(self):
        self.go()
        self.release()
        self.shut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
