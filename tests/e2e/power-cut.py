"""The power goes at any instant of a change; when the program is run again, all ends as if nothing had happened.

Each scenario is run once, under tests/fault/shim.c, which writes down every call that changes a file or makes it durable.
From that and a snapshot, tests/fault/recording.py rebuilds the tree that would be on the disk after the power went at
operation n, under several models of what a disk had kept by then; there the program is run again.  POWER_CUTS=N takes N
trees of each scenario (by default a few), POWER_CUTS=all all of them; SCENARIOS="maildir mbox" only those."""
import hashlib
import os
import random
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fault")]
from harness import Tap, skip_if_sanitized  # noqa: E402
import recording  # noqa: E402
import scenario  # noqa: E402

DRAWS = 4
MODELS = ["kept", "synced", "empty", "nameless", "halves"] + [f"random {draw}" for draw in range(DRAWS)]
CUTS = os.environ.get("POWER_CUTS", "10")
SECONDS = time.monotonic()
tap = Tap()


def points(made):
    """All (n, model), in an order that spreads."""
    found = [(n, model) for n in range(len(made) + 1) for model in MODELS]
    random.Random(4711).shuffle(found)
    return found


def identity(tree, command):
    text = hashlib.sha256(str(command).encode())
    for name, what in sorted(recording.flat(tree).items()):
        text.update(repr((name, what)).encode())
    return text.digest()


def command_at(made, n):
    """Which command was running, or about to run, when the power went."""
    return max(i for i, start in enumerate(made.starts) if start <= n)


def run_on(test, first):
    """Runs the commands again from first on, as a user would."""
    for command in test.commands[first:]:
        result = test.run(command)
        if result.returncode != 0:
            return [f"{command[0]} ends with {result.returncode}: {result.stderr.strip()} {result.stdout.strip()[-300:]}"]
    return test.judge_end(first)


def recover(test, first, tree):
    """What is wrong, at the cut and after the program was run again, from command first on."""
    test.restore(tree)
    return test.judge_cut(first) or run_on(test, first)


def check_recording(test, made):
    """An operation that escaped the shim would make every tree wrong: all of them must lead to what is really there."""
    there, rebuilt = recording.scan(test.box, {}), made.tree(len(made), "kept")
    real, told = recording.flat(there, times=True), recording.flat(rebuilt, times=True)
    differs = sorted(name for name in set(real) | set(told) if real.get(name, (0,))[:2] != told.get(name, (1,))[:2]
                     or (len(told[name]) > 2 and told[name][2] not in (None, real[name][2])))
    tap.equal(differs, [], f"{test.name}: the record of {len(made)} operations leads to the tree that is there")


def cut(test, made, limit, without=(), first=None, stop=False):
    """(trees, points, faults) of up to limit different trees.  without: fsyncs at these sites count for nothing, and only trees
    that differ by that are looked at; first: the command that was recorded, if not all were; stop: at the first fault."""
    seen, faults, n_points = set(), [], 0
    for n, model in points(made):
        if len(seen) >= limit or (stop and faults):
            break
        n_points += 1
        command = command_at(made, n) if first is None else first
        tree = made.tree(n, model, without)
        mark = identity(tree, command)
        if mark in seen or (without and mark == identity(made.tree(n, model), command)):
            continue
        seen.add(mark)
        wrong = recover(test, command, tree)
        if wrong:
            before = made.operations[n - 1] if n else "nothing"
            faults.append(f"{test.name}, n={n} (after: {before}), {model}: " + "; ".join(wrong))
    return len(seen), n_points, faults


def cut_twice(test, made, limit):
    """The power goes in the run that recovers from a power cut, too: (trees, faults)."""
    trees, faults = 0, []
    late = [point for point in points(made) if point[0] > made.starts[-1] + (len(made) - made.starts[-1]) // 4]
    for n, model in late[:limit]:
        test.restore(made.tree(n, model))
        first = command_at(made, n)
        again, _ = test.record(test.commands[first:first + 1])
        more, _, wrong = cut(test, again, 4, first=first)
        trees += more
        faults += [f"n={n}, {model}, then {fault}" for fault in wrong]
    return trees, faults


def test_scenario(test):
    made = test.record_undisturbed()
    check_recording(test, made)
    limit = 10**9 if CUTS == "all" else int(CUTS)
    trees, n_points, faults = cut(test, made, limit)
    tap.ok(not faults, f"{test.name}: {trees} trees of {n_points} cuts ({len(made) + 1} instants, {len(MODELS)} models) end as undisturbed",
           f"{len(faults)} do not\n" + "\n".join(faults))
    trees, faults = cut_twice(test, made, 50 if CUTS == "all" else 1)
    tap.ok(not faults, f"{test.name}: {trees} trees after a second cut, in the recovery, end as undisturbed", "\n".join(faults))
    print(f"# {time.monotonic() - SECONDS:.1f} s", flush=True)


def unsynced_steps(made, name, without=()):
    """A deliverer may write to the old mbox until the rename, and to the new one as soon as the locks are gone.  So the order of
    our own steps must be the disk's: the new file has a name, the old one has a second name, the rename, the locks go."""
    operations, missing = made.operations, []
    for i, operation in enumerate(operations):
        if operation.told != recording.RENAME or operation.name2 != name:
            continue
        old = max(k for k in range(i) if operations[k].told == recording.LINK and ".old." in operations[k].name)
        new = max(k for k in range(i) if operations[k].told in (recording.LINK, recording.CREATE) and operations[k].name == operation.name)
        free = min(k for k in range(i, len(operations)) if operations[k].told == recording.UNLINK and operations[k].name == f"{name}.lock")
        for start, end in ((new, old), (old, i), (i, free)):
            if not any(step.told == recording.SYNC and step.inode == operation.folder2 and (step.name, step.site) not in without
                       for step in operations[start:end]):
                missing.append(f"no fsync of the folder between {operations[start]} and {operations[end]}")
    return missing


def test_order(test):
    made = test.record(test.commands)[0]
    tap.equal(unsynced_steps(made, test.store_name), [], "mbox: the steps of a rewrite reach the disk one by one, before a deliverer may write")


def test_without_sync(test):
    """This test sees what fsync is for: a program that calls none is found out."""
    made, results = test.record(test.commands, keep=True, FAULT_NO_SYNC="1")
    trees, _, faults = cut(test, made, 100, stop=True)
    tap.ok(faults and all(result.returncode == 0 for result in results),
           f"{test.name}: a program without fsync is found out, after {trees} trees")


def test_lock_from_before(test):
    """A lock file of ours from before a reboot goes, though its process's number may be another's now."""
    test.record(test.commands[:1], FAULT_AT="rename 1 kill")
    lock = test.box / f"{test.store_name}.lock"
    there = lock.exists() and lock.read_text()
    if there:
        _, host, boot, end = there.split(":")
        lock.write_text(f"{os.getpid()}:{host}:{'0' * len(boot)}:{end}")
    wrong = run_on(test, 0)
    tap.ok(there and not wrong, "mbox: a lock file from before a reboot keeps nobody out", f"{there} {wrong}")


def with_scenario(make, *tests):
    for function in tests:
        test = make()
        try:
            if function is not test_scenario:
                test.record_undisturbed()
                test.restore(test.before)
            function(test)
        finally:
            test.close()


skip_if_sanitized()
chosen = os.environ.get("SCENARIOS", "").split()
for scenario_name, make_scenario in scenario.all_scenarios().items():
    if not chosen or scenario_name in chosen:
        more_tests = {"maildir": [test_without_sync], "mbox": [test_without_sync, test_lock_from_before, test_order]}
        with_scenario(make_scenario, test_scenario, *more_tests.get(scenario_name, []))
sys.exit(tap.done())
