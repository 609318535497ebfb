"""Whatever is wrong with what deskshred is given: the documented exit status, a message that says where and why, nothing
half done, nothing in the ledger, and no personal data in what is printed."""
import fcntl
import gzip
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import CARD, DESKSHRED, NOBODY, Sandbox, Tap, chosen, contents, mail, maildir, program_of_nobody  # noqa: E402

PERSON = "jane.roe@example.org"
SECRETS = (CARD, CARD.replace(" ", ""), PERSON, "jane.roe")
BODY = f"My card is {CARD}, write to {PERSON}.\n"
REDACT = ("--kind", "credit-card", "--reason", "verified")
tap = Tap()


class Desk(Sandbox):
    """A sandbox with a Maildir of three messages, and a judge of what a refused command leaves."""

    def __init__(self):
        super().__init__()
        self.path.chmod(0o755)
        self.mail = maildir(self.path / "mail", [mail(number, BODY, subject=f"Number {number}") for number in (1, 2, 3)])

    def entries(self):
        ledger = self.path / "state/deskshred/ledger.db"
        return self.ledger("select count(*) from entries")[0][0] if ledger.exists() else 0

    def mbox(self, name="box", text=None):
        path = self.path / name
        text = text if text is not None else "".join(f"From a@example.org Tue Nov 14 08:00:0{n} 2023\n{mail(n, BODY).decode()}\n" for n in (1, 2))
        path.write_text(text)
        return path

    def refused(self, name, status, words, *args, stdin=None, run=None, changed=False):
        """Runs deskshred; words: what the message must say (a string, or several)."""
        before, entries = contents(self.mail), self.entries()
        if run is not None:
            done = run(*args)
        else:
            done = self.run(*args, stdin=stdin)
        said = done.stdout + done.stderr
        words = (words,) if isinstance(words, str) else words
        missing = [word for word in words if word not in said]
        leaked = [secret for secret in SECRETS if secret in said]
        good = done.returncode == status and not missing and not leaked
        if not changed:
            good = good and contents(self.mail) == before and self.entries() == entries
        tap.ok(good, name, f"exit {done.returncode}, wanted {status}; missing {missing}; leaked {len(leaked)}; entries {self.entries() - entries}\n{said}")
        return done


def configuration(box, text, name="desk.conf"):
    path = box.path / name
    base = f'ledger = {{ path = "{box.path}/state/deskshred/ledger.db"; key_file = "{box.path}/state/deskshred/site.key"; }};\n'
    path.write_text(base + text)
    return path


def as_nobody(box, *args):
    """deskshred as a user without rights."""
    home = box.path / "nobody"
    program, user = program_of_nobody(home)
    os.chown(home, NOBODY, NOBODY)
    return subprocess.run([*program, *map(str, args)], cwd="/", env=dict(box.env, XDG_STATE_HOME=str(home)), capture_output=True, text=True, **user)


def test_usage():
    with Desk() as box:
        box.refused("no command", 2, "which command")
        box.refused("an unknown command", 2, 'no command "frobnicate"', "frobnicate")
        box.refused("an unknown global option", 2, "--frobnicate", "--frobnicate", "scan", box.mail)
        box.refused("an unknown option", 2, "--frobnicate", "scan", "--frobnicate", box.mail)
        box.refused("no target", 2, "on what", "scan")
        box.refused("an unknown kind", 2, 'no kind "shoe-size"', "scan", box.mail, "--kind", "shoe-size")
        box.refused("an unknown place", 2, ('no place "attic"', "body"), "scan", box.mail, "--where", "attic")
        box.refused("an unknown format", 2, ('"docx"', "jsonl"), "scan", box.mail, "--format", "docx")
        box.refused("a time that is none", 2, '"yesterday"', "scan", box.mail, "--since", "yesterday")
        box.refused("a score beyond 100", 2, "--min-score", "scan", box.mail, "--min-score", "101")
        box.refused("a number that is none", 2, "many", "--jobs", "many", "scan", box.mail)
        box.refused("more workers than can be", 2, "--jobs", "--jobs", "1000000", "scan", box.mail)
        box.refused("no reason", 2, "--reason", "redact", box.mail, "--kind", "credit-card")
        box.refused("an unknown reason", 2, ("no such code", "verified"), "redact", box.mail, "--kind", "credit-card", "--reason", "because")
        box.refused("an unknown rule", 2, "no-such-rule", "scan", box.mail, "--rule", "no-such-rule")
        box.refused("a case with an address in it", 4, "--case", "redact", box.mail, *REDACT, "--case", PERSON)
        box.refused("a case with a given value in it", 4, ("--case", "for ever"), "redact", box.mail, "--values-file", "-", "--reason", "verified",
                    "--case", "re: lena_brandtstetter", stdin="Lena Brandtstetter\n")
        box.refused("a case that is a text", 2, "--case", "redact", box.mail, *REDACT, "--case", "x" * 200)
        box.refused("--actor without permission", 4, "--actor", "--actor", "agent", "redact", box.mail, *REDACT)
        box.refused("--show-values without permission", 4, "--show-values", "scan", box.mail, "--show-values")
        box.refused("values in a file", 2, "--values-file", "redact", box.mail, "--values-file", "values.txt", "--reason", "verified")
        box.refused("no values on standard input", 2, "no value", "redact", box.mail, "--values-file", "-", "--reason", "verified", stdin="\n\n")
        box.refused("a value too short", 2, "line 2", "redact", box.mail, "--values-file", "-", "--reason", "verified", stdin=f"{CARD}\nab\n")
        box.refused("a path and a store", 2, "one PATH", "scan", box.mail, "--store", "support")
        box.refused("a store that is not configured", 2, '"support"', "scan", "--store", "support")


def test_references():
    with Desk() as box:
        findings = [json.loads(line) for line in box.run("scan", box.mail, "--format", "jsonl", check=0).stdout.splitlines()]
        ref = next(line["ref"] for line in findings if line["type"] == "finding")
        store, rest = ref.split(":", 1)
        ticket, message, _ = rest.split("/")
        box.refused("a reference of an unknown store", 2, '"nowhere"', "shred", "nowhere:1/2/3", "--reason", "verified")
        box.refused("a reference to no ticket", 2, "no such ticket", "redact", f"{store}:t0000", *REDACT)
        box.refused("a reference to no message", 2, "message", "redact", f"{store}:{ticket}/0000000000000000", *REDACT)
        box.refused("a reference to no part: it says so", 1, "no such attachment", "shred", f"{store}:{ticket}/{message}/7", "--reason", "verified")
        box.refused("references of two stores", 2, "one store", "redact", ref, f"other:{rest}", *REDACT)
        box.refused("a reference that is malformed", 2, "reference", "redact", f"{store}:{ticket}/%zz", *REDACT)
        folder = box.path / "a:1"
        folder.mkdir()
        (folder / "note.txt").write_text(BODY)
        tap.equal(box.run("scan", "a:1", "--format", "csv").returncode, 0, "a folder named like a reference is a folder")


def test_paths():
    with Desk() as box:
        box.refused("a path that is not there", 2, ("/nowhere", "no such file"), "scan", box.path / "nowhere")
        box.refused("a change of what is not there", 2, "no such file", "redact", box.path / "nowhere", *REDACT)
        folder = box.path / "folder"
        folder.mkdir()
        (folder / "note.txt").write_text(BODY)
        tap.ok("credit-card" in box.run("scan", folder, check=0).stdout, "a folder of files can be scanned")
        box.refused("its files are not changed without --in-place", 4, "--in-place", "redact", folder, *REDACT)
        tap.equal((folder / "note.txt").read_text(), BODY, "and were not")
        box.run("redact", folder, *REDACT, "--in-place", check=0)
        tap.ok(CARD not in (folder / "note.txt").read_text(), "with it they are")
        for name, make in (("an empty Maildir", lambda p: maildir(p, [])), ("an empty mbox", lambda p: p.write_bytes(b"")), ("an empty folder", lambda p: p.mkdir())):
            place = box.path / name.replace(" ", "-")
            make(place)
            tap.equal(box.run("scan", place).returncode, 0, f"{name} is scanned")
        empty = box.path / "empty.eml"
        empty.write_bytes(b"")
        tap.equal(box.run("scan", empty).returncode, 0, "a message of no bytes is scanned")
        box.refused("but is not known to be mail, so it is changed in place only", 4, "--in-place", "redact", empty, *REDACT)
        tap.equal(empty.read_bytes(), b"", "it stays as it was")
        fifo = box.path / "fifo"
        os.mkfifo(fifo)
        box.refused("a pipe", 2, "fifo", "scan", fifo)
        box.refused("a device", 2, "/dev/null", "scan", "/dev/null")


def test_unreadable():
    if os.geteuid() != 0:
        tap.ok(True, "what may not be read # SKIP needs root")
        return
    with Desk() as box:
        box.mail.chmod(0o700)
        box.refused("a Maildir that may not be read", 2, "mail", "scan", box.mail, run=lambda *args: as_nobody(box, *args))
        box.mail.chmod(0o755)
        one = sorted((box.mail / "cur").iterdir())[0]
        one.chmod(0o600)
        done = as_nobody(box, "scan", box.mail, "--format", "jsonl")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        tap.ok(done.returncode in (0, 1) and lines[-1]["type"] == "summary" and any(line["type"] == "not-looked-at" for line in lines),
               "one message that may not be read is listed, the others are scanned", done.stdout + done.stderr)
        tap.ok("jane.roe" not in done.stdout + done.stderr, "and nobody is named")
        key = box.path / "nobody/deskshred/site.key"
        key.chmod(0o644)
        box.refused("a key that others may read", 2, ("site.key", "readable by others"), "scan", box.mail, run=lambda *args: as_nobody(box, *args))
        key.chmod(0o600)
        (box.path / "nobody/deskshred").chmod(0o500)
        os.chown(box.path / "nobody/deskshred", 0, 0)
        box.refused("a state folder that may not be entered", 3, "site.key", "scan", box.mail, run=lambda *args: as_nobody(box, *args))


def test_state():
    with Desk() as box:
        box.run("scan", box.mail, check=0)
        home = box.path / "state/deskshred"
        key = home / "site.key"
        whole = key.read_bytes()
        for name, data in (("empty", b""), ("too short", whole[:40] + b"\n"), ("no hexadecimal", b"x" * 64 + b"\n")):
            key.write_bytes(data)
            box.refused(f"a key that is {name}", 2, ("site.key", "not a site key"), "scan", box.mail)
        key.write_bytes(whole)
        key.chmod(0o644)
        box.refused("a key readable by others", 2, ("site.key", "chmod 600"), "scan", box.mail)
        key.chmod(0o600)
        ledger = home / "ledger.db"
        ledger.write_bytes(b"no database, but some text that is long enough to be taken for one" * 40)
        done = box.run("redact", box.mail, *REDACT)
        tap.ok(done.returncode == 3 and "ledger.db" in done.stderr and "not a" in done.stderr, "a ledger that is none: exit 3, and nothing changed", done.stderr)
        ledger.unlink()
        for name in home.glob("ledger.db-*"):
            name.unlink()
        box.run("redact", box.mail, "--kind", "iban", "--reason", "verified", check=0)
        ledger.chmod(0o622)
        box.refused("a ledger that others may write", 3, ("ledger.db", "chmod go-w"), "redact", box.mail, *REDACT)
        ledger.chmod(0o640)
        box.run("redact", box.mail, "--kind", "iban", "--reason", "verified", check=0)
        tap.ok(True, "a ledger that others may read is written")
        import sqlite3
        with sqlite3.connect(ledger) as database:
            database.execute("pragma user_version = 999")
        database.close()
        done = box.run("redact", box.mail, *REDACT)
        tap.ok(done.returncode == 3 and "newer" in done.stderr, "a ledger of a newer version: exit 3", done.stderr)
        tap.ok(all(CARD.encode() in data for data in contents(box.mail).values()), "and nothing was changed by either")
    with Desk() as box:
        (box.path / "state").write_text("a file where the folder should be")
        box.refused("XDG_STATE_HOME is a file", 3, "state", "redact", box.mail, *REDACT)


def test_configuration():
    with Desk() as box:
        box.run("scan", box.mail, check=0)
        bad = (("a syntax error", "stores = (\n", "desk.conf:"), ("an unknown key", 'leger = "x";\n', ("desk.conf:2", "leger")),
               ("a wrong type", "packs = 7;\n", ("desk.conf:2", "packs")), ("an unknown kind", 'policies = ( { name = "p"; enabled = false; when = { kinds = [ "shoe" ]; }; do = "redact"; reason = "verified"; } );\n', ("desk.conf:2", "shoe")),
               ("an unknown plugin", 'stores = ( { name = "a"; plugin = "pigeon"; path = "/x"; } );\n', "pigeon"),
               ("a store named twice", f'stores = ( {{ name = "a"; plugin = "mail"; path = "{box.mail}"; }},\n  {{ name = "a"; plugin = "mail"; path = "{box.mail}"; }} );\n', ("desk.conf:3", "a")),
               ("a pattern that does not compile", f'stores = ( {{ name = "a"; plugin = "mail"; path = "{box.mail}"; ticket_pattern = "(["; }} );\n', "desk.conf:2"),
               ("a folder included", '@include "/"\n', ("desk.conf:2", "only a file can be included")),
               ("a device included", '@include "/dev/zero"\n', ("desk.conf:2", "only a file can be included")),
               ("a file included that is not there", '@include "nowhere.conf"\n', "desk.conf:2"),
               ("itself included", f'@include "{box.path}/desk.conf"\n' * 3, "desk.conf:"))
        (box.path / "more.conf").write_text(f'# more\n  @include "{box.path}"\n')
        for name, text, words in bad:
            box.refused(f"configuration: {name}", 2, words, "--config", configuration(box, text), "scan", "--store", "a")
        box.refused("configuration: a folder included by what is included", 2, ("more.conf:2", "only a file can be included"),
                    "--config", configuration(box, f'@include "{box.path}/more.conf"\n'), "scan", "--store", "a")
        box.refused("a configuration that is not there", 2, "nowhere.conf", "--config", box.path / "nowhere.conf", "scan", box.mail)
        good = configuration(box, f'stores = ( {{ name = "a"; plugin = "mail"; path = "{box.mail}"; }} );\n', "good.conf")
        box.refused("a whole store is not redacted at once", 2, "plan", "--config", good, "redact", "--store", "a", *REDACT)
        box.refused("an unknown policy", 2, "no-such", "--config", good, "plan", "--store", "a", "--policy", "no-such")


def test_packs():
    head = 'id = "site"; version = 1; title = "Site"; country = "*"; language = "*";\nrules = (\n'
    rule = '  { id = "%s"; kind = "account-id"; title = "T"; source = "s"; pattern = "%s"; score = 50; examples = [ "ab12" ]; counterexamples = [ "x" ]; }'
    packs = (("a pattern that does not compile", head + rule % ("one", "(ab") + " );\n", ("site.conf:3", "one")),
             ("a dot", head + rule % ("one", "ab..") + " );\n", "site.conf:3"),
             ("no end of a repeat", head + rule % ("one", "ab[0-9]+") + " );\n", "site.conf:3"),
             ("no examples", head + (rule % ("one", "ab[0-9]{2}")).replace('examples = [ "ab12" ]; counter', "counter", 1) + " );\n", ("site.conf:3", "example")),
             ("an id twice", head + rule % ("one", "ab[0-9]{2}") + ",\n" + rule % ("one", "ab[0-9]{2}") + " );\n", ("site.conf:4", "one")),
             ("an unknown key", head + (rule % ("one", "ab[0-9]{2}")).replace("score", "skore") + " );\n", ("site.conf:3", "skore")),
             ("a folder included", head + rule % ("one", "ab[0-9]{2}") + ' );\n@include "/"\n', ("site.conf:4", "only a file can be included")),
             ("an example that does not match", head + (rule % ("one", "cd[0-9]{2}")) + " );\n", "one"))
    with Desk() as box:
        rules = box.path / "rules"
        rules.mkdir()
        for name, text, words in packs:
            (rules / "site.conf").write_text(text)
            command = ("rules", "check") if "does not match" in name else ("scan", box.mail)
            box.refused(f"pack: {name}", 2, words, "--rules", rules, *command)
        box.refused("a folder of packs that is not there", 2, "nothing-here", "--rules", box.path / "nothing-here", "scan", box.mail)


def make_plan(box, name="plan", target=None):
    plan = box.path / name
    box.run("plan", target or box.mail, "--do", "redact", "--kind", "credit-card", "-o", plan, check=0)
    return plan


def test_plans():
    with Desk() as box:
        plan = make_plan(box)
        lines = plan.read_text().splitlines(keepends=True)
        tap.ok(len(lines) == 4, "a plan of three actions", len(lines))
        other = maildir(box.path / "other", [mail(1, BODY)])
        foreign = make_plan(box, "foreign", other)

        def variant(name, text):
            path = box.path / name
            path.write_text(text)
            return path
        apply = ("--reason", "verified")
        box.refused("a plan that is not there", 2, "nowhere.plan", "apply", box.path / "nowhere.plan", *apply)
        box.refused("no plan, but a mail", 2, ":1", "apply", variant("mail.plan", mail(1, BODY).decode()), *apply)
        box.refused("an empty plan", 2, "empty.plan", "apply", variant("empty.plan", ""), *apply)
        box.refused("a plan without a header", 2, "header", "apply", variant("headless.plan", "".join(lines[1:])), *apply)
        box.refused("two headers", 2, ("two.plan:5", "second header"), "apply", variant("two.plan", "".join(lines) + "".join(lines)), *apply)
        box.refused("a line cut off", 2, "cut.plan:4", "apply", variant("cut.plan", "".join(lines)[:-30]), *apply)
        box.refused("a line that is nested deeply", 2, "deep.plan:2", "apply", variant("deep.plan", lines[0] + "[" * 3000000 + "\n"), *apply)
        box.refused("a header that is nested deeply", 2, "deep.plan:1", "apply", variant("deep.plan", '{"a":' * 1000000 + "\n"), *apply)
        box.refused("a NUL in a line", 2, "nul.plan:2", "apply", variant("nul.plan", lines[0] + lines[1].rstrip("\n") + "\0junk\n"), *apply)
        steering = box.run("apply", variant("steer.plan", '{"type":"plan","version":1,"store":"\\u001b[31mX\\u0007"}\n'), *apply)
        tap.ok(steering.returncode == 2 and "\x1b" not in steering.stderr and "\x07" not in steering.stderr, "a plan does not steer the terminal",
               repr(steering.stderr))
        box.refused("another's header", 2, ("mixed.plan:2", "another plan"), "apply", variant("mixed.plan", foreign.read_text().splitlines(keepends=True)[0] + "".join(lines[1:])), *apply)
        action = json.loads(lines[1])
        for field, value in action.items():
            changed = dict(action)
            changed[field] = value + 1 if isinstance(value, int) else ("0" if value[:1] != "0" else "1") + value[1:]
            text = lines[0] + json.dumps(changed, separators=(",", ":")) + "\n" + "".join(lines[2:])
            box.refused(f"a plan whose {field} was edited", 2, ("edited.plan:2",), "apply", variant("edited.plan", text), *apply)
        for field, value in json.loads(lines[0]).items():
            header = json.loads(lines[0])
            header[field] = value + 1 if isinstance(value, int) else ("0" if value[:1] != "0" else "1") + value[1:]
            done = box.run("apply", variant("header.plan", json.dumps(header, separators=(",", ":")) + "\n" + "".join(lines[1:])), *apply)
            tap.ok(done.returncode in (2, 4) and done.stderr != "" and box.entries() == 0, f"a plan whose header's {field} was edited", f"{done.returncode} {done.stderr}")
        box.run("apply", variant("short.plan", "".join(lines[:2])), *apply, check=0)
        touched = [name for name, data in contents(box.mail).items() if CARD.encode() not in data]
        tap.equal(len(touched), 1, "of a plan with deleted lines only the rest is done")
    with Desk() as box:
        plan = make_plan(box)
        first = sorted((box.mail / "cur").iterdir())[0]
        first.write_bytes(first.read_bytes() + b"One more line.\n")
        done = box.run("apply", plan, "--reason", "verified")
        left = [name for name, data in contents(box.mail).items() if CARD.encode() in data]
        tap.ok(done.returncode == 4 and len(left) == 1 and left[0].endswith(first.name), "a message changed since is refused, the others are done",
               f"{done.returncode} {left}\n{done.stdout}{done.stderr}")
        tap.ok(all(secret not in done.stdout + done.stderr for secret in SECRETS), "and nobody is named")


def test_locks():
    with Desk() as box:
        path = box.mbox()
        before = path.read_bytes()
        with open(path, "r+b") as held:
            fcntl.lockf(held, fcntl.LOCK_EX)
            begun = time.monotonic()
            box.refused("an mbox locked by fcntl", 75, "locked", "--wait", "1", "redact", path, *REDACT, changed=True)
            tap.ok(time.monotonic() - begun < 10, "it did not wait longer than it was told")
            tap.equal(box.run("--wait", "1", "scan", path).returncode, 0, "a scan takes no lock")
        dot = box.path / "box.lock"
        dot.write_text("")
        box.refused("an mbox with a dot lock", 75, "locked", "--wait", "1", "redact", path, *REDACT, changed=True)
        left = box.ledger("select count(*) from entries where state = 'intent'")[0][0] - box.ledger("select count(*) from entries where state in ('failed', 'abandoned')")[0][0]
        tap.equal(left, 0, "every intent of both runs was abandoned")
        tap.ok(dot.exists(), "another's dot lock is left alone")
        dot.unlink()
        tap.equal(path.read_bytes(), before, "neither changed the mbox")
        box.run("redact", path, *REDACT, check=0)
        tap.ok(CARD.encode() not in path.read_bytes(), "unlocked it is redacted")


def test_forms():
    with Desk() as box:
        packed = box.path / "box.gz"
        packed.write_bytes(gzip.compress(box.mbox().read_bytes()))
        tap.ok("credit-card" in box.run("scan", packed, check=0).stdout, "a compressed mbox can be scanned")
        before = packed.read_bytes()
        box.refused("but not changed", 4, "compressed", "redact", packed, *REDACT)
        tap.equal(packed.read_bytes(), before, "and was not")
        packed.write_bytes(before[:-20])
        box.refused("a compressed mbox cut short", 3, "damaged", "scan", packed)
        link = box.path / "link"
        link.symlink_to("box")
        done = box.run("redact", link, *REDACT)
        tap.ok(link.is_symlink() and done.returncode in (0, 2, 4), "a mailbox behind a symbolic link: the link stays one", done.stderr)
        if done.returncode == 0:
            tap.ok(CARD.encode() not in (box.path / "box").read_bytes(), "and what it names was changed")
        one, two, three = sorted((box.mail / "cur").iterdir())
        os.link(one, box.path / "hard")
        outside = box.path / "outside"
        outside.write_bytes(two.read_bytes())
        two.unlink()
        two.symlink_to(outside)
        done = box.run("redact", box.mail, *REDACT)
        tap.ok("hard link" in done.stdout, "a message with a further hard link is reported", done.stdout + done.stderr)
        tap.ok(CARD.encode() in (box.path / "hard").read_bytes(), "the other link keeps the old content")
        tap.ok(CARD.encode() in outside.read_bytes() and two.is_symlink(), "a symbolic link in a Maildir is not followed", done.stdout + done.stderr)
        tap.ok(CARD.encode() not in three.read_bytes(), "the rest is done")


def run_with(box, *args, **streams):
    return subprocess.run([DESKSHRED, *map(str, args)], cwd=box.path, env=box.env, text=True, **streams)


def test_streams():
    with Desk() as box:
        with open("/dev/full", "w") as full:
            for form in ("text", "csv", "jsonl", "html"):
                done = run_with(box, "scan", box.mail, "--format", form, stdout=full, stderr=subprocess.PIPE)
                tap.ok(done.returncode == 3 and "No space" in done.stderr, f"a full disk behind standard output, {form}", f"{done.returncode} {done.stderr}")
            done = run_with(box, "plan", box.mail, "--do", "redact", "--kind", "credit-card", stdout=full, stderr=subprocess.PIPE)
            tap.ok(done.returncode == 3 and "No space" in done.stderr, "a full disk behind a plan", f"{done.returncode} {done.stderr}")
        done = run_with(box, "scan", box.mail, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
        tap.ok(done.returncode == 3 and done.stderr.startswith("deskshred"), "standard output is closed", f"{done.returncode} {done.stderr}")
        done = run_with(box, "scan", box.mail, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(0))
        tap.ok(done.returncode == 0 and "credit-card" in done.stdout, "standard input is closed", f"{done.returncode} {done.stderr}")
        done = run_with(box, "redact", box.mail, "--values-file", "-", "--reason", "verified", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                        preexec_fn=lambda: os.close(0))
        tap.ok(done.returncode in (2, 3) and done.stderr != "" and box.entries() == 0, "values from a closed standard input", f"{done.returncode} {done.stderr}")
        for closed in ((0, 1), (1, 2), (0, 1, 2)):
            before = contents(box.mail)
            run_with(box, "scan", box.mail, preexec_fn=lambda: [os.close(fd) for fd in closed], close_fds=False, stdin=None)
            tap.ok(contents(box.mail) == before and box.run("ledger", "verify").returncode in (0, 3),
                   f"descriptors {', '.join(map(str, closed))} closed: nothing is written into what is opened instead")
        output = box.path / "missing" / "report.csv"
        box.refused("output into a folder that cannot be made", 3, "/proc/", "scan", box.mail, "-o", "/proc/report.csv")
        tap.ok(not output.exists(), "and none is left")


if __name__ == "__main__":
    for test in chosen():
        test()
    sys.exit(tap.done())
