"""The audit log: append-only rows, each chained to the one before by SHA-256, and its rows about itself."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bot.audit.hash_chain import ACCEPTED, GENESIS, Anchor, ChainWalk, row_digest
from bot.audit.query import AuditReader
from bot.audit.records import AuditEntry, bot_entry
from bot.audit.verified_log import ALARM, CHUNK, VerifiedLog
from bot.domain.errors import ConfigError, StoreError
from bot.domain.redaction import make_storable
from bot.domain.stored_values import json_sha256
from bot.runtime.clock import Clock
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert
from bot.runtime.logger import get_logger
from bot.settings.secrets import Reference, describe_reference, resolve_secret

log = get_logger()

SHORTEST_KEY = 16
"""Characters. A shorter key could be guessed by trying keys on any row of the log."""

_CLUSTER = re.compile(r"/clusters/([0-9A-Za-z-]{8,})")
"""The cluster in the path of a request; both APIs have it in the same place."""


async def audit_key(reference: Reference | None) -> bytes | None:
    """Return the key that chains rows, or None when none is configured. Raises ConfigError, which never shows
    it."""
    if reference is None:
        return None
    key = (await resolve_secret(reference)).get_secret_value()
    if len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"The audit key {describe_reference(reference)} is shorter than {SHORTEST_KEY} characters.",
            "Make a longer one, such as: openssl rand -hex 32",
        )
    return key.encode()


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

    async def verify_again(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Verify all rows again, off the loop, a few at a time with a pause between. Raises StoreError."""
        walk = ChainWalk(self._key)
        while not await self._database.read(lambda db: self.verified.verify(db, walk, walk.take)):
            await pause()

    async def append(self, entry: AuditEntry) -> int:
        """Write one row, on disk when this returns, and return its number. Raises StoreError."""
        seq = await self._database.write(self.adding(entry))
        if entry.code:
            log.info("command ended with an error", command=entry.command, code=entry.code, trace=entry.trace)
        return seq

    def adding(self, entry: AuditEntry) -> Callable[[Transaction], int]:
        """Return the same as part of another write: the row is stored if, and only if, that write is."""
        return lambda db: add_row(db, row_of(entry), self._key)

    async def accept(self, actor: str, what: str, reason: str, at: datetime) -> Anchor:
        """Write the row with which a person goes on with the log as it is, which pins that; return the anchor
        of that row. Raises StoreError.

        `what` is what was wrong. From then on, verification begins at this row.
        """
        await self.catch_up()
        entry = bot_entry(at, ACCEPTED, "ok", make_storable(reason), make_storable(what))
        kept = json.dumps({"rows": self.verified.content})
        seq = await self.append(replace(entry, actor=actor, kept=kept))
        head = await self.head()
        assert head is not None  # noqa: S101 - the row was just written
        return Anchor(seq, head[1], at, is_accepted=True)


_STATED = ("kind", "trace", "team", "actor", "channel", "command", "text", "outcome", "detail")
_OPTIONAL = ("change", "roles", "rule", "policy", "digest", "kept", "code")
"""Fields that are stored as they are, and fields that are stored as NULL when they are empty."""


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
        **{name: getattr(entry, name) for name in _STATED},
        "requests": json.dumps(requests, separators=(",", ":"), ensure_ascii=False),
        "milliseconds": None if entry.milliseconds is None else round(entry.milliseconds, 3),
        "cluster": " ".join(sorted(_about(entry))) or None,
        **{name: getattr(entry, name) or None for name in _OPTIONAL},
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


POLICY = "people, permissions, approvals or clusters of the settings"
OTHERS = "settings other than people, permissions, approvals and clusters"
"""Text of such a row; `AuditReader.last_settings` finds the rows by the word that both texts share."""


async def note_policy(audit: AuditLog, version: str, clock: Clock, settings: BaseModel | None = None) -> None:
    """Write a row if `version` or `settings` differ from those of the last such row, since rules change the
    meaning of every later row. Raises StoreError.

    Only a digest of the settings is kept. No secret is part of it: app.yaml only refers to secrets.
    """
    digest = json_sha256(settings.model_dump(mode="json")) if settings is not None else ""
    before = await audit.last_policy()
    others = await audit.last_settings() if digest else None
    if before == version and others == (digest or None):
        return
    detail = f"was {(others or 'not known') if before == version else before}" if before else ""
    text = OTHERS if before == version else POLICY
    entry = bot_entry(clock.now(), "policy", "changed" if before else "began", detail, text)
    await audit.append(replace(entry, policy=version, digest=digest))


LOOK_SECONDS = 60.0
"""Seconds between two looks at whether the log has come into doubt."""

VERIFY_SECONDS = 3_600.0
"""Seconds from one verification of the whole log to the next: rows may be altered behind what is verified."""

PAUSE_SECONDS = 0.02
"""Seconds between two chunks of a verification that nobody waits for, so that it takes no core for itself."""


@dataclass(slots=True, kw_only=True)
class LogWatch:
    """A loop in `serve` that verifies the log again and again, and writes a row when it comes into doubt."""

    audit: AuditLog
    clock: Clock
    _recorded: str = ""
    _verified: float = field(default=float("-inf"))

    async def run(self) -> None:
        """Watch for ever; ends only when cancelled. What fails is tried again at the next look."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.warning("audit log not verified", error=str(error))
            await self.clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Verify what is new, all of it where that is due, and record a doubt. Raises StoreError."""
        await self.audit.catch_up()
        if self.clock.monotonic() - self._verified >= VERIFY_SECONDS:
            if self._verified > float("-inf"):
                await self.audit.verify_again(lambda: self.clock.sleep(PAUSE_SECONDS))
            self._verified = self.clock.monotonic()
        doubt = self.audit.verified.doubt
        if doubt and doubt != self._recorded:
            log.error("audit log in doubt", why=doubt)
            await self.audit.append(bot_entry(self.clock.now(), ALARM, "in doubt", doubt))
            self._recorded = doubt
