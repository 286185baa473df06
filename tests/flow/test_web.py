"""The web face with real programs: who holds a letter's link opens the form, answers once, and is thanked; whatever else
is sent is refused kindly, and nothing is lost."""
import base64
import concurrent.futures
import hashlib
import hmac
import os
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from answers import Answers  # noqa: E402
from browser import Browser, Page, settings  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402
from relay import COMMIT, Relay  # noqa: E402
from test_evaluation import SCALE, WORDS, Flow  # noqa: E402


class Web(Flow):
    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.it = Instance(daemons=["evaluation"], simulated=cls.start, durable=False,
                          settings=settings(cls.port, SOURCE + "/workers/web/static"))
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        with open(cls.it.state + "/link.key", encoding="ascii") as file:
            cls.key = bytes.fromhex(file.read().strip())
        store = cls.it.directory + "/store/.s.PGSQL.5432"
        os.mkdir(os.path.dirname(store))
        cls.relay = Relay(store, cls.it.cluster.directory + "/.s.PGSQL.5432")
        cls.addClassCleanup(cls.relay.close)
        cls.it.through("web", store=store)
        cls.it.start("web")
        cls.browser = Browser(cls.port)
        cls.pool = concurrent.futures.ThreadPoolExecutor(24)
        eventually(lambda: cls.opens("/"))

    @classmethod
    def opens(cls, path):
        try:
            return cls.browser.get(path).status == 200
        except OSError:
            return False

    def path(self, link):
        return urllib.parse.urlsplit(link).path

    def paths(self, evaluation):
        return [self.path(link) for link in self.links(evaluation)]

    def given(self, page, **more):
        """The form's fields, filled in."""
        return {**page.fields, **{name: "4" for name in SCALE}, **more}

    def count(self, table, evaluation):
        return int(self.about(evaluation, "count(*) FROM evaluation." + table)[0][0])

    def test_who_holds_a_link_answers_once_and_is_thanked(self):
        self.hold("N1-S1")
        path = self.paths("N1-S1")[0]
        form = self.browser.get(path)
        self.assertEqual((form.status, form.lang), (200, "nb"))
        self.assertIn("Svarene er anonyme. Vi viser ikke resultater når færre enn fem har svart.", form.text)
        self.assertIn("Ikke skriv noe som kan kjennes igjen om pasienter, brukere, pårørende eller kolleger.", form.text)
        self.assertEqual(form.options, {name: ["1", "2", "3", "4", "5", "0"] for name in SCALE})
        self.assertEqual({name for name, value in form.fields.items() if value == ""}, set(WORDS))
        sent = self.browser.post(path, self.given(form, q12="Mer øving\r\ni små grupper"))
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/thanks"))
        self.assertEqual(self.browser.get("/thanks").heading, "Takk for svaret!")
        self.assertEqual(self.count("box", "N1-S1"), 1)
        self.idle()  # the broker was woken: the event has been handled
        event = self.query("SELECT actor, cause, to_char(at AT TIME ZONE 'Europe/Oslo', 'HH24:MI') FROM log.event "
                           "WHERE key = 'N1-S1' AND type = (SELECT max(type) FROM log.event WHERE key = 'N1-S1')")
        self.assertEqual(event, [["", "", "00:00"]])
        for again in (self.browser.get(path), self.browser.post(path, self.given(form))):
            self.assertEqual((again.status, again.heading), (410, "Vi har svaret ditt"))
        self.assertEqual(self.count("box", "N1-S1"), 1)

    def test_what_is_wrong_is_said_and_what_was_written_is_kept(self):
        self.hold("N2-S1")
        path = self.paths("N2-S1")[0]
        form = self.browser.get(path)
        cases = [({}, "Svar på minst ett spørsmål"),
                 ({"q1": "6"}, "Velg et tall fra 1 til 5"),
                 ({"q12": "å" * 1001}, "høyst 1000 tegn"),
                 ({"q12": "Hun er født 010190 12345, sa de"}, "fødselsnummer"),
                 ({"q13": "01019012345"}, "fødselsnummer")]
        for fields, words in cases:
            sent = self.browser.post(path, {"mode": "anonymous", "q14": "Takk <3 & \"sånn\"" if fields else "", **fields})
            self.assertEqual(sent.status, 422, fields)
            self.assertIn(words, sent.text)
            self.assertIn("Du må rette noe før svaret kan sendes", sent.text)
            if fields:
                self.assertEqual(sent.fields["q14"], "Takk <3 & \"sånn\"")
                self.assertEqual([sent.fields[name] for name in fields if name != "q1"],
                                 [value for name, value in fields.items() if name != "q1"])
        self.assertEqual(self.count("box", "N2-S1"), 0)
        fine = {"q12": "Ring 22 33 44 55 eller 99 88 77 66", "q13": "27.01.2027 09.00-15.00", "q14": "123456789012"}
        self.assertEqual(self.browser.post(path, self.given(form, **fine)).status, 303)

    def test_a_mode_that_the_form_did_not_say_takes_no_answer(self):
        self.hold("N3-S1")
        path = self.paths("N3-S1")[0]
        form = self.browser.get(path)
        self.it.padriver("evaluation", "mode", "N3-S1", "named")
        sent = self.browser.post(path, self.given(form, q12="Bra"))
        self.assertEqual((sent.status, sent.fields["q12"], sent.fields["mode"]), (409, "Bra", "named"))
        self.assertIn("Svaret ditt blir knyttet til navnet ditt.", sent.text)
        self.assertEqual(self.browser.post(path, sent.fields).status, 303)
        self.assertEqual(self.about("N3-S1", "answer->>'q12' FROM evaluation.submission"), [["Bra"]])

    def test_late_forged_and_foreign_links_are_refused_kindly(self):
        self.hold("N4-S1")
        path = self.paths("N4-S1")[0]
        form = self.browser.get(path)
        forged = [path[:-1] + ("A" if path[-1] != "A" else "B"), path + "x", "/e/", "/e/1.", "/e/%00", "/e/-1.x",
                  self.path(self.link(1, b"k" * 32)), self.path(self.link(4711))]
        for wrong in forged:
            for page in (self.browser.get(wrong), self.browser.post(wrong, self.given(form))):
                self.assertEqual((page.status, page.heading), (404, "Denne lenken kjenner vi ikke"), wrong)
        self.pass_time("N4-S1")
        for late in (self.browser.get(path), self.browser.post(path, self.given(form))):
            self.assertEqual((late.status, late.heading), (410, "Evalueringen er avsluttet"))
        self.assertEqual(self.count("box", "N4-S1"), 0)

    def test_many_at_once_and_one_link_from_many(self):
        self.hold("N5-S1")
        paths = self.paths("N5-S1")
        form = self.browser.get(paths[0])
        asked = paths[1:] + [paths[0]] * 24
        ends = list(self.pool.map(lambda path: Browser(self.port).post(path, self.given(form)).status, asked))
        self.assertEqual(ends[:len(paths) - 1], [303] * (len(paths) - 1))
        self.assertEqual(sorted(ends[len(paths) - 1:]), [303] + [410] * 23)
        self.assertEqual(self.count("box", "N5-S1"), len(paths))
        self.idle()
        self.assertEqual(self.query("SELECT count(*) FROM log.event WHERE key = 'N5-S1' AND type = "
                                    "(SELECT max(type) FROM log.event WHERE key = 'N5-S1')"), [[str(len(paths))]])

    def send(self, path):
        """Posts an answer from a browser of its own; it is not waited for, but whoever asks later is behind it."""
        form = self.browser.get(path)
        return self.pool.submit(Browser(self.port).begin("POST", path, self.given(form)))

    def send_and_hold(self, path, action="hold"):
        """An answer whose commit is on its way to the store, and there is held or struck."""
        self.relay.strike(COMMIT, action, behind=b"append_events")
        sent = self.send(path)
        self.assertTrue(self.relay.struck.wait(20), self.it.said())
        return sent

    def ends(self, *sent):
        return [one.result(30)[0] for one in sent]

    def test_while_a_commit_is_in_flight_pages_are_shown_and_the_next_answers_wait_for_it(self):
        self.hold("N3-S2")
        first, *others = self.paths("N3-S2")[:6]
        sent = self.send_and_hold(first)
        more = [self.send(path) for path in others]
        again = self.send(first)
        self.assertEqual(self.browser.get("/").status, 200)
        self.assertFalse(any(one.done() for one in [sent, again, *more]))
        self.assertEqual(self.count("box", "N3-S2"), 0)
        self.relay.release()
        self.assertEqual(self.ends(sent, *more), [303] * 6)
        self.assertEqual(Page(again.result(30)[2]).heading, "Vi har svaret ditt")
        self.assertEqual(self.about("N3-S2", "count(*), count(DISTINCT xmin::text) FROM evaluation.box"), [["6", "2"]])

    def test_a_link_whose_answer_is_lost_in_flight_can_be_used_again(self):
        """Without a store for the repetition neither is stored, and the second of a link does not hear that it is spent."""
        self.hold("N4-S2")
        path = self.paths("N4-S2")[0]
        sent = self.send_and_hold(path)
        again = self.send(path)
        self.it.cluster.stop()
        self.relay.release()
        self.assertEqual(self.ends(sent, again), [503, 503])
        self.it.cluster.start()
        self.assertEqual(self.count("box", "N4-S2"), 0)
        self.assertEqual(self.ends(self.send(path)), [303])

    def test_a_commit_of_which_nothing_is_heard_is_done_again_and_stored_once(self):
        self.hold("N5-S2")
        for action, end in (("cut", 303), ("lose", 410)):  # what was stored shows as spent
            before = self.count("box", "N5-S2")
            self.assertEqual(self.ends(self.send_and_hold(self.paths("N5-S2")[0], action)), [end], action)
            self.assertEqual(self.count("box", "N5-S2"), before + 1, action)
        self.idle()
        self.assertEqual(self.query("SELECT count(*) FROM log.event WHERE key = 'N5-S2' AND type = "
                                    "(SELECT max(type) FROM log.event WHERE key = 'N5-S2')"), [["2"]])

    def test_one_that_the_store_refuses_stops_none_of_those_beside_it(self):
        """It was sealed, and then its form no longer said the truth."""
        for meeting in ("N6-S2", "N1-S4"):
            self.hold(meeting)
        first, second = self.paths("N6-S2")[:2]
        turned = self.paths("N1-S4")[0]
        sent = self.send_and_hold(first)
        others = [self.send(turned), self.send(second)]
        self.browser.get("/")  # by now they are sealed
        self.query("SELECT evaluation.set_mode('N1-S4', 'named')")
        self.relay.release()
        self.assertEqual(self.ends(sent, *others), [303, 409, 303])
        self.assertIn("Svaret ditt blir knyttet til navnet ditt.", Page(others[0].result()[2]).text)

    def test_beside_a_named_answer_an_anonymous_one_has_its_day_alone(self):
        for meeting in ("N1-S3", "N2-S3"):
            self.hold(meeting)
        self.it.padriver("evaluation", "mode", "N2-S3", "named")
        first, second = self.paths("N1-S3")[:2]
        sent = self.send_and_hold(first)
        others = [self.send(second), self.send(self.paths("N2-S3")[0])]
        self.browser.get("/")
        self.relay.release()
        self.assertEqual(self.ends(sent, *others), [303] * 3)
        times = self.query("SELECT DISTINCT to_char(at AT TIME ZONE 'Europe/Oslo', 'HH24:MI') FROM log.event WHERE key = 'N1-S3'"
                           " AND type = (SELECT max(type) FROM log.event WHERE key = 'N1-S3')")
        self.assertEqual(times, [["00:00"]])

    def test_told_to_end_it_answers_those_in_flight_and_those_behind_them(self):
        self.hold("N3-S3")
        paths = self.paths("N3-S3")[:3]
        sent = [self.send_and_hold(paths[0]), *map(self.send, paths[1:])]
        self.browser.get("/")
        self.it.process["web"].terminate()
        self.relay.release()
        self.assertEqual(self.ends(*sent), [303] * 3)
        self.assertEqual(self.it.process["web"].wait(30), 0)
        self.it.start("web")
        eventually(lambda: self.opens("/"))

    def test_a_lone_answer_does_not_wait_for_the_loops_tick(self):
        """With nothing else to wake the loop, each of them would take a whole second."""
        self.hold("N1-S2")
        waits = []
        for path in self.paths("N1-S2")[:3]:
            form = self.browser.get(path)
            began = time.monotonic()
            self.assertEqual(self.browser.post(path, self.given(form)).status, 303)
            waits.append(time.monotonic() - began)
        self.assertLess(min(waits), 1)

    def test_a_newsletters_link_unsubscribes_at_one_post_and_takes_it_back(self):
        """RFC 8058; a GET never unsubscribes. Letters of duty go on, and what the centre has stopped stays so."""
        person, language = self.query("SELECT id, language FROM register.person WHERE email IS NOT NULL ORDER BY id LIMIT 1")[0]
        mac = hmac.new(self.key, b"newsletter/" + person.encode(), hashlib.sha512).digest()[:16]
        path = "/u/%s.%s" % (person, base64.urlsafe_b64encode(mac).decode().rstrip("="))

        def stopped():
            return self.query("SELECT channel FROM register.suppression WHERE person = %s ORDER BY channel" % person)
        page = self.browser.get(path)
        self.assertEqual((page.status, page.lang, stopped()), (200, language, []))
        self.assertEqual(page.fields, {"List-Unsubscribe": "One-Click"})
        self.assertIn("evalueringer er ikke nyhetsbrev", Page(self.browser.request("GET", path + "?lang=nb")[2]).text)
        parts = '--part\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--part--\r\n'
        for sent in ({"fields": page.fields},
                     {"body": parts, "headers": {"Content-Type": "multipart/form-data; boundary=part"}}):
            status, _, body = Browser(self.port).request("POST", path, **sent)  # a mail server: no cookie, no page before
            self.assertEqual((status, stopped(), Page(body).fields), (200, [["newsletter"]], {"again": "yes"}))
            again = self.browser.post(path, {"again": "yes"})
            self.assertEqual((again.status, stopped(), again.fields), (200, [], page.fields))
        self.assertEqual((self.browser.post(path, {"x": "y"}).status, stopped()), (422, []))
        forged = path[:-1] + ("A" if path[-1] != "A" else "B")
        self.assertEqual((self.browser.get(forged).status, self.browser.post(forged, page.fields).status), (404, 404))
        self.assertEqual(stopped(), [])
        self.it.padriver("suppression", "add", person, "--channel", "newsletter")
        self.assertEqual((self.browser.post(path, {"again": "yes"}).fields, stopped()), ({}, [["newsletter"]]))
        self.it.padriver("suppression", "drop", person, "--channel", "newsletter")

    def ask(self, path, address):
        return Browser(self.port).post(path, {"address": address})

    def test_who_asks_for_the_link_by_the_code_too_often_is_asked_to_wait_but_nobody_in_a_room_full_of_people(self):
        self.hold("N2-S2")
        person, address = self.query("SELECT p.id, p.email FROM evaluation.invitation i JOIN register.person p ON p.id = i.person "
                                     "WHERE i.evaluation = 'N2-S2' ORDER BY i.id LIMIT 1")[0]
        ends = [self.ask("/q/N2-S2", address).status for _ in range(9)]  # two minutes at most
        self.assertEqual((ends[:3], ends[-1]), ([200] * 3, 429))
        refused = self.ask("/q/N2-S2", address.upper())
        self.assertEqual((refused.heading, refused.headers["Retry-After"]), ("Vent et minutt", "60"))
        self.assertEqual(self.ask("/q/N2-S2", "andre@annet.example").status, 200)
        again = self.query("DELETE FROM notice.letter WHERE subject = 'N2-S2' AND person = %s RETURNING occurrence" % person)
        self.assertEqual(again, [["again/1"]])  # which nobody sends here
        ends = [self.browser.post("/q/N2-S2", {"address": "n%d@sted.example" % (number % 130)},
                                  headers={"X-Forwarded-For": "203.0.113.9"}).status for number in range(3 * 130)]
        self.assertEqual(ends, [200] * 390)

    def test_nobody_is_told_that_nothing_was_stored_where_that_is_not_known(self):
        for action, more in (("lose", 1), ("cut", 0)):
            before = int(self.query("SELECT count(*) FROM web.sign_in")[0][0])
            self.relay.strike(COMMIT, action, behind=b"append_events")
            page = self.browser.post("/sign-in", {"address": "noen@sted.example"})
            self.assertEqual((page.status, page.heading), (503, "Vi vet ikke om det ble lagret"))
            self.assertIn("/sign-in", page.links)
            self.assertNotIn("Vi har ikke lagret", page.text)
            self.assertEqual(self.query("SELECT count(*) FROM web.sign_in"), [[str(before + more)]])

    def test_who_was_overtaken_is_told_so_and_where_to_look(self):
        """The session is called off while somebody's "it was held" is on its way."""
        self.jump(self.schedule("N5-S3"))
        leader = int(self.query("SELECT id FROM register.person WHERE code = 'p001'")[0][0])
        path = "/held/N5-S3.%d.%s" % (leader, self.mac("held/N5-S3/%d" % leader))
        self.relay.strike(b"web_hold", "hold")
        sent = self.pool.submit(Browser(self.port).begin("POST", path, {"what": "hold"}))
        self.assertTrue(self.relay.struck.wait(20))
        self.it.padriver("plan", "cancel", "N5-S3")
        self.relay.release()
        status, headers, body = sent.result(30)
        page = Page(body)
        self.assertEqual((status, page.heading, headers.get("Location")), (409, "Det går ikke", None))
        self.assertIn("Kanskje var noen raskere enn deg. Vi har ikke lagret det du sendte.", page.text)
        self.assertIn("N5-S3", page.text)  # the store's reason
        self.assertIn(path, page.links)

    def test_a_table_that_cannot_be_given_is_no_file(self):
        Answers(self.it.psql).hold("N6-S3", 9, "2026-12-01")
        path = "/results/session/N6-S3.csv"
        self.assertIn("attachment", self.browser.get(path).headers["Content-Disposition"])
        self.relay.strike(COMMIT, "lose")
        page = self.browser.get(path)
        self.assertEqual((page.status, page.headers["Content-Type"]), (503, "text/html; charset=utf-8"))
        self.assertNotIn("Content-Disposition", page.headers)
        self.assertEqual(page.heading, "Noe gikk galt. Prøv igjen.")

    def test_without_a_store_it_says_so_and_goes_on_when_it_is_back(self):
        self.hold("N6-S1")
        path = self.paths("N6-S1")[0]
        form = self.browser.get(path)
        self.it.cluster.stop()
        for page in (self.browser.get(path), self.browser.post(path, self.given(form)), self.browser.get("/")):
            self.assertEqual((page.status, page.heading), (503, "Noe gikk galt. Prøv igjen."))
        self.assertEqual(self.browser.get("/thanks").status, 200)
        self.it.cluster.start()
        self.assertEqual(self.browser.post(path, self.given(form)).status, 303)
        self.assertEqual(self.count("box", "N6-S1"), 1)

    def test_languages_headers_and_files(self):
        start = self.browser.get("/")
        self.assertIn("27.01.2027, 09.00–15.00", start.text)
        self.assertIn("Kom i gang med forbedring", start.text)
        for accepted, lang in (("nn-NO,nb;q=0.8", "nn"), ("en-GB,en;q=0.9", "en"), ("no", "nb"), ("de,fr;q=0.5", "nb")):
            self.assertEqual(Browser(self.port, accepted).get("/").lang, lang)
        reader = Browser(self.port)
        self.assertEqual(reader.get("/?lang=nn").lang, "nn")
        self.assertIn("?year=2028&lang=en", reader.get("/?year=2028").links)
        self.assertEqual(reader.get("/accessibility").heading, "Tilgjengelegheitserklæring")
        policy = start.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(start.headers["Cache-Control"], "no-store")
        for name in ("style=", "onclick", "<script>", "http://"):
            self.assertNotIn(name, start.source.replace('xmlns="http://www.w3.org/2000/svg"', ""))
        sheets = [word.split('"')[1] for word in start.source.split("href=")[1:] if "/static/" in word.split('"')[1]]
        self.assertEqual(len(sheets), 3)
        for sheet in sheets:
            status, headers, body = self.browser.request("GET", sheet)
            self.assertEqual((status, headers["Content-Type"]), (200, "text/css; charset=utf-8"))
            self.assertIn("immutable", headers["Cache-Control"])
            self.assertGreater(len(body), 500)

    def test_a_letters_link_opens_in_its_language_which_form_and_thanks_keep(self):
        """Though the browser prefers another and keeps no cookie."""
        self.hold("N4-S3")
        path = self.paths("N4-S3")[0] + "?lang=nn"
        form = Browser(self.port, "en").get(path)
        self.assertEqual(form.lang, "nn")
        self.assertEqual(Browser(self.port, "en").post(path, {"mode": "anonymous", "q1": "6"}).lang, "nn")
        sent = Browser(self.port, "en").post(path, self.given(form))
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/thanks?lang=nn"))
        self.assertEqual(Browser(self.port, "en").get(sent.headers["Location"]).lang, "nn")

    def test_what_is_no_page_and_no_form_is_refused(self):
        for path in ("/x", "/static/", "/static/../web.c", "/static/%2e%2e/web.c", "/static/padriver.css/", "//", "/E/1.x", "/q/%00"):
            self.assertEqual(self.browser.get(path).status, 404, path)
        self.assertEqual(self.browser.get("/q/%e6").status, 400)
        self.assertEqual(self.browser.request("DELETE", "/")[0], 405)
        self.assertEqual(self.browser.post("/", {}).status, 405)
        path = self.path(self.link(1))
        wrong = [({"body": "x" * 70000, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 413),
                 ({"body": "{}", "headers": {"Content-Type": "application/json"}}, 415),
                 ({"body": "q1=%FF%FE", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
                 ({"body": "&".join("q%d=1" % n for n in range(500)),
                   "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400)]
        for more, status in wrong:
            self.assertEqual(self.browser.request("POST", path, **more)[0], status, status)
        self.assertTrue(self.it.is_running("web"))


if __name__ == "__main__":
    unittest.main()
