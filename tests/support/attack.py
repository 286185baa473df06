"""An attack on the anonymity of answers, by somebody who has dumps of the store and nothing else: one from the night
before, while some had answered, one from the last hour, and one after the closing. The attacker knows who was asked, and
wants to know who wrote which words.

A dump is each table with its rows' system columns (who wrote it in which transaction, where it lies), the sequences, and
the server's counters. Tables are taken from the catalog, so that a new one is attacked as well.

Every way of linking is a matching of persons to words. A way is tried for each pair of something that differs between
persons (of any row that names the person, or that was written in one transaction with it) and something that differs
between answers: by the same order, by the opposite order, and by equal values."""
import collections
import json
import math

TABLES = """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1"""
ROWS = """SELECT '{0}', jsonb_build_object('xmin', t.xmin::text::bigint, 'xmax', t.xmax::text::bigint, 'cmin', t.cmin::text::bigint,
  'page', (t.ctid::text::point)[0], 'line', (t.ctid::text::point)[1]) || to_jsonb(t) FROM {0} t"""
SEQUENCES = "SELECT 'sequences', jsonb_build_object('name', schemaname || '.' || sequencename, 'last', last_value) FROM pg_sequences"
COUNTERS = "SELECT 'counters', to_jsonb(s) FROM pg_stat_user_tables s"


def dump(query):
    """{table: [row as {column: value}]}; query runs SQL and gives rows of texts. One statement for all: as of one moment."""
    names = [name for name, in query(TABLES)]
    tables = {name: [] for name in names + ["sequences", "counters"]}
    for name, row in query(" UNION ALL ".join([ROWS.format(name) for name in names] + [SEQUENCES, COUNTERS])):
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


def rows_of_persons(tables, persons):
    """{(table, column…): {person: row}} of what names a person, alone or by an invitation."""
    owners = {row["id"]: row["person"] for row in tables["evaluation.invitation"]}
    found = collections.defaultdict(dict)
    for name, rows in tables.items():
        for row in rows:
            person = row.get("person") or owners.get(row.get("invitation"))
            if person in persons:
                found[(name, row.get("rule"), row.get("occurrence"))][person] = row
    for name, rows in tables.items():  # and of what was written together with the invitation's spending
        by_transaction = {row["xmin"]: person for person, row in found[("evaluation.invitation", None, None)].items()}
        for row in rows:
            if name != "evaluation.invitation" and row.get("xmin") in by_transaction:
                found[(name, "written together", None)].setdefault(by_transaction[row["xmin"]], row)
    return found


def columns(rows):
    """{feature: {key: value}} of what differs between the rows, where all have it."""
    found = collections.defaultdict(dict)
    for key, row in rows.items():
        for name, value in features(row).items():
            found[name][key] = value
    return {name: values for name, values in found.items()
            if len(values) == len(rows) and len(set(values.values())) > 1 and len({type(v) for v in values.values()}) == 1}


def ways(dumps, evaluation, words):
    """Yields (what it is, {person: words}) for each way. words: all that were written, in no order."""
    last = dumps[-1]
    answers = {row["words"]: row for row in last["evaluation.answer"] if row["words"] in words}
    sides = {("answer", name): values for name, values in columns(answers).items()}
    for number, tables in enumerate(dumps):
        persons = {row["person"] for row in tables["evaluation.invitation"]
                   if row["evaluation"] == evaluation and row["spent"]}
        for table, rows in rows_of_persons(tables, persons).items():
            for person, row in rows.items():  # the words themselves, in plain sight
                sight = json.dumps(row).encode().decode("unicode_escape", "replace")
                sight += bytes.fromhex(row["sealed"][2:]).decode("utf-8", "replace") if "sealed" in row else ""
                rows[person] = {**row, "in sight": next((w for w in sorted(words) if w in sight), "")}
            yield (number, table, "in sight"), {person: row["in sight"] for person, row in rows.items()}
            mine = columns(rows)
            for name, values in mine.items():
                order = sorted(values, key=values.get)
                for side, others in sides.items():
                    theirs = sorted(others, key=others.get)
                    yield (number, table, name, side), dict(zip(order, theirs))
                    yield (number, table, name, side, "backwards"), dict(zip(order, reversed(theirs)))
                    if set(map(str, values.values())) & set(map(str, others.values())):
                        at = {str(value): word for word, value in others.items()}
                        yield (number, table, name, side, "equal"), {p: at.get(str(v), "") for p, v in values.items()}


def score(dumps, evaluation, truth):
    """{way: how many persons it links to their words}; truth: {person: words}."""
    found = {}
    for way, matching in ways(dumps, evaluation, set(truth.values())):
        found[way] = max(found.get(way, 0), sum(truth.get(person) == words for person, words in matching.items()))
    return found


def chance(size, runs, least):
    """How likely somebody who guesses links at least so many, over so many evaluations of that size."""
    fixed = [math.comb(size, k) * sum((-1) ** i / math.factorial(i) for i in range(size - k + 1)) * math.factorial(size - k)
             / math.factorial(size) for k in range(size + 1)]
    total = [1.0]
    for _ in range(runs):
        total = [sum(total[i] * fixed[k - i] for i in range(len(total)) if 0 <= k - i <= size)
                 for k in range(len(total) + size)]
    return sum(total[least:])
