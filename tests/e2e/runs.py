"""Two runs at once: of one plan, of two plans, a hook beside a long run, a recovery beside a run that is alive, a scan beside a
change, two runs of one policy, which may not go beyond the brake together."""
import fcntl
import json
import os
import sqlite3
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import CARD, DESKSHRED, IBAN, Sandbox, Tap, contents, mail, maildir  # noqa: E402

tap = Tap()
TICKETS = 60


def messages(count=TICKETS, body=f"Karte {CARD}, Konto {IBAN}.\n"):
    return [mail(number, f"Nummer {number}: {body}", subject=f"[#{number}] Frage") for number in range(1, count + 1)]


def make_mbox(path, count=TICKETS):
    path.write_bytes(b"".join(b"From kunde@example.net Tue Nov 14 08:00:00 2023\n" + data + b"\n" for data in messages(count)))
    return path


def start(box, *args):
    return subprocess.Popen([DESKSHRED, *map(str, args)], cwd=box.path, env=box.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, error = process.communicate(timeout=120)
    return process.returncode, out + error


class LedgerHeld:
    """Nobody can write to the ledger: a run stops before its intents, all of it read and nothing changed."""

    def __init__(self, box):
        self.database = sqlite3.connect(box.path / "state/deskshred/ledger.db", isolation_level=None)

    def __enter__(self):
        self.database.execute("begin immediate")
        return self

    def __exit__(self, *_):
        self.database.execute("rollback")
        self.database.close()


def wait_until(condition, what):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    print(f"# {what}: did not come about")


def done_counts(box):
    return [count for (count,) in box.ledger("select count(*) from entries where state='done' group by message, spans, part")]


def no_open(box):
    last = box.ledger("select state from entries e where sequence=(select max(sequence) from entries where action_id=e.action_id)")
    return all(state != "intent" for (state,) in last) and box.run("ledger", "verify").returncode == 0


def test_one_plan_twice(make, name):
    with Sandbox() as box:
        path = make(box.path / "mail")
        box.run("plan", path, "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl", check=0)
        runs = [start(box, "apply", "plan.jsonl", "--reason", "verified") for _ in range(2)]
        ends = [finish(run) for run in runs]
        tap.ok(all(code in (0, 4) for code, _ in ends), f"{name}: two runs of one plan end well", ends)
        tap.ok(CARD.encode() not in path_bytes(path) and path_bytes(path).count(b"[credit-card removed]") == TICKETS, f"{name}: each place once")
        tap.ok(done_counts(box) == [1] * TICKETS and no_open(box), f"{name}: and recorded once", done_counts(box))


def test_two_plans(make, name):
    with Sandbox() as box:
        path = make(box.path / "mail")
        for kind in ("credit-card", "iban"):
            box.run("plan", path, "--do", "redact", "--kind", kind, "-o", f"{kind}.jsonl", check=0)
        ends = [finish(run) for run in [start(box, "apply", f"{kind}.jsonl", "--reason", "verified") for kind in ("credit-card", "iban")]]
        tap.ok(all(code in (0, 4) for code, _ in ends), f"{name}: two plans at once end well, or are refused what the other changed", ends)
        box.run("redact", path, "--kind", "credit-card", "--kind", "iban", "--reason", "verified", check=0)
        text = path_bytes(path)
        tap.ok(CARD.encode() not in text and IBAN.encode() not in text and text.count(b" removed]") == 2 * TICKETS and no_open(box),
               f"{name}: then all is gone, once")


def path_bytes(path):
    return path.read_bytes() if path.is_file() else b"".join(contents(path).values())


def make_store(path):
    return maildir(path, messages())


CONFIG = """stores = ( {{ name = "desk"; plugin = "mail"; path = "{path}"; ticket_pattern = "[[]#([0-9]+)[]]"; }} );
ledger = {{ path = "{state}/ledger.db"; key_file = "{state}/site.key"; }};
{more}
"""


def configure(box, path, more=""):
    config = box.path / "deskshred.conf"
    config.write_text(CONFIG.format(path=path, state=box.path / "state/deskshred", more=more))
    return ["--config", config]


def lock_files_in_use(box):
    """Of the files whose bytes stand for tickets."""
    held = 0
    for name in os.listdir(box.path / "state/deskshred/locks"):
        if name.startswith("tickets-"):
            with open(box.path / "state/deskshred/locks" / name, "rb+") as file:
                lock = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
            held += struct.unpack("hhqqi4x", lock)[0] != fcntl.F_UNLCK
    return held


def wait_for_ticket_locks(box):
    """Until some are had, and no more come."""
    before, end = -1, time.monotonic() + 30
    while (before <= 0 or lock_files_in_use(box) != before) and time.monotonic() < end:
        before = lock_files_in_use(box)
        time.sleep(1)


def test_hook():
    """A plan is being carried out, and has the tickets that it looked at; a hook wants one of them, and one that is free."""
    with Sandbox() as box:
        path = make_store(box.path / "mail")
        config = configure(box, path)
        box.run(*config, "plan", "--store", "desk", "--do", "redact", "--kind", "iban", "-o", "plan.jsonl", check=0)
        box.run(*config, "redact", "--store", "desk", "--ticket", "60", "--kind", "date-of-birth", "--reason", "verified", check=0)
        lines = (box.path / "plan.jsonl").read_text().splitlines(True)
        (box.path / "plan.jsonl").write_text("".join(line for line in lines if json.loads(line).get("ticket") != "60"))
        hook = ["redact", "--store", "desk", "--kind", "credit-card", "--reason", "verified", "--ticket"]
        with LedgerHeld(box):
            run = start(box, *config, "apply", "plan.jsonl", "--reason", "verified")
            wait_for_ticket_locks(box)
            tap.equal(box.run(*config, "--wait", "0", *hook, "1").returncode, 75, "a hook whose ticket is taken may be told not to wait")
            began = time.monotonic()
            late = box.run(*config, "--wait", "1", *hook, "1")
            waited = time.monotonic() - began
            tap.ok(late.returncode == 75 and "desk:1 is locked by another run" in late.stderr and 1 <= waited < 10,
                   "a hook whose ticket is taken waits as long as told, then says so and exits with 75", (late.returncode, late.stderr, waited))
            patient = start(box, *config, "--wait", "60", *hook, "2")
            free = start(box, *config, "--wait", "60", *hook, "60")
            time.sleep(0.5)
            tap.ok(run.poll() is None and patient.poll() is None and IBAN.encode() in path_bytes(path), "nothing is changed before it can be recorded")
        ends = [finish(process) for process in (run, patient, free)]
        tap.equal([code for code, _ in ends], [0, 0, 0], "the long run ends well, and hooks that waited do their work")
        text = path_bytes(path)
        tap.equal((text.count(CARD.encode()), text.count(IBAN.encode())), (TICKETS - 2, 1), "each what it was asked for")
        tap.ok(no_open(box), "the record is whole")


def states_of(box, process_run):
    return sorted({state for (state,) in box.ledger(f"select state from entries where run='{process_run}'")})


class OpenForWriting:
    """Has the mbox open, as a deliverer that waits for a lock; who rewrites it waits until that is over."""

    def __init__(self, path):
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_APPEND)

    def was_replaced(self):
        return os.fstat(self.fd).st_ino != os.stat(self.path).st_ino

    def deliver(self, number):
        os.write(self.fd, b"From kunde@example.net Tue Nov 14 08:00:00 2023\n" + mail(number, "Spaet.\n") + b"\n")
        os.close(self.fd)


def test_recovery_beside_a_run():
    """One run is killed in the middle of its change, one is alive in the middle of its: recovery settles the first, and only that."""
    with Sandbox() as box:
        path = make_mbox(box.path / "desk.mbox")
        config = configure(box, path)
        redact = [*config, "redact", "--store", "desk", "--kind", "iban", "--reason", "verified", "--ticket"]
        box.run(*redact, "60", check=0)
        before = {run for (run,) in box.ledger("select run from entries")}
        first_writer = OpenForWriting(path)
        dead = start(box, *redact, "1")
        wait_until(first_writer.was_replaced, "the first run's change")
        dead_run = ({run for (run,) in box.ledger("select run from entries")} - before).pop()
        second_writer = OpenForWriting(path)
        alive = start(box, *redact, "2")
        wait_until(second_writer.was_replaced, "the second run's change")
        alive_run = ({run for (run,) in box.ledger("select run from entries")} - before - {dead_run}).pop()
        dead.kill()
        dead.communicate()
        first_writer.deliver(1001)
        tap.equal((states_of(box, dead_run), states_of(box, alive_run)), (["intent"], ["intent"]), "one run is dead, one alive, both with open intents")
        box.run(*redact, "3", check=0)
        tap.equal(states_of(box, dead_run), ["done", "intent"], "the next run settles what the dead one left")
        tap.ok(states_of(box, alive_run) == ["intent"] and alive.poll() is None, "and leaves alone what the living one does")
        second_writer.deliver(1002)
        tap.equal(finish(alive)[0], 0, "the living one goes on and ends well")
        text = path.read_bytes()
        tap.equal([text.count(b"<%d@desk" % number) for number in (1, 2, 3, 60, 1001, 1002)], [1] * 6, "all messages are there once, late ones too")
        tap.ok(text.count(IBAN.encode()) == TICKETS - 4 and done_counts(box) == [1] * 4 and no_open(box), "each ticket is done once")
        tap.equal(sorted(os.listdir(box.path)), ["desk.mbox", "deskshred.conf", "state"], "nothing is left beside the mailbox")


POLICY = """brake = {{ tickets = {limit}; share = 1.0; hours = 24; first = {limit}; }};
policies = ( {{ name = "ibans"; enabled = true; do = "redact"; reason = "verified"; when = {{ kinds = [ "iban" ]; }}; }} );"""


def test_brake():
    """Two plans of one policy, each within the brake, both beyond it."""
    with Sandbox() as box:
        path = make_store(box.path / "mail")
        config = configure(box, path, POLICY.format(limit=15))
        box.run(*config, "plan", "--policy", "ibans", "--confirm", check=0)
        for name, tickets in (("one", range(1, 11)), ("two", range(11, 21)), ("three", range(21, 24))):
            words = [word for ticket in tickets for word in ("--ticket", ticket)]
            box.run(*config, "plan", "--store", "desk", "--policy", "ibans", *words, "-o", name + ".jsonl", check=0)
        with LedgerHeld(box):
            runs = [start(box, *config, "apply", name + ".jsonl") for name in ("one", "two")]
            time.sleep(2)  # both have counted what was done, if they may, and wait to record what they do
        ends = [finish(run) for run in runs]
        tap.equal(sorted(code for code, _ in ends), [0, 4], "the second is refused once the first has used the brake up")
        tap.ok(any("the brake" in text for _, text in ends), "which it says", ends)
        tap.equal(path_bytes(path).count(b"[iban removed]"), 10, "together they stay within the brake")
        with LedgerHeld(box):
            run = start(box, *config, "apply", "three.jsonl")
            time.sleep(1)
            late = box.run(*config, "--wait", "1", "apply", "three.jsonl")
        tap.ok(late.returncode == 75 and 'the policy "ibans" is locked by another run' in late.stderr, "who waits for the policy too long says so",
               (late.returncode, late.stderr))
        tap.equal(finish(run)[0], 0, "the other goes on")
        tap.ok(no_open(box), "the record is whole")


def test_scan_beside_a_change(make, name):
    with Sandbox() as box:
        path = make(box.path / "mail")
        change = start(box, "redact", path, "--kind", "credit-card", "--reason", "verified")
        seen = []
        while change.poll() is None or not seen:
            done = box.run("scan", path, "--kind", "iban", "--format", "jsonl")
            summary = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"error": done.stderr}
            seen.append((done.returncode, summary.get("messages"), summary.get("findings"), summary.get("error")))
        tap.equal({(code, count) for code, count, _, _ in seen}, {(0, TICKETS)}, f"{name}: scans beside a change ({len(seen)}) see every message")
        tap.equal(finish(change)[0], 0, f"{name}: and do not disturb it")


TESTS = {
    "one-plan": lambda: (test_one_plan_twice(make_mbox, "mbox"), test_one_plan_twice(make_store, "Maildir")),
    "two-plans": lambda: (test_two_plans(make_mbox, "mbox"), test_two_plans(make_store, "Maildir")),
    "scan": lambda: (test_scan_beside_a_change(make_mbox, "mbox"), test_scan_beside_a_change(make_store, "Maildir")),
    "hook": test_hook,
    "recovery": test_recovery_beside_a_run,
    "brake": test_brake,
}
for wanted_test in sys.argv[1:] or TESTS:
    TESTS[wanted_test]()
sys.exit(tap.done())
