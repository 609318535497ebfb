"""What shim.c wrote down of a run, and the tree as it would stand if the power had gone at any moment of it.

A tree is what the disk holds: folders and files, files with several names too.  Recording.tree(n, model) takes the tree
from before the run and carries out the first n operations, as far as the model says that the disk had them:

  kept       all of them: the process was killed, the computer went on
  synced     only what an fsync vouches for: bytes, mode and times by one of the file, a name by one of its folder
  empty      all names, but only those bytes that were synced: the empty file after a rename
  nameless   all bytes, but only those names that were synced
  halves     as synced, on a disk where a rename from one folder to another is two steps, vouched for one by one
  random K   some of what is not vouched for, the K-th draw: bytes kept, lost, torn at a sector or (where the file grew)
             zeros; names in any order that the disk could have written them, or cut at some moment as a journal does

Else a rename is one step, also of two names for each other; where it spans two folders it is vouched for by an fsync of
both.
Whatever is kept of a name, all that was done to that name before is kept too.  SQLite's -shm is never kept: it is mapped
memory, which SQLite makes anew.
"""
import os
import random
import struct

HEADER = struct.Struct("<IIQQQQQQHHI")
START, CREATE, MKDIR, WRITE, TRUNCATE, LINK, UNLINK, RENAME, SYMLINK, MODE, SYNC, FIRED, END, TIMES = range(14)
NAMES = (CREATE, MKDIR, LINK, UNLINK, RENAME, SYMLINK)
BYTES = (WRITE, TRUNCATE, MODE, TIMES)
KINDS = ("open", "write", "truncate", "rename", "link", "unlink", "mkdir", "meta", "sync", "copy", "read")
EXCHANGE = 2
SECTOR = 512


class Node:
    """A file (data), a folder (names) or a symbolic link (target)."""

    def __init__(self, data=None, names=None, target=None, mode=0o600, time=None):
        self.data, self.names, self.target, self.mode, self.time = data, names, target, mode, time
        self.durable_size = 0

    def copy(self, copies):
        if id(self) not in copies:
            other = copies[id(self)] = Node(None if self.data is None else bytearray(self.data), None, self.target, self.mode, self.time)
            if self.names is not None:
                other.names = {name: node.copy(copies) for name, node in self.names.items()}
        return copies[id(self)]


def is_lost(name):
    return name.endswith("-shm")


def scan(path, nodes):
    """The tree at path; nodes: by inode number."""
    status = os.lstat(path)
    if status.st_ino in nodes:
        return nodes[status.st_ino]
    node = nodes[status.st_ino] = Node(mode=status.st_mode & 0o7777, time=status.st_mtime_ns)
    if os.path.islink(path):
        node.target = os.readlink(path)
    elif os.path.isdir(path):
        node.names = {name: scan(os.path.join(path, name), nodes) for name in sorted(os.listdir(path)) if not is_lost(name)}
    else:
        with open(path, "rb") as file:
            node.data = bytearray(file.read())
    return node


def flat(node, times=False, at=""):
    """All of a tree as one dictionary: path to what stands there."""
    if node.names is None:
        what = node.target if node.data is None else bytes(node.data)
        return {at: (what, node.mode) + ((node.time,) if times else ())}
    found = {at + "/": (None, node.mode)}
    for name, below in node.names.items():
        found.update(flat(below, times, f"{at}/{name}"))
    return found


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        for name in os.listdir(path):
            remove(os.path.join(path, name))
        os.rmdir(path)
    else:
        os.unlink(path)


def write(node, path, written=None):
    """Makes the tree at path what node says.  Folders that stay keep their inode number, as they do on a disk."""
    written = {} if written is None else written
    if node.names is not None:
        if not os.path.isdir(path):
            os.mkdir(path)
        for name in os.listdir(path):
            below = node.names.get(name)
            if below is None or below.names is None or not os.path.isdir(os.path.join(path, name)):
                remove(os.path.join(path, name))
        for name, below in node.names.items():
            write(below, os.path.join(path, name), written)
        os.chmod(path, node.mode)
    elif node.target is not None:
        os.symlink(node.target, path)
    elif id(node) in written:
        os.link(written[id(node)], path)
    else:
        written[id(node)] = path
        with open(path, "wb") as file:
            file.write(node.data)
        os.chmod(path, node.mode)
        if node.time is not None:
            os.utime(path, ns=(node.time, node.time))


class Operation:
    def __init__(self, told, folder, folder2, inode, offset, length, site, flags, name, name2, data):
        self.told, self.folder, self.folder2, self.inode = told, folder, folder2, inode
        self.offset, self.length, self.site, self.flags = offset, length, site, flags
        self.name, self.name2, self.data = name, name2, data

    def touches(self):
        """The names that it concerns: (folder, name)."""
        names = [(self.folder, self.name)]
        return names + [(self.folder2, self.name2)] if self.told == RENAME else names

    def __str__(self):
        words = {CREATE: "create", MKDIR: "mkdir", WRITE: "write", TRUNCATE: "truncate", LINK: "link", UNLINK: "unlink",
                 RENAME: "rename", SYMLINK: "symlink", MODE: "mode", SYNC: "sync", TIMES: "times"}
        return " ".join(str(word) for word in (words.get(self.told, self.told), self.name, self.name2, len(self.data) or ""))


def read_log(path):
    with open(path, "rb") as file:
        log = file.read()
    at = 0
    while at < len(log):
        size, told, folder, folder2, inode, offset, length, site, name, name2, flags = HEADER.unpack_from(log, at)
        start = at + HEADER.size
        names = log[start:start + name + name2]
        yield Operation(told, folder, folder2, inode, offset, length, site, flags, os.fsdecode(names[:name]),
                        os.fsdecode(names[name:]), log[start + name + name2:at + size])
        at += size


class Recording:
    """operations: those of the whole log; starts: at which of them each process began; fired: the fault came about;
    counts: calls by kind of the last process, if it ended by itself."""

    def __init__(self, before, nodes, log):
        self.before = before
        self.operations, self.starts, self.fired, self.counts = [], [], False, {}
        known = {number: f"{number}" for number in nodes}
        self.objects = {known[number]: node for number, node in nodes.items()}
        fresh = 0
        for operation in read_log(log):
            if operation.told == START:
                self.starts.append(len(self.operations))
            elif operation.told == FIRED:
                self.fired = True
            elif operation.told == END:
                self.counts = dict(zip(KINDS, struct.unpack(f"<{len(KINDS)}I", operation.data)))
            else:
                # A number is given again once its file is gone.
                if operation.told in (CREATE, MKDIR):
                    fresh += 1
                    known[operation.inode] = f"new {fresh}"
                for field in ("folder", "folder2", "inode"):
                    number = getattr(operation, field)
                    setattr(operation, field, known.get(number, number) if number else None)
                self.operations.append(operation)

    def __len__(self):
        return len(self.operations)

    def sites(self):
        """Where fsync was called from: (object, offset)."""
        return sorted({(operation.name, operation.site) for operation in self.operations if operation.told == SYNC})

    def moments(self, n, without):
        """By object, the last sync of it among the first n operations."""
        return {operation.inode: i for i, operation in enumerate(self.operations[:n])
                if operation.told == SYNC and (operation.name, operation.site) not in without}

    def kept_names(self, n, model, synced, draws):
        """Which of the first n operations on names the disk has."""
        operations = self.operations[:n]
        chance, cut = draws[n], int(draws[n + 1] * (n + 1))
        kept, forced = set(), set()
        for i in range(n - 1, -1, -1):
            operation = operations[i]
            if operation.told not in NAMES or operation.folder is None:
                continue
            folders = {folder for folder, _ in operation.touches()}
            keep = model in ("kept", "empty") or all(synced.get(folder, -1) > i for folder in folders)
            if model == "ordered":
                keep = keep or i < cut
                cut = max(cut, i) if keep else cut
            if model == "random":
                keep = keep or draws[i] < chance
            if keep or any(name in forced for name in operation.touches()):
                kept.add(i)
                forced.update(operation.touches())
        return kept

    def tree(self, n, model, without=()):
        """The root of what is there after a power cut; without: sites whose fsync is taken for not made."""
        model, _, seed = model.partition(" ")
        draw = random.Random(f"{n} {seed}")
        if model == "random":
            model = draw.choice(("random", "ordered"))
        draws = [draw.random() for _ in range(n + 2)]
        synced = self.moments(n, without)
        names = self.kept_names(n, model, synced, draws)
        copies = {}
        root = self.before.copy(copies)
        objects = {key: node.copy(copies) for key, node in self.objects.items()}
        for node in objects.values():
            node.durable_size = len(node.data) if node.data is not None else 0
        there = {}
        for i, operation in enumerate(self.operations[:n]):
            if operation.told in (CREATE, MKDIR):
                objects[operation.inode] = Node(mode=int(operation.offset), **({"data": bytearray()} if operation.told == CREATE else {"names": {}}))
            if model == "halves" and operation.told in NAMES and operation.folder:
                carry_out_halves(operation, objects, there, lambda folder, i=i: synced.get(folder, -1) > i)
            elif operation.told in NAMES and i in names:
                carry_out(operation, objects)
            elif operation.told in BYTES:
                node = objects.get(operation.inode)
                durable = synced.get(operation.inode, -1) > i
                if node is not None and node.data is not None:
                    put_bytes(operation, node, durable, fate(model, durable, draws[i]), draws[i])
        drop_lost(root)
        return root


def fate(model, durable, draw):
    if durable or model in ("kept", "nameless"):
        return "kept"
    if model in ("synced", "empty", "halves"):
        return "lost"
    return ("kept", "kept", "lost", "torn", "zeros")[int(draw * 5)]


def carry_out(operation, objects):
    names = objects[operation.folder].names
    if operation.told in (CREATE, MKDIR, LINK):
        names[operation.name] = objects[operation.inode]
    elif operation.told == SYMLINK:
        names[operation.name] = Node(target=os.fsdecode(operation.data), mode=0o777)
    elif operation.told == UNLINK:
        names.pop(operation.name, None)
    elif operation.flags & EXCHANGE:
        names2 = objects[operation.folder2].names
        names[operation.name], names2[operation.name2] = names2[operation.name2], names[operation.name]
    else:
        node = names[operation.name]
        names2 = objects[operation.folder2].names
        # Two names of one file: rename does nothing.
        if names2.get(operation.name2) is not node:
            del names[operation.name]
            names2[operation.name2] = node


def carry_out_halves(operation, objects, there, is_kept):
    """there: what each name stood for in the run itself, whatever the disk had of it."""
    def now(folder, name):
        return there[folder, name] if (folder, name) in there else objects[folder].names.get(name)

    if operation.told == RENAME:
        one, two = now(operation.folder, operation.name), now(operation.folder2, operation.name2)
        steps = [(operation.folder, operation.name, two if operation.flags & EXCHANGE else None), (operation.folder2, operation.name2, one)]
        if one is two:
            return
    else:
        steps = [(operation.folder, operation.name, None if operation.told == UNLINK else objects[operation.inode])]
    for folder, name, node in steps:
        there[folder, name] = node
        if is_kept(folder) and node is None:
            objects[folder].names.pop(name, None)
        elif is_kept(folder):
            objects[folder].names[name] = node


def put_bytes(operation, node, durable, how, draw):
    if how == "lost":
        return
    if operation.told == MODE:
        node.mode = int(operation.offset)
    elif operation.told == TIMES:
        node.time = int(operation.offset) * 10**9 + int(operation.length)
    elif operation.told == TRUNCATE:
        size = int(operation.offset)
        del node.data[size:]
        node.data.extend(bytes(size - len(node.data)))
    else:
        data, at = operation.data, int(operation.offset)
        # Zeros stand only where the disk had reserved room and not written it yet: never over bytes that were durable.
        if how == "zeros":
            data = bytes(len(data)) if at >= node.durable_size else b""
        elif how == "torn":
            first = SECTOR - at % SECTOR
            data = data[:int(draw * 1000) % (len(data) // SECTOR + 1) * SECTOR + (first if first < SECTOR else 0)]
        if data:
            node.data.extend(bytes(max(0, at - len(node.data))))
            node.data[at:at + len(data)] = data
            node.time = None
    if durable:
        node.durable_size = max(node.durable_size, len(node.data))


def drop_lost(node):
    for name in [name for name in node.names if is_lost(name)]:
        del node.names[name]
    for below in node.names.values():
        if below.names is not None:
            drop_lost(below)
