#!/usr/bin/python3
"""The story of a sample year, 1 December 2026 to 31 December 2027, played in a running simulated instance.

It does what people would do: by the links in the letters, on the pages of who is signed in, and by the command `padriver`.
Each step is checked by `padriver --json` and by reading the letters; the first that is not as it should be ends it
with 1. --break STEP alters the world in that step, so that its check must fail (a test breaks each step once).

Environment: `padriver` on the PATH, PADRIVER_CONF (the instance), PADRIVER_MAILDIR (where all letters arrive),
PADRIVER_PIDS (a directory with NAME.pid of each daemon, which is started anew when it dies), PADRIVER_WEB (its pages).
"""
import argparse
import json
import pathlib
import re
import statistics
import sys
import time

import story_year
from story_end import summarize
from story_world import World, Wrong, check, check_calendars, languages, link, one, part, to

STEPS = []
NBSP = "\u00a0"


def step(name, title):
    """Registers a step of the story, in order."""
    def register(function):
        STEPS.append((name, title, function))
        return function
    return register


def tell(words):
    print("      " + words, flush=True)


@step("register", "The sample centre is loaded, and nothing has happened yet")
def register(world):
    if world.breaks("register"):
        world.run("import", "undo")
    wheel = world.ask("plan", "list", "--year", "2027")
    sessions = [row for row in wheel if re.fullmatch(r"N\d-S\d", row["id"])]
    check(len(sessions) == 19, "nineteen sessions in the wheel of 2027", len(sessions))
    check(world.ask("mail", "list") == world.ask("log") == [], "no event, and no letter")
    tell("%d activities in the wheel, %d of them sessions of six networks" % (len(wheel), len(sessions)))


@step("scheduled", "1 December: ten meetings are put in the calendar; nobody is told earlier than six weeks ahead")
def scheduled(world):
    for meeting in ("SG1", "KS1", "FR1", "N5-S1", "N1-S1", "N1-S2", *story_year.WINTER):
        soon = meeting == "SG1" and world.breaks("scheduled")
        world.do("plan", "schedule", meeting, *(["--at", "2026-12-10"] if soon else []))
    check(world.mails() == [], "no letter yet", [mail["Subject"] for mail in world.mails()])
    planned = [timer for timer in world.ask("timers", "list") if timer["event"] == "invitation_due"]
    check(len(planned) == 10, "ten invitations are planned", planned)
    for timer in planned:
        tell("%s will be invited to at %s" % (timer["data"]["meeting"], timer["due_at"]))


@step("invited", "16 and 22 December: N1 and the steering group are invited, each member in his or her language")
def invited(world):
    if world.breaks("invited"):
        world.run("plan", "cancel", "SG1")
    world.until("2026-12-23T08:00")
    members, seats = world.letters("invitation", "N1-S1"), world.letters("invitation", "SG1")
    world.members, world.seats = to(members), to(seats)
    check(len(seats) == 4, "the four seats of the steering group are invited", world.seats)
    check(len(members) >= 20, "N1's members are invited", len(members))
    world.uid = check_calendars(seats, "REQUEST", 0, "20270202T120000")
    check_calendars(members, "REQUEST", 0, "20270127T090000")
    check({"nb", "nn"} <= {mail["Content-Language"] for mail in members}, "in two written standards", languages(members))
    check(all(mail["Reply-To"] for mail in members + seats), "each with the coordinator's address to reply to")
    tell("SG1: %s; N1-S1: %s" % (languages(seats), languages(members)))


@step("moved", "15 January: the steering group's meeting is moved from 2 to 9 February, and each is told")
def moved(world):
    world.until("2027-01-15T10:00")
    world.do("plan", "move", "SG1", "--at", "2027-02-10" if world.breaks("moved") else "2027-02-09")
    updates = world.letters("update", "SG1")
    check(to(updates) == world.seats, "who was invited is told", to(updates))
    uid = check_calendars(updates, "REQUEST", 1, "20270209T120000")
    check(uid == world.uid, "the UID is the invitation's", (uid, world.uid))
    tell("%d updates, SEQUENCE 1, the same UID" % len(updates))


@step("cancelled", "22 to 26 January: N5's first session, just invited to, is moved, then cancelled")
def cancelled(world):
    world.until("2027-01-22T10:00")
    members = to(world.letters("invitation", "N5-S1"))
    check(len(members) >= 10, "N5's members are invited", len(members))
    world.do("plan", "move", "N5-S1", "--at", "2027-03-11", "--place", "Kongsberg", actor="koordinator")
    updates = world.letters("update", "N5-S1")
    check_calendars(updates, "REQUEST", 1, "20270311T120000")
    world.until("2027-01-26T10:00")
    world.do("plan", "cancel", "N5-S1", actor="koordinator")
    if world.breaks("cancelled"):
        world.lose(world.letters("cancellation", "N5-S1"))
    gone = world.letters("cancellation", "N5-S1")
    check_calendars(gone, "CANCEL", 2)
    check(to(gone) == to(updates) == members, "who was invited is told both times", (len(updates), len(gone)))
    tell("%d members were invited, told of the move, and told that it is off" % len(members))


def check_goals(world, meeting):
    """Each goal's results are those of the answers that the world counted; a goal's are its sub-goals' too."""
    found = world.ask("evaluation", "results", meeting)[0]
    for row in found["goals"]:
        values = [value for _, goal, value in world.given[meeting]
                  if value != "dk" and (goal == row["goal"] or goal.startswith(row["goal"] + "-"))]
        check(abs(row["mean"] - statistics.mean(values)) < 0.005, "the mean of what was answered", (row, values))
        check(row["median"] == statistics.median(values), "the median of what was answered", (row, values))
        check(abs(row["share_4_5"] - sum(value > 3 for value in values) / len(values)) < 0.005, "the share of 4 and 5", row)
        tell("%-5s mean %.2f, median %g, %.0f %% answered 4 or 5" % (row["goal"], row["mean"], row["median"], 100 * row["share_4_5"]))
    check([row["goal"] for row in found["goals"]] == ["N1", "N1-a", "N1-b", "N1-c"], "the goal and each sub-goal", found["goals"])
    for row in found["items"]:
        values = [str(value) for item, _, value in world.given[meeting] if item == row["item"]]
        if values:
            check(row["counts"] == {key: values.count(key) for key in ("1", "2", "3", "4", "5", "dk")},
                  "the distribution of each question", (row, values))


@step("held", "27 January: N1's first session is held; each participant gets a link of his or her own, six answer at once")
def held(world):
    story_year.say_held(world, "N1-S1")
    held_by, = world.ask("log", "--type", "session_held")
    check(held_by["actor"].startswith("person/"), "the log says who said so", held_by)
    asked = world.letters("evaluation", "N1-S1")
    check(to(asked) == world.members, "every participant is asked", len(asked))
    check(len({link(mail) for mail in asked}) == len(asked), "each link is personal")
    world.asked = {to([mail])[0]: mail for mail in asked}
    world.first = world.members[:6]
    for number, address in enumerate(world.first):
        questions = world.answer(world.asked[address], 3 + number % 3)
    if world.breaks("held"):
        world.answer(world.asked[world.members[6]], 5)
    check(sum(row["kind"] == "text" for row in questions) == 3, "three questions want words", questions)
    check(all(row["goal"] for row in questions), "every question serves a goal (R73)", questions)
    world.run("evaluation", "answer", link(world.asked[world.first[0]]), "q1=5", code=1)
    world.idle()
    state = one(world.ask("evaluation", "list"), evaluation="N1-S1")
    check((state["status"], state["answered"], state["hidden"]) == ("open", 6, True), "open, six answers, nothing shown", state)
    tell("%d asked (%s), %d questions; 6 answered, one tried twice and was refused" % (len(asked), languages(asked), len(questions)))


@step("reminded", "1 and 3 February: only who has not answered is reminded; five answer after the first reminder")
def reminded(world):
    if world.breaks("reminded"):
        for timer in world.ask("timers", "list"):
            if timer["event"] == "reminder_due" and timer["data"]["subject"] == "N1-S1":
                world.run("timers", "drop", str(timer["id"]))
    world.until("2027-02-01T10:00")
    reminders = world.letters("evaluation_reminder", "N1-S1")
    missing = [address for address in world.members if address not in world.first]
    check(to(reminders) == missing, "who is missing is reminded, and nobody else", len(reminders))
    world.second = missing[:5]
    by_address = {to([mail])[0]: mail for mail in reminders}
    for number, address in enumerate(world.second):
        world.answer(by_address[address], 2 + number % 4)
    world.until("2027-02-04T10:00")
    again = to(world.letters("evaluation_reminder", "N1-S1"))
    world.never = [address for address in missing if address not in world.second]
    check(again == sorted(missing + world.never), "a second time only who is still missing", len(again))
    tell("day 3 is a Saturday: %d reminded on Monday 1 February; 5 answer; %d reminded on day 7" % (len(missing), len(world.never)))


@step("results", "4 and 6 February: N2's first session is held; N1's evaluation closes: results by question, goal and sub-goal")
def results(world):
    if world.breaks("results"):
        timer = one(world.ask("timers", "list"), event="evaluation_closing_due")
        world.run("timers", "move", str(timer["id"]), "2027-02-20T15:00")
    tell(story_year.hold(world, story_year.WINTER[:1]))
    tell(story_year.hold_meetings(world, "2027-02-04"))
    world.until("2027-02-06T15:00")
    state = one(world.ask("evaluation", "list"), evaluation="N1-S1")
    check((state["status"], state["answered"]) == ("closed", 11), "closed with eleven answers", state)
    world.run("evaluation", "answer", link(world.asked[world.never[0]]), "q1=5", code=1)
    check_goals(world, "N1-S1")
    tell("a link is of no use after the closing")


@step("meeting", "9 February: the steering group meets, reminded two working days before; decision 1/27 sets the pots")
def meeting(world):
    world.until("2027-02-08T10:00")
    check(to(world.letters("reminder", "SG1")) == world.seats, "each seat is reminded once")
    world.until("2027-02-09T14:00")
    world.do("plan", "cancel" if world.breaks("meeting") else "held", "SG1")
    check(len(world.ask("log", "--type", "meeting_held", "--key", "SG1")) == 1, "the meeting was held")
    evaluated = [row["evaluation"] for row in world.ask("evaluation", "list")]
    check(evaluated == ["N1-S1", "N2-S1"], "a body's meeting is not evaluated", evaluated)
    decide(world, "1/27", "grant-2027", "1900000,00", "areas=1600000,00", "host=200000,00", code=65)
    decide(world, "1/27", "grant-2027", "1900000,00", "areas=1600000,00", "host=300000,00")
    world.idle()
    tell("pots that do not sum to the grant are refused; then 1 600 000,00 to the areas, 300 000,00 to the host")


def decide(world, decision, grant, amount, *pots, code=0, words=("--body", "SG", "--meeting", "SG1")):
    world.run("decision", "record", decision, *words, "--grant", grant, "--amount", amount,
              *[word for pot in pots for word in ("--pot", pot)], code=code)


def register_letter(world, amount):
    world.do("grant", "letter", "grant-2027", "--amount", amount, "--dated", "2027-02-10", "--reference", "27/1201-3",
             "--kind", "base", "--funder", "Helsedirektoratet", actor="stotte")


@step("parked", "12 February: the grant arrives before its letter, and waits where it is seen")
def parked(world):
    world.until("2027-02-12T09:00")
    if world.breaks("parked"):
        register_letter(world, "1900000,00")
    world.do("grant", "received", "grant-2027", "--amount", "1900000,00", actor="stotte")
    waiting = world.ask("parked", "list", "budget")
    check(len(waiting) == 1 and waiting[0]["key"] == "grant-2027", "the money's event is parked", waiting)
    check("letter" in waiting[0]["reason"], "its reason names the letter", waiting[0]["reason"])
    check(world.ask("ledger") == [], "nothing is posted")
    tell("%s: %s" % (waiting[0]["id"], waiting[0]["reason"]))


@step("distributed", "15 February: the letter is registered, the event tried again; four municipalities get their letters")
def distributed(world):
    world.until("2027-02-15T09:00")
    register_letter(world, "1850000,00" if world.breaks("distributed") else "1900000,00")
    waiting = world.ask("parked", "list", "budget")
    check(len(waiting) == 2 and waiting[1]["waits_for"] == waiting[0]["position"], "the letter's event waits behind it", waiting)
    world.do("parked", "retry", "budget", "--key", "grant-2027")
    check(world.ask("parked", "list") == [], "nothing is parked any more", world.ask("parked", "list"))
    grant = world.ask("grant", "show", "grant-2027")[0]
    shares = [row["amount_ore"] for row in grant["shares"] if row["area"]]
    check((grant["version"], grant["decision"]) == (1, "1/27"), "version 1, by decision 1/27", grant)
    check(shares == [40000000] * 4, "400 000,00 for each area", grant["shares"])
    check(sum(row["amount_ore"] for row in grant["shares"]) == 190000000, "the shares sum to the grant", grant["shares"])
    told = {row["municipality"]: world.letters("grant_share", "grant-2027/" + row["municipality"])
            for row in grant["shares"] if row["area"]}
    check(len(told) == 4 and all(told.values()), "a letter to each employing municipality", {m: to(told[m]) for m in told})
    check(all("400%s000,00%skr" % (NBSP, NBSP) in mail["Subject"] for mails in told.values() for mail in mails),
          "with its amount", [mail["Subject"] for mails in told.values() for mail in mails])
    check(to(world.letters("grant_notice", "grant-2027")) == world.seats, "and a notice to the steering group")
    entries = world.ask("ledger", "--grant", "grant-2027")
    check(sum(row["amount_ore"] for row in entries) == 0, "the entries balance", entries)
    check(all(row["event"] and row["decision"] == "1/27" and row["actor"] for row in entries),
          "each entry names event, decision and actor", entries)
    for number in sorted(told):
        tell("%s: %s (%s)" % (number, told[number][0]["Subject"], ", ".join(to(told[number]))))


@step("killed", "16 February: the budget daemon is killed in the midst of payments, four times; the sums agree")
def killed(world):
    world.until("2027-02-16T09:00")
    decide(world, "2/27", "prosjekt-2027", "200000,00", "host=200000,00", words=("--body", "AG", "--matter", "project_funds"))
    world.do("grant", "letter", "prosjekt-2027", "--amount", "200000,00", "--dated", "2027-02-11", "--reference", "27/1310-1",
             "--kind", "project", "--funder", "Statsforvalteren", actor="stotte")
    payment = json.dumps({"type": "grant_received", "data": {"grant": "prosjekt-2027", "amount_ore": 50000}})
    unfinished = []
    for _ in range(4):
        world.run("publish", "--json", "-", "--source", "bank", given="\n".join([payment] * 100))
        unfinished.append(world.kill("budget"))
        world.idle()
    check(any(unfinished), "at least once it was in the midst of a batch", unfinished)
    if world.breaks("killed"):
        world.do("grant", "received", "prosjekt-2027", "--amount", "500,00")
    received = world.ask("grant", "show", "prosjekt-2027")[0]["received_ore"]
    check(received == 400 * 50000, "400 payments of 500,00 are received, each once", received)
    entries = world.ask("ledger", "--grant", "prosjekt-2027")
    posted = sum(row["amount_ore"] for row in entries if row["amount_ore"] > 0 and row["text"] == "received")
    check(posted == received, "and posted", posted)
    world.run("ledger", "check")
    tell("killed with %s events to go; 400 payments, 200 000,00 kr" % ", ".join(map(str, unfinished)))


@step("winter", "16 February to 10 March: the first sessions of three more networks are held")
def winter(world):
    if world.breaks("winter"):
        world.run("plan", "cancel", "N4-S1")
    tell(story_year.hold(world, story_year.WINTER[1:]))


@step("newsletter", "11 March: a newsletter goes to one network, and to nobody else")
def newsletter(world):
    world.until("2027-03-11T09:00")
    source = pathlib.Path(__file__).resolve().parent / "sample-newsletter.md"
    name = world.ask("newsletter", "add", str(source))[0]["newsletter"]
    audience = world.ask("newsletter", "preview", name)[0]["recipients"]
    check(audience >= 10, "the network's members are its audience", audience)
    before = len(world.mails())
    world.run("newsletter", "release", name, "--yes", str(audience + 1), code=1)
    world.do("newsletter", "release", name, "--yes", str(audience), actor="stotte")
    if world.breaks("newsletter"):
        world.lose(world.mails()[before:])
    mails = world.mails()[before:]
    check(len(mails) == audience == len(set(to(mails))), "one letter for each of them", len(mails))
    check(to(mails) == world.members, "N1's members, and nobody else")
    for mail in mails:
        check(mail["List-Unsubscribe"].startswith("<%s/u/" % world.web), "List-Unsubscribe", mail["List-Unsubscribe"])
        check(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", "one click is enough")
        check(part(mail, "text/plain") is not None and part(mail, "text/html") is not None, "text and HTML")
    tell("%s: %s" % (mails[0]["Subject"], languages(mails)))


@step("easter", "18 to 28 March: N1's second session, moved a day, is held; its evaluation closes as the clocks change")
def easter(world):
    world.until("2027-03-11T10:00")
    if not world.breaks("easter"):
        world.do("plan", "move", "N1-S2", "--at", "2027-03-18", actor="koordinator")
    updates = world.letters("update", "N1-S2")
    check(to(updates) == world.members, "each who was invited is told of the move", len(updates))
    check_calendars(updates, "REQUEST", 1, "20270318T090000")
    world.until("2027-03-18T15:00")
    world.do("plan", "held", "N1-S2", actor="koordinator")
    state = one(world.ask("evaluation", "list"), evaluation="N1-S2")
    check(state["closes_at"] == "2027-03-28T13:00:00Z", "it closes on 28 March at 15.00 in Oslo, 13:00 UTC", state["closes_at"])
    asked = world.letters("evaluation", "N1-S2")
    for number, mail in enumerate(asked[:8]):
        world.answer(mail, 4 + number % 2)
    due = [timer["due_at"] for timer in world.ask("timers", "list")
           if timer["event"] == "reminder_due" and timer["data"]["subject"] == "N1-S2"]
    check(due == ["2027-03-22T08:00:00Z"], "one reminder, Monday 22 March at 09.00; that of day 7 is dropped for Easter", due)
    world.until("2027-03-29T12:00")
    reminders = world.letters("evaluation_reminder", "N1-S2")
    check(len(reminders) == len(asked) - 8, "each of the missing was reminded once", len(reminders))
    closed = one(world.ask("log", "--type", "evaluation_closed"), subject="N1-S2")
    check(closed["time"] == "2027-03-28T13:00:00Z", "closed at that moment", closed["time"])
    check_goals(world, "N1-S2")
    tell("opened 18 March at 15.00, %d reminded once, closed 28 March at 15.00: %s" % (len(reminders), closed["time"]))


@step("malformed", "A malformed event is refused at the door")
def malformed(world):
    before = len(world.ask("log"))
    value = "meeting=N1-S1" if world.breaks("malformed") else "meeting=Kari Nordmann"
    said = world.run("publish", "meeting_held", value, code=65)
    check("meeting" in said, "it is said which field is wrong", said)
    world.run("publish", "meeting_hold", "meeting=N1-S1", code=65)
    check(len(world.ask("log")) == before, "the log is as it was")
    tell(said.strip())


@step("spring", "14 April to 2 June: five more sessions are held, the first by the page for a thumb, with who was there ticked")
def spring(world):
    story_year.schedule(world, [story_year.FIRST, *story_year.SPRING, "FR2", "SG2"])
    tell(story_year.hold_first(world))
    tell(story_year.hold(world, story_year.SPRING))


@step("followed", "7 June: what was learnt in January, have they taken it into use?")
def followed(world):
    tell(story_year.follow_up(world))
    tell(story_year.hold_meetings(world, "2027-06-07"))


@step("autumn", "1 September to 3 November: the last seven sessions are held; on each Monday a letter says what waits")
def autumn(world):
    if world.breaks("autumn"):
        story_year.stop_mondays(world)
    story_year.schedule(world, [*story_year.AUTUMN, "KS2", "SG3", "FR3", "SG4"])
    tell(story_year.hold(world, story_year.AUTUMN))
    tell(story_year.check_mondays(world))


@step("survey", "1 to 19 November: the leaders are asked; coordinators learn four days before the end who has not answered")
def survey(world):
    tell(story_year.ask_leaders(world))


@step("reported", "1 December: what the year's sessions show is compiled, published, and leads to a change")
def reported(world):
    world.until("2027-12-01T09:00")
    tell(story_year.hold_meetings(world, "2027-12-01"))
    seal = story_year.report(world)
    snapshot, = world.ask("report", "show", "2027")
    told = {row["tally"] for row in snapshot["tallies"]}
    wheel = {row["id"] for row in world.ask("plan", "list", "--year", "2027") if row["network"]}
    check(told >= wheel - {"N5-S1"}, "each session of the wheel but the cancelled one is in it", sorted(wheel - told))
    goal = one(snapshot["goals"], goal="N1")
    check(snapshot["changes"][0]["note"] == "Avtalt med fire kommuner", "its owner has taken the change on", snapshot["changes"])
    check("/report/2027/2" in world.send(world.web + "/report"), "the second edition can be read by all")
    tell("N1: %s; %d gaps; sha256 %s" % (goal["status"], len(snapshot["gaps"]), seal))
    tell(story_year.check_pages(world))


@step("end", "31 December: nothing is parked or late, nobody was mailed twice, the books balance")
def end(world):
    if world.breaks("end"):
        world.run("grant", "received", "ukjent-2027", "--amount", "1,00")
    world.until("2027-12-31T08:00")
    tell(story_year.hold_meetings(world, "2027-12-31"))
    wheel = world.ask("plan", "list", "--year", "2027")
    unsure = [row["id"] for row in wheel if (row["network"] or row["body"]) and row["state"] not in ("held", "cancelled")]
    check(not unsure, "what became of each meeting and session is known", unsure)
    store = world.ask("status")[0]["store"]
    check((store["parked"], store["timers_due"]) == (0, 0), "nothing is parked or late", store)
    letters, mails = world.ask("mail", "list"), world.mails()
    check({row["state"] for row in letters} <= {"sent", "dropped"}, "every letter was sent, or rightly dropped",
          sorted({row["state"] for row in letters}))
    keys = [(row["rule"], row["subject"], row["person"], row["occurrence"]) for row in letters]
    check(len(keys) == len(set(keys)), "one letter for each reason")
    ids = [mail["Message-ID"] for mail in mails]
    check(len(ids) == len(set(ids)) == sum(row["state"] == "sent" for row in letters), "each delivered once, each booked", len(ids))
    world.run("ledger", "check")
    tell("%d letters delivered, %d events in the log" % (len(mails), store["head"]))


def main():
    options = argparse.ArgumentParser(description="Plays the story of a sample year and checks each step.")
    options.add_argument("--break", dest="broken", metavar="STEP", choices=[name for name, _, _ in STEPS],
                         help="alter the world in that step, so that it fails")
    options.add_argument("--list", action="store_true", help="name the steps and stop")
    chosen = options.parse_args()
    if chosen.list:
        print("\n".join(name for name, _, _ in STEPS))
        return 0
    world, begun = World(chosen.broken), time.monotonic()
    for number, (name, title, function) in enumerate(STEPS, 1):
        print("%3d. %s" % (number, title), flush=True)
        try:
            function(world)
        except Wrong as fault:
            print("\nThe step '%s' went wrong: it should be that %s" % (name, fault), file=sys.stderr)
            return 1
    summarize(world)
    print("\n%d steps, each as it should be, in %.0f s." % (len(STEPS), time.monotonic() - begun))
    return 0


if __name__ == "__main__":
    sys.exit(main())
