"""make bench: what deskshred costs, as multiples of what merely parsing and decoding the same mail with GMime costs.

    bench.py DESKSHRED YARDSTICK

BENCH_BYTES is the corpus's size (50000000), BENCH_PAIRS how often each is measured (5), BENCH_FOLDER where the corpus is made
(a temporary folder, removed at the end).  Each measurement stands beside one of the yardstick, taken right before it: a
machine's speed changes while we look, a ratio hardly.  Processor time counts all processes.  Prints one table.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
import measure  # noqa: E402

BYTES = int(os.environ.get("BENCH_BYTES", "50000000"))
PAIRS = int(os.environ.get("BENCH_PAIRS", "5"))
REDACTED = (100, 400)      # messages of the two mailboxes that are redacted


class Bench:
    def __init__(self, deskshred, yardstick, folder):
        self.deskshred, self.yardstick, self.folder = deskshred, yardstick, folder
        self.rows = []
        self.run_number = 0

    def env(self, fresh=True):
        """A state of its own for each run, so that none is a rescan unasked."""
        self.run_number += fresh
        return dict(os.environ, XDG_STATE_HOME=str(self.folder / f"state-{self.run_number}"))

    def row(self, name, ratios, unit="x"):
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        self.rows.append((name, low, middle, high, unit))
        print(f"  {name:<58}{low:>9.2f}{middle:>9.2f}{high:>9.2f}  {unit}", flush=True)

    def cost(self, *args, fresh=True, sample=False, **more):
        cost = measure.run([self.deskshred, "--quiet", *args], env=self.env(fresh), sample=sample, **more)
        if cost.status != 0:
            sys.exit(f"deskshred {' '.join(map(str, args))}: exit {cost.status}\n{cost.stderr.decode()}")
        return cost

    def yard(self, path):
        cost = measure.run([self.yardstick, path], sample=False)
        if cost.status != 0:
            sys.exit(f"the yardstick failed on {path}")
        return cost.cpu

    def scan(self, path, *options):
        return self.cost(*options, "scan", path, "--format", "jsonl", "-o", self.folder / "found.jsonl")


def generate(out, *options):
    done = subprocess.run([sys.executable, HERE / "generate-corpus.py", *map(str, options), out], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def scans(bench, maildir, mbox):
    for name, path in (("a Maildir", maildir), ("an mbox", mbox)):
        bench.yard(path)     # into the page cache
        pairs = [(bench.yard(path), bench.scan(path, "--jobs", "1").cpu) for _ in range(PAIRS)]
        bench.row(f"scan of {name} / yardstick, cpu", [cost / yard for yard, cost in pairs])
    pairs = [(bench.scan(maildir, "--jobs", "1"), bench.scan(maildir, "--jobs", "2")) for _ in range(PAIRS)]
    bench.row("scan with 2 jobs / with 1, wall", [two.wall / one.wall for one, two in pairs])
    bench.row("scan with 2 jobs / with 1, cpu", [two.cpu / one.cpu for one, two in pairs])


def rescans(bench, maildir):
    ratios = []
    for _ in range(PAIRS):
        first = bench.scan(maildir)
        again = bench.cost("scan", maildir, "--format", "jsonl", "-o", bench.folder / "found.jsonl", fresh=False)
        ratios.append(again.cpu / first.cpu)
    bench.row("scan again, nothing new / first scan, cpu", ratios)


def memory(bench, mbox, made):
    mib = 1 << 20
    for jobs in (1, 2):
        cost = bench.cost("--jobs", jobs, "scan", mbox, "--format", "jsonl", "-o", bench.folder / "found.jsonl", sample=True)
        limit = 64 * mib + jobs * 4 * made["largest"]
        bench.row(f"mbox, {jobs} jobs, memory / (64 MiB + jobs * 4 * largest)", [(cost.pss or cost.rss) / limit])
        bench.row("  of all processes, PSS", [cost.pss / mib], "MiB")
        bench.row("  of all processes, RSS", [cost.rss / mib], "MiB")


def start_up(bench):
    empty = bench.folder / "empty"
    for name in ("cur", "new", "tmp"):
        (empty / name).mkdir(parents=True)
    costs = [bench.cost("scan", empty) for _ in range(PAIRS + 1)][1:]
    bench.row("start: scan of an empty Maildir, wall", [cost.wall * 1000 for cost in costs], "ms")
    bench.row("start: scan of an empty Maildir, cpu", [cost.cpu * 1000 for cost in costs], "ms")


def redactions(bench):
    ratios, against = [], []
    for number in range(max(PAIRS // 2, 2)):
        cpu = []
        for messages in REDACTED:
            path = bench.folder / f"redact-{messages}"
            shutil.rmtree(path, ignore_errors=True)
            generate(path, "--messages", messages, "--mean", 8000, "--seed", 7 + number)
            yard = bench.yard(path)
            cpu.append(bench.cost("redact", path, "--kind", "email", "--kind", "credit-card", "--kind", "iban", "--reason", "verified").cpu)
        ratios.append(cpu[1] / cpu[0])
        against.append(cpu[1] / yard)
    bench.row(f"redact of {REDACTED[1]} messages / of {REDACTED[0]}, cpu", ratios)
    bench.row(f"redact of {REDACTED[1]} messages / yardstick, cpu", against)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: bench.py DESKSHRED YARDSTICK")
    folder = pathlib.Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="deskshred-bench-"))
    bench = Bench(sys.argv[1], sys.argv[2], folder)
    try:
        made = generate(folder / "maildir", "--bytes", BYTES)
        generate(folder / "mbox", "--bytes", BYTES, "--format", "mbox")
        print(f"{made['messages']} messages, {made['bytes'] / 1e6:.0f} MB, largest {made['largest'] / 1e6:.1f} MB; {PAIRS} pairs\n")
        print(f"  {'':<58}{'min':>9}{'median':>9}{'max':>9}")
        scans(bench, folder / "maildir", folder / "mbox")
        rescans(bench, folder / "maildir")
        memory(bench, folder / "mbox", made)
        start_up(bench)
        redactions(bench)
    finally:
        if "BENCH_FOLDER" not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
