"""The rest of the story's year (story.py): sessions of spring and autumn, the follow-up, the leaders' survey.

Each function does what people would do, checks it, and returns a line that tells what came of it.
"""
import re

from story_world import check, languages, link, one, to

FIRST = "N2-S2"
SPRING = ["N3-S2", "N4-S2", "N6-S2", "N5-S2"]
AUTUMN = ["N2-S3", "N1-S3", "N3-S3", "N4-S3", "N1-S4", "N5-S3", "N6-S3"]


def schedule(world, sessions):
    """Puts them in the calendar; when each is over: {session: moment}."""
    wheel = {row["id"]: row for row in world.ask("plan", "list", "--year", "2027")}
    for session in sessions:
        world.run("plan", "schedule", session)
    world.idle()
    return {session: "%sT%s" % (wheel[session]["first_day"], wheel[session]["ends"].replace(".", ":")) for session in sessions}


def hold_first(world):
    """Its coordinator ticks who was there, and says that it was held, by the link in the letter."""
    over, = schedule(world, [FIRST]).values()
    world.until(over)
    letter, = world.letters("held", FIRST)
    boxes = sorted(set(re.findall(r"there-\d+", world.send(link(letter)))))
    check(len(boxes) > 20, "the page lists the members", len(boxes))
    world.send(link(letter), {"what": "attend", **{box: "on" for box in boxes[3:]}})
    if not world.breaks("spring"):
        world.send(link(letter), {"what": "hold"})
    world.idle()
    asked = world.letters("evaluation", FIRST)
    check(len(asked) == len(boxes) - 3, "who was there is asked, and who was not is not", (len(asked), len(boxes)))
    for number, mail in enumerate(asked[:12]):
        world.answer(mail, 3 + number % 3)
    return "%s: %d of %d were there and are asked (%s)" % (FIRST, len(asked), len(boxes), languages(asked))


def hold(world, sessions):
    """Each is held on its day; of those who are asked some answer."""
    for number, (session, over) in enumerate(schedule(world, sessions).items()):
        world.until(over)
        world.do("plan", "held", session, actor="koordinator")
        asked = world.letters("evaluation", session)
        for place, mail in enumerate(asked[:10 + number]):
            world.answer(mail, 2 + (place + number) % 4)
        world.idle()
        state = one(world.ask("evaluation", "list"), evaluation=session)
        check((state["status"], state["answered"]) == ("open", min(len(asked), 10 + number)), "its answers are counted", state)
    return "%s: %d answered" % (", ".join(sessions), sum(10 + number for number in range(len(sessions))))


def follow_up(world):
    """Who was asked in January is asked in May what was taken into use."""
    asked = world.letters("evaluation", "N1-S1.bruk")
    check(to(asked) == world.members, "who was asked about the session is asked again", len(asked))
    for number, mail in enumerate(asked[:4 if world.breaks("followed") else 8]):
        world.answer(mail, 3 + number % 3)
    world.until("2027-06-14T10:00")
    state = one(world.ask("evaluation", "list"), evaluation="N1-S1.bruk")
    check((state["status"], state["answered"], state["hidden"]) == ("closed", 8, False), "closed, and shown by itself", state)
    return "%d asked (%s), 8 answered" % (len(asked), languages(asked))


def check_mondays(world):
    """Leader and support get a letter each Monday, whatever waits."""
    rows = [row for row in world.ask("mail", "list", "--rule", "needs") if row["state"] == "sent"]
    mondays = {row["subject"] for row in rows}
    if world.breaks("autumn"):
        mondays.pop()
    check(len(rows) == 2 * len(mondays) and len(mondays) > 40, "a letter to each of the two on every Monday", (len(rows), len(mondays)))
    return "%d Mondays, %d letters" % (len(mondays), len(rows))


def ask_leaders(world):
    """Most municipalities answer; the coordinators of the others' areas are told."""
    asked = world.letters("evaluation", "LU-2027")
    check(len(asked) >= 18, "every municipality is asked", len(asked))
    for number, mail in enumerate(asked[:len(asked) - 3]):
        world.answer(mail, 3 + number % 3)
    world.until("2027-11-16T10:00")
    told = world.letters("survey_missing", "LU-2027")
    check(0 < len(told) <= 4, "the coordinators of the three areas at most", to(told))
    world.until("2027-11-20T10:00")
    state = one(world.ask("evaluation", "list"), evaluation="LU-2027")
    wanted = len(asked) - (4 if world.breaks("survey") else 3)
    check((state["status"], state["answered"], state["hidden"]) == ("closed", wanted, False), "closed, and shown", state)
    return "%d asked, %d answered; %d coordinators were told who was missing" % (len(asked), state["answered"], len(told))
