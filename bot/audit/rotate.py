"""The end of the audit log's file and the start of the next: sealed, continued by a signed checkpoint."""

import os
import re
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.audit.backup import settle
from bot.audit.hash_chain import CHECKPOINT, SEALED, row_digest
from bot.audit.log import row_of
from bot.audit.records import AuditEntry, bot_entry
from bot.audit.verify import first_number
from bot.domain.errors import ConfigError, StoreError
from bot.runtime.database.sqlite import SqlError, Transaction, copy_rows, insert, open_alone
from bot.runtime.database.upgrade import upgrade
from bot.runtime.instance_lock import follow_links, lock_database

_NOT_COPIED = re.compile(r"audit$|audit_words|_sqlite_migrations$|releases$|sqlite_")
"""Beginnings of the names of tables that a new file creates for itself."""


def rotate(path: Path, key: bytes | None, at: datetime, actor: str = "bot") -> Path:
    """End `path` with a seal, put a file in its place that begins with a checkpoint, and return the old file.

    `actor` is the requester. The other tables are copied; the old file stays beside the new one, complete.
    After an interruption at any point, calling it again finishes the work. Raises ConfigError without a key,
    which signs checkpoints, and while the bot runs; StoreError when it cannot be done.
    """
    if key is None:
        raise ConfigError(
            "A checkpoint is signed, and audit.key is not set.",
            "Set it, such as: audit: {key: env:AUDIT_KEY}",
        )
    if not path.exists():
        raise StoreError(f"There is no audit log at {path}.", "Set PGBOT_DATA.")
    if path.stat().st_uid != os.geteuid():
        raise ConfigError(
            f"{path} belongs to another user, who could not read the new file.", "Run it as that user."
        )
    lock = lock_database(path)
    try:
        seal = replace(bot_entry(at, SEALED, "ok", "continues in the next file"), actor=actor)
        return _rotate(follow_links(path), key, seal)
    except (SqlError, OSError) as error:
        raise StoreError(
            f"The log could not be ended: {error}.",
            "Stop everything that reads the file, then run it again.",
        ) from error
    finally:
        lock.release()


def _rotate(path: Path, key: bytes, seal: AuditEntry) -> Path:
    part = path.with_name(f".{path.name}.next")
    first, last = _seal_and_prepare(path, part, key, seal)
    kept = path.with_name(f"audit-{first:09d}-{last:09d}.db")
    # First a second name for the old file, then the new one in its place: there is always a log.
    _keep(path, kept)
    settle(part, path)
    return kept


def _seal_and_prepare(path: Path, part: Path, key: bytes, seal: AuditEntry) -> tuple[int, int]:
    # A bot that runs makes this fail: only one that is alone with the file can take it out of WAL mode.
    with closing(open_alone(path)) as old:
        upgrade(old)
        old.execute("BEGIN EXCLUSIVE")
        head = _head(old)
        if head["kind"] != SEALED:
            head = _chained(seal, head, key)
            insert(old, "audit", head)
        detail = f"continues from row {head['seq']}, hash {head['hash']}"
        checkpoint = replace(seal, kind=CHECKPOINT, detail=detail)
        # The new file is complete before the old one's seal is on disk: the seal is what makes it final.
        _make_next(old, part, _chained(checkpoint, head, key))
        old.execute("COMMIT")
        return first_number(old), int(head["seq"])


def _keep(path: Path, kept: Path) -> None:
    with suppress(FileExistsError):
        os.link(path, kept)
    if not kept.samefile(path):
        raise StoreError(f"{kept} is there already and is another file.", "Move it away, then again.")


def _head(db: Transaction) -> dict[str, Any]:
    row = db.execute("SELECT seq, kind, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None:
        raise StoreError("The audit log is empty.", "There is nothing to keep.")
    return dict(zip(("seq", "kind", "hash"), row, strict=True))


def _make_next(old: Transaction, part: Path, checkpoint: dict[str, Any]) -> None:
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(open_alone(part)) as new:
        upgrade(new)
        new.execute("BEGIN")
        for table in old.table_names():
            if not _NOT_COPIED.match(table):
                copy_rows(old, new, table)
        insert(new, "audit", checkpoint)
        new.execute("COMMIT")


def _chained(entry: AuditEntry, head: dict[str, Any], key: bytes) -> dict[str, Any]:
    row = {"seq": head["seq"] + 1, **row_of(entry), "prev": head["hash"]}
    return row | {"hash": row_digest(row, key)}
