#!/usr/bin/env python3
"""What is told, and to whom it cannot be told: a reader that goes away, a full disk, queues that are never read, a terminal."""
import json
import os
import sqlite3
import subprocess
import sys

from harness import CARD, DESKSHRED, IBAN, Sandbox, Tap, chosen, contents, mail, maildir, pseudo_terminal

tap = Tap()


def configure(box, more=""):
    (box.path / "desk.conf").write_text(
        f'stores = ( {{ name = "desk"; plugin = "mail"; path = "{box.path}/mail"; {more} }} );\n'
        f'ledger = {{ path = "{box.path}/record/ledger.db"; key_file = "{box.path}/record/site.key"; }};\n'
        f'show_values = [ "{subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()}" ];\n')


def desk(box, *args, **more):
    return box.run("--config", "desk.conf", *args, **more)


def entries(box, sql):
    with sqlite3.connect(box.path / "record/ledger.db") as database:
        return database.execute(sql).fetchall()


def into_closed_pipe(box, *args):
    """Runs deskshred with a reader that takes one line and goes."""
    process = subprocess.Popen([DESKSHRED, "--config", "desk.conf", *map(str, args)], cwd=box.path, env=box.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read().decode()
    return process.wait(), error


def test_closed_pipe():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(n, f"Karte {CARD}\n" * 40) for n in range(1, 60)])
        configure(box)
        status, error = into_closed_pipe(box, "scan", "--store", "desk")
        tap.equal((status, error), (141, ""), "a scan whose reader went away ends quietly")
        tap.equal(entries(box, "select count(*) from entries where state='scan'"), [(0,)], "and is not recorded as done")
        tap.ok("never scanned" in desk(box, "status").stdout, "nor as the job's success")
        desk(box, "scan", "--store", "desk", "-o", "out.txt", check=0)
        tap.equal(entries(box, "select count(*) from entries where state='scan'"), [(1,)], "the next whole one is")
        before = contents(box.path / "mail")
        status, error = into_closed_pipe(box, "redact", "--store", "desk", "--ticket", ticket(box), "--kind", "credit-card", "--reason", "verified", "--format", "jsonl")
        changed = sum(before[name] != data for name, data in contents(box.path / "mail").items())
        tap.equal((error, changed, entries(box, "select count(*) from entries where state='done'")), ("", 1, [(1,)]), "a change is carried through, and recorded")
        status, error = into_closed_pipe(box, "ledger", "export")
        tap.equal((status in (0, 141), error), (True, ""), "so is everything else that is read in part")
        desk(box, "ledger", "verify", check=0)


def test_places_for_results():
    """What a mistyped -o names is not lost."""
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Karte {CARD}\n")])
        configure(box)
        (box.path / "other.eml").write_bytes(mail(2, f"Karte {CARD}\n"))
        desk(box, "scan", "--store", "desk", check=0)
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl", check=0)
        state = next(box.path.rglob("state.db"))
        places = ["desk.conf", "record/ledger.db", "record/ledger.db-wal", "record/site.key", state, "mail/cur/new", *contents(box.path / "mail")]
        places = [place if isinstance(place, str) and place.startswith(("desk", "record", "mail")) else box.path / "mail" / place for place in places]
        (box.path / "by-link").symlink_to(box.path / "record")
        before = {path: path.read_bytes() for path in box.path.rglob("*") if path.is_file() and path.suffix not in (".db-shm",)}
        for place in (*places, "by-link/ledger.db"):
            done = desk(box, "scan", "--store", "desk", "-o", place)
            tap.ok(done.returncode == 2, f"results are not written over {os.path.basename(place)}", done.stderr)
        done = desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "credit-card", "-o", "record/ledger.db")
        tap.ok(done.returncode == 2, "nor is a plan", done.stderr)
        done = desk(box, "apply", "plan.jsonl", "--reason", "verified", "-o", "plan.jsonl")
        tap.ok(done.returncode == 2 and "this is the plan" in done.stderr, "nor an outcome over its plan", done.stderr)
        done = desk(box, "scan", "other.eml", "-o", "other.eml")
        tap.ok(done.returncode == 2, "nor findings over the mail they are in", done.stderr)
        desk(box, "ledger", "verify", check=0)
        changed = [path.name for path, data in before.items() if path.suffix not in (".db", ".db-wal") and path.read_bytes() != data]
        tap.equal(changed, [], "nothing was changed")


def open_figures(box):
    report = [json.loads(line) for line in desk(box, "report", "--format", "jsonl", check=0).stdout.splitlines()]
    return {row["key"]: row["value"] for row in report if row["type"] == "figure" and row["key"] in ("still_open", "not_looked_at")}


def test_never_scanned():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Karte {CARD}\n"), mail(2, f"Konto {IBAN}\n")])
        configure(box)
        desk(box, "plan", "--store", "desk", "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl", check=0)
        unknown = {"still_open": "not known", "not_looked_at": "not known"}
        tap.equal(open_figures(box), unknown, "a report on a store that was never scanned whole does not say that nothing is open")
        tap.ok("not known what is there" in desk(box, "report").stdout, "and says why")
        desk(box, "scan", "--store", "desk", check=0)
        figures = open_figures(box)
        tap.ok(int(figures["still_open"]) > 0 and figures["not_looked_at"] == 0, "after a scan it has numbers", figures)


def ticket(box):
    return [json.loads(line)["ticket"] for line in desk(box, "scan", "--store", "desk", "--limit", "1", "--format", "jsonl", check=0).stdout.splitlines()
            if '"type":"finding"' in line][0]


def test_full_disk():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Karte {CARD}\n")])
        configure(box)
        for args in (("scan", "--store", "desk"), ("plan", "--store", "desk", "--do", "redact", "--kind", "credit-card"), ("ledger", "head"), ("rules", "list"),
                     ("dismiss", "--list")):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([DESKSHRED, "--config", "desk.conf", *args], cwd=box.path, env=box.env, stdout=full, stderr=subprocess.PIPE, text=True)
            tap.ok(done.returncode == 3 and "No space left" in done.stderr, f"a full disk is an error: {args[0]}", f"{done.returncode} {done.stderr}")


def test_never_read():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Karte {CARD}\n")])
        maildir(box.path / "mail/.Works council", [mail(2, f"Konto {IBAN}\n"), mail(3, f"Konto {IBAN}\n")])
        configure(box, 'never_read = [ "Works council" ];')
        text = " ".join(desk(box, "scan", "--store", "desk", check=0).stdout.split())
        tap.ok("Excluded by configuration (never_read): 1 queue, not opened: Works council." in text and "iban" not in text, "a scan says which queues it did not open", text)
        summary = json.loads(desk(box, "scan", "--store", "desk", "--format", "jsonl", check=0).stdout.splitlines()[-1])
        tap.equal(summary["excluded_queues"], "Works council", "also to machines")
        report = [json.loads(line) for line in desk(box, "report", "--format", "jsonl", check=0).stdout.splitlines()]
        tap.equal([(row["store"], row["queue"]) for row in report if row["type"] == "never-read"], [("desk", "Works council")], "the report says so too")
        tap.ok([row for row in report if row["type"] == "not-looked-at" and "excluded by configuration" in row["reason"] and row["count"] == 1],
               "in its section of what was not looked at", report)
        tap.equal([row["excluded_queues"] for row in report if row["type"] == "scan"], [1, 1], "and for each scan")


def test_show_values():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, "Anbei.\n", parts=[("Erika.csv", "text/csv", f"Karte {CARD}\n".encode())])])
        configure(box)
        secret = [json.loads(line) for line in desk(box, "scan", "--store", "desk", "--kind", "credit-card", "--show-values", "--format", "jsonl", check=0).stdout.splitlines()
                  if '"type":"finding"' in line][0]
        tap.equal((secret["value"].replace(" ", ""), secret["filename"], secret["path"]), (CARD.replace(" ", ""), "Erika.csv", str(box.path / "mail/cur/1700000001.M1P1.desk:2,S")),
                  "--show-values tells value, file name and path")
        plain = desk(box, "scan", "--store", "desk", "--format", "jsonl", check=0).stdout
        tap.ok("Erika" not in plain and '"path"' not in plain, "nothing else does", plain)


def test_left_in_headers():
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, "Ohne.\n")])
        done = box.run("redact", box.path / "mail", "--kind", "email", "--reason", "verified", check=0)
        count = len([line for line in box.run("scan", box.path / "mail", "--kind", "email", "--format", "jsonl", check=0).stdout.splitlines() if '"type":"finding"' in line])
        tap.ok(f"{count} places: 0 removed, {count} left ({count} in headers (setting))" in " ".join(done.stdout.split()), "what only headers hold is left, and nobody says \"0 left\"", done.stdout)


def on_terminal(box, *args, both=False):
    """What deskshred writes to a terminal that is its standard error, and, if both, its standard output."""
    leader, follower = pseudo_terminal()
    process = subprocess.Popen([DESKSHRED, "--config", "desk.conf", *map(str, args)], cwd=box.path, env=box.env, stdout=follower if both else subprocess.DEVNULL, stderr=follower)
    os.close(follower)
    told = b""
    while True:
        try:
            block = os.read(leader, 65536)
        except OSError:
            break
        if not block:
            break
        told += block
    os.close(leader)
    process.wait()
    return told.decode()


def test_narrowed_scans():
    """A scan of a part is no scan of the whole, and no failed one."""
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(n, f"Karte {CARD}\n") for n in range(1, 4)])
        configure(box)
        desk(box, "scan", "--store", "desk", "--limit", "1", check=0)
        tap.ok("late: never scanned whole" in desk(box, "status", check=1).stdout, "a scan of one message is not the store's scan")
        desk(box, "scan", "--store", "desk", check=0)
        desk(box, "scan", "--store", "desk", "--kind", "mrz", check=0)
        tap.ok("did not succeed" not in desk(box, "status", check=0).stdout, "and none that failed")
        report = [json.loads(line) for line in desk(box, "report", "--format", "jsonl", check=0).stdout.splitlines()]
        tap.equal([row["extent"] for row in report if row["type"] == "scan"], ["part", "all", "part"], "the report says which were of all")


def test_unknown_names():
    """What does not exist is not shown as if nothing had been done to it."""
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(1, f"Karte {CARD}\n")])
        configure(box)
        desk(box, "scan", "--store", "desk", check=0)
        for words in (("report", "--store", "dsk"), ("ledger", "show", "--store", "dsk"), ("ledger", "show", "--kind", "ibna"), ("rules", "list", "--pack", "xx"),
                      ("rules", "list", "--country", "XX")):
            tap.equal(desk(box, *words).returncode, 2, " ".join(words) + " is an error")
        desk(box, "report", "--store", "desk", check=0)
        done = box.run("scan", "mail", "--config", "desk.conf")
        tap.ok(done.returncode == 2 and "before the command's name" in done.stderr, "an option of all commands behind the command is explained", done.stderr)
        (box.path / "-x.eml").write_bytes(mail(2, f"Karte {CARD}\n"))
        tap.ok("credit-card" in box.run("scan", "--", "-x.eml", check=0).stdout, "a name that begins with a dash stands behind two of them")


def test_progress():
    if pseudo_terminal() is None:
        tap.ok(True, "progress on a terminal # SKIP this system has no pseudo terminals")
        return
    with Sandbox() as box:
        maildir(box.path / "mail", [mail(n, f"Karte {CARD}\n" * 200) for n in range(1, 400)])
        configure(box)
        told = on_terminal(box, "--jobs", "1", "scan", "--store", "desk")
        tap.ok("of 399 messages" in told and "/s" in told and "left" in told, "a terminal is told how far a scan is, its rate, and the time left", told)
        both = on_terminal(box, "--jobs", "1", "scan", "--store", "desk", both=True)
        rows = [line for line in both.splitlines() if "credit-card" in line]
        tap.ok(rows and not any("messages" in row.rsplit("\033[K")[-1] for row in rows), "no row of a table stands behind the progress", both[:2000])
        tap.equal(on_terminal(box, "--quiet", "--jobs", "1", "scan", "--store", "desk"), "", "not with --quiet")
        tap.equal(desk(box, "scan", "--store", "desk", check=0).stderr, "", "and nobody else is")


for test in chosen():
    test()
sys.exit(tap.done())
