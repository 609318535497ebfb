"""Looking for planted content, however it may be written, in whatever a program leaves."""
import base64
import binascii
import os
import pathlib
import re
import threading
import time
import urllib.parse

from planting import LETTERS

WINDOW = 8          # letters of a marker in a row; fewer stand together by chance in some random id
WINDOW_NUMBER = 10  # digits of a number in a row
RUN = re.compile(rb"[%s]{%d,}" % (LETTERS.encode(), WINDOW))
DIGITS = re.compile(rb"[0-9]{%d,}" % WINDOW_NUMBER)
PARTED = re.compile(rb"[0-9a-f]+(?:[.:-][0-9a-f]+)+")  # dates, addresses, places
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){8,}")
SEPARATORS = re.compile(rb"[^0-9a-z]+")


def unescaped(data):
    """%41, =41, \\x41, \\u0041 and &#65; as the characters they stand for; soft line breaks taken out."""
    data = re.sub(rb"=[ \t]*\r?\n", b"", data)
    data = re.sub(rb"(?:%|=|\\x|\\u00)([0-9A-Fa-f]{2})", lambda m: binascii.unhexlify(m[1]), data)
    return re.sub(rb"&#(x?)([0-9A-Fa-f]{1,4});", lambda m: bytes([min(int(m[2], 16 if m[1] else 10), 255)]) if m[1] or m[2].isdigit() else b"", data)


def decoded(data):
    """What base64 and hexadecimal in it stand for, in every alignment."""
    for run in ENCODED.findall(data):
        for alphabet in {run, run.translate(bytes.maketrans(b"-_", b"+/"))}:
            for start in range(4):
                part = alphabet[start:]
                try:
                    yield base64.b64decode(part[:len(part) // 4 * 4], validate=True)
                except binascii.Error:
                    pass
    for run in HEX.findall(data):
        yield binascii.unhexlify(run)
        yield binascii.unhexlify(run[1:-1])


def views(data):
    """data itself, and read in other ways; lower case."""
    for view in (data, data.replace(b"\0", b""), unescaped(data), urllib.parse.unquote_to_bytes(data.replace(b"+", b" "))):
        lower = view.lower()
        yield lower
        yield SEPARATORS.sub(b"", lower)
    # Digests decode to random bytes, and what is left of those without separators would be words by chance.
    joined = b"\n".join(decoded(data)).lower()
    yield joined
    yield joined.replace(b"\0", b"")


class Search:
    """Knows what was planted; looks for it."""

    def __init__(self, plants):
        def windows(planted, size):
            return {text[i:i + size].encode(): what for text, what in planted.items() for i in range(len(text) - size + 1)}
        self.letters = windows(plants.markers, WINDOW)
        self.digits = windows(plants.numbers, WINDOW_NUMBER)
        self.texts = {text.encode(): what for text, what in plants.texts.items()}

    def find(self, data):
        """What of the planted is in data (bytes): a sorted list of what it was planted as."""
        found = set()
        for view in dict.fromkeys(views(data)):
            for pattern, windows, size in ((RUN, self.letters, WINDOW), (DIGITS, self.digits, WINDOW_NUMBER)):
                for run in pattern.findall(view):
                    found.update(windows[run[i:i + size]] for i in range(len(run) - size + 1) if run[i:i + size] in windows)
            found.update(self.texts[text] for text in PARTED.findall(view) if text in self.texts)
        return sorted(found)


class Watch(threading.Thread):
    """Looks, while programs run, at folders that should stay empty or clean, and at what the programs' processes show."""

    def __init__(self, folders, program, known):
        """known: how the names of files begin that are read otherwise."""
        super().__init__(daemon=True)
        self.known = known
        self.folders = [pathlib.Path(folder) for folder in folders]
        self.program = os.path.realpath(program).encode()
        self.seen = {}      # (path, size, mtime) -> bytes
        self.shown = set()  # command lines, names of threads and of open files
        self.processes = set()
        self.over = False

    def look_at_files(self):
        for folder in self.folders:
            for path in list(folder.rglob("*")) if folder.exists() else []:
                try:
                    status = path.lstat()
                    key = (str(path), status.st_size, status.st_mtime_ns)
                    if key not in self.seen and path.is_file() and not path.is_symlink():
                        self.seen[key] = b"" if path.name.startswith(self.known) else path.read_bytes()
                except OSError:
                    pass

    def look_at_processes(self):
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = pathlib.Path(f"/proc/{process}/cmdline").read_bytes()
                if not line or os.path.realpath(line.split(b"\0")[0]) != self.program:
                    continue
                self.processes.add(process)
                self.shown.add(line)
                self.shown.add(pathlib.Path(f"/proc/{process}/comm").read_bytes())
                for name in os.listdir(f"/proc/{process}/fd"):
                    self.shown.add(os.readlink(f"/proc/{process}/fd/{name}").encode(errors="surrogateescape"))
            except OSError:
                pass

    def run(self):
        while not self.over:
            self.look_at_files()
            self.look_at_processes()
            time.sleep(0.02)

    def stop(self):
        self.over = True
        self.join()
        self.look_at_files()
