"""Rows of changes inside one transaction, and the conversions between columns and records."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from bot.changes.record import (
    OPEN,
    ChangeRecord,
    ChangeState,
    DecisionKind,
    Milestone,
    PendingPost,
    PostKind,
    Requester,
    Vote,
)
from bot.domain.approval_requirement import ApprovalRequirement
from bot.domain.attempt import Attempt
from bot.domain.plan import Plan
from bot.domain.request import Origin
from bot.runtime.database import sqlite
from bot.runtime.database.columns import optional_time, text_to_time, time_to_text, to_column
from bot.runtime.database.sqlite import LISTED, Transaction, listed, marks
from bot.runtime.lease_store import is_current

Row = dict[str, Any]

_SAME = (
    *("id", "version", "digest", "policy", "reason", "progress", "result", "made", "replaces", "skipped"),
    *("reviewed_by", "said_ran"),
)
"""Columns that hold the record's field of the same name as it is."""

WANTED, REFUSED = -1, -2
"""In place of a card's version where there is no card yet: to be posted, and refused by Slack."""


THREAD = "story"
"""In place of a channel: the thread below a change's cards."""

PENDING_POSTS = f"""
    WITH carded AS (SELECT DISTINCT change_id FROM cards WHERE ts != '')
    SELECT 1 AS kind, id AS change_id, requester, '' AS place, '' AS ts, 0 AS number,
        skipped != '' AS is_glass, proposed_at AS at
    FROM changes WHERE id NOT IN carded
    UNION ALL
    SELECT 2, cards.change_id, requester, cards.channel, '', 0, skipped != '', proposed_at
    FROM cards JOIN changes ON changes.id = cards.change_id
    WHERE cards.ts = '' AND cards.change_id IN carded
    UNION ALL
    SELECT 3, cards.change_id, requester, cards.channel, cards.ts, changes.version, skipped != '', proposed_at
    FROM cards JOIN changes ON changes.id = cards.change_id
    WHERE cards.ts != '' AND cards.version < changes.version
    UNION ALL
    SELECT 4, change_id, requester, '{THREAD}', '', min(milestones.id), skipped != '', min(milestones.at)
    FROM milestones JOIN changes ON changes.id = change_id
    WHERE posted_at IS NULL AND change_id IN carded GROUP BY change_id
    ORDER BY kind, at, number, change_id
"""


class NotArmed(Exception):
    """The attempt cannot be recorded: it was before, and only the caller that did so may send; or the lease
    under which it was made ready is no longer this folder's."""


class NotReviewed(Exception):
    """A person used break-glass before, and that change, `change_id`, still awaits its review."""

    def __init__(self, change_id: str) -> None:
        super().__init__(change_id)
        self.change_id = change_id


class TooManyOpen(Exception):
    """A requester has as many open changes as allowed; `next_id`, if not empty, is the one that expires
    first, at `next_at`."""

    def __init__(self, next_id: str, next_at: datetime | None) -> None:
        super().__init__(next_id)
        self.next_id, self.next_at = next_id, next_at


class AlreadyRunning(Exception):
    """Another change of the cluster runs, or may have run: the index allows one."""


def change_row(record: ChangeRecord) -> Row:
    """Return the columns of a change that has not started."""
    who, plan = record.requester, record.plan
    return {name: getattr(record, name) for name in _SAME} | {
        "state": record.state.value,
        "proposed_at": time_to_text(record.proposed_at),
        "expires_at": time_to_text(record.expires_at),
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
        "need": record.need.model_dump_json(),
    }


def require_few_open(db: Transaction, requester: str, most: int) -> None:
    """Raise TooManyOpen unless the requester has fewer than `most` open changes."""
    states = [state.value for state in OPEN]
    where = f"requester = ? AND state IN ({sqlite.marks(states)})"
    (count,) = db.execute(f"SELECT count(*) FROM changes WHERE {where}", [requester, *states]).fetchone()
    if count < most:
        return
    first = db.execute(
        "SELECT id, expires_at FROM changes WHERE requester = ? AND state = 'proposed' ORDER BY expires_at",
        [requester],
    ).fetchone()
    raise TooManyOpen(first[0], text_to_time(first[1])) if first else TooManyOpen("", None)


def update(db: Transaction, change_id: str, fields: Row) -> None:
    """Set columns of a change. Raises AlreadyRunning."""
    values = {name: to_column(value) for name, value in fields.items()}
    try:
        sqlite.update(db, "changes", values, "id = ?", [change_id])
    except sqlite.UniqueViolation as error:
        raise AlreadyRunning from error


def put_vote(db: Transaction, change_id: str, vote: Vote) -> None:
    """Add a vote, in place of the voter's earlier one. Raises NotReviewed."""
    if vote.word is DecisionKind.OVERRIDE:
        _check_reviewed(db, change_id, vote.voter)
    row = {
        "change_id": change_id,
        "voter": vote.voter,
        "name": vote.name,
        "word": vote.word.value,
        "roles": json.dumps(sorted(vote.roles)),
        "digest": vote.digest,
        "at": time_to_text(vote.at),
        "note": vote.note,
    }
    sqlite.upsert(db, "votes", row, key=("change_id", "voter"))


def drop_vote(db: Transaction, change_id: str, voter: str) -> None:
    db.execute("DELETE FROM votes WHERE change_id = ? AND voter = ?", [change_id, voter])


def _check_reviewed(db: Transaction, change_id: str, voter: str) -> None:
    """Raise NotReviewed while another break-glass change of this person, however old, awaits its review; one
    that asked again was not sent, and its successor may need break-glass as well."""
    row = db.execute(
        "SELECT changes.id FROM votes JOIN changes ON changes.id = votes.change_id"
        " WHERE votes.voter = ? AND votes.word = ? AND changes.reviewed_by = '' AND changes.id != ?"
        " AND changes.state != ? LIMIT 1",
        [voter, DecisionKind.OVERRIDE.value, change_id, ChangeState.REPLACED.value],
    ).fetchone()
    if row is not None:
        raise NotReviewed(row[0])


def put_attempt(db: Transaction, change_id: str, attempt: Attempt) -> None:
    """Record the one attempt of a change. Raises NotArmed."""
    if not is_current(db, attempt.epoch):
        raise NotArmed
    row = {
        "change_id": change_id,
        "armed_at": time_to_text(attempt.armed_at),
        "baseline": json.dumps(sorted(attempt.baseline)),
        "epoch": attempt.epoch,
    }
    if not sqlite.insert_new(db, "attempts", row):
        raise NotArmed


def make_due(db: Transaction, change_id: str, at: datetime) -> None:
    """Mark the password that was kept for this change, if one was, as in effect."""
    db.execute("UPDATE handovers SET due_at = ? WHERE change_id = ?", [time_to_text(at), change_id])


def put_milestone(db: Transaction, change_id: str, at: datetime, words: str, tells: Iterable[str]) -> None:
    """Add a line for the thread of a change."""
    row = {"change_id": change_id, "at": time_to_text(at), "words": words, "tells": " ".join(tells)}
    sqlite.insert(db, "milestones", row)


def want_card(db: Transaction, change_id: str, place: str) -> None:
    """Note that a card is to be posted at `place`: a row without ts."""
    row = {"change_id": change_id, "channel": place, "ts": "", "version": WANTED}
    sqlite.insert_new(db, "cards", row)


def refuse_card(db: Transaction, change_id: str, place: str, instead: Iterable[str] = ()) -> bool:
    """Note that Slack refuses a card at `place`, and that cards are to be posted `instead`; return False
    where that was known."""
    done = db.execute(
        "INSERT INTO cards VALUES (?, ?, '', ?) ON CONFLICT (change_id, channel)"
        " DO UPDATE SET version = excluded.version WHERE cards.version = ?",
        [change_id, place, REFUSED, WANTED],
    )
    if done.rowcount != 1:
        return False
    for each in instead:
        want_card(db, change_id, each)
    return True


def drop_wanted_card(db: Transaction, change_id: str, place: str) -> None:
    """Note that no card is to be posted there; one that was posted stays."""
    db.execute("DELETE FROM cards WHERE change_id = ? AND channel = ? AND ts = ''", [change_id, place])


def read(db: Transaction, change_id: str) -> ChangeRecord | None:
    return next(iter(many(db, "id = ?", [change_id])), None)


def many(db: Transaction, where: str, values: list[Any]) -> list[ChangeRecord]:
    """Return the changes that match, with their votes; one that cannot be read is left out.

    The bot writes none such: the comparison with the audit log raises an alarm about it.
    """
    is_armed = "EXISTS (SELECT 1 FROM attempts WHERE change_id = changes.id) AS is_armed"
    rows = list(db.query(f"SELECT *, {is_armed} FROM changes WHERE {where}", values))
    votes: defaultdict[str, list[Row]] = defaultdict(list)
    ids = listed(str(row["id"]) for row in rows)
    for vote in db.query(f"SELECT * FROM votes WHERE change_id {LISTED} ORDER BY at, voter", [ids]):
        votes[vote["change_id"]].append(vote)
    return [record for row in rows if (record := _read_record(row, votes[row["id"]])) is not None]


def _read_record(row: Row, votes: Sequence[Row]) -> ChangeRecord | None:
    try:
        _require_text(row, besides=("version", "started_at", "ended_at", "is_armed"))
        Origin(row["origin"])
        return _record(row, _votes(votes))
    except (ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRows:
    """The rows of a change in the tables, as they are; `attempt` is None before its attempt."""

    change: Row
    votes: tuple[Row, ...]
    attempt: Row | None


def open_ids(db: Transaction) -> set[str]:
    """Return the ids of the changes that are not over, readable or not."""
    query = f"SELECT id FROM changes WHERE state IN ({marks(OPEN)})"
    return {str(row[0]) for row in db.execute(query, [each.value for each in OPEN])}


def stored(db: Transaction, change_id: str) -> StoredRows | None:
    """Return the rows of a change, readable or not; None for no such change."""

    def of(query: str) -> tuple[Row, ...]:
        return tuple(db.query(query, [change_id]))

    found = of("SELECT * FROM changes WHERE id = ?")
    if not found:
        return None
    # Audit rows have no epoch and no note where the column is empty, as in earlier releases.
    attempts = [_without_empty(row, "epoch") for row in of("SELECT * FROM attempts WHERE change_id = ?")]
    votes = of("SELECT * FROM votes WHERE change_id = ? ORDER BY at, voter")
    votes = tuple(_without_empty(row, "note") for row in votes)
    return StoredRows(change=found[0], votes=votes, attempt=attempts[0] if attempts else None)


def _without_empty(row: Row, name: str) -> Row:
    return {each: value for each, value in row.items() if each != name or value}


def _require_text(row: Row, besides: tuple[str, ...] = ()) -> None:
    """Raise ValueError for a column that holds something else, which SQLite does not prevent."""
    odd = [name for name, value in row.items() if name not in besides and not isinstance(value, str)]
    if odd:
        raise ValueError(f"{odd[0]} holds no text")


def _votes(rows: Sequence[Row]) -> tuple[Vote, ...]:
    for row in rows:
        _require_text(row)
    return tuple(
        Vote(
            voter=row["voter"],
            name=row["name"],
            word=DecisionKind(row["word"]),
            roles=frozenset(json.loads(row["roles"])),
            digest=row["digest"],
            at=text_to_time(row["at"]),
            note=row["note"],
        )
        for row in rows
    )


# A change is read again and again, and what it plans and needs stays the same text.
_read_plan = lru_cache(maxsize=256)(Plan.model_validate_json)
_read_need = lru_cache(maxsize=256)(ApprovalRequirement.model_validate_json)


def _record(row: Row, votes: tuple[Vote, ...]) -> ChangeRecord:
    return ChangeRecord(
        **{name: row[name] for name in _SAME},
        state=ChangeState(row["state"]),
        proposed_at=text_to_time(row["proposed_at"]),
        expires_at=text_to_time(row["expires_at"]),
        started_at=optional_time(row["started_at"]),
        ended_at=optional_time(row["ended_at"]),
        requester=requester(row),
        plan=_read_plan(row["plan"]),
        need=_read_need(row["need"]),
        is_armed=bool(row["is_armed"]),
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


def pending_post(row: Row) -> PendingPost:
    kept = {name: row[name] for name in ("change_id", "requester", "place", "ts", "number")}
    return PendingPost(**kept, kind=PostKind(row["kind"]), is_glass=bool(row["is_glass"]))


def milestones(rows: Iterable[Row]) -> list[Milestone]:
    return [
        Milestone(
            id=row["id"],
            change_id=row["change_id"],
            at=text_to_time(row["at"]),
            words=row["words"],
            tells=tuple(row["tells"].split()),
            posted=row["posted_at"] is not None,
        )
        for row in rows
    ]
