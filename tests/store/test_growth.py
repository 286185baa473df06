"""What the broker asks of the store touches as much of a long log as of a short one: buffers and partitions, not time."""
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402

SOURCE = os.environ["PADRIVER_SOURCE"]
MILLIONS = int(os.environ.get("PADRIVER_GROWTH", 0))  # tests/slow/test_growth.py: partitions of their real size
WIDTH, SHORT, LONG = (1000000, 2050000, MILLIONS * 1000000 + 50000) if MILLIONS else (10000, 25000, 205000)
TYPES = "'{4,5}'"  # one event in twenty
SLACK = 4          # buffers: a page more or less at a border

FILL = """INSERT INTO log.event (position, at, type, key, body)
  SELECT p, '2027-01-01', CASE WHEN p % 20 = 0 THEN 4 ELSE 1 END, 'k' || p % 100, decode(repeat('00', 280), 'hex')
    FROM generate_series({first}::bigint, {last}) p"""
APPEND = "SELECT log.append('2027-01-01', '{1}', '{k}', '{}', '{0}', '{x}')".replace("'{}'", "ARRAY['']")


def statement(name, path="broker/broker.sql"):
    """A statement of the file as it is prepared: the types and the text with $1 …"""
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        text = file.read()
    head, body = re.search(r"^-- %s \(([^)]*)\) ->[^\n]*\n(.*?;)$" % name, text, re.M | re.S).groups()
    body = re.sub(r"^--.*\n", "", body, flags=re.M)
    types = []
    for n, param in enumerate(word.split() for word in head.split(",") if word.strip()):
        body = re.sub(r"(?<!:):%s\b" % param[0], "$%d" % (n + 1), body)
        types.append({"time": "timestamptz"}.get(param[1], param[1]))
    return "(%s)" % ", ".join(types) if types else "", body


class Growth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(durable=False)
        cls.addClassCleanup(cls.cluster.close)
        cls.cluster.query("CREATE DATABASE other TEMPLATE padriver", "postgres")
        cls.cluster.narrow_log(WIDTH)
        cls.seen = {}
        for size in (SHORT, LONG):
            cls.grow(size)
            cls.seen[size] = cls.look(size)

    @classmethod
    def grow(cls, upto):
        cls.head = int(cls.cluster.query("SELECT coalesce(max(position), 0) FROM log.event")[0][0])
        while cls.head < upto:
            last = min(cls.head + WIDTH, upto)
            cls.cluster.query("SELECT log.extend()")
            cls.cluster.query(FILL.format(first=cls.head + 1, last=last))
            cls.head = last
        cls.cluster.query("SELECT log.extend()")
        while cls.cluster.query("SELECT log.index_full() IS NOT NULL", user="padriver_broker") == [["t"]]:
            pass
        cls.cluster.query("VACUUM ANALYZE log.event")

    @classmethod
    def explain(cls, execute, prepare=""):
        """What running it a second time touches: (buffers, partitions that were scanned)."""
        output = cls.cluster.query("SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan; %s"
                                   " %s; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) %s" % (prepare, execute, execute))
        plan = json.loads("[%s" % output[-1][-1].split("[", 1)[1])[0]["Plan"]
        nodes, scanned = [plan], set()
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", [])
            if node["Actual Loops"] and "Relation Name" in node:
                scanned.add(node["Relation Name"])
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], len(scanned)

    @classmethod
    def look(cls, head):
        """Each of the broker's statements as it is asked on that log."""
        found = {}
        for name, values in (("broker_head", ""), ("broker_read", "(%d, 1024)" % (head - 500)),
                             ("broker_page", "(5000, 21384, %s, 1024)" % TYPES),
                             ("page near the head", "(%d, %d, %s, 1024)" % (head - 20000, head - 3616, TYPES)),
                             ("page of every type", "(5000, 21384, '{1,4}', 1024)")):
            types, body = statement(name if name.startswith("broker") else "broker_page")
            found[name] = cls.explain("EXECUTE it" + values, "PREPARE it%s AS %s;" % (types, body))
        types, body = statement("trace_events", "workers/ctl/trace.sql")
        found["trace of a key"] = cls.explain("EXECUTE it('{}', 'k77', 12, 20)", "PREPARE it%s AS %s;" % (types, body))
        found["trace of no key"] = cls.explain("EXECUTE it('{}', 'none', 12, 20)", "PREPARE it%s AS %s;" % (types, body))
        found["log.append"] = cls.explain(APPEND)
        found["log.retire"] = cls.explain("SELECT log.retire('2026-01-01')")
        return found

    def test_statements_touch_no_more_of_a_long_log(self):
        for name, (buffers, scanned) in self.seen[LONG].items():
            if name.startswith("trace"):
                continue
            short, short_scanned = self.seen[SHORT][name]
            self.assertLessEqual(buffers, short + SLACK, "%s touches more buffers: %s" % (name, self.seen))
            self.assertLessEqual(scanned, short_scanned, "%s scans more partitions: %s" % (name, self.seen))

    def test_a_key_is_looked_for_by_index_where_the_log_is_full(self):
        """The newest partition alone is read; of each other, an index's way down."""
        short, long = (self.seen[size]["trace of no key"] for size in (SHORT, LONG))
        self.assertLessEqual(long[0], short[0] + 4 * (LONG - SHORT) // WIDTH, self.seen)
        self.assertLessEqual(self.seen[LONG]["trace of a key"][0], self.seen[SHORT]["trace of a key"][0] + SLACK, self.seen)

    def test_full_partitions_are_found_however_the_planner_joins_their_names(self):
        for other in ("hashjoin", "mergejoin", "nestloop"):
            off = ["indexscan", "bitmapscan"] + [way for way in ("hashjoin", "mergejoin", "nestloop") if way != other]
            self.cluster.query("".join("SET enable_%s = off; " % way for way in off) + "SELECT log.index_full()", user="padriver_broker")

    def test_the_head_is_found_at_once(self):
        self.assertLess(self.seen[LONG]["broker_head"][0], 10)

    def test_an_append_opens_the_newest_partitions_alone(self):
        locked = self.cluster.query(
            "BEGIN; %s; SELECT count(*) FROM pg_locks l JOIN pg_inherits i ON i.inhrelid = l.relation"
            " WHERE l.pid = pg_backend_pid() AND i.inhparent = 'log.event'::regclass; ROLLBACK" % APPEND)
        self.assertLessEqual(int(locked[0][0].split("\n")[-1]), 4, locked)
        self.assertGreater(int(self.cluster.query("SELECT log.tail()")[0][0]), LONG - 2 * WIDTH)

    def test_positions_go_on_even_if_the_tail_is_beyond(self):
        tail = "CREATE OR REPLACE FUNCTION log.tail() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT %d::bigint'"
        heads = [self.cluster.query("%s; %s" % (tail % at, APPEND), "other")[0][0] for at in (0, 1000, 0)]
        self.assertEqual(heads, ["0", "1", "2"])

    def test_a_page_scans_the_partitions_that_it_lies_in(self):
        for name in ("broker_page", "page near the head", "page of every type"):
            self.assertLessEqual(self.seen[LONG][name][1], 3, self.seen)


if __name__ == "__main__":
    unittest.main()
