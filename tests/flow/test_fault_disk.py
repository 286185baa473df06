"""A disk that is full, or fails when it is asked to keep something: what was confirmed is there, who asks meanwhile gets no
answer, letters stay at home, and all goes on once there is room again (promises 1, 2, 4, 6)."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

if os.getuid() == 0 and "FAULTS_ALONE" not in os.environ:  # mounts of our own, which end with us
    os.execvpe("unshare", ["unshare", "-m", sys.executable, *sys.argv], dict(os.environ, FAULTS_ALONE="yes"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from faults import Faults  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402
from smtpd import MailServer  # noqa: E402


class Disk:
    """A small disk of its own at a directory, which keeps what was there."""

    def __init__(self, path, size, keep=True):
        self.path = path
        kept = tempfile.mkdtemp(dir="/tmp")
        if keep:
            subprocess.run(["cp", "-a", path + "/.", kept], check=True)
        owner, group, mode = os.stat(path).st_uid, os.stat(path).st_gid, os.stat(path).st_mode & 0o777
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%s,uid=%d,gid=%d,mode=%o" % (size, owner, group, mode), "none", path],
                       check=True)
        if keep:
            subprocess.run(["cp", "-a", kept + "/.", path], check=True)
        shutil.rmtree(kept)

    def fill(self):
        """To the last byte."""
        with open(self.path + "/ballast", "ab", buffering=0) as ballast:
            for size in (1 << 20, 4096, 1):
                try:
                    while ballast.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def clear(self):
        os.unlink(self.path + "/ballast")

    def remove(self):
        subprocess.run(["umount", "-l", self.path], check=False)


def small_disk(test, path, size, keep=True):
    disk = Disk(path, size, keep)
    test.addCleanup(disk.remove)
    return disk


@unittest.skipIf(os.getuid() != 0, "mounting needs root")
class Full(Faults):
    """Under PostgreSQL."""

    def setUp(self):
        self.parent = tempfile.mkdtemp(prefix="full.", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.parent, ignore_errors=True)
        os.chmod(self.parent, 0o755)
        self.disk = small_disk(self, self.parent, "200m", keep=False)
        super().setUp()

    def go_through(self, disk):
        """The disk is full under load, then has room again."""
        stream = self.load()
        eventually(stream.goes_on())
        disk.fill()
        eventually(lambda: stream.silences >= 2, what=self.it.said)
        confirmed = self.published()
        disk.clear()
        if self.it.cluster.server.poll() is not None:  # PostgreSQL could not even recover; systemd starts it again
            self.it.cluster.start()
        eventually(stream.goes_on(), 60, self.it.said)
        self.assertGreaterEqual(confirmed, stream.confirmed - 200)
        self.settle()

    def test_the_data_directory_is_full_publishers_get_no_answer_and_all_resumes_with_room(self):
        self.it.cluster.stop()
        wal = tempfile.mkdtemp(prefix="wal.", dir="/tmp")
        self.addCleanup(shutil.rmtree, wal, ignore_errors=True)
        os.chmod(wal, 0o755)
        subprocess.run(["mv", self.it.cluster.data + "/pg_wal", wal], check=True)
        os.symlink(wal + "/pg_wal", self.it.cluster.data + "/pg_wal")
        self.it.cluster.start()
        self.count("counter", "second")
        self.go_through(self.disk)
        self.assertIn("53100", self.it.said())

    def test_the_disk_of_the_log_of_postgresql_is_full_it_recovers_and_nothing_confirmed_is_lost(self):
        self.count("counter", "second")
        self.go_through(self.disk)


class Failing(Faults):
    """A disk that says that it could not keep what it was given: PostgreSQL stops at once and recovers."""
    durable = True

    def fail(self, call, pid):
        """That call of the process fails from now on, until it ends."""
        tracer = subprocess.Popen(["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=%s:error=EIO" % call,
                                   "-p", str(pid)], stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (tracer.kill(), tracer.communicate()))
        eventually(lambda: self.is_traced(pid) or tracer.poll() is not None)
        if tracer.poll() is not None:
            self.skipTest("strace may not trace here: " + tracer.stderr.read())

    def is_traced(self, pid):
        """Or has ended by it already."""
        try:
            with open("/proc/%s/status" % pid, encoding="ascii") as status:
                return "TracerPid:\t0" not in status.read()
        except OSError:
            return True

    def crash_by(self, call, pid, then=""):
        stream = self.load()
        eventually(stream.goes_on())
        self.fail(call, pid)
        if then:
            subprocess.run([self.it.cluster.bin + "/psql", "-q", "-d", self.it.cluster.conninfo, "-c", then], capture_output=True)
        with open(self.it.cluster.directory + "/log", encoding="utf-8", errors="replace") as log:
            eventually(lambda: "PANIC" in log.read(), 20)
        eventually(stream.goes_on(), 30, self.it.said)
        self.settle()

    def test_the_store_cannot_keep_a_commit_of_the_broker_nothing_confirmed_is_lost_or_doubled(self):
        self.count("counter", "second")
        self.crash_by("fdatasync", self.broker_lock()[0][0])

    def test_the_store_cannot_keep_what_workers_did_and_they_do_it_again(self):
        self.count("counter", "second")
        self.crash_by("fdatasync", self.it.value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"))

    def test_the_store_cannot_keep_a_checkpoint_nothing_confirmed_is_lost_or_doubled(self):
        self.count("counter")
        self.crash_by("fsync", self.it.value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"), "CHECKPOINT")


@unittest.skipIf(os.getuid() != 0, "mounting needs root")
class Places(unittest.TestCase):
    """The directories of our own: runtime and state."""

    def test_without_room_for_the_journal_or_the_time_of_the_last_claim_no_letter_goes_and_then_each_goes_once(self):
        with MailServer() as server, Instance(simulated="2026-12-20T08:00:00Z", broker=False, port=server.port, durable=False) as it:
            it.padriver("group", "add", "notifications", "--from", "start")
            it.padriver("import", SOURCE + "/deploy/sample", "--yes")
            it.padriver("plan", "schedule", "SG1")
            runtime, state = small_disk(self, it.runtime, "64k"), small_disk(self, it.state, "64k")
            for turn, (disk, why) in enumerate(((runtime, "journal: "), (state, "cannot be noted: No space left")), 1):
                if disk == state:
                    os.unlink(it.state + "/notice.seen")  # it would have its room
                disk.fill()
                it.start("notifications")
                it.psql("""INSERT INTO notice.letter (rule, subject, person, occurrence, due_at)
                           SELECT 'reminder', 'SG1', p.person, '1/%d', '2026-12-20T08:00:00Z'
                             FROM plan.participants('SG1', '2027-02-02') p ORDER BY 1 LIMIT 2""" % turn)
                eventually(lambda: why in it.said(), what=it.said)
                self.assertEqual(len(server.letters), 2 * turn - 2)
                disk.clear()
                eventually(lambda: it.value("SELECT count(*) FROM notice.letter WHERE state = 'sent'") == 2 * turn,
                           what=lambda: it.padriver("mail", "list") + it.said())
                self.assertEqual(len(server.letters), 2 * turn)
                it.kill("notifications")

    def test_a_broker_without_room_for_its_socket_ends_as_one_that_is_to_be_started_again(self):
        with Instance(broker=False, durable=False) as it:
            disk = small_disk(self, it.runtime, "64k,nr_inodes=2")
            disk.fill()
            it.start("broker")
            self.assertEqual(it.died("broker"), 69)
            self.assertIn("No space left", it.said())
            self.assertNotIn("active", it.said())
            disk.remove()
            it.start("broker")
            it.padriver("publish", "session_held", "meeting=N1-S1")

    def test_an_instance_is_not_half_made(self):
        with Instance(broker=False, durable=False) as it:
            disk = small_disk(self, it.state, "16k", keep=False)
            disk.fill()
            self.assertIn("No space left", it.padriver("instance", "create", exit=1))
            disk.clear()
            self.assertEqual(os.listdir(it.state), [])
            it.padriver("instance", "create")


if __name__ == "__main__":
    unittest.main()
