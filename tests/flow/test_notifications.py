"""Notifications end to end: real processes, real letters, read by Python's email and two calendar readers. Times are Oslo's;
the sample centre's people, bodies and networks."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from calendars import read  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402
from smtpd import MailServer  # noqa: E402

BOKMAL = ["ikke", "noe", "samlingen", "evalueringen", "lenken", "gjelder", "fordelingen", "tilskuddet", "vennlig"]


class Centre(unittest.TestCase):
    """A sample centre with its daemons, on 1 December 2026 at nine."""

    def centre(self, *daemons, start=True):
        self.server = MailServer()
        self.addCleanup(self.server.__exit__)
        self.it = Instance(simulated="2026-12-01T08:00:00Z", port=self.server.port)
        self.addCleanup(self.it.close)
        for name in daemons:
            self.it.padriver("group", "add", name, "--from", "start")
        self.it.padriver("import", SOURCE + "/deploy/sample", "--yes")
        self.seen = 0
        if start:
            for name in daemons:
                self.it.start(name)

    def do(self, *words):
        """A command, and all that follows from it now."""
        out = self.it.padriver(*words)
        self.it.padriver("wait", "--idle", "--timeout", "60")
        return out

    def advance(self, time):
        self.it.padriver("clock", "advance", time)

    def new(self, rule=None):
        """The letters since the last call, but for Monday's to the office: of one rule, or none at all."""
        letters, self.seen = self.server.letters[self.seen:], len(self.server.letters)
        found = {row["message_id"]: row["rule"] for row in self.it.padriver("mail", "list", json=True)}
        letters = [letter for letter in letters if found[letter.message["Message-ID"].strip("<>")] != "needs"]
        rules = {found[letter.message["Message-ID"].strip("<>")] for letter in letters}
        self.assertEqual(rules, {rule} if rule else set())
        self.assertEqual(len({letter.to for letter in letters}), len(letters), "somebody was mailed twice")
        return letters

    def people(self, sql):
        return {row[0] for row in self.it.psql("SELECT a.email FROM (%s) p(person) JOIN register.addressee a USING (person)" % sql)}

    def participants(self, meeting, day):
        return self.people("SELECT person FROM plan.participants('%s', '%s')" % (meeting, day))

    def language(self, address):
        return self.it.psql("SELECT language FROM register.addressee WHERE email = '%s'" % address)[0][0]

    def text(self, letter, kind="plain"):
        part, = [part for part in letter.message.walk() if part.get_content_type() == "text/" + kind]
        return part.get_content()

    def check_all(self, letters):
        """What holds for every letter."""
        for letter in letters:
            message, text, html = letter.message, self.text(letter), self.text(letter, "html")
            language = message["Content-Language"]
            self.assertEqual(message.get_content_type(), "multipart/alternative")
            self.assertEqual(message["Auto-Submitted"], "auto-generated")
            self.assertIn("<%s>" % letter.to, message["To"])
            self.assertTrue(all(len(line) <= 998 for line in letter.raw.split(b"\r\n")))
            self.assertNotIn(b"\n", letter.raw.replace(b"\r\n", b""))
            self.assertIn('<html lang="%s">' % language, html)
            self.assertIn({"nb": "Gjelder ikke dette deg lenger?", "nn": "Gjeld ikkje dette deg lenger?",
                           "en": "Is this no longer you?"}[language], text)
            self.assertIn({"nb": "fordi", "nn": "fordi", "en": "because"}[language], text)
            self.assertIsNone(re.search(r"[{}]", text), "a place was not filled")
            if language == "nn":
                self.assertEqual([word for word in BOKMAL if word in text.lower().split()], [])


class Meetings(Centre):
    def test_invitations_updates_cancellations_and_reminders(self):
        self.centre("notifications")
        self.the_first_meeting_is_invited_to_six_weeks_before()
        self.the_invited_are_told_of_a_move_with_the_same_entry()
        self.who_is_not_invited_is_told_nothing_and_invited_later()
        self.a_near_session_is_invited_to_at_once_in_three_languages()
        self.a_session_called_off_before_its_invitation_is_not_spoken_of()
        self.the_reminder_comes_two_working_days_before()
        self.who_runs_a_session_is_asked_whether_it_was_held()
        self.a_session_called_off_is_cancelled_in_the_calendar()
        self.what_is_put_back_is_invited_to_anew()

    def the_first_meeting_is_invited_to_six_weeks_before(self):
        self.do("plan", "schedule", "SG1")
        self.advance("2026-12-22T08:59")
        self.new()
        self.advance("2026-12-22T09:00")
        letters = self.new("invitation")
        self.check_all(letters)
        self.assertEqual({letter.to for letter in letters}, self.participants("SG1", "2027-02-02"))
        organizer = self.people("SELECT register.holder_of('leder', '2027-02-02')")
        for letter, entry in zip(letters, read(letter.message for letter in letters)):
            self.assertEqual({letter.message["Reply-To"]}, organizer)
            self.assertEqual({entry["organizer"][7:]}, organizer)
            self.assertEqual(entry["attendees"], ["mailto:" + letter.to])
            self.assertEqual((entry["method"], entry["status"], entry["sequence"]), ("REQUEST", "CONFIRMED", 0))
            self.assertEqual((entry["starts"], entry["ends"]), ("2027-02-02T11:00:00.000Z", "2027-02-02T13:00:00.000Z"))
            self.assertEqual((entry["uid"], entry["stamp"]), ("SG1@buskerud.example", "2026-12-01T08:00:00Z"))
            self.assertEqual(letter.message["Date"].datetime.isoformat(), "2026-12-22T08:00:00+00:00")

    def the_invited_are_told_of_a_move_with_the_same_entry(self):
        self.do("plan", "move", "SG1", "--at", "2027-02-09")
        letters = self.new("update")
        self.check_all(letters)
        self.assertEqual(len(letters), 4)
        for entry in read(letter.message for letter in letters):
            self.assertEqual((entry["method"], entry["sequence"], entry["uid"]), ("REQUEST", 1, "SG1@buskerud.example"))
            self.assertEqual((entry["starts"], entry["stamp"]), ("2027-02-09T11:00:00.000Z", "2026-12-22T08:00:00Z"))

    def who_is_not_invited_is_told_nothing_and_invited_later(self):
        self.do("plan", "schedule", "N5-S1")                            # 4 March: would be invited to on 21 January
        self.do("plan", "move", "N5-S1", "--at", "2027-03-11", "--place", "Gol")
        self.new()
        timers = {row["name"]: row for row in self.it.padriver("timers", "list", json=True)}
        self.assertEqual((timers["invitation/N5-S1"]["due_at"], timers["invitation/N5-S1"]["data"]["version"]),
                         ("2027-01-28T08:00:00Z", 2))

    def a_near_session_is_invited_to_at_once_in_three_languages(self):
        person, = self.it.psql("SELECT min(person) FROM plan.participants('N1-S1', '2027-01-27')")[0]
        self.it.psql("UPDATE register.person SET language = 'en' WHERE id = %s" % person)
        self.do("plan", "schedule", "N1-S1")
        letters = self.new("invitation")
        self.check_all(letters)
        self.assertEqual({letter.to for letter in letters}, self.participants("N1-S1", "2027-01-27"))
        self.assertEqual({letter.message["Content-Language"] for letter in letters}, {"nb", "nn", "en"})
        titles = {"nb": "Kom i gang med forbedring", "nn": "Kom i gang med forbetring"}
        for letter, entry in zip(letters, read(letter.message for letter in letters)):
            language = self.language(letter.to)
            self.assertEqual(letter.message["Content-Language"], language)
            self.assertEqual(entry["summary"], titles.get(language, entry["summary"]))
            self.assertIn(entry["summary"], letter.message["Subject"])
            self.assertIn({"nb": "innen onsdag 20. januar 2027", "nn": "innan onsdag 20. januar 2027",
                           "en": "by Wednesday 20 January 2027"}[language], " ".join(self.text(letter).split()))

    def a_session_called_off_before_its_invitation_is_not_spoken_of(self):
        self.do("plan", "schedule", "N6-S1")
        self.do("plan", "cancel", "N6-S1")
        self.new()
        self.assertEqual([row for row in self.it.padriver("timers", "list", json=True) if "N6-S1" in row["name"]], [])

    def the_reminder_comes_two_working_days_before(self):
        leaver, = self.it.psql("SELECT max(person) FROM plan.participants('N1-S1', '2027-01-27')")[0]
        address, = self.it.psql("SELECT email FROM register.addressee WHERE person = %s" % leaver)[0]
        self.it.psql("UPDATE register.membership SET valid_to = '2027-01-20' WHERE network = 'N1' AND person = %s" % leaver)
        self.advance("2027-01-25T08:59")
        self.new()
        self.advance("2027-01-25T09:00")
        letters = self.new("reminder")
        self.check_all(letters)
        self.assertEqual({letter.to for letter in letters}, self.participants("N1-S1", "2027-01-27"))
        self.assertNotIn(address, {letter.to for letter in letters})
        self.assertNotIn(b"text/calendar", letters[0].raw)

    def who_runs_a_session_is_asked_whether_it_was_held(self):
        self.advance("2027-01-27T14:59")
        self.new()
        self.advance("2027-01-27T15:00")
        letters = self.new("held")
        self.check_all(letters)
        self.assertEqual({letter.to for letter in letters}, self.people("SELECT register.holder_of('koordinator-drammen', '2027-01-27')"))
        self.do("plan", "held", "N1-S1")
        self.assertNotIn("held/N1-S1", {row["name"] for row in self.it.padriver("timers", "list", json=True)})

    def a_session_called_off_is_cancelled_in_the_calendar(self):
        self.advance("2027-01-28T09:00")
        invited = {letter.to for letter in self.new("invitation")}
        self.assertEqual(invited, self.participants("N5-S1", "2027-03-11"))
        self.do("plan", "cancel", "N5-S1")
        letters = self.new("cancellation")
        self.check_all(letters)
        self.assertEqual({letter.to for letter in letters}, invited)
        for entry in read(letter.message for letter in letters):
            self.assertEqual((entry["method"], entry["status"], entry["sequence"]), ("CANCEL", "CANCELLED", 2))
            self.assertEqual(entry["uid"], "N5-S1@buskerud.example")

    def what_is_put_back_is_invited_to_anew(self):
        self.do("plan", "schedule", "N5-S1", "--at", "2027-03-04T12:00", "--until", "2027-03-04T15:00")
        letters = self.new("invitation")
        self.assertEqual({entry["sequence"] for entry in read(letter.message for letter in letters)}, {3})
        self.advance("2027-02-05T09:00")
        self.assertEqual(len(self.new("reminder")), 4)                   # SG1 on Tuesday 9 February
        self.assertEqual(self.it.padriver("parked", "list", json=True), [])

    def test_killed_at_each_step_everyone_is_invited_once(self):
        self.centre("notifications", start=False)
        self.it.padriver("clock", "jump", "2026-12-20T09:00")
        self.it.padriver("plan", "schedule", "N1-S1")
        for failpoint in ("after-cursor", "after-effects", "before-commit", "after-commit", "after-claim", "before-book"):
            self.it.start("notifications", failpoint=failpoint + "=kill")
            self.assertEqual(self.it.died("notifications"), -9, failpoint)
        self.it.start("notifications")
        self.it.padriver("wait", "--idle", "--timeout", "60")
        letters = self.new("invitation")
        self.assertEqual({letter.to for letter in letters}, self.participants("N1-S1", "2027-01-27"))
        self.assertEqual(self.it.psql("SELECT DISTINCT state FROM notice.letter"), [["sent"]])

    def test_an_event_about_nothing_is_parked_and_an_old_one_is_nothing(self):
        self.centre("notifications")
        self.do("plan", "schedule", "SG1")
        self.do("publish", "meeting_scheduled", "meeting=N9-S9", "version=1")
        self.do("publish", "meeting_rescheduled", "meeting=SG1", "version=7")
        reasons = [row["reason"] for row in self.it.padriver("parked", "list", json=True)]
        self.assertEqual(reasons, ["there is no meeting N9-S9", "meeting SG1 has no version 7 yet"])


class Evaluations(Centre):
    def answer(self, letter):
        link, = re.findall(r"https://\S+/e/\S+", self.text(letter))
        self.assertIn('href="%s"' % link, self.text(letter, "html"))
        self.assertEqual(link.split("?lang=")[1], self.it.psql("SELECT language FROM register.person WHERE email = '%s'" % letter.to)[0][0])
        self.do("evaluation", "answer", link, "q1=5", "q2=4")
        return link

    def hold(self, session, after):
        self.do("plan", "schedule", session)
        self.advance(after)
        self.seen = len(self.server.letters)
        self.do("plan", "held", session)
        letters = self.new("evaluation")
        self.check_all(letters)
        return letters

    def test_only_who_is_missing_is_reminded_and_nobody_after_closing(self):
        self.centre("notifications", "evaluation")
        letters = self.hold("N1-S1", "2027-01-27T15:00")
        everyone = {letter.to for letter in letters}
        self.assertEqual(everyone, self.participants("N1-S1", "2027-01-27"))
        for letter in letters:
            anonymous = {"nb": "når færre enn fem har svart", "nn": "når færre enn fem har svart",
                         "en": "fewer than five have answered"}[letter.message["Content-Language"]]
            self.assertIn(anonymous, " ".join(self.text(letter).split()))
        secrets = [self.answer(letter).split(".")[-1] for letter in letters[:5]]
        self.assertEqual(self.it.psql("SELECT count(*) FROM notice.letter l WHERE l::text LIKE '%%%s%%'" % secrets[0]), [["0"]])
        self.assertEqual(self.it.psql("SELECT count(*) FROM log.event e WHERE encode(e.body, 'escape') LIKE '%%%s%%'"
                                      % secrets[0]), [["0"]])
        self.check_shown(letters[5], secrets)
        self.advance("2027-02-01T08:59")                                 # day 3 is a Saturday
        self.new()
        self.advance("2027-02-01T09:00")
        first = self.new("evaluation_reminder")
        self.check_all(first)
        self.assertEqual({letter.to for letter in first}, everyone - {letter.to for letter in letters[:5]})
        self.answer(first[0])
        self.advance("2027-02-03T09:00")
        second = self.new("evaluation_reminder")
        self.assertEqual({letter.to for letter in second}, {letter.to for letter in first[1:]})
        self.advance("2027-02-20")
        self.new()

    def check_shown(self, letter, secrets):
        """An operator sees the letter, and cannot answer in its reader's name."""
        row, = [row for row in self.it.padriver("mail", "list", "--rule", "evaluation", json=True) if row["to"] == letter.to]
        shown = self.it.padriver("mail", "show", row["id"])
        self.assertIn("Subject: " + letter.message["Subject"], shown)
        self.assertIn("/e/", shown)
        link, = re.findall(r"https://\S+/e/\S+", self.text(letter))
        self.assertNotIn(link.split(".")[-1], shown)
        self.assertNotIn(link.split(".")[-1], str(self.it.padriver("mail", "show", row["id"], json=True)))
        self.it.padriver("mail", "show", "notice/999999", exit=1)
        self.it.padriver("mail", "show", "letter/1", exit=64)

    def test_a_reminder_that_easter_moves_past_closing_is_dropped(self):
        self.centre("notifications", "evaluation")
        self.do("plan", "schedule", "N1-S2")
        self.do("plan", "move", "N1-S2", "--at", "2027-03-18")
        letters = self.hold_moved("N1-S2", "2027-03-18T15:00")
        names = {row["name"]: row["due_at"] for row in self.it.padriver("timers", "list", json=True)
                 if row["owner"] == "notifications" and row["name"] != "needs"}
        self.assertEqual(names, {"reminder/N1-S2/3": "2027-03-22T08:00:00Z"})
        self.assertIn("28. mars 2027 kl. 15.00", " ".join(self.text(letters[0]).split()))
        self.advance("2027-03-22T09:00")
        self.assertEqual(len(self.new("evaluation_reminder")), len(letters))
        self.advance("2027-04-01")
        self.new()

    def hold_moved(self, session, after):
        self.advance(after)
        self.seen = len(self.server.letters)
        self.do("plan", "held", session)
        return self.new("evaluation")

    def test_who_answers_while_the_mail_server_is_away_is_not_reminded(self):
        self.centre("notifications", "evaluation")
        letters = self.hold("N1-S1", "2027-01-27T15:00")
        self.server.stop()
        self.it.padriver("clock", "jump", "2027-02-01T09:00")
        eventually(lambda: self.it.value("SELECT count(*) FROM notice.letter WHERE rule = 'evaluation_reminder'")
                   == len(letters))
        link, = re.findall(r"https://\S+/e/\S+", self.text(letters[0]))
        self.it.stop("notifications")  # no claim may be under way as the answer comes: it would go within its second
        self.it.padriver("evaluation", "answer", link, "q1=5")
        self.server.start()
        self.it.start("notifications")
        self.it.padriver("wait", "--idle", "--timeout", "60")
        self.assertEqual({letter.to for letter in self.new("evaluation_reminder")}, {letter.to for letter in letters[1:]})

    def test_who_never_got_the_question_is_not_reminded_of_it(self):
        self.centre("notifications", "evaluation")
        address = sorted(self.participants("N1-S1", "2027-01-27"))[0]
        self.do("plan", "schedule", "N1-S1")
        self.advance("2027-01-27T15:00")
        self.server.answer("rcpt", address, "550 5.7.1 not today", times=1)
        self.do("plan", "held", "N1-S1")
        self.advance("2027-02-01T09:00")
        self.assertEqual([row["rule"] for row in self.it.padriver("mail", "list", json=True)
                          if row["to"] == address and row["rule"].startswith("evaluation")], ["evaluation"])


class Grants(Centre):
    def test_employers_and_steering_group_are_told_of_each_version(self):
        self.centre("notifications", "budget")
        self.do("plan", "schedule", "SG1")
        self.advance("2027-02-02T14:00")
        self.do("plan", "held", "SG1")
        self.do("grant", "letter", "grant-2027", "--amount", "1900000,00", "--reference", "26/1201-3")
        self.do("decision", "record", "1/27", "--body", "SG", "--meeting", "SG1", "--grant", "grant-2027", "--amount",
                "1900000,00", "--pot", "areas=1600000,00", "--pot", "host=300000,00")
        self.seen = len(self.server.letters)
        self.do("grant", "received", "grant-2027", "--amount", "1900000,00")
        self.check_version("1", "Vedtak: 1/27", "400 000,00 kr".replace(" ", "\u00a0"))
        self.do("decision", "record", "2/27", "--body", "SG", "--meeting", "SG1", "--grant", "grant-2027", "--amount",
                "1940000,00", "--pot", "areas=1640000,00", "--pot", "host=300000,00")
        self.do("grant", "letter", "grant-2027", "--amount", "1940000,00", "--reference", "26/1201-9")
        shares = self.check_version("2", "Vedtak: 2/27", "410 000,00 kr".replace(" ", "\u00a0"))
        self.assertIn("Før: 400\u00a0000,00\u00a0kr", shares[0])
        self.check_conditions()

    def check_conditions(self):
        """An older version, a former contact and a former seat get nothing."""
        contact, = self.it.psql("SELECT min(person) FROM notice.letter WHERE subject = 'grant-2027/3328'")[0]
        self.it.psql("UPDATE register.contact SET valid_to = '2027-01-31' WHERE person = %s" % contact)
        self.it.psql("UPDATE register.seat SET valid_to = '2027-01-31' WHERE body = 'SG' AND seat = 'vert'")
        self.it.psql("""INSERT INTO notice.letter (rule, subject, person, occurrence, due_at)
                        SELECT rule, subject, person, occurrence || '/resend', '2027-02-02T13:00:00Z'
                          FROM notice.letter WHERE rule LIKE 'grant%%' AND (occurrence = '1' AND rule = 'grant_share'
                               OR occurrence = '2' AND (person = %s OR rule = 'grant_notice'))""" % contact)
        self.it.padriver("wait", "--idle", "--timeout", "60")
        found = self.it.psql("SELECT rule, state, reason, count(*) FROM notice.letter"
                             " WHERE rule LIKE 'grant%' AND occurrence LIKE '%/resend' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
        old = self.it.psql("SELECT count(*) FROM notice.letter WHERE rule = 'grant_share' AND occurrence = '1'")[0][0]
        self.assertEqual(found, [["grant_notice", "dropped", "holds no seat any more", "1"],
                                 ["grant_notice", "sent", "", "3"],
                                 ["grant_share", "dropped", "is no contact of the municipality any more", "1"],
                                 ["grant_share", "dropped", "the grant has a newer version", old]])

    def check_version(self, version, decision, amount):
        """Four municipalities and four seats, each in its language; returns the municipalities' texts."""
        letters, self.seen = self.server.letters[self.seen:], len(self.server.letters)
        self.check_all(letters)
        rows = {row["message_id"]: row for row in self.it.padriver("mail", "list", json=True)}
        of = {rule: [] for rule in ("grant_share", "grant_notice")}
        for letter in letters:
            row = rows[letter.message["Message-ID"].strip("<>")]
            self.assertEqual(row["occurrence"], version)
            of[row["rule"]].append((row, letter))
        self.assertEqual({row["subject"] for row, _ in of["grant_share"]},
                         {"grant-2027/%s" % number for number in ("3301", "3303", "3305", "3328")})
        self.assertEqual(len(of["grant_notice"]), 4)
        for row, letter in of["grant_share"]:
            text = self.text(letter)
            self.assertIn(decision, text)
            self.assertIn(amount, text)
            self.assertIn(amount, letter.message["Subject"])
            if row["subject"].endswith("3328"):
                self.assertEqual(letter.message["Content-Language"], "nn")
                self.assertIn("Ål kommune", text)
        leader = self.people("SELECT register.holder_of('leder', '2027-02-15')")
        for _, letter in of["grant_notice"]:
            self.assertEqual({letter.message["Reply-To"]}, leader)
            self.assertEqual(self.text(letter).count(amount), 4)
            self.assertIn("300\u00a0000,00\u00a0kr", self.text(letter))
        return [self.text(letter) for _, letter in of["grant_share"]]


if __name__ == "__main__":
    unittest.main()
