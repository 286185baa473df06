#!/usr/bin/python3
"""A storm of kills: broker, workers and PostgreSQL die at random moments and while ours stand at each failpoint, under load.

    storm.py N [--seed S]

Says its seed first, at the end which places were met, and in its last line `N kills, lost 0, doubled 0, parked 0 unpoisoned`;
not zero, or another fault, ends with 1 and leaves the storm's directory. From the seed follow the victims, places and delays
(tests/storm/plan.py) and what is published and asked for (load.py); the scheduler's part in it cannot be replayed.
"""
import argparse
import datetime
import os
import random
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import msgpack  # noqa: E402
from cluster import Cluster  # noqa: E402
from counters import Counters  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402
from load import GRANTS, KEYS, MOVED, POISONED_GRANT, TROUBLE, Clerk, Command, Money, Respondents, Stream  # noqa: E402
from plan import POINTS, PROCESSES, STARTING, WORKERS, Plan, cells  # noqa: E402
from verdict import Verdict  # noqa: E402

START = datetime.datetime(2027, 1, 4, 8, tzinfo=datetime.timezone.utc)
REACH = 10        # seconds until everybody should have come to his place
TIMERS = 20       # fire between two kills
REPLIES = """DATA a*@* 451 4.3.0 Later x1
DATA k*@* lose x1
"""


class Storm:
    def __init__(self, kills, seed):
        self.wanted, self.seed = kills, seed
        self.random, self.plan = random.Random("storm %d" % seed), Plan(seed)
        self.kills, self.faults, self.met, self.missed = 0, [], {}, []
        self.killed_senders = 0
        self.threads, self.decisions = [], 0
        self.step = min(datetime.timedelta(hours=3), datetime.timedelta(days=300) / max(kills, 1))
        self.now = START
        self.sessions = kills // 4 + 8
        self.down = threading.Event()
        port = free_port()
        # No follow-ups: they come after four months, and then only in a long storm. The late WAL writer lets a kill take back
        # commits that did not wait for the disk.
        self.it = Instance(simulated=iso(START), port=port, settings="evaluation\n    follow_up = 0\n",
                           cluster=Cluster(settings={"wal_writer_delay": "10s"}))
        self.directory = self.it.directory
        os.mkdir(self.directory + "/fail")
        self.start_mail(port)

    # What it is about.

    def start_mail(self, port):
        """A mail server of its own that writes a Maildir, puts letters off and loses answers."""
        with open(self.directory + "/replies", "w", encoding="utf-8") as file:
            file.write(REPLIES)
        with open(self.it.log, "ab") as log:
            self.it.process["mail"] = subprocess.Popen(
                ["/usr/bin/python3", SOURCE + "/deploy/smtpd.py", "--port", str(port), "--maildir", self.it.maildir, "--replies",
                 self.directory + "/replies"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.it.has_mail_server)

    def prepare(self):
        """The sample centre, many sessions of one network that are over, grants, groups; then everybody starts."""
        it = self.it
        it.padriver("import", SOURCE + "/deploy/sample", "--yes")
        it.psql(SESSIONS % (self.sessions + len(KEYS)))
        self.counters = Counters(it, "counter", "second", partitions=4, start=False)
        for group, names in PROCESSES.items():
            for name in names:
                self.counters.worker(name, group)
            for key, kind in TROUBLE.items():
                self.counters.trouble(group, key, kind)
        for name in ("budget", "evaluation", "notifications", "newsletter"):
            it.padriver("group", "add", name, "--from", "start")
        for grant in GRANTS:
            self.give(grant)
        self.set_timers()
        self.held_before = KEYS
        for session in KEYS:
            it.padriver("plan", "held", session)
        it.padriver("plan", "schedule", MOVED, "--at", self.day(25) + "T10:00", "--until", self.day(25) + "T15:00")
        for name in WORKERS + ["broker"]:
            it.environments.setdefault(name, {})["PADRIVER_FAILPOINT"] = "@" + self.wish(name)
        it.kill("broker")
        for name in ["broker"] + WORKERS:
            it.start(name)
        self.threads = [Stream(self, "stream-1"), Stream(self, "stream-2"), Money(self, "money"), Clerk(self), Respondents(self)]
        for thread in self.threads:
            thread.start()
        self.clerk = self.threads[3]

    def give(self, grant):
        """What a grant's money needs to be shared."""
        self.it.padriver("decision", "record", grant[6:] + "/27", "--body", "SG", "--grant", grant, "--amount", "1900000,00",
                         "--pot", "areas=1600000,00", "--pot", "host=300000,00")
        self.it.padriver("grant", "letter", grant, "--amount", "1900000,00")

    def set_timers(self):
        """Each is one reminder, due somewhere in the storm's time."""
        self.timers = self.wanted * TIMERS
        rows = ["('storm', 'storm/%d', '%s', NULL, 10, 'T%d', 'storm', NULL, '\\x%s')"
                % (n, iso(START + self.step * n / TIMERS), n,
                   msgpack.packb({"subject": "T%d" % n, "rule": "timer", "occurrence": n}).hex())
                for n in range(1, self.timers + 1)]
        for first in range(0, len(rows), 500):
            self.it.psql("INSERT INTO log.timer (owner, name, due, not_after, type, key, actor, cause, body) VALUES "
                         + ",".join(rows[first:first + 500]))

    def day(self, days):
        return (self.now + datetime.timedelta(days=days)).strftime("%Y-%m-%d")

    # What its threads need.

    def fault(self, what):
        """Something is not as it must be; the storm goes on, and fails."""
        self.faults.append(what)
        print("FAULT after %d kills: %s" % (self.kills, what), flush=True)

    def ask(self, sql):
        """Asks the store until it answers."""
        while True:
            try:
                return self.it.psql(sql)
            except RuntimeError as error:
                if "ERROR" in str(error):
                    raise
                time.sleep(0.05)

    def wait(self, seconds):
        time.sleep(seconds)

    # Kills.

    def wish(self, name):
        return self.directory + "/fail/" + name

    def arm(self, name, point, turn, action):
        """Asks a running program to act at its next (turn-th) passing of the place."""
        with open(self.wish(name) + ".new", "w", encoding="ascii") as file:
            file.write("%s:%d=%s" % (point, turn, action))
        os.rename(self.wish(name) + ".new", self.wish(name))

    def disarm(self, name):
        """Takes the wish back. False: too late, the program acts on it."""
        try:
            os.unlink(self.wish(name))
            return True
        except FileNotFoundError:
            return False

    def count(self, victim, places=()):
        """One kill more; of which places it was the victim."""
        self.kills += 1
        self.killed_senders += victim in ("notifications", "newsletter")
        for program, point, how in places:
            self.met[program, point, how] = self.met.get((program, point, how), 0) + 1

    def kill(self, victim, how, places=()):
        """kill -9; the victim stays dead until revive()."""
        self.count(victim, places)
        if victim != "store":
            self.it.kill(victim)
        elif how == "backend":
            self.it.cluster.kill_backend("padriver_" + self.random.choice(("broker", "budget", "evaluation", "counter")))
        else:
            getattr(self.it.cluster, how)()

    def revive(self, victim):
        if victim != "store":
            self.it.start(victim)
        elif not self.it.cluster.server:
            self.it.cluster.start()

    def process_of(self, program):
        return self.random.choice(PROCESSES.get(program, (program,)))

    def reach(self, condition):
        """Whether it comes true soon; the clerk sees to it that there is something to do."""
        end, nudged = time.monotonic() + REACH, 0
        while not condition() and time.monotonic() < end:
            if time.monotonic() - nudged > 1:
                self.clerk.nudge.set()
                self.jump(self.now + self.step / TIMERS)
                nudged = time.monotonic()
            self.look_after()
            time.sleep(0.01)
        return condition()

    def look_after(self):
        """Nobody ends who was not killed."""
        for name, process in self.it.process.items():
            code = process.poll()
            if code is not None and name not in ("command",) and name not in self.dying:
                self.fault("%s ended by itself: %d" % (name, code))
                self.it.start(name)

    def rage(self):
        """All rounds. A round that met not all of its places comes again."""
        self.dying = set()
        while self.kills < self.wanted:
            before = self.kills
            one = self.plan.next(100 - self.kills % 100)
            self.jump(self.now + self.step)
            time.sleep(one.delay)
            if not one.points:
                self.kill(one.victim, one.how)
                self.revive(one.victim)
            elif one.victim == "self":
                self.strike_there(one)
            else:
                self.strike_beside(one)
            self.look_after()
            if self.kills // 10 > before // 10:
                print("%d kills, %d events confirmed, %d faults" % (
                    self.kills, sum(len(source.confirmed) for source in self.threads[:3]), len(self.faults)), flush=True)

    def jump(self, when):
        self.it.padriver("clock", "jump", iso(when))
        self.now = when

    def restart_armed(self, point, action):
        """A place of the broker's start is passed by one that was just started."""
        self.kill("broker", None)
        self.arm("broker", point, 1, action)
        self.it.start("broker")

    def strike_there(self, one):
        """A program is killed at its place."""
        (program, point), = one.points.items()
        if program == "command":
            self.strike_command(point)
            return
        name = self.process_of(program)
        self.dying = {name}
        if point in STARTING:
            self.restart_armed(point, "kill")
        else:
            self.arm(name, point, one.turn, "kill")
        if self.reach(lambda: not self.it.is_running(name)) or not self.disarm(name):
            self.it.died(name)
            self.count(name, [(program, point, "self")])
            self.it.start(name)
        else:
            self.miss(one)
        self.dying = set()

    def stands(self, name):
        return self.it.is_running(name) and self.it.is_stopped(name)

    def miss(self, one):
        """Nobody came there: again, later."""
        self.missed.append(one.points)
        self.plan.missed(one)

    def decide(self):
        """A command for the rounds: a decision about nothing in particular."""
        self.decisions += 1
        return Command(self, ("decision", "record", "S%d/27" % self.decisions, "--body", "SG", "--subject", "Storm"), "recorded already")

    def strike_command(self, point):
        """The command is killed at its place, and given again."""
        command = self.decide()
        process = command.start(point + "=kill")
        if not command.judge(process):
            self.count("command", [("command", point, "self")] if process.returncode == -9 else ())
            command.carry_out()

    def strike_beside(self, one):
        """Programs stand at their places; broker or PostgreSQL is killed and started anew; they go on."""
        programs = {self.process_of(program): program for program in one.points}
        command = None
        for name, program in programs.items():
            if program == "command":
                command = self.decide()
                self.it.process["command"] = command.start(one.points[program] + "=stop")
            elif one.points[program] in STARTING:
                self.restart_armed(one.points[program], "stop")
            else:
                self.arm(name, one.points[program], 1, "stop")
        self.reach(lambda: all(self.stands(name) for name in programs))
        stand = {name: program for name, program in programs.items()
                 if self.stands(name) or name != "command" and not self.disarm(name)}
        for name in stand:
            eventually(lambda: self.stands(name))  # noqa: B023
        if one.points.keys() - stand.values():
            self.miss(one._replace(points={program: one.points[program] for program in one.points.keys() - stand.values()}))
        if stand:
            self.kill(one.victim, one.how, [(program, one.points[program], one.victim) for program in stand.values()])
            self.release_and_revive(one, stand)
        if command and not command.judge(self.it.process.pop("command")):
            command.carry_out()

    def release_and_revive(self, one, stand):
        """Those who stand go on before or after the victim is back."""
        steps = [lambda: self.revive(one.victim), lambda: [self.it.resume(name) for name in stand]]
        for step in reversed(steps) if one.early else steps:
            step()

    # Peace.

    def calm(self):
        """No more kills: everybody says what he still has to say, what is poisoned is mended, all is done."""
        for thread in self.threads:
            thread.finish()
        for thread in self.threads:
            thread.join(60)
            if thread.is_alive():
                self.fault("%s does not come to its end" % thread.name)
        for name in WORKERS + ["broker"]:
            self.disarm(name)
        self.look_after()
        self.it.psql("DELETE FROM counter.trouble WHERE kind = 'retry'")
        self.idle()
        verdict = Verdict(self)
        verdict.count_parked()
        self.counters.peace()
        self.give(POISONED_GRANT)
        self.idle()
        for group in ("counter", "second", "budget", "evaluation", "notifications", "newsletter"):
            self.it.padriver("parked", "retry", group, "--all", exit=None)
        for days in (4, 8, 15):
            self.idle()
            self.jump(self.now + datetime.timedelta(days=days))
        self.idle()
        verdict.settle_uncertain()
        self.idle()
        return verdict

    def idle(self):
        for _ in range(4):
            said = self.it.padriver("wait", "--idle", "--timeout", "60", exit=None)
            if "not idle" not in said:
                return
        self.fault(said.strip())

    def show_coverage(self):
        """How often each victim met each place."""
        print("\n%-14s %-15s %6s %6s %6s" % ("program", "place", "self", "broker", "store"))
        for program, points in POINTS.items():
            for point in points:
                print("%-14s %-15s %6s %6s %6s" % (program, point, *(
                    "-" if program == how == "broker" else self.met.get((program, point, how), 0)
                    for how in ("self", "broker", "store"))))
        left = [cell for cell in cells() if cell not in self.met]
        if left and self.wanted >= 100:
            self.fault("never met: %s" % left)

    def close(self, keep):
        """Ends all; a storm that failed leaves what it was."""
        self.it.close(keep)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# Sessions N2-E1 … of network N2, each over before the storm begins.
SESSIONS = """
INSERT INTO plan.activity (id, year, plan_version, kind, method, network, title_nb, title_nn, title_en, first_day, last_day, begins,
                           ends, place, owner, goal, focus, directive)
  SELECT 'N2-E' || n, year, plan_version, kind, method, network, title_nb, title_nn, title_en, first_day, last_day, begins, ends,
         place, owner, goal, focus, directive
    FROM plan.activity, generate_series(1, %d) n WHERE id = 'N2-S1';
INSERT INTO plan.meeting (id, starts_at, ends_at, place, state, version, scheduled_at)
  SELECT id, '2026-12-15T09:00Z', '2026-12-15T14:00Z', place, 'scheduled', 1, '2026-12-01T09:00Z'
    FROM plan.activity WHERE id LIKE 'N2-E%%'
"""


def is_good(storm, verdict):
    return verdict.is_good() and not storm.faults


def end(storm, verdict):
    """Says the last line; the exit code."""
    print(verdict.line())
    return 0 if is_good(storm, verdict) else 1


def main():
    parser = argparse.ArgumentParser(description="A storm of kills", epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10 ** 6)
    print("seed %d (victims, places, delays and what is published follow from it; scheduling does not)" % seed, flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    storm = Storm(arguments.kills, seed)
    good = False
    try:
        storm.prepare()
        storm.rage()
        raged = time.monotonic()
        verdict = storm.calm()
        verdict.compare()
        storm.show_coverage()
        print("%d rounds met not all of their places at once and came again; %.0f s of kills, %.0f s in all" % (
            len(storm.missed), raged - began, time.monotonic() - began))
        verdict.show()
        good = is_good(storm, verdict)
    except KeyboardInterrupt:
        good = True
        print("stopped by hand after %d kills" % storm.kills)
        sys.exit(130)
    finally:
        storm.close(keep=not good)
        if not good:
            print("what the storm left: %s" % storm.directory)
    sys.exit(end(storm, verdict))


if __name__ == "__main__":
    main()
