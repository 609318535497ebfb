"""What the fault tests do to a store, and how they judge what is there then.

A scenario makes a box: a folder with a store, and with ledger, state and key under state/.  Its commands are run one after
the other; each reports success before the next begins.  judge_cut looks at a box as a power cut left it, judge_end at one
in which the program was run again.  Both give a list of what is wrong, empty if nothing is.
"""
import hashlib
import hmac
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time

import recording
from harness import CARD, DESKSHRED, IBAN, mail, maildir

SHIM = os.path.join(os.environ.get("TOP_BUILDDIR", "."), "tests/fault/shim.so")
CONFIGURATION = """
stores = ( {{ name = "support"; plugin = "mail"; path = "{box}/store"; ticket_pattern = "Ticket ([0-9]+)"; }} );
ledger = {{ path = "{box}/state/deskshred/ledger.db"; key_file = "{box}/key/site.key"; }};
"""
ACTION = rb"[a-z2-9_]{16}"
# An action's number and time stand in its tombstone, and differ from run to run.
VARIES = re.compile(rb"(id=|Record: )" + ACTION + rb"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def plain_mail(number, parts=()):
    data = mail(number, f"Karte {CARD}, Konto {IBAN}, Nummer {number}.\n" + "Text.\n" * (30 * number), subject=f"Ticket {number}", parts=parts)
    return re.sub(rb"={15}\d+==", b"boundary", data)


def mails():
    return [plain_mail(number) for number in (1, 2, 3)]


# ---- stores: how each is made, and which messages are in it ----


class Maildir:
    def make(self, path):
        maildir(path, mails())

    def messages(self, files):
        """The contents of messages, and what is not one (debris)."""
        good = re.compile(r"(^|/)(cur|new)/[^/]+$")
        return ({name: [data] for name, data in files.items() if good.search(name)}, [name for name in files if not good.search(name)])


class Subfolders(Maildir):
    def make(self, path):
        maildir(path, [plain_mail(1)])
        maildir(path / ".Archive.2023", [plain_mail(2)])
        maildir(path / ".Archive", [plain_mail(3)])
        (path / ".Archive/new/1700000009.M9P1.desk").write_bytes(plain_mail(4))
        # A name with its sizes, as Dovecot gives them: it changes with the content.
        sized = plain_mail(5)
        (path / f"cur/1700000010.M10P1.desk,S={len(sized)}:2,RS").write_bytes(sized)


class Attachments(Maildir):
    def make(self, path):
        maildir(path, [plain_mail(number, [("pass.pdf", "application/pdf", b"%PDF-1.4 x" * 60)]) for number in (1, 2)])


class Mbox:
    def make(self, path):
        with open(path, "wb") as out:
            for number, data in enumerate(mails(), 1):
                out.write(b"From kunde@example.net Tue Nov 14 08:%02d:00 2023\n" % number + data + b"\n")
        # An mbox that was changed just now is rewritten in another way (mbox-put.c): here the first command finds an old one.
        time.sleep(3.2)

    def messages(self, files):
        data = files.get("", b"")
        pieces = re.split(rb"(?:^|(?<=\n\n))From [^\n]*\n", data)
        # The empty line before the next one belongs to none.
        return {"": [piece[:-1] for piece in pieces[1:]]} if data else {}, [name for name in files if name]


class Single:
    def make(self, path):
        path.write_bytes(plain_mail(1))

    def messages(self, files):
        return {name: [data] for name, data in files.items() if not name}, [name for name in files if name]


class Folder:
    def make(self, path):
        (path / "below").mkdir(parents=True)
        (path / "one.txt").write_text(f"Karte {CARD}, Konto {IBAN}.\n" * 20)
        (path / "below/two.txt").write_text(f"Konto {IBAN}, Karte {CARD}.\n")

    def messages(self, files):
        return {name: [data] for name, data in files.items() if ".deskshred" not in name}, [name for name in files if ".deskshred" in name]


class Scenario:
    def __init__(self, name, store, store_name, commands):
        self.name, self.store, self.store_name, self.commands = name, store, store_name, commands
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deskshred-fault-"))
        self.box = self.folder / "box"
        self.box.mkdir()
        self.env = dict(os.environ, XDG_STATE_HOME=str(self.box / "state"), LC_ALL="C.UTF-8", G_DEBUG="")
        store.make(self.box / store_name)
        self.is_configured = "support" in str(commands)
        if self.is_configured:
            (self.box / "deskshred.conf").write_text(CONFIGURATION.format(box=self.box))
        nodes = {}
        self.before = recording.scan(self.box, nodes)
        self.promises, self.states = [], []

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- running ----

    def run(self, command, **faults):
        """Runs a command in the box; faults: FAULT_ variables of the shim.  Gives subprocess's result."""
        env = dict(self.env, LD_PRELOAD=SHIM, FAULT_ROOT=str(self.box), **faults) if faults else self.env
        return subprocess.run([DESKSHRED, "--jobs", "1", "--wait", "1", *command], cwd=self.box, env=env, capture_output=True, text=True)

    def record(self, commands, keep=False, **faults):
        """Runs commands under the shim; (recording, results).  keep: what they promise is to be kept."""
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        nodes, results = {}, []
        before = recording.scan(self.box, nodes)
        for command in commands:
            if keep:
                self.states.append(recording.scan(self.box, {}))
            results.append(self.run(command, FAULT_LOG=str(log), **faults))
            if results[-1].returncode != 0:
                break
            if keep:
                self.note_end(command)
        made = recording.Recording(before, nodes, log)
        return made, results

    def record_undisturbed(self):
        """All commands; what the box is like then is what every other way must lead to."""
        self.promises, self.states = [], []
        made, results = self.record(self.commands, keep=True)
        for result in results:
            if result.returncode != 0:
                raise RuntimeError(f"{self.name}: {result.stdout}{result.stderr}")
        self.wanted = self.store_files(recording.scan(self.box, {}))
        self.wanted_done = self.entries("select message, action, part, kinds from entries where state='done'")
        self.wanted_key = self.key()
        return made

    def restore(self, tree):
        recording.write(tree, str(self.box))

    # ---- looking ----

    def entries(self, sql):
        """The ledger's answer, from a copy: a look must not change what is looked at."""
        ledger = self.box / "state/deskshred/ledger.db"
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for ending in ("", "-wal", "-journal"):
                if os.path.exists(f"{ledger}{ending}"):
                    shutil.copy(f"{ledger}{ending}", folder)
            with sqlite3.connect(os.path.join(folder, "ledger.db")) as database:
                if not database.execute("select 1 from sqlite_master where name='entries'").fetchall():
                    return []
                return database.execute(sql).fetchall()

    def note_end(self, command):
        """What a command that reported success promised: the ledger's head, and what it wrote."""
        last = self.entries("select sequence, hash from entries order by sequence desc limit 1")
        outputs = [(path, (self.box / path).read_bytes()) for path in self.outputs([command])]
        self.promises.append(("%d:%s" % last[0] if last else None, outputs))

    def store_files(self, tree):
        """Name to (bytes, mode, time) of the store and of all beside it that is not ours."""
        found = {}
        for name, what in recording.flat(tree, times=True).items():
            first = name.strip("/").split("/")[0]
            if first.startswith(self.store_name) and not name.endswith("/"):
                found[name.strip("/")[len(self.store_name):]] = what
            elif not name.endswith("/") and first not in ("state", "key", "deskshred.conf") and name[1:] not in self.outputs(self.commands):
                found["beside: " + name] = what
        return {name: (VARIES.sub(rb"\1", data), mode, time) for name, (data, mode, time) in found.items()}

    def outputs(self, commands):
        return {words[words.index("-o") + 1] for words in commands if "-o" in words}

    def key(self):
        """The site's key; None if there is none that is whole."""
        where = "key/site.key" if self.is_configured else "state/deskshred/site.key"
        try:
            return bytes.fromhex((self.box / where).read_text()) or None
        except (OSError, ValueError):
            return None

    def digest(self, data):
        return hmac.new(self.key(), b"content\0" + data, hashlib.sha256).hexdigest()

    # ---- judging ----

    def messages(self):
        """The digests of all messages in the store, in names; and debris."""
        files = {name: what[0] for name, what in recording.flat(recording.scan(self.box, {})).items() if what[0] is not None}
        prefix = "/" + self.store_name
        own = {name[len(prefix):]: data for name, data in files.items() if name.startswith(prefix)}
        return self.store.messages(own)

    def judge_cut(self, n_ended=0):
        """Nothing may be lost, doubled, half written, changed without an intent, or recorded falsely; and what the commands
        that had ended wrote is there."""
        for path, data in (output for _, outputs in self.promises[:n_ended] for output in outputs):
            if not (self.box / path).is_file() or (self.box / path).read_bytes() != data:
                return [f"{path} was reported to be written, and is lost"]
        try:
            rows = self.entries("select sequence, state, message, digest_before, digest_after from entries where state in ('intent', 'done')")
        except sqlite3.DatabaseError as error:
            return [f"the ledger cannot be read: {error}"]
        messages, _ = self.messages()
        present = [data for contents in messages.values() for data in contents]
        first, _ = self.count_before()
        wrong = [f"{len(present)} messages instead of {first}"] if len(present) != first else []
        if not rows:
            original = sorted(data for contents in self.count_before()[1].values() for data in contents)
            return wrong + ([] if sorted(present) == original else ["a message was changed before an intent was recorded"])
        if self.key() is None:
            return wrong + ["the ledger has entries, but the site's key is lost"]
        return wrong + self.judge_record(rows, {self.digest(data) for data in present})

    def judge_record(self, rows, digests):
        wrong, may_be = [], {}
        for _, state, message, before, after in sorted(rows):
            known = may_be.setdefault(message, set())
            if state == "intent":
                known.update((before, after))
            else:
                known.intersection_update({after})
        for message, known in may_be.items():
            if not known & digests:
                wrong.append(f"message {message} is not in the store as the ledger says")
        known = {digest for digests_of in may_be.values() for digest in digests_of}
        recorded = {row[2] for row in rows}
        originals = {self.digest(data) for contents in self.count_before()[1].values() for data in contents}
        if len(recorded) and digests - known - originals:
            wrong.append("a message has content that is not its original and was never intended")
        return wrong

    def count_before(self):
        prefix = "/" + self.store_name
        files = {name[len(prefix):]: what[0] for name, what in recording.flat(self.before).items()
                 if name.startswith(prefix) and what[0] is not None}
        messages, _ = self.store.messages(files)
        return sum(map(len, messages.values())), messages

    def judge_end(self, n_ended=0, may_fail=False):
        """n_ended: how many commands had reported success before; may_fail: of some actions it was recorded that they failed."""
        heads = [head for head, _ in self.promises[:n_ended] if head]
        wrong = []
        found = self.store_files(recording.scan(self.box, {}))
        for name in sorted(set(found) | set(self.wanted)):
            if found.get(name) != self.wanted.get(name):
                wrong.append(f"store: {name}: " + ("is missing" if name not in found else "is left over" if name not in self.wanted else "differs"))
        done = self.entries("select message, action, part, kinds from entries where state='done'")
        # Messages' names may depend on the key, and if the power went before there was one, another is made.
        start = 0 if self.key() == self.wanted_key else 1
        done, wanted = (sorted(row[start:] for row in rows) for rows in (done, self.wanted_done))
        if done != wanted:
            wrong.append(f"ledger: done {done} instead of {wanted}")
        left = self.entries("select state from entries e where state <> 'scan' and sequence="
                            "(select max(sequence) from entries where action_id=e.action_id) and state not in ('done', 'abandoned')")
        if may_fail:
            left = [row for row in left if row != ("failed",)]
        if left:
            wrong.append(f"ledger: last states {left}")
        for head in (None, *heads):
            verified = self.run(["ledger", "verify", *(["--head", head] if head else [])])
            if verified.returncode != 0 and (head or self.entries("select 1 from entries")):
                wrong.append(f"ledger verify: {verified.stderr.strip()}")
        return wrong


def redact(store, kind, *more):
    return ["redact", store, "--kind", kind, "--reason", "verified", *more]


def all_scenarios():
    """By name, functions that make them."""
    shred = ["--config", "deskshred.conf", "shred", "support:1/1700000001.M1P1.desk/2", "support:2/1700000002.M2P1.desk/2", "--reason", "verified"]
    configured = ["--config", "deskshred.conf"]
    return {
        "maildir": lambda: Scenario("maildir", Maildir(), "store", [redact("store", "iban"), redact("store", "credit-card")]),
        "mbox": lambda: Scenario("mbox", Mbox(), "store", [redact("store", "iban"), redact("store", "credit-card")]),
        "subfolders": lambda: Scenario("subfolders", Subfolders(), "store", [redact("store", "iban")]),
        "shred": lambda: Scenario("shred", Attachments(), "store", [[*configured, "scan", "--store", "support", "-o", "scan.txt"], shred]),
        "apply": lambda: Scenario("apply", Maildir(), "store", [
            [*configured, "plan", "--store", "support", "--do", "redact", "--kind", "iban", "-o", "plan.jsonl"],
            [*configured, "apply", "plan.jsonl", "--reason", "verified"]]),
        "eml": lambda: Scenario("eml", Single(), "store.eml", [redact("store.eml", "iban", "--in-place")]),
        "folder": lambda: Scenario("folder", Folder(), "store", [redact("store", "iban", "--in-place")]),
    }
