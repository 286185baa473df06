"""The survey's letters: to each municipality, again to those missing, and to coordinators before it closes (R75, R76)."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_notifications  # noqa: E402

LINK = re.compile(r"https://\S+/e/\d+\.[\w-]+")


class Letters(test_notifications.Centre):
    def status(self):
        return {row["name"]: row for row in self.it.padriver("survey", "status", "LU-2027", json=True)}

    def asked(self):
        """Who is to be reminded, as the store has it."""
        return self.people("SELECT person FROM evaluation.missing WHERE evaluation = 'LU-2027'")

    def go(self, time):
        self.it.padriver("clock", "jump", time)
        self.it.padriver("wait", "--idle", "--timeout", "60")

    def coordinators(self, names):
        """The area's coordinator on the day, of each of these municipalities."""
        found = {}
        for name in names:
            address, = self.people("SELECT person FROM register.employer_of('%s', '2027-11-15')" % self.status()[name]["area"])
            found.setdefault(address, set()).add(name)
        return found

    def test_R75_R76_each_municipality_is_asked_and_reminded_and_its_coordinator_told(self):
        self.centre("evaluation", start=False)
        self.it.padriver("group", "add", "notifications", "--from", "start")
        self.it.psql("DELETE FROM register.contact WHERE municipality = 'gol'")
        self.it.start("evaluation")
        self.it.start("notifications")
        self.go("2027-11-01T09:00")
        letters = self.new("evaluation")
        self.assertEqual({letter.to for letter in letters}, self.asked())
        self.assertEqual(len(letters), len(self.status()) - 1)
        self.check_all(letters)
        for letter in letters:
            self.assertRegex(self.text(letter), LINK)
            self.assertTrue(any(name in self.text(letter) for name in self.status()), self.text(letter))
        for letter in letters[:6]:
            self.it.padriver("evaluation", "answer", LINK.search(self.text(letter))[0], "q1=4", "q7=5")
        self.it.padriver("wait", "--idle", "--timeout", "60")
        for day in ("04", "08"):
            self.go("2027-11-%sT09:00" % day)
            reminders = self.new("evaluation_reminder")
            self.assertEqual({letter.to for letter in reminders}, self.asked())
            self.check_all(reminders)
        self.check_escalation(letters)

    def check_escalation(self, letters):
        """The coordinator reads which have not answered, the one without a recipient too, and no answer."""
        self.it.padriver("evaluation", "answer", LINK.search(self.text(letters[6]))[0], "q1=4")
        self.go("2027-11-15T08:59")
        self.new(None)
        self.go("2027-11-15T09:00")
        told = self.new("survey_missing")
        self.check_all(told)
        wanted = self.coordinators([name for name, row in self.status().items() if row["status"] != "answered"])
        self.assertEqual({letter.to for letter in told}, set(wanted))
        for letter in told:
            listed = {line.split(":")[0] for line in self.text(letter).splitlines() if ":" in line}
            self.assertEqual(listed & set(self.status()), wanted[letter.to])
        self.assertIn("Gol", set().union(*wanted.values()))
        self.go("2027-11-19T23:59")
        self.new(None)


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=[sys.argv[0], "Letters"] + sys.argv[1:])
