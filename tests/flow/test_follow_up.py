"""Some months after a session those who were asked about it are asked what they have taken into use: by a timer, with letters
and reminders, by the form in a browser, on the session's terms; counted, kept and shown apart from what was said after it."""
import os
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, look, settings  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402
from test_evaluation import Flow  # noqa: E402

ASKED = ["used", "used_goal/N1-a", "used_goal/N1-b", "used_goal/N1-c", "used_helped"]


class Centre(Flow):
    """With all that letters and pages need."""

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.it = Instance(daemons=["evaluation", "notifications"], simulated=cls.start, durable=False, mail=True,
                          settings=settings(cls.port, SOURCE + "/workers/web/static"))
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        for network, many in (("N1", 7), ("N2", 3), ("N3", 2), ("N4", 1), ("N5", 1), ("N6", 1)):  # of each written standard
            cls.it.psql("DELETE FROM register.membership m USING (SELECT m.person, row_number() OVER (PARTITION BY p.language ORDER BY "
                        "p.id) AS n FROM register.membership m JOIN register.person p ON p.id = m.person WHERE m.network = '%s') x "
                        "WHERE m.network = '%s' AND m.person = x.person AND x.n > %d" % (network, network, many))
        with open(cls.it.state + "/link.key", encoding="ascii") as file:
            cls.key = bytes.fromhex(file.read().strip())
        cls.it.start("web")
        cls.browser = Browser(cls.port)
        eventually(cls.opens)

    @classmethod
    def opens(cls):
        try:
            return cls.browser.get("/").status == 200
        except OSError:
            return False

    def advance(self, time):
        """Each thing happens at its own time."""
        self.it.padriver("clock", "advance", time, "--timeout", "110")

    def timers(self):
        return {row["data"]["evaluation"]: row for row in self.it.padriver("timers", "list", "--owner", "evaluation", json=True)
                if row["event"] == "follow_up_due"}

    def kinds(self):
        return {row["evaluation"]: (row["kind"], row["follows"]) for row in self.it.padriver("evaluation", "list", json=True)}

    def persons(self, evaluation):
        return {row[0] for row in self.about(evaluation, "person FROM evaluation.invitation")}

    def letters(self, evaluation, rule):
        """{person: text} of what was sent."""
        sent = {"<%s>" % row[1]: row[0] for row in self.query(
            "SELECT person, message_id FROM notice.letter WHERE subject = '%s' AND rule = '%s' AND state = 'sent'" % (evaluation, rule))}
        found = {sent[mail["Message-ID"].strip()]: mail for mail in self.it.mails() if mail["Message-ID"].strip() in sent}
        self.assertEqual(len(found), len(sent))
        return {person: (mail, next(part for part in mail.walk() if part.get_content_type() == "text/plain")
                         .get_payload(decode=True).decode()) for person, mail in found.items()}

    def send(self, text, **fields):
        """Fills in the form behind a letter's link; the form as it was shown."""
        path = urllib.parse.urlsplit(re.search(r"https?://\S+/e/\S+", text)[0]).path
        form = self.browser.get(path)
        self.assertEqual(form.status, 200)
        self.assertEqual(self.browser.post(path, {**form.fields, **fields}).status, 303)
        return form

    def answer_some(self, evaluation, values, **more):
        """A link each, the same value to all questions."""
        for link, value in zip(self.links(evaluation), values):
            path = urllib.parse.urlsplit(link).path
            form = self.browser.get(path)
            self.assertEqual(self.browser.post(path, {**form.fields, **{name: value for name in form.options}, **more}).status, 303)
        self.idle()

    def boxes(self):
        return dict(self.query("SELECT evaluation, count(*) FROM evaluation.box GROUP BY 1"))


class FollowUp(Centre):
    maxDiff = None

    def test_a_session_is_followed_up_by_itself(self):
        for session in ("N1-S1", "N2-S1", "N3-S1", "N4-S1", "N5-S1"):
            self.hold(session)
        self.it.padriver("evaluation", "mode", "N2-S1", "named")
        self.the_timer_is_seen_and_can_be_dropped()
        self.who_was_asked_says_what_the_session_was_worth()
        self.who_can_be_asked_again_is_asked()
        self.the_letter_says_what_it_is_about()
        self.only_who_is_missing_is_reminded()
        self.pages_show_it_beside_and_never_in_the_sessions_numbers()
        self.nothing_ties_the_second_answer_to_the_first()
        self.words_are_shown_once_released()
        self.the_year_is_reported()
        self.axe_finds_nothing()
        self.assertEqual(self.query("SELECT count(*) FROM log.parked"), [["0"]])

    def the_timer_is_seen_and_can_be_dropped(self):
        timers = self.timers()
        self.assertEqual({row["due_at"] for row in timers.values()}, {"2027-05-04T07:00:00Z"})  # nine o'clock in Oslo
        self.it.padriver("timers", "drop", str(timers["N5-S1"]["id"]))
        self.it.padriver("publish", "session_held", "meeting=N5-S1")  # again: nothing new
        self.idle()
        self.assertEqual(set(self.timers()), {"N1-S1", "N2-S1", "N3-S1", "N4-S1"})

    def who_was_asked_says_what_the_session_was_worth(self):
        self.answer_some("N1-S1", "345345")
        self.answer_some("N2-S1", "44444")
        self.answer_some("N3-S1", "555")
        self.advance("2027-01-20T12:00")
        self.first = self.results("N1-S1")
        self.assertEqual((self.first["answered"], self.first["hidden"]), (6, False))
        self.assertEqual(self.boxes(), {"N3-S1": "3"})

    def who_can_be_asked_again_is_asked(self):
        """Not who is out of the register or takes no letters; all the same who left the network since."""
        everybody = sorted(self.persons("N1-S1"), key=int)
        gone, silent, left = everybody[:3]
        self.query("UPDATE register.person SET email = NULL WHERE id = %s" % gone)
        self.query("SELECT register.suppress(%s, 'letters', 'test', '2027-02-01')" % silent)
        self.query("UPDATE register.membership SET valid_to = '2027-02-01' WHERE person = %s" % left)
        for person in self.persons("N4-S1"):
            self.query("SELECT register.suppress(%s, 'letters', 'test', '2027-02-01')" % person)
        self.advance("2027-05-04T08:59")
        self.assertEqual(set(self.kinds()), {"N1-S1", "N2-S1", "N3-S1", "N4-S1", "N5-S1"})
        self.advance("2027-05-04T09:00")
        self.assertEqual({id: kind for id, kind in self.kinds().items() if kind[0] == "follow-up"},
                         {"%s.bruk" % id: ("follow-up", id) for id in ("N1-S1", "N2-S1", "N3-S1")})  # of N4 nobody was left
        self.assertIn("N1-S1.bruk  follow-up", self.it.padriver("evaluation", "list"))
        unheard = {row[0] for row in self.query("SELECT person FROM register.suppression")}
        self.assertEqual(self.persons("N1-S1.bruk"), set(everybody) - {gone} - unheard)
        self.assertIn(left, self.persons("N1-S1.bruk") | unheard)
        asked = self.about("N1-S1.bruk", "question, goal FROM evaluation.asked", "true ORDER BY place")
        self.assertEqual(asked, [[q, q.split("/")[1] if "/" in q else "N1"] for q in ASKED])
        self.assertEqual(self.query("SELECT id, mode, threshold, closes_at - opened_at FROM evaluation.evaluation WHERE follows IS NOT NULL "
                                    "ORDER BY 1"), [["N1-S1.bruk", "anonymous", "5", "10 days"], ["N2-S1.bruk", "named", "5", "10 days"],
                                                    ["N3-S1.bruk", "anonymous", "5", "10 days"]])
        self.assertIn("follows up N1-S1 and is anonymous", self.it.padriver("evaluation", "mode", "N1-S1.bruk", "named", exit=1))
        self.it.padriver("publish", "follow_up_due", "evaluation=N1-S1")  # again: nothing new
        self.idle()
        self.assertEqual(self.query("SELECT count(*) FROM log.event WHERE type = 6 AND key = 'N1-S1.bruk'"), [["1"]])

    def the_letter_says_what_it_is_about(self):
        letters = self.letters("N1-S1.bruk", "evaluation")
        self.assertEqual(set(letters), self.persons("N1-S1.bruk"))
        said = {"nb": ("Oppfølging: Kom i gang med forbedring", "samlingen mandag 4. januar 2027", "kan ikke kobles til"),
                "nn": ("Oppfølging: ", "samlinga måndag 4. januar 2027", "kan ikkje koplast til"),
                "en": ("Follow-up: ", "Monday 4 January 2027", "cannot be linked to")}
        languages = set()
        for mail, text in letters.values():
            language = mail["Content-Language"]
            languages.add(language)
            subject, day, apart = said[language]
            self.assertIn(subject, str(mail["Subject"]) if mail["Subject"].isascii() and "=?" not in mail["Subject"] else self.heading(mail))
            self.assertIn(day, " ".join(text.split()))
            self.assertIn(apart, " ".join(text.split()))
            self.assertIsNone(re.search(r"[{}]", text))
        self.assertLessEqual({"nb", "nn"}, languages)
        self.assertNotIn("kobles til det du svarte", " ".join(next(iter(self.letters("N2-S1.bruk", "evaluation").values()))[1].split()))

    def heading(self, mail):
        from email.header import decode_header, make_header
        return str(make_header(decode_header(mail["Subject"])))

    def only_who_is_missing_is_reminded(self):
        letters = self.letters("N1-S1.bruk", "evaluation")
        self.first_ones = sorted(letters, key=int)[:7]
        for number, person in enumerate(self.first_ones):
            form = self.send(letters[person][1], q1=str(1 + number % 5), q2="0", q3=str(5 - number % 3), q5="Lederen min satte av tid")
        self.assertEqual(set(form.options), {"q1", "q2", "q3", "q4"})
        self.assertIn("ikke i det hele tatt", form.text)
        self.assertIn("Oppfølging: Kom i gang med forbedring", form.heading)
        self.idle()
        self.answer_some("N3-S1.bruk", "222")
        self.answer_some("N2-S1.bruk", "33333")
        self.query("UPDATE evaluation.evaluation SET closes_at = closes_at + interval '9 days' WHERE id = 'N2-S1.bruk'")  # for its form
        self.advance("2027-05-07T09:00")
        missing = self.persons("N1-S1.bruk") - set(self.first_ones)
        reminded = self.letters("N1-S1.bruk", "evaluation_reminder")
        self.assertEqual(set(reminded), missing)
        texts = [" ".join(text.split()) for _, text in reminded.values()]
        for text in texts:
            self.assertRegex(text, "hva du har tatt i bruk etter samlingen|kva du har teke i bruk etter samlinga|"
                                   "what you have taken into use since the session")
        self.advance("2027-05-14T12:00")
        self.assertEqual(self.query("SELECT person, count(*) FROM notice.letter WHERE subject = 'N1-S1.bruk' AND state = 'sent' "
                                    "GROUP BY 1 HAVING count(*) > 3"), [])

    def pages_show_it_beside_and_never_in_the_sessions_numbers(self):
        shown = self.results("N1-S1.bruk")
        self.assertEqual((shown["status"], shown["answered"], shown["hidden"]), ("closed", 7, False))
        used, = [item for item in shown["items"] if item["item"] == "q1"]
        self.assertEqual(used["counts"], {"1": 2, "2": 2, "3": 1, "4": 1, "5": 1, "dk": 0})
        self.assertEqual([item["n"] for item in shown["items"][1:]], [None, 7, None])  # of the second all knew nothing
        self.assertEqual(self.results("N1-S1"), self.first)
        for of in (("--session", "N1-S1"), ("--network", "N1"), ("--network", "N1", "--year", "2027"), ("--year", "2027")):
            asked = {row["question"].split("/")[0] for row in self.report(*of)["questions"]}
            later = {row["question"].split("/")[0] for row in self.report(*of, "--follow-up")["questions"]}
            self.assertEqual((asked & {"used", "used_goal"}, later), (set(), {"used", "used_goal"}))
        report = self.report("--network", "N1", "--follow-up")
        self.assertEqual([(row["session"], row["invited"], row["answered"]) for row in report["sessions"]],
                         [("N1-S1", len(self.persons("N1-S1.bruk")), 7)])
        self.assertEqual({row["goal"]: row["edition"] for row in report["goals"]}, {"N1": 1, "N1-b": 1})
        self.assertEqual({row["edition"] for row in self.report("--network", "N1")["goals"]}, {1})
        for path in ("session/N1-S1", "network/N1", "network/N1/2027"):
            page = self.browser.get("/results/" + path)
            self.assertIn("Tatt i bruk", page.text)
            self.assertIn("7 av %d har svart" % len(self.persons("N1-S1.bruk")), page.text)
            self.assertIn("/results/follow-up/" + path, page.links)
            later = self.browser.get("/results/follow-up/" + path)
            self.assertTrue(later.heading.startswith("Tatt i bruk: "), later.heading)
            self.assertNotIn("Alt i alt", later.text)
            csv = self.browser.request("GET", "/results/follow-up/%s.csv" % path)[2]
            self.assertIn("N1-S1;" if path.startswith("session") else ";used;", csv)
            self.assertNotIn(";used;", self.browser.request("GET", "/results/%s.csv" % path)[2])
        self.assertIn("/results/follow-up/session/N1-S1", self.browser.get("/results").links)
        self.assertIn("/results/session/N1-S1", self.browser.get("/").links)  # its answers months later are no results of their own
        self.assertNotIn("N1-S1.bruk", self.browser.get("/").source)
        for path in ("session/N3-S1", "session/N1-S2", "follow-up/session/N1-S1", "session/N1-S1.bruk", "", "network/N9"):
            self.assertEqual(self.browser.get("/results/follow-up/" + path).status, 404, path)
        self.assertEqual({row["session"]: row["standing"] for row in self.report("--year", "2027")["held"]},
                         {"N1-S1": "shown", "N2-S1": "shown", "N3-S1": "hidden", "N4-S1": "hidden", "N5-S1": "hidden"})
        self.assertEqual({row["session"]: row["standing"] for row in self.report("--year", "2027", "--follow-up")["held"]},
                         {"N1-S1": "shown", "N2-S1": "open", "N3-S1": "hidden", "N4-S1": "missing", "N5-S1": "missing"})
        self.assertEqual(self.boxes(), {"N3-S1": "3", "N3-S1.bruk": "3"})  # six together, of two kinds: unopened

    def report(self, *of):
        return self.it.padriver("evaluation", "report", *of, json=True)[0]

    def nothing_ties_the_second_answer_to_the_first(self):
        """Answers of both stand in one transaction each, without a person, under links that have nothing in common."""
        both = "FROM evaluation.answer a WHERE tally LIKE 'N1-S1%'"
        self.assertEqual(self.query("SELECT tally, count(DISTINCT xmin::text) " + both + " GROUP BY 1 ORDER BY 1"),
                         [["N1-S1", "1"], ["N1-S1.bruk", "1"]])
        self.assertEqual(self.query("SELECT count(*) " + both + " AND EXISTS (SELECT FROM evaluation.invitation i "
                                    "WHERE i.xmin::text = a.xmin::text)"), [["0"]])
        places = self.query("SELECT i.place " + both.replace("WHERE", "JOIN evaluation.item i ON i.evaluation = a.tally AND i.question = "
                                                             "a.question WHERE") + " AND tally LIKE '%.bruk' ORDER BY a.ctid")
        self.assertNotEqual(places, sorted(places))
        ids = self.query("SELECT person, array_agg(id ORDER BY evaluation) FROM evaluation.invitation WHERE evaluation LIKE 'N1-S1%' "
                         "GROUP BY 1 HAVING count(*) = 2")
        order = [sorted(range(len(ids)), key=lambda n: int(ids[n][1].strip("{}").split(",")[side])) for side in (0, 1)]
        self.assertNotEqual(order[0], order[1])

    def words_are_shown_once_released(self):
        words = self.it.padriver("evaluation", "words", "N1-S1.bruk", json=True)
        self.assertEqual(len(words), 7)
        self.assertNotIn("satte av tid", self.browser.get("/results/follow-up/session/N1-S1").text)
        self.it.padriver("evaluation", "release", words[0]["id"])
        self.assertIn("satte av tid", self.browser.get("/results/follow-up/session/N1-S1").text)
        self.assertNotIn("satte av tid", self.browser.get("/results/session/N1-S1").text)

    def the_year_is_reported(self):
        self.it.padriver("report", "compile", "2027")
        self.it.padriver("report", "publish", "2027")
        page = self.browser.get("/report/2027")
        self.assertIn("Tatt i bruk, mål for mål", page.text)
        self.assertIn("I hvilken grad har du tatt i bruk", page.text)

    def axe_finds_nothing(self):
        link = urllib.parse.urlsplit(self.links("N2-S1.bruk")[0]).path
        self.assertEqual(look(self.port, [link, "/results", "/results/session/N1-S1", "/results/follow-up/session/N1-S1",
                                          "/q/N2-S1.bruk", "/report/2027"], name="follow-up"), "")


class Pools(Flow):
    def answer_all(self, evaluation, after, count):
        for link in self.links(evaluation)[after:after + count]:
            self.it.padriver("evaluation", "answer", link, "q1=4")

    def test_too_few_wait_for_others_of_their_kind_alone(self):
        """Three answers to the session and three to its follow-up are six, and stay unopened."""
        for session, after, count in (("N3-S1", 0, 3), ("N3-S1.bruk", 0, 3), ("N3-S2", 3, 2), ("N3-S2.bruk", 3, 2)):
            if session.endswith(".bruk"):
                self.jump(self.query("SELECT to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SSZ') FROM log.timer "
                                     "WHERE name = 'follow-up %s'" % session.split(".")[0])[0][0])
            else:
                self.hold(session)
            self.answer_all(session, after, count)
            self.pass_time(session)
            waiting = dict(self.query("SELECT evaluation, count(*) FROM evaluation.box GROUP BY 1"))
            self.assertEqual(waiting, {"N3-S1": {"N3-S1": "3"}, "N3-S1.bruk": {"N3-S1": "3", "N3-S1.bruk": "3"},
                                       "N3-S2": {"N3-S1.bruk": "3"}, "N3-S2.bruk": {}}[session])
        self.assertEqual(self.query("SELECT tally, about, answered FROM evaluation.published ORDER BY 1"),
                         [["N3-S2", "{N3-S1,N3-S2}", "5"], ["N3-S2.bruk", "{N3-S1,N3-S2}", "5"]])
        for scope, question in (("network", "overall"), ("follow_network", "used")):
            self.assertEqual(self.query("SELECT question, counts FROM evaluation.report_question WHERE scope = '%s' AND subject = 'N3'"
                                        % scope), [[question, "{0,0,0,5,0,0}"]])


class Days(Flow):
    """Which day it is asked on."""

    def test_nobody_is_asked_in_july_and_on_working_days_alone(self):
        for session, held, due in (("N1-S1", "2027-01-08T08:00", "2027-05-10T07:00:00Z"),   # a Saturday: Monday
                                   ("N2-S1", "2027-01-17T08:00", "2027-05-18T07:00:00Z"),   # Whit Monday
                                   ("N3-S1", "2027-02-18T08:00", "2027-06-18T07:00:00Z"),
                                   ("N4-S1", "2027-02-19T08:00", "2027-08-02T07:00:00Z"),   # it would be open into July
                                   ("N6-S1", "2027-03-24T08:00", "2027-08-02T07:00:00Z"),
                                   ("N5-S1", "2027-10-31T08:00", "2028-02-29T08:00:00Z")):  # no 31st
            with self.subTest(held=held):
                self.hold(session, held)
                timer, = self.it.padriver("timers", "list", "--name", "follow-up " + session, json=True)
                self.assertEqual(timer["due_at"], due)


class Never(Flow):
    def test_an_instance_that_wants_none_plans_none(self):
        with Instance(daemons=["evaluation"], simulated=self.start, durable=False, settings="evaluation\n    follow_up = 0\n") as it:
            it.padriver("import", "--yes", SOURCE + "/deploy/sample")
            shared, type(self).it = type(self).it, it
            try:
                self.hold("N1-S1")
            finally:
                type(self).it = shared
            self.assertEqual([row["event"] for row in it.padriver("timers", "list", "--owner", "evaluation", json=True)],
                             ["evaluation_closing_due"])
            it.padriver("publish", "follow_up_due", "evaluation=N9-S9")  # of nothing: parked
            it.padriver("wait", "--idle", "--timeout", "60")
            self.assertIn("no evaluation N9-S9", it.padriver("parked", "list"))


del Flow, Centre

if __name__ == "__main__":
    unittest.main(verbosity=1)
