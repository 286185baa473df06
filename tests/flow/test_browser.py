"""The whole way in a real browser: a session is held, the mail arrives, its link opens the form, the answer is sent, thanked
for, and its sender is not reminded. Every page is looked at by axe-core and html-validate, on a phone and on a desk, in
three languages (tests/browser/look.js); the pictures are in build/browser."""
import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser as Reader
from browser import settings  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402

PICTURES = SOURCE + "/build/browser"
PAGES = ["/", "/q/N1-S1", "/show/N1-S1", "/?year=2030", "/accessibility", "/sign-in", "/thanks", "/x", "/e/1.x"]


class Browser(unittest.TestCase):
    maxDiff = None

    def ask_again(self, it, port, person):
        """By the QR code: the invited address gets the link once more, another gets nothing, and both are told the same."""
        before = len(it.mails())
        pages = [Reader(port).post("/q/N1-S1", {"address": address}) for address in (person.upper(), "noen@annet.example", person)]
        self.assertEqual({page.status for page in pages}, {200})
        self.assertEqual(len({page.source for page in pages}), 1)
        eventually(lambda: len(it.mails()) == before + 1)
        self.assertEqual(it.mails()[-1]["X-RcptTo"], person)
        self.assertEqual(Reader(port).post("/q/N1-S1", {"address": "ikke en adresse"}).status, 422)
        self.assertEqual(Reader(port).get("/q/N9-S9").status, 404)

    def test_from_the_mail_to_the_thanks_and_no_reminder(self):
        port = free_port()
        web = "http://127.0.0.1:%d" % port
        with Instance(daemons=["evaluation", "notifications"], simulated="2027-01-27T08:00", durable=False, mail=True,
                      settings=settings(port, SOURCE + "/workers/web/static")) as it:
            it.padriver("import", "--yes", SOURCE + "/deploy/sample")
            it.start("web")
            it.padriver("plan", "schedule", "N1-S1", "--at", "2027-01-27T10:00", "--until", "2027-01-27T13:00")
            it.padriver("clock", "jump", "2027-01-27T13:00")
            it.padriver("plan", "held", "N1-S1")
            it.padriver("wait", "--idle", "--timeout", "60")
            links = {}
            for mail in it.mails():
                body = mail.get_payload(decode=True) if not mail.is_multipart() else mail.get_payload(0).get_payload(decode=True)
                for url in re.findall(r"https?://\S+/e/\S+", body.decode()):
                    links[mail["X-RcptTo"]] = urllib.parse.urlsplit(url).path
            self.assertGreater(len(links), 10)
            people = sorted(links)
            answered = links[people[3]]
            eventually(lambda: subprocess.run(["curl", "-sf", web + "/"], stdout=subprocess.DEVNULL).returncode == 0)
            subprocess.run(["curl", "-sf", "-d", "mode=anonymous&q1=4", web + answered], check=True)
            self.ask_again(it, port, people[5])
            os.makedirs(PICTURES, exist_ok=True)
            with open(it.state + "/link.key", encoding="ascii") as file:
                key = bytes.fromhex(file.read().strip())
            mac = hmac.new(key, b"newsletter/70", hashlib.sha512).digest()[:16]
            newsletters = "/u/70." + base64.urlsafe_b64encode(mac).decode().rstrip("=")
            job = {"web": web, "out": PICTURES, "pages": PAGES + [newsletters], "forms": [links[name] for name in people[:3]], "answered": answered}
            done = subprocess.run(["node", SOURCE + "/tests/browser/look.js"], input=json.dumps(job), capture_output=True,
                                  text=True, cwd=SOURCE + "/build/node", timeout=300, check=False)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
            it.padriver("clock", "advance", "2027-02-01T12:00")
            sent = it.psql("SELECT count(*) FILTER (WHERE person IN (SELECT person FROM evaluation.invitation WHERE spent)), "
                           "count(*) FROM notice.letter WHERE rule = 'evaluation_reminder' AND state = 'sent'")
            self.assertEqual([int(value) for value in sent[0]], [0, len(links) - 4])


if __name__ == "__main__":
    unittest.main()
