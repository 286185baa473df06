"""An attack on the anonymity of answers, by somebody who has dumps of the store and nothing else: of a session's evaluation
one from the night before it closes, while some had answered and some were not yet asked, one from the last hour, and one after
the closing; and the same three of its follow-up. The attacker knows who was asked, and wants to know who wrote which words, and
which words of the follow-up are of whom who wrote what after the session.

A dump is each table with its rows' system columns (who wrote it in which transaction, where it lies). Tables are taken from the
catalog, so that a new one is attacked as well. Sequences and the server's counters are not in it: they number or count rows of
all persons, and name none. What they could tell is that answers up to some number were there by the night before; how many
had answered by then the dump says itself, and every way to part the answers into so many and the rest is tried.

Every way of linking is a matching of persons to words. A way is tried for each pair of something that differs between
persons (of any row that names the person, or that was written in one transaction with it) and something that differs
between answers (or rows that name them): by the same order, by the opposite order, by equal values, and by the nearest time. Of
what some persons have and others have not (a web session, say), the order is tried among the first answers and among the last;
so it is with those who were asked late. What two ways of one kind say of the same person links that person's first words to the
later ones."""
import collections
import datetime
import json
import math

TABLES = """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1"""
ROWS = """SELECT '{0}', jsonb_build_object('xmin', t.xmin::text::bigint, 'xmax', t.xmax::text::bigint, 'cmin', t.cmin::text::bigint,
  'page', (t.ctid::text::point)[0], 'line', (t.ctid::text::point)[1]) || to_jsonb(t) FROM {0} t"""
INVITATIONS = "evaluation.invitation"


def dump(query):
    """{table: [row as {column: value}]}; query runs SQL and gives rows of texts. One statement for all: as of one moment."""
    names = [name for name, in query(TABLES)]
    tables = {name: [] for name in names}
    for name, row in query(" UNION ALL ".join(ROWS.format(name) for name in names)):
        tables[name].append(json.loads(row))
    return tables


def features(row):
    """What of a row can be compared: its columns, and how long they are."""
    found = {}
    for column, value in row.items():
        if isinstance(value, (int, float, str)):
            found[column] = str(value) if isinstance(value, str) else value
        if value is not None:
            found["length of " + column] = len(json.dumps(value))
    found["place"] = row["page"] * 1000 + row["line"]
    return found


def rows_of_persons(tables, persons, evaluations):
    """{(table, column…, what it is about): {person: row}} of what names a person, alone or by an invitation. About: the number of
    one of the evaluations, something else, or nothing."""
    owners = {row["id"]: row for row in tables[INVITATIONS]}
    numbers = {evaluation: number for number, evaluation in enumerate(evaluations)}
    found = collections.defaultdict(dict)
    for name, rows in tables.items():
        for row in rows:
            owner = owners.get(row.get("invitation"), {})
            person = row.get("person") or owner.get("person")
            if person in persons:
                about = row.get("evaluation") or row.get("subject") or row.get("meeting") or owner.get("evaluation")
                found[(name, row.get("rule"), row.get("occurrence"), numbers.get(about, about and "else"))][person] = row
    for number in numbers.values():  # and of what was written together with the invitation's spending
        by_transaction = {row["xmin"]: person for person, row in found[(INVITATIONS, None, None, number)].items()}
        for name, rows in tables.items():
            for row in rows:
                if name != INVITATIONS and row.get("xmin") in by_transaction:
                    found[(name, "written together", None, number)].setdefault(by_transaction[row["xmin"]], row)
    return found


def columns(rows):
    """{feature: {key: value}} of what differs between the rows, where all have it."""
    found = collections.defaultdict(dict)
    for key, row in rows.items():
        for name, value in features(row).items():
            found[name][key] = value
    return {name: values for name, values in found.items()
            if len(values) == len(rows) and len(set(values.values())) > 1 and len({type(v) for v in values.values()}) == 1}


def rows_of_answers(tables, words):
    """{table: {words: row}} of the answers, and of what names one."""
    answers = {row["key"]: row for row in tables["evaluation.answer"] if row["words"] in words}
    found = collections.defaultdict(dict, answer={row["words"]: row for row in answers.values()})
    for name, rows in tables.items():
        for row in rows:
            if isinstance(row.get("answer"), str) and row["answer"] in answers:
                found[name][answers[row["answer"]]["words"]] = row
    return found


def sides(rows):
    """{(table, feature): {key: value}}"""
    return {(table, name): values for table, of in rows.items() for name, values in columns(of).items()}


def moments(values):
    """The values as times; none if they are no times."""
    try:
        return {key: datetime.datetime.fromisoformat(value).timestamp() for key, value in values.items()}
    except (TypeError, ValueError):
        return {}


def matchings(mine, theirs):
    """Yields (how, {key of mine: key of theirs}) for two features."""
    order, others = sorted(mine, key=mine.get), sorted(theirs, key=theirs.get)
    yield (), dict(zip(order, others))
    yield ("backwards",), dict(zip(order, reversed(others)))
    if len(order) < len(others):
        yield ("at the end",), dict(zip(reversed(order), reversed(others)))
    at = {str(value): key for key, value in theirs.items()}
    if at.keys() & set(map(str, mine.values())):
        yield ("equal",), {key: at.get(str(value), "") for key, value in mine.items()}
    times = moments(theirs)
    if times and moments(mine):
        yield ("near",), {key: min(times, key=lambda other, time=time: abs(times[other] - time)) for key, time in moments(mine).items()}


def asked(tables, evaluations, spent=False):
    """The persons who were asked in one of them by then; or who have answered."""
    return {row["person"] for row in tables[INVITATIONS] if row["evaluation"] in evaluations and (row["spent"] or not spent)}


def in_sight(row, words):
    """The words themselves, as plain text."""
    sight = json.dumps(row).encode().decode("unicode_escape", "replace")
    sight += bytes.fromhex(row["sealed"][2:]).decode("utf-8", "replace") if "sealed" in row else ""
    return next((w for w in sorted(words) if w in sight), "")


def ways(dumps, evaluations, words):
    """Yields (what it is, {person: words}) for each way to link who answered the first of the evaluations to the words; the other
    one is asked of the same persons. words: all that were written, in no order."""
    theirs = sides(rows_of_answers(dumps[-1], words))
    answered = asked(dumps[-1], evaluations[:1], spent=True)
    begin = next(number for number, tables in enumerate(dumps) if asked(tables, evaluations[:1]))
    late = answered - asked(dumps[0], evaluations)
    for side, others in theirs.items():
        yield from ((("late", side, *how), matching) for how, matching in matchings({person: person for person in late}, others))
    for number, tables in enumerate(dumps):
        persons = answered & asked(tables, evaluations, spent=True)
        for table, rows in rows_of_persons(tables, persons, evaluations).items():
            rows = {person: {**row, "in sight": in_sight(row, words)} for person, row in rows.items()}
            yield (number - begin, table, "in sight"), {person: row["in sight"] for person, row in rows.items()}
            for name, values in columns(rows).items():
                for side, others in theirs.items():
                    for how, matching in matchings(values, others):
                        yield (number - begin, table, name, side, *how), matching


def ways_between(dumps, first, second):
    """{what it is: {words: words}} for each way to link the words of a session's evaluation to those of its follow-up. first,
    second: the ways to each, and what was written."""
    (ways_to_first, words), (ways_to_second, later) = first, second
    found = {("through persons", way): {matching[person]: ways_to_second[way].get(person, "") for person in matching}
             for way, matching in ways_to_first.items() if way in ways_to_second}
    theirs = sides(rows_of_answers(dumps[-1], later))
    for side, values in sides(rows_of_answers(dumps[-1], words)).items():
        for other, others in theirs.items():
            found.update(((side, other, *how), matching) for how, matching in matchings(values, others))
    return found


def early(dumps, evaluations, words):
    """Yields (what it is, {words: True}) for each way to tell the words of those who had answered by the night before."""
    night = next(tables for tables in dumps if asked(tables, evaluations[:1]))
    many = len(asked(night, evaluations[:1], spent=True))
    for side, values in sides(rows_of_answers(dumps[-1], words)).items():
        order = sorted(values, key=values.get)
        yield (side, "first"), dict.fromkeys(order[:many], True)
        yield (side, "last"), dict.fromkeys(order[-many:], True)


def score(found, truth):
    """{way: how many it links as they are}; truth: {person: words}, of those that it is about."""
    return {way: sum(matching.get(key) == value for key, value in truth.items()) for way, matching in found.items()}


def linked(size, many):
    """[how likely somebody who guesses the order of so many links just 0, 1, … of the many that it is about]"""
    return [math.comb(many, k) * sum((-1) ** i * math.comb(many - k, i) * math.factorial(size - k - i) for i in range(many - k + 1))
            / math.factorial(size) for k in range(many + 1)]


def parted(size, many):
    """[how likely somebody who guesses which many they are finds just 0, 1, … of them]"""
    return [math.comb(many, k) * math.comb(size - many, many - k) / math.comb(size, many) for k in range(many + 1)]


def chance(groups, least):
    """How likely somebody who guesses finds at least so many. groups: linked or parted, of each."""
    total = [1.0]
    for group in groups:
        total = [sum(total[i] * group[k - i] for i in range(len(total)) if 0 <= k - i < len(group))
                 for k in range(len(total) + len(group) - 1)]
    return sum(total[least:])
