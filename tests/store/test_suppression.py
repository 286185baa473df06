"""Nothing that is hidden follows from all that was ever published together: random histories of evaluations with 0 to 36
answers and their follow-ups, too few that wait for company, municipalities, changed wordings, and everybody who looked after
each step. The attack finds what is hidden as soon as a rule is broken on purpose. It reckons with sums and differences, and
with counts being whole numbers.

SEED=n plays one history again, SEEDS=n more of them."""
import collections
import os
import random
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psycopg2.extras  # noqa: E402
from cluster import Cluster  # noqa: E402
from deduction import Deduction  # noqa: E402
from test_growth import SOURCE, statement  # noqa: E402

THRESHOLD = 5
TOWNS = ["drammen"] * 9 + ["kongsberg"] * 5 + ["modum"] * 3 + ["flesberg"]  # by how many answer
MIGRATION = "schemas/sql/0025_evaluation_results.sql"
DAEMON = "workers/evaluation/evaluation.sql"
STATEMENTS = ["evaluation_close", "submissions_count", "parts_count", "results_add", "tally_set"]

Group = collections.namedtuple("Group", "session town question version wave")
Seen = collections.namedtuple("Seen", "scope subject town question version goal edition counts")


def view(name, changed=("", "")):
    """A view as the migration makes it, with something changed."""
    with open(os.path.join(SOURCE, MIGRATION), encoding="utf-8") as file:
        text = re.search(r"^CREATE (VIEW evaluation\.%s AS\n.*?;)$" % name, file.read(), re.M | re.S).group(1)
    assert changed[0] in text
    return "CREATE OR REPLACE " + text.replace(*changed)


class History:
    """What happens to some sessions, as the daemon writes it, with the daemon's statements."""

    def __init__(self, connection, seed, shown_while_open=False):
        self.random = random.Random(seed)
        self.cursor = connection.cursor()
        self.shown_while_open = shown_while_open
        self.truth = {}     # group: counts of 1 to 5 and "don't know"
        self.sessions = {}  # id: network, mode, year, items
        self.waiting = collections.defaultdict(dict)
        self.known = Deduction()
        self.day = 0
        self.invitation = 0
        self.towns = set()  # those shown by themselves
        subs = ("N1-a", "N1-b", "N2-a", "N2-b")
        for question in ["overall", "used"] + ["%s/%s" % (of, sub) for of in ("sub_goal", "used_goal") for sub in subs]:
            for version in (1, 2):
                self.run("INSERT INTO evaluation.question VALUES (%s, %s, 'scale', 1, 'x', 'x', 'x') ON CONFLICT DO NOTHING", question,
                         version)

    def run(self, sql, *values):
        self.cursor.execute(sql, values)
        return self.cursor.fetchall() if self.cursor.description else []

    def act(self, name, *values):
        """A statement of the daemon."""
        self.run("EXECUTE %s (%s)" % (name, ", ".join(["%s"] * len(values))), *values)

    def play(self, sessions=8):
        for number in range(sessions):
            network = "N%d" % self.random.choice([1, 1, 2])
            session = "%s-S%d" % (network, number)
            mode = self.random.choice(["anonymous", "anonymous", "municipality", "named"])
            self.hold(network, session, mode)
            if self.random.random() < 0.5:
                self.hold(network, session + ".bruk", mode, session)

    def hold(self, network, session, mode, follows=None):
        """A session, or its follow-up, from its opening to its closing."""
        self.day += self.random.randrange(20, 120)
        self.run("INSERT INTO evaluation.evaluation (id, network, mode, opened_at, closes_at, public_key, follows) VALUES "
                 "(%s, %s, %s, date '2027-01-01' + %s, date '2027-01-11' + %s, decode(repeat('00', 32), 'hex'), %s)",
                 session, network, mode, self.day, self.day, follows)
        items = [("used" if follows else "overall", 1, network, None)]
        items += [("%s/%s-%s" % ("used_goal" if follows else "sub_goal", network, sub), 2 if self.random.random() < 0.2 else 1, network + "-" + sub, network)
                  for sub in "ab" if self.random.random() < 0.9]
        for place, item in enumerate(items):
            self.run("INSERT INTO evaluation.item VALUES (%s, %s, DEFAULT, %s, %s, %s, %s)", session, place + 1, *item)
        self.sessions[session] = (network, mode, items)
        for wave in range(2):
            self.answer(session, wave, self.random.randrange(7) * (3 if mode == "municipality" else 1))
            self.look()
        self.close(session)
        self.look()

    def answer(self, session, wave, count):
        _, mode, items = self.sessions[session]
        for _ in range(count):
            self.invitation += 1
            self.run("INSERT INTO evaluation.invitation VALUES (%s, %s, %s, NULL, true)", self.invitation, session, self.invitation)
            town = self.random.choice(TOWNS) if mode == "municipality" else ""
            given = {}
            for place, (question, version, _, _) in enumerate(items):
                counts = self.truth.setdefault(Group(session, town, question, version, wave), [0] * 6)
                if self.random.random() < 0.85:
                    value = self.random.choice([0, 0, 0, 1, 2, 3, 4, 5])
                    counts[value - 1] += 1
                    given["q%d" % (place + 1)] = value
            if mode != "anonymous":
                self.run("INSERT INTO evaluation.submission (evaluation, municipality, answer) VALUES (%s, %s, %s)", session,
                         town or None, psycopg2.extras.Json(given))
        if mode != "anonymous":
            self.act("submissions_count", session)
            if self.shown_while_open:
                self.run("UPDATE evaluation.evaluation e SET tally = id, answered = (SELECT count(*) FROM evaluation.invitation i "
                         "WHERE i.evaluation = e.id), invited = 99 WHERE id = %s", session)

    def close(self, session):
        network, mode, _ = self.sessions[session]
        self.act("evaluation_close", session)
        pool = [session]
        if mode == "anonymous":
            waiting = self.waiting[network, session.endswith(".bruk")]
            waiting[session] = self.answered(session)
            if waiting[session] < THRESHOLD:
                pool = list(waiting)
                if sum(waiting.values()) < THRESHOLD:
                    return
            for member in pool:
                del waiting[member]
            self.count(session, pool)
        else:
            self.act("submissions_count", session)
            if mode == "municipality":
                self.act("parts_count", session)
        self.act("tally_set", pool, session)

    def answered(self, session):
        return self.run("SELECT answered FROM evaluation.evaluation WHERE id = %s", session)[0][0]

    def count(self, tally, pool):
        """What the daemon does with opened boxes."""
        goals = {(item[0], item[1]): item[2] for member in pool for item in self.sessions[member][2]}
        rows = [(group.question, group.version, goals[group.question, group.version], (place + 1) % 6)
                for group, counts in self.truth.items() if group.session in pool
                for place, many in enumerate(counts) for _ in range(many)]
        if rows:
            self.act("results_add", tally, *map(list, zip(*rows)))

    # What everybody sees.

    def look(self):
        """Learns all that is published now. A row is about what is published of its parts, or else about all of them."""
        reports = collections.defaultdict(dict)
        for scope, subject, tally, sessions, answered in self.run("SELECT scope, subject, tally, sessions, answered FROM evaluation.report"):
            assert answered >= THRESHOLD
            reports[scope, subject][tally] = sessions
        seen = [Seen(*row) for row in self.run(
            "SELECT scope, subject, municipality, question, version, goal, NULL, counts FROM evaluation.report_question UNION ALL "
            "SELECT scope, subject, municipality, NULL, NULL, goal, edition, counts FROM evaluation.report_goal")]
        cells, editions = self.cells(seen, reports), {}
        for row in seen:
            if row.scope == "session" and row.edition:
                for tally in reports["session", row.subject]:
                    editions[tally, row.goal] = row.edition
        for row in seen:
            published = [groups for (tally, town, question, version), groups in cells.items()
                         if tally in reports[row.scope, row.subject] and town == row.town and
                         self.is_about(row, tally, question, version, editions)]
            self.learn(row, frozenset().union(*published), self.everything)

    def cells(self, seen, reports):
        """The cells of each tally, and which groups they are of."""
        cells, towns = {}, collections.defaultdict(set)
        for row in (row for row in seen if row.scope == "session" and row.question):
            (tally, sessions), = reports["session", row.subject].items()
            cells[tally, row.town, row.question, row.version] = sessions
            towns[tally, row.question, row.version].add(row.town)
            self.towns.add((tally, row.town))
        return {(tally, town, question, version): frozenset(
                    g for g in self.truth if g.session in sessions and (g.question, g.version) == (question, version) and
                    (town is None or g.town == town or town == "" and g.town not in towns[tally, question, version]))
                for (tally, town, question, version), sessions in cells.items()}

    @staticmethod
    def is_about(row, tally, question, version, editions):
        if row.question:
            return (question, version) == (row.question, row.version)
        inside = row.goal in question or "-" not in row.goal and (question in ("overall", "used") or row.goal + "-" in question)
        return inside and editions.get((tally, row.goal)) == row.edition

    def everything(self, row):
        """All that was counted of a network, whatever is published of it."""
        counted = {session for session, in self.run("SELECT id FROM evaluation.evaluation WHERE tally IS NOT NULL")}
        return frozenset(g for g in self.truth if g.session in counted and self.sessions[g.session][0] == row.subject and
                         (g.question, g.version) == (row.question, row.version) and row.town is None)

    def learn(self, row, published, everything):
        for groups in (published, everything(row)) if row.scope == "network" else (published,):
            if [sum(self.truth[g][k] for g in groups) for k in range(6)] == row.counts:
                self.known.learn(groups)
                return
        raise AssertionError("what is this the sum of? %s" % (row,))

    def found(self):
        return self.known.small(THRESHOLD, lambda g: sum(self.truth[g][:5]), lambda g: sum(self.truth[g]),
                                lambda g: (g.question, g.version))

    def pinned(self):
        """Hidden counts that follow in whole numbers for somebody who also knows how many answered each evaluation."""
        limits = [(frozenset(g for g in self.truth if (g.session, g.question, g.version) == cell), self.answered(cell[0]))
                  for cell in {(g.session, g.question, g.version) for g in self.truth}]
        return self.known.pinned(THRESHOLD, self.truth.get, lambda g: (g.session, g.town, g.question, g.version), limits)


class Suppression(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(durable=False)
        cls.addClassCleanup(cls.cluster.close)
        cls.connection = psycopg2.connect(cls.cluster.conninfo)
        cls.addClassCleanup(cls.connection.close)
        with cls.connection, cls.connection.cursor() as cursor:
            cursor.execute("SET jit = off")
            for name in STATEMENTS:
                cursor.execute("PREPARE %s%s AS %s" % (name, *statement(name, DAEMON)))

    def play(self, seed, broken=(), **rules):
        """A history that leaves nothing behind."""
        try:
            with self.connection.cursor() as cursor:
                for sql in broken:
                    cursor.execute(sql)
            history = History(self.connection, seed, **rules)
            history.play()
            history.certain = [] if broken or rules else history.pinned()
            return history
        finally:
            self.connection.rollback()

    def seeds(self):
        return [int(os.environ["SEED"])] if "SEED" in os.environ else range(int(os.environ.get("SEEDS", 15)))

    def test_nothing_hidden_follows_from_all_that_was_published(self):
        learned = hidden = towns = later = 0
        for seed in self.seeds():
            with self.subTest(seed=seed):
                history = self.play(seed)
                small, complete = history.found()
                self.assertEqual(small, [])
                self.assertEqual(history.certain, [])
                self.assertTrue(complete)
                for row in history.known.rows:  # no number is of sessions and of follow-ups
                    self.assertEqual(len({group.session.endswith(".bruk") for group in row}), 1)
                learned += len(history.known.rows)
                later += sum(all(group.session.endswith(".bruk") for group in row) for row in history.known.rows)
                towns += sum(bool(town) for _, town in history.towns)
                hidden += len(set(history.truth) - set().union(*history.known.rows))
        if "SEED" not in os.environ:
            self.assertGreater(learned, 100)
            self.assertGreater(hidden, 100)
            self.assertGreater(towns, 10)
            self.assertGreater(later, 20)

    def test_who_only_did_not_know_is_no_group_alone(self):
        towns = {"drammen": [0, 0, 0, 3, 3, 0], "modum": [0, 0, 0, 3, 2, 0], "flesberg": [0, 0, 0, 0, 0, 2]}
        with self.connection.cursor() as cursor:
            cursor.execute("INSERT INTO evaluation.evaluation (id, network, mode, state, opened_at, closes_at, public_key, tally, invited, "
                           "answered) VALUES ('N1-S1', 'N1', 'municipality', 'closed', '2027-01-01', '2027-01-11', "
                           "decode(repeat('00', 32), 'hex'), 'N1-S1', 20, 13)")
            cursor.execute("INSERT INTO evaluation.result VALUES ('N1-S1', 'overall', 1, 'N1', '{0,0,0,6,5,2}')")
            for town, counts in towns.items():
                cursor.execute("INSERT INTO evaluation.part VALUES ('N1-S1', 'overall', 1, 'N1', %s, %s)", (town, counts))
            cursor.execute("SELECT municipality, counts FROM evaluation.cell WHERE municipality IS NOT NULL ORDER BY 1")
            self.assertEqual(cursor.fetchall(), [("", [0, 0, 0, 3, 2, 2]), ("drammen", [0, 0, 0, 3, 3, 0])])
        self.connection.rollback()

    def learned(self, counts, *rows, limits=()):
        """What follows from rows about groups: by sums and differences, and in whole numbers."""
        known = Deduction()
        for row in rows:
            known.learn(row)
        small, _ = known.small(THRESHOLD, lambda g: sum(counts[g][:5]), lambda g: sum(counts[g]), lambda g: "")
        return small, known.pinned(THRESHOLD, counts.get, lambda g: g, [(frozenset(of), most) for of, most in limits])

    def test_whole_numbers_tell_more_than_sums(self):
        counts = {"a": [0, 0, 0, 3, 3, 0], "b": [0, 0, 0, 1, 1, 0], "c": [2, 0, 0, 1, 1, 0]}
        small, pinned = self.learned(counts, "ab", "bc")
        self.assertEqual(small, [])
        self.assertEqual(pinned, [({"c"}, 0)])  # a and b have no "1"
        counts["b"][0] = 1
        self.assertEqual(self.learned(counts, "ab", "bc"), ([], []))
        counts = {"a": [0, 0, 0, 0, 4, 0], "b": [2, 0, 0, 0, 0, 0], "c": [0, 0, 0, 0, 1, 0]}  # six of whom two said "1"
        self.assertEqual(self.learned(counts, "abc"), ([], []))
        self.assertEqual(self.learned(counts, "abc", limits=[("a", 4), ("b", 2)]), ([], []))
        self.assertEqual(self.learned(counts, "abc", limits=[("a", 4), ("b", 2), ("c", 1), ("ac", 5)]), ([], []))

    def check_found(self, *broken, **rules):
        found = sum(bool(self.play(seed, broken, **rules).found()[0]) for seed in range(8))
        self.assertGreater(found, 1)

    def test_it_would_follow_from_totals_over_everything(self):
        self.check_found(
            "ALTER VIEW evaluation.report_question RENAME TO honest",
            "CREATE VIEW evaluation.report_question AS SELECT scope, subject, municipality, question, version, goal, counts "
            "FROM evaluation.honest WHERE scope <> 'network' UNION ALL "
            "SELECT 'network', e.network, NULL, r.question, r.version, min(r.goal), ARRAY[sum(counts[1]), sum(counts[2]), "
            "sum(counts[3]), sum(counts[4]), sum(counts[5]), sum(counts[6])]::int[] FROM evaluation.result r "
            "JOIN evaluation.evaluation e ON e.id = r.tally WHERE e.tally = e.id GROUP BY e.network, r.question, r.version")

    def test_it_would_follow_from_municipalities_whose_rest_is_too_small(self):
        self.check_found(view("cell", ("OR j.smallest AND j.rest_answered > 0 AND j.rest_rated < j.threshold", "")))

    def test_it_would_follow_from_two_looks_while_answers_come(self):
        self.check_found("ALTER TABLE evaluation.evaluation DROP CONSTRAINT tallied_when_closed",
                         "ALTER TABLE evaluation.evaluation DROP CONSTRAINT counted_when_closed", shown_while_open=True)


if __name__ == "__main__":
    unittest.main(verbosity=1)
