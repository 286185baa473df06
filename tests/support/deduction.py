"""What follows from published tables. A published row says how many of some groups together gave each answer; the groups are
the finest there are (who answered what, where, when), and what one does not know of them is their counts.

    known = Deduction()
    known.learn({group, …})                         # a row about these groups together
    known.small(5, rated, answered, question)       # sets of groups that are told apart though fewer than five of them rated
    known.pinned(5, counts, part, limits)           # parts of which a count follows since counts are whole and none is below zero

Only sums and differences of rows, in any number, can tell a set of groups apart, since the counts are else unknown. Groups
that are in the same rows are never told apart; so a set that is told apart is made of whole blocks of such groups. Counts are not
quite unknown: they are whole numbers from zero on, and no more than answered. So a count may follow though its set is not told
apart: where two together gave no "1", neither did.
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

    def pinned(self, threshold, counts, part, limits=()):
        """(groups, place): hidden groups and which of their counts can be nothing else, zeros apart. counts, part: of a group its
        counts, and what it is hidden as. limits: groups that gave at most so many answers together. What a block of one mind has
        told of each in it does not count."""
        single, complete = self.told_apart()
        blocks = [collections.defaultdict(set) for _ in self.blocks()[0]]
        for block, pieces in zip(self.blocks()[0], blocks):
            for group in block:
                pieces[part(group)].add(group)
        pieces = [frozenset(piece) for block in blocks for piece in block.values()]
        total = lambda groups: [sum(column) for column in zip(*map(counts, groups))]  # noqa: E731
        whole = Whole()
        for row in single if complete else self.rows:
            for place, count in enumerate(total(row)):
                whole.learn([(piece, place) for piece in pieces if piece <= row], count)
        for number, (groups, most) in enumerate(limits):
            whole.learn([(piece, place) for piece in pieces if piece <= groups for place in range(6)] + [number], most)
        return [(piece, place) for block in blocks for piece in map(frozenset, block.values())
                if sum(total(piece)[:5]) < threshold and sum(map(bool, total(frozenset().union(*block.values())))) > 1
                for place, count in enumerate(total(piece)) if count > 0 and not whole.may_differ((piece, place), count)]


class Whole:
    """Sums of whole numbers that are not below zero."""

    def __init__(self):
        self.sums, self.within = [], collections.defaultdict(list)

    def learn(self, names, total):
        for name in names:
            self.within[name].append(len(self.sums))
        self.sums.append((names, total))

    def may_differ(self, name, value):
        """Whether the sums allow another value of it; found by trying."""
        sums = self.around(name)
        high = {n: min(self.sums[number][1] for number in self.within[n]) for names, _ in sums for n in names}
        low = dict.fromkeys(high, 0)
        return (value > 0 and self.solve(sums, low, {**high, name: min(value - 1, high[name])}) or
                self.solve(sums, {**low, name: value + 1}, high))

    def around(self, name):
        """The sums that have to do with it."""
        reached, ahead = set(), [name]
        while ahead:
            for number in set(self.within[ahead.pop()]) - reached:
                reached.add(number)
                ahead += self.sums[number][0]
        return [self.sums[number] for number in sorted(reached)]

    def solve(self, sums, low, high):
        low, high = dict(low), dict(high)
        if not self.narrow(sums, low, high):
            return False
        free = [name for name in low if low[name] < high[name]]
        if not free:
            return True
        name = min(free, key=lambda n: high[n] - low[n])
        return any(self.solve(sums, {**low, name: value}, {**high, name: value}) for value in range(low[name], high[name] + 1))

    @staticmethod
    def narrow(sums, low, high):
        """Moves the bounds as far as each sum tells; False if one cannot be met."""
        moved = True
        while moved:
            moved = False
            for names, total in sums:
                above, below = total - sum(low[n] for n in names), sum(high[n] for n in names) - total
                if above < 0 or below < 0:
                    return False
                for name in names:
                    least, most = max(low[name], high[name] - below), min(high[name], low[name] + above)
                    if least > most:
                        return False
                    moved = moved or (least, most) != (low[name], high[name])
                    low[name], high[name] = least, most
        return True


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
