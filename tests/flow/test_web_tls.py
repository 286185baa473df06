"""The pages by TLS: from the web face itself, and through the front proxy of deploy/nginx.conf. Neither writes down which
path was asked for: a path may be somebody's personal link."""
import contextlib
import http.client
import os
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from browser import settings  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402

STATIC = SOURCE + "/workers/web/static"
NGINX = next(path for path in ("/usr/sbin/nginx", SOURCE + "/build/nginx/usr/sbin/nginx") if os.access(path, os.X_OK))


class Tls(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="pad.", dir="/tmp")
        self.addCleanup(subprocess.run, ["rm", "-rf", self.directory])
        self.certificate, self.key = self.directory + "/cert.pem", self.directory + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate],
                       check=True, stderr=subprocess.DEVNULL)
        self.context = ssl.create_default_context(cafile=self.certificate)

    def get(self, port, path="/accessibility"):
        """(status, headers); a page that is refused has them too."""
        try:
            with urllib.request.urlopen("https://localhost:%d%s" % (port, path), timeout=10, context=self.context) as answer:
                return answer.status, answer.headers
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers

    def answers(self, port, status=200):
        try:
            return self.get(port)[0] == status
        except OSError:
            return False

    def test_the_web_face_speaks_tls_itself(self):
        port = free_port()
        more = settings(port, STATIC) + '    certificate = "%s"\n    key = "%s"\n' % (self.certificate, self.key)
        with Instance(durable=False, broker=False, settings=more) as it:
            it.start("web")
            eventually(lambda: self.answers(port))
            status, headers = self.get(port, "/?lang=nn")
            self.assertEqual(status, 200)
            self.assertIn("max-age", headers["Strict-Transport-Security"])
            self.assertIn("; Secure", headers["Set-Cookie"])
            self.assertEqual(self.get(port, "/e/12345.secret")[0], 404)
            self.assertNotIn("12345", it.said())
            self.assertEqual(it.stop("web"), 0)

    def test_one_address_gets_so_many_connections_and_others_are_served(self):
        port = free_port()

        def opens(address, kept=None):
            """Whether a page is served to it; kept: over a connection that stays."""
            one = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(address, 0))
            try:
                one.request("GET", "/accessibility")
                answer = one.getresponse()
                answer.read()
                return answer.status == 200
            except (OSError, http.client.HTTPException):
                return False
            finally:
                if kept is None:
                    one.close()
                else:
                    kept.append(one)
        more = settings(port, STATIC) + "    address_connections = 3\n"
        with Instance(durable=False, broker=False, settings=more) as it:
            it.start("web")
            eventually(lambda: opens("127.0.0.2"))
            kept = []
            eventually(lambda: all(opens("127.0.0.1", kept) for _ in range(3)))
            self.assertFalse(opens("127.0.0.1"))
            self.assertTrue(opens("127.0.0.2"))
            kept.pop().close()
            eventually(lambda: opens("127.0.0.1"))
            for one in kept:
                one.close()

    def test_a_certificate_that_is_none_stops_it(self):
        for certificate, key in (("/dev/null", self.key), (self.key, self.certificate), (self.directory + "/none", self.key)):
            more = settings(free_port(), STATIC) + '    certificate = "%s"\n    key = "%s"\n' % (certificate, key)
            with Instance(durable=False, broker=False, settings=more) as it:
                it.start("web")
                self.assertEqual(it.died("web"), 78, certificate)

    def write_nginx(self, port, front, plain, connections):
        """The sample with these ports, in a whole configuration."""
        with open(SOURCE + "/deploy/nginx.conf", encoding="utf-8") as file:
            sample = file.read()
        for old, new in (("listen 443 ssl", "listen 127.0.0.1:%d ssl" % front), ("listen 80", "listen 127.0.0.1:%d" % plain),
                         ("/etc/ssl/certs/usht.pem", self.certificate), ("/etc/ssl/private/usht.key", self.key),
                         ("127.0.0.1:8080", "127.0.0.1:%d" % port)):
            self.assertIn(old, sample)
            sample = sample.replace(old, new)
        temporary = "".join("%s_temp_path %s/%s; " % (name, self.directory, name)
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(self.directory + "/nginx.conf", "w", encoding="utf-8") as file:
            file.write("daemon off; pid %s/pid; error_log %s/error.log info;\nevents { worker_connections %d; }\nhttp { %s\n%s}\n"
                       % (self.directory, self.directory, connections, temporary, sample))

    @contextlib.contextmanager
    def proxied(self, connections=512, ready=200):
        """The web face behind the sample; gives the ports of TLS and of plain HTTP. Nothing that follows a 12345 was logged."""
        port, front, plain = free_port(), free_port(), free_port()
        self.write_nginx(port, front, plain, connections)
        with Instance(durable=False, broker=False, settings=settings(port, STATIC)) as it:
            it.start("web")
            with subprocess.Popen([NGINX, "-p", self.directory, "-c", self.directory + "/nginx.conf"], stderr=subprocess.DEVNULL) as proxy:
                try:
                    eventually(lambda: self.answers(front, ready))
                    yield front, plain
                finally:
                    proxy.terminate()
        for name in os.listdir(self.directory):
            if name.endswith(".log"):
                with open(self.directory + "/" + name, encoding="utf-8", errors="replace") as file:
                    self.assertNotIn("12345", file.read(), name)

    def send(self, port, path, body, **headers):
        """The status of a form sent to it."""
        one = http.client.HTTPSConnection("localhost", port, timeout=10, context=self.context)
        try:
            one.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})
            return one.getresponse().status
        finally:
            one.close()

    def test_behind_nginx_as_in_the_sample(self):
        with self.proxied() as (front, plain):
            self.assertEqual(self.get(front, "/e/12345.secret")[0], 404)
            self.assertIn("default-src 'none'", self.get(front)[1]["Content-Security-Policy"])
            with self.assertRaises(urllib.error.HTTPError) as moved:
                urllib.request.build_opener(NoRedirect).open("http://127.0.0.1:%d/x" % plain, timeout=10)
            self.assertEqual(moved.exception.code, 308)

    def test_nginx_that_is_full_logs_no_path_either(self):
        with self.proxied(connections=4, ready=500) as (front, _):  # it takes a request in, and cannot hand it on
            self.assertEqual(self.get(front, "/e/12345.secret")[0], 500)

    def test_nginx_writes_nothing_of_a_form_to_the_disk(self):
        with self.proxied() as (front, _):
            os.rmdir(self.directory + "/client_body")  # where it would
            self.assertEqual(self.send(front, "/e/1.secret", "mode=anonymous&q12=" + 63000 * "x"), 404)
    def test_nginx_tells_the_web_face_which_site_a_form_is_of(self):
        with self.proxied() as (front, _):
            for origin, status in (("https://localhost:%d" % front, 422), ("https://evil.example", 403)):
                self.assertEqual(self.send(front, "/sign-in", "address=ingen", Origin=origin), status, origin)

    def test_who_asks_for_many_reports_can_still_send_a_form(self):
        with self.proxied() as (front, _):
            one = http.client.HTTPSConnection("localhost", front, timeout=10, context=self.context)

            def ask(path):
                one.request("GET", path)
                answer = one.getresponse()
                answer.read()
                return answer.status
            reports = [ask("/report") for _ in range(250)]
            self.assertEqual((set(reports[:150]), reports[-1]), ({200}, 429))
            self.assertEqual({ask("/e/1.secret") for _ in range(130)}, {404})
            self.assertEqual({ask("/static/none") for _ in range(900)}, {404})
            one.close()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


if __name__ == "__main__":
    unittest.main()
