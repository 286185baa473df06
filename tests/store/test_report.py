"""The year's report (R79): the same data give the same bytes, here and in a restored copy; what is altered is found; each gap
is listed; no number in it that results do not show; each goal's status as the rule says, or as a person does."""
import hashlib
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from answers import Answers  # noqa: E402
from cluster import Cluster  # noqa: E402
from command import SOURCE, Command  # noqa: E402


def status(counts):
    """The rule, said anew."""
    rated = sum(counts[:5])
    if rated < 10:
        return "no_evidence"
    share = (counts[3] + counts[4]) / rated
    return "reached" if share >= 0.8 else "partly" if share >= 0.5 else "not"


class Year(unittest.TestCase):
    """A year with random answers, written as the daemon leaves them."""

    def setUp(self):
        self.command = Command("2028-01-10T08:00:00Z")
        self.addCleanup(self.command.close)
        self.command.good("import", "--yes", SOURCE + "/deploy/sample")
        self.answers = Answers(self.sql)
        self.answers.fill()
        for table, rest in (("municipality", "NULL, NULL"), ("municipality_period", "'9999', 'Åmot', 'nb', '2020-01-01', NULL"),
                            ("party", "'hallingdal', '2020-01-01', NULL")):
            self.sql("INSERT INTO register.%s VALUES ('aamot', %s)" % (table, rest))  # where aa stands is a matter of collation
        self.sql("INSERT INTO register.network VALUES ('N9', 'learning', 'Ny', 'Ny', 'New', 'leder', '2027-01-01', NULL)")

    def sql(self, statement):
        return self.command.cluster.query(statement)

    def compile(self):
        return self.command.rows("report", "compile", "2027")[0]

    def snapshot(self, *words):
        return self.command.rows("report", "show", "2027", *words)[0]

    def gaps(self):
        return {(gap["kind"], gap["subject"]) for gap in self.snapshot()["gaps"]}


class Report(Year):
    def test_R79_the_same_data_give_the_same_bytes_and_the_rule_its_statuses(self):
        self.answers.hold_survey(8)
        first = self.compile()
        self.assertEqual((first["edition"], first["again"]), (1, False))
        bytes_shown = self.command.good("report", "show", "2027", "--json").rstrip("\n").encode()
        self.assertEqual(hashlib.sha256(bytes_shown).hexdigest(), first["sha256"])
        again = self.compile()
        self.assertEqual((again["edition"], again["sha256"], again["again"]), (1, first["sha256"], True))
        snapshot = self.snapshot()
        goals = {goal["goal"]: goal for goal in snapshot["goals"]}
        self.assertEqual({goal: goals[goal]["counts"] for goal in self.answers.truth}, self.answers.truth)
        self.assertEqual({goal: row["status"] for goal, row in goals.items()},
                         {goal: status(self.answers.truth.get(goal, [0] * 6)) for goal in goals})
        self.assertGreaterEqual(len({row["status"] for row in goals.values()}), 3)
        self.check_nothing_hidden(snapshot)
        self.check_restored(first["sha256"])

    def check_nothing_hidden(self, snapshot):
        """Every list of counts in it is one that results show, and nothing of it is of N3, which too few answered."""
        shown = {counts for counts, in self.sql("SELECT counts::text FROM evaluation.report_question UNION "
                                                "SELECT counts::text FROM evaluation.report_goal")}
        found = []

        def look(value):
            if isinstance(value, dict):
                if any(value.get("counts") or []):
                    found.append("{%s}" % ",".join(map(str, value["counts"])))
                for inner in value.values():
                    look(inner)
            elif isinstance(value, list):
                for inner in value:
                    look(inner)

        look(snapshot)
        self.assertGreater(len(found), 20)
        self.assertEqual(set(found) - shown, set())
        published = {tally for tally, in self.sql("SELECT tally FROM evaluation.report")}
        self.assertEqual({row["tally"] for row in snapshot["tallies"]}, published)
        self.assertEqual({row["municipality"] for row in snapshot["results"]} - {None, ""} - {"drammen", "lier"}, set())
        self.assertIn("drammen", [row["municipality"] for row in snapshot["results"]])
        self.assertEqual([row for row in snapshot["results"] + snapshot["evidence"]
                          if row.get("network") == "N3" or row.get("tally") == "N3-S1"], [])
        self.assertEqual([word for word in ("invited", "answered") if word in json.dumps(snapshot["sessions"])], [])

    def check_restored(self, sha256):
        """A dump restored into another cluster, whose collation is another, compiles to the same bytes."""
        cluster = self.command.cluster
        dump = subprocess.run([cluster.bin + "/pg_dump", "-d", cluster.conninfo_of("padriver")], capture_output=True, check=True).stdout
        with Cluster(durable=False) as other:
            roles = subprocess.run([cluster.bin + "/pg_dumpall", "--roles-only", "-d", cluster.conninfo], capture_output=True, check=True)
            psql = [other.bin + "/psql", "-X", "-q", "-d"]
            subprocess.run([*psql, other.conninfo], input=roles.stdout, capture_output=True, check=False)
            other.query("CREATE DATABASE copy TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'nb'")
            copy = other.conninfo_of("copy")
            subprocess.run([*psql, copy, "-v", "ON_ERROR_STOP=1"], input=dump, capture_output=True, check=True)
            said = subprocess.run([*psql, copy, "-At", "-c", "SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo'; "
                                   "SELECT seal, evaluation.report_now(2027) FROM evaluation.year_edition"],
                                  capture_output=True, text=True, check=True).stdout.strip()
            self.assertEqual(said, "%s|%s" % (sha256, sha256))

    def test_R79_each_gap_is_listed(self):
        self.answers.hold("N2-S2", 12, "2027-04-14")
        self.sql("UPDATE evaluation.evaluation SET state = 'open', tally = NULL, invited = NULL, answered = NULL WHERE id = 'N2-S2'")
        self.compile()
        gaps = self.gaps()
        for gap in (("session_missing", "N5-S1"), ("session_hidden", "N3-S1"), ("session_open", "N2-S2"),
                    ("session_not_held", "N6-S1"), ("goal_no_question", "N6"), ("goal_no_question", "D1"),
                    ("goal_no_evidence", "N3"), ("network_no_goals", "N9"), ("survey_none", "2027")):
            self.assertIn(gap, gaps)
        self.assertNotIn(("goal_no_evidence", "N1"), gaps)
        self.answers.hold_survey(3)
        self.assertEqual(self.compile()["edition"], 2)
        gaps = self.gaps()
        parties = [party for party, in self.sql("SELECT municipality FROM register.parties_on('2027-11-01') ORDER BY 1")]
        self.assertIn(("survey_hidden", "LU-2027"), gaps)
        self.assertEqual({subject for kind, subject in gaps if kind == "survey_municipality"}, set(parties[3:]))
        self.assertIn(("survey_none", "2027"), {(g["kind"], g["subject"]) for g in self.snapshot("--edition", "1")["gaps"]})

    def test_what_was_taken_into_use_stands_by_itself(self):
        """Follow-ups change no number, status or gap of the report; it says them apart, and of too few answers nothing."""
        self.compile()
        before = self.snapshot()
        self.assertEqual([key for key in before if key.startswith("follow")], [])
        self.answers.follow_up("N1-S1", 12, "2027-05-10")
        self.answers.follow_up("N1-S2", 11, "2027-06-10")
        self.answers.follow_up("N2-S1", 3, "2027-07-10")
        made = self.compile()
        self.assertEqual((made["edition"], self.compile()["again"]), (2, True))
        after = self.snapshot()
        self.assertEqual({key: after[key] for key in before}, before)
        self.assertEqual({row["meeting"]: row["standing"] for row in after["follow_ups"] if row["standing"] != "missing"},
                         {"N1-S1": "shown", "N1-S2": "shown", "N2-S1": "hidden"})
        self.assertEqual([(row["session"], row["about"], row["answered"]) for row in after["follow_tallies"]],
                         [("N1-S1", ["N1-S1"], 12), ("N1-S2", ["N1-S2"], 11)])
        self.assertEqual([row["question"] for row in after["follow_questions"]], ["used", "used_goal/N1-a"])
        total = [sum(map(int, column)) for column in zip(*[row[0].strip("{}").split(",") for row in self.sql(
            "SELECT counts FROM evaluation.result WHERE tally LIKE 'N1-S_.bruk' AND question = 'used'")])]
        self.assertEqual(after["follow_questions"][0]["counts"], total)
        self.assertEqual([(row["goal"], row["wording"], row["tallies"]) for row in after["follow_goals"]], [("N1", 1, 2), ("N1-a", 1, 2)])
        self.assertNotIn("N2", [row["network"] for row in after["follow_goals"]])
        self.assertEqual(self.sql("SELECT count(*) FROM evaluation.standing WHERE standing = 'missing'"), [["1"]])  # R72: N5-S1
        for sql in ("INSERT INTO evaluation.evaluation (id, network, opened_at, closes_at, public_key, follows) VALUES ('x', 'N1', "
                    "'2027-01-01', '2027-01-02', decode(repeat('00', 32), 'hex'), '%s')" % of for of in ("N1-S1.bruk", "N9-S9")):
            with self.assertRaisesRegex(RuntimeError, "cannot be followed up"):
                self.sql(sql)

    def test_what_was_altered_is_found_and_nobody_who_signs_in_can_alter_it(self):
        sha256 = self.compile()["sha256"]
        self.assertTrue(self.command.rows("report", "verify", "2027", "--sha256", sha256)[0]["current"])
        for words in (("show", "2026"), ("verify", "2026"), ("publish", "2026"), ("show", "2027", "--edition", "9"), ("compile", "2029")):
            done = self.command("report", *words)
            self.assertEqual((done.code, done.out), (1, ""), words)
            self.assertIn("no", done.err)
        for role in ("ctl", "web", "evaluation"):
            for sql in ("UPDATE evaluation.year_report SET snapshot = ''", "DELETE FROM evaluation.year_report",
                        "TRUNCATE evaluation.year_report CASCADE",
                        "INSERT INTO evaluation.year_report VALUES (2027, 9, '{}', sha256('{}'), '2027-01-01', 'x')"):
                with self.assertRaisesRegex(RuntimeError, "permission denied", msg=role + ": " + sql):
                    self.sql("SET ROLE padriver_%s; %s" % (role, sql))
        with self.assertRaisesRegex(RuntimeError, "only grows"):
            self.sql("SET ROLE padriver_owner_evaluation; UPDATE evaluation.year_report SET snapshot = ''")
        tamper = ("SET session_replication_role = replica; UPDATE evaluation.year_report SET snapshot = "
                  "replace(snapshot, '\"year\": 2027', '\"year\": 2028')")
        self.sql(tamper)
        done = self.command("report", "verify", "2027")
        self.assertEqual(done.code, 1)
        self.assertIn("was altered", done.err)
        self.sql(tamper + ", sha256 = sha256(convert_to(replace(snapshot, '\"year\": 2027', '\"year\": 2028'), 'UTF8'))")
        self.assertEqual(self.command("report", "verify", "2027").code, 0)  # hash and all: what was printed tells
        self.assertEqual(self.command("report", "verify", "2027", "--sha256", sha256).code, 1)

    def test_R79_a_person_may_judge_otherwise_and_both_are_shown(self):
        self.compile()
        goal, rule = "N1", status(self.answers.truth["N1"])
        other = "not" if rule != "not" else "partly"
        self.assertEqual(self.command("report", "overrule", "2027", goal, "great", "--reason", "x").code, 1)
        self.assertEqual(self.command("report", "overrule", "2027", goal, other).code, 1)
        self.assertEqual(self.command("report", "overrule", "2027", "X9", other, "--reason", "x").code, 1)
        self.command.good("report", "overrule", "2027", goal, other, "--reason", "Tre team har ikke målt")
        self.assertEqual(self.compile()["edition"], 2)
        row, = [row for row in self.snapshot()["goals"] if row["goal"] == goal]
        self.assertEqual((row["judged"], row["status"], row["reason"]), (rule, other, "Tre team har ikke målt"))
        self.command.good("report", "overrule", "2027", goal, "rule", "--reason", "Alle har målt")
        self.assertEqual(self.compile()["edition"], 3)
        row, = [row for row in self.snapshot()["goals"] if row["goal"] == goal]
        self.assertEqual((row["status"], row["reason"]), (rule, None))

    def test_R80_a_finding_leads_to_a_change_that_is_followed_into_the_next_year(self):
        self.compile()
        finding = self.command.rows("report", "finding", "2027", "For lite øving", "--goal", "N2", "--session", "N2-S1")[0]["finding"]
        for words in (("report", "finding", "2027", "x", "--session", "N9-S9"), ("report", "finding", "2026", "x"),
                      ("report", "change", "99", "goals", "x", "--owner", "leder", "--due", "2028-01-05"),
                      ("report", "change", str(finding), "weather", "x", "--owner", "leder", "--due", "2028-01-05"),
                      ("report", "change", str(finding), "goals", "x", "--owner", "nobody", "--due", "2028-01-05")):
            self.assertEqual(self.command(*words).code, 1, words)
        change = self.command.rows("report", "change", str(finding), "methods", "En time øving", "--owner", "leder",
                                   "--due", "2028-01-05")[0]["change"]
        self.compile()
        row, = self.snapshot()["changes"]
        self.assertEqual((row["state"], row["kind"], row["due_on"], row["of_year"]), ("open", "methods", "2028-01-05", 2027))
        self.command.good("report", "step", str(change), "done", "Prøvd")
        self.command.good("report", "step", str(change), "open", "Må prøves igjen")
        self.command.good("report", "step", str(change), "done", "Prøvd to ganger")
        steps = [step["state"] for step in self.command.rows("report", "changes", "2027")[0]["steps"]]
        self.assertEqual(steps, ["done", "open", "done"])
        row, = json.loads(self.command.good("report", "show", "2027", "--json"))["changes"]
        self.assertEqual(row["state"], "open")  # as it was when it was compiled
        self.command.good("report", "compile", "2028")
        row, = json.loads(self.command.good("report", "show", "2028", "--json"))["changes"]
        self.assertEqual((row["state"], row["of_year"], row["note"]), ("done", 2027, "Prøvd to ganger"))
        with self.assertRaisesRegex(RuntimeError, "only grows"):
            self.sql("UPDATE evaluation.change_step SET state = 'open'")

    def test_R81_a_dialogue_meeting_records_its_use_and_is_a_gap_until_then(self):
        self.compile()
        used = ("--used", "Målene ett for ett", "--adapted", "Øver på vaktskiftet")
        self.assertEqual(self.command("report", "used", "DM1", "2027", *used).code, 1)  # not published
        self.command.good("report", "publish", "2027")
        self.assertEqual(self.command("report", "used", "SG1", "2027", *used).code, 1)
        self.assertEqual(self.command("report", "used", "DM1", "2027", "--used", "x").code, 1)
        self.sql("INSERT INTO plan.action_plan VALUES (2028, 1, 'draft', NULL)")
        self.sql("INSERT INTO plan.activity (id, year, plan_version, kind, method, area, title_nb, title_nn, title_en, first_day, last_day, "
                 "owner, goal) VALUES ('DM9', 2028, 1, 'activity', 'dialogue', 'hallingdal', 'Dialog', 'Dialog', 'Dialogue', '2028-01-08', "
                 "'2028-01-08', 'leder', 'M')")
        self.command.good("report", "compile", "2028")
        show = lambda: json.loads(self.command.good("report", "show", "2028", "--json"))  # noqa: E731
        self.assertIn("dialogue_not_recorded", [gap["kind"] for gap in show()["gaps"]])
        self.command.good("report", "used", "DM9", "2027", *used)
        self.command.good("report", "compile", "2028")
        self.assertNotIn("dialogue_not_recorded", [gap["kind"] for gap in show()["gaps"]])
        row, = show()["uses"]
        self.assertEqual((row["meeting"], row["of_year"], row["used"], row["adapted"]), ("DM9", 2027, used[1], used[3]))


if __name__ == "__main__":
    unittest.main(verbosity=1)
