"""A network of two machines and a line between them, here as two network namespaces and a veth pair.

    line = Line()                       # raises unittest.SkipTest where there may be none
    line.put(path, BROKER, program)     # makes a program that runs the other one at that end
    line.stall(); line.go()             # the link is down, and up again
    line.cut()                          # down and up at once
    line.close()

The kernel loses what is on its way and sends it again later: a reset, or a slow line, is relay.py's.
"""
import os
import shutil
import subprocess
import unittest

BROKER, WORKER = "192.0.2.1", "192.0.2.2"  # addresses kept for documentation (RFC 5737); nobody else is in there


class Line:
    def __init__(self):
        self.names = {BROKER: "pad-b%d" % os.getpid(), WORKER: "pad-w%d" % os.getpid()}
        if os.geteuid() != 0 or not shutil.which("ip"):
            raise unittest.SkipTest("network namespaces need root, and ip (iproute2)")
        try:
            for name in self.names.values():
                self.ip("netns", "add", name)
            near, far = self.names.values()
            self.ip("-n", near, "link", "add", "line", "type", "veth", "peer", "name", "line", "netns", far)
            for address, name in self.names.items():
                self.ip("-n", name, "addr", "add", address + "/30", "dev", "line")
                self.ip("-n", name, "link", "set", "line", "up")
        except subprocess.CalledProcessError as why:
            self.close()
            raise unittest.SkipTest("no network namespaces here: " + why.stderr) from why

    @staticmethod
    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)

    def put(self, path, end, program):
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexec nsenter --net=/run/netns/%s %s\n" % (self.names[end], program))
        os.chmod(path, 0o755)
        return path

    def stall(self):
        self.ip("-n", self.names[BROKER], "link", "set", "line", "down")

    def go(self):
        self.ip("-n", self.names[BROKER], "link", "set", "line", "up")

    def cut(self, reset=False):
        self.stall()
        self.go()

    shut, open = stall, go

    def close(self):
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
