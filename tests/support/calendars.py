"""The calendar of a letter, read three times: by python3-icalendar, by ical.js, and by our own check of what RFC 5545 and
5546 require; all must agree."""
import json
import os
import subprocess

import icalendar

SOURCE = os.environ.get("PADRIVER_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NODE = SOURCE + "/build/node"
ONCE = {"VCALENDAR": ["PRODID", "VERSION", "METHOD"],
        "VEVENT": ["UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS", "ORGANIZER", "ATTENDEE"]}


def install():
    """tests/run has installed ical.js; a test run alone does it itself."""
    if not os.path.isdir(NODE + "/node_modules/ical.js"):
        os.makedirs(NODE, exist_ok=True)
        subprocess.run("cp %s/tests/package*.json %s && npm ci --prefix %s --ignore-scripts --no-audit --no-fund"
                       " --loglevel=error" % (SOURCE, NODE, NODE), shell=True, check=True, stdout=subprocess.DEVNULL)


def check_lines(text):
    """Lines end in CRLF and have at most 75 bytes; each property stands as often as it must."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", ""), "line ends"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "a line is too long"
    path, counts = [], {}
    for line in text.replace("\r\n ", "").split("\r\n")[:-1]:
        name = line.split(":")[0].split(";")[0]
        if name == "BEGIN":
            path.append(line[6:])
        elif name == "END":
            assert path.pop() == line[4:], "components are not nested"
        else:
            counts[path[-1], name] = counts.get((path[-1], name), 0) + 1
    for component, names in ONCE.items():
        for name in names:
            assert counts.get((component, name)) == 1, "%s of %s stands %s times" % (name, component, counts.get((component, name)))
    assert counts["VTIMEZONE", "TZID"] == 1 and counts["STANDARD", "TZOFFSETTO"] == counts["DAYLIGHT", "TZOFFSETTO"] == 1


def read(messages):
    """What each message's calendar says, as ical.js tells it."""
    install()
    texts = []
    for message in messages:
        parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
        assert len(parts) == 1, "%d calendars" % len(parts)
        text = parts[0].get_payload(decode=True).decode(parts[0].get_content_charset())
        check_lines(text)
        ours = icalendar.Calendar.from_ical(text)
        assert parts[0].get_param("method") == ours["method"], "the part's method is not the calendar's"
        assert [event for event in ours.walk("VEVENT")][0]["uid"], "no UID"
        texts.append(text)
    done = subprocess.run(["node", SOURCE + "/tests/support/ical.js"], input=json.dumps(texts), capture_output=True,
                          text=True, env={**os.environ, "NODE_PATH": NODE + "/node_modules"})
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
