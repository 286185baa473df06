"""Help, manual and completion come from the tables of commands: none of them lacks one, and all are well formed."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from command import run  # noqa: E402

LISTED = re.compile(r"^  ([a-z]+(?: [a-z-]+)?) {2,}\S", re.M)


def commands():
    """Every command that `padriver help` lists."""
    return LISTED.findall(run("help").out.split("Exit status")[0])


def complete(line):
    """What the completion offers for the last word of the line."""
    script = ('source /dev/stdin; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _padriver; '
              'printf "%%s\\n" "${COMPREPLY[@]}"' % " ".join("'%s'" % word for word in line))
    done = subprocess.run(["bash", "-c", script], input=run("help", "--completion").out, capture_output=True, text=True)
    return done.stdout.split()


class Help(unittest.TestCase):
    def test_the_backbone_has_its_commands(self):
        wanted = {"publish", "log", "lag", "wait", "status", "check", "migrate", "settings", "group add", "group drop",
                  "group list", "parked list", "parked show", "parked retry", "parked drop", "timers list",
                  "timers move", "timers drop", "clock show", "clock advance", "clock jump", "instance create",
                  "instance show", "instance release", "help"}
        self.assertLessEqual(wanted, set(commands()))

    def test_every_command_has_help_with_an_example(self):
        for name in commands():
            done = run(*name.split(), "--help")
            self.assertEqual((done.code, done.err), (0, ""), name)
            self.assertTrue(done.out.startswith("padriver " + name), name)
            self.assertRegex(done.out, r"(?m)^ +(\S+ -u \S+ |echo .*\| *)?padriver " + name + r"\b", name + " has no example")
            self.assertEqual(done.out, run("help", *name.split()).out)

    def test_every_command_is_in_the_manual(self):
        manual = run("help", "--man").out
        for name in commands():
            self.assertIn("\n.SS padriver %s\n" % name, manual)

    def test_the_manual_is_well_formed(self):
        manual = run("help", "--man").out
        for reader in (["groff", "-ww", "-man", "-Tutf8"], ["mandoc", "-T", "lint", "-W", "warning"]):
            done = subprocess.run(reader, input=manual, capture_output=True, text=True)
            faults = done.stderr if reader[0] == "groff" else done.stdout + done.stderr
            self.assertEqual(faults, "", reader[0])

    def test_every_command_and_its_options_are_completed(self):
        first = complete(["padriver", ""])
        for name in commands():
            words = name.split()
            self.assertIn(words[0], first)
            if len(words) == 2:
                self.assertIn(words[1], complete(["padriver", words[0], ""]))
            usage = run(*words, "--help").out.splitlines()[0]
            for option in re.findall(r"--[a-z-]+", usage):
                self.assertIn(option, complete(["padriver", *words, "--"]), name)

    def test_a_group_of_commands_lists_itself(self):
        done = run("parked", "--help")
        self.assertEqual(done.code, 0)
        self.assertEqual([name for name in LISTED.findall(done.out) if name != "padriver"],
                         ["parked list", "parked show", "parked retry", "parked drop"])

    def test_a_misspelt_word_is_answered_with_the_nearest(self):
        for words, nearest in ((["publsh"], "padriver publish"), (["clok", "show"], "padriver clock show"),
                               (["parked", "rety"], "padriver parked retry"), (["log", "--lats", "3"], "--last"),
                               (["publish", "session_hold", "meeting=N1-S1"], "session_held")):
            done = run(*words)
            self.assertIn("did you mean", done.err)
            self.assertIn(nearest, done.err)
            self.assertNotEqual(done.code, 0)

    def test_a_group_alone_is_asked_which_of_its_commands(self):
        done = run("mail")
        self.assertEqual((done.code, done.err), (64, "padriver mail: which one? See padriver mail --help\n"))

    def test_the_help_of_publish_lists_every_event_and_field(self):
        text = run("publish", "--help").out
        source = os.path.join(os.path.dirname(__file__), "..", "..", "schemas", "events.def")
        with open(source, encoding="utf-8") as file:
            declared = file.read().split("clang-format off */")[1]
        for name in re.findall(r"EVENT\(\d+, (\w+)", declared):
            self.assertIn("\n  %s: " % name, text)
        for field in set(re.findall(r"(?:INT|CODE)\((\w+)", declared)):
            self.assertRegex(text, r"\n +%s=" % field)


if __name__ == "__main__":
    unittest.main()
