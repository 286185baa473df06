"""The plan: goals, the wheel, meetings in the calendar, decisions; as the store holds them and the command does them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from centre import Centre, main  # noqa: E402

ACTIVITY = ("INSERT INTO plan.activity (id, year, plan_version, title_nb, title_nn, title_en, first_day, last_day, owner, goal, "
            "kind, %s) VALUES ('X1', 2027, 1, 'a', 'b', 'c', '2027-05-01', '2027-05-01', 'leder', 'M3', %s)")


class Goals(Centre):
    def test_r50_exactly_one_action_plan_is_in_force(self):
        self.assertEqual(self.value("SELECT year FROM plan.action_plan WHERE state = 'in_force'"), "2027")
        self.refused("one_action_plan_in_force", "UPDATE plan.action_plan SET state = 'in_force'")
        self.refused("violates check", "INSERT INTO plan.action_plan (year, version, state) VALUES (2028, 1, 'replaced')")

    def test_r16_only_a_body_with_the_mandate_adopts_the_plan(self):
        self.refused("violates foreign key", "INSERT INTO plan.decision VALUES ('1/28', 'action_plan', 'AG', NULL, '2027-12-01', 'x')")
        self.refused("violates foreign key", "UPDATE plan.action_plan SET decision = '7/26' WHERE year = 2027")
        self.refused("violates foreign key",  # of another matter
                     "INSERT INTO plan.decision VALUES ('1/28', 'accounts', 'SG', NULL, '2027-12-01', 'x')",
                     "UPDATE plan.action_plan SET decision = '1/28' WHERE year = 2027")

    def test_r66_every_goal_traces_to_the_main_goal(self):
        self.assertEqual(self.query("""
            WITH RECURSIVE up (goal, at) AS (SELECT id, id FROM plan.goal
              UNION ALL SELECT u.goal, g.parent FROM up u JOIN plan.goal g ON g.id = u.at WHERE g.parent IS NOT NULL)
            SELECT id FROM plan.goal WHERE id NOT IN (SELECT goal FROM up WHERE at = 'M')"""), [])
        for row, words in (("('Q', 'sub', NULL, NULL", "violates check"), ("('Q', 'network', 'M', 'N1'", "violates foreign key"),
                           ("('Q', 'network_sub', 'M1', 'N1'", "violates foreign key"), ("('Q', 'main', 'M', NULL", "violates check"),
                           ("('Q', 'network', 'M1', NULL", "violates check"), ("('Q', 'main', NULL, NULL", "one_main_goal")):
            self.refused(words, "INSERT INTO plan.goal VALUES %s, 'a', 'b', 'c', '2027-01-01')" % row)

    def test_r67_r68_goals_count_their_activities_or_show_a_gap(self):
        served = dict(self.query("SELECT goal, activities FROM plan.goals_served(2027)"))
        self.assertTrue(all(int(served[goal]) > 0 for goal in ("M1", "M2", "M3", "D1", "D2", "D3", "D4", "D5", "D6")), served)
        self.assertEqual(served["N1"], "4")
        self.assertEqual(served["F1"], "0")  # of 2017-2020
        shown = {row["goal"]: row["activities"] for row in self.command.rows("plan", "goals", "--year", "2027")}
        self.assertEqual(shown["N1"], 4)
        self.assertNotIn("F1", shown)  # was no goal of 2027
        self.assertIn("F1", {row["goal"] for row in self.command.rows("plan", "goals", "--year", "2019")})

    def test_r58_an_activity_has_exactly_one_of_eight_methods(self):
        self.refused("activity_has_one_method", ACTIVITY % ("method", "'activity', NULL"))
        self.refused("activity_has_one_method", ACTIVITY % ("method, body", "'meeting', 'contact', 'KS'"))
        self.refused("activity_method_check", ACTIVITY % ("method", "'activity', 'webinar'"))

    def test_r58_to_r65_a_method_brings_what_it_needs(self):
        self.refused("dialogue_is_with_an_area_or_municipality", ACTIVITY % ("method", "'activity', 'dialogue'"))
        self.refused("guidance_is_for_a_municipality", ACTIVITY % ("method, area", "'activity', 'guidance', 'drammen'"))
        self.refused("local_cooperation_has_a_focus", ACTIVITY % ("method, area", "'activity', 'local', 'drammen'"))
        self.refused("regional_cooperation_has_a_partner", ACTIVITY % ("method, partner", "'activity', 'regional', 'usn'"))
        self.refused("network_method_names_its_network", ACTIVITY % ("method", "'activity', 'learning'"))
        self.refused("violates foreign key", ACTIVITY % ("method, network", "'activity', 'competence', 'N1'"))
        self.refused("body_or_network", ACTIVITY % ("method, network, body", "'activity', 'learning', 'N1', 'SG'"))
        self.refused("meeting_is_of_a_body", ACTIVITY % ("place", "'meeting', 'Teams'"))
        for extra, values in (("method, area", "'dialogue', 'drammen'"), ("method, municipality", "'guidance', 'gol'"),
                              ("method, area, focus", "'local', 'drammen', 'F8'"), ("method, partner, direction", "'regional', 'usn', 'to'"),
                              ("method, network", "'learning', 'N1'")):
            self.tried(ACTIVITY % (extra, "'activity', " + values))

    def test_r69_r70_a_focus_is_a_focus_and_a_directive_a_directive(self):
        self.refused("violates foreign key", "UPDATE plan.activity SET focus = 'M1' WHERE id = 'SL1'")
        self.refused("violates foreign key", "UPDATE plan.activity SET directive = 'F8' WHERE id = 'SL1'")


class Acts(Centre):
    """Each test begins with an empty calendar and log."""

    def setUp(self):
        self.query("DELETE FROM plan.decision_weight; DELETE FROM plan.decision_pot; DELETE FROM plan.decision WHERE grant_id IS NOT NULL;"
                   "DELETE FROM plan.meeting; TRUNCATE log.event")

    def log(self):
        return [(row["type"], row["subject"], row["data"].get("version")) for row in self.command.rows("log")]

    def meeting(self, name):
        return [row for row in self.command.rows("plan", "list") if row["id"] == name][0]


class Calendar(Acts):
    def test_schedule_takes_time_and_place_from_the_wheel(self):
        self.assertEqual(self.meeting("N1-S1")["state"], "planned")
        self.command.good("plan", "schedule", "N1-S1")
        row = self.meeting("N1-S1")
        self.assertEqual((row["state"], row["starts_at"], row["ends_at"], row["place"], row["version"], row["sequence"]),
                         ("scheduled", "2027-01-27T08:00:00Z", "2027-01-27T14:00:00Z", "Drammen", 1, 0))
        self.assertEqual(self.log(), [("meeting_scheduled", "N1-S1", 1)])

    def test_summer_time_is_oslos(self):
        self.command.good("plan", "schedule", "N1-S3")
        self.assertEqual(self.meeting("N1-S3")["starts_at"], "2027-09-08T07:00:00Z")

    def test_schedule_takes_what_it_is_told(self):
        self.command.good("plan", "schedule", "SG1", "--at", "2027-02-03T10:30", "--place", "Teams")
        row = self.meeting("SG1")
        self.assertEqual((row["starts_at"], row["ends_at"], row["place"]), ("2027-02-03T09:30:00Z", "2027-02-03T11:30:00Z", "Teams"))
        self.command.good("plan", "schedule", "N5-S1", "--at", "5.3.2027", "--until", "2027-03-05T16:00")
        row = self.meeting("N5-S1")
        self.assertEqual((row["starts_at"], row["ends_at"]), ("2027-03-05T11:00:00Z", "2027-03-05T15:00:00Z"))

    def test_what_cannot_be_scheduled_is_refused_with_the_way_out(self):
        self.command.good("plan", "schedule", "SG1")
        for words, said in ((["SG1"], "padriver plan move"), (["N9-S1"], "padriver plan list"), (["DM1"], "neither a body's meeting nor"),
                            (["DL1"], "neither"), (["SG2", "--at", "2026-11-30T12:00"], "would be over already"),
                            (["SG2", "--at", "2027-06-03T12:00", "--until", "2027-06-03T12:00"], "would end before it starts")):
            self.fails(1, ["plan", "schedule", *words], said)
        self.fails(64, ["plan", "schedule", "SG2", "--at", "tomorrow"], "--at needs a time")
        self.fails(64, ["plan", "schedule", "SG2", "--at", "2027-02-30"], "--at needs a time")
        self.assertEqual(self.log(), [("meeting_scheduled", "SG1", 1)])

    def test_r71_a_network_has_goals_and_sub_goals_before_its_first_session(self):
        schedule = "SELECT plan.schedule('N1-S1', '2027-01-27 08:00Z', '2027-01-27 14:00Z', 'x', '2026-12-01')"
        self.tried(schedule)
        self.refused("network N1 has no sub-goals", "DELETE FROM plan.goal WHERE parent = 'N1'", schedule)
        self.refused("network N1 has no sub-goals", "UPDATE plan.goal SET valid_to = '2027-01-26' WHERE parent = 'N1'", schedule)
        self.refused("network N1 has no goal", "DELETE FROM plan.goal WHERE parent = 'N1'",
                     "UPDATE plan.activity SET goal = 'M3' WHERE goal = 'N1'", "DELETE FROM plan.goal WHERE id = 'N1'", schedule)
        self.refused("network N1 does not run on 2027-01-27", "UPDATE register.network SET valid_to = '2027-01-01' WHERE id = 'N1'", schedule)

    def test_move_counts_the_version_and_keeps_the_length(self):
        self.command.good("plan", "schedule", "SG1")
        self.command.good("plan", "move", "SG1", "--at", "2027-02-09")
        row = self.meeting("SG1")
        self.assertEqual((row["starts_at"], row["ends_at"], row["version"], row["sequence"]),
                         ("2027-02-09T11:00:00Z", "2027-02-09T13:00:00Z", 2, 1))
        self.command.good("plan", "move", "SG1", "--place", "Teams")
        self.assertEqual(self.log(), [("meeting_scheduled", "SG1", 1), ("meeting_rescheduled", "SG1", 2), ("meeting_rescheduled", "SG1", 3)])
        self.fails(1, ["plan", "move", "SG1", "--place", "Teams"], "at that time and place already")
        self.fails(1, ["plan", "move", "SG2", "--at", "2027-06-04"], "only planned in the wheel; padriver plan schedule")
        self.fails(1, ["plan", "move", "SG1", "--at", "2026-11-01T12:00"], "would be over already")

    def test_what_is_cancelled_can_be_put_back_with_a_new_version(self):
        self.command.good("plan", "schedule", "SG1")
        self.command.good("plan", "cancel", "SG1")
        self.assertEqual(self.meeting("SG1")["state"], "cancelled")
        self.fails(1, ["plan", "cancel", "SG1"], "is cancelled")
        self.fails(1, ["plan", "move", "SG1", "--at", "2027-02-09"], "padriver plan schedule puts it in the calendar again")
        self.fails(1, ["plan", "held", "SG1"], "is cancelled")
        self.command.good("plan", "schedule", "SG1")
        row = self.meeting("SG1")
        self.assertEqual((row["state"], row["version"], row["sequence"]), ("scheduled", 3, 2))
        self.assertEqual([entry[0] for entry in self.log()], ["meeting_scheduled", "meeting_cancelled", "meeting_scheduled"])

    def test_held_is_said_once_and_not_before_its_end(self):
        self.command.good("plan", "schedule", "SG1")
        self.fails(1, ["plan", "held", "SG1"], "is not over before 02.02.2027 14:00")
        self.fails(1, ["plan", "held", "SG2"], "only planned")
        self.refused("is not over", "SELECT plan.hold('SG1', '2027-02-02 12:59:59Z')")
        self.assertEqual(self.query("SELECT plan.hold('SG1', '2027-02-02 13:00Z')"), [["f"]])
        self.fails(1, ["plan", "held", "SG1"], "has been held already")
        self.fails(1, ["plan", "cancel", "SG1"], "has been held already")
        self.fails(1, ["plan", "schedule", "SG1"], "has been held; plan a new activity")

    def test_participants_hold_a_seat_or_a_membership_on_the_day(self):
        def people(meeting, day="2027-02-02"):
            return self.column("SELECT p.code FROM plan.participants('%s', '%s') x JOIN register.person p ON p.id = x.person ORDER BY 1" % (meeting, day))
        self.assertEqual(people("SG1"), ["p007", "p008", "p009", "p010"])
        self.assertEqual(len(people("FR1")), 6)  # one seat is empty
        self.assertEqual(people("KS1"), self.column("SELECT DISTINCT p.code FROM register.contact c JOIN register.person p "
                                                    "ON p.id = c.person WHERE c.role = 'contact' ORDER BY 1"))
        self.assertEqual(len(people("N1-S1")), 40)
        self.assertEqual(people("DM1"), [])
        self.assertEqual(people("N1-S1", "2026-08-31"), [])
        someone = self.value("SELECT min(person) FROM register.membership WHERE network = 'N1'")
        for change, count in (("valid_to = '2027-02-01'", "39"), ("valid_to = '2027-02-02'", "40"), ("valid_from = '2027-02-03'", "39")):
            self.assertEqual(self.tried("UPDATE register.membership SET %s WHERE network = 'N1' AND person = %s" % (change, someone),
                                        "SELECT count(*) FROM plan.participants('N1-S1', '2027-02-02')"), [[count]])

    def test_the_organizer_is_who_convenes_on_the_day_and_stays(self):
        self.command.good("plan", "schedule", "N1-S1")
        self.command.good("plan", "schedule", "SG1")
        organizer = "SELECT p.code FROM plan.meeting m JOIN register.person p ON p.id = m.organizer WHERE m.id = '%s'"
        self.assertEqual(self.value(organizer % "N1-S1"), "p003")
        self.assertEqual(self.value(organizer % "SG1"), "p001")
        self.query("UPDATE register.employment SET valid_to = '2027-01-31' WHERE position = 'leder'")
        try:
            self.command.good("plan", "move", "SG1", "--at", "2027-02-09")
            self.assertEqual(self.value(organizer % "SG1"), "p001")
        finally:
            self.query("UPDATE register.employment SET valid_to = NULL WHERE position = 'leder'")

    def test_the_wheel_lists_every_activity_of_the_year(self):
        rows = self.command.rows("plan", "list")
        self.assertEqual(len(rows), 49)
        self.assertEqual(self.command.rows("plan", "list", "--year", "2026"), [])
        self.fails(64, ["plan", "list", "--year", "0"], "--year needs a year")
        self.assertIn("2027-11-01 to 2027-11-19", self.command.good("plan", "list"))


class Held(Acts):
    def test_r72_a_session_held_is_to_be_evaluated_a_bodys_meeting_is_not(self):
        for meeting in ("N1-S1", "SG1", "KS1"):
            self.command.good("plan", "schedule", meeting)
        self.command.good("clock", "jump", "2027-02-02T13:00:00Z")
        for meeting in ("N1-S1", "SG1", "KS1"):
            self.command.good("plan", "held", meeting)
        self.assertEqual(self.log()[3:], [("session_held", "N1-S1", None), ("meeting_held", "SG1", None), ("meeting_held", "KS1", None)])
        self.command.good("decision", "record", "1/27", "--body", "SG", "--meeting", "SG1", "--subject", "Budsjett", "--matter", "accounts")
        self.assertEqual(self.command.rows("decision", "show", "1/27")[0]["decided_on"], "2027-02-02")
        self.assertEqual(self.log()[-1], ("decision_recorded", "1/27", None))


class Decisions(Acts):
    record = ["decision", "record", "1/27", "--body", "SG", "--grant", "grant-2027", "--amount", "1900000,00", "--pot", "host=300000,00"]

    def test_r20_a_decision_says_the_pots_and_weights(self):
        self.command.good(*self.record, "--pot", "areas=1600000,00")
        shown = self.command.rows("decision", "show", "1/27")[0]
        self.assertEqual((shown["body"], shown["matter"], shown["grant"], shown["amount_ore"], shown["decided_on"]),
                         ("SG", "base_grant", "grant-2027", 190000000, "2026-12-01"))
        self.assertEqual(shown["pots"], [
            {"pot": "areas", "kind": "areas", "amount_ore": 160000000,
             "weights": {"drammen": 1, "hallingdal": 1, "kongsberg": 1, "ringerike": 1}},
            {"pot": "host", "kind": "host", "amount_ore": 30000000, "weights": {}}])
        self.assertEqual(self.log(), [("decision_recorded", "1/27", None)])
        self.fails(65, [*self.record, "--pot", "areas=1600000,00"], "decision 1/27 is recorded already")

    def test_pots_whose_sum_is_not_the_amount_are_refused(self):
        for pots in ([], ["--pot", "areas=1600000,01"], ["--pot", "areas=1599999,99"]):
            self.fails(65, [*self.record, *pots], "the pots sum to", "correct --pot or --amount")
        self.assertEqual(self.value("SELECT count(*) FROM plan.decision WHERE grant_id IS NOT NULL"), "0")
        self.assertEqual(self.log(), [])

    def test_odd_amounts_and_weights_are_kept_as_decided(self):
        self.command.good("decision", "record", "2/27", "--body", "SG", "--grant", "g2", "--amount", "1600001,01", "--pot",
                          "first:areas=1000000", "--pot", "second:areas=600001,01", "--weights", "hallingdal=2, drammen=1")
        self.assertEqual([(pot["pot"], pot["amount_ore"], pot["weights"]) for pot in self.command.rows("decision", "show", "2/27")[0]["pots"]],
                         [("first", 100000000, {"drammen": 1, "hallingdal": 2}), ("second", 60000101, {"drammen": 1, "hallingdal": 2})])
        self.fails(65, [*self.record, "--pot", "areas=1600000", "--weights", "oslo=1"], "oslo is not a funded area")

    def test_r35_who_may_decide_what_is_data(self):
        project = ["--grant", "p", "--amount", "1", "--pot", "areas=1", "--matter", "project_funds"]
        self.fails(65, ["decision", "record", "3/27", "--body", "AG", "--grant", "g", "--amount", "1", "--pot", "areas=1"],
                   "AG does not decide base_grant", "SG does")
        self.fails(65, ["decision", "record", "3/27", "--body", "SG", *project], "SG does not decide project_funds", "AG does")
        self.fails(65, ["decision", "record", "3/27", "--body", "FR", "--subject", "x"], "FR does not decide other")
        self.command.good("decision", "record", "3/27", "--body", "AG", *project)

    def test_a_decision_belongs_to_a_meeting_that_was(self):
        self.command.good("plan", "schedule", "SG1")
        more = ["--pot", "areas=1600000,00", "--meeting"]
        self.fails(65, [*self.record, *more, "FR1"], "FR1 is not a meeting of SG")
        self.fails(65, [*self.record, *more, "SG1"], "1/27 would be of 2027-02-02")
        self.fails(65, [*self.record, *more, "SG1", "--on", "2026-12-01"], "SG1 does not begin before 02.02.2027 12:00")
        self.command.good("plan", "cancel", "SG1")
        self.fails(65, [*self.record, *more, "SG1", "--on", "2026-12-01"], "SG1 was cancelled")

    def test_wrong_use_ends_with_64(self):
        for words in (["--pot", "areas"], ["--pot", "areas=ti"], ["--pot", "Drammen:x=1"], ["--weights", "drammen"], ["--weights", "a=0"],
                      ["--on", "i dag"], ["--amount", "en million"]):
            self.fails(64, [*self.record, *words])
        self.fails(64, ["decision", "record", "1/27", "--body", "SG"], "give --body, and --grant or --subject")
        self.fails(64, ["decision", "record", "1/27", "--body", "SG", "--subject", "x", "--pot", "host=1"], "need --grant")
        self.fails(1, ["decision", "show", "77/27"], "there is no decision 77/27")


if __name__ == "__main__":
    main()
