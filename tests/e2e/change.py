"""redact, shred, plan and apply, from outside: what goes, what stays, what is recorded; Python's email is the judge."""
import email
import email.policy
import json
import mailbox
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import CARD, IBAN, Sandbox, Tap, chosen, contents, mail, maildir  # noqa: E402

tap = Tap()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def three_tickets(box):
    return maildir(box.path / "mail", [
        mail(1, f"Meine Karte: {CARD}\n", parts=[("pass.png", "image/png", PNG)]),
        mail(2, f"> Meine Karte: 4111-1111-\n> 1111-1111\n\nDanke.\n", subject="Re: Frage", reply_to=1),
        mail(3, f"Kontonummer {IBAN}\n", subject="Konto"),
        mail(4, "Nichts Besonderes.\n", subject="Hallo"),
    ])


def refs(box, *args):
    lines = [json.loads(line) for line in box.run("scan", box.path / "mail", "--format", "jsonl", *args, check=0).stdout.splitlines()]
    return [line for line in lines if line["type"] == "finding"]


def test_redact_path():
    with Sandbox() as box:
        three_tickets(box)
        before = contents(box.path / "mail")
        done = box.run("redact", box.path / "mail", "--kind", "credit-card", "--reason", "verified", "--case", "REQ-1", check=0)
        after = contents(box.path / "mail")
        tap.equal(sorted(before), sorted(after), "no message vanished, none was added")
        changed = [name for name in before if before[name] != after[name]]
        tap.equal(len(changed), 2, "the two messages of the ticket were changed, no other")
        tap.ok(all(b"[credit-card removed]" in after[name] and CARD.encode() not in after[name] for name in changed), "the card is gone, also from the quote")
        tap.ok("2 removed" in done.stdout, "the outcome counts the places", done.stdout)
        entries = box.ledger("select state, action, kinds, reason, case_reference from entries order by sequence")
        tap.equal([row[0] for row in entries], ["intent", "intent", "done", "done"], "intents stand before what was done")
        tap.ok(all(row[1:] == ("redact", "credit-card=1", "verified", "REQ-1") for row in entries), "entries say what and why", entries)
        tap.equal(box.run("ledger", "verify").returncode, 0, "the ledger is good")
        box.run("redact", box.path / "mail", "--kind", "credit-card", "--reason", "verified", check=0)
        tap.equal(contents(box.path / "mail"), after, "a second run changes nothing")
        tap.equal(len(box.ledger("select * from entries")), 4, "and records nothing")


def test_shred():
    with Sandbox() as box:
        three_tickets(box)
        reference = refs(box)[0]["ref"].rsplit("/", 1)[0] + "/2"
        box.run("shred", reference, "--reason", "no-longer-needed", check=0)
        first = (box.path / "mail/cur/1700000001.M1P1.desk:2,S").read_bytes()
        message = email.message_from_bytes(first, policy=email.policy.default)
        parts = list(message.iter_attachments()) + [part for part in message.iter_parts()]
        stone = list(message.iter_parts())[1]
        tap.equal([part.get_content_type() for part in message.iter_parts()], ["text/plain", "text/plain"], "a text stands where the picture was")
        tap.ok("X-Deskshred" in stone and "png" in stone.get_content() and PNG[:8] not in first, "it says what it was", stone)
        tap.ok(f"Meine Karte: {CARD}" in list(message.iter_parts())[0].get_content(), "the text beside it is untouched", parts)
        before = contents(box.path / "mail")
        box.run("shred", reference, "--reason", "no-longer-needed", check=0)
        tap.equal(contents(box.path / "mail"), before, "a tombstone is not shredded again")
        row = box.ledger("select action, extension, media_type, size, part, reason from entries where state='done'")
        tap.equal(row, [("shred", "png", "image/png", len(PNG), "2", "no-longer-needed")], "the entry says what kind of file it was")


def test_plan_and_apply():
    with Sandbox() as box:
        three_tickets(box)
        before = contents(box.path / "mail")
        box.run("plan", box.path / "mail", "--do", "redact", "--kind", "credit-card", "--kind", "iban", "-o", "plan.jsonl", check=0)
        tap.equal(contents(box.path / "mail"), before, "a plan changes nothing")
        lines = (box.path / "plan.jsonl").read_text().splitlines()
        actions = [json.loads(line) for line in lines[1:]]
        tap.equal(sorted(action["kind"] for action in actions), ["credit-card", "credit-card", "iban"], "a line for each place")
        tap.ok(not any(digits in line for line in lines for digits in (CARD[:9], "41111111", IBAN[:14], "DE8937040044")), "it holds no value")
        kept = [line for line in lines if '"kind":"iban"' not in line]
        (box.path / "plan.jsonl").write_text("\n".join(kept) + "\n")
        box.run("apply", "plan.jsonl", "--reason", "verified", check=0)
        after = contents(box.path / "mail")
        tap.equal(sum(before[name] != after[name] for name in before), 2, "a deleted line is not carried out")
        edited = [kept[0]] + [line.replace('"part":"1"', '"part":"2"') for line in kept[1:]]
        (box.path / "plan.jsonl").write_text("\n".join(edited) + "\n")
        done = box.run("apply", "plan.jsonl", "--reason", "verified", check=2)
        tap.ok("plan.jsonl:2:" in done.stderr and "edited" in done.stderr, "an edited line is refused, with its place", done.stderr)


def test_changed_since():
    with Sandbox() as box:
        three_tickets(box)
        box.run("plan", box.path / "mail", "--do", "redact", "--kind", "credit-card", "--kind", "iban", "-o", "plan.jsonl", check=0)
        touched = box.path / "mail/cur/1700000003.M3P1.desk:2,S"
        touched.write_bytes(touched.read_bytes() + b"PS: noch etwas.\n")
        now = touched.read_bytes()
        done = box.run("apply", "plan.jsonl", "--reason", "verified", check=4)
        tap.ok("changed since the plan" in done.stdout, "the item of a changed message is refused", done.stdout)
        tap.ok("2 removed, 1 left (1 in other places)" in done.stdout, "and counted as left", done.stdout)
        tap.equal(touched.read_bytes(), now, "and its message left alone")
        tap.ok(CARD.encode() not in (box.path / "mail/cur/1700000001.M1P1.desk:2,S").read_bytes(), "the others were done")


def test_values():
    with Sandbox() as box:
        maildir(box.path / "mail", [
            mail(1, "Ich bin Erika Mustermann, Kundennummer KD-4711-0815.\n", subject="Erika Mustermann fragt"),
            mail(2, "Frau ERIKA\nMUSTERMANN (KD 47110815) und Erikas Mustermannschaft.\n"),
            mail(3, "Erika Musterfrau ist jemand anders; KD-4711-08155 auch.\n"),
        ])
        third = (box.path / "mail/cur/1700000003.M3P1.desk:2,S").read_bytes()
        box.run("redact", box.path / "mail", "--values-file", "-", "--reason", "erasure-request", stdin="Erika Mustermann\nKD-4711-0815\n", check=0)
        text = b"".join(contents(box.path / "mail").values())
        tap.ok(b"Mustermann," not in text and b"0815." not in text and b"MUSTERMANN" not in text and b"47110815)" not in text,
               "given values are gone in every spelling", text)
        tap.ok(b"Subject: [value removed] fragt" in text, "also from the subject")
        tap.ok(b"Mustermannschaft" in text, "whole words only")
        tap.equal((box.path / "mail/cur/1700000003.M3P1.desk:2,S").read_bytes(), third, "similar ones stay")
        ledger = (box.path / "state/deskshred/ledger.db").read_bytes()
        # Four digits alone would be found in a digest or an inode's number now and then.
        tap.ok(not any(part in ledger for part in (b"Mustermann", b"MUSTERMANN", b"KD-4711", b"4711-0815", b"47110815")), "the ledger does not hold them")


def test_common_values():
    """A password may be a word like any other: only what its own rule found goes, but in every part of the ticket."""
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, "Ihr Passwort: Sommer!2024x\nIm Sommer!2024x wird es warm.\n", parts=[("a.html", "text/html", b"<p>Passwort: Sommer!2024x</p>\n")]),
                                    mail(2, "> Passwort: Sommer!2024x\n", subject="Re: Frage", reply_to=1)])
        found = [line for line in refs(box, "--kind", "password", "--min-score", "0")]
        done = box.run("redact", found[0]["ref"], "--kind", "password", "--min-score", "0", "--reason", "verified", check=0)
        text = b"".join(contents(box.path / "mail").values())
        tap.ok(len(found) == 3 and refs(box, "--kind", "password", "--min-score", "0") == [], "a password that goes, goes from every place where one was found", done.stdout)
        tap.ok(b"Im Sommer!2024x wird" in text and f"{len(found)} removed, 0 left" in done.stdout, "and from no other", done.stdout)


def test_common_values_in_a_plan():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, "Passwort: Sommer!2024x\n", parts=[("a.html", "text/html", b"<p>Passwort: Sommer!2024x</p>\n")])])
        box.run("plan", box.path / "mail", "--do", "redact", "--kind", "password", "--min-score", "0", "-o", "plan.jsonl", check=0)
        lines = (box.path / "plan.jsonl").read_text().splitlines()
        tap.equal(len(lines), 3, "a line for each place")
        (box.path / "plan.jsonl").write_text("\n".join(lines[:2]) + "\n")
        done = box.run("apply", "plan.jsonl", "--reason", "verified", check=0)
        tap.ok("1 removed, 1 left" in done.stdout, "a place whose line was taken out is counted as left", done.stdout)


def test_given_values_not_found():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, "Ich bin Erika Mustermann.\n")])
        done = box.run("redact", box.path / "mail", "--values-file", "-", "--reason", "erasure-request", stdin="Erika Mustermann\nHarriet Quilfeather\n", check=0)
        tap.ok("1 removed" in done.stdout and "Of 2 given values 1 was found nowhere: number 2." in done.stdout and "Quilfeather" not in done.stdout,
               "a value that was found nowhere is told by its number", done.stdout)
        done = box.run("redact", box.path / "mail", "--values-file", "-", "--reason", "erasure-request", "--format", "jsonl", stdin="Erika Mustermann\n", check=0)
        row = next(json.loads(line) for line in done.stdout.splitlines() if json.loads(line)["type"] == "outcome")
        tap.equal((row["removed"], row["given_missing"]), (0, 1), "and for programs, too")


def test_mbox():
    with Sandbox() as box:
        path = box.path / "desk.mbox"
        with open(path, "wb") as out:
            for number, data in enumerate([mail(1, f"Karte {CARD}\n\nFrom here on we wait.\n"), mail(2, "nichts\n"), mail(3, f"{IBAN}\n")], 1):
                out.write(b"From kunde@example.net Tue Nov 14 08:00:0%d 2023\n" % number + data.replace(b"\nFrom ", b"\n>From ") + b"\n")
        os.chmod(path, 0o640)
        before = [bytes(message) for message in mailbox.mbox(path)]
        box.run("redact", path, "--kind", "credit-card", "--reason", "verified", check=0)
        after = [bytes(message) for message in mailbox.mbox(path)]
        tap.equal(len(after), 3, "an mbox keeps its messages")
        tap.ok(b"[credit-card removed]" in after[0] and before[1:] == after[1:], "only the one was changed")
        tap.equal(oct(os.stat(path).st_mode & 0o777), "0o640", "the file keeps its mode")
        tap.equal(sorted(os.listdir(box.path)), ["desk.mbox", "state"], "nothing is left beside it")


def test_folder():
    with Sandbox() as box:
        folder = box.path / "files"
        folder.mkdir()
        (folder / "a.csv").write_text(f"name;iban\nA;{IBAN}\n")
        (folder / "b.json").write_text('{"card": 4111111111111111, "note": "4111\\u00201111 1111 1111"}\n')
        done = box.run("redact", folder, "--kind", "iban", "--kind", "credit-card", "--reason", "verified", check=4)
        tap.ok("--in-place" in done.stderr + done.stdout, "a plain folder is changed only with --in-place", done.stderr + done.stdout)
        tap.ok(IBAN in (folder / "a.csv").read_text(), "and nothing was")
        box.run("redact", folder, "--kind", "iban", "--kind", "credit-card", "--reason", "verified", "--in-place", check=0)
        tap.equal((folder / "a.csv").read_text(), "name;iban\nA;[iban removed]\n", "text files are redacted")
        tap.equal(json.loads((folder / "b.json").read_text()), {"card": "[credit-card removed]", "note": "[credit-card removed]"}, "JSON stays JSON")


def test_dismiss():
    with Sandbox() as box:
        three_tickets(box)
        found = [line for line in refs(box, "--kind", "iban")]
        box.run("dismiss", found[0]["ref"], check=0)
        tap.equal(refs(box, "--kind", "iban"), [], "a dismissed finding is not reported again")
        before = contents(box.path / "mail")
        box.run("redact", box.path / "mail", "--kind", "iban", "--reason", "verified", check=0)
        tap.equal(contents(box.path / "mail"), before, "nor removed")


def still_open(box):
    report = [json.loads(line) for line in box.run("report", "--format", "jsonl", check=0).stdout.splitlines()]
    figure = [line for line in report if line["type"] == "figure" and line["key"] == "still_open"]
    return figure[0]["value"] if figure else None


def test_what_stays_open():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Karte {CARD}\nKonto {IBAN}\nTelefon 030 23125 123\n")])
        box.run("scan", box.path / "mail", check=0)
        before = still_open(box)
        box.run("scan", box.path / "mail", "--kind", "phone", check=0)
        tap.equal(still_open(box), before, "a scan that looks for one kind does not forget the others")
        box.run("redact", box.path / "mail", "--kind", "credit-card", "--reason", "verified", check=0)
        tap.ok(before is not None and int(still_open(box)) == int(before) - 1, "a change forgets what it removed, and no more", still_open(box))


def test_plan_of_weak_scores():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Tel 96894 {CARD}\n")])
        box.run("plan", box.path / "mail", "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl", check=0)
        box.run("apply", "plan.jsonl", "--reason", "verified", check=0)
        tap.ok(CARD.encode() not in contents(box.path / "mail")["cur/1700000001.M1P1.desk:2,S"], "a plan of an untouched store is carried out")


def test_shred_plan_with_copies():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, "Steuer-ID 8609/5742/719, wie im Anhang.\n",
                                         parts=[("a.csv", "text/csv", b"name;Steuer-ID\nX;86095742719\n"), ("b.csv", "text/csv", b"Steuer-ID: 86095742719\n")])])
        box.run("plan", box.path / "mail", "--do", "shred", "--kind", "tax-id", "-o", "plan.jsonl", check=0)
        box.run("apply", "plan.jsonl", "--reason", "verified", check=0)
        text = contents(box.path / "mail")["cur/1700000001.M1P1.desk:2,S"]
        parts = [part.get_content_type() for part in email.message_from_bytes(text).walk()]
        tap.ok(b"8609" not in text and text.count(b"X-Deskshred") == 2, "attachments become tombstones, and the copy in the text goes", text)
        tap.equal(parts, ["multipart/mixed", "text/plain", "text/plain", "text/plain"], "the tree is the same")
        kinds = box.ledger("select part, kinds from entries where action='shred' and state='done' order by part")
        tap.equal(kinds, [("2", "tax-id=1"), ("3", "tax-id=1")], "the record says for which kinds' sake")


def test_second_run():
    """Labels stand where rules look for values, behind words such as "password", and have such words in them."""
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Passwort: Geheim!2024x\nuser name: hquill77\napi token: ghp_1234567890abcdefghij1234567890abcdef\n"
                                            f"geboren am 12.11.1955\nKarte {CARD}\nCVV 123\nSession cookie: sid=0123456789abcdef0123456789abcdef\n"),
                                     mail(2, f"{CARD} 12/27\n")])
        kinds = ("password", "username", "token", "date-of-birth", "credit-card", "card-security", "cookie")
        everything = [word for kind in kinds for word in ("--kind", kind)]
        box.run("redact", box.path / "mail", *everything, "--min-score", "0", "--reason", "verified", check=0)
        after = contents(box.path / "mail")
        tap.ok(b"".join(after.values()).count(b" removed]") >= 5, "values of many kinds are gone", after)
        tap.equal([line["kind"] for line in refs(box, "--min-score", "0", *everything)], [], "no label is taken for a value")
        box.run("redact", box.path / "mail", *everything, "--min-score", "0", "--reason", "verified", check=0)
        tap.equal(contents(box.path / "mail"), after, "a second run changes nothing")


def test_restored():
    """A mailbox that was restored from elsewhere is not the one that a plan was made for, though all in it is the same."""
    with Sandbox() as box:
        path = three_tickets(box)
        box.run("plan", path, "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl", check=0)
        path.rename(box.path / "old")
        shutil.copytree(box.path / "old", path)
        before = contents(path)
        done = box.run("apply", "plan.jsonl", "--reason", "verified", check=4)
        tap.ok("not the one the plan was made for" in done.stderr, "a plan for another state of the store is refused", done.stderr)
        tap.equal(contents(path), before, "and nothing was changed")


def test_refusals():
    with Sandbox() as box:
        three_tickets(box)
        before = contents(box.path / "mail")
        for args, status in ((("redact", box.path / "mail", "--rule", "nosuch", "--reason", "verified"), 2),
                             (("redact", box.path / "mail", "--ticket", "nosuch", "--reason", "verified"), 2),
                             (("scan", box.path / "mail", "--ticket", "nosuch"), 2),
                             (("--jobs", "-3", "scan", box.path / "mail"), 2),
                             (("redact", box.path / "mail", "--reason", "verified"), 2),
                             (("redact", box.path / "mail", "--kind", "iban", "--reason", "verified", "--case", "anna@example.org"), 4),
                             (("redact", box.path / "mail", "--kind", "iban", "--reason", "verified", "--case", "\x1b[31m"), 2)):
            tap.equal(box.run(*args).returncode, status, f"refused: {' '.join(map(str, args[:1] + args[2:]))}".encode("ascii", "replace").decode())
        tap.equal(contents(box.path / "mail"), before, "nothing was changed")


for test in chosen():
    test()
sys.exit(tap.done())
