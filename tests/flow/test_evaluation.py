"""Evaluations with a real broker, store, daemon and command, and the sample centre's networks: opened for every session (R72),
asked about its network's goals (R73), answered once each, closed after ten days, shown from five answers on (R74)."""
import base64
import datetime
import hashlib
import hmac
import os
import random
import statistics
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402
from instance import SOURCE, Instance  # noqa: E402

SCALE = ["q%d" % n for n in range(1, 12)]  # of a network with three sub-goals
WORDS = ["q12", "q13", "q14"]


class Flow(unittest.TestCase):
    """An instance with the sample centre. Each test has sessions of its own; the clock only goes forward."""
    start = "2027-01-04T08:00"
    it = None

    @staticmethod
    def cluster():
        return Cluster(durable=False)

    @classmethod
    def setUpClass(cls):
        cls.it = Instance(daemons=["evaluation"], simulated=cls.start, cluster=cls.cluster())
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        with open(cls.it.state + "/link.key", encoding="ascii") as file:
            cls.key = bytes.fromhex(file.read().strip())
        cls.random = random.Random(2027)

    @classmethod
    def tearDownClass(cls):
        cls.it.close()

    def query(self, sql, user="postgres"):
        return self.it.psql(sql, user)

    def about(self, evaluation, what, where="true"):
        """What a table of the evaluation holds: about('N1-S1', 'count(*) FROM evaluation.box')."""
        return self.query("SELECT %s WHERE evaluation = '%s' AND %s" % (what, evaluation, where))

    def idle(self):
        self.it.padriver("wait", "--idle", "--timeout", "60")

    def jump(self, when):
        """The clock goes on; what is due by then is done."""
        self.it.padriver("clock", "jump", when)
        self.idle()

    def schedule(self, meeting, at=None):
        """Puts a session an hour ahead (or at an hour in Oslo); when it is over."""
        begins = datetime.datetime.fromisoformat(at or self.it.padriver("clock", "show", json=True)[0]["now_at"])
        words = [(begins + datetime.timedelta(hours=h)).isoformat().replace("+00:00", "Z") for h in (1, 2)]
        self.it.padriver("plan", "schedule", meeting, "--at", words[0], "--until", words[1])
        return words[1]

    def hold(self, meeting, at=None):
        """Lets a session pass and says that it was held."""
        self.jump(self.schedule(meeting, at))
        self.it.padriver("plan", "held", meeting)
        self.idle()

    def moment(self, what, table, id):
        """A time in a row, as the command takes it."""
        return self.query("SELECT to_char((%s) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SSZ') FROM %s WHERE id = '%s'"
                          % (what, table, id))[0][0]

    def pass_time(self, evaluation, before=""):
        """Goes to the evaluation's end, or before it."""
        self.jump(self.moment("closes_at " + before, "evaluation.evaluation", evaluation))

    def mac(self, about, key=None):
        """As link.h says, computed here: HMAC-SHA-512, cut."""
        mac = hmac.new(key or self.key, about.encode(), hashlib.sha512).digest()[:16]
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def link(self, invitation, key=None):
        return "https://usht.example/e/%d.%s" % (invitation, self.mac("evaluation/%d" % invitation, key))

    def links(self, evaluation):
        rows = self.about(evaluation, "id FROM evaluation.invitation", "NOT spent ORDER BY person")
        return [self.link(int(row[0])) for row in rows]

    def answers(self):
        """A respondent's answers, as on the command line; some leave some out."""
        chosen = {q: self.random.choice(["1", "2", "3", "4", "4", "5", "5", "dk"]) for q in SCALE
                  if self.random.random() < 0.95}
        chosen["q12"] = "ord\n%d, æøå \"'" % self.random.randrange(10**9)
        return chosen

    def answer(self, evaluation, count, after=0):
        """So many answer, the first of those who have not, or the first after so many; what they said."""
        said = []
        for link in self.links(evaluation)[after:after + count]:
            said.append(self.answers())
            self.it.padriver("evaluation", "answer", link, *["%s=%s" % pair for pair in said[-1].items()])
        return said

    def results(self, evaluation):
        return self.it.padriver("evaluation", "results", evaluation, json=True)[0]

    def check_results(self, shown, said):
        """Against a computation of our own; what fewer than five rated shows nothing."""
        self.assertEqual([item["item"] for item in shown["items"]], SCALE)
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


class Evaluations(Flow):
    def test_R72_R73_each_session_held_is_asked_about_its_networks_goals(self):
        self.hold("N1-S1")
        self.assertEqual(self.query("SELECT mode, state, threshold, network, closes_at - opened_at FROM evaluation.evaluation "
                                    "WHERE id = 'N1-S1'"), [["anonymous", "open", "5", "N1", "10 days"]])
        asked = self.about("N1-S1", "name, question, goal, text_nb FROM evaluation.asked", "true ORDER BY place")
        self.assertEqual([row[0] for row in asked], SCALE + WORDS)
        self.assertEqual({row[2] for row in asked}, {"N1", "N1-a", "N1-b", "N1-c"})
        self.assertEqual([row[2] for row in asked if row[1].startswith("sub_goal/")], ["N1-a", "N1-b", "N1-c"])
        self.assertTrue(asked[4][3].endswith("delmålet: 80 % har forbedringsteam med leder?"), asked[4][3])
        members = self.query("SELECT person FROM register.network_members('N1', '2027-01-27') ORDER BY 1")
        self.assertEqual(self.about("N1-S1", "person FROM evaluation.missing", "true ORDER BY 1"), members)
        self.assertGreater(len(members), 20)
        self.it.padriver("publish", "session_held", "meeting=N1-S1")  # again: nothing new
        self.idle()
        self.assertEqual(self.query("SELECT count(*) FROM log.event WHERE type = 6 AND key = 'N1-S1'"), [["1"]])

    def test_a_changed_wording_is_a_new_version(self):
        self.hold("N3-S1")
        self.query("UPDATE plan.goal SET text_nb = 'Alle har et team' WHERE id = 'N3-a'")
        self.hold("N3-S2")
        versions = self.query("SELECT evaluation, version FROM evaluation.asked WHERE question LIKE 'sub_goal/N3%' "
                              "ORDER BY evaluation, question")
        self.assertEqual([row[1] for row in versions], ["1", "1", "1", "2", "1", "1"])

    def test_a_session_that_is_none_is_parked(self):
        self.it.padriver("publish", "session_held", "meeting=N9-S9")
        self.idle()
        self.assertEqual(self.query("SELECT reason FROM log.parked WHERE key = 'N9-S9'"),
                         [["there is no session N9-S9 of a network"]])

    def refuse(self, code, link, *words):
        return self.it.padriver("evaluation", "answer", link, *words, exit=code)

    def test_an_invitation_is_good_for_one_answer_with_its_own_link_in_time(self):
        self.hold("N1-S2")
        first, second = self.links("N1-S2")[:2]
        forged = first[:-1] + ("A" if first[-1] != "A" else "Q")
        self.refuse(64, first)
        for bad in ["q1=6", "q1=", "q1", "q99=4", "q12=" + 2001 * "x", "q1=1.0", "q12="]:
            self.refuse(65, first, bad)
        self.refuse(65, first, "q1=1", "q1=2")
        self.refuse(65, forged, "q1=4")
        self.refuse(65, self.link(12345, bytes(32)), "q1=4")
        self.refuse(1, self.link(12345), "q1=4")
        self.query("REVOKE SELECT ON evaluation.asked FROM padriver_ctl")  # the store fails in the middle
        self.assertNotIn("no such question", self.refuse(70, first, "q1=4"))
        self.query("GRANT SELECT ON evaluation.asked TO padriver_ctl")
        self.assertEqual(self.about("N1-S2", "count(*) FROM evaluation.box"), [["0"]])
        self.it.padriver("evaluation", "answer", first.rsplit("/")[-1], "q1=4")
        self.assertIn("has been used", self.refuse(1, first, "q1=5"))
        self.it.pause("evaluation")  # its time is over, though nobody closes it
        self.addCleanup(self.it.resume, "evaluation")
        self.it.padriver("clock", "jump", self.moment("closes_at", "evaluation.evaluation", "N1-S2"))
        self.assertIn("is closed", self.refuse(1, second, "q1=4"))
        self.assertEqual(self.about("N1-S2", "count(*) FROM evaluation.box"), [["1"]])

    def test_the_store_refuses_what_the_command_would_not_ask(self):
        self.hold("N2-S2")
        ids = [row[0] for row in self.about("N2-S2", "id FROM evaluation.invitation", "true ORDER BY 1 LIMIT 3")]
        box = "decode(repeat('00', 8240), 'hex')"
        submit = "SELECT * FROM evaluation.submit(%s, %s, %s, '%s')"
        in_time = "2027-01-04T08:00Z"
        self.query(submit % (ids[0], box, "NULL", in_time), "padriver_ctl")
        for call, said in [(submit % (ids[0], box, "NULL", in_time), "has been used"),
                           (submit % (ids[1], box, "NULL", "2028-02-06T14:00Z"), "takes no more answers"),
                           (submit % (ids[1], "NULL", "'{\"q1\": 1}'", in_time), "is anonymous now"),
                           (submit % (ids[1], "NULL", "NULL", in_time), "is anonymous now"),
                           (submit % (77, box, "NULL", in_time), "to no evaluation here"),
                           (submit % (ids[1], "decode('00', 'hex')", "NULL", in_time), "box_sealed_check")]:
            with self.assertRaises(RuntimeError) as refused:
                self.query(call, "padriver_ctl")
            self.assertIn(said, str(refused.exception))
        for sql, user in [("SELECT * FROM evaluation.answer", "padriver_ctl"), ("SELECT * FROM evaluation.box", "padriver_ctl"),
                          ("SELECT * FROM evaluation.submission", "padriver_notifications"),
                          ("SELECT * FROM evaluation.report_question", "padriver_notifications")]:
            with self.assertRaises(RuntimeError) as refused:
                self.query(sql, user)
            self.assertIn("permission denied", str(refused.exception))

    def test_an_anonymous_answers_event_names_nobody_and_only_the_day(self):
        self.hold("N4-S1")
        self.answer("N4-S1", 1)
        events = self.query("SELECT (at AT TIME ZONE 'Europe/Oslo')::time, actor, cause FROM log.event "
                            "WHERE type = 9 AND key = 'N4-S1'")
        self.assertEqual(events, [["00:00:00", "", ""]])
        self.assertEqual((self.results("N4-S1")["items"], self.results("N4-S1")["answered"]), ([], 1))

    def test_R74_closing_opens_shuffles_and_counts(self):
        self.hold("N2-S1")
        said = self.answer("N2-S1", 12)
        self.assertEqual(self.about("N2-S1", "count(DISTINCT octet_length(sealed)), count(*) FROM evaluation.box"), [["1", "12"]])
        self.pass_time("N2-S1", "- interval '1 second'")
        self.assertEqual((self.results("N2-S1")["status"], self.results("N2-S1")["hidden"]), ("open", True))
        self.pass_time("N2-S1")
        shown = self.results("N2-S1")
        self.assertEqual((shown["status"], shown["answered"], shown["hidden"]), ("closed", 12, False))
        self.check_results(shown, said)
        goals = {goal["goal"]: goal for goal in shown["goals"]}
        self.assertEqual(set(goals), {"N2", "N2-a", "N2-b", "N2-c"})
        self.assertEqual(goals["N2"]["n"], sum(item["n"] or 0 for item in shown["items"]))
        self.assertEqual(goals["N2-b"]["n"], shown["items"][5]["n"])
        words = self.query("SELECT words FROM evaluation.answer WHERE tally = 'N2-S1' AND words IS NOT NULL")
        self.assertEqual(sorted(row[0] for row in words), sorted(answer["q12"] for answer in said))
        self.assertEqual(self.query("SELECT count(*) FROM log.event WHERE type = 8 AND key = 'N2-S1'"), [["1"]])
        self.check_nothing_links("N2-S1")

    def check_nothing_links(self, evaluation):
        """Of what remains, no row of an answer shares anything with a person's: no column, no transaction, no order."""
        self.assertEqual(self.about(evaluation, "count(*) FROM evaluation.box"), [["0"]])
        columns = self.query("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'evaluation' "
                             "AND table_name = 'answer' ORDER BY 1")
        self.assertEqual(columns, [["goal", "text"], ["key", "uuid"], ["question", "text"], ["tally", "text"],
                                   ["value", "smallint"], ["version", "integer"], ["words", "text"]])
        of = "FROM evaluation.answer a WHERE tally = '%s'" % evaluation
        self.assertEqual(self.query("SELECT count(DISTINCT xmin::text) " + of), [["1"]])
        self.assertEqual(self.query("SELECT count(*) " + of + " AND EXISTS (SELECT FROM evaluation.invitation i "
                                    "WHERE i.xmin::text = a.xmin::text)"), [["0"]])
        places = [int(row[0]) for row in self.query(
            "SELECT i.place FROM evaluation.answer a JOIN evaluation.item i ON i.evaluation = a.tally AND i.question = a.question "
            "WHERE tally = '%s' ORDER BY a.ctid" % evaluation)]
        rises = sum(a < b for a, b in zip(places, places[1:]))  # whole answers one after the other would rise 11 times of 12
        self.assertLess(rises, 0.7 * len(places))

    def test_too_few_wait_for_company_and_are_opened_together(self):
        self.hold("N5-S1")
        few = self.answer("N5-S1", 3)
        self.pass_time("N5-S1")
        self.assertEqual((self.results("N5-S1")["status"], self.results("N5-S1")["hidden"]), ("closed", True))
        self.assertEqual(self.about("N5-S1", "count(*) FROM evaluation.box"), [["3"]])
        self.hold("N6-S1")  # another network is no company
        self.answer("N6-S1", 4)
        self.pass_time("N6-S1")
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.answer WHERE tally IN ('N5-S1', 'N6-S1')"), [["0"]])
        self.hold("N5-S2")
        many = self.answer("N5-S2", 6)
        self.pass_time("N5-S2")
        self.check_results(self.results("N5-S2"), many)  # enough alone: opened alone
        self.assertTrue(self.results("N5-S1")["hidden"])
        self.hold("N5-S3")
        more = self.answer("N5-S3", 2, after=3)
        self.pass_time("N5-S3")
        for evaluation, other in [("N5-S1", "N5-S3"), ("N5-S3", "N5-S1")]:
            shown = self.results(evaluation)
            self.assertEqual((shown["hidden"], shown["together_with"]), (False, [other]))
            self.check_results(shown, few + more)
        self.assertEqual(self.query("SELECT name FROM log.timer WHERE name IN ('expiry N5-S1', 'expiry N6-S1')"),
                         [["expiry N6-S1"]])

    def test_named_and_municipal_answers_are_counted_as_they_come_and_shown_when_closed_and_the_mode_is_frozen(self):
        for meeting, mode in [("N3-S3", "named"), ("N4-S2", "municipality")]:
            self.hold(meeting)
            self.it.padriver("evaluation", "mode", meeting, mode)
            said = self.answer(meeting, 4)
            self.idle()
            self.assertTrue(self.results(meeting)["hidden"])
            self.assertIn("stays so", self.it.padriver("evaluation", "mode", meeting, "anonymous", exit=1))
            said += self.answer(meeting, 3)
            self.idle()
            self.assertEqual((self.results(meeting)["hidden"], self.results(meeting)["items"]), (True, []))
            counted = self.query("SELECT sum(c) FROM evaluation.result, unnest(counts) c WHERE tally = '%s'" % meeting)
            self.assertEqual(counted, [[str(sum(q in answer for answer in said for q in SCALE))]])
            link = self.links(meeting)[0]  # an answer whose event comes late: the closing counts it, and the event does not
            self.query("SELECT * FROM evaluation.submit(%s, NULL, '{\"q1\": 5}', '2027-01-04T08:00Z')" % link.split("/")[-1].split(".")[0])
            said.append({"q1": "5"})
            self.pass_time(meeting)
            self.check_results(self.results(meeting), said)
            last = self.about(meeting, "max(id) FROM evaluation.submission")[0][0]
            self.it.padriver("publish", "evaluation_submitted", "evaluation=" + meeting, "answer=" + last)
            self.idle()
            self.check_results(self.results(meeting), said)
        self.assertEqual(self.query("SELECT count(person), count(municipality) FROM evaluation.submission"), [["8", "8"]])
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.submission s WHERE s.municipality IS NOT NULL AND NOT "
                                    "EXISTS (SELECT FROM register.person p WHERE p.municipality = s.municipality)"), [["0"]])
        self.assertEqual(self.results("N4-S2")["status"], "closed")
        parts = self.query("SELECT sum(c) FROM evaluation.part, unnest(counts) c UNION ALL "
                           "SELECT sum(c) FROM evaluation.result, unnest(counts) c WHERE tally = 'N4-S2'")
        self.assertEqual(parts[0], parts[1])

    def test_without_the_master_key_nothing_is_lost(self):
        self.hold("N1-S3")
        said = self.answer("N1-S3", 5)
        path = self.it.state + "/master.key"
        self.assertEqual(self.it.stop("evaluation"), 0)
        os.rename(path, path + ".away")
        self.it.start("evaluation")
        self.assertEqual(self.it.died("evaluation"), 78)
        with open(path, "w", encoding="ascii") as file:
            file.write("77" * 32 + "\n")
        os.chmod(path, 0o600)
        self.it.start("evaluation")
        self.pass_time("N1-S3")
        reason = self.query("SELECT reason FROM log.parked WHERE key = 'N1-S3'")[0][0]
        self.assertTrue(reason.startswith("N1-S3: master.key is not the one"), reason)
        self.assertEqual(self.about("N1-S3", "count(*) FROM evaluation.box"), [["5"]])
        self.it.stop("evaluation")
        os.rename(path + ".away", path)
        self.it.start("evaluation")
        self.it.padriver("parked", "retry", "evaluation", "--key", "N1-S3")
        self.idle()
        self.check_results(self.results("N1-S3"), said)
        self.assertEqual(self.results("N1-S3")["status"], "closed")

    def test_a_spoilt_box_spoils_no_other(self):
        self.hold("N1-S4")
        said = self.answer("N1-S4", 11)
        last = self.about("N1-S4", "id FROM evaluation.invitation", "NOT spent LIMIT 1")[0][0]
        self.query("SELECT * FROM evaluation.submit(%s, decode(repeat('00', 8240), 'hex'), NULL, '2027-01-04T08:00Z')" % last)
        self.pass_time("N1-S4")
        self.assertEqual(self.results("N1-S4")["answered"], 12)
        self.check_results(self.results("N1-S4"), said)


class Kills(Flow):
    def kill(self, failpoint, act):
        """Does something while the daemon dies at a place, then lets it go on."""
        self.it.stop("evaluation")
        self.it.start("evaluation", failpoint=failpoint + "=kill")
        act()
        self.assertEqual(self.it.died("evaluation"), -9)
        self.it.start("evaluation")
        self.idle()

    def test_a_kill_at_any_step_neither_loses_nor_repeats(self):
        sessions = ["N1-S1", "N3-S1", "N4-S1", "N1-S2"]
        failpoints = ["after-cursor", "after-effects", "before-commit", "after-commit"]
        for session, failpoint in zip(sessions, failpoints):
            self.it.padriver("plan", "schedule", session)
            self.jump(self.moment("ends_at", "plan.meeting", session))
            self.kill(failpoint, lambda: self.it.padriver("plan", "held", session))
            said = self.answer(session, 6)
            self.idle()
            end = self.moment("closes_at", "evaluation.evaluation", session)
            self.kill(failpoint, lambda: self.it.padriver("clock", "jump", end))
            self.check_results(self.results(session), said)
            told = self.query("SELECT type, count(*) FROM log.event WHERE type IN (6, 8) AND key = '%s' GROUP BY 1 ORDER BY 1"
                              % session)
            self.assertEqual(told, [["6", "1"], ["8", "1"]])


class Calendar(Flow):
    start = "2027-03-18T08:00"

    def test_it_closes_at_the_wall_time_it_opened_when_clocks_change(self):
        self.hold("N1-S2", "2027-03-18T13:00")
        self.assertEqual(self.query("SELECT closes_at AT TIME ZONE 'UTC' FROM evaluation.evaluation WHERE id = 'N1-S2'"),
                         [["2027-03-28 13:00:00"]])

    def test_what_too_few_were_asked_in_one_wording_is_not_opened(self):
        for session, day, goal, after, count in [("N3-S1", "2027-04-05", "Alle har et team", 0, 4),
                                                 ("N3-S2", "2027-05-05", "Alle har to team", 4, 2)]:
            self.query("UPDATE plan.goal SET text_nb = '%s' WHERE id = 'N3-a'" % goal)
            self.hold(session, day + "T13:00")
            self.answer(session, count, after)
            self.pass_time(session)
        asked = "evaluation.%s WHERE tally = 'N3-S2' AND question = 'sub_goal/N3-a'"
        for table in ("answer", "result"):  # a row of either wording would be of the four or of the two
            self.assertEqual(self.query("SELECT count(*) FROM " + asked % table), [["0"]])
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.answer WHERE tally = 'N3-S2' AND words IS NOT NULL"), [["6"]])
        self.assertEqual(self.about("N3-S1", "count(*) FROM evaluation.box"), [["0"]])

    def test_what_too_few_wrote_again_and_again_is_not_opened(self):
        """Five answers of three persons are of three, and of five persons' seven answers five are of three in one wording."""
        for session, day, goal, after, count, waiting in [("N2-S1", "2027-06-01", "Alle har et team", 0, 3, ["3"]),
                                                          ("N2-S2", "2027-09-01", "Alle har et team", 0, 2, ["3", "2"]),
                                                          ("N2-S3", "2027-09-15", "Alle har to team", 3, 2, [])]:
            self.query("UPDATE plan.goal SET text_nb = '%s' WHERE id = 'N2-a'" % goal)
            self.hold(session, day + "T13:00")
            self.answer(session, count, after)
            self.pass_time(session)
            self.assertEqual(self.query("SELECT count(*) FROM evaluation.box WHERE evaluation LIKE 'N2-%' GROUP BY evaluation "
                                        "ORDER BY evaluation"), [[boxes] for boxes in waiting])
        words = "SELECT count(*) FROM evaluation.answer WHERE tally = 'N2-S3' AND words IS NOT NULL"
        self.assertEqual(self.query(words), [["7"]])
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.answer WHERE question = 'sub_goal/N2-a'"), [["0"]])

    def test_what_was_never_opened_goes_with_the_year(self):
        self.hold("N1-S4", "2027-10-20T13:00")
        self.answer("N1-S4", 4)
        self.jump("2027-12-31T23:59")
        self.assertEqual(self.about("N1-S4", "count(*) FROM evaluation.box"), [["4"]])
        self.jump("2028-01-01T00:00")
        self.assertEqual(self.about("N1-S4", "count(*) FROM evaluation.box"), [["0"]])
        self.assertEqual((self.results("N1-S4")["hidden"], self.results("N1-S4")["answered"]), (True, 4))


class Words(Flow):
    def release(self, act, *ids, exit=0):
        return self.it.padriver("evaluation", act, *ids, exit=exit)

    def words(self, evaluation):
        return {row["words"]: row for row in self.it.padriver("evaluation", "words", evaluation, json=True)}

    def shown(self, evaluation):
        """What the pages may show, read with their rights."""
        return {row[0] for row in self.query("SELECT words FROM evaluation.report_words WHERE scope = 'session' AND subject = '%s'"
                                             % evaluation, "padriver_web")}

    def test_free_text_waits_for_a_person_and_goes_in_time(self):
        said = {}
        for session, mode, count in (("N1-S1", "anonymous", 6), ("N2-S1", "named", 5), ("N5-S1", "municipality", 4)):
            self.hold(session)
            self.it.padriver("evaluation", "mode", session, mode)
            said[session] = {answer["q12"] for answer in self.answer(session, count)}
            self.assertEqual(self.words(session), {})  # while it is open
        for session in said:
            self.pass_time(session)
            self.assertEqual(set(self.words(session)), said[session] if session != "N5-S1" else set())  # four are too few
            self.assertEqual(self.shown(session), set())
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.submission WHERE answer ? 'q12'"), [["0"]])  # parted from names
        hidden = self.query("SELECT key FROM evaluation.answer WHERE tally = 'N5-S1' LIMIT 1")[0][0]
        self.assertIn("there are no words", self.release("release", hidden, exit=1))

        rows = sorted(self.words("N1-S1").values(), key=lambda row: row["id"])
        ids = [row["id"] for row in rows]
        self.assertIn("there are no words 'none'", self.release("release", ids[0], "none", exit=1))
        self.assertEqual(self.shown("N1-S1"), set())  # all or nothing
        self.release("release", ids[0], ids[1])
        self.assertEqual(self.shown("N1-S1"), {rows[0]["words"], rows[1]["words"]})
        released = self.words("N1-S1")
        who = self.query("SELECT DISTINCT released_by FROM evaluation.release")[0][0]
        self.assertEqual([released[row["words"]]["released_by"] for row in rows], 2 * [who] + 4 * [None])
        self.release("withdraw", ids[0], ids[2])
        self.assertEqual(self.shown("N1-S1"), {rows[1]["words"]})
        self.assertEqual(self.query("SELECT answer, tally, released_by, withdrawn_by FROM evaluation.withdrawal"),
                         [[ids[0], "N1-S1", who, who]])
        self.release("release", ids[0])
        self.release("remove", ids[1], ids[2])
        self.assertEqual(self.shown("N1-S1"), {rows[0]["words"]})
        self.assertEqual(set(self.words("N1-S1")), said["N1-S1"] - {rows[1]["words"], rows[2]["words"]})
        self.assertEqual(self.query("SELECT answer, removed_by FROM evaluation.removal ORDER BY 1"), [[id, who] for id in ids[1:3]])
        self.assertIn("there are no words", self.release("remove", ids[1], exit=1))

        said["N1-S1"] -= {rows[1]["words"], rows[2]["words"]}
        end = "(date_trunc('day', closes_at AT TIME ZONE 'Europe/Oslo') + interval '400 days%s') AT TIME ZONE 'Europe/Oslo'"
        self.jump(self.moment(end % " -1 second", "evaluation.evaluation", "N1-S1"))  # all of them closed on that day
        for session in said:
            kept = self.query("SELECT words FROM evaluation.answer WHERE tally = '%s' AND words <> ''" % session)
            self.assertEqual({row[0] for row in kept}, said[session])
        self.jump(self.moment(end % "", "evaluation.evaluation", "N1-S1"))
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.answer WHERE words <> ''"), [["0"]])
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.release"), [["0"]])
        self.assertEqual(self.results("N1-S1")["answered"], 6)

    def test_the_mode_its_threshold_and_its_key_are_frozen_by_the_first_answer(self):
        self.hold("N3-S1")
        changes = ["mode = 'named'", "mode = 'municipality'", "threshold = 6", "public_key = decode(repeat('00', 32), 'hex')"]
        update = "UPDATE evaluation.evaluation SET %s WHERE id = 'N3-S1'"
        for change in changes:
            self.query("BEGIN; %s; ROLLBACK" % update % change)
        self.it.padriver("evaluation", "mode", "N3-S1", "named")
        self.it.padriver("evaluation", "mode", "N3-S1", "anonymous")
        self.answer("N3-S1", 1)
        for change in changes:  # not even by a superuser
            with self.assertRaises(RuntimeError, msg=change) as refused:
                self.query(update % change)
            self.assertRegex(str(refused.exception), "N3-S1 (is anonymous and stays so|keeps its threshold and its key): somebody has answered")
        self.assertIn("stays so", self.it.padriver("evaluation", "mode", "N3-S1", "named", exit=1))


if __name__ == "__main__":
    unittest.main(verbosity=1)
