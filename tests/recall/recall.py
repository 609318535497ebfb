"""make recall: how many identifiers deskshred finds in sentences by somebody who had not seen its rules.

    recall.py DESKSHRED [TYPE...]

For each type 200 valid numbers, 160 with a word beside them that says what they are and 40 without, and 200 with one character
off, each in a spelling of the type's, one number a message.  All packs are on.  Prints a line for each type and one for all;
RECALL_MISSED names a file for what was missed or wrongly found, RECALL_SEED is the seed (1).  See README.md.
"""
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
import identifiers  # noqa: E402

EACH, WITH_CONTEXT = 200, 160
HEADER = b"From: desk@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
Case = collections.namedtuple("Case", "type valid context spelling start end body")


def cases(sentences, types, rng):
    for name in types:
        kind, about = identifiers.TYPES[name], sentences[name]
        for valid in (True, False):
            for i in range(EACH):
                number = kind.valid(rng) if valid else kind.invalid(rng)
                if number is None:
                    break
                templates = about["with_context"] if i < WITH_CONTEXT else about["bare"]
                before, after = templates[i % len(templates)].split("{value}")
                spelling = rng.choice(about["spellings"]).split(".", 1)[1]
                spelt = kind.spell(spelling, number)
                start = len(before.encode())
                yield Case(name, valid, i < WITH_CONTEXT, spelling, start, start + len(spelt.encode()), before + spelt + after)


def write(folder, all_cases):
    for name in ("cur", "new", "tmp"):
        (folder / "mail" / name).mkdir(parents=True)
    for number, case in enumerate(all_cases):
        (folder / f"mail/cur/1700000000.M{number}P1.desk:2,S").write_bytes(HEADER + case.body.encode() + b"\n")
    packs = ", ".join(f'"{path.stem}"' for path in sorted((HERE / "../../rules").glob("*.conf")))
    (folder / "desk.conf").write_text(f'ledger = {{ path = "{folder}/ledger.db"; key_file = "{folder}/site.key"; }};\npacks = [ {packs} ];\n'
                                      f'stores = ( {{ name = "mail"; plugin = "mail"; path = "{folder}/mail"; }} );\n')


def scan(deskshred, folder):
    """Of each message the spans that were found in its body, and by what rule."""
    done = subprocess.run([deskshred, "--quiet", "--config", folder / "desk.conf", "scan", "--store", "mail", "--format", "jsonl"],
                          capture_output=True, check=True)
    found = collections.defaultdict(list)
    for line in map(json.loads, done.stdout.splitlines()):
        if line["type"] == "finding" and line["where"] == "body" and "start" in line:
            found[line["message"]].append((line["start"], line["end"], line["rule"], line["score"]))
    return found


def share(hits, of):
    return f"{hits:>5} of {of:<5} {100 * hits / of:5.1f} %" if of else f"{'-':>22}"


def main():
    deskshred, types = sys.argv[1], sys.argv[2:]
    sentences = json.loads((HERE / "sentences.json").read_text())
    all_cases = list(cases(sentences, types or list(sentences), random.Random(int(os.environ.get("RECALL_SEED", "1")))))
    with tempfile.TemporaryDirectory() as name:
        write(pathlib.Path(name), all_cases)
        found = scan(deskshred, pathlib.Path(name))
    hits, of, missed = collections.Counter(), collections.Counter(), []
    for number, case in enumerate(all_cases):
        rules = [(rule, score) for start, end, rule, score in found[f"1700000000.M{number}P1.desk"] if start < case.end and end > case.start]
        column = ("context" if case.context else "bare") if case.valid else "wrong"
        for row in (case.type, "all"):
            of[row, column] += 1
            hits[row, column] += bool(rules)
        if bool(rules) != case.valid:
            missed.append(dict(case._asdict(), rules=rules))
    print(f"{'type':<18}{'with context':>22}{'bare':>22}{'one character off':>22}")
    for row in [*(types or sentences), "all"]:
        print(f"{row:<18}" + "".join(share(hits[row, column], of[row, column]) for column in ("context", "bare", "wrong")))
    if "RECALL_MISSED" in os.environ:
        pathlib.Path(os.environ["RECALL_MISSED"]).write_text(json.dumps(missed, ensure_ascii=False, indent=0))


main()
