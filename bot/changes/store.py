"""Changes in the database. Every step of a change is one transaction, its audit row included."""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.audit.verified_log import VerifiedLog
from bot.changes import former_name_store, proof, rows
from bot.changes.record import DELETED_AGAIN, Card, ChangeRecord, ChangeState, Milestone, PendingPost
from bot.changes.transitions import ThreadLine, Transition, alarm_entry, stop_unproven
from bot.domain.attempt import Attempt
from bot.domain.errors import UnprovenChange
from bot.runtime.database.columns import text_to_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import LISTED, Transaction, insert, listed, marks, upsert

T = TypeVar("T")

Judge = Callable[[ChangeRecord], Transition | None]
"""Decides on a change as it is inside the transaction; None leaves it as it is."""


Approvers = Callable[[ChangeRecord], tuple[str, ...]]
"""Return the Slack ids of the people and user groups who can approve a change."""


class _Disproved(Exception):
    """A change is not what its audit rows say; found at `at`."""

    def __init__(self, why: str, at: datetime) -> None:
        super().__init__(why)
        self.why, self.at = why, at


def unproven_error(change_id: str, why: str) -> UnprovenChange:
    """Return the error about a change that was stopped, which is also what its channel reads."""
    return UnprovenChange(
        f"{change_id} was stopped: the audit log does not prove it ({why}).",
        "Nothing more is sent for it, and no other change of its cluster runs. Find out who changed the "
        f"database, check the cluster, then settle it: “change settle {change_id} not-run”.",
    )


class ChangeRows:
    """Store of changes. All methods raise StoreError; then nothing was done. `approvers` hear of alarms."""

    def __init__(
        self, database: SqliteDatabase, audit: AuditLog, approvers: Approvers = lambda _record: ()
    ) -> None:
        self._database = database
        self._audit = audit
        self._approvers = approvers

    async def add(
        self,
        record: ChangeRecord,
        *entries: AuditEntry,
        requested: Iterable[str] = (),
        tell: ThreadLine | None = None,
        most: int | None = None,
    ) -> None:
        """Add a change with its audit rows; `requested` are further places for cards, and `tell`
        is the first line of its thread.

        Raises TooManyOpen when its requester has `most` open changes already.
        """
        adding = [self._audit.adding(replace(entry, kept=proof.proposal_json(record))) for entry in entries]

        def work(db: Transaction) -> None:
            if most is not None:
                rows.require_few_open(db, record.requester.id, most)
            insert(db, "changes", rows.change_row(record))
            for place in requested:
                rows.want_card(db, record.id, place)
            if tell is not None:
                rows.put_milestone(db, record.id, record.proposed_at, *tell)
            for add in adding:
                add(db)

        await self._database.write(work)

    async def step(self, change_id: str, judge: Judge) -> ChangeRecord | None:
        """Decide and act in one transaction, so that of a hundred callers at once one wins.

        Returns the change as it is afterwards; None: no such change. Raises whatever `judge` raises,
        NotArmed, AlreadyRunning and NotReviewed; UnprovenChange when the audit log disproves it, which stops
        it, and LogInDoubt.
        """

        def work(db: Transaction) -> ChangeRecord | None:
            record = rows.read(db, change_id)
            if record is None:
                return None
            step = judge(record)
            if step is not None:
                self._apply_proven(db, record, step)
            return rows.read(db, change_id)

        return await self._write_proven(change_id, work)

    @property
    def log(self) -> VerifiedLog:
        """The verified part of the audit log: its open alarms, and whether it can be relied on."""
        return self._audit.verified

    async def require_proven(self, change_id: str, at: datetime) -> None:
        """Compare a change with its audit rows. Raises UnprovenChange, which stops it, and LogInDoubt."""
        await self._write_proven(change_id, lambda db: self._prove(db, change_id, at))

    async def find_unproven(self) -> list[str]:
        """Return the ids of open changes that the audit log seems to disprove; those that are stopped already
        are left out. Raises LogInDoubt."""
        log = self.log
        ids = log.open_changes | await self._database.read(rows.open_ids)
        unproven = []
        for each in sorted(ids):
            if not log.alarm_about(each):
                why = await self._database.read(partial(proof.find_disproof, log, each))
                unproven += [each] if why else []
        return unproven

    async def _write_proven(self, change_id: str, work: Callable[[Transaction], T]) -> T:
        """Run a transaction. Where it finds the change disproved, stop the change in another one."""
        await self._audit.catch_up()
        try:
            return await self._database.write(work)
        except _Disproved as error:
            found = error
        await self._database.write(lambda db: self._stop(db, change_id, found))
        raise unproven_error(change_id, found.why)

    def _apply_proven(self, db: Transaction, record: ChangeRecord, step: Transition) -> None:
        """Apply what rests on the tables only to a change that its audit rows prove: a decision and a start
        after the comparison, an intent before it, in the transaction that lets the request leave."""
        kind = step.entry.kind if step.entry else ""
        starts = step.fields.get("state") == ChangeState.RUNNING.value
        settles = record.state is ChangeState.UNKNOWN and bool(self.log.alarm_about(record.id))
        if (kind == "decision" and not settles) or (kind == "change" and starts):
            self._prove(db, record.id, step.at, begins=starts)
        self._apply(db, record, step)
        if kind == "intent":
            self._prove(db, record.id, step.at, begins=step.attempt is not None)

    def _prove(self, db: Transaction, change_id: str, at: datetime, *, begins: bool = False) -> None:
        why = self.log.alarm_about(change_id)
        why = why or proof.find_disproof(self.log, change_id, db, begins=begins)
        if why:
            raise _Disproved(why, at)

    def _stop(self, db: Transaction, change_id: str, found: _Disproved) -> None:
        """Write an alarm row, once, and hold the change and its cluster's turn until a person has looked."""
        record, is_known = rows.read(db, change_id), bool(self.log.alarm_about(change_id))
        turns = proof.find_turns(self.log, change_id, db)
        if record is None:
            if not is_known:
                alarm = Transition(at=found.at, turns=turns)
                self._add_row(db, alarm_entry(change_id, found.at, found.why), alarm)
            return
        step = stop_unproven(record, found.at, found.why, turns, self._approvers(record))
        if is_known:
            if record.state is ChangeState.UNKNOWN or not record.is_open:
                return
            step.tell = None
        try:
            with db.atomic():
                self._apply(db, record, step)
        except rows.AlreadyRunning:
            # Another change of the cluster has the turn; the alarm keeps it once that one is over.
            if not is_known:
                step.fields = {}
                self._apply(db, record, step)

    def _apply(self, db: Transaction, record: ChangeRecord, step: Transition) -> None:
        if step.refused_at and not rows.refuse_card(db, record.id, step.refused_at, step.cards):
            return
        if step.vote is not None:
            rows.put_vote(db, record.id, step.vote)
        if step.unvote:
            rows.drop_vote(db, record.id, step.unvote)
        if step.attempt is not None:
            rows.put_attempt(db, record.id, step.attempt)
        if step.accepted:
            rows.make_due(db, record.id, step.at)
            self._keep_lost_names(db, record, step)
        if step.tell is not None:
            rows.put_milestone(db, record.id, step.at, *step.tell)
        rows.update(db, record.id, {**step.fields, "version": record.version + 1})
        if step.entry is not None:
            self._add_row(db, step.entry, step)

    def _add_row(self, db: Transaction, entry: AuditEntry, step: Transition) -> None:
        # The row of the change before, so that none between them can be left out of a bundle.
        (last,) = db.execute("SELECT max(seq) FROM audit WHERE change = ?", [entry.change]).fetchone()
        self._audit.adding(replace(entry, kept=proof.transition_json(step, last)))(db)

    def _keep_lost_names(self, db: Transaction, record: ChangeRecord, step: Transition) -> None:
        made = str(step.fields.get("made", ""))
        lost = former_name_store.find_accepted(db, record.plan, made, time_to_text(step.at))
        former_name_store.keep_passed_on(db, lost)
        for each in lost:
            self._audit.adding(each.entry(step.at))(db)

    async def get(self, change_id: str) -> ChangeRecord | None:
        return await self._database.read(lambda db: rows.read(db, change_id))

    async def _find(self, where: str, *values: object) -> list[ChangeRecord]:
        return await self._database.read(lambda db: rows.many(db, where, list(values)))

    async def replacing(self, change_id: str) -> ChangeRecord | None:
        """Return the change that takes the place of this one, if there is one."""
        found = await self._find("replaces = ?", change_id)
        return found[0] if found else None

    async def in_states(self, states: Iterable[ChangeState], limit: int = 1_000) -> list[ChangeRecord]:
        """Return the changes in these states, the oldest first."""
        requested = [state.value for state in states]
        where = f"state IN ({marks(requested)}) ORDER BY proposed_at, id LIMIT ?"
        return await self._find(where, *requested, limit)

    async def find_open(self) -> tuple[set[ChangeState], set[str]]:
        """Return the states of the changes that are not over, and the ids of those that run."""
        query = (
            "SELECT DISTINCT state, CASE state WHEN 'running' THEN id ELSE '' END"
            " FROM changes WHERE state IN ('proposed', 'approved', 'running')"
        )
        found = await self._database.read(lambda db: db.execute(query).fetchall())
        return {ChangeState(state) for state, _ in found}, {running for _, running in found if running}

    async def find_throwaways(self, ids: Iterable[str]) -> list[ChangeRecord]:
        """Return the sent drills that do not say that their cluster is deleted, and those that made one of
        these clusters, whatever they say; the newest first."""
        made = sorted(ids)
        where = (
            "command = ? AND id IN (SELECT change_id FROM attempts)"
            f" AND (state = ? OR result NOT LIKE ? OR made IN ({marks(made)})) ORDER BY proposed_at DESC, id"
        )
        return await self._find(where, "drill", "running", f"%{DELETED_AGAIN}", *made)

    async def find_stuck(self, now: datetime) -> list[ChangeRecord]:
        """Return the changes that nothing but a person can end, the oldest first."""
        sent = await self.in_states([ChangeState.RUNNING, ChangeState.UNKNOWN])
        return [each for each in sent if each.needs_person(now)]

    async def due(self, now: datetime, limit: int = 1_000) -> list[ChangeRecord]:
        """Return the proposed changes that nobody decided in time, the longest overdue first."""
        where = "state = 'proposed' AND expires_at <= ? ORDER BY expires_at, id LIMIT ?"
        return await self._find(where, time_to_text(now), limit)

    async def find_ahead(self, at: datetime) -> list[ChangeRecord]:
        """Return the changes that were proposed, or have expired, after a time that has not come yet."""
        where = "(state = 'expired' AND ended_at > ?) OR (state = 'proposed' AND proposed_at > ?)"
        return await self._find(f"{where} ORDER BY id", *[time_to_text(at)] * 2)

    async def busy(self) -> set[str]:
        """Return the clusters with a change that runs, may have run, or was stopped by an alarm."""
        query = "SELECT cluster_id FROM changes WHERE state IN ('running', 'unknown')"
        stopped = {turn for each in self.log.alarms for turn in each.turns}
        return stopped | await self._database.read(lambda db: {row["cluster_id"] for row in db.query(query)})

    async def next_in_turn(self) -> list[ChangeRecord]:
        """Return the approved changes whose cluster is free, and those that say that they wait; oldest first.

        There is no limit: however many there are, none hides another.
        """
        return await self._find(
            "state = 'approved' AND (cluster_id = '' OR progress != '' OR cluster_id NOT IN"
            " (SELECT cluster_id FROM changes WHERE state IN ('running', 'unknown')))"
            " ORDER BY proposed_at, id"
        )

    async def latest(self, limit: int = 100, since: datetime | None = None) -> list[ChangeRecord]:
        """Return changes, the newest first; with `since`, those proposed from then on."""
        where = "proposed_at >= ? ORDER BY proposed_at DESC, id LIMIT ?"
        return await self._find(where, time_to_text(since) if since else "", limit)

    async def newest(
        self,
        states: Iterable[ChangeState],
        limit: int | None = None,
        *,
        offset: int = 0,
        since: datetime | None = None,
    ) -> list[ChangeRecord]:
        """Return the changes in these states, the newest first, without the first `offset`; with `since`,
        those proposed from then on."""
        requested = [state.value for state in states]
        where = f"state IN ({marks(requested)}) AND proposed_at >= ?"
        values: list[object] = [*requested, time_to_text(since) if since else ""]
        where = f"{where} ORDER BY proposed_at DESC, id"
        if limit is not None:
            where, values = f"{where} LIMIT ? OFFSET ?", [*values, limit, offset]
        return await self._find(where, *values)

    async def of_cluster(self, cluster_id: str, states: Iterable[ChangeState]) -> list[ChangeRecord]:
        """Return the changes in these states that occupy a cluster."""
        requested = [state.value for state in states]
        return await self._find(f"cluster_id = ? AND state IN ({marks(requested)})", cluster_id, *requested)

    async def unreviewed(self) -> list[ChangeRecord]:
        """Return the break-glass changes that nobody has reviewed, the newest first."""
        return await self._find("skipped != '' AND reviewed_by = '' ORDER BY proposed_at DESC, id")

    async def evidence(self, change_id: str) -> rows.StoredRows | None:
        """Return the rows of a change as they are in the tables."""
        return await self._database.read(lambda db: rows.stored(db, change_id))

    async def attempt(self, change_id: str) -> Attempt | None:
        """Return the recorded attempt, if any: from then on the request is never sent again."""
        query = "SELECT armed_at, baseline, epoch FROM attempts WHERE change_id = ?"
        row = await self._database.read(lambda db: db.execute(query, [change_id]).fetchone())
        if row is None:
            return None
        return Attempt(armed_at=text_to_time(row[0]), baseline=frozenset(json.loads(row[1])), epoch=row[2])

    async def was_sent(self, change_id: str) -> bool:
        """Return whether the audit log has a request of this change: its row is written before it leaves."""
        query = "SELECT 1 FROM audit WHERE trace = ? AND kind = 'request' LIMIT 1"
        row = await self._database.read(lambda db: db.execute(query, [change_id]).fetchone())
        return row is not None

    async def durations(self, command: str, limit: int = 20) -> list[float]:
        """Return the seconds from start to end of the last changes of a command, newest first."""
        where = "command = ? AND state = 'done' ORDER BY ended_at DESC LIMIT ?"
        return [
            (record.ended_at - record.started_at).total_seconds()
            for record in await self._find(where, command, limit)
            if record.ended_at and record.started_at
        ]

    async def marker(self) -> str:
        """Return a text that differs whenever any change has moved."""
        query = "SELECT count(*), coalesce(sum(version), 0) FROM changes"
        count, versions = await self._database.read_if_changed(
            "versions of changes", lambda db: db.execute(query).fetchone()
        )
        return f"{count}.{versions}"

    async def last_seen(self, person: str, user: str) -> tuple[str, str]:
        """Return name and time zone of a Slack person as last stored; empty where unknown.

        `user` is the person's user on this machine: votes from its terminal carry that name.
        """
        asked = (
            "SELECT requester_name, time_zone FROM changes WHERE requester = ? AND origin = 'slack'"
            " ORDER BY proposed_at DESC LIMIT 1"
        )
        voted = "SELECT name, '' FROM votes WHERE voter = ? AND name NOT IN ('', ?) ORDER BY at DESC LIMIT 1"

        def work(db: Transaction) -> tuple[str, str]:
            found = db.execute(asked, [person]).fetchone() or db.execute(voted, [person, user]).fetchone()
            return (found[0], found[1]) if found else ("", "")

        return await self._database.read(work)

    async def cards(self, change_id: str) -> list[Card]:
        """Return the posted cards of a change."""
        query = "SELECT * FROM cards WHERE change_id = ? AND ts != ''"
        return await self._database.read(lambda db: [Card(**row) for row in db.query(query, [change_id])])

    async def put_card(self, card: Card, got: Iterable[str] = ()) -> None:
        """Remember a posted card and the version that it shows; in the places `got` none is wanted now."""

        def work(db: Transaction) -> None:
            for place in got:
                rows.drop_wanted_card(db, card.change_id, place)
            upsert(db, "cards", asdict(card), key=("change_id", "channel"))

        await self._database.write(work)

    async def drop_card(self, requested: Card) -> None:
        """Forget a card that is not to be posted any more."""
        await self._database.write(
            lambda db: rows.drop_wanted_card(db, requested.change_id, requested.channel)
        )

    async def pending_posts(self) -> list[PendingPost]:
        """Return what Slack does not show yet, cards before edits before thread lines, the oldest first.

        Of each thread it is the first line that is missing; a change without a card has no thread yet.
        """
        pending = await self._database.read_if_changed(
            "pending posts", lambda db: [rows.pending_post(row) for row in db.query(rows.PENDING_POSTS)]
        )
        return list(pending)

    async def some(self, change_ids: Collection[str]) -> list[ChangeRecord]:
        return await self._find(f"id {LISTED}", listed(change_ids))

    async def milestones(self, change_id: str) -> list[Milestone]:
        """Return the lines of a change's thread so far."""
        return await self._milestones("change_id = ? ORDER BY id", change_id)

    async def milestone(self, number: int) -> Milestone | None:
        return next(iter(await self._milestones("id = ?", number)), None)

    async def _milestones(self, where: str, *values: object) -> list[Milestone]:
        query = f"SELECT * FROM milestones WHERE {where}"
        return await self._database.read(lambda db: rows.milestones(db.query(query, values)))

    async def posted(self, milestone: int, at: datetime) -> None:
        """Note that a line is in the thread."""
        statement = "UPDATE milestones SET posted_at = ? WHERE id = ?"
        await self._database.write(lambda db: db.execute(statement, [time_to_text(at), milestone]))
