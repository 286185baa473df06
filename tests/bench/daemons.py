"""Through real daemons: named answers, submitted in groups, until their aggregates are committed; money until its entries
are. An event is done when the daemon's cursor has passed it, which moves in the transaction of its effects.

The instance's clock is simulated and stands still; times are measured by the machine's. Evaluations are copies of one
that the daemon opened, forty invitations each; a grant's money comes in eight parts, of which the first shares it.
"""
import os
import statistics

import process
from phase import Failed, Tally, order, percentile
from systems import SOURCE, OnPostgreSQL, Quiet

FIRST, EACH, PARTS = 65536, 40, 8  # number of the first event; answers of an evaluation; times that a grant's money comes
GROUP, RATE, BURST = 20, 200, 2000
START = "2027-02-10T09:00:00Z"
FLOWS = {"evaluation": "evaluation_submitted -> aggregates committed", "grant": "grant_received -> entries committed"}
COPIES = """
    INSERT INTO evaluation.evaluation (id, network, mode, state, threshold, opened_at, closes_at, public_key)
      SELECT 'B' || n, e.network, e.mode, e.state, e.threshold, e.opened_at, e.closes_at, e.public_key
        FROM evaluation.evaluation e, generate_series(0, {copies} - 1) n WHERE e.id = 'N1-S1';
    INSERT INTO evaluation.item (evaluation, place, question, version, goal, parent)
      SELECT 'B' || n, i.place, i.question, i.version, i.goal, i.parent
        FROM evaluation.item i, generate_series(0, {copies} - 1) n WHERE i.evaluation = 'N1-S1';
    INSERT INTO evaluation.invitation (id, evaluation, person)
      SELECT n, 'B' || n % {copies}, n FROM generate_series({first}, {first} + {count} - 1) n;
    ANALYZE evaluation.evaluation, evaluation.item, evaluation.invitation"""
REGISTER = """
    SELECT budget.letter_register('bench-' || n, NULL, NULL, NULL, 190000000, date '{now}', '', '', NULL, '{now}', 'bench'),
           plan.record_decision('1/' || n, 'base_grant', 'SG', NULL, date '{now}', 'Deling', 'bench-' || n, 190000000,
             '{{areas,host}}', '{{areas,host}}', '{{160000000,30000000}}', '{{}}', '{{}}', '{now}')
      FROM generate_series(0, {grants} - 1) n"""
COUNTED = {
    "evaluation": "SELECT coalesce(sum(c), 0) FROM evaluation.result r, unnest(r.counts) c WHERE r.question = 'overall'",
    "grant": "SELECT count(*) FROM budget.receipt"}


class Daemons(OnPostgreSQL):
    """An instance with the sample centre, the broker, and the two daemons."""
    name = "daemons"

    def __init__(self, build, directory, events):
        super().__init__(build, directory)
        self.events, self.grants = events, events // PARTS + 1
        self.it = None
        self.publishers, self.tallies = {}, {}

    def start(self):
        super().start()
        self.it = Quiet(daemons=["evaluation", "budget"], simulated=START, cluster=self.cluster)
        self.log = self.it.log
        self.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        self.open_evaluations()
        self.register_grants()
        for flow in FLOWS:
            tally = self.tallies[flow] = Tally("%s/%s" % (self.directory, flow))
            env = self.it.environment(BENCH_EFFECTS=flow, BENCH_GRANTS=str(self.grants),
                                      BENCH_TALLY=tally.path)
            self.publishers[flow] = process.spawn([self.program("bench_effects")], env, log=self.log, pipes=True)

    def open_evaluations(self):
        """One by a session held, named; then copies of it."""
        self.it.padriver("plan", "schedule", "N1-S1", "--at", "2027-02-10T10:00:00Z", "--until", "2027-02-10T11:00:00Z")
        self.it.padriver("clock", "jump", "2027-02-10T11:00:00Z")
        self.it.padriver("plan", "held", "N1-S1")
        self.it.padriver("wait", "--idle", "--timeout", "60")
        self.it.padriver("evaluation", "mode", "N1-S1", "named")
        self.it.psql(COPIES.format(copies=self.events // EACH + 1, first=FIRST, count=self.events))

    def register_grants(self):
        """Each by its letter and its decision, with the owners' functions. The first money of a grant shares it."""
        self.it.psql(REGISTER.format(grants=self.grants, now=START))

    def stop(self):
        for publisher in self.publishers.values():
            process.end(publisher)
        if self.it:
            for running in self.it.process.values():
                process.end(running)
            self.it.close()
            self.it = self.cluster = None
        super().stop()

    def check(self, done):
        """Each event had its effect once; nothing is parked; the ledger is whole."""
        for flow, events in done.items():
            if self.it.value(COUNTED[flow]) != events:
                raise Failed("%s: %d events, but %d effects" % (flow, events, self.it.value(COUNTED[flow])))
        if self.it.value("SELECT count(*) FROM log.parked"):
            raise Failed("events are parked: " + self.it.padriver("parked", "list"))
        if "No fault found" not in self.it.padriver("ledger", "check"):
            raise Failed("the ledger has a fault: " + self.it.padriver("ledger", "check"))


def measure(system, flow, seconds):
    """(figures, events): as fast as may be, then at an even pace for the latency."""
    system.reset()
    os.sync()
    fast, began, ended = order(system.publishers[flow], "%d 0 0 %d %d" % (BURST, BURST, GROUP))
    tally = system.tallies[flow]
    tally.clear()
    paced, _, _ = order(system.publishers[flow], "4096 %d %d 0 %d" % (RATE, int(seconds * 1000), GROUP))
    if tally.acked != paced or tally.missing or tally.again:
        raise Failed("%s: %d of %d events were done" % (flow, tally.acked, paced))
    return {"events_per_s": fast / (ended - began), "e2e_p50_us": percentile(tally.buckets(), 0.5),
            "e2e_p99_us": percentile(tally.buckets(), 0.99)}, fast + paced


def run(chosen, build, directory, say):
    """Figures by flow: a list for each, one for each round."""
    system = Daemons(build, directory, chosen.rounds * (BURST + int(RATE * chosen.seconds) + 2 * GROUP))
    found, done = {flow: [] for flow in FLOWS}, dict.fromkeys(FLOWS, 0)
    try:
        system.start()
        for turn in range(chosen.rounds):
            for flow in FLOWS:
                figures, events = measure(system, flow, chosen.seconds)
                found[flow].append(figures)
                done[flow] += events
                say("round %d %-46s %6d events/s  p50 %6d  p99 %7d µs"
                    % (turn + 1, FLOWS[flow], figures["events_per_s"], figures["e2e_p50_us"], figures["e2e_p99_us"]))
        system.check(done)
    finally:
        system.stop()
    return found


def text(found):
    """For a person."""
    lines = ["through real daemons: %d events in groups of %d; latency at %d events/s" % (BURST, GROUP, RATE)]
    for flow, rounds in found.items():
        lines.append("%-46s %6d events/s  p50 %6d µs  p99 %7d µs"
                     % (FLOWS[flow], *(statistics.median(one[key] for one in rounds)
                                       for key in ("events_per_s", "e2e_p50_us", "e2e_p99_us"))))
    return "\n".join(lines)
