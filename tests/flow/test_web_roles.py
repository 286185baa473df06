"""What each role reads of its own: bodies, grants, municipalities (R8). Who may open what is tests/golden/routes.txt's; here what
the pages say, that it is what the store says, and that no function of the store says it to anybody else."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_web_staff  # noqa: E402
from browser import Browser  # noqa: E402
from instance import eventually  # noqa: E402

LEADER, SUPPORT, DRAMMEN, KONGSBERG, STEERING, COUNCIL = "p001", "p002", "p003", "p004", "p007", "p011"
CONTACT, GOL, RESPONSIBLE_GOL = "p017", "p054", "p055"
TODAY = "2027-11-01"


class World(test_web_staff.Centre):
    """November 2027: the year's grant is shared, sessions and meetings were held, the leader survey is out and Drammen has
    answered it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        it = cls.it
        for meeting in ("FR1", "N1-S1", "SG1"):
            it.padriver("plan", "schedule", meeting)
        it.psql("INSERT INTO plan.meeting (id, starts_at, ends_at, place, state, version, scheduled_at) "  # invites nobody
                "VALUES ('KS1', '2027-01-20T11:00Z', '2027-01-20T13:00Z', 'Teams', 'held', 1, '2027-01-04')")
        cls.settle()
        it.padriver("clock", "jump", "2027-02-05T08:00")
        for meeting in ("FR1", "N1-S1", "SG1"):
            it.padriver("plan", "held", meeting)
        it.padriver("decision", "record", "1/27", "--body", "SG", "--meeting", "SG1", "--grant", "grant-2027", "--amount", "1900000,00",
                    "--pot", "areas=1600000,00", "--pot", "host=300000,00")
        it.padriver("grant", "letter", "grant-2027", "--amount", "1900000,00", "--reference", "26/1201-3")
        it.padriver("grant", "received", "grant-2027", "--amount", "1500000,00")
        cls.settle()
        it.padriver("clock", "jump", TODAY + "T09:00")
        cls.settle()
        cls.answer_survey("drammen")
        cls.readers = {}

    @classmethod
    def settle(cls):
        """A hundred letters go out."""
        eventually(lambda: not re.search("not idle|went away", cls.it.padriver("wait", "--idle", "--timeout", "60", exit=None)), 400)

    @classmethod
    def answer_survey(cls, municipality):
        (invitation, address), = cls.it.psql(
            "SELECT i.id, p.email FROM evaluation.invitation i JOIN register.person p ON p.id = i.person "
            "WHERE i.evaluation = 'LU-2027' AND i.respondent = '%s'" % municipality)
        found = [re.search(r"(/e/%s\.[\w-]+)" % invitation, cls.text(cls, mail)) for mail in cls.it.mails() if mail["X-RcptTo"] == address]
        sent = Browser(cls.port).post(next(link[1] for link in found if link), {"mode": "municipality", "q1": "4"})
        assert sent.status in (200, 303), sent.text
        cls.settle()

    def reader(self, code):
        """A browser in which the person is signed in: once for all tests, since the clock stands still."""
        if code not in self.readers:
            self.readers[code] = self.sign_in(code)
        return self.readers[code]

    def person(self, code):
        return self.it.value("SELECT id FROM register.person WHERE code = '%s'" % code)

    def ways(self, browser):
        """What stands under "pages for you", without what everybody has."""
        page = browser.get("/staff")
        found = re.findall(r'href="([^"]+)"', re.search(r'<ul id="ways">(.*?)</ul>', page.source, re.S)[1])
        self.assertEqual(found[-3:], ["/", "/results", "/report"])
        return found[:-3]


class Roles(World):
    def test_R8_each_finds_the_own_pages_on_the_start_page_and_each_opens(self):
        centre = ["/staff/municipalities"] + ["/staff/body/" + body for body in ("SG", "KS", "FR", "AG")] + ["/staff/grants", "/staff/words"]
        expected = {LEADER: centre + ["/staff/reports"], SUPPORT: centre, DRAMMEN: centre, STEERING: ["/staff/body/SG", "/staff/grants"],
                    COUNCIL: ["/staff/body/FR"], CONTACT: ["/staff/municipality/3301", "/staff/body/KS"],
                    GOL: ["/staff/municipality/3324", "/staff/body/KS"], RESPONSIBLE_GOL: ["/staff/municipality/3324"]}
        for code, paths in expected.items():
            browser = self.reader(code)
            self.assertEqual(self.ways(browser), paths, code)
            for path in paths:
                self.assertEqual(browser.get(path).status, 200, (code, path))
        self.assertEqual(browser.get("/staff").heading, "Sider for deg")

    def test_R20_the_steering_group_reads_its_meetings_its_decisions_and_how_grants_are_shared(self):
        browser = self.reader(STEERING)
        page = browser.get("/staff/body/SG").text
        for words in ("Styringsgruppen", "02.02.2027, 12.00–14.00 Handlingsplan, budsjett, fordeling, T3 2026 Styringsgruppen Drammen Holdt",
                      "1/27 02.02.2027 SG1", "1 900 000,00 kr", "9/26 24.11.2026 utenom møte Handlingsplan 2027"):
            self.assertIn(words, page)
        grants = browser.get("/staff/grants").text
        for words in ("grant-2027 Helsedirektoratet 1 900 000,00 kr 1 500 000,00 kr en del er mottatt 05.02.2027",
                      "Fordelt etter vedtak 1/27. Dette er versjon 1.", "Hallingdal Ål 400 000,00 kr 05.02.2027",
                      "Vertskommunens del Drammen 300 000,00 kr"):
            self.assertIn(words, grants)
        self.assertEqual(self.it.psql("SELECT sum(amount_ore) FROM web.grant_shares(%d, '%s')" % (self.person(STEERING), TODAY)), [["190000000"]])

    def test_R45_the_council_reads_its_meetings_and_which_seats_are_empty(self):
        page = self.reader(COUNCIL).get("/staff/body/FR").text
        for words in ("Fagrådet", "Råd til handlingsplanen Fagrådet Drammen Holdt", "Fylkets eldreråd Ledig"):
            self.assertIn(words, page)
        self.assertEqual(page.count("Ledig"), 1)
        self.assertNotIn("Vedtak", page)  # it advises only

    def test_R110_a_contact_reads_who_is_on_record_with_the_day_of_confirmation(self):
        page = self.reader(GOL).get("/staff/municipality/3324").text
        rows = self.it.psql("SELECT p.name, to_char(c.confirmed_on, 'DD.MM.YYYY'), c.role FROM register.contact c "
                            "JOIN register.person p ON p.id = c.person WHERE c.municipality = 'gol'")
        self.assertEqual({role for _, _, role in rows}, {"contact", "responsible"})  # R59, R109
        for name, day, role in rows:
            self.assertIn("%s %s %s" % (name, {"contact": "USHT-kontakt", "responsible": "Ansvarlig for fagutvikling"}[role], day), page)
        self.it.psql("UPDATE register.contact SET valid_to = '2027-10-31' WHERE municipality = 'gol' AND role = 'responsible'")
        self.addCleanup(self.it.psql, "UPDATE register.contact SET valid_to = NULL WHERE municipality = 'gol'")
        self.assertIn("Ingen står som ansvarlig for fagutvikling", self.reader(GOL).get("/staff/municipality/3324").text)

    def test_R76_a_municipality_reads_whether_it_has_answered_and_never_what(self):
        self.assertIn("Lederundersøkelse 19.11.2027 har ikke svart", self.survey_line(GOL, "3324"))
        self.assertIn("har svart", self.survey_line(CONTACT, "3301"))

    def survey_line(self, code, number):
        page = self.reader(code).get("/staff/municipality/" + number).text
        return re.search(r"Status (.*?) Samlinger i 2027", page)[1]

    def test_R89_an_employing_municipality_reads_its_shares_and_when_the_letter_went(self):
        leader = self.reader(LEADER)
        page = leader.get("/staff/municipality/3328").text
        self.assertIn("grant-2027 Hallingdal 1 400 000,00 kr 05.02.2027 05.02.2027", page)
        self.assertIn("Det er ikke fordelt noe tilskudd til kommunen.", leader.get("/staff/municipality/3324").text)
        self.it.padriver("grant", "letter", "grant-2027", "--amount", "2000000,00", "--reference", "26/1201-9")
        self.it.padriver("decision", "record", "2/27", "--body", "SG", "--grant", "grant-2027", "--amount", "2000000,00",
                         "--pot", "areas=1600001,01", "--pot", "host=399998,99")
        self.idle()
        page = leader.get("/staff/municipality/3328").text
        self.assertRegex(page, r"grant-2027 Hallingdal 2 400 000,2\d kr 01.11.2027 01.11.2027 grant-2027 Hallingdal 1 400 000,00 kr")  # R88

    def test_a_municipality_reads_its_part_in_sessions(self):
        page = self.reader(CONTACT).get("/staff/municipality/3301").text
        members = "SELECT count(*) FROM register.network_members('N1', '2027-01-27') m JOIN register.person p ON p.id = m.person " \
            "WHERE p.municipality = 'drammen'"
        count = self.it.value(members)
        self.assertGreater(count, 1)
        self.assertIn("27.01.2027 Kom i gang med forbedring Pasientsikkerhet og forbedring %d %d Holdt" % (count, count), page)
        self.assertIn("20.01.2027 USHT-kontakter, vår USHT-kontaktene", page)
        self.assertNotIn("Råd til handlingsplanen", page)

    def test_the_plan_says_what_became_of_each_line_and_nothing_that_nobody_knows(self):
        public = Browser(self.port)
        for words in ("Kom i gang med forbedring Pasientsikkerhet og forbedring Drammen Holdt",
                      "T1, status mål Styringsgruppen Teams Ikke ført som holdt",  # of June, and never called
                      "Dialogmøte: Hallingdal Hallingdal Ål Planlagt",  # nobody can say that it was held
                      "Tertialrapport T1 er klar Frist", "01.11.2027–19.11.2027 Lederundersøkelse Åpen",
                      "Evalueringsrapport, handlingsplan og budsjett 2028 Styringsgruppen Drammen Planlagt"):
            self.assertIn(words, public.get("/").text)
        self.it.psql("INSERT INTO plan.meeting (id, starts_at, ends_at, place, state, version, scheduled_at) "
                     "VALUES ('KS2', '2027-08-25T10:00Z', '2027-08-25T12:00Z', 'Teams', 'scheduled', 1, '2027-06-04')")
        self.addCleanup(self.it.psql, "DELETE FROM plan.meeting WHERE id = 'KS2'")
        self.assertRegex(public.get("/").text, "USHT-kontakter, høst USHT-kontaktene Teams Ikke ført som holdt")
        self.assertRegex(self.reader(CONTACT).get("/staff/municipality/3301").text, "USHT-kontakter, høst .{,40} Ikke ført som holdt")

    def test_R44_the_support_function_reads_the_numbers_of_all_municipalities_and_a_coordinator_of_the_own_area(self):
        page = self.reader(SUPPORT).get("/staff/municipalities")
        parties = self.it.psql("SELECT number FROM register.parties_on('%s')" % TODAY)
        self.assertEqual(sorted("/staff/municipality/" + number for number, in parties),
                         sorted(link for link in page.links if link.startswith("/staff/municipality/")))
        self.assertRegex(page.text, r"Drammen 3301 Drammen \d+ \d+ \d+ har svart")
        page = self.reader(KONGSBERG).get("/staff/municipalities")
        self.assertEqual([link[-4:] for link in page.links if link.startswith("/staff/municipality/")], ["3303", "3334", "3336", "3338"])

    def test_the_store_shows_nothing_to_whom_web_sees_refuses(self):
        """Each function, for each person, of each thing: rows exactly where the person sees it."""
        people = [self.person(code) for code in (LEADER, SUPPORT, DRAMMEN, KONGSBERG, STEERING, COUNCIL, CONTACT, GOL, RESPONSIBLE_GOL, "p090")]
        asks = {"body": ("SELECT count(*) FROM web.seats({0}, '{1}', '{2}')", "SELECT count(*) FROM web.decisions({0}, '{1}', '{2}')"),
                "municipality": ("SELECT count(*) FROM web.contacts({0}, '{1}', '{2}')", "SELECT count(*) FROM web.surveys({0}, '{1}', '{2}')",
                                 "SELECT count(*) FROM web.sessions({0}, '{1}', 2027, '{2}')", "SELECT count(*) FROM web.money({0}, '{1}', '{2}')",
                                 "SELECT count(contacts) FROM web.municipalities({0}, '{2}') WHERE municipality = '{1}'"),
                "grants": ("SELECT count(*) FROM web.grants({0}, '{2}')", "SELECT count(*) FROM web.grant_shares({0}, '{2}')")}
        things = {"body": ["SG", "FR", "AG", "KS"], "municipality": ["drammen", "gol", "kongsberg", "lier"], "grants": [""]}
        seen = set()
        for what, statements in asks.items():
            for thing in things[what]:
                for person in people:
                    sees = self.it.psql("SELECT web.sees(%d, '%s', '%s', '%s')" % (person, what, thing, TODAY), "padriver_web") == [["t"]]
                    counts = [int(self.it.psql(statement.format(person, thing, TODAY), "padriver_web")[0][0]) for statement in statements]
                    self.assertTrue(sees or not any(counts), (what, thing, person, counts))
                    if sees:
                        seen |= {statement for statement, count in zip(statements, counts) if count}
        self.assertEqual(seen, {statement for statements in asks.values() for statement in statements})
        for hidden in ("SELECT * FROM web.sights(1, '%s')" % TODAY, "SELECT * FROM register.contacts_of('gol', '%s')" % TODAY,
                       "SELECT * FROM budget.share_letter", "SELECT * FROM plan.decision"):
            with self.assertRaisesRegex(Exception, "permission denied"):
                self.it.psql(hidden, "padriver_web")

    def test_who_leaves_a_role_reads_its_pages_no_more(self):
        browser = self.reader("p008")
        self.assertEqual(browser.get("/staff/body/SG").status, 200)
        self.it.psql("UPDATE register.seat SET valid_to = '2027-10-31' WHERE person = (SELECT id FROM register.person WHERE code = 'p008')")
        self.addCleanup(self.it.psql, "UPDATE register.seat SET valid_to = NULL WHERE body = 'SG'")
        self.assertEqual(browser.get("/staff/body/SG").headers["Location"], "/sign-in?to=/staff/body/SG")


if __name__ == "__main__":
    unittest.main()
