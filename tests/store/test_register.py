"""The register's rules, as the store holds them, on the sample centre."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from centre import Centre, main  # noqa: E402

TODAY = "'2027-01-01'"


class Register(Centre):
    def gaps(self, *statements, day=TODAY):
        return self.tried(*statements, "SELECT rule, subject FROM register.gaps_on(%s)" % day)

    def test_r1_one_municipality_is_the_host_at_any_date(self):
        self.assertEqual(self.value("SELECT municipality FROM register.host_on('2017-01-01')"), "drammen")
        self.refused("one_host_at_any_date", "INSERT INTO register.host VALUES ('lier', '2030-01-01')")
        self.tried("UPDATE register.host SET valid_to = '2029-12-31'",
                   "INSERT INTO register.host VALUES ('lier', '2030-01-01')")
        self.assertIn(["R1", "host"], self.gaps("DELETE FROM register.host"))

    def test_r2_the_agreement_of_2020_has_its_parties(self):
        then = self.column("SELECT municipality FROM register.parties_on('2020-06-01')")
        self.assertEqual(len(then), 21)
        self.assertLessEqual({"sande", "svelvik", "jevnaker"}, set(then))
        self.assertFalse({"royken", "hurum", "asker"} & set(then))
        self.assertEqual(len(self.column("SELECT municipality FROM register.parties_on(%s)" % TODAY)), 18)

    def test_r3_being_a_party_is_separate_from_the_county(self):
        self.assertNotIn("jevnaker", self.column("SELECT municipality FROM register.parties_on(%s)" % TODAY))
        self.assertEqual(self.value("SELECT number FROM register.municipality_on('jevnaker', %s)" % TODAY), "3236")

    def test_r4_a_party_is_in_exactly_one_area(self):
        self.refused("party_is_in_one_area", "INSERT INTO register.party VALUES ('hole', 'drammen', '2027-01-01')")
        self.refused("party_is_in_one_area", "UPDATE register.party SET valid_to = '2027-01-31' WHERE municipality = 'hole'",
                     "INSERT INTO register.party VALUES ('hole', 'drammen', '2027-01-31')")
        self.tried("UPDATE register.party SET valid_to = '2027-01-31' WHERE municipality = 'hole'",
                   "INSERT INTO register.party VALUES ('hole', 'drammen', '2027-02-01')")
        self.refused("not-null", "INSERT INTO register.party VALUES ('asker', NULL, '2027-01-01')")

    def test_r5_each_area_has_its_coordinating_municipality(self):
        self.assertEqual(self.query("SELECT area, coordinating, through FROM register.areas_on(%s)" % TODAY),
                         [["drammen", "drammen", ""], ["hallingdal", "al", "Hallinghelse"],
                          ["kongsberg", "kongsberg", ""], ["ringerike", "ringerike", ""]])
        self.refused("area_has_one_coordinating",
                     "INSERT INTO register.area_coordinating VALUES ('hallingdal', 'gol', NULL, '2027-01-01')")
        self.assertIn(["R5", "hallingdal"],
                      self.gaps("DELETE FROM register.area_coordinating WHERE area = 'hallingdal'"))

    def test_x8_numbers_and_names_belong_to_their_time(self):
        for day, number, name in (("2019-12-31", "0616", "Nes"), ("2020-01-01", "3040", "Nesbyen"),
                                  ("2023-12-31", "3040", "Nesbyen"), ("2024-01-01", "3322", "Nesbyen")):
            self.assertEqual(self.query("SELECT number, name FROM register.municipality_on('nesbyen', '%s')" % day),
                             [[number, name]])
        self.assertEqual(self.value("SELECT successor FROM register.municipality WHERE id = 'svelvik'"), "drammen")
        self.refused("number_is_of_one_municipality",
                     "INSERT INTO register.municipality_period VALUES ('svelvik', '3301', 'Svelvik', 'nb', '2030-01-01')")
        self.refused("municipality_has_one_number",
                     "INSERT INTO register.municipality_period VALUES ('drammen', '9999', 'Drammen', 'nb', '2030-01-01')")

    def test_r9_r10_partners_have_a_role_and_say_who_appointed_them(self):
        self.assertEqual(self.column("SELECT id FROM register.partner WHERE appointed ORDER BY id"),
                         ["aldring-og-helse", "omsorgsforskning-sor", "pasientsikkerhet", "statsforvalteren"])
        self.assertIn("usn", self.column("SELECT id FROM register.partner WHERE NOT appointed AND role <> ''"))

    def test_r12_r13_a_gap_in_the_steering_group_is_flagged(self):
        self.assertIn(["R12", "hallingdal"], self.gaps("UPDATE register.seat SET person = NULL WHERE seat = 'hallingdal'"))
        self.assertIn(["R12", "hallingdal"], self.gaps("UPDATE register.seat SET municipality = 'gol' WHERE seat = 'hallingdal'"))
        self.assertIn(["R13", "drammen"], self.gaps("DELETE FROM register.seat WHERE seat = 'vert'"))
        self.refused("seat_is_held_once", "INSERT INTO register.seat VALUES ('SG', 'vert', 'To', 'drammen', 'drammen', 1, '2026-01-01')")

    def test_r28_the_working_group_is_the_positions_holders(self):
        self.assertEqual(self.column("SELECT p.code FROM register.body_members('AG', %s) m JOIN register.person p ON p.id = m.person "
                                     "ORDER BY 1" % TODAY), ["p001", "p002", "p003", "p004", "p005", "p006"])

    def test_r39_one_position_an_area_paid_half_by_the_grant(self):
        self.refused("position_area_key", "INSERT INTO register.position VALUES ('to', 'coordinator', 'kongsberg', 'T')")
        self.refused("position_is_held_once", "INSERT INTO register.employment VALUES ('leder', 'lier', NULL, 50, 0, '2027-01-01')")
        self.assertIn(["R39", "koordinator-ringerike"],
                      self.gaps("UPDATE register.employment SET grant_percent = 51 WHERE position = 'koordinator-ringerike'"))
        self.assertNotIn("R39", [rule for rule, _ in self.gaps()])
        self.assertIn(["R39", "kongsberg"],
                      self.gaps("UPDATE register.employment SET person = NULL WHERE position = 'koordinator-kongsberg'"))

    def test_r45_an_empty_seat_is_listed(self):
        self.assertEqual(self.gaps(), [["R45", "FR/eldrerad"]])

    def test_r57_a_member_is_leader_or_resource_and_once(self):
        self.refused("membership_role_check", "UPDATE register.membership SET role = 'guest'")
        self.refused("member_once", "INSERT INTO register.membership SELECT network, person, 'leader', '2027-01-01' "
                     "FROM register.membership LIMIT 1")

    def test_r59_r109_each_party_has_a_contact_and_one_responsible(self):
        self.assertIn(["R59", "rollag"], self.gaps("DELETE FROM register.contact WHERE municipality = 'rollag'"))
        self.assertIn(["R109", "rollag"], self.gaps("DELETE FROM register.contact WHERE municipality = 'rollag'"))
        self.assertEqual(self.value("SELECT count(*) FROM register.recipients_of('drammen', %s)" % TODAY), "1")
        self.assertEqual(self.tried("DELETE FROM register.contact WHERE municipality = 'drammen' AND role = 'responsible'",
                                    "SELECT count(*) FROM register.recipients_of('drammen', %s)" % TODAY), [["4"]])

    def test_r86_the_payee_is_the_employer_even_where_it_does_not_coordinate(self):
        employer = "SELECT municipality, number FROM register.employer_of('hallingdal', %s)"
        self.assertEqual(self.query(employer % TODAY), [["al", "3328"]])
        move = ("UPDATE register.employment SET valid_to = '2026-12-31' WHERE position = 'koordinator-hallingdal'",
                "INSERT INTO register.employment VALUES ('koordinator-hallingdal', 'gol', NULL, 50, 50, '2027-01-01')")
        self.assertEqual(self.tried(*move, employer % TODAY), [["gol", "3324"]])
        self.assertEqual(self.tried(*move, employer % "'2026-12-31'"), [["al", "3328"]])
        self.assertEqual(self.query("SELECT coordinating FROM register.areas_on(%s) WHERE area = 'hallingdal'" % TODAY), [["al"]])

    def test_who_is_suppressed_is_not_written_to(self):
        write = "SELECT register.may_write(50, 'letters'), register.may_write(50, 'newsletter')"
        self.assertEqual(self.query(write), [["t", "t"]])
        for channel, then in (("letters", ["f", "t"]), ("newsletter", ["t", "f"]), ("all", ["f", "f"])):
            stop = "DO $$ BEGIN PERFORM register.suppress(50, '%s', '5.1.1', '2027-01-01'); END $$" % channel
            self.assertEqual(self.tried(stop, stop, write), [then])
            go = "DO $$ BEGIN PERFORM register.unsuppress(50, '%s'); END $$" % channel
            self.assertEqual(self.tried(stop, go, write), [["t", "t"]])
        self.assertEqual(self.tried("SELECT register.suppress(999999, 'all', 'x', '2027-01-01')"), [["f"]])

    def test_a_person_lifts_what_stopped_letters(self):
        self.query("SELECT register.suppress(50, 'all', '550 5.1.1 at RCPT', '2027-01-01T08:00Z')")
        self.assertEqual(self.command.rows("suppression", "list"),
                         [{"person": 50, "channel": "all", "reason": "550 5.1.1 at RCPT", "suppressed_at": "2027-01-01T08:00:00Z"}])
        self.fails(1, ("suppression", "drop", "50", "--channel", "letters"), "is not suppressed so")
        self.command.good("suppression", "drop", "50")
        self.command.good("suppression", "add", "50", "--channel", "newsletter")
        self.assertEqual([(row["channel"], row["reason"]) for row in self.command.rows("suppression", "list")],
                         [("newsletter", "asked")])
        self.command.good("suppression", "drop", "50", "--channel", "newsletter")
        self.fails(1, ("suppression", "add", "999999"), "is not in the register")
        self.fails(64, ("suppression", "add", "kari"), "no person's number")
        self.fails(64, ("suppression", "add", "50", "--channel", "post"), "--channel is")

    def test_no_role_of_a_program_reads_or_writes_more_than_it_needs(self):
        self.assertEqual(self.query("""
            SELECT r.rolname, t.schemaname, t.tablename, x FROM pg_roles r, pg_tables t,
                   unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) x
             WHERE r.rolname LIKE 'padriver%' AND r.rolcanlogin AND t.schemaname IN ('register', 'plan')
               AND has_table_privilege(r.oid, format('%I.%I', t.schemaname, t.tablename), x)"""), [])
        for role in ("broker", "notifications", "evaluation", "budget", "newsletter"):
            self.assertEqual(self.value("SELECT has_column_privilege('padriver_%s', 'register.person', 'name', 'SELECT')" % role), "f")
            self.refused("permission denied", "SELECT plan.cancel('SG1', '2027-01-01')", user="padriver_" + role)
        self.refused("permission denied", "SELECT * FROM register.import_change", user="padriver_ctl")
        self.refused("permission denied", "SELECT register.import_write('person', 'remove', '{}', '{}')", user="padriver_ctl")


if __name__ == "__main__":
    main()
