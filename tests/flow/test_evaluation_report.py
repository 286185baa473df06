"""What networks and years come to (R74), with a real daemon, command and web face, against Python's statistics on what was
answered."""
import collections
import csv
import fractions
import html.parser
import io
import os
import random
import re
import statistics
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, look, settings  # noqa: E402
from expected import decimal, municipalities  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402
from test_evaluation import SCALE, Flow  # noqa: E402


class Tables(html.parser.HTMLParser):
    """The tables of a page by caption, as rows of texts; .charts: their titles; .styles: what our policy forbids."""

    def __init__(self, source):
        super().__init__()
        self.tables, self.charts, self.styles, self.rows, self.caption, self.cell, self.title = {}, [], [], None, None, None, None
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.styles += [value for name, value in attrs if name == "style"] + ([tag] if tag == "style" else [])
        if tag == "table":
            self.rows = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th", "caption"):
            self.cell = ""
        elif tag == "title":
            self.title = ""

    def handle_endtag(self, tag):
        if tag == "caption":
            self.tables[self.cell] = self.rows
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
        if tag == "title":
            self.charts.append(self.title)
            self.title = None
        if tag in ("td", "th", "caption"):
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        if self.title is not None:
            self.title += data


class Reports(Flow):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.it = Instance(daemons=["evaluation"], simulated=cls.start, durable=False,
                          settings=settings(port, SOURCE + "/workers/web/static"))
        cls.addClassCleanup(cls.it.close)
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        with open(cls.it.state + "/link.key", encoding="ascii") as file:
            cls.key = bytes.fromhex(file.read().strip())
        cls.random = random.Random(2027)
        cls.it.start("web")
        cls.browser = Browser(port)
        eventually(cls.answers_browsers)
        cls.said = {}  # (session, item): ratings, 0 for "don't know"
        it = cls("test_R74_a_network_is_the_sum_of_what_is_shown")
        it.play("N1-S1", 12)
        it.play("N1-S2", 3)   # too few: hidden
        it.query("UPDATE plan.goal SET text_nb = 'Alle har et team' WHERE id = 'N1-a'")
        it.play("N1-S3", 14, "municipality")  # three municipalities, with six to eight, three or four, three or four answers
        it.play("N3-S1", 8, "named")
        it.play("N3-S2", 2)
        it.query("INSERT INTO plan.meeting (id, starts_at, ends_at, place, state, version, scheduled_at, organizer) SELECT 'N1-S4', "
                 "starts_at, ends_at, place, 'held', version, scheduled_at, organizer FROM plan.meeting WHERE id = 'N1-S3'")

    @classmethod
    def tearDownClass(cls):
        pass

    @classmethod
    def answers_browsers(cls):
        try:
            return cls.browser.get("/").status == 200
        except OSError:
            return False

    def play(self, session, count, mode="anonymous"):
        self.hold(session)
        if mode != "anonymous":
            self.it.padriver("evaluation", "mode", session, mode)
        if mode == "municipality":
            self.query("UPDATE evaluation.invitation i SET municipality = (ARRAY['drammen', 'drammen', 'modum', 'flesberg'])[1 + n % 4] "
                       "FROM (SELECT id, row_number() OVER (ORDER BY person) AS n FROM evaluation.invitation WHERE evaluation = '{0}') x "
                       "WHERE x.id = i.id".format(session))
        for item in SCALE:
            self.said[session, item] = []
        towns = [row[0] for row in self.about(session, "municipality FROM evaluation.invitation", "NOT spent ORDER BY person LIMIT %d" % count)]
        for town, answer in zip(towns, self.answer(session, count)):
            for item in set(SCALE) & set(answer):
                self.said[session, item].append((0 if answer[item] == "dk" else int(answer[item]), town))
        self.idle()
        self.pass_time(session)

    def report(self, *of):
        return self.it.padriver("evaluation", "report", *of, json=True)[0]

    def asked(self, session):
        """Item: question, version, goal, parent."""
        return {row[0]: row[1:] for row in self.about(session, "name, question, version, goal, parent FROM evaluation.asked",
                                                      "kind = 'scale'")}

    def ratings(self, sessions, town=None):
        """(question, version): goal, parent, values, of sessions that are shown and questions that five rated in each."""
        found = {}
        for session in sessions:
            for item, (question, version, goal, parent) in self.asked(session).items():
                values = [value for value, where in self.said[session, item] if town in (None, where)]
                if sum(v > 0 for v in values) >= 5:
                    found.setdefault((question, int(version)), (goal, parent, []))[2].extend(values)
        return found

    def check(self, row, values):
        rated = [v for v in values if v]
        self.assertEqual(row["counts"], {k: values.count(v) for k, v in zip(["1", "2", "3", "4", "5", "dk"], [1, 2, 3, 4, 5, 0])})
        self.assertEqual(row["n"], len(rated))
        self.assertAlmostEqual(row["median"], statistics.median(rated))
        self.assertAlmostEqual(row["mean"], statistics.mean(rated))
        self.assertAlmostEqual(row["share_4_5"], sum(v >= 4 for v in rated) / len(rated))

    def check_questions(self, rows, sessions):
        expected = self.ratings(sessions)
        self.assertEqual({(row["question"], row["version"]) for row in rows}, set(expected))
        for row in rows:
            self.check(row, expected[row["question"], row["version"]][2])

    def test_R74_a_network_is_the_sum_of_what_is_shown(self):
        report = self.report("--network", "N1")
        self.check_questions([row for row in report["questions"] if row["municipality"] is None], ["N1-S1", "N1-S3"])
        invited = self.query("SELECT count(*) FROM evaluation.invitation WHERE evaluation IN ('N1-S1', 'N1-S3')")
        self.assertEqual((report["answered"], report["invited"]), (26, int(invited[0][0])))
        self.assertAlmostEqual(report["response_rate"], 26 / int(invited[0][0]))
        self.assertEqual(report["weak"], 26 / int(invited[0][0]) < 0.4)
        self.assertEqual([(row["session"], row["answered"], row["weak"]) for row in report["sessions"]],
                         [("N1-S1", 12, 12 / int(invited[0][0]) * 2 < 0.4), ("N1-S3", 14, 14 / int(invited[0][0]) * 2 < 0.4)])

    def test_a_year_is_the_sum_of_its_networks(self):
        report = self.report("--year", "2027")
        rows = [row for row in report["questions"] if row["municipality"] is None]
        self.check_questions(rows, ["N1-S1", "N1-S3", "N3-S1"])
        goals = {row["question"]: row["goal"] for row in rows}
        self.assertEqual((goals["overall"], goals["sub_goal/N3-a"]), (None, "N3-a"))
        both = self.report("--network", "N3", "--year", "2027")
        self.check_questions(both["questions"], ["N3-S1"])
        self.assertEqual(both["answered"], 8)

    def test_changed_words_are_never_averaged(self):
        report = self.report("--network", "N1")
        rows = [row for row in report["questions"] if row["question"] == "sub_goal/N1-a" and row["municipality"] is None]
        self.assertEqual([row["version"] for row in rows], [1, 2])
        goals = collections.defaultdict(list)
        for row in report["goals"]:
            if row["municipality"] is None:
                goals[row["goal"]].append(row)
        for goal, editions in goals.items():
            changed = goal in ("N1", "N1-a")
            self.assertEqual([row["edition"] for row in editions], [1, 2] if changed else [1], goal)
            for number, row in enumerate(editions):
                sessions = [["N1-S1", "N1-S3"][number]] if changed else ["N1-S1", "N1-S3"]
                self.check(row, [v for of, parent, values in self.ratings(sessions).values() if goal in (of, parent) for v in values])
        self.assertEqual(len(goals), 4)

    def test_the_course_is_each_session_by_itself(self):
        course = self.report("--network", "N1")["course"]
        for session in ("N1-S1", "N1-S3"):
            rows = [row for row in course if row["session"] == session and row["question"]]
            self.check_questions(rows, [session])
        overall = [row["session"] for row in course if row["question"] == "overall"]
        self.assertEqual(overall, ["N1-S1", "N1-S3"])

    def test_a_municipality_is_shown_from_the_threshold_on_and_the_rest_is_one(self):
        report = self.report("--session", "N1-S3")["questions"]
        shown = {(row["question"], row["municipality"]): row for row in report if row["municipality"] is not None}
        expected = {}
        for item, (question, _, _, _) in self.asked("N1-S3").items():
            towns = collections.defaultdict(list)
            for value, town in self.said["N1-S3", item]:
                towns[town].append(value)
            expected.update({(question, town): values for town, values in municipalities(towns).items()})
        self.assertEqual(set(shown), set(expected))
        for key, row in shown.items():
            self.check(row, expected[key])
            self.assertGreaterEqual(row["n"], 5)
        self.assertIn("drammen", {town for _, town in shown})
        rows = self.page("/session/N1-S3")[1].tables["Kommuner"][1:]
        self.assertEqual({row[0] for row in rows}, {"Drammen", "øvrige"})

    def test_R72_what_is_in_no_number_is_listed(self):
        held = {row["session"]: row["standing"] for row in self.report("--network", "N1")["held"]}
        self.assertEqual(held, {"N1-S1": "shown", "N1-S2": "hidden", "N1-S3": "shown", "N1-S4": "missing"})
        said = self.it.padriver("evaluation", "report", "--network", "N1")
        self.assertIn("N1-S4 was held and has no evaluation", said)
        self.assertIn("N1-S2: too few answered", said)
        self.assertIn("not shown", self.it.padriver("evaluation", "report", "--session", "N1-S2", exit=1))

    def test_csv_is_as_norwegian_spreadsheets_take_it(self):
        program = [self.it.environment()["PATH"].split(":")[0] + "/padriver", "evaluation", "report", "--network", "N1", "--csv"]
        raw = subprocess.run(program, env=self.it.environment(), capture_output=True, check=True).stdout
        self.assertTrue(raw.startswith(b"\xef\xbb\xbf"))
        rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
        whole = [row for row in rows if row["samling"] == "alle" and row["kommune"] == "alle" and row["nivå"] == "spørsmål"]
        expected = self.ratings(["N1-S1", "N1-S3"])
        self.assertEqual(len(whole), len(expected))
        for row in whole:
            values = expected[row["id"], int(row["versjon"])][2]
            rated = [v for v in values if v]
            self.assertEqual(row["gjennomsnitt"], decimal(fractions.Fraction(sum(rated), len(rated)), 2))
            self.assertEqual(row["median"], decimal(statistics.median(rated), 1))
            self.assertEqual([int(row[k]) for k in ("n", "4", "vet ikke")], [len(rated), values.count(4), values.count(0)])
        self.assertEqual({row["samling"] for row in rows}, {"alle", "N1-S1", "N1-S3"})
        words = {row["tekst"] for row in rows if row["id"] == "sub_goal/N1-a" and row["versjon"] == "2"}
        self.assertEqual(words, {"I hvilken grad bidro samlingen til dette delmålet: Alle har et team?"})

    def page(self, path, language="nb"):
        page = self.browser.get("/results" + path, headers={"Accept-Language": language})
        self.assertEqual(page.status, 200, path)
        return page, Tables(page.source)

    def test_a_page_shows_what_the_report_says_with_a_table_for_each_chart(self):
        for path, sessions in [("/session/N1-S1", ["N1-S1"]), ("/network/N1", ["N1-S1", "N1-S3"]), ("/network/N1/2027", ["N1-S1", "N1-S3"]),
                               ("/year/2027", ["N1-S1", "N1-S3", "N3-S1"])]:
            page, seen = self.page(path)
            rows = seen.tables["Spørsmål"][1:]
            expected = self.ratings(sessions)
            self.assertEqual(len(rows), len(expected))
            said = [[v for v in values if v] for _, _, values in expected.values()]
            high = [fractions.Fraction(100 * sum(v > 3 for v in values), len(values)) for values in said]
            self.assertEqual(sorted((row[1], row[9], row[10]) for row in rows),
                             sorted((str(len(v)), decimal(fractions.Fraction(sum(v), len(v)), 2), decimal(share, 0) + "\xa0%")
                                    for v, share in zip(said, high)))
            self.assertEqual(seen.styles, [])
            self.assertGreaterEqual(set(seen.tables), set(seen.charts[1:]))
            self.assertEqual(len(seen.charts), 3 if "network" not in path else 7)

    def test_a_page_shows_words_once_a_person_released_them(self):
        rows = self.it.padriver("evaluation", "words", "N1-S3", json=True)
        self.assertEqual(len(rows), 14)
        self.assertNotIn("egne ord", self.page("/session/N1-S3")[0].text)
        self.it.padriver("evaluation", "release", rows[0]["id"])
        text = " ".join(self.page("/session/N1-S3")[0].text.split())
        self.assertIn("Med deltakernes egne ord", text)
        self.assertEqual([" ".join(row["words"].split()) in text for row in rows], [True] + 13 * [False])

    def test_a_page_says_what_is_left_out_and_never_averages_changed_words(self):
        page, seen = self.page("/network/N1")
        self.assertRegex(page.text, r"N1-S2 [^:]*: for få har svart")
        self.assertRegex(page.text, r"N1-S4 [^:]*: holdt uten evaluering")
        self.assertIn("26 av ", page.text)
        goals = [row[0] for row in seen.tables["Mål og delmål"][1:]]
        self.assertEqual(sum(goal.endswith("(ordlyd 1)") for goal in goals), 2)
        course = seen.tables["Gjennomsnitt for hver samling: Alle har et team"][1:]
        self.assertEqual([row[0] for row in course], ["N1-S1 (ordlyd 1)", "N1-S3 (ordlyd 2)"])
        self.assertTrue(self.page("/network/N1", "en")[0].heading.startswith("Results: "))

    def test_the_start_page_shows_the_newest_results_as_their_own_pages_do_and_nothing_below_the_threshold(self):
        for language, about in (("nb", "Spørsmål"), ("nn", "Spørsmål"), ("en", "Questions")):
            page = self.browser.get("/", headers={"Accept-Language": language})
            seen, newest = Tables(page.source), ["N1-S1", "N1-S3", "N3-S1"]
            shown, plan = page.source.split('id="plan"')
            self.assertEqual(sorted(re.findall(r'<h3[^>]*><a [^>]*href="/results/session/([^"]+)"', shown)), newest)
            self.assertEqual(seen.charts[1:], list(seen.tables)[:3])  # each with its table
            for session in newest:
                own, table = self.page("/session/" + session, language)
                title = next(name for name in seen.tables if ": %s " % session in name)
                whole = table.tables[about]
                self.assertEqual(seen.tables[title], whole[:2] + [row for row in whole[2:] if re.search("delmål|sub-goal", row[0])])
                self.assertEqual(len(seen.tables[title]), 5)  # its head, of the whole, and of three sub-goals
                self.assertIn(re.search(r"\d+ (av|of) \d+ [^.]*\.", own.text)[0], page.text)
            self.assertEqual(seen.styles, [])
            for hidden in ("N1-S2", "N3-S2", "N1-S4"):
                self.assertNotIn(hidden, page.source)
        self.assertNotIn("<svg", self.browser.get("/?year=2027").source)  # who asks for a year wants its plan

    def test_all_results_are_listed_and_nothing_else_is_found(self):
        page, _ = self.page("")
        self.assertGreaterEqual(set(page.links), {"/results/network/N1", "/results/network/N3", "/results/year/2027",
                                                  "/results/session/N1-S1"})
        self.assertNotIn("/results/session/N1-S2", page.links)
        for path in ("/session/N1-S2", "/session/", "/session/N1-S1/2027", "/network/N9", "/network/N1/xyz", "/year/1999", "/year/2027/N1",
                     "/x/N1", "/network/..%2f", "/session/N1-S2.csv"):
            self.assertEqual(self.browser.get("/results" + path).status, 404, path)

    def test_ways_lead_from_the_plan_to_a_session_its_network_and_back(self):
        plan = self.browser.get("/?year=2027")
        self.assertIn("/results/session/N1-S1", plan.links)
        self.assertNotIn("/results/session/N1-S2", plan.links)
        self.assertIn("/staff", plan.links)  # where one signs in
        session, _ = self.page("/session/N1-S1")
        self.assertGreaterEqual(set(session.links), {"/results/network/N1", "/results"})
        network, _ = self.page("/network/N1")
        self.assertGreaterEqual(set(network.links), {"/results/session/N1-S1", "/results/session/N1-S3", "/results"})

    def test_the_page_gives_the_same_csv_as_the_command(self):
        status, headers, body = self.browser.request("GET", "/results/network/N1.csv", headers={"Accept-Language": "nn"})
        self.assertEqual((status, headers["Content-Type"]), (200, "text/csv; charset=utf-8"))
        self.assertEqual(body, self.it.padriver("evaluation", "report", "--network", "N1", "--csv", "--language", "nn"))

    def test_axe_and_html_validate_find_nothing_on_any_page(self):
        self.assertEqual(look(self.browser.port, ["/", "/results", "/results/session/N1-S3", "/results/network/N1"]), "")

    def test_a_report_is_of_something(self):
        for words in [(), ("--session", "N1-S1", "--year", "2027"), ("--network", "N1", "--csv", "--json")]:
            self.it.padriver("evaluation", "report", *words, exit=64)
        self.it.padriver("evaluation", "report", "--year", "2031", exit=1)


if __name__ == "__main__":
    unittest.main(verbosity=1)
