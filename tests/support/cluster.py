"""A private PostgreSQL for flow tests: unix socket only, in a short directory, as root or as an ordinary user.

    with Cluster() as cluster:                  # durable=False: no fsync, for tests that do not kill
        run(..., cluster.conninfo)              # the database padriver, which has the schema
        cluster.crash(); cluster.start()

Its data directory is a copy of one that is kept in the build's (template()). It is stopped and its directory removed at the
end; a watcher process does so even after kill -9.
"""
import contextlib
import fcntl
import glob
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = os.environ.get("PADRIVER_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("PADRIVER_BUILD") or SOURCE + "/build/dev"
MIGRATIONS = SOURCE + "/schemas/sql"

# Waits until the test's end of the pipe closes, then stops the server and removes everything.
WATCHER = """
import os, shutil, signal, sys, time
sys.stdin.buffer.read()
try:
    pid = int(open(sys.argv[1] + "/data/postmaster.pid").readline())
    os.kill(pid, signal.SIGQUIT)
    for _ in range(200):
        os.kill(pid, 0)
        if open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[0] == "Z":
            break
        time.sleep(0.02)
except (OSError, ValueError):
    pass
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


def binaries():
    """The directory of the server's programs: PG_BINDIR, pg_config, Debian's place."""
    asked = [os.environ.get("PG_BINDIR", "")]
    if shutil.which("pg_config"):
        asked.append(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip())
    asked.append("/usr/lib/postgresql/15/bin")
    for directory in asked:
        if directory and os.access(os.path.join(directory, "initdb"), os.X_OK):
            return directory
    raise RuntimeError("no initdb: install postgresql-15 or set PG_BINDIR")


def template():
    """The data directory that each test copies, migrated by `padriver migrate`: made by the first that asks, and anew when
    a migration, the program or this file is another."""
    digest = hashlib.sha256(b"%d" % os.getuid())
    for name in [__file__, BUILD + "/workers/padriver"] + sorted(glob.glob(MIGRATIONS + "/*.sql")):
        with open(name, "rb") as file:
            digest.update(file.read())
    there = "%s/pg-%s" % (BUILD, digest.hexdigest()[:16])
    with open(BUILD + "/pg.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(there):
            subprocess.run(["rm", "-rf", *glob.glob(BUILD + "/pg-*")], check=True)
            with Cluster(durable=False, empty=True) as cluster:
                conf = cluster.directory + "/conf"
                with open(conf, "w", encoding="ascii") as file:
                    file.write('place\n    state = "%s"\n    migrations = "%s"\n' % (cluster.directory, MIGRATIONS))
                subprocess.run([BUILD + "/workers/padriver", "migrate", "--connection", cluster.conninfo], check=True,
                               env={"PADRIVER_CONF": conf}, stdout=subprocess.DEVNULL)
                cluster.stop()
                subprocess.run(["cp", "-a", cluster.data, there + ".new"], check=True)
                os.rename(there + ".new", there)
    return there


class Cluster:
    def __init__(self, durable=True, settings=None, parent="/tmp", empty=False, copy=None):
        """copy: the data directory of a server that does not run, instead of a migrated store."""
        self.bin = binaries()
        self.directory = tempfile.mkdtemp(prefix="pg.", dir=parent)
        os.chmod(self.directory, 0o755)
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if self.user:
            os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
        self.data = self.directory + "/data"
        self.server = None
        self.watcher = subprocess.Popen([sys.executable, "-c", WATCHER, self.directory], stdin=subprocess.PIPE,
                                        start_new_session=True)
        if empty:
            self._run("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale",
                      "--no-sync", "--no-instructions")
        else:
            subprocess.run(["cp", "-a", "--reflink=auto", copy or template(), self.data], check=True)
        self.settings = {"listen_addresses": "", "unix_socket_directories": self.directory,
                         "max_connections": "100", "shared_buffers": "32MB",
                         "fsync": "on" if durable else "off", "full_page_writes": "on" if durable else "off"}
        self.settings.update(settings or {})
        self.start()
        if empty:
            self.query("CREATE DATABASE padriver", "postgres")

    def _command(self, program, *arguments):
        return {"args": [os.path.join(self.bin, program), *arguments], "cwd": self.directory,
                "user": self.user.pw_uid if self.user else None, "group": self.user.pw_gid if self.user else None,
                "extra_groups": [] if self.user else None, "stdin": subprocess.DEVNULL,
                "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}}

    def _run(self, program, *arguments):
        done = subprocess.run(**self._command(program, *arguments), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("%s: %s" % (program, done.stderr))
        return done.stdout

    @property
    def conninfo(self):
        return self.conninfo_of("padriver")

    def conninfo_of(self, database, user="postgres"):
        return "host=%s dbname=%s user=%s" % (self.directory, database, user)

    def start(self):
        """Starts the server and waits until it lets us in."""
        arguments = ["-D", self.data]
        for name, value in self.settings.items():
            arguments += ["-c", "%s=%s" % (name, value)]
        with open(self.directory + "/log", "ab") as log:
            self.server = subprocess.Popen(**self._command("postgres", *arguments), stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while subprocess.run([os.path.join(self.bin, "pg_isready"), "-q", "-h", self.directory]).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server does not start:\n" + open(self.directory + "/log").read())
            time.sleep(0.02)

    def query(self, sql, database="padriver", user="postgres"):
        """Runs SQL as the superuser; the rows as lists of texts."""
        out = self._run("psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-d",
                        self.conninfo_of(database, user), "-c", sql)
        return [row.split("\x1f") for row in out.rstrip("\n").split("\x1e") if row]

    def narrow_log(self, width):
        """Makes the partitions of a log that is still empty that narrow."""
        self.query("DROP TABLE log.event_0, log.event_1, log.event_2; CREATE OR REPLACE FUNCTION log.width() RETURNS bigint"
                   " LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
                   " AS 'SELECT %d::bigint'; SELECT log.extend()" % width)

    def stop(self, how=signal.SIGINT):
        if self.server:
            self.server.send_signal(how)
            self.server.wait(60)
            self.server = None

    def crash(self):
        """As a crash of the server: every session is gone, nothing is written down. start() recovers."""
        self.stop(signal.SIGQUIT)

    def kill(self):
        """kill -9 of all its processes. start() recovers."""
        children = self._children()
        self.server.kill()
        for pid in children:
            self._kill(pid)
        self.server.wait(60)
        self.server = None
        while any(os.path.exists("/proc/%d" % pid) for pid in children):
            time.sleep(0.005)

    def kill_backend(self, user):
        """kill -9 of one that serves the user, or of any: the server ends all the others and recovers by itself."""
        serving = {pid: self._title(pid) for pid in self._children()}
        mine = [pid for pid, title in serving.items() if title.startswith("postgres: %s " % user)]
        for pid in mine[:1] or [pid for pid, title in serving.items() if title.startswith("postgres: padriver_")][:1] or list(serving)[:1]:
            self._kill(pid)

    @staticmethod
    def _kill(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    @staticmethod
    def _title(pid):
        try:
            with open("/proc/%d/cmdline" % pid, encoding="utf-8", errors="replace") as file:
                return file.read().rstrip("\0")
        except OSError:
            return ""

    def _children(self):
        with open("/proc/%d/task/%d/children" % (self.server.pid, self.server.pid), encoding="ascii") as children:
            return [int(word) for word in children.read().split()]

    def write_late(self):
        """Commits that do not wait for the disk are not on it until somebody else's does: the WAL writer stands still."""
        for pid in self._children():
            if self._title(pid).startswith("postgres: walwriter"):
                os.kill(pid, signal.SIGSTOP)

    def pause(self):
        """All its processes stand still until resume()."""
        self._signal(signal.SIGSTOP)

    def resume(self):
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        for pid in [self.server.pid] + self._children():
            with contextlib.suppress(ProcessLookupError):  # a backend may end at any moment
                os.kill(pid, number)

    def keep(self, place):
        """Stops it and leaves its directory there, for whoever looks into a failure."""
        self.stop()
        os.rename(self.directory, place)

    def close(self):
        self.stop(signal.SIGQUIT)
        self.watcher.stdin.close()
        self.watcher.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
