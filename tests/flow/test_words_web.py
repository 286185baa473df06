"""What participants wrote, in the web face: staff read it, release it to the results' pages, take it back, delete it for good;
another area's coordinator, a forged form and one of another site do not; with real daemons all the way."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_web_staff  # noqa: E402
from browser import Browser  # noqa: E402
from test_web_staff import CONTACT, DRAMMEN, KONGSBERG, LEADER, SEATS, SUPPORT  # noqa: E402

SAID = ["Mer tid til øving", "Linje 1\nlinje 2 <b>&", "Lokalet var kaldt"]


class Words(test_web_staff.Centre):
    """N1-S1 (run from Drammen) and N2-S1 (from Kongsberg) are evaluated by five each, of whom three write something."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keep_few()
        it = cls("test_the_whole_way_from_the_form_to_the_results_and_back")
        for session in ("N1-S1", "N2-S1"):
            it.evaluate(session)
        it.it.padriver("clock", "jump", it.after("11 days"))
        it.idle()

    def evaluate(self, session):
        self.it.padriver("plan", "schedule", session, "--at", self.after("1 hour"), "--until", self.after("2 hours"))
        self.pass_time("2 hours")
        self.it.padriver("plan", "held", session)
        self.idle()
        rows = self.it.psql("SELECT id FROM evaluation.invitation WHERE evaluation = '%s' ORDER BY person LIMIT 5" % session)
        for number, (invitation,) in enumerate(rows):
            words = {"q12": session + ": " + SAID[number]} if number < len(SAID) else {}
            sent = Browser(self.port).post("/e/" + self.made_link("evaluation", invitation), {"mode": "anonymous", "q1": "4", **words})
            self.assertEqual(sent.status, 303, sent.text)
        self.idle()

    def lines(self, tally):
        """Words → id, of what is in the store."""
        rows = self.it.psql("SELECT words, key FROM evaluation.answer WHERE tally = '%s' AND words IS NOT NULL" % tally)
        return {words: id for words, id in rows}

    def line(self, tally, number):
        return self.lines(tally)["%s: %s" % (tally, SAID[number])]

    def released(self, tally):
        return {row[0] for row in self.it.psql("SELECT words FROM evaluation.report_words WHERE scope = 'session' AND subject = '%s'"
                                               % tally, "padriver_web")}

    def act(self, browser, tally, what, id, at="", **more):
        """Sends a button's form."""
        path = "/staff/words/" + tally
        key = browser.get("/staff").fields["key"]
        return browser.post(path + at, {"what": what, "id": id, "key": key}, **more)

    def test_the_whole_way_from_the_form_to_the_results_and_back(self):
        browser = self.sign_in(SUPPORT)
        self.assertIn("/staff/words", browser.get("/staff").links)
        every = browser.get("/staff/words")
        self.assertEqual((every.status, every.heading), (200, "Evalueringer med fritekst som ikke er sluppet fri: 2"))
        self.assertLessEqual({"/staff/words/N1-S1", "/staff/words/N2-S1"}, set(every.links))
        page = browser.get("/staff/words/N1-S1")
        day = self.it.psql("SELECT to_char(due AT TIME ZONE 'Europe/Oslo', 'FMDD.') || ' ' || to_char(due AT TIME ZONE 'Europe/Oslo', 'YYYY') "
                           "FROM log.timer WHERE name = 'expiry N1-S1'")[0][0].split()
        self.assertRegex(page.text, r"All tekst blir slettet \w+ %s \w+ %s" % tuple(day))
        self.assertIn("Der kan alle lese den, også uten å logge inn.", page.text)
        for words in SAID:
            self.assertIn(" ".join(("N1-S1: " + words).split()), page.text)
        self.assertNotIn("N2-S1:", page.text)
        first, second = self.line("N1-S1", 0), self.line("N1-S1", 1)
        anybody = Browser(self.port)
        self.assertNotIn(SAID[0], anybody.get("/results/session/N1-S1").text)
        sent = self.act(browser, "N1-S1", "release", first)
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/staff/words/N1-S1"))
        self.assertEqual(self.act(browser, "N1-S1", "release", second).status, 303)
        results = anybody.get("/results/session/N1-S1").text
        self.assertEqual([" ".join(words.split()) in results for words in SAID], [True, True, False])
        self.assertRegex(browser.get("/staff/words/N1-S1").text, r"Sluppet fri av Emre Tveitehagen \d\d\.\d\d\.2027\.")
        self.assertEqual(self.act(browser, "N1-S1", "withdraw", second).status, 303)
        self.assertNotIn("linje 2", anybody.get("/results/session/N1-S1").text)
        who = "person/" + self.it.psql("SELECT id FROM register.person WHERE code = '%s'" % SUPPORT)[0][0]
        self.assertEqual(self.it.psql("SELECT answer, withdrawn_by FROM evaluation.withdrawal WHERE answer = '%s' ORDER BY id" % second)[-1],
                         [second, who])
        self.act(browser, "N1-S1", "withdraw", first)

    def test_what_is_deleted_is_asked_about_first_and_gone_from_the_store(self):
        browser = self.sign_in(KONGSBERG)
        id = self.line("N2-S1", 2)
        self.act(browser, "N2-S1", "release", id)
        self.assertEqual(self.released("N2-S1"), {"N2-S1: Lokalet var kaldt"})
        self.assertIn("/staff/words/N2-S1/" + id, browser.get("/staff/words/N2-S1").links)
        self.act(browser, "N2-S1", "remove", id)  # not from the page that asks: nothing happens
        self.act(browser, "N2-S1", "remove", id, at="/" + self.line("N2-S1", 1))
        self.assertIn(id, self.lines("N2-S1").values())
        asks = browser.get("/staff/words/N2-S1/" + id)
        self.assertEqual((asks.status, asks.heading), (200, "Vil du slette teksten?"))
        self.assertIn("Det kan ikke angres", asks.text)
        self.assertIn("N2-S1: Lokalet var kaldt", asks.text)
        sent = browser.post("/staff/words/N2-S1/" + id, asks.fields)
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/staff/words/N2-S1"))
        self.assertEqual(browser.get("/staff/words/N2-S1/" + id).status, 404)
        self.assertEqual(browser.post("/staff/words/N2-S1/" + id, asks.fields).status, 303)  # again: the page says how it stands
        for page in (browser.get("/staff/words/N2-S1"), Browser(self.port).get("/results/session/N2-S1")):
            self.assertEqual((page.status, "Lokalet" in page.text), (200, False))
        dump = subprocess.run([self.it.cluster.bin + "/pg_dump", "-d", self.it.cluster.conninfo],
                              capture_output=True, text=True, check=True).stdout
        self.assertEqual(("N2-S1: Lokalet" in dump, "N2-S1: Linje" in dump), (False, True))
        who = "person/" + self.it.psql("SELECT id FROM register.person WHERE code = '%s'" % KONGSBERG)[0][0]
        self.assertEqual(self.it.psql("SELECT tally, removed_by FROM evaluation.removal WHERE answer = '%s'" % id), [["N2-S1", who]])

    def test_R40_a_coordinator_reads_and_decides_in_the_own_area_alone(self):
        browser = self.sign_in(DRAMMEN)
        links = browser.get("/staff/words").links
        self.assertEqual(("/staff/words/N1-S1" in links, "/staff/words/N2-S1" in links), (True, False))
        self.assertEqual(browser.get("/staff/words").heading[-1], "1")
        id = self.line("N2-S1", 0)
        page = browser.get("/staff/words/N2-S1")
        self.assertEqual((page.status, SAID[0] in page.text), (403, False))
        self.assertEqual(browser.get("/staff/words/N2-S1/" + id).status, 403)
        for what, at in (("release", ""), ("withdraw", ""), ("remove", "/" + id)):
            self.assertEqual(self.act(browser, "N2-S1", what, id, at).status, 403)
            self.assertEqual(self.act(browser, "N1-S1", what, id, at).status, 303)  # as if it stood on the own page
        self.assertEqual(self.released("N2-S1"), set())
        self.assertIn(id, self.lines("N2-S1").values())
        mine = self.it.psql("SELECT id FROM register.person WHERE code = '%s'" % DRAMMEN)[0][0]
        for function in ("release", "withdraw", "remove"):
            with self.assertRaisesRegex(Exception, "person %s does not decide on words of N2-S1" % mine):
                self.it.psql("SELECT evaluation.%s_words_as(%s, '{%s}', '2027-02-01')" % (function, mine, id), "padriver_web")
            with self.assertRaisesRegex(Exception, "permission denied"):
                self.it.psql("SELECT evaluation.%s_words('{%s}', 'x', '2027-02-01')" % (function, id), "padriver_web")
        self.assertEqual(self.it.psql("SELECT count(*) FROM evaluation.words_of(%s, 'N2-S1', '2027-02-01')" % mine, "padriver_web"), [["0"]])
        for table in ("answer", "written"):
            with self.assertRaisesRegex(Exception, "permission denied"):
                self.it.psql("SELECT words FROM evaluation." + table, "padriver_web")
        self.assertEqual(self.act(browser, "N1-S1", "release", self.line("N1-S1", 2)).status, 303)
        self.assertEqual(self.released("N1-S1"), {"N1-S1: " + SAID[2]})
        self.act(browser, "N1-S1", "withdraw", self.line("N1-S1", 2))

    def test_others_forged_forms_and_other_sites_are_refused(self):
        id = self.line("N1-S1", 0)
        path = "/staff/words/N1-S1"
        for code in (SEATS[0], CONTACT):
            browser = self.sign_in(code)
            for refused in (browser.get("/staff/words"), browser.get(path), self.act(browser, "N1-S1", "release", id)):
                self.assertEqual((refused.status, SAID[0] in refused.text), (403, False))
        nobody = Browser(self.port)
        for there in ("/staff/words", path, path + "/" + id):
            self.assertEqual(nobody.get(there).headers["Location"], "/sign-in?to=" + there)
        self.assertEqual(nobody.post(path, {"what": "release", "id": id}).status, 403)
        browser = self.sign_in(LEADER)
        fields = {"what": "release", "id": id, "key": browser.get(path).fields["key"]}
        for wrong in ({"key": ""}, {"key": "A" * len(fields["key"])}):
            self.assertEqual(browser.post(path, {**fields, **wrong}).status, 403, wrong)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            self.assertEqual(browser.post(path, fields, headers=headers).status, 403, headers)
            self.assertEqual(browser.post(path + "/" + id, {**fields, "what": "remove"}, headers=headers).status, 403, headers)
        for wrong in ({"id": "none"}, {"id": ""}, {"id": "' OR true --"}, {"what": "publish"}, {"what": ""}):
            self.assertEqual(browser.post(path, {**fields, **wrong}).status, 303, wrong)
        self.assertEqual(self.released("N1-S1"), set())
        for unknown in ("/staff/words/N9-S9", "/staff/words/", path + "/", path + "/none", path + "/" + id + "/x"):
            self.assertEqual(browser.get(unknown).status, 404, unknown)
        self.it.padriver("plan", "schedule", "N3-S1", "--at", self.after("1 hour"), "--until", self.after("2 hours"))
        self.assertIn("Det er ingen fritekst å lese", browser.get("/staff/words/N3-S1").text)

    def test_every_page_is_looked_at_in_a_browser(self):
        browser = self.sign_in(LEADER)
        id = self.line("N1-S1", 1)
        self.act(browser, "N1-S1", "release", id)
        self.addCleanup(self.act, browser, "N1-S1", "withdraw", id)
        self.look_at(browser, ["/staff", "/staff/words", "/staff/words/N1-S1", "/staff/words/N1-S1/" + id])


if __name__ == "__main__":
    unittest.main(verbosity=1)
