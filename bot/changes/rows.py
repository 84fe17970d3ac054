"""Changes as rows and back: the only place that knows their columns."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.changes.record import ChangeRecord, ChangeState, DecisionKind, Milestone, Requester, Vote
from bot.domain.approval_requirement import ApprovalRequirement
from bot.domain.attempt import Attempt
from bot.domain.plan import Plan
from bot.runtime.database.columns import moment, text

Row = dict[str, Any]


class AlreadyArmed(Exception):
    """The attempt of this change was recorded before: whoever did that may send, nobody else."""


class NotReviewed(Exception):
    """Somebody who went ahead without approval before; `change_id` is the change that awaits its review."""

    def __init__(self, change_id: str) -> None:
        super().__init__(change_id)
        self.change_id = change_id


class AlreadyRunning(Exception):
    """Another change of the cluster runs, or may have run: the index allows one."""


def insert(db: Sqlite, record: ChangeRecord) -> None:
    who, plan = record.requester, record.plan
    row: Row = {
        "id": record.id,
        "state": record.state.value,
        "version": record.version,
        "proposed_at": text(record.proposed_at),
        "expires_at": text(record.expires_at),
        "started_at": None,
        "ended_at": None,
        "requester": who.id,
        "requester_name": who.name,
        "team": who.team,
        "origin": who.origin,
        "channel": who.channel,
        "time_zone": who.time_zone,
        "command": plan.command,
        "cluster_id": plan.turn,
        "cluster_name": plan.target.name,
        "plan": plan.model_dump_json(),
        "digest": record.digest,
        "need": record.need.model_dump_json(),
        "policy": record.policy,
        "reason": record.reason,
        "progress": record.progress,
        "result": record.result,
        "made": record.made,
        "replaces": record.replaces,
        "skipped": record.skipped,
        "reviewed_by": record.reviewed_by,
        "said_ran": record.said_ran,
    }
    marks = ", ".join("?" for _ in row)
    db.execute(f"INSERT INTO changes ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608 - our own column names


def update(db: Sqlite, change_id: str, fields: Row) -> None:
    """Raises AlreadyRunning."""
    values = [text(value) if isinstance(value, datetime) else value for value in fields.values()]
    sets = ", ".join(f"{name} = ?" for name in fields)
    try:
        db.execute(f"UPDATE changes SET {sets} WHERE id = ?", [*values, change_id])  # noqa: S608 - our own column names
    except sqlite3.IntegrityError as error:
        raise AlreadyRunning from error


def put_vote(db: Sqlite, change_id: str, vote: Vote) -> None:
    db.execute(
        "INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            change_id,
            vote.voter,
            vote.name,
            vote.word.value,
            json.dumps(sorted(vote.roles)),
            vote.digest,
            text(vote.at),
        ],
    )


def check_reviewed(db: Sqlite, change_id: str, voter: str) -> None:
    """Raises NotReviewed while another change of this person that went ahead without approval awaits its
    review, however long ago that was."""
    row = db.execute(
        "SELECT changes.id FROM votes JOIN changes ON changes.id = votes.change_id"
        " WHERE votes.voter = ? AND votes.word = ? AND changes.reviewed_by = '' AND changes.id != ? LIMIT 1",
        [voter, DecisionKind.OVERRIDE.value, change_id],
    ).fetchone()
    if row is not None:
        raise NotReviewed(row[0])


def put_attempt(db: Sqlite, change_id: str, attempt: Attempt) -> None:
    """Raises AlreadyArmed when there is one."""
    done = db.execute(
        "INSERT INTO attempts VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [change_id, text(attempt.armed_at), json.dumps(sorted(attempt.baseline))],
    )
    if done.rowcount != 1:
        raise AlreadyArmed


def make_due(db: Sqlite, change_id: str, at: datetime) -> None:
    """The password that was kept for this change, if one was, is in effect."""
    db.execute("UPDATE handovers SET due_at = ? WHERE change_id = ?", [text(at), change_id])


def put_milestone(db: Sqlite, change_id: str, at: datetime, words: str, tells: Iterable[str]) -> None:
    """Add a line to the story of a change."""
    db.execute(
        "INSERT INTO milestones (change_id, at, words, tells) VALUES (?, ?, ?, ?)",
        [change_id, text(at), words, " ".join(tells)],
    )


WANTED, REFUSED = -1, -2
"""In place of the version, where there is no card yet: to be posted, and refused by Slack."""


def want_card(db: Sqlite, change_id: str, place: str) -> None:
    """A card is to be at `place`: a row without ts."""
    db.execute("INSERT INTO cards VALUES (?, ?, '', ?) ON CONFLICT DO NOTHING", [change_id, place, WANTED])


def refuse_card(db: Sqlite, change_id: str, place: str) -> bool:
    """A card is to be at `place`, and Slack refuses it. False where that was known."""
    done = db.execute(
        "INSERT INTO cards VALUES (?, ?, '', ?) ON CONFLICT DO UPDATE SET version = excluded.version"
        " WHERE version = ?",
        [change_id, place, REFUSED, WANTED],
    )
    return bool(done.rowcount == 1)


def drop_wanted_card(db: Sqlite, change_id: str, place: str) -> None:
    """No card is to be there any more; one that is there stays."""
    db.execute("DELETE FROM cards WHERE change_id = ? AND channel = ? AND ts = ''", [change_id, place])


def read(db: Sqlite, change_id: str) -> ChangeRecord | None:
    return next(iter(many(db, "id = ?", [change_id])), None)


def many(db: Sqlite, where: str, values: list[Any]) -> list[ChangeRecord]:
    rows = list(db.query(f"SELECT * FROM changes WHERE {where}", values))  # noqa: S608 - our own conditions
    return [_record(row, _votes(db, row["id"]), is_armed=_is_armed(db, row["id"])) for row in rows]


def _is_armed(db: Sqlite, change_id: str) -> bool:
    return db.execute("SELECT 1 FROM attempts WHERE change_id = ?", [change_id]).fetchone() is not None


def _votes(db: Sqlite, change_id: str) -> tuple[Vote, ...]:
    rows = db.query("SELECT * FROM votes WHERE change_id = ? ORDER BY at, voter", [change_id])
    return tuple(
        Vote(
            voter=row["voter"],
            name=row["name"],
            word=DecisionKind(row["word"]),
            roles=frozenset(json.loads(row["roles"])),
            digest=row["digest"],
            at=moment(row["at"]),
        )
        for row in rows
    )


def _record(row: Row, votes: tuple[Vote, ...], *, is_armed: bool) -> ChangeRecord:
    return ChangeRecord(
        id=row["id"],
        state=ChangeState(row["state"]),
        version=row["version"],
        proposed_at=moment(row["proposed_at"]),
        expires_at=moment(row["expires_at"]),
        started_at=moment(row["started_at"]) if row["started_at"] else None,
        ended_at=moment(row["ended_at"]) if row["ended_at"] else None,
        requester=requester(row),
        plan=Plan.model_validate_json(row["plan"]),
        digest=row["digest"],
        need=ApprovalRequirement.model_validate_json(row["need"]),
        policy=row["policy"],
        reason=row["reason"],
        progress=row["progress"],
        result=row["result"],
        made=row["made"],
        replaces=row["replaces"],
        skipped=row["skipped"],
        reviewed_by=row["reviewed_by"],
        said_ran=row["said_ran"],
        is_armed=is_armed,
        votes=votes,
    )


def requester(row: Row) -> Requester:
    return Requester(
        id=row["requester"],
        name=row["requester_name"],
        team=row["team"],
        origin=row["origin"],
        channel=row["channel"],
        time_zone=row["time_zone"],
    )


def milestones(rows: Iterable[Row]) -> list[Milestone]:
    return [
        Milestone(
            id=row["id"],
            change_id=row["change_id"],
            at=moment(row["at"]),
            words=row["words"],
            tells=tuple(row["tells"].split()),
            posted=row["posted_at"] is not None,
        )
        for row in rows
    ]
