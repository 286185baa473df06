"""padriver import: shows first, writes all or nothing, undoes exactly, and says of every fault where it is."""
import json
import os
import pty
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from centre import SAMPLE, Centre, main  # noqa: E402
from command import PROGRAM  # noqa: E402

# Every table that files can change, row by row.
STATE = """
SELECT string_agg(x, E'\\n' ORDER BY x) FROM register.import_kind k,
  query_to_xml(format('SELECT * FROM %I.%I t ORDER BY t::text', k.owner, k.kind), true, true, '') d, CAST(k.kind || d AS text) x"""


class Import(Centre):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.before = self.value(STATE)

    def tearDown(self):
        """Whatever a test did, the store is as it was."""
        while self.value("SELECT count(*) FROM register.import WHERE undone_at IS NULL") != "1":
            self.command.good("import", "undo")
        self.assertEqual(self.value(STATE), self.before)
        self.folder.cleanup()

    def file(self, name, *lines, encoding="utf-8"):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding=encoding, newline="") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def changes(self, *words):
        return [(row["action"], row["kind"], row["key"], row["column"], row["before"], row["after"])
                for row in self.command.rows("import", *words)]

    def test_the_same_import_twice_changes_nothing(self):
        self.assertEqual(self.command.good("import", SAMPLE, "--yes"), "nothing to change\n")
        self.assertEqual(self.command.rows("import", SAMPLE, "--yes"), [])
        self.assertEqual(len(self.command.rows("import", "list")), 1 + int(self.value("SELECT count(*) - 1 FROM register.import")))

    def test_a_change_is_shown_field_by_field(self):
        path = self.file("person.csv", "code;name;phone", "p001;Ny Navnesen;12345678", "p900;Ådne D'Amico;")
        self.fails(65, ["import", path, "--yes"], "person.csv:3: language: is empty")
        path = self.file("person.csv", "code;name;phone;language", "p001;Ny Navnesen;12345678;nb", "p900;Ådne D'Amico;;nn")
        self.assertEqual(self.changes(path, "--yes"), [
            ("changed", "person", "p001", "name", "Torstein Soknedalmo", "Ny Navnesen"),
            ("changed", "person", "p001", "phone", None, "12345678"),
            ("added", "person", "p900", None, None, "name=Ådne D'Amico, language=nn")])
        self.assertEqual(self.query("SELECT name, email, language FROM register.person WHERE code = 'p001'"),
                         [["Ny Navnesen", "torstein.soknedalmo@usht-buskerud.example", "nb"]])

    def test_an_empty_cell_takes_the_value_away(self):
        path = self.file("seat.csv", "body;seat;person;valid_from", "SG;vert;;2024-01-01")
        self.assertEqual(self.changes(path, "--yes"), [("changed", "seat", "SG vert 2024-01-01", "person", "p007", None)])

    def test_replace_removes_what_the_file_does_not_have(self):
        path = self.file("contact.csv", "municipality;person;role;valid_from", "drammen;p001;contact;2026-01-01")
        count = int(self.value("SELECT count(*) FROM register.contact"))
        self.assertEqual([row[0] for row in self.changes(path, "--dry-run")], ["added"])
        actions = [row[0] for row in self.changes(path, "--replace", "--yes")]
        self.assertEqual((actions.count("added"), actions.count("removed")), (1, count))
        self.assertEqual(self.value("SELECT count(*) FROM register.contact"), "1")

    def test_what_is_in_use_is_not_removed(self):
        path = self.file("network.csv", "id;kind;name_nb;name_nn;name_en;convener;valid_from")
        done = self.fails(65, ["import", path, "--replace", "--yes"], "network.csv: id: is still referred to by")
        self.assertEqual(done.err.count("cannot be removed"), 6)

    def test_the_order_of_rows_and_files_does_not_matter(self):
        self.file("1-membership.csv", "network;person;role;valid_from", "NX;p901;leader;2027-01-01")
        self.file("2-network.csv", "id,kind,name_nb,name_nn,name_en,convener,valid_from", "NX,learning,a,b,c,leder,2027-01-01")
        self.file("3-person.csv", "code;name;language;municipality", "p901;A;nb;nye-hole")
        self.file("4-municipality.csv", "id;successor;merged_on", "nye-hole;hol-og-hole;2026-01-01", "hol-og-hole;;")
        self.assertEqual(len(self.changes(self.folder.name, "--yes")), 5)

    def test_a_row_can_make_room_for_another(self):
        """An old row ends where the new one begins, in one file and in either order (R4)."""
        lines = ["hole;ringerike;2020-01-01;2026-12-31", "hole;drammen;2027-01-01;"]
        for rows in (lines, lines[::-1]):
            path = self.file("party.csv", "municipality;area;valid_from;valid_to", *rows)
            self.assertEqual(len(self.changes(path, "--dry-run")), 2)

    def test_R110_a_file_takes_no_confirmation_back(self):
        """What a person said on the pages stays, whatever is imported or undone; another contact is not confirmed by it."""
        head = "municipality;person;role;confirmed_on;valid_from;valid_to"
        row = "drammen;p017;contact;%s;2024-01-01;%s"
        stands = "SELECT string_agg(concat_ws(' ', c.valid_from, c.confirmed_on, p.code), ', ' ORDER BY c.valid_from) FROM " \
            "register.confirmed_contact c LEFT JOIN register.person p ON p.id = c.confirmed_by WHERE c.person = " \
            "(SELECT id FROM register.person WHERE code = 'p017') AND c.role = 'contact'"
        confirm = "SELECT register.confirm_contacts((SELECT id FROM register.person WHERE code = 'p003'), 'drammen', '%s')"
        self.assertEqual(self.value(stands), "2024-01-01 2026-08-27")
        self.addCleanup(self.query, "DELETE FROM register.confirmation")
        self.query(confirm % "2026-12-01T12:00Z")
        kept = "2024-01-01 2026-12-01 p003"
        self.assertEqual(self.value(stands), kept)
        unchanged = self.file("contact.csv", head, row % ("2026-08-27", ""))
        self.assertEqual(self.command.good("import", unchanged, "--yes"), "nothing to change\n")
        for cells in (("2026-09-01", ""), ("", "2027-06-30")):
            self.changes(self.file("contact.csv", head, row % cells), "--yes")
            self.assertEqual(self.value(stands), kept)
        self.command.good("import", "undo")
        self.assertEqual(self.value(stands), kept)
        self.changes(self.file("contact.csv", head, row % ("2026-12-02", "")), "--yes")  # later than what the person said
        self.assertEqual(self.value(stands), "2024-01-01 2026-12-02")
        self.changes(self.file("contact.csv", head, row % ("", "2026-12-31"), "drammen;p017;contact;;2027-01-01;"), "--yes")
        self.assertEqual(self.value(stands), kept + ", 2027-01-01")

    def test_all_faults_are_told_and_nothing_is_written(self):
        contact = self.file("contact.csv", "# comment", "municipality;person;role;confirmed_on;valid_from",
                            "drammen;p001;contact;;2027-01-01", "dramen;p001;contact;;2027-01-01",
                            "drammen;p999;contact;;2027-01-01", "drammen;p002;boss;;2027-01-01",
                            "drammen;p003;contact;2026-02-30;2027-01-01", "drammen;p004;contact;;",
                            "drammen;p001;contact;;2027-01-01")
        host = self.file("host.csv", "municipality;valid_from", "hole;31.12.2026")
        goal = self.file("goal.json", '[{"id": "M4", "kind": "sub", "text_nb": "a", "text_nn": "b", "text_en": "c",',
                         '  "valid_from": "2027-01-01"},', ' {"id": "F1", "valid_from": "x"}]')
        done = self.fails(65, ["import", contact, host, goal, "--yes"],
                          "contact.csv:4: municipality: there is no municipality dramen\n",
                          "contact.csv:5: person: there is no person with the code p999\n",
                          "contact.csv:6: role: breaks the rule",
                          "contact.csv:7: confirmed_on: \"2026-02-30\" is not a date such as 2027-01-31\n",
                          "contact.csv:8: valid_from: is empty: it tells the rows apart\n",
                          "contact.csv:9: municipality, person, role, valid_from: has the same values as line 3",
                          "host.csv:2: valid_from, valid_to: one host at any date: overlaps",
                          "goal.json:1: kind, parent: breaks the rule",
                          "goal.json:3: valid_from: \"x\" is not a date", "nothing was written")
        self.assertEqual(len(done.err.splitlines()), 10)
        self.assertEqual(self.value(STATE), self.before)

    def test_a_head_line_that_does_not_fit_is_told(self):
        for name, head, said in (("people.csv", "id", "people.csv:1: there is no kind people"),
                                 ("host.csv", "municipality", "host.csv:1: valid_from: is missing"),
                                 ("host.csv", "valid_from;mayor", "host.csv:1: mayor: is not a column of host; it has municipality"),
                                 ("host.csv", "valid_from;valid_from", "host.csv:1: valid_from: stands twice"),
                                 ("person.csv", "code;id", "person.csv:1: id: is not a column"),
                                 ("goal.csv", "id;level", "goal.csv:1: level: is not a column")):
            self.fails(65, ["import", self.file(name, head), "--yes"], said)

    def test_a_file_that_cannot_be_read_is_told(self):
        bad = self.file("person.csv", "code;name", "p1;Åse", encoding="latin-1")
        open_quote = self.file("goal.csv", "id;kind", 'M;"main')
        done = self.fails(65, ["import", bad, open_quote, "/nonexistent.csv", "--yes"], "person.csv:2: it is not UTF-8",
                          "goal.csv:2: a quote", "/nonexistent.csv: No such file")
        self.assertEqual(len(done.err.splitlines()), 3)
        self.fails(65, ["import", self.file("person.txt", "code"), "--yes"], "neither .csv nor .json")
        with tempfile.TemporaryDirectory() as empty:
            self.fails(65, ["import", empty, "--yes"], "holds no .csv")
        self.fails(64, ["import"], "too few words")

    def test_nothing_is_written_without_agreement(self):
        path = self.file("area.csv", "id;name", "drammen;Nytt navn")
        self.fails(1, ["import", path], "nothing was written; --yes writes it")
        for answer, code in (("n", 1), ("", 1), ("y", 0)):
            ours, theirs = pty.openpty()
            os.write(ours, (answer + "\n").encode())
            done = subprocess.run([PROGRAM, "import", path], stdin=theirs, capture_output=True, text=True, timeout=60,
                                  env={"PADRIVER_CONF": self.command.conf, "PATH": os.environ["PATH"]})
            os.close(ours)
            os.close(theirs)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn("~ area drammen  name: Drammen -> Nytt navn", done.stdout)
            self.assertEqual(self.value("SELECT name FROM register.area WHERE id = 'drammen'"), "Drammen" if code else "Nytt navn")

    def test_undo_is_refused_when_a_row_was_changed_since(self):
        first = self.file("area.csv", "id;name", "drammen;Ett", "ny;Ny")
        self.command.good("import", first, "--yes")
        self.command.good("import", self.file("area.csv", "id;name", "drammen;To"), "--yes")
        older, newer = [row["id"] for row in self.command.rows("import", "list") if not row["undone_at"]][1:]
        self.fails(1, ["import", "undo", str(older)], "area drammen was changed since")
        self.command.good("import", "undo", str(newer))
        self.fails(1, ["import", "undo", str(newer)], "is undone already")
        self.fails(1, ["import", "undo", "4711"], "there is no import 4711")
        self.fails(64, ["import", "undo", "last"], "is a number")
        listed = {row["id"]: row for row in self.command.rows("import", "list")}
        self.assertEqual((listed[older]["added"], listed[older]["changed"], listed[older]["files"]), (1, 1, ["area.csv"]))
        self.assertIsNotNone(listed[newer]["undone_at"])

    def test_undo_is_refused_when_a_row_is_in_use_since(self):
        self.command.good("import", self.file("area.csv", "id;name", "ny;Ny"), "--yes")
        self.command.good("import", self.file("party.csv", "municipality;area;valid_from", "asker;ny;2027-01-01"), "--yes")
        first = [row["id"] for row in self.command.rows("import", "list") if not row["undone_at"]][1]
        self.fails(1, ["import", "undo", str(first)], "area of line 2 of area.csv is in use since")

    def test_undo_brings_removed_persons_back_with_their_ids(self):
        """Members, seats and persons go and come again, byte for byte (setUp and tearDown compare)."""
        self.command.good("import", self.file("membership.csv", "network;person;valid_from"),
                          self.file("contact.csv", "municipality;person;role;valid_from"),
                          self.file("seat.csv", "body;seat;valid_from"), self.file("employment.csv", "position;valid_from"),
                          self.file("person.csv", "code"), "--replace", "--yes")
        self.assertEqual(self.value("SELECT count(*) FROM register.person"), "0")

    def test_a_change_of_the_store_between_showing_and_writing_is_noticed(self):
        """The user agrees to what was shown, not to what it has become."""
        path = self.file("area.csv", "id;name", "drammen;Nytt navn")
        ours, theirs = pty.openpty()
        shown = subprocess.Popen([PROGRAM, "import", path], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env={"PADRIVER_CONF": self.command.conf, "PATH": os.environ["PATH"]})
        self.assertTrue(any("added, 1 changed" in line for line in shown.stdout))
        self.query("UPDATE register.area SET name = 'Annet' WHERE id = 'drammen'")
        os.write(ours, b"y\n")
        _, err = shown.communicate(timeout=60)
        self.query("UPDATE register.area SET name = 'Drammen' WHERE id = 'drammen'")
        os.close(ours)
        os.close(theirs)
        self.assertEqual(shown.returncode, 1, err)
        self.assertIn("somebody changed the store meanwhile", err)

    def test_json_and_csv_say_the_same(self):
        rows = [{"id": "ny", "name": "Ny; \"rar\""}, {"id": "drammen", "name": "Drammen"}]
        with_json = self.file("area.json", json.dumps(rows))
        self.command.good("import", with_json, "--yes")
        csv = self.file("area.csv", "\ufeffname,id\r", "\"Ny; \"\"rar\"\"\",ny\r")
        self.assertEqual(self.command.good("import", csv, "--yes"), "nothing to change\n")


if __name__ == "__main__":
    main()
