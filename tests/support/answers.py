"""A year's sessions and survey with random answers, written as the daemon leaves them."""
import random

THRESHOLD = 5
QUESTIONS = ["overall", "relevant", "learned"]


class Answers:
    """sql: runs a statement as the superuser. truth: of each goal the counts of all that is published."""

    def __init__(self, sql, seed=79):
        self.sql, self.random, self.truth = sql, random.Random(seed), {}

    def fill(self):
        """Five sessions, of which N3-S1 has too few answers; one held without evaluation, one not marked as held."""
        for number, (session, answered) in enumerate(
                [("N1-S1", 20), ("N1-S2", 14), ("N2-S1", 12), ("N3-S1", 4), ("N4-S1", 9)]):
            self.hold(session, answered, "2027-0%d-10" % (number + 1))
        self.hold("N4-S2", 19, "2027-06-10", towns={"drammen": 9, "lier": 8, "flesberg": 2})
        for session, state in (("N5-S1", "held"), ("N6-S1", "scheduled")):
            self.sql("INSERT INTO plan.meeting VALUES ('%s', '2027-03-04 11:00Z', '2027-03-04 14:00Z', 'Teams', '%s', 1, DEFAULT, "
                     "'2027-01-01', NULL)" % (session, state))

    def follow_up(self, session, answered, day):
        """What was taken into use after a session, about the goal and its first sub-goal."""
        network = session.split("-")[0]
        self.hold(session + ".bruk", answered, day, items=[("used", network, None), ("used_goal/%s-a" % network, network + "-a", network)],
                  follows=session)

    def hold(self, session, answered, day, survey=False, items=None, towns=None, follows=None):
        """towns: how many of each municipality answered, if the answers are attributed to them."""
        network = session.split("-")[0]
        if not survey and not follows:
            self.sql("INSERT INTO plan.meeting VALUES ('%s', '%s 08:00Z', '%s 12:00Z', 'Her', 'held', 1, DEFAULT, '2027-01-01', NULL)"
                     % (session, day, day))
            subs = [goal for goal, in self.sql("SELECT id FROM plan.goal WHERE network = '%s' AND kind = 'network_sub'" % network)]
            items = [(question, network, None) for question in QUESTIONS] + [("sub_goal/" + sub, sub, network) for sub in subs]
        for question, _, _ in items:
            if "/" in question:
                self.sql("INSERT INTO evaluation.question VALUES ('%s', 1, 'scale', 2, 'x', 'x', 'x') ON CONFLICT DO NOTHING" % question)
        shown = answered >= THRESHOLD
        self.sql("INSERT INTO evaluation.evaluation (id, network, mode, state, opened_at, closes_at, public_key, tally, invited, answered, "
                 "survey, follows) VALUES ('%s', '%s', '%s', 'closed', '%s 12:00Z', '%s 13:00Z', decode(repeat('00', 32), 'hex'), %s, %d, %d, "
                 "%s, %s)"
                 % (session, network, "municipality" if survey or towns else "anonymous", day, day, "'%s'" % session if shown else "NULL",
                    answered + 5, answered, survey, "'%s'" % follows if follows else "NULL"))
        for place, (question, goal, parent) in enumerate(items):
            self.sql("INSERT INTO evaluation.item VALUES ('%s', %d, DEFAULT, '%s', 1, '%s', %s)"
                     % (session, place + 1, question, goal, "'%s'" % parent if parent else "NULL"))
            parts = {town: [0] * 6 for town in towns or [""]}
            for town, many in (towns or {"": answered}).items():
                for _ in range(many):
                    parts[town][self.random.choice([0, 1, 2, 3, 3, 4, 4, 4, 5])] += 1
            counts = [sum(column) for column in zip(*parts.values())]
            if shown:
                self.sql("INSERT INTO evaluation.result VALUES ('%s', '%s', 1, '%s', '{%s}')"
                         % (session, question, goal, ",".join(map(str, counts))))
            for town in towns or []:
                self.sql("INSERT INTO evaluation.part VALUES ('%s', '%s', 1, '%s', '%s', '{%s}')"
                         % (session, question, goal, town, ",".join(map(str, parts[town]))))
            if shown and not follows and sum(counts[:5]) >= THRESHOLD:
                for about in {goal, parent} - {None}:
                    self.truth[about] = [a + b for a, b in zip(self.truth.get(about, [0] * 6), counts)]

    def hold_survey(self, answered):
        self.hold("LU-2027", answered, "2027-11-01", True, [("survey_mandate", "M", None), ("survey_goal/M1", "M1", "M")])
        for number, (party,) in enumerate(self.sql("SELECT municipality FROM register.parties_on('2027-11-01') ORDER BY 1")):
            self.sql("INSERT INTO evaluation.invitation VALUES (%d, 'LU-2027', %d, '%s', %s, '%s')"
                     % (number + 1, number + 1, party, number < answered, party))
