"""Anonymous means that dumps of the store, whole, do not say who answered what (design, anonymous answers): participants
answer one by one, 5, 12 and 40 of them, through the web face; an attacker (support/attack.py) who has a dump of the night
before, one of the last hour and one after the closing does no better than guessing. With sealing switched off the same
attacker finds all of them."""
import collections
import os
import random
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import attack  # noqa: E402
from browser import Browser, settings  # noqa: E402
from instance import BUILD, SOURCE, Instance, eventually, free_port  # noqa: E402
from test_evaluation import Flow  # noqa: E402

EVALUATIONS = {40: ["N1-S1"], 12: ["N1-S2", "N2-S1"], 5: ["N2-S2", "N3-S1", "N3-S2", "N4-S1", "N5-S1"]}
FALSE_ALARM = 1e-5  # of the whole test, for each size


class Attack(Flow):
    preload = None

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.it = Instance(simulated=cls.start, durable=False, mail=True, settings=settings(cls.port, SOURCE + "/workers/web/static"))
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        for name in ("evaluation", "notifications"):
            cls.it.padriver("group", "add", name, "--from", "start")
        for name in ("evaluation", "notifications", "web"):
            if cls.preload:
                cls.it.environments[name] = {"LD_PRELOAD": cls.preload}
            cls.it.start(name)
        with open(cls.it.state + "/link.key", encoding="ascii") as file:
            cls.key = bytes.fromhex(file.read().strip())
        cls.browser = Browser(cls.port)
        cls.random = random.Random(2027)
        eventually(lambda: cls.opens("/"))

    @classmethod
    def opens(cls, path):
        try:
            return cls.browser.get(path).status == 200
        except OSError:
            return False

    def count(self, table, evaluation):
        return int(self.about(evaluation, "count(*) FROM evaluation." + table)[0][0])

    def answer_in_turn(self, evaluation, count):
        """So many answer, each with words of his or her own, in an order of nobody's choice; {person: words}, and dumps."""
        rows = self.about(evaluation, "person, id FROM evaluation.invitation", "true ORDER BY person")
        chosen = self.random.sample(rows, count)
        truth, dumps = {}, []
        for number, (person, invitation) in enumerate(chosen):
            if number == count // 2:
                dumps.append(attack.dump(self.query))  # the night before
            words = "ord %09d" % self.random.randrange(10**9)
            form = {"mode": "anonymous", "q12": words, **{"q%d" % n: str(self.random.randrange(6)) for n in range(1, 12)}}
            self.assertEqual(self.browser.post(urllib.parse.urlsplit(self.link(int(invitation))).path, form).status, 303)
            truth[int(person)] = words
        self.idle()
        dumps.append(attack.dump(self.query))
        return truth, dumps

    def attacked(self, size):
        """For each way, how many persons it links in all evaluations of the size."""
        found = collections.Counter()
        for evaluation in EVALUATIONS[size]:
            self.hold(evaluation)
            self.assertGreaterEqual(self.count("invitation", evaluation), size)
            truth, dumps = self.answer_in_turn(evaluation, size)
            self.pass_time(evaluation)
            dumps.append(attack.dump(self.query))
            self.assertEqual(self.count("box", evaluation), 0)
            found.update(attack.score(dumps, evaluation, truth))
        return found

    def least(self, size, ways):
        """How many must be linked to be no accident."""
        runs = len(EVALUATIONS[size])
        return next(n for n in range(size * runs + 2) if ways * attack.chance(size, runs, n) < FALSE_ALARM)


class Sealed(Attack):
    def check(self, size):
        found = self.attacked(size)
        way, best = found.most_common(1)[0]
        self.assertGreater(len(found), 100)
        self.assertLess(best, self.least(size, len(found)), way)

    def test_of_five(self):
        self.check(5)

    def test_of_twelve(self):
        self.check(12)

    def test_of_forty(self):
        self.check(40)


class Unsealed(Attack):
    preload = BUILD + "/tests/unsealed_preload.so"

    def test_without_seals_the_same_attacker_finds_everybody(self):
        for size, evaluations in EVALUATIONS.items():
            found = self.attacked(size)
            way, best = found.most_common(1)[0]
            self.assertEqual(best, size * len(evaluations), way)
            self.assertGreaterEqual(best, self.least(size, len(found)))


class Chance(unittest.TestCase):
    def test_it_is_what_guessing_gives(self):
        self.assertAlmostEqual(attack.chance(5, 1, 5), 1 / 120)
        self.assertAlmostEqual(attack.chance(5, 1, 0), 1)
        dice = random.Random(1)
        hits = [sum(a == b for a, b in enumerate(dice.sample(range(12), 12))) + sum(
            a == b for a, b in enumerate(dice.sample(range(12), 12))) for _ in range(20000)]
        for least in (2, 4, 6):
            self.assertAlmostEqual(attack.chance(12, 2, least), sum(h >= least for h in hits) / 20000, delta=0.02)


if __name__ == "__main__":
    unittest.main()
