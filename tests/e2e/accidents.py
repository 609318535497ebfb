"""Accidents in the middle of the work: a lock that is not had, mail that changes or vanishes between read and write, workers that
die, signals, a file system that is full or may not be written.  Each is told with place and reason and by the exit status, nothing is
half done, and the next run completes it.

SIGNALS: how many runs are told to stop at random.
"""
import fcntl
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import CARD, DESKSHRED, Sandbox, Tap, contents, mail, maildir  # noqa: E402

tap = Tap()
SIGNALS = int(os.environ.get("SIGNALS", "2"))
SHIM = os.path.join(os.environ.get("TOP_BUILDDIR", "."), "tests/fault/shim.so")
SANITIZED = b"__asan_init" in pathlib.Path(DESKSHRED).read_bytes()
MESSAGES = 60
random.seed(4711)


def messages():
    return [mail(number, f"Karte {CARD}, Nummer {number}.\n" + "Text.\n" * 2000) for number in range(1, MESSAGES + 1)]


def make_store(path):
    return maildir(path, messages())


def make_mbox(path):
    path.write_bytes(b"".join(b"From kunde@example.net Tue Nov 14 08:00:00 2023\n" + data + b"\n" for data in messages()))
    return path


def command(path):
    return ["redact", path, "--kind", "credit-card", "--reason", "verified"]


def start(box, *args):
    return subprocess.Popen([DESKSHRED, *map(str, args)], cwd=box.path, env=box.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            start_new_session=True)


def finish(process):
    out, error = process.communicate(timeout=120)
    return process.returncode, out + error


def entries(box):
    try:
        return box.ledger("select state, count(*) from entries group by state")
    except sqlite3.OperationalError:
        return []  # there is no ledger yet


def text_of(path):
    return path.read_bytes() if path.is_file() else b"".join(contents(path).values())


def completes(box, path, name, left=0):
    """The next run does what is left; nothing lies about; the record is whole."""
    done = box.run(*command(path))
    text = text_of(path)
    last = box.ledger("select state from entries e where sequence=(select max(sequence) from entries where action_id=e.action_id)")
    beside = [file for file in os.listdir(path.parent) if "deskshred." in file or file.endswith(".lock")]
    inside = [file for file in (contents(path) if path.is_dir() else []) if "deskshred" in file]
    good = done.returncode == 0 and text.count(CARD.encode()) == left and text.count(b"[credit-card removed]") == MESSAGES - left
    tap.ok(good and not beside and not inside and ("intent",) not in last and box.run("ledger", "verify").returncode == 0,
           f"{name}: the next run completes it", (done.returncode, done.stderr, text.count(CARD.encode()), beside, inside, set(last)))


# ---- locks ----

def test_no_lock():
    """Nothing is recorded of what was not attempted."""
    for kind in ("fcntl", "FILE.lock"):
        with Sandbox() as box:
            path = make_mbox(box.path / "desk.mbox")
            before = path.read_bytes()
            fd = os.open(path, os.O_RDWR)
            if kind == "fcntl":
                fcntl.lockf(fd, fcntl.LOCK_EX)
            else:
                (box.path / "desk.mbox.lock").write_text("")
            began = time.monotonic()
            done = box.run("--wait", "1", *command(path))
            tap.ok(done.returncode == 75 and f"{path}: another program has it locked" in done.stderr and time.monotonic() - began < 20,
                   f"{kind} of another: exit 75 after --wait, with the place", (done.returncode, done.stderr))
            tap.ok(entries(box) == [] and path.read_bytes() == before, "nothing was changed, and no intent recorded", entries(box))
            os.close(fd)
            if kind != "fcntl":
                os.unlink(box.path / "desk.mbox.lock")
            completes(box, path, kind)


def test_left_lock():
    """A run was killed with FILE.lock in its hands: the next one removes it, though it has nothing to change."""
    with Sandbox() as box:
        path = make_mbox(box.path / "desk.mbox")
        box.run(*command(path), check=0)
        dead = subprocess.Popen(["true"])
        dead.wait()
        (box.path / "desk.mbox.lock").write_text(f"{dead.pid}:{os.uname().nodename}:deskshred")
        box.run(*command(path), check=0)
        tap.ok(not (box.path / "desk.mbox.lock").exists(), "a lock file that a killed run left is removed, though nothing is to be changed")


# ---- mail that changes under the hands ----

def hold_ledger(box):
    """Nobody can write to it until its "rollback"."""
    database = sqlite3.connect(box.path / "state/deskshred/ledger.db", isolation_level=None)
    database.execute("begin immediate")
    return database


def test_mail_changes():
    with Sandbox() as box:
        path = make_store(box.path / "mail")
        box.run("redact", path, "--kind", "iban", "--reason", "verified", check=0)
        database = hold_ledger(box)
        run = start(box, *command(path))
        time.sleep(2)  # all is read by now, and waits to be recorded
        edited, vanished, renamed = [path / "cur" / f"{1700000000 + number}.M{number}P1.desk:2,S" for number in (1, 2, 3)]
        edited.write_bytes(edited.read_bytes() + b"PS.\n")
        vanished.unlink()
        renamed.rename(str(renamed) + "T")
        database.execute("rollback")
        code, told = finish(run)
        tap.ok(code == 4 and told.count("its content is not the one expected") == 1 and told.count("it is no longer there") == 1,
               "a mail that was edited and one that vanished are told, exit 4", (code, told))
        text = text_of(path)
        tap.ok(edited.read_bytes().endswith(b"PS.\n") and CARD.encode() in edited.read_bytes() and not vanished.exists(), "both are left as they are")
        tap.equal((text.count(CARD.encode()), text.count(b"[credit-card removed]")), (1, MESSAGES - 2), "all others are done, also one that got another name")
        tap.equal(dict(entries(box)), {"intent": MESSAGES, "done": MESSAGES - 2, "failed": 2}, "which the record says")
        tap.equal(box.run(*command(path)).returncode, 0, "the next run does the edited one")
        tap.equal(text_of(path).count(b"[credit-card removed]"), MESSAGES - 1, "as it is now")


class Stopped:
    """A change that the shim stops just before the call that at names, of those in the mailbox's folder: there others can act at leisure."""

    def __init__(self, box, path, at):
        env = dict(box.env, LD_PRELOAD=SHIM, FAULT_ROOT=str(path if path.is_dir() else path.parent), FAULT_LOG=str(box.path / "log"),
                   FAULT_AT=f"{at} stop", G_DEBUG="")
        self.process = subprocess.Popen([DESKSHRED, "--jobs", "1", *map(str, command(path))], cwd=box.path, env=env, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        ended = os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        tap.ok(ended.si_code == os.CLD_STOPPED, f"a change is stopped at {at}")

    def go_on(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)
        return finish(self.process)


def one_mail(box):
    return maildir(box.path / "mail", [mail(1, f"Karte {CARD}, Nummer 1.\n")])


def check_refused(box, path, message, code_and_text, words, name):
    """Another's version is there, and the record does not say that ours is."""
    code, told = code_and_text
    tap.ok(code == 4 and words in told, f"{name}: that is told, exit 4", (code, told))
    tap.ok(message.read_bytes().endswith(b"PS.\n"), f"{name}: the other's version stands", message.read_bytes())
    tap.equal(dict(entries(box)), {"intent": 1, "failed": 1}, f"{name}: nothing is recorded as done")
    tap.equal([file for file in contents(path) if "deskshred" in file], [], f"{name}: and nothing of ours is left")


def test_edited_before_exchange():
    """The second renaming is the exchange; what the message holds was looked at before."""
    with Sandbox() as box:
        path = one_mail(box)
        message = path / "cur/1700000001.M1P1.desk:2,S"
        run = Stopped(box, path, "rename 2")
        message.write_bytes(message.read_bytes() + b"PS.\n")
        check_refused(box, path, message, run.go_on(), "its content is not the one expected", "edited just before the exchange")
        tap.ok(CARD.encode() in message.read_bytes(), "it is all there")


def test_edited_after_put():
    """The new content is in its place, and the old is about to be removed."""
    with Sandbox() as box:
        path = one_mail(box)
        message = path / "cur/1700000001.M1P1.desk:2,S"
        run = Stopped(box, path, "unlink 1")
        message.write_bytes(message.read_bytes() + b"PS.\n")
        check_refused(box, path, message, run.go_on(), "the store holds something else", "edited just after the change")


def test_mbox_edited_after_draft():
    """The new mbox is made before the old one is locked, if that has been at rest for a while."""
    with Sandbox() as box:
        path = box.path / "box" / "desk.mbox"
        path.parent.mkdir()
        make_mbox(path)
        time.sleep(3.2)
        run = Stopped(box, path, "sync 1")
        flagged = path.read_bytes().replace(b"Nummer 7.", b"Nummer X.")
        path.write_bytes(flagged)
        code, told = run.go_on()
        tap.equal((code, "not the one expected" in told), (4, True), "a mail that is edited while the new mailbox is made is refused")
        text = path.read_bytes()
        tap.equal((text.count(b"Nummer X."), text.count(b"[credit-card removed]")), (1, MESSAGES - 1),
                  "it keeps what was written, and all others are done")


def test_settled_by_one():
    """Two runs find what a third left when it was killed; the first of them is stopped while it settles that."""
    with Sandbox() as box:
        path = one_mail(box)
        killed = Stopped(box, path, "unlink 1")
        killed.process.kill()
        killed.process.communicate()
        first = Stopped(box, path, "unlink 1")
        second = box.run("--wait", "1", *command(path))
        tap.ok(second.returncode == 75 and "recovery of this store is locked by another run" in second.stderr, "the second waits, then says for what",
               (second.returncode, second.stderr))
        code, told = first.go_on()
        tap.ok(code == 0, "the first goes on", (code, told))
        tap.equal(dict(entries(box)), {"intent": 1, "done": 1}, "what became of the change is recorded once")


def test_flagged_while_settled():
    """The run was killed before the name followed the size, and a mail reader renames the message while the next run settles that."""
    with Sandbox() as box:
        path = one_mail(box)
        mail_file = path / "cur/1700000001.M1P1.desk:2,S"
        mail_file = mail_file.rename(path / f"cur/1700000001.M1P1.desk,S={mail_file.stat().st_size}:2,S")
        killed = Stopped(box, path, "rename 3")
        killed.process.kill()
        killed.process.communicate()
        run = Stopped(box, path, "unlink 2")
        mail_file.rename(str(mail_file).replace(":2,S", ":2,RS"))
        code, told = run.go_on()
        [message] = (path / "cur").iterdir()
        tap.ok(code == 0 and f",S={message.stat().st_size}:2,RS" in message.name, "a message that gets another name while it is settled is followed",
               (code, told, message.name, message.stat().st_size))


# ---- workers that die ----

def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def shoot_workers(process, shots):
    done = 0
    while process.poll() is None and done < shots:
        time.sleep(random.uniform(0.02, 0.1))
        for pid in random.sample(children(process.pid), min(1, len(children(process.pid)))):
            try:
                os.kill(pid, signal.SIGKILL)  # a child of a process of ours that has not been waited for
                done += 1
            except ProcessLookupError:
                pass
    return done


def test_workers_die():
    with Sandbox() as box:
        path = make_store(box.path / "mail")
        run = start(box, "--jobs", "2", "scan", path, "--format", "jsonl")
        shots = shoot_workers(run, 15)
        out, told = run.communicate()
        lines = [json.loads(line) for line in out.splitlines()]
        blind = [line for line in lines if line["type"] == "not-looked-at"]
        found = [line for line in lines if line["type"] == "finding" and line["kind"] == "credit-card"]
        tap.ok(run.returncode == 0 and lines[-1]["messages"] == MESSAGES and len(found) + len(blind) >= MESSAGES and len(found) >= MESSAGES - shots,
               f"a scan whose workers were killed {shots} times says which mail it did not look at ({len(blind)}), and looks at the rest",
               (run.returncode, told, lines[-1:]))
        tap.ok(all("crash" in line["reason"] or "killed" in line["reason"] for line in blind), "and why", blind)
        run = start(box, "--jobs", "2", *command(path))
        shots = shoot_workers(run, 15)
        code, told = finish(run)
        text = text_of(path)
        tap.ok(code in (0, 1) and text.count(CARD.encode()) + text.count(b"[credit-card removed]") == MESSAGES and text.count(CARD.encode()) <= shots,
               f"so does a change ({shots} killed, {text.count(CARD.encode())} mails left as they were)", (code, told))
        completes(box, path, "workers killed")


# ---- signals ----

def test_signal_in_the_middle():
    """All is read, and waits to be recorded: what was begun is carried through."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with Sandbox() as box:
            path = make_store(box.path / "mail")
            box.run("redact", path, "--kind", "iban", "--reason", "verified", check=0)
            database = hold_ledger(box)
            run = start(box, *command(path))
            time.sleep(2)
            os.killpg(run.pid, number)
            time.sleep(0.2)
            database.execute("rollback")
            code, told = finish(run)
            tap.ok(code == 0 or (code == 3 and "interrupted" in told), f"{number.name} in the middle of a change: it ends in order", (code, told))
            completes(box, path, number.name)


def test_signals(make, name):
    ends = []
    for number in range(SIGNALS):
        with Sandbox() as box:
            path = make(box.path / "mail")
            run = start(box, *command(path))
            time.sleep(random.uniform(0.05, 1.2))
            os.killpg(run.pid, signal.SIGINT if number % 2 else signal.SIGTERM)  # all of its session, as a terminal does
            code, told = finish(run)
            ends.append(code)
            good = code in (0, -signal.SIGINT, -signal.SIGTERM) or (code == 3 and "interrupted" in told)
            open_intents = box.ledger("select 1 from entries e where sequence=(select max(sequence) from entries where action_id=e.action_id) and state='intent'") if entries(box) else []
            if not good or open_intents:
                tap.ok(False, f"{name}: a run that is told to stop ends in order", (code, told, open_intents))
            if number < 2:
                completes(box, path, f"{name}, interrupted (exit {code})")
    print("#", name, ends)
    tap.ok(True, f"{name}: {SIGNALS} runs were told to stop")


# ---- disks ----

class Disk:
    """A small file system of its own; only root may mount one."""

    def __init__(self, box, size):
        self.path = box.path / "disk"
        self.path.mkdir()
        self.good = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", self.path], capture_output=True).returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.good:
            subprocess.run(["umount", "-l", self.path])

    def make_read_only(self, yes):
        subprocess.run(["mount", "-o", "remount," + ("ro" if yes else "rw"), self.path], check=True)

    def fill(self):
        with open(self.path / "filling", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass

    def empty(self):
        os.unlink(self.path / "filling")


def test_disk(make, name):
    with Sandbox() as box, Disk(box, "6m") as disk:
        if not disk.good:
            tap.ok(True, f"{name}: disks # SKIP no file system can be mounted here")
            return
        path = make(disk.path / "mail")
        before = text_of(path)
        disk.make_read_only(True)
        done = box.run(*command(path))
        tap.ok(done.returncode == 3 and str(disk.path) in done.stderr and "Read-only file system" in done.stderr,
               f"{name} on a read-only file system: exit 3, place and reason", (done.returncode, done.stderr))
        tap.ok(entries(box) == [] and text_of(path) == before, f"{name}: no intent is recorded", entries(box))
        tap.equal(box.run("scan", path).returncode, 0, f"{name}: a scan does not mind")
        disk.make_read_only(False)
        disk.fill()
        done = box.run(*command(path))
        text = text_of(path)
        tap.ok(done.returncode == 3 and str(disk.path) in done.stderr and "No space left on device" in done.stderr,
               f"{name} on a full disk: exit 3, place and reason", (done.returncode, done.stderr))
        tap.equal(text.count(CARD.encode()) + text.count(b"[credit-card removed]"), MESSAGES, f"{name}: no mail is cut")
        disk.empty()
        completes(box, path, f"{name}, with room again")


def test_full_ledger():
    """The store has room, the record has none."""
    with Sandbox() as box, Disk(box, "16m") as disk:
        if not disk.good:
            tap.ok(True, "full ledger # SKIP no file system can be mounted here")
            return
        path = make_store(box.path / "mail")
        box.env["XDG_STATE_HOME"] = str(disk.path)
        box.run("scan", path, check=0)
        box.run("redact", path, "--kind", "iban", "--reason", "verified", check=0)
        before = text_of(path)
        disk.fill()
        done = box.run(*command(path))
        tap.ok(done.returncode == 3 and str(disk.path) in done.stderr and ("full" in done.stderr or "No space" in done.stderr), "no room for the record: exit 3, place and reason",
               (done.returncode, done.stderr))
        tap.equal(text_of(path), before, "and nothing is changed that could not be recorded")
        disk.empty()
        tap.equal(box.run(*command(path)).returncode, 0, "with room again it is done")
        tap.equal(text_of(path).count(b"[credit-card removed]"), MESSAGES, "all of it")


TESTS = {
    "no-lock": lambda: (test_no_lock(), test_left_lock()),
    "mail-changes": test_mail_changes,
    "stopped": lambda: (test_edited_before_exchange(), test_edited_after_put(), test_mbox_edited_after_draft(), test_settled_by_one(),
                        test_flagged_while_settled()),
    "workers": test_workers_die,
    "signals": lambda: (test_signal_in_the_middle(), test_signals(make_store, "Maildir"), test_signals(make_mbox, "mbox")),
    "disk": lambda: (test_disk(make_store, "Maildir"), test_disk(make_mbox, "mbox")),
    "full-ledger": test_full_ledger,
}
if SANITIZED:  # nothing can be preloaded into it
    TESTS["stopped"] = lambda: tap.ok(True, "a change that is stopped # SKIP a sanitizer build")
    # The leak checker's helper is a child, too: without it the program waits for ever.
    TESTS["workers"] = lambda: tap.ok(True, "workers that are killed # SKIP a sanitizer build")
for wanted_test in sys.argv[1:] or TESTS:
    TESTS[wanted_test]()
sys.exit(tap.done())
