"""Who holds a partition: one worker at a time, spread evenly, and a worker that slept finds itself fenced."""
import os
import subprocess
import sys
import unittest

import msgpack
import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402
from counters import Counters  # noqa: E402
from instance import Instance, eventually  # noqa: E402


class Fencing(unittest.TestCase):
    def setUp(self):
        self.it = Instance(durable=False)
        self.addCleanup(self.it.close)

    def publish(self, count, keys=20):
        self.it.padriver("publish", "--json", "-", stdin="\n".join(
            '{"type": "session_held", "data": {"meeting": "N%d"}}' % (n % keys) for n in range(count)))

    def done(self, seconds=30):
        eventually(lambda: self.counters.is_done("counter"), seconds, self.it.said)
        self.counters.check("counter")

    def test_a_zombie_cannot_commit(self):
        self.counters = Counters(self.it, "counter", start=False)
        self.counters.worker("zombie", "counter")
        for point in ("after-cursor", "after-effects", "before-commit", "after-commit"):
            self.it.start("zombie", failpoint=point + "=stop")
            self.publish(50)
            eventually(lambda: self.it.is_stopped("zombie"))
            self.it.start("counter")
            self.done()  # the store ends the sleeper's transaction, the broker gives its partition away
            self.it.resume("zombie")
            self.publish(50)
            self.done()
            self.assertTrue(self.it.is_running("zombie"))
            self.it.stop("zombie")
            self.it.stop("counter")

    def test_partitions_are_spread_over_the_workers_and_a_worker_that_stops_leaves_at_once(self):
        self.counters = Counters(self.it, "counter", partitions=8)
        names = ["counter", "counter-2", "counter-3"]
        for name in names[1:]:
            self.counters.worker(name, "counter")
            self.it.start(name)
        self.publish(2000)
        self.done()
        eventually(lambda: self.it.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'padriver_counter'") == 3)
        self.assertEqual([self.it.stop(name) for name in names[:2]], [0, 0])
        self.publish(500)
        self.done(4)  # well before the five seconds of a silence

    def test_what_a_crash_of_the_store_took_back_has_no_effect_and_what_stands_in_its_place_has(self):
        """A worker's own commits do not wait for the disk, so a crash may take events back that others have in hand."""
        self.counters = Counters(self.it, "counter")
        self.publish(3)
        self.done()
        self.it.pause("counter")
        self.publish(1, keys=1)  # the broker hands it over to the sleeper
        gone, = self.it.psql("SELECT max(position) FROM log.event")[0]
        eventually(lambda: self.it.padriver("lag", json=True)[0]["behind"] == 1)
        self.it.psql("SET session_replication_role = replica; DELETE FROM log.event WHERE position = %s" % gone)
        self.it.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> 'postgres' AND pid <> pg_backend_pid()")
        eventually(lambda: self.it.said().count("active, the log's head is") == 2)
        self.it.padriver("publish", "session_held", "meeting=N9")
        self.assertEqual(self.it.psql("SELECT key FROM log.event WHERE position = %s" % gone), [["N9"]])
        self.it.resume("counter")
        self.done()
        self.assertEqual(self.it.psql("SELECT key FROM counter.tally WHERE position = %s" % gone), [["N9"]])

    def test_a_worker_whose_server_is_not_the_brokers_gets_nothing_until_it_is(self):
        """A former primary that is still there has another log."""
        self.counters = Counters(self.it, "counter")
        self.publish(3)
        self.done()
        self.it.stop("counter")
        self.it.stop("broker")
        self.it.cluster.stop()
        with Cluster(durable=False, copy=self.it.cluster.data) as successor:
            self.it.cluster.start()
            self.it.start("broker")
            self.it.padriver("publish", "session_held", "meeting=FORMER")
            self.it.through("counter", store=successor.directory + "/")
            self.it.start("counter")
            eventually(lambda: "the broker refuses: the worker's connection is to another PostgreSQL" in self.it.said())
            self.it.stop("broker")
            self.it.through("broker", store=successor.directory + "/")
            self.it.start("broker")
            self.it.padriver("publish", "session_held", "meeting=SUCCESSOR")
            tally = "SELECT position, key FROM counter.tally WHERE position > 3"
            eventually(lambda: successor.query(tally), 20, self.it.said)
            self.assertEqual(successor.query(tally), [["4", "SUCCESSOR"]])
            self.assertEqual(self.it.psql(tally), [])

    def test_an_appender_that_sleeps_before_its_commit_is_ended(self):
        self.counters = Counters(self.it, "counter")
        sleeper = subprocess.Popen(["psql", "-X", "-q", "-d", self.it.cluster.conninfo_of("padriver", "padriver_counter")], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(sleeper.communicate)
        sleeper.stdin.write(b"BEGIN; SELECT log.append(clock_timestamp(), '{5}', '{SG}', '{x}', '{0}',"
                            b" ARRAY['\\x80'::bytea]);\n")
        sleeper.stdin.flush()
        eventually(lambda: self.it.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7030"))
        self.publish(3)
        self.assertIn("ended a client that held the append lock", self.it.said())
        self.done()

    def test_an_unknown_group_is_refused_until_it_is_made(self):
        self.counters = Counters(self.it, "counter", start=False)
        self.it.padriver("group", "drop", "counter")
        self.it.start("counter")
        eventually(lambda: "there is no group counter: padriver group add counter" in self.it.said())
        self.publish(10)
        self.it.padriver("group", "add", "counter", "--from", "start")
        self.done()

    def test_workers_with_other_types_are_refused_while_others_live(self):
        self.counters = Counters(self.it, "counter")
        self.publish(1)
        self.done()
        peer = zmq.Context.instance().socket(zmq.DEALER)
        peer.connect("ipc://%s/broker" % self.it.runtime)
        self.addCleanup(peer.close, 0)

        def hello(*types):
            peer.send_multipart([b"HELLO", msgpack.packb({"group": "counter", "number": 1, "types": [
                {"type": number} for number in types]})])
            self.assertTrue(peer.poll(5000))
            verb, body = peer.recv_multipart()
            return verb, msgpack.unpackb(body)
        self.assertEqual(hello(4)[1]["code"], "other_types")
        self.assertEqual(hello(4, 5, 10)[0], b"TAKE")
        peer.send_multipart([b"HELLO", msgpack.packb({})])
        self.it.stop("counter")
        eventually(lambda: peer.poll(0) and peer.recv_multipart()[0] == b"ACCEPTED")
        self.assertEqual(hello(4)[0], b"TAKE")


if __name__ == "__main__":
    unittest.main()
