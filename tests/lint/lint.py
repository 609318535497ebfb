"""What the lints share: the project's files, C text without comments and strings, and TAP."""
import os
import re
import subprocess
import sys

TOP = os.path.abspath(os.environ.get("TOP_SRCDIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
FOLDERS = ["src", "plugins", "rules", "man", "contrib", "tests", ".ci"]
FILES = ["README.md", "Makefile.am", "configure.ac", ".gitignore"]
# What runs and builds leave behind.
LEFT_BEHIND = re.compile(r"(^|/)(\.deps|\.libs|__pycache__|\.dirstamp)(/|$)|\.(o|a|log|trs|pyc)$")


def path(name):
    return os.path.join(TOP, name)


def read(name):
    with open(path(name), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def files(*folders, ends=""):
    """The project's files below these folders (all, if none are named), relative to its top, in order."""
    found = [name for name in FILES if os.path.exists(path(name))] if not folders else []
    for folder in folders or FOLDERS:
        for where, below, names in os.walk(path(folder)):
            below.sort()
            found += [os.path.relpath(os.path.join(where, name), TOP) for name in names]
    # In a clone, what git does not know is nobody's business; elsewhere (a distribution) all is the project's.
    known = in_git()
    return sorted(name for name in found
                  if name.endswith(ends) and not LEFT_BEHIND.search(name) and (known is None or name in known))


def in_git():
    """Names of all files that are in git or would be added; None if this is no clone of its own, or git is not there."""
    if not os.path.exists(path(".git")):
        return None
    try:
        done = subprocess.run(["git", "-c", "safe.directory=*", "-C", TOP, "ls-files", "-z", "-c", "-o", "--exclude-standard"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return set(os.fsdecode(done.stdout).split("\0"))


def code(text):
    """C text with comments blanked and string contents emptied; lines stay where they are."""
    def blank(match):
        token = match.group(0)
        if token.startswith(("/*", "//")):
            return "\n" * token.count("\n")
        return token[0] + token[0]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


class Tap:
    """check() a name with the problems found; done() ends the test."""

    def __init__(self):
        self.n = 0
        self.failed = False

    def check(self, name, problems):
        self.n += 1
        problems = list(problems)
        print("%s %d - %s" % ("not ok" if problems else "ok", self.n, name))
        for problem in problems[:50]:
            print("# " + str(problem).replace("\n", "\n# "))
        if len(problems) > 50:
            print("# and %d more" % (len(problems) - 50))
        self.failed = self.failed or bool(problems)

    def skip(self, name, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, name, why))

    def done(self):
        print("1..%d" % self.n)
        sys.exit(1 if self.failed else 0)
