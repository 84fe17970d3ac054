"""Recognition of older data: anchors that are renewed before each request, and compared at the start.

Restores carry no vendor marker, so that a request was sent is known from our own rows alone. An older copy
of them would have it sent again, unless something outside the copy knows of later rows: engine.db keeps an
anchor, and so do other places.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.audit.anchor_places import AnchorFinding, AnchorSink, AnchorState, check_anchors
from bot.audit.hash_chain import Anchor
from bot.audit.log import AuditLog
from bot.audit.records import bot_entry
from bot.audit.verified_log import lower_first
from bot.domain.errors import PgbotError, StoreError
from bot.runtime.clock import Clock
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
from bot.runtime.logger import get_logger

log = get_logger()

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
        entry = bot_entry(cut.at, "lineage", "asked again", cut.why)
        add = self._audit.adding(replace(entry, actor=actor))

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


RENEW_SECONDS, OUTSIDE_SECONDS = 5.0, 60.0
"""Seconds after which anchors are renewed while nothing is sent, in the engine's file and elsewhere: an older
copy may lack a decision that was taken back."""


@dataclass(slots=True)
class Lineage:
    """The anchors of one process. Without `places`, which `serve` adds, nothing is kept or compared."""

    audit: AuditLog
    rows: LineageRows
    clock: Clock
    places: tuple[AnchorSink, ...] = ()
    may_renew: Callable[[], bool] = lambda: True
    _kept: dict[str, int] = field(default_factory=dict)
    _gaps: list[str] = field(default_factory=list)
    _turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def compare(self, places: Sequence[AnchorSink]) -> DecisionCut | None:
        """Compare the data with the anchors of all places, which get new ones from now on.

        Data that are older than an anchor put the log in doubt. Where an anchor is gone that would have shown
        it, earlier decisions send nothing: the cut, if one is in force, is returned. Raises StoreError.
        """
        self.places = tuple(places)
        findings = await check_anchors(self.audit, places)
        for each in findings:
            if each.contradicts:
                log.error("data older than its anchor", where=each.place, why=each.words)
                self.audit.verified.put_in_doubt(lower_first(each.words), is_older=True)
        gaps = await self._find_gaps(findings)
        # While it waits for another bot's term to end, it keeps no anchors, and a gap is still the same one.
        is_new = bool(self._kept) or gaps != self._gaps
        self._gaps = gaps
        if gaps and is_new and not self.audit.verified.doubt:
            log.warning("earlier decisions send nothing", why=gaps)
            await self.rows.cut(DecisionCut(at=self.clock.now(), why=" and ".join(gaps)))
        return await self.rows.last_cut()

    async def _find_gaps(self, findings: Sequence[AnchorFinding]) -> list[str]:
        known = await self.rows.anchor_facts()
        gaps = [gap for each in findings if (gap := _describe_gap(each, known))]
        unasked = sorted(known.places - {each.place for each in findings})
        return gaps + [f"app.yaml no longer names where the anchor in {each} is" for each in unasked]

    async def keep(self, *places: AnchorSink) -> None:
        """Have the last row anchored in these places, by default in every one, on disk. Raises LogInDoubt,
        StoreError and SlackError: then no request may leave."""
        self.audit.verified.require_trusted()
        head = await self.audit.head()
        if head is not None:
            await asyncio.gather(*(self._put(each, head[0]) for each in places or self.places))

    async def run(self) -> None:
        """Renew the anchors for ever. What fails is tried again."""
        async with asyncio.TaskGroup() as group:
            for place in self.places:
                group.create_task(self._renew_for_ever(place))

    async def _renew_for_ever(self, place: AnchorSink) -> None:
        while True:
            await self.renew(place)
            await self.clock.sleep(RENEW_SECONDS if place.name == ENGINE else OUTSIDE_SECONDS)

    async def renew(self, *places: AnchorSink) -> None:
        """Have the last row anchored, unless the log is in doubt, which its anchors show, or is that of a
        copy which runs beside its original."""
        try:
            if not self.audit.verified.doubt and self.may_renew():
                await self.keep(*places)
        except PgbotError as error:
            log.warning("anchors not renewed", error=str(error))

    async def _put(self, place: AnchorSink, seq: int) -> None:
        """Anchor row `seq` or a later one; of those that wait for one place, one puts it for all."""
        async with self._turns[place.name]:
            if self._kept.get(place.name, 0) >= seq:
                return
            anchor = await self.rows.make_anchor(self.clock.now())
            if anchor is not None:
                await place.put(anchor)
                if place.name not in self._kept:
                    await self.rows.note_anchored(place.name, self.clock.now())
                self._kept[place.name] = anchor.seq


def _describe_gap(found: AnchorFinding, known: AnchorFacts) -> str:
    """Say, as a part of a sentence, why a place cannot show that the data are not older; empty where it can,
    or never could. The engine's file is there from the first start on."""
    is_expected = found.place in known.places
    if found.state is AnchorState.UNKNOWN and (is_expected or (found.place == ENGINE and known.has_changes)):
        return f"{found.place} is missing or cannot be read"
    if found.state is AnchorState.NONE and is_expected:
        return f"{found.place} has lost its anchor"
    if found.state is AnchorState.MATCHES and found.anchors[-1].seq < known.last_sent:
        return f"the anchor in {found.place} is older than the last request"
    return ""
