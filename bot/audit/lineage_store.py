"""Rows about the data's own history: in pgbot.db, and the anchor that engine.db keeps of it."""

import asyncio
import json
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.audit.anchor import Anchor
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.domain.errors import StoreError
from bot.runtime.database.columns import text_to_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import (
    SqlError,
    Transaction,
    insert,
    insert_new,
    open_for_reading,
    open_for_writing,
)

ENGINE = "engine.db"
"""Name of the engine's file, and of the place for anchors in it."""


@dataclass(frozen=True, slots=True)
class DataAnchor(Anchor):
    """An anchor with the ids of the latest change and of the change that was sent last, to say what is lost
    where the log is older than it, and the epoch of the last lease on the Slack app."""

    change: str = ""
    sent: str = ""
    epoch: str = ""

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> "DataAnchor":
        """Return the anchor of these facts; unknown ones are left out. Raises StoreError."""
        try:
            return cls(
                int(facts["seq"]),
                str(facts["hash"]),
                text_to_time(str(facts["at"])),
                bool(facts.get("is_accepted")),
                str(facts.get("change", "")),
                str(facts.get("sent", "")),
                str(facts.get("epoch", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(f"The anchor is damaged ({error!r}).") from None


def anchor_facts(anchor: Anchor) -> dict[str, Any]:
    """Return an anchor as JSON has it; see `DataAnchor.from_facts`."""
    return asdict(anchor) | {"at": time_to_text(anchor.at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorFacts:
    """The places that have had an anchor; whether there are changes; and the row number of the last intent
    with a request, 0 without one. Every place had an anchor of that row or a later one before the request
    left."""

    places: frozenset[str]
    has_changes: bool
    last_sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCut:
    """A moment before which decisions let nothing be sent, since it may have been sent already. `why` is a
    part of a sentence."""

    at: datetime
    why: str
    is_posted: bool = False


class LineageRows:
    """Rows in pgbot.db. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def make_anchor(self, at: datetime) -> DataAnchor | None:
        """Return the anchor of the data as they are; None while the log is empty."""
        return await self._database.read(lambda db: make_anchor(db, at))

    async def anchor_facts(self) -> AnchorFacts:
        """Return what the rows say about anchors of theirs."""
        return await self._database.read(_read_facts)

    async def note_anchored(self, place: str, at: datetime) -> None:
        """Remember that a place has an anchor, so that losing it is noticed."""
        row = {"place": place, "since": time_to_text(at)}
        await self._database.write(lambda db: insert_new(db, "anchored_places", row))

    async def cut(self, cut: DecisionCut, actor: str = "bot") -> None:
        """Let no earlier decision send anything any more, with an audit row that says why.

        Where the clock is behind the decisions that are stored, those are earlier all the same.
        """
        entry = AuditEntry(
            at=cut.at,
            kind="lineage",
            trace="-",
            team="",
            actor=actor,
            channel="",
            outcome="asked again",
            detail=cut.why,
        )
        add = self._audit.adding(entry)

        def work(db: Transaction) -> None:
            (last,) = db.execute(_LAST_DECIDED).fetchone()
            insert(db, "decision_cuts", {"at": max(time_to_text(cut.at), last or ""), "why": cut.why})
            add(db)

        await self._database.write(work)

    async def last_cut(self) -> DecisionCut | None:
        """Return the last moment before which decisions no longer count, if there is one."""
        query = "SELECT at, why, posted_at FROM decision_cuts ORDER BY id DESC LIMIT 1"
        row = await self._database.read(lambda db: db.execute(query).fetchone())
        return DecisionCut(at=text_to_time(row[0]), why=row[1], is_posted=bool(row[2])) if row else None

    async def repair(self, now: datetime) -> str:
        """Let a cut of a wrong clock end `now`, which is right; say so, empty where there is none."""
        statement, at = "UPDATE decision_cuts SET at = ? WHERE at > ?", time_to_text(now)
        changed = await self._database.write(lambda db: db.execute(statement, [at, at]).rowcount)
        return "Decisions from now on count again." if changed else ""

    async def note_cut_posted(self, at: datetime) -> None:
        """Remember that people were told of every cut so far."""
        statement = "UPDATE decision_cuts SET posted_at = ? WHERE posted_at IS NULL"
        await self._database.write(lambda db: db.execute(statement, [time_to_text(at)]))


_LAST_DECIDED = """
    SELECT max(at) FROM (SELECT max(at) AS at FROM votes UNION SELECT max(proposed_at) FROM changes)
"""

LAST_SENT = """
    SELECT max(seq) FROM audit
    WHERE kind = 'intent' AND change = (SELECT change_id FROM attempts ORDER BY armed_at DESC LIMIT 1)
    AND EXISTS (
        SELECT 1 FROM audit AS sent
        WHERE sent.trace = audit.change AND sent.kind = 'request' AND sent.seq > audit.seq
    )
"""


def _read_facts(db: Transaction) -> AnchorFacts:
    (has_changes,) = db.execute("SELECT EXISTS (SELECT 1 FROM changes)").fetchone()
    return AnchorFacts(
        places=frozenset(name for (name,) in db.execute("SELECT place FROM anchored_places")),
        has_changes=bool(has_changes),
        last_sent=int(db.execute(LAST_SENT).fetchone()[0] or 0),
    )


def read_head(db: Transaction, at: datetime) -> DataAnchor | None:
    """Return the anchor of the last row alone, also of a file of an earlier release; None for an empty log.

    Raises SqlError.
    """
    head = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return DataAnchor(int(head[0]), str(head[1]), at) if head else None


def make_anchor(db: Transaction, at: datetime) -> DataAnchor | None:
    """Return the anchor of the data as they are; None while the log is empty. Raises SqlError."""
    head = read_head(db, at)
    if head is None:
        return None
    queries = {
        "change": "SELECT id FROM changes ORDER BY proposed_at DESC LIMIT 1",
        "sent": "SELECT change_id FROM attempts ORDER BY armed_at DESC LIMIT 1",
        "epoch": "SELECT stamp FROM bot_lease",
    }
    found = {name: db.execute(query).fetchone() for name, query in queries.items()}
    return replace(head, **{name: row[0] for name, row in found.items() if row})


@dataclass(frozen=True, slots=True)
class EngineAnchor:
    """The place for one anchor in the engine's file, which a copy of pgbot.db alone does not take along."""

    path: Path

    @property
    def name(self) -> str:
        return ENGINE

    async def put(self, anchor: Anchor) -> None:
        """Keep the anchor in place of the one before, on disk. Raises StoreError."""
        await asyncio.to_thread(self.put_now, anchor)

    async def read(self) -> tuple[Anchor, ...]:
        """Return the anchor, or nothing. Raises StoreError when there is no file or it cannot be read."""
        return await asyncio.to_thread(self.read_now)

    def put_now(self, anchor: Anchor) -> None:
        """Do the same without a loop."""
        try:
            with closing(open_for_writing(self.path)) as db:
                db.execute(
                    "CREATE TABLE IF NOT EXISTS pgbot_anchor (id INTEGER PRIMARY KEY, anchor TEXT NOT NULL)"
                )
                kept = _kept(db)
                if kept and not (anchor.is_accepted or _may_follow(kept, anchor)):
                    raise StoreError(
                        f"{ENGINE} has an anchor of row {kept.seq} that pgbot.db does not have.",
                        "“pgbot recover --dry-run” shows what is lost.",
                    )
                db.execute(
                    "INSERT INTO pgbot_anchor VALUES (1, ?)"
                    " ON CONFLICT (id) DO UPDATE SET anchor = excluded.anchor",
                    [json.dumps(anchor_facts(anchor))],
                )
        except SqlError as error:
            raise StoreError(
                f"{ENGINE} does not take the anchor that has to be there before a request leaves: {error}.",
                "Check the disk and the rights of PGBOT_DATA, then try again.",
            ) from error

    def read_now(self) -> tuple[Anchor, ...]:
        """Do the same without a loop."""
        if not self.path.is_file():
            raise StoreError("There is no such file.")
        try:
            with closing(open_for_reading(self.path)) as db:
                kept = _kept(db) if db.table("pgbot_anchor").exists() else None
        except SqlError as error:
            raise StoreError(f"{error}.") from error
        return (kept,) if kept else ()


def _may_follow(kept: Anchor, anchor: Anchor) -> bool:
    """Return whether an anchor may take the place of another: it is of a later row, or of the same one."""
    return anchor.seq > kept.seq or (anchor.seq, anchor.hash) == (kept.seq, kept.hash)


def _kept(db: Transaction) -> DataAnchor | None:
    row = db.execute("SELECT anchor FROM pgbot_anchor WHERE id = 1").fetchone()
    return DataAnchor.from_facts(json.loads(row[0])) if row else None
