"""What the storm did: the log, every effect and every letter held against what was confirmed. lost: it should be there and is
not. doubled: it is there once too often. Anything else that is not as promised is a fault."""
import email
import os
from collections import Counter

import msgpack
from load import GRANTS, MOVED, POISONED_GRANT, TROUBLE

POISONED = {("counter", key) for key in TROUBLE} | {("second", key) for key in TROUBLE} | {("budget", POISONED_GRANT)}
TYPES = {4: "session_held", 5: "meeting_held", 10: "reminder_due", 14: "grant_received"}
SENDERS = ("notice", "newsletter")
# Why a letter may rightly not go.
RIGHTLY = ("the meeting has a newer version", "nothing is missing any more", "its time has passed", "the grant has a newer version",
           "the meeting is held")


class Verdict:
    def __init__(self, storm):
        self.storm, self.it = storm, storm.it
        self.lost, self.doubled, self.unpoisoned, self.facts = Counter(), Counter(), 0, {}
        self.uncertain, self.resent = 0, set()

    def line(self):
        return "%d kills, lost %d, doubled %d, parked %d unpoisoned" % (
            self.storm.kills, self.lost.total(), self.doubled.total(), self.unpoisoned)

    def is_good(self):
        return not (self.lost.total() or self.doubled.total() or self.unpoisoned)

    def show(self):
        for name, fact in self.facts.items():
            print("%-50s %s" % (name, fact))

    def hold(self, what, expected, found):
        """Two bags of things, by how often."""
        expected, found = Counter(expected), Counter(found)
        self.facts[what] = self.facts.get(what, 0) + expected.total()
        for word, bag, more in (("lost", self.lost, expected - found), ("doubled", self.doubled, found - expected)):
            if more:
                bag[what] += more.total()
                self.storm.fault("%s: %d %s, among them %s" % (what, more.total(), word, list(more)[:5]))

    def none(self, what, rows):
        """Rows that should not be."""
        if rows:
            self.storm.fault("%s: %d, among them %s" % (what, len(rows), rows[:5]))

    # While there is no peace yet.

    def count_parked(self):
        rows = self.it.psql("SELECT grp, key, position, reason FROM log.parked ORDER BY grp, position")
        self.facts["parked, of keys that were poisoned"] = len(rows)
        bad = [row for row in rows if (row[0], row[1]) not in POISONED]
        self.unpoisoned = len(bad)
        self.none("parked though not poisoned", bad)

    def settle_uncertain(self):
        """A person looks whether it arrived: settles it, or has it sent again."""
        there = set(self.arrived())
        rows = self.it.padriver("mail", "list", "--state", "uncertain", json=True)
        self.uncertain = len(rows)
        for row in rows:
            arrived = row["message_id"] in there
            self.it.padriver("mail", "settle", row["id"], "sent" if arrived else "lost")
        self.facts["letters uncertain, settled by hand"] = self.uncertain

    def arrived(self):
        """The Message-IDs of all that came to the mail server."""
        found = []
        for name in os.listdir(self.it.maildir + "/new"):
            with open(os.path.join(self.it.maildir, "new", name), "rb") as file:
                found.append(email.message_from_bytes(file.read(20000))["Message-ID"].strip("<>"))
        return found

    # In the end.

    def compare(self):
        self.compare_log()
        self.compare_counts()
        self.compare_money()
        self.compare_commands()
        self.compare_answers()
        self.compare_letters()
        self.none("still parked", self.it.psql("SELECT grp, key, position, reason FROM log.parked"))

    def compare_log(self):
        """Each event that was confirmed is in the log once, a source's in their order; each timer fired once."""
        expected = Counter()
        for source in self.storm.threads[:3]:
            for kind, fields in source.confirmed.values():
                expected[kind, tuple(sorted(fields.items()))] += 1
        found, timers, last = Counter(), Counter(), {}
        rows = self.it.psql("SELECT e.type, encode(e.body, 'hex') FROM log.event e WHERE e.type IN (5, 10, 14) ORDER BY e.position")
        for kind, body in rows:
            kind, fields = TYPES[int(kind)], msgpack.unpackb(bytes.fromhex(body))
            if fields.get("rule") == "timer":
                timers[fields["subject"]] += 1
            elif fields.get("rule") in (None, "stream-1", "stream-2"):
                found[kind, tuple(sorted(fields.items()))] += 1
            if fields.get("rule") and fields["occurrence"] <= last.get(fields["rule"], 0) and fields["rule"].startswith("stream"):
                self.storm.fault("%s is out of order at %s" % (fields["rule"], fields["occurrence"]))
            last[fields.get("rule")] = fields.get("occurrence", 0)
        self.hold("events confirmed by the publishers", expected, found)
        made = self.it.value("SELECT count(*) FROM log.timer WHERE owner = 'storm'")
        self.none("timers of the storm that have not fired", ["%d" % made] if made else [])
        self.hold("timers", ["T%d" % n for n in range(1, 1 + self.storm.timers)], timers)

    def compare_counts(self):
        """Each group has counted each event once, in order by key, and has passed on each meeting held once."""
        for group in ("counter", "second"):
            events = self.it.psql("SELECT position FROM log.event WHERE type IN (4, 5, 10)")
            counted = self.it.psql("SELECT position FROM counter.tally WHERE grp = '%s' ORDER BY id" % group)
            self.hold("effects of group " + group, [row[0] for row in events], [row[0] for row in counted])
            self.none("out of order in " + group, self.it.psql(
                "SELECT t.key, t.before, t.position FROM (SELECT t.*, lag(t.position) OVER (PARTITION BY t.key ORDER BY t.id) AS before"
                " FROM counter.tally t WHERE t.grp = '%s') t WHERE t.before > t.position" % group))
            held = self.it.psql("SELECT position FROM log.event WHERE type = 5")
            told = self.it.psql("SELECT cause FROM log.event WHERE type = 4 AND actor = '%s'" % group)
            self.hold("events passed on by " + group, [row[0] for row in held], [row[0] for row in told])

    def compare_money(self):
        """What the ledger says came is what the events say."""
        came = self.it.psql("SELECT position FROM log.event WHERE type = 14")
        booked = self.it.psql("SELECT v.event_position FROM budget.voucher v WHERE v.code = 'received'")
        self.hold("vouchers of money that came", [row[0] for row in came], [row[0] for row in booked])
        said = sum(fields["amount_ore"] for _, fields in self.storm.threads[2].confirmed.values())
        books = self.it.value("SELECT coalesce(sum(e.amount_ore), 0) FROM budget.entry e JOIN budget.voucher v USING (year, number)"
                              " WHERE v.code = 'received' AND e.purpose = 'bank'")
        self.none("the ledger's sum is not the events'", [(books, said)] if books != said else [])
        self.none("the ledger check", [] if "No fault found" in self.it.padriver("ledger", "check", exit=None) else ["found faults"])
        given = {fields["grant"] for _, fields in self.storm.threads[2].confirmed.values()}
        shared = self.it.psql("SELECT key FROM log.event WHERE type = 15")
        self.hold("grants shared", given & {*GRANTS, POISONED_GRANT}, [row[0] for row in shared])

    def compare_commands(self):
        """What a person did is there once, with its event."""
        clerk = self.storm.clerk
        made = self.it.psql("SELECT id FROM plan.decision WHERE id LIKE '%/27'")
        self.hold("decisions", ["S%d/27" % n for n in range(1, self.storm.decisions + 1)]
                  + [grant[6:] + "/27" for grant in (*GRANTS, POISONED_GRANT)], [row[0] for row in made])
        self.hold("events of decisions", [row[0] for row in made], self.keys_of(12))
        version = self.it.value("SELECT version FROM plan.meeting WHERE id = '%s'" % MOVED)
        self.none("a meeting was moved %d times" % (version - 1), [] if version - 1 == clerk.moves else ["asked for %d" % clerk.moves])
        self.hold("events of moves", [MOVED] * clerk.moves, self.keys_of(2))
        self.hold("events of newsletters", clerk.issues, self.keys_of(17))
        told = [row[0] for row in self.it.psql("SELECT key FROM log.event WHERE type = 4 AND cause IS NULL")]
        self.hold("events of sessions", self.storm.held_before + clerk.held, told)
        self.hold("evaluations opened", self.storm.held_before + clerk.held, self.keys_of(6))
        self.hold("evaluations closed", self.storm.held_before + clerk.held, self.keys_of(8))

    def keys_of(self, kind):
        return [row[0] for row in self.it.psql("SELECT key FROM log.event WHERE type = %d" % kind)]

    def compare_answers(self):
        """Each answer that was taken is in the results, of its evaluation where answers are named, else of the network."""
        people = self.storm.threads[4]
        spent = self.it.psql("SELECT id FROM evaluation.invitation WHERE spent")
        self.hold("answers", [str(invitation) for invitation in people.said], [row[0] for row in spent])
        self.hold("events of answers", [evaluation for evaluation, _ in people.said.values()], self.keys_of(9))
        named = [("q%d" % n, evaluation, value) for evaluation, values in people.said.values() if evaluation in people.named
                 for n, value in enumerate(values, 1)]
        sealed = [values[0] for evaluation, values in people.said.values() if evaluation not in people.named]
        rows = self.it.psql("SELECT i.name, i.evaluation, array_to_string(r.counts[1:5], ' ') FROM evaluation.item i"
                            " JOIN evaluation.evaluation e ON e.id = i.evaluation JOIN evaluation.result r ON r.tally = e.id"
                            " AND r.question = i.question AND r.version = i.version AND r.goal = i.goal")
        results = [(name, evaluation, str(value)) for name, evaluation, counts in rows
                   for value, count in enumerate(counts.split(), 1) for _ in range(int(count))]
        self.hold("answers counted in named mode", named, [row for row in results if row[1] in people.named])
        opened = [row[2] for row in results if row[1] not in people.named and row[0] == "q1"]
        boxes = self.it.value("SELECT count(*) FROM evaluation.box")
        self.facts["sealed answers that wait for company"] = boxes
        if boxes:
            self.hold("sealed answers", range(len(sealed)), range(len(opened) + boxes))
        else:
            self.hold("sealed answers", sealed, opened)

    def compare_letters(self):
        """Everybody has the letter he should have; each was sent, or rightly not; none arrived twice."""
        arrived = Counter(self.arrived())
        letters = [row for schema in SENDERS for row in self.it.psql(
            "SELECT '%s', rule, subject, person, occurrence, state, coalesce(reason, ''), coalesce(message_id, '') FROM %s.letter"
            % (schema, schema))]
        self.facts["letters"] = len(letters)
        self.facts["letters that arrived"] = arrived.total()
        self.hold("letters sent", [row[7] for row in letters if row[5] == "sent"], arrived)
        self.none("letters neither sent nor rightly dropped",
                  [row for row in letters if row[5] != "sent" and not (row[5] == "dropped" and row[6] in RIGHTLY)])
        self.compare_readers(letters)
        if self.uncertain > self.lost_replies() + self.storm.killed_senders:
            self.storm.fault("%d letters are uncertain, %d replies were lost and %d senders killed" % (
                self.uncertain, self.lost_replies(), self.storm.killed_senders))

    def lost_replies(self):
        """The mail server loses the answer to a letter once for each recipient with a k first."""
        return self.it.value("SELECT count(*) FROM register.person WHERE email LIKE 'k%'")

    def compare_readers(self, letters):
        of = {}
        for row in letters:
            of.setdefault((row[1], row[2], row[4]), []).append(row[3])
        for issue in self.storm.clerk.issues:
            readers = self.it.psql("SELECT person FROM newsletter.recipient WHERE issue = '%s'" % issue)
            self.hold("letters of newsletters", [row[0] for row in readers], of.get(("newsletter", issue, "1"), []))
        for evaluation in self.storm.held_before + self.storm.clerk.held:
            asked = self.it.psql("SELECT person FROM evaluation.invitation WHERE evaluation = '%s'" % evaluation)
            self.hold("letters of evaluations", [row[0] for row in asked], of.get(("evaluation", evaluation, "0"), []))
        members = [row[0] for row in self.it.psql("SELECT person FROM plan.participants('%s', '2027-06-01')" % MOVED)]
        for version in range(1, self.storm.clerk.moves + 2):
            told = of.get(("update", MOVED, str(version)), []) + of.get(("invitation", MOVED, str(version)), [])
            if told or version == self.storm.clerk.moves + 1:  # an event of an older version than the meeting's is nothing
                self.hold("letters of moves", members, told)
