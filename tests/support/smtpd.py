"""A mail server for tests, in the test's own process, that answers what the test tells it to.

    with MailServer() as server:                    # tls=True: STARTTLS and AUTH required; "implicit"
        server.answer("rcpt", "kari@x.example", "550 5.1.1 no such user")     # for ever
        server.answer("data", "kari@x.example", "451 4.3.0 later", times=1)
        server.answer("data", "ola@x.example", CUT)      # takes the letter, then says nothing: the line is cut
        server.goodbye.clear()                           # QUIT is not answered until it is set
        server.letters                                   # [Letter(to, message, raw)], as they arrived
        server.to("kari@x.example")                      # those to one recipient

A letter counts as arrived when its final dot came, whatever is answered then, but for 4xx and 5xx.
"""
import asyncio
import email
import email.policy
import logging
import os
import ssl
import subprocess
import tempfile
import threading
import warnings
from collections import namedtuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

logging.getLogger("mail").setLevel(logging.CRITICAL + 1)
warnings.filterwarnings("ignore", module="aiosmtpd")

Letter = namedtuple("Letter", "to message raw")
CUT = "cut"    # the letter is taken and the connection ends without an answer
HOLD = "hold"  # the letter is taken and the answer waits until release()


class MailServer:
    def __init__(self, port=None, tls=False, user="usht", password="hemmelig"):
        self.letters, self.answers, self.connections = [], {}, 0
        self.lock, self.released, self.goodbye = threading.Lock(), threading.Event(), threading.Event()
        self.goodbye.set()
        self.directory = tempfile.TemporaryDirectory(prefix="smtpd.")
        self.user, self.password, self.logins = user, password, []
        self.tls = tls
        self.port = port or free_port()
        self.start()

    def start(self):
        more, self.transports = {}, []
        if self.tls:
            self.ca = make_certificate(self.directory.name)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.directory.name + "/cert.pem", self.directory.name + "/key.pem")
            more = {"auth_required": True, "authenticator": self.authenticate}
            if self.tls == "implicit":
                more.update(ssl_context=context, auth_require_tls=False)
            else:
                more.update(tls_context=context, require_starttls=True)
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **more)
        self.controller.start()

    def stop(self):
        if self.controller:
            for transport in self.transports:
                self.controller.loop.call_soon_threadsafe(transport.abort)
            self.controller.stop()
            self.controller = None

    def authenticate(self, server, session, envelope, mechanism, data):
        good = data.login == self.user.encode() and data.password == self.password.encode()
        self.logins.append(good)
        return AuthResult(success=good, handled=False)

    def answer(self, stage, address, reply, times=None):
        with self.lock:
            self.answers[stage, address] = [reply, times]

    def release(self):
        """Lets held letters be answered."""
        self.released.set()

    def _answer(self, stage, address):
        with self.lock:
            found = self.answers.get((stage, address)) or self.answers.get((stage, "*"))
            if not found or found[1] == 0:
                return None
            if found[1]:
                found[1] -= 1
            return found[0]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        self.transports.append(server.transport)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self._answer("rcpt", address)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        address, raw = envelope.rcpt_tos[0], envelope.original_content
        reply = self._answer("data", address) or "250 2.0.0 OK"
        if reply[0] not in "45":
            with self.lock:
                self.letters.append(Letter(address, email.message_from_bytes(raw, policy=email.policy.default), raw))
        if reply == CUT:
            server.transport.abort()
            return "451 never read"
        if reply == HOLD:
            await asyncio.get_running_loop().run_in_executor(None, self.released.wait, 60)
            return "250 2.0.0 OK"
        return reply

    async def handle_QUIT(self, server, session, envelope):
        await asyncio.get_running_loop().run_in_executor(None, self.goodbye.wait, 60)
        return "221 Bye"

    def to(self, address):
        with self.lock:
            return [letter for letter in self.letters if letter.to == address]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()
        self.stop()
        self.directory.cleanup()


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(directory):
    """A self-signed certificate for localhost and deploy/README.md's relay; its path, to be trusted."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                    "-keyout", directory + "/key.pem", "-out", directory + "/cert.pem", "-days", "3650", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:smtp.kommune.example,IP:127.0.0.1"],
                   check=True, capture_output=True)
    os.chmod(directory + "/key.pem", 0o644)
    return directory + "/cert.pem"
