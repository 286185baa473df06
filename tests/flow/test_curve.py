"""The broker's door to other machines: CURVE alone, each client within its certificate's rights, and out when it is
taken off the list. pyzmq is the independent client, and reads the certificates too (zmq.auth)."""
import contextlib
import os
import socket
import struct
import subprocess
import sys
import unittest

import msgpack
import zmq
import zmq.auth

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from counters import Counters  # noqa: E402
from instance import SOURCE, eventually  # noqa: E402
from remote import Remote  # noqa: E402

HELD = ("session_held", {"meeting": "N1-S1"})
OTHER = ("meeting_held", {"meeting": "SG1"})
SELF_MADE = "metadata\n    name = \"%s\"\n    publish = \"%s\"\n    group = \"%s\"\ncurve\n    public-key = \"%s\"\n"


class Curve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Remote()
        cls.addClassCleanup(cls.it.close)

    def count(self):
        return self.it.value("SELECT count(*) FROM log.event")

    def test_a_client_publishes_what_its_certificate_says_under_its_own_name(self):
        library = self.it.publisher(self, self.it.add("library", "--publish", "session_held"), "loans")
        archive = self.it.publisher(self, self.it.add("archive", "--publish", "*"), "loans")
        self.assertEqual(library.hello()[1]["number"], 0)
        verb, fields = library.publish([HELD, HELD])
        self.assertEqual(verb, "ACCEPTED")
        self.assertEqual(self.it.psql("SELECT DISTINCT actor FROM log.event WHERE position >= %d" % fields["position"]),
                         [["client:library"]])
        self.assertEqual(archive.hello()[1]["number"], 0, "a source's name belongs to its client")
        self.assertEqual(archive.publish([OTHER])[0], "ACCEPTED")
        self.assertEqual(self.it.psql("SELECT name, number FROM log.source ORDER BY name"),
                         [["client:archive/loans", "1"], ["client:library/loans", "2"]])

    def test_what_is_outside_its_rights_is_refused_and_leaves_nothing(self):
        keys = self.it.add("narrow", "--publish", "session_held", "--group", "counter")
        narrow, before = self.it.publisher(self, keys), self.count()
        for events in ([OTHER], [HELD, OTHER], [("session_helt", {})]):
            verb, fields = narrow.publish(events)
            self.assertEqual((verb, fields["code"]), ("REFUSED", "forbidden"))
            self.assertIn("client:narrow may not publish", fields["reason"])
        narrow.send("HELLO", group="budget", types=[{"type": 4}])
        self.assertEqual(narrow.receive(5)[1]["code"], "forbidden")
        self.assertEqual(self.count(), before)
        self.assertEqual(narrow.publish([HELD])[0], "ACCEPTED")
        nothing = self.it.publisher(self, self.it.add("nothing"))
        self.assertEqual(nothing.publish([HELD])[1]["code"], "forbidden")
        eventually(lambda: "refused HELLO" in self.it.said() and "may not work for group budget" in self.it.said())

    def test_who_is_revoked_is_refused_at_once_and_a_new_key_does_not_revive_the_old(self):
        keys = self.it.add("leaver", "--publish", "*")
        leaver = self.it.publisher(self, keys)
        self.assertEqual(leaver.publish([HELD])[0], "ACCEPTED")
        self.it.padriver("key", "revoke", "leaver")
        eventually(lambda: leaver.publish([HELD])[0] == "REFUSED", seconds=20)
        before = self.count()
        self.it.add("leaver-2", "--publish", "*")
        again = self.it.directory + "/again.key"
        self.it.padriver("key", "add", "leaver", "--publish", "*", "--out", again)
        fresh = self.it.publisher(self, (keys[0], *zmq.auth.load_certificate(again)))
        self.assertEqual(eventually(lambda: fresh.publish([HELD], seconds=1) or self.knock(fresh))[0], "ACCEPTED")
        verb, fields = leaver.publish([HELD])
        self.assertEqual((verb, fields["code"]), ("REFUSED", "forbidden"))
        self.assertIsNone(self.it.publisher(self, keys).publish([HELD], seconds=0.5))
        self.assertEqual(self.count(), before + 1)

    def knock(self, publisher):
        """libzmq does not come again once it was turned away: a new connection."""
        publisher.socket.disconnect(publisher.endpoint)
        publisher.socket.connect(publisher.endpoint)

    def test_rights_change_without_a_restart(self):
        keys = self.it.add("grower", "--publish", "session_held")
        grower = self.it.publisher(self, keys)
        self.assertEqual(grower.publish([OTHER])[1]["code"], "forbidden")
        path = self.it.clients + "/grower.cert"
        self.it.settings(path, SELF_MADE % ("grower", "session_held meeting_held", "", keys[1].decode()))
        eventually(lambda: grower.publish([OTHER])[0] == "ACCEPTED", seconds=20)
        self.it.settings(path, "metadata\n    name = \"grower\"\n    publsh = \"*\"\n")
        eventually(lambda: grower.publish([OTHER])[0] == "REFUSED", seconds=20)
        self.assertIn("grower.cert lets nobody in: line 3: publsh is unknown", self.it.said())

    def test_a_certificate_that_others_may_write_or_that_is_anothers_lets_nobody_in(self):
        keys = self.it.add("loose", "--publish", "*")
        loose = self.it.publisher(self, keys)
        self.assertEqual(loose.publish([HELD])[0], "ACCEPTED")
        os.chmod(self.it.clients + "/loose.cert", 0o666)
        eventually(lambda: loose.publish([HELD])[0] == "REFUSED", seconds=20)
        self.assertIn("loose.cert lets nobody in: can be written by others", self.it.said())
        self.it.settings(self.it.clients + "/zz.cert", SELF_MADE % ("loose", "*", "", keys[1].decode()))
        eventually(lambda: "zz.cert lets nobody in: is loose's: name it loose.cert" in self.it.said())
        os.unlink(self.it.clients + "/zz.cert")
        self.assertEqual(self.it.padriver("key", "list", exit=65).count("can be written by others"), 1)

    def test_the_command_makes_lists_and_takes_away(self):
        self.it.add("listed", "--publish", "session_held", "--publish", "meeting_held", "--group", "budget")
        row = [row for row in self.it.padriver("key", "list", json=True, exit=None) if row["name"] == "listed"][0]
        self.assertEqual((row["publish"], row["groups"]), (["session_held", "meeting_held"], ["budget"]))
        self.assertEqual(os.stat(self.it.directory + "/listed.key").st_mode & 0o777, 0o600)
        with open(self.it.clients + "/listed.cert", encoding="utf-8") as file:
            self.assertNotIn("secret", file.read())
        for words, code, said in ((("add", "listed"), 1, "there is a client"), (("revoke", "nobody"), 1, "no client nobody"),
                                  (("add", "x", "--publish", "session_helt"), 64, "there is no event session_helt"),
                                  (("add", "../x"), 64, "a name is"), (("revoke", "../x"), 64, "no client's name")):
            self.assertIn(said, self.it.padriver("key", *words, "--out", self.it.directory + "/x.key", exit=code)
                          if words[0] == "add" else self.it.padriver("key", *words, exit=code))
        self.assertFalse(os.path.exists(self.it.directory + "/x.key"))

    def test_the_command_publishes_from_another_machine(self):
        self.it.add("desk", "--publish", "session_held")
        conf = self.it.conf_there("desk")
        self.it.padriver("--config", conf, "publish", "session_held", "meeting=N1-S1")
        self.assertEqual(self.it.psql("SELECT count(*) FROM log.event WHERE actor = 'client:desk'"), [["1"]])
        self.it.padriver("--config", conf, "publish", "meeting_held", "meeting=SG1", exit=1)
        os.chmod(self.it.directory + "/desk.key", 0o640)
        self.assertIn("can be read by others", self.it.padriver("--config", conf, "publish", *("session_held", "meeting=N1-S1"), exit=78))
        conf = self.it.conf_there("desk", server_key="")
        self.assertIn("broker.server_key", self.it.padriver("--config", conf, "publish", "session_held", "meeting=N1-S1", exit=78))

    def test_clients_with_zeromqs_heartbeats_that_hang_up_end_nothing(self):
        """The same by a UNIX socket: test_hostile.py, "pinging"."""
        keys = self.it.add("pinging", "--publish", "session_held")
        for _ in range(5):
            with zmq.Context() as context, contextlib.ExitStack() as stack:
                dealers = [stack.enter_context(context.socket(zmq.DEALER)) for _ in range(8)]
                for dealer in dealers:
                    dealer.curve_serverkey, dealer.curve_publickey, dealer.curve_secretkey = keys
                    dealer.linger, dealer.sndhwm, dealer.rcvtimeo = 0, 0, 10_000
                    dealer.heartbeat_ivl, dealer.heartbeat_timeout = 1, 10_000
                    dealer.connect("tcp://127.0.0.1:%d" % self.it.tcp)
                    dealer.send_multipart([b"BEAT", b"\x80"])
                for dealer in dealers:
                    dealer.recv_multipart()
                for _ in range(2000):
                    for dealer in dealers:
                        dealer.send_multipart([b"BEAT", b"\x80"])
        self.assertTrue(self.it.is_running("broker"))
        publisher = self.it.publisher(self, keys)
        self.assertEqual(eventually(lambda: publisher.publish([HELD], seconds=1))[0], "ACCEPTED")

    def test_no_peer_names_itself_in_the_handshake(self):
        before = self.count()
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(self.it.runtime + "/broker")
            peer.sendall(b"\xff" + bytes(7) + b"\x01\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))

            def named(name, value):
                return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value

            ready = b"\x05READY" + named(b"Socket-Type", b"DEALER") + named(b"User-Id", b"uid:4242:ghost")
            body = msgpack.packb({"events": [{"type": HELD[0], "body": msgpack.packb(HELD[1])}], "number": 1})
            peer.sendall(b"\x04" + bytes([len(ready)]) + ready)
            said = b""
            while b"READY" not in said:
                said += peer.recv(1000)
            peer.sendall(b"\x01\x07PUBLISH" + b"\x00" + bytes([len(body)]) + body)
            eventually(lambda: self.count() > before)
        self.assertEqual(self.it.psql("SELECT count(*) FROM log.event WHERE actor = 'ghost'"), [["0"]])

    @unittest.skipUnless(os.geteuid() == 0, "only root is somebody else, too")
    def test_another_user_of_this_machine_publishes_and_joins_no_group_but_its_own(self):
        script = ("import sys; sys.path.insert(0, sys.argv[1]); from publish import Publisher\n"
                  "p = Publisher(sys.argv[2], runtime=sys.argv[3])\n"
                  "print(p.publish([('session_held', {'meeting': 'N1-S1'})])[0])\n"
                  "p.send('HELLO', group='budget'); print(p.receive(5)[1]['code'])")
        os.chmod(self.it.directory, 0o711)
        told = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "0", "--clear-groups", "/usr/bin/python3", "-c", script,
                               SOURCE + "/tests/support", SOURCE + "/schemas/asyncapi.yaml", self.it.runtime],
                              capture_output=True, text=True, timeout=60, env={"PYTHONDONTWRITEBYTECODE": "1"}, check=False)
        self.assertEqual(told.stdout.split(), ["ACCEPTED", "forbidden"], told.stderr)


class Worker(unittest.TestCase):
    def test_a_daemon_elsewhere_works_until_it_is_revoked_and_another_goes_on(self):
        it = Remote()
        self.addCleanup(it.close)
        it.add("counter-there", "--group", "counter")
        counters = Counters(it, "counter", start=False)
        counters.worker("there", "counter")
        it.environments["there"]["PADRIVER_CONF"] = it.conf_there("counter-there")
        it.start("there")
        for _ in range(20):
            it.padriver("publish", "session_held", "meeting=N1-S1")
        eventually(lambda: counters.is_done("counter"))
        counters.check("counter")
        it.padriver("key", "revoke", "counter-there")
        eventually(lambda: "may no longer work for group counter" in it.said(), seconds=20)
        it.padriver("publish", "session_held", "meeting=N1-S2")
        self.assertFalse(counters.is_done("counter"))
        it.start("counter")
        eventually(lambda: counters.is_done("counter"))
        counters.check("counter")
        self.assertEqual(it.stop("there"), 0)

    def test_a_daemon_with_wrong_settings_ends_with_78(self):
        it = Remote()
        self.addCleanup(it.close)
        counters = Counters(it, "counter", start=False)
        counters.worker("there", "counter")
        it.environments["there"]["PADRIVER_CONF"] = it.conf_there("absent")
        it.start("there")
        self.assertEqual(it.died("there"), 78)
        self.assertIn("absent.key cannot be read", it.said())


class Strangers(unittest.TestCase):
    def test_strangers_are_turned_away_and_the_log_keeps_count(self):
        it = Remote()
        self.addCleanup(it.close)
        server, public, secret = it.add("known", "--publish", "*")
        nobody, other = zmq.curve_keypair(), zmq.curve_keypair()
        for keys in ((server, *nobody), (other[0], public, secret), None, (server, public, other[1])):
            stranger = it.publisher(self, keys)
            self.assertIsNone(stranger.publish([HELD], seconds=0.5), keys)
        half = socket.create_connection(("127.0.0.1", it.tcp))
        self.addCleanup(half.close)
        half.settimeout(20)
        while half.recv(100):  # the broker greets, and hangs up after a handshake's time
            pass
        eventually(lambda: nobody[0].decode() + " is on no certificate" in it.said())
        eventually(lambda: "it spoke no CURVE" in it.said())
        for _ in range(60):
            with socket.create_connection(("127.0.0.1", it.tcp)) as rude:
                rude.sendall(b"GET / HTTP/1.0\r\n\r\n" * 10)
        self.assertEqual(it.publisher(self, (server, public, secret)).publish([HELD])[0], "ACCEPTED")
        self.assertLess(it.said().count("turned away"), 40)


class Seats(unittest.TestCase):
    def test_one_address_gets_half_of_the_seats(self):
        it = Remote(connections=4)
        self.addCleanup(it.close)
        keys = it.add("many", "--publish", "*")
        seated = [it.publisher(self, keys, address="127.0.0.2:0;127.0.0.1") for _ in range(2)]
        for publisher in seated:
            self.assertEqual(publisher.publish([HELD])[0], "ACCEPTED")
        self.assertIsNone(it.publisher(self, keys, address="127.0.0.2:0;127.0.0.1").publish([HELD], seconds=1))
        self.assertEqual(it.publisher(self, keys, address="127.0.0.3:0;127.0.0.1").publish([HELD])[0], "ACCEPTED")
        self.assertIn("127.0.0.2: there are too many connections", it.said())
        seated[0].close()
        eventually(lambda: it.publisher(self, keys, address="127.0.0.2:0;127.0.0.1").publish([HELD], seconds=1))


if __name__ == "__main__":
    unittest.main()
