"""The broker's memory stays within what deploy/README.md states, and a slow or late group holds back nobody else."""
import os
import sys
import time
import unittest

import msgpack
import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402
from publish import Publisher  # noqa: E402

# What deploy/README.md states, in MiB: the broker's own with broker.memory at 16, and for each peer that sends what is
# largest: eight messages that wait and one that is coming in, of 4 MiB each.
OWN, PEER = 1.25 * 16 + 150, 9 * 4
LARGE = 3900000

# Session_held of 50 meetings with a filling that is skipped: 3.5 KB each.
BIG = """SELECT log.append('2027-01-01', array_agg(4::smallint), array_agg('N' || 10 + n % 50), array_agg(''::text),
    array_agg(0::bigint), array_agg('\\x82a76d656574696e67a3'::bytea || convert_to('N' || 10 + n % 50, 'UTF8')
      || '\\xa3706164c50dac'::bytea || decode(repeat('00', 3500), 'hex'))) FROM generate_series(1, {count}) n"""


class Memory(unittest.TestCase):
    def setUp(self):
        self.it = Instance(durable=False, broker=False)
        self.addCleanup(self.it.close)
        with open(self.it.conf, encoding="utf-8") as file:  # batches whose size in bytes is what ends them
            settings = file.read().replace("broker\n    endpoint", "broker\n    batch = 4096\n    endpoint")
        with open(self.it.conf, "w", encoding="utf-8") as file:
            file.write(settings)
        self.it.start("broker")

    def peak(self):
        """The most that the broker ever held, in MiB."""
        with open("/proc/%d/status" % self.it.process["broker"].pid, encoding="ascii") as status:
            return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024

    def connect(self, count):
        """Sockets that the broker has answered."""
        context = zmq.Context()
        self.addCleanup(context.destroy, linger=0)
        sockets = [context.socket(zmq.DEALER) for _ in range(count)]
        for socket in sockets:
            socket.setsockopt(zmq.SNDHWM, 1)
            socket.connect("ipc://%s/broker" % self.it.runtime)
            socket.send_multipart([b"HELLO", msgpack.packb({})])
            self.assertTrue(socket.poll(10000))
        return sockets

    def flood(self, sockets):
        """Each sends large messages until the broker takes no more; how many MiB it took."""
        news = [{"type": "session_held", "body": msgpack.packb({"meeting": "N%d" % n})} for n in range(200)]
        large = zmq.Frame(msgpack.packb({"events": news, "filling": bytes(LARGE)}))
        taken, quiet = 0, time.monotonic() + 2
        while time.monotonic() < quiet:
            for socket in sockets:
                if socket.poll(20, zmq.POLLOUT):
                    socket.send(b"PUBLISH", zmq.SNDMORE, copy=False)
                    socket.send(large, copy=False)
                    taken, quiet = taken + LARGE, time.monotonic() + 2
        return taken / (1 << 20)

    def test_large_messages_wait_at_their_senders(self):
        Counters(self.it, "counter")
        sockets = self.connect(8)
        self.it.cluster.pause()
        taken = self.flood(sockets)
        self.it.cluster.resume()
        self.assertGreater(taken, 200, "too little came to show anything")
        self.assertLess(self.peak(), OWN + len(sockets) * PEER)
        with Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime) as publisher:
            eventually(lambda: publisher.publish([("session_held", {"meeting": "N1"})], seconds=5), 60)

    def lose_reader(self):
        """Ends the connection that reads pages, not the one that holds the broker's lock."""
        return self.it.psql("SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a WHERE a.usename = 'padriver_broker'"
                            " AND a.pid NOT IN (SELECT l.pid FROM pg_locks l WHERE l.objid = 7031)")

    def test_a_late_group_goes_on_when_its_reader_is_lost(self):
        for _ in range(30):
            self.it.psql(BIG.format(count=500))
        counters = Counters(self.it, "counter")
        for _ in range(2):
            eventually(self.lose_reader)
        eventually(lambda: counters.is_done("counter"), 60, lambda: self.it.padriver("lag"))
        counters.check("counter")
        self.assertEqual(counters.counted("counter"), 15000)
        self.assertNotIn("no longer active", self.it.said())

    def test_a_stopped_worker_and_a_late_group_cost_neither_memory_nor_the_others(self):
        counters = Counters(self.it, "counter", "slow")
        self.it.pause("slow")
        for _ in range(30):
            self.it.psql(BIG.format(count=500))
        eventually(lambda: counters.is_done("counter"), 60, lambda: self.it.padriver("lag"))
        self.it.psql("CREATE ROLE padriver_late LOGIN IN ROLE padriver_counter")
        self.it.padriver("group", "add", "late", "--from", "start", "--partitions", "4")
        for name in ("late", "late-2"):
            counters.worker(name, "late")
            self.it.start(name)
        eventually(lambda: counters.is_done("late"), 60, lambda: self.it.padriver("lag"))
        self.assertFalse(counters.is_done("slow"))
        self.it.resume("slow")
        eventually(lambda: counters.is_done("slow"), 60, lambda: self.it.padriver("lag"))
        for group in ("counter", "late", "slow"):
            counters.check(group)
            self.assertEqual(counters.counted(group), 15000)
        self.assertLess(self.peak(), OWN)


if __name__ == "__main__":
    unittest.main()
