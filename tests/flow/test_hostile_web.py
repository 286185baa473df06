"""Hostile browsers do not stop the others: the web face answers while they go on, within its memory and its descriptors."""
import base64
import hashlib
import hmac
import os
import select
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser, settings  # noqa: E402
from instance import BUILD, SANITIZED, SOURCE, Instance, eventually, free_port  # noqa: E402

MEBIBYTE = 1024 * 1024
HEAD = "POST %s HTTP/1.1\r\nHost: web\r\nContent-Type: application/x-www-form-urlencoded\r\n%s\r\n\r\n"


class Hostile(unittest.TestCase):
    def start(self, *lines, limit=None):
        """A web face with such settings, behind such an "ulimit"."""
        self.port = free_port()
        self.it = self.enterContext(Instance(daemons=[], durable=False, settings=settings(
            self.port, SOURCE + "/workers/web/static") + "".join("    %s\n" % line for line in lines)))
        if limit:
            program = self.it.directory + "/web"
            with open(program, "w", encoding="ascii") as file:
                file.write("#!/bin/sh\nulimit %s\nexec %s/workers/padriver-web\n" % (limit, BUILD))
            os.chmod(program, 0o755)
            self.it.programs["web"] = program
        self.it.start("web")
        eventually(self.answers)

    def answers(self):
        try:
            return Browser(self.port).get("/").status == 200
        except OSError:
            return False

    def connect(self, sent):
        one = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.addCleanup(one.close)
        one.sendall(sent.encode("ascii"))
        return one

    def said(self, kind):
        """A line of /proc/…/status in bytes."""
        with open("/proc/%d/status" % self.it.process["web"].pid, encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(kind)) * 1024

    def test_a_field_in_many_pieces_takes_the_memory_of_one(self):
        self.start()
        before = self.said("VmHWM")
        one = self.connect(HEAD % ("/q/x", "Transfer-Encoding: chunked"))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in ["a="] + ["x"] * 60000:
            one.sendall(b"%x\r\n%s\r\n" % (len(piece), piece.encode("ascii")))
        one.sendall(b"0\r\n\r\n")
        self.assertIn(b" 404 ", one.recv(100))
        self.assertLess(self.said("VmHWM") - before, (64 if SANITIZED else 8) * MEBIBYTE)

    def take_all(self, count):
        """An event is written while other browsers have all connections that there are."""
        form = "address=ida@usht.example"
        late = self.connect(HEAD % ("/sign-in", "Content-Length: %d" % len(form)))
        self.assertTrue(self.answers())  # the one before was accepted
        for _ in range(count):
            self.connect("GET / HTTP/1.1\r\n")
        eventually(lambda: len(os.listdir("/proc/%d/fd" % self.it.process["web"].pid)) > min(count, 190))
        late.sendall(form.encode("ascii"))
        self.assertIn(b" 200 ", late.recv(100))
        self.assertTrue(self.it.is_running("web"))

    def test_connections_leave_descriptors_for_what_an_answer_needs(self):
        self.start("connections = 240", limit="-S -n 200")
        self.take_all(260)
        self.assertNotIn("too few files", self.it.said())

    def test_where_the_system_grants_too_few_descriptors_it_says_so_and_goes_on(self):
        self.start("connections = 240", limit="-n 200")
        self.take_all(260)
        self.assertIn("may open too few files for web.connections: 304 are needed", self.it.said())

    def is_cut_off(self, one, drop=b"", seconds=15):
        """Whether the web face hangs up in time on whoever goes on sending that."""
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                one.sendall(drop)
                if select.select([one], [], [], 0.1)[0] and not one.recv(4096):
                    return True
        except OSError:
            return True
        return False

    def test_who_sends_a_byte_now_and_then_or_without_end_is_cut_off(self):
        self.start("patience = 2")
        self.assertTrue(self.is_cut_off(self.connect("GET / HTTP/1.1\r\nX-Slow: "), b"x"))
        self.assertTrue(self.is_cut_off(self.connect(HEAD % ("/q/x", "Content-Length: 60000") + "a="), b"x"))
        self.assertTrue(self.is_cut_off(self.connect(HEAD % ("/q/x", "Content-Length: 2000000000")), b"x" * MEBIBYTE, 1.5))
        self.it.cluster.pause()  # who waits for us does so, however long
        self.addCleanup(self.it.cluster.resume)
        waits = self.connect(HEAD % (self.link(1), "Content-Length: 4") + "q1=4")
        self.assertIn(b" 503 ", waits.recv(100))

    def test_between_two_requests_a_connection_is_kept_for_a_few_seconds(self):
        self.start()
        self.assertTrue(self.is_cut_off(self.connect("GET /static/padriver.css HTTP/1.1\r\nHost: web\r\n\r\n")))

    def watch(self):
        """Stands in for systemd to the program that starts next. Returns a list that grows by the moments at which it told of life."""
        manager = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        manager.bind(self.it.directory + "/notify")
        self.it.environments["web"] = {"NOTIFY_SOCKET": self.it.directory + "/notify"}
        beats = []

        def listen():
            while b"STOPPING" not in (said := manager.recv(100)):
                beats.extend([time.monotonic()] * (said == b"WATCHDOG=1"))
        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        self.addCleanup(listener.join, 10)
        return beats

    def link(self, invitation):
        with open(self.it.state + "/link.key", encoding="ascii") as file:
            mac = hmac.new(bytes.fromhex(file.read().strip()), b"evaluation/%d" % invitation, hashlib.sha512).digest()[:16]
        return "/e/%d.%s" % (invitation, base64.urlsafe_b64encode(mac).decode().rstrip("="))

    def test_a_store_that_hangs_holds_up_neither_the_watchdog_nor_what_needs_no_store(self):
        self.start()
        self.it.stop("web")
        beats = self.watch()
        self.it.start("web")
        eventually(self.answers)
        self.it.cluster.pause()
        self.addCleanup(self.it.cluster.resume)
        began = time.monotonic()
        asked = [self.connect("GET / HTTP/1.1\r\nHost: web\r\n\r\n") for _ in range(8)]
        asked += [self.connect(HEAD % (self.link(n), "Content-Length: 4") + "q1=4") for n in range(1, 81)]
        style = self.connect("GET /static/padriver.css HTTP/1.1\r\nHost: web\r\n\r\n")
        self.assertIn(b" 200 ", style.recv(100))
        for one in asked:
            self.assertIn(b" 503 ", one.recv(100))
        self.assertLess(time.monotonic() - began, 25)
        self.it.cluster.resume()
        eventually(self.answers)
        self.it.stop("web")
        self.assertGreater(len(beats), 2)
        self.assertLess(max(after - before for before, after in zip(beats, beats[1:])), 15)


if __name__ == "__main__":
    unittest.main()
