"""Evaluations as the daemon and the command make them, with the sample centre's networks: opened for every session (R72), asked
about its network's goals (R73), answered once each, closed after ten days, shown from five answers on (R74)."""
import base64
import hashlib
import hmac
import os
import random
import re
import statistics
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from command import SOURCE, Command, session_held  # noqa: E402
from feed import Feed  # noqa: E402

SCALE = ["q%d" % n for n in range(1, 12)]  # of a network with three sub-goals
WORDS = ["q12", "q13", "q14"]


class Evaluations(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(2027)
        self.command = self.enterContext(Command("2027-01-15T08:00"))
        self.command.good("import", "--yes", SOURCE + "/deploy/sample")
        self.feed = self.enterContext(Feed(self.command, "evaluation"))
        with open(self.command.state + "/link.key", encoding="ascii") as file:
            self.key = bytes.fromhex(file.read().strip())

    def enterContext(self, manager):  # Python 3.11 has it
        entered = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return entered

    def query(self, sql, user="postgres"):
        return self.command.cluster.query(sql, user=user)

    def hold(self, meeting, until):
        """Schedules a session, lets it pass and says that it was held."""
        self.command.good("plan", "schedule", meeting)
        self.feed.jump(until)
        self.command.good("plan", "held", meeting)
        self.feed.settle()

    def link(self, invitation, key=None):
        """As link.h says, computed here: HMAC-SHA-512, cut."""
        mac = hmac.new(key or self.key, b"evaluation/%d" % invitation, hashlib.sha512).digest()[:16]
        return "https://usht.example/e/%d.%s" % (invitation, base64.urlsafe_b64encode(mac).decode().rstrip("="))

    def links(self, evaluation):
        return [self.link(int(row[0])) for row in self.query(
            "SELECT id FROM evaluation.invitation WHERE evaluation = '%s' AND NOT spent ORDER BY person" % evaluation)]

    def answers(self):
        """A respondent's answers, as on the command line; some leave some out."""
        chosen = {q: self.random.choice(["1", "2", "3", "4", "4", "5", "5", "dk"]) for q in SCALE
                  if self.random.random() < 0.95}
        chosen["q12"] = "ord\n%d, æøå \"'" % self.random.randrange(10**9)
        return chosen

    def answer(self, evaluation, count):
        """So many answer; what they said."""
        said = []
        for link in self.links(evaluation)[:count]:
            said.append(self.answers())
            self.command.good("evaluation", "answer", link, *["%s=%s" % pair for pair in said[-1].items()])
        return said

    def results(self, evaluation):
        return self.command.rows("evaluation", "results", evaluation)[0]

    def check_results(self, shown, said):
        """Against a computation of our own; what fewer than five rated shows nothing."""
        for item in shown["items"]:
            given = [answer[item["item"]] for answer in said if item["item"] in answer]
            rated = [int(value) for value in given if value != "dk"]
            if len(rated) < 5:
                self.assertEqual([item[key] for key in ("n", "counts", "median", "mean", "share_4_5")], 5 * [None])
                continue
            self.assertEqual(item["counts"], {v: given.count(v) for v in ["1", "2", "3", "4", "5", "dk"]})
            self.assertEqual(item["n"], len(rated))
            self.assertAlmostEqual(item["mean"], statistics.mean(rated))
            self.assertAlmostEqual(item["median"], statistics.median(rated))
            self.assertAlmostEqual(item["share_4_5"], sum(v >= 4 for v in rated) / len(rated))

    def test_R72_R73_each_session_held_is_asked_about_its_networks_goals(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        self.assertEqual(self.query("SELECT mode, state, threshold FROM evaluation.evaluation"), [["anonymous", "open", "5"]])
        asked = self.query("SELECT name, question, goal, text_nb FROM evaluation.asked ORDER BY place")
        self.assertEqual([row[0] for row in asked], SCALE + WORDS)
        self.assertEqual({row[2] for row in asked}, {"N1", "N1-a", "N1-b", "N1-c"})
        self.assertEqual([row[2] for row in asked if row[1].startswith("sub_goal/")], ["N1-a", "N1-b", "N1-c"])
        self.assertTrue(asked[4][3].endswith("delmålet: 80 % har forbedringsteam med leder?"), asked[4][3])
        members = self.query("SELECT person FROM register.network_members('N1', '2027-01-27') ORDER BY 1")
        self.assertEqual(self.query("SELECT person FROM evaluation.missing ORDER BY 1"), members)
        self.assertGreater(len(members), 20)
        self.command.append(session_held("N1-S1"))  # again: nothing new
        self.feed.settle()
        self.assertEqual(self.query("SELECT count(*) FROM log.event WHERE type = 6"), [["1"]])
        self.assertEqual(self.feed.parked(), [])

    def test_a_changed_wording_is_a_new_version(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        self.query("UPDATE plan.goal SET text_nb = 'Alle har et team' WHERE id = 'N1-a'")
        self.hold("N1-S2", "2027-03-17T15:00")
        versions = self.query("SELECT evaluation, question, version FROM evaluation.asked WHERE question LIKE 'sub_goal/%' "
                              "ORDER BY 1, 2")
        self.assertEqual([row[2] for row in versions], ["1", "1", "1", "2", "1", "1"])

    def test_a_session_that_is_none_is_parked(self):
        self.command.append(session_held("N9-S9"))
        self.feed.settle()
        self.assertEqual(self.feed.parked(), ["there is no session N9-S9 of a network"])

    def test_an_invitation_is_good_for_one_answer_with_its_own_link_in_time(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        first, second = self.links("N1-S1")[:2]
        answer = lambda link, *words: self.command("evaluation", "answer", link, *words)  # noqa: E731
        self.assertEqual(answer(first).code, 64)
        for bad in ["q1=6", "q1=", "q1", "q99=4", "q12=" + 2001 * "x", "q1=1.0", "q12="]:
            self.assertEqual(answer(first, bad).code, 65, bad)
        self.assertEqual(answer(first, "q1=1", "q1=2").code, 65)
        forged = first[:-1] + ("A" if first[-1] != "A" else "Q")
        self.assertEqual(answer(forged, "q1=4").code, 65)
        self.assertEqual(answer(self.link(12345), "q1=4").code, 1)
        self.assertEqual(answer(self.link(12345, bytes(32)), "q1=4").code, 65)
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["0"]])
        self.assertEqual(answer(first.rsplit("/")[-1], "q1=4").code, 0)
        self.assertEqual(answer(first, "q1=5").code, 1)
        self.command.good("clock", "jump", "2027-02-06T15:00")  # not closed yet, but its time is over
        late = answer(second, "q1=4")
        self.assertEqual((late.code, "closed" in late.err), (1, True))
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["1"]])

    def test_the_store_refuses_what_the_command_would_not_ask(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        ids = [row[0] for row in self.query("SELECT id FROM evaluation.invitation ORDER BY 1 LIMIT 3")]
        box = "decode(repeat('00', 8240), 'hex')"
        submit = "SELECT * FROM evaluation.submit(%s, %s, %s, '%s')"
        in_time = "2027-01-28T08:00Z"
        self.query(submit % (ids[0], box, "NULL", in_time), "padriver_ctl")
        for call, said in [(submit % (ids[0], box, "NULL", in_time), "has been used"),
                           (submit % (ids[1], box, "NULL", "2027-02-06T14:00Z"), "takes no more answers"),
                           (submit % (ids[1], "NULL", "'{\"q1\": 1}'", in_time), "is anonymous now"),
                           (submit % (ids[1], "NULL", "NULL", in_time), "is anonymous now"),
                           (submit % (77, box, "NULL", in_time), "to no evaluation here"),
                           (submit % (ids[1], "decode('00', 'hex')", "NULL", in_time), "box_sealed_check")]:
            with self.assertRaises(RuntimeError) as refused:
                self.query(call, "padriver_ctl")
            self.assertIn(said, str(refused.exception))
        with self.assertRaises(RuntimeError):
            self.query("SELECT * FROM evaluation.answer", "padriver_ctl")
        with self.assertRaises(RuntimeError):
            self.query("SELECT * FROM evaluation.submission", "padriver_notifications")

    def test_an_anonymous_answers_event_names_nobody_and_only_the_day(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        self.feed.jump("2027-01-28T13:37")
        self.answer("N1-S1", 1)
        self.assertEqual(self.query("SELECT at AT TIME ZONE 'UTC', actor, cause, encode(body, 'escape') ~ 'N1-S1' "
                                    "FROM log.event WHERE type = 9"), [["2027-01-27 23:00:00", "", "", "t"]])
        self.assertEqual(self.results("N1-S1")["items"], [])
        self.assertEqual(self.results("N1-S1")["answered"], 1)

    def test_R74_closing_opens_shuffles_and_counts(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        said = self.answer("N1-S1", 12)
        self.assertEqual(self.query("SELECT count(DISTINCT octet_length(sealed)), count(*) FROM evaluation.box"), [["1", "12"]])
        self.feed.jump("2027-02-06T14:59")
        self.assertEqual(self.results("N1-S1")["status"], "open")
        self.assertTrue(self.results("N1-S1")["hidden"])
        self.feed.jump("2027-02-06T15:00")
        shown = self.results("N1-S1")
        self.assertEqual((shown["status"], shown["answered"], shown["hidden"]), ("closed", 12, False))
        self.assertEqual([item["item"] for item in shown["items"]], SCALE)
        self.check_results(shown, said)
        goals = {goal["goal"]: goal for goal in shown["goals"]}
        self.assertEqual(set(goals), {"N1", "N1-a", "N1-b", "N1-c"})
        self.assertEqual(goals["N1"]["n"], sum(item["n"] or 0 for item in shown["items"]))
        self.assertEqual(goals["N1-b"]["n"], shown["items"][5]["n"])
        self.assertEqual(sorted(row[0] for row in self.query("SELECT words FROM evaluation.answer WHERE words IS NOT NULL")),
                         sorted(answer["q12"] for answer in said))
        self.check_nothing_links()
        self.assertEqual(self.query("SELECT count(*) FROM log.event WHERE type = 8"), [["1"]])

    def check_nothing_links(self):
        """Of what remains, no row of an answer shares anything with a person's: no column, no transaction, no order."""
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["0"]])
        columns = self.query("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'evaluation' "
                             "AND table_name = 'answer' ORDER BY 1")
        self.assertEqual(columns, [["goal", "text"], ["key", "uuid"], ["question", "text"], ["tally", "text"],
                                   ["value", "smallint"], ["version", "integer"], ["words", "text"]])
        self.assertEqual(self.query("SELECT count(DISTINCT xmin::text) FROM evaluation.answer"), [["1"]])
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.answer a JOIN evaluation.invitation i "
                                    "ON a.xmin::text = i.xmin::text"), [["0"]])
        places = [int(row[0]) for row in self.query(
            "SELECT i.place FROM evaluation.answer a JOIN evaluation.item i USING (question, version, goal) ORDER BY a.ctid")]
        rises = sum(a < b for a, b in zip(places, places[1:]))  # whole answers one after the other would rise 13 times of 14
        self.assertLess(rises, 0.7 * len(places))

    def test_too_few_wait_for_company_and_are_opened_together(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        few = self.answer("N1-S1", 3)
        self.feed.jump("2027-02-06T15:00")
        self.assertEqual((self.results("N1-S1")["status"], self.results("N1-S1")["hidden"]), ("closed", True))
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["3"]])
        self.hold("N3-S1", "2027-02-16T15:00")  # another network is no company
        self.answer("N3-S1", 4)
        self.feed.jump("2027-02-26T15:00")
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.answer"), [["0"]])
        self.hold("N1-S2", "2027-03-17T15:00")
        many = self.answer("N1-S2", 6)
        self.feed.jump("2027-03-27T15:00")
        self.check_results(self.results("N1-S2"), many)  # enough alone: opened alone
        self.assertTrue(self.results("N1-S1")["hidden"])
        self.hold("N1-S3", "2027-09-08T15:00")
        more = self.answer("N1-S3", 2)
        self.feed.jump("2027-09-18T15:00")
        for evaluation, other in [("N1-S1", "N1-S3"), ("N1-S3", "N1-S1")]:
            shown = self.results(evaluation)
            self.assertEqual((shown["hidden"], shown["together_with"]), (False, [other]))
            self.check_results(shown, few + more)
        self.assertEqual([row[0] for row in self.query("SELECT name FROM log.timer WHERE owner = 'evaluation'")],
                         ["expiry N3-S1"])

    def test_what_was_never_opened_goes_with_the_year(self):
        self.hold("N1-S4", "2027-10-20T15:00")
        self.answer("N1-S4", 4)
        self.feed.jump("2027-10-30T15:00")
        self.feed.jump("2027-12-31T23:59")
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["4"]])
        self.feed.jump("2028-01-01T00:00")
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["0"]])
        self.assertEqual((self.results("N1-S4")["hidden"], self.results("N1-S4")["answered"]), (True, 4))

    def test_it_closes_at_the_wall_time_it_opened_when_clocks_change(self):
        self.command.good("plan", "schedule", "N1-S2", "--at", "2027-03-18T09:00", "--until", "2027-03-18T15:00")
        self.feed.jump("2027-03-18T15:00")
        self.command.good("plan", "held", "N1-S2")
        self.feed.settle()
        self.assertEqual(self.query("SELECT closes_at AT TIME ZONE 'UTC' FROM evaluation.evaluation"), [["2027-03-28 13:00:00"]])

    def test_named_and_municipal_answers_are_counted_as_they_come_and_the_mode_is_frozen(self):
        for meeting, until, mode in [("N1-S1", "2027-01-27T15:00", "named"), ("N2-S1", "2027-02-04T15:00", "municipality")]:
            self.hold(meeting, until)
            self.command.good("evaluation", "mode", meeting, mode)
            said = self.answer(meeting, 4)
            self.feed.settle()
            self.assertTrue(self.results(meeting)["hidden"])
            self.assertEqual(self.command("evaluation", "mode", meeting, "anonymous").code, 65)
            said += self.answer(meeting, 3)
            self.feed.settle()
            self.assertFalse(self.results(meeting)["hidden"])
            self.check_results(self.results(meeting), said)
        self.assertEqual(self.query("SELECT count(person), count(municipality) FROM evaluation.submission"), [["7", "7"]])
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.submission s WHERE s.municipality IS NOT NULL AND NOT "
                                    "EXISTS (SELECT FROM register.person p WHERE p.municipality = s.municipality)"), [["0"]])
        self.feed.jump("2027-02-14T15:00")
        self.assertEqual(self.results("N2-S1")["status"], "closed")

    def test_without_the_master_key_nothing_is_lost(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        said = self.answer("N1-S1", 5)
        path = self.command.state + "/master.key"
        self.assertEqual(self.feed.stop(), 0)
        os.rename(path, path + ".away")
        self.feed.start()
        self.assertEqual(self.feed.daemon.wait(30), 78)
        with open(path, "w", encoding="ascii") as file:
            file.write("77" * 32 + "\n")
        os.chmod(path, 0o600)
        self.feed.start()
        self.feed.jump("2027-02-06T15:00")
        self.assertTrue(re.match("N1-S1: master.key is not the one", self.feed.parked()[0]), self.feed.parked())
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["5"]])
        self.feed.stop()
        os.rename(path + ".away", path)
        self.feed.start()
        self.command.good("parked", "retry", "evaluation", "--all")
        self.feed.settle()
        self.check_results(self.results("N1-S1"), said)
        self.assertEqual(self.results("N1-S1")["status"], "closed")

    def test_a_spoilt_box_spoils_no_other(self):
        self.hold("N1-S1", "2027-01-27T15:00")
        said = self.answer("N1-S1", 11)
        last = self.query("SELECT id FROM evaluation.invitation WHERE NOT spent LIMIT 1")[0][0]
        self.query("SELECT * FROM evaluation.submit(%s, decode(repeat('00', 8240), 'hex'), NULL, '2027-01-28T08:00Z')" % last)
        self.feed.jump("2027-02-06T15:00")
        self.assertEqual(self.results("N1-S1")["answered"], 12)
        self.check_results(self.results("N1-S1"), said)


if __name__ == "__main__":
    unittest.main(verbosity=1)
