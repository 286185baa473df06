"""The year's report in the web face (R79-R81): who may read which edition, its page, its exact bytes, its PDF and the packs."""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_web_staff  # noqa: E402
from answers import Answers  # noqa: E402
from browser import PICTURES, Browser, settings  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402

WORDS = re.compile(r"\s+")


def raw(port, path):
    """Status, type and bytes of an answer."""
    done = subprocess.run(["curl", "-s", "-w", "\n%{http_code} %{content_type}", "http://127.0.0.1:%d%s" % (port, path)],
                          capture_output=True, timeout=120, check=True).stdout
    body, _, last = done.rpartition(b"\n")
    return int(last.split()[0]), last.decode().partition(" ")[2], body


class Year(test_web_staff.Centre):
    """January 2028: the report of 2027 is compiled twice, and its second edition published."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readers = {}
        answers = Answers(cls.it.psql)
        answers.fill()
        answers.hold_survey(9)
        cls.it.padriver("clock", "jump", "2028-01-10T08:00")
        cls.it.padriver("report", "compile", "2027")
        cls.it.padriver("report", "overrule", "2027", "N1", "not", "--reason", "Tre team har ikke målt")
        cls.it.padriver("report", "finding", "2027", "For lite tid til øving", "--goal", "N2", "--session", "N2-S1")
        cls.it.padriver("report", "change", "1", "methods", "En time øving i hver samling", "--owner", "leder", "--due", "2028-01-05")
        cls.it.padriver("report", "compile", "2027")

    def setUp(self):
        self.it.padriver("report", "publish", "2027", "--edition", "2")

    def reader(self, code):
        """A browser in which the person is signed in: once for all tests, since the clock stands still."""
        if code not in self.readers:
            self.readers[code] = self.sign_in(code)
        return self.readers[code]

    def snapshot(self):
        return self.it.padriver("report", "show", "2027", "--edition", "2", json=True)[0]


class Writing(Year):
    def test_R80_who_presses_twice_records_nothing_twice_and_what_was_altered_is_recorded_too(self):
        leader = self.reader(test_web_staff.LEADER)
        key = {"key": leader.get("/staff").fields["key"]}

        def find(what, table):
            return self.it.value("SELECT %s FROM evaluation.%s" % (what, table))

        for table, page, of, fields, altered in (
                ("finding", "findings", None, {"words": "Øvelser mangler\r\npå kveld", "goal": "N2", "session": ""}, {"goal": "N1"}),
                ("change", "finding", "finding", {"words": "Øv på kveld", "kind": "content", "owner": "leder", "due": "2028-03-01"},
                 {"due": "2028-03-02"}),
                ("change_step", "change", "change", {"state": "done", "note": "Øvd to kvelder"}, {"state": "dropped"})):
            path = "/staff/%s/%d" % (page, find("max(id)", of) if of else 2027)
            before = find("count(*)", table)
            for sent in [leader.post(path, {**key, **fields}) for _ in range(2)]:
                self.assertEqual((sent.status, sent.headers["Location"]), (303, path + "?done=" + table.split("_")[-1]))
            self.assertEqual(find("count(*)", table), before + 1, table)
            self.assertEqual(leader.post(path, {**key, **fields, **altered}).status, 303)
            self.assertEqual(find("count(*)", table), before + 2, table)
        leader.post(path, {**key, **fields})  # not as it stands now: a step
        self.assertEqual(find("count(*)", table), before + 3)
        path, change = "/staff/finding/%d" % find("max(id)", "finding"), {"words": "Øv på kveld", "kind": "content", "owner": "leder"}
        for due, more in (("2028-03-01", 0), ("2028-03-02", 1)):  # the one is open yet, the other done: it may be decided anew
            before = find("count(*)", "change")
            self.assertEqual(leader.post(path, {**key, **change, "due": due}).status, 303)
            self.assertEqual(find("count(*)", "change"), before + more, due)

    def test_R79_the_leader_compiles_reads_the_gaps_and_publishes(self):
        leader = self.reader(test_web_staff.LEADER)
        page = leader.get("/staff/reports")
        self.assertIn("/staff/reports", leader.get("/staff").links)
        self.assertIn("/staff/reports", leader.get("/report").links)
        self.assertIn("/staff/publish/2027/1", page.links)  # never published
        self.assertNotIn("/staff/publish/2027/2", page.links)
        key = {"key": page.fields["key"]}
        for wrong in ({}, {"year": "x"}, {"year": "2026"}, {"year": "2029"}, {"year": "2028"}):
            sent = leader.post("/staff/reports", {**key, **wrong})
            self.assertEqual((sent.status, "Velg et år fra listen." in sent.text), (422, True), wrong)
        self.it.padriver("report", "finding", "2027", "Bare med i den siste utgaven")
        sent = leader.post("/staff/reports", {**key, "year": "2027"})
        newest = self.it.value("SELECT max(edition) FROM evaluation.year_report")
        path = "/staff/publish/2027/%d" % newest
        self.assertEqual((sent.status, sent.headers["Location"]), (303, path + "?done=compiled"))
        self.assertIn("Utgaven er satt sammen.", leader.get(sent.headers["Location"]).text)
        self.assertEqual(leader.post("/staff/reports", {**key, "year": "2027"}).headers["Location"], path + "?done=again")
        self.assertIn("Ingenting er annerledes", leader.get(path + "?done=again").text)
        by_command = self.it.padriver("report", "compile", "2027", json=True)[0]
        self.assertEqual((by_command["edition"], by_command["again"]), (newest, True))

        page = leader.get(path)
        self.assertIn(by_command["sha256"], page.text)
        self.assertIn("/staff/report/2027/%d" % newest, page.links)
        self.assertIn(path, leader.get("/staff/report/2027/%d" % newest).links)
        gaps = self.it.padriver("report", "show", "2027", "--edition", str(newest), json=True)[0]["gaps"]
        self.assertGreater(len(gaps), 10)
        question = page.text.index("Vil du publisere utgaven?")
        for gap in gaps:
            self.assertLess(page.text.index(gap["name_nb"]), question, gap)
        self.assertEqual(Browser(self.port).get("/report/2027/%d" % newest).status, 404)
        self.assertEqual(leader.post(path, {}).status, 403)  # without the form's key
        self.assertEqual(leader.post(path, key, headers={"Sec-Fetch-Site": "cross-site"}).status, 403)
        self.assertEqual(Browser(self.port).get("/report/2027/%d" % newest).status, 404)
        for _ in range(2):  # pressed twice
            self.assertEqual(leader.post(path, key).headers["Location"], path + "?done=published")
        page = leader.get(path + "?done=published")
        self.assertIn("Utgaven er publisert.", page.text)
        self.assertNotIn("Vil du publisere", page.text)
        self.assertEqual(Browser(self.port).get("/report/2027/%d" % newest).status, 200)
        who = "person/%s" % self.it.value("SELECT id FROM register.person WHERE code = '%s'" % test_web_staff.LEADER)
        self.assertEqual(self.it.psql("SELECT r.compiled_by, p.published_by FROM evaluation.year_report r JOIN evaluation.year_publication p "
                                      "USING (year, edition) WHERE edition = %d" % newest), [[who, who]])
        for none in ("2027/99", "2026/1", "2027", "2027/0", "2027/x", "x/1", "2027/1/1", ""):
            self.assertEqual(leader.get("/staff/publish/" + none).status, 404, none)

    def test_R79_nobody_but_the_leader_compiles_or_publishes(self):
        for code in (test_web_staff.SUPPORT, test_web_staff.KONGSBERG, test_web_staff.SEATS[0]):
            browser = self.reader(code)
            key = {"key": browser.get("/staff").fields["key"]}
            self.assertNotIn("/staff/reports", browser.get("/staff").links + browser.get("/report").links)
            for path in ("/staff/reports", "/staff/publish/2027/1"):
                self.assertEqual((browser.get(path).status, browser.post(path, {**key, "year": "2027"}).status), (403, 403), (code, path))
            mine = self.it.value("SELECT id FROM register.person WHERE code = '%s'" % code)
            for call in ("compile_as(%d, 2027, '2028-01-10')", "publish_as(%d, 2027, 1, '2028-01-10')"):
                with self.assertRaisesRegex(Exception, "person %d is not the leader" % mine):
                    self.it.psql("SELECT evaluation." + call % mine, "padriver_web")
        for call in ("report_compile(2027, 'x', '2028-01-10')", "report_publish(2027, 1, 'x', '2028-01-10')"):
            with self.assertRaisesRegex(Exception, "permission denied"):
                self.it.psql("SELECT evaluation." + call, "padriver_web")
        self.assertEqual(Browser(self.port).get("/report/2027/1").status, 404)


class Weak(Year):
    def test_R74_too_few_answers_or_too_small_a_part_of_the_invited_are_shown_with_a_warning(self):
        warnings = {"nb": "Bruk tallene med varsomhet: færre enn ti har svart, eller mindre enn 40 % av de inviterte.",
                    "nn": "Bruk tala med varsemd: færre enn ti har svart, eller mindre enn 40 % av dei inviterte.",
                    "en": "Use the numbers with care: fewer than ten have answered, or less than 40% of those invited."}
        invite = "UPDATE evaluation.evaluation SET invited = %d WHERE id = '%s'"
        for session, invited, weak in (("N4-S1", 9, True),  # all nine have answered
                                       ("N2-S1", 12, False), ("N2-S1", 30, False), ("N2-S1", 31, True), ("N2-S1", 120, True)):  # twelve
            self.it.psql(invite % (invited, session))
            for language, words in warnings.items():
                page = Browser(self.port, language).get("/results/session/" + session)
                self.assertEqual((page.status, page.text.count(words)), (200, int(weak)), (session, invited, language))
        edition = self.it.padriver("report", "compile", "2027", json=True)[0]["edition"]  # of all sessions: 74 of 197
        leader = self.reader(test_web_staff.LEADER)
        for language, words in warnings.items():
            for path, weak in (("/staff/report/2027/2", False), ("/staff/report/2027/%d" % edition, True)):
                page = leader.get(path + "?lang=" + language)
                self.assertEqual((page.status, page.text.count(words)), (200, int(weak)), (path, language))


class Report(Year):
    def test_R79_everybody_reads_what_is_published_and_staff_the_rest(self):
        for path in ("/report/2027/1", "/report/2027/1.pdf", "/report/2027/1/snapshot.json", "/report/2026", "/report/2027/3",
                     "/report/2027/x", "/report/2027/2/3", "/report/20271", "/report/-1"):
            self.assertEqual(Browser(self.port).get(path).status, 404, path)
        self.assertNotIn("/report/2027/1", Browser(self.port).get("/report").source)
        self.assertIn("/report/2027/2", Browser(self.port).get("/report").source)
        self.assertEqual(Browser(self.port).get("/staff/report/2027/1").headers["Location"], "/sign-in?to=/staff/report/2027/1")
        self.assertEqual(Browser(self.port).get("/pack/2027/DM1").headers["Location"], "/sign-in?to=/pack/2027/DM1")
        contact = self.reader(test_web_staff.CONTACT)
        self.assertEqual(contact.get("/staff/report/2027/1").status, 403)
        self.assertEqual(contact.get("/pack/2027/DM1").status, 200)
        leader = self.reader(test_web_staff.LEADER)
        draft = leader.get("/staff/report/2027/1")
        self.assertEqual(draft.status, 200)
        self.assertIn("Denne utgaven er ikke publisert.", draft.text)
        self.assertIn("Det finnes en nyere utgave.", draft.text)
        self.assertIn("Endringer over fristen: 1", leader.get("/staff").text)
        self.assertIn("En time øving i hver samling", leader.get("/staff/changes").text)

    def test_R80_findings_and_changes_are_recorded_by_the_office_and_owners_say_what_became_of_theirs(self):
        leader, coordinator = self.reader(test_web_staff.LEADER), self.reader(test_web_staff.KONGSBERG)
        self.assertIn("/staff/findings/2027", leader.get("/staff/report/2027/2").links)
        self.assertNotIn("/staff/findings/2027", leader.get("/report/2027/2").links)
        page = leader.get("/staff/findings/2027")
        about = "N2 Ansatte oppdager forverret tilstand tidlig; N2-S1 ABCDE og NEWS2 for instruktører"
        for words in ("For lite tid til øving %s 1" % about, "En time øving i hver samling Metoder"):
            self.assertIn(words, page.text)
        self.assertIn("(gjelder %s)" % about, leader.get("/staff/finding/1").text)
        self.assertIn("(about N2 Staff discover deterioration early; N2-S1 ABCDE and NEWS2 for instructors)",
                      leader.get("/staff/finding/1?lang=en").text)
        self.assertIn("(gjeld N2 Tilsette oppdagar forverra tilstand tidleg; N2-S1 ABCDE og NEWS2 for instruktørar)",
                      leader.get("/staff/report/2027/2?lang=nn").text)
        leader.get("/staff?lang=nb")
        key, path = {"key": page.fields["key"]}, "/staff/findings/2027"
        for wrong in ({}, {"words": "  "}, {"words": "å" * 1001}, {"words": "x", "goal": "N99"}, {"words": "x", "session": "N9-S9"},
                      {"words": "x", "goal": "N2-S1"}):
            sent = leader.post(path, {**key, **wrong})
            self.assertEqual((sent.status, "Skriv hva som er funnet" in sent.text), (422, True), wrong)
        said = "Flere vil øve <i>hjemme</i>" + "å" * 973
        sent = leader.post(path, {**key, "words": said, "goal": "N1", "session": ""})
        self.assertEqual((sent.status, sent.headers["Location"]), (303, path + "?done=finding"))
        self.assertIn("Funnet er ført.", leader.get(sent.headers["Location"]).text)
        who = self.it.psql("SELECT 'person/' || id FROM register.person WHERE code = '%s'" % test_web_staff.LEADER)[0][0]
        finding, *row = self.it.psql("SELECT id, year, words, goal, session, found_by FROM evaluation.finding ORDER BY id DESC LIMIT 1")[0]
        self.assertEqual(row, ["2027", said, "N1", "", who])

        path = "/staff/finding/" + finding
        self.assertIn(said, leader.get(path).text)
        self.assertIn("Fag- og gjennomføringskoordinator, Kongsberg", leader.get(path).text)  # there are four
        change = {"words": "Øv hjemme", "kind": "content", "owner": "koordinator-kongsberg", "due": "2028-03-01"}
        for wrong in ({"words": ""}, {"kind": "x"}, {"owner": "kongen"}, {"due": "i morgen"}, {"due": "2028-01-09"}, {"due": ""}):
            sent = leader.post(path, {**key, **change, **wrong})
            self.assertEqual((sent.status, "Skriv hva som skal endres" in sent.text), (422, True), wrong)
            self.assertEqual(sent.fields["words"], {**change, **wrong}["words"])
        self.assertEqual(leader.post(path, {**key, **change}).headers["Location"], path + "?done=change")
        number, *row = self.it.psql("SELECT id, kind, words, owner, due_on, proposed_by FROM evaluation.change ORDER BY id DESC LIMIT 1")[0]
        self.assertEqual(row, ["content", "Øv hjemme", "koordinator-kongsberg", "2028-03-01", who])
        self.assertIn("Øv hjemme Innhold", leader.get(path).text)

        # The owner of a change says what became of it; all else is the office's.
        other = {"key": coordinator.get("/staff").fields["key"]}
        self.assertNotIn("words", coordinator.get("/staff/findings/2027").fields)
        self.assertNotIn("words", coordinator.get(path).fields)
        self.assertNotIn("note", coordinator.get("/staff/change/1").fields)
        self.assertEqual(coordinator.post(path, {**other, **change}).status, 403)
        step = {"state": "done", "note": "Prøvd i tre samlinger"}
        self.assertEqual(coordinator.post("/staff/change/1", {**other, **step}).status, 403)
        self.assertIn("note", coordinator.get("/staff/change/" + number).fields)
        for wrong in ({"state": "x"}, {"note": ""}, {"note": "x" * 1001}):
            self.assertEqual(coordinator.post("/staff/change/" + number, {**other, **step, **wrong}).status, 422, wrong)
        sent = coordinator.post("/staff/change/" + number, {**other, **step})
        self.assertEqual((sent.status, sent.headers["Location"]), (303, "/staff/change/%s?done=step" % number))
        self.assertIn("Gjennomført: Prøvd i tre samlinger", coordinator.get(sent.headers["Location"]).text)
        mine = self.it.psql("SELECT id FROM register.person WHERE code = '%s'" % test_web_staff.KONGSBERG)[0][0]
        for call in ("find_as(%s, 2027, 'x', NULL, NULL, '2028-01-10')", "change_as(%s, 1, 'goals', 'x', 'leder', '2028-03-01', '2028-01-10')",
                     "step_as(%s, 1, 'done', 'x', '2028-01-10')"):
            with self.assertRaisesRegex(Exception, "person %s may not record that" % mine):
                self.it.psql("SELECT evaluation." + call % mine, "padriver_web")
        with self.assertRaisesRegex(Exception, "permission denied"):
            self.it.psql("SELECT evaluation.report_find(2027, 'x', NULL, NULL, 'x', '2028-01-10')", "padriver_web")
        for none in ("/staff/findings/2026", "/staff/findings/x", "/staff/finding/0", "/staff/finding/x", "/staff/change/0", "/staff/change/99",
                     "/staff/change/"):
            self.assertEqual(leader.get(none).status, 404, none)
        self.assertIn(said, str(self.it.padriver("report", "findings", "2027", json=True)))

    def test_R79_the_page_says_what_the_snapshot_says_and_its_bytes_are_those_of_the_hash(self):
        status, kind, body = raw(self.port, "/report/2027/snapshot.json")
        self.assertEqual((status, kind), (200, "application/json"))
        sha256 = hashlib.sha256(body).hexdigest()
        self.assertEqual(sha256, self.it.padriver("report", "verify", "2027", json=True)[0]["sha256"])
        self.assertEqual(json.loads(body), self.snapshot())
        page = Browser(self.port).get("/report/2027")
        for words in (sha256, "Ikke nådd. Etter regelen: Delvis nådd. Begrunnelse: Tre team har ikke målt",
                      "For lite tid til øving (gjelder N2 Ansatte oppdager forverret tilstand tidlig; N2-S1 ABCDE og NEWS2 for instruktører)",
                      "En time øving i hver samling", "Åpen",
                      "Kommuner som mangler i lederundersøkelsen", "holdt uten evaluering", "for få har svart"):
            self.assertIn(words, page.text)
        for goal in self.snapshot()["goals"]:
            rated = sum(goal["counts"][:5])
            if rated:
                half_up = (200 * sum(goal["counts"][3:5]) + rated) // (2 * rated)
                self.assertIn("%d %d %% " % (rated, half_up), WORDS.sub(" ", page.text))

    def test_R79_the_pdf_is_tagged_and_says_the_same_while_other_pages_are_answered(self):
        answers = []
        makers = [threading.Thread(target=lambda: answers.append(raw(self.port, "/report/2027.pdf"))) for _ in range(3)]
        for maker in makers:
            maker.start()
        meanwhile = 0
        while any(maker.is_alive() for maker in makers):
            self.assertEqual(Browser(self.port).get("/accessibility").status, 200)
            meanwhile += 1
        for maker in makers:
            maker.join()
        self.assertEqual([(status, kind) for status, kind, _ in answers], [(200, "application/pdf")] * 3)
        self.assertEqual(len({body for _, _, body in answers}), 1)  # one was made
        self.assertGreater(meanwhile, 2)  # one that waited for the PDF would be the only one
        path = PICTURES + "/report.pdf"
        os.makedirs(PICTURES, exist_ok=True)
        with open(path, "wb") as file:
            file.write(answers[0][2])
        run = lambda *words: subprocess.run(words, capture_output=True, check=True).stdout.decode(errors="replace")  # noqa: E731
        info = run("pdfinfo", path)
        self.assertRegex(info, r"Title: +Evalueringsrapport 2027\n")
        self.assertRegex(info, r"Tagged: +yes")
        self.assertIn("pdfuaid", run("pdfinfo", "-meta", path))
        tree = run("pdfinfo", "-struct", path)
        for tag in ("H1", "H2", "H3", "Table", "TH", "TD", "L", "LI"):
            self.assertRegex(tree, r"(?m)^ *%s\b" % tag)
        self.assertIn("/Lang (nb)", run("qpdf", "--qdf", "--object-streams=disable", path, "-"))
        subprocess.run(["qpdf", "--check", path], capture_output=True, check=True)
        text = WORDS.sub(" ", run("pdftotext", "-layout", path, "-"))
        for words in ("Måloppnåelse", "For lite tid til øving", "Krødsherad", "N1-S2: 71"):
            self.assertIn(words, text)
        self.assertIn(self.snapshot_hash(), text.replace(" ", ""))
        self.assertEqual(raw(self.port, "/report/2027.pdf")[2], answers[0][2])  # kept
        self.assertNotEqual(raw(self.port, "/report/2027.pdf?lang=en")[2], answers[0][2])
        eventually(lambda: subprocess.run(["pgrep", "-P", str(self.it.process["web"].pid)], check=False, stdout=subprocess.DEVNULL).returncode == 1)

    def snapshot_hash(self):
        return self.it.padriver("report", "verify", "2027", json=True)[0]["sha256"]

    def test_R81_the_pack_shows_the_meeting_its_part_and_what_it_recorded(self):
        leader = self.reader(test_web_staff.DRAMMEN)
        pack = leader.get("/pack/2027/DM1")
        self.assertEqual(pack.status, 200)
        self.assertIn("Hemsedal", pack.text)
        self.assertNotIn("Kongsberg", pack.text)
        self.assertIn("Hva skal til hos dere?", pack.text)
        self.assertIn("Møtet har ikke notert noe ennå", pack.text)
        for path in ("/pack/2026/DM1", "/pack/2027/SG1", "/pack/2027/", "/pack/x/DM1"):
            self.assertEqual(leader.get(path).status, 404, path)
        pack = leader.get("/pack/2027/DM4")
        for row in self.snapshot()["results"]:
            if row["municipality"] == "drammen":
                self.assertIn(" ".join(map(str, row["counts"])), WORDS.sub(" ", pack.text))
        self.it.padriver("report", "used", "DM1", "2027", "--used", "Målene ett for ett", "--adapted", "Øver på vaktskiftet")
        pack = leader.get("/pack/2027/DM1")
        self.assertIn("Lokal tilpasning: Øver på vaktskiftet", pack.text)
        for code, reads in (("p056", True), (test_web_staff.CONTACT, False), (test_web_staff.SEATS[0], False)):
            pack = self.reader(code).get("/pack/2027/DM1")  # of Hemsedal, which was there; of Drammen; of the steering group
            self.assertEqual((pack.status, "Øver på vaktskiftet" in pack.text), (200, reads), code)

    def test_R81_the_meetings_coordinator_records_on_the_pack_how_it_used_the_report_and_twice_is_once(self):
        coordinator, path = self.reader(test_web_staff.DRAMMEN), "/pack/2027/DM4"
        page = coordinator.get(path)
        sent = {"used": "Målene ett for ett", "adapted": "Øver på kveld"}
        key = {"key": page.fields["key"]}
        self.assertEqual({"used", "adapted"} - set(page.fields), set())

        def records(meeting="DM4"):
            return self.it.psql("SELECT used, adapted, recorded_by FROM evaluation.dialogue WHERE meeting = '%s' ORDER BY id" % meeting)

        for wrong in ({}, {**sent, "used": ""}, {**sent, "adapted": "x" * 1001}):
            refused = coordinator.post(path, {**key, **wrong})
            self.assertEqual((refused.status, "med høyst 1000 tegn" in refused.text), (422, True), wrong)
        self.assertEqual(refused.fields["used"], sent["used"])  # what was written is kept
        self.assertEqual(coordinator.post(path, sent).status, 403)  # without the form's key
        self.assertEqual(coordinator.post(path, {**key, **sent}, headers={"Sec-Fetch-Site": "cross-site"}).status, 403)
        self.assertEqual(records(), [])
        for _ in range(2):
            self.assertEqual(coordinator.post(path, {**key, **sent}).headers["Location"], path + "?done=used")
        who = "person/%s" % self.it.value("SELECT id FROM register.person WHERE code = '%s'" % test_web_staff.DRAMMEN)
        self.assertEqual(records(), [[*sent.values(), who]])
        page = coordinator.get(path + "?done=used")
        for words in ("Det møtet noterte, er lagret.", "Lokal tilpasning: Øver på kveld"):
            self.assertIn(words, page.text)
        self.it.padriver("report", "used", "DM4", "2027", "--used", sent["used"], "--adapted", sent["adapted"])
        self.assertEqual(len(records()), 1)  # by command, too
        coordinator.post(path, {**key, **sent, "adapted": "Øver på natt"})
        coordinator.post(path, {**key, **sent})  # not as it stands now
        self.assertEqual([row[1] for row in records()], ["Øver på kveld", "Øver på natt", "Øver på kveld"])

    def test_R40_what_a_meeting_recorded_is_written_in_the_own_area_alone_and_not_before_it_has_been(self):
        before = self.it.value("SELECT count(*) FROM evaluation.dialogue")
        for code in (test_web_staff.KONGSBERG, test_web_staff.SUPPORT, test_web_staff.SEATS[0]):
            browser = self.reader(code)
            self.assertNotIn("used", browser.get("/pack/2027/DM4").fields, code)
            key = browser.get("/staff").fields["key"]
            self.assertEqual(browser.post("/pack/2027/DM4", {"key": key, "used": "x", "adapted": "y"}).status, 403, code)
            mine = self.it.value("SELECT id FROM register.person WHERE code = '%s'" % code)
            with self.assertRaisesRegex(Exception, "person %s may not record what came of DM4" % mine):
                self.it.psql("SELECT evaluation.used_as(%s, 'DM4', 2027, 'x', 'y', '2028-01-10')" % mine, "padriver_web")
        owner = self.it.value("SELECT id FROM register.person WHERE code = '%s'" % test_web_staff.DRAMMEN)
        for day, may in (("2027-04-06", "f"), ("2027-04-07", "t")):  # the meeting is on the 7th
            self.assertEqual(self.it.psql("SELECT evaluation.may_use(%s, 'DM4', '%s')" % (owner, day), "padriver_web"), [[may]])
        with self.assertRaisesRegex(Exception, "once it has been"):
            self.it.psql("SELECT evaluation.used_as(%s, 'DM4', 2027, 'x', 'y', '2027-04-06')" % owner, "padriver_web")
        self.assertEqual(self.it.value("SELECT count(*) FROM evaluation.dialogue"), before)
        with self.assertRaisesRegex(Exception, "permission denied"):
            self.it.psql("SELECT evaluation.report_used('DM4', 2027, 'x', 'y', 'x', '2028-01-10')", "padriver_web")

    def test_the_pages_in_a_browser(self):
        leader = self.reader(test_web_staff.SUPPORT)
        self.look_at(leader, ["/report", "/report/2027", "/pack/2027/DM4", "/staff/report/2027/1", "/staff/changes"])
        self.look_at(self.reader(test_web_staff.DRAMMEN), ["/pack/2027/DM4"], name="record")  # with the form


PRINTER = """#!/usr/bin/python3
import os, socket, sys, time
said = sys.stdin.read()
try:
    socket.socket(socket.AF_INET)
    net = "a socket"
except PermissionError:
    net = "no socket"
files = sorted(os.listdir("/proc/self/fd"))
while not os.path.exists(%r):
    time.sleep(0.02)
if "lang=\\"en\\"" in said:
    sys.exit(1)
print("%%PDF-", net, len(files), len(os.environ), "Evalueringsrapport" in said, "x" * 100, time.time_ns())
"""


class Printing(unittest.TestCase):
    """With a printer of ours, which waits until it may go on."""

    def start(self, seconds):
        """An instance with a published report, whose PDF may take so long."""
        place = self.enterContext(tempfile.TemporaryDirectory())
        os.chmod(place, 0o755)
        self.go, self.port, self.answers = place + "/go", free_port(), {}
        with open(place + "/printer", "w", encoding="utf-8") as file:
            file.write(PRINTER % self.go)
        os.chmod(place + "/printer", 0o755)
        lines = '    printer = "%s/printer"\n    printing = %d\n' % (place, seconds)
        self.it = self.enterContext(Instance(daemons=[], simulated="2027-01-04T08:00", durable=False,
                                             settings=settings(self.port, SOURCE + "/workers/web/static") + lines))
        self.it.padriver("report", "compile", "2026")
        self.it.padriver("report", "publish", "2026")
        self.it.start("web")
        eventually(lambda: subprocess.run(["curl", "-sf", "http://127.0.0.1:%d/report" % self.port], stdout=subprocess.DEVNULL,
                                          check=False).returncode == 0)

    def children(self):
        return subprocess.run(["pgrep", "-P", str(self.it.process["web"].pid)], capture_output=True, check=False).stdout.split()

    def get(self, path):
        return raw(self.port, "/report/2026" + path)

    def ask(self):
        """Three ask for the PDF, in two languages. Returns the threads that wait for the answers."""
        ask = lambda name, lang: self.answers.setdefault(name, self.get(".pdf?lang=" + lang))  # noqa: E731
        threads = [threading.Thread(target=ask, args=words) for words in (("nb", "nb"), ("nb again", "nb"), ("en", "en"))]
        for thread in threads:
            thread.start()
        eventually(lambda: len(self.children()) == 2)
        return threads

    def test_what_prints_has_no_network_waits_in_nobodys_way_and_is_bounded_in_number(self):
        self.start(60)
        threads, answers = self.ask(), self.answers
        self.assertEqual(self.get(".pdf?lang=nn")[0], 503)
        self.assertEqual(self.get("?lang=nn")[0], 200)
        self.assertEqual(answers, {})
        open(self.go, "w", encoding="utf-8").close()
        for thread in threads:
            thread.join()
        self.assertEqual((answers["nb"][0], answers["en"][0], answers["nb again"]), (200, 503, answers["nb"]))
        self.assertIn("The PDF was not made.", answers["en"][2].decode())
        said = answers["nb"][2].decode().split("x" * 9)[0].split()
        self.assertEqual(said, ["%PDF-", "no", "socket", "4", "4", "True"])  # three files, and the folder that lists them
        eventually(lambda: self.children() == [])
        self.assertEqual(self.get(".pdf?lang=nn")[0], 200)

    def test_of_seven_editions_in_two_languages_each_is_made_once_and_anew_where_an_edition_says_something_else(self):
        self.start(60)
        open(self.go, "w", encoding="utf-8").close()
        for turn in range(2, 8):
            self.it.padriver("report", "finding", "2026", "Funn %d" % turn)
            self.it.padriver("report", "compile", "2026")
            self.it.padriver("report", "publish", "2026", "--edition", str(turn))
        paths = ["/%d.pdf?lang=%s" % (edition, lang) for edition in range(1, 8) for lang in ("nb", "nn")]
        made = {path: self.get(path) for path in paths}
        self.assertEqual({status for status, _, _ in made.values()}, {200})
        self.assertEqual({path: self.get(path) for path in paths}, made)
        self.it.psql("SET session_replication_role = replica; "  # as in a store that was restored: another edition of that number
                     "UPDATE evaluation.year_report SET sha256 = sha256('other') WHERE edition = 2")
        again = {path: self.get(path) for path in paths}
        self.assertEqual([path for path in paths if again[path] != made[path]], ["/2.pdf?lang=nb", "/2.pdf?lang=nn"])

    def test_an_editions_chapters_are_made_once_in_each_language_and_kept_only_whole(self):
        self.start(60)
        page = self.get("?lang=nb")
        self.it.psql("REVOKE SELECT ON evaluation.year_goal FROM padriver_web")
        self.assertEqual((self.get("?lang=nb"), self.get("?lang=nn")[0]), (page, 503))
        self.it.psql("GRANT SELECT ON evaluation.year_goal TO padriver_web")
        other = self.get("?lang=nn")
        self.assertEqual((page[0], other[0], self.get("?lang=nn")), (200, 200, other))
        self.assertNotEqual(other, page)
        self.it.padriver("report", "finding", "2026", "Funn to")
        self.it.padriver("report", "compile", "2026")
        self.it.padriver("report", "publish", "2026")
        self.assertIn("Funn to", self.get("?lang=nb")[2].decode())
        self.assertNotIn("Funn to", self.get("/1?lang=nb")[2].decode())

    def test_what_prints_for_too_long_is_ended_and_who_waits_is_told_what_to_do(self):
        self.start(3)
        begun, threads, meanwhile = time.monotonic(), self.ask(), 0
        while any(thread.is_alive() for thread in threads):
            self.assertLess(time.monotonic() - begun, 60, "nobody has been answered")
            self.assertEqual(self.get("")[0], 200)
            meanwhile += 1
        self.assertGreater(time.monotonic() - begun, 2.5)
        self.assertGreater(meanwhile, 2)
        self.assertEqual({(status, kind) for status, kind, _ in self.answers.values()}, {(503, "text/html; charset=utf-8")})
        for name, words in (("nb", "Prøv igjen om litt, eller les rapporten på nettsiden."), ("nb again", "PDF-en ble ikke laget."),
                            ("en", "Please try again in a while, or read the report on its page.")):
            self.assertIn(words, self.answers[name][2].decode())
        self.assertEqual(self.children(), [])
        open(self.go, "w", encoding="utf-8").close()
        eventually(lambda: self.get(".pdf?lang=nb")[0] == 200)


if __name__ == "__main__":
    unittest.main(verbosity=1)
