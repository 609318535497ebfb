"""What a run costs in all its processes: processor time, wall time, and the peak of memory of parent and workers together.

Processor time is what the kernel accounts to the child and to the children it has waited for.  Memory is sampled: the sum
over the process and all its descendants, as RSS (a page that several share is counted for each) and, where the kernel
lets us look (as root, since deskshred makes itself undumpable), as PSS, which counts each page once.
"""
import os
import resource
import subprocess
import threading
import time

PAGE = os.sysconf("SC_PAGE_SIZE")
PERIOD = 0.02


class Cost:
    """status, cpu and wall (seconds), rss and pss (bytes at the peak; pss is 0 where it could not be read), written (bytes given to
    file systems on disks; 0 where there are none)."""

    def __init__(self):
        self.status = None
        self.cpu = self.wall = 0.0
        self.rss = self.pss = self.written = 0
        self.stdout = self.stderr = b""


def children(pid):
    found = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for task in tasks:
        try:
            with open(f"/proc/{pid}/task/{task}/children") as listing:
                found += [int(word) for word in listing.read().split()]
        except OSError:
            pass
    return found


def family(pid):
    """The process and all its descendants."""
    members = [pid]
    for member in members:
        members += children(member)
    return members


def resident(pid):
    try:
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def proportional(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            for line in rollup:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def watch(pid, cost, ended):
    while not ended.wait(PERIOD):
        members = family(pid)
        cost.rss = max(cost.rss, sum(map(resident, members)))
        cost.pss = max(cost.pss, sum(map(proportional, members)))


def run(argv, env=None, stdin=b"", cwd=None, sample=True):
    """Runs argv to its end; standard input is given whole, output is kept."""
    cost, ended = Cost(), threading.Event()
    begun = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([str(word) for word in argv], env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    watcher = threading.Thread(target=watch, args=(process.pid, cost, ended))
    if sample:
        watcher.start()
    cost.stdout, cost.stderr = process.communicate(stdin)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost.wall = time.monotonic() - begun
    ended.set()
    if sample:
        watcher.join()
    cost.status = process.returncode
    cost.cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    cost.written = (after.ru_oublock - before.ru_oublock) * 512
    return cost


def mebibytes(size):
    return f"{size / (1 << 20):.1f} MiB"
