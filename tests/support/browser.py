"""A browser without script for tests: requests to the web face as plain HTTP, and what a page says; and Chromium, which
looks for faults."""
import html.parser
import http.client
import json
import os
import subprocess
import urllib.parse

from cluster import SOURCE

PICTURES = SOURCE + "/build/browser"


class Page(html.parser.HTMLParser):
    """What a page holds: .title, .heading, .text, .links, .fields (name → value), .options (name → radio values), .boxes (name → whether it is ticked; a ticked one is a field)."""

    def __init__(self, text):
        super().__init__()
        self.source, self.links, self.fields, self.options, self.boxes, self.lang = text, [], {}, {}, {}, None
        self.spoken, self.within, self.area = [], [], None
        self.title = self.heading = ""
        self.feed(text)
        self.text = " ".join(" ".join(self.spoken).split())

    def handle_starttag(self, tag, attrs):
        have = dict(attrs)
        if tag == "html":
            self.lang = have.get("lang")
        if tag == "a":
            self.links.append(have.get("href"))
        if tag == "input" and have.get("type") == "radio":
            self.options.setdefault(have["name"], []).append(have["value"])
            if "checked" in have:
                self.fields[have["name"]] = have["value"]
        elif tag == "input" and have.get("type") == "checkbox":
            self.boxes[have["name"]] = "checked" in have
            if self.boxes[have["name"]]:
                self.fields[have["name"]] = "on"
        elif tag == "input" and "name" in have:
            self.fields[have["name"]] = have.get("value", "")
        if tag == "textarea":
            self.area = have["name"]
            self.fields[self.area] = ""
        if tag not in ("input", "meta", "link", "br", "hr", "img", "col"):
            self.within.append(tag)

    def handle_endtag(self, tag):
        if tag in self.within:
            while self.within.pop() != tag:
                pass
        if tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.fields[self.area] += data
        if "title" in self.within:
            self.title += data
        elif "h1" in self.within:
            self.heading += data
        self.spoken.append(data)


class Browser:
    """Keeps cookies; follows no redirect by itself."""

    def __init__(self, port, language="nb"):
        self.port, self.language, self.cookies = port, language, {}

    def request(self, method, path, fields=None, **more):
        """(status, headers, body as text)."""
        return self.begin(method, path, fields, **more)()

    def begin(self, method, path, fields=None, headers=None, body=None):
        """Sends; what it returns waits for the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Accept-Language": self.language, "Connection": "close"}
        if self.cookies:
            sent["Cookie"] = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.update(headers or {})
        connection.request(method, path, body=body, headers=sent)
        return lambda: self.finish(connection)

    def finish(self, connection):
        try:
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.split(";")[0]
            strict = answer.headers.get_content_type() != "application/pdf"
            return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "strict" if strict else "replace")
        finally:
            connection.close()

    def get(self, path, **more):
        status, headers, body = self.request("GET", path, **more)
        page = Page(body)
        page.status, page.headers = status, headers
        return page

    def post(self, path, fields, **more):
        status, headers, body = self.request("POST", path, fields, **more)
        page = Page(body)
        page.status, page.headers = status, headers
        return page


def look(port, pages, **more):
    """What Chromium finds wrong with the pages, "" if nothing: see tests/browser/look.js. The pictures are in build/browser."""
    os.makedirs(PICTURES, exist_ok=True)
    job = {"web": "http://127.0.0.1:%d" % port, "out": PICTURES, "pages": pages, **more}
    done = subprocess.run(["node", SOURCE + "/tests/browser/look.js"], input=json.dumps(job), capture_output=True, text=True,
                          cwd=SOURCE + "/build/node", timeout=900, check=False)
    return done.stdout + done.stderr or done.returncode or ""


def settings(port, files):
    """What goes into padriver.conf."""
    return 'web\n    listen = "127.0.0.1:%d"\n    files = "%s"\n' % (port, files)
