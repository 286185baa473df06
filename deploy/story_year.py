"""The rest of the story's year (story.py): most of its sessions, the follow-up, the leaders' survey.

Each function does what people would do, checks it, and returns a line that tells what came of it.
"""
import datetime
import re

from story_world import check, languages, link, one, part, to

WINTER = ["N2-S1", "N3-S1", "N4-S1", "N6-S1"]
FIRST = "N2-S2"
SPRING = ["N3-S2", "N4-S2", "N6-S2", "N5-S2"]
AUTUMN = ["N2-S3", "N1-S3", "N3-S3", "N4-S3", "N1-S4", "N5-S3", "N6-S3"]


def schedule(world, sessions):
    """Puts them in the calendar."""
    for session in sessions:
        world.run("plan", "schedule", session)
    world.idle()


def pass_until_over(world, session):
    """Time passes until it is over."""
    row = one(world.ask("plan", "list", "--year", "2027"), id=session)
    world.until("%sT%s" % (row["first_day"], row["ends"].replace(".", ":")))


def open_letter(world, session):
    """The page at which whoever runs it says what became of it: the link in the letter that comes when it is over."""
    letters = world.letters("held", session)
    check(len(letters) == 1, "whoever runs %s is asked whether it was held" % session, to(letters))
    return link(letters[0])


def say_held(world, session):
    """Its coordinator says that it was held, by the link in the letter."""
    pass_until_over(world, session)
    page = open_letter(world, session)
    world.send(page)
    world.send(page, {"what": "hold"})
    world.idle()


def hold_first(world):
    """Its coordinator ticks who was there, and says that it was held, by the link in the letter."""
    pass_until_over(world, FIRST)
    page = open_letter(world, FIRST)
    text = world.send(page)
    boxes, shown = sorted(set(re.findall(r"there-\d+", text))), re.search(r'name="shown" value="(\w+)"', text)[1]
    check(len(boxes) > 20, "the page lists the members", len(boxes))
    world.send(page, {"what": "attend", "shown": shown, **{box: "on" for box in boxes[3:]}})
    if not world.breaks("spring"):
        world.send(page, {"what": "hold"})
    world.idle()
    asked = world.letters("evaluation", FIRST)
    check(len(asked) == len(boxes) - 3, "who was there is asked, and who was not is not", (len(asked), len(boxes)))
    for number, mail in enumerate(asked[:12]):
        world.answer(mail, 3 + number % 3)
    return "%s: %d of %d were there and are asked (%s)" % (FIRST, len(asked), len(boxes), languages(asked))


def hold(world, sessions):
    """Each is held on its day, as its coordinator says by the letter's link; of those who are asked some answer."""
    answers = {}
    for number, session in enumerate(sessions):
        say_held(world, session)
        asked = world.letters("evaluation", session)
        check(len(asked) >= 20, "its network's members are asked", len(asked))
        answers[session] = 10 + number
        for place, mail in enumerate(asked[:answers[session]]):
            world.answer(mail, 2 + (place + number) % 4)
        world.idle()
        state = one(world.ask("evaluation", "list"), evaluation=session)
        check((state["status"], state["answered"]) == ("open", answers[session]), "its answers are counted", state)
    return "answered: " + ", ".join("%s %d" % pair for pair in answers.items())


def hold_meetings(world, today):
    """The meetings of bodies that are over were held: steering group, council, the municipalities' contacts."""
    over = [row["id"] for row in world.ask("plan", "list", "--year", "2027")
            if row["body"] and row["state"] == "scheduled" and row["ends_at"] < today]
    for meeting in over:
        world.run("plan", "held", meeting)
    world.idle()
    return "meetings held: " + ", ".join(over)


def follow_up(world):
    """Who was asked in January is asked in May what was taken into use."""
    asked = world.letters("evaluation", "N1-S1.bruk")
    check(to(asked) == world.members, "who was asked about the session is asked again", len(asked))
    for number, mail in enumerate(asked[:4 if world.breaks("followed") else 8]):
        world.answer(mail, 3 + number % 3)
    world.until("2027-06-07T10:00")
    state = one(world.ask("evaluation", "list"), evaluation="N1-S1.bruk")
    check((state["status"], state["answered"], state["hidden"]) == ("closed", 8, False), "closed, and shown by itself", state)
    return "%d asked (%s), 8 answered" % (len(asked), languages(asked))


def stop_mondays(world):
    """The timer of Monday's letter is dropped (--break)."""
    timer, = [timer for timer in world.ask("timers", "list") if timer["data"].get("rule") == "needs"]
    world.run("timers", "drop", str(timer["id"]))


def check_mondays(world):
    """Leader and support have got a letter on each Monday since the story began, whatever waited."""
    first, now = datetime.date(2026, 12, 7), datetime.date(2027, 11, 3)
    letters = world.delivered(world.ask("mail", "list", "--rule", "needs"))
    mondays = [first + datetime.timedelta(days) for days in range(0, (now - first).days + 1, 7)]
    for monday in mondays:
        got = [mail for mail in letters if mail.about == "%d-W%02d" % monday.isocalendar()[:2]]
        check(len(got) == 2, "two letters on Monday %s" % monday, to(got))
    return "%d Mondays, %d letters" % (len(mondays), 2 * len(mondays))


def ask_leaders(world):
    """All municipalities but three answer; the coordinator of the area is told which."""
    asked = world.letters("evaluation", "LU-2027")
    check(len(asked) == 18, "every municipality is asked", len(asked))
    of = [re.search(r"svar for (.+) kommune", mail["Subject"]).group(1) for mail in asked]
    for number, mail in enumerate(asked[:14 if world.breaks("survey") else 15]):
        world.answer(mail, 3 + number % 3)
    world.until("2027-11-16T10:00")
    told = "".join(part(mail, "text/plain").get_content() for mail in world.letters("survey_missing", "LU-2027"))
    missing = [name for name in of if "%s: har ikk" % name in told]
    check(sorted(missing) == sorted(of[15:]), "who has not answered is named to the coordinator, and nobody else", told)
    world.until("2027-11-20T10:00")
    state = one(world.ask("evaluation", "list"), evaluation="LU-2027")
    check((state["status"], state["answered"], state["hidden"]) == ("closed", 15, False), "closed, and shown", state)
    return "%d asked, %d answered; missing: %s" % (len(asked), state["answered"], ", ".join(missing))


def report(world):
    """On their pages the leader compiles and publishes the report, with a finding and its change, which its owner takes on."""
    leader = world.sign_in("torstein.soknedalmo@usht-buskerud.example")
    made, again = [leader("/staff/reports", {"year": "2027"}) for _ in range(2)]
    check("Utgaven er satt sammen." in made, "the report is compiled", made)
    check("Ingenting er annerledes" in again and find_seal(again) == find_seal(made), "the same data give the same bytes", again)
    found = leader("/staff/findings/2027", {"words": "For lite tid til å måle mellom samlingene", "goal": "N1-b", "session": ""})
    finding = re.search(r"/staff/finding/\d+", found)[0]
    planned = leader(finding, {"words": "En halv times veiledning i hver kommune mellom samlingene", "kind": "methods",
                               "owner": "koordinator-drammen", "due": "2028-03-01"})
    owner = world.sign_in("oyvind.kvisledal@usht-buskerud.example")
    owner(re.search(r"/staff/change/\d+", planned)[0], {"state": "open", "note": "Avtalt med fire kommuner"})
    made = leader("/staff/reports", {"year": "2027"})
    if not world.breaks("reported"):
        check("Utgaven er publisert." in leader("/staff/publish/2027/2", {}), "the second edition is published")
    return find_seal(made)


def find_seal(page):
    """The checksum of an edition, as its page shows it."""
    return re.search(r'class="seal">([0-9a-f]{64})<', page)[1]


def check_pages(world):
    """Who opens the address finds the newest results and their charts at once, and the way to all of them."""
    start, results = world.send(world.web + "/"), world.send(world.web + "/results")
    newest = re.findall(r'<h3[^>]*><a [^>]*href="/results/session/([^"]+)"', start)
    check(newest == ["N6-S3", "LU-2027", "N5-S3"], "the start page shows the three newest results", newest)
    check(start.count("<svg") == start.count("<details>") == 3, "each with a chart and its table", start.count("<svg"))
    shown = {row["evaluation"] for row in world.ask("evaluation", "list") if not row["hidden"] and ".bruk" not in row["evaluation"]}
    found = set(re.findall(r'"/results/session/([^"]+)"', results))
    check(found == shown and set(newest) < found, "all that is above the threshold is found", sorted(found ^ shown))
    for session in sorted(found):
        check("<svg" in world.send(world.web + "/results/session/" + session), "%s has its charts" % session)
    return "shown to everybody: %s, and %d more" % (", ".join(newest), len(found) - 3)
