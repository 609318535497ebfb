"""No second leak (promise 4 of DESIGN 1): markers are planted wherever a sender, a file's owner or who gives values can write;
every command runs, also into errors, signals, a full disk; then no marker stands in anything that deskshred left or showed.

`rules explain` and --show-values are exempt: to show content is what they are for.  Free blocks of the disk are out of
reach, as plugins/mail/README.md says.  LEAK_SEED repeats a run; LEAK_KILLS says how often a run is killed.
"""
import hashlib
import hmac
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import DESKSHRED, NOBODY, Sandbox, Tap, chosen, maildir, program_of_nobody, pseudo_terminal  # noqa: E402
from planting import Plants, broken_mails, head, sentences, whole_mail  # noqa: E402
from searching import Search, Watch  # noqa: E402

SEED = os.environ.get("LEAK_SEED", str(random.SystemRandom().randrange(10**9)))
KILLS = int(os.environ.get("LEAK_KILLS", "4"))
FORMATS = ("text", "csv", "jsonl", "html")
LOUD = ("password", "token", "card-security", "date-of-birth", "private-key", "postal-address", "person", "mrz", "geo-location", "cookie", "username")
SANITIZED = b"__asan_init" in pathlib.Path(DESKSHRED).read_bytes()
tap = Tap()


class Desk(Sandbox):
    """A sandbox in which everything that comes out is kept."""

    def __init__(self):
        super().__init__()
        self.plants = Plants(SEED)
        self.out = []  # (what, bytes)
        for name in ("tmp", "home", "work", "kept"):
            (self.path / name).mkdir()
        self.env.update(TMPDIR=str(self.path / "tmp"), SQLITE_TMPDIR=str(self.path / "tmp"), HOME=str(self.path / "home"), G_DEBUG="")
        if SANITIZED:  # which would turn the signal into an exit
            self.env["ASAN_OPTIONS"] = self.env.get("ASAN_OPTIONS", "") + ":handle_segv=0"
        self.state = self.path / "state/deskshred"

    def popen(self, *args, before=(), **kw):
        def unlimited():
            hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
            resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        return subprocess.Popen([*before, DESKSHRED, *map(str, args)], cwd=self.path / "work", env=self.env, preexec_fn=unlimited, **kw)

    def go(self, *args, stdin=b"", status=None, before=(), env=None):
        """Runs deskshred and keeps what it says; status: what it must exit with."""
        self.env.update(env or {})
        process = self.popen(*args, before=before, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said, complained = process.communicate(stdin)
        for name in env or {}:
            del self.env[name]
        self.out.append((" ".join(map(str, args)), said))
        self.out.append((" ".join(map(str, args)) + ", its errors", complained))
        allowed = (status,) if isinstance(status, int) else status
        if allowed is not None and process.returncode not in allowed:
            print(f"Bail out! {' '.join(map(str, args))}: exit {process.returncode}, wanted {allowed}\n# {complained[:2000].decode(errors='replace')}")
            sys.exit(1)
        return said

    def terminal(self, *args):
        """The same on a terminal, where there is colour and progress."""
        pair = pseudo_terminal()
        if pair is None:
            print("# not on a terminal: this system has no pseudo terminals")
            return self.go(*args, status=None)
        master, slave = pair
        process = self.popen(*args, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
        os.close(slave)
        said = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            said += part
        os.close(master)
        process.wait()
        self.out.append((" ".join(map(str, args)) + " on a terminal", said))

    def file(self, name, data):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode(errors="surrogateescape"))
        return path

    def collect(self):
        """Every file but the stores', with its name."""
        for folder in ("state", "tmp", "home", "work", "kept"):
            for path in sorted((self.path / folder).rglob("*")):
                self.out.append((f"the name of {folder}/{path.name}", path.name.encode()))
                if path.is_file():
                    self.out.append((f"{folder}/{path.relative_to(self.path / folder)}", path.read_bytes()))


# ---- the stores ----

def plant_maildir(box):
    p = box.plants
    p.place = "Maildir"
    mails = [whole_mail(p, 1, subject=f"[#4711] {p.name('subject')}"), whole_mail(p, 2, subject=f"Re: [#{p.word('ticket number')}] {p.name('subject')}"),
             head(p, 3, subject=f"[#{p.number('ticket number', '5500' + '005555555559')}]") + "\n" + sentences(p),
             head(p, 4, subject=f"[#{p.word('ticket number')}-19] [#{p.name('ticket number')}]") + "\n" + sentences(p),
             head(p, 5, subject=f"[#{p.word('ticket number').upper()}7{p.word('ticket number')}_{p.word('ticket number', 8)}]") + "\n" + sentences(p)]
    mails += [mail for mail in broken_mails(p)]
    root = maildir(box.path / "mail", [mail.encode(errors="surrogateescape") for mail in mails])
    subject = head(p, 9) + "\n" + sentences(p)
    (root / "cur" / f"{p.name('file name in a Maildir')}.eml").write_text(subject)
    (root / "cur" / f"1700000099.M9P1.desk,{p.email('recipient in a file name')}:2,S").write_text(subject)
    (root / "cur" / f"1700000098.{p.word('middle of a file name')}.desk:2,S").write_text(subject)
    (root / "cur" / f"1700000097.M8P1.desk:2,S{p.word('flags')}").write_text(subject)
    for name in (f".{p.name('folder')}", f"{p.name('folder')}/{p.name('folder')}", f".Sales.{p.word('folder')}", ".Support"):
        maildir(root / name, [(head(p, 20) + "\n" + sentences(p)).encode()])
    os.symlink(box.path / p.word("target of a link"), root / "cur" / "1700000096.M7P1.desk:2,S")
    os.symlink(f"/etc/{p.word('target of a link')}", root / "cur" / p.word("name of a link"))
    return root


def plant_mbox(box):
    p = box.plants
    p.place = "mbox"
    mails = [whole_mail(p, 31), head(p, 32) + "\n" + sentences(p), *broken_mails(p)]
    return box.file("box", "".join(f"From {p.email('envelope')} Tue Nov 14 08:00:00 2023\n{mail}\n\n" for mail in mails))


def plant_folder(box):
    p = box.plants
    p.place = "folder"
    for name in (f"{p.name('file')}.txt", f"{p.name('folder')}/{p.name('file')}.{p.word('extension', 8)}", f"{p.email('file')}.csv", f"{p.name('file')}.eml",
                 f"{p.card()}.json", f".{p.word('hidden')}", f"{p.word('folder')}/cur/{p.word('file')}", f"{p.name('file')}.{p.word('extension', 8)}"):
        box.file(f"folder/{name}", sentences(p) if not name.endswith(".eml") else whole_mail(p, 41))
    box.file(f"folder/{p.name('file')}.pdf", b"%PDF-1.4 " + sentences(p).encode())
    outside = box.file(f"outside/{p.name('target of a link')}.txt", sentences(p))
    os.symlink(outside, box.path / "folder" / f"{p.name('link')}.txt")
    loop = box.path / "folder" / p.word("loop")
    os.symlink(loop, loop)
    deep = box.path / "folder" / p.word("may not be read")
    deep.mkdir()
    (deep / p.name("may not be read")).write_text(sentences(p))
    deep.chmod(0)
    box.closed = deep
    return box.path / "folder"


def configuration(box):
    """Stores whose names are the site's, with a ticket_pattern that takes anything for a number."""
    text = f"""stores = (
  {{ name = "support"; plugin = "mail"; path = "{box.path}/mail"; ticket_pattern = "[[]#([^]]+)[]]"; }},
  {{ name = "old"; plugin = "mail"; path = "{box.path}/box"; }},
  {{ name = "files"; plugin = "folder"; path = "{box.path}/folder"; }} );
ledger = {{ path = "{box.state}/ledger.db"; key_file = "{box.state}/site.key"; }};
policies = ( {{ name = "all"; enabled = true; do = "redact"; reason = "verified"; when = {{ queues = [ "*" ]; kinds = [ "credit-card", "email" ]; }}; }},
  {{ name = "pictures"; enabled = true; do = "shred"; reason = "verified"; when = {{ media_types = [ "image/" ]; }}; }} );
"""
    return box.file("desk.conf", text)


# ---- what is done ----

def findings_of(said):
    return [line for line in map(json.loads, said.decode().splitlines()) if line["type"] == "finding"]


def scans(box, paths):
    for path in paths:
        for form in FORMATS:
            box.go("--verbose", "scan", path, "--min-score", "0", "--format", form, status=0)
    box.go("--jobs", "1", "scan", paths[0], "--format", "html", "-o", box.path / "kept/scan.html", status=0)
    box.terminal("--verbose", "scan", paths[0])
    box.terminal("scan", paths[2], "--format", "html")
    for name in ("support", "old", "files"):
        box.go("--config", box.path / "desk.conf", "--verbose", "scan", "--store", name, "--format", "jsonl", status=0)
    box.go("scan", paths[1], "--sample", "3", "--strict", status=1)


def reports(box):
    conf = ("--config", box.path / "desk.conf")
    for form in FORMATS:
        box.go(*conf, "report", "--format", form)
        box.go(*conf, "ledger", "show", "--format", form)
        box.go(*conf, "stores", "--format", form, status=0)
    box.terminal(*conf, "report")
    for name in ("support", "old", "files"):
        box.go(*conf, "stores", "check", name)
    for path in ("mail", "box", "folder", "one"):
        box.go("stores", "check", box.path / path)
    for command in (("status",), ("ledger", "verify"), ("ledger", "head"), ("ledger", "export"), ("ledger", "export", "-o", box.path / "kept/ledger.jsonl"), ("dismiss", "--list")):
        box.go(*conf, *command)


def changes(box):
    """Plans, what they do, and what is refused."""
    conf = ("--config", box.path / "desk.conf")
    given = "\n".join([marker for marker in box.plants.markers if len(marker) > 9][::9]).encode() + b"\n"
    box.go(*conf, "plan", "--store", "support", "--policy", "all", "--policy", "pictures", "-o", box.path / "kept/policies.jsonl", status=(0, 4))
    box.go(*conf, "plan", "--store", "old", "--do", "redact", "--kind", "credit-card", "--kind", "password", "--where", "all", "-o", box.path / "kept/plan.jsonl", status=0)
    box.go(*conf, "plan", "--store", "support", "--do", "shred", "--kind", "iban", status=0)
    plan = (box.path / "kept/plan.jsonl").read_bytes()
    p = box.plants
    p.place = "an edited plan"
    for bad in (plan.replace(b"***", p.name("masked").encode(), 1), plan + p.name("line").encode() + b"\n",
                plan.replace(b'"where"', b'"' + p.word("key").encode() + b'"', 1), b'{"type":"' + p.word("type").encode() + b'"}\n'):
        box.go(*conf, "apply", box.file("edited.jsonl", bad), "--reason", "verified", status=(2, 4))
    box.go(*conf, "apply", box.path / "kept/policies.jsonl", "--reason", "verified", "--case", "7", status=(0, 1, 4))
    box.go("redact", box.path / "box", "--kind", "phone", "--reason", "verified", status=(0, 1))
    box.go(*conf, "--verbose", "apply", box.path / "kept/plan.jsonl", "--reason", "verified", status=4)  # changed since
    box.go(*conf, "plan", "--store", "old", "--do", "redact", "--kind", "password", "-o", box.path / "kept/second.jsonl", status=0)
    for _ in range(2):
        box.go(*conf, "--verbose", "apply", box.path / "kept/second.jsonl", "--reason", "verified", status=(0, 1, 4))
    box.go("redact", box.path / "mail", "--values-file", "-", "--reason", "verified", "--format", "jsonl", stdin=given, status=(0, 1))
    box.go("redact", box.path / "mail", "--kind", "iban", "--kind", "phone", "--reason", "verified", "--where", "all", status=(0, 1))
    box.go("redact", box.path / "folder", "--kind", "iban", "--reason", "verified", "--in-place", "--where", "all", status=(0, 1))
    box.go("redact", box.path / "one", "--kind", "iban", "--reason", "verified", "--format", "csv", status=(0, 1))
    box.go(*conf, "redact", "--store", "support", "--ticket", "4711", "--reason", "verified", status=(0, 1))


def single(box):
    """Ticket names, references, dismissals."""
    conf = ("--config", box.path / "desk.conf")
    said = box.go(*conf, "scan", "--store", "support", "--format", "jsonl")
    found = findings_of(said)
    attachments = [line["ref"] for line in map(json.loads, said.decode().splitlines()) if line["type"] == "not-looked-at" and not line["ref"].endswith("/0")]
    box.go(*conf, "shred", *attachments, "--reason", "verified", status=(0, 1))
    box.go(*conf, "dismiss", found[0]["ref"])
    box.go(*conf, "dismiss", "--fingerprint", found[-1]["fingerprint"])
    loose = findings_of(box.go("scan", box.path / "one", "--format", "jsonl"))
    box.go("redact", loose[0]["ref"], "--kind", "credit-card", "--reason", "verified", status=(0, 1))


def refusals(box):
    """Errors that come from what is given or found."""
    p = box.plants
    p.place = "an error"
    box.go("scan", box.path / "mail", "--ticket", "nothing")
    box.go("redact", box.path / "mail", "--values-file", "-", "--reason", "verified", stdin=(p.name("value") + "\nab\n").encode(), status=2)
    box.go("redact", box.path / "mail", "--values-file", "-", "--reason", "verified", stdin=p.name("value").encode() + b"\xff\n", status=2)
    box.go("redact", box.path / "folder", "--kind", "iban", "--reason", "verified", status=4)
    box.go("scan", box.path / "mail", env={"G_DEBUG": "fatal-warnings"}, status=0)
    box.go("scan", box.path / "mail", "--show-values", status=4)
    locked = open(box.path / "box", "r+b")
    import fcntl
    fcntl.lockf(locked, fcntl.LOCK_EX)
    box.go("--wait", "0", "redact", box.path / "box", "--kind", "email", "--reason", "verified", status=75)
    locked.close()
    if os.geteuid() == 0:
        os.chmod(box.path, 0o755)
        folder = box.path / "folder"
        home = box.path / "kept/nobody"
        home.mkdir()
        program, user = program_of_nobody(box.path / "nobody")
        os.chown(home, NOBODY, NOBODY)
        done = subprocess.run([*program, "--verbose", "scan", folder], env=dict(box.env, XDG_STATE_HOME=str(home)), cwd="/", capture_output=True, **user)
        tap.ok(done.returncode in (0, 1) and b"not" in done.stdout, "a folder that may not be read is reported", done.stderr)
        box.out += [("a scan without rights", done.stdout), ("its errors", done.stderr)]


def children(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def struck(box, number, whom, delay, *args):
    """Runs deskshred and sends it, or its workers, a signal."""
    process = box.popen(*args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    limit = time.monotonic() + 2
    while whom == "workers" and not children(process.pid) and time.monotonic() < limit:
        time.sleep(0.002)
    time.sleep(delay)
    for pid in children(process.pid) if whom == "workers" else [process.pid]:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
    said, complained = process.communicate(timeout=60)
    box.out += [(f"{whom} struck by {number.name}", said), (f"{whom} struck by {number.name}, errors", complained)]
    return process.returncode


def deaths(box):
    chance = random.Random(SEED + "deaths")
    many = box.path / "many"
    for i in range(5):
        shutil.copytree(box.path / "mail", many / f".{i}", symlinks=True)
    maildir(many, [])
    struck_down = 0
    for number in (signal.SIGSEGV, signal.SIGABRT):
        struck_down += struck(box, number, "the parent", 0.15, "--jobs", "2", "scan", many, "--format", "jsonl") == -number
        struck(box, number, "workers", 0.05, "--jobs", "2", "scan", many, "--format", "jsonl")
    tap.equal(struck_down, 2, "SIGSEGV and SIGABRT ended the scan")
    for _ in range(KILLS):
        struck(box, signal.SIGKILL, "the parent", chance.uniform(0.05, 0.5), "redact", many, "--kind", "credit-card", "--kind", "password", "--reason", "verified")
        box.collect()
    struck(box, signal.SIGTERM, "the parent", 0.2, "redact", many, "--kind", "iban", "--reason", "verified")


def cores_are_made(box):
    """Whether a program that is killed here leaves a core in its folder."""
    folder = box.path / "cores"
    folder.mkdir()
    sleeper = subprocess.Popen(["sleep", "20"], cwd=folder, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2))
    time.sleep(0.05)
    sleeper.send_signal(signal.SIGSEGV)
    sleeper.wait()
    return any(folder.iterdir())


def full_disk(box):
    """State, store and output on a file system that fills."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return "needs root and mount"
    small = box.path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", small], capture_output=True).returncode != 0:
        return "a file system cannot be mounted here"
    try:
        shutil.copy(box.path / "box", small / "box")
        for fill in (100, 300, 500):
            (small / "filler").write_bytes(b"\0" * (fill << 10)) if shutil.disk_usage(small).free > fill << 10 else None
            for args in (("scan", small / "box", "-o", small / "out.html", "--format", "html"), ("redact", small / "box", "--kind", "email", "--reason", "verified")):
                box.go(*args, env={"XDG_STATE_HOME": str(small / "state")})
        for path in [path for path in small.rglob("*") if path.name not in ("box", "filler") and path.is_file()]:
            box.out.append((f"on a full disk: {path.name}", path.read_bytes()))
    finally:
        subprocess.run(["umount", "-l", small], check=True)
    return None


# ---- what came of it ----

def test_traced(box):
    """No program is started, nothing is sent to a log."""
    name = "no program is started, and nothing is sent to syslog or the journal"
    trace = box.path / "trace"
    usable = shutil.which("strace") and subprocess.run(["strace", "-o", trace, "true"], capture_output=True).returncode == 0
    if not usable or SANITIZED:
        tap.ok(True, f"{name} # SKIP needs strace, and a build that it can trace")
        return
    trace.unlink()
    box.go("redact", box.path / "box", "--kind", "email", "--reason", "verified", before=("strace", "-f", "-qq", "-s", "300", "-o", str(trace), "-e", "trace=execve,connect,memfd_create"), status=(0, 1))
    lines = trace.read_text(errors="replace").splitlines()
    started = [line for line in lines if "execve(" in line]
    logs = [line for line in lines if "connect(" in line and ("/dev/log" in line or "journal" in line)]
    box.out.append(("what strace saw", trace.read_bytes()))
    tap.ok(len(started) == 1 and not logs, name, "\n".join(started[1:] + logs))


def test_masks(box):
    """A masked sample cannot be turned back."""
    bad = []
    found = [finding for what, said in box.out if what.endswith("--format jsonl") and " scan " in f" {what}" for finding in findings_of(said)]
    for line in found:
        kind, masked = line["kind"], line["masked"]
        shown = {"email": r"[a-z0-9]\*\*\*@\*\*\*\.[a-z]{2,6}|\*\*\*", "ip-address": r"[0-9a-f]{0,4}\.\*\*\*|\*\*\*"}.get(kind, r"\*\*\*[0-9a-z]{0,4}")
        shown = r"\*\*\*" if kind in LOUD else shown
        if not re.fullmatch(shown, masked):
            bad.append(f"{kind}: {masked}")
    kinds = {line["kind"] for line in found}
    tap.ok(len(kinds) >= 12, "findings of many kinds", sorted(kinds))
    tap.ok(not bad, "no masked sample shows more than its kind allows", "\n".join(sorted(set(bad))))


def test_removed():
    """What a change removed is nowhere beside the mailbox either, not even after a kill; nor is it remembered."""
    with Desk() as box:
        p = box.plants
        p.place = "to be removed"
        body = f"Karte {p.card()}, Konto {p.iban()}, {p.email('to be removed')}\n"
        mails = [f"From: a@example.org\nSubject: {i}\nMessage-ID: <{i}@example.org>\nDate: Tue, 14 Nov 2023 08:00:00 +0100\n\n{body}".encode() for i in range(60)]
        maildir(box.path / "mail", mails)
        box.file("box/mbox", b"".join(b"From a@example.org Tue Nov 14 08:00:00 2023\n" + mail + b"\n" for mail in mails))
        box.file("files/a.txt", body)
        box.file("eml/a.eml", mails[0])
        targets = (("mail", ()), ("box/mbox", ()), ("files", ("--in-place",)), ("eml/a.eml", ()))
        fingerprints = {line["fingerprint"] for target, _ in targets for line in findings_of(box.go("scan", box.path / target, "--format", "jsonl"))}
        own = {line["fingerprint"] for line in findings_of(box.go("scan", box.path / "mail", "--format", "jsonl", "--where", "headers"))}
        change = ("--kind", "credit-card", "--kind", "iban", "--kind", "email", "--reason", "verified")
        for delay in (0.1, 0.16, 0.22, 0.3):
            for target, extra in targets[:2]:
                struck(box, signal.SIGKILL, "the parent", delay, "redact", box.path / target, *change, *extra)
        for target, extra in targets:
            box.go("redact", box.path / target, *change, *extra, status=0)
        search = Search(p)
        left = [f"{path.relative_to(box.path)}: {', '.join(found)}" for folder in ("mail", "box", "files", "eml") for path in (box.path / folder).rglob("*")
                if (found := search.find(os.fsencode(path.name) + b"\n" + (path.read_bytes() if path.is_file() else b"")))]
        tap.ok(not left, "a removed value stands nowhere beside the mailbox: no old or temporary copy", "\n".join(left))
        names = [path.name for folder in ("mail", "box", "files", "eml") for path in (box.path / folder).rglob("*") if "deskshred" in path.name]
        tap.equal(names, [], "and no temporary file is left")
        for target, _ in targets:  # what a killed run removed, it did not forget: the next scan does
            box.go("scan", box.path / target, status=0)
        state = b"".join(path.read_bytes() for path in box.state.glob("state.db*"))
        gone = [fingerprint for fingerprint in fingerprints - own if fingerprint.encode() in state]
        tap.ok(fingerprints - own and not gone, "the state has no trace of it in its freed pages", f"{len(gone)} of {len(fingerprints - own)} fingerprints")


def test_asked_for():
    """What is shown as a digest can still be asked for by its name; what the site itself named is shown."""
    with Desk() as box:
        p = box.plants
        card = [f"Subject: [#{number}] x\nMessage-ID: <{number}@example.org>\nFrom: a@example.org\n\n{p.card()}\n".encode() for number in ("DESK-12", "harriet-7", "4111111111111111")]
        root = maildir(box.path / "mail", card)
        for name in ("Sales", "Harriet", "Sent"):
            maildir(root / f".{name}", [card[0].replace(b"[#DESK-12]", b"").replace(b"DESK", name.encode())])
        conf = ("--config", box.file("desk.conf", f"""stores = ( {{ name = "a"; plugin = "mail"; path = "{root}"; ticket_pattern = "[[]#(DESK-[0-9]+|[a-z0-9-]+)[]]"; queues = [ "Sales" ]; }} );
ledger = {{ path = "{box.state}/ledger.db"; key_file = "{box.state}/site.key"; }};\n"""))
        tickets = {line["ticket"] for line in findings_of(box.go(*conf, "scan", "--store", "a", "--format", "jsonl"))}
        shown = sorted(ticket for ticket in tickets if not re.fullmatch("t[0-9a-f]{12}", ticket))
        tap.ok(len(shown) == 3 and shown[0] == "DESK-12" and all(re.fullmatch("n[0-9a-f]{12}", ticket) for ticket in shown[1:]),
               "a ticket's number is shown if its words are the pattern's and no rule finds a value in it", shown)
        for name in ("DESK-12", "harriet-7", "4111111111111111", shown[1]):
            found = findings_of(box.go(*conf, "scan", "--store", "a", "--ticket", name, "--format", "jsonl"))
            tap.ok(len({line["ticket"] for line in found}) == 1 and "credit-card" in {line["kind"] for line in found}, f"--ticket {name} finds its ticket")
        box.go(*conf, "plan", "--store", "a", "--do", "redact", "--kind", "credit-card", "-o", "plan", status=0)
        queues = {json.loads(line).get("queue") for line in (box.path / "work/plan").read_text().splitlines()[1:]}
        tap.ok(queues >= {"Sales", "Sent", None} and len(queues) == 4 and "Harriet" not in queues, "a queue is shown if the configuration names it, or all mailboxes have it", queues)
        box.go(*conf, "apply", "plan", "--reason", "verified", status=0)
        for name in ("Sales", "Harriet", "Sent"):
            entries = box.go(*conf, "ledger", "show", "--queue", name, "--format", "jsonl", status=0).splitlines()
            tap.ok(sum(b'"type":"entry"' in entry for entry in entries) == 2, f"ledger show --queue {name} finds its entries", entries)


def test_keyed():
    """Whoever has a ledger, a plan or a report, but not the site's key, cannot try all numbers: no digest is one that can be computed
    without the key, and another site's are other ones."""
    seen = []
    with Desk() as box:
        value, message = box.plants.card(), "From: a@example.org\nSubject: x\nMessage-ID: <1@example.org>\n\n"
        maildir(box.path / "mail", [f"{message}{value}\n".encode()])
        for site in ("one", "two"):
            box.env["XDG_STATE_HOME"] = str(box.path / site)
            found = findings_of(box.go("scan", box.path / "mail", "--kind", "credit-card", "--format", "jsonl", status=0))[0]
            box.go("plan", box.path / "mail", "--do", "redact", "--kind", "credit-card", "-o", box.path / f"{site}.plan", status=0)
            line = json.loads((box.path / f"{site}.plan").read_text().splitlines()[1])
            key = bytes.fromhex((box.path / site / "deskshred/site.key").read_text().strip())
            seen.append({found["fingerprint"], line["fingerprint"], line["before"], line["mac"], found["store"], found["ticket"]})
            normal = "".join(value.split())
            wanted = hmac.new(key, f"value\0credit-card:{normal}".encode(), hashlib.sha256).hexdigest()[:32]
            tap.equal((found["fingerprint"], line["fingerprint"]), (wanted, wanted), "a fingerprint is an HMAC of kind and value, with the site's key")
        tap.ok(not seen[0] & seen[1], "two sites have no digest in common", seen)


def test_modes(box):
    loose = [f"{path.name} {stat.filemode(path.stat().st_mode)}" for folder in (box.state, box.path / "kept") for path in folder.rglob("*")
             if path.is_file() and path.stat().st_mode & 0o077]
    tap.ok(not loose and (box.state.stat().st_mode & 0o077) == 0, "what deskshred writes is its user's alone", "\n".join(loose))
    key = (box.state / "site.key").read_bytes().strip()
    shown = [what for what, data in box.out if "site.key" not in what and (key in data or bytes.fromhex(key.decode()) in data)]
    tap.ok(not shown, "the site's key stands in its file only", "\n".join(shown))


def test_search_can_find(box, search):
    """A search that finds nothing is worth what it would find."""
    import base64
    p = box.plants
    marker, card = next(iter(p.markers)), next(number for number, what in p.numbers.items() if what.startswith("card"))
    disguises = [text[1:].encode() for text in (marker, marker.upper(), card, " ".join(card))]
    disguises += [form for text in (marker, f"xx{card}") for form in (
        text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode().hex().encode(), b"".join(b"%%%02X" % c for c in text.encode()),
        b"".join(b"=%02x" % c for c in text.encode()), b"".join(b"\\u00%02x" % c for c in text.encode()), *(base64.b64encode(b"a" * i + text.encode() + b"bcd") for i in range(3)))]
    missed = [disguise for disguise in disguises if not search.find(b"some text, " + disguise + b" and more")]
    tap.ok(not missed, f"the search sees through {len(disguises)} disguises", missed)


def test_all():
    with Desk() as box:
        paths = [plant_maildir(box), plant_mbox(box), plant_folder(box)]
        os.symlink(box.file(f"outside/{box.plants.name('a single mail')}.eml", whole_mail(box.plants, 51)), box.path / "one")
        configuration(box)
        watch = Watch([box.path / "tmp", box.path / "state", box.path / "kept", box.path / "work", "/dev/shm"], DESKSHRED,
                      ("state.db", "ledger.db"))
        watch.start()
        scans(box, [*paths, box.path / "one"])
        changes(box)
        single(box)
        refusals(box)
        deaths(box)
        skipped = full_disk(box)
        tap.ok(True, f"a full disk{' # SKIP ' + skipped if skipped else ''}")
        test_traced(box)
        reports(box)
        watch.stop()
        box.collect()
        cores = [path.name for path in (box.path / "work").rglob("*")]
        made = not cores and cores_are_made(box)
        tap.ok(not cores, "no core file" + ("" if made or cores else " # SKIP this system makes none in the working folder"), cores)
        box.out += [(f"{path}, while it was there", data) for (path, *_), data in watch.seen.items() if str(box.path) in path]
        box.out += [(f"the name {path}", os.path.basename(path).encode()) for path, *_ in watch.seen if str(box.path) in path]
        stores = tuple(str(box.path / name).encode() for name in ("mail", "box", "folder", "outside", "many", "small"))
        box.out += [(f"what a process showed, {shown[-60:]}", shown) for shown in watch.shown if not shown.startswith(stores)]
        tap.ok(len(watch.processes) > 10, "the processes were watched")
        search = Search(box.plants)
        test_search_can_find(box, search)
        leaks = {}
        for what, data in box.out:
            leaks.setdefault(data, what)
        if os.environ.get("LEAK_TIME"):
            print(f"# {len(leaks)} outputs, {sum(map(len, leaks))} bytes, {len(box.plants.markers)} markers")
        found = {}
        for data, what in leaks.items():
            for planted in search.find(data):
                found.setdefault(planted, []).append(what)
        leaks = [f"{planted}: in {len(places)}: {'; '.join(places[:3])}" for planted, places in sorted(found.items())]
        tap.ok(not leaks, f"none of {len(box.plants.markers) + len(box.plants.numbers)} planted markers and numbers stands in anything that came out", "\n".join(leaks))
        test_masks(box)
        test_modes(box)
        box.closed.chmod(0o700)  # else it could not be removed


print(f"# LEAK_SEED={SEED}")
for test in chosen():
    test()
sys.exit(tap.done())
