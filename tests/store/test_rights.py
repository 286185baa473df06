"""What each login role may do is written in tests/golden/rights.txt, and all else is tried and refused: every function
and every write of every table, as every role. A new right needs a line there, and a reader who agrees.

    tests/store/test_rights.py --write      makes the file anew from the migrations
"""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402

SOURCE = os.environ.get("PADRIVER_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = SOURCE + "/tests/golden/rights.txt"
SCHEMAS = "('log', 'register', 'plan', 'notice', 'evaluation', 'budget', 'newsletter', 'web')"
ROLES = "SELECT substr(rolname, 10) FROM pg_roles WHERE rolname LIKE 'padriver\\_%' AND rolcanlogin ORDER BY 1"
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")

FUNCTIONS = """
    SELECT n.nspname || '.' || p.proname, p.provolatile,
           coalesce((SELECT string_agg('NULL::' || format_type(t, NULL), ', ' ORDER BY o)
                       FROM unnest(p.proargtypes) WITH ORDINALITY u(t, o)), '')
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname IN %s AND p.prorettype <> 'trigger'::regtype ORDER BY 1, 3""" % SCHEMAS
TABLES = """
    SELECT n.nspname || '.' || c.relname, c.relkind, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = 1)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN %s AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition ORDER BY 1""" % SCHEMAS
GRANTED = """
    SELECT n.nspname || '.' || c.relname, w FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) w
     WHERE n.nspname IN %s AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
       AND CASE WHEN w IN ('DELETE', 'TRUNCATE') THEN has_table_privilege('padriver_{role}', c.oid, w)
                ELSE has_any_column_privilege('padriver_{role}', c.oid, w) END ORDER BY 1, 2""" % SCHEMAS

CALLABLE = """
    SELECT DISTINCT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname IN %s AND p.prorettype <> 'trigger'::regtype
       AND has_function_privilege('padriver_{role}', p.oid, 'EXECUTE')""" % SCHEMAS


class Store:
    def __init__(self):
        self.cluster = Cluster(durable=False)
        self.roles = [name for name, in self.cluster.query(ROLES)]
        self.functions = self.cluster.query(FUNCTIONS)
        self.tables = self.cluster.query(TABLES)

    def attempt(self, role, statements):
        """The SQLSTATE that each statement ends with, or "": all in one session that takes nothing with it."""
        script = "".join("BEGIN;\n%s;\nROLLBACK;\n" % statement for statement in statements)
        done = subprocess.run(
            [self.cluster.bin + "/psql", "-X", "-q", "-v", "VERBOSITY=sqlstate",
             "-d", self.cluster.conninfo_of("padriver", "padriver_" + role), "-f", "-"], input=script, capture_output=True, text=True,
            check=False)
        said = {int(line): state for line, state in re.findall(r"<stdin>:(\d+): ERROR:  (\w+)", done.stderr)}
        return [said.get(3 * n + 2, "") for n in range(len(statements))]

    def rights(self):
        """What the roles may do, a line for each thing: "budget: calls log.append"."""
        lines = []
        for role in self.roles:
            lines += ["%s: calls %s" % (role, name) for name, in self.cluster.query(CALLABLE.format(role=role))]
            lines += ["%s: %ss %s" % (role, word.lower(), name) for name, word in self.cluster.query(GRANTED.format(role=role))]
        return sorted(set(lines))

    def close(self):
        self.cluster.close()


class Rights(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(cls.store.close)
        with open(GOLDEN, encoding="utf-8") as file:
            cls.golden = file.read().splitlines()

    def test_each_role_may_call_and_touch_what_is_listed_and_nothing_else(self):
        self.assertGreater(len(self.store.functions), 80)
        self.assertEqual(self.store.rights(), self.golden)

    def test_every_function_that_is_not_listed_is_refused(self):
        """EXPLAIN asks for the right before the function would be run, and runs nothing; what is immutable it folds away."""
        for role in self.store.roles:
            tried = [function for function in self.store.functions
                     if function[1] != "i" and "%s: calls %s" % (role, function[0]) not in self.golden]
            states = self.store.attempt(role, ["EXPLAIN SELECT %s(%s)" % (name, arguments) for name, _, arguments in tried])
            self.assertGreater(len(tried), 30)
            self.assertEqual([(role, name, state) for (name, *_), state in zip(tried, states) if state != "42501"], [])

    def test_every_write_that_is_not_listed_is_refused(self):
        for role in self.store.roles:
            wanted, statements = [], []
            for name, kind, column in self.store.tables:
                if kind == "v":  # a view may not be writable at all; what it shows is in the tables
                    continue
                for word, statement in zip(WRITES, ("INSERT INTO {0} DEFAULT VALUES", "UPDATE {0} SET {1} = DEFAULT", "DELETE FROM {0}",
                                                    "TRUNCATE {0}")):
                    if "%s: %ss %s" % (role, word.lower(), name) not in self.golden:
                        wanted.append((name, word))
                        statements.append(statement.format(name, column))
            states = self.store.attempt(role, statements)
            self.assertEqual([(role, *what, state) for what, state in zip(wanted, states) if state != "42501"], [])

    def test_what_nobody_may_is_in_no_line(self):
        """The promises, in words of the list."""
        for rule in (r": (insert|update|delete|truncate)s log\.", r": truncates ", r": (update|delete|insert)s budget\.(entry|voucher)",
                     r"(notifications|newsletter|budget|broker): selects evaluation\.(answer|box|invitation)\b",
                     r"(notifications|newsletter|evaluation|broker): \w+ budget\.(?!share_letter$)", r"(evaluation|budget|broker): \w+ (notice|newsletter)\.",
                     r"broker: \w+ (register|plan)\.", r"notifications: selects log\.event\b"):
            self.assertEqual([line for line in self.golden if re.search(rule, line)], [], rule)


if __name__ == "__main__":
    if "--write" in sys.argv:
        store = Store()
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in store.rights()))
        store.close()
    else:
        unittest.main()
