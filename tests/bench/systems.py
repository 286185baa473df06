"""The systems that are measured: how each is started privately, and which programs publish and consume.

Each has: name; durability, what a confirmation means; bulk(window, rate), how many events the publisher hands over at once;
start, stop; reset, between two measurements; servers, the processes whose memory is counted; publisher and consumer(n),
a command and its environment; log, the file that holds what all of them said.
"""
import json
import os
import socket
import subprocess
import sys

import process
from phase import GROUPS, Failed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cluster import Cluster  # noqa: E402
from instance import SOURCE, Instance, eventually, free_port  # noqa: E402

# The same for all that stand on PostgreSQL. Checkpoints come between measurements, not in them, and leave the WAL's files to
# be written again, as on a server that has run for a while: else a new one is filled with zeros every 16 MB.
POSTGRESQL = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "wal_level": "replica",
              "shared_buffers": "256MB", "max_wal_size": "8GB", "min_wal_size": "2GB", "checkpoint_timeout": "1h",
              "wal_buffers": "16MB",
              "max_connections": "50", "jit": "off"}
MOST = 4096  # events on their way


class System:
    """What most have in common."""
    def __init__(self, build, directory):
        self.build, self.directory = build, directory
        self.log = "%s/%s.log" % (directory, self.name)

    def program(self, name):
        return "%s/tests/bench/%s" % (self.build, name)

    def bulk(self, window, rate):
        return 1 if rate else min(window, 128)

    def reset(self):
        """As new, or as after the measurement before where that costs nothing."""


class OnPostgreSQL(System):
    cluster = None

    def start(self):
        self.cluster = Cluster(settings=POSTGRESQL, parent=self.directory)

    def stop(self):
        if self.cluster:
            self.cluster.close()
            self.cluster = None

    def servers(self):
        return [self.cluster.server.pid]

    def reset(self):
        self.cluster.query("CHECKPOINT")


class Log(OnPostgreSQL):
    """A table, COPY, polling readers: what PostgreSQL itself allows."""
    name = "postgresql-log"
    durability = "fsynced"
    SCHEMA = """
        CREATE TABLE event (position bigint PRIMARY KEY, key text NOT NULL, body bytea NOT NULL);
        CREATE TABLE cursor (grp text PRIMARY KEY, position bigint NOT NULL) WITH (fillfactor = 10);
        INSERT INTO cursor SELECT 'bench' || n, 0 FROM generate_series(1, %d) n""" % GROUPS

    def start(self):
        super().start()
        self.cluster.query(self.SCHEMA)

    def bulk(self, window, rate):
        return MOST if rate else window

    def publisher(self):
        return [self.program("bench_log"), self.cluster.conninfo, "publish"], dict(os.environ)

    def consumer(self, n):
        return [self.program("bench_log"), self.cluster.conninfo, "consume", "bench%d" % n], dict(os.environ)


class Quiet(Instance):
    """An instance whose processes die with us."""
    def start(self, name, failpoint=None):
        self.process[name] = process.spawn(self.wrapped(name), self.environment(), log=self.log)
        return self.process[name]

    wrappers = {}

    def wrapped(self, name):
        return self.wrappers.get(name, []) + [self.program(name)]


class Padriver(OnPostgreSQL):
    """The broker and four workers on the skeleton; a group, a database role and a process each."""
    name = "padriver"
    durability = "fsynced"
    it = None

    def start(self):
        super().start()
        self.it = Quiet(cluster=self.cluster)
        self.log = self.it.log
        for n in range(1, GROUPS + 1):
            # A worker's rights are those of any daemon.
            self.cluster.query("CREATE ROLE padriver_bench%d LOGIN IN ROLE padriver_budget" % n)
            self.it.padriver("group", "add", "bench%d" % n, "--from", "now")

    def stop(self):
        if self.it:
            for running in self.it.process.values():
                process.end(running)
            self.it.close()
            self.it = self.cluster = None
        super().stop()

    def servers(self):
        return super().servers() + [self.it.process["broker"].pid]

    def publisher(self):
        return [self.program("bench_publisher")], self.it.environment()

    def consumer(self, n):
        return [self.program("bench_worker")], self.it.environment(BENCH_GROUP="bench%d" % n)


class PgQ(OnPostgreSQL):
    """Debian's PgQ with a ticker of 10 ms."""
    name = "pgq"
    durability = "fsynced"
    SCHEMA = """
        CREATE EXTENSION pgq;
        SELECT pgq.create_queue('bench'), pgq.set_queue_config('bench', 'ticker_max_count', '1'),
               pgq.set_queue_config('bench', 'ticker_max_lag', '10 ms');
        SELECT pgq.register_consumer('bench', 'bench' || n) FROM generate_series(1, %d) n""" % GROUPS
    ticker = None

    def start(self):
        super().start()
        self.cluster.query(self.SCHEMA)
        self.ticker = process.spawn([self.program("bench_pgq"), self.cluster.conninfo, "tick"], log=self.log)

    def stop(self):
        if self.ticker:
            process.end(self.ticker)
            self.ticker = None
        super().stop()

    def servers(self):
        return super().servers() + [self.ticker.pid]

    def bulk(self, window, rate):
        return MOST if rate else window

    def publisher(self):
        return [self.program("bench_pgq"), self.cluster.conninfo, "publish"], dict(os.environ)

    def consumer(self, n):
        return [self.program("bench_pgq"), self.cluster.conninfo, "consume", "bench%d" % n], dict(os.environ)


class Redis(System):
    """A stream with four consumer groups. It is emptied between measurements."""
    name = "redis"
    durability = "fsynced (appendfsync always)"
    server = None

    def start(self):
        self.socket = self.directory + "/redis.sock"
        os.mkdir(self.directory + "/redis")
        self.server = process.spawn(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.directory + "/redis", "--save", "",
             "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"], log=self.log)
        eventually(lambda: "PONG" in self.say("PING"), what=lambda: "redis-server does not start: see " + self.log)

    def say(self, *words):
        done = subprocess.run(["redis-cli", "-s", self.socket, *words], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def reset(self):
        self.say("DEL", "bench")
        for n in range(1, GROUPS + 1):
            if "OK" not in self.say("XGROUP", "CREATE", "bench", "bench%d" % n, "0", "MKSTREAM"):
                raise Failed("no consumer group could be made")

    def stop(self):
        if self.server:
            process.end(self.server)
            self.server = None

    def servers(self):
        return [self.server.pid]

    def publisher(self):
        return [self.program("bench_redis"), self.socket, "publish"], dict(os.environ)

    def consumer(self, n):
        return [self.program("bench_redis"), self.socket, "consume", "bench%d" % n], dict(os.environ)


class Nats(System):
    """A JetStream stream in files with four durable pull consumers. It is made anew for each measurement."""
    name = "nats"
    durability = "page cache: fsynced every 2 min"
    SETTINGS = """
        listen: "127.0.0.1:%d"
        jetstream { store_dir: "%s/nats", max_file_store: 20GB }
        """
    server = None

    def start(self):
        self.port = free_port()
        conf = self.directory + "/nats.conf"
        with open(conf, "w", encoding="ascii") as file:
            file.write(self.SETTINGS % (self.port, self.directory))
        self.server = process.spawn(["nats-server", "-c", conf], log=self.log)
        eventually(lambda: listens(self.port), what=lambda: "nats-server does not start: see " + self.log)

    def ask(self, subject, **body):
        """One request of JetStream's API in NATS's text protocol; the answer."""
        text = json.dumps(body)
        with socket.create_connection(("127.0.0.1", self.port), 10) as nats:
            nats.sendall(b'CONNECT {"verbose":false}\r\nSUB inbox 1\r\nPUB $JS.API.%s inbox %d\r\n%s\r\n'
                         % (subject.encode(), len(text), text.encode()))
            with nats.makefile("rb") as lines:
                while not (line := lines.readline()).startswith(b"MSG"):
                    if not line:
                        raise Failed("nats-server hung up")
                return json.loads(lines.readline())

    def reset(self):
        self.ask("STREAM.DELETE.bench")
        answers = [self.ask("STREAM.CREATE.bench", name="bench", subjects=["bench"], storage="file", retention="limits",
                            num_replicas=1)]
        for n in range(1, GROUPS + 1):
            config = {"durable_name": "bench%d" % n, "ack_policy": "all", "deliver_policy": "all", "max_ack_pending": -1}
            answers.append(self.ask("CONSUMER.DURABLE.CREATE.bench.bench%d" % n, stream_name="bench", config=config))
        for answer in answers:
            if "error" in answer:
                raise Failed("NATS: %s" % answer["error"])

    def stop(self):
        if self.server:
            process.end(self.server)
            self.server = None

    def servers(self):
        return [self.server.pid]

    def publisher(self):
        return [self.program("bench_nats"), str(self.port), "publish"], dict(os.environ)

    def consumer(self, n):
        return [self.program("bench_nats"), str(self.port), "consume", "bench%d" % n], dict(os.environ)


class RabbitMQ(System):
    """Four quorum queues behind a fanout exchange, publisher confirms. A node and an epmd of its own."""
    name = "rabbitmq"
    durability = "fsynced (quorum queues)"
    SETTINGS = """
        listeners.tcp.1 = 127.0.0.1:%d
        log.console = true
        log.file = false
        """
    server = names = None

    def start(self):
        home = self.directory + "/rabbitmq"
        os.mkdir(home)
        self.port, epmd = free_port(), free_port()
        for name, text in (("rabbitmq.conf", self.SETTINGS % self.port), ("enabled_plugins", "[].\n"), ("env", "")):
            with open(home + "/" + name, "w", encoding="ascii") as file:
                file.write("\n".join(line.strip() for line in text.splitlines()) + "\n")
        env = dict(os.environ, HOME=home, ERL_EPMD_PORT=str(epmd), ERL_EPMD_ADDRESS="127.0.0.1",
                   RABBITMQ_NODENAME="bench%d@localhost" % os.getpid(), RABBITMQ_NODE_PORT=str(self.port),
                   RABBITMQ_DIST_PORT=str(free_port()), RABBITMQ_CONFIG_FILE=home + "/rabbitmq.conf",
                   RABBITMQ_CONF_ENV_FILE=home + "/env", RABBITMQ_ENABLED_PLUGINS_FILE=home + "/enabled_plugins",
                   RABBITMQ_MNESIA_BASE=home + "/data", RABBITMQ_LOG_BASE=home, RABBITMQ_LOGS="-",
                   RABBITMQ_PID_FILE=home + "/pid", detached="yes")  # so that its script becomes the node
        self.names = process.spawn(["epmd", "-port", str(epmd), "-address", "127.0.0.1"], env=env, log=self.log, cwd=home)
        self.server = process.spawn(["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=env, log=self.log, cwd=home)
        eventually(self.has_queues, 60, what=lambda: "rabbitmq-server does not start: see " + self.log)

    def has_queues(self):
        """Makes them, empty."""
        return subprocess.run([self.program("bench_rabbitmq"), str(self.port), "setup"], capture_output=True,
                              check=False).returncode == 0

    def reset(self):
        if not self.has_queues():
            raise Failed("the queues could not be emptied")

    def stop(self):
        for running in (self.server, self.names):
            if running:
                process.end(running, 0)
        self.server = self.names = None

    def servers(self):
        return [self.server.pid, self.names.pid]

    def publisher(self):
        return [self.program("bench_rabbitmq"), str(self.port), "publish"], dict(os.environ)

    def consumer(self, n):
        return [self.program("bench_rabbitmq"), str(self.port), "consume", "bench%d" % n], dict(os.environ)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


SYSTEMS = [Log, Padriver, PgQ, Redis, Nats, RabbitMQ]
