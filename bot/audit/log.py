"""The audit log: append-only rows, each chained to the one before by SHA-256."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.audit.hash_chain import GENESIS, ChainWalk, row_digest
from bot.audit.query import AuditReader
from bot.audit.records import AuditEntry
from bot.audit.verified_log import CHUNK, VerifiedLog
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert
from bot.runtime.logger import get_logger

log = get_logger()

_CLUSTER = re.compile(r"/clusters/([0-9A-Za-z-]{8,})")
"""The cluster in the path of a request; both APIs have it in the same place."""


class AuditLog(AuditReader):
    """Writer and reader of the log. With `key`, rows are chained by HMAC. `verified` is its proven part."""

    def __init__(self, database: SqliteDatabase, key: bytes | None = None) -> None:
        super().__init__(database)
        self._key = key
        self.verified = VerifiedLog(key)
        database.watch(self.verified)

    async def catch_up(self) -> None:
        """Verify the rows that this process has not verified yet, off the loop and a few at a time."""
        while not self.verified.is_caught_up:
            await self._database.read(lambda db: self.verified.catch_up(db, CHUNK))

    async def verify_further(self, walk: ChainWalk) -> bool:
        """Verify some rows again, off the loop; return whether none is left. Raises StoreError."""
        return await self._database.read(lambda db: self.verified.verify_further(db, walk))

    async def append(self, entry: AuditEntry) -> int:
        """Write one row, on disk when this returns, and return its number. Raises StoreError."""
        seq = await self._database.write(self.adding(entry))
        if entry.code:
            log.info("command ended with an error", command=entry.command, code=entry.code, trace=entry.trace)
        return seq

    def adding(self, entry: AuditEntry) -> Callable[[Transaction], int]:
        """Return the same as part of another write: the row is stored if, and only if, that write is."""
        row = row_of(entry)
        return lambda db: add_row(db, row, self._key)


def row_of(entry: AuditEntry) -> dict[str, Any]:
    """Return the columns of a row without its number and its hashes."""
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
        "at": time_to_text(entry.at),
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
        "code": entry.code or None,
    }


def _about(entry: AuditEntry) -> frozenset[str]:
    """Return the clusters that a row concerns: none for a read of the whole fleet."""
    sent = [request.url for request in entry.requests if request.method != "GET"]
    if entry.kind == "request":
        sent.append(entry.text)
    return entry.clusters.union(*(_CLUSTER.findall(each) for each in sent))


def add_row(db: Transaction, content: Mapping[str, Any], key: bytes | None = None) -> int:
    """Chain a row to the last one inside the caller's transaction and return its number.

    Raises SqlError, which is UnstorableValue for text that is not Unicode.
    """
    # The head is read inside the transaction: many rows may be on their way at once.
    head = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    seq, prev = (head[0] + 1, head[1]) if head else (1, GENESIS)
    row = {"seq": seq, **content, "prev": prev}
    row["hash"] = row_digest(row, key)
    insert(db, "audit", row)
    return seq
