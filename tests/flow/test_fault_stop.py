"""A process that stands still (SIGSTOP) holds up nobody for long: its partitions go to others, the append lock is taken
from it, and when it wakes it finds itself fenced. What had been confirmed stays, and has its effects once (design 3)."""
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from instance import BUILD, SOURCE, Instance, eventually  # noqa: E402
from relay import COMMIT, SYNC  # noqa: E402
from smtpd import MailServer  # noqa: E402


class UnderTheLock(Faults):
    """Whoever stops between its append and its commit is ended, within seconds."""

    def hold_broker(self, standby=False):
        """The broker stands still with its call half sent: it holds the append lock and its own."""
        relay = self.store_relay("broker")
        self.it.kill("broker")
        self.it.start("broker")
        self.load(20).join(30)
        if standby:
            self.standby()
        relay.strike(SYNC, "hold", behind=b"broker_publish")
        self.load()
        self.assertTrue(relay.struck.wait(10))
        self.it.pause("broker")
        eventually(self.append_lock)
        return relay

    def test_a_worker_though_nobody_publishes(self):
        self.count("counter", "second", start=False)
        relay = self.store_relay("counter")
        self.it.padriver("publish", "meeting_held", "meeting=SG1")
        relay.strike(COMMIT, "hold", behind=b"append_events")
        self.it.start("counter")
        self.assertTrue(relay.struck.wait(10))
        self.it.pause("counter")
        sleeper = eventually(self.append_lock)
        self.it.start("second")  # it appends, too, and so waits
        eventually(lambda: sleeper[0] not in self.append_lock(), 20)
        eventually(lambda: self.counters.counted("second") == 2, 20)
        self.it.resume("counter")
        self.check()
        self.assertTrue(self.it.is_running("counter"))

    def test_the_command_and_what_it_was_to_do_is_done_once_or_not_at_all(self):
        self.count("counter")
        self.it.padriver("import", SOURCE + "/deploy/sample", "--yes")
        relay = self.store_relay("ctl")
        relay.strike(COMMIT, "hold", behind=b"append_events")
        command = subprocess.Popen([BUILD + "/workers/padriver", "plan", "schedule", "SG1"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=self.it.environment(**self.it.environments["ctl"]))
        self.addCleanup(command.kill)
        self.assertTrue(relay.struck.wait(10))
        command.send_signal(signal.SIGSTOP)
        eventually(self.append_lock)
        self.load(100).join(20)
        self.settle()
        command.send_signal(signal.SIGCONT)
        code = command.wait(30)
        self.assertIn(code, (0, 69))
        scheduled = self.it.value("SELECT count(*) FROM log.event WHERE type = 1")
        self.assertEqual(scheduled, 1 if code == 0 else 0)
        if code:
            self.it.padriver("plan", "schedule", "SG1")

    def test_the_broker_loses_its_place_to_the_standby_and_publishers_follow(self):
        self.count("counter")
        command = subprocess.Popen([BUILD + "/workers/padriver", "publish", "--json", "-", "--source", "bank", "--timeout", "30"],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=self.it.environment())
        self.addCleanup(command.kill)
        self.hold_broker(standby=True)
        line = b'{"type": "session_held", "data": {"meeting": "N1"}}\n'
        command.stdin.write(line * 256)  # to the one that stands still
        command.stdin.flush()
        old = self.broker_lock()
        eventually(lambda: self.broker_lock() not in ([], old), 20)
        eventually(self.streams[-1].goes_on())
        command.stdin.close()
        self.assertEqual(command.wait(30), 0)
        self.it.resume("broker")
        eventually(lambda: "no longer active" in self.it.said())
        self.streams[-1].finish()
        self.check()
        self.assertEqual(self.published(), sum(stream.confirmed for stream in self.streams) + 256)

    def test_the_broker_alone_holds_all_up_until_its_watchdog_ends_it(self):
        self.count("counter")
        self.hold_broker()
        self.it.kill("broker")  # as systemd does
        self.it.start("broker")
        self.settle()


class Asleep(Faults):
    """Stopped anywhere else."""
    settings = {"store": {"deadline": 1500}}

    def backend_of(self, user):
        """A server process that serves the user's session."""
        return int(self.it.psql("SELECT pid FROM pg_stat_activity WHERE usename = 'padriver_%s' ORDER BY pid" % user)[0][0])

    def stop_backend(self, pid):
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(lambda: os.path.exists("/proc/%d" % pid) and os.kill(pid, signal.SIGCONT))

    def test_a_worker_loses_its_partitions_to_the_others_and_takes_part_again(self):
        self.count("counter", partitions=4)
        self.counters.worker("counter-2", "counter")
        self.it.start("counter-2")
        stream = self.load()
        eventually(lambda: self.counters.counted("counter") > 100)
        self.it.pause("counter")
        stream.finish()
        self.check()
        self.it.resume("counter")
        self.it.kill("counter-2")
        self.load(200)
        self.settle()

    def test_the_broker_is_waited_for_and_goes_on_when_it_wakes(self):
        self.count("counter", "second", partitions=2)
        stream = self.load()
        eventually(stream.goes_on())
        self.it.pause("broker")
        eventually(lambda: stream.silences > 0)
        self.it.resume("broker")
        self.settle()

    def test_the_brokers_session_in_the_store_is_waited_for_and_another_is_active_once_it_ends(self):
        self.count("counter")
        stream = self.load()
        eventually(stream.goes_on())
        pid = int(self.broker_lock()[0][0])
        self.stop_backend(pid)
        eventually(lambda: "no longer active" in self.it.said())  # the deadline has passed
        self.assertEqual(self.broker_lock(), [[str(pid)]])  # so nobody else is
        os.kill(pid, signal.SIGCONT)
        eventually(stream.goes_on())
        self.settle()

    def test_a_workers_session_in_the_store_holds_up_its_partitions_alone(self):
        self.count("counter", "second")
        stream = self.load()
        eventually(lambda: self.counters.counted("counter") > 100)
        self.stop_backend(pid := self.backend_of("counter"))
        eventually(lambda: "no answer in time" in self.it.said())
        stream.finish()
        eventually(lambda: self.counters.is_done("second"))
        os.kill(pid, signal.SIGCONT)
        self.settle()

    def test_the_whole_store_is_waited_for(self):
        self.count("counter", "second")
        stream = self.load()
        eventually(stream.goes_on())
        self.it.cluster.pause()
        self.addCleanup(self.it.cluster.resume)
        eventually(lambda: stream.silences > 2)
        self.it.cluster.resume()
        eventually(stream.goes_on())
        self.settle()

    def test_a_publisher_holds_up_nobody_and_goes_on_with_its_numbers(self):
        self.count("counter")
        publisher = subprocess.Popen([BUILD + "/workers/padriver", "publish", "--json", "-", "--source", "bank"],
                                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=self.it.environment())
        line = b'{"type": "session_held", "data": {"meeting": "N1"}}\n'
        publisher.stdin.write(line * 1000)
        publisher.stdin.flush()
        eventually(lambda: self.published() > 0)
        publisher.send_signal(signal.SIGSTOP)
        before = self.published()
        self.load(400).join(20)
        publisher.send_signal(signal.SIGCONT)
        publisher.stdin.write(line * (3000 - 1000))
        publisher.stdin.close()
        self.assertEqual(publisher.wait(30), 0)
        self.assertGreaterEqual(before, 1)
        self.assertEqual(self.it.psql("SELECT number FROM log.source WHERE name LIKE '%/bank'"), [["3000"]])
        self.check()


class Sender(unittest.TestCase):
    def test_a_sender_that_lost_its_session_in_its_sleep_mails_nobody_twice(self):
        """Its letters wait for it, or for its end; R86."""
        with MailServer() as server, Instance(simulated="2026-12-20T08:00:00Z", port=server.port, durable=False) as it:
            it.padriver("group", "add", "notifications", "--from", "start")
            it.padriver("import", SOURCE + "/deploy/sample", "--yes")
            it.padriver("plan", "schedule", "SG1")
            it.programs["second"] = it.program("notifications")
            for turn, point in enumerate(("after-claim", "after-dot", "before-book"), 1):
                it.start("notifications", failpoint=point + "=stop")
                it.psql("""INSERT INTO notice.letter (rule, subject, person, occurrence, due_at)
                           SELECT 'reminder', 'SG1', p.person, '1/%d', '2026-12-20T08:00:00Z'
                             FROM plan.participants('SG1', '2027-02-02') p ORDER BY 1 LIMIT 2""" % turn)
                eventually(lambda: it.is_stopped("notifications"))
                it.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'padriver_notifications'")
                said = it.said().count("another process sends them")
                it.start("second")
                eventually(lambda: it.said().count("another process sends them") > said)
                it.resume("notifications")
                eventually(lambda: it.value("SELECT count(*) FROM notice.letter WHERE state = 'sent'") == 2 * turn,
                           what=lambda: it.padriver("mail", "list"))
                self.assertEqual(len(server.letters), 2 * turn)
                it.kill("second")
                it.kill("notifications")


if __name__ == "__main__":
    unittest.main()
