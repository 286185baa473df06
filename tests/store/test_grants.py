"""Each program's role may use what its statements name, and nothing else of the store."""
import collections
import glob
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402

SOURCE = os.environ["PADRIVER_SOURCE"]
SCHEMAS = "log|register|plan|notice|evaluation|budget|newsletter|web"
DAEMONS = ["notifications", "evaluation", "budget", "newsletter"]
SENDERS = {"notifications": "notice", "newsletter": "newsletter"}

# Who runs the statements of a folder.
USERS = {
    "broker": ["broker"],
    "common/tx.sql": DAEMONS + ["ctl", "web"],
    "common/worker.sql": DAEMONS,
    "common/mail": list(SENDERS),
    "common/notice": ["notifications", "ctl"],
    "common/newsletter": ["newsletter", "ctl"],
    "common/evaluation": ["ctl", "web"],
    "common/needs": ["notifications", "ctl", "web"],
    "common/plan": ["ctl"],
    "common/register": ["ctl"],
    "workers/ctl/metrics.sql": ["metrics"],
    **{"workers/" + name: [name] for name in DAEMONS + ["ctl", "web"]},
}

# The conditions that run with the sender's rights.
WITH_THE_CALLERS_RIGHTS = """
    SELECT n.nspname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname IN ('notice', 'newsletter') AND NOT p.prosecdef"""

GRANTED = """
    SELECT r.role, n.nspname || '.' || c.relname FROM roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname ~ '^(%s)$'
       AND (has_table_privilege('padriver_' || r.role, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
         OR has_any_column_privilege('padriver_' || r.role, c.oid, 'SELECT, INSERT, UPDATE'))
    UNION
    SELECT r.role, n.nspname || '.' || p.proname FROM roles r, pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname ~ '^(%s)$' AND has_function_privilege('padriver_' || r.role, p.oid, 'EXECUTE')""" % (SCHEMAS, SCHEMAS)


def names(sql):
    return set(re.findall(r"\b((?:%s)\.\w+)" % SCHEMAS, re.sub(r"--.*", "", sql)))


class Grants(unittest.TestCase):
    maxDiff = None

    def test_a_role_may_use_what_its_statements_name_and_no_more(self):
        used = collections.defaultdict(set)
        for path in glob.glob(SOURCE + "/*/**/*.sql", recursive=True):
            relative = os.path.relpath(path, SOURCE)
            for role in USERS.get(relative, USERS.get(os.path.dirname(relative), [])):
                with open(path, encoding="utf-8") as file:
                    used[role] |= names(file.read())
        with Cluster(durable=False) as cluster:
            for role, schema in SENDERS.items():  # the queue names its own table and condition without a schema
                used[role] |= {schema + ".letter", schema + ".wanted"}
                for owner, body in cluster.query(WITH_THE_CALLERS_RIGHTS):
                    if owner == schema:
                        used[role] |= names(body)
            roles = "WITH roles (role) AS (VALUES %s)" % ", ".join("('%s')" % name for name in sorted(used))
            granted = {tuple(row) for row in cluster.query(roles + GRANTED)}
        self.assertEqual(len(used), 8)
        self.assertEqual(sorted(granted - {(role, name) for role in used for name in used[role]}), [])


if __name__ == "__main__":
    unittest.main()
