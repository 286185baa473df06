"""The budget daemon with a real broker and store: what the three events do, and what a kill cannot undo."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402
from instance import SOURCE, Instance, eventually  # noqa: E402

START = "2027-02-10T09:00:00Z"
POINTS = ("after-cursor", "after-effects", "before-commit", "after-commit")
BASE = ["areas=1600000,00", "host=300000,00"]


class Flow(unittest.TestCase):
    """An instance with the sample centre. Each test has a grant of its own."""
    it = None

    @staticmethod
    def cluster():
        return Cluster(durable=False)

    @classmethod
    def setUpClass(cls):
        cls.it = Instance(daemons=["budget"], simulated=START, cluster=cls.cluster())
        cls.it.padriver("import", SOURCE + "/deploy/sample", "--yes")

    @classmethod
    def tearDownClass(cls):
        cls.it.close()

    def setUp(self):
        self.grant = "grant-" + str(self.it.value("SELECT count(*) FROM log.event"))

    def tearDown(self):
        self.assertIn("No fault found", self.it.padriver("ledger", "check"))
        self.it.padriver("parked", "retry", "budget", "--all", exit=None)
        for row in self.it.padriver("parked", "list", json=True):
            if row["waits_for"] is None:
                self.it.padriver("parked", "drop", "budget", str(row["position"]), exit=None)

    def idle(self):
        self.it.padriver("wait", "--idle", "--timeout", "30")

    def letter(self, amount="1900000,00", *words):
        self.it.padriver("grant", "letter", self.grant, "--amount", amount, *words)

    def decision(self, name="1", amount="1900000,00", pots=None, *words, exit=0):
        name = "%s/%s" % (name, self.grant[6:])
        pots = sum((["--pot", pot] for pot in pots or BASE), [])
        if "--body" not in words:
            words = ("--body", "SG") + words
        self.it.padriver("decision", "record", name, "--grant", self.grant, "--amount", amount, *pots, *words, exit=exit)
        return name

    def money(self, amount="1900000,00"):
        self.it.padriver("grant", "received", self.grant, "--amount", amount)

    def show(self):
        self.idle()
        return self.it.padriver("grant", "show", self.grant, json=True)[0]

    def shares(self, shown=None):
        return {(share["area"] or share["pot"], share["municipality"]): share["amount_ore"]
                for share in (shown or self.show())["shares"]}

    def parked(self):
        self.idle()
        return [(row["type"], row["reason"]) for row in self.it.padriver("parked", "list", json=True)
                if row["key"] == self.grant]

    def retry(self):
        self.it.padriver("parked", "retry", "budget", "--key", self.grant)
        self.idle()

    def told(self):
        """The events that the daemon told of this grant."""
        self.idle()
        return [(event["type"], event["data"]["version"]) for event in self.it.padriver("log", "--key", self.grant, json=True)
                if event["type"] in ("grant_distributed", "grant_changed")]

    def entries(self):
        return self.it.padriver("ledger", "--grant", self.grant, json=True)


EVEN = {("drammen", "3301"): 40000000, ("kongsberg", "3303"): 40000000, ("ringerike", "3305"): 40000000,
        ("hallingdal", "3328"): 40000000, ("host", "3301"): 30000000}


class Distribution(Flow):
    def test_R20_R82_R83_the_base_grant_goes_to_the_employers_and_the_host(self):
        decision = self.decision()
        self.letter()
        self.money()
        shown = self.show()
        self.assertEqual(self.shares(shown), EVEN)
        self.assertEqual((shown["version"], shown["amount_ore"], shown["decision"]), (1, 190000000, decision))
        self.assertEqual(self.told(), [("grant_distributed", 1)])
        entries = self.entries()
        self.assertEqual(sum(entry["amount_ore"] for entry in entries), 0)
        self.assertEqual({entry["decision"] for entry in entries}, {decision})
        received = self.it.padriver("log", "--key", self.grant, "--type", "grant_received", json=True)[0]
        self.assertEqual({(entry["event"], entry["actor"]) for entry in entries}, {(int(received["position"]), received["actor"])})
        self.assertEqual({(entry["municipality"], entry["amount_ore"]) for entry in entries if entry["account"] == "450"},
                         {("3301", 40000000), ("3303", 40000000), ("3305", 40000000), ("3328", 40000000)})

    def test_R87_money_before_its_letter_is_parked_with_its_reason_and_the_letter_behind_it(self):
        self.decision()
        self.money()
        self.assertEqual([kind for kind, _ in self.parked()], ["grant_received"])
        self.assertIn("no letter is registered", self.parked()[0][1])
        self.assertEqual(self.entries(), [])
        self.letter()
        self.assertEqual([kind for kind, _ in self.parked()], ["grant_received", "grant_letter_registered"])
        self.assertIn("waits for", self.parked()[1][1])
        self.retry()
        self.assertEqual(self.parked(), [])
        self.assertEqual(self.shares(), EVEN)
        self.assertEqual(self.told(), [("grant_distributed", 1)])
        self.assertEqual([entry["amount_ore"] for entry in self.entries() if entry["account"] == "2.10"], [190000000])

    def test_R87_money_before_its_decision_is_parked(self):
        self.letter()
        self.money()
        self.assertIn("no decision names it", self.parked()[0][1])
        self.decision()
        self.assertEqual(len(self.parked()), 1)
        self.retry()
        self.assertEqual(self.shares(), EVEN)

    def test_a_retry_before_the_rows_are_there_leaves_it_parked(self):
        self.money()
        self.assertIn("nor a decision", self.parked()[0][1])
        self.retry()
        self.assertEqual(len(self.parked()), 1)
        self.assertEqual(self.entries(), [])

    def test_R84_an_odd_ore_goes_to_the_lowest_municipality_number(self):
        self.decision("1", "1900001,01", ["areas=1600001,01", "host=300000,00"])
        self.letter("1 900 001,01")
        self.money("1900001.01")
        shares = self.shares()
        self.assertEqual(sum(shares.values()), 190000101)
        self.assertEqual(shares[("drammen", "3301")], 40000026)
        self.assertEqual({shares[key] for key in shares if key[0] in ("kongsberg", "ringerike", "hallingdal")}, {40000025})

    def test_weights_come_from_the_decision(self):
        self.decision("1", "100,00", ["areas=100,00"], "--weights", "drammen=3,hallingdal=1")
        self.letter("100")
        self.money("100")
        self.assertEqual(self.shares(), {("drammen", "3301"): 7500, ("hallingdal", "3328"): 2500})

    def test_R85_a_base_grant_has_no_pot_for_another_use(self):
        self.decision("1", "100,00", ["travel=100,00"], exit=64)
        decision = self.decision("1", "100,00", ["areas=100,00"])
        with self.assertRaisesRegex(RuntimeError, "decision_pot_kind_check"):
            self.it.psql("INSERT INTO plan.decision_pot VALUES ('%s', 'more', 'travel', 1)" % decision)

    def test_pots_of_another_sum_are_refused_at_the_decision(self):
        self.decision("1", "1900000,00", ["areas=1600000,00", "host=299999,99"], exit=65)

    def test_a_letter_of_another_amount_leaves_the_distribution_parked(self):
        self.decision()
        self.letter("1800000,00")
        self.money("1800000,00")
        self.assertIn("letter 1 says 1800000,00 kr, decision", self.parked()[0][1])
        self.assertEqual(self.show()["version"], 0)
        self.decision("2", "1800000,00", ["areas=1500000,00", "host=300000,00"])
        self.retry()
        self.assertEqual(self.parked(), [])
        self.assertEqual(sum(self.shares().values()), 180000000)

    def test_R88_a_second_letter_makes_a_second_version_and_the_first_stays(self):
        self.decision()
        self.letter()
        self.money()
        self.idle()
        self.decision("2", "2000000,00", ["areas=1700000,00", "host=300000,00"])
        self.letter("2000000,00")
        shown = self.show()
        self.assertEqual((shown["version"], shown["amount_ore"]), (2, 200000000))
        self.assertEqual(self.shares(shown)[("hallingdal", "3328")], 42500000)
        self.assertEqual(self.shares(shown["distributions"][0]), EVEN)
        self.assertEqual(self.told(), [("grant_distributed", 1), ("grant_changed", 2)])
        reversals = [entry for entry in self.entries() if entry["text"] == "reversed"]
        self.assertEqual({entry["reverses"] for entry in reversals}, {shown["distributions"][0]["voucher"]})
        booked = sum(entry["amount_ore"] for entry in self.entries() if entry["account"] == "450")
        self.assertEqual(booked, 170000000)

    def test_R88_a_second_letter_waits_parked_until_a_decision_names_its_amount(self):
        self.decision()
        self.letter()
        self.money()
        self.letter("2000000,00")
        self.assertEqual([kind for kind, _ in self.parked()], ["grant_letter_registered"])
        self.assertEqual(self.show()["version"], 1)
        self.decision("2", "2000000,00", ["areas=1700000,00", "host=300000,00"])
        self.retry()
        self.assertEqual(self.parked(), [])
        self.assertEqual(self.told(), [("grant_distributed", 1), ("grant_changed", 2)])

    def test_R88_a_letter_of_the_same_amount_is_a_version_too(self):
        self.decision()
        self.letter()
        self.money()
        self.letter()
        self.assertEqual(self.told(), [("grant_distributed", 1), ("grant_changed", 2)])
        self.assertEqual(self.shares(), EVEN)

    def test_a_new_decision_of_the_same_amount_shares_anew(self):
        self.decision()
        self.letter()
        self.money()
        self.idle()
        decision = self.decision("2", "1900000,00", ["areas=1900000,00"])
        shown = self.show()
        self.assertEqual((shown["version"], shown["decision"]), (2, decision))
        self.assertEqual(self.shares(shown)[("drammen", "3301")], 47500000)

    def test_part_payments_add_up_and_share_once(self):
        self.decision()
        self.letter()
        self.money("950000,00")
        self.money("950000,00")
        shown = self.show()
        self.assertEqual((shown["received_ore"], shown["outstanding_ore"]), (190000000, 0))
        self.assertEqual(self.told(), [("grant_distributed", 1)])
        self.assertEqual(sum(entry["amount_ore"] for entry in self.entries() if entry["account"] == "2.10"), 190000000)

    def test_R86_the_payee_is_the_employer_of_the_day(self):
        self.it.psql("UPDATE register.employment SET valid_to = '2027-02-09' WHERE position = 'koordinator-hallingdal'; "
                     "INSERT INTO register.employment VALUES ('koordinator-hallingdal', 'gol', NULL, 50, 50, '2027-02-10', NULL)")
        try:
            self.decision()
            self.letter()
            self.money()
            self.assertEqual(self.shares()[("hallingdal", "3324")], 40000000)
        finally:
            self.it.psql("DELETE FROM register.employment WHERE employer = 'gol'; "
                         "UPDATE register.employment SET valid_to = NULL WHERE position = 'koordinator-hallingdal'")

    def test_R86_an_area_without_an_employer_parks_the_grant(self):
        self.it.psql("UPDATE register.employment SET valid_to = '2027-01-31' WHERE position = 'koordinator-kongsberg'")
        self.decision()
        self.letter()
        self.money()
        self.assertIn("no employer of a coordinator for area kongsberg", self.parked()[0][1])
        self.assertEqual(self.entries(), [])
        self.it.psql("UPDATE register.employment SET valid_to = NULL WHERE position = 'koordinator-kongsberg'")
        self.retry()
        self.assertEqual(self.shares(), EVEN)

    def test_R20_R35_a_base_grant_is_not_shared_by_a_decision_about_project_funds(self):
        self.decision("1", "100,00", ["areas=100,00"], "--body", "AG", "--matter", "project_funds")
        self.letter("100,00")
        self.money("100,00")
        self.assertIn("is not about a base grant", self.parked()[0][1])

    def test_R35_R94_project_funds_are_shared_by_the_working_groups_decision(self):
        self.decision("1", "200000,00", ["areas=200000,00"], "--body", "AG", "--matter", "project_funds")
        self.letter("200000,00", "--kind", "project", "--funder", "Statsforvalteren", "--conditions", "Rapport innen 1.4.")
        self.money("200000,00")
        shown = self.show()
        self.assertEqual((shown["version"], shown["kind"], shown["funder"]), (1, "project", "Statsforvalteren"))
        self.assertEqual(shown["letters"][0]["conditions"], "Rapport innen 1.4.")

    def test_R106_the_delay_from_letter_to_distribution_is_shown(self):
        self.decision()
        self.letter("1900000,00", "--dated", "2027-02-01")
        self.money()
        self.assertEqual(self.show()["delay_days"], 9)

    def test_an_event_without_its_row_is_parked_and_a_decision_about_something_else_is_not(self):
        self.it.padriver("publish", "grant_letter_registered", "grant=" + self.grant)
        self.assertIn("no letter is registered", self.parked()[0][1])
        self.it.padriver("decision", "record", "9/" + self.grant[6:], "--body", "SG", "--subject", "Møteplan")
        self.idle()
        self.assertEqual(len(self.it.padriver("parked", "list", json=True)), 1)

    def test_a_distribution_reversed_by_hand_is_made_anew_by_the_next_event(self):
        self.decision()
        self.letter()
        self.money()
        voucher = self.show()["distributions"][0]["voucher"]
        self.it.padriver("ledger", "reverse", voucher, "--reason", "wrong-employer")
        self.assertFalse(self.show()["distributions"][0]["standing"])
        self.letter("1900000,00")
        self.assertEqual(self.told(), [("grant_distributed", 1), ("grant_changed", 2)])
        self.assertEqual(sum(entry["amount_ore"] for entry in self.entries() if entry["account"] == "450"), 160000000)


class Kills(Flow):
    """Promise 2: a sum over effects equals a sum over events, whatever is killed when."""

    @classmethod
    def setUpClass(cls):
        cls.it = Instance(daemons=["budget"], simulated=START)
        cls.it.padriver("import", SOURCE + "/deploy/sample", "--yes")

    def publish(self, count):
        lines = ['{"type": "grant_received", "data": {"grant": "%s", "amount_ore": %d}}\n' % (self.grant, 100 + n)
                 for n in range(count)]
        self.it.padriver("publish", "--json", "-", stdin="".join(lines))

    def agree(self):
        """The events' amounts, as the log has them, against the ledger's."""
        events = self.it.padriver("log", "--key", self.grant, "--type", "grant_received", json=True)
        booked = [entry for entry in self.entries() if entry["account"] == "2.10"]
        self.assertEqual(sum(entry["amount_ore"] for entry in booked), sum(event["data"]["amount_ore"] for event in events))
        self.assertEqual({entry["event"] for entry in booked}, {int(event["position"]) for event in events})
        self.assertEqual(self.told(), [("grant_distributed", 1)])
        self.assertEqual(self.parked(), [])

    def test_kill_9_at_each_failpoint(self):
        for name in POINTS:
            with self.subTest(name):
                self.setUp()
                self.decision()
                self.letter()
                self.idle()
                self.it.stop("budget")
                self.publish(40)
                self.it.start("budget", failpoint=name + ":2=kill")
                self.assertEqual(self.it.died("budget"), -9)
                self.it.start("budget")
                self.idle()
                self.agree()

    def test_kill_9_again_and_again_in_mid_batch(self):
        self.decision()
        self.letter()
        for n in range(6):
            booked = self.it.value("SELECT count(*) FROM budget.receipt")
            self.publish(150)
            if n % 2:
                eventually(lambda: self.it.value("SELECT count(*) FROM budget.receipt") > booked)  # noqa: B023
            self.it.kill("budget")
            self.it.start("budget")
        self.idle()
        self.agree()

    def test_the_broker_and_the_store_may_be_killed_too(self):
        self.decision()
        self.letter()
        self.publish(100)
        self.it.kill("broker")
        self.it.start("broker")
        self.publish(100)
        self.it.cluster.crash()
        self.it.cluster.start()
        self.idle()
        self.agree()

    def test_the_broker_and_the_store_killed_while_the_daemon_stands_at_each_failpoint(self):
        for victim, point in [(victim, point) for victim in ("broker", "store") for point in POINTS]:
            with self.subTest(victim=victim, point=point):
                self.setUp()
                self.decision()
                self.letter()
                self.idle()
                self.it.stop("budget")
                self.publish(40)
                self.it.start("budget", failpoint=point + "=stop")
                eventually(lambda: self.it.is_stopped("budget"))
                if victim == "broker":
                    self.it.kill("broker")
                    self.it.start("broker")
                else:
                    self.it.cluster.crash()
                    self.it.cluster.start()
                self.it.resume("budget")
                self.idle()
                self.agree()
                self.assertEqual(self.it.stop("budget"), 0)
                self.it.start("budget")


if __name__ == "__main__":
    unittest.main()
