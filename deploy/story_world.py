"""The running instance as its people see it: the command `padriver`, and the letters that arrive.

The story (story.py) stands on this: whatever it does, it does by World.run, by links out of letters and by the pages of
who is signed in; whatever it checks, it reads by World.ask (`padriver --json`), in the mailbox and on the pages. A check
that fails raises Wrong.
"""
import email
import email.policy
import json
import os
import pathlib
import re
import signal
import subprocess
import textwrap
import time
import urllib.error
import urllib.parse
import urllib.request


class Wrong(Exception):
    """A step's result is not what it should be."""


def check(condition, what, seen=None):
    if not condition:
        raise Wrong(what + ("" if seen is None else "; seen: " + textwrap.shorten(str(seen), 800, placeholder=" …")))


def one(rows, **wanted):
    """The one row that has these values."""
    found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    check(len(found) == 1, "one row with %s" % wanted, found)
    return found[0]


class World:
    def __init__(self, broken=None):
        self.broken = broken
        self.web = os.environ["PADRIVER_WEB"]
        self.maildir = pathlib.Path(os.environ["PADRIVER_MAILDIR"])
        self.pids = pathlib.Path(os.environ["PADRIVER_PIDS"])
        self.read = {}  # the letters that were read, each once: {file: letter}
        self.by_id = {}  # {Message-ID: letter}
        self.given = {}  # what was answered: {evaluation: [(item, goal, value)]}
        self.forms = {}  # the questions of each evaluation, read once

    def breaks(self, step):
        """Whether the world is to be altered in this step (--break)."""
        return self.broken == step

    def run(self, *words, actor="leder", code=0, given=None):
        """Runs padriver as somebody; it must end with the code. What it printed, or what it complained of."""
        done = subprocess.run(["padriver", *words], capture_output=True, text=True, input=given, timeout=300,
                              env=dict(os.environ, PADRIVER_ACTOR=actor))
        check(done.returncode == code, "padriver %s ends with %d" % (" ".join(words), code),
              "%d: %s" % (done.returncode, done.stderr.strip() or done.stdout.strip()))
        return done.stdout if code == 0 else done.stderr

    def ask(self, *words):
        """The objects that padriver --json prints, one a line."""
        return [json.loads(line) for line in self.run(*words, "--json").splitlines()]

    def idle(self):
        """All that is due now is done."""
        self.run("wait", "--idle", "--timeout", "60")

    def until(self, moment):
        """Time passes; whatever is due on the way is done at its own time."""
        self.run("clock", "advance", moment)

    def do(self, *words, **more):
        """A deed and all that follows from it."""
        said = self.run(*words, **more)
        self.idle()
        return said

    def send(self, url, fields=None, browser=None):
        """Opens a page, or sends a form to it; the page that the browser ends at. Of one that says to try again, that is done."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        for tries in range(1, 11):
            try:
                with (browser or urllib.request.build_opener()).open(url, data, timeout=60) as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as fault:
                check(fault.code == 503 and tries < 10, "%s opens" % url, fault)
                if fault.url != url:  # the form was taken, and led to another page
                    url, data = fault.url, None

    def sign_in(self, address):
        """Somebody signs in by the link that is mailed: what opens that person's pages, and sends their forms."""
        before = len(self.mails())
        self.send(self.web + "/sign-in", {"address": address})
        self.idle()
        mails = self.mails()[before:]
        check(to(mails) == [address], "the link is mailed to who asked for it", to(mails))
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        key = re.search('name="key" value="([^"]+)"', self.send(link(mails[0]), {}, browser))
        check(key, "the link leads to a page with a form")
        return lambda path, fields=None: self.send(self.web + path, None if fields is None else {"key": key[1], **fields}, browser)

    def answer(self, mail, mood):
        """Somebody fills in the form behind the letter's link, higher on some questions than on others; given keeps count."""
        if mail.about not in self.forms:
            self.forms[mail.about] = self.ask("evaluation", "answer", link(mail), "--show")
        rows = self.forms[mail.about]
        given = self.given.setdefault(rows[0]["evaluation"], [])
        fields = {"mode": rows[0]["mode"]}
        for number, row in enumerate(rows):
            if row["kind"] == "text":
                fields[row["item"]] = "Mer tid i grupper"
            else:
                value = "dk" if len(given) % 20 == 19 else max(1, min(5, mood + (0, 1, -1, 0)[number % 4]))
                fields[row["item"]] = "0" if value == "dk" else str(value)
                given.append((row["item"], row["goal"], value))
        page = self.send(link(mail), fields)
        check("Takk" in page or "Thank you" in page, "whoever answers is thanked", page)
        return rows

    def mails(self):
        """All letters delivered so far."""
        for name in sorted(set(os.listdir(self.maildir / "new")) - self.read.keys()):
            mail = email.message_from_bytes((self.maildir / "new" / name).read_bytes(), policy=email.policy.default)
            self.read[name] = self.by_id[mail["Message-ID"].strip("<> ")] = mail
        return list(self.read.values())

    def letters(self, rule, subject):
        """The delivered letters of a rule about a subject."""
        return self.delivered(self.ask("mail", "list", "--rule", rule, "--subject", subject))

    def delivered(self, rows):
        """Those of the listed letters that have arrived; they are those that are booked as sent."""
        self.mails()
        sent = {row["message_id"].strip("<>"): row for row in rows if row["state"] == "sent"}
        lost = [row["id"] for name, row in sent.items() if name not in self.by_id]
        check(not lost, "each letter that is booked as sent has arrived", lost)
        for name, row in sent.items():
            self.by_id[name].about = row["subject"]
        return [self.by_id[name] for name in sent]

    def lose(self, mails):
        """The mail server loses a letter that it took (--break)."""
        for name, mail in list(self.read.items()):
            if mail is mails[0]:
                (self.maildir / "new" / name).unlink()
                del self.read[name], self.by_id[mail["Message-ID"].strip("<> ")]

    def kill(self, name):
        """Kills a daemon; its supervisor starts it anew. How many events it had still to handle."""
        file = self.pids / (name + ".pid")
        old = int(file.read_text())
        os.kill(old, signal.SIGKILL)
        behind = sum(row["behind"] for row in self.ask("lag") if row["group"] == name)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if int(file.read_text()) != old:
                    return behind
            except (ValueError, FileNotFoundError):
                pass
            time.sleep(0.05)
        raise Wrong("%s is started anew within 30 seconds" % name)


def part(mail, kind):
    """The part of a letter that has the type, or None."""
    return next((p for p in mail.walk() if p.get_content_type() == kind), None)


def to(mails):
    """The recipients' addresses, sorted."""
    return sorted(address.addr_spec for mail in mails for address in mail["To"].addresses)


def link(mail):
    """The personal link in a letter."""
    found = re.findall(r"https?://\S+", part(mail, "text/plain").get_content())
    check(len(found) > 0, "a link in the letter to %s" % mail["To"])
    return found[0]


def languages(mails):
    """"29 nb, 10 nn, 1 en": how many letters in each language."""
    count = {}
    for mail in mails:
        count[mail["Content-Language"]] = count.get(mail["Content-Language"], 0) + 1
    return ", ".join("%d %s" % (count[name], name) for name in sorted(count, key=count.get, reverse=True))


def calendar(mail):
    """The event in a letter's calendar as {property: value}, with both METHODs and the number of attendees."""
    found = part(mail, "text/calendar")
    check(found is not None, "a calendar in the letter to %s" % mail["To"])
    body = re.sub(r"\r?\n[ \t]", "", found.get_content())
    event = body[body.index("BEGIN:VEVENT"):body.index("END:VEVENT")]
    seen = {}
    for line in event.splitlines():
        name, _, value = line.partition(":")
        seen.setdefault(name.split(";")[0], value)
    return dict(seen, METHOD=re.search(r"^METHOD:(\S+)", body, re.M).group(1), method=found.get_param("method"),
                attendees=len(re.findall(r"^ATTENDEE", event, re.M)))


def check_calendars(mails, method, sequence, starts=None):
    """Each letter bears a calendar for its one recipient: method, sequence, beginning, one UID. Returns the UID."""
    seen = [calendar(mail) for mail in mails]
    for event in seen:
        check((event["METHOD"], event["method"]) == (method, method), "METHOD is %s" % method, event)
        check(event["SEQUENCE"] == str(sequence), "SEQUENCE is %d" % sequence, event["SEQUENCE"])
        check(event["attendees"] == 1, "only the recipient is an attendee", event["attendees"])
        check(starts in (None, event["DTSTART"]), "it begins %s" % starts, event["DTSTART"])
    uids = {event["UID"] for event in seen}
    check(len(uids) == 1, "one UID", uids)
    return uids.pop()
