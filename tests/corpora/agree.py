#!/usr/bin/python3
"""Does the part tree agree with Python's email package, and does it tile?

    agree.py [--verbose] 'TREE_DUMP_COMMAND' PATH...
    agree.py --self-test PATH...

The command is given files and prints one JSON object a line for each: file,
size, and leaves with start, end, role, part, frame, media_type, encoding and,
for body leaves, the sha256 of the decoded bytes.  PATH is a message or a folder
of messages.

Two things are checked for each message.  The leaves of frame 0 tile the file:
every byte belongs to exactly one.  And the decoded bodies are, in number, order
and content, those that Python sees.  Two parsers of mail never agree wholly,
so a difference is *explained* where it can be proved to be a known habit (the
proof is part of the check: for instance the same range of bytes, decoded
leniently, gives the other digest), *allowed* where agree-allowed.txt names the
file and the category, and else a failure.

--self-test puts the judge's own walker in the place of the command: it shows
what this program finds in a corpus, and that the comparison works.

Prints TAP; exit status 1 where something is unexplained.
"""
import argparse
import binascii
import email
import email.policy
import fnmatch
import hashlib
import json
import os
import quopri
import re
import shlex
import subprocess
import sys

sys.dont_write_bytecode = True     # no __pycache__ beside the tests
import judge

# Categories that carry their own proof; anything else needs a line in agree-allowed.txt.
EXPLAINED = {
    "last-line-end": "same bytes but for the line end before a boundary or at the end",
    "line-ends": "same bytes but for CRLF against LF",
    "base64-junk": "same range; python refuses base64 with junk in it, or stops elsewhere",
    "qp-detail": "same range; white space at line ends or a lone = in quoted-printable",
    "uu-detail": "same range; uuencode without its frame",
    "encoding-unknown": "same range; one of the two does not decode this transfer encoding",
    "delivery-status": "python reads message/delivery-status as headers, and has no body for it",
    "message-opened": "python opens every message/... type as a message, also reports and references to elsewhere",
    "malformed-header": "python ends the header at a malformed line; with that line made a header, both agree",
    "lone-cr": "python ends lines at a lone CR, and its quoted-printable loses what follows '=' and a lone CR",
    "headers-opened": "text/rfc822-headers is opened as a message by us; its bytes as a whole are python's leaf",
    "uu-opened": "uuencoded files in plain text are parts for us; the text with them is python's leaf",
    "empty-part": "one of the two has no leaf for an empty body",
}
NEVER = ("tiling", "tool")      # a hole in the tiling or a crash cannot be allowed away


def digest(data):
    return hashlib.sha256(data).hexdigest()


EMPTY = digest(b"")


# ---------------------------------------------------------------- Python's view

class Leaf:
    def __init__(self, data, media_type, note=""):
        self.data, self.media_type, self.note = data, media_type, note


def python_leaves(raw, open_all=True):
    """The leaves that Python's email package finds, in order."""
    return list(leaves_of(email.message_from_bytes(raw, policy=email.policy.compat32), open_all))


def leaves_of(part, open_all, depth=0):
    kind = part.get_content_type()
    cte = str(part.get("content-transfer-encoding", "")).strip().lower()
    if kind == "message/delivery-status" and part.is_multipart():
        yield Leaf(None, kind, "delivery-status")
    elif part.is_multipart() and kind.startswith("message/") and kind not in ("message/rfc822", "message/global") and not open_all:
        yield Leaf(None, kind, "message-opened")
    elif part.is_multipart() and kind.startswith("message/") and cte in ("base64", "quoted-printable") and depth < 100:
        inner = part.get_payload(0)
        policy = email.policy.compat32.clone(mangle_from_=False, max_line_length=0)
        body = inner.as_bytes(policy=policy).lstrip(b"\n") if cte == "base64" else inner.as_bytes(policy=policy)
        data = judge.lenient_base64(body) if cte == "base64" else quopri.decodestring(body)
        yield from leaves_of(email.message_from_bytes(data, policy=email.policy.compat32), open_all, depth + 1)
    elif part.is_multipart():
        for child in part.get_payload():
            yield from leaves_of(child, open_all, depth)
    else:
        yield Leaf(part.get_payload(decode=True) or b"", kind)


def without_lone_cr(raw):
    return re.sub(rb"\r(?!\n)", b"\x1a", raw)


def mended(raw):
    """Malformed lines inside header blocks made into headers of the same length, so that Python reads on."""
    def mend(node):
        out = node.from_line
        for name, field in node.fields:
            end = b"\r\n" if field.endswith(b"\r\n") else b"\n" if field.endswith(b"\n") else b""
            out += field if name else b"X:" + b"x" * max(0, len(field) - 2 - len(end)) + end
        out += node.gap
        if node.children:
            for index, between in enumerate(node.between):
                out += between + (mend(node.children[index]) if index < len(node.children) else b"")
            return out
        if node.nested is not None and node.cte not in ("base64", "quoted-printable"):
            return out + mend(node.nested)
        return out + node.body
    return mend(judge.Node(raw))


# -------------------------------------------------------------------- comparing

def line_end_variants(data):
    yield data
    for end in (b"\r\n", b"\n"):
        if data.endswith(end):
            yield data[:-len(end)]
    yield data + b"\n"
    yield data + b"\r\n"


def plain_qp(data, strip):
    """Quoted-printable by the letter: =XX and soft breaks, nothing else; blanks at line ends kept or not."""
    if strip:
        data = re.sub(rb"[ \t]+(?=\r?\n|\Z)", b"", data)
    data = re.sub(rb"=[ \t]*\r?\n", b"", data)
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), data)


def lone_cr_qp(data):
    """Quoted-printable whose lines end in a lone CR, as an old Macintosh wrote it."""
    data = re.sub(rb"=[ \t]*(\r\n|\n|\r)", b"", data)
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), data)


def decoders(raw):
    """(category if this one differs from Python's, bytes) for each way to decode a range."""
    yield "encoding-unknown", raw
    yield "base64-junk", judge.lenient_base64(raw)
    yield "base64-junk", judge.lenient_base64(raw.split(b"=")[0])
    out = b""
    for chunk in re.findall(rb"[A-Za-z0-9+/\s]+=*", raw):
        out += judge.lenient_base64(chunk)
    yield "base64-junk", out
    qp = quopri.decodestring(raw)
    for data in (qp, plain_qp(raw, False), plain_qp(raw, True)):
        yield "qp-detail", data
        yield "qp-detail", data[:-1] if data.endswith(b"=") else data
    if re.search(rb"\r(?!\n)", raw):
        yield "lone-cr", lone_cr_qp(raw)
    joined = b"".join(raw.splitlines())
    for padding in (b"", b"=", b"==", b"==="):
        try:
            yield "base64-junk", binascii.a2b_base64(joined + padding)
        except binascii.Error:
            pass
    yield "base64-junk", judge.lenient_base64(re.sub(rb"[^A-Za-z0-9+/=\s]", b"", raw))
    match = judge.UU.search(raw)
    if match:
        yield "uu-detail", judge.uu_decode(match.group(2))


def compare_leaf(tool, leaf, blob):
    """The category of the difference between one leaf of each, or None."""
    sha = tool.get("sha256")
    if leaf.data is None:
        return leaf.note
    if digest(leaf.data) == sha:
        return None
    if any(digest(v) == sha for v in line_end_variants(leaf.data)):
        if blob is not None and blob[tool["end"]:tool["end"] + 2] == b"--" and blob[:tool["end"]].endswith(b"\n"):
            return "boundary-line-end"      # RFC 2046 5.1.1: this line end belongs to the boundary, not to the part
        return "last-line-end"
    unified = leaf.data.replace(b"\r\n", b"\n")
    if any(digest(v) == sha for x in (unified, unified.replace(b"\n", b"\r\n")) for v in line_end_variants(x)):
        return "line-ends"
    if blob is None:
        return "content"
    raw = blob[tool["start"]:tool["end"]]
    ways = [(name, v) for name, data in decoders(raw) for v in line_end_variants(data)]
    ours = next((name for name, v in ways if digest(v) == sha), None)
    theirs = next((name for name, v in ways if v == leaf.data), None)
    if ours and theirs:
        return theirs if ours == "encoding-unknown" else ours
    if ours and sha and leaf.data and raw.strip() and leaf.data.strip() in (raw.strip(), raw.replace(b"\r\n", b"\n").strip()):
        return ours
    if ours is None:
        return "tool-decoding"
    return "content"


def part_order(part):
    return tuple(int(x) if x.isdigit() else 0 for x in re.split(r"[./]", str(part)))


def joined(leaves, inside, raw, note):
    """leaves with those in inside made into one body, which is what stands there as a whole."""
    first, last = inside[0], inside[-1]
    whole = dict(first, role="body", end=last["end"], encoding="identity", note=note,
                 sha256=digest(raw[first["start"]:last["end"]]))
    out = []
    for leaf in leaves:
        if leaf is first:
            out.append(whole)
        elif not any(leaf is x for x in inside):
            out.append(leaf)
    return out


def closed(record, raw):
    """The leaves as if bounced headers and uuencoded files had not been opened, which Python does not do."""
    leaves = record["leaves"]
    for head in [x for x in leaves if x["role"] == "header" and x["media_type"] == "text/rfc822-headers"]:
        prefix = str(head["part"]) + "."
        inside = [x for x in leaves if x["frame"] == head["frame"] == 0 and str(x["part"]).startswith(prefix)]
        if inside:
            leaves = joined(leaves, inside, raw, "headers-opened")
            for leaf in leaves:
                if leaf.get("note") == "headers-opened" and leaf["start"] == inside[0]["start"]:
                    leaf["part"] = head["part"]
    for text in sorted({str(x["part"]).rpartition(".")[0] for x in leaves if x["role"] == "body" and x["encoding"] == "uuencode"}):
        inside = [x for x in leaves if x["frame"] == 0 and x["role"] in ("body", "header", "gap") and
                  (str(x["part"]) == text and x["role"] == "body" or
                   re.fullmatch(re.escape(text) + r"\.\d+", str(x["part"])) and x["encoding"] == "uuencode")]
        if any(str(x["part"]) == text for x in inside):
            leaves = joined(leaves, inside, raw, "uu-opened")
    return leaves


def tool_bodies(record, raw):
    """Body leaves in the order of the tree; a blob that was opened gives way to what is in it."""
    bodies = [x for x in closed(record, raw) if x["role"] == "body"]
    bodies.sort(key=lambda x: part_order(x.get("part", "0")))     # stable: the dump's own order among equals

    def opened(leaf):
        prefix = str(leaf["part"]) + "."
        return any(x.get("frame", 0) > leaf.get("frame", 0) and (str(x["part"]).startswith(prefix) or x["part"] == leaf["part"] or
                                                                leaf["part"] == "0")
                   for x in bodies) and str(leaf.get("media_type", "")).startswith(("message/", "multipart/"))
    return [x for x in bodies if not opened(x)]


def compare_message(record, raw):
    """[(category, detail)] for the bodies of one message; empty where both agree."""
    try:
        leaves = python_leaves(raw)
    except Exception as problem:
        return [("python-error", "%s: %s" % (type(problem).__name__, problem))]
    plain = compare_lists(record, leaves, raw)
    if all(c in EXPLAINED for c, _ in plain):
        return plain
    # Is it one of Python's habits?  Take the cause away and look again.
    for category, change, open_all in (
            ("message-opened", bytes, False), ("lone-cr", without_lone_cr, True), ("malformed-header", mended, True),
            ("malformed-header", mended, False), ("malformed-header", lambda r: mended(without_lone_cr(r)), True),
            ("malformed-header", lambda r: mended(without_lone_cr(r)), False)):
        changed = change(raw)
        if changed == raw and open_all:
            continue
        try:
            again = python_leaves(changed, open_all)
        except Exception:
            continue
        if b"\x1a" in changed:
            for leaf in again:
                leaf.data = leaf.data.replace(b"\x1a", b"\r") if leaf.data else leaf.data
        result = compare_lists(record, again, raw)
        if all(c in EXPLAINED for c, _ in result):
            return [(category, EXPLAINED[category])] + result
    return plain


def compare_lists(record, leaves, raw):
    tools = tool_bodies(record, raw)
    if len(tools) != len(leaves):
        full_tools = [x for x in tools if x.get("sha256") != EMPTY]
        full_leaves = [x for x in leaves if x.data is None or x.data.strip(b"\r\n")]
        full_tools = [x for x in full_tools if x["end"] - x["start"] > 2 or x.get("sha256") not in (digest(b"\n"), digest(b"\r\n"))]
        if len(full_tools) == len(full_leaves):
            rest = compare_pairs(full_tools, full_leaves, raw)
            return [("empty-part", "%d leaves, python %d" % (len(tools), len(leaves)))] + rest
        full_leaves = [x for x in full_leaves if x.data is not None]
        if len(full_tools) == len(full_leaves):
            return [("empty-part", "%d leaves, python %d, without reports" % (len(tools), len(leaves)))] + \
                compare_pairs(full_tools, full_leaves, raw)
        return [("number", "%d leaves (%s), python %d (%s)" % (
            len(tools), ", ".join("%s %s" % (x.get("part"), x.get("media_type")) for x in tools[:8]),
            len(leaves), ", ".join(x.media_type for x in leaves[:8])))]
    return compare_pairs(tools, leaves, raw)


def compare_pairs(tools, leaves, raw):
    out = []
    for tool, leaf in zip(tools, leaves):
        category = compare_leaf(tool, leaf, raw if tool.get("frame", 0) == 0 else None)
        # A header block without a body ends in the line break that the boundary needs: to us it is the header's.
        if category in (None, "last-line-end", "boundary-line-end"):
            category = tool.get("note") or category
        if category:
            size = "-" if leaf.data is None else len(leaf.data)
            out.append((category, "part %s %s %s [%d,%d), python %s of %s bytes" % (
                tool.get("part"), tool.get("media_type"), tool.get("encoding"), tool["start"], tool["end"], leaf.media_type, size)))
    return out


def tiling(record, raw):
    """What is wrong with the tiling, or None."""
    if record.get("size") != len(raw):
        return "size %s, the file has %d" % (record.get("size"), len(raw))
    frames = {}
    for leaf in record["leaves"]:
        frames.setdefault(leaf.get("frame", 0), []).append((leaf["start"], leaf["end"], leaf["role"]))
    if 0 not in frames and raw:
        return "no leaf in frame 0"
    for frame, spans in sorted(frames.items()):
        pos = 0
        for start, end, role in sorted(spans):
            if end < start:
                return "frame %d: [%d,%d) ends before it starts" % (frame, start, end)
            if start != pos:
                return "frame %d: %s at %d (%s [%d,%d))" % (frame, "a gap" if start > pos else "an overlap", min(pos, start), role, start, end)
            pos = end
        if frame == 0 and pos != len(raw):
            return "frame 0 ends at %d of %d" % (pos, len(raw))
    return None


# ---------------------------------------------------------------- running it all

def files_of(paths):
    """Messages: files as they are, folders walked; what is plainly no message is left out."""
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                if not name.startswith(".") and not name.endswith((".md", ".py", ".json")) and name != "README":
                    yield os.path.join(folder, name)


def dump(command, paths, timeout=120):
    """{path: record or an error text}; where a batch fails, its files are tried one by one."""
    try:
        done = subprocess.run(command + paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
        problem = done.returncode and "exit status %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace").strip()[-200:])
        output = done.stdout
    except subprocess.TimeoutExpired:
        problem, output = "no answer in %d s" % timeout, b""
    records = {}
    for line in output.splitlines():
        try:
            record = json.loads(line)
            records[record["file"]] = record
        except (ValueError, KeyError, TypeError):
            problem = problem or "a line that is no JSON object with a file"
    missing = [p for p in paths if p not in records]
    if problem and len(paths) > 1:
        for path in paths:
            records.update(dump(command, [path], 30))
    elif problem:
        records[paths[0]] = problem
    else:
        records.update((p, "no record for this file") for p in missing)
    return records


def self_dump(paths):
    """The judge's walker in the place of the command."""
    out = {}
    for path in paths:
        with open(path, "rb") as f:
            raw = f.read()
        frames, leaves = [0], []

        def visit(node, pos, frame, part):
            def leaf(role, data, **more):
                nonlocal pos
                if data:
                    leaves.append(dict(start=pos, end=pos + len(data), role=role, part=part or "0", frame=frame, **more))
                pos += len(data)
            leaf("gap", node.from_line)
            leaf("header", node.head)
            leaf("delimiter", node.gap)
            if node.children:
                for index, between in enumerate(node.between):
                    leaf("delimiter", between)
                    if index < len(node.children):
                        pos = visit(node.children[index], pos, frame, (part + "." if part else "") + str(index + 1))
                return pos
            if node.nested is not None and node.cte not in ("base64", "quoted-printable"):
                return visit(node.nested, pos, frame, (part + "." if part else "") + "1")
            leaf("body", node.body, media_type=node.type, encoding=node.cte, sha256=digest(node.decoded()))
            if node.nested is not None and node.type.startswith("message/"):
                frames[0] += 1
                visit(node.nested, 0, frames[0], (part + "." if part else "") + "1")
            return pos
        visit(judge.Node(raw), 0, 0, "")
        out[path] = {"file": path, "size": len(raw), "leaves": leaves, "not_looked_at": []}
    return out


def read_allowed(path):
    allowed = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            words = line.split("#")[0].split()
            if len(words) >= 2:
                allowed.append((" ".join(words[:-1]), words[-1]))
    return allowed


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="show explained differences too")
    parser.add_argument("--allowed", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "agree-allowed.txt"))
    parser.add_argument("paths", nargs="+", metavar="COMMAND PATH")
    args = parser.parse_args(argv[1:])
    if not args.self_test and len(args.paths) < 2:
        parser.error("a command and at least one PATH are needed")
    command = None if args.self_test else shlex.split(args.paths.pop(0))
    allowed = read_allowed(args.allowed)
    paths = list(files_of(args.paths))
    tap, counts, used = judge.Tap(), {}, set()
    agreeing = 0
    for at in range(0, len(paths), 40):
        batch = paths[at:at + 40]
        records = self_dump(batch) if args.self_test else dump(command, batch)
        for path in batch:
            with open(path, "rb") as f:
                raw = f.read()
            record = records[path]
            if isinstance(record, str):
                found = [("tool", record)]
            else:
                hole = tiling(record, raw)
                found = ([("tiling", hole)] if hole else []) + compare_message(record, raw)
            bad, shown = [], []
            for category, detail in found:
                rule = next((r for r in allowed if r[1] == category and fnmatch.fnmatch(path, "*" + r[0])), None)
                if rule:
                    used.add(rule)
                status = "explained" if category in EXPLAINED else "allowed" if rule and category not in NEVER else "UNEXPLAINED"
                counts[(status, category)] = counts.get((status, category), 0) + 1
                row = "%-12s %-17s %s" % (status, category, detail)
                (bad if status == "UNEXPLAINED" else shown).append(row)
            agreeing += not found
            tap.result(not bad, path, bad + (shown if args.verbose or bad else []))
    print("# %d messages, %d agree outright" % (len(paths), agreeing))
    for (status, category), number in sorted(counts.items()):
        print("# %5d  %-12s %-17s %s" % (number, status, category, EXPLAINED.get(category, "")))
    for rule in allowed:
        if rule not in used:
            print("# allowed but not seen: %s %s" % rule)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
