#!/usr/bin/python3
"""A Debian 12 booted under systemd, with every block of deploy/README.md run on it in its order: installed, the sample
centre imported, meetings invited to through the relay by TLS and password; each program killed and hung, and nothing
lost; backed up, restored, locked and released, migrated, removed.

Ends with 77 (skipped) where no machine can be booted; in CI it can.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(os.environ.get("PADRIVER_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("PADRIVER_BUILD") or SOURCE / "build" / "dev")
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from instance import eventually  # noqa: E402
from machine import Machine  # noqa: E402

DAEMONS = ("notifications", "evaluation", "budget", "newsletter")
PROGRAMS = ("broker", *DAEMONS, "web")
RELAY = """
import sys, time
sys.path.insert(0, sys.argv[1])
from smtpd import MailServer
with MailServer(port=587, tls=True) as server:
    open(sys.argv[2] + "/ca.pem", "w").write(open(server.ca).read())
    seen = 0
    while True:
        time.sleep(0.05)
        for letter in server.letters[seen:]:
            print(letter.to, letter.message["Message-ID"], flush=True)
            seen += 1
"""


def check(condition, rule, seen=""):
    if not condition:
        raise AssertionError("%s; seen: %s" % (rule, seen))


class Book:
    """deploy/README.md's blocks by their headings; each must have been run in the end."""

    def __init__(self):
        self.blocks = {}
        for part in re.split(r"^## ", (SOURCE / "deploy/README.md").read_text(encoding="utf-8"), flags=re.M)[1:]:
            self.blocks[part.splitlines()[0]] = re.findall(r"^```sh\n(.*?)^```$", part, flags=re.M | re.S)

    def take(self, heading):
        return self.blocks[heading].pop(0)


class Centre:
    """The installed system, as its operator sees it."""

    def __init__(self, machine, book):
        self.machine, self.book = machine, book
        self.told = machine.directory / "relay"

    def run(self, script, code=0):
        return self.machine.run("cd /root\nexport PADRIVER_CONF=/etc/padriver/padriver.conf\n" + script, code)

    def do(self, heading, blocks=1):
        print("== %s" % heading, flush=True)
        return "".join(self.run(self.book.take(heading)) for _ in range(blocks))

    def ask(self, words):
        return [json.loads(line) for line in self.run("padriver %s --json" % words).splitlines()]

    def unit(self, name):
        """What systemd knows of a program."""
        shown = self.run("systemctl show -p Type,ActiveState,MainPID,NRestarts,User,WatchdogUSec,MemoryMax padriver-%s" % name)
        return dict(line.split("=", 1) for line in shown.splitlines())

    def idle(self):
        self.run("padriver wait --idle --timeout 60")
        check(all(row["behind"] == 0 for row in self.ask("lag")), "no group is behind", self.ask("lag"))

    def arrived(self):
        return self.told.read_text(encoding="utf-8").splitlines()

    def invited(self, meeting):
        """Schedules the meeting of the wheel; its letters, each booked as sent and arrived once."""
        self.run("padriver plan schedule %s --at 2026-12-10" % meeting)
        self.check_letters(meeting)

    def check_letters(self, meeting):
        self.idle()
        letters = self.ask("mail list --rule invitation --subject " + meeting)
        check(len(letters) > 3 and {row["state"] for row in letters} == {"sent"}, "%s is invited to" % meeting, letters)
        mine = {row["message_id"].strip("<>") for row in letters}
        eventually(lambda: len([line for line in self.arrived() if line.split()[1].strip("<>") in mine]) == len(letters))
        check(len(set(self.arrived())) == len(self.arrived()), "nobody is mailed twice")
        check(self.ask("parked list") == [], "nothing is parked")

    def back(self, name, before):
        """Waits until systemd has brought a program back."""
        eventually(lambda: (now := self.unit(name))["ActiveState"] == "active" and now["MainPID"] != before["MainPID"]
                   and int(now["NRestarts"]) == int(before["NRestarts"]) + 1, seconds=60, what=lambda: self.unit(name))


def install(centre):
    """cmake --install is run beside the machine, into it."""
    machine = centre.machine
    check("CMAKE_INSTALL_PREFIX:PATH=/usr\n" in (BUILD / "CMakeCache.txt").read_text(), "%s is configured by a preset" % BUILD)
    subprocess.run(["cmake", "--install", BUILD], check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, DESTDIR=str(machine.root)))
    there = machine.path("root/build/release")
    there.mkdir(parents=True, exist_ok=True)
    shutil.copy(BUILD / "install_manifest.txt", there)


def start(centre):
    centre.do("Install", 2)
    centre.do("Settings")
    centre.do("Mail relay")
    shutil.copy(centre.machine.directory / "ca.pem", centre.machine.path("etc/padriver/ca.pem"))
    centre.run("padriver clock simulate 2026-12-01T06:00")
    centre.do("Start")
    for name in PROGRAMS:
        unit = centre.unit(name)
        check(unit["ActiveState"] == "active" and unit["Type"] == "notify", name + " is active", unit)
        check(unit["User"] == "padriver-" + name, "as its own user", unit)
        check(unit["WatchdogUSec"] == "1min", "a minute of hanging is seen", unit)
        check(unit["MemoryMax"] == str(1 << 30), "it cannot use up the machine's memory", unit)


def open_pages(centre):
    check("200 OK" in centre.do("Pages"), "the start page opens")
    centre.run("padriver report compile 2026; padriver report publish 2026")
    eventually(lambda: "Evalueringsrapport" in fetch(centre, "http://127.0.0.1:8080/report/2026"))
    made = fetch(centre, "http://127.0.0.1:8080/report/2026.pdf", "latin-1")
    check(made.startswith("%PDF-"), "a report is printed by a child of the web face, as hardened as it is", made[:100])


def connect_elsewhere(centre):
    centre.do("Another machine", 2)
    told = [row for row in centre.ask("log") if row["actor"] == "client:library"]
    check(len(told) == 1, "a client publishes by CURVE", told)
    check("library" in centre.do("Another machine"), "it is listed until it is revoked")


def kill_each(centre):
    for name, meeting in zip(PROGRAMS, ("N2-S1", "N3-S1", "N4-S1", "N5-S1", "N6-S1")):
        before = centre.unit(name)
        centre.run("kill -9 %s; padriver plan schedule %s --at 2026-12-10" % (before["MainPID"], meeting))
        centre.back(name, before)
        centre.check_letters(meeting)
    before = centre.unit("web")
    centre.run("kill -9 %s" % before["MainPID"])
    centre.back("web", before)
    eventually(lambda: "Årsplan" in browse(centre))


def hang_all(centre):
    centre.run("mkdir -p /run/systemd/system/padriver-.service.d; cd /run/systemd/system/padriver-.service.d\n"
               "printf '[Service]\\nWatchdogSec=5\\n' > 20-short.conf\n"
               "systemctl daemon-reload; systemctl restart padriver.target")
    centre.idle()
    before = {name: centre.unit(name) for name in PROGRAMS}
    centre.run("kill -STOP %s" % " ".join(unit["MainPID"] for unit in before.values()))
    centre.run("padriver plan schedule SG1 --at 2026-12-10")
    for name in PROGRAMS:
        centre.back(name, before[name])
    centre.check_letters("SG1")
    said = centre.run("journalctl -u 'padriver-*' | grep -c 'Watchdog timeout'")
    check(int(said) >= len(PROGRAMS), "it was the watchdog", said)


def fetch(centre, url, encoding="utf-8"):
    """A page as somebody on that machine sees it; nothing if there is none."""
    return subprocess.run(["nsenter", "-t", centre.machine.leader, "-n", "/usr/bin/python3", "-c",
                           "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen('%s', timeout=20).read())" % url],
                          capture_output=True).stdout.decode(encoding)


def browse(centre):
    return fetch(centre, "http://127.0.0.1:8080/")


def scrape(centre):
    return fetch(centre, "http://127.0.0.1:9469/metrics")


def watch(centre):
    """Prometheus' way in, as its own user: whole pages, of each program, and nothing of who may not be asked."""
    said = centre.do("Watch it")
    check(int(said.split()[-1]) > 20, "the command tells", said)
    wanted = {"padriver_store_up 1", 'padriver_broker_active{process="1"} 1',
              *('padriver_program_up{program="%s",process="1"} 1' % name for name in PROGRAMS)}
    eventually(lambda: wanted <= set(scrape(centre).splitlines()))  # each program writes its own every two seconds
    page = scrape(centre)
    check(re.search(r'^padriver_letters{owner="notice",rule="invitation",state="sent"} \d\d', page, re.M), "letters are counted", page)
    centre.run("runuser -u padriver-metrics -- psql -X -d padriver -U padriver_metrics -c 'SELECT FROM notice.letter'", 1)
    centre.run("runuser -u padriver-metrics -- psql -X -d padriver -U padriver_ctl -c 'SELECT 1'", 2)
    eventually(lambda: "failed" not in centre.run("systemctl list-units --no-legend 'padriver-metrics@*'"))


def restore(centre):
    centre.do("Back up")
    count = len(centre.arrived())
    head = centre.ask("status")[0]["store"]["head"]
    centre.do("Restore")
    eventually(lambda: centre.run("padriver status >/dev/null && echo up", None) == "up\n")
    check(centre.ask("status")[0]["store"]["head"] == head, "the log is as it was")
    centre.run("padriver plan move SG1 --at 2026-12-11")
    eventually(lambda: centre.ask("mail list --state held --subject SG1"))
    check(len(centre.arrived()) == count, "a restored store sends nothing")
    check("may not send" in centre.do("Restore"), "it says so")
    eventually(lambda: {row["state"] for row in centre.ask("mail list --rule update --subject SG1")} == {"sent"})
    eventually(lambda: len(centre.arrived()) > count)


def retain(centre):
    """A million old events stand in for years."""
    centre.run("""systemctl stop padriver.target
        runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 padriver <<'END'
        INSERT INTO log.event (position, at, type, key, body) SELECT p, '2020-01-01', 19, 'k', 'x'
          FROM generate_series((SELECT max(position) + 1 FROM log.event), 1000010) p;
        UPDATE log.cursor SET position = 1000010;
END
        systemctl start padriver.target""")
    eventually(lambda: [row["first"] for row in centre.ask("retired list")] == [1], seconds=60)
    check("log_archive.event_0" in centre.do("Retention"), "it is listed")
    centre.do("Retention")
    check(centre.ask("retired list") == [], "it is dropped")
    centre.run("runuser -u postgres -- pg_restore -l /var/backups/event_0.dump | grep -q 'TABLE DATA log_archive event_0'")
    check(centre.ask("status")[0]["store"]["head"] >= 1000010, "the log goes on")


def upgrade(centre):
    centre.do("Upgrade")
    centre.book.take("Upgrade")  # building and installing: install() does it, with one migration more
    install(centre)
    folder = centre.machine.path("usr/share/padriver/sql")
    number = "%04d" % (1 + max(int(file.name[:4]) for file in folder.glob("*.sql")))
    (folder / (number + "_next.sql")).write_text("CREATE TABLE log.next (id int);\n")
    check("migrated to " + number in centre.do("Upgrade"), "the migration is applied before the programs start")
    (folder / (number + "_next.sql")).unlink()
    check({centre.unit(name)["ActiveState"] for name in PROGRAMS} == {"active"}, "all run")


def remove(centre):
    centre.do("Remove", 2)
    left = centre.run("find / -xdev -name '*padriver*' -not -path '/root/*' -not -path '/var/backups/*' -not -path '/var/log/*'"
                      " -not -path '/usr/*' -not -path '/run/systemd/*' -not -path '/proc/*'; getent passwd | grep padriver || :")
    check(not left, "nothing is left", left)


def main():
    missing = Machine.missing()
    if missing:
        print("skipped: no machine can be booted here: " + missing)
        return 77
    if "PADRIVER_MOUNTS" not in os.environ:  # its mounts are its own, and go with it however it ends
        os.execvpe("unshare", ["unshare", "-m", sys.executable, *sys.argv], dict(os.environ, PADRIVER_MOUNTS="own"))
    book, begun = Book(), time.monotonic()
    packages = book.take("Install").splitlines()[0].split()[3:]
    with Machine(packages) as machine:
        centre = Centre(machine, book)
        install(centre)
        with open(machine.path("etc/hosts"), "a", encoding="utf-8") as hosts:
            hosts.write("127.0.0.1 localhost smtp.kommune.example\n")
        machine.boot()
        with open(centre.told, "w", encoding="utf-8") as told:
            relay = subprocess.Popen(["nsenter", "-t", machine.leader, "-n", "/usr/bin/python3", "-c", RELAY,
                                      SOURCE / "tests/support", machine.directory], stdout=told)
        try:
            eventually(lambda: (machine.directory / "ca.pem").exists())
            for step in (start, lambda it: it.run("padriver import /usr/share/padriver/sample --yes"),
                         lambda it: it.invited("N1-S1"), open_pages, connect_elsewhere, kill_each, hang_all, watch, restore, retain,
                         upgrade, remove):
                step(centre)
                print("   %.0f s" % (time.monotonic() - begun), flush=True)
        except BaseException:
            print(machine.run("systemctl --no-pager list-units 'padriver*' || :; journalctl --no-pager -n 60 || :", None))
            raise
        finally:
            relay.kill()
            relay.wait()
    check(not any(book.blocks.values()), "each block of deploy/README.md was run", book.blocks)
    return 0


if __name__ == "__main__":
    sys.exit(main())
