"""`padriver trace`: every letter is traced to its decision, and what a decision led to is all found."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from instance import SOURCE, Instance  # noqa: E402

START = "2027-02-10T09:00:00Z"


class Trace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Instance(daemons=["budget", "notifications", "evaluation", "newsletter"], simulated=START, durable=False, mail=True)
        cls.it.padriver("import", SOURCE + "/deploy/sample", "--yes")

    @classmethod
    def tearDownClass(cls):
        cls.it.close()

    def idle(self):
        self.it.padriver("wait", "--idle", "--timeout", "60")

    def trace(self, what):
        return self.it.padriver("trace", str(what), json=True)

    def decide(self, decision, grant):
        self.it.padriver("decision", "record", decision, "--body", "SG", "--grant", grant, "--amount", "1900000,00",
                         "--pot", "areas=1600000,00", "--pot", "host=300000,00")

    def events(self, nodes):
        return [(node["depth"], node["type"], node["subject"]) for node in nodes if node["node"] == "event"]

    def test_a_decision_leads_to_the_money_the_shares_and_each_letter(self):
        self.it.padriver("grant", "received", "grant-2027", "--amount", "1900000,00")
        self.idle()
        received = self.it.padriver("log", "--key", "grant-2027", json=True)[0]["position"]
        parked = self.trace(received)
        self.assertEqual([(node["node"], node["depth"], node["id"], node["parent"]) for node in parked],
                         [("event", 0, received, None), ("parked", 1, "budget/%d" % received, received)])
        self.assertIn("no letter is registered", parked[1]["reason"])
        self.it.padriver("grant", "letter", "grant-2027", "--amount", "1900000,00")
        self.decide("1/27", "grant-2027")
        self.idle()
        self.it.padriver("parked", "retry", "budget", "--key", "grant-2027")
        self.idle()
        nodes = self.trace("1/27")
        self.assertEqual(self.events(nodes)[:3], [(0, "decision_recorded", "1/27"), (1, "grant_received", "grant-2027"),
                                                  (2, "grant_distributed", "grant-2027")])
        shared = [node for node in nodes if node["type"] == "grant_distributed"][0]
        self.assertEqual(shared["parent"], received)
        letters = {node["id"]: node for node in nodes if node["node"] == "letter"}
        listed = {row["id"]: row for row in self.it.padriver("mail", "list", "--subject", "grant-2027", json=True)
                  + self.it.padriver("mail", "list", json=True) if row["subject"].startswith("grant-2027")}
        self.assertGreater(len(letters), 4)
        self.assertEqual(set(letters), set(listed))
        for name, letter in letters.items():
            self.assertEqual((letter["depth"], letter["parent"]), (3, shared["id"]))
            for field in ("state", "rule", "person", "message_id"):
                self.assertEqual(letter[field], listed[name][field])
            self.assertEqual(letter["state"], "sent")
        arrived = {mail["Message-ID"].strip("<>") for mail in self.it.mails()}
        self.assertLessEqual({letter["message_id"] for letter in letters.values()}, arrived)
        self.check_back(shared["id"])
        said = self.it.padriver("trace", "1/27")
        self.assertRegex(said, r"(?m)^\d+\* decision_recorded 1/27 .*\n  %d grant_received grant-2027 " % received)
        self.assertRegex(said, r"(?m)^      letter notice/\d+ \w+ grant-2027\S* to person \d+, sent \S+ <\S+@\S+>$")

    def check_back(self, position):
        """From what came of a decision back to it."""
        back = self.trace(position)
        self.assertEqual(self.events(back), [(0, "decision_recorded", "1/27"), (1, "grant_received", "grant-2027"),
                                             (2, "grant_distributed", "grant-2027")])
        self.assertEqual([node["asked"] for node in back[:3]], [False, False, True])

    def test_a_meeting_leads_to_its_timers_and_a_held_session_to_its_evaluation(self):
        self.it.padriver("plan", "schedule", "N1-S2", "--at", "2027-03-18T09:00")
        self.idle()
        nodes = self.trace("N1-S2")
        self.assertEqual(self.events(nodes), [(0, "meeting_scheduled", "N1-S2")])
        timers = [node for node in nodes if node["node"] == "timer"]
        self.assertTrue({node["type"] for node in timers} & {"reminder_due", "invitation_due"})
        self.assertEqual({node["parent"] for node in nodes if node["node"] != "event"}, {nodes[0]["id"]})
        self.assertEqual({row["id"] for row in self.it.padriver("timers", "list", json=True) if "N1-S2" in row["name"]},
                         {int(node["id"]) for node in timers})

    def test_a_newsletter_too_large_to_show_is_cut_with_a_word(self):
        self.it.padriver("publish", "meeting_held", "meeting=SG9")
        position = self.it.padriver("log", "--key", "SG9", json=True)[0]["position"]
        self.it.psql("INSERT INTO newsletter.letter (rule, subject, person, occurrence, due_at, state, cause)"
                     " SELECT 'newsletter', 'huge', n, '1', '2027-02-10', 'dropped', %d FROM generate_series(1, 2500) n" % position)
        nodes = self.trace(position)
        self.assertEqual((len(nodes), nodes[-1]["node"]), (2001, "cut"))
        self.assertIn("cut short: there is more", self.it.padriver("trace", str(position)).splitlines()[-1])

    def test_a_chain_too_long_to_show_is_cut_with_a_word_both_ways(self):
        self.it.padriver("publish", "meeting_held", "meeting=SG8")
        first = self.it.padriver("log", "--key", "SG8", json=True)[0]["position"]
        self.it.psql("SELECT log.append(at, array_fill(type, ARRAY[40]), array_fill('SG8-on'::text, ARRAY[40]),"
                     " array_fill(actor, ARRAY[40]), ARRAY(SELECT generate_series(position, position + 39)), array_fill(body, ARRAY[40]))"
                     " FROM log.event WHERE position = %d" % first)
        forward = self.trace(first)
        self.assertEqual((forward[-2]["depth"], forward[-1]["node"]), (32, "cut"))
        self.assertIn("deeper", forward[-1]["reason"])
        back = self.trace(first + 40)
        self.assertEqual((back[0]["id"], back[-1]["node"]), (first + 8, "cut"))
        self.assertIn("because of %d" % (first + 7), self.it.padriver("trace", str(first + 40)))
        self.assertNotEqual(self.trace(first + 20)[-1]["node"], "cut")

    def test_what_is_not_in_the_log_is_refused(self):
        for word in ("99999", "N9-S9"):
            self.assertIn("no event " + word, self.it.padriver("trace", word, exit=1))
        self.it.padriver("trace", exit=64)


if __name__ == "__main__":
    unittest.main()
