"""The audit log: append-only rows, each chained to the one before by SHA-256."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.audit.entry import AuditEntry
from bot.audit.hash_chain import GENESIS, ChainWalk, digest
from bot.audit.query import AuditReading
from bot.runtime.database.database import SqliteDatabase

_CLUSTER = re.compile(r"/clusters/([0-9A-Za-z-]{8,})")
"""The cluster in the path of a request; both APIs have it in the same place."""


class AuditLog(AuditReading):
    """Appends and reads. An append that returns is on disk. With `key`, rows are chained by HMAC."""

    def __init__(self, database: SqliteDatabase, key: bytes | None = None) -> None:
        super().__init__(database)
        self._key = key

    async def append(self, entry: AuditEntry) -> int:
        """Write one row and return its number. Raises StoreError; then nothing was written."""
        return await self._database.write(self.adding(entry))

    def adding(self, entry: AuditEntry) -> Callable[[Sqlite], int]:
        """The same as part of another write: the row is in if, and only if, the rest of that write is."""
        row = row_of(entry)
        return lambda db: add_row(db, row, self._key)

    async def latest(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest rows, newest first."""
        return await self._database.read(
            lambda db: list(db["audit"].rows_where(order_by="seq desc", limit=limit))
        )

    async def first_broken_row(self) -> int | None:
        """The number of the first row that does not follow from the one before; None if all do."""
        return await self._database.read(
            lambda db: first_broken(db["audit"].rows_where(order_by="seq"), self._key)
        )


def first_broken(rows: Iterable[Mapping[str, Any]], key: bytes | None = None) -> int | None:
    """Walk rows in order and name the first whose number, link or hash is not what it must be."""
    walk = ChainWalk(key)
    for row in rows:
        if not walk.take(row):
            break
    return walk.bad.seq if walk.bad else None


def row_of(entry: AuditEntry) -> dict[str, Any]:
    """The columns of a row, all but its number and its hashes."""
    requests = [
        {
            "method": request.method,
            "url": request.url,
            "status": request.status,
            "ms": round(request.milliseconds, 1),
            "request_id": request.request_id,
            "attempt": request.attempt,
            **({"said": request.said} if request.said else {}),
        }
        for request in entry.requests
    ]
    return {
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "kind": entry.kind,
        "trace": entry.trace,
        "team": entry.team,
        "actor": entry.actor,
        "channel": entry.channel,
        "command": entry.command,
        "text": entry.text,
        "outcome": entry.outcome,
        "detail": entry.detail,
        "requests": json.dumps(requests, separators=(",", ":"), ensure_ascii=False),
        "milliseconds": None if entry.milliseconds is None else round(entry.milliseconds, 3),
        "cluster": " ".join(sorted(_about(entry))) or None,
        "change": entry.change or None,
        "roles": entry.roles or None,
        "rule": entry.rule or None,
        "policy": entry.policy or None,
        "digest": entry.digest or None,
        "kept": entry.kept or None,
    }


def _about(entry: AuditEntry) -> frozenset[str]:
    """The clusters that a row is about: a read of the whole fleet is about none of them."""
    sent = [request.url for request in entry.requests if request.method != "GET"]
    if entry.kind == "request":
        sent.append(entry.text)
    return entry.clusters.union(*(_CLUSTER.findall(each) for each in sent))


def add_row(db: Sqlite, content: Mapping[str, Any], key: bytes | None = None) -> int:
    """Chain a row to the last one, inside the caller's transaction; returns its number."""
    # The head is read inside the transaction: `serve` and `run` are two writers of one chain.
    head = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    seq, prev = (head[0] + 1, head[1]) if head else (1, GENESIS)
    row = {"seq": seq, **content, "prev": prev}
    row["hash"] = digest(row, key)
    columns = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    try:
        db.execute(f"INSERT INTO audit ({columns}) VALUES ({marks})", list(row.values()))  # noqa: S608 - our own column names
    except UnicodeEncodeError as error:
        raise sqlite3.DataError("the text holds half a character") from error
    return seq
