"""make bench: what a change costs when there is four times as much to change.  Four times, more or less, if it is linear.

    growth.py [values] [mbox] [plan]

GROWTH_VALUES is the larger table's number of values (100000), GROWTH_MESSAGES the larger mbox's number of messages of 20 kB
(4000), GROWTH_LINES the larger plan's number of lines (200000), GROWTH_PAIRS how often each is measured (3).  Ratios are of the
processor time of all processes; of a plan also what it costs a line.  Whatever was to be removed must be gone, or it ends with 1.
"""
import os
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE / "../corpora"))
sys.path.insert(0, str(HERE / "../e2e"))
import many  # noqa: E402
import measure  # noqa: E402
from harness import DESKSHRED, Sandbox  # noqa: E402

VALUES = int(os.environ.get("GROWTH_VALUES", "100000"))
MESSAGES = int(os.environ.get("GROWTH_MESSAGES", "4000"))
LINES = int(os.environ.get("GROWTH_LINES", "200000"))
PAIRS = int(os.environ.get("GROWTH_PAIRS", "3"))
VALUES_A_MESSAGE = 1000     # of a plan


def run(box, *args, status=0):
    cost = measure.run([DESKSHRED, *args], env=box.env, cwd=box.path)
    if cost.status != status:
        sys.exit(f"deskshred {' '.join(map(str, args))}: exit {cost.status}\n{cost.stdout.decode()}{cost.stderr.decode()}")
    return cost


def nothing_left(box, path):
    run(box, "scan", path, "--kind", "credit-card", "--fail-on-findings", "-o", "left.txt")


def redact_table(values):
    with Sandbox() as box:
        many.tables(box.path / "mail", 1, values)
        cost = run(box, "redact", "mail", "--kind", "credit-card", "--reason", "verified")
        nothing_left(box, "mail")
        return cost


def redact_mbox(messages):
    with Sandbox() as box:
        many.mbox(box.path / "box", messages, 20000)
        cost = run(box, "redact", "box", "--kind", "credit-card", "--reason", "verified")
        nothing_left(box, "box")
        return cost


def plan_and_apply(lines):
    with Sandbox() as box:
        many.tables(box.path / "mail", lines // VALUES_A_MESSAGE, VALUES_A_MESSAGE)
        plan = run(box, "plan", "mail", "--do", "redact", "--kind", "credit-card", "-o", "plan.jsonl")
        apply = run(box, "apply", "plan.jsonl", "--reason", "verified")
        if f"{lines} removed, 0 left".encode() not in apply.stdout:
            sys.exit(f"a plan of {lines} lines was not carried out whole:\n{apply.stdout.decode()}")
        return plan, apply


def row(name, pairs):
    """pairs: of Cost, of a fourth and of the whole."""
    ratios = [large.cpu / small.cpu for small, large in pairs]
    large = pairs[-1][1]
    print(f"  {name:<44}{min(ratios):>8.2f}{statistics.median(ratios):>8.2f}{max(ratios):>8.2f}{large.cpu:>9.1f} s"
          f"{measure.mebibytes(large.pss or large.rss):>12}{large.written / 1e6:>9.0f} MB", flush=True)


def measure_values():
    row(f"redact of {VALUES} values in one table", [(redact_table(VALUES // 4), redact_table(VALUES)) for _ in range(PAIRS)])


def measure_mbox():
    row(f"redact of {MESSAGES} messages in an mbox", [(redact_mbox(MESSAGES // 4), redact_mbox(MESSAGES)) for _ in range(PAIRS)])


def measure_plan():
    runs = [(plan_and_apply(LINES // 4), plan_and_apply(LINES)) for _ in range(PAIRS)]
    for place, name in enumerate(("plan", "apply")):
        row(f"{name} of {LINES} lines", [(small[place], large[place]) for small, large in runs])
    print(f"  a line: plan {runs[-1][1][0].cpu / LINES * 1e6:.0f} us, apply {runs[-1][1][1].cpu / LINES * 1e6:.0f} us")


def main():
    known = {"values": measure_values, "mbox": measure_mbox, "plan": measure_plan}
    print(f"  {'four times as much costs so many times':<44}{'min':>8}{'median':>8}{'max':>8}{'cpu':>11}{'memory':>12}{'written':>12}")
    for name in sys.argv[1:] or known:
        known[name]()


if __name__ == "__main__":
    main()
