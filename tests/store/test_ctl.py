"""The command's backbone beside a store without a broker: reading, mending, and each exit code."""
import json
import os
import pwd
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from command import Command, run, session_held  # noqa: E402


class WithoutAnInstance(unittest.TestCase):
    def test_wrong_use_ends_with_64(self):
        for words in ([], ["nothing"], ["group"], ["log", "--last", "many"], ["log", "--last"], ["clock", "jump"],
                      ["clock", "advance"], ["wait"], ["publish"], ["publish", "session_held", "--number", "3"],
                      ["settings", "--sample=yes"], ["log", "--from", "1", "a word"]):
            done = run(*words)
            self.assertEqual(done.code, 64, words)
            self.assertNotEqual(done.err, "", words)

    def test_bad_settings_end_with_78(self):
        for words in (["log"], ["check"], ["settings"]):
            done = run(*words, conf="/nonexistent/padriver.conf")
            self.assertEqual(done.code, 78, words)
            self.assertIn("/nonexistent/padriver.conf", done.err)

    def test_a_broken_store_ends_with_69_and_is_named(self):
        done = run("lag")
        self.assertEqual(done.code, 69)
        self.assertIn("the store", done.err)

    def test_the_sample_of_settings_is_itself_good(self):
        done = run("settings", "--sample")
        self.assertEqual(done.code, 0)
        path = "/tmp/padriver-sample.%d" % os.getpid()
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(done.out)
            again = run("settings", "--json", conf=path)
        finally:
            os.unlink(path)
        self.assertEqual(again.code, 0)
        self.assertIn("broker.endpoint", [json.loads(line)["name"] for line in again.out.splitlines()])


class BesideAStore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.command = Command()

    @classmethod
    def tearDownClass(cls):
        cls.command.close()

    def setUp(self):
        self.command.cluster.query("TRUNCATE log.event, log.source, log.timer; DELETE FROM log.worker_group")

    def fails(self, code, words, *said):
        done = self.command(*words)
        self.assertEqual(done.code, code, "%s\n%s%s" % (words, done.out, done.err))
        for part in said:
            self.assertIn(part, done.err)

    def test_migrations_run_once(self):
        again = json.loads(self.command.good("migrate", "--connection", self.command.cluster.conninfo, "--json"))
        self.assertEqual(again["applied"], 0)
        self.assertGreater(again["before"], 5)

    def test_a_group_begins_where_it_was_said(self):
        self.command.append(session_held("N1-S1"), session_held("N2-S1"), session_held("N3-S1"))
        for name, start in (("first", "start"), ("third", "3"), ("later", "now")):
            self.command.good("group", "add", name, "--from", start, "--partitions", "2")
        least = {row["group"]: row["least"] for row in self.command.rows("group", "list")}
        self.assertEqual(least, {"first": 0, "third": 2, "later": 3})
        self.fails(1, ["group", "add", "first", "--from", "now"], "there is a group first")
        self.fails(1, ["group", "add", "beyond", "--from", "5"], "last position is 3")
        self.fails(64, ["group", "add", "nowhere"], "--from")
        self.command.good("group", "drop", "third")
        self.fails(1, ["group", "drop", "third"], "no group third")

    def test_lag_tells_what_waits_and_for_how_long(self):
        self.command.append(session_held("N1-S1"), at="2026-12-01 07:59:00+00")
        self.command.append(session_held("N1-S2"))
        self.command.good("group", "add", "slow", "--from", "start")
        self.command.good("group", "add", "quick", "--from", "now")
        rows = {row["group"]: row for row in self.command.rows("lag")}
        self.assertEqual(rows["slow"], {"group": "slow", "partition": 0, "position": 0, "head": 2, "behind": 2, "oldest_s": 60,
                                        "parked": 0})
        self.assertEqual((rows["quick"]["behind"], rows["quick"]["oldest_s"]), (0, 0))

    def test_the_log_is_shown_as_cloud_events(self):
        self.command.append(session_held("N1-S1"), session_held("N2-S1"), session_held("N1-S2"))
        instance = self.command.rows("instance", "show")[0]["instance"]
        rows = self.command.rows("log")
        self.assertEqual(rows[0], {
            "specversion": "1.0", "id": instance + "/1", "source": instance, "type": "session_held",
            "time": "2026-12-01T08:00:00Z", "subject": "N1-S1", "position": 1, "actor": "test", "cause": None,
            "data": {"meeting": "N1-S1"}})
        self.assertEqual([row["position"] for row in rows], [1, 2, 3])

    def test_the_log_is_filtered(self):
        self.command.append(*[session_held("N%d-S1" % n) for n in range(1, 10)])
        def positions(*words):
            return [row["position"] for row in self.command.rows("log", *words)]
        self.assertEqual(positions("--from", "3", "--to", "5"), [3, 4, 5])
        self.assertEqual(positions("--last", "2"), [8, 9])
        self.assertEqual(positions("--key", "N4-S1"), [4])
        self.assertEqual(positions("--last", "1", "--key", "N4-S1"), [4])
        self.assertEqual(positions("--type", "meeting_held"), [])
        self.assertIn("session_held", self.command.good("log", "--last", "1"))
        self.fails(64, ["log", "--type", "sessions_held"], "no event")

    def test_a_long_log_comes_whole(self):
        self.command.append(*[session_held("N%d-S1" % n) for n in range(1, 1502)])
        self.assertEqual([row["position"] for row in self.command.rows("log")], list(range(1, 1502)))

    def park(self, *waits):
        """One event of a key, parked in a group, and others behind it."""
        self.command.append(*[session_held("N1-S1") for _ in waits])
        self.command.good("group", "add", "evaluation", "--from", "now")
        for position, wait in enumerate(waits, 1):
            self.command.cluster.query("SELECT log.park('evaluation', '{0}', '{%d}', ARRAY['no questions'], '{%d}', '2026-12-01 08:00+00')"
                                       % (position, wait))

    def test_parked_events_are_listed_and_shown(self):
        self.park(0, 1)
        rows = self.command.rows("parked", "list")
        self.assertEqual(rows[0], {
            "id": "evaluation/1", "group": "evaluation", "position": 1, "type": "session_held", "key": "N1-S1",
            "actor": "test", "cause": None, "reason": "no questions", "waits_for": None, "attempts": 1,
            "parked_at": "2026-12-01T08:00:00Z", "retry": False})
        self.assertEqual((rows[1]["waits_for"], rows[1]["attempts"]), (1, 0))
        shown = self.command.rows("parked", "show", "evaluation/1")[0]
        self.assertEqual(shown["data"], {"meeting": "N1-S1"})
        self.assertIn("no questions", self.command.good("parked", "show", "evaluation", "1"))
        self.fails(1, ["parked", "show", "evaluation", "9"], "nothing is parked")
        self.fails(64, ["parked", "show", "evaluation"], "which one")
        self.fails(1, ["parked", "list", "evalution"], "there is no group evalution")

    def test_a_retry_marks_the_whole_key(self):
        self.park(0, 1)
        self.assertEqual(self.command.rows("parked", "retry", "evaluation", "1"), [{"marked": 2}])
        self.assertEqual([row["retry"] for row in self.command.rows("parked", "list")], [True, True])
        self.assertEqual(self.command.rows("parked", "retry", "evaluation", "--key", "N1-S1"), [{"marked": 2}])
        self.assertEqual(self.command.rows("parked", "retry", "evaluation", "--all"), [{"marked": 2}])
        self.fails(1, ["parked", "retry", "evaluation", "--key", "N9-S9"], "nothing of that")
        self.fails(64, ["parked", "retry", "evaluation"])
        self.fails(64, ["parked", "retry", "evaluation", "1", "--all"])

    def test_dropping_frees_what_waited(self):
        self.park(0, 1)
        self.command.good("parked", "drop", "evaluation", "1")
        rows = self.command.rows("parked", "list", "evaluation")
        self.assertEqual([(row["position"], row["waits_for"], row["retry"]) for row in rows], [(2, None, True)])
        self.fails(1, ["parked", "drop", "evaluation", "1"], "nothing is parked")

    def set_timer(self, due="2026-12-02 09:00+01"):
        number, key, body = session_held("N1-S1")
        self.command.cluster.query("SELECT log.timer_set('evaluation', 'closing/N1-S1', '%s', NULL, %d::smallint, '%s', '', 0, '\\x%s')"
                                   % (due, number, key, body))
        return self.command.rows("timers", "list")[0]

    def test_a_word_that_no_letter_has_is_not_an_empty_list(self):
        self.fails(64, ["mail", "list", "--state", "uncertan"], "perhaps uncertain")
        self.fails(64, ["mail", "list", "--rule", "invitations"], "perhaps invitation")
        self.assertEqual(self.command.rows("mail", "list", "--state", "held", "--rule", "test"), [])

    def test_timers_are_listed_moved_and_dropped(self):
        timer = self.set_timer()
        self.assertEqual(timer, {"id": timer["id"], "owner": "evaluation", "name": "closing/N1-S1",
                                 "due_at": "2026-12-02T08:00:00Z", "not_after": None, "event": "session_held",
                                 "data": {"meeting": "N1-S1"}})
        self.command.good("timers", "move", str(timer["id"]), "2027-03-28T15:00")
        self.assertEqual(self.command.rows("timers", "list", "--name", "closing/")[0]["due_at"], "2027-03-28T13:00:00Z")
        self.assertEqual(self.command.rows("timers", "list", "--owner", "budget"), [])
        self.fails(64, ["timers", "move", str(timer["id"]), "soon"], "soon")
        self.command.good("timers", "drop", str(timer["id"]))
        self.fails(1, ["timers", "drop", str(timer["id"])], "no timer")

    def test_idle_is_told_from_busy(self):
        self.command.good("wait", "--idle", "--timeout", "0")
        self.set_timer(due="2026-12-01 08:00+00")
        self.fails(1, ["wait", "--idle", "--timeout", "0"], "1 timers due")
        self.command.cluster.query("TRUNCATE log.timer")
        self.park(0)
        self.command.good("wait", "--idle", "--timeout", "0")
        self.command.good("parked", "retry", "evaluation", "--all")
        self.fails(1, ["wait", "--idle", "--timeout", "0"], "1 parked events to retry")
        self.command.cluster.query("UPDATE log.cursor SET position = 0; DELETE FROM log.parked")
        self.fails(1, ["wait", "--idle", "--timeout", "0"], "1 cursors behind, the first of evaluation")

    def test_a_letter_due_is_not_idle(self):
        for queue in ("notice", "newsletter"):
            self.command.cluster.query("INSERT INTO %s.letter (rule, subject, person, occurrence, due_at)"
                                       " VALUES ('r', 's', 1, '1', '2099-12-01 08:00+00')" % queue)
            self.command.good("wait", "--idle", "--timeout", "0")
            self.command.cluster.query("UPDATE %s.letter SET due_at = '2026-01-01 08:00+00'" % queue)
            self.fails(1, ["wait", "--idle", "--timeout", "0"], "1 letters due")
            self.assertEqual(json.loads(self.command("status", "--json").out)["mail"][queue], {"due": 1})
            self.command.cluster.query("TRUNCATE %s.letter" % queue)

    def test_status_names_what_is_down(self):
        done = self.command("status", "--json")
        status = json.loads(done.out)
        self.assertEqual(done.code, 69)
        self.assertIn("the broker", done.err)
        self.assertFalse(status["broker"]["answering"])
        self.assertTrue(status["store"]["answering"])

    def test_publishing_without_a_broker_ends_with_69(self):
        self.fails(69, ["publish", "session_held", "meeting=N1-S1", "--timeout", "1"], "the broker", "nothing was published")

    def test_bad_data_ends_with_65_before_it_is_sent(self):
        for words, said in ((["session_held"], "meeting"), (["session_held", "meting=N1"], "meting"),
                            (["session_held", "meeting=N1 S1"], "meeting"), (["session_hold", "meeting=N1"], "session_hold"),
                            (["grant_received", "grant=g", "amount_ore=0"], "amount_ore"),
                            (["grant_received", "grant=g", "amount_ore=1.5"], "amount_ore")):
            self.fails(65, ["publish", *words], said)

    def test_check_tells_each_thing(self):
        done = self.command("check", "--json")
        good = {row["check"]: row["ok"] for row in map(json.loads, done.out.splitlines())}
        self.assertEqual(good, {"settings": True, "instance": True, "store": True, "schema": True, "broker": False})
        self.assertEqual(done.code, 69)
        os.rename(self.command.state + "/link.key", self.command.state + "/away")
        try:
            self.assertEqual(self.command("check").code, 78)
        finally:
            os.rename(self.command.state + "/away", self.command.state + "/link.key")

    def test_only_a_release_lets_the_instance_send(self):
        self.assertFalse(self.command.rows("instance", "show")[0]["released"])
        self.command.good("instance", "release")
        self.assertTrue(self.command.rows("instance", "show")[0]["released"])


class Actor(unittest.TestCase):
    def actor(self, simulated):
        with Command(simulated=simulated) as command:
            command.good("grant", "letter", "grant-2027", "--amount", "1900000,00", environment={"PADRIVER_ACTOR": "kari"})
            return command.rows("log", "--type", "grant_letter_registered")[0]["actor"]

    def test_the_actor_may_be_named_in_a_simulated_instance_only(self):
        self.assertEqual(self.actor("2026-12-01"), "kari")
        self.assertEqual(self.actor(None), pwd.getpwuid(os.getuid()).pw_name)


class Clock(unittest.TestCase):
    def test_a_simulated_clock_goes_forward_only(self):
        with Command() as command:
            self.assertEqual(command.rows("clock", "show"), [{"now_at": "2026-12-01T08:00:00Z", "simulated": True}])
            command.good("clock", "jump", "2026-12-01T10:00")
            self.assertEqual(command("clock", "jump", "2026-12-01T10:00").code, 0)
            done = command("clock", "jump", "2026-12-01T09:59")
            self.assertEqual(done.code, 1)
            self.assertIn("never goes back", done.err)
            command.good("clock", "advance", "--days", "120")
            self.assertEqual(command.rows("clock", "show")[0]["now_at"], "2027-03-31T08:00:00Z", "the same wall time in Oslo")
            self.assertEqual(command("clock", "advance", "--to-next").code, 1)
            self.assertEqual(command("clock", "simulate", "2026-12-01").code, 1)

    def test_it_stops_where_nobody_does_what_is_due(self):
        with Command() as command:
            number, key, body = session_held("N1-S1")
            command.cluster.query("SELECT log.timer_set('evaluation', 'n', '2026-12-02 08:00+00', NULL, %d::smallint, '%s', '', 0, '\\x%s')"
                                  % (number, key, body))
            done = command("clock", "advance", "2026-12-03", "--timeout", "0")
            self.assertEqual(done.code, 1)
            self.assertIn("evaluation n: session_held", done.out)
            self.assertEqual(command.rows("clock", "show")[0]["now_at"], "2026-12-02T08:00:00Z")

    def test_a_real_clock_cannot_be_moved(self):
        with Command(simulated=None) as command:
            for words in (["jump", "2099-01-01"], ["advance", "--days", "1"]):
                done = command("clock", *words)
                self.assertEqual(done.code, 1)
                self.assertIn("real time", done.err)


if __name__ == "__main__":
    unittest.main()
