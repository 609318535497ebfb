#!/usr/bin/python3
"""Mail that was made to cost much: does the part tree stay quick and small?

    hostile.py TREE_DUMP

Runs TREE_DUMP on one made message after the other, with two seconds of processor
time and 200 MB of memory for each.  TREE_DUMP must be built without sanitizers.
Prints TAP; exit status 1 where a message costs more or the program dies.
"""
import os
import resource
import subprocess
import sys
import tempfile

SECONDS, MEGABYTES = 2.0, 200


def multiparts(depth, kind="multipart/mixed"):
    head = b"".join(b"Content-Type: %s; boundary=b%d\n\n--b%d\n" % (kind.encode(), i, i) for i in range(depth))
    return head + b"\n4111111111111111\n"


def wrapped(depth):
    """Messages within messages, each quoted-printable."""
    return b"".join(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n" for _ in range(depth)) + b"x\n"


def cases():
    yield "5 MB of empty parts", b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 1000000
    yield "5 MB of empty parts with a type", b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nA:b\n\n" * 500000
    yield "6 MB of a: lines", b"a:\n" * 2000000 + b"\nbody\n"
    yield "1 MB of a:b lines", b"a:b\n" * 260000 + b"\nbody\n"
    yield "From: a:a:a:, 1 MB", b"From: " + b"a:" * 500000 + b"\n\nbody\n"
    yield "From: in 8-bit bytes, 20 MB", b"From: " + b"\x80" * 20000000 + b"\n\nbody\n"
    yield "a million prefixes of a boundary", b"Content-Type: multipart/mixed; boundary=boundary\n\n" + b"--bound\n" * 1000000
    yield "a million wrong boundaries, each with a field", (b"Content-Type: multipart/mixed; boundary=boundary\n\n" +
                                                           b"--bound\nContent-Type: multipart/mixed\n\n" * 200000)
    yield "a boundary of 100 KB", (b"Content-Type: multipart/mixed; boundary=" + b"b" * 100000 + b"\n\n" +
                                   (b"--" + b"b" * 100000 + b"\n\n") * 50)
    yield "lines as long as a boundary of 16 KB", (b"Content-Type: multipart/mixed; boundary=" + b"b" * 16000 + b"\n\n" +
                                                   (b"--" + b"b" * 15999 + b"c\n") * 1000)
    yield "100,000 continuations", (b"Content-Disposition: attachment" + b"".join(b";\n filename*%d=a" % i for i in range(100000)) + b"\n\nx\n")
    yield "the same continuation 100,000 times", b"Content-Disposition: attachment" + b";\n filename*0=a" * 100000 + b"\n\nx\n"
    yield "200 KB of nested comments", b"Content-Type: " + b"(" * 200000 + b"text/plain\nFrom: " + b"(" * 200000 + b"\n\nx\n"
    yield "multiparts 10,000 deep", multiparts(10000)
    yield "messages 10,000 deep", b"Content-Type: message/rfc822\n\n" * 10000 + b"x\n"
    yield "encoded messages 10,000 deep", wrapped(10000)
    yield "a header line of 20 MB", b"Subject: " + b"x" * 20000000 + b"\n\nbody\n"
    yield "a malformed header line of 20 MB", b"Subject: x\n" + b"y\n" * 2000 + b"z" * 20000000 + b"\nFrom: a\n\nbody\n"
    yield "a million encoded words", b"Subject: " + b"=?utf-8?q?x?=\n " * 1000000 + b"\n\nbody\n"
    yield "a million encoded words apart", b"Subject: " + b"=?utf-8?q?x?= y\n " * 1000000 + b"\n\nbody\n"
    yield "a million openings of encoded words", b"Subject: " + b"=?utf-8?q?x" * 1000000 + b"\n\nbody\n"
    yield "a million openings in one parameter", b"Content-Disposition: a; filename=\"" + b"=?utf-8?q?x" * 500000 + b"\"\n\nbody\n"
    yield "a million openings and one end", b"Subject: " + b"=?x" * 1000000 + b"?=\n\nbody\n"
    yield "a line of 50 MB", b"Subject: x\n\n" + b"x" * 50000000
    yield "a quoted-printable line of 10 MB", b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=41" * 3300000
    yield "quoted-printable of '=' only", b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 5000000
    yield "base64, a character a line", b"Content-Transfer-Encoding: base64\n\n" + b"Q\n" * 3000000
    yield "base64, junk in every other line", b"Content-Transfer-Encoding: base64\n\n" + b"QUJD\n!!\n" * 500000
    yield "uuencode that never comes", b"Subject: x\n\n" + b"begin 644 a\n" * 500000
    yield "uuencode without an end", b"Subject: x\n\n" + b"begin 644 a\nM\nM\n" * 500000
    yield "many uuencoded files", b"Subject: x\n\n" + b"begin 644 a\n#86)C\n`\nend\n" * 200000
    yield "blank lines in front", b"\n" * 5000000 + b"From: a\n\nx\n"
    yield "white-space lines in the header", b"From: a\n" + b" \n" * 3000000 + b"Subject: x\n\nbody\n"
    yield "lone CRs, base64", b"Content-Transfer-Encoding: base64\r\r" + b"QUJD\r" * 2000000


def run(program, path):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    child = subprocess.Popen([program, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit)
    child.stderr.close()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(argv):
    failed = 0
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "message.eml")
        for number, (name, message) in enumerate(cases(), 1):
            with open(path, "wb") as f:
                f.write(message)
            status, seconds, megabytes = run(argv[1], path)
            allowed = MEGABYTES + 3 * len(message) / 1e6 if len(message) > 15e6 else MEGABYTES
            good = status == 0 and seconds <= SECONDS and megabytes <= allowed
            failed += not good
            print("%s %d - %s # status %d, %.2f s, %.0f MB" % ("ok" if good else "not ok", number, name, status, seconds, megabytes), flush=True)
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
