"""The leaders' survey with a real broker, store and daemons: opened by the wheel for every party (R75), answered by the
municipality (R76), about mandate, plan and driving role (R77, R78)."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from test_evaluation import Flow  # noqa: E402

SCALE = ["q%d" % n for n in range(1, 9)]  # of a centre with three sub-goals


class Survey(Flow):
    start = "2027-10-30T08:00"

    def status(self):
        return {row["municipality"]: row["status"] for row in self.it.padriver("survey", "status", "LU-2027", json=True)}

    def parties(self):
        return {row[0] for row in self.query("SELECT municipality FROM register.parties_on('2027-11-01')")}

    def test_R75_R78_the_survey_of_a_year(self):
        self.it.padriver("survey", "open", "LU-2027", exit=1)  # its first day has not come
        self.it.padriver("survey", "status", "LU-2027", exit=1)
        self.query("DELETE FROM register.contact WHERE municipality = 'gol'")
        self.jump("2027-11-01T09:00")  # it opens by itself
        self.check_open()
        self.check_questions()
        self.check_gap()
        said = self.check_answers()
        self.jump("2027-11-19T23:59")
        self.check_end(said)

    def check_open(self):
        """R75, R76: one invitation a party, to who gets its letters; the one without anybody is listed."""
        self.assertEqual(self.query("SELECT mode, state, network, survey, closes_at AT TIME ZONE 'Europe/Oslo' "
                                    "FROM evaluation.evaluation WHERE id = 'LU-2027'"),
                         [["municipality", "open", "LU", "t", "2027-11-19 23:59:00"]])
        self.assertEqual(self.status(), {party: "no_recipient" if party == "gol" else "missing" for party in self.parties()})
        self.assertGreater(len(self.parties()), 10)
        self.assertEqual(self.about("LU-2027", "count(*) FROM evaluation.invitation i", "NOT EXISTS (SELECT FROM "
                                    "register.recipients_of(i.respondent, '2027-11-01') r WHERE r.person = i.person)"), [["0"]])

    def check_questions(self):
        """R77, R78: each question is about the main goal or one of its sub-goals."""
        asked = self.about("LU-2027", "name, question, goal, parent, kind FROM evaluation.asked", "true ORDER BY place")
        self.assertEqual([row[0] for row in asked if row[4] == "scale"], SCALE)
        self.assertEqual([row[2] for row in asked], ["M", "M", "M", "M1", "M2", "M3", "M", "M", "M", "M"])
        for question in ("survey_mandate", "survey_plan", "survey_improvement", "survey_uptake"):
            self.assertIn(question, [row[1] for row in asked])

    def check_gap(self):
        """Once the register has somebody, opening again asks that municipality alone."""
        before = self.about("LU-2027", "id FROM evaluation.invitation", "true ORDER BY 1")
        self.query("INSERT INTO register.contact (municipality, person, role, valid_from) "
                   "SELECT 'gol', id, 'contact', '2027-01-01' FROM register.person WHERE code = 'p001'")
        self.it.padriver("survey", "open", "LU-2027")
        self.idle()
        self.assertEqual(set(self.status().values()), {"missing"})
        after = self.about("LU-2027", "id FROM evaluation.invitation", "true ORDER BY 1")
        self.assertEqual((len(after), [row for row in before if row not in after]), (len(before) + 1, []))

    def check_answers(self):
        """R76: each answers once, as its municipality, and the mode stays."""
        self.assertIn("its mode is municipality", self.it.padriver("evaluation", "mode", "LU-2027", "named", exit=1))
        said = []
        for link in self.links("LU-2027")[:7]:
            said.append({q: self.random.choice(["2", "4", "5"]) for q in SCALE})
            self.it.padriver("evaluation", "answer", link, *["%s=%s" % pair for pair in said[-1].items()])
        self.idle()
        self.assertEqual(list(self.status().values()).count("answered"), 7)
        self.assertEqual(self.about("LU-2027", "count(DISTINCT municipality), count(person) FROM evaluation.submission"),
                         [["7", "0"]])
        self.assertTrue(self.results("LU-2027")["hidden"])
        with self.assertRaises(RuntimeError) as refused:  # a second invitation of a municipality
            self.query("INSERT INTO evaluation.invitation (id, evaluation, person, respondent) VALUES (1, 'LU-2027', 0, 'gol')")
        self.assertIn("one_answer_a_municipality", str(refused.exception))
        return said

    def check_end(self, said):
        """Shown of all together, in its series and in no year of sessions."""
        shown = self.results("LU-2027")
        self.assertEqual((shown["status"], shown["answered"], shown["hidden"]), ("closed", 7, False))
        for item in shown["items"]:
            self.assertEqual(item["counts"], {v: [a[item["item"]] for a in said].count(v) for v in ["1", "2", "3", "4", "5", "dk"]})
        self.assertEqual(self.about("LU-2027", "count(*) FROM (SELECT tally AS evaluation FROM evaluation.part) p"), [["0"]])
        series = self.it.padriver("evaluation", "report", "--network", "LU", json=True)[0]
        self.assertEqual([point["session"] for point in series["course"] if point["question"] == "survey_improvement"], ["LU-2027"])
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.report WHERE scope = 'year'"), [["0"]])
        self.assertEqual(list(self.status().values()).count("answered"), 7)
        self.it.padriver("survey", "open", "LU-2027")  # within its days, but closed: nothing new
        self.idle()
        self.assertEqual(self.query("SELECT count(*) FROM log.parked"), [["0"]])


del Flow

if __name__ == "__main__":
    unittest.main(verbosity=1)
