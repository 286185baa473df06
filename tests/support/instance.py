"""A whole instance for flow tests: private PostgreSQL, settings, broker and daemons as processes of their own.

    with Instance(daemons=["notifications"], simulated="2026-12-01T08:00:00Z") as it:
        it.padriver("publish", "session_held", "meeting=N1-S1")
        eventually(lambda: it.psql("SELECT count(*) FROM notice.letter") == [["1"]])
        it.kill("notifications"); it.start("notifications", failpoint="before-commit=kill")
        it.padriver("log", json=True)          # a list of objects; exit=65 expects that exit code
        it.mails()                             # [email.message.Message]; with mail=True

All directories are short and new, so tests run beside each other. At the end everything is stopped and removed; when
the block ends by an exception, what the programs said is shown. durable=False: no fsync, for tests that do not crash
PostgreSQL; cluster: one with settings of its own. A group is added for each daemon (from the log's start).
"""
import json as json_module
import mailbox
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from cluster import BUILD, MIGRATIONS, SOURCE, Cluster

with open(BUILD + "/CMakeCache.txt", encoding="utf-8") as cache:
    SANITIZED = "-fsanitize=" in cache.read()
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", ": runtime error: ")

SETTINGS = """store
    connection = "host={store} dbname=padriver"
place
    runtime = "{runtime}"
    state = "{state}"
    migrations = "{migrations}"
broker
    endpoint = "ipc://{runtime}/broker"
mail
    server = "smtp://127.0.0.1:{port}"
"""


def eventually(condition, seconds=60, what=None):
    """Waits until the condition holds, and returns its value; fails with what it last was."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError("not in %d s: %s" % (seconds, what() if what else value))
        time.sleep(0.03)
    return value


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Instance:
    def __init__(self, daemons=(), simulated=None, durable=True, mail=False, broker=True, settings="", port=None,
                 cluster=None):
        self.cluster = cluster or Cluster(durable=durable)
        self.directory = tempfile.mkdtemp(prefix="pad.", dir="/tmp")
        self.runtime, self.state, self.maildir = (self.directory + "/" + name for name in ("run", "state", "mail"))
        self.conf = self.directory + "/padriver.conf"
        self.log = self.directory + "/log"
        self.port = port or (free_port() if mail else 1)
        self.process, self.programs, self.environments = {}, {}, {}
        try:
            os.mkdir(self.runtime)
            os.mkdir(self.state)
            with open(self.conf, "w", encoding="utf-8") as file:
                file.write(SETTINGS.format(store=self.cluster.directory, runtime=self.runtime, state=self.state,
                                           migrations=MIGRATIONS, port=self.port) + settings)
            if simulated:
                self.padriver("clock", "simulate", simulated)
            self.padriver("migrate", "--connection", self.cluster.conninfo)
            self.padriver("instance", "create")
            if mail:
                self.start_mail()
            if broker:
                self.start("broker")
            for name in daemons:
                self.padriver("group", "add", name, "--from", "start")
                self.start(name)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def program(self, name):
        """The path of a program: the broker, a daemon, or what the test put into .programs."""
        known = {"broker": BUILD + "/broker/padriver-broker"}
        return self.programs.get(name) or known.get(name) or BUILD + "/workers/padriver-" + name

    def environment(self, **more):
        variables = {"PATH": BUILD + "/workers:" + os.environ["PATH"], "LC_ALL": "C.UTF-8", "PADRIVER_CONF": self.conf}
        variables.update({key: os.environ[key] for key in ("PADRIVER_DEBUG", "ASAN_OPTIONS") if key in os.environ})
        variables.update(more)
        return variables

    def through(self, name, store=None, broker=None):
        """A program, when it starts next, reaches the store or the broker through a relay at that path."""
        with open(self.conf, encoding="utf-8") as file:
            text = file.read()
        if store:
            text = text.replace("host=" + self.cluster.directory, "host=" + os.path.dirname(store))
        if broker:
            text = text.replace("ipc://%s/broker" % self.runtime, "ipc://" + broker)
        conf = "%s/%s.conf" % (self.directory, name)
        with open(conf, "w", encoding="utf-8") as file:
            file.write(text)
        self.environments.setdefault(name, {})["PADRIVER_CONF"] = conf

    def start(self, name, failpoint=None):
        """Starts a program by name; the same name may run once. failpoint: see common/failpoint.h."""
        more = dict(self.environments.get(name, {}))
        if failpoint:
            more["PADRIVER_FAILPOINT"] = failpoint
        with open(self.log, "ab") as log:
            self.process[name] = subprocess.Popen([self.program(name)], env=self.environment(**more),
                                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self.process[name]

    def start_mail(self):
        """A mail server that puts every letter into one Maildir; the recipient is in X-RcptTo."""
        with open(self.log, "ab") as log:
            self.process["mail"] = subprocess.Popen(
                ["/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:%d" % self.port,
                 "-c", "aiosmtpd.handlers.Mailbox", self.maildir], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.has_mail_server)

    def has_mail_server(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def mails(self):
        """All letters that arrived, in the order they did."""
        box = mailbox.Maildir(self.maildir, create=True)
        return [message for _, message in sorted(box.items(), key=lambda item: item[1].get_date())]

    def is_running(self, name):
        return name in self.process and self.process[name].poll() is None

    def is_stopped(self, name):
        """Whether it stands still, by a failpoint's stop or pause()."""
        with open("/proc/%d/stat" % self.process[name].pid, encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "T"

    def signal(self, name, number):
        self.process[name].send_signal(number)

    def kill(self, name):
        """kill -9, and waits for its end."""
        self.process[name].kill()
        self.process[name].wait()

    def stop(self, name, seconds=60):
        """SIGTERM; its exit code."""
        self.process[name].terminate()
        return self.process[name].wait(seconds)

    def pause(self, name):
        self.signal(name, signal.SIGSTOP)

    def resume(self, name):
        self.signal(name, signal.SIGCONT)

    def died(self, name, seconds=30):
        """Waits until a program ended by itself (a failpoint); its exit code, negative for a signal."""
        return self.process[name].wait(seconds)

    def padriver(self, *words, json=False, exit=0, stdin=None):
        """Runs the command; its output, or with json its objects. Fails on another exit code (exit=None: any)."""
        words = list(words) + (["--json"] if json else [])
        done = subprocess.run([BUILD + "/workers/padriver", *words], input=stdin, capture_output=True, text=True,
                              env=self.environment(), timeout=120)
        if exit is not None and done.returncode != exit:
            raise AssertionError("padriver %s: exit %d, not %d\n%s%s"
                                 % (" ".join(words), done.returncode, exit, done.stdout, done.stderr))
        return [json_module.loads(line) for line in done.stdout.splitlines()] if json else done.stdout + done.stderr

    def psql(self, sql, user="postgres"):
        """Rows as lists of texts."""
        return self.cluster.query(sql, user=user)

    def value(self, sql):
        """One number."""
        return int(self.psql(sql)[0][0])

    def said(self):
        """What the programs wrote to standard error."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def reports(self):
        """What a sanitizer said of the programs, once they have ended in order, so that leaks are told too."""
        running = [process for process in self.process.values() if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                pass  # close() ends it
        said = self.said()
        return said[min(said.index(word) for word in REPORTS if word in said):] if any(w in said for w in REPORTS) else ""

    def close(self, keep=False):
        """Ends all processes; keep: leaves the directory, with PostgreSQL's in it as pg. Fails if a sanitizer spoke."""
        reports = self.reports() if SANITIZED and os.path.exists(self.log) else ""
        for process in self.process.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        if keep:
            self.cluster.keep(self.directory + "/pg")
        self.cluster.close()
        if not keep:
            shutil.rmtree(self.directory, ignore_errors=True)
        if reports:
            raise AssertionError("a sanitizer reports:\n" + reports[:8000])

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind and os.path.exists(self.log):
            sys.stderr.write("--- what the programs said\n" + self.said()[-8000:] + "---\n")
        self.close()
