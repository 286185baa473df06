"""Processes of the measurement: none outlives it, and what they cost is read from /proc.

    server = spawn(["redis-server", …], log=path)     # dies with us, kill -9 included
    before = cpu_seconds([server.pid]); …; cpu_seconds([server.pid]) - before
    peak_mib([server.pid])

A process stands for its whole tree.
"""
import ctypes
import os
import signal
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
started = []


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans():
    """What a process of ours leaves behind becomes our child, so that end_all finds it."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def spawn(argv, env=None, log=None, cwd=None, pipes=False):
    """Starts a program. pipes: we write its standard input and read its standard output."""
    with open(log or os.devnull, "ab") as said:
        process = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
                                   stdout=subprocess.PIPE if pipes else said, stderr=said, text=pipes,
                                   preexec_fn=die_with_parent)
    started.append(process)
    return process


def end(process, seconds=10):
    """SIGTERM, then SIGKILL."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    if process in started:
        started.remove(process)


def children(pid):
    """The children of all its threads."""
    found = []
    try:
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, thread), encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        pass
    return found


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for child in children(pid):
        found += tree(child)
    return found


def end_all():
    """Whatever is left of what we started, orphans included."""
    for process in list(started):
        end(process, 5)
    for pid in reversed(tree(os.getpid())[1:]):
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def cpu_seconds(roots):
    """CPU time of the trees so far, of their dead members too."""
    ticks = 0
    for root in roots:
        for pid in tree(root):
            try:
                with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
                    ticks += sum(int(word) for word in file.read().rsplit(")", 1)[1].split()[11:15])
            except OSError:
                pass
    return ticks / TICKS


def reset_peak(roots):
    """Peaks are counted from now on."""
    for root in roots:
        for pid in tree(root):
            try:
                with open("/proc/%d/clear_refs" % pid, "w", encoding="ascii") as file:
                    file.write("5")
            except OSError:
                pass


def kibibytes(path, names):
    """Numbers of a file of /proc with lines "Name:  number kB"."""
    found = dict.fromkeys(names, 0)
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name in found:
                    found[name] = int(value.split()[0])
    except OSError:
        pass
    return [found[name] for name in names]


def peak_mib(roots):
    """Each process's share of memory (PSS) now, and what it had above that at its peak (VmHWM - VmRSS)."""
    total = 0
    for root in roots:
        for pid in tree(root):
            share, = kibibytes("/proc/%d/smaps_rollup" % pid, ["Pss"])
            peak, now = kibibytes("/proc/%d/status" % pid, ["VmHWM", "VmRSS"])
            total += share + max(0, peak - now)
    return total / 1024
