"""Every call that a change makes to the file system fails once: the disk is full, damaged or read-only, a write is cut short, a
call is interrupted, the process is killed.  The program says what and where, exits as documented, has nothing half done, and
the next run ends as if nothing had happened.

These are real runs under tests/fault/shim.c, one for each n-th call, kind of call and kind of fault.  FAULTS=N takes N of them
for each scenario (by default a few), FAULTS=all all; SCENARIOS="maildir mbox" only those."""
import os
import random
import re
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fault")]
from harness import Tap, skip_if_sanitized  # noqa: E402
import recording  # noqa: E402
import scenario  # noqa: E402

FAULTS = os.environ.get("FAULTS", "8")
SECONDS = time.monotonic()
# Kind of call, fault, whether all later calls fail too.
ORDERS = [(kind, what, sticky) for what in ("ENOSPC", "EIO", "EDQUOT", "EROFS") for kind, sticky in (("any", ""), ("any", "sticky"))]
ORDERS += [("any", "EINTR", ""), ("any", "kill", ""), ("read", "EIO", ""), ("read", "EINTR", ""), ("read", "short", "")]
ORDERS += [("write", "short", ""), ("copy", "short", "")]
REASON = re.compile("No space left|Input/output error|Disk quota|Read-only file|Interrupted system call|disk I/O error|"
                    "database or disk is full|readonly database|unable to open database|image is malformed|for reading only|"
                    "disk is full or failing")
PLACE = re.compile(r"/|message \S+:|the plan|\w+:\S+/")
tap = Tap()


def count(test, command, order, **more):
    """How many calls of a kind the undisturbed command makes."""
    made, _ = test.record([command], FAULT_AT=f"{order[0]} 1000000 EIO", **more)
    return sum(n for kind, n in made.counts.items() if kind == order[0] or (order[0] == "any" and kind != "read"))


def all_faults(test, command):
    found, counts = [], {}
    for order in ORDERS:
        if order[0] not in counts:
            test.restore(test.states[-1])
            counts[order[0]] = count(test, command, order)
        found += [(order[0], n, *order[1:]) for n in range(1, counts[order[0]] + 1)]
    random.Random(4711).shuffle(found)
    return found


def judge_run(test, fault, result, first):
    """What is wrong with the disturbed run itself."""
    if fault[2] == "kill":
        return [] if result.returncode == -9 else [f"killed, but exit status {result.returncode}"]
    if result.returncode == 0:
        return test.judge_end(first)
    told = result.stderr + result.stdout
    wrong = [] if result.returncode in (1, 2, 3) else [f"exit status {result.returncode}"]
    if result.returncode != 1 and not result.stderr.startswith("deskshred: "):
        wrong.append("no message")
    if not REASON.search(told) or not PLACE.search(told):
        wrong.append("the message does not name place and reason")
    return [f"{text}: {told.strip()[-300:]!r}" for text in wrong]


def disturb(test, command, fault, **more):
    """(whether the fault came about, what is wrong)."""
    first = len(test.commands) - 1
    test.restore(test.states[-1])
    made, results = test.record([command], FAULT_AT=" ".join(map(str, fault)).strip(), **more)
    wrong = judge_run(test, fault, results[0], first) + test.judge_cut(first)
    if results[0].returncode != 0:
        again = test.run(command)
        if again.returncode != 0:
            wrong.append(f"the next run ends with {again.returncode}: {again.stderr}{again.stdout}")
        wrong += test.judge_end(first, may_fail=True)
    return made.fired, wrong


def test_scenario(test):
    test.record_undisturbed()
    command = test.commands[-1]
    faults = all_faults(test, command)
    faults = faults if FAULTS == "all" else faults[:int(FAULTS)]
    judge_all(test, command, faults, "runs were disturbed, told so, and were mended by the next")
    # Whatever FAULTS says: the store is read to be examined, to be changed, and to see what became of the change.
    store = {"FAULT_READS": str(test.box / test.store_name)}
    test.restore(test.states[-1])
    n_reads = count(test, command, ("read",), **store)
    judge_all(test, command, [("read", n, "EIO", "") for n in range(1, n_reads + 1)], "reads of the store failed, were told, and were mended", **store)
    test.restore(test.states[-1])
    n_renames = count(test, command, ("rename",))
    judge_all(test, command, [("rename", n, "EIO", sticky) for n in range(1, n_renames + 1) for sticky in ("", "sticky")],
              "renames failed, were told, and were mended")


def judge_all(test, command, faults, what, **more):
    bad, fired = [], 0
    for fault in faults:
        came, wrong = disturb(test, command, fault, **more)
        fired += came
        if wrong:
            bad.append(f"{test.name}, {' '.join(map(str, fault))}: " + "; ".join(wrong))
    tap.ok(not bad and fired, f"{test.name}: {fired} of {len(faults)} {what}", f"{len(bad)} were not\n" + "\n".join(bad))
    print(f"# {time.monotonic() - SECONDS:.1f} s", flush=True)


skip_if_sanitized()
chosen = os.environ.get("SCENARIOS", "").split()
for scenario_name, make_scenario in scenario.all_scenarios().items():
    if not chosen or scenario_name in chosen:
        one = make_scenario()
        try:
            test_scenario(one)
        finally:
            one.close()
sys.exit(tap.done())
