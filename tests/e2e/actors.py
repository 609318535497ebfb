"""Other programs at work on a mailbox: deliverers and mail readers, each a process of its own with a journal.

  actors.py ROLE MAILBOX JOURNAL STOP SEED    works until the file STOP is there

A journal says what was done once it is done: "delivered ID" or "deleted ID".  A message follows from its ID, so that a
judge can tell each byte of it.
"""
import errno
import fcntl
import mailbox
import os
import random
import re
import subprocess
import sys
import time

CARD = b"4111 1111 1111 1111"
LABEL = b"[credit-card removed]"
SEPARATOR = re.compile(rb"^From race@example\.net [^\n]*\n", re.M)
FLAG = b"X-Status: F\n"
FROM = b"From race@example.net Tue Nov 14 08:00:00 2023\n"


def message(name):
    """Two of three have a card; some are larger than a page."""
    number = sum(name.encode())
    card = CARD if number % 3 else b"keine"
    body = b"Karte %s, Nummer %s.\n" % (card, name.encode()) + b"Noch ein Satz dazu.\n" * (number % 7 * 40)
    return (b"From: kunde@example.net\nSubject: Frage\nDate: Tue, 14 Nov 2023 08:00:00 +0100\nMessage-ID: <%s@desk.example.com>\n\n"
            % name.encode() + body)


def name_of(data):
    found = re.search(rb"^Message-ID: <([^@>]*)@", data, re.M)
    return found.group(1).decode() if found else None


class Actor:
    def __init__(self, path, journal, stop, seed):
        self.path, self.stop, self.seed = path, stop, seed
        self.journal = open(journal, "a", buffering=1)
        self.random = random.Random(seed)
        self.count = 0

    def work(self, act, pause):
        while not os.path.exists(self.stop):
            act()
            time.sleep(self.random.uniform(pause / 3, pause))

    def new_name(self):
        self.count += 1
        return f"{self.seed}-{self.count}"

    def note(self, what, name):
        self.journal.write(f"{what} {name}\n")


# ---- locks of an mbox ----

def take_dotlock(path):
    """At once, or FALSE."""
    try:
        os.close(os.open(path + ".lock", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        return True
    except FileExistsError:
        return False


def wait_dotlock(path):
    while not take_dotlock(path):
        time.sleep(0.005)


def drop_dotlock(path):
    os.unlink(path + ".lock")


def still_named(fd, path):
    try:
        return os.fstat(fd).st_ino == os.stat(path).st_ino
    except FileNotFoundError:
        return False


def append(fd, data):
    assert os.write(fd, data) == len(data)
    os.fsync(fd)


def open_box(path):
    return os.open(path, os.O_RDWR | os.O_APPEND)


# ---- deliverers into an mbox.  Careless ones open it, wait for their lock, and append to what they opened ----

def by_fcntl(path, data, careful):
    fd = open_box(path)
    fcntl.lockf(fd, fcntl.LOCK_EX)
    if careful and not still_named(fd, path):
        os.close(fd)
        return by_fcntl(path, data, careful)
    append(fd, data)
    os.close(fd)
    return None


def by_dotlock(path, data, careful):
    fd = None if careful else open_box(path)
    wait_dotlock(path)
    fd = open_box(path) if careful else fd
    append(fd, data)
    os.close(fd)
    drop_dotlock(path)


def by_fcntl_and_dotlock(path, data, careful):
    fd = open_box(path)
    while True:
        fcntl.lockf(fd, fcntl.LOCK_EX)
        if careful and not still_named(fd, path):
            os.close(fd)
            fd = open_box(path)
        elif take_dotlock(path):
            break
        else:
            fcntl.lockf(fd, fcntl.LOCK_UN)
            time.sleep(0.005)
    append(fd, data)
    drop_dotlock(path)
    os.close(fd)


def by_dotlock_and_fcntl(path, data, careful):
    fd = open_box(path)
    while True:
        wait_dotlock(path)
        if careful and not still_named(fd, path):
            os.close(fd)
            fd = open_box(path)
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as error:
            assert error.errno in (errno.EAGAIN, errno.EACCES)
            drop_dotlock(path)
            time.sleep(0.005)
    append(fd, data)
    os.close(fd)
    drop_dotlock(path)


def by_python(path, data, careful):
    """Python's own: opens the file, locks later, by fcntl and then FILE.lock."""
    box = mailbox.mbox(path, create=False)
    lock_python(box, path, careful)
    box.add(data.rstrip(b"\n") + b"\n")
    box.flush()
    box.unlock()
    box.close()


def lock_python(box, path, careful):
    while True:
        try:
            box.lock()
        except mailbox.ExternalClashError:
            time.sleep(0.005)
            continue
        if not careful or still_named(box._file.fileno(), path):
            return
        box.unlock()
        box._file.close()
        box._file = open(path, "rb+")


def by_procmail(path, data, careful):
    subprocess.run(["procmail", f"DEFAULT={path}", "LOCKSLEEP=1", "LOGFILE=/dev/null", "/dev/null"], input=data, check=True)


def by_lockfile(path, data, careful):
    subprocess.run(["lockfile", "-1", "-r-1", path + ".lock"], check=True)
    fd = open_box(path)
    append(fd, data)
    os.close(fd)
    os.unlink(path + ".lock")


def by_dotlockfile(path, data, careful):
    """liblockfile's, as mutt and others use it; the file is open already."""
    fd = open_box(path)
    while subprocess.run(["dotlockfile", "-l", "-p", "-r", "0", path + ".lock"]).returncode != 0:
        time.sleep(0.02)
    append(fd, data)
    os.close(fd)
    os.unlink(path + ".lock")


DELIVERERS = {"fcntl": by_fcntl, "dotlock": by_dotlock, "fcntl-dotlock": by_fcntl_and_dotlock, "dotlock-fcntl": by_dotlock_and_fcntl,
              "python": by_python, "procmail": by_procmail, "lockfile": by_lockfile, "dotlockfile": by_dotlockfile}


def deliver_mbox(actor, kind, careful):
    def act():
        name = actor.new_name()
        DELIVERERS[kind](actor.path, FROM + message(name) + b"\n", careful)
        actor.note("delivered", name)
    actor.work(act, 0.3)


# ---- mail readers of an mbox ----

def split(data):
    """The messages of an mbox that only actors wrote: (From_ line, message without the empty line after it)."""
    bounds = [match.span() for match in SEPARATOR.finditer(data)]
    ends = [start for start, _ in bounds[1:]] + [len(data)]
    return [(data[start:end], data[end:stop][:-1]) for (start, end), stop in zip(bounds, ends)]


def read_in_place(actor):
    """Like mutt: under both locks, the file is written over from its first change on, and cut."""
    def act():
        fd = os.open(actor.path, os.O_RDWR)
        fcntl.lockf(fd, fcntl.LOCK_EX)
        if still_named(fd, actor.path) and take_dotlock(actor.path):
            with open(fd, "r+b", closefd=False) as file:
                change_in_place(actor, file)
            drop_dotlock(actor.path)
        os.close(fd)
    actor.work(act, 0.5)


def change_in_place(actor, file):
    old = file.read()
    kept, gone = [], []
    for separator, data in split(old):
        if actor.random.random() < 0.005:
            gone.append(name_of(data))
            continue
        if actor.random.random() < 0.05:
            data = data[len(FLAG):] if data.startswith(FLAG) else FLAG + data
        kept.append(separator + data + b"\n")
    new = b"".join(kept)
    same = len(os.path.commonprefix([old, new]))
    file.seek(same)
    file.write(new[same:])
    file.truncate()
    file.flush()
    for name in gone:
        actor.note("deleted", name)


def read_python(actor):
    """Python's own: expunges, writes another file and renames it over."""
    def act():
        box = mailbox.mbox(actor.path, create=False)
        lock_python(box, actor.path, True)
        gone = [key for key in box.keys() if actor.random.random() < 0.01]
        names = [name_of(box.get_bytes(key)) for key in gone]
        for key in gone:
            box.remove(key)
        try:
            box.flush()
        except mailbox.ExternalClashError:
            pass  # it is written; who came in between renaming and locking anew has the new file
        for name in names:
            actor.note("deleted", name)
        box.unlock()
        box.close()
    actor.work(act, 0.5)


# ---- Maildir ----

FOLDERS = ("", ".Archiv", ".Archiv.2023")


def make_maildir(path):
    for folder in FOLDERS:
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(path, folder, part), exist_ok=True)


def maildir_files(path):
    for folder in FOLDERS:
        for part in ("new", "cur"):
            for name in os.listdir(os.path.join(path, folder, part)):
                yield folder, part, name


def deliver_maildir(actor, by_link):
    """tmp/, then new/: by link and unlink, or by rename."""
    def act():
        name = actor.new_name()
        data = message(name)
        unique = f"{1700000000 + actor.count}.M{actor.count}P{actor.seed}.desk" + (f",S={len(data)}" if actor.count % 2 else "")
        folder = os.path.join(actor.path, FOLDERS[actor.count % 5 == 0])
        with open(f"{folder}/tmp/{unique}", "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if by_link:
            os.link(f"{folder}/tmp/{unique}", f"{folder}/new/{unique}")
            os.unlink(f"{folder}/tmp/{unique}")
        else:
            os.rename(f"{folder}/tmp/{unique}", f"{folder}/new/{unique}")
        actor.note("delivered", name)
    actor.work(act, 0.1)


def read_maildir(actor):
    """Sets flags (which moves from new to cur), moves between folders, deletes."""
    def act():
        for folder, part, name in list(maildir_files(actor.path)):
            chance = actor.random.random()
            try:
                if chance < 0.004:
                    delete(actor, folder, part, name)
                elif chance < 0.04:
                    move(actor, folder, part, name, actor.random.choice(FOLDERS))
                elif chance < 0.14:
                    move(actor, folder, part, name, folder)
            except FileNotFoundError:
                pass  # it has another name by now: a size that followed its content
    actor.work(act, 0.05)


def delete(actor, folder, part, name):
    path = os.path.join(actor.path, folder, part, name)
    with open(path, "rb") as file:
        message_name = name_of(file.read())
    os.unlink(path)
    actor.note("deleted", message_name)


def move(actor, folder, part, name, to):
    flags = "".join(sorted(actor.random.sample("FRST", actor.random.randrange(4))))
    base = os.path.join(actor.path, folder, part, name)
    target = os.path.join(actor.path, to, "cur", f"{name.split(':')[0]}:2,{flags}")
    if not os.path.exists(target):
        os.rename(base, target)


ROLES = {"read-in-place": read_in_place, "read-python": read_python, "read-maildir": read_maildir,
         "maildir-link": lambda actor: deliver_maildir(actor, True), "maildir-rename": lambda actor: deliver_maildir(actor, False)}
for _kind in DELIVERERS:
    ROLES[_kind] = lambda actor, kind=_kind: deliver_mbox(actor, kind, False)
    ROLES["careful-" + _kind] = lambda actor, kind=_kind: deliver_mbox(actor, kind, True)


# ---- those who start them ----

class Cast:
    """Actors at work on one mailbox, and what they did."""

    def __init__(self, path, folder, roles):
        self.path, self.stop = str(path), os.path.join(folder, "stop")
        self.journals = [os.path.join(folder, f"journal-{i}") for i in range(len(roles))]
        self.processes = [subprocess.Popen([sys.executable, os.path.abspath(__file__), role, self.path, journal, self.stop, str(i + 1)])
                          for i, (role, journal) in enumerate(zip(roles, self.journals))]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()

    def end(self):
        """Lets them finish; TRUE if all did well."""
        open(self.stop, "w").close()
        return all([process.wait(120) == 0 for process in self.processes])

    def lines(self, what):
        """The names of the messages that were delivered, or deleted."""
        words = [line.split() for journal in self.journals if os.path.exists(journal) for line in open(journal)]
        return [name for did, name in words if did == what]


if __name__ == "__main__":
    ROLES[sys.argv[1]](Actor(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])))
