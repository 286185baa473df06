"""The whole way in a real browser: a session is held, the mail arrives, its link opens the form, the answer is sent, thanked
for and counted, its sender is not reminded, and the results are what was sent. Every page, and what a page replies to what is
sent wrong, is looked at by axe-core and html-validate, on a phone and on a desk, in three languages (tests/browser/look.js); the
pictures are in build/browser, and the QR code is read from them."""
import base64
import collections
import hashlib
import hmac
import os
import re
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import PICTURES, look, settings  # noqa: E402
from browser import Browser as Reader  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402

SCALES = ["q%d" % number for number in range(1, 12)]
# What look.js sends: all by keyboard, one without script, one half.
BROWSED = [dict.fromkeys(SCALES, 3), {"q1": 4}, {"q3": 2}]
# What five others send, one of them without an opinion of q4: so four rate it.
OTHERS = [{"q1": 4}] + [{q: (person + place) % 5 + 1 if (person, q) != (2, "q4") else 0 for place, q in enumerate(SCALES)}
                        for person in range(4)]
TOO_LONG = "Mer øving. " * 200
NUMBER = "Hun er født 010190 12345"


def reply(name, path, sent, status, **more):
    """A page that is the reply to what a form sends."""
    return {"name": "-" + name, "path": path, "send": sent, "status": status, **more}


class Browser(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.it = Instance(daemons=["evaluation", "notifications"], simulated="2027-01-27T08:00", durable=False, mail=True,
                          settings=settings(cls.port, SOURCE + "/workers/web/static"))
        cls.addClassCleanup(cls.it.close)
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        cls.it.start("web")
        cls.it.padriver("plan", "schedule", "N1-S1", "--at", "2027-01-27T10:00", "--until", "2027-01-27T13:00")
        cls.it.padriver("clock", "jump", "2027-01-27T13:00")
        cls.it.padriver("plan", "held", "N1-S1")
        cls.it.padriver("wait", "--idle", "--timeout", "60")

    def mailed_links(self):
        """Address → the form's path in its letter."""
        links = {}
        for mail in self.it.mails():
            body = mail.get_payload(decode=True) if not mail.is_multipart() else mail.get_payload(0).get_payload(decode=True)
            for url in re.findall(r"https?://\S+/e/\S+", body.decode()):
                links[mail["X-RcptTo"]] = urllib.parse.urlsplit(url).path
        return links

    def newsletter_link(self):
        with open(self.it.state + "/link.key", encoding="ascii") as file:
            key = bytes.fromhex(file.read().strip())
        mac = hmac.new(key, b"newsletter/70", hashlib.sha512).digest()[:16]
        return "/u/70." + base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def ask_again(self, person):
        """By the QR code: the invited address gets the link once more, another gets nothing, and both are told the same."""
        before = len(self.it.mails())
        pages = [Reader(self.port).post("/q/N1-S1", {"address": address}) for address in (person.upper(), "noen@annet.example", person)]
        self.assertEqual({page.status for page in pages}, {200})
        self.assertEqual(len({page.source for page in pages}), 1)
        eventually(lambda: len(self.it.mails()) == before + 1)
        self.assertEqual(self.it.mails()[-1]["X-RcptTo"], person)
        self.assertEqual(Reader(self.port).post("/q/N1-S1", {"address": "ikke en adresse"}).status, 422)
        self.assertEqual(Reader(self.port).get("/q/N9-S9").status, 404)

    def send(self, path, answer):
        sent = Reader(self.port).post(path, {"mode": "anonymous", **answer})
        self.assertEqual(sent.status, 303, sent.text)

    def look_at_all(self, forms, spent, unused):
        """Before anybody but one has answered: every page, and what each form says to what is sent wrong."""
        newsletter = self.newsletter_link()
        wrong = {"q1": "9", "q2": "x", "q12": NUMBER, "q13": TOO_LONG}
        wait = {"address": "travel@annet.example"}
        pages = ["/", "/results", "/q/N1-S1", "/show/N1-S1", "/?year=2030", "/accessibility", "/sign-in", "/thanks", newsletter,
                 {"path": "/x", "status": 404}, {"path": "/e/1.x", "name": "-forged", "status": 404}, forms[0],
                 {"path": spent, "name": "-answered", "status": 410},
                 reply("form-wrong", unused, wrong, 422), reply("form-empty", unused, {}, 422, once=True),
                 reply("form-changed", unused, {"mode": "named", "q1": "4"}, 409, once=True),
                 reply("q-wrong", "/q/N1-S1", {"address": "ikke en adresse"}, 422, once=True),
                 reply("q-sent", "/q/N1-S1", {"address": "ny@annet.example"}, 200),
                 reply("q-wait", "/q/N1-S1", wait, 429, before=3),
                 reply("sign-in-wrong", "/sign-in", {"address": "ikke en adresse"}, 422, once=True),
                 reply("sign-in-sent", "/sign-in", {"address": "ny@annet.example"}, 200),
                 reply("sign-in-wait", "/sign-in", wait, 429, before=3, once=True),
                 reply("newsletter-wrong", newsletter, {"List-Unsubscribe": "x"}, 422, once=True)]
        self.assertEqual(look(self.port, pages, forms=forms, show="/show/N1-S1"), "")

    def the_code_leads_to_the_page(self):
        for size in ("phone", "desk"):
            read = subprocess.run(["zbarimg", "--quiet", "--raw", "%s/-show-N1-S1-nb-%s.png" % (PICTURES, size)],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(read.stdout, "https://usht.buskerud.example/q/N1-S1\n", size)

    def nobody_who_answered_is_reminded(self, invited):
        self.it.padriver("clock", "advance", "2027-02-01T12:00")
        sent = self.it.psql("SELECT count(*) FILTER (WHERE person IN (SELECT person FROM evaluation.invitation WHERE spent)), "
                            "count(*) FROM notice.letter WHERE rule = 'evaluation_reminder' AND state = 'sent'")
        self.assertEqual([int(value) for value in sent[0]], [0, invited - len(BROWSED + OTHERS)])

    def the_results_are_what_was_sent(self, invited, asked):
        page = Reader(self.port).get("/results/session/N1-S1")
        self.assertIn("%d av %d" % (len(BROWSED + OTHERS), invited), page.text)
        table = page.source[page.source.index("<caption>Spørsmål</caption>"):]
        rows = re.findall(r'<tr><th scope="row">(.*?)</th>((?:<td>\d+</td>){7})', table[:table.index("</table>")])
        said = {question: [int(number) for number in re.findall(r"\d+", cells)] for question, cells in rows}
        counts = {question: collections.Counter(answer[q] for answer in BROWSED + OTHERS if q in answer) for q, question in asked.items()}
        expected = {question: [sum(of[rating] for rating in range(1, 6))] + [of[rating] for rating in (1, 2, 3, 4, 5, 0)]
                    for question, of in counts.items()}
        hidden = expected.pop(asked["q4"])
        self.assertEqual((hidden[0], said), (4, expected))
        self.assertNotIn("Mer tid i grupper", page.text)  # nobody has released it

    def test_from_the_mail_to_the_thanks_to_the_results(self):
        links = self.mailed_links()
        self.assertGreater(len(links), 14)
        people = sorted(links)
        paths = [links[name] for name in people]
        form = Reader(self.port).get(paths[0]).source
        asked = {q: re.search(r">%s\. (.*?)</legend>" % q[1:], form)[1] for q in SCALES}
        self.send(paths[3], OTHERS[0])
        self.ask_again(people[9])
        self.look_at_all(paths[:3], spent=paths[3], unused=paths[8])
        self.the_code_leads_to_the_page()
        for path, answer in zip(paths[4:], OTHERS[1:]):
            self.send(path, answer)
        self.nobody_who_answered_is_reminded(len(links))
        self.assertEqual(Reader(self.port).get("/results/session/N1-S1").status, 404)
        self.it.padriver("clock", "advance", "2027-02-11T12:00")
        self.the_results_are_what_was_sent(len(links), asked)
        self.assertEqual(look(self.port, ["/results", "/results/session/N1-S1"]), "")
        self.it.cluster.stop()
        self.assertEqual(look(self.port, [{"path": "/", "name": "-failed", "status": 503}]), "")
        self.it.cluster.start()


if __name__ == "__main__":
    unittest.main()
