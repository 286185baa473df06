"""What a migration makes of what the store held before it."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from centre import SAMPLE, main  # noqa: E402
from command import Command  # noqa: E402

CONTACTS = "SELECT municipality, person, role, valid_from, confirmed_on FROM register.%s ORDER BY 1, 2, 3, 4"


class Migrated(unittest.TestCase):
    def test_R110_0050_keeps_what_a_person_had_confirmed_and_takes_no_file_for_a_person(self):
        with Command(last=49) as command:
            query = command.cluster.query
            command.good("import", SAMPLE, "--yes")
            query("SELECT register.confirm_contacts((SELECT id FROM register.person WHERE code = 'p003'), 'drammen', '2026-11-30T12:00Z')")
            before = query(CONTACTS % "contact")
            confirmed = [row for row in before if row[0] == "drammen"]
            self.assertEqual([row[4] for row in confirmed], ["2026-11-30"] * 5)
            command.migrate()
            self.assertEqual(query(CONTACTS % "confirmation"), confirmed)
            self.assertEqual(query("SELECT count(*) FROM register.confirmation WHERE confirmed_by IS NOT NULL"), [["0"]])
            self.assertEqual(query(CONTACTS % "confirmed_contact"), before)
            command.good("import", SAMPLE, "--yes")
            self.assertNotEqual(query(CONTACTS % "contact"), before)  # the files say what they said
            self.assertEqual(query(CONTACTS % "confirmed_contact"), before)


if __name__ == "__main__":
    main()
