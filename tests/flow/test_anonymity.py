"""Anonymous means that dumps of the store, whole, do not say who answered what (design, anonymous answers): participants
answer one by one in the course of days, 5, 12 and 40 of them, through the web face, in 6 to 900 letters, and months later the
same ones answer the follow-up. One or three of them were asked late, when it was noted that they had been there after all; of
one session they are contacts of their municipalities, too, and sign in when they answer. An attacker (support/attack.py) who has
dumps of the night before, of the last hour and from after the closing, of both, does no better than guessing: neither of who
wrote what, nor of which words of the follow-up are of whom who wrote what after the session, nor of those who were asked late,
nor of which words those wrote who had answered by the night before. With sealing switched off the same attacker finds all of
them, also where only the shuffling is; and finds what is added to the rows of the dumps: a time, an order, a number, a length.

What is promised is that an answer may be of anybody who answered in the same tally, and these are at least as many persons as the
threshold: too few wait for others, also where only those asked late answered (test_evaluation.py). What is not promised, and is
in the dumps: who was asked and who late, who has answered, about when, and whether both times. Nor what no seal can hide: who
knows the answers of all others in a tally, as accomplices do, knows the last one, so that whoever ticks only accomplices and one
more has that one's answer; what all say alike, each has said; words may betray their writer; and who compares many sessions may
see that one opinion comes and goes with one participant."""
import collections
import datetime
import os
import random
import string
import sys
import types
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
SIGN_IN = "N2-S1"  # who answer this sign in, and do so last, one soon after the other
BOTH = (SIGN_IN, SIGN_IN + ".bruk")
INVITED, BOXED = (attack.INVITATIONS, None, None, 0), ("evaluation.box", "written together", None, 0)
IN_SIGHT, IN_ORDER = (1, BOXED, "in sight"), (1, BOXED, "key", ("answer", "place"))
FALSE_ALARM = 1e-5  # of the whole test, for each of its verdicts
LEADER = "p001"  # may say of every session who was there
LEAKS = {  # what finds them, if rows held more than they do
    (1, INVITED, "spent_at", ("answer", "written_at")): lambda x: (x.invitation.update(spent_at=x.at), x.answer.update(written_at=x.at)),
    (1, ("web.session", None, None, None), "begun_at", ("answer", "written_at"), "near"): lambda x: x.answer.update(written_at=x.at),
    (1, INVITED, "xmin", ("answer", "xmin")): lambda x: x.answer.update(xmin=x.number),
    (1, INVITED, "xmin", ("answer", "number"), "backwards"): lambda x: x.answer.update(number=-x.number),
    (1, INVITED, "token", ("answer", "token"), "equal"): lambda x: [row.update(token=hash(x.at)) for row in (x.invitation, x.answer)],
    (1, BOXED, "length of sealed", ("answer", "length of words")): lambda x: x.box.update(sealed="\\x" + "00" * len(x.answer["words"])),
    ("late", ("answer", "number"), "at the end"): lambda x: x.answer.update(number=x.person if x.late else 0)}


class Attack(Flow):
    """Plays them all, and says what the attacker found."""
    played, sizes, preload = PLAYED, range(6, 901), None

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.it = Instance(simulated=cls.start, durable=False, mail=True, settings=settings(cls.port, SOURCE + "/workers/web/static"))
        cls.it.padriver("import", "--yes", SOURCE + "/deploy/sample")
        cls.it.psql("DELETE FROM register.membership m USING (SELECT network, person, row_number() OVER (PARTITION BY network ORDER BY "
                    "person) AS n FROM register.membership) x WHERE (x.network, x.person) = (m.network, m.person) AND x.n > "
                    "CASE m.network WHEN 'N1' THEN 43 WHEN 'N2' THEN 15 ELSE 8 END")  # some of them do not answer
        cls.it.psql("INSERT INTO register.contact (municipality, person, role, valid_from) SELECT p.municipality, p.id, 'contact', "
                    "'2026-01-01' FROM register.membership m JOIN register.person p ON p.id = m.person WHERE m.network = '%s' "
                    "ON CONFLICT DO NOTHING" % SIGN_IN.split("-")[0])
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
        cls.truth, cls.at, cls.dumps, cls.late, cls.early = collections.defaultdict(dict), {}, [], {}, {}
        eventually(lambda: cls.opens("/"))

    def setUp(self):
        if not self.dumps:
            self.play_sessions()
            self.play_follow_ups()

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

    def pass_minutes(self, most):
        self.now += datetime.timedelta(minutes=self.random.randint(1, most))
        self.it.padriver("clock", "jump", self.now.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def sign_in(self, person):
        browser = Browser(self.port)
        (address,), = self.query("SELECT email FROM register.person WHERE id = %d" % person)
        self.assertEqual(browser.post("/sign-in", {"address": address}).status, 200)
        number = self.it.value("SELECT id FROM web.waiting WHERE person = %d ORDER BY expires_at DESC LIMIT 1" % person)
        self.assertEqual(browser.post("/sign-in/%d.%s" % (number, self.mac("sign-in/%d" % number)), {}).status, 303)

    def write(self, chosen, minutes):
        """They answer one by one, in an order of nobody's choice, with words of their own, so many minutes apart at most.
        chosen: {evaluation: persons}."""
        links = {(row[0], int(row[1])): self.link(int(row[2])) for row in self.query(
            "SELECT evaluation, person, id FROM evaluation.invitation")}
        scales = dict(self.query("SELECT evaluation, count(*) FROM evaluation.asked WHERE kind = 'scale' GROUP BY 1"))
        everybody = [(evaluation, person) for evaluation, persons in chosen.items() for person in persons]
        self.now = datetime.datetime.fromisoformat(self.it.padriver("clock", "show", json=True)[0]["now_at"])
        for evaluation, person in sorted(self.random.sample(everybody, len(everybody)), key=lambda one: one[0] == SIGN_IN):
            words = "".join(self.random.choices(string.ascii_lowercase, k=self.random.choice(self.sizes)))
            last = int(scales[evaluation])
            form = {"q%d" % n: str(self.random.randrange(6)) for n in range(1, last + 1)}
            self.pass_minutes(minutes)
            if evaluation == SIGN_IN:
                self.sign_in(person)
            self.send(urllib.parse.urlsplit(links[evaluation, person]).path, {"mode": "anonymous", "q%d" % (last + 1): words, **form})
            self.truth[evaluation][person], self.at[words] = words, self.now.isoformat()
        self.idle()

    def take_dump(self):
        self.dumps.append(attack.dump(self.query))

    def go_to_closing(self, evaluations, before=""):
        self.jump(min(self.moment("closes_at " + before, "evaluation.evaluation", evaluation) for evaluation in evaluations))

    def write_by_night(self, chosen):
        """They answer in the course of a week."""
        self.write(chosen, 240)
        self.go_to_closing(chosen, "- interval '12 hours'")
        self.take_dump()

    def write_to_the_end(self, chosen):
        """They answer on the last day."""
        self.go_to_closing(chosen, "- interval '6 hours'")
        self.write(chosen, 4)
        self.go_to_closing(chosen, "- interval '1 hour'")
        self.take_dump()
        self.go_to_closing(chosen)
        self.assertEqual(self.query("SELECT count(*) FROM evaluation.box"), [["0"]])
        self.query("SELECT evaluation.release_words(array_agg(x.words_id), 'person/%d', '2027-01-04') FROM (SELECT w.tally, w.words_id, "
                   "row_number() OVER (PARTITION BY w.tally ORDER BY w.words_id) AS n FROM evaluation.written w) x WHERE x.n %% 2 = 1 "
                   "GROUP BY x.tally" % self.leader)  # every other one
        self.take_dump()

    def play_sessions(self):
        """Some were there, as is noted only when others have answered."""
        self.jump([self.schedule(meeting) for meeting in self.played][-1])
        rest, called = {}, {}
        for meeting, (size, many) in self.played.items():
            called[meeting] = [int(row[0]) for row in self.query("SELECT person FROM plan.called('%s') ORDER BY 1" % meeting)]
            self.random.shuffle(called[meeting])
            self.late[meeting], there = called[meeting][:many], called[meeting][many:]
            night = min(size // 2, size - many)
            self.early[meeting], rest[meeting] = there[:night], there[night:size - many] + self.late[meeting]
            self.tick(meeting, there)
            self.it.padriver("plan", "held", meeting)
        self.idle()
        self.assertEqual(self.invited(), {meeting: str(len(called[meeting]) - many) for meeting, (_, many) in self.played.items()})
        self.write_by_night(self.early)
        for meeting in self.played:
            self.tick(meeting, called[meeting])
        self.idle()
        self.assertEqual(self.invited(), {meeting: str(len(persons)) for meeting, persons in called.items()})
        self.write_to_the_end(rest)

    def play_follow_ups(self):
        """The same ones answer."""
        self.jump(max(self.moment("t.due", "(SELECT due, name AS id FROM log.timer) t", "follow-up " + meeting) for meeting in self.played))
        halves = {}, {}
        for meeting, (size, _) in self.played.items():
            persons = self.random.sample(list(self.truth[meeting]), size)
            halves[0][meeting + ".bruk"], halves[1][meeting + ".bruk"] = persons[:size // 2], persons[size // 2:]
        self.early.update(halves[0])
        self.write_by_night(halves[0])
        self.write_to_the_end(halves[1])

    def verdicts(self):
        """{what was attacked: ({way: how many it links}, groups for attack.chance)}"""
        found, groups = collections.defaultdict(collections.Counter), collections.defaultdict(list)

        def judge(name, matched, truth, group):
            found[name].update(attack.score(matched, truth))
            groups[name].append(group)

        for meeting, (size, many) in self.played.items():
            both, told = (meeting, meeting + ".bruk"), []
            for name, evaluations in (("session", both), ("follow-up", both[::-1])):
                said, early = self.truth[evaluations[0]], self.early[evaluations[0]]
                words = set(said.values())
                told.append((dict(attack.ways(self.dumps, evaluations, words)), words))
                judge("%d, %s" % (size, name), told[-1][0], said, attack.linked(size, size))
                judge("late, " + name, told[-1][0], {person: said[person] for person in self.late[meeting]}, attack.linked(size, many))
                judge("early, " + name, dict(attack.early(self.dumps, evaluations, words)), {said[person]: True for person in early},
                      attack.parted(size, len(early)))
            judge("%d, from one to the other" % size, attack.ways_between(self.dumps, *told),
                  {words: self.truth[both[1]][person] for person, words in self.truth[both[0]].items()}, attack.linked(size, size))
        return {name: (found[name], groups[name]) for name in found}

    def least(self, groups, ways):
        """How many must be found to be no accident."""
        return next(n for n in range(self.most(groups) + 2) if ways * attack.chance(groups, n) < FALSE_ALARM)

    def most(self, groups):
        return sum(len(group) - 1 for group in groups)

    def check_found(self, found, groups, way):
        """The way, or what it says of both, finds everybody."""
        way = way if way in found else ("through persons", way)
        self.assertEqual(found[way], self.most(groups))
        self.assertGreaterEqual(found[way], self.least(groups, len(found)))


class Sealed(Attack):
    def test_the_attacker_guesses(self):
        for name, (found, groups) in self.verdicts().items():
            with self.subTest(name):
                way, best = max(found.items(), key=lambda item: item[1])
                least = self.least(groups, len(found))
                self.assertLess(best, least, way)
                self.assertLessEqual(least, self.most(groups))  # who finds all is found out

    def test_all_that_there_is_is_tried(self):
        tried = [way for way in self.ways(self.dumps) if way[0] != "late"]
        self.assertLessEqual({"evaluation.invitation", "evaluation.box", "plan.attendance", "notice.letter", "log.event_0", "web.session",
                              "web.sign_in"}, {way[1][0] for way in tried})
        self.assertLessEqual({"xmin", "place", "key", "position", "begun_at", "expires_at", "sent_at", "sealed", "in sight"},
                             {way[2] for way in tried})
        self.assertLessEqual({("answer", "place"), ("answer", "key"), ("answer", "length of words"), ("evaluation.release", "place")},
                             {way[3] for way in tried if len(way) > 3})
        self.assertLessEqual({(), ("backwards",), ("at the end",), ("equal",)}, {way[4:] for way in tried})

    def ways(self, dumps):
        """To those who sign in."""
        return dict(attack.ways(dumps, BOTH, set(self.truth[SIGN_IN].values())))

    def leak(self, write):
        """The dumps, had more been written with each one's rows and answers."""
        dumps = [{name: list(map(dict, rows)) for name, rows in tables.items()} for tables in self.dumps]
        answers = {row["words"]: row for row in dumps[-1]["evaluation.answer"]}
        for tables in dumps:
            boxes = {row["xmin"]: row for row in tables["evaluation.box"]}
            for row in tables[attack.INVITATIONS]:
                said = self.truth[row["evaluation"]] if row["evaluation"] in BOTH else {}
                if row["person"] in said:
                    words = said[row["person"]]
                    write(types.SimpleNamespace(
                        invitation=row, box=boxes.get(row["xmin"], {}), answer=answers[words], person=row["person"], at=self.at[words],
                        number=list(said).index(row["person"]), late=row["person"] in self.late[SIGN_IN]))
        return dumps

    def test_what_tells_more_is_found(self):
        said = self.truth[SIGN_IN]
        for way, write in LEAKS.items():
            with self.subTest(way):
                matching = self.ways(self.leak(write))[way]
                hits, = attack.score({way: matching}, {person: said[person] for person in matching}).values()
                self.assertEqual(hits, len(matching))
                self.assertGreaterEqual(hits, len(self.late[SIGN_IN]))

    def test_what_tells_the_first_from_the_last_is_found(self):
        said = self.truth[SIGN_IN]
        dumps = self.leak(lambda x: x.answer.update(batch=int(x.person not in self.early[SIGN_IN])))
        found = dict(attack.early(dumps, BOTH, set(said.values())))
        self.assertEqual(set(found[("answer", "batch"), "first"]), {said[person] for person in self.early[SIGN_IN]})

    def test_what_tells_the_same_writer_is_found(self):
        said, later = (self.truth[evaluation] for evaluation in BOTH)
        dumps = self.leak(lambda x: x.answer.update(writer=hash(str(x.person))))
        found = attack.ways_between(dumps, ({}, set(said.values())), ({}, set(later.values())))
        self.assertEqual(found[("answer", "writer"), ("answer", "writer"), "equal"], {said[person]: later[person] for person in said})


class Unsealed(Attack):
    preload = BUILD + "/tests/unsealed_preload.so"

    def test_without_seals_the_same_attacker_finds_everybody(self):
        for name, (found, groups) in self.verdicts().items():
            if not name.startswith("early"):  # they are shuffled still
                with self.subTest(name):
                    self.check_found(found, groups, IN_SIGHT)


class Unshuffled(Attack):
    """Two sessions suffice; all write equally much, so that each row is put behind the one before."""
    played, sizes, preload = {"N2-S1": (12, 3), "N2-S2": (12, 1)}, [9], BUILD + "/tests/unshuffled_preload.so"

    def test_without_shuffling_the_order_tells(self):
        for name, (found, groups) in self.verdicts().items():
            if name.startswith("12"):  # of who was late or early they are too few
                with self.subTest(name):
                    self.check_found(found, groups, IN_ORDER)


class Chance(unittest.TestCase):
    def test_it_is_what_guessing_gives(self):
        self.assertAlmostEqual(attack.chance([attack.linked(5, 5)], 5), 1 / 120)
        self.assertAlmostEqual(attack.chance([attack.linked(5, 5)], 0), 1)
        dice = random.Random(1)
        hits = [sum(a == b for a, b in enumerate(dice.sample(range(12), 12))) + sum(
            a == b for a, b in enumerate(dice.sample(range(12), 12))) for _ in range(20000)]
        for least in (2, 4, 6):
            self.assertAlmostEqual(attack.chance(2 * [attack.linked(12, 12)], least), sum(h >= least for h in hits) / 20000, delta=0.02)

    def test_of_some_among_others(self):
        self.assertAlmostEqual(attack.chance([attack.linked(5, 3), attack.linked(12, 1)], 4), 1 / (5 * 4 * 3) / 12)
        dice = random.Random(1)
        hits = [sum(a == b for a, b in enumerate(dice.sample(range(5), 3))) for _ in range(20000)]
        for least in (0, 1, 2, 3):
            self.assertAlmostEqual(attack.chance([attack.linked(5, 3)], least), sum(h >= least for h in hits) / 20000, delta=0.02)

    def test_of_which_they_are(self):
        dice = random.Random(1)
        hits = [sum(n < 6 for n in dice.sample(range(12), 6)) for _ in range(20000)]
        for least in (0, 2, 4, 6):
            self.assertAlmostEqual(attack.chance([attack.parted(12, 6)], least), sum(h >= least for h in hits) / 20000, delta=0.02)


if __name__ == "__main__":
    unittest.main()
