"""The survey in the web face: the municipality's form, and who has answered (R76), for those who work in the centre alone."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_web_staff  # noqa: E402
from browser import Browser  # noqa: E402

LINK = re.compile(r"https?://\S+(/e/\d+\.[\w-]+)")


class Page(test_web_staff.Staff):
    def test_R76_a_municipality_answers_and_the_page_says_that_it_has(self):
        self.it.padriver("clock", "jump", "2027-11-01T09:00")
        self.idle()
        links = [LINK.search(self.text(mail)) for mail in self.it.mails()]
        link = [found[1] for found in links if found][0]
        respondent = Browser(self.port)
        form = respondent.get(link)
        self.assertEqual(form.status, 200)
        self.assertIn("Svaret blir knyttet til kommunen, ikke til deg.", form.text)
        sent = respondent.post(link, {"mode": "municipality", "q1": "4", "q7": "5"})
        self.assertIn(sent.status, (200, 303), sent.text)
        self.idle()
        self.assertEqual(Browser(self.port).get("/survey/LU-2027").headers["Location"], "/sign-in")
        self.assertEqual(self.sign_in(test_web_staff.CONTACT).get("/survey/LU-2027").status, 403)
        leader = self.sign_in(test_web_staff.LEADER)
        page = leader.get("/survey/LU-2027")
        parties = int(self.it.psql("SELECT count(*) FROM register.parties_on('2027-11-01')")[0][0])
        self.assertEqual((page.text.count("har svart"), page.text.count("har ikke svart")), (1, parties - 1))
        self.assertIn("/survey/LU-2027", leader.get("/staff/open").source)
        self.assertEqual(leader.get("/survey/LU-2028").status, 404)


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=[sys.argv[0], "Page.test_R76_a_municipality_answers_and_the_page_says_that_it_has"])
