"""The budget's tables: letters and shares in versions (R82-R88, R94), a ledger that balances, has no gaps, and only
grows (promise 9). As psql sees them; the daemon that uses them has its tests in flow/test_budget.py."""
import json
import os
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from cluster import Cluster  # noqa: E402

SOURCE = os.environ.get("PADRIVER_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("PADRIVER_BUILD", os.path.join(SOURCE, "build", "dev"))
LOGINS = ["broker", "notifications", "evaluation", "budget", "newsletter", "ctl"]
TABLES = ["award", "letter", "voucher", "entry", "seal", "receipt", "distribution", "share"]
NOW = "'2027-02-10 10:00Z'"


def post(code, event, lines, now=NOW):
    """The call that posts lines (purpose, municipality, area, øre) under letter 1 and decision 1/27."""
    columns = list(zip(*lines))
    texts = ["ARRAY[%s]" % ",".join("'%s'" % value for value in column) for column in columns[:3]]
    return "SELECT * FROM budget.post(%s,'%s','grant-2027',%d,'1/27',1,%s,ARRAY[%s]::bigint[])" % (
        now, code, event, ",".join(texts), ",".join(str(ore) for ore in columns[3]))


def receive(event, ore, now=NOW):
    """One receipt, voucher and row, as the daemon writes it."""
    return "WITH v AS (%s) INSERT INTO budget.receipt SELECT %d,'grant-2027',%d,v.year,v.number FROM v" % (
        post("received", event, [("bank", "", "", ore), ("income", "", "", -ore)], now), event, ore)


class Store(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(durable=False)

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()

    def setUp(self):
        self.cluster.query("DROP DATABASE IF EXISTS t", "postgres")
        self.cluster.query("CREATE DATABASE t TEMPLATE padriver", "postgres")
        self.run_sql("SELECT log.append(%s, array_fill(14::smallint, ARRAY[400]), array_fill('grant-2027'::text, "
                     "ARRAY[400]), array_fill('kari'::text, ARRAY[400]), array_fill(0::bigint, ARRAY[400]), "
                     "array_fill('x'::bytea, ARRAY[400]))" % NOW)

    def run_sql(self, sql, user="postgres"):
        return self.cluster.query(sql, "t", user)

    def refused(self, sql, user="postgres"):
        """The message with which the store refuses it."""
        with self.assertRaises(RuntimeError) as caught:
            self.run_sql(sql, user)
        return str(caught.exception)

    def letter(self, ore=190000000, reference="26/1", kind="NULL", now=NOW):
        return self.run_sql("SELECT budget.letter_register('grant-2027',2027,NULL,%s,%d,'2027-02-01','%s','',NULL,%s,"
                            "'kari')" % (kind, ore, reference, now), "padriver_ctl")

    def distribute(self, version, ore, letter, area="drammen"):
        number = self.run_sql(post("distributed", 2, [("transfer", "3301", area, ore), ("payable", "3301", area, -ore)]),
                              "padriver_budget")[0][1]
        self.run_sql("BEGIN; INSERT INTO budget.distribution VALUES ('grant-2027',%d,%d,'1/27',2,%s,2027,%s); "
                     "INSERT INTO budget.share VALUES ('grant-2027',%d,'areas','%s','drammen','3301',%d); COMMIT"
                     % (version, letter, NOW, number, version, area, ore), "padriver_budget")

    def faults(self):
        return [" ".join(row) for row in self.run_sql("SELECT * FROM budget.faults()", "padriver_ctl")]

class Budget(Store):
    def test_R82_R88_each_letter_is_a_version_and_the_old_ones_stay(self):
        self.assertEqual(self.letter(), [["1"]])
        self.assertEqual(self.letter(200000000, "26/2"), [["2"]])
        self.assertEqual(self.run_sql("SELECT version, amount_ore FROM budget.letter ORDER BY 1"),
                         [["1", "190000000"], ["2", "200000000"]])
        self.assertEqual(self.run_sql("SELECT letter, amount_ore, funder, kind FROM budget.standing"),
                         [["2", "200000000", "Helsedirektoratet", "base"]])

    def test_a_letter_is_registered_once_and_never_from_the_future(self):
        self.letter()
        self.assertIn("registered already", self.refused(
            "SELECT budget.letter_register('grant-2027',2027,NULL,NULL,1,'2027-02-01','26/1','',NULL,%s,'kari')" % NOW))
        self.assertIn("yet to come", self.refused(
            "SELECT budget.letter_register('grant-2027',2027,NULL,NULL,1,'2027-02-11','26/2','',NULL,%s,'kari')" % NOW))
        self.assertIn("another grant needs another name", self.refused(
            "SELECT budget.letter_register('grant-2027',2027,NULL,'project',1,'2027-02-01','26/3','',NULL,%s,'k')" % NOW))

    def test_R87_nothing_is_posted_before_a_letter_is_registered(self):
        self.assertIn("violates foreign key", self.refused(receive(1, 100), "padriver_budget"))
        self.letter()
        self.run_sql(receive(1, 100), "padriver_budget")

    def test_R20_a_voucher_names_event_decision_letter_and_actor(self):
        self.letter()
        self.assertIn("voucher_decision_check", self.refused(receive(7, 100).replace("1/27", "")))
        self.run_sql(receive(7, 100), "padriver_budget")
        self.assertEqual(self.run_sql("SELECT number, line, account, amount_ore, event_position, decision, letter, actor, "
                                      "booked_on FROM budget.ledger ORDER BY line"),
                         [["1", "1", "2.10", "100", "7", "1/27", "1", "kari", "2027-02-10"],
                          ["1", "2", "810", "-100", "7", "1/27", "1", "kari", "2027-02-10"]])
        self.assertIn("null value", self.refused(receive(999, 100), "padriver_budget"))

    def test_a_voucher_that_does_not_balance_is_refused(self):
        self.letter()
        for lines in [[("bank", "", "", 100), ("income", "", "", -99)], [("bank", "", "", 100)]]:
            self.assertIn("does not balance", self.refused(post("received", 1, lines), "padriver_budget"))
        self.assertEqual(self.run_sql("SELECT count(*) FROM budget.voucher"), [["0"]])

    def test_shares_that_do_not_sum_to_the_letter_are_refused(self):
        self.letter()
        with self.assertRaises(RuntimeError) as caught:
            self.distribute(1, 189999999, 1)
        self.assertIn("shares sum to 189999999", str(caught.exception))

    def test_posted_entries_cannot_be_changed_even_by_the_owner(self):
        self.letter()
        self.run_sql(receive(1, 190000000), "padriver_budget")
        self.distribute(1, 190000000, 1)
        changes = ["UPDATE budget.%s SET %s = %s", "DELETE FROM budget.%s", "TRUNCATE budget.%s CASCADE"]
        for table in TABLES:
            column = self.run_sql("SELECT attname FROM pg_attribute WHERE attrelid = 'budget.%s'::regclass AND attnum = 1"
                                  % table)[0][0]
            for user in ["owner"] + LOGINS:
                for change in changes:
                    sql = change % ((table, column, column) if "UPDATE" in change else table)
                    if user == "owner":
                        self.assertIn("only grows", self.refused("SET ROLE padriver_owner_budget; " + sql))
                    else:
                        self.assertIn("permission denied", self.refused(sql, "padriver_" + user))

    def test_nobody_who_logs_in_is_the_owner_or_writes_vouchers(self):
        rows = self.run_sql("SELECT r.rolname FROM pg_roles r WHERE r.rolcanlogin AND r.rolname LIKE 'padriver%' AND "
                            "pg_has_role(r.oid, 'padriver_owner_budget', 'MEMBER')")
        self.assertEqual(rows, [])
        for table in ["voucher", "entry", "seal", "year", "letter", "award", "account"]:
            for login in LOGINS:
                self.assertEqual(self.run_sql("SELECT has_table_privilege('padriver_%s', 'budget.%s', 'INSERT, UPDATE, DELETE, "
                                              "TRUNCATE')" % (login, table)), [["f"]], (login, table))
        for login in LOGINS:
            allowed = self.run_sql("SELECT has_function_privilege('padriver_%s', p.oid, 'EXECUTE') FROM pg_proc p WHERE "
                                   "p.oid = 'budget.post'::regproc" % login)
            self.assertEqual(allowed, [["t" if login == "budget" else "f"]], login)

    def test_a_correction_is_a_reversal_made_once(self):
        self.letter()
        self.run_sql(receive(1, 500), "padriver_budget")
        reverse = "SELECT * FROM budget.reverse(%s,2027,1,'wrong-amount',0,'per')" % NOW
        self.assertEqual(self.run_sql(reverse, "padriver_ctl"), [["2027", "2"]])
        self.assertIn("reversed already", self.refused(reverse, "padriver_ctl"))
        self.assertIn("itself a reversal", self.refused(reverse.replace("2027,1", "2027,2"), "padriver_ctl"))
        self.assertIn("no voucher", self.refused(reverse.replace("2027,1", "2027,9"), "padriver_ctl"))
        self.assertEqual(self.run_sql("SELECT sum(amount_ore), count(*) FROM budget.entry WHERE account = '2.10'"),
                         [["0", "2"]])
        self.assertEqual(self.run_sql("SELECT received_ore FROM budget.standing"), [["0"]])
        self.assertEqual(self.run_sql("SELECT DISTINCT actor, reason FROM budget.ledger WHERE number = 2"),
                         [["per", "wrong-amount"]])
        self.assertEqual(self.faults(), [])

    def test_voucher_numbers_have_no_gaps_though_many_post_and_some_fail(self):
        self.letter()
        sets = [[receive(1 + 40 * n + k, 100) if k % 3 else receive(1 + 40 * n + k, 100).replace("-100", "-99")
                 for k in range(40)] for n in range(6)]

        def run(statements):
            subprocess.run(["psql", "-X", "-q", "-d", self.cluster.conninfo_of("t", "padriver_budget")], text=True,
                           input=";\n".join(statements) + ";\n", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=True)

        threads = [threading.Thread(target=run, args=(statements,)) for statements in sets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        good = sum(1 for n in range(6) for k in range(40) if k % 3)
        self.assertEqual(self.run_sql("SELECT count(*), min(number), max(number) FROM budget.voucher"),
                         [[str(good), "1", str(good)]])
        self.assertEqual(self.faults(), [])

    def test_numbers_begin_anew_with_the_year_in_oslo(self):
        self.letter()
        self.run_sql(receive(1, 100, "'2027-12-31 22:59Z'"), "padriver_budget")
        self.run_sql(receive(2, 100, "'2027-12-31 23:01Z'"), "padriver_budget")
        self.assertEqual(self.run_sql("SELECT year, number, booked_on FROM budget.voucher ORDER BY 1"),
                         [["2027", "1", "2027-12-31"], ["2028", "1", "2028-01-01"]])
        self.assertEqual(self.faults(), [])

    def test_accounts_are_dated_and_the_entries_keep_theirs(self):
        self.letter()
        self.run_sql(receive(1, 100), "padriver_budget")
        self.run_sql("SELECT budget.account_set('income','2028-01-01','700','253','Refusjon')", "padriver_ctl")
        self.run_sql(receive(2, 100, "'2028-01-02 10:00Z'"), "padriver_budget")
        self.assertEqual(self.run_sql("SELECT year, account, function FROM budget.entry WHERE purpose = 'income' ORDER BY 1"),
                         [["2027", "810", "258"], ["2028", "700", "253"]])
        self.assertIn("forwards only", self.refused("SELECT budget.account_set('income','2027-01-01','1','','x')"))
        self.assertIn("no account for bank", self.refused(receive(3, 100, "'2016-05-02 10:00Z'"), "padriver_budget"))

    def test_R88_a_letter_tells_the_amount_before_and_who_lost_a_share(self):
        self.letter()
        self.distribute(1, 190000000, 1)
        self.letter(200000000, "26/2")
        self.run_sql("SELECT * FROM budget.reverse(%s,2027,1,'changed',2,'')" % NOW, "padriver_budget")
        self.distribute(2, 200000000, 2, area="kongsberg")
        self.assertEqual(self.run_sql("SELECT version, area, amount_ore, previous_ore FROM budget.share_letter ORDER BY 1, 2",
                                      "padriver_notifications"),
                         [["1", "drammen", "190000000", ""], ["2", "drammen", "0", "190000000"],
                          ["2", "kongsberg", "200000000", "0"]])
        self.assertEqual(self.faults(), [])

    def planted(self, sql, *expected):
        """Damage as a superuser can plant it, triggers off; each expected word is in what the check finds."""
        self.run_sql("SET session_replication_role = replica; " + sql)
        found = "\n".join(self.faults())
        for word in expected:
            self.assertIn(word, found)

    def test_planted_damage_is_found(self):
        plants = [
            ("UPDATE budget.entry SET amount_ore = amount_ore + 1 WHERE number = 1 AND line = 1",
             "trial balance", "voucher 2027/1 has lines that sum to 1", "not what was sealed", "receipt of event 1"),
            ("UPDATE budget.entry SET amount_ore = amount_ore * 2 WHERE number = 1", "voucher 2027/1 is not what was sealed"),
            ("UPDATE budget.entry SET account = '2.99' WHERE number = 2 AND line = 1", "voucher 2027/2 is not what was sealed"),
            ("UPDATE budget.voucher SET decision = '9/99' WHERE number = 1", "voucher 2027/1 is not what was sealed"),
            ("UPDATE budget.voucher SET actor = 'ola' WHERE number = 2", "voucher 2027/2 is not what was sealed"),
            ("DELETE FROM budget.voucher WHERE number = 1", "voucher 2027/1 is missing", "belongs to no voucher"),
            ("DELETE FROM budget.voucher WHERE number = 2; DELETE FROM budget.entry WHERE number = 2", "2027/2 is missing"),
            ("UPDATE budget.year SET number = 1", "beyond the last number"),
            ("UPDATE budget.seal SET hash = 'x' WHERE number = 2", "voucher 2027/2 is not", "does not end with the seal"),
            ("UPDATE budget.share SET amount_ore = amount_ore - 1", "shares of 189999999", "not those of its voucher"),
            ("UPDATE budget.share SET number = '3303'", "not those of its voucher"),
            ("DELETE FROM budget.receipt", "no receipt"),
            ("UPDATE budget.letter SET amount_ore = 1", "under a letter of 1"),
        ]
        self.letter()
        self.run_sql(receive(1, 190000000), "padriver_budget")
        self.distribute(1, 190000000, 1)
        self.assertEqual(self.faults(), [])
        self.cluster.query("DROP DATABASE IF EXISTS sound", "postgres")
        self.cluster.query("CREATE DATABASE sound TEMPLATE t", "postgres")
        for sql, *expected in plants:
            with self.subTest(sql):
                self.planted(sql, *expected)
            self.cluster.query("DROP DATABASE t", "postgres")
            self.cluster.query("CREATE DATABASE t TEMPLATE sound", "postgres")


class Command(Store):
    """The same store through `padriver`, without a broker, at real time."""

    def padriver(self, *words, code=0):
        conf = os.path.join(self.cluster.directory, "conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write('store\n    connection = "host=%s dbname=t"\nplace\n    runtime = "%s"\n'
                       'broker\n    endpoint = "ipc://%s/nobody"\n' % ((self.cluster.directory,) * 3))
        done = subprocess.run([os.path.join(BUILD, "workers", "padriver"), *words], capture_output=True, timeout=60,
                              env={**os.environ, "PADRIVER_CONF": conf, "LC_ALL": "C.UTF-8"}, check=False)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return (done.stdout + done.stderr).decode("utf-8")

    def json(self, *words, code=0):
        return [json.loads(line) for line in self.padriver(*words, "--json", code=code).splitlines() if line[0] == "{"]

    def test_a_letter_is_written_in_its_events_transaction(self):
        self.padriver("grant", "letter", "grant-2027", "--amount", "1 900 000,00", "--reference", "26/1201-3")
        self.assertEqual(self.run_sql("SELECT type, key FROM log.event WHERE position > 400"), [["13", "grant-2027"]])
        self.padriver("grant", "letter", "grant-2027", "--amount", "1900000", "--reference", "26/1201-3", code=65)
        self.assertEqual(self.run_sql("SELECT max(position) FROM log.event"), [["401"]])
        grant = self.json("grant", "show", "grant-2027")[0]
        self.assertEqual((grant["grant"], grant["version"], grant["amount_ore"], grant["decision"], grant["shares"],
                          grant["year"], grant["received_ore"]), ("grant-2027", 0, 190000000, None, [], 2027, 0))
        self.assertEqual([letter["reference"] for letter in grant["letters"]], ["26/1201-3"])
        self.assertIn("grant-2027", self.padriver("grant", "show", "grant-2027"))
        self.assertIn("1\u00a0900\u00a0000,00\u00a0kr", self.padriver("grant", "list"))

    def test_what_is_no_amount_is_refused_with_the_way_out(self):
        for amount in ["1,005", "-1", "0", "kr", "1.000.000"]:
            self.assertIn("two decimals", self.padriver("grant", "letter", "grant-2027", "--amount=" + amount, code=65))
            self.assertIn("two decimals", self.padriver("grant", "received", "grant-2027", "--amount=" + amount, code=65))
        self.padriver("grant", "letter", "grant-2027", code=64)
        self.padriver("grant", "received", "grant 2027", "--amount", "1", code=65)
        self.padriver("grant", "letter", "grant-2027", "--amount", "1", "--dated", "yesterday", code=65)
        self.padriver("grant", "letter", "grant-2027", "--amount", "1", "--kind", "gift", code=65)
        self.assertIn("no letter", self.padriver("grant", "show", "grant-2027", code=1))
        self.assertEqual(self.run_sql("SELECT max(position) FROM log.event"), [["400"]])

    def test_the_ledger_reads_as_spreadsheets_here_take_it(self):
        self.letter()
        self.run_sql(receive(7, 190000001), "padriver_budget")
        lines = self.padriver("ledger", "--csv").split("\n")
        self.assertEqual(lines[0][0], "\ufeff")
        self.assertEqual(lines[0][1:].split(";")[:9], ["bilag", "linje", "dato", "tekst", "art", "funksjon", "kommune",
                                                       "område", "beløp"])
        self.assertEqual(lines[1].split(";"), ["2027/1", "1", "10.02.2027", "mottatt", "2.10", "", "", "", "1900000,01",
                                               "grant-2027", "7", "1/27", "1", "kari"])
        self.assertEqual(lines[2].split(";")[8], "-1900000,01")
        self.assertEqual(len(lines), 4)
        entry = self.json("ledger", "--grant", "grant-2027")[0]
        self.assertEqual({key: entry[key] for key in ("voucher", "line", "booked_on", "account", "municipality", "amount_ore",
                                                      "event", "decision", "actor", "letter")},
                         {"voucher": 1, "line": 1, "booked_on": "2027-02-10", "account": "2.10", "municipality": None,
                          "amount_ore": 190000001, "event": 7, "decision": "1/27", "actor": "kari", "letter": 1})
        self.assertEqual(self.json("ledger", "--grant", "grant-2028"), [])
        self.padriver("ledger", "--csv", "--json", code=64)

    def test_ledger_check_finds_what_was_planted(self):
        self.letter()
        self.run_sql(receive(7, 500), "padriver_budget")
        self.assertIn("No fault found", self.padriver("ledger", "check"))
        seal = self.json("ledger", "check")[0]["seal"]
        self.assertEqual(self.json("ledger")[0]["seal"], seal)
        self.run_sql("SET session_replication_role = replica; UPDATE budget.entry SET amount_ore = 501 WHERE line = 1")
        self.assertIn("trial balance is 1 øre", self.padriver("ledger", "check", code=1))

    def test_a_voucher_is_reversed_by_hand(self):
        self.letter()
        self.run_sql(receive(7, 500), "padriver_budget")
        self.padriver("ledger", "reverse", "2027/1", code=64)
        self.padriver("ledger", "reverse", "1", "--reason", "x", code=64)
        self.padriver("ledger", "reverse", "2027/1", "--reason", "with words", code=65)
        self.padriver("ledger", "reverse", "2027/1", "--reason", "wrong-amount")
        self.padriver("ledger", "reverse", "2027/1", "--reason", "wrong-amount", code=65)
        self.assertEqual(sum(entry["amount_ore"] for entry in self.json("ledger") if entry["account"] == "2.10"), 0)
        self.assertIn("No fault found", self.padriver("ledger", "check"))

    def test_the_accounts_are_settings(self):
        self.assertEqual(len(self.json("ledger", "accounts")), 6)
        self.padriver("ledger", "account", "income", "--from", "2028-01-01", "--code", "700", "--name", "Refusjon")
        self.assertEqual([(row["code"], row["valid_from"], row["valid_to"]) for row in self.json("ledger", "accounts")
                          if row["purpose"] == "income"],
                         [("810", "2017-01-01", "2027-12-31"), ("700", "2028-01-01", None)])
        self.padriver("ledger", "account", "bribe", "--from", "2028-01-01", "--code", "700", "--name", "x", code=65)


if __name__ == "__main__":
    unittest.main()
