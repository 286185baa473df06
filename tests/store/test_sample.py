"""The sample centre: it loads whole, is what it says it is, and names nobody real."""
import csv
import os
import re
import sys
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from centre import SAMPLE, Centre, main  # noqa: E402

NUMBERS = """3301 3005 0602 Drammen|3312 3049 0626 Lier|3314 3048 0624 Øvre Eiker|3303 3006 0604 Kongsberg|3334 3050 0631 Flesberg|
3336 3051 0632 Rollag|3338 3052 0633 Nore og Uvdal|3305 3007 0605 Ringerike|3310 3038 0612 Hole|3316 3047 0623 Modum|
3318 3046 0622 Krødsherad|3332 3045 0621 Sigdal|3320 3039 0615 Flå|3322 3040 0616 Nesbyen|3324 3041 0617 Gol|3326 3042 0618 Hemsedal|
3328 3043 0619 Ål|3330 3044 0620 Hol"""

# The wheel of 2027: day, hours, activity, place.
WHEEL = """0120 12-14 KS1 Teams|0126 12-15 FR1 Drammen|0127 09-15 N1-S1 Drammen|0202 12-14 SG1 Drammen|0204 09-15 N2-S1 Kongsberg|
0216 09-15 N3-S1 Hønefoss|0301 - DL1 -|0303 09-15 N4-S1 Drammen|0304 12-15 N5-S1 Teams|0310 09-15 N6-S1 Kongsberg|0316 10-13 DM1 Ål|
0317 09-15 N1-S2 Hønefoss|0318 10-13 DM2 Hønefoss|0401 - DL2 -|0406 10-13 DM3 Kongsberg|0407 10-13 DM4 Drammen|0414 09-15 N2-S2 Ål|
0415 09-15 N3-S2 Drammen|0421 12-15 N4-S2 Teams|0430 - T1 -|0520 - T1-R -|0526 12-15 FR2 Teams|0527 12-15 N6-S2 Teams|
0602 12-15 N5-S2 Teams|0603 12-14 SG2 Teams|0825 12-14 KS2 Teams|0831 - T2 -|0901 09-15 N2-S3 Drammen|0908 09-15 N1-S3 Kongsberg|
0915 09-15 N3-S3 Ål|0916 09-15 N4-S3 Drammen|0920 - T2-R -|0923 12-14 SG3 Drammen|0928 10-13 DM5 Ål|0929 10-13 DM6 Hønefoss|
0930 10-13 DM7 Kongsberg|1001 - DL3 -|1013 12-15 FR3 Drammen|1014 10-13 DM8 Drammen|1020 09-15 N1-S4 Drammen|1027 12-15 N5-S3 Teams|
1101 - LU -|1103 09-15 N6-S3 Kongsberg|1201 - DL4 -|1207 12-14 SG4 Drammen|1231 - T3 -"""


def listed(text):
    return [row.strip() for row in text.replace("\n", "").split("|")]


class Sample(Centre):
    def rows(self, kind):
        """A file's rows as a person sees them, without comments."""
        with open("%s/%s.csv" % (SAMPLE, kind), encoding="utf-8", newline="") as file:
            return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter=";"))

    def test_every_row_of_every_file_is_in_the_store(self):
        for kind, owner in self.query("SELECT kind, owner FROM register.import_kind"):
            self.assertEqual(int(self.value("SELECT count(*) FROM %s.%s" % (owner, kind))), len(self.rows(kind)), kind)

    def test_the_municipalities_have_their_numbers_of_each_time(self):
        now = [" ".join(self.query("""SELECT string_agg(number, ' ' ORDER BY valid_from DESC) FROM register.municipality_period
            WHERE municipality = '%s'""" % m)[0]) + " " + name for m, name in
               self.query("SELECT municipality, name FROM register.parties_on('2027-01-01') ORDER BY number")]
        self.assertEqual(sorted(now), sorted(listed(NUMBERS)))
        self.assertEqual(dict(self.query("SELECT area, count(*) FROM register.parties_on('2027-01-01') GROUP BY 1")),
                         {"drammen": "3", "kongsberg": "4", "ringerike": "5", "hallingdal": "6"})
        self.assertEqual(self.column("SELECT name FROM register.parties_on('2027-01-01') WHERE standard = 'nn' ORDER BY 1"),
                         ["Gol", "Hemsedal", "Ål"])
        self.assertEqual(dict(self.query("SELECT id, successor FROM register.municipality WHERE successor IS NOT NULL")),
                         {"sande": "holmestrand", "svelvik": "drammen", "nedre-eiker": "drammen", "royken": "asker", "hurum": "asker"})

    def test_the_wheel_of_2027_is_whole(self):
        rows = ["%s%s %s %s %s" % (day[5:7], day[8:], hours, name, place or "-") for day, hours, name, place in self.query("""
            SELECT first_day, coalesce(to_char(begins, 'HH24') || '-' || to_char(ends, 'HH24'), '-'), id, place FROM plan.activity
             WHERE id NOT IN ('PV1', 'SL1', 'SR1') ORDER BY first_day, id""")]
        self.assertEqual(sorted(rows), sorted(listed(WHEEL)))
        self.assertEqual(self.value("SELECT last_day FROM plan.activity WHERE id = 'LU'"), "2027-11-19")

    def test_r52_r58_the_wheel_uses_all_eight_methods(self):
        self.assertEqual(dict(self.query("SELECT method, count(*) FROM plan.activity WHERE method IS NOT NULL GROUP BY 1")),
                         {"dialogue": "8", "contact": "2", "learning": "4", "competence": "6", "professional": "9", "guidance": "1",
                          "local": "1", "regional": "1"})

    def test_an_activity_points_at_a_focus_and_a_network_of_its_day(self):
        self.assertEqual(self.query("""SELECT a.id FROM plan.activity a JOIN plan.goal g ON g.id IN (a.goal, a.focus, a.directive)
            WHERE a.first_day < g.valid_from OR a.last_day > g.valid_to"""), [])

    def test_r69_the_directorates_focus_areas_are_of_2017_to_2020(self):
        self.assertEqual(self.column("SELECT id FROM plan.goal WHERE kind = 'focus' AND valid_to = '2020-12-31' ORDER BY 1"), ["F1", "F2", "F3"])

    def test_r66_r71_each_network_has_a_goal_and_three_sub_goals(self):
        self.assertEqual(dict(Counter(row["kind"] for row in self.rows("goal"))),
                         {"main": 1, "sub": 3, "directive": 6, "focus": 9, "network": 6, "network_sub": 18})
        for kind, parents in (("network", {"M1", "M2", "M3"}), ("network_sub", {"N1", "N2", "N3", "N4", "N5", "N6"})):
            self.assertEqual({row["parent"] for row in self.rows("goal") if row["kind"] == kind}, parents)

    def test_networks_have_members_of_every_municipality_in_both_standards(self):
        for network, members, municipalities, nynorsk in self.query("""
            SELECT m.network, count(*), count(DISTINCT p.municipality), count(*) FILTER (WHERE p.language = 'nn')
              FROM register.membership m JOIN register.person p ON p.id = m.person GROUP BY 1"""):
            self.assertTrue(20 <= int(members) <= 40, network)
            self.assertEqual(int(municipalities), 18, network)
            self.assertGreaterEqual(int(nynorsk), 5, network)

    def test_everybody_has_something_to_do_with_the_centre(self):
        self.assertEqual(self.query("""SELECT code FROM register.person WHERE id NOT IN (
            SELECT person FROM register.membership UNION SELECT person FROM register.contact UNION
            SELECT person FROM register.seat WHERE person IS NOT NULL UNION SELECT person FROM register.employment)"""), [])
        self.assertGreater(int(self.value("SELECT count(*) FROM register.person")), 250)

    def test_nobody_is_real(self):
        people = self.rows("person")
        self.assertTrue(all(re.fullmatch(r"[a-z0-9.-]+@[a-z-]+\.example", row["email"]) for row in people))
        self.assertEqual(len({row["email"] for row in people}), len(people))
        self.assertEqual(len({row["name"] for row in people}), len(people))
        with open(SAMPLE + "/person.csv", encoding="utf-8") as file:
            self.assertIn("oppdiktet", file.readline())

    def test_names_are_as_various_as_names_are(self):
        names = "\n".join(row["name"] for row in self.rows("person"))
        for kind in ("D'Amico", "O'Brannigan", "Áile", "Máhtte", "Čáhcejohka", "ễ", "æ", "ø", "å", "Øy", "Ål"):
            self.assertIn(kind, names)
        self.assertRegex(names, r"(?m)^\S+-\S+ \S+$")
        self.assertRegex(names, r"(?m)^\S+ \S+-\S+$")

    def test_questions_are_in_both_written_standards(self):
        self.assertEqual(self.column("SELECT id FROM evaluation.question WHERE text_nb = text_nn"), [])

    def test_texts_are_in_three_languages(self):
        same = [row["id"] for row in self.rows("goal") if row["text_nb"] == row["text_nn"]]
        self.assertEqual(same, ["F1", "F2", "N4-c", "N5-a", "N5-b", "N6-a"])
        for kind, columns in (("goal", "text"), ("network", "name"), ("body", "name"), ("activity", "title")):
            for row in self.rows(kind):
                self.assertTrue(all(row["%s_%s" % (columns, language)] for language in ("nb", "nn", "en")), row)


if __name__ == "__main__":
    main()
