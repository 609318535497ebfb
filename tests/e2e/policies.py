#!/usr/bin/env python3
"""Policies: planned, confirmed, applied for their own reason; and a plan that is applied again."""
import json
import sqlite3
import sys

from harness import CARD, IBAN, Sandbox, Tap, chosen, contents, mail, maildir

tap = Tap()
CARDS = '{ name = "cards"; enabled = true; do = "redact"; reason = "retention"; when = { kinds = [ "credit-card" ]; }; }'
IBANS = '{ name = "ibans"; enabled = true; do = "redact"; reason = "no-longer-needed"; when = { kinds = [ "iban" ]; }; }'
FILES = '{ name = "files"; enabled = true; do = "shred"; reason = "verified"; when = { kinds = [ "iban" ]; media_types = [ "text/csv" ]; }; }'


def configure(box, *policies):
    folder = box.path / "etc"
    folder.mkdir(exist_ok=True)
    (folder / "desk.conf").write_text(
        f'stores = ( {{ name = "desk"; plugin = "mail"; path = "{box.path}/mail"; }} );\n'
        f'ledger = {{ path = "{box.path}/record/ledger.db"; key_file = "{box.path}/record/site.key"; }};\n'
        'brake = { share = 1.0; };\n'
        f"policies = ( {', '.join(policies)} );\n")


def desk(box, *args, **more):
    return box.run("--config", "etc/desk.conf", *args, **more)


def entries(box, sql):
    with sqlite3.connect(box.path / "record/ledger.db") as database:
        return database.execute(sql).fetchall()


def two_tickets(box):
    return maildir(box.path / "mail", [
        mail(1, f"Karte {CARD}\nKonto {IBAN}\n", subject=f"Konto {IBAN}"),
        mail(2, f"Nochmal {CARD}\n", reply_to=1),
        mail(3, "Anbei die Liste.\n", parts=[("a.csv", "text/csv", f"IBAN {IBAN}\n".encode())]),
    ])


def ready(box, *policies):
    two_tickets(box)
    configure(box, *policies)


def test_confirmation():
    with Sandbox() as box:
        ready(box, CARDS)
        before = contents(box.path / "mail")
        planned = desk(box, "plan", "--store", "desk", "--policy", "cards", "-o", "p.jsonl", check=0)
        tap.ok("plan --policy cards --confirm" in planned.stderr and "apply p.jsonl" not in planned.stderr,
               "the plan of a policy that is not confirmed says how to confirm it, not how to apply it", planned.stderr)
        refused = desk(box, "apply", "p.jsonl", check=4)
        tap.ok("deskshred --config etc/desk.conf plan --policy cards --confirm" in refused.stderr, "apply refuses it, and says what to type", refused.stderr)
        tap.equal(contents(box.path / "mail"), before, "nothing was changed")
        shown = desk(box, "plan", "--policy", "cards", "--confirm", check=0)
        tap.ok("credit-card" in shown.stdout and "retention" in shown.stdout, "who confirms sees what is confirmed", shown.stdout)
        rows = entries(box, "select policy, reason, detail, system_user is not null, store, run is not null from entries where state='policy-confirmed'")
        tap.ok(len(rows) == 1 and rows[0][0] == "cards" and rows[0][2].startswith("digest=") and rows[0][3:] == (1, None, 1),
               "the ledger says who confirmed which text of it", rows)
        again = desk(box, "plan", "--policy", "cards", "--confirm", check=0)
        tap.equal((len(entries(box, "select 1 from entries where state='policy-confirmed'")), "already" in again.stdout), (1, True), "confirming twice records once")
        desk(box, "apply", "p.jsonl", check=0)
        tap.ok(CARD.encode() not in b"".join(contents(box.path / "mail").values()), "then it is carried out")
        desk(box, "ledger", "verify", check=0)


def test_forged_confirmation():
    """Who can write the ledger's file, but has not the site's key."""
    with Sandbox() as box:
        ready(box, CARDS)
        desk(box, "plan", "--policy", "cards", "--confirm", check=0)
        configure(box, CARDS.replace('"credit-card"', '"credit-card", "iban"'))
        desk(box, "plan", "--store", "desk", "--policy", "cards", "-o", "p.jsonl", check=0)
        digest = json.loads((box.path / "p.jsonl").read_text().splitlines()[1])["policy_digest"]
        with sqlite3.connect(box.path / "record/ledger.db") as database:
            columns = [row[1] for row in database.execute("pragma table_info(entries)")]
            row = dict(zip(columns, database.execute("select * from entries where state='policy-confirmed'").fetchone()))
            row.update(sequence=database.execute("select max(sequence) + 1 from entries").fetchone()[0], detail=f"digest={digest}")
            database.execute(f"insert into entries ({', '.join(columns)}) values ({', '.join('?' * len(columns))})", [row[name] for name in columns])
        refused = desk(box, "apply", "p.jsonl", check=4)
        tap.ok("not confirmed" in refused.stderr, "a confirmation that was written into the ledger by hand counts for nothing", refused.stderr)
        tap.equal(desk(box, "ledger", "verify").returncode, 3, "and verification finds it")


def test_edited_policy():
    with Sandbox() as box:
        ready(box, CARDS)
        desk(box, "plan", "--policy", "cards", "--confirm", check=0)
        wider = CARDS.replace('"credit-card"', '"credit-card", "iban"')
        configure(box, wider)
        desk(box, "plan", "--store", "desk", "--policy", "cards", "-o", "p.jsonl", check=0)
        refused = desk(box, "apply", "p.jsonl", check=4)
        tap.ok("not confirmed" in refused.stderr, "an edited policy needs a new confirmation", refused.stderr)
        desk(box, "plan", "--policy", "cards", "--confirm", check=0)
        configure(box, CARDS)
        desk(box, "plan", "--store", "desk", "--policy", "cards", "-o", "back.jsonl", check=0)
        refused = desk(box, "apply", "back.jsonl", check=4)
        tap.ok("not confirmed" in refused.stderr, "and so does one that was edited back: the last confirmation counts", refused.stderr)
        configure(box, wider.replace("enabled = true", "enabled = false"))
        off = desk(box, "plan", "--store", "desk", "--policy", "cards", "-o", "off.jsonl", check=0)
        tap.ok("not enabled" in off.stderr and "apply off.jsonl" not in off.stderr, "the plan of a disabled policy does not end with a hint to apply it", off.stderr)
        refused = desk(box, "apply", "off.jsonl", check=4)
        tap.ok("not enabled" in refused.stderr, "a confirmed one that is switched off is refused", refused.stderr)
        configure(box, wider)
        desk(box, "apply", "off.jsonl", check=0)
        tap.ok(CARD.encode() not in b"".join(contents(box.path / "mail").values()), "switched on again it needs no new confirmation")


def test_reasons():
    with Sandbox() as box:
        ready(box, CARDS, IBANS, FILES)
        desk(box, "plan", *[word for name in ("cards", "ibans", "files") for word in ("--policy", name)], "--confirm", check=0)
        desk(box, "plan", "--store", "desk", "--policy", "cards", "--policy", "files", "--policy", "ibans", "-o", "p.jsonl", check=0)
        lines = [json.loads(line) for line in (box.path / "p.jsonl").read_text().splitlines()][1:]
        tap.equal({(line["policy"], line["reason"]) for line in lines}, {("cards", "retention"), ("files", "verified"), ("ibans", "no-longer-needed")},
                  "every line of a policies' plan has its policy and reason, copies too")
        desk(box, "apply", "p.jsonl", check=0)
        rows = entries(box, "select policy, action, reason, ground, kinds from entries where state='done' order by policy, sequence")
        tap.equal(rows, [("cards", "redact", "retention", "GDPR 5(1)(e)", "credit-card=1"), ("cards", "redact", "retention", "GDPR 5(1)(e)", "credit-card=1"),
                         ("files", "shred", "verified", "GDPR 17(1)(a)", "iban=1"), ("ibans", "redact", "no-longer-needed", "GDPR 17(1)(a)", "iban=2")],
                  "each entry has one policy, with its reason and ground, and what was done for it")
        report = [json.loads(line) for line in desk(box, "report", "--format", "jsonl", check=0).stdout.splitlines()]
        by_policy = {line["policy"]: (line["messages"], line["values"], line["attachments"]) for line in report if line["type"] == "by-policy"}
        tap.equal(by_policy, {"cards": (2, 2, 0), "ibans": (1, 2, 0), "files": (1, 0, 1)}, "the report counts by policy")
        stone = [data for data in contents(box.path / "mail").values() if b"X-Deskshred" in data][0]
        tap.ok(b"verified" in stone, "the tombstone says the policy's reason", stone)


def test_copies():
    """A copy that no rule finds by itself goes for the sake of the policy that wants its value."""
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, "Steuer-ID 8609/5742/719\n"), mail(2, "Die Nummer 86095742719 eben.\n", reply_to=1)])
        configure(box, '{ name = "tax"; enabled = true; do = "redact"; reason = "retention"; when = { kinds = [ "tax-id" ]; }; }')
        desk(box, "plan", "--policy", "tax", "--confirm", check=0)
        desk(box, "plan", "--store", "desk", "--policy", "tax", "-o", "p.jsonl", check=0)
        tap.equal([json.loads(line).get("policy") for line in (box.path / "p.jsonl").read_text().splitlines()][1:], ["tax", "tax"], "the plan's lines of copies name the policy")
        desk(box, "apply", "p.jsonl", check=0)
        tap.equal(entries(box, "select policy, reason from entries where state='done'"), [("tax", "retention")] * 2, "and so does the record")


def test_reason_given():
    with Sandbox() as box:
        ready(box, CARDS)
        desk(box, "plan", "--policy", "cards", "--confirm", check=0)
        desk(box, "plan", "--store", "desk", "--policy", "cards", "-o", "p.jsonl", check=0)
        desk(box, "apply", "p.jsonl", "--reason", "unlawful", check=0)
        tap.equal(set(entries(box, "select policy, reason from entries where state='done'")), {("cards", "unlawful")}, "--reason goes before the policy's own")
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "iban", "-o", "hand.jsonl", check=0)
        before = contents(box.path / "mail")
        refused = desk(box, "apply", "hand.jsonl", check=2)
        tap.ok("hand.jsonl:2:" in refused.stderr and "--reason" in refused.stderr and "no-longer-needed" in refused.stderr,
               "lines of no policy need --reason", refused.stderr)
        tap.equal(contents(box.path / "mail"), before, "and nothing is done without it")


def outcome(done):
    return [json.loads(line) for line in done.stdout.splitlines() if '"type":"outcome"' in line][0]


def test_again():
    with Sandbox() as box:
        ready(box)
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "credit-card", "--kind", "iban", "-o", "p.jsonl", check=0)
        lines = len((box.path / "p.jsonl").read_text().splitlines()) - 1
        desk(box, "apply", "p.jsonl", "--reason", "verified", check=0)
        after, recorded = contents(box.path / "mail"), entries(box, "select count(*) from entries")
        again = desk(box, "apply", "p.jsonl", "--reason", "verified", check=0)
        tap.ok(f"Already done: {lines}." in again.stdout and "changed since" not in again.stdout, "a plan applied again is done already", again.stdout)
        tap.equal((contents(box.path / "mail"), entries(box, "select count(*) from entries")), (after, recorded), "and changes nothing, nor the record")
        told = outcome(desk(box, "apply", "p.jsonl", "--reason", "verified", "--format", "jsonl", check=0))
        tap.equal((told["already_done"], told["refused"], told["removed"]), (lines, 0, 0), "the machine's outcome says so too")


def test_again_in_part():
    with Sandbox() as box:
        ready(box)
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "credit-card", "--kind", "iban", "-o", "all.jsonl", check=0)
        lines = (box.path / "all.jsonl").read_text().splitlines()
        part = [line for line in lines if "M2P1" in line]
        (box.path / "part.jsonl").write_text("\n".join(lines[:1] + part) + "\n")
        desk(box, "apply", "part.jsonl", "--reason", "verified", check=0)
        rest = outcome(desk(box, "apply", "all.jsonl", "--reason", "verified", "--format", "jsonl", check=0))
        tap.equal((rest["already_done"], rest["removed"]), (len(part), len(lines) - 1 - len(part)), "what was done in part is not done again, the rest is")


def test_again_by_hand():
    """A hand was quicker than the plan, in two steps: the places of the second had moved."""
    with Sandbox() as box:
        ready(box)
        name = ticket(box)
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "iban", "--ticket", name, "-o", "p.jsonl", check=0)
        for kind in ("credit-card", "iban"):
            desk(box, "redact", "--store", "desk", "--ticket", name, "--kind", kind, "--reason", "verified", check=0)
        told = outcome(desk(box, "apply", "p.jsonl", "--reason", "verified", "--format", "jsonl", check=0))
        tap.equal((told["already_done"], told["refused"]), (2, 0), "what another change of ours removed is done already")


def ticket(box):
    found = desk(box, "scan", "--store", "desk", "--kind", "credit-card", "--format", "jsonl").stdout
    return [json.loads(line)["ticket"] for line in found.splitlines() if '"type":"finding"' in line][0]


def test_changed_after():
    """Done by us, and then changed by somebody else: not ours any more."""
    with Sandbox() as box:
        ready(box)
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "credit-card", "-o", "p.jsonl", check=0)
        desk(box, "apply", "p.jsonl", "--reason", "verified", check=0)
        touched = box.path / "mail/cur/1700000002.M2P1.desk:2,S"
        touched.write_bytes(touched.read_bytes() + f"PS: {CARD}\n".encode())
        told = outcome(desk(box, "apply", "p.jsonl", "--reason", "verified", "--format", "jsonl", check=4))
        tap.equal((told["already_done"], told["refused"]), (1, 1), "a message that another changed after us is refused")
        tap.ok(CARD.encode() in touched.read_bytes(), "and left alone")


def test_not_done_by_another_change():
    """Our own change of the message that left what the line names: the line was not done."""
    with Sandbox() as box:
        ready(box)
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "credit-card", "-o", "p.jsonl", check=0)
        desk(box, "redact", "--store", "desk", "--ticket", ticket(box), "--kind", "iban", "--reason", "verified", check=0)
        told = outcome(desk(box, "apply", "p.jsonl", "--reason", "verified", "--format", "jsonl", check=4))
        tap.equal((told["already_done"], told["refused"], told["removed"]), (0, 1, 1), "a line that no change of ours carried out is refused")


def test_shred_again():
    with Sandbox() as box:
        ready(box)
        desk(box, "plan", "--store", "desk", "--do", "shred", "--kind", "iban", "-o", "p.jsonl", check=0)
        desk(box, "apply", "p.jsonl", "--reason", "verified", check=0)
        lines = len((box.path / "p.jsonl").read_text().splitlines()) - 1
        told = outcome(desk(box, "apply", "p.jsonl", "--reason", "verified", "--format", "jsonl", check=0))
        tap.equal((told["already_done"], told["refused"]), (lines, 0), "attachments that were shredded are done already")


def test_show():
    with Sandbox() as box:
        ready(box, CARDS, FILES)
        made = desk(box, "plan", "--store", "desk", "--policy", "cards", "--policy", "files", "-o", "p.jsonl", check=0)
        size = sum(len(contents(box.path / "mail")[f"cur/170000000{n}.M{n}P1.desk:2,S"]) for n in (1, 2, 3))
        for told, what in ((made.stderr, "the plan's summary"), (desk(box, "plan", "--show", "p.jsonl", check=0).stdout, "the view of a plan")):
            flat = " ".join(told.split())
            tap.ok("2 redact credit-card" in flat and "shred (attachments)" in flat and "2 cards retention" in flat and "1 files verified" in flat
                   and f"3 messages in 2 tickets would be written anew: {size} bytes" in flat, f"{what} tells actions, policies, tickets, messages, bytes", told)
        tap.ok("Would be left: nothing" in made.stderr and "Not looked at: 0" in made.stderr, "and what would be left", made.stderr)
        view = desk(box, "plan", "--show", "p.jsonl", "--format", "jsonl", check=0).stdout
        actions = [json.loads(line) for line in view.splitlines() if '"type":"action"' in line]
        tap.equal(sorted((action["action"], action.get("policy")) for action in actions), [("redact", "cards"), ("redact", "cards"), ("shred", "files")],
                  "a row for each line")
        edited = (box.path / "p.jsonl").read_text().replace('"part":"1"', '"part":"9"', 1)
        (box.path / "p.jsonl").write_text(edited)
        refused = desk(box, "plan", "--show", "p.jsonl", check=2)
        tap.ok("p.jsonl:" in refused.stderr and "edited" in refused.stderr, "an edited line is not shown as if it were ours", refused.stderr)
        for args in (("--show", "p.jsonl", "--confirm"), ("--confirm",), ("--policy", "cards", "--confirm", "--store", "desk"),
                     ("--store", "desk", "--policy", "cards", "--format", "csv")):
            tap.equal(desk(box, "plan", *args).returncode, 2, f"refused: plan {' '.join(args)}")


for test in chosen():
    test()
sys.exit(tap.done())
