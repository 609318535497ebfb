#!/usr/bin/python3
"""Do edited headers still mean to another program what they should?

    header-edits.py TREE_EDIT [ROUNDS [SEED]]

Makes mail with Python's email package, with a value in the subject, in names of
addresses, in file names (plain, RFC 2047, RFC 2231 in pieces), in encoded and
plain bodies; has TREE_EDIT replace it; and reads the result with Python again:
every header and body is the old one with the value replaced, and nothing else.
Prints TAP; exit status 1 where something differs.
"""
import email
import email.header
import email.policy
import os
import random
import subprocess
import sys
import tempfile

VALUE, LABEL = "4111111111111111", "[credit-card removed]"
WORDS = ["card", "Grüße", "für", "über", "日本語", "naïve", "x", "Überweisung", "señor", "order", "žluťoučký", "a,b", "№", "😀"]


def phrase(rng, value=True):
    words = [rng.choice(WORDS) for _ in range(rng.randrange(0, 12))]
    if value:
        words.insert(rng.randrange(len(words) + 1), VALUE)
    return " ".join(words) or "x"


def encoded_header(rng, text):
    """text as encoded words, cut anywhere, even within characters."""
    charset = rng.choice(["utf-8", "utf-8", "utf-16-be"])
    data = text.encode("utf-8" if charset == "utf-8" else "utf-16-be")
    out = []
    while data:
        cut = rng.randrange(5, 40)
        if charset != "utf-8":
            cut += cut % 2
        piece, data = data[:cut], data[cut:]
        if rng.random() < 0.5:
            coded = "".join(chr(c) if chr(c).isalnum() and c < 128 else "=%02X" % c for c in piece)
            out.append("=?%s?Q?%s?=" % (charset, coded))
        else:
            out.append("=?%s?B?%s?=" % (charset, __import__("base64").b64encode(piece).decode()))
    return "\n ".join(out)


def rfc2231(rng, name, text):
    """text as name*0*=, name*1*=, cut anywhere but in an escape."""
    units = ["%%%02X" % c if not (chr(c).isalnum() and c < 128) else chr(c) for c in text.encode()]
    pieces, at = [], 0
    while at < len(units):
        cut = rng.randrange(3, 30)
        pieces.append("".join(units[at:at + cut]))
        at += cut
    if len(pieces) == 1:
        return "%s*=utf-8''%s" % (name, pieces[0])
    return ";\n ".join("%s*%d*=%s%s" % (name, i, "utf-8''" if i == 0 else "", p) for i, p in enumerate(pieces))


def make(rng):
    eol = rng.choice(["\n", "\r\n"])
    subject, name, filename = phrase(rng), phrase(rng).replace(",", ""), phrase(rng).replace(" ", "_") + ".txt"
    message = "Subject: %s\n" % (encoded_header(rng, subject) if rng.random() < 0.7 or not subject.isascii() else subject)
    message += "From: %s <a@example.org>\n" % encoded_header(rng, name)
    message += "To: b@example.org\nMessage-ID: <%s@example.org>\nMIME-Version: 1.0\n" % VALUE
    message += "Content-Type: multipart/mixed; boundary=\"==b==\"\n\n--==b==\nContent-Type: text/plain; charset=utf-8\n"
    body = "\n".join(phrase(rng, rng.random() < 0.3) for _ in range(5)) + "\n"
    message += "Content-Transfer-Encoding: quoted-printable\n\n"
    raw = message.replace("\n", eol).encode() + __import__("quopri").encodestring(body.encode()).replace(b"\n", eol.encode())
    tail = "\n--==b==\nContent-Type: application/octet-stream\nContent-Disposition: attachment;\n %s\n" % rfc2231(rng, "filename", filename)
    tail += "Content-Transfer-Encoding: base64\n\n%s--==b==--\n" % __import__("base64").encodebytes(phrase(rng).encode()).decode()
    return raw + tail.replace("\n", eol).encode()


def view(raw):
    """What Python sees: decoded headers and bodies."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)

    def decoded(text):
        return str(email.header.make_header(email.header.decode_header(text)))
    parts = []
    for part in message.walk():
        body = None if part.is_multipart() else part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n").rstrip("\n")
        parts.append((part.get_content_type(), part.get_filename(), body))
    return {"subject": decoded(message["subject"]), "from": decoded(message["from"]), "id": message["message-id"],
            "keys": message.keys(), "parts": parts}


def replaced(seen):
    label = LABEL
    # In an address the label is what the caller made of it; here both are the same text.
    return {"subject": seen["subject"].replace(VALUE, label), "from": seen["from"].replace(VALUE, label), "id": seen["id"],
            "keys": seen["keys"],
            "parts": [(t, f.replace(VALUE, label) if f else f, b.replace(VALUE, label) if b else b) for t, f, b in seen["parts"]]}


def main(argv):
    rounds = int(argv[2]) if len(argv) > 2 else 300
    rng = random.Random(int(argv[3]) if len(argv) > 3 else 7)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.eml")
        for number in range(1, rounds + 1):
            raw = make(rng)
            with open(path, "wb") as f:
                f.write(raw)
            done = subprocess.run([argv[1], path, VALUE, LABEL], stdout=subprocess.PIPE, check=False)
            problems = []
            try:
                want, got = replaced(view(raw)), view(done.stdout)
                problems += ["%s: %r, not %r" % (k, got[k], want[k]) for k in want if got[k] != want[k]]
            except Exception as problem:
                problems.append("python: %r" % problem)
            if done.returncode:
                problems.append("status %d" % done.returncode)
            if any(len(line.rstrip(b"\r")) > 998 for line in done.stdout.split(b"\n")):
                problems.append("a line of more than 998 characters")
            if raw.count(b"\r\n") == raw.count(b"\n") and done.stdout.count(b"\r\n") != done.stdout.count(b"\n"):
                problems.append("line ends are mixed")
            failed += bool(problems)
            print("%s %d" % ("not ok" if problems else "ok", number))
            for problem in problems:
                print("  # " + problem)
    print("1..%d" % rounds)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
