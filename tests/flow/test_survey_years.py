"""The survey's results in the web face: what the municipalities say of the centre's driving role from year to year (R27, R78),
never across wordings; and what they wrote, in the order of the form, and who reads it."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_survey_web  # noqa: E402
from browser import Browser  # noqa: E402
from test_web_staff import DRAMMEN, LEADER  # noqa: E402

TAGS = re.compile(r"<[^>]+>")
IMPROVEMENT = "I hvilken grad er USHT en pådriver for forbedringsarbeid i kommunen?"
UPTAKE = "I hvilken grad er USHT en pådriver for å ta i bruk ny kunnskap og nye løsninger i kommunen?"
REWORDED = "I hvilken grad hjelper USHT kommunen å ta i bruk ny kunnskap?"


class Years(test_survey_web.Survey):
    """Six municipalities answer in 2027 and seven in 2028. One of the two questions of R78 is worded anew between."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        it = cls("test_R27_R78_the_driving_role_is_shown_from_year_to_year_and_never_across_wordings")
        it.answers = cls.answers = {}
        it.answer(2027, "112345", "223345")
        cls.jump("2027-11-20T09:00")
        it.it.psql("INSERT INTO evaluation.question (id, version, kind, level, text_nb, text_nn, text_en) VALUES "
                   "('survey_uptake', 2, 'scale', 4, '%s', 'I kva grad hjelper USHT kommunen å ta i bruk ny kunnskap?', "
                   "'To what degree does the development centre help the municipality to use new knowledge?')" % REWORDED)
        it.it.psql("INSERT INTO plan.action_plan VALUES (2028, 1, 'draft', NULL)")
        it.it.psql("INSERT INTO plan.activity (id, year, plan_version, kind, title_nb, title_nn, title_en, first_day, last_day, owner, goal) "
                   "SELECT id || '-2028', 2028, 1, kind, title_nb, title_nn, title_en, '2028-11-01', '2028-11-17', owner, goal "
                   "FROM plan.activity WHERE id = 'LU'")
        cls.jump("2028-11-01T09:00")
        it.it.padriver("survey", "open", "LU-2028")
        cls.jump("2028-11-01T10:00")
        it.answer(2028, "3344555", "5544554")
        cls.jump("2028-11-18T09:00")

    def answer(self, year, improvement, uptake):
        """A municipality a digit; the first two write something too."""
        self.answers[year] = {"improvement": list(map(int, improvement)), "uptake": list(map(int, uptake))}
        for number, link in enumerate(self.unused("LU-%d" % year)[:len(improvement)]):
            words = {"q9": "%d: mest nytte %d" % (year, number), "q10": "%d: annerledes %d" % (year, number)} if number < 2 else {}
            sent = Browser(self.port).post(link, {"mode": "municipality", "q7": improvement[number], "q8": uptake[number], **words})
            self.assertEqual(sent.status, 303, sent.text)
        self.idle()

    def table(self, page, caption):
        """Head → the cells of each row: n, 1 to 5, don't know, median, mean, share."""
        part = page.source.partition("<caption>%s</caption>" % caption)[2].partition("</table>")[0]
        rows = [[TAGS.sub("", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
                for row in re.findall(r"<tr>(.*?)</tr>", part, re.S)]
        return {row[0]: row[1:] for row in rows[1:]}

    def cells(self, values):
        """n, 1 to 5, don't know, and the mean as the page writes it."""
        return [str(len(values))] + [str(values.count(rating)) for rating in range(1, 6)] + ["0"], ("%.2f" % (sum(values) / len(values))).replace(".", ",")

    def lines(self, page, caption):
        """How many pairs of points the chart of that title joins."""
        chart, = [svg for svg in re.findall(r"<svg.*?</svg>", page.source, re.S) if ">%s</title>" % caption in svg]
        return len(re.findall(r'stroke-width="2\.0"', chart))

    def check(self, table, expected):
        self.assertEqual(list(table), list(expected))
        for head, values in expected.items():
            counts, mean = self.cells(values)
            self.assertEqual((table[head][:7], table[head][8]), (counts, mean), head)

    def test_R27_R78_the_driving_role_is_shown_from_year_to_year_and_never_across_wordings(self):
        page = Browser(self.port).get("/results/network/LU")
        self.assertEqual((page.status, page.heading), (200, "Resultater: Lederundersøkelse"))
        self.assertIn("Utvikling fra år til år", page.text)
        self.assertNotIn("samling til samling", page.text)
        first, second = self.answers[2027], self.answers[2028]
        of = "Gjennomsnitt for hvert år: "
        self.check(self.table(page, of + IMPROVEMENT), {"2027": first["improvement"], "2028": second["improvement"]})
        self.check(self.table(page, of + REWORDED), {"2027 (ordlyd 1)": first["uptake"], "2028 (ordlyd 2)": second["uptake"]})
        self.assertEqual((self.lines(page, of + IMPROVEMENT), self.lines(page, of + REWORDED)), (1, 0))
        for wording in (UPTAKE + " (ordlyd 1)", REWORDED + " (ordlyd 2)"):
            self.assertIn(wording, page.text)
        self.assertEqual(self.table(page, of + UPTAKE), {})
        questions = self.table(page, "Spørsmål")
        self.check({words: questions[words] for words in (IMPROVEMENT, UPTAKE, REWORDED)},
                   {IMPROVEMENT: first["improvement"] + second["improvement"], UPTAKE: first["uptake"], REWORDED: second["uptake"]})

    def test_each_year_has_its_own_page_and_all_are_found_from_the_results(self):
        links = Browser(self.port).get("/results").links
        for path, heading in (("network/LU", "Lederundersøkelse"), ("session/LU-2027", "Lederundersøkelse, 2027"),
                              ("session/LU-2028", "Lederundersøkelse, 2028")):
            page = Browser(self.port).get("/results/" + path)
            self.assertEqual((page.status, page.heading), (200, "Resultater: " + heading))
            self.assertIn("/results/" + path, links)
        self.assertIn("/results/session/LU-2027", Browser(self.port).get("/?year=2027").links)
        self.assertEqual(Browser(self.port).get("/results/network/LU/2028").heading, "Resultater: Lederundersøkelse, 2028")
        self.assertNotIn("fra år til år", Browser(self.port).get("/results/session/LU-2028").text)

    def test_what_was_written_is_for_the_leader_to_release_and_stands_in_the_order_of_the_form(self):
        leader = self.sign_in(LEADER)
        page = leader.get("/staff/words/LU-2027")
        self.assertIn("Annen tekst kan bare lederen og støttefunksjonen lese.", page.text)
        self.assertNotIn("oordinator", page.text)
        refused = self.sign_in(DRAMMEN).get("/staff/words/LU-2027")
        self.assertEqual((refused.status, "Denne teksten leses av lederen og støttefunksjonen." in refused.text), (403, True))
        for id in set(re.findall(r"/staff/words/LU-2027/([0-9a-f-]+)", page.source)):
            self.assertEqual(leader.post("/staff/words/LU-2027", {"what": "release", "id": id, "key": page.fields["key"]}).status, 303)
        placed = ("SELECT f.question, f.place FROM evaluation.survey_form f JOIN evaluation.question q ON q.id = f.question AND q.kind = 'text' "
                  "ORDER BY 1")
        asked = "SELECT DISTINCT question, place FROM evaluation.report_words WHERE subject = 'LU-2027' ORDER BY 1"
        self.assertEqual(self.it.psql(asked, "padriver_web"), self.it.psql(placed))
        self.assertEqual(self.heads(), ["Hva har kommunen hatt mest nytte av i år?", "Hva bør USHT gjøre annerledes neste år?"])
        move = "UPDATE evaluation.survey_form SET place = %d WHERE question = 'survey_best'"
        self.it.psql(move % 9)  # by their names they stand the other way round
        self.addCleanup(self.it.psql, move % 7)
        self.assertEqual(self.heads(), ["Hva bør USHT gjøre annerledes neste år?", "Hva har kommunen hatt mest nytte av i år?"])

    def heads(self):
        """The questions under which words stand, in order."""
        page = Browser(self.port).get("/results/session/LU-2027")
        part = page.source.partition("Med kommunenes egne ord")[2]
        self.assertEqual(part.count("2027: "), 4)
        return [TAGS.sub("", head) for head in re.findall(r"<h3[^>]*>(.*?)</h3>", part)]

    def test_every_page_is_looked_at_in_a_browser(self):
        self.look(["/results", "/results/network/LU", "/results/session/LU-2028"])
        self.look(["/staff/words/LU-2028"], self.sign_in(LEADER))


if __name__ == "__main__":
    unittest.main(verbosity=1)
