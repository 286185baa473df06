"""A Debian 12 of its own that is booted under systemd, in namespaces of this machine's kernel.

    with Machine(packages) as machine:         # made by mmdebstrap once, kept in build/boot
        machine.path("etc/hosts")              # its files, before and after it booted
        machine.boot()
        machine.run("systemctl is-system-running --wait")      # as root, by bash -e; what it printed

What it writes is on a tmpfs above the kept root, and goes with it. It has a network of its own with nobody else in it.
Needs root, mmdebstrap, systemd-nspawn and the right to mount; Machine.missing says what is not there.
"""
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ.get("PADRIVER_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
UNWANTED = ("systemd-firstboot.service", "systemd-udevd.service", "getty.target", "console-getty.service",
            "systemd-networkd-wait-online.service", "apt-daily.timer", "apt-daily-upgrade.timer")


class Machine:
    @staticmethod
    def missing():
        """Why no machine can be booted here; None if one can."""
        if os.geteuid() != 0:
            return "it needs root"
        for program in ("mmdebstrap", "systemd-nspawn", "nsenter", "unshare"):
            if not shutil.which(program):
                return "there is no " + program
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode:
            return "it may not mount"
        return None

    def __init__(self, packages):
        self.process = self.leader = None
        self.lower = make_root(packages)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="padriver-boot-", dir="/tmp"))
        self.root = self.directory / "root"

    def __enter__(self):
        mount("-t", "tmpfs", "-o", "mode=755", "padriver-boot", self.directory)
        for name in ("upper", "work", "root"):
            (self.directory / name).mkdir()
        mount("-t", "overlay", "padriver-boot", "-o",
              "lowerdir={0},upperdir={1}/upper,workdir={1}/work".format(self.lower, self.directory), self.root)
        for name in UNWANTED:
            self.path("etc/systemd/system/" + name).symlink_to("/dev/null")
        self.path("etc/machine-id").write_text("")
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGTERM)  # nspawn ends, and the kernel ends all within
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        subprocess.run(["umount", "-l", self.root], check=False)
        subprocess.run(["umount", "-l", self.directory], check=False)
        self.directory.rmdir()

    def path(self, name):
        return self.root / name

    def boot(self):
        """Returns when its systemd says that it is ready."""
        os.makedirs("/run/systemd/nspawn/propagate", exist_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(self.directory / "notify"))
            notify.settimeout(60)
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "systemd-nspawn", "-q", "-D", self.root, "--boot",
                 "--machine=padriver-%d" % os.getpid(), "--register=no", "--keep-unit", "--private-network",
                 "--system-call-filter=bpf", "--capability=all", "--notify-ready=yes", "--console=pipe", "--kill-signal=SIGRTMIN+3"],
                stdin=subprocess.DEVNULL, stdout=open(self.directory / "console", "wb"), stderr=subprocess.STDOUT,
                env=dict(os.environ, NOTIFY_SOCKET=str(self.directory / "notify"), SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1"))
            said = {}
            while "READY" not in said:
                try:
                    lines = notify.recv(4096).decode().splitlines()
                except TimeoutError as late:
                    raise AssertionError("it did not boot:\n" + (self.directory / "console").read_text(errors="replace")) from late
                said.update(line.split("=", 1) for line in lines if "=" in line)
                self.leader = said.get("X_NSPAWN_LEADER_PID", self.leader)

    def run(self, script, code=0):
        done = subprocess.run(
            ["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "env", "-i", "HOME=/root",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "bash", "-euo", "pipefail", "-c", script],
            capture_output=True, text=True, timeout=150, stdin=subprocess.DEVNULL)
        if code is not None and done.returncode != code:
            raise AssertionError("ended with %d, not %d:\n%s\n%s%s" % (done.returncode, code, script, done.stdout, done.stderr))
        return done.stdout


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def make_root(packages):
    """The root with the packages, made if it is not kept from an earlier run."""
    packages = sorted({"systemd", "systemd-sysv", "dbus", *packages})
    name = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    kept = SOURCE / "build" / "boot"
    root = kept / ("root-" + name)
    if not root.exists():
        kept.mkdir(parents=True, exist_ok=True)
        fresh = pathlib.Path(tempfile.mkdtemp(prefix="new-", dir=kept))
        sources = [path for path in ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list") if os.path.exists(path)]
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", "--include=" + ",".join(packages),
                        "bookworm", fresh / "root", sources[0]], check=True)
        (fresh / "root").rename(root)
        fresh.rmdir()
    return root
