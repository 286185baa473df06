"""Anonymous means that dumps of the store, whole, do not say who answered what (design, anonymous answers): participants
answer one by one, 5, 12 and 40 of them, through the web face, and months later the same ones answer the follow-up. One or three
of them were asked late, when it was noted that they had been there after all. An attacker (support/attack.py) who has dumps of
the night before, of the last hour and from after the closing, of both, does no better than guessing: neither of who wrote what,
nor of which words of the follow-up are of whom who wrote what after the session, nor of those who were asked late. With sealing
switched off the same attacker finds all of them.

What is promised is that an answer may be of anybody who answered in the same tally, and these are at least as many persons as the
threshold: too few wait for others, also where only those asked late answered (test_evaluation.py). What is not promised, and is
in the dumps: who was asked and who late, who has answered, about when, and whether both times. Nor what no seal can hide: who
knows the answers of all others in a tally, as accomplices do, knows the last one, so that whoever ticks only accomplices and one
more has that one's answer; what all say alike, each has said; words may betray their writer; and who compares many sessions may
see that one opinion comes and goes with one participant."""
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

PLAYED = {"N1-S1": (40, 3), "N1-S2": (12, 1), "N2-S1": (12, 3), "N2-S2": (5, 1), "N3-S1": (5, 3), "N3-S2": (5, 1), "N4-S1": (5, 3),
          "N4-S2": (5, 3), "N5-S1": (5, 0), "N5-S2": (5, 1), "N6-S1": (5, 3)}  # how many answer, and how many of them were asked late
IN_SIGHT = (1, ("evaluation.box", "written together", None, 0), "in sight")
FALSE_ALARM = 1e-5  # of the whole test, for each of its verdicts
LEADER = "p001"  # may say of every session who was there


class Attack(Flow):
    """Plays them all, and says what the attacker found."""
    preload = None

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.it = Instance(simulated=cls.start, durable=False, mail=True, settings=settings(cls.port, SOURCE + "/workers/web/static"))
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        cls.it.psql("DELETE FROM register.membership m USING (SELECT network, person, row_number() OVER (PARTITION BY network ORDER BY "
                    "person) AS n FROM register.membership) x WHERE (x.network, x.person) = (m.network, m.person) AND x.n > "
                    "CASE m.network WHEN 'N1' THEN 43 WHEN 'N2' THEN 15 ELSE 8 END")  # some of them do not answer
        for name in ("evaluation", "notifications"):
            cls.it.padriver("group", "add", name, "--from", "start")
        for name in ("evaluation", "notifications", "web"):
            if cls.preload:
                cls.it.environments[name] = {"LD_PRELOAD": cls.preload}
            cls.it.start(name)
        with open(cls.it.state + "/link.key", encoding="ascii") as file:
            cls.key = bytes.fromhex(file.read().strip())
        cls.leader = cls.it.value("SELECT id FROM register.person WHERE code = '%s'" % LEADER)
        cls.browser = Browser(cls.port)
        cls.random = random.Random(2027)
        eventually(lambda: cls.opens("/"))

    @classmethod
    def opens(cls, path):
        try:
            return cls.browser.get(path).status == 200
        except OSError:
            return False

    def send(self, path, form):
        self.assertEqual(self.browser.post(path, form).status, 303)

    def tick(self, meeting, persons):
        """Notes on the page who was there."""
        path = "/held/%s.%d.%s" % (meeting, self.leader, self.mac("held/%s/%d" % (meeting, self.leader)))
        shown = self.browser.get(path).fields["shown"]
        self.send(path, {"what": "attend", "shown": shown, **{"there-%d" % person: "on" for person in persons}})

    def invited(self):
        return dict(self.query("SELECT evaluation, count(*) FROM evaluation.invitation GROUP BY 1"))

    def write(self, chosen):
        """They answer one by one, in an order of nobody's choice, with words of their own. chosen: {evaluation: persons}."""
        links = {(row[0], int(row[1])): self.link(int(row[2])) for row in self.query(
            "SELECT evaluation, person, id FROM evaluation.invitation")}
        scales = dict(self.query("SELECT evaluation, count(*) FROM evaluation.asked WHERE kind = 'scale' GROUP BY 1"))
        everybody = [(evaluation, person) for evaluation, persons in chosen.items() for person in persons]
        for evaluation, person in self.random.sample(everybody, len(everybody)):
            words, last = "ord %09d" % self.random.randrange(10**9), int(scales[evaluation])
            form = {"q%d" % n: str(self.random.randrange(6)) for n in range(1, last + 1)}
            self.send(urllib.parse.urlsplit(links[evaluation, person]).path, {"mode": "anonymous", "q%d" % (last + 1): words, **form})
            self.truth[evaluation][person] = words
        self.idle()

    def take_dump(self):
        self.dumps.append(attack.dump(self.query))

    def close(self, evaluations):
        self.jump(max(self.moment("closes_at", "evaluation.evaluation", evaluation) for evaluation in evaluations))
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["0"]])
        self.query("SELECT evaluation.release_words(array_agg(x.words_id), 'person/%d', '2027-01-04') FROM (SELECT w.tally, w.words_id, "
                   "row_number() OVER (PARTITION BY w.tally ORDER BY w.words_id) AS n FROM evaluation.written w) x WHERE x.n %% 2 = 1 "
                   "GROUP BY x.tally" % self.leader)  # every other one

    def play_sessions(self):
        """Some were there, as is noted only when others have answered; {session: who was}."""
        self.jump([self.schedule(meeting) for meeting in PLAYED][-1])
        early, rest, called, late = {}, {}, {}, {}
        for meeting, (size, many) in PLAYED.items():
            called[meeting] = [int(row[0]) for row in self.query("SELECT person FROM plan.called('%s') ORDER BY 1" % meeting)]
            self.random.shuffle(called[meeting])
            late[meeting], there = called[meeting][:many], called[meeting][many:]
            night = min(size // 2, size - many)
            early[meeting], rest[meeting] = there[:night], there[night:size - many] + late[meeting]
            self.tick(meeting, there)
            self.it.padriver("plan", "held", meeting)
        self.idle()
        self.assertEqual(self.invited(), {meeting: str(len(called[meeting]) - many) for meeting, (_, many) in PLAYED.items()})
        self.write(early)
        self.take_dump()  # the night before
        for meeting in PLAYED:
            self.tick(meeting, called[meeting])
        self.idle()
        self.assertEqual(self.invited(), {meeting: str(len(persons)) for meeting, persons in called.items()})
        self.write(rest)
        self.take_dump()
        self.close(PLAYED)
        self.take_dump()
        return late

    def play_follow_ups(self):
        """The same ones answer."""
        self.jump(max(self.moment("t.due", "(SELECT due, name AS id FROM log.timer) t", "follow-up " + meeting) for meeting in PLAYED))
        halves = {}, {}
        for meeting, (size, _) in PLAYED.items():
            persons = self.random.sample(list(self.truth[meeting]), size)
            halves[0][meeting + ".bruk"], halves[1][meeting + ".bruk"] = persons[:size // 2], persons[size // 2:]
        for half in halves:
            self.write(half)
            self.take_dump()
        self.close(halves[0])
        self.take_dump()

    def verdicts(self):
        """{what was attacked: ({way: how many it links}, groups for attack.chance)}"""
        self.truth, self.dumps = collections.defaultdict(dict), []
        late = self.play_sessions()
        self.play_follow_ups()
        found, groups = collections.defaultdict(collections.Counter), collections.defaultdict(list)

        def judge(name, matched, truth, size):
            found[name].update(attack.score(matched, truth))
            groups[name].append((size, len(truth)))

        for meeting, (size, _) in PLAYED.items():
            both, told = (meeting, meeting + ".bruk"), []
            for name, evaluations in (("session", both), ("follow-up", both[::-1])):
                said = self.truth[evaluations[0]]
                told.append((dict(attack.ways(self.dumps, evaluations, set(said.values()))), set(said.values())))
                judge("%d, %s" % (size, name), told[-1][0], said, size)
                judge("late, " + name, told[-1][0], {person: said[person] for person in late[meeting]}, size)
            judge("%d, from one to the other" % size, attack.ways_between(self.dumps, *told),
                  {words: self.truth[both[1]][person] for person, words in self.truth[both[0]].items()}, size)
        return {name: (found[name], groups[name]) for name in found}

    def least(self, groups, ways):
        """How many must be linked to be no accident."""
        return next(n for n in range(sum(many for _, many in groups) + 2) if ways * attack.chance(groups, n) < FALSE_ALARM)


class Sealed(Attack):
    def test_the_attacker_guesses(self):
        for name, (found, groups) in self.verdicts().items():
            with self.subTest(name):
                way, best = max(found.items(), key=lambda item: item[1])
                least = self.least(groups, len(found))
                self.assertGreater(len(found), 100)
                self.assertLess(best, least, way)
                self.assertLessEqual(least, sum(many for _, many in groups))  # who finds all is found out


class Unsealed(Attack):
    preload = BUILD + "/tests/unsealed_preload.so"

    def test_without_seals_the_same_attacker_finds_everybody(self):
        for name, (found, groups) in self.verdicts().items():
            with self.subTest(name):
                way = IN_SIGHT if IN_SIGHT in found else ("through persons", IN_SIGHT)
                self.assertEqual(found[way], sum(many for _, many in groups))
                self.assertGreaterEqual(found[way], self.least(groups, len(found)))


class Chance(unittest.TestCase):
    def test_it_is_what_guessing_gives(self):
        self.assertAlmostEqual(attack.chance([(5, 5)], 5), 1 / 120)
        self.assertAlmostEqual(attack.chance([(5, 5)], 0), 1)
        dice = random.Random(1)
        hits = [sum(a == b for a, b in enumerate(dice.sample(range(12), 12))) + sum(
            a == b for a, b in enumerate(dice.sample(range(12), 12))) for _ in range(20000)]
        for least in (2, 4, 6):
            self.assertAlmostEqual(attack.chance([(12, 12), (12, 12)], least), sum(h >= least for h in hits) / 20000, delta=0.02)

    def test_of_some_among_others(self):
        self.assertAlmostEqual(attack.chance([(5, 3), (12, 1)], 4), 1 / (5 * 4 * 3) / 12)
        dice = random.Random(1)
        hits = [sum(a == b for a, b in enumerate(dice.sample(range(5), 3))) for _ in range(20000)]
        for least in (0, 1, 2, 3):
            self.assertAlmostEqual(attack.chance([(5, 3)], least), sum(h >= least for h in hits) / 20000, delta=0.02)


if __name__ == "__main__":
    unittest.main()
