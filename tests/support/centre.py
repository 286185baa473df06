"""A store with the sample centre in it, beside the command, for one class of tests."""
import os
import sys
import unittest

from command import SOURCE, Command

SAMPLE = SOURCE + "/deploy/sample"


class Centre(unittest.TestCase):
    loaded = True  # False: the register is empty

    @classmethod
    def setUpClass(cls):
        cls.command = Command()
        if cls.loaded:
            cls.command.good("import", SAMPLE, "--yes")

    @classmethod
    def tearDownClass(cls):
        cls.command.close()

    def query(self, sql, user="postgres"):
        return self.command.cluster.query(sql, user=user)

    def value(self, sql):
        return self.query(sql)[0][0]

    def column(self, sql):
        return [row[0] for row in self.query(sql)]

    def tried(self, *statements, user="postgres"):
        """The rows of the last statement, in a transaction that is rolled back."""
        return self.query("BEGIN; %s; ROLLBACK" % "; ".join(statements), user)

    def refused(self, words, *statements, user="postgres"):
        """Expects the store to refuse the last statement, saying the words."""
        with self.assertRaises(RuntimeError) as caught:
            self.tried(*statements, user=user)
        self.assertIn(words, str(caught.exception))

    def fails(self, code, words, *said, **more):
        """Expects the command to end so, saying that on standard error."""
        done = self.command(*words, **more)
        self.assertEqual(done.code, code, "%s\n%s%s" % (words, done.out, done.err))
        for part in said:
            self.assertIn(part, done.err)
        return done


def main():
    sys.argv[0] = os.path.basename(sys.argv[0])
    unittest.main()
