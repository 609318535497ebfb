#!/usr/bin/python3
"""Forges a ledger in every way we could think of; verification must notice.

usage: ledger-forgery.py DESKSHRED MAKE_LEDGER

DESKSHRED is the program, or "-" for none; MAKE_LEDGER is built from tests/unit/make-ledger.c.  Every forgery is shown to
"deskshred ledger verify" and to "make-ledger verify", whichever are there.  Prints TAP; the exit status is 1 on any miss.

The Verifier below is written from the description in src/ledger/ledger.h alone and shares no code with the program: it
is the judge of the encoding, and the forger's tool where a chain is made anew."""

import contextlib
import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

COUNT = 26
MIDDLE = 13
FIRST = "0" * 64
TEXTS = """time run action_id system_user actor command store incarnation ticket message part queue extension media_type
action kinds detail rules policy reason case_reference ground legal_basis key_id digest_before digest_after spans""".split()
ENCODED = ["sequence", "state", "size"] + TEXTS
COLUMNS = ["sequence", "version", "state", "size"] + TEXTS + ["hash"]
GOOD, USAGE, BAD = 0, 2, 3


# -- the independent verifier --

def hash_of(row, previous):
    text = b"deskshred-ledger-%d\n" % row["version"]
    for name in ENCODED + ["previous"]:
        value = previous if name == "previous" else row[name]
        if value is None:
            text += b"%s:-\n" % name.encode()
        else:
            value = str(value).encode()
            text += b"%s:%d:%s\n" % (name.encode(), len(value), value)
    return hashlib.sha256(text).hexdigest()


def rows_of(database):
    database.row_factory = sqlite3.Row
    return database.execute("SELECT * FROM entries ORDER BY sequence").fetchall()


def chain_of(path):
    """The hashes of a ledger, each checked."""
    hashes = [FIRST]
    with contextlib.closing(sqlite3.connect(path)) as database:
        for row in rows_of(database):
            if row["sequence"] != len(hashes) or row["hash"] != hash_of(row, hashes[-1]):
                raise ValueError("entry %d" % len(hashes))
            hashes.append(row["hash"])
    return hashes


def reseal(database):
    previous = FIRST
    for row in rows_of(database):
        previous = hash_of(row, previous)
        database.execute("UPDATE entries SET hash = ? WHERE sequence = ?", (previous, row["sequence"]))


# -- the forger's tools --

@contextlib.contextmanager
def forging(path):
    """The ledger without its triggers, which stand there again afterwards."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute("DROP TRIGGER " + name)
        yield database
        for _, sql in triggers:
            database.execute(sql)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def plain(path, *statements):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def rewrite_schema(path, sql, *parameters):
    """Edits the schema as text; SQLite reads it again when the file is opened next."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        version = database.execute("PRAGMA schema_version").fetchone()[0]
        database.execute("PRAGMA writable_schema = ON")
        database.execute(sql, parameters)
        database.execute("PRAGMA schema_version = %d" % (version + 1))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def sql_forgery(*statements):
    def forge(path):
        with forging(path) as database:
            for statement in statements:
                database.execute(statement)
    return forge


def schema_forgery(*statements):
    return lambda path: plain(path, *statements)


def then_reseal(*statements):
    def forge(path):
        with forging(path) as database:
            for statement in statements:
                database.execute(statement)
            reseal(database)
    return forge


def without_affinity(path, column, sql):
    """Runs sql while the column is of no declared type, so that SQLite stores the value as given."""
    original = "SELECT sql FROM sqlite_master WHERE name = 'entries'"
    with contextlib.closing(sqlite3.connect(path)) as database:
        before = database.execute(original).fetchone()[0]
    loose = before.replace("  %s INTEGER" % column, "  %s" % column)
    assert loose != before
    rewrite_schema(path, "UPDATE sqlite_master SET sql = ? WHERE name = 'entries'", loose)
    with forging(path) as database:
        database.execute(sql)
    rewrite_schema(path, "UPDATE sqlite_master SET sql = ? WHERE name = 'entries'", before)


def hide_from_index(path):
    """The entry is whole, but whoever asks for its ticket through the index does not find it."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        index = database.execute("SELECT * FROM sqlite_master WHERE name = 'entries_ticket'").fetchone()
        ticket = database.execute("SELECT ticket FROM entries WHERE sequence = ?", (MIDDLE,)).fetchone()[0]
    with forging(path) as database:
        database.execute("UPDATE entries SET ticket = 'hidden' WHERE sequence = ?", (MIDDLE,))
    rewrite_schema(path, "DELETE FROM sqlite_master WHERE name = 'entries_ticket'")
    with forging(path) as database:
        database.execute("UPDATE entries SET ticket = ? WHERE sequence = ?", (ticket, MIDDLE))
    rewrite_schema(path, "INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", *index)


def swap(columns):
    """The middle entry and the next change places in these columns."""
    def forge(path):
        names = ", ".join(columns)
        with forging(path) as database:
            select = "SELECT %s FROM entries WHERE sequence = ?" % names
            update = "UPDATE entries SET (%s) = (%s) WHERE sequence = ?" % (names, ", ".join("?" * len(columns)))
            one = tuple(database.execute(select, (MIDDLE,)).fetchone())
            two = tuple(database.execute(select, (MIDDLE + 1,)).fetchone())
            database.execute(update, two + (MIDDLE,))
            database.execute(update, one + (MIDDLE + 1,))
    return forge


def truncate(size):
    def forge(path):
        os.truncate(path, size(os.path.getsize(path)))
    return forge


# -- the programs under test --

class Judge:
    def __init__(self, folder, deskshred, make_ledger):
        self.folder = folder
        self.deskshred = deskshred if os.access(deskshred, os.X_OK) else None
        self.make_ledger = make_ledger
        self.number = self.misses = 0

    def commands(self, path, head):
        yield "make-ledger", [self.make_ledger, "verify", path] + ([head] if head else [])
        if self.deskshred:
            configuration = path + ".conf"
            with open(configuration, "w") as file:
                file.write('ledger = { path = "%s"; key_file = "%s.key"; };\n' % (path, path))
            yield "deskshred", ([self.deskshred, "--config", configuration, "ledger", "verify"]
                                + (["--head", head] if head else []))

    def check(self, title, path, head, wanted, words=""):
        """One test: every program ends with the wanted status and says the words."""
        wrong = []
        for name, command in self.commands(path, head):
            ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
            said = ran.stderr.decode("utf-8", "replace").strip()
            if ran.returncode != wanted or (wanted != GOOD and words not in said):
                wrong.append("%s: exit status %d, wanted %d and %r: %s" % (name, ran.returncode, wanted, words, said))
        self.say(not wrong, title, wrong)

    def say(self, ok, title, notes=()):
        self.number += 1
        self.misses += not ok
        print("%s %d - %s" % ("ok" if ok else "not ok", self.number, title))
        for note in notes:
            print("# " + note.replace("\n", "\n# "))

    def copy(self, original):
        path = os.path.join(self.folder, "forged-%d.db" % (self.number + 1))
        shutil.copy(original, path)
        return path

    def forge(self, original, title, forgery, head, wanted, words=""):
        path = self.copy(original)
        forgery(path)
        self.check(title, path, head, wanted, words)


# -- the forgeries --

AT = " WHERE sequence = %d" % MIDDLE
ENTRY = "entry %d:" % MIDDLE
AFTER = "entry %d:" % (MIDDLE + 1)
COPY = ("INSERT INTO entries SELECT %%d, %s FROM entries" % ", ".join(COLUMNS[1:])) + AT
SHIFT_DOWN = "UPDATE entries SET sequence = sequence - 1 WHERE sequence > %d" % MIDDLE
# Upwards in two steps: in one, a number would be there twice for a moment.
SHIFT_UP = ("UPDATE entries SET sequence = -sequence - 1 WHERE sequence > %d" % MIDDLE,
            "UPDATE entries SET sequence = -sequence WHERE sequence < 0")


def changed_values():
    """(column, what it becomes) for every column of the middle entry."""
    for column in TEXTS + ["hash"]:
        for value in ("coalesce (%s, '') || 'x'" % column, "'x'", "NULL", "''", "CAST (coalesce (%s, 'x') AS BLOB)" % column,
                      "coalesce (%s, '') || char (0)" % column, "coalesce (%s, '') || char (0) || 'x'" % column,
                      "CAST (x'63e9' AS TEXT)"):
            if not (value == "NULL" and column in ("time", "hash")):
                yield column, value
    yield "time", "'2000-01-01T00:00:00.000Z'"
    yield "time", "'9000-01-01T00:00:00.000Z'"
    yield "time", "replace (time, 'T', ' ')"
    yield "hash", "upper (hash)"
    yield "hash", "'%s'" % FIRST
    for value in ("'done'", "'intent'", "'scan'", "'undone'", "'Scan'", "''", "CAST (state AS BLOB)", "state || char (0)"):
        yield "state", value
    for value in ("0", "2", "-1", "1.5", "'x'", "x'31'"):
        yield "version", value
    for value in ("size + 1", "0", "-1", "NULL", "-5", "1.5", "'x'", "x'31'"):
        yield "size", value


def same(original, column, value):
    with contextlib.closing(sqlite3.connect(original)) as database:
        database.text_factory = bytes
        query = "SELECT {0} IS ({1}) AND typeof ({0}) IS typeof ({1}) FROM entries".format(column, value) + AT
        return database.execute(query).fetchone()[0] == 1


def forge_columns(judge, original):
    seen = set()
    for column, value in changed_values():
        if same(original, column, value):
            continue
        seen.add(column)
        judge.forge(original, "%s becomes %s" % (column, value),
                    sql_forgery("UPDATE entries SET %s = %s" % (column, value) + AT), None, BAD, ENTRY)
    # size is there as a number in the middle entry; as text it reads the same but is not what was appended.
    for column in ("size", "version"):
        judge.forge(original, "%s as text" % column,
                    lambda path: without_affinity(path, column,
                                                  "UPDATE entries SET {0} = CAST ({0} AS TEXT)".format(column) + AT),
                    None, BAD, ENTRY)
    judge.say(seen == set(COLUMNS) - {"sequence"}, "every column was tried")


def forge_rows(judge, original, head):
    rows = [
        ("delete an entry", ["DELETE FROM entries" + AT], ENTRY),
        ("delete the first entry", ["DELETE FROM entries WHERE sequence = 1"], "entry 1:"),
        ("delete an entry and close the gap", ["DELETE FROM entries" + AT, SHIFT_DOWN], ENTRY),
        ("delete all but the last", ["DELETE FROM entries WHERE sequence < %d" % COUNT], "entry 1:"),
        ("insert a copy after the last", [COPY % (COUNT + 1)], "entry %d:" % (COUNT + 1)),
        ("insert a copy far after the last", [COPY % (COUNT + 100)], "entry %d:" % (COUNT + 1)),
        ("insert an entry 0", [COPY % 0], "entry 0:"),
        ("insert an entry -7", [COPY % -7], "entry -7:"),
        ("insert a copy between", [*SHIFT_UP, COPY % (MIDDLE + 1)], AFTER),
        ("renumber one", ["UPDATE entries SET sequence = 1000" + AT], ENTRY),
        ("renumber all", ["UPDATE entries SET sequence = -sequence", "UPDATE entries SET sequence = 1 - sequence"],
         "entry 1:"),
        ("renumber from 0", ["UPDATE entries SET sequence = sequence - 1"], "entry 0:"),
    ]
    for title, statements, words in rows:
        judge.forge(original, title, sql_forgery(*statements), None, BAD, words)
    judge.forge(original, "swap two entries", swap(COLUMNS[1:]), None, BAD, ENTRY)
    judge.forge(original, "swap two entries but for their hashes", swap(COLUMNS[1:-1]), None, BAD, ENTRY)
    judge.forge(original, "swap two hashes", swap(["hash"]), None, BAD, ENTRY)
    judge.forge(original, "hide an entry from an index", hide_from_index, None, BAD)


def forge_tail_and_chain(judge, original, hashes):
    """What no chain shows by itself: the same forgery is good without a head kept elsewhere, and bad with it."""
    head = "%d:%s" % (COUNT, hashes[COUNT])
    middle_head = "%d:%s" % (MIDDLE, hashes[MIDDLE])
    forgeries = [
        ("cut the last entry", sql_forgery("DELETE FROM entries WHERE sequence = %d" % COUNT), "entry %d:" % COUNT),
        ("cut the tail", sql_forgery("DELETE FROM entries WHERE sequence > %d" % MIDDLE), "entry %d:" % COUNT),
        ("cut everything", sql_forgery("DELETE FROM entries"), "entry %d:" % COUNT),
        ("change an actor, make the chain anew", then_reseal("UPDATE entries SET actor = 'x'" + AT), "entry %d:" % COUNT),
        ("delete, close the gap, make the chain anew", then_reseal("DELETE FROM entries" + AT, SHIFT_DOWN),
         "entry %d:" % COUNT),
        ("insert, make the chain anew", then_reseal(*SHIFT_UP, COPY % (MIDDLE + 1)), "entry %d:" % COUNT),
    ]
    for title, forgery, words in forgeries:
        judge.forge(original, title + ": not seen without a head", forgery, None, GOOD)
        judge.forge(original, title + ": seen with the head", forgery, head, BAD, words)
    judge.forge(original, "the chain made anew, seen with an older head", forgeries[3][1], middle_head, BAD, ENTRY)
    judge.forge(original, "the tail cut at an older head", forgeries[1][1], middle_head, GOOD)
    judge.forge(original, "a chain made anew with a state nobody knows",
                then_reseal("UPDATE entries SET state = 'undone'" + AT), None, BAD, ENTRY)
    judge.forge(original, "a chain made anew with a malformed time",
                then_reseal("UPDATE entries SET time = '2026-13-22T10:00:00.123Z'" + AT), None, BAD, ENTRY)
    judge.forge(original, "a chain made anew with an earlier time",
                then_reseal("UPDATE entries SET time = '2000-01-01T00:00:00.000Z'" + AT), None, BAD, ENTRY)
    judge.forge(original, "a chain made anew with a negative size",
                then_reseal("UPDATE entries SET size = -1" + AT), None, BAD, ENTRY)


def forge_schema(judge, original):
    update = "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT 1; END"
    forgeries = [
        ("drop trigger " + name, ["DROP TRIGGER " + name], name)
        for name in ("entries_no_update", "entries_no_delete", "entries_in_sequence")
    ] + [
        ("drop index " + name, ["DROP INDEX " + name], name)
        for name in ("entries_ticket", "entries_action_id", "entries_run")
    ] + [
        ("change a trigger's text", ["DROP TRIGGER entries_no_update", update], "entries_no_update"),
        ("add a trigger", ["CREATE TRIGGER x AFTER INSERT ON entries BEGIN SELECT 1; END"], "trigger x"),
        ("add a table", ["CREATE TABLE x (a)"], "table x"),
        ("add a view", ["CREATE VIEW x AS SELECT * FROM entries"], "view x"),
        ("add an index", ["CREATE INDEX x ON entries (actor)"], "index x"),
        ("add a column", ["ALTER TABLE entries ADD COLUMN x TEXT"], "entries"),
        ("rename a column", ["ALTER TABLE entries RENAME COLUMN spans TO x"], "entries"),
        ("rename the table", ["ALTER TABLE entries RENAME TO x"], "entries"),
        ("statistics of the planner", ["ANALYZE"], "sqlite_stat1"),
        ("an older user_version", ["PRAGMA user_version = 0"], "not a deskshred ledger"),
        ("a newer user_version", ["PRAGMA user_version = 2"], "newer deskshred"),
        ("another application_id", ["PRAGMA application_id = 1"], "not a deskshred ledger"),
    ]
    for title, statements, words in forgeries:
        judge.forge(original, title, schema_forgery(*statements), None, BAD, words)
    edits = [
        ("one more blank in a trigger", "UPDATE sqlite_master SET sql = replace (sql, 'SELECT', 'SELECT ') "
                                        "WHERE name = 'entries_no_delete'", "entries_no_delete"),
        ("a NUL in a trigger", "UPDATE sqlite_master SET sql = sql || char (0) || 'x' WHERE name = 'entries_no_delete'",
         "entries_no_delete"),
        ("a trigger as a blob", "UPDATE sqlite_master SET sql = CAST (sql AS BLOB) WHERE name = 'entries_no_delete'",
         "entries_no_delete"),
        ("two indexes change their pages",
         "UPDATE sqlite_master SET rootpage = (SELECT sum (rootpage) FROM sqlite_master WHERE "
         "name IN ('entries_run', 'entries_ticket')) - rootpage WHERE name IN ('entries_run', 'entries_ticket')", ""),
    ]
    for title, sql, words in edits:
        judge.forge(original, title, lambda path: rewrite_schema(path, sql), None, BAD, words)


def forge_file(judge, original):
    for title, size in (("half of the file", lambda size: size // 2), ("all but its last page", lambda size: size - 4096),
                        ("all but its last byte", lambda size: size - 1), ("its first page", lambda size: 4096),
                        ("its first 50 bytes", lambda size: 50), ("nothing", lambda size: 0)):
        judge.forge(original, "only " + title + " is left", truncate(size), None, BAD)
    path = judge.copy(original)
    os.unlink(path)
    judge.check("the file is gone", path, None, BAD)


def content_of(path):
    try:
        with contextlib.closing(sqlite3.connect(path)) as database:
            return database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall(), list(
                map(tuple, rows_of(database)))
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def flip_bits(judge, original, flips=300):
    """A flipped bit is noticed, unless it is in a byte that holds nothing: then all is as it was."""
    chance = random.Random(20261122)
    wanted, missed, noticed = content_of(original), [], 0
    for _ in range(flips):
        path = judge.copy(original)
        place, bit = chance.randrange(os.path.getsize(path)), chance.randrange(8)
        with open(path, "r+b") as file:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 1 << bit]))
        statuses = {subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120).returncode
                    for _, command in judge.commands(path, None)}
        noticed += statuses == {BAD}
        if statuses != {BAD} and (statuses != {GOOD} or content_of(path) != wanted):
            missed.append("byte %d, bit %d: exit status %s" % (place, bit, statuses))
    judge.say(not missed and noticed > flips // 10,
              "%d flipped bits, %d noticed, the others without effect" % (flips, noticed), missed)


def malformed_heads(judge, original, hashes):
    last = hashes[COUNT]
    for head in ("x", "26", "26:", ":" + last, "-1:" + last, "26:" + last[:-1], "26:" + last + "0", "26:" + last.upper(),
                 "26 :" + last, "99999999999999999999:" + last):
        judge.check("malformed head " + head[:24], original, head, USAGE)
    judge.check("the head of an empty ledger", original, "0:" + FIRST, GOOD)
    judge.check("a head with number 0 and a hash", original, "0:" + last, BAD)
    judge.check("a head of another ledger", original, "%d:%s" % (COUNT, "a" * 64), BAD, "entry %d:" % COUNT)
    judge.check("a head beyond the end", original, "%d:%s" % (COUNT + 1, last), BAD, "entry %d:" % (COUNT + 1))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="ledger-forgery-") as folder:
        judge = Judge(folder, sys.argv[1], sys.argv[2])
        original = os.path.join(folder, "original.db")
        # In three runs, so that the chain crosses from one transaction to the next.
        for count in (1, 10, COUNT - 11):
            subprocess.run([judge.make_ledger, original, str(count)], check=True)
        hashes = chain_of(original)
        judge.say(len(hashes) == COUNT + 1, "the independent verifier finds the ledger good")
        head = "%d:%s" % (COUNT, hashes[COUNT])
        judge.check("the ledger is good", original, None, GOOD)
        judge.check("the ledger is good with its head", original, head, GOOD)
        judge.forge(original, "triggers dropped and restored: nothing was forged", sql_forgery(), head, GOOD)
        judge.forge(original, "sealed anew without a change: nothing was forged", then_reseal(), head, GOOD)
        judge.forge(original, "vacuumed: nothing was forged", schema_forgery("VACUUM"), head, GOOD)
        forge_columns(judge, original)
        forge_rows(judge, original, head)
        forge_tail_and_chain(judge, original, hashes)
        forge_schema(judge, original)
        forge_file(judge, original)
        flip_bits(judge, original)
        malformed_heads(judge, original, hashes)
    print("1..%d" % judge.number)
    return 1 if judge.misses else 0


if __name__ == "__main__":
    sys.exit(main())
