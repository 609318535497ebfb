"""A change killed at any instant and started again ends as one that was not disturbed; nothing is lost, doubled or
recorded falsely.  (SIGKILL keeps the page cache: what was not fsynced is another test's matter.)"""
import mailbox
import os
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import CARD, DESKSHRED, IBAN, Sandbox, Tap, contents, mail, maildir  # noqa: E402

KILLS = int(os.environ.get("KILLS", "40"))
MESSAGES = 60
tap = Tap()
random.seed(4711)


def messages():
    return [mail(number, f"Karte {CARD}, Konto {IBAN}, Nummer {number}.\n" + "Text. \n" * 50, subject=f"Ticket {number}")
            for number in range(1, MESSAGES + 1)]


def make_maildir(path):
    maildir(path, messages())


def make_mbox(path):
    with open(path, "wb") as out:
        for number, data in enumerate(messages(), 1):
            out.write(b"From kunde@example.net Tue Nov 14 08:%02d:00 2023\n" % (number % 60) + data + b"\n")


def snapshot(path):
    return contents(path) if path.is_dir() else [bytes(message) for message in mailbox.mbox(path)]


def redact(box, path):
    return [DESKSHRED, "--quiet", "redact", str(path), "--kind", "credit-card", "--kind", "iban", "--reason", "verified"]


def duration(box, path):
    start = time.monotonic()
    subprocess.run(redact(box, path), cwd=box.path, env=box.env, capture_output=True, check=True)
    return time.monotonic() - start


def check_ledger(box, name):
    """Exactly one done for each message; no intent without an end; the chain is good."""
    done = box.ledger("select message, count(*) from entries where state='done' group by message")
    last = box.ledger("select state from entries e where sequence=(select max(sequence) from entries where action_id=e.action_id)")
    good = len(done) == MESSAGES and all(count == 1 for _, count in done) and all(state != "intent" for (state,) in last)
    return tap.ok(good and box.run("ledger", "verify").returncode == 0, name, (len(done), sorted(set(last))))


def undisturbed(kind, make):
    """What it leaves, and how long it takes now."""
    with Sandbox() as box:
        path = box.path / kind
        make(path)
        seconds = duration(box, path)
        return snapshot(path), seconds


def kill_one(kind, make, wanted, seconds):
    """(was it killed before it ended, did the next run end as wanted)."""
    with Sandbox() as box:
        path = box.path / kind
        make(path)
        process = subprocess.Popen(redact(box, path), cwd=box.path, env=box.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, seconds * 1.1))
        killed = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        again = subprocess.run(redact(box, path), cwd=box.path, env=box.env, capture_output=True, text=True)
        left = [name for name in os.listdir(box.path) if name not in ("state", kind)]
        good = again.returncode == 0 and snapshot(path) == wanted and not left
        if not good:
            print(f"# {kind}: differs after a kill: {again.returncode} {again.stderr}{again.stdout}; beside it: {left}")
        return killed, check_ledger(box, f"{kind}: the ledger after a kill is true and whole") and good


def test(kind, make):
    undisturbed(kind, make)  # the first one makes what is cached
    killed = tries = bad = 0
    while killed < KILLS and tries < 4 * KILLS:
        if tries % 20 == 0:  # the machine has more or less else to do by now
            wanted, seconds = undisturbed(kind, make)
        was_killed, good = kill_one(kind, make, wanted, seconds)
        killed, tries, bad = killed + was_killed, tries + 1, bad + (not good)
    tap.ok(killed == KILLS and bad == 0, f"{kind}: {killed} of {tries} runs were killed, and all ended as an undisturbed one", f"{bad} did not")


test("maildir", make_maildir)
test("mbox", make_mbox)
sys.exit(tap.done())
