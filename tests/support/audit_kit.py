"""Audit logs for tests: long ones made quickly, and the forgeries of somebody who has the file."""

import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database as Sqlite

from bot.audit.hash_chain import GENESIS, Anchor, row_digest
from bot.audit.log import add_row, row_of
from bot.audit.records import AuditEntry, AuditRow
from bot.domain.request import ApiRequest
from bot.runtime.database.upgrade import upgrade

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLUSTERS = [f"{number:08x}-0000-4000-8000-{number:012x}" for number in range(1, 40)]


def make_entry(number, **changes):
    """Return a row as the bot writes them: every fifth sent something that changes a cluster."""
    cluster = CLUSTERS[number % len(CLUSTERS)]
    values = {
        "at": START + timedelta(seconds=number),
        "kind": "outcome",
        "trace": f"{number:012x}",
        "team": "T0SHOP",
        "actor": f"slack:U{number % 17:04d}",
        "channel": "C0OPS",
        "command": "cluster show",
        "text": f"cluster show orders-{number} — „Grüße“",
        "outcome": "ok",
        "detail": f"orders-{number}: AVAILABLE",
        "milliseconds": number * 0.37,
        "clusters": frozenset({cluster}),
        "roles": "developer,everyone",
        "rule": "permission 2",
    }
    if number % 5 == 0:
        url = f"https://api.example/clusters/{cluster}"
        values["requests"] = (ApiRequest(method="PATCH", url=url, status=202, milliseconds=41.2),)
    return AuditEntry(**values | changes)


def write_log(path, count, key=None):
    """Write a file with this many rows, chained as the bot chains them."""
    return write_rows(path, map(make_entry, range(1, count + 1)), key)


def write_rows(path, entries, key=None):
    """Write a file with these rows. It is not durable, and therefore quick."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        db = Sqlite(connection, execute_plugins=False)
        upgrade(db)
        connection.execute("BEGIN")
        for each in entries:
            add_row(db, row_of(each), key)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def copy_log(path, to):
    """Return a copy to tamper with."""
    shutil.copy(path, to)
    return to


def anchor_at(path, seq):
    """Return the anchor that was posted when the log had this many rows."""
    with closing(sqlite3.connect(path)) as connection:
        ((found, at),) = connection.execute("SELECT hash, at FROM audit WHERE seq = ?", [seq])
    return Anchor(seq, found, datetime.fromisoformat(at))


NULLABLE = ("milliseconds", "cluster", "roles", "rule", "change")
EDITED = dict.fromkeys(
    (
        "at",
        "kind",
        "trace",
        "team",
        "actor",
        "text",
        "command",
        "outcome",
        "detail",
        "requests",
        "prev",
        "hash",
    ),
    False,
) | dict.fromkeys(NULLABLE, True)
"""Columns of a row, and whether they may be NULL."""


class Forger:
    """A forger with the file, SQL, and knowledge of the row hashes, but without the key."""

    def __init__(self, path, seed):
        self.chance = random.Random(seed)  # noqa: S311 - the same places each time
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        for trigger in ("audit_never_updated", "audit_never_deleted", "audit_indexed", "audit_sealed"):
            self.connection.execute(f"DROP TRIGGER {trigger}")
        self.count = self.run("SELECT max(seq) FROM audit").fetchone()[0]

    def run(self, sql, values=()):
        return self.connection.execute(sql, values)

    def somewhere(self, margin=2):
        return self.chance.randint(1 + margin, self.count - margin)

    def edit(self):
        """Change any one cell of a row; the row is the first bad one."""
        seq = self.somewhere()
        column = self.chance.choice(sorted(EDITED))
        value = self.chance.choice(["x", "", None, 7, b"\xff"])
        value = "x" if value is None and not EDITED[column] else value
        old = self.run(f"SELECT {column} FROM audit WHERE seq = ?", [seq]).fetchone()[0]  # noqa: S608
        self.run(f"UPDATE audit SET {column} = ? WHERE seq = ?", ["y" if old == value else value, seq])  # noqa: S608
        return seq

    def delete(self):
        seq = self.somewhere()
        length = self.chance.randint(1, min(50, self.count - seq))
        self.run("DELETE FROM audit WHERE seq >= ? AND seq < ?", [seq, seq + length])
        return seq

    def reorder(self):
        """Swap two rows, hashes included."""
        one, other = sorted([self.somewhere(), self.count])
        self.run("UPDATE audit SET seq = -1 WHERE seq = ?", [one])
        self.run("UPDATE audit SET seq = ? WHERE seq = ?", [one, other])
        self.run("UPDATE audit SET seq = ? WHERE seq = -1", [other])
        return one

    def insert(self):
        """Insert a row in the middle; those behind it move up by one."""
        seq = self.somewhere()
        row = dict(self.run("SELECT * FROM audit WHERE seq = ?", [seq]).fetchone())
        self.run("UPDATE audit SET seq = -seq - 1 WHERE seq >= ?", [seq])
        self.run("UPDATE audit SET seq = -seq WHERE seq < 0")
        row |= {"text": "forged", "hash": f"{self.chance.getrandbits(256):064x}"}
        marks = ", ".join("?" for _ in row)
        self.run(f"INSERT INTO audit ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608  # noqa: S608
        return seq

    def truncate(self):
        """Cut off the end; the rest is consistent in itself."""
        seq = self.somewhere()
        self.run("DELETE FROM audit WHERE seq >= ?", [seq])
        return seq

    def rewrite(self):
        """Change a row and compute every hash from it on again, so that the log is consistent in itself."""
        seq = self.somewhere()
        self.run("UPDATE audit SET actor = 'slack:U0SOMEONE' WHERE seq = ?", [seq])
        self.rehash(seq)
        return seq

    def rehash(self, first, key=None):
        before = self.run("SELECT hash FROM audit WHERE seq = ?", [first - 1]).fetchone()
        prev = before[0] if before else GENESIS
        self.run("BEGIN")
        rows = self.run("SELECT * FROM audit WHERE seq >= ? ORDER BY seq", [first]).fetchall()
        self.run("UPDATE audit SET hash = 'old' || seq WHERE seq >= ?", [first])
        for row in map(dict, rows):
            row["prev"] = prev
            row["hash"] = prev = row_digest(row, key)
            self.run("UPDATE audit SET prev = :prev, hash = :hash WHERE seq = :seq", row)
        self.run("COMMIT")

    def leave(self):
        self.connection.close()


ROW = AuditRow(
    seq=7,
    at=START,
    kind="request",
    trace="t",
    team="",
    actor="bot",
    channel="",
    command="",
    text="",
    outcome="intended",
    detail="",
    requests=(),
    milliseconds=None,
    clusters=frozenset(),
    about=frozenset(),
    change=None,
    roles=None,
    rule=None,
    policy=None,
    digest=None,
    code=None,
    prev="",
    hash="",
)
