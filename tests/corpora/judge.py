#!/usr/bin/python3
"""Judge a redaction from outside: is everything gone, and nothing else touched?

    judge.py BEFORE_DIR AFTER_DIR [--where all|default] [--manifest FILE] [--verbose]
    judge.py --self-test

BEFORE_DIR and AFTER_DIR are Maildirs or folders of messages; a message is
recognised by its name up to ':'.  The values looked for are those of plant.py.

Two independent readers look for what is left: a small tree walker of this file,
which works on bytes and knows where a header block, a preamble or an epilogue
lies, and Python's email package under two policies.  Neither shares code with
the program under test.  Everything they read is normalised far more greedily
than any rule would be (all separators, tags, escapes and quote marks gone), so
a value can hide from the program and not from the judge.

Then the bytes: AFTER has to be BEFORE with stretches that hold a value (or a
piece of one) replaced by a label; text in base64 or uuencode and in charsets
with shift states is compared decoded.

Prints TAP; the exit status is 0 when nothing failed, 1 on failures, 2 on wrong
usage.  With --manifest, messages of no ticket (in_ticket false) and plants that
nobody can read are counted and not judged.
"""
import argparse
import base64
import binascii
import difflib
import email
import email.policy
import functools
import html
import json
import os
import quopri
import random
import re
import sys
import tempfile
import unicodedata
import urllib.parse

sys.dont_write_bytecode = True     # no __pycache__ beside the tests
import plant

# ---------------------------------------------------------------- normalising

SQUEEZED = [(key, s) for key, spellings in plant.SQUEEZED.items() for s in spellings]
MAY_GO = [s for _, s in SQUEEZED] + ["".join(ch for ch in b if ch.isalnum()) for b in plant.BYSTANDERS]
RESIDUE = 9      # this many characters of a number left in a row are a residue of it


def squeeze(text):
    """Only letters and digits, folded: what no separator can hide from."""
    return "".join(ch for ch in unicodedata.normalize("NFKC", text).casefold() if ch.isalnum())


def unescape_js(text):
    """\\u0034 and \\x34, as JSON, scripts and style sheets write them."""
    return re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", lambda m: chr(int(m.group(1) or m.group(2), 16)), text)


def strip_tags(text):
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    return re.sub(r"</?[A-Za-z!?][^<>]*>", "", text)


def to_bytes(text):
    """UTF-8; bytes that Python smuggled into a text come out again, and nothing makes it fail."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeError:
        return text.encode("utf-8", "replace")


def unquote_printable(text):
    return quopri.decodestring(to_bytes(text)).decode("utf-8", "replace")


def decode_words(text):
    """RFC 2047 words, joined before their bytes are decoded, since programs cut inside characters."""
    pattern = r"=\?([^?\s]+)\?([bBqQ])\?([^?\r\n]*)\?="

    def run(match):
        out, last, buf = [], None, b""
        for charset, how, data in re.findall(pattern, match.group(0)):
            charset = charset.split("*")[0]
            if charset != last and buf:
                out.append(decode_text(buf, last))
                buf = b""
            last = charset
            if how in "bB":
                buf += lenient_base64(data.encode("ascii", "replace"))
            else:
                buf += quopri.decodestring(to_bytes(data.replace("_", " ")), header=False)
        return "".join(out) + decode_text(buf, last)
    return re.sub(pattern + r"(?:\s+" + pattern + ")*", run, text)


def readings(text):
    """The text under each disguise taken off, alone and together, with its tags and without."""
    seen = [text]
    out = re.sub(r"(?m)^(?:[ \t]*[>|])+[ \t]?", "", text)
    for step in (str, html.unescape, unescape_js, urllib.parse.unquote, decode_words):
        out = step(out)
        seen += [out, html.unescape(strip_tags(out))]
    if "=" in text:
        qp = unquote_printable(text)
        seen += [qp, html.unescape(strip_tags(qp)), html.unescape(qp), urllib.parse.unquote(qp)]
    return list(dict.fromkeys(seen))


def values_in(text, residue=True):
    """The planted values (and long pieces of the numbers) in a text: a dict key -> how it shows."""
    found = {}
    for reading in readings(text):
        flat = squeeze(reading)
        for key, value in SQUEEZED:
            if value in flat:
                found[key] = "whole"
            elif residue and key in ("card", "iban", "tax") and key not in found:
                if any(value[i:i + RESIDUE] in flat for i in range(len(value) - RESIDUE + 1)):
                    found[key] = "residue"
    return found


# ------------------------------------------------------------------- decoding

def decode_text(data, charset):
    """Bytes to text in one charset, never failing."""
    try:
        return data.decode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):
        return data.decode("utf-8", "replace")


def all_texts(data, charset=None):
    """Each text that these bytes could be: declared, and what a reader's program would guess."""
    charsets = [charset, "utf-8", "latin-1", "windows-1252"]
    if b"\0" in data:
        charsets += ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
    if b"+" in data:
        charsets.append("utf-7")
    return list(dict.fromkeys(decode_text(data, cs) for cs in charsets if cs or cs == charsets[0]))


def lenient_base64(data):
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return b""


UU = re.compile(rb"(?ms)^begin(?:-base64)? [0-7]{3,4} ([^\r\n]*)\r?\n(.*?)^(`?\r?\n)?end[ \t]*\r?$")


def uu_decode(body):
    out = b""
    for line in body.splitlines():
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            try:
                out += binascii.a2b_uu(line[:(((line[0] - 32) & 63) * 4 + 5) // 3 + 1])
            except (binascii.Error, IndexError):
                pass
    return out


# ----------------------------------------------------------------- own walker

class Node:
    """A part: its header block, its body, and what lies in the body."""

    def __init__(self, raw, default_type="text/plain", path="0"):
        self.raw, self.path = raw, path
        self.from_line, rest = split_from_line(raw)
        self.head, self.gap, self.body = split_head(rest)
        self.fields = split_fields(self.head)
        self.children, self.between = [], []     # parts and the bytes around them
        self.nested = None                       # a node inside an encoded body
        ctype = self.value("content-type")
        match = re.match(r"\s*([\w.+-]+/[\w.+*-]+)", ctype)
        self.type = match.group(1).lower() if match else default_type
        self.cte = self.value("content-transfer-encoding").strip().lower().split(";")[0].strip()
        self.charset = self.param("content-type", "charset")
        disposition = self.value("content-disposition").strip().lower()
        self.is_file = disposition.startswith("attachment") or bool(self.filename())
        self.open()

    def value(self, name):
        """The first field of this name, unfolded."""
        for field, raw in self.fields:
            if field == name:
                return re.sub(r"\r?\n[ \t]", " ", raw.decode("utf-8", "replace").split(":", 1)[1]).strip("\r\n")
        return ""

    def param(self, field, name):
        match = re.search(r";\s*%s(\*)?\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^\s;]+)" % name, self.value(field), re.I)
        if not match:
            return None
        value = match.group(2).strip('"')
        return urllib.parse.unquote(value.split("'", 2)[-1]) if match.group(1) else value

    def filename(self):
        return any(re.search(r"(?i)[;\s](file)?name\*?(\d|=)?", self.value(f)) and re.search(r"(?i)name\*?[\d*]*=", self.value(f))
                   for f in ("content-disposition", "content-type"))

    def open(self):
        """Look for parts in the body."""
        if self.type.startswith("multipart/"):
            body, boundary = self.body, self.param("content-type", "boundary")
            pieces = split_multipart(body, boundary)
            if pieces is None and self.cte == "base64":
                inner = lenient_base64(body)
                if split_multipart(inner, boundary) is not None:
                    head = b"Content-Type: %s; boundary=\"%s\"\n\n" % (self.type.encode(), boundary.encode())
                    self.nested = Node(head + inner, path=self.path + ".b")
                return
            if pieces is None:
                return
            self.between = pieces[0]
            default = "message/rfc822" if self.type == "multipart/digest" else "text/plain"
            self.children = [Node(part, default, "%s.%d" % (self.path, i)) for i, part in enumerate(pieces[1], 1)]
        elif self.type in ("message/rfc822", "message/global"):
            body = self.decoded()
            if split_fields(split_head(split_from_line(body)[1])[0]):
                self.nested = Node(body, path=self.path + ".1")

    def decoded(self):
        """The body without its transfer encoding."""
        if self.cte == "base64":
            return lenient_base64(self.body)
        if self.cte == "quoted-printable":
            return quopri.decodestring(self.body)
        if self.cte in ("x-uuencode", "uuencode", "x-uue", "uue"):
            match = UU.search(self.body)
            return uu_decode(match.group(2)) if match else self.body
        return self.body

    def is_tombstone(self):
        return any(name == "x-deskshred" for name, _ in self.fields)


def split_from_line(raw):
    if raw.startswith((b"From ", b">From ")):
        end = raw.find(b"\n") + 1 or len(raw)
        return raw[:end], raw[end:]
    return b"", raw


FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]+[ \t]*:")


def split_head(raw):
    """(header block, blank line, body).  A text that does not begin like a header has no header block."""
    first = raw.split(b"\n", 1)[0]
    if first.strip(b"\r") == b"":
        end = raw.find(b"\n") + 1 or len(raw)
        return b"", raw[:end], raw[end:]
    if not FIELD.match(first) and first[:1] not in (b" ", b"\t"):
        return b"", b"", raw
    match = re.search(rb"\r?\n(\r?\n)", raw)
    if not match:
        return raw, b"", b""
    return raw[:match.start(1)], match.group(1), raw[match.end():]


def split_fields(head):
    """(name, raw bytes) in order; a malformed line has the name ''."""
    out = []
    for line in head.splitlines(keepends=True) if b"\n" not in head else re.findall(rb"[^\n]*\n|[^\n]+$", head):
        if line[:1] in b" \t" and line[:1] and out:
            out[-1] = (out[-1][0], out[-1][1] + line)
        elif FIELD.match(line):
            out.append((line.split(b":", 1)[0].strip().decode("ascii").lower(), line))
        else:
            out.append(("", line))
    return out


def split_multipart(body, boundary):
    """([bytes between the parts], [parts]) or None where the boundary never shows."""
    if not boundary:
        return None
    delimiter = re.compile(rb"(?m)(?:\r?\n|\A)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    between, parts, pos, start = [], [], 0, None
    while True:
        match = delimiter.search(body, pos)
        if not match:
            break
        if start is None:
            between.append(body[:match.end()])
        else:
            end = max(start, match.start())      # an empty part: two delimiters share a line end
            parts.append(body[start:end])
            between.append(body[end:match.end()])
        if match.group(1):
            between[-1] += body[match.end():]
            return between, parts
        start = match.end()
        # The line end of this delimiter may be the one before the next.
        pos = max(match.end() - 1, match.start() + 1)
        if match.end() == len(body):
            break
    if start is None:
        return None
    parts.append(body[start:])
    between.append(b"")
    return between, parts


# --------------------------------------------------------------- what is left

OPAQUE = ("image/", "audio/", "video/", "application/pdf", "application/pgp-encrypted")


def field_place(name, value):
    if name == "subject":
        return "subject"
    if name in ("content-type", "content-disposition"):
        return "filename"
    return "headers"


def collapse_2231(text):
    """file name parameters in pieces and percent-encoded, as one text."""
    parts = re.findall(r"(?i)name\*?(\d*)\*?=(\"[^\"]*\"|[^;\s]*)", text)
    return urllib.parse.unquote("".join(v.strip('"') for _, v in parts).replace("utf-8''", " "))


def own_texts(node, inside=False):
    """(place, where in the message, text) for everything in a node."""
    if node.from_line:
        yield "headers", node.path + " From line", decode_text(node.from_line, "utf-8")
    for name, raw in node.fields:
        text = re.sub(r"\r?\n[ \t]", " ", decode_text(raw, "utf-8"))
        place = field_place(name, text)
        for shown in all_texts(raw):
            yield place, "%s %s" % (node.path, name or "malformed line"), shown
        if place == "filename":
            yield place, "%s %s" % (node.path, name), collapse_2231(decode_words(text))
    if node.children:
        body = "attachment" if inside else "body"
        for piece in node.between:
            for shown in all_texts(piece):
                yield body, node.path + " between parts", shown
        for child in node.children:
            yield from own_texts(child, inside)
        return
    if node.nested is not None:
        yield from own_texts(node.nested, inside or node.type.startswith("message/"))
        return
    is_body = node.type.startswith(("text/", "multipart/")) and node.type != "text/rfc822-headers"
    place = "body" if is_body and not inside and not node.is_file else "attachment"
    if node.type.startswith(OPAQUE):
        place = "opaque"
    raws = [node.decoded()] + ([node.body] if node.decoded() != node.body and node.cte != "base64" else [])
    if node.cte == "base64" and re.search(rb"[^A-Za-z0-9+/=\s]", node.body):
        raws.append(node.body)          # base64 declared, something else written
    for data in raws:
        for match in UU.finditer(data):
            yield "filename", node.path + " uuencode name", decode_text(match.group(1), "utf-8")
            for shown in all_texts(uu_decode(match.group(2))):
                yield "attachment", node.path + " uuencode", shown
        rest = UU.sub(b"\n", data)
        for shown in all_texts(rest, node.charset):
            yield place, node.path + " " + node.type, shown


def package_texts(raw, policy):
    """The same through Python's email package; where it sees other header blocks than we do, its bodies are skipped."""
    try:
        message = email.message_from_bytes(raw, policy=policy)
    except Exception:                   # the package has its own bugs; they aren't the redactor's
        return
    seen_nested, report_fields = set(), set()
    for part in message.walk():
        names = [type(d).__name__ for d in part.defects]
        for name in part.keys():
            try:
                value = str(part[name])
            except Exception:
                continue
            place = "attachment" if id(part) in report_fields else field_place(name.lower(), value)
            yield place, "email package %s" % name, value
        try:
            filename = part.get_filename()
        except Exception:
            filename = None
        if filename:
            yield "filename", "email package file name", decode_words(str(filename))
        if "MissingHeaderBodySeparatorDefect" in names or "FirstHeaderLineIsContinuationDefect" in names:
            continue
        if part.is_multipart():
            if part.get_content_type() == "message/delivery-status":
                report_fields.update(id(p) for p in part.get_payload())     # its content looks like headers, and is content
            for piece in (part.preamble, part.epilogue):
                if piece:
                    yield "body", "email package pre/epilogue", piece
            if part.get_content_type() == "message/rfc822" and part.get("content-transfer-encoding", "").strip().lower() in (
                    "base64", "quoted-printable"):
                seen_nested.update(id(p) for p in part.walk() if p is not part)
            continue
        if id(part) in seen_nested:
            continue                    # an encoded message read as if it were not: our walker reads it
        try:
            data = part.get_payload(decode=True) or b""
            charset = part.get_content_charset()
        except Exception:
            continue
        kind = part.get_content_type()
        place = "opaque" if kind.startswith(OPAQUE) else "attachment" if filename else "body"
        for shown in all_texts(data, charset):
            yield place, "email package " + kind, shown


def what_is_left(raw):
    """{(place, key): (how, where)}: a header place never hides a body place."""
    left = {}
    readers = [own_texts(Node(raw))] + [package_texts(raw, p) for p in (email.policy.compat32, email.policy.default)]
    seen = set()
    for reader in readers:
        for place, where, text in reader:
            if (place, text) in seen:
                continue
            seen.add((place, text))
            for key, how in values_in(text).items():
                if left.get((place, key), ("residue",))[0] != "whole":
                    left[(place, key)] = (how, where + ": " + ", ".join(snippets(text, key)))
    return left


def snippets(text, key):
    """Where a value shows, with what stands before it: the values are public, and the reader wants to know which one it was."""
    out = []
    for reading in readings(text):
        flat = unicodedata.normalize("NFKC", reading)
        for value in plant.SQUEEZED[key]:
            for match in re.finditer(r"[\W_]{0,12}".join(map(re.escape, value)), flat, re.I):
                out.append(repr(flat[max(0, match.start() - 18):match.end()]))
    return list(dict.fromkeys(out))[:8]


# ------------------------------------------------------------ only that: bytes

KINDS = """email phone credit-card card-security iban bank-account national-id tax-id health-id social-security passport id-card
driving-licence mrz date-of-birth ip-address mac-address imei imsi iccid vin licence-plate geo-location crypto-address cookie
device-id account-id password private-key token username postal-address person special-category value""".split()
NAME = "(?:%s)" % "|".join(sorted(KINDS, key=len, reverse=True))
LABEL = re.compile("|".join([
    r"\[%s removed\]" % NAME,
    r"removed-\d+@redacted\.invalid",
    r"%5[Bb]" + NAME + r"(?:%20|\+)removed%5[Dd]",          # in a link
    r"(?:\[|=5B)" + NAME + r"(?:=20|_| )removed(?:\]|=5D)",  # in an encoded word
    r"\[" + NAME + r"&#32;removed\]",                        # in an attribute without quotes
    r"&#91;%s removed&#93;" % NAME]))
# Quoted-printable may need soft line breaks in and around a label.
SOFT_LABEL = re.compile(r"(?:=\r?\n)?(?:(?:\[|=5B)(?:[a-z ]|-|=20|=\r?\n){9,60}?(?:\]|=5D)|"
                        r"removed(?:-|=\r?\n)+(?:\d|=\r?\n)+(?:@|=40)(?:[a-z.]|=\r?\n){16,24}(?<=d))(?:=\r?\n)?")
# A label that had to be quoted where the value was not: a JSON number, a bare attribute.
QUOTED_LABEL = re.compile("([\"'])(?:" + LABEL.pattern + ")\\1")
MARK, QUOTED = "\ue000", "\ue001"


def mark_labels(text, mode):
    """Each label as one character that no mail of the corpus holds."""
    if mode == "soft":
        def check(match):
            inner = re.sub(r"=\r?\n", "", match.group(0))
            return MARK if LABEL.fullmatch(inner) else match.group(0)
        text = SOFT_LABEL.sub(check, text)
    elif mode == "quoted":
        text = QUOTED_LABEL.sub(QUOTED, text)
    return LABEL.sub(MARK, text)


@functools.lru_cache(maxsize=100000)
def may_go(gap, quoted=False):
    """Is this stretch made of whole planted values and the noise inside them, with nothing at its ends?"""
    core = re.sub(r"^(?:=\r?\n)+|(?:=\r?\n)+$", "", gap)
    if quoted and len(core) > 2 and core[0] == core[-1] and core[0] in "\"'":
        core = core[1:-1]
    if not core or core != core.strip() or core[0] in ENDS or core[-1] in ENDS and not re.search(r"&#?\w+;\Z", core):
        return False
    if core[0] == "<" and not re.match(r"</?[A-Za-z!]", core) or core[-1] == ">" and not re.search(r"<[^<>]*>\Z", core):
        return False
    for text in byte_readings(core):
        for reading in readings(text):
            flat = squeeze(reading)
            for value in sorted(MAY_GO, key=len, reverse=True) if flat else ():
                flat = flat.replace(value, "\0")
            if flat and not flat.strip("\0"):
                return True
    return False


ENDS = ".,;:!?()[]{}\"'|/-_*#~+^$@`\u00a0\u2009\u3000"


def byte_readings(text):
    """A stretch of bytes (one a character) under each charset of the corpus that can decode it."""
    out = [text]
    if any("\x7f" < ch < "\u0100" for ch in text):
        try:
            data = text.encode("latin-1")
        except UnicodeError:
            return out
        for charset in ("utf-8", "windows-1252", "koi8-r", "shift_jis", "euc-jp", "gb18030", "big5"):
            try:
                out.append(data.decode(charset))
            except UnicodeError:
                pass
    return out


def align(before, after, mode="plain"):
    """None if AFTER is BEFORE with values replaced by labels, else what is wrong."""
    if before == after:
        return None
    marked = mark_labels(after, mode)
    pieces = re.split("([%s%s])" % (MARK, QUOTED), marked)
    if len(pieces) > 1 and fits(before, pieces[::2], [m == QUOTED for m in pieces[1::2]]):
        return None
    return by_diff(before, marked.replace(QUOTED, MARK))


def fits(before, pieces, quoted):
    """Each literal piece in order, with a permitted gap for each label: exact, with backtracking."""
    if not before.startswith(pieces[0]):
        return False

    @functools.lru_cache(maxsize=None)
    def rest(index, pos):
        piece = pieces[index]
        if index == len(pieces) - 1:
            start = len(before) - len(piece)
            return start >= pos and before.endswith(piece) and may_go(before[pos:start], quoted[index - 1])
        start = before.find(piece, pos + 1)
        tries = 0
        while 0 <= start <= pos + 1500 and tries < 200:
            if may_go(before[pos:start], quoted[index - 1]) and rest(index + 1, start + len(piece)):
                return True
            start = before.find(piece, start + 1)
            tries += 1
        return False
    return rest(1, len(pieces[0]))


def by_diff(before, after):
    """The general case: a label in one place, the rest of its value deleted around markup that stays."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    b, a = before[start:len(before) - end], after[start:len(after) - end]
    if len(b) * len(a) > 60_000_000:
        return "too long to align (%d and %d characters differ)" % (len(b), len(a))
    clusters, last = [], None           # of edits with nothing but markup and separators between them
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, b, a, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if a[j1:j2].strip(MARK):
            return "bytes that are no label stand at %d: %r instead of %r" % (start + j1, a[j1:j2][:60], b[i1:i2][:60])
        if last is None or squeeze(strip_tags(html.unescape(re.sub(r"=3[dD]", "=", b[last:i1])))):
            clusters.append(["", "", start + i1])
        clusters[-1][0] += b[i1:i2]
        clusters[-1][1] += a[j1:j2]
        last = i2
    for gone, new, at in clusters:
        if not gone:
            return "a label was put at %d where nothing was removed" % at
        if not new:
            return "removed at %d without a label: %r" % (at, gone[:60])
        if not may_go(gone):
            return "removed at %d, and no value: %r" % (at, gone[:60])
    return None


def latin(data):
    return data.decode("latin-1")


def compare_field(name, before, after):
    """One header field."""
    if before == after:
        return None
    if name in ("message-id", "references", "in-reply-to", "content-id", "date", "mime-version", "content-transfer-encoding",
                "resent-message-id", "resent-date"):
        return "structural header changed"
    if align(latin(before), latin(after)) is None:
        return None
    # Encoded words and RFC 2231 pieces: the readers' text has to be the same outside the values.
    texts = []
    for raw in (before, after):
        text = re.sub(r"\r?\n([ \t])", r"\1", raw.decode("utf-8", "surrogateescape"))
        if name in ("content-type", "content-disposition"):
            text = normal_params(raw)
        texts.append(re.sub(r"\s+", " ", decode_words(text)))
    if texts[0] == texts[1]:
        return "written anew, though no value was removed from it"
    wrong = align(*texts)
    return wrong and "decoded: " + wrong


def normal_params(raw):
    """A parameterised field with its pieces joined and decoded, one parameter a line."""
    message = email.message_from_bytes(raw.rstrip(b"\r\n") + b"\n\n", policy=email.policy.compat32)
    name = message.keys()[0]
    lines = []
    for key, value in message.get_params(header=name, unquote=True) or []:
        lines.append("%s=%s" % (key.lower(), decode_words(email.utils.collapse_rfc2231_value(value))))
    return name + ": " + "\n".join(lines[:1] + sorted(lines[1:]))


SHIFTED = re.compile(r"(?i)utf-?(7|16|32)|iso-2022|hz-gb|ucs-?[24]")


def compare_leaf(b, a):
    """The content of one leaf."""
    if b.body == a.body:
        return None
    if b.cte == "base64" or b.cte in ("x-uuencode", "uuencode", "x-uue", "uue"):
        if b.cte == "base64" and align(latin(b.body), latin(a.body)) is None:
            return None                 # declared base64, never was
        wrong = line_shape(b.body, a.body) if b.cte == "base64" else None
        return wrong or compare_decoded(b.decoded(), a.decoded(), b)
    if UU.search(b.body):
        return compare_uu(b, a)
    if b.charset and SHIFTED.search(b.charset) or b"\0" in b.body[:200] and b.cte == "binary":
        return compare_decoded(b.decoded(), a.decoded(), b)
    return align_kind(latin(b.body), latin(a.body), b)


def line_shape(before, after):
    """Base64 keeps its line length and its line end."""
    b, a = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(b) > 1 and len(a) > 1 and b[0] != a[0] and len(b[0]) != len(a[0]):
        return "base64 line length or line end changed: %d, was %d" % (len(a[0]), len(b[0]))
    return None


def align_kind(before, after, node):
    wrong = align(before, after)
    if wrong and node.cte == "quoted-printable":
        return align(before, after, "soft")
    if wrong and node.type in ("text/html", "application/json", "application/xml", "text/xml"):
        return align(before, after, "quoted") and wrong
    return wrong


def compare_decoded(before, after, node):
    """Decoded bytes, as text where the charset says how."""
    if before == after:
        return None
    codec = node.charset
    if before[:2] in (b"\xff\xfe", b"\xfe\xff") and (not codec or not re.match(r"(?i)utf-?32", codec)):
        codec = "utf-16"
    try:
        if codec and SHIFTED.search(codec):
            if before[:4].strip(b"\0") and before[:2] in (b"\xff\xfe", b"\xfe\xff") and before[:2] != after[:2]:
                return "the byte order mark changed"
            texts = before.decode(codec), after.decode(codec)
        else:
            texts = latin(before), latin(after)
    except (UnicodeError, LookupError) as problem:
        try:
            before.decode(codec)
            return "the text no longer decodes as %s: %s" % (codec, problem)
        except (UnicodeError, LookupError):
            texts = latin(before), latin(after)
    return align_kind(*texts, node)


def compare_uu(b, a):
    """Text with uuencoded files in it: the surroundings, the names and the decoded files."""
    found_b, found_a = list(UU.finditer(b.body)), list(UU.finditer(a.body))
    if len(found_b) != len(found_a):
        return "%d uuencoded files, were %d" % (len(found_a), len(found_b))
    for one, other in zip(found_b, found_a):
        wrong = align(latin(one.group(1)), latin(other.group(1))) or \
            align(latin(uu_decode(one.group(2))), latin(uu_decode(other.group(2))))
        if wrong:
            return "uuencoded file: " + wrong
    return align(latin(UU.sub(b"\0uu\0", b.body)), latin(UU.sub(b"\0uu\0", a.body)))


def compare_nodes(b, a, problems, notes):
    """Two trees, part by part."""
    if b.raw == a.raw:
        return
    if a.is_tombstone() and not b.is_tombstone():
        if any(values_in(text) for place, _, text in own_texts(b)):
            notes.append("part %s became a tombstone" % b.path)
        else:
            problems.append("part %s became a tombstone and held no planted value" % b.path)
        compare_tombstone(b, a, problems)
        return
    if b.from_line != a.from_line and align(latin(b.from_line), latin(a.from_line)):
        problems.append("part %s: the From line changed" % b.path)
    if b.gap != a.gap:
        problems.append("part %s: the line between header and body changed" % b.path)
    names_b, names_a = [n for n, _ in b.fields], [n for n, _ in a.fields]
    if names_b != names_a:
        problems.append("part %s: header fields differ: %s, were %s" % (b.path, names_a, names_b))
    else:
        for (name, one), (_, other) in zip(b.fields, a.fields):
            wrong = compare_field(name, one, other)
            if wrong:
                problems.append("part %s, header %s: %s" % (b.path, name or "(malformed line)", wrong))
    if (b.type, b.cte, b.charset) != (a.type, a.cte, a.charset):
        problems.append("part %s: type, encoding or charset changed: %s, was %s" % (
            b.path, (a.type, a.cte, a.charset), (b.type, b.cte, b.charset)))
        return
    if len(b.children) != len(a.children) or (b.nested is None) != (a.nested is None):
        problems.append("part %s: the tree changed: %d parts, were %d" % (b.path, len(a.children), len(b.children)))
        return
    if b.children:
        for index, (one, other) in enumerate(zip(b.between, a.between)):
            wrong = align(latin(one), latin(other))
            if wrong:
                problems.append("part %s, before part %d: %s" % (b.path, index + 1, wrong))
        for one, other in zip(b.children, a.children):
            compare_nodes(one, other, problems, notes)
    elif b.nested is not None:
        compare_nodes(b.nested, a.nested, problems, notes)
        wrong = line_shape(b.body, a.body) if b.cte == "base64" else None
        if wrong:
            problems.append("part %s: %s" % (b.path, wrong))
        if b.cte == "quoted-printable" and align(latin(b.body), latin(a.body), "soft") is not None:
            notes.append("part %s: a quoted-printable message was encoded anew beyond the edit" % b.path)
    else:
        wrong = compare_leaf(b, a)
        if wrong:
            problems.append("part %s (%s): %s" % (b.path, b.type, wrong))


def compare_tombstone(b, a, problems):
    """A tombstone stands for content: the fields that are not about the content stay."""
    def others(node):
        return [(n, raw) for n, raw in node.fields if not n.startswith("content-") and n not in ("x-deskshred", "mime-version")]
    if [n for n, _ in others(b)] != [n for n, _ in others(a)]:
        problems.append("tombstone %s: other header fields went or came" % b.path)
        return
    for (name, one), (_, other) in zip(others(b), others(a)):
        wrong = compare_field(name, one, other)
        if wrong:
            problems.append("tombstone %s, header %s: %s" % (b.path, name, wrong))
    if a.type != "text/plain" or a.body.strip() == b"":
        problems.append("tombstone %s: is %s with %d bytes" % (a.path, a.type, len(a.body)))


def shape(raw):
    """The tree as Python's email package sees it."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        return [(p.get_content_type(), p.get_boundary(), str(p.get("message-id")), str(p.get("references")),
                 str(p.get("in-reply-to")), str(p.get("content-id")), str(p.get("date")),
                 len(p.get_payload()) if p.is_multipart() else 0) for p in message.walk()], \
            any(p.get("x-deskshred") for p in message.walk())
    except Exception as problem:
        return [("unreadable", type(problem).__name__)], False


# --------------------------------------------------------------------- judging

def covered(place, where):
    return place != "opaque" and (where == "all" or place in plant.DEFAULT_PLACES)


def judge_message(before, after, where):
    """(failures, notes, {place: count left but not covered})."""
    failures, notes, outside = [], [], {}
    for (place, key), (how, at) in sorted(what_is_left(after).items()):
        if covered(place, where):
            failures.append("%s of %s is left in %s (%s)" % ("the whole" if how == "whole" else "a piece", key, place, at))
        else:
            outside[place] = outside.get(place, 0) + 1
    compare_nodes(Node(before), Node(after), failures, notes)
    (shape_b, _), (shape_a, tombstone) = shape(before), shape(after)
    if shape_b != shape_a and not tombstone:
        pairs = [(x, y) for x, y in zip(shape_b, shape_a) if x != y]
        failures.append("the email package sees another tree: %s" % (pairs[:1] or "%d parts, were %d" % (len(shape_a), len(shape_b))))
    return failures, notes, outside


def messages_of(folder):
    """{unique name: path}; a folder with cur/ is a Maildir, of which tmp/ holds no mail."""
    folders = [os.path.join(folder, f) for f in ("cur", "new")] if os.path.isdir(os.path.join(folder, "cur")) else [folder]
    out = {}
    for one in folders:
        for name in sorted(os.listdir(one)) if os.path.isdir(one) else []:
            path = os.path.join(one, name)
            if os.path.isfile(path) and not name.startswith("."):
                out[name.split(":", 1)[0]] = path
    return out


class Tap:
    """Test results as TAP on standard output."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, good, name, details=()):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, name))
        for detail in details:
            print("  # " + str(detail).replace("\n", "\\n"))

    def end(self):
        print("1..%d" % self.count)
        return 1 if self.failed or not self.count else 0


def judge(before_dir, after_dir, where, manifest, verbose):
    tap = Tap()
    before, after = messages_of(before_dir), messages_of(after_dir)
    outsiders = set()
    if manifest:
        with open(manifest, encoding="utf-8") as f:
            outsiders = {p["message"].split(":", 1)[0] for p in json.load(f)["plants"] if not p["in_ticket"]}
    total, tombstones = {}, 0
    for unique, path in before.items():
        other = after.get(unique)
        if other is None:
            tap.result(False, unique, ["the message is gone"])
            continue
        with open(path, "rb") as f, open(other, "rb") as g:
            raw_b, raw_a = f.read(), g.read()
        failures, notes, outside = judge_message(raw_b, raw_a, where)
        if unique in outsiders:
            failures = [x for x in failures if " is left in " not in x]
            notes.append("belongs to no ticket: what is left is not judged")
        stat_b, stat_a = os.stat(path), os.stat(other)
        if stat_b.st_mode != stat_a.st_mode:
            failures.append("mode %o, was %o" % (stat_a.st_mode & 0o7777, stat_b.st_mode & 0o7777))
        if stat_b.st_mtime_ns // 1000 != stat_a.st_mtime_ns // 1000:
            failures.append("modification time %r, was %r" % (stat_a.st_mtime, stat_b.st_mtime))
        if os.path.basename(path) != os.path.basename(other) or os.path.basename(os.path.dirname(path)) not in (
                os.path.basename(os.path.dirname(other)), os.path.basename(before_dir.rstrip("/"))):
            failures.append("renamed or moved: %s" % os.path.basename(other))
        for place, count in outside.items():
            total[place] = total.get(place, 0) + count
        tombstones += sum("tombstone" in n for n in notes)
        if verbose and outside:
            notes.append("left, not covered by --where: %s" % outside)
        tap.result(not failures, unique, failures + ["note: " + n for n in notes])
    extra = sorted(set(after) - set(before))
    tap.result(not extra, "no message was added", extra)
    tmp = os.path.join(after_dir, "tmp")
    rest = [n for n in os.listdir(tmp) if not n.startswith(".")] if os.path.isdir(tmp) else []
    tap.result(not rest, "nothing was left in tmp", rest)
    print("# %d messages judged, %d failed; tombstones: %d" % (len(before), tap.failed, tombstones))
    print("# values left where --where %s does not reach: %s" % (where, ", ".join(
        "%d in %s" % (n, p) for p, n in sorted(total.items())) or "none"))
    return tap.end()


# ------------------------------------------------------------------- self-test

def self_test():
    """Is the judge sharp?  A perfect redactor passes; one that overlooks any single plant, or touches more, does not."""
    tap = Tap()
    full = plant.build()
    perfect = {where: plant.build(lambda p, w=where: not (p["reach"] == "default" or w == "all" and p["reach"] == "all"))
               for where in ("default", "all")}
    for where, corpus in perfect.items():
        bad = []
        for (_, name, raw), (_, _, new) in zip(full.messages, corpus.messages):
            failures, _, _ = judge_message(raw, new, where)
            bad += ["%s: %s" % (name, f) for f in failures]
        tap.result(not bad, "a perfect redactor passes, --where " + where, bad)

    missed, extra = [], []
    for one in full.plants:
        if one["reach"] == "opaque":
            continue
        where = "default" if one["reach"] == "default" else "all"
        faulty = plant.build(lambda p: p["id"] == one["id"])
        index = [n for _, n, _ in full.messages].index(one["message"])
        left = what_is_left(faulty.messages[index][2])
        seen = {key for (place, key), (how, _) in left.items() if place == one["place"] and how == "whole"}
        if one["value"] not in seen:
            missed.append("%(id)d %(message)s: %(form)s in %(place)s" % one + "; saw %s" % left)
        elif seen != {one["value"]} or any(covered(p, "default") != (where == "default") for p, _ in left):
            extra.append("%(id)d %(message)s: %(form)s in %(place)s" % one + "; saw %s" % left)
    tap.result(not missed, "each of %d plants left alone is seen at its place" % len(full.plants), missed)
    tap.result(not extra, "and nowhere else", extra)

    simple = next(i for i, m in enumerate(full.messages) if b"Konto" in m[2])
    raw, good = full.messages[simple][2], perfect["default"].messages[simple][2]
    html_at = next(p["message"] for p in full.plants if p["form"] == "tags inside the number")
    html_index = [n for _, n, _ in full.messages].index(html_at)
    rows = [
        ("a byte changed outside", raw, good.replace(b"Guten Tag", b"Guten  Tag"), False),
        ("a word before the value removed too", raw, good.replace(b"Karte ist [", b"["), False),
        ("the value replaced by nothing", raw, raw.replace(plant.CARD.encode(), b"").replace(plant.CARD_DIGITS.encode(), b""), False),
        ("half a value left", raw, good.replace(b"[credit-card removed]", b"4111 1111 1[credit-card removed]", 1), False),
        ("asterisks instead of a label", raw, good.replace(b"[credit-card removed]", b"*******************"), False),
        ("a part of another value kept as a mask", raw, good.replace(b"[iban removed]", b"DE89 3704 0044 05**"), False),
        ("line ends converted", raw, good.replace(b"\n", b"\r\n"), False),
        ("the Date changed", raw, good.replace(b"Date: Tue, 14 Nov", b"Date: Tue, 15 Nov"), False),
        ("the Message-ID changed", raw, good.replace(b"<4711.", b"<4712."), False),
        ("a header added", raw, b"X-Redacted: yes\n" + good, False),
        ("a blank line added before the text", raw, good.replace(b"\n\n", b"\n\n\n", 1), False),
        ("a label where nothing was", raw, good.replace(b"danke", b"[email removed]"), False),
        ("trailing newline lost", raw, good[:-1], False),
        ("the perfect answer", raw, good, True),
    ]
    for name, before, after, want in rows:
        failures, _, _ = judge_message(before, after, "default")
        tap.result(bool(failures) != want, "%s is %s" % (name, "accepted" if want else "refused"), failures[:1] if not want else failures)

    # Edits as a program makes them that keeps the markup: label in the first piece, the other pieces emptied.
    before = full.messages[html_index][2]
    target = b"4111 <b>1111</b> <i>1111</i> 1111"
    after = perfect["default"].messages[html_index][2]
    kept = plant.build(lambda p: p["form"] == "tags inside the number").messages[html_index][2].replace(
        target, b"[credit-card removed]<b></b><i></i>")
    tap.result(align(latin(before), latin(kept)) is None, "markup kept around an emptied value is accepted",
               [align(latin(before), latin(kept))])
    tap.result(align(latin(before), latin(after)) is None, "markup removed with the value is accepted")
    part = "=?utf-8?B?" + base64.b64encode(b"Frage 4111 1111").decode() + "?=\n =?utf-8?Q?_1111_1111_neu?="
    new = "=?utf-8?B?" + base64.b64encode(b"Frage [credit-card removed] neu").decode() + "?="
    tap.result(compare_field("subject", b"Subject: " + part.encode(), b"Subject: " + new.encode()) is None,
               "encoded words written anew are accepted")
    tap.result(compare_field("subject", b"Subject: " + part.encode(), b"Subject: " + new.replace("neu", "alt").encode()) is None
               and compare_field("subject", b"Subject: =?utf-8?Q?Frage_4111_1111_1111_1111_neu?=",
                                 b"Subject: =?utf-8?Q?Frage_[credit-card_removed]_alt?=") is not None,
               "encoded words with another text are refused")
    qp = "Karte 4111 1111 1111 1111 und noch viel mehr Text in dieser Zeile=\n weiter\n"
    soft = "Karte [credit-card rem=\noved] und noch viel mehr Text in dieser Zeile=\n weiter\n"
    tap.result(align(qp, soft, "soft") is None, "a soft line break inside a label is accepted")
    index = next(i for i, m in enumerate(full.messages) if b"kunden.csv" in m[2])
    raw = full.messages[index][2]
    parts = re.split(rb"(?m)(?=^--att1)", raw)
    stone = b"--att1\nContent-Type: text/plain; charset=utf-8\nX-Deskshred: 1; action=0\n\nA file was removed.\n\n"
    shredded = b"".join(stone if b"Content-Disposition" in p else p for p in parts)
    failures, notes, _ = judge_message(raw, shredded, "default")
    tap.result(not failures and len(notes) == 4, "four attachments shredded to tombstones are accepted", failures)
    failures, _, _ = judge_message(raw, b"".join(p for p in parts if b"Content-Disposition" not in p), "default")
    tap.result(bool(failures), "attachments that vanished are refused")
    failures, _, _ = judge_message(raw, b"".join(stone if b"Anbei" in p or b"Content-Disp" in p else p for p in parts), "default")
    tap.result(bool(failures), "a tombstone for a part without a value is refused")
    # One byte wrong anywhere outside a label has to show.
    random.seed(4711)
    blind, tries = [], 0
    for (_, name, before), (_, _, good) in zip(full.messages, perfect["default"].messages):
        if b"base64" in good or b"=?" in good or b"begin 644" in good:
            continue                    # the same content may be encoded in more than one way
        for how in ("drop", "add", "flip") * 2:
            pos = random.randrange(len(good))
            new = {"drop": b"", "add": b"q" + good[pos:pos + 1], "flip": bytes([good[pos] ^ 1])}[how]
            tries += 1
            if not judge_message(before, good[:pos] + new + good[pos + 1:], "default")[0]:
                blind.append("%s: %s at %d, %r" % (name, how, pos, good[max(0, pos - 15):pos + 15]))
    tap.result(not blind, "each of %d single wrong bytes is refused" % tries, blind)
    with tempfile.TemporaryDirectory() as tmp:
        for folder, corpus in (("b", full), ("a", perfect["default"])):
            plant.write_maildir(corpus, os.path.join(tmp, folder))
        name = full.messages[0][1]
        os.chmod(os.path.join(tmp, "a", "cur", name), 0o644)
        os.utime(os.path.join(tmp, "a", "cur", full.messages[1][1]), (1, 1))
        os.unlink(os.path.join(tmp, "a", "cur", full.messages[2][1]))
        with open(os.path.join(tmp, "a", "tmp", "left"), "w"):
            pass
        saved, sys.stdout = sys.stdout, open(os.devnull, "w")
        try:
            judged = judge(os.path.join(tmp, "b"), os.path.join(tmp, "a"), "default", None, False)
        finally:
            sys.stdout.close()
            sys.stdout = saved
        tap.result(judged == 1, "changed mode, changed time, a lost message and a leftover are refused")
    return tap.end()


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", nargs="?")
    parser.add_argument("after", nargs="?")
    parser.add_argument("--where", choices=("all", "default"), default="default")
    parser.add_argument("--manifest")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args(argv[1:])
    if args.self_test:
        return self_test()
    if not args.before or not args.after:
        parser.error("BEFORE_DIR and AFTER_DIR are needed")
    return judge(args.before, args.after, args.where, args.manifest, args.verbose)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
