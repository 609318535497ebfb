"""Size: memory and what is written do not grow faster than what there is to change; all of much is changed.

SCALE_MB is the mbox's size (30), SCALE_LINES a plan's (40000).  Tests may be named.  What it costs in time is measured by
bench/growth.py: a test machine has other things to do.
"""
import fcntl
import os
import pathlib
import resource
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../bench"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../corpora"))
import json  # noqa: E402
import many  # noqa: E402
import measure  # noqa: E402
from harness import DESKSHRED, Sandbox, Tap, mail, maildir, skip_if_sanitized  # noqa: E402

SCALE_MB = int(os.environ.get("SCALE_MB", "30"))
SCALE_LINES = int(os.environ.get("SCALE_LINES", "40000"))
GENERATOR = pathlib.Path(__file__).parent / "../bench/generate-corpus.py"
tap = Tap()


def run(box, *args, stdin=b""):
    return measure.run([DESKSHRED, *args], env=box.env, cwd=box.path, stdin=stdin)


def generate(box, name, *args):
    out = subprocess.run([sys.executable, GENERATOR, *map(str, args), box.path / name], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def test_memory():
    with Sandbox() as box:
        made = generate(box, "box", "--bytes", SCALE_MB * 1000000, "--format", "mbox")
        for jobs in (1, 2):
            cost = run(box, "--jobs", str(jobs), "scan", "box", "--format", "jsonl", "-o", "found.jsonl")
            peak = cost.pss or cost.rss
            limit = (64 << 20) + jobs * 4 * made["largest"]
            print(f"# {SCALE_MB} MB mbox, {made['messages']} messages, largest {measure.mebibytes(made['largest'])}, {jobs} jobs: cpu {cost.cpu:.1f} s, "
                  f"PSS {measure.mebibytes(cost.pss)}, RSS {measure.mebibytes(cost.rss)}, limit {measure.mebibytes(limit)}")
            tap.equal(cost.status, 0, f"a mailbox of {SCALE_MB} MB is scanned by {jobs}")
            tap.ok(peak < limit, f"in bounded memory by {jobs}", f"{measure.mebibytes(peak)}, limit {measure.mebibytes(limit)}")
            with open(box.path / "found.jsonl") as found:
                last = json.loads(found.read().splitlines()[-1])
            tap.ok(int(last["messages"]) == made["messages"] and int(last["not_looked_at"]) >= 0, f"every message was looked at by {jobs}", last)


def test_many_values():
    with Sandbox() as box:
        many.tables(box.path / "mail", 1, 20000)
        cost = run(box, "redact", "mail", "--kind", "credit-card", "--reason", "verified")
        after = run(box, "scan", "mail", "--kind", "credit-card", "--fail-on-findings")
        tap.equal((cost.status, after.status), (0, 0), "20000 values in a table are redacted, and nothing is left")
        print(f"# 20000 values: PSS {measure.mebibytes(cost.pss)}")


def test_given_values():
    with Sandbox() as box:
        given = many.cards(20000)
        body = "".join(f"Number {number[:4]} {number[4:8]}-{number[8:]}, please.\n" for number in given[::10])
        maildir(box.path / "mail", [mail(number, body) for number in (1, 2, 3)])
        cost = run(box, "redact", "mail", "--values-file", "-", "--reason", "verified", stdin="\n".join(given).encode() + b"\n")
        print(f"# 20000 given values, 6000 places: cpu {cost.cpu:.2f} s, wall {cost.wall:.1f} s, PSS {measure.mebibytes(cost.pss)}")
        left = sum(number[-8:].encode() in file.read_bytes() for file in (box.path / "mail/cur").iterdir() for number in given[::100])
        tap.ok(cost.status == 0 and left == 0, "20000 given values are looked for, and what is there is removed",
               f"{cost.status} {left}\n{cost.stdout.decode()}{cost.stderr.decode()}")
        said = cost.stdout + cost.stderr
        tap.ok(b"6000 removed" in said, "all places of them", said.decode())


def check_mbox(path, messages, name, late=0):
    data = path.read_bytes()
    found = (data.count(b"[credit-card removed]"), data.count(b"\n" + many.FROM) + 1)
    tap.equal(found, (messages, messages + late), name)


def redact_mbox(messages):
    with Sandbox() as box:
        size = many.mbox(box.path / "box", messages, 20000)
        cost = run(box, "redact", "box", "--kind", "credit-card", "--reason", "verified")
        tap.equal(cost.status, 0, f"an mbox of {messages} messages is redacted")
        check_mbox(box.path / "box", messages, f"all {messages} of them, and none is lost")
        print(f"# mbox of {messages}, {size / 1e6:.0f} MB: written {cost.written / 1e6:.0f} MB, "
              f"PSS {measure.mebibytes(cost.pss)}, RSS {measure.mebibytes(cost.rss)}")
        return cost


def test_mbox():
    """What is written shows whether there is one rewrite or one for every so many messages."""
    count = max(300, SCALE_MB * 10)
    small, large = redact_mbox(count), redact_mbox(4 * count)
    if small.written > 0:
        tap.ok(large.written / small.written < 5, "for four times the messages four times as much is written",
               f"{large.written / small.written:.1f} times")
    limit = (64 << 20) + (os.cpu_count() or 1) * 4 * 21000
    tap.ok((large.pss or large.rss) < limit, "in memory that does not grow with the mailbox", measure.mebibytes(large.pss or large.rss))


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))


def test_descriptors():
    with Sandbox() as box:
        many.mbox(box.path / "box", 400, 100)
        done = subprocess.run([DESKSHRED, "redact", "box", "--kind", "credit-card", "--reason", "verified"], cwd=box.path, env=box.env,
                              capture_output=True, text=True, preexec_fn=few_descriptors)
        tap.equal(done.returncode, 0, "400 tickets are locked with 200 descriptors")
        check_mbox(box.path / "box", 400, "and all changed")


def start(box, *args):
    return subprocess.Popen([DESKSHRED, *args], cwd=box.path, env=box.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ticks(pid):
    """Processor time of a process and its workers."""
    total = 0
    for member in measure.family(pid):
        try:
            with open(f"/proc/{member}/stat") as stat:
                total += sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
        except OSError:
            pass
    return total


def wait_for_nameless(box, process, count):
    """Until so many files without a name are open beside the mbox, which only root can see: one keeps new contents, the next is the new mbox."""
    deadline = time.monotonic() + (300 if os.geteuid() == 0 else 10)
    while process.poll() is None and time.monotonic() < deadline:
        try:
            links = [os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")]
        except OSError:
            links = []
        if sum(link.startswith(f"{os.path.realpath(box.path)}/#") for link in links) >= count:
            break
        time.sleep(0.02)


def wait_until_idle(process):
    before, since = -1, time.monotonic()
    while process.poll() is None and time.monotonic() - since < 3:
        now = ticks(process.pid)
        if now - before > 3:
            before, since = now, time.monotonic()
        time.sleep(0.05)


def test_changed_meanwhile():
    """The mbox is changed after the new file was made, and before the lock is had: by a mail reader, and by a deliverer."""
    with Sandbox() as box:
        many.mbox(box.path / "box", 300, 2000)
        with open(box.path / "box", "ab") as out:
            out.write(many.FROM + mail(9998, "Nothing.\n", headers=[("X-Flags", "unread")]) + b"\n")
        time.sleep(4)     # else the new file is not made ahead
        with open(box.path / "box", "r+b") as held:
            fcntl.lockf(held, fcntl.LOCK_EX)
            process = start(box, "--wait", "300", "redact", "box", "--kind", "credit-card", "--reason", "verified")
            wait_for_nameless(box, process, 2)
            wait_until_idle(process)
            tap.ok(process.poll() is None, "a run waits for the lock of an mbox")
            held.seek((box.path / "box").read_bytes().index(b"X-Flags: unread"))
            held.write(b"X-Flags: opened")
            held.seek(0, os.SEEK_END)
            held.write(many.FROM + mail(9999, "Late.\n") + b"\n")
            held.flush()
            os.fsync(held.fileno())
        said = process.communicate(timeout=300)
        tap.equal(process.returncode, 0, "and goes on when it has it" + ("" if process.returncode == 0 else str(said)))
        check_mbox(box.path / "box", 300, "mail delivered meanwhile is there, beside all that was changed", late=2)
        data = (box.path / "box").read_bytes()
        tap.ok(b"\nLate.\n" in data, "whole")
        tap.ok(b"X-Flags: opened" in data, "and what a mail reader changed meanwhile is not undone")
        tap.equal(sorted(path.name for path in box.path.iterdir() if path.name.startswith(("box", "."))), ["box"], "nothing is left beside it")


def written_by(pid):
    with open(f"/proc/{pid}/io") as io:
        return int(dict(line.split(": ") for line in io.read().splitlines())["write_bytes"])


def watch_lock(path, process, written):
    """What the process writes while path.lock is there."""
    while process.poll() is None:
        try:
            if path.exists():
                before = after = written_by(process.pid)
                while path.exists() and process.poll() is None:
                    after = written_by(process.pid)
                written.append(after - before)
        except (OSError, KeyError):
            pass
        time.sleep(0.0005)


def test_lock_is_short():
    with Sandbox() as box:
        size = many.mbox(box.path / "box", 1000, 20000)
        time.sleep(4)
        process, written = start(box, "redact", "box", "--kind", "credit-card", "--reason", "verified"), []
        watch_lock(box.path / "box.lock", process, written)
        process.communicate()
        check_mbox(box.path / "box", 1000, "an mbox is redacted while its lock is watched")
        print(f"# of {size / 1e6:.0f} MB, {sum(written) / 1e6:.1f} MB were written under the lock, in {len(written)} times")
        tap.ok(sum(written) < size / 2, "what waits for its lock does not wait for it to be copied", f"{sum(written)} of {size}")


def test_interrupt():
    with Sandbox() as box:
        many.mbox(box.path / "box", 4000, 2000)
        process = start(box, "redact", "box", "--kind", "credit-card", "--reason", "verified")
        wait_for_nameless(box, process, 1)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        try:
            said = process.communicate(timeout=60)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[1]
        tap.ok(process.returncode == 3 and "interrupted" in said, "SIGINT ends a long batch", f"{process.returncode} {said}")
        tap.ok(time.monotonic() - begun < 20, "soon", f"{time.monotonic() - begun:.1f} s")
        data = (box.path / "box").read_bytes()
        done, begun = (box.ledger(f"SELECT count (*) FROM entries WHERE state = '{state}'")[0][0] for state in ("done", "intent"))
        tap.equal((data.count(b"[credit-card removed]"), data.count(b"\n" + many.FROM) + 1), (done, 4000), "and in order: the ledger says what was done")
        tap.ok(begun == done, "and nothing is open", f"{begun} {done}")


def test_hook():
    """An agent's change of one ticket is not kept waiting until a long run is through."""
    with Sandbox() as box:
        many.mbox(box.path / "box", 3000, 2000)
        box.run("scan", "box", "--limit", "1", check=0)
        state = sqlite3.connect(box.path / "state/deskshred/state.db")
        process = start(box, "redact", "box", "--kind", "credit-card", "--reason", "verified")
        wait_for_nameless(box, process, 1)
        time.sleep(0.5)
        ticket = state.execute("SELECT min (name) FROM ticket").fetchone()[0]   # the first in the run's order
        hook = box.run("--wait", "100", "redact", "box", "--ticket", ticket, "--kind", "email", "--where", "headers", "--reason", "verified")
        tap.ok(process.poll() is None, "a hook is served while a long run goes on", f"{hook.returncode} {hook.stdout} {hook.stderr}")
        process.communicate()
        tap.equal((hook.returncode, process.returncode), (0, 0), "both do their work")
        check_mbox(box.path / "box", 3000, "and all is changed")


def plan_and_apply(messages, values):
    """A plan of messages * values lines."""
    with Sandbox() as box:
        many.tables(box.path / "mail", messages, values)
        plan = run(box, "plan", "mail", "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl")
        lines = sum(1 for _ in open(box.path / "plan.jsonl")) - 1
        apply = run(box, "apply", "plan.jsonl", "--reason", "verified")
        tap.equal((plan.status, apply.status, lines), (0, 0, messages * values), f"a plan of {messages * values} lines is made and carried out")
        tap.ok(f"{lines} removed, 0 left".encode() in apply.stdout, "all of them", apply.stdout.decode())
        return plan, apply


def test_plan():
    messages = max(4, SCALE_LINES // 1000)
    few, many_lines = plan_and_apply(messages // 4, 1000), plan_and_apply(messages, 1000)
    for name, small, large in (("plan", few[0], many_lines[0]), ("apply", few[1], many_lines[1])):
        # A batch may hold 16 MiB.
        tap.ok((large.pss or large.rss) < (small.pss or small.rss) + (24 << 20), f"{name}: four times the lines need no more memory",
               f"{measure.mebibytes(small.pss)} {measure.mebibytes(large.pss)}")


TESTS = (test_memory, test_many_values, test_given_values, test_mbox, test_descriptors, test_changed_meanwhile, test_lock_is_short, test_interrupt, test_hook,
         test_plan)

if __name__ == "__main__":
    skip_if_sanitized()
    for test in TESTS:
        if len(sys.argv) == 1 or test.__name__ in sys.argv[1:]:
            test()
    sys.exit(tap.done())
