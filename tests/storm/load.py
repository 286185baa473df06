"""What goes on while the storm kills: numbered publishers, people at the command line, respondents. Each remembers what was
confirmed, and asks again where nothing was answered; what they publish and say follows from the seed."""
import base64
import hashlib
import hmac
import random
import re
import subprocess
import tempfile
import threading

from instance import BUILD, SOURCE
from publish import Publisher

KEYS = ["N2-E%d" % n for n in range(1, 9)]       # of the counters' events: sessions held before the storm
TROUBLE = {"N2-E1": "reject", "N2-E2": "constraint"}
GRANTS = ["grant-%d" % n for n in range(1, 5)]
A_KILL = 40                                      # events of a source for each kill; beyond that they come slowly
POISONED_GRANT = "grant-poisoned"                # has no letter until there is peace
MOVED = "N1-S1"
EXIT_DOWN = 69

NEWSLETTER = """newsletter: {name}
network: N1
role: leader
title-nb: Nytt fra nettverket
title-nn: Nytt frå nettverket
--- nb
Vi møtes **18. mars**.
--- nn
Vi møtest **18. mars**.
"""


class Worker(threading.Thread):
    """A thread that repeats its turn until the storm is over; what goes wrong is told to the storm."""

    def __init__(self, storm, name):
        super().__init__(daemon=True, name=name)
        self.storm, self.it = storm, storm.it
        self.random = random.Random("%s %d" % (name, storm.seed))
        self.over, self.nudge = threading.Event(), threading.Event()

    def run(self):
        try:
            while not self.over.is_set():
                self.turn()
            self.end()
        except Exception as error:  # pylint: disable=broad-except
            self.storm.fault("%s: %r" % (self.name, error))

    def end(self):
        pass

    def pause(self, seconds):
        """Until then, or until something is wanted now."""
        self.nudge.wait(seconds)
        self.nudge.clear()

    def finish(self):
        self.over.set()
        self.nudge.set()


class Source(Worker):
    """A numbered publisher: a message is asked for again, with the same number, until it is answered. Kept: all events that
    were confirmed, by number."""

    def __init__(self, storm, name):
        super().__init__(storm, name)
        self.confirmed, self.silences = {}, 0
        self.publisher = Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source=name)

    def message(self, number):
        return [self.event(n) for n in range(number, number + self.random.randint(1, self.most))]

    def turn(self):
        number = len(self.confirmed) + 1
        events = self.message(number)
        while (answer := self.publisher.publish(events, number=number, seconds=0.5)) is None:
            self.silences += 1
        if answer[0] != "ACCEPTED":
            raise AssertionError("%d is answered %s" % (number, answer))
        self.confirmed.update(enumerate(events, number))
        self.over.wait(self.random.uniform(0, 0.2))
        if len(self.confirmed) > A_KILL * (self.storm.kills + 10):
            self.over.wait(1)

    def end(self):
        self.publisher.close()


class Stream(Source):
    """Events for the counters. A reminder carries its source and number; what a counter passes on is a tenth."""
    most = 25

    def event(self, number):
        key = self.random.choice(KEYS)
        if self.random.random() < 0.1:
            return "meeting_held", {"meeting": key}
        return "reminder_due", {"subject": key, "rule": self.name, "occurrence": number}


class Money(Source):
    """Grants that are paid in many parts; no two amounts are the same."""
    most = 6

    def event(self, number):
        return "grant_received", {"grant": self.random.choice(GRANTS * 5 + [POISONED_GRANT]), "amount_ore": 1000 + number}


class Clerk(Worker):
    """A person at the command line: moves a meeting, releases newsletters, notes sessions held, asks parked events to be
    tried again. Whoever does not know whether it was done does it again: the second time it is refused."""

    def __init__(self, storm):
        super().__init__(storm, "clerk")
        self.moves, self.issues, self.held, self.rounds, self.readers = 0, [], [], 0, None

    def turn(self):
        self.rounds += 1
        self.move()
        self.release()
        if self.rounds % 3 == 0:
            self.hold()
        if self.rounds % 4 == 0:
            self.retry(self.random.choice(("counter", "second", "budget")))
        if self.rounds % 4 == 2:
            self.change_trouble()
        self.pause(1.5)

    def move(self):
        """Always ahead, within the six weeks of its invitation."""
        self.moves += 1
        self.do("plan", "move", MOVED, "--at", self.storm.day(20 + self.moves % 15) + "T10:%02d" % (self.moves % 60), said="already")

    def release(self):
        name = "storm-%d" % (len(self.issues) + 1)
        with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8", dir=self.it.directory) as file:
            file.write(NEWSLETTER.format(name=name))
            file.flush()
            self.do("newsletter", "add", file.name, said="is released")
        if not self.readers:
            self.readers = self.storm.ask("SELECT count(*) FROM newsletter.audience('%s', '2027-01-04')" % name)[0][0]
        self.do("newsletter", "release", name, "--yes", self.readers, said="released before")
        self.issues.append(name)

    def hold(self):
        session = "N2-E%d" % (len(KEYS) + len(self.held) + 1)
        if len(self.held) < self.storm.sessions:
            self.do("plan", "held", session, said="held already")
            self.held.append(session)

    def change_trouble(self):
        """A poisoned key is good for a while; a good one is put off for a while."""
        group, key = self.random.choice(("counter", "second")), self.random.choice(list(TROUBLE))
        self.storm.ask("DELETE FROM counter.trouble WHERE grp = '%s' AND (key = '%s' OR kind = 'retry')" % (group, key))
        self.retry(group)
        later = self.random.choice([key for key in KEYS if key not in TROUBLE])
        self.storm.ask("INSERT INTO counter.trouble VALUES ('%s', '%s', '%s') ON CONFLICT DO NOTHING" % (group, key, TROUBLE[key]))
        if self.random.random() < 0.3:
            self.storm.ask("INSERT INTO counter.trouble VALUES ('%s', '%s', 'retry') ON CONFLICT DO NOTHING" % (group, later))

    def retry(self, group):
        Command(self.storm, ("parked", "retry", group, "--all"), "nothing of that is parked", unknown=True).carry_out()

    def do(self, *words, said):
        Command(self.storm, words, said).carry_out()


class Command:
    """One thing that a person wants done, once. said is how the command refuses to do it twice; unknown: that is no fault even
    the first time."""

    def __init__(self, storm, words, said, unknown=False):
        self.storm, self.words, self.said, self.unknown = storm, words, said, unknown

    def start(self, failpoint=None):
        more = {"PADRIVER_FAILPOINT": failpoint} if failpoint else {}
        return subprocess.Popen([BUILD + "/workers/padriver", *self.words], env=self.storm.it.environment(**more),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def judge(self, process):
        """True: done. False: nobody knows, or not now."""
        output = process.communicate(timeout=120)[0]
        if process.returncode == 0 or self.unknown and re.search(self.said, output):
            return True
        if process.returncode not in (EXIT_DOWN, -9):
            raise AssertionError("padriver %s: exit %d: %s" % (" ".join(self.words), process.returncode, output))
        self.unknown = True
        return False

    def carry_out(self):
        while not self.judge(self.start()):
            self.storm.wait(0.05)


class Respondents(Worker):
    """Answer what they were asked in a letter, once each. Every other evaluation is in named mode."""

    def __init__(self, storm):
        super().__init__(storm, "respondents")
        with open(self.it.state + "/link.key", encoding="ascii") as file:
            self.key = bytes.fromhex(file.read().strip())
        self.asked, self.waiting, self.named, self.said = set(), [], set(), {}

    def turn(self):
        if not self.waiting:
            self.look()
        if self.waiting:
            self.answer(*self.waiting.pop(0))
        self.pause(0.1 if self.waiting else 0.5)

    def look(self):
        """The next evaluation whose letters are written."""
        rows = self.storm.ask("SELECT i.evaluation, i.id FROM evaluation.invitation i JOIN notice.letter l ON l.rule = 'evaluation'"
                              " AND l.subject = i.evaluation AND l.person = i.person ORDER BY i.evaluation, i.person")
        for evaluation in sorted({row[0] for row in rows} - self.asked, key=lambda name: int(name[4:]))[:1]:
            self.asked.add(evaluation)
            if int(evaluation[4:]) % 2 == 0 and self.name_it(evaluation):
                self.named.add(evaluation)
            self.waiting = [(evaluation, int(row[1])) for row in rows if row[0] == evaluation]

    def name_it(self, evaluation):
        """False: it is closed by now."""
        Command(self.storm, ("evaluation", "mode", evaluation, "named"), "no open evaluation", unknown=True).carry_out()
        return self.storm.ask("SELECT mode FROM evaluation.evaluation WHERE id = '%s'" % evaluation) == [["named"]]

    def link(self, invitation):
        mac = hmac.new(self.key, b"evaluation/%d" % invitation, hashlib.sha512).digest()[:16]
        return "https://usht.example/e/%d.%s" % (invitation, base64.urlsafe_b64encode(mac).decode().rstrip("="))

    def answer(self, evaluation, invitation):
        values = [str(self.random.randint(1, 5)) for _ in range(3)]
        words = ["q%d=%s" % pair for pair in enumerate(values, 1)]
        command = Command(self.storm, ("evaluation", "answer", self.link(invitation), *words), "has been used")
        while True:
            process = command.start()
            try:
                if command.judge(process):
                    break
            except AssertionError as error:
                if "is closed" in str(error) or "closed on" in str(error):
                    return
                raise
            self.storm.wait(0.05)
        self.said[invitation] = (evaluation, values)
