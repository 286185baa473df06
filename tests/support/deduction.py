"""What follows from published tables. A published row says how many of some groups together gave each answer; the groups are
the finest there are (who answered what, where, when), and what one does not know of them is their counts.

    known = Deduction()
    known.learn({group, …})                         # a row about these groups together
    known.small(5, rated, answered, question)       # sets of groups that are told apart though fewer than five of them rated

Only sums and differences of rows, in any number, can tell a set of groups apart, since the counts are else unknown. Groups
that are in the same rows are never told apart; so a set that is told apart is made of whole blocks of such groups.
"""
import collections
import fractions
import itertools


class Deduction:
    def __init__(self):
        self.rows = set()

    def learn(self, groups):
        if groups:
            self.rows.add(frozenset(groups))

    def blocks(self):
        """Groups that are in the same rows, together; and each row as the set of its blocks."""
        rows = sorted(self.rows, key=lambda row: (len(row), sorted(map(str, row))))
        within = collections.defaultdict(set)
        for number, row in enumerate(rows):
            for group in row:
                within[group].add(number)
        blocks = collections.defaultdict(set)
        for group, numbers in within.items():
            blocks[frozenset(numbers)].add(group)
        patterns = list(blocks)
        return [frozenset(blocks[p]) for p in patterns], [[n in p for p in patterns] for n in range(len(rows))]

    def told_apart(self):
        """Sets of groups whose counts follow from the rows; whether they are all there are (up to unions)."""
        blocks, matrix = self.blocks()
        space = Space(matrix)
        single = [block for n, block in enumerate(blocks) if space.has([m == n for m in range(len(blocks))])]
        if len(single) == len(blocks):
            return single, True
        found = list(single)
        for several in itertools.chain(itertools.combinations(range(len(blocks)), 2), itertools.combinations(range(len(blocks)), 3)):
            if space.has([m in several for m in range(len(blocks))]):
                found.append(frozenset().union(*(blocks[n] for n in several)))
        return found + [a - b for a in self.rows for b in self.rows if b < a], False

    def small(self, threshold, rated, answered, question):
        """The sets of which, for one question, somebody answered and fewer than the threshold rated; whether all were looked at."""
        found, complete = self.told_apart()
        small = []
        for groups in found:
            parts = collections.defaultdict(list)
            for group in groups:
                parts[question(group)].append(group)
            small += [part for part in parts.values()
                      if sum(map(answered, part)) > 0 and sum(map(rated, part)) < threshold]
        return small, complete


class Space:
    """The rational span of rows, by elimination."""

    def __init__(self, rows):
        self.pivots = {}
        for row in rows:
            row = self.reduce(row)
            lead = next((n for n, x in enumerate(row) if x), None)
            if lead is not None:
                self.pivots[lead] = [x / row[lead] for x in row]

    def reduce(self, row):
        row = [fractions.Fraction(x) for x in row]
        for lead in range(len(row)):
            if row[lead] and lead in self.pivots:
                factor = row[lead]
                row = [x - factor * y for x, y in zip(row, self.pivots[lead])]
        return row

    def has(self, row):
        return not any(self.reduce(row))
