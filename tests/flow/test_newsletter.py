"""Newsletters, from the file to the mail server: audiences, confirmation, what a kill leaves, unsubscribing."""
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from instance import SOURCE, Instance, eventually  # noqa: E402
from smtpd import CUT, MailServer  # noqa: E402

START = "2027-03-01T09:00:00Z"
TEXT = """newsletter: {name}
{audience}
title-nb: Nytt fra nettverket
title-nn: Nytt frå nettverket
--- nb
## Samling

Vi møtes **18. mars**. Se [planen](https://usht.example/plan).
--- nn
## Samling

Vi møtest **18. mars**. Sjå [planen](https://usht.example/plan).
"""
SUBJECTS = {"nb": "Nytt fra nettverket", "nn": "Nytt frå nettverket", "en": "Nytt fra nettverket"}


class Newsletter(unittest.TestCase):
    """An instance with the sample centre and a mail server that is told what to answer."""

    @classmethod
    def setUpClass(cls):
        cls.server = MailServer()
        cls.it = Instance(daemons=["newsletter"], simulated=START, durable=False, port=cls.server.port)
        cls.it.padriver("import", SOURCE + "/deploy/sample", "--yes")
        cls.number = 0

    @classmethod
    def tearDownClass(cls):
        cls.it.close()
        cls.server.__exit__()

    def setUp(self):
        type(self).number += 1
        self.name = "2027-%d" % self.number
        self.server.letters.clear()
        self.server.answers.clear()

    def add(self, audience, exit=0, text=None):
        with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:
            file.write(text or TEXT.format(name=self.name, audience=audience))
            file.flush()
            return self.it.padriver("newsletter", "add", file.name, exit=exit)

    def preview(self, *words):
        return self.it.padriver("newsletter", "preview", self.name, *words, json=True)[0]

    def release(self, exit=0):
        count = self.preview()["recipients"]
        self.it.padriver("newsletter", "release", self.name, "--yes", str(count), exit=exit)
        return count

    def idle(self):
        self.it.padriver("wait", "--idle", "--timeout", "60")

    def letters(self):
        """What the store says of this issue's letters, by recipient."""
        return {row["to"]: row for row in self.it.padriver("mail", "list", "--subject", self.name, json=True)}

    def state(self):
        return [row for row in self.it.padriver("newsletter", "list", json=True) if row["newsletter"] == self.name][0]

    def people(self, sql):
        return {row[0] for row in self.it.psql("SELECT p.email FROM register.person p " + sql)}

    def members(self, network):
        return self.people("JOIN register.membership m ON m.person = p.id WHERE m.network = '%s' AND p.email IS NOT NULL"
                           " AND m.valid_from <= '2027-03-01' AND (m.valid_to >= '2027-03-01') IS NOT FALSE" % network)

    def arrived(self):
        return sorted(letter.to for letter in self.server.letters)

    def test_each_member_gets_one_in_his_or_her_language(self):
        """R102"""
        self.add("network: N1")
        count = self.release()
        self.idle()
        self.assertEqual(self.arrived(), sorted(self.members("N1")))
        self.assertEqual(len(self.server.letters), count)
        languages = dict(self.it.psql("SELECT email, language FROM register.person WHERE email IS NOT NULL"))
        for to, message, raw in self.server.letters:
            self.assertEqual(message["Subject"], SUBJECTS[languages[to]])
            self.assertEqual(message.get_content_type(), "multipart/alternative")
            plain = message.get_body(("plain",)).get_content()
            self.assertIn("Samling\n-------", plain.replace("\r\n", "\n"))
            self.assertIn("planen <https://usht.example/plan>", plain)
            html = message.get_body(("html",)).get_content()
            self.assertIn("<h2>Samling</h2>", html)
            self.assertIn('<a href="https://usht.example/plan">planen</a>', html)
            self.assertNotIn("<img", html)
            self.assertRegex(message["List-Unsubscribe"], r"^<https://\S+/u/\d+\.[\w-]{22}>$")
            self.assertEqual(message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
            self.assertRegex(plain, re.escape(message["List-Unsubscribe"][1:-1]) + r"\?lang=(nb|nn|en)\b")
        self.assertEqual(len({letter.message["Message-ID"] for letter in self.server.letters}), count)
        state = self.state()
        self.assertEqual((state["recipients"], state["sent"], state["waiting"], state["days_since"]), (count, count, 0, 0))

    def test_an_english_reader_of_an_issue_without_english_gets_bokmal_that_says_so(self):
        self.add("network: N1")
        reader = min(self.members("N1"))
        self.it.psql("UPDATE register.person SET language = 'en' WHERE email = '%s'" % reader)
        self.release()
        self.idle()
        languages = dict(self.it.psql("SELECT email, language FROM register.person WHERE email IS NOT NULL"))
        self.assertEqual(languages[reader], "en")
        for to, message, raw in self.server.letters:
            self.assertEqual(message["Content-Language"], {"nb": "nb", "nn": "nn", "en": "nb"}[languages[to]])
        letter = [letter.message for letter in self.server.letters if letter.to == reader][0]
        self.assertIn("Vi møtes 18. mars.", letter.get_body(("plain",)).get_content())
        self.assertIn('lang="nb"', letter.get_body(("html",)).get_content())

    def test_an_english_reader_of_an_issue_with_english_gets_english(self):
        english = TEXT.format(name=self.name, audience="network: N1").replace("--- nb", "title-en: News\n--- nb", 1)
        self.add("", text=english + "--- en\n## Session\n\nWe meet on 18 March.\n")
        reader = min(self.members("N1"))
        self.it.psql("UPDATE register.person SET language = 'en' WHERE email = '%s'" % reader)
        self.release()
        self.idle()
        letter = [letter.message for letter in self.server.letters if letter.to == reader][0]
        self.assertEqual((letter["Subject"], letter["Content-Language"]), ("News", "en"))

    def test_replies_go_to_the_coordinator_of_the_one_network_or_area(self):
        coordinator = dict(self.it.psql(
            "SELECT n.id, a.email FROM register.network n JOIN register.addressee a ON a.person = register.holder_of(n.convener, '2027-03-01')"
            " UNION SELECT p.area, a.email FROM register.position p"
            " JOIN register.addressee a ON a.person = register.holder_of(p.id, '2027-03-01') WHERE p.area IS NOT NULL"))
        for n, (audience, whose) in enumerate((
                ("network: N1", "N1"), ("area: hallingdal", "hallingdal"), ("network: N1\narea: drammen", "N1"),
                ("network: N1, N2", None), ("area: drammen, hallingdal\nrole: contact", None), ("role: contact\nlanguage: nn", None))):
            with self.subTest(audience):
                self.name = "reply-%d" % n
                self.add(audience)
                code = self.it.psql("SELECT code FROM register.person WHERE email IS NOT NULL ORDER BY id LIMIT 1")[0][0]
                self.server.letters.clear()
                self.it.padriver("newsletter", "test", self.name, "--to", code)
                self.idle()
                self.assertEqual([letter.message["Reply-To"] for letter in self.server.letters], [coordinator.get(whose)])
                self.assertIs(whose is None, coordinator.get(whose) is None)

    def test_areas_roles_and_languages_narrow(self):
        self.add("area: hallingdal\nrole: contact, responsible\nlanguage: nn")
        expected = self.people(
            "JOIN register.contact c ON c.person = p.id JOIN register.party a USING (municipality)"
            " WHERE a.area = 'hallingdal' AND p.language = 'nn' AND c.valid_to IS NULL AND p.email IS NOT NULL"
            " AND (a.valid_to >= '2027-03-01') IS NOT FALSE".replace("USING (municipality)", "ON a.municipality = c.municipality"))
        self.assertTrue(expected)
        self.assertEqual(self.release(), len(expected))
        self.idle()
        self.assertEqual(self.arrived(), sorted(expected))

    def test_an_empty_audience_is_nobody(self):
        self.add("")
        self.assertEqual(self.preview()["recipients"], 0)
        self.assertIn("nobody", self.it.padriver("newsletter", "release", self.name, "--yes", "1", exit=1))
        self.assertIn("nobody", self.it.padriver("newsletter", "release", self.name, "--yes", "0", exit=1))
        self.add("network: N1\nlanguage: en\nrole: contact")
        self.release(exit=1)
        self.idle()
        self.assertEqual(self.arrived(), [])

    def test_the_number_of_recipients_is_confirmed(self):
        self.add("network: N1")
        count = self.preview()["recipients"]
        self.assertIn("--yes %d" % count, self.it.padriver("newsletter", "release", self.name, exit=1))
        self.it.padriver("newsletter", "release", self.name, "--yes", str(count - 1), exit=1)
        self.idle()
        self.assertEqual(self.arrived(), [])
        self.release()
        self.assertIn("released before", self.it.padriver("newsletter", "release", self.name, "--yes", str(count), exit=1))
        self.assertIn("is released", self.add("network: N2", exit=65))
        self.idle()
        self.assertEqual(len(self.arrived()), count)

    def test_a_preview_sends_nothing_and_shows_no_secret(self):
        self.add("network: N1")
        before = self.it.psql("SELECT count(*), max(position) FROM log.event")
        shown = self.preview("--language", "nn")
        self.assertEqual(shown["title"], "Nytt frå nettverket")
        self.assertIn("Vi møtest 18. mars.", shown["text"])
        self.assertIn("/u/0.…", shown["text"])
        self.assertIn("<h2>Samling</h2>", self.preview("--html")["html"])
        self.idle()
        self.assertEqual(self.it.psql("SELECT count(*), max(position) FROM log.event"), before)
        self.assertEqual(self.letters(), {})
        self.assertEqual(self.arrived(), [])

    def test_the_event_alone_sends_nothing(self):
        self.add("network: N1")
        self.it.padriver("publish", "newsletter_released", "newsletter=" + self.name)
        self.idle()
        self.assertEqual(self.letters(), {})
        parked = [row for row in self.it.padriver("parked", "list", json=True) if row["group"] == "newsletter"]
        self.assertIn("is not released", parked[0]["reason"])
        self.it.padriver("parked", "drop", "newsletter", str(parked[0]["position"]))

    def test_a_test_letter_goes_to_one_person(self):
        self.add("network: N1")
        code, address = self.it.psql("SELECT code, email FROM register.person WHERE language = 'nb' AND email IS NOT NULL"
                                     " ORDER BY id LIMIT 1")[0]
        for _ in range(2):
            self.it.padriver("newsletter", "test", self.name, "--to", code)
        self.idle()
        self.assertEqual(self.arrived(), [address, address])
        self.assertEqual(self.server.letters[0].message["Subject"], "Prøve: Nytt fra nettverket")
        self.it.padriver("newsletter", "test", self.name, "--to", "nobody", exit=1)

    def test_a_slip_of_the_pen_is_refused(self):
        self.assertIn("no network N77, area hallingdalen", self.add("network: N1, N77\narea: hallingdalen", exit=65))
        self.assertIn("picture", self.add("", 65, TEXT.format(name="x", audience="").replace("[planen]", "![planen]")))
        self.assertIn("in nn", self.add("", 65, TEXT.format(name="x", audience="").split("--- nn")[0].replace("title-nn: Nytt frå nettverket\n", "")))
        self.it.padriver("newsletter", "preview", "nothing", exit=1)

    def test_who_unsubscribed_gets_no_more_and_is_invited_still(self):
        self.add("network: N2")
        count = self.release()
        self.idle()
        link = self.server.letters[0].message["List-Unsubscribe"][1:-1]
        gone = self.server.letters[0].to
        self.it.padriver("newsletter", "unsubscribe", link[:-1] + ("A" if link[-1] != "A" else "B"), exit=65)
        for _ in range(2):
            self.it.padriver("newsletter", "unsubscribe", link)
        person = re.search(r"/u/(\d+)\.", link)[1]
        self.assertEqual(self.it.psql("SELECT channel FROM register.suppression WHERE person = " + person), [["newsletter"]])
        self.assertEqual(self.it.psql("SELECT register.may_write(%s, 'letters')" % person), [["t"]])
        self.name += "-b"
        self.add("network: N2")
        self.assertEqual(self.preview()["suppressed"], 1)
        self.server.letters.clear()
        self.assertEqual(self.release(), count - 1)
        self.idle()
        self.assertNotIn(gone, self.arrived())

    def test_unsubscribing_after_the_release_counts(self):
        """Promise 5: the condition is asked in the transaction that claims."""
        self.add("network: N3")
        self.it.kill("newsletter")
        count = self.release()
        person = self.it.psql("SELECT min(person) FROM newsletter.recipient WHERE issue = '%s'" % self.name)[0][0]
        self.it.psql("SELECT register.suppress(%s, 'newsletter', 'test', '2027-03-01')" % person)
        self.it.start("newsletter")
        self.idle()
        self.assertEqual(len(self.arrived()), count - 1)
        self.assertEqual(self.state()["left_out"], 1)
        self.assertEqual([row["state"] for row in self.letters().values() if str(row["person"]) == person], ["suppressed"])

    def check_complete(self, count, uncertain=0):
        """Nobody twice, nobody skipped in silence: each recipient has a letter, and a state that is true."""
        letters, arrived = self.letters(), self.arrived()
        self.assertEqual(len(arrived), len(set(arrived)), "somebody got it twice")
        self.assertEqual(len(letters), count)
        states = [row["state"] for row in letters.values()]
        self.assertEqual(states.count("uncertain"), uncertain)
        self.assertEqual(states.count("sent"), count - uncertain)
        self.assertLessEqual({to for to, row in letters.items() if row["state"] == "sent"}, set(arrived))

    def test_killed_at_each_failpoint_it_resumes(self):
        """Promise 4: repeats nobody, skips nobody; what was on the wire is uncertain."""
        places = [("after-cursor", 0), ("after-effects", 0), ("before-commit", 0), ("after-commit", 0), ("after-claim", 0),
                  ("after-dot:3", 1), ("before-book", 0)]
        for place, uncertain in places:
            with self.subTest(place=place):
                self.setUp()
                self.add("network: N1")
                self.it.stop("newsletter")
                self.it.start("newsletter", failpoint=place + "=kill")
                count = self.release()
                self.assertEqual(self.it.died("newsletter"), -9)
                self.it.start("newsletter")
                self.idle()
                self.check_complete(count, uncertain)

    def test_killed_again_and_again_it_comes_through(self):
        self.add("role: leader, resource, contact, responsible")
        count = self.release()
        for _ in range(8):
            seen = len(self.server.letters)
            eventually(lambda: len(self.server.letters) > seen + 3 or len(self.server.letters) >= count)
            self.it.kill("newsletter")
            self.it.start("newsletter")
        self.idle()
        letters, arrived = self.letters(), self.arrived()
        self.assertEqual(len(arrived), len(set(arrived)), "somebody got it twice")
        self.assertEqual(len(letters), count)
        self.assertEqual({row["state"] for row in letters.values()} - {"sent", "uncertain"}, set())
        self.assertLessEqual(sum(row["state"] == "uncertain" for row in letters.values()), 8)

    def test_a_silent_server_leaves_one_letter_uncertain(self):
        self.add("network: N1")
        victim = sorted(self.members("N1"))[2]
        self.server.answer("data", victim, CUT, times=1)
        count = self.release()
        self.idle()
        self.check_complete(count, 1)
        letter = self.letters()[victim]
        self.assertEqual(letter["state"], "uncertain")
        self.assertIn("/resend", self.resend(letter["id"]))
        self.idle()
        self.assertEqual(self.arrived().count(victim), 2)  # a person asked for it

    def resend(self, letter):
        made = self.it.padriver("mail", "resend", letter).strip()
        return [row for row in self.it.padriver("mail", "list", json=True) if row["id"] == made][0]["occurrence"]

    def test_refused_and_put_off_letters_stop_nobody(self):
        members = sorted(self.members("N4"))
        self.server.answer("rcpt", members[0], "550 5.1.1 no such user")
        self.server.answer("data", members[1], "451 4.3.0 later", times=1)
        self.add("network: N4")
        count = self.release()
        eventually(lambda: self.state()["sent"] == count - 2, 10, lambda: (self.state(), [r for r in self.letters().values() if r["state"] != "sent"]))
        self.it.padriver("clock", "advance", "--to-next")
        self.idle()
        letters = self.letters()
        self.assertEqual(letters[members[0]]["state"], "refused")
        self.assertEqual(letters[members[1]]["state"], "sent")
        self.assertEqual(self.state()["refused"], 1)


if __name__ == "__main__":
    unittest.main()
