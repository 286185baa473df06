"""Hostile browsers do not stop the others: the web face answers while they go on, within its memory and its descriptors."""
import os
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser, settings  # noqa: E402
from instance import SANITIZED, SOURCE, Instance, eventually, free_port  # noqa: E402

MEBIBYTE = 1024 * 1024
HEAD = "POST %s HTTP/1.1\r\nHost: web\r\nContent-Type: application/x-www-form-urlencoded\r\n%s\r\n\r\n"


class Hostile(unittest.TestCase):
    def start(self, *lines):
        """A web face with such settings."""
        self.port = free_port()
        self.it = self.enterContext(Instance(daemons=[], durable=False, settings=settings(
            self.port, SOURCE + "/workers/web/static") + "".join("    %s\n" % line for line in lines)))
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


if __name__ == "__main__":
    unittest.main()
