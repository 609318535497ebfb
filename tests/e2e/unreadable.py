"""What cannot be looked at is neither gone nor clean: it is told, it stays remembered, and nothing is said to be left of it.

Run as root, these tests act as a user without rights, since root may read everything.
"""
import base64
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import CARD, IBAN, NOBODY, Sandbox, Tap, chosen, mail, maildir, program_of_nobody  # noqa: E402

tap = Tap()


class Desk(Sandbox):
    """A configured Maildir with a subfolder, of a user to whom modes mean something."""

    def __init__(self, never_read=()):
        super().__init__()
        self.mail = maildir(self.path / "mail", [mail(1, f"Karte {CARD}\n", subject="[#7] eins")])
        maildir(self.path / "mail/.Sub", [mail(2, f"Karte {CARD}\n", subject="[#7] zwei")])
        self.write_configuration(never_read)
        self.path.chmod(0o777)
        self.program, self.user = program_of_nobody(self.path / "nobody")
        self.give()

    def write_configuration(self, never_read):
        closed = "".join(f'never_read = [ "{name}" ]; ' for name in never_read)
        (self.path / "desk.conf").write_text(
            f'stores = ( {{ name = "desk"; plugin = "mail"; path = "{self.path}/mail"; ticket_pattern = "[[]#([0-9]+)[]]"; {closed}}} );\n'
            f'ledger = {{ path = "{self.path}/record/ledger.db"; key_file = "{self.path}/record/site.key"; }};\n')

    def give(self):
        """Everything made so far is the user's."""
        for place in self.path.rglob("*") if os.geteuid() == 0 else ():
            os.chown(place, NOBODY, NOBODY, follow_symlinks=False)

    def go(self, *args, status=0):
        """Standard output, or what was written to standard error where the status is not the one."""
        done = subprocess.run([*self.program, "--config", "desk.conf", *map(str, args)], cwd=self.path,
                              env=dict(self.env, XDG_CACHE_HOME=str(self.path / "cache")), capture_output=True, text=True, **self.user)
        return done.stdout if done.returncode == status else f"exit {done.returncode}\n{done.stdout}{done.stderr}"


def scanned(text):
    """The summary of a scan in JSON Lines, and its reasons."""
    try:
        lines = [json.loads(line) for line in text.splitlines()]
    except ValueError:
        return text, []
    return lines[-1], [line["reason"] for line in lines if line["type"] == "not-looked-at"]


def scan(box, *args, status=0):
    return scanned(box.go("scan", "--store", "desk", "--format", "jsonl", *args, status=status))


def redact(box, *args, status=0):
    return box.go("redact", "--store", "desk", "--ticket", "7", "--kind", "credit-card", "--reason", "verified", *args, status=status)


def test_closed_folder():
    with Desk() as box:
        scan(box)
        os.chmod(box.path / "mail/.Sub/cur", 0)
        said = redact(box, "--strict", status=1)
        tap.ok("1 removed" in said and not said.startswith("exit"), "a folder that may not be read leaves a change incomplete", said)
        summary, reasons = scan(box, "--since", "2020-01-01", "--strict", status=1)
        tap.equal(reasons, ["cannot be read"], "a scan tells it, also where it is of no known date")
        os.chmod(box.path / "mail/.Sub/cur", 0o755)
        said = redact(box)
        tap.ok("1 removed, 0 left" in said, "and what is in it goes once it can be read", said)


def test_still_open():
    with Desk() as box:
        scan(box)
        before = box.go("report", "--format", "jsonl")
        os.chmod(box.path / "mail/.Sub/cur", 0)
        scan(box)
        kept = [json.loads(line) for line in box.go("report", "--format", "jsonl").splitlines()]
        opened = [line["value"] for line in kept if line["type"] == "figure" and "open" in line["key"]]
        was = [json.loads(line)["value"] for line in before.splitlines() if '"figure"' in line and "open" in json.loads(line)["key"]]
        tap.equal(opened, was, "what is open in a folder that may not be read stays open")


def test_unreadable_message():
    with Desk() as box:
        os.chmod(next((box.path / "mail/.Sub/cur").iterdir()), 0)
        said = redact(box, "--strict", status=1)
        tap.ok("1 removed" in said and not said.startswith("exit"), "a message that no one could read yet is not looked at in any ticket", said)


def test_folders():
    with Desk() as box:
        elsewhere = maildir(box.path / "elsewhere", [mail(3, f"Karte {CARD}\n")])
        (box.path / "mail/.Link").symlink_to(elsewhere)
        maildir(box.path / "mail/A/.hidden", [mail(4, f"Karte {CARD}\n")])
        maildir(box.path / "mail/.Sub/Nested", [mail(5, f"Karte {CARD}\n")])
        (box.path / "mail/.New/new").mkdir(parents=True)
        (box.path / "mail/.New/new/1700000009.M9P1.desk").write_bytes(mail(6, f"Karte {CARD}\n"))
        (box.path / "mail/.Half").mkdir()
        (box.path / "mail/.Half/cur").symlink_to(elsewhere / "cur")
        summary, reasons = scan(box, "--kind", "credit-card")
        tap.equal((summary["findings"], len(reasons)), (5, 2), "hidden, nested and half folders are read, links are told")


def test_queues():
    with Desk(never_read=["Betriebsrät"]) as box:
        said = box.go("scan", "--store", "desk", status=2)
        tap.equal(said, "", "a closed queue that is not there is no closed queue")
        maildir(box.path / "mail/.Betriebsr&AOQ-t", [mail(8, f"Karte {CARD}\n")])
        maildir(box.path / "mail/.Betriebsr&AOQ-t.2024", [mail(9, f"Karte {CARD}\n")])
        summary, reasons = scan(box, "--kind", "credit-card")
        tap.equal(summary["findings"], 2, "one that is there is closed with all below it, as people write it")
        for wrong in (["--queue", "Sbu"], ["--status", "open"]):
            said = box.go("scan", "--store", "desk", *wrong, status=2)
            tap.equal(said, "", f"{' '.join(wrong)}: there is no such thing, and that is said")


def test_key():
    with Desk() as box:
        scan(box)
        key = box.path / "record/site.key"
        key.write_text("0123456789abcdef" * 4 + "\n")
        said = box.go("scan", "--store", "desk", status=2)
        tap.equal(said, "", "a key that is not the record's is refused")


def test_path_of_store():
    with Desk() as box:
        for path in (box.path / "mail", box.path / "mail/.Sub", box.path):
            said = box.go("scan", path, status=2)
            tap.equal(said, "", f"the path {path.relative_to(box.path)} is the store's, or holds it")


def test_places_of_one_value():
    with Desk() as box:
        maildir(box.path / "mail/.Two", [mail(11, f"Karte {CARD}, noch einmal {CARD}\n", subject="[#8] zwei")])
        box.give()
        scan(box)
        box.go("plan", "--store", "desk", "--ticket", "8", "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl")
        lines = (box.path / "plan.jsonl").read_text().splitlines(keepends=True)
        (box.path / "plan.jsonl").write_text("".join(lines[:1] + lines[2:]))
        box.go("apply", "plan.jsonl", "--reason", "verified")
        cards = [line for line in box.go("report", "--format", "jsonl").splitlines() if '"open"' in line and '"credit-card"' in line]
        tap.equal([json.loads(line)["count"] for line in cards], [3], "of a value that stands twice the place that was left stays open")


def test_limit():
    with Desk() as box:
        summary, _ = scan(box, "--ticket", "7", "--limit", "1")
        tap.equal(summary["messages"], 1, "--limit holds within a ticket, too")


def test_policy_score():
    with Desk() as box:
        with open(box.path / "desk.conf", "a") as conf:
            conf.write('policies = ( { name = "low"; enabled = true; do = "redact"; reason = "verified"; when = { kinds = [ "driving-licence", "credit-card" ]; }; } );\n')
        maildir(box.path / "mail/.Low", [mail(12, "Nummer B072RRE2I55\n", subject="[#9] x")])
        box.go("plan", "--store", "desk", "--policy", "low", "-o", "plan.jsonl")
        kinds = {json.loads(line).get("kind") for line in (box.path / "plan.jsonl").read_text().splitlines()[1:]}
        tap.equal(kinds, {"credit-card"}, "a policy goes no lower than a scan shows")


def test_failed():
    """What was to go and is still there is not "0 left"."""
    with Desk() as box:
        box.go("scan", "--store", "desk")
        for folder in (box.mail / "cur", box.mail / "new", box.mail / "tmp"):
            folder.chmod(0o555)
        said = box.go("redact", "--store", "desk", "--ticket", "7", "--kind", "credit-card", "--reason", "verified", status=1)
        tap.ok("left (1 in messages not changed)" in said or "left (2 in messages not changed)" in said, "a place in a message that could not be changed is left", said)
        for folder in (box.mail / "cur", box.mail / "new", box.mail / "tmp"):
            folder.chmod(0o755)


def test_output():
    with Desk() as box:
        os.mkfifo(box.path / "pipe")
        (box.path / "kept").write_text("theirs")
        (box.path / "link").symlink_to(box.path / "kept")
        box.give()
        reader = os.open(box.path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        box.go("scan", "--store", "desk", "-o", "pipe")
        said = os.read(reader, 1 << 20)
        os.close(reader)
        tap.ok((box.path / "pipe").is_fifo() and b"credit-card" in said, "output into a pipe goes through it, and it stays one")
        tap.equal(box.go("scan", "--store", "desk", "-o", "link", status=3), "", "a symbolic link is not written through")
        tap.equal(box.go("scan", "--store", "desk", "-o", "nowhere/x", status=3), "", "a folder that is not there is not made")
        tap.ok(not (box.path / "nowhere").exists() and (box.path / "kept").read_text() == "theirs", "and nothing else was")


def test_mails_in_a_folder():
    with Sandbox() as box:
        encoded = (b"From: a@example.net\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
                   + base64.encodebytes(f"IBAN {IBAN}\n".encode()))
        folder = box.path / "folder"
        folder.mkdir()
        for name in ("1", "123.", "a.mail", "a.eml.1"):
            (folder / name).write_bytes(encoded)
        (folder / "box.txt").write_bytes(b"From a@example.org Tue Nov 14 08:00:00 2023\n" + encoded)
        done = box.run("scan", folder, "--kind", "iban", "--format", "jsonl")
        summary, reasons = scanned(done.stdout)
        tap.equal((summary["findings"], reasons), (4, ["no reader for this type"]), "mail in a folder is read whatever it is called; a mailbox in it is told")


def test_mbox_without_empty_lines():
    with Sandbox() as box:
        line = b"From a@example.org Tue Nov 14 08:00:00 2023\n"
        encoded = base64.encodebytes(f"Karte {CARD}\n".encode())
        second = b"Subject: x\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n" + encoded
        (box.path / "box").write_bytes(line + b"Subject: a\n\nText.\n" + line + second + line + second)
        summary, _ = scanned(box.run("scan", "box", "--kind", "credit-card", "--format", "jsonl").stdout)
        tap.equal((summary["messages"], summary["findings"]), (3, 2), "mail without an empty line between is parted")


if __name__ == "__main__":
    for test in chosen():
        test()
    sys.exit(tap.done())
