"""Mail and files that were made to cost much: what an attacker would send who has read this program.

cases() yields Case after Case; make() gives its bytes (up to 50 MB).  Each has card numbers in ordinary places of the same
message, which must be found whatever becomes of the rest.
"""
import base64
import binascii
import collections
import gzip
import pathlib
import re

MILLION = 1_000_000
LARGE = 20 * MILLION     # almost as much as is opened by default
CARD = b"4111 1111 1111 1111"
PLAIN = b"A card: " + CARD + b" of Mr Example.\n"

# group: one class of attack.  form: "eml", "mbox", "mbox.gz" or the extension of a file.  cards: how many of the card must
# be found; where there are more, the attack strikes a limit of the message, which must be listed as not looked at.
Case = collections.namedtuple("Case", "group name make form cards")


def head(*fields, subject=True):
    lines = [b"From: Kunde <kunde@example.net>", b"To: support@example.com", b"Date: Tue, 14 Nov 2023 08:00:00 +0100"]
    if subject:
        lines.append(b"Subject: card " + CARD)
    return b"\n".join(lines + list(fields)) + b"\n"


def body(content_type, content, *fields):
    """The attack is the message's body."""
    return head(b"MIME-Version: 1.0", b"Content-Type: " + content_type, *fields) + b"\n" + content


def beside(content_type, content, *fields):
    """The attack is a part between two ordinary ones."""
    part = b"".join(field + b"\n" for field in (b"Content-Type: " + content_type,) + fields)
    ordinary = b"Content-Type: text/plain\n\n" + PLAIN
    edge = b"--=_ordinary"
    return (head(b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="=_ordinary"') + b"\n" +
            b"\n".join([edge, ordinary, edge, part, content, edge, ordinary, edge + b"--", b""]))


def field(name, value):
    return head(name + b": " + value) + b"\n" + PLAIN


def run(text, size):
    """text again and again, some size bytes of it."""
    return text * max(size // len(text), 1)


def numbered(count, template):
    return b"".join(template % i for i in range(count))


# ---- structure ----

def parts():
    mixed = b"Content-Type: multipart/mixed; boundary=b\n\n"
    yield "5 MB of empty parts", lambda: head() + mixed + b"--b\n\n" * MILLION, 1
    yield "20 MB of empty parts", lambda: head() + mixed + b"--b\n\n" * (LARGE // 5), 1
    yield "a million parts with a type", lambda: head() + mixed + b"--b\nA:b\n\n" * MILLION, 1
    yield "a million parts of one byte", lambda: head() + mixed + b"--b\n\nx\n" * MILLION, 1
    yield "a million parts, closed at once", lambda: head() + mixed + b"--b\n--b--\n" * MILLION, 1
    yield "20 MB of empty parts, CRLF", lambda: (head() + mixed + b"--b\n\n" * (LARGE // 7)).replace(b"\n", b"\r\n"), 1
    yield "1900 parts that fail as multiparts", lambda: head() + mixed + b"--b\nContent-Type: multipart/mixed; boundary=c\n\n" * 900 + run(b"--c \n", 10 * MILLION), 1
    yield "a million parts of digest", lambda: head() + b"Content-Type: multipart/digest; boundary=b\n\n" + b"--b\n\n" * MILLION, 1
    yield "1900 parts, each with all problems", lambda: head() + mixed + (
        b"--b\nContent-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n\n!!!!\nQUJD\xff\n****\n") * 1900, 1
    yield "1900 parts, then 20 MB of lines like boundaries", lambda: head() + mixed + b"--b\n\nx\n" * 1900 + run(b"--c\n", 20 * MILLION), 1


def header_lines():
    # Behind the limit of header bytes all is one body, whose own limit strikes before the second card.
    yield "6 MB of a: lines", lambda: head() + b"a:\n" * 2 * MILLION + b"\n" + PLAIN, 2
    yield "20 MB of a: lines", lambda: head() + b"a:\n" * (LARGE // 3) + b"\n" + PLAIN, 1
    yield "a million headers", lambda: head() + numbered(MILLION, b"X-%d: a\n") + b"\n" + PLAIN, 1
    yield "a million Content-Type fields", lambda: head() + b"Content-Type: text/plain\n" * (LARGE // 26) + b"\n" + PLAIN, 1
    yield "900 KB of a: lines", lambda: head() + b"a:\n" * 300000 + b"\n" + PLAIN, 2
    yield "250 KB of a: lines", lambda: head() + b"a:\n" * 80000 + b"\n" + PLAIN, 2
    yield "250 KB of Received", lambda: head() + b"Received: from a by b; 1\n" * 9000 + b"\n" + PLAIN, 2
    yield "a million continuation lines", lambda: head(b"X-A: b") + b" \tx\n" * MILLION + b"\n" + PLAIN, 2
    yield "a million blank continuation lines", lambda: head(b"X-A: b") + b" \n" * MILLION + b"\n" + PLAIN, 1
    yield "a million malformed lines", lambda: head() + b"x\n" * MILLION + b"Subject: a\n\n" + PLAIN, 2
    yield "malformed lines that go on, each looked far ahead", lambda: head() + (b"x\n" * 19 + b"To:\n") * 40000 + b"\n" + PLAIN, 1
    yield "blank lines in front", lambda: b"\n" * 10 * MILLION + head() + b"\n" + PLAIN, 1
    yield "the same file name 2000 times", lambda: head() + (b"Content-Disposition: attachment" + b"; filename=\"a b.txt\"" * 10 + b"\n") * 900 + b"\n" + PLAIN, 2
    yield "a header line of 50 MB", lambda: head(b"X-A: " + b"x" * 50 * MILLION) + b"\n" + PLAIN, 0
    yield "a header line of 20 MB", lambda: head(b"X-A: " + b"x" * LARGE) + b"\n" + PLAIN, 1
    yield "a header of NULs, 10 MB", lambda: head(b"X-A: " + b"\0" * 10 * MILLION) + b"\n" + PLAIN, 1
    yield "250 KB of Subject, a byte a line", lambda: head(b"X-A: x", subject=False) + b"Subject: card " + CARD + b"\n a" * 80000 + b"\n\n" + PLAIN, 2


def parameters():
    def disposition(text):
        return head(b"Content-Disposition: attachment" + text) + b"\n" + PLAIN
    yield "a million parameters", lambda: head(b"Content-Type: text/plain" + numbered(MILLION, b"; p%d=a")) + b"\n" + PLAIN, 2
    yield "60 KB of parameters", lambda: head(b"Content-Type: text/plain" + numbered(6000, b"; p%d=a")) + b"\n" + PLAIN, 2
    yield "4 fields of 60 KB of parameters", lambda: head(*[b"Content-Type: text/plain" + numbered(6000, b"; p%d=a")] * 4) + b"\n" + PLAIN, 2
    yield "900 KB of parameters of one name", lambda: disposition(b"; a=b" * 180000), 2
    yield "900 KB of ;", lambda: disposition(b";" * 900000), 2
    yield "900 KB of open quotes", lambda: disposition(b"; a=\"" * 180000), 2
    yield "900 KB of backslashes", lambda: disposition(b"; a=\"" + b"\\" * 900000), 2
    yield "a million continuations", lambda: disposition(numbered(MILLION, b";\n filename*%d=a")), 1
    for size, count in ("60 KB", 3000), ("900 KB", 45000):
        yield f"{size} of continuations", lambda count=count: disposition(numbered(count, b";\n filename*%d=a")), 2
        yield f"{size} of continuations, reversed", lambda count=count: disposition(
            b"".join(b";\n filename*%d=a" % i for i in range(count - 1, -1, -1))), 2
        yield f"{size} of continuations with gaps", lambda count=count: disposition(numbered(count, b";\n filename*%d99=a")), 2
        yield f"{size} of extended continuations", lambda count=count: disposition(
            b"; filename*0*=utf-8''%41" + b"".join(b"; filename*%d*=%%41" % i for i in range(1, count))), 2
        yield f"{size} of extended continuations that begin anew", lambda count=count: disposition(b"; filename*0*=utf-8''%41" * (count // 2)), 2
    yield "the same continuation 900 KB long", lambda: disposition(b";\n filename*0=a" * 60000), 2
    yield "sections of 2^32 and beyond", lambda: disposition(b"".join(b";\n filename*%d=a" % ((1 << 32) + i) for i in range(40000))), 2
    yield "charsets of 900 KB", lambda: disposition(b"; filename*0*=" + b"u" * 900000 + b"''a"), 2


def comments():
    for name in (b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding", b"From", b"To", b"Date", b"Message-ID", b"References",
                 b"MIME-Version", b"Received"):
        label = name.decode()
        yield f"{label}: a million (", lambda name=name: head(name + b": " + b"(" * MILLION) + b"\n" + PLAIN, 2
        yield f"{label}: comments 500,000 deep", lambda name=name: head(name + b": " + b"(" * 400000 + b"a" + b")" * 400000) + b"\n" + PLAIN, 2
        yield f"{label}: 15 KB of (", lambda name=name: head(name + b": " + b"(" * 15000) + b"\n" + PLAIN, 2
        yield f"{label}: 60 KB of () and 240 KB of it folded", lambda name=name: head(*[name + b": " + b"()\n " * 15000] * 4) + b"\n" + PLAIN, 2


def addresses():
    for name in (b"From", b"To", b"Cc", b"Reply-To"):
        label = name.decode()
        yield f"{label}: a:a:a: of 81 KB", lambda name=name: head(name + b": " + b"a:" * 40500) + b"\n" + PLAIN, 2
    yield "From: a:a:a: of 10 MB", lambda: head(b"From: " + b"a:" * 5 * MILLION) + b"\n" + PLAIN, 2
    yield "From: a:a:a: of 16 KB, 60 times", lambda: head(*[b"From: " + b"a:" * 7900] * 15) + b"\n" + PLAIN, 2
    yield "From: a:a:a: of 10 MB, a byte a line", lambda: head(b"From: " + b"a:\n " * 2 * MILLION) + b"\n" + PLAIN, 2
    for label, text in (("a million addresses", b"a@b.example, "), ("a million groups", b"a:b@c;, "), ("a million angles", b"<<"), ("a million commas", b",,"),
                        ("a million routes", b"@a,"), ("a million quotes", b"\"a\" "), ("a million @", b"@"), ("a million dots", b"a."),
                        ("a million literals", b"a@[1], "), ("a million open quotes", b"\"")):
        # Behind the limit of header bytes all is one body, whose own limit the addresses may strike before the card comes.
        yield f"To: {label}", lambda text=text: field(b"To", text * MILLION), 1
        yield f"To: {label}, 900 KB", lambda text=text: field(b"To", run(text, 900000)), 2
        yield f"To: {label}, 16 times 15 KB", lambda text=text: head(*[b"To: " + run(text, 15000)] * 16) + b"\n" + PLAIN, 2
    yield "To: encoded phrases with numbers, 900 KB", lambda: field(b"To", b"=?utf-8?q?4111_1111_1111_1111?= x " * 22000), 2
    yield "References: a million", lambda: head(b"References: " + numbered(MILLION, b"<%d@a>\n ")) + b"\n" + PLAIN, 1
    yield "References: 900 KB", lambda: head(b"References: " + numbered(80000, b"<%d@a> ")) + b"\n" + PLAIN, 2
    yield "References: 900 KB of <", lambda: head(b"References: " + b"<" * 900000) + b"\n" + PLAIN, 2
    yield "References: 1000 times 900", lambda: head(*[b"References: " + b"<a@b>" * 170] * 1000) + b"\n" + PLAIN, 2


def boundaries():
    def mixed(boundary, content):
        return head(b"Content-Type: multipart/mixed; boundary=\"" + boundary + b"\"") + b"\n" + content

    def chain(names, rest):
        return head() + b"".join(b"Content-Type: multipart/mixed; boundary=\"%b\"\n\n--%b\n" % (name, name) for name in names) + rest
    yield "a boundary of 70", lambda: mixed(b"b" * 70, (b"--" + b"b" * 70 + b"\n\n") * 50000), 1
    yield "a boundary of 70, all lines of 69", lambda: mixed(b"b" * 70, run(b"--" + b"b" * 69 + b"\n", LARGE)), 1
    yield "an empty boundary", lambda: mixed(b"", b"--\n\n" * MILLION), 1
    yield "a boundary of blanks", lambda: mixed(b"  ", b"--  \n\n" * MILLION), 1
    yield "a boundary of 1 MB", lambda: mixed(b"b" * 900000, (b"--" + b"b" * 900000 + b"\n\n") * 20 + PLAIN), 1
    yield "a boundary of 16 KB, lines one shorter", lambda: mixed(b"b" * 16000, (b"--" + b"b" * 15999 + b"c\n") * 1200), 1
    yield "prefixes of each other, 49 deep, outer lines", lambda: chain([b"b" * i for i in range(1, 50)], b"--b\n" * MILLION), 1
    yield "prefixes of each other, 49 deep, no line fits", lambda: chain([b"b" * i for i in range(1, 50)], run(b"--" + b"b" * 50 + b"x\n", LARGE)), 1
    yield "boundaries of one length, 49 deep, lines of that length", lambda: chain(
        [b"%070d" % i for i in range(49)], run(b"--" + b"0" * 69 + b"x\n", LARGE)), 1
    yield "49 deep, 20 MB of --x", lambda: chain([b"%d" % (10 + i) for i in range(49)], run(b"--x\n", LARGE)), 1
    yield "49 deep, 20 MB of --xx (the length of all)", lambda: chain([b"%d" % (10 + i) for i in range(49)], run(b"--xx\n", LARGE)), 1
    yield "49 deep, long ones that agree to the last byte", lambda: chain(
        [b"x" * 4000 + b"%02d" % i for i in range(49)], run(b"--" + b"x" * 4000 + b"99\n", LARGE)), 1
    yield "20 MB of --", lambda: mixed(b"b", run(b"--\n", LARGE)), 1
    yield "20 MB of lines of blanks behind --b", lambda: mixed(b"b", run(b"--b" + b" " * 5000 + b"x\n", LARGE)), 1
    yield "no boundary, a million that could be guessed", lambda: head(b"Content-Type: multipart/mixed") + b"\n" + b"--x\nContent-y\n" * MILLION, 1
    yield "900 multiparts without boundary, a million lines", lambda: mixed(b"b", (b"--b\nContent-Type: multipart/mixed\n\n" + b"--x\n" * 1100) * 900), 1
    yield "20 MB of blanks and CRs at line ends", lambda: mixed(b"b", run(b"--b \r \r \r \r x\n", LARGE)), 1


def nesting():
    def wrap(count, encoding):
        return head() + (b"Content-Type: message/rfc822\n" + (b"Content-Transfer-Encoding: " + encoding + b"\n" if encoding else b"") + b"\n") * count
    yield "messages 100,000 deep", lambda: wrap(100000, b"") + PLAIN, 2
    yield "messages 100,000 deep, quoted-printable", lambda: wrap(100000, b"quoted-printable") + PLAIN, 2
    yield "messages 100,000 deep, said to be base64", lambda: wrap(100000, b"base64") + PLAIN, 1
    yield "messages 25 deep, base64", lambda: layers(25, base64.encodebytes, b"base64", MILLION // 20), 1
    yield "messages 60 deep, quoted-printable of 5 MB", lambda: wrap(60, b"quoted-printable") + run(b"x =3D\n", 5 * MILLION), 1
    yield "messages 45 deep, quoted-printable of 5 MB", lambda: wrap(45, b"quoted-printable") + run(b"x =3D\n", 5 * MILLION), 1
    yield "messages mixed, 100,000 deep", lambda: head() + (b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n"
                                                            b"Content-Type: message/rfc822\n\n") * 50000 + PLAIN, 2
    for kind in (b"mixed", b"alternative", b"digest", b"signed"):
        yield f"multipart/{kind.decode()} 100,000 deep", lambda kind=kind: head() + b"".join(
            b"Content-Type: multipart/%b; boundary=b%d\n\n--b%d\n" % (kind, i, i) for i in range(100000)) + b"\n" + PLAIN, 2
    yield "multipart 100,000 deep, one boundary", lambda: head() + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 100000 + b"\n" + PLAIN, 2
    yield "multiparts and messages by turns, 50,000 deep", lambda: head() + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\nContent-Type: message/rfc822\n\n" % (i, i) for i in range(50000)) + b"\n" + PLAIN, 2
    yield "2000 messages side by side, each 40 deep", lambda: head(b"Content-Type: multipart/mixed; boundary=b") + b"\n" + (
        b"--b\n" + b"Content-Type: message/rfc822\n\n" * 40 + b"x\n") * 2000, 1
    yield "1900 encoded messages side by side", lambda: head(b"Content-Type: multipart/mixed; boundary=b") + b"\n" + (
        b"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\nSubject: a\n\n" + b"x" * 5000 + b"\n") * 900, 1


def layers(depth, encode, encoding, size):
    message = b"Subject: a\n\n" + run(b"text\n", size)
    for _ in range(depth):
        message = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: " + encoding + b"\n\n" + encode(message)
        if len(message) > LARGE:
            break
    return head() + message


# ---- transfer encodings ----

def encodings():
    plain = b"text/plain; charset=utf-8"
    b64, qp, uu = (b"Content-Transfer-Encoding: " + name for name in (b"base64", b"quoted-printable", b"x-uuencode"))
    text = base64.b64encode(run(PLAIN, 9 * MILLION))
    shapes = {
        "base64, a byte a line": (b64, lambda: b"\n".join(text[i:i + 1] for i in range(0, 4 * MILLION))),
        "base64, a blank between bytes": (b64, lambda: b" ".join(text[i:i + 1] for i in range(0, 4 * MILLION))),
        "base64, junk between bytes": (b64, lambda: b"!".join(text[i:i + 1] for i in range(0, 4 * MILLION))),
        "base64, high bytes between bytes": (b64, lambda: b"\xff".join(text[i:i + 1] for i in range(0, 4 * MILLION))),
        "base64, one line of 20 MB": (b64, lambda: run(text[:MILLION * 4 // 4], LARGE)),
        "base64 of =": (b64, lambda: b"=" * 20 * MILLION),
        "base64, a padding a quad": (b64, lambda: b"QQ==" * 4 * MILLION),
        "base64, junk in every other line": (b64, lambda: b"QUJD\n!!\n" * MILLION),
        "base64, empty lines": (b64, lambda: b"QUJD\n" + b"\n" * 20 * MILLION),
        "base64, lone CRs": (b64, lambda: b"QUJD\r" * 4 * MILLION),
        "quoted-printable of soft breaks": (qp, lambda: b"=\n" * 10 * MILLION),
        "quoted-printable of CRLF soft breaks with blanks": (qp, lambda: b"=  \r\n" * 4 * MILLION),
        "quoted-printable of =": (qp, lambda: b"=" * 20 * MILLION),
        "quoted-printable of = and blanks": (qp, lambda: run(b"=" + b" " * 4000 + b"x", 20 * MILLION)),
        "quoted-printable of blanks": (qp, lambda: b" " * 20 * MILLION),
        "quoted-printable of blanks, a byte now and then": (qp, lambda: run(b" " * 40000 + b"x", 20 * MILLION)),
        "quoted-printable of =0": (qp, lambda: b"=0" * 10 * MILLION),
        "quoted-printable, one line of 20 MB": (qp, lambda: run(b"a=41", LARGE)),
        "quoted-printable, a soft break a byte": (qp, lambda: run(b"4=\n1=\n", 20 * MILLION)),
        "quoted-printable of =3D": (qp, lambda: b"=3D" * 6 * MILLION),
        "uuencode with wrong lengths": (uu, lambda: b"begin 644 a.txt\n" + b"Z" + b"#86)C\n" * 3 * MILLION + b"`\nend\n"),
        "uuencode lines that promise more": (uu, lambda: b"begin 644 a.txt\n" + b"Mabc\n" * 3 * MILLION + b"`\nend\n"),
        "uuencode, thousands of begin lines": (b"X-A: b", lambda: b"begin 644 a\n" * (LARGE // 13)),
        "uuencode without an end": (b"X-A: b", lambda: b"begin 644 a\nM\nM\n" * MILLION),
        "uuencode, one without an end before each": (b"X-A: b", lambda: b"begin 644 a\n" + b"#86)C\n" * 2 * MILLION + b"x\n"),
        "uuencode, many begun in a long one": (b"X-A: b", lambda: run(b"begin 644 a\n" + b"#86)C\n" * 200, 20 * MILLION)),
        "uuencode, many files": (b"X-A: b", lambda: b"begin 644 a\n#86)C\n`\nend\n" * 500000),
        "tombstones, a million first lines": (b"X-A: b", lambda: b"[An attachment was removed here.]\n" * 500000),
        "base64 that nobody declared": (b"X-A: b", lambda: b"\n".join(text[i:i + 76] for i in range(0, len(text) // 76 * 76, 76))),
        "an unknown encoding": (b"Content-Transfer-Encoding: x-" + b"y" * 5000, lambda: run(b"text ", 20 * MILLION)),
    }
    for name, (encoding, content) in shapes.items():
        yield name, lambda content=content, encoding=encoding: beside(plain, content(), encoding), 3
        yield name + ", the body", lambda content=content, encoding=encoding: body(plain, content(), encoding), 1


# ---- texts ----

def markup():
    page = {
        "a million open tags": lambda: b"<b>" * MILLION + PLAIN,
        "5 million open tags": lambda: b"<b>" * 5 * MILLION,
        "10 MB of <": lambda: b"<" * 10 * MILLION,
        "10 MB of </": lambda: b"</" * 5 * MILLION,
        "10 MB of <a": lambda: b"<a " * 3 * MILLION,
        "10 MB of <!": lambda: b"<!" * 5 * MILLION,
        "10 MB of <!-": lambda: b"<!-" * 3 * MILLION,
        "10 MB of <!--": lambda: b"<!--" * 2 * MILLION,
        "10 MB of <!-- --": lambda: b"<!-- --" * MILLION,
        "10 MB of -- in a comment": lambda: b"<!--" + b"--a" * 3 * MILLION,
        "a million short comments": lambda: b"<!---->" * MILLION,
        "a million CDATA": lambda: b"<![CDATA[" * MILLION,
        "a million processing instructions": lambda: b"<?a" * 3 * MILLION,
        "one attribute of 20 MB": lambda: b"<a title=\"" + run(b"text ", LARGE) + b"\">",
        "one href of 20 MB": lambda: b"<a href=\"" + run(b"?a+b%41&amp;", 20 * MILLION) + b"\">",
        "one attribute without quotes of 20 MB": lambda: b"<a title=" + b"x" * 20 * MILLION + b">",
        "a million attributes": lambda: b"<a" + b" b=c" * 2 * MILLION + b">",
        "a million attributes without a value": lambda: b"<a" + b" b2" * 2 * MILLION + b">",
        "a million open quotes": lambda: b"<a title=\"" * MILLION,
        "a million quotes in quotes": lambda: b"<a title=\"'\">" * MILLION,
        "a million scripts": lambda: b"<script>" * MILLION,
        "a million scripts and almost ends": lambda: b"<script></scrip>" * MILLION,
        "a script of </": lambda: b"<script>" + b"</" * 5 * MILLION,
        "a million scripts, closed": lambda: b"<script>a</script>" * 600000,
        "a million styles, textareas, titles": lambda: b"<style><textarea><title>" * 500000,
        "a million entities": lambda: b"&amp;" * 2 * MILLION,
        "5 million &": lambda: b"&" * 10 * MILLION,
        "entities without a name": lambda: b"&#" * 5 * MILLION,
        "entities of long names": lambda: b"&CounterClockwiseContourIntegra" * 400000,
        "an entity number of 10 MB": lambda: b"&#" + b"1" * 10 * MILLION + b";",
        "entity numbers of 1000 digits": lambda: (b"&#" + b"0" * 1000) * 10000,
        "tables 300,000 deep": lambda: b"<table><tr><td>" * 600000 + PLAIN,
        "lists 300,000 deep": lambda: b"<ul><li>" * MILLION,
        "5 million cells": lambda: b"<td>1" * 2 * MILLION,
        "5 million breaks": lambda: b"<br>" * 3 * MILLION,
        "10 MB of blanks": lambda: b" " * 10 * MILLION + b"<b>" + b"\n \t" * 3 * MILLION,
        "a tag name of 20 MB": lambda: b"<" + b"a" * 20 * MILLION + b">",
        "odd names": lambda: b"<a@example.org 4111>" * 400000,
        "percent": lambda: b"<a href=\"" + b"%C3" * 4 * MILLION + b"\">",
        "a byte between tags": lambda: b"4<b>1</b>" * MILLION,
        "a digit between comments": lambda: b"4<!-- -->1<!-- -->" * 600000,
        "xml declarations": lambda: b"<!DOCTYPE a [" * MILLION,
        "xml entities": lambda: b"<!DOCTYPE a [" + b"<!ENTITY b \"&c;&c;&c;\">" * 400000 + b"]>&b;",
        "xml quotes in a declaration": lambda: b"<!DOCTYPE \"" + b"' \"" * 3 * MILLION,
        "xml comments in a declaration": lambda: b"<!DOCTYPE a [" + b"<!--" * 2 * MILLION,
    }
    for name, content in page.items():
        yield f"html: {name}", lambda content=content: beside(b"text/html; charset=utf-8", content()), 3
        yield f"xml: {name}", lambda content=content: beside(b"application/xml", content()), 3


def data():
    things = {
        b"application/json": {
            "nested a million deep": lambda: b"[" * MILLION + b"1" + b"]" * MILLION,
            "objects 2 million deep": lambda: b"{\"a\":" * 2 * MILLION,
            "a million numbers": lambda: b"[" + b"1,-" * 3 * MILLION,
            "10 MB of quotes": lambda: b"\"" * 10 * MILLION,
            "10 MB of backslashes": lambda: b"\"" + b"\\" * 10 * MILLION,
            "10 MB of \\u": lambda: b"\"" + b"\\u" * 5 * MILLION,
            "10 MB of surrogates": lambda: b"\"" + b"\\ud83d" * 2 * MILLION,
            "10 MB of \\u0034": lambda: b"\"" + b"\\u0034" * 2 * MILLION,
            "10 MB of /*": lambda: b"/*" * 5 * MILLION,
            "10 MB of /": lambda: b"/" * 10 * MILLION,
            "10 MB of /* */": lambda: b"/* */" * 2 * MILLION,
            "a string of 20 MB": lambda: b"\"" + run(b"text ", LARGE),
            "a number of 10 MB": lambda: b"1" * 10 * MILLION,
            "10 MB of minus": lambda: b"-" * 10 * MILLION,
        },
        b"text/csv": {
            "a million columns": lambda: b"1," * 5 * MILLION,
            "one quoted cell of 20 MB": lambda: b"\"" + run(b"text ", LARGE),
            "10 MB of quotes": lambda: b"\"" * 10 * MILLION,
            "5 million rows": lambda: b"1;2\n" * 4 * MILLION,
        },
        b"text/vcard": {
            "folded at every byte": lambda: b"BEGIN:VCARD\nNOTE:" + b"a\n " * 3 * MILLION,
            "folded at every byte, CRLF and tab": lambda: b"BEGIN:VCARD\r\nNOTE:" + b"4\r\n\t" * 3 * MILLION,
            "a million lines": lambda: b"BEGIN:VCARD\n" + b"TEL:1\n" * 2 * MILLION,
            "a million parameters": lambda: b"TEL" + b";TYPE=home" * MILLION + b":1",
            "10 MB of \\": lambda: b"NOTE:" + b"\\" * 10 * MILLION,
            "10 MB of \\ and folds": lambda: b"NOTE:" + b"\\\n " * 3 * MILLION,
            "folds without an end": lambda: b"NOTE:\n" + b" \n" * 5 * MILLION,
            "quoted-printable soft breaks": lambda: b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=\n" * 5 * MILLION,
            "quoted-printable halves": lambda: b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=C3=\n" * 2 * MILLION,
            "quoted-printable halves and many breaks": lambda: b"NOTE;ENCODING=QUOTED-PRINTABLE:" + run(b"=C3" + b"=\n" * 2000, 10 * MILLION),
            "binary values": lambda: b"PHOTO;ENCODING=B:AAAA\n" * 400000,
            "data URIs": lambda: b"PHOTO:data:image/jpeg;base64,AAAA\n" * 300000,
            "open quotes": lambda: b"TEL;X=\"" * MILLION,
        },
        b"text/calendar": {
            "a million events": lambda: b"BEGIN:VEVENT\nSUMMARY:a\nEND:VEVENT\n" * 400000,
            "one line of 20 MB": lambda: b"DESCRIPTION:" + run(b"text ", LARGE),
        },
    }
    for kind, shapes in things.items():
        for name, content in shapes.items():
            yield f"{kind.decode()}: {name}", lambda content=content, kind=kind: beside(kind, content()), 3


def charsets():
    def text(charset, content):
        return beside(b"text/plain; charset=" + charset, content)
    bodies = {
        "iso-2022-jp": {"an escape at every byte": lambda: b"\x1b$B0l\x1b(Ba" * MILLION, "only escapes": lambda: b"\x1b$B\x1b(B" * 2 * MILLION,
                        "only ESC": lambda: b"\x1b" * 10 * MILLION, "half a character in each": lambda: b"\x1b$B0\x1b(B" * MILLION,
                        "digits between escapes": lambda: b"4\x1b$B\x1b(B1\x1b$B\x1b(B" * 800000},
        "iso-2022-kr": {"shifts": lambda: b"\x1b$)C" + b"\x0e0!\x0f4" * 2 * MILLION},
        "iso-2022-cn": {"designations": lambda: b"\x1b$)A\x0e0!\x0f" * MILLION},
        "hz-gb-2312": {"shifts": lambda: b"~{0!~}" * 2 * MILLION, "only ~": lambda: b"~" * 10 * MILLION},
        "utf-7": {"a shift at every byte": lambda: b"+AEE-4" * 2 * MILLION, "open shifts": lambda: b"+" * 10 * MILLION, "plus minus": lambda: b"+-" * 5 * MILLION,
                  "one shift of 20 MB": lambda: b"+" + b"A" * 20 * MILLION, "surrogates": lambda: b"+2D3cAA-" * MILLION,
                  "digits shifted": lambda: b"+ADQ-+ADE-" * MILLION},
        "utf-16": {"20 MB": lambda: "4111 ".encode("utf-16-le") * 2 * MILLION, "an odd byte": lambda: b"\xd8" * 9999999,
                   "byte order marks": lambda: b"\xff\xfe\xfe\xff" * 2 * MILLION},
        "utf-32": {"20 MB": lambda: "4111 ".encode("utf-32-le") * MILLION},
        "gb18030": {"four bytes each": lambda: b"\x81\x30\x81\x30" * 3 * MILLION, "invalid": lambda: b"\x81\x30\x81\xff" * 3 * MILLION},
        "big5": {"lead bytes": lambda: b"\xa4" * 10 * MILLION},
        "x-none": {"unknown": lambda: b"\xe4" * 10 * MILLION, "text": lambda: run(b"text \xe4", 20 * MILLION)},
        "us-ascii": {"high bytes": lambda: b"\xe4\xff" * 10 * MILLION},
        "a" * 60000: {"a name of 60 KB": lambda: run(b"text \xe4", 10 * MILLION)},
        "utf-8": {"broken at every other byte": lambda: b"a\xff" * 10 * MILLION, "half characters": lambda: b"\xf0\x9f" * 10 * MILLION,
                  "overlong": lambda: b"\xc0\x80" * 5 * MILLION, "combining marks": lambda: b"4" + b"\xcc\x81" * 5 * MILLION,
                  "combining marks on digits": lambda: b"4\xcc\xb21\xcc\xb2" * 2 * MILLION, "zero width": lambda: b"\xe2\x80\x8b" * 5 * MILLION,
                  "zero width between digits": lambda: b"4\xe2\x80\x8b1\xe2\x80\x8b" * MILLION, "dashes": lambda: b"\xe2\x80\x94" * 5 * MILLION,
                  "dashes between digits": lambda: b"4\xe2\x80\x941\xe2\x80\x94" * MILLION, "full width": lambda: b"\xef\xbc\x94" * 5 * MILLION,
                  "ligatures of 18": lambda: b"\xef\xb7\xba" * 5 * MILLION, "circled digits": lambda: b"\xe2\x91\xa0" * 5 * MILLION,
                  "no-break spaces": lambda: b"\xc2\xa0" * 10 * MILLION, "line separators": lambda: b"\xe2\x80\xa8" * 5 * MILLION,
                  "tags": lambda: b"\xf3\xa0\x80\xb4" * 4 * MILLION, "mathematical digits": lambda: b"\xf0\x9d\x9f\x98" * 4 * MILLION,
                  "byte order marks": lambda: b"\xef\xbb\xbf" * 5 * MILLION, "labels that are none": lambda: b"[a removed" * MILLION,
                  "labels": lambda: b"[phone removed]" * MILLION, "open brackets": lambda: b"[" * 10 * MILLION,
                  "percent": lambda: b"%34%31" * 2 * MILLION, "\\u": lambda: b"\\u0034" * 2 * MILLION,
                  "quote prefixes": lambda: b"> " * 10 * MILLION, "a quote a line": lambda: b"> 4\n" * 4 * MILLION,
                  "blanks and breaks": lambda: b" \n" * 10 * MILLION, "long blanks, a byte between": lambda: run(b" " * 30000 + b"4", 20 * MILLION),
                  "NULs": lambda: b"\0" * 20 * MILLION, "control characters": lambda: bytes(range(32)) * 500000},
    }
    for charset, shapes in bodies.items():
        for name, content in shapes.items():
            yield f"{charset[:20]}: {name}", lambda content=content, charset=charset: text(charset.encode(), content()), 3
    flowed = b"utf-8; format=flowed"
    yield "flowed: a million quote marks", lambda: text(flowed, b">" * 10 * MILLION + b"\n"), 3
    yield "flowed: a quote mark more a line", lambda: text(flowed, b"".join(b">" * i + b" a \n" for i in range(5000))), 3
    yield "flowed: every line goes on", lambda: text(flowed, b"4 \n" * 5 * MILLION), 3
    yield "flowed with DelSp: every line goes on", lambda: text(flowed + b"; delsp=yes", b"4 \n" * 5 * MILLION), 3
    words = {
        "a million words": b"=?utf-8?q?x?=\n ", "words apart": b"=?utf-8?q?x?= y\n ", "openings": b"=?utf-8?q?x", "words of other charsets by turns":
        b"=?utf-8?q?x?= =?iso-8859-1?q?=E4?= =?koi8-r?b?4Q==?= ", "words of unknown charsets": b"=?x-a?q?x?= =?x-b?q?x?= ",
        "words of half characters": b"=?utf-8?q?=C3?= ", "words of ISO-2022-JP": b"=?iso-2022-jp?b?GyRCMGwbKEI=?= ", "empty words": b"=?utf-8?q??= ",
        "words of base64 junk": b"=?utf-8?b?!!!!?= ", "nested": b"=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= ", "digits a word": b"=?utf-8?q?4?= ",
        "=?": b"=?", "?=": b"?=", "=?a?q?": b"=?a?q?", "=??q??=": b"=??q??=",
    }
    for name, word in words.items():
        for size, label in (10 * MILLION, "10 MB"), (900000, "900 KB"), (60000, "60 KB"):
            yield f"Subject: {name}, {label}", lambda word=word, size=size: head(subject=False) + b"Subject: card " + CARD + b" " + run(word, size).rstrip() + b"\n\n" + PLAIN, 2
        yield f"file name: {name}, 900 KB", lambda word=word: head(b"Content-Disposition: attachment; filename=\"" + run(word, 900000) + b"\"") + b"\n" + PLAIN, 2


# ---- what the rules take long for ----

def rules_folder():
    return pathlib.Path(__file__).resolve().parents[2] / "rules"


def examples():
    """The examples of every rule, as the packs have them."""
    for pack in sorted(rules_folder().glob("*.conf")):
        text = pack.read_text(encoding="utf-8")
        for block in re.split(r"\n  \{\n", text)[1:]:
            name = re.search(r'id = "([^"]+)"', block)
            found = re.search(r"\n    examples = \[(.*?)\n?    ?\];|\n    examples = \[(.*?)\];", block, re.S)
            if name is None or found is None:
                continue
            strings = re.findall(r'"((?:[^"\\]|\\.)*)"', found.group(1) or found.group(2))
            yield name.group(1), [s.encode().decode("unicode_escape").encode("latin-1", "replace") if "\\" in s else s.encode() for s in strings]


def texts():
    size = 10 * MILLION
    raw = {
        "digits and blanks": b"4 1-", "digits": b"4", "digits of a card": b"4111111111111111", "cards that fail": b"4111 1111 1111 1112 ",
        "cards": CARD + b" ", "@": b"@", "a@a.": b"a@a.", "a.a.a.a@": b"a.", "a-": b"a-", "long local parts": b"a" * 64 + b"@",
        "addresses": b"abc@example.org ", "addresses without blanks": b"a@b.example,", "hexadecimal": b"0123456789abcdef", "hexadecimal pairs": b"a1:", "base64": b"QUJDREVGR0g",
        "password": b"password ", "password:": b"password:", "password: password": b"password: x", "MRZ": b"<", "MRZ lines": b"P<D<<" + b"<" * 39 + b"\n",
        "IBAN prefixes": b"DE89 ", "IBANs that fail": b"DE88 3704 0044 0532 0130 00 ", "colons": b":", "dots": b".", "dashes": b"-", "pluses": b"+49 ",
        "phones": b"+49 30 23125 123 ", "dates": b"01.02.1990 ", "born": b"born 01.02.1990 ", "IP addresses": b"1.2.3.4 ", "IPv6": b"a:b::c:", "IPv6 colons": b"1:",
        "many context words": b"card iban phone born passport tax vin pin ", "keys begun": b"-----BEGIN PRIVATE KEY-----", "keys begun, text between":
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----" + b"A" * 100, "tokens": b"eyJhbGciOiJIUzI1NiJ9.", "letters": b"a", "capitals": b"A", "words": b"ab ",
        "a word of capitals and digits": b"A1", "underscores": b"_", "slashes": b"/", "equals": b"=", "quotes": b"\"", "URLs": b"http://a:b@c/", "semicolons": b"a;",
        "digits and line breaks": b"4\n", "digits and quote prefixes": b"4\n> ", "bytes of UTF-8": "ä".encode(), "digits, UTF-8": "4ä".encode(), "PIN": b"PIN ", "bitcoin": b"bc1q",
    }
    for name, word in raw.items():
        yield f"text: {name}", lambda word=word: beside(b"text/plain; charset=utf-8", run(word, size) + b"\n"), 3
    yield "text: 20 MB of dates", lambda: beside(b"text/plain; charset=utf-8", run(b"01.02.1990 ", LARGE) + b"\n"), 3
    for rule, strings in examples():
        yield f"rule {rule}: examples", lambda s=strings: beside(b"text/plain; charset=utf-8", run(b" ".join(s) + b"\n", size)), 3
        yield f"rule {rule}: doubled", lambda s=strings: beside(b"text/plain; charset=utf-8", run(b"".join(x + x for x in s), size) + b"\n"), 3
        yield f"rule {rule}: truncated", lambda s=strings: beside(b"text/plain; charset=utf-8", run(b" ".join(x[:k] for x in s for k in (len(x) - 1, len(x) * 2 // 3, len(x) // 3)) + b" ", size)), 3
        yield f"rule {rule}: near", lambda s=strings: beside(b"text/plain; charset=utf-8", run(b" ".join(near(x) for x in s) + b" ", size)), 3


def near(example):
    """The same but for its last digit or letter."""
    out = bytearray(example)
    for i in range(len(out) - 1, -1, -1):
        if chr(out[i]).isdigit():
            out[i] = ord(str((out[i] - 47) % 10))
            break
    return bytes(out)


def opaque():
    bomb = gzip.compress(b"\0" * 100 * MILLION)
    yield "TNEF", lambda: beside(b"application/ms-tnef; name=winmail.dat", base64.encodebytes(b"\x78\x9f\x3e\x22" + b"\xff" * 5 * MILLION), b"Content-Transfer-Encoding: base64"), 3
    yield "a zip bomb", lambda: beside(b"application/zip; name=a.zip", base64.encodebytes(b"PK\3\4" + bomb), b"Content-Transfer-Encoding: base64"), 3
    yield "a gzip bomb", lambda: beside(b"application/gzip; name=a.gz", base64.encodebytes(bomb), b"Content-Transfer-Encoding: base64"), 3
    yield "a PDF", lambda: beside(b"application/pdf; name=a.pdf", base64.encodebytes(b"%PDF-1.7\n" + b"<<" * 5 * MILLION), b"Content-Transfer-Encoding: base64"), 3
    yield "a picture of 20 MB", lambda: beside(b"image/png; name=a.png", base64.encodebytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 15 * MILLION), b"Content-Transfer-Encoding: base64"), 3
    yield "binary of 20 MB, no type", lambda: beside(b"application/octet-stream", run(bytes(range(256)), 20 * MILLION), b"Content-Transfer-Encoding: binary"), 3
    yield "a line of 20 MB", lambda: body(b"text/plain", b"x" * LARGE), 1
    yield "html: one attribute of 50 MB", lambda: body(b"text/html", b"<a title=\"" + run(b"text ", 50 * MILLION) + b"\">"), 0
    yield "a line of 100 MB", lambda: body(b"text/plain", b"x" * 100 * MILLION), 0
    yield "25 million lines", lambda: body(b"text/plain", b"\n" * LARGE), 1
    yield "NULs, 50 MB", lambda: b"\0" * 50 * MILLION, 0
    yield "a card, and 20 MB of NULs", lambda: head() + b"\n" + PLAIN + b"\0" * LARGE, 2
    yield "0xff, 20 MB", lambda: b"\xff" * 20 * MILLION, 0
    yield "From lines, a million", lambda: head() + b"\n" + b"From \n" * MILLION, 1


def folders():
    for name, form, make in (
            ("one cell of 20 MB", "csv", lambda: PLAIN + b"\"" + run(b"text ", LARGE)), ("a million columns", "csv", lambda: PLAIN + b"1," * 5 * MILLION),
            ("a million cards", "csv", lambda: run(b"4111111111111111,4111 1111 1111 1112\n", 10 * MILLION)), ("open tags", "html", lambda: PLAIN + b"<b>" * 3 * MILLION),
            ("nested", "json", lambda: b"{\"a\":\"" + CARD + b"\"}" + b"[" * 10 * MILLION), ("nested", "xml", lambda: b"<a>" + PLAIN + b"<a>" * 3 * MILLION),
            ("folded", "vcf", lambda: b"NOTE:" + PLAIN + b"NOTE:" + b"a\n " * 3 * MILLION), ("events", "ics", lambda: b"SUMMARY:" + PLAIN + b"SUMMARY:a\n" * MILLION),
            ("NULs", "txt", lambda: PLAIN + b"\0" * 20 * MILLION), ("a line", "log", lambda: PLAIN + b"x" * LARGE), ("a bomb", "gz", lambda: gzip.compress(b"\0" * 100 * MILLION))):
        yield f"{form}: {name}", make, 0 if form == "gz" else 1, form


def values():
    """Many different ones: each is looked for everywhere, and cut out."""
    def lines(count, form):
        return b"".join(form(i) + b"\n" for i in range(count))

    def iban(number):
        account = b"37040044%010d" % number
        return b"DE%02d" % (98 - int(account + b"131400") % 97) + account
    yield "110,000 IBANs", lambda: body(b"text/plain", lines(110000, iban)), 1
    yield "110,000 IBANs in a table", lambda: beside(b"text/csv", lines(110000, lambda i: b"%d;" % i + iban(i))), 3
    yield "60,000 IBANs in pieces", lambda: body(b"text/html", lines(60000, lambda i: b"<b></b>".join(bytes([c]) for c in iban(i)))), 1
    yield "110,000 long addresses", lambda: body(b"text/plain", lines(110000, lambda i: (b"person%06d.with.a.long.name.and.more@department%d.example.org" % (i, i % 977)))), 1
    yield "110,000 addresses in To", lambda: field(b"To", lines(110000, lambda i: b"a%d@example.org,\n " % i)), 1


def mboxes():
    line = b"From a@example.org Tue Nov 14 08:00:00 2023\n"
    small = line + b"Subject: a\n\nb\n\n"
    good = line + head() + b"\n" + PLAIN + b"\n"
    for length in (b"9223372036854775807", b"18446744073709551615", b"-1", b"0", b"99999999999999999999999999", b"2147483648", b"1e9", b"4"):
        yield f"Content-Length: {length.decode()}", lambda length=length: good + line + head(b"Content-Length: " + length) + b"\n" + PLAIN + b"\n" + good, 5, "mbox"
    yield "Content-Length by turns, 20,000 messages", lambda: good + (line + b"Content-Length: 9223372036854775807\n\nb\n\n" + small) * 10000, 2, "mbox"
    yield "a million From lines", lambda: good + line * 100000, 2, "mbox"
    yield "a million lines of From", lambda: good + b"From \n" * MILLION, 2, "mbox"
    yield "a From line of 20 MB", lambda: good + b"From a" + b"x" * 20 * MILLION + b"\n" + good, 2, "mbox"
    yield "no line at all, NULs", lambda: good + b"\0" * 50 * MILLION, 2, "mbox"
    yield "zipped: 1 GB of zeros", lambda: gzip.compress(good) + squeezed(b"\0" * MILLION, 1000), 2, "mbox.gz"
    yield "zipped: 1 GB of x", lambda: gzip.compress(good) + squeezed(b"x" * MILLION, 1000), 2, "mbox.gz"
    yield "zipped: 17,000 small messages", lambda: gzip.compress(good) + squeezed(run(small, MILLION // 2), 2), 2, "mbox.gz"
    yield "zipped: junk behind", lambda: gzip.compress(good) + b"\x1f\x8b" * MILLION, 2, "mbox.gz"


def squeezed(block, count):
    """count blocks, zipped as so many members of one gzip file: quickly made."""
    return gzip.compress(block, 9) * count


GROUPS = (values, parts, header_lines, parameters, comments, addresses, boundaries, nesting, encodings, markup, data, charsets, texts, opaque, folders, mboxes)


def cases(groups=None):
    for group in GROUPS:
        if groups is not None and group.__name__ not in groups:
            continue
        for entry in group():
            name, make, cards = entry[:3]
            yield Case(group.__name__, name, make, entry[3] if len(entry) > 3 else "eml", cards)
