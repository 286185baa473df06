#!/usr/bin/python3
"""A mail server for trying and testing: every letter is a file of its own in one Maildir, no root needed.

    smtpd.py --port 2525 --maildir DIR [--replies FILE]

Each recipient's copy has Delivered-To and X-RcptTo. The file of replies is read anew for each command; a line is

    STAGE PATTERN REPLY [xTIMES]          # STAGE: CONNECT, RCPT or DATA; PATTERN: recipients, as in the shell

and the first that fits answers, TIMES only that often for each recipient. CONNECT's pattern is of the client's
address. REPLY is an SMTP code with a text (451 4.3.0 Later, 550 5.1.1 No such user), or `slow SECONDS` (then the
letter is taken), `drop` (the connection is closed, nothing taken) or `lose` (DATA: taken, closed without a reply).
"""
import argparse
import asyncio
import fnmatch
import itertools
import os
import pathlib
import re
import signal
import time

from aiosmtpd.smtp import SMTP

COUNTER = itertools.count()


class Replies:
    """What the file says."""

    def __init__(self, path):
        self.path = path
        self.used = {}

    def find(self, stage, address):
        """The reply for the recipient at this stage, or None."""
        if not self.path or not os.path.exists(self.path):
            return None
        for number, line in enumerate(pathlib.Path(self.path).read_text(encoding="utf-8").splitlines()):
            words = line.split("#")[0].split()
            if len(words) < 3 or words[0] != stage or not fnmatch.fnmatch(address, words[1]):
                continue
            times = re.fullmatch(r"x(\d+)", words[-1])
            if times:
                key = (number, line, address)
                self.used[key] = self.used.get(key, 0) + 1
                if self.used[key] > int(times[1]):
                    continue
                words.pop()
            return " ".join(words[2:])
        return None


class Handler:
    """Takes letters, unless a reply is set."""

    def __init__(self, maildir, replies):
        self.maildir = pathlib.Path(maildir)
        self.replies = replies
        for name in ("tmp", "new", "cur"):
            (self.maildir / name).mkdir(parents=True, exist_ok=True)

    async def answer(self, server, reply):
        """The set reply as the status to send; None if the command goes on."""
        if reply is None:
            return None
        word, _, rest = reply.partition(" ")
        if word == "slow":
            await asyncio.sleep(float(rest))
            return None
        if word in ("drop", "lose"):
            server.transport.abort()
            return "421 4.3.2 Gone"
        return reply

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self.answer(server, self.replies.find("RCPT", address))
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server, session, envelope):
        reply = next(filter(None, (self.replies.find("DATA", to) for to in envelope.rcpt_tos)), None)
        if reply == "lose":
            self.deliver(envelope)
        answer = await self.answer(server, reply)
        if answer:
            return answer
        return "250 2.0.0 Taken as " + self.deliver(envelope)

    def deliver(self, envelope):
        """Writes each recipient's file whole, then moves it to where readers look."""
        for recipient in envelope.rcpt_tos:
            name = "%019d.%06d.padriver" % (time.time_ns(), next(COUNTER))
            head = "Return-Path: <%s>\r\nDelivered-To: %s\r\nX-RcptTo: %s\r\n" % (
                envelope.mail_from or "", recipient, recipient)
            fresh = self.maildir / "tmp" / name
            fresh.write_bytes(head.encode() + envelope.original_content)
            fresh.rename(self.maildir / "new" / name)
        return name


class Server(SMTP):
    """Refuses connections when told to."""

    def connection_made(self, transport):
        address = transport.get_extra_info("peername")[0]
        reply = self.event_handler.replies.find("CONNECT", address)
        if reply is None:
            super().connection_made(transport)
            return
        transport.write((reply + "\r\n").encode() if reply[0].isdigit() else b"")
        transport.close()

    def connection_lost(self, error):
        if self.transport is not None:
            super().connection_lost(error)


async def serve(arguments):
    """Listens until SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: stop.done() or stop.set_result(None))
    handler = Handler(arguments.maildir, Replies(arguments.replies))
    await loop.create_server(
        lambda: Server(handler, enable_SMTPUTF8=True, hostname="mail.example", ident="Padriver's trial server", loop=loop),
        "127.0.0.1", arguments.port)
    await stop


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A mail server for trying and testing", epilog=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--maildir", required=True)
    parser.add_argument("--replies", help="file of replies to give instead")
    asyncio.run(serve(parser.parse_args()))
