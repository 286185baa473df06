"""Every statistic that is published is what Python makes of the answers: random histories of evaluations in every mode with
their follow-ups, some of them too small or opened together, changed wordings, municipalities, "don't know". As the command
says it, in JSON and rounded in tables: of sessions, networks, years, questions, goals and sub-goals.

SEED=n plays one history again, SEEDS=n more of them."""
import collections
import csv
import datetime
import io
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psycopg2  # noqa: E402
from command import Command  # noqa: E402
from expected import THRESHOLD, digits, municipalities, numbers, rated, weak, written  # noqa: E402
from test_growth import statement  # noqa: E402
from test_suppression import DAEMON, STATEMENTS, History  # noqa: E402

TABLES = "TRUNCATE evaluation.evaluation, evaluation.invitation, evaluation.submission, evaluation.result, evaluation.part CASCADE"


class Said(History):
    """A history that nobody looks at meanwhile, of whom some never answer."""

    def __init__(self, connection, seed):
        super().__init__(connection, seed)
        self.follows, self.held = {}, {}
        self.invited, self.tallies = collections.Counter(), {}

    def hold(self, network, session, mode, follows=None):
        self.follows[session] = follows
        super().hold(network, session, mode, follows)
        self.held[session] = datetime.date(2027, 1, 1) + datetime.timedelta(self.day)

    def answer(self, session, wave, count):
        super().answer(session, wave, count)
        silent = self.random.randrange(9)
        silent = silent if silent < 5 else 8 * silent  # few of them answer
        self.run("INSERT INTO evaluation.invitation SELECT n, %s, n, NULL, false FROM generate_series(%s + 1, %s + %s) n", session,
                 self.invitation, self.invitation, silent)
        self.invitation += silent
        self.invited[session] += count + silent
        self.invited[session, "answered"] += count

    def act(self, name, *values):
        super().act(name, *values)
        if name == "tally_set":
            self.tallies[values[1]] = values[0]

    def look(self):
        pass


class Expected:
    """What must be published of a history, computed from what was answered."""

    def __init__(self, said):
        self.said = said
        self.tallies = {tally: pool for tally, pool in said.tallies.items() if self.count([tally])[0] >= THRESHOLD}
        self.asked = {tally: {item for session in pool for item in said.sessions[session][2]} for tally, pool in self.tallies.items()}
        self.cells = {tally: self.find_cells(tally) for tally in self.tallies}
        self.editions = self.find_editions()

    def count(self, tallies):
        """How many answered, and were asked."""
        sessions = [session for tally in tallies for session in self.said.tallies[tally]]
        return sum(self.said.invited[s, "answered"] for s in sessions), sum(self.said.invited[s] for s in sessions)

    def find_cells(self, tally):
        """(municipality, question, version): values."""
        values = collections.defaultdict(lambda: collections.defaultdict(list))
        for group, counts in self.said.truth.items():
            if group.session in self.tallies[tally] and any(counts):
                values[group.question, group.version][group.town] += [v for v, n in zip([1, 2, 3, 4, 5, 0], counts) for _ in range(n)]
        cells = {}
        for item, towns in values.items():
            whole = [value for of in towns.values() for value in of]
            if len(rated(whole)) < THRESHOLD:
                continue
            cells[(None, *item)] = whole
            if self.said.sessions[tally][1] == "municipality":
                cells.update({(town, *item): of for town, of in municipalities(towns).items()})
        return cells

    def find_editions(self):
        """(tally, goal): which of the goal's wordings, in the order in which they came; none if a question has two."""
        wordings, editions = collections.defaultdict(list), {}
        for tally in sorted(self.tallies, key=self.said.held.get):
            for goal in {goal for item in self.asked[tally] for goal in item[2:] if goal}:
                wording = {item[:2] for item in self.asked[tally] if goal in item[2:]}
                if len(wording) == len({question for question, _ in wording}):
                    known = wordings[goal, bool(self.said.follows[tally])]
                    known += [wording] if wording not in known else []
                    editions[tally, goal] = known.index(wording) + 1
        return editions

    def questions(self, tallies):
        """(municipality, question, version): values."""
        found = collections.defaultdict(list)
        for tally in tallies:
            for cell, values in self.cells[tally].items():
                found[cell] += values
        return found

    def goals(self, tallies):
        """(municipality, goal, edition): values, a goal's with its sub-goals'."""
        found = collections.defaultdict(list)
        for tally in tallies:
            for (town, question, version), values in self.cells[tally].items():
                for goal in {goal for item in self.asked[tally] if item[:2] == (question, version) for goal in item[2:] if goal}:
                    if (tally, goal) in self.editions:
                        found[town, goal, self.editions[tally, goal]] += values
        return found

    def name(self, tally):
        return self.said.follows[tally] or tally

    def course(self, tallies):
        """(session, question, goal, version or edition): values, session by session."""
        found = {}
        for tally in tallies:
            found.update({(self.name(tally), question, None, version): of for (town, question, version), of in self.questions([tally]).items()
                          if town is None})
            found.update({(self.name(tally), None, goal, edition): of for (town, goal, edition), of in self.goals([tally]).items()
                          if town is None})
        return found

    def scopes(self):
        """The words of each report that can be asked for, and its tallies."""
        found = collections.defaultdict(list)
        for tally, pool in self.tallies.items():
            after = ("--follow-up",) if self.said.follows[tally] else ()
            network, year = ("--network", self.said.sessions[tally][0]), ("--year", str(self.said.held[tally].year))
            for words in (network, year, network + year, *(("--session", self.name(session)) for session in pool)):
                found[words + after].append(tally)
        return found


def rate_of(row):
    return row["answered"], row["invited"], row["weak"]


class Statistics(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.command = Command("2030-01-10T08:00:00Z")
        cls.addClassCleanup(cls.command.close)
        cls.connection = psycopg2.connect(cls.command.cluster.conninfo)
        cls.addClassCleanup(cls.connection.close)
        with cls.connection, cls.connection.cursor() as cursor:
            for name in STATEMENTS:
                cursor.execute("PREPARE %s%s AS %s" % (name, *statement(name, DAEMON)))
        cls.seen = collections.Counter()

    def play(self, seed):
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(TABLES)
            said = Said(self.connection, seed)
            said.play(10)
        return Expected(said)

    def same(self, rows, keys, expected):
        """Each expected statistic once, and nothing else."""
        found = [(tuple(row[key] for key in keys), {name: row[name] for name in ("n", "counts", "median", "mean", "share_4_5")}) for row in rows]
        self.assertEqual(dict(found), {key: numbers(values) for key, values in expected.items()})
        self.assertEqual(len(found), len(expected))
        self.seen["numbers"] += len(found)

    def check_report(self, expected, words, tallies):
        report = self.command.rows("evaluation", "report", *words)[0]
        questions, goals = expected.questions(tallies), expected.goals(tallies)
        self.same(report["questions"], ("municipality", "question", "version"), questions)
        self.same(report["goals"], ("municipality", "goal", "edition"), goals)
        course = {} if "--session" in words else expected.course(tallies)
        rows = [{"version": row.get("edition"), **row, "goal": None if row["question"] else row["goal"]} for row in report["course"]]
        self.same(rows, ("session", "question", "goal", "version"), course)
        self.assertEqual(rate_of(report), (*expected.count(tallies), weak(*expected.count(tallies))))
        self.assertEqual(report["response_rate"], digits(report["answered"] / report["invited"]))
        self.assertEqual({row["session"]: rate_of(row) for row in report["sessions"]},
                         {expected.name(tally): (*expected.count([tally]), weak(*expected.count([tally]))) for tally in tallies})
        self.check_table(words, questions, goals, course)
        self.note(questions, goals, tallies, expected)

    def check_table(self, words, questions, goals, course):
        """The same, rounded."""
        text = self.command.good("evaluation", "report", *words, "--csv").lstrip("\ufeff")
        rows = [list(row.values()) for row in csv.DictReader(io.StringIO(text), delimiter=";")]
        session = words[words.index("--session") + 1] if "--session" in words else "alle"
        towns = {None: "alle", "": "øvrige"}
        wanted = [[session, towns.get(town, town), kind, name, str(version), *written(values)]
                  for kind, found in (("mål", goals), ("spørsmål", questions)) for (town, name, version), values in found.items()]
        wanted += [[of, "alle", "spørsmål" if question else "mål", question or goal, str(version), *written(values)]
                   for (of, question, goal, version), values in course.items()]
        self.assertEqual(sorted(row[:5] + row[7:] for row in rows), sorted(wanted))

    def note(self, questions, goals, tallies, expected):
        """That there was something to find."""
        self.seen["towns"] += sum(bool(town) for town, _, _ in questions)
        self.seen["wordings"] += len({name for town, name, edition in goals if edition > 1 and (town, name, 1) in goals})
        self.seen["together"] += sum(len(expected.tallies[tally]) > 1 for tally in tallies)
        self.seen["unsure"] += sum(0 in values for values in questions.values())
        for answered, invited in map(expected.count, ([tally] for tally in tallies)):
            few, low = weak(answered, answered), answered >= 10 and weak(answered, invited)
            self.seen["few" if few else "low" if low else "strong"] += 1

    def check_results(self, expected, tally):
        """An evaluation by itself."""
        for session in expected.tallies[tally]:
            result = self.command.rows("evaluation", "results", session)[0]
            items = {"q%d" % (place + 1): expected.cells[tally].get((None, *item[:2]))
                     for place, item in enumerate(expected.said.sessions[session][2])}
            self.same([row for row in result["items"] if row["n"] is not None], ("item",), {(k,): v for k, v in items.items() if v})
            self.assertEqual({row["item"] for row in result["items"]}, set(items))
            self.same(result["goals"], ("goal",), {(goal,): of for (town, goal, _), of in expected.goals([tally]).items() if town is None})

    def test_R74_every_statistic_is_what_python_makes_of_the_answers(self):
        seeds = [int(os.environ["SEED"])] if "SEED" in os.environ else range(int(os.environ.get("SEEDS", 3)))
        for seed in seeds:
            with self.subTest(seed=seed):
                expected = self.play(seed)
                for words, tallies in expected.scopes().items():
                    with self.subTest(words=words):
                        self.check_report(expected, words, tallies)
                for tally in expected.tallies:
                    self.check_results(expected, tally)
                hidden = [session for session, of in expected.said.follows.items() if not of and
                          not any(session in pool for pool in expected.tallies.values())]
                for session in hidden:
                    self.assertEqual(self.command("evaluation", "report", "--session", session).code, 1)
                self.seen["hidden"] += len(hidden)
        if "SEED" not in os.environ:
            self.assertGreater(self.seen.pop("numbers"), 500)
            for what in ("towns", "wordings", "together", "unsure", "hidden", "few", "low", "strong"):
                self.assertGreater(self.seen[what], 1, what)


if __name__ == "__main__":
    unittest.main(verbosity=1)
