"""What money does to the ledger is found by index, though the plans were made while all tables were empty: how many rows are
read of tables that grow, not how long it takes."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psycopg2  # noqa: E402
from cluster import Cluster  # noqa: E402
from instance import eventually  # noqa: E402
from test_growth import SOURCE, statement  # noqa: E402

ROWS = 20000
FILL = """
    SET session_replication_role = replica;
    INSERT INTO budget.award SELECT 'g-' || n, 2020, 'X', 'base' FROM generate_series(1, {rows}) n;
    INSERT INTO budget.letter SELECT 'g-' || n, 1, 1000, '2020-01-01', '', '', NULL, '2020-01-01', '' FROM generate_series(1, {rows}) n;
    INSERT INTO budget.voucher SELECT 2020, n, '2020-01-01', '2020-01-01', 'received', 'g-' || n, n, 'g-' || n, 1, '', ''
        FROM generate_series(1, {rows}) n;
    INSERT INTO budget.entry SELECT 2020, n, 1, 'bank', '1', '', '', '', 1000 FROM generate_series(1, {rows}) n;
    INSERT INTO budget.seal SELECT 2020, n, 'x' FROM generate_series(1, {rows}) n;
    INSERT INTO budget.receipt SELECT n, 'g-' || n, 1000, 2020, n FROM generate_series(1, {rows}) n;
    INSERT INTO budget.distribution SELECT 'g-' || n, 1, 1, 'g-' || n, n, '2020-01-01', 2020, n FROM generate_series(1, {rows}) n;
    INSERT INTO plan.decision (id, matter, body, decided_on, subject, grant_id, amount_ore)
      SELECT 'g-' || n, 'base_grant', 'SG', '2020-01-01', 'x', 'g-' || n, 1000 FROM generate_series(1, {rows}) n"""
READ = """SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
           WHERE schemaname IN ('budget', 'plan') AND n_live_tup > 1000 ORDER BY 1"""


class Plans(unittest.TestCase):
    def test_money_reads_few_rows_with_plans_from_when_there_were_none(self):
        with Cluster(durable=False, settings={"autovacuum": "off"}) as cluster:
            cluster.migrate(SOURCE + "/schemas/sql")
            cluster.query("ANALYZE")
            types, body = statement("ground_of", "workers/budget/budget.sql")
            daemon = psycopg2.connect(cluster.conninfo_of("padriver", "padriver_budget"))
            daemon.autocommit = True
            with daemon, daemon.cursor() as cursor:
                cursor.execute("SET plan_cache_mode = force_generic_plan; PREPARE it%s AS %s" % (types, body))
                cursor.execute("EXECUTE it('g-77')")
                cluster.query(FILL.format(rows=ROWS))
                before = dict(cluster.query(READ))
                cursor.execute("EXECUTE it('g-77')")
                self.assertEqual(cursor.fetchone()[:3], (1, 1000, 1000))
            daemon.close()
            eventually(lambda: dict(cluster.query(READ)) != before)
            after = dict(cluster.query(READ))
            self.assertGreater(len(after), 5)
            read = {name: int(after[name]) - int(before[name]) for name in after}
            self.assertLess(max(read.values()), 50, read)


if __name__ == "__main__":
    unittest.main()
