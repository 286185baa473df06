"""Every page of staff in a real browser, as each role, and what its forms say to what is sent wrong: axe-core and html-validate
find nothing, it reflows at 320 pixels (400 %), Tab reaches all that can be used (tests/browser/look.js). Each page is seen in
three languages; the pictures are in build/browser."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_routes  # noqa: E402
import test_web_roles  # noqa: E402
from answers import Answers  # noqa: E402

LANGUAGES = ["nb", "nn", "en"]
WORKERS = {"leader": ["nb"], "support": ["nn"], "coordinator": ["en"]}  # who read the same pages, but for municipalities
OTHERS = ["steering", "council", "contact", "other-contact"]
MORE = ["/staff/municipality/3301", "/staff/report/2027/1", "/staff/held/N4-S1", "/staff/words/N4-S2", "/survey/LU-2027", "/pack/2027/DM5",
        "/staff/findings/2027", "/staff/finding/1", "/staff/change/1",
        "/staff/nothing"]
ALSO = {"leader": ["/staff/publish/2027/1", "/staff/publish/2027/2", "/staff/municipality/3324", "/staff/municipality/3328"], "support": ["/staff/municipality/3328"],
        "council": ["/staff/body/SG"]}


def reply(name, path, what, sent, status=422):
    """A page that is the reply to what its form of that name sends."""
    return {"name": "-" + name, "path": path, "of": "form:has([value=%s])" % what, "send": sent, "status": status}


# Of the office, which may send each of these.
REPLIES = [reply("finding-wrong", "/staff/findings/2027", "find", {"words": ""}),
           reply("change-wrong", "/staff/finding/1", "change", {"words": "Kortere", "kind": "x"}),
           reply("step-wrong", "/staff/change/1", "step", {"state": "done", "note": ""}),
           reply("no-key", "/staff/change/1", "step", {"key": "A" * 43}, 403)]
# Of those who may say that a session was held.
HELD = [reply("move-wrong", "/staff/held/N4-S1", "move", {"day": "2027-02-30", "from": "10:00", "until": "09:00", "place": "Her"}),
        reply("attend-nobody", "/staff/held/N4-S1", "attend", {})]
# What the leader is told of what was done.
DONE = ["/staff/findings/2027?done=finding", "/staff/finding/1?done=change", "/staff/change/1?done=step", "/staff/contacts?done=confirmed",
        "/staff/publish/2027/1?done=compiled", "/staff/publish/2027/1?done=again", "/staff/publish/2027/2?done=published",
        "/staff?refused=1", "/staff/held/N4-S1?all=1"]


class Looks(test_web_roles.World):
    """Of everything that needs a person there is some."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        it = cls.it
        for meeting in ("N4-S1", "N1-S4"):
            it.padriver("plan", "schedule", meeting, "--at", "2027-11-01T10:00", "--until", "2027-11-01T11:00")
        it.padriver("report", "compile", "2027")
        it.padriver("report", "finding", "2027", "For lite tid til øving", "--goal", "N1")
        it.padriver("report", "change", "1", "methods", "En time øving i hver samling", "--owner", "leder", "--due", "2027-11-02")
        it.padriver("report", "compile", "2027")
        it.padriver("report", "publish", "2027", "--edition", "2")
        it.padriver("clock", "jump", "2027-11-03T09:00")
        it.padriver("publish", "session_held", "meeting=N9-S9")
        it.padriver("publish", "grant_received", "grant=tilskudd-9", "amount_ore=100")
        cls.settle()
        it.psql("INSERT INTO notice.letter (rule, subject, person, occurrence, state, due_at) VALUES "
                "('reminder', 'N1-S4', 1, '1', 'refused', '2027-11-02')")
        Answers(it.psql).hold("N4-S2", 9, "2027-10-11")
        it.psql("UPDATE plan.meeting SET state = 'held' WHERE id = 'N1-S4'")  # without its event, so without an evaluation

    def pages(self, role, browser):
        """The start page of staff and all of staff's that it leads to, and some more."""
        links = [link for link in browser.get("/staff").links if link.startswith("/staff/")]
        more = MORE if role in WORKERS else []
        for kind in ("letters", "parked") if role in ("leader", "support") else ():
            more = more + [link for link in browser.get("/staff/" + kind).links if link.startswith("/staff/%s/" % kind)][:1]
        return ["/staff"] + links + more + ALSO.get(role, [])

    def replies(self, role):
        """What its forms say to what is sent wrong."""
        found = [{"name": "-not-yours", "path": "/staff/words", "status": 403}] if role in OTHERS else []
        found += REPLIES if role in ("leader", "support") else []
        found += HELD if role in ("leader", "coordinator") else []
        return found + [reply("compile-wrong", "/staff/reports", "compile", {"year": "1999"})] + DONE if role == "leader" else found

    def look(self, role, languages, sizes):
        browser = self.reader(test_routes.PEOPLE[role])
        pages = self.pages(role, browser)
        self.look_at(browser, pages + self.replies(role), languages=languages, sizes=sizes, name=role, walk=True)
        return pages

    def test_every_page_of_those_who_run_the_centre(self):
        for role, languages in WORKERS.items():
            pages = self.look(role, languages, ["phone", "desk"] if role == "leader" else ["phone"])
            needs = [page for page in pages if re.fullmatch("/staff/(unmarked|missing|open|letters|parked|unshared|changes|contacts)", page)]
            self.assertEqual(len(needs), 8)
            for method, route, roles in test_routes.routes():
                if method == "GET" and role in roles:
                    self.assertTrue([page for page in pages if page == route or route.endswith("*") and page.startswith(route[:-1])], route)

    def test_every_page_of_those_who_look_in(self):
        for role in OTHERS:
            self.look(role, LANGUAGES, ["phone"])

    def test_by_keys_alone_the_leader_says_that_a_session_was_held_and_who_was_there(self):
        it = self.it
        it.psql("INSERT INTO plan.meeting (id, starts_at, ends_at, place, state, version, scheduled_at) "  # invites nobody
                "VALUES ('N5-S1', '2027-11-02T11:00Z', '2027-11-02T13:00Z', 'Her', 'scheduled', 1, '2027-10-01')")
        self.look_at(self.reader(test_routes.PEOPLE["leader"]), [], hold="N5-S1")
        self.assertEqual(it.psql("SELECT state, (SELECT count(*) FROM plan.attendance a WHERE a.meeting = m.id AND a.present) "
                                 "FROM plan.meeting m WHERE id = 'N5-S1'"), [["held", "1"]])


if __name__ == "__main__":
    unittest.main()
