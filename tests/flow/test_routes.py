"""Who may open what: every route of the web face by every role, against tests/golden/routes.txt; and the headers that every
answer bears. The routes are read from the program's own table, so that one that is not tried here is a fault.
PADRIVER_SOURCE=… test_routes.py --write writes the list."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_web_staff  # noqa: E402
from answers import Answers  # noqa: E402
from browser import Browser  # noqa: E402
from instance import SOURCE  # noqa: E402

GOLDEN = SOURCE + "/tests/golden/routes.txt"
TABLE = re.compile(r"struct route routes\[\] = \{(.*?)\n\};", re.S)
ROUTE = re.compile(r'\{ METHOD_(GET|POST), "([^"]+)", \w+,\s+\w+,\s+([\w |]+?) \}')
HEAD = """# Who may open what, by role: the status of each route (test_routes.py writes it). sign-in: 303 to the page where one signs in.
# Routes with a link in them are opened with the one that was mailed to that person, else with one that is made up; forms are
# sent with the form's key, and with nothing filled in that would change something, but that Lier's contacts are right. A letter
# is one that was refused, a parked event one that waits for a person. The coordinators are Drammen's and Kongsberg's, the contacts
# those of Drammen (3301) and Gol (3324); Lier (3312) is in Drammen's area, and N4 is run from it. Change 1 is Kongsberg's
# coordinator's to bring about.
"""

# The columns: role → who.
PEOPLE = {"nobody": None, "participant": None, "leader": "p001", "coordinator": "p003", "other-coord": "p004", "support": "p002",
          "steering": "p007", "council": "p011", "contact": "p017", "other-contact": "p054"}
ROLES = {"LEADER": {"leader"}, "COORDINATOR": {"coordinator", "other-coord"}, "SUPPORT": {"support"}, "STEERING": {"steering"},
         "COUNCIL": {"council"}, "CONTACT": {"contact", "other-contact"}}
ROLES["CENTRE"] = ROLES["LEADER"] | ROLES["COORDINATOR"] | ROLES["SUPPORT"]
ROLES["OFFICE"] = ROLES["LEADER"] | ROLES["SUPPORT"]
ROLES["ALL"] = set().union(*ROLES.values())

# Paths for the routes that end in *; a letter's link is found for each role.
ARGUMENTS = {
    "/results/*": ["year/2027", "session/N1-S1"], "/report/*": ["2027"], "/staff/report/*": ["2027/1"], "/pack/*": ["2027/DM1", "2027/DM4"],
    "/q/*": ["N1-S1"], "/show/*": ["N1-S1"], "/staff/held/*": ["N4-S1"], "/staff/*": ["open", "letters", "words", "contacts"], "/survey/*": ["LU-2027"],
    "/staff/body/*": ["SG", "FR", "AG", "KS"], "/staff/municipality/*": ["3301", "3312", "3324", "9999"],
    "/staff/words/*": ["N4-S2", "N4-S9"], "/staff/findings/*": ["2027", "2026"], "/staff/finding/*": ["1", "9"],
    "/staff/change/*": ["1", "9"], "/staff/publish/*": ["2027/1", "2027/9"],
}
LINKS = {"/e/*": "1.AAAAAAAAAAAAAAAAAAAAAA", "/sign-in/*": "1.AAAAAAAAAAAAAAAAAAAAAA", "/held/*": "N4-S1.1.AAAAAAAAAAAAAAAAAAAAAA",
         "/u/*": "1.AAAAAAAAAAAAAAAAAAAAAA"}
FIELDS = {"/q/*": {"address": "ingen"}, "/e/*": {"mode": "anonymous", "q1": "4"}, "/sign-in": {"address": "ingen"},
          "/held/*": {"what": "move"}, "/staff/held/*": {"what": "move"}, "/staff/contacts": {"municipality": "lier"}}

# What every page bears, for whoever asks and whatever it answers; what else it may bear.
SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
                                   "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store", "Strict-Transport-Security": "max-age=31536000"}
ORDINARY = {"Date", "Connection", "Content-Length", "Content-Type", "Content-Disposition", "Location", "Set-Cookie", "Refresh", "Retry-After"}
# Answers that no line of the list is about: refusals, tables, files to keep.
OTHERS = [("GET", "/nothing", {}), ("GET", "/static/nothing.css", {}), ("POST", "/results", {}), ("DELETE", "/", {}), ("HEAD", "/", {}),
          ("GET", "/%C3", {}), ("GET", "/?lang=nn", {}), ("GET", "/show/N1-S1?follow=1", {}), ("GET", "/results/network/N4.csv", {}),
          ("GET", "/report/2027/1.pdf", {}), ("GET", "/report/2027/1/snapshot.json", {}),
          ("POST", "/sign-in", {"body": "{}", "headers": {"Content-Type": "application/json"}}),
          ("POST", "/sign-in", {"fields": {"address": "x" * 70000}}),
          ("POST", "/sign-in", {"fields": {"address": "a@b.example"}, "headers": {"Sec-Fetch-Site": "cross-site"}})]

LETTER = """INSERT INTO notice.letter (rule, subject, person, occurrence, state, due_at)
    SELECT 'needs', '2027-W44', id, '0', 'refused', '2027-11-01' FROM register.person WHERE code = 'p001' RETURNING id"""


def routes():
    """(method, path, roles) of each line of the table."""
    with open(SOURCE + "/workers/web/route.c", encoding="utf-8") as file:
        table = TABLE.search(file.read())[1]
    found = [(method, path, set().union(*(ROLES[role] for role in re.findall(r"ROLES?_(\w+)", named))))
             for method, path, named in ROUTE.findall(table)]
    assert len(found) == table.count("METHOD_") > 20, "a line of route.c's table was not understood"
    return found


class Routes(test_web_staff.Centre):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        it = cls.it
        for meeting in ("N1-S1", "N4-S1"):
            it.padriver("plan", "schedule", meeting, "--at", "2027-11-01T07:00", "--until", "2027-11-01T08:00")
        it.padriver("clock", "jump", "2027-11-01T09:00")
        it.padriver("plan", "held", "N1-S1")
        Answers(it.psql).hold("N4-S2", 9, "2027-10-11")
        it.padriver("report", "compile", "2027")
        it.padriver("report", "publish", "2027", "--edition", "1")
        it.padriver("report", "finding", "2027", "For lite tid til øving")
        it.padriver("report", "change", "1", "methods", "En time øving", "--owner", "koordinator-kongsberg", "--due", "2028-03-01")
        it.padriver("wait", "--idle", "--timeout", "60")
        it.padriver("publish", "session_held", "meeting=N8-S1")
        it.padriver("wait", "--idle", "--timeout", "60")
        cls.set_aside = {"/staff/letters/*": "notice/" + it.psql(LETTER)[0][0],
                         "/staff/parked/*": "evaluation/" + it.psql("SELECT position FROM log.parked")[0][0]}
        cls.browsers = {role: Browser(cls.port) for role in PEOPLE}
        (invitation, person, address), *_ = it.psql("SELECT i.id, i.person, p.email FROM evaluation.invitation i JOIN register.person p "
                                                    "ON p.id = i.person WHERE i.evaluation = 'N1-S1' ORDER BY i.id")
        cls.links = {"participant": {"/e/*": cls.mailed_link(address, r"/e/(%s\.[\w-]+)" % invitation), "/u/*": cls.made_link(cls, "newsletter", person)},
                     "coordinator": {"/held/*": cls.mailed_link(cls.addresses[PEOPLE["coordinator"]], r"/held/(N4-S1\.[\w.-]+)")}}

    @classmethod
    def mailed_link(cls, address, pattern):
        """What follows in the link of a letter to that address."""
        found = [re.search(pattern, cls.text(cls, mail)) for mail in cls.it.mails() if mail["X-RcptTo"] == address]
        return next(link[1] for link in found if link)

    def sign_all_in(self):
        for role, code in PEOPLE.items():
            if code:
                self.browsers[role] = self.sign_in(code)
                self.links.setdefault(role, {})["/sign-in/*"] = self.mailed(code)[-1].split("/")[-1]

    def paths(self, route, role):
        """(what the list says, what is asked for)."""
        links = {**LINKS, **self.set_aside, **self.links.get(role, {})}
        if route in links:
            return [(route, route[:-1] + links[route])]
        self.assertTrue(not route.endswith("*") or route in ARGUMENTS, "give %s an argument in ARGUMENTS" % route)
        return [(route[:-1] + argument,) * 2 for argument in ARGUMENTS[route]] if route.endswith("*") else [(route, route)]

    def check_headers(self, headers, *about):
        """The whole set, and nothing that tells more."""
        self.assertEqual({name: value for name, value in headers.items() if name not in ORDINARY}, SAFE, about)

    def open_as(self, method, route, path, role, key):
        browser = self.browsers[role]
        page = browser.get(path) if method == "GET" else browser.post(path, {**FIELDS.get(route, {}), **key})
        self.check_headers(page.headers, method, path, role, page.status)
        return "sign-in" if page.headers.get("Location", "").startswith("/sign-in") else str(page.status)

    def matrix(self):
        """The list: label → role → status. Signing out comes last."""
        self.sign_all_in()
        keys = {role: {"key": self.browsers[role].get("/staff").fields["key"]} if code else {} for role, code in PEOPLE.items()}
        found = {}
        for method, route, _ in sorted(routes(), key=lambda line: line[1] == "/sign-out"):
            for role in PEOPLE:
                for label, path in self.paths(route, role):
                    found.setdefault("%-4s %s" % (method, label), {})[role] = self.open_as(method, route, path, role, keys[role])
        return found

    def test_each_role_opens_what_is_listed_and_nothing_else(self):
        said = listed(self.matrix())
        if "--write" in sys.argv:
            with open(GOLDEN, "w", encoding="utf-8") as file:
                file.write(said)
        with open(GOLDEN, encoding="utf-8") as file:
            self.assertEqual(said, file.read())

    def test_what_is_refused_or_given_as_a_file_bears_the_headers_of_a_page(self):
        seen = set()
        for method, path, more in OTHERS:
            status, headers, _ = Browser(self.port).request(method, path, **more)
            seen.add((status, headers["Content-Type"].split(";")[0]))
            self.check_headers(headers, method, path, status)
        self.assertLessEqual({(404, "text/html"), (405, "text/html"), (413, "text/html"), (415, "text/html"), (403, "text/html"),
                              (400, "text/html"), (200, "text/csv"), (200, "application/json"), (200, "application/pdf")}, seen)

    def test_a_route_is_refused_to_every_role_that_the_table_does_not_name(self):
        with open(GOLDEN, encoding="utf-8") as file:
            lines = [line.split() for line in file if not line.startswith("#")]
        head, rows = lines[0], lines[1:]
        for method, route, roles in routes():
            mine = [row for row in rows if row[0] == method and
                    (row[1] == route or route.endswith("*") and row[1][len(route) - 1:] in ARGUMENTS.get(route, []))]
            self.assertTrue(mine, "%s %s is not listed" % (method, route))
            for row in mine if roles else []:
                for role, status in zip(head, row[2:]):
                    if not PEOPLE[role]:
                        self.assertEqual(status, "sign-in" if method == "GET" else "403", (row, role))
                    elif role not in roles:
                        self.assertEqual(status, "403", (row, role))

    def test_a_form_of_staff_without_its_key_is_refused_to_every_role(self):
        self.sign_all_in()
        for method, route, roles in routes():
            for role in roles if method == "POST" else []:
                for _, path in self.paths(route, role):
                    self.assertEqual(self.open_as(method, route, path, role, {}), "403", (route, role))
                    self.assertEqual(self.open_as(method, route, path, role, {"key": "A" * 43}), "403", (route, role))


def listed(matrix):
    rows = [("", list(PEOPLE))] + [(label, [by_role[role] for role in PEOPLE]) for label, by_role in sorted(matrix.items())]
    return HEAD + "".join((label.ljust(36) + " ".join(value.ljust(13) for value in values)).rstrip() + "\n" for label, values in rows)


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--write"])
