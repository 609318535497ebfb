#!/usr/bin/env python3
"""Dismissals: what they mean, who may tell of them afterwards, and that they can be undone."""
import json
import sys

from harness import Sandbox, Tap, chosen, mail, maildir

tap = Tap()
MAC = "00:1b:44:11:3a:b7"


def rows(done, kind):
    return [json.loads(line) for line in done.stdout.splitlines() if f'"type":"{kind}"' in line]


def found(box, *args):
    return rows(box.run("scan", box.path / "mail", "--format", "jsonl", *args, check=0), "finding")


def two_tickets(box):
    """The same requestor in both; an address of a device in the first alone."""
    maildir(box.path / "mail", [mail(1, f"Das Geraet hat {MAC}.\n"), mail(2, "Noch eine Frage.\n", subject="Anders")])


def ticket_of(finding):
    return finding["ref"].split("/")[0]


def test_whole_ticket():
    with Sandbox() as box:
        two_tickets(box)
        before = found(box)
        device = [finding for finding in before if finding["kind"] == "mac-address"][0]
        shared = [finding for finding in before if finding["kind"] == "email"]
        done = box.run("dismiss", ticket_of(device), check=0)
        tap.ok("1 value dismissed: 1 place here, 0 in other tickets" in " ".join(done.stdout.split()) and "2 values left" in done.stdout
               and f"in {len(shared) // 2} place" in " ".join(done.stdout.split()), "a whole ticket: what is its own is dismissed, what others share is left, and counted", done.stdout)
        after = found(box)
        tap.equal(([finding for finding in after if finding["kind"] == "mac-address"], len([finding for finding in after if finding["kind"] == "email"])),
                  ([], len(shared)), "so it is")
        other = [ticket_of(finding) for finding in shared if ticket_of(finding) != ticket_of(device)][0]
        refused = box.run("dismiss", other, check=1)
        tap.ok("nothing was dismissed: other tickets share" in refused.stderr, "a ticket of nothing but shared values", refused.stderr)
        named = box.run("dismiss", other, "--kind", "email", check=0)
        tap.ok(f"{len(shared) // 2} in other tickets" in " ".join(named.stdout.split()), "named by its kind a value goes everywhere, and that is told", named.stdout)
        tap.equal([finding for finding in found(box) if finding["kind"] == "email"], [], "so it does")
        report = box.run("report", check=0).stdout
        tap.ok("Dismissed as false alarms" in report and "mac-address" in report.rsplit("Dismissed as false alarms", 1)[1], "a report lists what was dismissed", report)
        tap.ok("Not shown, since dismissed" in box.run("scan", box.path / "mail", check=0).stdout, "and a scan counts what it does not show")


def test_list_and_undo():
    with Sandbox() as box:
        two_tickets(box)
        device = [finding for finding in found(box) if finding["kind"] == "mac-address"][0]
        box.run("dismiss", device["ref"], "--case", "FA-17", check=0)
        listed = rows(box.run("dismiss", "--list", "--format", "jsonl", check=0), "dismissal")
        wanted = {key: device[key] for key in ("rule", "kind", "masked", "ref", "store", "fingerprint")}
        tap.equal({key: listed[0].get(key) for key in wanted}, wanted, "the list says rule, kind, sample, place and fingerprint")
        tap.ok(len(listed) == 1 and listed[0]["case"] == "FA-17" and listed[0]["system_user"] and listed[0]["time"].endswith("Z"), "and who, when, for which case", listed)
        text = box.run("dismiss", "--list", check=0).stdout
        tap.ok(all(word in text for word in ("mac-address", device["masked"], "FA-17", device["ref"], device["fingerprint"])) and MAC not in text, "also for people", text)
        found(box)  # the scan forgets what is dismissed: undoing must not need it
        box.run("dismiss", "--undo", device["ref"] + ".9", check=1)
        tap.equal(len(rows(box.run("dismiss", "--list", "--format", "jsonl", check=0), "dismissal")), 1, "a wrong place undoes nothing")
        box.run("dismiss", "--undo", ticket_of(device), check=0)
        tap.equal((rows(box.run("dismiss", "--list", "--format", "jsonl", check=0), "dismissal"), len([f for f in found(box) if f["kind"] == "mac-address"])), ([], 1),
                  "undone, it is a finding again")
        box.run("dismiss", "--fingerprint", device["fingerprint"], check=0)
        box.run("dismiss", "--undo", "--fingerprint", device["fingerprint"], check=0)
        tap.equal(len([f for f in found(box) if f["kind"] == "mac-address"]), 1, "by its fingerprint too")
        refused = box.run("dismiss", device["ref"], "--case", "anna@example.org", check=4)
        tap.ok("--case" in refused.stderr and not rows(box.run("dismiss", "--list", "--format", "jsonl", check=0), "dismissal"), "a case with personal data is refused", refused.stderr)


for test in chosen():
    test()
sys.exit(tap.done())
