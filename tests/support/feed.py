"""A broker for one daemon alone: feeds it the log and waits until it is through. For tests of what a daemon does with events;
tests of how events come have the real broker.

    with Feed(command, "evaluation") as feed:   # command.py's Command
        feed.settle()                            # everything in the log is handled
        feed.jump("2027-02-06T15:00")            # the clock goes on, due timers fire, everything is handled
"""
import os
import subprocess
import time

import msgpack
import zmq

from command import BUILD


class Feed:
    def __init__(self, command, group):
        self.command, self.group = command, group
        self.program = "%s/workers/padriver-%s" % (BUILD, group)
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.bind("ipc://%s/broker" % command.runtime)
        command.good("group", "add", group, "--from", "start")
        self.daemon = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.socket.close()

    def start(self):
        self.peer, self.types, self.sent, self.number = None, [], 0, 0
        self.daemon = subprocess.Popen([self.program, "--config", self.command.conf], stdin=subprocess.DEVNULL)

    def stop(self):
        """Ends the daemon; its exit code."""
        self.daemon.terminate()
        return self.daemon.wait(30)

    def query(self, sql):
        return self.command.cluster.query(sql)

    def cursor(self):
        return int(self.query("SELECT position FROM log.cursor WHERE grp = '%s'" % self.group)[0][0])

    def head(self):
        return int(self.query("SELECT coalesce(max(position), 0) FROM log.event")[0][0])

    def send(self, verb, **fields):
        self.socket.send_multipart([self.peer, verb.encode(), msgpack.packb(fields)])

    def hear(self):
        """Takes one message of the daemon; others, such as a command's WAKE, are passed over."""
        if not self.socket.poll(100):
            assert self.daemon.poll() is None, "the daemon ended with %s" % self.daemon.returncode
            return
        peer, verb, body = self.socket.recv_multipart()
        message = msgpack.unpackb(body)
        if verb == b"HELLO" and message["group"] == self.group:
            self.peer, self.types, self.number = peer, [t["type"] for t in message["types"]], 0
            self.sent = self.cursor()
            self.send("TAKE", parts=[{"part": 0, "position": self.sent}])
        elif peer == self.peer:
            self.send("BEAT", known=1)

    def feed(self):
        """Sends what has come since the last batch."""
        head = self.head()
        if not self.peer or head <= self.sent:
            return
        columns = "position, type, key, actor, coalesce(cause, 0), encode(body, 'hex'), extract(epoch FROM at) * 1000000"
        rows = self.query("SELECT %s FROM log.event WHERE position > %d AND type = ANY ('{%s}') ORDER BY position"
                          % (columns, self.sent, ",".join(map(str, self.types))))
        events = [{"position": int(p), "part": 0, "at": int(float(at)), "type": int(t), "key": key, "actor": actor,
                   "cause": int(cause), "body": bytes.fromhex(body)} for p, t, key, actor, cause, body, at in rows]
        self.number += 1
        self.send("BATCH", number=self.number, ranges=[{"part": 0, "from": self.sent, "to": head}], events=events)
        self.sent = head

    def settle(self, seconds=30):
        """Until the cursor is at the head, and nothing that a person wants retried is left."""
        deadline = time.monotonic() + seconds
        retries = "SELECT count(*) FROM log.parked WHERE retry"
        while self.cursor() < self.head() or self.query(retries) != [["0"]]:
            assert time.monotonic() < deadline, "the daemon stays behind: %d of %d" % (self.cursor(), self.head())
            self.feed()
            self.hear()

    def jump(self, when):
        """The clock goes on; timers due by then fire in their order."""
        self.command.good("clock", "jump", when)
        now = self.command.rows("clock", "show")[0]["now_at"]
        self.query("SELECT log.fire('%s', 1000)" % now)
        self.settle()

    def parked(self):
        """The reasons of what is parked."""
        return [row[0] for row in self.query("SELECT reason FROM log.parked ORDER BY position")]
