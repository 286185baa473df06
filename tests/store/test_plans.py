"""What is asked all the time is found by index, however much there is: how many rows are read of tables that grow, not how
long it takes. What money does to the ledger even with plans that were made while all tables were empty."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psycopg2  # noqa: E402
from cluster import Cluster  # noqa: E402
from instance import eventually  # noqa: E402
from test_growth import statement  # noqa: E402

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
LETTERS = """
    INSERT INTO {schema}.letter (rule, subject, person, occurrence, state, due_at, sent_at, claim, message_id)
      SELECT 'rule-' || n % 5, 'x', n, '', CASE WHEN n % 9 > 0 THEN 'sent' WHEN n % 2 > 0 THEN 'dropped' ELSE 'refused' END,
             '2020-01-01', timestamptz '2020-01-02' + n * interval '1 second', '', '' FROM generate_series(1, {rows}) n;
    INSERT INTO {schema}.letter (rule, subject, person, occurrence, state, due_at, claim, message_id)
      SELECT 'rule-' || n % 5, 'y', n, '', (array['due', 'held', 'claimed', 'uncertain'])[1 + n % 4], '2020-01-01', '', ''
        FROM generate_series(1, 40) n"""
# The same by counting all of them.
COUNTED = """SELECT rule, state, count(*), max(sent_at), min(due_at) FILTER (WHERE state IN ('due', 'claimed'))
               FROM {schema}.letter GROUP BY rule, state ORDER BY rule, state"""
READ_LETTERS = """SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
                   WHERE schemaname = '{schema}' AND relname IN ('letter', 'closed') ORDER BY 1"""
READ = """SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
           WHERE schemaname IN ('budget', 'plan') AND n_live_tup > 1000 ORDER BY 1"""


class Plans(unittest.TestCase):
    def test_money_reads_few_rows_with_plans_from_when_there_were_none(self):
        with Cluster(durable=False, settings={"autovacuum": "off"}) as cluster:
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

    def test_a_scrape_reads_the_letters_that_are_open_not_all_that_were_sent(self):
        with Cluster(durable=False, settings={"autovacuum": "off"}) as cluster:
            for schema in ("notice", "newsletter"):
                cluster.query(LETTERS.format(schema=schema, rows=ROWS))
                for role in ("padriver_metrics", "padriver_ctl"):
                    before = dict(cluster.query(READ_LETTERS.format(schema=schema)))
                    watched = cluster.query("SELECT * FROM %s.watch_letters()" % schema, user=role)
                    eventually(lambda: dict(cluster.query(READ_LETTERS.format(schema=schema))) != before)
                    after = dict(cluster.query(READ_LETTERS.format(schema=schema)))
                    read = {name: int(after[name]) - int(before[name]) for name in after}
                    self.assertLess(max(read.values()), 200, read)
                    self.assertEqual(watched, cluster.query(COUNTED.format(schema=schema)))
                    cluster.query("ANALYZE")
                cluster.query("UPDATE %s.letter SET state = 'sent', sent_at = '2021-01-01' WHERE state IN ('claimed', 'uncertain')"
                              % schema)
                cluster.query("UPDATE %s.letter SET reason = 'x' WHERE person < 100" % schema)
                self.assertEqual(cluster.query("SELECT * FROM %s.watch_letters()" % schema),
                                 cluster.query(COUNTED.format(schema=schema)))


if __name__ == "__main__":
    unittest.main()
