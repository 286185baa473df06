"""Staff in the web face: a link by mail, used once, begins a session; what is forged, too old, from another site or another's
is refused; nothing of who they are is in the log or on standard error."""
import os
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser, settings  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402

LEADER, SUPPORT, DRAMMEN, KONGSBERG = "p001", "p002", "p003", "p004"
SEATS = ["p007", "p008", "p009"]  # in the steering group
CONTACT = "p017"
COOKIE = "__Host-session"


class Staff(unittest.TestCase):
    """An instance with the sample centre and its mail. Nobody asks for a link more than three times: whoever does is asked to
    wait, by the machine's clock."""

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.it = Instance(daemons=["notifications", "evaluation", "budget"], simulated="2027-01-04T08:00", durable=False, mail=True,
                          settings=settings(cls.port, SOURCE + "/workers/web/static"))
        cls.addClassCleanup(cls.it.close)
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        cls.it.start("web")
        eventually(cls.opens)
        cls.addresses = dict(cls.it.psql("SELECT code, email FROM register.person"))

    @classmethod
    def opens(cls):
        try:
            return Browser(cls.port).get("/").status == 200
        except OSError:
            return False

    def idle(self):
        self.it.padriver("wait", "--idle", "--timeout", "60")

    def after(self, interval):
        """The time that much later, as the command takes it."""
        now = self.it.padriver("clock", "show", json=True)[0]["now_at"]
        return self.it.psql("SELECT to_char(('%s'::timestamptz + interval '%s') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SSZ')"
                            % (now, interval))[0][0]

    def pass_time(self, interval):
        self.it.padriver("clock", "jump", self.after(interval))
        self.idle()

    def text(self, mail):
        part, = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
        return part.get_payload(decode=True).decode()

    def mailed(self, code):
        """The links to sign in that a person got, in order."""
        found = [re.findall(r"https?://\S+/sign-in/\S+", self.text(mail)) for mail in self.it.mails()
                 if mail["X-RcptTo"] == self.addresses[code]]
        return [urllib.parse.urlsplit(link).path for links in found for link in links]

    def ask(self, code, browser=None):
        """A new link for the person."""
        before = set(self.mailed(code))
        sent = (browser or Browser(self.port)).post("/sign-in", {"address": self.addresses[code]})
        self.assertEqual(sent.status, 200, sent.text)
        self.idle()
        link, = set(self.mailed(code)) - before
        return link

    def sign_in(self, code):
        """A browser in which the person is signed in."""
        browser = Browser(self.port)
        link = self.ask(code, browser)
        self.assertEqual(browser.get(link).status, 200)
        entered = browser.post(link, {})
        self.assertEqual((entered.status, entered.headers["Location"]), (303, "/staff"))
        return browser

    def is_in(self, browser):
        return browser.get("/staff").status == 200

    def test_the_mailed_link_signs_in_once_and_looking_at_it_signs_in_nobody(self):
        browser = Browser(self.port)
        self.assertEqual(browser.get("/staff").headers["Location"], "/sign-in")
        link = self.ask(LEADER, browser)
        for _ in range(3):  # what looks at links in letters
            self.assertEqual(Browser(self.port).get(link).status, 200)
        self.assertFalse(self.is_in(browser))
        entered = browser.post(link, {})
        self.assertEqual((entered.status, entered.headers["Location"]), (303, "/staff"))
        for flag in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
            self.assertIn(flag, entered.headers["Set-Cookie"])
        self.assertIn("Torstein Soknedalmo", browser.get("/staff").text)
        for again in (Browser(self.port).get(link), Browser(self.port).post(link, {})):
            self.assertEqual((again.status, again.heading), (410, "Lenken virker ikke lenger"))
        self.assertTrue(self.is_in(browser))

    def test_a_link_is_too_old_after_a_quarter_of_an_hour_and_none_can_be_made_up(self):
        link = self.ask(SEATS[0])
        self.pass_time("15 minutes")
        self.assertEqual(Browser(self.port).post(link, {}).status, 410)
        fresh = self.ask(SEATS[0])
        number = fresh.split("/")[-1].split(".")[0]
        for forged in (fresh[:-1] + ("A" if fresh[-1] != "A" else "B"), "/sign-in/" + number, "/sign-in/%s." % number,
                       "/sign-in/1." + fresh.split(".")[-1], link.split(".")[0] + "." + fresh.split(".")[-1]):
            self.assertEqual(Browser(self.port).post(forged, {}).status, 404, forged)
        self.assertEqual(Browser(self.port).post(fresh, {}).status, 303)

    def test_the_reply_tells_nobody_whose_address_it_is(self):
        letters = len(self.it.mails())
        member = self.it.psql("SELECT p.email FROM register.person p JOIN register.membership m ON m.person = p.id "
                              "WHERE NOT EXISTS (SELECT FROM register.roles_on(p.id, '2027-01-04'))")[0][0]
        pages = [Browser(self.port).post("/sign-in", {"address": address})
                 for address in ("nobody@annet.example", member, self.addresses[SUPPORT].upper())]
        self.assertEqual({(page.status, page.source) for page in pages}, {(200, pages[0].source)})
        self.idle()
        self.assertEqual([mail["X-RcptTo"] for mail in self.it.mails()[letters:]], [self.addresses[SUPPORT]])
        self.assertEqual(Browser(self.port).post("/sign-in", {"address": "ingen"}).status, 422)

    def test_a_session_ends_when_it_is_not_used_and_after_a_working_day(self):
        browser = self.sign_in(DRAMMEN)
        for _ in range(3):
            self.pass_time("28 minutes")
            self.assertTrue(self.is_in(browser))
        self.pass_time("31 minutes")
        self.assertFalse(self.is_in(browser))
        self.assertEqual(browser.post("/sign-out", {"key": "x"}).heading, "Du er logget ut")
        browser = self.sign_in(DRAMMEN)
        for _ in range(19):
            self.pass_time("25 minutes")
            self.assertTrue(self.is_in(browser))
        self.pass_time("10 minutes")
        self.assertFalse(self.is_in(browser))

    def test_signing_out_and_losing_the_position_end_it(self):
        browser = self.sign_in(SUPPORT)
        page, cookie = browser.get("/staff"), browser.cookies[COOKIE]
        self.assertEqual(browser.post("/sign-out", page.fields).status, 303)
        browser.cookies[COOKIE] = cookie
        self.assertFalse(self.is_in(browser))
        browser = self.sign_in(KONGSBERG)
        held = "UPDATE register.employment SET valid_to = %s WHERE person = (SELECT id FROM register.person WHERE code = 'p004')"
        self.it.psql(held % "'2027-01-01'")
        self.addCleanup(self.it.psql, held % "NULL")
        self.assertFalse(self.is_in(browser))

    def test_a_forged_cookie_is_nobodys(self):
        browser = self.sign_in(SEATS[1])
        token = browser.cookies[COOKIE]
        stored = self.it.psql("SELECT encode(hash, 'base64') FROM web.session")
        for forged in ["", "x", token[:-1], token + "A", token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), "A" * 43] + \
                [row[0].replace("+", "-").replace("/", "_").rstrip("=") for row in stored]:
            other = Browser(self.port)
            other.cookies[COOKIE] = forged
            self.assertFalse(self.is_in(other), forged)
        other = Browser(self.port)
        other.cookies["session"] = token  # the name that binds it to this host and to https
        self.assertFalse(self.is_in(other))

    def test_a_form_from_another_site_or_without_its_key_is_refused(self):
        browser = self.sign_in(SEATS[2])
        other = self.sign_in(SEATS[1])
        fields = browser.get("/staff").fields
        for wrong in ({}, {"key": ""}, {"key": "A" * len(fields["key"])}, other.get("/staff").fields):
            self.assertEqual(browser.post("/sign-out", wrong).status, 403, wrong)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
                        {"Origin": "http://127.0.0.1:1"}):
            self.assertEqual(browser.post("/sign-out", fields, headers=headers).status, 403, headers)
            self.assertEqual(browser.post("/sign-in", {"address": "a@b.example"}, headers=headers).status, 403, headers)
        self.assertTrue(self.is_in(browser))
        for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://127.0.0.1:%d" % self.port}):
            self.assertEqual(browser.post("/sign-in", {"address": "ingen"}, headers=headers).status, 422, headers)
        self.assertEqual(browser.post("/sign-out", fields).status, 303)

    def test_who_asks_too_often_is_asked_to_wait(self):
        address = {"address": "ofte@annet.example"}
        ends = [Browser(self.port).post("/sign-in", address).status for _ in range(9)]  # two minutes at most
        self.assertEqual((ends[0], ends[-1]), (200, 429))
        waiting = Browser(self.port).post("/sign-in", {"address": "OFTE@annet.example"})
        self.assertEqual((waiting.heading, waiting.headers["Retry-After"]), ("Vent et minutt", "60"))
        self.assertEqual(Browser(self.port).post("/sign-in", {"address": "andre@annet.example"}).status, 200)

    def needs(self, browser):
        """The lines of the start page: path → number."""
        page = browser.get("/staff")
        self.assertEqual(page.status, 200)
        lines = [link for link in page.links if link.startswith("/staff/")]
        for link in lines:
            self.assertEqual(browser.get(link).status, 200, link)
        return {link.split("/")[-1]: int(browser.get(link).heading.split(": ")[-1]) for link in lines}

    def test_the_start_page_says_what_needs_a_person_and_each_line_leads_to_its_cause(self):
        browser = self.sign_in(SUPPORT)
        self.assertEqual(self.needs(browser), {})
        self.assertIn("Ingenting akkurat nå", browser.get("/staff").text)
        self.it.padriver("plan", "schedule", "N1-S1", "--at", self.after("1 hour"), "--until", self.after("2 hours"))
        self.it.padriver("plan", "schedule", "N2-S1", "--at", self.after("1 hour"), "--until", self.after("2 hours"))
        self.assertEqual(self.needs(browser), {})
        for _ in range(6):
            self.pass_time("20 minutes")
            self.assertTrue(self.is_in(browser))
        self.assertEqual(self.needs(browser), {"unmarked": 2})
        self.assertIn("Kom i gang med forbedring", browser.get("/staff/unmarked").text)
        self.it.padriver("plan", "held", "N1-S1")
        self.idle()
        self.it.pause("evaluation")
        self.it.padriver("plan", "held", "N2-S1")
        self.assertEqual(self.needs(browser), {"open": 1, "missing": 1})
        self.assertIn("/show/N1-S1", browser.get("/staff/open").links)
        self.it.resume("evaluation")
        self.idle()
        self.assertEqual(self.needs(browser), {"open": 2})
        self.it.psql("UPDATE notice.letter SET state = 'refused', reply_code = 550 WHERE id = (SELECT min(id) FROM notice.letter "
                     "WHERE rule = 'evaluation')")
        self.it.padriver("publish", "session_held", "meeting=N9-S9")
        self.it.padriver("publish", "session_held", "meeting=N9-S9")
        self.it.padriver("publish", "grant_received", "grant=tilskudd-9", "amount_ore=100")
        self.idle()
        self.assertEqual(self.needs(browser), {"open": 2, "letters": 1, "parked": 2, "unshared": 1})
        parked = browser.get("/staff/parked").text
        self.assertIn("session_held evaluation N9-S9", parked)
        self.assertIn("tilskudd-9", browser.get("/staff/unshared").text)
        letter = self.it.psql("SELECT id FROM notice.letter WHERE state = 'refused'")[0][0]
        self.assertIn("notice/" + letter, browser.get("/staff/letters").text)
        self.it.padriver("mail", "resend", "notice/" + letter)
        self.assertNotIn("letters", self.needs(browser))

    def test_a_role_that_a_page_is_not_for_is_refused(self):
        for code in (SEATS[0], CONTACT):
            browser = self.sign_in(code)
            page = browser.get("/staff")
            self.assertEqual((page.status, [link for link in page.links if link.startswith("/staff/")]), (200, []))
            for path in ("/staff/letters", "/staff/parked", "/staff/open"):
                self.assertEqual(browser.get(path).status, 403, path)
        self.assertEqual(self.sign_in(DRAMMEN).get("/staff/nothing").status, 404)

    def test_no_log_and_no_table_holds_a_link_or_names_who_signs_in(self):
        browser = self.sign_in(LEADER)
        link = self.mailed(LEADER)[-1]
        number, secret = link.split("/")[-1].split(".")
        said = self.it.said()
        events = self.it.psql("SELECT key, actor, encode(body, 'escape') FROM log.event")
        self.assertIn(number, {row[0] for row in events})
        store = str(events) + str(self.it.psql("SELECT s::text FROM web.session s")) + \
            str(self.it.psql("SELECT l::text FROM notice.letter l")) + str(self.it.psql("SELECT s::text FROM web.sign_in s"))
        for word in (self.addresses[LEADER], "Soknedalmo", secret, browser.cookies[COOKIE]):
            self.assertNotIn(word, said)
            self.assertNotIn(word, store)
        self.assertNotIn(number, said)
        letter, = [row for row in self.it.padriver("mail", "list", "--rule", "sign_in", json=True) if row["subject"] == number]
        self.assertNotIn(secret, self.it.padriver("mail", "show", letter["id"], exit=None))


if __name__ == "__main__":
    unittest.main()
