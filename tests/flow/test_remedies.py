"""What was set aside is dealt with from the staff's pages: letters sent again and settled, parked events retried and given up,
by the leader and the support function alone; what cannot be undone is asked once more; the log says who did it. Codes are
shown in words."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import test_web_staff  # noqa: E402
from instance import eventually  # noqa: E402
from test_web_staff import DRAMMEN, LEADER, SEATS, SUPPORT  # noqa: E402

LETTER = """INSERT INTO notice.letter (rule, subject, person, occurrence, state, due_at, message_id, reply_code, reply_status)
    SELECT 'needs', '%s', id, '0', '%s', '2027-01-04', 'm-%s@buskerud.example', %s FROM register.person WHERE code = 'p001' RETURNING id"""


class Remedies(test_web_staff.Centre):
    def letter(self, subject, state):
        """The path of a letter that is so."""
        code = "550, '5.1.1'" if state == "refused" else "NULL, NULL"
        return "/staff/letters/notice/" + self.it.psql(LETTER % (subject, state, subject, code))[0][0]

    def parked(self, key, times=1):
        """The path of a parked event of a session that does not exist."""
        for _ in range(times):
            self.it.padriver("publish", "session_held", "meeting=" + key)
        self.idle()
        return "/staff/parked/evaluation/" + self.it.psql("SELECT min(position) FROM log.parked WHERE key = '%s'" % key)[0][0]

    def chosen(self, path):
        """(remedy, actor) of each decision about the thing."""
        thing = "/".join(path.split("/")[-2:])
        return [(event["data"]["remedy"], event["actor"])
                for event in self.it.padriver("log", "--key", thing, "--type", "remedy_chosen", json=True)]

    def actor(self, code):
        return "person/" + self.it.psql("SELECT id FROM register.person WHERE code = '%s'" % code)[0][0]

    def choose(self, browser, path):
        """Asks for the page that asks once more, and presses its button."""
        page = browser.get(path)
        self.assertEqual(page.status, 200)
        self.assertIn("Det kan ikke tas tilbake.", page.text)
        return browser.post(path, page.fields)

    def test_a_refused_letter_is_sent_again_once(self):
        browser, path = self.sign_in(SUPPORT), self.letter("2026-W01", "refused")
        row = browser.get("/staff/letters")
        self.assertIn(path, row.links)
        for words in ("Mandagsbrevet", "Torstein Soknedalmo", "avvist av mottakerens e-postserver"):
            self.assertIn(words, row.text)
        page = browser.get(path)
        self.assertEqual([link for link in page.links if link.startswith(path + "/")], [path + "/resend"])
        self.assertIn("550 5.1.1", page.text)
        before = len(self.it.mails())
        for looked in (path, path + "/resend"):
            browser.get(looked)
        self.assertEqual(self.chosen(path), [])
        sent = self.choose(browser, path + "/resend")
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/staff/letters?done=resend"))
        self.idle()
        self.assertEqual([mail["X-RcptTo"] for mail in self.it.mails()[before:]], [self.addresses[LEADER]])
        page = browser.get(sent.headers["Location"])
        self.assertIn("Brevet sendes på nytt.", page.text)
        self.assertNotIn(path, page.links)
        self.assertEqual(browser.post(path + "/resend", browser.get("/staff").fields).headers["Location"], "/staff/letters")
        self.assertEqual((browser.get(path).status, self.chosen(path)), (404, [("resend", self.actor(SUPPORT))]))
        self.assertIn("by " + self.actor(SUPPORT), self.it.padriver("trace", "/".join(path.split("/")[-2:])))

    def test_an_uncertain_letter_is_settled(self):
        browser = self.sign_in(LEADER)
        arrived, lost = self.letter("2026-W02", "uncertain"), self.letter("2026-W03", "uncertain")
        self.assertIn("m-2026-W02@buskerud.example", browser.get(arrived).text)
        before = len(self.it.mails())
        self.assertEqual(self.choose(browser, arrived + "/sent").headers["Location"], "/staff/letters?done=sent")
        self.idle()
        self.assertEqual(len(self.it.mails()), before)
        self.assertEqual(self.choose(browser, lost + "/lost").headers["Location"], "/staff/letters?done=lost")
        self.idle()
        self.assertEqual(len(self.it.mails()), before + 1)
        self.assertEqual(self.it.psql("SELECT state FROM notice.letter WHERE subject IN ('2026-W02', '2026-W03')"), [["sent"], ["sent"]])
        self.assertEqual((self.chosen(arrived), self.chosen(lost)),
                         ([("sent", self.actor(LEADER))], [("lost", self.actor(LEADER))]))

    def test_a_parked_event_is_retried_and_given_up(self):
        browser, path = self.sign_in(SUPPORT), self.parked("N8-S1", times=2)
        page = browser.get("/staff/parked")
        for words in ("En samling er holdt", "session_held", "Evaluering", "Det finnes ingen slik samling i et nettverk.",
                      "there is no session N8-S1 of a network"):
            self.assertIn(words, page.text)
        attempts = "SELECT max(attempts) FROM log.parked WHERE key = 'N8-S1'"
        self.assertEqual(self.it.value(attempts), 1)
        sent = browser.post(path + "/retry", browser.get(path).fields)
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/staff/parked?done=retry"))
        self.assertIn("Hendelsen prøves på nytt.", browser.get(sent.headers["Location"]).text)
        eventually(lambda: self.it.value(attempts) == 2)
        self.idle()
        sent = self.choose(browser, path + "/drop")
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/staff/parked?done=drop"))
        self.idle()
        self.assertEqual(self.it.value("SELECT count(*) FROM log.parked WHERE key = 'N8-S1'"), 1)  # the one behind it, tried
        self.assertEqual(self.chosen(path), [("retry", self.actor(SUPPORT)), ("drop", self.actor(SUPPORT))])
        self.assertEqual(browser.post(path + "/drop", browser.get("/staff").fields).headers["Location"], "/staff/parked")

    def test_nobody_else_may_and_the_store_holds_that(self):
        letter, event = self.letter("2026-W04", "uncertain"), self.parked("N8-S2")
        for code in (DRAMMEN, SEATS[0]):
            browser = self.sign_in(code)
            key = {"key": browser.get("/staff").fields["key"]}
            for path in (letter + "/resend", letter + "/sent", event + "/retry", event + "/drop"):
                self.assertEqual((browser.get(path).status, browser.post(path, key).status), (403, 403), path)
        browser = self.sign_in(DRAMMEN)  # sees the lists, without a way on
        for path in ("/staff/letters", "/staff/parked"):
            page = browser.get(path)
            self.assertEqual((page.status, [link for link in page.links if link.startswith(path + "/")]), (200, []))
        browser = self.sign_in(SUPPORT)
        for path in (letter + "/resend", event + "/drop"):
            self.assertEqual(browser.post(path, {}).status, 403)  # without the form's key
            self.assertEqual(browser.post(path, browser.get(path).fields, headers={"Sec-Fetch-Site": "cross-site"}).status, 403)
        fields = browser.get("/staff").fields
        for path in (letter + "/retry", letter + "/x", event + "/sent", "/staff/letters/notice/x", "/staff/letters/budget/1",
                     "/staff/parked/evaluation/999999", "/staff/parked/evaluation", "/staff/letters/notice/99999999999999999999/sent"):
            self.assertEqual(browser.get(path).status, 404, path)
            self.assertEqual(browser.post(path, fields).status, 303, path)
        person, number, position = self.actor(DRAMMEN)[7:], letter.split("/")[-1], event.split("/")[-1]
        for call in ("web.resend(%s, 'notice', %s, '2030-01-01')" % (person, number),
                     "web.settle(%s, 'notice', %s, 'sent', '2030-01-01')" % (person, number),
                     "web.retry(%s, 'evaluation', %s, '2030-01-01')" % (person, position),
                     "web.give_up(%s, 'evaluation', %s, '2030-01-01')" % (person, position)):
            with self.assertRaisesRegex(Exception, "is not of the centre's office"):
                self.it.psql("SELECT " + call, "padriver_web")
        for call in ("notice.resend(%s, '2030-01-01')" % number, "log.drop('evaluation', %s)" % position):
            with self.assertRaisesRegex(Exception, "permission denied"):
                self.it.psql("SELECT " + call, "padriver_web")
        self.assertEqual((self.chosen(letter), self.chosen(event)), ([], []))

    def test_the_command_says_who_did_it_too(self):
        letter, event = self.letter("2026-W05", "uncertain"), self.parked("N8-S3")
        self.it.padriver("mail", "settle", "/".join(letter.split("/")[-2:]), "sent")
        self.it.padriver("parked", "drop", *event.split("/")[-2:])
        (settled, one), = self.chosen(letter)
        (dropped, other), = self.chosen(event)
        self.assertEqual((settled, dropped, one), ("sent", "drop", other))
        self.assertTrue(one)

    def test_every_page_is_looked_at_in_a_browser(self):
        browser, letter, event = self.sign_in(LEADER), self.letter("2026-W06", "uncertain"), self.parked("N8-S4")
        pages = ["/staff/contacts?done=confirmed", "/staff/letters", "/staff/parked?done=retry", letter, letter + "/resend", event,
                 event + "/drop"]
        self.look_at(browser, pages)


if __name__ == "__main__":
    unittest.main()
