"""The command `padriver` of this build beside a private cluster: settings, state and runtime of its own, no broker.

    with Command() as command:
        done = command("group", "list", "--json")   # .code .out .err
        command.rows("group", "list")                # the JSON objects of a read that must succeed

    Command(last=49)                                # a store with no later migration; command.migrate() applies the rest
"""
import glob
import json
import os
import shutil
import subprocess
import tempfile
from types import SimpleNamespace

from cluster import BUILD, MIGRATIONS, SOURCE, Cluster

PROGRAM = BUILD + "/workers/padriver"

SETTINGS = """store
    connection = "host=%s dbname=padriver"
place
    runtime = "%s"
    state = "%s"
    migrations = "%s"
broker
    endpoint = "ipc://%s/broker"
"""


def run(*words, conf=None, stdin="", environment=None):
    """Runs the command; its exit code and what it said."""
    variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    variables.update({"PADRIVER_CONF": conf} if conf else {})
    variables.update(environment or {})
    done = subprocess.run([PROGRAM, *words], input=stdin, capture_output=True, text=True, env=variables, timeout=120)
    return SimpleNamespace(code=done.returncode, out=done.stdout, err=done.stderr)


class Command:
    def __init__(self, simulated="2026-12-01T08:00:00Z", last=9999):
        self.cluster = Cluster(durable=False, empty=last < 9999)
        self.directory = tempfile.mkdtemp(prefix="ctl.", dir="/tmp")
        self.runtime, self.state, self.migrations = (self.directory + name for name in ("/run", "/state", "/sql"))
        for directory in (self.runtime, self.state, self.migrations):
            os.mkdir(directory)
        self.conf = self.directory + "/padriver.conf"
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(SETTINGS % (self.cluster.directory, self.runtime, self.state, self.migrations, self.runtime))
        if simulated:
            self.good("clock", "simulate", simulated)
        self.migrate(last)
        self.good("instance", "create")

    def migrate(self, last=9999):
        """Applies the migrations up to that number."""
        for path in glob.glob(MIGRATIONS + "/*.sql"):
            there = os.path.join(self.migrations, os.path.basename(path))
            if int(os.path.basename(path)[:4]) <= last and not os.path.exists(there):
                os.symlink(path, there)
        self.good("migrate", "--connection", self.cluster.conninfo)

    def __call__(self, *words, **more):
        return run(*words, conf=self.conf, **more)

    def good(self, *words, **more):
        """The output of a command that must succeed."""
        done = self(*words, **more)
        assert done.code == 0, "%s: %d\n%s%s" % (" ".join(words), done.code, done.out, done.err)
        return done.out

    def rows(self, *words, **more):
        return [json.loads(line) for line in self.good(*words, "--json", **more).splitlines()]

    def append(self, *events, at="2026-12-01 08:00+00"):
        """Events straight into the log, (type number, key, body in hexadecimal digits) each."""
        if len(events) > 500:  # the command line is no longer than that
            self.append(*events[:500], at=at)
            self.append(*events[500:], at=at)
            return
        quoted = ["ARRAY[%s]" % ", ".join(column) for column in zip(*[
            ("%d::smallint" % number, "'%s'" % key, "'test'", "0::bigint", "'\\x%s'::bytea" % body)
            for number, key, body in events])]
        self.cluster.query("SELECT log.append('%s', %s)" % (at, ", ".join(quoted)))

    def close(self):
        self.cluster.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def session_held(meeting):
    """One event for append."""
    return 4, meeting, "81a76d656574696e67%02x%s" % (0xa0 + len(meeting), meeting.encode().hex())
