"""The evidence bundle of a change: everything about it in one file that `bot.evidence` checks off-line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.changes.record import Milestone, Record, Vote
from bot.looking import Attempt
from bot.store.change_rows import text

FORMAT = "pgbot-evidence-1"

Row = Mapping[str, Any]


def bundle(
    record: Record,
    attempt: Attempt | None,
    story: Sequence[Milestone],
    rows: Sequence[Row],
    head: tuple[int, str] | None,
) -> bytes:
    """JSON. `rows` are the change's audit rows as stored, `head` the last row's number and hash."""
    whole = {
        "format": FORMAT,
        "change": _change(record),
        "plan": record.plan.model_dump(mode="json"),
        "digest": record.digest,
        "need": record.need.model_dump(mode="json"),
        "votes": [_vote(each) for each in record.votes],
        "attempt": attempt and {"armed_at": text(attempt.armed_at), "baseline": sorted(attempt.baseline)},
        "timeline": [{"at": text(each.at), "words": each.words} for each in story],
        "requests": [
            {"row": row["seq"], **request} for row in rows for request in json.loads(row["requests"])
        ],
        "audit": {"rows": list(rows), "head": head and {"seq": head[0], "hash": head[1]}},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()


def _change(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": record.state.value,
        "requester": asdict(record.requester),
        "reason": record.reason,
        "policy": record.policy,
        **{
            name: _at(getattr(record, name))
            for name in ("proposed_at", "expires_at", "started_at", "ended_at")
        },
        **{name: getattr(record, name) for name in ("result", "made", "replaces", "skipped", "reviewed_by")},
    }


def _at(at: datetime | None) -> str | None:
    return None if at is None else text(at)


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "voter": vote.voter,
        "name": vote.name,
        "word": vote.word.value,
        "roles": sorted(vote.roles),
        "digest": vote.digest,
        "at": text(vote.at),
    }
