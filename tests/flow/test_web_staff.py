"""Staff in the web face: a link by mail, used once, begins a session; what is forged, too old, from another site or another's
is refused; nothing of who they are is in the log or on standard error."""
import base64
import hashlib
import hmac
import os
import re
import sys
import unittest
import urllib.parse
from email.header import decode_header, make_header

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import Browser, look, settings  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402

LEADER, SUPPORT, DRAMMEN, KONGSBERG = "p001", "p002", "p003", "p004"
SEATS = ["p007", "p008", "p009"]  # in the steering group
COUNCIL = "p011"
CONTACT = "p017"
COOKIE = "__Host-session"


class Centre(unittest.TestCase):
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
    def keep_few(cls, least=12):
        """Leaves so many in each network: fewer letters to wait for."""
        cls.it.psql("DELETE FROM register.membership m USING (SELECT network, person, row_number() OVER (PARTITION BY network ORDER BY "
                    "person) AS n FROM register.membership) x WHERE (x.network, x.person) = (m.network, m.person) AND x.n > %d" % least)

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

    def ask(self, code, browser=None, **more):
        """A new link for the person."""
        before = set(self.mailed(code))
        sent = (browser or Browser(self.port)).post("/sign-in", {"address": self.addresses[code], **more})
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

    def made_link(self, thing, number):
        """What follows in a link to the thing ("evaluation", "newsletter"), made with the instance's own key."""
        with open(self.it.state + "/link.key", encoding="ascii") as file:
            key = bytes.fromhex(file.read().strip())
        mac = hmac.new(key, ("%s/%s" % (thing, number)).encode(), hashlib.sha512).digest()[:16]
        return "%s.%s" % (number, base64.urlsafe_b64encode(mac).decode().rstrip("="))

    def look_at(self, browser, pages, **more):
        """A real browser finds no fault in the pages, as who is signed in sees them."""
        self.assertEqual(look(self.port, pages, cookie={"name": COOKIE, "value": browser.cookies[COOKIE]}, **more), "")

    def needed(self, page):
        """What needs somebody, by its links."""
        found = re.search(r'<ul id="needs">(.*?)</ul>', page.source, re.S)
        return re.findall(r'href="(/staff/[^"]+)"', found[1]) if found else []

    def is_in(self, browser):
        return browser.get("/staff").status == 200


class Staff(Centre):
    def test_the_mailed_link_signs_in_once_and_looking_at_it_signs_in_nobody(self):
        browser = Browser(self.port)
        self.assertEqual(browser.get("/staff").headers["Location"], "/sign-in?to=/staff")
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
        pages = [Browser(self.port).post("/sign-in", {"address": address, "to": "/staff/open"})
                 for address in ("nobody@annet.example", member, self.addresses[SUPPORT].upper())]
        self.assertEqual({(page.status, page.source) for page in pages}, {(200, pages[0].source)})
        self.idle()
        self.assertEqual([mail["X-RcptTo"] for mail in self.it.mails()[letters:]], [self.addresses[SUPPORT]])
        self.assertEqual(Browser(self.port).post("/sign-in", {"address": "ingen"}).status, 422)

    def test_who_asks_for_a_page_lands_on_it_once_signed_in(self):
        there = "/staff/municipality/3301"
        asked = Browser(self.port).get(there)
        self.assertEqual((asked.status, asked.headers["Location"]), (303, "/sign-in?to=" + there))
        page = Browser(self.port).get(asked.headers["Location"])
        self.assertIn("?to=%s&lang=nn" % there, page.links)
        self.assertEqual(Browser(self.port).post("/sign-in", {**page.fields, "address": "ingen"}).fields["to"], there)
        link = self.ask(COUNCIL, to=page.fields["to"])
        other = Browser(self.port)  # the letter is read on another machine
        entered = other.post(link + "?lang=en", {})
        self.assertEqual((entered.status, entered.headers["Location"]), (303, there + "?lang=en"))
        self.assertEqual(Browser(self.port).get("/staff/" + "x" * 300).headers["Location"], "/sign-in")

    def test_who_asks_for_a_page_of_others_lands_on_the_own_start_page_which_says_so(self):
        link = self.ask(COUNCIL, to="/staff/letters")
        browser = Browser(self.port)
        entered = browser.post(link + "?lang=nn", {})
        self.assertEqual((entered.status, entered.headers["Location"]), (303, "/staff?refused=1&lang=nn"))
        page = browser.get(entered.headers["Location"])
        self.assertEqual((page.status, page.heading), (200, "Sider for deg"))
        self.assertIn("Sida du bad om, er for andre enn deg. Her er det som er for deg.", page.text)
        self.assertIn("/staff/body/FR", page.links)
        self.assertNotIn("Sida du bad om", browser.get("/staff").text)
        for path, words in (("/staff/letters", "Denne sida er for leiaren, koordinatorane og støttefunksjonen. Skulle du hatt tilgang? Spør leiaren."),
                            ("/staff/held/N1-S1", "Denne sida er for leiaren og koordinatorane."),
                            ("/staff/parked/x/1", "Denne sida er for leiaren og støttefunksjonen."),
                            ("/staff/body/SG", "Denne sida er for andre enn deg.")):
            page = browser.get(path)
            self.assertEqual((page.status, page.links.count("/staff")), (403, 2), path)  # the way on, and the footer's
            self.assertIn(words, page.text)
        self.assertIn("This page is for the leader and the coordinators. Should", browser.get("/staff/held/N1-S1?lang=en").text)

    def test_nobody_is_sent_to_another_site_or_past_the_staffs_pages(self):
        wrong = ["//evil.example", "https://evil.example/staff", "/\\evil.example", "\\staff", "/staff\r\nX-Evil: 1", "/staff/../u/1.x",
                 "/staff//x", "/staff/%2e%2e/x", "/staff?x=1", "/staff#x", "/staff/", "staff", "/sign-in", "/sign-out", "/u/1.x", "/e/1.x", "/",
                 "", "/staff/" + "x" * 200, "/staff/å", "/nothing", "/staff/open "]
        pages = {path: Browser(self.port).get("/sign-in?" + urllib.parse.urlencode({"to": path})) for path in wrong}
        self.assertEqual({path for path, page in pages.items() if page.status != 200 or "to" in page.fields}, set())
        for address, path in zip(["%d@annet.example" % n for n in range(len(wrong))], wrong):
            self.assertEqual(Browser(self.port).post("/sign-in", {"address": address, "to": path}).status, 200, path)
        self.assertEqual(self.it.psql("SELECT DISTINCT goes_to FROM web.sign_in WHERE person IS NULL AND goes_to <> '/staff/open'"), [])
        link = self.ask(COUNCIL, to="//evil.example")
        self.assertEqual(Browser(self.port).post(link, {}).headers["Location"], "/staff")
        with self.assertRaisesRegex(Exception, "sign_in_goes_to_check"):
            self.it.psql("SELECT web.ask_sign_in(1, 'x', '//evil.example', '2027-01-04')", "padriver_web")

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

    def test_one_source_keeps_nobody_else_from_signing_in(self):
        """By whom the proxy on this machine says that it asks."""
        def ask(number, source):
            return Browser(self.port).post("/sign-in", {"address": "n%d@annet.example" % number}, headers={"X-Forwarded-For": source}).status
        flood = [ask(number, "203.0.113.9") for number in range(100)]  # two minutes at most
        self.assertEqual((set(flood[:30]), 429 in flood), ({200}, True))
        self.assertLessEqual(flood.count(200), 60)
        self.assertEqual([ask(1000 + number, "198.51.100.%d" % number) for number in range(20)], [200] * 20)
        self.idle()

    def test_nobody_is_written_to_without_end(self):
        """Three letters wait at most; whoever asks more often hears the same, and has three links that work."""
        def ask(numbers):
            for number in numbers:
                self.it.psql("SELECT web.ask_sign_in(%d, '%s', NULL, '%s')" % (number, self.addresses[COUNCIL], self.after("0 hours")),
                             "padriver_web")
            rows = self.it.psql("SELECT id, person IS NOT NULL FROM web.sign_in WHERE id BETWEEN 1 AND 20 ORDER BY id")
            return [int(id) for id, whose in rows if whose == "t"], len(rows)
        self.assertEqual(ask(range(1, 6)), ([1, 2, 3], 5))
        self.it.psql("SELECT * FROM web.sign_in(2, 'x', '%s')" % self.after("0 hours"), "padriver_web")  # one is used
        self.assertEqual(ask([6, 7]), ([1, 2, 3, 6], 7))
        self.pass_time("15 minutes")  # and they are too old
        self.assertEqual(ask([8, 9]), ([1, 2, 3, 6, 8, 9], 9))

    def needs(self, browser):
        """The lines of the start page: path → number."""
        page = browser.get("/staff")
        self.assertEqual(page.status, 200)
        lines = self.needed(page)
        for link in lines:
            self.assertEqual(browser.get(link).status, 200, link)
        return {link.split("/")[-1]: int(browser.get(link).heading.split(": ")[-1]) for link in lines}

    def test_the_start_page_says_what_needs_a_person_and_each_line_leads_to_its_cause(self):
        browser = self.sign_in(SUPPORT)
        self.assertEqual(self.needs(browser), {"contacts": 4})
        self.it.psql("UPDATE register.contact SET confirmed_on = '2027-01-01'")
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
        for words in ("En samling er holdt", "session_held", "Evaluering", "N9-S9", "Det finnes ingen slik samling"):
            self.assertIn(words, parked)
        self.assertIn("tilskudd-9", browser.get("/staff/unshared").text)
        letter = self.it.psql("SELECT id FROM notice.letter WHERE state = 'refused'")[0][0]
        self.assertIn("notice/" + letter, browser.get("/staff/letters").text)
        self.it.padriver("mail", "resend", "notice/" + letter)
        self.assertNotIn("letters", self.needs(browser))

    def test_a_role_that_a_page_is_not_for_is_refused(self):
        for code in (SEATS[0], CONTACT):
            browser = self.sign_in(code)
            page = browser.get("/staff")
            self.assertEqual((page.status, self.needed(page)), (200, []))
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


class Held(Centre):
    """Sessions of N1 (run from Drammen) and N2 (from Kongsberg) are over, one after the other; what became of them?"""

    def over(self, meeting):
        self.it.padriver("plan", "schedule", meeting, "--at", self.after("1 hour"), "--until", self.after("2 hours"))
        self.pass_time("2 hours")

    def asked(self, meeting):
        """(to whom, subject, path) of each letter that asks about the session."""
        found = []
        for mail in self.it.mails():
            for link in re.findall(r"https?://\S+/held/%s\.\S+" % meeting, self.text(mail)):
                found.append((mail["X-RcptTo"], str(make_header(decode_header(mail["Subject"]))), urllib.parse.urlsplit(link).path))
        return found

    def state(self, meeting):
        return self.it.psql("SELECT state, version FROM plan.meeting WHERE id = '%s'" % meeting)[0]

    def person(self, code):
        return self.it.value("SELECT id FROM register.person WHERE code = '%s'" % code)

    def test_who_runs_a_session_is_asked_when_it_is_over_and_answers_with_one_press(self):
        self.over("N1-S1")
        (to, subject, path), = self.asked("N1-S1")
        self.assertEqual(to, self.addresses[DRAMMEN])
        self.assertIn(subject.split("?")[0], ("Er samlingen holdt", "Er samlinga halden"))
        browser = Browser(self.port)
        page = browser.get(path)
        self.assertEqual((page.status, self.state("N1-S1")), (200, ["scheduled", "1"]))
        self.assertIn("Er samlingen holdt?", page.text)
        sent = browser.post(path, {"what": "hold"})
        self.assertEqual((sent.status, self.state("N1-S1")), (303, ["held", "1"]))
        self.idle()
        page = browser.get(path)
        self.assertIn("/show/N1-S1", page.links)
        self.assertEqual(browser.get("/show/N1-S1").status, 200)
        self.assertEqual(browser.post(path, {"what": "cancel"}).status, 303)  # too late: the page says how it stands
        self.assertEqual(self.state("N1-S1"), ["held", "1"])
        event, = self.it.padriver("log", "--key", "N1-S1", "--type", "session_held", json=True)
        self.assertEqual(event["actor"], "person/%d" % self.person(DRAMMEN))
        self.pass_time("4 days")
        self.assertEqual(len(self.asked("N1-S1")), 1)

    def test_unanswered_it_is_asked_again_on_the_next_working_day_and_then_of_the_leader(self):
        self.it.padriver("plan", "schedule", "N1-S2", "--at", "2027-08-27T10:00", "--until", "2027-08-27T12:00")  # a Friday
        steps = [("2027-08-27T11:59", []), ("2027-08-27T12:00", [DRAMMEN]), ("2027-08-30T08:59", [DRAMMEN]),
                 ("2027-08-30T09:00", [DRAMMEN, DRAMMEN]), ("2027-08-31T09:00", [DRAMMEN, DRAMMEN, LEADER]),
                 ("2027-09-03T09:00", [DRAMMEN, DRAMMEN, LEADER])]
        for time, codes in steps:
            self.it.padriver("clock", "jump", time)
            self.idle()
            self.assertEqual([to for to, _, _ in self.asked("N1-S2")], [self.addresses[code] for code in codes], time)
        self.assertEqual(Browser(self.port).post(self.asked("N1-S2")[-1][2], {"what": "cancel"}).status, 303)
        self.assertEqual(self.state("N1-S2"), ["cancelled", "2"])

    def test_a_session_that_was_moved_is_asked_about_when_it_is_over_again(self):
        self.over("N1-S3")
        path = self.asked("N1-S3")[0][2]
        browser = Browser(self.port)
        for wrong in ({}, {"day": "i morgen"}, {"day": "2020-01-01", "from": "10:00", "until": "12:00"},
                      {"day": "2027-06-09", "from": "12:00", "until": "10:00"}, {"day": "2027-06-09", "from": "25:00", "until": "26:00"}):
            page = browser.post(path, {"what": "move", **wrong})
            self.assertEqual((page.status, self.state("N1-S3")), (422, ["scheduled", "1"]), wrong)
            self.assertEqual(page.fields["day"], wrong.get("day", ""))
        new = {"what": "move", "day": "2027-06-09", "from": "10:00", "until": "12:00", "place": "Rådhuset <1>"}
        self.assertEqual(browser.post(path, new).status, 303)
        self.idle()
        self.assertIn("onsdag 9. juni 2027, kl. 10.00 – kl. 12.00, Rådhuset <1>", browser.get(path).text)
        self.assertIn("ligger fram i tid", browser.get(path).text)
        self.assertEqual(len(self.asked("N1-S3")), 1)
        self.it.padriver("clock", "jump", "2027-06-09T12:00")
        self.idle()
        self.assertEqual(len(self.asked("N1-S3")), 2)
        self.assertEqual(browser.post(self.asked("N1-S3")[1][2], {"what": "hold"}).status, 303)

    def test_every_page_is_looked_at_in_a_browser(self):
        self.over("N3-S1")
        browser = self.sign_in(LEADER)
        self.it.psql("INSERT INTO notice.letter (rule, subject, person, occurrence, state, due_at) VALUES "
                     "('reminder', 'N3-S1', 1, '1', 'refused', '2027-01-04')")
        pages = ["/sign-in", self.ask(SUPPORT), self.asked("N3-S1")[0][2], "/staff", "/staff/letters"]
        self.look_at(browser, pages)
        self.assertEqual(browser.get("/staff").heading, "For medarbeidere")

    def test_R40_a_coordinator_writes_in_the_own_area_alone(self):
        self.over("N2-S1")
        (to, _, path), = self.asked("N2-S1")
        self.assertEqual(to, self.addresses[KONGSBERG])
        browser = self.sign_in(DRAMMEN)
        key = {"key": browser.get("/staff").fields["key"]}
        for what in ("hold", "cancel", "move"):
            sent = browser.post("/staff/held/N2-S1", {"what": what, "day": "2028-01-05", "from": "10:00", "until": "12:00", **key})
            self.assertEqual((sent.status, self.state("N2-S1")), (403, ["scheduled", "1"]))
        mine, theirs = str(self.person(DRAMMEN)), str(self.person(KONGSBERG))
        for forged in (path.replace("." + theirs + ".", "." + mine + "."), path.replace("N2-S1", "N2-S2"), path[:-1] + "-", "/held/",
                       "/held/N2-S1", "/held/%s.1.x" % ("N" * 60)):
            self.assertEqual(browser.post(forged, {"what": "hold"}).status, 404, forged)
        with self.assertRaisesRegex(Exception, "an area that person %s does not write in" % mine):
            self.it.psql("SELECT plan.hold_as(%s, 'N2-S1', '2030-01-01')" % mine, "padriver_web")
        with self.assertRaisesRegex(Exception, "permission denied"):
            self.it.psql("SELECT plan.hold('N2-S1', '2030-01-01')", "padriver_web")
        self.assertEqual(self.sign_in(SEATS[2]).get("/staff/held/N2-S1").status, 403)
        browser = self.sign_in(KONGSBERG)
        key = {"key": browser.get("/staff").fields["key"]}
        self.assertEqual(browser.post("/staff/held/N2-S1", {"what": "hold"}).status, 403)  # without the form's key
        self.assertIn("/staff/held/N2-S1", browser.get("/staff/unmarked").links)
        self.assertEqual(browser.post("/staff/held/N2-S1", {"what": "hold", **key}).status, 303)
        self.assertEqual(browser.get("/staff/held/N2-S1").links.count("/staff"), 2)  # the way back, and the footer's
        self.assertEqual(self.state("N2-S1"), ["held", "1"])


if __name__ == "__main__":
    unittest.main()
