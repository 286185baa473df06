"""Who is killed when, and where. It all follows from the seed; what the kernel's scheduler makes of it does not.

A round is one kill. In each hundred of them every cell is met once: a program at one of its failpoints, beside a victim.
`self`: who stands there is killed there. `broker`, `store`: who came there stands still, the victim is killed and started
anew, then he goes on. A round without points kills somebody at a random moment.
"""
import random
from collections import namedtuple

BATCH = ("after-cursor", "after-effects", "before-commit", "after-commit")
MAIL = ("after-claim", "after-dot", "before-book")
# Places that a broker passes only after it was started.
STARTING = ("after-lock", "before-listen", "before-extend", "before-take")
SERVING = ("after-read", "before-batch", "before-publish", "after-publish", "before-fire", "after-fire")
POINTS = {
    "counter": BATCH,
    "second": BATCH,
    "budget": BATCH,
    "evaluation": BATCH,
    "notifications": BATCH + MAIL,
    "newsletter": BATCH + MAIL,
    "command": ("before-commit", "after-commit"),
    "broker": STARTING + SERVING,
}
# Two groups have several processes.
PROCESSES = {"counter": ("counter-1", "counter-2"), "second": ("second-1", "second-2")}
WORKERS = [name for program in POINTS if program not in ("command", "broker")
           for name in PROCESSES.get(program, (program,))]
# PostgreSQL stops at once; all its processes are killed; one of them is.
HOWS = ("crash", "kill", "backend")

Round = namedtuple("Round", "victim points turn delay how early")


def cells():
    """All (program, point, victim)."""
    return [(program, point, victim) for program, points in POINTS.items() for point in points
            for victim in ("self", "broker", "store") if not program == victim == "broker"]


class Plan:
    def __init__(self, seed):
        self.random = random.Random("plan %d" % seed)
        self.musts = []

    def next(self, left_in_hundred):
        """The next round: one of those that must be, or a kill at a random moment while there is room for it."""
        if left_in_hundred == 100:
            self.musts = self.hundred()
        if self.musts and (left_in_hundred <= self.needed() or self.random.random() < 0.75):
            return self.musts.pop(0)
        return self.round(self.random.choice(["broker", "store"] + WORKERS), {})

    def needed(self):
        """Kills that the rounds which must be will take: a broker that is to come to a place of its start is killed first."""
        return sum(2 if STARTING.count(point.points.get("broker")) else 1 for point in self.musts)

    def missed(self, again):
        """A round that met not all of its places comes again."""
        self.musts.append(again)

    def round(self, victim, points):
        return Round(victim, points, self.random.choice((1, 1, 2, 3)), self.random.uniform(0, 0.3),
                     self.random.choice(HOWS), self.random.random() < 0.3)

    def hundred(self):
        """Rounds that meet every cell; all programs but the broker stand together, so that few kills meet many."""
        rounds = [self.round("self", {program: point}) for program, points in POINTS.items() for point in points]
        rounds += [self.round("store", {"broker": point}) for point in POINTS["broker"]]
        others = [program for program in POINTS if program != "broker"]
        for victim in ("broker", "store"):
            orders = {program: self.random.sample(POINTS[program], len(POINTS[program])) for program in others}
            for n in range(max(len(POINTS[program]) for program in others)):
                rounds.append(self.round(victim, {program: order[n % len(order)] for program, order in orders.items()}))
        self.random.shuffle(rounds)
        return rounds
