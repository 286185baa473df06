"""The survey in the web face: the municipality's form and its thanks; and who has answered (R76), for those who work in the
centre alone."""
import base64
import hashlib
import hmac
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_web_staff  # noqa: E402
from browser import Browser, look  # noqa: E402
from instance import eventually  # noqa: E402
from test_web_staff import CONTACT, COOKIE, LEADER  # noqa: E402

LINK = re.compile(r"https?://\S+(/e/\d+\.[\w-]+)")
ENDS = {"nb": ["1 betyr «i svært liten grad»", "1 – i svært liten grad", "5 – i svært stor grad"],
        "nn": ["1 tyder «i svært liten grad»", "1 – i svært liten grad", "5 – i svært stor grad"],
        "en": ['1 means "to a very low degree"', "1 – to a very low degree", "5 – to a very high degree"]}
SAID = {
    "nb": ("Hver kommune svarer én gang", "viser vi resultatene for alle kommunene samlet", "leser lederen og støttefunksjonen"),
    "nn": ("Kvar kommune svarer éin gong", "viser vi resultata for alle kommunane samla", "les leiaren og støttefunksjonen"),
    "en": ("Each municipality answers once", "we show the results of all municipalities together", "is read by the leader and the support function"),
}


class Survey(test_web_staff.Centre):
    """The survey of 2027 is out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keep_few(2)
        with open(cls.it.state + "/link.key", encoding="ascii") as file:
            cls.key = bytes.fromhex(file.read().strip())
        cls.jump("2027-11-01T09:00")

    @classmethod
    def jump(cls, time):
        cls.it.padriver("clock", "jump", time)
        eventually(lambda: not re.search("not idle|went away", cls.it.padriver("wait", "--idle", "--timeout", "60", exit=None)), 400)

    def link(self, invitation):
        mac = hmac.new(self.key, b"evaluation/%d" % invitation, hashlib.sha512).digest()[:16]
        return "/e/%d.%s" % (invitation, base64.urlsafe_b64encode(mac).decode().rstrip("="))

    def unused(self, survey):
        """The links by which nobody has answered."""
        return [self.link(int(row[0])) for row in self.it.psql("SELECT id FROM evaluation.invitation WHERE evaluation = '%s' AND NOT spent "
                                                               "ORDER BY respondent" % survey)]

    def look(self, pages, browser=None):
        """Nothing is found on any of them, on a phone and on a desk, in three languages; the pictures are in build/browser."""
        cookie = {"cookie": {"name": COOKIE, "value": browser.cookies[COOKIE]}} if browser else {}
        self.assertEqual(look(self.port, pages, name="survey", **cookie), "")


class Open(Survey):
    def test_R76_a_municipality_answers_and_the_page_says_that_it_has(self):
        links = [LINK.search(self.text(mail)) for mail in self.it.mails()]
        link = [found[1] for found in links if found][0]
        respondent = Browser(self.port)
        form = respondent.get(link)
        self.assertEqual(form.status, 200)
        self.assertRegex(form.heading, r"^Lederundersøkelse: svar for \w+ kommune$")
        self.assertIn("Svaret blir knyttet til kommunen, ikke til deg.", form.text)
        for language, ends in ENDS.items():  # the questions ask "to what degree"
            text = respondent.get(link + "?lang=" + language).text
            for end in ends:
                self.assertIn(end, text)
            self.assertNotRegex(text, "avest|ågast|lowest")
        respondent.get(link + "?lang=nb")
        sent = respondent.post(link, {"mode": "municipality", "q1": "4", "q7": "5"})
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/thanks/survey"))
        again = respondent.get(link)
        self.assertEqual((again.status, again.heading), (410, "Vi har svaret fra kommunen"))
        self.assertIn("Hver kommune svarer én gang", again.text)
        self.idle()
        self.assertEqual(Browser(self.port).get("/survey/LU-2027").headers["Location"], "/sign-in?to=/survey/LU-2027")
        self.assertEqual(self.sign_in(CONTACT).get("/survey/LU-2027").status, 403)
        leader = self.sign_in(LEADER)
        page = leader.get("/survey/LU-2027")
        parties = int(self.it.psql("SELECT count(*) FROM register.parties_on('2027-11-01')")[0][0])
        answered = self.it.value("SELECT count(*) FROM evaluation.invitation WHERE evaluation = 'LU-2027' AND spent")
        self.assertEqual((page.text.count("har svart"), page.text.count("har ikke svart")), (int(answered), parties - int(answered)))
        self.assertIn("/survey/LU-2027", leader.get("/staff/open").source)
        self.assertEqual((page.links.count("/staff/open"), page.links.count("/staff")), (1, 2))  # the way back, and the footer's
        self.it.psql("UPDATE evaluation.evaluation SET (state, invited, answered) = ('closed', 1, 1) WHERE id = 'LU-2027'")
        self.addCleanup(self.it.psql, "UPDATE evaluation.evaluation SET (state, invited, answered) = ('open', NULL, NULL) WHERE id = 'LU-2027'")
        self.assertIn("Lederundersøkelse Avsluttet", leader.get("/").text)
        closed = leader.get("/survey/LU-2027").links
        self.assertEqual(("/results" in closed, "/staff/open" in closed, closed.count("/staff")), (True, False, 2))
        self.assertEqual(leader.get("/survey/LU-2028").status, 404)

    def test_the_thanks_say_what_holds_for_a_municipality_in_the_language_of_its_form(self):
        for language, link in zip(SAID, self.unused("LU-2027")):
            respondent = Browser(self.port)
            sent = respondent.post(link + "?lang=" + language, {"mode": "municipality", "q1": "4"})
            self.assertEqual((sent.status, sent.headers["Location"]), (303, "/thanks/survey?lang=" + language))
            thanks = respondent.get(sent.headers["Location"])
            self.assertEqual((thanks.status, thanks.lang), (200, language))
            for words in SAID[language]:
                self.assertIn(words, thanks.text)
            self.assertNotRegex(thanks.text, "(?i)samling(en|ene|ar|er) bedre|sessions|samlingane")
        self.assertNotIn("ommune svarer", Browser(self.port).get("/thanks").text)

    def test_every_page_is_looked_at_in_a_browser(self):
        self.look([self.unused("LU-2027")[-1], "/thanks/survey"])
        self.look(["/survey/LU-2027"], self.sign_in(LEADER))


if __name__ == "__main__":
    unittest.main(verbosity=1)
