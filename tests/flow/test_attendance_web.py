"""Who was at a session: ticked on the page at its end by the own area's coordinator; who was not there is not asked for an
evaluation, nor reminded of one; who is ticked late is, and what is published shows no state before and after that answer. And how
many have answered, kept fresh with and without script."""
import os
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_web_staff  # noqa: E402
from answers import Answers  # noqa: E402
from browser import Browser  # noqa: E402
from test_web_staff import DRAMMEN, KONGSBERG, LEADER, SEATS, SUPPORT  # noqa: E402


class Attendance(test_web_staff.Centre):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keep_few()

    def schedule(self, meeting):
        self.it.padriver("plan", "schedule", meeting, "--at", self.after("1 hour"), "--until", self.after("2 hours"))

    def asked(self, meeting):
        """The path in the newest letter that asks whether it was held."""
        links = [link for mail in self.it.mails() for link in re.findall(r"https?://\S+/held/%s\.\S+" % meeting, self.text(mail))]
        return urllib.parse.urlsplit(links[-1]).path

    def column(self, sql):
        return [row[0] for row in self.it.psql(sql)]

    def members(self, network):
        return self.column("SELECT person FROM register.network_members('%s', '2027-01-04') ORDER BY 1" % network)

    def noted(self, meeting, present):
        return self.column("SELECT person FROM plan.attendance WHERE meeting = '%s' AND present = %s ORDER BY 1" % (meeting, present))

    def letters(self, rule, meeting, where="true"):
        return self.column("SELECT person FROM notice.letter WHERE rule = '%s' AND subject = '%s' AND %s ORDER BY 1" % (rule, meeting, where))

    def answer(self, meeting, person, status=303, **form):
        number = self.it.psql("SELECT id FROM evaluation.invitation WHERE evaluation = '%s' AND person = %s" % (meeting, person))[0][0]
        self.assertEqual(Browser(self.port).post("/e/" + self.made_link("evaluation", number), form or {"mode": "anonymous", "q1": "4"}).status,
                         status)

    def attend(self, persons, page=None):
        """The form of a page, sent with these ticked."""
        return {"what": "attend", "shown": page.fields["shown"] if page else "", **{"there-" + person: "on" for person in persons}}

    def tick(self, browser, path, persons, **more):
        """The status of it, with the list read first."""
        return browser.post(path, {**self.attend(persons, browser.get(path)), **more}).status

    def test_R57_R111_who_was_there_is_noted_and_who_was_not_is_not_asked(self):
        members = self.members("N1")
        there, absent, late = members[:-4], members[-4:-1], members[-1:]
        self.schedule("N1-S1")
        self.pass_time("2 hours")
        path, browser = self.asked("N1-S1"), Browser(self.port)
        page = browser.get(path)
        self.assertEqual(sorted(page.boxes, key=lambda name: int(name[6:])), ["there-" + person for person in members])
        self.assertEqual((set(page.boxes.values()), self.noted("N1-S1", "true")), ({False}, []))
        self.assertIn("De som ikke er krysset av, regner vi som borte. De får ikke evalueringen.", page.text)
        self.assertEqual(set(browser.get(path + "?all=1").boxes.values()), {True})
        nobody = browser.post(path, self.attend([], page))
        self.assertEqual((nobody.status, "Kryss av minst én" in nobody.text), (422, True))
        self.assertEqual(self.tick(browser, path, there[:3]), 303)
        self.assertEqual(self.tick(browser, path, there + late + ["999999"]), 303)  # a stranger's box is none
        page = browser.get(path)
        self.assertEqual([name for name, ticked in page.boxes.items() if not ticked and name[6:] not in absent], [])
        self.assertIn("%d av %d var der" % (len(members) - 3, len(members)), page.text)
        self.assertEqual((self.noted("N1-S1", "true"), self.noted("N1-S1", "false")), (there + late, absent))
        wrong = self.it.psql("SELECT a.person FROM plan.attendance a JOIN register.person p ON p.id = a.person JOIN register.membership m "
                             "ON m.person = p.id AND m.network = 'N1' WHERE (a.role, a.municipality) IS DISTINCT FROM (m.role, p.municipality)")
        self.assertEqual(wrong, [])
        self.assertEqual(self.column("SELECT DISTINCT noted_by FROM plan.attendance WHERE meeting = 'N1-S1'"),
                         self.column("SELECT id FROM register.person WHERE code = '%s'" % DRAMMEN))

        self.assertEqual(browser.post(path, {"what": "hold"}).status, 303)
        self.idle()
        invited = "SELECT person FROM evaluation.invitation WHERE evaluation = 'N1-S1' ORDER BY 1"
        self.assertEqual(self.column(invited), there + late)
        self.assertEqual(self.letters("evaluation", "N1-S1", "state = 'sent'"), there + late)
        self.assertIn("De du krysser av nå, får den også", browser.get(path).text)
        self.pass_time("1 day")
        corrected = sorted(there + absent[:1], key=int)  # one was, another was not
        self.assertEqual(self.tick(browser, path, corrected), 303)
        self.idle()
        everybody = sorted(corrected + late, key=int)
        self.assertEqual((self.column(invited), self.letters("evaluation", "N1-S1", "state = 'sent'")), (everybody, everybody))
        self.assertEqual(self.tick(browser, path, corrected), 303)  # noted again: nobody is asked twice
        self.idle()
        self.assertEqual((self.column(invited), self.letters("evaluation", "N1-S1")), (everybody, everybody))
        self.assertIn("0 av %d har svart." % len(everybody), browser.get(path).text)
        events = self.it.padriver("log", "--key", "N1-S1", "--type", "attendance_noted", json=True)
        self.assertEqual({event["actor"] for event in events}, {"person/" + self.column("SELECT DISTINCT noted_by FROM plan.attendance")[0]})
        for person in (there[0], absent[0]):
            self.answer("N1-S1", person)
        self.pass_time("3 days")
        self.assertEqual(self.column(invited), everybody)
        self.assertEqual(self.letters("evaluation_reminder", "N1-S1", "state = 'sent'"), there[1:])
        self.assertEqual(self.column("SELECT reason FROM notice.letter WHERE rule = 'evaluation_reminder' AND state = 'dropped'"),
                         ["was not there"])
        self.it.padriver("publish", "follow_up_due", "evaluation=N1-S1")  # nor of what was taken into use
        self.idle()
        self.assertEqual(self.column(invited.replace("N1-S1", "N1-S1.bruk")), corrected)
        self.assertEqual(self.letters("evaluation", "N1-S1.bruk", "state = 'sent'"), corrected)
        self.pass_time("7 days")
        self.assertEqual(self.tick(browser, path, corrected + absent[1:]), 303)  # it is closed: too late
        self.idle()
        self.assertEqual(self.column(invited), everybody)

    def test_a_list_saved_from_an_old_page_overrules_nobody(self):
        """Two have the page open; and somebody joins who stood on neither."""
        members, browser = self.members("N6"), Browser(self.port)
        self.schedule("N6-S2")
        self.pass_time("2 hours")
        path = self.asked("N6-S2")
        page = browser.get(path)
        self.assertEqual(browser.post(path, self.attend(members[:6], page)).status, 303)
        late = browser.post(path, self.attend(members[6:], page))
        self.assertEqual((late.status, self.noted("N6-S2", "true")), (409, members[:6]))
        self.assertIn("Listen er endret etter at du åpnet siden", late.text)
        self.assertEqual({name[6:] for name, ticked in late.boxes.items() if ticked}, set(members[:6]))
        page = browser.get(path)
        joined = self.it.value("INSERT INTO register.membership (network, person, role, valid_from) SELECT 'N6', id, 'resource', '2026-09-01' "
                               "FROM register.person WHERE id NOT IN (%s) ORDER BY id LIMIT 1 RETURNING person" % ", ".join(members))
        self.addCleanup(self.it.psql, "DELETE FROM register.membership WHERE network = 'N6' AND person = %d" % joined)
        self.assertEqual(browser.post(path, self.attend(members[:3], page)).status, 409)
        self.assertNotIn(str(joined), self.noted("N6-S2", "false"))
        self.assertEqual(browser.post(path, self.attend(members[:3], browser.post(path, self.attend([], page)))).status, 303)
        self.assertEqual(self.noted("N6-S2", "true"), members[:3])

    def look(self, sessions):
        """All that is published of the network and its sessions, and what the year's report would say."""
        paths = ["session/" + session for session in sessions] + ["network/N5", "network/N5/2027", "year/2027"]
        pages = ["/", "/results", "/report"] + ["/results/%s%s%s" % (kind, path, form) for kind in ("", "follow-up/") for path in paths
                                                for form in ("", ".csv")]
        said = {path: Browser(self.port).request("GET", path)[::2] for path in pages}
        for of in ("--session", "N5-S1"), ("--network", "N5"), ("--year", "2027"):
            said[of] = self.it.padriver("evaluation", "report", *of, exit=None)
        for session in sessions:
            shown = self.it.padriver("evaluation", "results", session, json=True)[0]
            said["results", session] = (shown["hidden"], shown["items"])
            said["words", session] = self.it.padriver("evaluation", "words", session)
        said["year"] = self.it.psql("SELECT evaluation.year_snapshot(2027)")
        return said

    def changed(self, sessions, before):
        return [thing for thing, said in self.look(sessions).items() if said != before[thing]]

    def test_no_two_looks_tell_what_was_answered_by_who_was_asked_late(self):
        """Whatever the mode: of six, or of five who without that one were too few."""
        sessions = {"N5-S1": ("anonymous", 5), "N5-S2": ("municipality", 5), "N5-S3": ("named", 4)}
        members, browser = self.members("N5"), Browser(self.port)
        for session in sessions:
            self.schedule(session)
        self.pass_time("2 hours")
        paths = {session: self.asked(session) for session in sessions}
        for session, path in paths.items():
            self.assertEqual(self.tick(browser, path, members[:5]), 303)
            self.assertEqual(browser.post(path, {"what": "hold"}).status, 303)
        self.idle()
        for session, (mode, count) in sessions.items():
            self.it.padriver("evaluation", "mode", session, mode)
            for person in members[:count]:
                self.answer(session, person, mode=mode, q1="5", q12="Fint")
        self.idle()
        before = self.look(sessions)
        for session, (mode, _) in sessions.items():
            self.assertEqual(self.tick(browser, paths[session], members[:6]), 303)
            self.idle()
            self.answer(session, members[5], mode=mode, q1="1", q12="Vel")
        self.idle()
        self.assertEqual(self.changed(sessions, before), [])

        self.pass_time("10 days")
        closed = self.look(sessions)
        for session, (_, count) in sessions.items():
            self.assertIn("%d av 6 har svart" % (count + 1), closed["/results/session/" + session][1])
            self.assertEqual(closed["results", session][1][0]["counts"], {"1": 1, "2": 0, "3": 0, "4": 0, "5": count, "dk": 0})
            self.assertEqual(self.tick(browser, paths[session], members), 303)  # too late
            for event in ("session_held meeting=", "attendance_noted meeting=", "evaluation_closing_due evaluation="):
                self.it.padriver("publish", *(event + session).split())
            self.answer(session, members[4], status=410, mode=sessions[session][0], q1="1")
        self.idle()
        self.assertEqual(self.changed(sessions, closed), [])

    def test_nobody_was_there_before_it_begins_and_what_is_noted_goes_when_it_is_moved(self):
        members = self.members("N1")
        self.schedule("N1-S2")
        browser = self.sign_in(LEADER)
        path, key = "/staff/held/N1-S2", {"key": browser.get("/staff").fields["key"]}
        self.assertEqual(browser.get(path).boxes, {})
        self.assertEqual(browser.post(path, {**self.attend(members), **key}).status, 303)
        self.assertEqual(self.noted("N1-S2", "true"), [])
        with self.assertRaisesRegex(Exception, "N1-S2 does not begin before"):
            leader = self.column("SELECT id FROM register.person WHERE code = '%s'" % LEADER)[0]
            self.it.psql("SELECT plan.attend_as(%s, 'N1-S2', '{%s}', '2027-01-04')" % (leader, members[0]), "padriver_web")
        self.it.padriver("clock", "jump", self.after("61 minutes"))
        self.idle()
        browser = self.sign_in(LEADER)
        key = {"key": browser.get("/staff").fields["key"]}
        page = browser.get(path)
        self.assertIn("Samlingen er i gang", page.text)
        self.assertEqual(len(page.boxes), len(members))
        self.assertEqual(self.tick(browser, path, members[:2], **key), 303)
        self.assertEqual(self.noted("N1-S2", "true"), members[:2])
        self.it.padriver("plan", "move", "N1-S2", "--at", self.after("1 day"))
        self.assertEqual(self.noted("N1-S2", "true") + self.noted("N1-S2", "false"), [])

    def test_the_page_of_a_session_that_is_over_leads_to_its_results_and_back_to_the_start_page(self):
        answers = Answers(self.it.psql)
        answers.hold("N1-S3", 9, "2026-12-01")
        answers.hold("N1-S4", 4, "2026-12-02")
        browser = self.sign_in(DRAMMEN)
        for session, words, leads in (("N1-S3", "9 av 14 har svart.", True), ("N1-S4", "For få svarte til at resultatene kan vises.", False)):
            page = browser.get("/staff/held/" + session)
            self.assertIn("Samlingen er holdt, og evalueringen er avsluttet. ", page.text)
            self.assertIn(words, page.text)
            self.assertEqual("/results/session/" + session in page.links, leads)
            self.assertEqual(browser.get("/results/session/" + session).status, 200 if leads else 404)
            self.assertEqual(page.links.count("/staff"), 2)  # the way back, and the footer's
        self.schedule("N4-S2")
        self.assertNotIn("/results/session/N4-S2", browser.get("/staff/held/N4-S2").links)

    def test_R40_only_the_own_areas_coordinator_notes_who_was_there(self):
        self.schedule("N2-S1")
        self.pass_time("2 hours")
        members, path = self.members("N2"), "/staff/held/N2-S1"
        browser = self.sign_in(DRAMMEN)
        key = {"key": browser.get("/staff").fields["key"]}
        self.assertEqual((browser.get(path).status, browser.get(path).boxes), (403, {}))
        self.assertEqual(browser.post(path, {**self.attend(members), **key}).status, 403)
        for code in (SEATS[0], SUPPORT):
            other = self.sign_in(code)
            self.assertEqual(other.post(path, {**self.attend(members), "key": other.get("/staff").fields["key"]}).status, 403)
        self.assertEqual(Browser(self.port).post(path, self.attend(members)).status, 403)
        mine = self.column("SELECT id FROM register.person WHERE code = '%s'" % DRAMMEN)[0]
        with self.assertRaisesRegex(Exception, "an area that person %s does not write in" % mine):
            self.it.psql("SELECT plan.attend_as(%s, 'N2-S1', '{%s}', '2030-01-01')" % (mine, members[0]), "padriver_web")
        self.assertEqual(self.it.psql("SELECT count(*) FROM plan.attendees(%s, 'N2-S1', '2027-02-01')" % mine, "padriver_web"), [["0"]])
        browser = self.sign_in(KONGSBERG)
        key = {"key": browser.get("/staff").fields["key"]}
        self.assertEqual(browser.post(path, {**self.attend(members), "key": "A" * len(key["key"])}).status, 403)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            self.assertEqual(browser.post(path, {**self.attend(members), **key}, headers=headers).status, 403)
        own = self.column("SELECT id FROM register.person WHERE code = '%s'" % KONGSBERG)[0]
        stranger = self.column("SELECT id FROM register.person WHERE id NOT IN (%s) ORDER BY 1 LIMIT 1" % ", ".join(members))[0]
        for sql, words in (("'N2-S1', '{%s}', '2030-01-01'" % stranger, "person %s was not called to N2-S1" % stranger),
                           ("'N2-S1', '{}', '2030-01-01'", "somebody was at N2-S1")):
            with self.assertRaisesRegex(Exception, words):
                self.it.psql("SELECT plan.attend_as(%s, %s)" % (own, sql), "padriver_web")
        with self.assertRaisesRegex(Exception, "permission denied"):
            self.it.psql("SELECT plan.attend('N2-S1', '{%s}', %s, '2030-01-01')" % (members[0], own), "padriver_web")
        self.assertEqual(self.noted("N2-S1", "true"), [])
        self.assertEqual(self.tick(browser, path, members[1:], **key), 303)
        self.assertEqual((self.noted("N2-S1", "true"), self.noted("N2-S1", "false")), (members[1:], members[:1]))
        self.assertIn(path, browser.get("/staff/unmarked").links)
        self.assertEqual(browser.post(path, {"what": "hold", **key}).status, 303)
        self.idle()
        self.assertIn(path, browser.get("/staff/open").links)

    def test_how_many_have_answered_is_kept_fresh_as_the_reader_likes(self):
        self.schedule("N3-S1")
        self.pass_time("2 hours")
        browser, path = Browser(self.port), self.asked("N3-S1")
        self.assertEqual(browser.post(path, {"what": "hold"}).status, 303)
        self.idle()
        count = len(self.members("N3"))
        self.assertIn("0 av %d har svart." % count, browser.get(path).text)
        self.answer("N3-S1", self.members("N3")[0])
        page = browser.get(path)
        self.assertIn("1 av %d har svart." % count, page.text)
        for link in (path, "?follow=0", "/show/N3-S1", "/show/N3-S1?follow=1"):
            self.assertIn(link, page.links)
        self.assertIn('data-from="/show/N3-S1"', page.source)
        for where in (path, "/show/N3-S1"):
            for follow, script, again in (("", True, None), ("?follow=0", False, None), ("?follow=1", False, "15")):
                if where == path and again:
                    continue  # what is half ticked there would be lost
                page = browser.get(where + follow)
                self.assertEqual(("count." in page.source.split("</main>")[0], page.headers.get("Refresh")), (script, again), where + follow)
                self.assertIn("1 av %d har svart." % count, page.text)
        self.assertNotIn("Refresh", browser.get(path + "?follow=1").headers)
        self.pass_time("11 days")
        page = browser.get(path)
        self.assertIn("1 av %d har svart." % count, page.text)
        self.assertNotIn("/show/N3-S1", page.links)

    def test_every_page_is_looked_at_in_a_browser(self):
        self.schedule("N4-S1")
        self.schedule("N6-S1")
        self.pass_time("2 hours")
        held, over = self.asked("N4-S1"), self.asked("N6-S1")
        self.assertEqual(Browser(self.port).post(held, {"what": "hold"}).status, 303)
        self.idle()
        browser = self.sign_in(LEADER)
        self.look_at(browser, [over + "?all=1", held, "/show/N4-S1?follow=1", "/staff/open"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
