"""What hostile mail costs the whole program: each message of corpora/hostile_mail.py alone, scanned and redacted, within 5 s of
processor time and 256 MiB over all processes; what is ordinary in it found all the same, or a limit listed.  Then all of them
among ordinary mail, in a Maildir, an mbox and a folder: everything in the ordinary mail is found, and redacted.

By default some of each kind, those that once cost too much among them, and three times the time, since a test machine has other
things to do; DESKSHRED_HOSTILE=all takes all (half an hour), =GROUP[,GROUP] a group, =GROUP:TEXT those of it with TEXT in their
name, and the 5 s as they are.  A table is printed as comments.
"""
import collections
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../bench"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../corpora"))
import hostile_mail  # noqa: E402
import measure  # noqa: E402
from harness import DESKSHRED, IBAN, Sandbox, Tap, mail, maildir, skip_if_sanitized  # noqa: E402

SECONDS, MEMORY = 5 if os.environ.get("DESKSHRED_HOSTILE") else 15, 256 << 20
ORDINARY = 20
KINDS = ["--kind", "credit-card", "--kind", "iban", "--kind", "email"]
USUAL = {
    "a million parts with a type", "6 MB of a: lines", "From: a:a:a: of 81 KB", "From: a:a:a: of 10 MB", "To: a million addresses", "an empty boundary",
    "49 deep, 20 MB of --xx (the length of all)", "messages 100,000 deep, quoted-printable", "a header line of 50 MB", "a header line of 20 MB", "quoted-printable, one line of 20 MB", "uuencode lines that promise more", "base64, a byte a line", "110,000 IBANs in a table", "text: keys begun", "text: addresses", "text: 20 MB of dates",
    "malformed lines that go on, each looked far ahead", "Content-Length: 9223372036854775807", "zipped: 17,000 small messages",
    "application/json: nested a million deep", "1900 parts, each with all problems",
}
tap = Tap()


class Row:
    def __init__(self):
        self.count = 0
        self.scan = self.redact = 0.0
        self.memory = 0


def wanted():
    choice = os.environ.get("DESKSHRED_HOSTILE", "")
    if choice == "":
        return [case for case in hostile_mail.cases() if case.name in USUAL]
    groups, _, text = choice.partition(":")
    return [case for case in hostile_mail.cases(None if groups == "all" else groups.split(",")) if text in case.name]


def place(box, case, data):
    """The path to scan, and what a change of it needs."""
    if case.form == "eml":
        return maildir(box.path / "mail", [data]), []
    if case.form in ("mbox", "mbox.gz"):
        (box.path / f"box.{case.form}").write_bytes(data)
        return box.path / f"box.{case.form}", []
    (box.path / "files").mkdir()
    (box.path / "files" / f"a.{case.form}").write_bytes(data)
    return box.path / "files", ["--in-place"]


def run(box, *args):
    return measure.run([DESKSHRED, "--jobs", "2", *args], env=box.env, cwd=box.path)


def read(output):
    """Findings of the card, and reasons."""
    lines = [json.loads(line) for line in output.splitlines()]
    return (sum(line["type"] == "finding" and line["kind"] == "credit-card" for line in lines),
            collections.Counter(line["reason"] for line in lines if line["type"] == "not-looked-at"))


def within(cost):
    return cost.cpu < SECONDS and (cost.pss or cost.rss) < MEMORY


def cost_text(cost):
    return f"{cost.cpu:.1f} s, {measure.mebibytes(cost.pss or cost.rss)}"


def test_alone(case, table):
    with Sandbox() as box:
        data = case.make()
        path, needs = place(box, case, data)
        scan = run(box, "scan", path, "--format", "jsonl")
        cards, reasons = read(scan.stdout)
        name = f"{case.group}: {case.name}"
        told = cards >= data.count(hostile_mail.CARD) or any(reason.startswith("limit: ") for reason in reasons)
        tap.ok(scan.status == 0 and cards >= case.cards and told, f"{name}: what is ordinary in it is found, or a limit is listed",
               f"exit {scan.status}, {cards} of {case.cards} cards, not looked at: {dict(reasons)}\n{scan.stderr.decode()[:300]}")
        died = [reason for reason in reasons if reason in ("parser crashed", "limit: time")]
        tap.ok(within(scan) and not died, f"{name}: scanned within bounds ({cost_text(scan)})", f"{cost_text(scan)} {died}")
        row = table[case.group]
        row.count += 1
        row.scan, row.memory = max(row.scan, scan.cpu), max(row.memory, scan.pss or scan.rss)
        if case.form == "mbox.gz":
            return
        redact = run(box, "redact", path, *KINDS, "--reason", "verified", *needs)
        tap.ok(redact.status in (0, 1) and within(redact), f"{name}: redacted within bounds ({cost_text(redact)})",
               f"exit {redact.status}, {cost_text(redact)}\n{redact.stderr.decode()[:300]}")
        row.redact, row.memory = max(row.redact, redact.cpu), max(row.memory, redact.pss or redact.rss)


def ordinary():
    return [mail(number, f"The IBAN is {IBAN}, number {number}.\n", subject=f"Number {number}") for number in range(1, ORDINARY + 1)]


def fill(box, cases):
    """Ordinary and hostile mail by turns, in stores of each kind."""
    bad = [case.make() for case in cases if case.form == "eml"]
    good = ordinary()
    mixed = [data for i in range(max(len(good), len(bad))) for data in (good[i:i + 1] + bad[i:i + 1])]
    maildir(box.path / "mail", mixed)
    with open(box.path / "box", "wb") as mbox:
        for data in mixed:
            mbox.write(b"From a@example.org Tue Nov 14 08:00:00 2023\n" + data.replace(b"\nFrom ", b"\n>From ") + b"\n\n")
    (box.path / "files").mkdir()
    for number, data in enumerate(good):
        (box.path / "files" / f"good{number}.eml").write_bytes(data)
    for number, case in enumerate(cases):
        if case.form not in ("mbox", "mbox.gz"):
            (box.path / "files" / f"bad{number}.{case.form}").write_bytes(case.make())


def ibans(output):
    return sum(line["type"] == "finding" and line["kind"] == "iban" and line["where"] != "subject"
               for line in map(json.loads, output.splitlines()))


def test_among(cases):
    with Sandbox() as box:
        # Of what has more than a blob may have, something is left.
        fill(box, [case for case in cases if case.name != "text: addresses" and case.group != "values"])
        for store, needs in ("mail", []), ("box", []), ("files", ["--in-place"]):
            scan = run(box, "scan", store, "--format", "jsonl", "--kind", "iban")
            tap.ok(scan.status == 0 and ibans(scan.stdout) >= ORDINARY, f"{store}: everything in the ordinary mail is found",
                   f"exit {scan.status}, {ibans(scan.stdout)} of {ORDINARY}\n{scan.stderr.decode()[:300]}")
            redact = run(box, "redact", store, "--kind", "iban", "--reason", "verified", *needs)
            tap.ok(redact.status in (0, 1), f"{store}: a redact does its work, and tells what it could not look at", redact.status)
            again = run(box, "scan", store, "--format", "jsonl", "--kind", "iban")
            tap.equal((again.status, ibans(again.stdout)), (0, 0), f"{store}: and nothing is left of it")


def print_table(table):
    print("# group            variants  worst scan  worst redact  worst memory")
    for group, row in table.items():
        print(f"# {group:16s} {row.count:8d} {row.scan:9.1f} s {row.redact:11.1f} s {measure.mebibytes(row.memory):>13s}")


if __name__ == "__main__":
    skip_if_sanitized()
    cases = wanted()
    table = collections.defaultdict(Row)
    for one in cases:
        test_alone(one, table)
    test_among(cases)
    print_table(table)
    sys.exit(tap.done())
