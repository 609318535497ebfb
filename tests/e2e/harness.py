"""What the end-to-end tests in Python share: TAP, running deskshred in a sandbox, making mail.

DESKSHRED names the program; `make check` sets it.
"""
import email
import email.message
import inspect
import os
import pathlib
import pty
import shutil
import sqlite3
import subprocess
import sys
import tempfile

DESKSHRED = os.environ.get("DESKSHRED", "./deskshred")
CARD = "4111 1111 1111 1111"
IBAN = "DE89 3704 0044 0532 0130 00"


class Tap:
    """Prints TAP; done() prints the plan and gives the exit status."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, detail=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good and detail:
            for line in str(detail).splitlines()[:20]:
                print(f"  # {line}")
        return good

    def equal(self, got, wanted, name):
        return self.ok(got == wanted, name, f"got    {got!r}\nwanted {wanted!r}")

    def done(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def pseudo_terminal():
    """Two descriptors, or None where the system has none to give, as in a chroot without /dev/pts."""
    try:
        return pty.openpty()
    except OSError:
        return None


class Sandbox:
    """A folder of its own with its own state; removed at the end."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="deskshred-test-"))
        self.env = dict(os.environ, XDG_STATE_HOME=str(self.path / "state"), LC_ALL="C.UTF-8")
        # One cache for all, or each would compile the rules' databases first.
        self.env.setdefault("XDG_CACHE_HOME", os.path.join(tempfile.gettempdir(), "deskshred-test-cache"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, *args, stdin=None, check=None):
        """Runs deskshred; check: the exit status that it must have."""
        done = subprocess.run([DESKSHRED, *map(str, args)], cwd=self.path, env=self.env, input=stdin, capture_output=True, text=True)
        if check is not None and done.returncode != check:
            print(f"# deskshred {' '.join(map(str, args))}: exit {done.returncode}, wanted {check}")
            print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()[:30]), end="")
            sys.exit(1)
        return done

    def ledger(self, sql):
        with sqlite3.connect(self.path / "state/deskshred/ledger.db") as database:
            return database.execute(sql).fetchall()


def mail(number, body, subject="Frage", parts=(), headers=(), reply_to=None):
    """A small message; parts: (file name, media type, bytes)."""
    message = email.message.EmailMessage()
    message["From"] = "Kunde <kunde@example.net>"
    message["To"] = "Support <support@example.com>"
    message["Subject"] = subject
    message["Date"] = "Tue, 14 Nov 2023 08:00:00 +0100"
    message["Message-ID"] = f"<{number}@desk.example.com>"
    if reply_to is not None:
        message["In-Reply-To"] = message["References"] = f"<{reply_to}@desk.example.com>"
    for name, value in headers:
        message[name] = value
    message.set_content(body)
    for name, media_type, data in parts:
        major, minor = media_type.split("/")
        message.add_attachment(data, maintype=major, subtype=minor, filename=name)
    if parts:
        message.set_boundary(f"=-part-of-{number}")  # Python's own is random, and may hold the digits that a test looks for
    return message.as_bytes()


def maildir(path, messages):
    """Writes messages (bytes) as path/cur/170000000N.MNP1.desk:2,S."""
    for folder in ("cur", "new", "tmp"):
        (path / folder).mkdir(parents=True)
    for number, data in enumerate(messages, 1):
        (path / "cur" / f"{1700000000 + number}.M{number}P1.desk:2,S").write_bytes(data)
    return path


def contents(path):
    """The bytes of every file below path, by relative name."""
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def chosen():
    """The script's tests, which are its functions test_... that take nothing, as they stand in it: those that its arguments name
    ("door" is test_door), or all."""
    functions = vars(sys.modules["__main__"]).items()
    names = {name.removeprefix("test_").replace("_", "-"): function for name, function in functions
             if name.startswith("test_") and not inspect.signature(function).parameters}
    return [names[name] for name in sys.argv[1:]] or list(names.values())


NOBODY = 65534


def program_of_nobody(folder):
    """Where root is let through by every mode, a user without rights has to be the one who runs it: deskshred's words from copies of
    program and packs in a folder that everybody may look into, and what makes subprocess another user.  Others are themselves."""
    if os.geteuid() != 0:
        return [DESKSHRED], {}
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    if not (folder / "program").exists():
        shutil.copy(DESKSHRED, folder / "program")
        shutil.copytree(os.environ["DS_RULES"], folder / "rules")
        for path in (folder / "rules", *(folder / "rules").iterdir()):
            path.chmod(0o755)
    return [folder / "program", "--rules", folder / "rules"], {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def skip_if_sanitized():
    """Ends the test in a sanitizer build: its memory is not the program's, and its cage is loose."""
    if b"__asan_init" in pathlib.Path(DESKSHRED).read_bytes():
        print("1..0 # SKIP a sanitizer build: its memory and its cage say nothing of the program")
        sys.exit(0)
