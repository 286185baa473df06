"""Letters on their way (design section 5; promises 4 to 7): the daemon's queue against a mail server that answers as it is
told, kill -9 at each failpoint, a lost journal, a lost store, two senders, a cloned store."""
import os
import shutil
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from instance import SOURCE, Instance, eventually  # noqa: E402
from smtpd import CUT, HOLD, MailServer  # noqa: E402

DAEMON = "notifications"


class Letters(unittest.TestCase):
    """Each test has its own people, members of N1, and letters of rule reminder, written by the test."""

    @classmethod
    def setUpClass(cls):
        cls.server = MailServer()
        cls.it = Instance(simulated="2026-12-20T08:00:00Z", broker=False, port=cls.server.port,
                          settings="    attempts = 3\n")
        cls.it.padriver("group", "add", DAEMON, "--from", "start")
        cls.it.padriver("import", SOURCE + "/deploy/sample", "--yes")
        cls.it.padriver("plan", "schedule", "N1-S1")
        cls.free = cls.it.psql("""
            WITH p AS (INSERT INTO register.person (code, name, email, language)
                       SELECT 'test' || n, 'Prøve Prøvesen', 'prove' || n || '@letters.example', 'nb'
                         FROM generate_series(1, 60) n RETURNING id, email),
                 m AS (INSERT INTO register.membership (network, person, role, valid_from)
                       SELECT 'N1', id, 'resource', '2026-01-01' FROM p)
            SELECT id, email FROM p ORDER BY 1""")

    @classmethod
    def tearDownClass(cls):
        cls.it.close()
        cls.server.stop()

    def setUp(self):
        self.server.released.clear()

    def tearDown(self):
        self.server.release()
        for name in ("first", "second"):
            if self.it.is_running(name):
                self.it.kill(name)

    def people(self, count):
        """That many members whom no other test uses: [(person, address)]."""
        taken, self.__class__.free = self.free[:count], self.free[count:]
        self.assertEqual(len(taken), count)
        return [(int(person), address) for person, address in taken]

    def write(self, people, occurrence="1", not_after=None):
        for person, _ in people:
            self.it.psql("INSERT INTO notice.letter (rule, subject, person, occurrence, due_at, not_after)"
                         " VALUES ('reminder', 'N1-S1', %d, '%s', '%s', %s)"
                         % (person, occurrence, self.now(), "'%s'" % not_after if not_after else "NULL"))

    def start(self, failpoint=None, name="first"):
        self.it.programs[name] = self.it.program(DAEMON)
        self.it.start(name, failpoint=failpoint)

    def now(self):
        return self.it.padriver("clock", "show", json=True)[0]["now_at"]

    def jump_to(self, time_):
        self.it.padriver("clock", "jump", time_)

    def letters(self, person):
        """All of a person's letters, oldest first."""
        found = [row for row in self.it.padriver("mail", "list", json=True) if row["person"] == person]
        return sorted(found, key=lambda row: int(row["id"].split("/")[1]))

    def states(self, people):
        return [self.letters(person)[-1]["state"] for person, _ in people]

    def wait_for(self, people, *states):
        states = list(states) * (len(people) if len(states) == 1 else 1)
        eventually(lambda: self.states(people) == states, what=lambda: self.states(people))

    def arrived(self, people):
        """How many letters came to each."""
        return [len(self.server.to(address)) for _, address in people]

    def test_a_letter_is_sent_once_with_the_message_id_that_is_listed(self):
        people = self.people(2)
        self.write(people)
        self.start()
        self.wait_for(people, "sent")
        self.assertEqual(self.arrived(people), [1, 1])
        for person, address in people:
            row = self.letters(person)[0]
            self.assertEqual(self.server.to(address)[0].message["Message-ID"], "<%s>" % row["message_id"])
            self.assertEqual((row["to"], row["attempts"]), (address, 1))
        self.assertEqual(len({row["message_id"] for person, _ in people for row in self.letters(person)}), 2)

    def test_the_same_reason_cannot_be_written_twice(self):
        people = self.people(1)
        self.write(people)
        with self.assertRaisesRegex(RuntimeError, "letter_key"):
            self.write(people)

    def test_4xx_is_tried_later_in_domain_time(self):
        people = self.people(1)
        (person, address), = people
        self.server.answer("data", address, "451 4.3.0 later", times=1)
        self.write(people)
        self.start()
        eventually(lambda: self.letters(person)[0]["attempts"] == 1 and self.states(people) == ["due"])
        row = self.letters(person)[0]
        self.assertIn("451 4.3.0 at dot", row["reason"])
        self.assertGreater(row["due_at"], self.now())
        self.assertEqual(self.arrived(people), [0])
        self.jump_to(row["due_at"])
        self.wait_for(people, "sent")
        self.assertEqual((self.arrived(people), self.letters(person)[0]["attempts"]), ([1], 2))

    def test_4xx_for_ever_is_refused_in_the_end(self):
        people = self.people(1)
        (person, address), = people
        self.server.answer("rcpt", address, "450 4.2.0 not now")
        self.write(people)
        self.start()
        for attempts in (1, 2):
            eventually(lambda: self.letters(person)[0]["attempts"] == attempts and self.states(people) == ["due"])
            self.jump_to(self.letters(person)[0]["due_at"])
        self.wait_for(people, "refused")
        self.assertEqual(self.letters(person)[0]["attempts"], 3)

    def test_550_at_the_recipient_stops_letters_to_the_address(self):
        people = self.people(1)
        (person, address), = people
        self.server.answer("rcpt", address, "550 5.1.1 <%s> unknown" % address)
        self.write(people)
        self.start()
        self.wait_for(people, "refused")
        self.assertEqual(self.letters(person)[0]["reason"], "550 5.1.1 at rcpt")
        self.assertEqual(self.it.psql("SELECT channel, reason FROM register.suppression WHERE person = %d" % person),
                         [["all", "550 5.1.1 at rcpt"]])
        self.write(people, occurrence="1/resend")
        self.wait_for(people, "suppressed")
        self.assertNotIn(address, self.it.said())

    def test_550_at_the_letter_is_about_the_letter(self):
        people = self.people(1)
        (person, address), = people
        self.server.answer("data", address, "550 5.6.0 we do not like it", times=1)
        self.write(people)
        self.start()
        self.wait_for(people, "refused")
        self.assertEqual(self.it.value("SELECT count(*) FROM register.suppression WHERE person = %d" % person), 0)
        made = self.it.padriver("mail", "resend", self.letters(person)[0]["id"]).strip()
        self.wait_for(people, "sent")
        old, new = self.letters(person)
        self.assertEqual((new["id"], new["occurrence"], self.arrived(people)), (made, "1/resend", [1]))
        self.assertNotEqual(old["message_id"], new["message_id"])
        self.assertIn("again before", self.it.padriver("mail", "resend", old["id"], exit=1))
        self.assertIn("is sent", self.it.padriver("mail", "resend", new["id"], exit=1))

    def test_silence_after_the_dot_is_uncertain_and_never_resent_by_itself(self):
        people = self.people(2)
        for _, address in people:
            self.server.answer("data", address, CUT, times=1)
        self.write(people)
        self.start()
        self.wait_for(people, "uncertain")
        first, second = (self.letters(person)[0] for person, _ in people)
        self.assertEqual(self.server.to(first["to"])[0].message["Message-ID"], "<%s>" % first["message_id"])
        self.it.padriver("mail", "settle", first["id"], "sent")
        self.it.padriver("mail", "settle", second["id"], "lost")
        self.wait_for(people, "sent")
        self.assertEqual(self.arrived(people), [1, 2])
        self.it.padriver("mail", "settle", first["id"], "lost", exit=1)
        self.it.padriver("mail", "settle", "notice/999999", "sent", exit=1)
        self.it.padriver("mail", "settle", first["id"], "maybe", exit=64)

    def test_a_claim_that_takes_longer_than_its_second_is_made_smaller(self):
        """On a slow machine ten letters, the first claim, are not composed within the second that they may wait."""
        people = self.people(5)
        wanted, = self.it.psql("SELECT pg_get_functiondef('notice.wanted'::regproc)")[0]
        self.it.psql(wanted.replace("STABLE", "VOLATILE").replace("SELECT CASE", "SELECT CASE WHEN pg_sleep(0.3) IS NULL THEN 'never'"))
        try:
            self.write(people)
            self.start()
            self.wait_for(people, "sent")
        finally:
            self.it.psql(wanted)
        self.assertEqual(self.arrived(people), [1] * 5)

    def test_letters_wait_for_an_absent_server(self):
        people = self.people(3)
        self.server.stop()
        try:
            self.write(people)
            self.start()
            eventually(lambda: "takes no letters now" in self.it.said())
            self.assertEqual(self.states(people), ["due"] * 3)
        finally:
            self.server.start()
        self.wait_for(people, "sent")
        self.assertEqual([self.letters(person)[0]["attempts"] for person, _ in people], [1, 1, 1])
        self.assertEqual(self.arrived(people), [1, 1, 1])

    def test_killed_after_the_claim_nothing_is_lost_or_doubled(self):
        people = self.people(4)
        self.write(people)
        self.start(failpoint="after-claim=kill")
        self.assertEqual(self.it.died("first"), -9)
        self.assertEqual((self.states(people), self.arrived(people)), (["claimed"] * 4, [0] * 4))
        self.start()
        self.wait_for(people, "sent")
        self.assertEqual(self.arrived(people), [1] * 4)

    def test_killed_after_the_dot_one_is_uncertain_the_others_go(self):
        people = self.people(4)
        self.write(people)
        self.start(failpoint="after-dot:3=kill")
        self.assertEqual(self.it.died("first"), -9)
        self.assertEqual(sum(self.arrived(people)), 3)
        self.start()
        eventually(lambda: sorted(self.states(people)) == ["sent"] * 3 + ["uncertain"], what=lambda: self.states(people))
        self.assertEqual(self.arrived(people), [1] * 4)
        uncertain, = [row for person, _ in people for row in self.letters(person) if row["state"] == "uncertain"]
        self.assertEqual(self.server.to(uncertain["to"])[0].message["Message-ID"], "<%s>" % uncertain["message_id"])

    def test_killed_before_the_booking_the_journal_knows(self):
        people = self.people(4)
        self.server.answer("rcpt", people[1][1], "550 5.7.1 no")
        self.write(people)
        self.start(failpoint="before-book=kill")
        self.assertEqual(self.it.died("first"), -9)
        self.assertEqual(self.states(people), ["claimed"] * 4)
        self.start()
        self.wait_for(people, "sent", "refused", "sent", "sent")
        self.assertEqual(self.arrived(people), [1, 0, 1, 1])

    def test_without_the_journal_all_that_was_claimed_is_uncertain(self):
        people = self.people(2)
        self.write(people)
        self.start(failpoint="after-claim=kill")
        self.it.died("first")
        os.unlink(self.it.runtime + "/notice.journal")
        self.start()
        self.wait_for(people, "uncertain")
        self.assertEqual(self.arrived(people), [0, 0])
        self.assertIn("journal is gone", self.letters(people[0][0])[0]["reason"])

    def test_the_store_may_go_away_between_the_dot_and_the_booking(self):
        people = self.people(2)
        for _, address in people:
            self.server.answer("data", address, HOLD, times=1)
        self.write(people)
        self.start()
        eventually(lambda: sum(self.arrived(people)) == 1)
        self.it.cluster.crash()
        self.server.release()
        self.it.cluster.start()
        self.wait_for(people, "sent")
        self.assertEqual(self.arrived(people), [1, 1])

    def test_an_older_copy_of_the_store_sends_nothing_until_released(self):
        before, after = self.people(1), self.people(1)
        self.write(before)
        self.start()
        self.wait_for(before, "sent")
        self.it.kill("first")
        self.write(after)
        self.it.cluster.query("CREATE DATABASE backup TEMPLATE padriver", database="postgres")
        hour = self.now()[:11] + "%02d" % (int(self.now()[11:13]) + 1) + self.now()[13:]
        self.jump_to(hour)
        self.start()
        self.wait_for(after, "sent")
        self.it.kill("first")
        self.it.cluster.query("ALTER DATABASE padriver RENAME TO lost", database="postgres")
        self.it.cluster.query("ALTER DATABASE backup RENAME TO padriver", database="postgres")
        self.start()
        self.wait_for(after, "held")
        self.assertEqual(self.arrived(before + after), [1, 1])
        self.it.kill("first")
        self.start()
        more = self.people(1)
        self.write(more)
        self.wait_for(more, "held")
        self.it.psql("UPDATE notice.letter SET state = 'dropped' WHERE person = %d" % after[0][0])
        self.it.padriver("mail", "release")
        self.wait_for(more, "sent")
        self.assertEqual(self.arrived(before + after + more), [1, 1, 1])

    def test_a_condition_that_fails_within_a_slow_round_is_seen(self):
        people = self.people(3)
        for _, address in people:
            self.server.answer("data", address, HOLD, times=1)
        self.write(people)
        self.start()
        eventually(lambda: sum(self.arrived(people)) == 1)
        waiting = [(person, address) for person, address in people if not self.server.to(address)]
        self.assertEqual(self.states(waiting), ["claimed"] * 2)
        for person, _ in waiting:
            self.it.psql("UPDATE register.membership SET valid_to = '2026-12-01' WHERE network = 'N1' AND person = %d"
                         % person)
        claimed_at = time.monotonic()
        eventually(lambda: time.monotonic() - claimed_at > 1.1)
        self.server.release()
        self.wait_for(waiting, "dropped")
        self.assertEqual(sum(self.arrived(people)), 1)
        self.assertEqual(self.letters(waiting[0][0])[0]["reason"], "does not take part any more")

    def test_what_is_not_wanted_or_too_late_is_dropped(self):
        people = self.people(3)
        self.write(people[:1], not_after="2026-12-19T08:00:00Z")
        self.write(people[1:2], occurrence="7")
        self.write(people[2:])
        self.it.psql("INSERT INTO register.suppression VALUES (%d, 'letters', 'asked', '%s')" % (people[2][0], self.now()))
        self.start()
        self.wait_for(people, "dropped", "dropped", "suppressed")
        self.assertEqual([self.letters(person)[0]["reason"] for person, _ in people],
                         ["its time has passed", "the meeting has a newer version", "suppressed"])
        self.assertEqual(self.arrived(people), [0, 0, 0])

    def test_one_sender_at_a_time_on_one_machine(self):
        people = self.people(2)
        self.start()
        eventually(lambda: os.path.exists(self.it.runtime + "/notice.journal"))
        self.start(name="second")
        eventually(lambda: "another process sends them" in self.it.said())
        self.write(people[:1])
        self.wait_for(people[:1], "sent")
        self.it.kill("first")
        self.write(people[1:])
        self.wait_for(people[1:], "sent")
        self.assertEqual(self.arrived(people), [1, 1])

    def test_one_sender_at_a_time_on_two_machines(self):
        people = self.people(3)
        elsewhere = self.it.directory + "/elsewhere"
        os.makedirs(elsewhere, exist_ok=True)
        shutil.copy(self.it.runtime + "/clock", elsewhere)
        with open(self.it.conf, encoding="utf-8") as file:
            there = file.read().replace('runtime = "%s"' % self.it.runtime, 'runtime = "%s"' % elsewhere)
        with open(elsewhere + "/conf", "w", encoding="utf-8") as file:
            file.write(there)
        for _, address in people:
            self.server.answer("data", address, HOLD, times=1)
        self.write(people)
        self.start()
        eventually(lambda: sum(self.arrived(people)) == 1)
        self.it.environments["second"] = {"PADRIVER_CONF": elsewhere + "/conf"}
        self.start(name="second")
        eventually(lambda: self.it.said().count("another process sends them") >= 1)
        self.assertEqual(self.states(people), ["claimed"] * 3)
        self.it.kill("first")
        self.wait_for(people, "uncertain")
        self.it.kill("second")
        before = self.it.said().count("left behind")
        self.start()
        eventually(lambda: self.it.said().count("left behind") > before)
        self.assertEqual((self.states(people), sum(self.arrived(people))), (["uncertain"] * 3, 1))

    def test_a_cloned_store_sends_nothing_until_it_is_released(self):
        people = self.people(2)
        self.write(people[:1])
        self.start()
        self.wait_for(people[:1], "sent")
        self.it.kill("first")
        os.unlink(self.it.state + "/instance")
        self.it.padriver("instance", "create")
        self.write(people[1:])
        self.start()
        self.wait_for(people[1:], "held")
        self.assertIn("not released", self.letters(people[1][0])[0]["reason"])
        self.assertEqual(self.arrived(people), [1, 0])
        self.it.padriver("mail", "release")
        self.wait_for(people[1:], "sent")
        self.assertEqual(self.arrived(people), [1, 1])

    def test_a_stopped_sender_leaves_nothing_claimed(self):
        people = self.people(2)
        self.write(people)
        self.start()
        self.wait_for(people, "sent")
        self.assertEqual(self.it.stop("first"), 0)
        self.assertEqual(self.it.value("SELECT count(*) FROM notice.letter WHERE state = 'claimed'"), 0)

    def test_a_server_that_does_not_say_goodbye_holds_nobody_up(self):
        people = self.people(1)
        self.server.goodbye.clear()
        self.addCleanup(self.server.goodbye.set)
        self.write(people)
        self.start()
        self.wait_for(people, "sent")
        self.assertEqual(self.it.stop("first", seconds=20), 0)
        self.assertEqual(self.arrived(people), [1])


if __name__ == "__main__":
    unittest.main()
