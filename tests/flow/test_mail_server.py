"""The mail server that is configured: STARTTLS or implicit TLS with a valid certificate when set, AUTH from a credential
file, connections reused: against a server in Python. Real delivery, as root: OpenSMTPD, without TLS, for Debian 12's version
cannot serve TLS (github.com/OpenSMTPD/OpenSMTPD issue 1171)."""
import mailbox
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from instance import SOURCE, Instance, eventually  # noqa: E402
from smtpd import MailServer, free_port, make_certificate  # noqa: E402

OPENSMTPD = """action "keep" maildir "{maildir}" virtual {{ "@" = nobody }}
listen on 127.0.0.1 port {port} hostname localhost
match from any for any action "keep"
"""


class Server(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="tls.", dir="/tmp")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def instance(self, port, server="smtp://localhost", settings=""):
        """An instance whose daemon sends to the server; two reminders are due."""
        it = Instance(simulated="2026-12-20T08:00:00Z", broker=False, port=port, durable=False, settings=settings)
        self.addCleanup(it.close)
        with open(it.conf, encoding="utf-8") as file:
            conf = file.read().replace("smtp://127.0.0.1:", server + ":")
        with open(it.conf, "w", encoding="utf-8") as file:
            file.write(conf)
        it.padriver("group", "add", "notifications", "--from", "start")
        it.padriver("import", SOURCE + "/deploy/sample", "--yes")
        it.padriver("plan", "schedule", "SG1")
        it.psql("""INSERT INTO notice.letter (rule, subject, person, occurrence, due_at)
                   SELECT 'reminder', 'SG1', p.person, '1', '2026-12-20T08:00:00Z'
                     FROM plan.participants('SG1', '2027-02-02') p ORDER BY 1 LIMIT 2""")
        it.start("notifications")
        return it

    def settings(self, ca, password="hemmelig", tls="starttls"):
        with open(self.directory + "/credentials", "w", encoding="utf-8") as file:
            file.write("usht:%s\n" % password)
        return '    tls = "%s"\n    ca = "%s"\n    credentials = "%s/credentials"\n' % (tls, ca, self.directory)

    def sent(self, it):
        return it.value("SELECT count(*) FROM notice.letter WHERE state = 'sent'")

    def check_nothing_is_sent(self, it, why):
        eventually(lambda: why in it.said(), what=it.said)
        self.assertEqual(it.psql("SELECT DISTINCT state, attempts FROM notice.letter"), [["due", "0"]])
        self.assertNotIn("hemmelig", it.said())

    def test_starttls_and_login_and_one_connection_for_all(self):
        with MailServer(tls=True) as server:
            it = self.instance(server.port, settings=self.settings(server.ca))
            eventually(lambda: self.sent(it) == 2, what=it.said)
            self.assertEqual((len(server.letters), server.logins), (2, [True]))

    def test_implicit_tls(self):
        with MailServer(tls="implicit") as server:
            it = self.instance(server.port, "smtps://localhost", self.settings(server.ca, tls="implicit"))
            eventually(lambda: self.sent(it) == 2, what=it.said)
            self.assertEqual((len(server.letters), server.logins), (2, [True]))

    def test_a_certificate_that_is_not_trusted_gets_no_letter(self):
        with MailServer(tls=True) as server:
            other = tempfile.mkdtemp(dir=self.directory)
            it = self.instance(server.port, settings=self.settings(make_certificate(other)))
            self.check_nothing_is_sent(it, "SSL")
            self.assertEqual((server.letters, server.logins), ([], []))

    def test_a_server_without_starttls_gets_no_letter(self):
        with MailServer() as server:
            it = self.instance(server.port, settings=self.settings(make_certificate(self.directory)))
            self.check_nothing_is_sent(it, "STARTTLS")
            self.assertEqual(server.letters, [])

    def test_a_refused_login_is_not_the_letters_fault(self):
        with MailServer(tls=True) as server:
            it = self.instance(server.port, settings=self.settings(server.ca, password="feil"))
            self.check_nothing_is_sent(it, "535")
            self.assertEqual(server.letters, [])

    def test_settings_that_would_betray_the_password_end_the_program(self):
        with open(self.directory + "/credentials", "w", encoding="utf-8") as file:
            file.write("usht:hemmelig\n")
        it = self.instance(free_port(), settings='    credentials = "%s/credentials"\n' % self.directory)
        self.assertEqual(it.died("notifications"), 78)
        self.assertIn("in the clear", it.said())

    @unittest.skipIf(os.getuid() != 0, "OpenSMTPD needs root")
    def test_opensmtpd_takes_the_letters(self):
        port, maildir = free_port(), self.directory + "/maildir"
        os.mkdir(maildir)
        shutil.chown(maildir, "nobody")
        os.chmod(self.directory, 0o755)
        with open(self.directory + "/smtpd.conf", "w", encoding="utf-8") as file:
            file.write(OPENSMTPD.format(maildir=maildir, port=port))
        # smtpd holds its socket and spool at fixed places: it gets its own.
        with open(self.directory + "/smtpd.log", "wb") as log:
            process = subprocess.Popen(
                ["unshare", "--mount", "--kill-child", "sh", "-c",
                 "mount -t tmpfs tmpfs /var/spool && mount -t tmpfs tmpfs /run && chmod 711 /var/spool"
                 " && exec smtpd -d -f %s/smtpd.conf" % self.directory], stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        it = self.instance(port)
        eventually(lambda: self.sent(it) == 2, what=self.said)
        box = mailbox.Maildir(maildir, create=False)
        eventually(lambda: os.path.isdir(maildir + "/new") and len(box) == 2, what=self.said)
        ids = {"<%s>" % row["message_id"] for row in it.padriver("mail", "list", json=True)}
        self.assertEqual({message["Message-ID"] for message in box}, ids)

    def said(self):
        with open(self.directory + "/smtpd.log", encoding="utf-8") as log:
            return log.read()


if __name__ == "__main__":
    unittest.main()
