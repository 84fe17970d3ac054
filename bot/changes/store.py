"""Changes in SQLite. Every step of a change's life is one transaction, its audit row included."""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database as Sqlite

from bot.audit.entry import AuditEntry
from bot.audit.log import AuditLog
from bot.changes import audit_payload, rows
from bot.changes.record import Card, ChangeRecord, ChangeState, DecisionKind, Milestone
from bot.changes.transition import Tell, Transition
from bot.domain.attempt import Attempt
from bot.runtime.database import columns
from bot.runtime.database.database import SqliteDatabase

Judge = Callable[[ChangeRecord], Transition | None]
"""Looks at a change as it is inside the transaction; what it returns is done, None leaves all as it is."""


Places = Collection[tuple[str, str]]
"""Changes with a place each, which are left out: a channel; "" for the first card; STORY for the thread."""

STORY = "story"


def _joined(places: Places) -> str:
    return json.dumps([" ".join(each) for each in places])


class ChangeRows:
    """Reads and steps. All methods raise StoreError; then nothing was done."""

    def __init__(self, database: SqliteDatabase, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def add(
        self, record: ChangeRecord, *entries: AuditEntry, wanted: Iterable[str] = (), tell: Tell | None = None
    ) -> None:
        """A new change, with the row of its plan; `wanted` are the places where a card of its own is to be,
        besides the usual one; `tell` is the first line of its story."""
        adding = [
            self._audit.adding(replace(entry, kept=audit_payload.proposal(record))) for entry in entries
        ]

        def work(db: Sqlite) -> None:
            rows.insert(db, record)
            for place in wanted:
                rows.want_card(db, record.id, place)
            if tell is not None:
                rows.put_milestone(db, record.id, record.proposed_at, *tell)
            for add in adding:
                add(db)

        await self._database.write(work)

    async def step(self, change_id: str, judge: Judge) -> ChangeRecord | None:
        """Look and act in one transaction, so that of a hundred at once one wins. None: no such change.

        Returns the change as it is afterwards. Raises what `judge` raises, AlreadyArmed, AlreadyRunning and
        NotReviewed.
        """

        def work(db: Sqlite) -> ChangeRecord | None:
            record = rows.read(db, change_id)
            if record is None:
                return None
            step = judge(record)
            if step is not None:
                self._apply(db, record, step)
            return rows.read(db, change_id)

        return await self._database.write(work)

    def _apply(self, db: Sqlite, record: ChangeRecord, step: Transition) -> None:
        if step.refused_at and not rows.refuse_card(db, record.id, step.refused_at):
            return
        self._vote(db, record, step)
        if step.attempt is not None:
            rows.put_attempt(db, record.id, step.attempt)
        if step.accepted:
            rows.make_due(db, record.id, step.at)
        if step.tell is not None:
            rows.put_milestone(db, record.id, step.at, *step.tell)
        rows.update(db, record.id, {**step.fields, "version": record.version + 1})
        if step.entry is not None:
            # The row of the change before, so that none between them can be left out of a bundle.
            (last,) = db.execute("SELECT max(seq) FROM audit WHERE change = ?", [record.id]).fetchone()
            self._audit.adding(replace(step.entry, kept=audit_payload.step(step, last)))(db)

    def _vote(self, db: Sqlite, record: ChangeRecord, step: Transition) -> None:
        if step.vote is not None:
            if step.vote.word is DecisionKind.OVERRIDE:
                rows.check_reviewed(db, record.id, step.vote.voter)
            rows.put_vote(db, record.id, step.vote)
        if step.unvote:
            db.execute("DELETE FROM votes WHERE change_id = ? AND voter = ?", [record.id, step.unvote])

    async def get(self, change_id: str) -> ChangeRecord | None:
        """One change, or None."""
        return await self._database.read(lambda db: rows.read(db, change_id))

    async def replacing(self, change_id: str) -> ChangeRecord | None:
        """The change that takes the place of this one, if there is one."""
        found = await self._database.read(lambda db: rows.many(db, "replaces = ?", [change_id]))
        return found[0] if found else None

    async def in_states(self, states: Iterable[ChangeState], limit: int = 1_000) -> list[ChangeRecord]:
        """Changes in these states, the oldest first."""
        wanted = [state.value for state in states]
        marks = ", ".join("?" for _ in wanted)
        return await self._database.read(
            lambda db: rows.many(db, f"state IN ({marks}) ORDER BY proposed_at, id LIMIT ?", [*wanted, limit])
        )

    async def due(self, now: datetime, limit: int = 1_000) -> list[ChangeRecord]:
        """Proposed changes that nobody decided in time, what has waited longest first."""
        return await self._database.read(
            lambda db: rows.many(
                db,
                "state = 'proposed' AND expires_at <= ? ORDER BY expires_at, id LIMIT ?",
                [columns.text(now), limit],
            )
        )

    async def busy(self) -> set[str]:
        """Clusters of which a change runs, or may have run."""
        return await self._database.read(
            lambda db: {
                row["cluster_id"]
                for row in db.query("SELECT cluster_id FROM changes WHERE state IN ('running', 'unknown')")
            }
        )

    async def next_in_turn(self) -> list[ChangeRecord]:
        """Approved changes that no other of their cluster keeps from running, and those of which it is said
        that they wait; the oldest first. All of them: however many there are, none hides another."""
        return await self._database.read(
            lambda db: rows.many(
                db,
                "state = 'approved' AND (cluster_id = '' OR progress != '' OR cluster_id NOT IN"
                " (SELECT cluster_id FROM changes WHERE state IN ('running', 'unknown')))"
                " ORDER BY proposed_at, id",
                [],
            )
        )

    async def latest(self, limit: int = 100, since: datetime | None = None) -> list[ChangeRecord]:
        """Changes, the newest first; with `since`, those proposed from then on."""
        floor = columns.text(since) if since else ""
        return await self._database.read(
            lambda db: rows.many(db, "proposed_at >= ? ORDER BY proposed_at DESC, id LIMIT ?", [floor, limit])
        )

    async def newest(
        self,
        states: Iterable[ChangeState],
        limit: int = -1,
        *,
        since: datetime | None = None,
        requester: str = "",
    ) -> list[ChangeRecord]:
        """Changes in these states, the newest first, all of them without a limit; with `since` and
        `requester`, those proposed from then on, and by this person."""
        wanted = [state.value for state in states]
        marks = ", ".join("?" for _ in wanted)
        where = f"state IN ({marks}) AND proposed_at >= ? AND (? IN ('', requester))"
        values = [*wanted, columns.text(since) if since else "", requester, limit]
        return await self._database.read(
            lambda db: rows.many(db, f"{where} ORDER BY proposed_at DESC, id LIMIT ?", values)
        )

    async def of_cluster(self, cluster_id: str, states: Iterable[ChangeState]) -> list[ChangeRecord]:
        """Changes that occupy this cluster, in these states."""
        wanted = [state.value for state in states]
        marks = ", ".join("?" for _ in wanted)
        return await self._database.read(
            lambda db: rows.many(db, f"cluster_id = ? AND state IN ({marks})", [cluster_id, *wanted])
        )

    async def unreviewed(self) -> list[ChangeRecord]:
        """Changes that went ahead without approval and that nobody has reviewed, the newest first."""
        where = "skipped != '' AND reviewed_by = '' ORDER BY proposed_at DESC, id"
        return await self._database.read(lambda db: rows.many(db, where, []))

    async def attempt(self, change_id: str) -> Attempt | None:
        """The attempt that was recorded, if any: from then on the request is never sent again."""

        def work(db: Sqlite) -> Attempt | None:
            row = db.execute(
                "SELECT armed_at, baseline FROM attempts WHERE change_id = ?", [change_id]
            ).fetchone()
            if row is None:
                return None
            return Attempt(armed_at=columns.moment(row[0]), baseline=frozenset(json.loads(row[1])))

        return await self._database.read(work)

    async def durations(self, command: str, limit: int = 20) -> list[float]:
        """Seconds that the last changes of this command took from start to done, newest first."""
        return [
            (record.ended_at - record.started_at).total_seconds()
            for record in await self._database.read(
                lambda db: rows.many(
                    db, "command = ? AND state = 'done' ORDER BY ended_at DESC LIMIT ?", [command, limit]
                )
            )
            if record.ended_at and record.started_at
        ]

    async def cards(self, change_id: str) -> list[Card]:
        """Where its cards are."""
        return await self._database.read(
            lambda db: [
                Card(**row) for row in db["cards"].rows_where("change_id = ? AND ts != ''", [change_id])
            ]
        )

    async def put_card(self, card: Card, got: Iterable[str] = ()) -> None:
        """Remember a card that was posted, or which version it now shows; in `got`, none is wanted now."""

        def work(db: Sqlite) -> None:
            for place in got:
                rows.drop_wanted_card(db, card.change_id, place)
            db.execute(
                "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?)",
                [card.change_id, card.channel, card.ts, card.version],
            )

        await self._database.write(work)

    async def wanted_cards(self, besides: Places = (), limit: int = 100) -> list[Card]:
        """Where cards are to be that are not there yet, of changes that have one; without ts."""

        def work(db: Sqlite) -> list[Card]:
            found = db.query(
                "SELECT * FROM cards WHERE ts = '' AND change_id IN"
                " (SELECT change_id FROM cards WHERE ts != '')"
                " AND change_id || ' ' || channel NOT IN (SELECT value FROM json_each(?)) LIMIT ?",
                [_joined(besides), limit],
            )
            return [Card(**row) for row in found]

        return await self._database.read(work)

    async def drop_card(self, wanted: Card) -> None:
        """It is not wanted any more."""
        await self._database.write(lambda db: rows.drop_wanted_card(db, wanted.change_id, wanted.channel))

    async def stale_cards(self, besides: Places = (), limit: int = 100) -> list[Card]:
        """Cards that show less than is known, of the change that waited longest first."""

        def work(db: Sqlite) -> list[Card]:
            found = db.query(
                "SELECT cards.* FROM cards JOIN changes ON changes.id = cards.change_id"
                " WHERE cards.ts != '' AND cards.version < changes.version"
                " AND cards.change_id || ' ' || cards.channel NOT IN (SELECT value FROM json_each(?))"
                " ORDER BY changes.proposed_at LIMIT ?",
                [_joined(besides), limit],
            )
            return [Card(**row) for row in found]

        return await self._database.read(work)

    async def uncarded(self, besides: Places = (), limit: int = 100) -> list[ChangeRecord]:
        """Changes that nobody in Slack has been shown yet."""
        return await self._database.read(
            lambda db: rows.many(
                db,
                "NOT EXISTS (SELECT 1 FROM cards WHERE cards.change_id = changes.id AND ts != '')"
                " AND id || ' ' NOT IN (SELECT value FROM json_each(?)) ORDER BY proposed_at LIMIT ?",
                [_joined(besides), limit],
            )
        )

    async def milestones(self, change_id: str) -> list[Milestone]:
        """Its story so far."""
        return await self._database.read(
            lambda db: rows.milestones(db.query("SELECT * FROM milestones WHERE change_id = ?", [change_id]))
        )

    async def unposted(self, besides: Places = (), limit: int = 100) -> list[Milestone]:
        """Of each change the first line that belongs into its thread and is not there yet. Where there is no
        card yet, there is no thread either: its lines wait."""
        return await self._database.read(
            lambda db: rows.milestones(
                db.query(
                    "SELECT * FROM milestones WHERE id IN"
                    " (SELECT min(id) FROM milestones WHERE posted_at IS NULL GROUP BY change_id)"
                    " AND EXISTS (SELECT 1 FROM cards WHERE change_id = milestones.change_id AND ts != '')"
                    " AND change_id || ' story' NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?",
                    [_joined(besides), limit],
                )
            )
        )

    async def posted(self, milestone: int, at: datetime) -> None:
        """It is in the thread."""
        await self._database.write(
            lambda db: db.execute(
                "UPDATE milestones SET posted_at = ? WHERE id = ?", [columns.text(at), milestone]
            )
        )
