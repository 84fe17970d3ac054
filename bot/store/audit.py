"""The audit log: append-only rows, each chained to the one before by SHA-256."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.domain import ApiRequest
from bot.store.database import Database

GENESIS = "0" * 64
"""What the first row names as the hash before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row to be written. Whoever makes it has already taken the secrets out.

    `kind` is `invocation` (before anything is done), `request` (before a mutating request leaves for the
    cloud) or `outcome` (what came of it); `trace` joins them. `outcome` is one word: `accepted`, `intended`,
    `ok`, `denied`, `mistyped`, `failed`, `error`.
    """

    at: datetime
    kind: str
    trace: str
    team: str
    actor: str
    channel: str
    command: str = ""
    text: str = ""
    outcome: str = ""
    detail: str = ""
    requests: tuple[ApiRequest, ...] = ()
    milliseconds: float | None = None


class AuditLog:
    """Appends and reads. An append that returns is on disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: Entry) -> int:
        """Write one row and return its number. Raises StoreError; then nothing was written."""
        row = _row(entry)
        return await self._database.write(lambda db: _append(db, row))

    async def latest(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest rows, newest first."""
        return await self._database.read(
            lambda db: list(db["audit"].rows_where(order_by="seq desc", limit=limit))
        )

    async def first_broken_row(self) -> int | None:
        """The number of the first row that does not follow from the one before; None if all do."""
        return await self._database.read(lambda db: first_broken(db["audit"].rows_where(order_by="seq")))


def first_broken(rows: Iterable[Mapping[str, Any]]) -> int | None:
    """Walk rows in order and name the first whose number, link or hash is not what it must be."""
    previous = GENESIS
    for number, row in enumerate(rows, start=1):
        if row["seq"] != number or row["prev"] != previous or row["hash"] != digest(row):
            return number
        previous = row["hash"]
    return None


def digest(row: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of every column but the hash itself."""
    content = {key: value for key, value in row.items() if key != "hash"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _row(entry: Entry) -> dict[str, Any]:
    requests = [
        {
            "method": request.method,
            "url": request.url,
            "status": request.status,
            "ms": round(request.milliseconds, 1),
            "request_id": request.request_id,
            "attempt": request.attempt,
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
    }


def _append(db: Sqlite, content: dict[str, Any]) -> int:
    # The head is read inside the transaction: `serve` and `run` are two writers of one chain.
    head = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    seq, prev = (head[0] + 1, head[1]) if head else (1, GENESIS)
    row = {"seq": seq, **content, "prev": prev}
    row["hash"] = digest(row)
    columns = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    try:
        db.execute(f"INSERT INTO audit ({columns}) VALUES ({marks})", list(row.values()))  # noqa: S608 - our own column names
    except UnicodeEncodeError as error:
        raise sqlite3.DataError("the text holds half a character") from error
    return seq
