"""Ends the audit log's file and begins the next: sealed there, a signed checkpoint here, nothing deleted."""

import os
import re
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.audit.backup import settle
from bot.audit.entry import AuditEntry
from bot.audit.hash_chain import CHECKPOINT, SEALED, digest
from bot.audit.log import row_of
from bot.domain.errors import ConfigError, StoreError
from bot.runtime.database.schema import upgrade

_MADE_ANEW = re.compile(r"audit$|audit_words|_sqlite_migrations$|sqlite_")
"""Tables that a new file makes for itself, by how their names begin."""


def rotate(path: Path, key: bytes | None, at: datetime, actor: str = "bot") -> Path:
    """End `path` with a seal, and put a file in its place that begins with a checkpoint of it.

    `actor` is who asked for it. Everything else in the database goes along. The old file stays beside it,
    complete, and is returned. Interrupted at any point, it is finished by doing it again. Raises ConfigError
    without a key, with which checkpoints are signed, and StoreError while the bot runs.
    """
    if key is None:
        raise ConfigError(
            "A checkpoint is signed, and audit.key is not set.",
            "Set it, such as: audit: {key: env:AUDIT_KEY}",
        )
    if not path.exists():
        raise StoreError(f"There is no audit log at {path}.", "Set PGBOT_DATA.")
    part = path.with_name(f".{path.name}.next")
    try:
        first, last = _seal_and_prepare(path, part, key, _blank(at, actor))
        kept = path.with_name(f"audit-{first:09d}-{last:09d}.db")
        # First a second name for the old file, then the new one in its place: there is always a log.
        _keep(path, kept)
        settle(part, path)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"The log could not be ended: {error}.",
            "Stop the bot and everything that reads the file, then again.",
        ) from error
    return kept


def _seal_and_prepare(path: Path, part: Path, key: bytes, said: dict[str, Any]) -> tuple[int, int]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as old:
        # Only whoever is alone with the file can take it out of WAL mode: a running bot makes this fail.
        old.execute("PRAGMA journal_mode=DELETE")
        old.execute("PRAGMA synchronous=FULL")
        upgrade(Sqlite(old, execute_plugins=False))
        old.execute("BEGIN EXCLUSIVE")
        head = _head(old)
        if head["kind"] != SEALED:
            seal = _chained(AuditEntry(**said, kind=SEALED, detail="goes on in the next file"), head, key)
            _insert(old, seal)
            head = seal
        checkpoint = AuditEntry(
            **said, kind=CHECKPOINT, detail=f"goes on from row {head['seq']}, hash {head['hash']}"
        )
        # The new file is complete before the old one's seal is on disk: the seal is what makes it final.
        _make_next(old, part, _chained(checkpoint, head, key))
        old.execute("COMMIT")
        ((first,),) = old.execute("SELECT min(seq) FROM audit").fetchall()
    return int(first), int(head["seq"])


def _keep(path: Path, kept: Path) -> None:
    with suppress(FileExistsError):
        os.link(path, kept)
    if not kept.samefile(path):
        raise StoreError(f"{kept} is there already and is another file.", "Move it away, then again.")


def _head(db: sqlite3.Connection) -> dict[str, Any]:
    row = db.execute("SELECT seq, kind, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None:
        raise StoreError("The audit log is empty.", "There is nothing to keep.")
    return dict(zip(("seq", "kind", "hash"), row, strict=True))


def _make_next(old: sqlite3.Connection, part: Path, checkpoint: dict[str, Any]) -> None:
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(part, isolation_level=None)) as new:
        upgrade(Sqlite(new, execute_plugins=False))
        new.execute("BEGIN")
        for table, columns in _tables(old):
            names, marks = ", ".join(f'"{each}"' for each in columns), ", ".join("?" for _ in columns)
            new.executemany(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - names from our own schema
                old.execute(f'SELECT {names} FROM "{table}"'),  # noqa: S608
            )
        _insert(new, checkpoint)
        new.execute("COMMIT")


def _tables(db: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = [name for name in names if not _MADE_ANEW.match(name)]
    return [(name, [each[1] for each in db.execute(f'PRAGMA table_info("{name}")')]) for name in kept]


def _blank(at: datetime, actor: str) -> dict[str, Any]:
    return {"at": at, "trace": "-", "team": "", "actor": actor, "channel": "", "outcome": "ok"}


def _chained(entry: AuditEntry, head: dict[str, Any], key: bytes) -> dict[str, Any]:
    row = {"seq": head["seq"] + 1, **row_of(entry), "prev": head["hash"]}
    return row | {"hash": digest(row, key)}


def _insert(db: sqlite3.Connection, row: dict[str, Any]) -> None:
    columns, marks = ", ".join(row), ", ".join("?" for _ in row)
    db.execute(f"INSERT INTO audit ({columns}) VALUES ({marks})", list(row.values()))  # noqa: S608 - our own names
