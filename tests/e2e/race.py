"""Others at work on the mailbox while it is changed, and runs that are killed meanwhile: no message is lost or doubled, what is to
go goes, and the record is true.

KILLS: how many runs are killed at random over each kind of store (1,000 and more by hand; a few in make check).
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import actors  # noqa: E402
from harness import DESKSHRED, Sandbox, Tap  # noqa: E402

KILLS = int(os.environ.get("KILLS", "6"))
tap = Tap()
random.seed(int(os.environ.get("SEED", "4711")))
TOOLS = [tool for tool in ("procmail", "lockfile", "dotlockfile") if shutil.which(tool)]
CARELESS = ["fcntl", "dotlock", "fcntl-dotlock", "dotlock-fcntl", "python", "read-in-place"] + TOOLS
# Not by fcntl alone: before it renames, Python closes the file, and with that lets go of its lock.
CAREFUL = ["careful-dotlock", "careful-fcntl-dotlock", "careful-dotlock-fcntl", "careful-python", "read-python"]
BEGINNING = [f"0-{number}" for number in range(1, 61)]


def make_mbox(box):
    path = box.path / "box" / "desk.mbox"
    path.parent.mkdir()
    path.write_bytes(b"".join(actors.FROM + actors.message(name) + b"\n" for name in BEGINNING))
    return path


def make_maildir(box):
    path = box.path / "box"
    actors.make_maildir(path)
    for name in BEGINNING:
        (path / "new" / f"1700000000.M{name.replace('-', 'P')}.desk").write_bytes(actors.message(name))
    return path


# ---- the judge: what is there, and what should be ----

def stored(path):
    """(name, bytes) of all messages, and the names of files that have no business there."""
    if path.is_file():
        return [(actors.name_of(data), data) for _, data in actors.split(path.read_bytes())], sorted(set(os.listdir(path.parent)) - {path.name})
    files = [path / folder / part / name for folder, part, name in actors.maildir_files(path)]
    rest = [str(file) for file in path.rglob("*") if file.is_file() and file.parent.name not in ("new", "cur")]
    return [(actors.name_of(file.read_bytes()), file.read_bytes()) for file in files], rest


def wrong_messages(path, wanted, redacted):
    """What is missing, doubled, or not as it should be."""
    messages, rest = stored(path)
    names = sorted(name for name, _ in messages)
    wrong = [f"left over: {name}" for name in rest]
    wrong += [f"missing: {name}" for name in wanted if name not in names]
    wrong += [f"doubled: {name}" for name in set(names) if names.count(name) > 1]
    wrong += [f"should be gone: {name}" for name in names if name not in wanted]
    for name, data in messages:
        original = actors.message(name)
        allowed = [original.replace(actors.CARD, actors.LABEL)] + ([] if redacted else [original])
        if data.removeprefix(actors.FLAG) not in allowed:
            wrong.append(f"changed: {name}: {data[:300]!r}")
    return wrong


def wrong_claims(box, path):
    """Messages that the record says are done, and are not: of a Maildir, whose names are in it."""
    present = {file.name.split(":")[0].split(",")[0]: file for file in path.rglob("*") if file.is_file()} if path.is_dir() else {}
    done = [message.split("/")[-1] for (message,) in box.ledger("select message from entries where state='done'")]
    wrong = [f"recorded as done twice: {name}" for name in set(done) if done.count(name) > 1 and path.is_dir()]
    return wrong + [f"recorded as done: {name}" for name in done if name in present and actors.CARD in present[name].read_bytes()]


def wrong_record(box):
    verified = box.run("ledger", "verify")
    wrong = [] if verified.returncode == 0 else [verified.stderr]
    last = box.ledger("select action_id, state from entries e where sequence=(select max(sequence) from entries where action_id=e.action_id)")
    wrong += [f"no end: {action}" for action, state in last if state == "intent"]
    locks = os.listdir(box.path / "state/deskshred/locks")
    return wrong + [f"lock file: {name}" for name in locks if name.startswith(("run-", "recovery-", "policy-"))]


# ---- kills ----

def command(path):
    return ["--quiet", "redact", path, "--kind", "credit-card", "--reason", "verified"]


def kill_one(box, path, seconds):
    """TRUE if the run was killed before it ended."""
    process = subprocess.Popen([DESKSHRED, *map(str, command(path))], cwd=box.path, env=box.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.uniform(0, seconds * 1.1))
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return killed


def next_run(box, path):
    """How it ended.  A mailbox that another program rewrites in place can be met half written, which is said: run again."""
    for _ in range(5):
        start = time.monotonic()
        done = box.run(*command(path))
        if done.returncode != 3 or "run again" not in done.stderr:
            break
    return done, time.monotonic() - start


def test_kills(name, make, roles):
    with Sandbox() as box:
        path = make(box)
        killed, bad, seconds = 0, [], 1.0
        with actors.Cast(path, box.path, roles) as cast:
            for _ in range(KILLS):
                killed += kill_one(box, path, seconds)
                done, seconds = next_run(box, path)
                if done.returncode not in (0, 1, 4):
                    bad.append(f"exit {done.returncode}: {done.stderr}{done.stdout}")
            tap.ok(cast.end(), f"{name}: the others did their work")
        tap.equal(bad, [], f"{name}: the next run after each of {killed} kills ({KILLS} tried) ends well")
        tap.equal(wrong_claims(box, path), [], f"{name}: what is recorded as done is done, once")
        delivered, deleted = cast.lines("delivered"), cast.lines("deleted")
        wanted = set(BEGINNING + delivered) - set(deleted)
        tap.equal(wrong_messages(path, wanted, False), [], f"{name}: {len(delivered)} delivered, {len(deleted)} deleted, none lost or doubled")
        last = box.run(*command(path))
        tap.ok(last.returncode == 0, f"{name}: the last run, undisturbed, ends well", last.stderr + last.stdout)
        tap.equal(wrong_messages(path, wanted, True), [], f"{name}: then all is redacted, and nothing else is there")
        tap.equal(wrong_record(box), [], f"{name}: the record is whole, and no lock is left")


TESTS = {
    "kills-careless": lambda: test_kills("mbox", make_mbox, CARELESS),
    "kills-careful": lambda: test_kills("mbox, renaming reader", make_mbox, CAREFUL),
    "kills-maildir": lambda: test_kills("Maildir", make_maildir, ["maildir-link", "maildir-rename", "read-maildir"]),
}
for wanted_test in sys.argv[1:] or TESTS:
    TESTS[wanted_test]()
sys.exit(tap.done())
