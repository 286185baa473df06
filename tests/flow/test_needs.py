"""What needs a person: the letter of Monday morning to the leader and the support function, with the start page's lines and
numbers, each a link to its list; and the municipalities' contacts, which are confirmed from time to time (R110)."""
import datetime
import os
import re
import sys
import tempfile
import unittest
import urllib.parse
from email.header import decode_header, make_header

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import test_web_staff  # noqa: E402
from answers import Answers  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402
from test_web_staff import DRAMMEN, KONGSBERG, LEADER, SUPPORT  # noqa: E402

RULE = "SELECT p.code, to_char(l.due_at AT TIME ZONE 'Europe/Oslo', 'YYYY-MM-DD HH24:MI') FROM notice.letter l " \
       "JOIN register.person p ON p.id = l.person WHERE l.rule = 'needs' AND l.state = 'sent' ORDER BY l.due_at, p.code"


def subject_of(mail):
    return str(make_header(decode_header(mail["Subject"])))


def lines_of(text):
    """(words, path) of each line of a Monday letter."""
    return [(words, urllib.parse.urlsplit(link).path) for words, link in re.findall(r"^(.+: \d+)\n(https://\S+)$", text, re.M)]


class Monday(test_web_staff.Centre):
    def now(self):
        return datetime.datetime.fromisoformat(self.it.padriver("clock", "show", json=True)[0]["now_at"].replace("Z", "+00:00"))

    def monday(self, weeks=1):
        """The day of the first Monday whose eight o'clock is to come, or of a later one."""
        day = self.now().date()
        return str(day + datetime.timedelta(days=7 * weeks - day.weekday()))

    def jump(self, when):
        self.it.padriver("clock", "jump", when)
        self.idle()

    def letters(self, code):
        """The Monday letters that a person got, in order."""
        return [mail for mail in self.it.mails() if mail["X-RcptTo"] == self.addresses[code]
                and re.match("Dette vent|Ingenting vent|What waits|Nothing waits", subject_of(mail))]

    def lines(self, mail):
        """(words, path) of each line of a letter."""
        return lines_of(self.text(mail))

    def test_the_letter_says_what_the_start_page_says_and_each_line_opens_its_list(self):
        self.it.psql("UPDATE register.person SET language = 'nn' WHERE code = '%s'" % SUPPORT)
        self.it.psql("INSERT INTO notice.letter (rule, subject, person, occurrence, state, due_at) VALUES "
                     "('reminder', 'N3-S1', 1, '1', 'refused', '2027-01-04'), ('reminder', 'N3-S2', 1, '1', 'uncertain', '2027-01-04')")
        self.it.padriver("plan", "schedule", "N2-S1", "--at", self.after("1 hour"), "--until", self.after("2 hours"))
        self.pass_time("2 hours")
        monday = self.monday()
        self.jump(monday + "T07:59")
        before = {code: len(self.letters(code)) for code in self.addresses}
        self.jump(monday + "T08:00")
        self.assertEqual({code for code in self.addresses if len(self.letters(code)) > before[code]}, {LEADER, SUPPORT})
        letter, nynorsk = self.letters(LEADER)[-1], self.letters(SUPPORT)[-1]
        self.assertRegex(subject_of(letter), "^Dette venter mandag ")
        self.assertRegex(subject_of(nynorsk), "^Dette ventar måndag ")
        for code, mail, language in ((LEADER, letter, "nb"), (SUPPORT, nynorsk, "nn")):
            browser = self.sign_in(code)
            browser.language = language
            page = browser.get("/staff")
            lines = self.lines(mail)
            self.assertEqual({path.split("/")[-1] for _, path in lines}, {"unmarked", "letters", "contacts"})
            self.assertEqual([path for _, path in lines], self.needed(page))
            for words, path in lines:
                self.assertIn(words, page.text)
                opened = browser.get(path)
                self.assertEqual((opened.status, opened.heading), (200, words))
        row, = [row for row in self.it.padriver("mail", "list", "--rule", "needs", json=True)
                if row["to"] == self.addresses[LEADER] and row["message_id"] in letter["Message-ID"]]
        shown = self.it.padriver("mail", "show", row["id"])
        for words, path in self.lines(letter):
            self.assertIn(words, shown)
            self.assertIn(path, shown)
        self.it.psql("DELETE FROM notice.letter WHERE rule = 'reminder'")

    def test_it_is_traced_to_its_timer_and_no_further(self):
        self.jump(self.monday() + "T08:00")
        newest = self.it.padriver("mail", "list", "--rule", "needs", json=True)[-1]
        nodes = self.it.padriver("trace", newest["subject"], json=True)
        self.assertEqual([(node["node"], node["type"] or node["rule"]) for node in nodes],
                         [("event", "reminder_due"), ("letter", "needs"), ("letter", "needs")])
        self.assertEqual({node["id"] for node in nodes if node["node"] == "letter"}, {
            row["id"] for row in self.it.padriver("mail", "list", "--subject", newest["subject"], json=True)})

    def test_each_monday_has_its_letter_and_a_week_that_was_slept_through_has_none(self):
        self.jump(self.monday() + "T08:00")
        got = len(self.letters(LEADER))
        self.jump(self.monday() + "T08:00")
        self.assertEqual(len(self.letters(LEADER)), got + 1)
        self.pass_time("6 days")
        self.assertEqual(len(self.letters(LEADER)), got + 1)
        self.jump(self.monday(weeks=3) + "T11:00")  # past three Mondays
        self.assertEqual(len(self.letters(LEADER)), got + 2)
        self.jump(self.monday() + "T07:59")
        self.assertEqual(len(self.letters(LEADER)), got + 2)
        self.jump(self.monday(weeks=0) + "T08:00")
        self.assertEqual(len(self.letters(LEADER)), got + 3)

    def test_a_letter_that_its_mail_server_kept_waiting_a_week_is_dropped_for_the_next(self):
        self.jump(self.monday() + "T08:00")
        got = len(self.letters(LEADER))
        self.it.kill("mail")
        try:
            for written in (2, 4):
                self.it.padriver("clock", "jump", self.monday() + "T08:00")
                eventually(lambda: self.it.value("SELECT count(*) FROM notice.letter WHERE rule = 'needs' "
                                                 "AND state IN ('due', 'claimed', 'dropped')") >= written)
        finally:
            self.it.start_mail()
        self.pass_time("6 hours")
        self.assertEqual(len(self.letters(LEADER)), got + 1)
        self.assertIn(["its time has passed"], self.it.psql("SELECT DISTINCT reason FROM notice.letter "
                                                            "WHERE rule = 'needs' AND state = 'dropped'"))

    def test_when_nothing_waits_the_letter_says_just_that(self):
        self.it.psql("UPDATE register.contact SET confirmed_on = '2030-01-01'")
        self.addCleanup(self.it.psql, "UPDATE register.contact SET confirmed_on = '2025-11-03' WHERE municipality <> 'lier'")
        self.it.psql("DELETE FROM notice.letter WHERE state = 'uncertain' OR state = 'refused'")
        for meeting, in self.it.psql("SELECT id FROM plan.meeting WHERE state = 'scheduled'"):
            self.it.padriver("plan", "cancel", meeting)
        self.jump(self.monday() + "T08:00")
        letter = self.letters(LEADER)[-1]
        self.assertRegex(subject_of(letter), "^Ingenting venter mandag ")
        self.assertEqual(self.lines(letter), [])
        self.assertIn("Ingenting venter. Alt går av seg selv.", self.text(letter))

    def test_a_timer_that_is_gone_is_set_at_the_next_start_and_one_that_is_there_is_left_alone(self):
        def timers():
            return [row for row in self.it.padriver("timers", "list", json=True) if row["name"] == "needs"]
        timer, = timers()
        self.assertEqual(timer["due_at"][:10], self.monday())
        late = self.after("3 days")
        self.it.padriver("timers", "move", str(timer["id"]), late)
        self.it.stop("notifications")
        self.it.start("notifications")
        self.it.padriver("plan", "schedule", "N5-S1", "--at", self.after("1 hour"), "--until", self.after("2 hours"))
        eventually(lambda: self.it.value("SELECT count(*) FROM log.timer WHERE name = 'held/N5-S1'"))  # it is up
        self.assertEqual(timers()[0]["due_at"], late)
        self.it.padriver("timers", "drop", str(timer["id"]))
        self.it.stop("notifications")
        self.it.start("notifications")
        eventually(timers)
        self.assertEqual(timers()[0]["due_at"][:10], self.monday())
        self.it.padriver("plan", "cancel", "N5-S1")
        self.idle()

    def test_R110_contacts_not_confirmed_for_a_year_are_listed_and_R40_confirmed_by_who_writes_there(self):
        today = str(self.now().date())
        confirmed = "UPDATE register.contact SET confirmed_on = %s WHERE municipality %s"
        self.it.psql(confirmed % ("'%s'" % today, "<> 'lier'"))
        self.it.psql(confirmed % ("('%s'::date - interval '12 months')::date" % today, "IN ('lier', 'hole', 'flesberg')"))
        listed = "SELECT municipality FROM register.unconfirmed_on('%s'%s, 12)"
        self.assertEqual(self.it.psql(listed % (today, "")), [])
        self.assertEqual(self.it.psql(listed % (today, "::date + 1")), [["flesberg"], ["hole"], ["lier"]])
        self.it.psql("UPDATE register.contact SET confirmed_on = NULL WHERE municipality = 'lier' AND person = "
                     "(SELECT max(person) FROM register.contact WHERE municipality = 'lier')")
        self.it.psql(confirmed % ("'%s'::date - 400" % today, "= 'flesberg'"))
        self.assertEqual(self.it.psql(listed % (today, "")), [["lier"], ["flesberg"]])
        browser, other = self.sign_in(DRAMMEN), self.sign_in(KONGSBERG)
        page = browser.get("/staff/contacts")
        self.assertEqual(page.heading, "Kommuner der kontaktlisten bør bekreftes: 1")  # Flesberg is of another area
        self.assertIn("Lier", page.text)
        self.assertIn("aldri, eller ikke for alle", page.text)
        self.assertNotIn("Flesberg", page.text)
        self.assertEqual(page.fields["municipality"], "lier")
        self.assertEqual(other.get("/staff/contacts").fields["municipality"], "flesberg")
        office = self.sign_in(SUPPORT).get("/staff/contacts")  # sees all, and confirms none
        self.assertEqual(office.heading, "Kommuner der kontaktlisten bør bekreftes: 2")
        self.assertIn("Kongsberg", office.text)
        self.assertNotIn("municipality", office.fields)
        fields = page.fields
        for wrong in ({**fields, "municipality": "flesberg"}, {**fields, "key": "x"}, {}):
            self.assertEqual(browser.post("/staff/contacts", wrong).status, 403, wrong)
        person = self.it.value("SELECT id FROM register.person WHERE code = '%s'" % DRAMMEN)
        with self.assertRaisesRegex(Exception, "an area that person %d does not write in" % person):
            self.it.psql("SELECT register.confirm_contacts(%d, 'flesberg', '%s')" % (person, today), "padriver_web")
        self.assertEqual(len(self.it.psql(listed % (today, ""))), 2)
        joined = self.it.value("INSERT INTO register.contact (municipality, person, role, valid_from) SELECT municipality, %d, role, valid_from "
                               "FROM register.contact WHERE municipality = 'lier' LIMIT 1 RETURNING person" % person)
        self.addCleanup(self.it.psql, "DELETE FROM register.contact WHERE municipality = 'lier' AND person = %d" % joined)
        stale = browser.get(browser.post("/staff/contacts", fields).headers["Location"])  # whom the page did not show
        self.assertIn("Listen er endret etter at du åpnet siden, så ingenting er bekreftet", stale.text)
        self.assertEqual(len(self.it.psql(listed % (today, ""))), 2)
        fields = stale.fields
        sent = browser.post("/staff/contacts", fields)
        self.assertEqual(sent.status, 303)
        self.assertIn("Kontaktlisten er bekreftet i dag", browser.get(sent.headers["Location"]).text)
        sent = browser.post("/staff/contacts", fields)  # pressed twice
        self.assertIn("Kontaktlisten er bekreftet i dag", browser.get(sent.headers["Location"]).text)
        self.assertEqual(self.it.psql(listed % (today, "")), [["flesberg"]])
        self.assertEqual(self.it.psql("SELECT DISTINCT confirmed_on, confirmed_by FROM register.confirmed_contact WHERE municipality = 'lier'"),
                         [[today, str(person)]])
        day, name = self.it.psql("SELECT to_char('%s'::date, 'DD.MM.YYYY'), name FROM register.person WHERE id = %d" % (today, person))[0]
        self.assertIn("USHT-kontakt %s av %s" % (day, name), browser.get("/staff/municipality/3312").text)
        with tempfile.TemporaryDirectory() as folder, open(SOURCE + "/deploy/sample/contact.csv", encoding="utf-8") as sample:
            with open(folder + "/contact.csv", "w", encoding="utf-8") as file:  # which knows nothing of it
                file.writelines(line for line in sample if re.match("#|municipality|lier", line))
            self.it.padriver("import", "--yes", folder + "/contact.csv")
        self.assertEqual(self.it.psql(listed % (today, "")), [["flesberg"]])
        late = "SELECT u.municipality, u.confirmed_by FROM register.unconfirmed_on('%s'::date + 400, 12) u WHERE u.municipality = 'lier'"
        self.assertEqual(self.it.psql(late % today), [["lier", name]])
        self.it.psql("UPDATE register.contact SET valid_to = '%s'::date - 1 WHERE municipality = 'hole'" % today)
        self.addCleanup(self.it.psql, "UPDATE register.contact SET valid_to = NULL WHERE municipality = 'hole'")
        page = self.sign_in(LEADER).get("/staff/contacts")
        self.assertIn("Hole Ringerike og Midt-Buskerud ingen er oppnevnt", page.text)
        self.assertEqual(page.fields["municipality"], "flesberg")  # the leader's; of nobody there is nothing to confirm

    def test_a_municipality_that_is_made_up_or_has_no_contact_is_refused_by_name(self):
        browser = self.sign_in(LEADER)
        key = {"key": browser.get("/staff").fields["key"]}
        for made_up in ("x", "", "lier ", "x" * 5000, "Lier", "\t"):
            sent = browser.post("/staff/contacts", {**key, "municipality": made_up})
            self.assertEqual(sent.status, 404, made_up)
            self.assertIn("Det finnes ingen slik kommune", sent.text)
        self.assertEqual(browser.post("/staff/contacts", key).status, 404)
        gone = "UPDATE register.contact SET valid_to = %s WHERE municipality = 'krodsherad'"
        self.it.psql(gone % ("'%s'::date - 1" % self.now().date()))
        self.addCleanup(self.it.psql, gone % "NULL")
        sent = browser.post("/staff/contacts", {**key, "municipality": "krodsherad"})
        self.assertEqual((sent.status, "Krødsherad har ingen kontakter å bekrefte" in sent.text), (422, True))


class Everything(test_web_staff.Centre):
    """Of each thing that may need a person there is some, on a Monday at eight."""
    MONDAY = "2027-02-01T08:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keep_few()
        it, settle = cls.it, lambda: cls.it.padriver("wait", "--idle", "--timeout", "60")
        it.psql("UPDATE register.person SET language = CASE code WHEN '%s' THEN 'en' ELSE 'nn' END WHERE code IN ('%s', '%s')"
                % (LEADER, LEADER, SUPPORT))
        for meeting in ("N1-S1", "N2-S1", "N3-S1"):
            it.padriver("plan", "schedule", meeting, "--at", "2027-01-28T10:00", "--until", "2027-01-28T11:00")
        it.padriver("clock", "jump", "2027-01-29T09:00")
        it.padriver("plan", "held", "N1-S1")
        settle()
        it.psql("UPDATE plan.meeting SET state = 'held' WHERE id = 'N2-S1'")  # without its event, so without an evaluation
        it.padriver("report", "compile", "2027")
        it.padriver("report", "finding", "2027", "For lite tid til øving")
        it.padriver("report", "change", "1", "methods", "En time øving", "--owner", "leder", "--due", "2027-01-30")
        Answers(it.psql).hold("N4-S2", 9, "2027-01-20")
        it.psql("INSERT INTO evaluation.answer (tally, question, version, goal, words) VALUES ('N4-S2', 'overall', 1, 'N4', 'Mer øving')")
        it.psql("INSERT INTO notice.letter (rule, subject, person, occurrence, state, due_at) VALUES "
                "('reminder', 'N3-S1', 1, '1', 'refused', '2027-01-04')")
        it.padriver("publish", "session_held", "meeting=N9-S9")
        it.padriver("publish", "grant_received", "grant=tilskudd-9", "amount_ore=100")
        settle()
        it.padriver("clock", "jump", cls.MONDAY)
        settle()

    def letter(self, code):
        """The lines of Monday's letter: (words, path)."""
        mail, = [mail for mail in self.it.mails() if mail["X-RcptTo"] == self.addresses[code]
                 and re.match("Dette ventar måndag 1|What waits, Monday 1", subject_of(mail))]
        return lines_of(self.text(mail))

    def test_every_line_of_the_start_page_stands_in_the_letter_with_its_number_and_no_other(self):
        with open(SOURCE + "/workers/web/staff.c", encoding="utf-8") as file:
            lists = re.findall(r'^        \{ "(\w+)", \w+ \},$', file.read(), re.M)
        self.assertEqual(len(lists), 9)
        for code, language in ((LEADER, "en"), (SUPPORT, "nn")):
            browser = self.sign_in(code)
            page = browser.get("/staff?lang=" + language)
            found = re.search(r'<ul id="needs">(.*?)</ul>', page.source, re.S)[1]
            shown = [(words, path) for path, words in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>([^<]+)</a>', found)]
            self.assertEqual([path for _, path in shown], ["/staff/" + name for name in lists])
            self.assertEqual(self.letter(code), shown)
            for words, path in shown:
                self.assertEqual(browser.get(path).heading, words)


class Clocks(unittest.TestCase):
    def test_it_is_eight_in_Oslo_whatever_the_clocks_do(self):
        for start, end, mondays in (("2027-03-20T12:00", "2027-04-06T12:00", ["2027-03-22", "2027-03-29", "2027-04-05"]),
                                    ("2027-10-23T12:00", "2027-11-09T12:00", ["2027-10-25", "2027-11-01", "2027-11-08"])):
            with Instance(daemons=["notifications"], simulated=start, durable=False, mail=True) as it:
                it.padriver("import", "--yes", SOURCE + "/deploy/sample")
                it.padriver("clock", "advance", end)
                it.padriver("wait", "--idle", "--timeout", "60")
                self.assertEqual(it.psql(RULE), [[code, day + " 08:00"] for day in mondays for code in (LEADER, SUPPORT)])


if __name__ == "__main__":
    unittest.main()
