"""A change as its audit rows and its evidence bundle hold it.

Replayed from the first row to the last, the rows give the change, its votes and its attempt; the plan and the
approval requirement, which never change, are there by their SHA-256. `bot.audit.evidence` replays them
without this code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.audit.evidence.reading import read
from bot.audit.records import ChainSegment
from bot.changes.record import ChangeRecord, Milestone, Vote
from bot.changes.rows import StoredRows
from bot.changes.transitions import Transition
from bot.domain.attempt import Attempt
from bot.domain.stored_values import canonical_json, json_sha256
from bot.runtime.database.columns import time_to_text

ALTERING = ("state", "started_at", "ended_at", "result", "made", "skipped", "reviewed_by", "said_ran")
"""Fields of a change that transitions alter and rows record; progress and version are left out."""


def proposal_json(record: ChangeRecord) -> str:
    """Return the payload for the audit row of a new change's plan."""
    parts = {"plan": record.plan, "need": record.need}
    whole = {name: json_sha256(each.model_dump(mode="json")) for name, each in parts.items()}
    return canonical_json({"change": change_fields(record), **whole})


def transition_json(done: Transition, after: int | None) -> str:
    """Return the payload for the audit row of a transition: the fields it alters, and `after`, the number of
    the change's previous row."""
    fields = {name: _value(value) for name, value in done.fields.items() if name in (*ALTERING, "expires_at")}
    parts = {
        "fields": fields,
        "vote": done.vote and vote_fields(done.vote),
        "unvote": done.unvote,
        "attempt": done.attempt and attempt_fields(done.attempt),
        "turns": done.turns,
        "code": done.with_code,
    }
    return canonical_json({"after": after, **{name: each for name, each in parts.items() if each}})


def change_fields(record: ChangeRecord) -> dict[str, Any]:
    """Return the change itself, as rows and bundles hold it."""
    return {
        "id": record.id,
        "requester": asdict(record.requester),
        "reason": record.reason,
        "policy": record.policy,
        "proposed_at": time_to_text(record.proposed_at),
        "expires_at": time_to_text(record.expires_at),
        "replaces": record.replaces,
        **{name: _value(getattr(record, name)) for name in ALTERING},
    }


def vote_fields(vote: Vote) -> dict[str, Any]:
    """Return one vote, as rows and bundles hold it; without a note where it has none."""
    return {
        "voter": vote.voter,
        "name": vote.name,
        "word": vote.word.value,
        "roles": sorted(vote.roles),
        "digest": vote.digest,
        "at": time_to_text(vote.at),
        **({"note": vote.note} if vote.note else {}),
    }


def attempt_fields(attempt: Attempt) -> dict[str, Any]:
    """Return the attempt: the one time that the request may be sent."""
    epoch = {"epoch": attempt.epoch} if attempt.epoch else {}
    return {"armed_at": time_to_text(attempt.armed_at), "baseline": sorted(attempt.baseline), **epoch}


def _value(value: Any) -> Any:
    return time_to_text(value) if isinstance(value, datetime) else value


FORMAT = "pgbot-evidence-3"

WITHOUT_SEGMENT = "pgbot-evidence-2"
"""The format of earlier releases, for rows whose place in the chain cannot be shown."""

Row = Mapping[str, Any]


def evidence_parts(found: StoredRows, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the parts of a bundle that its audit rows prove, as the columns have them, by whichever release.

    Raises ValueError or UnreadableBundle for a column that is not what the bot writes.
    """
    change = found.change
    return {
        "change": _stored_fields(change),
        "plan": read(change["plan"]),
        "digest": change["digest"],
        "need": read(change["need"]),
        "votes": [_without_change(each, "roles") for each in found.votes],
        "attempt": found.attempt and _without_change(found.attempt, "baseline"),
        "requests": [
            {"row": row["seq"], **request} for row in rows for request in json.loads(row["requests"])
        ],
        "audit": {"rows": list(rows)},
    }


def _stored_fields(row: Row) -> dict[str, Any]:
    """Return the same as `change_fields`, from the columns."""
    who = {name: row[name] for name in ("team", "origin", "channel", "time_zone")}
    names = ("id", "reason", "policy", "proposed_at", "expires_at", "replaces", *ALTERING)
    return {
        "requester": {"id": row["requester"], "name": row["requester_name"], **who},
        **{name: row[name] for name in names},
    }


def _without_change(row: Row, listed: str) -> dict[str, Any]:
    """Return a row of a table of the change's, with the list that one of its columns holds as JSON."""
    return {name: value for name, value in row.items() if name != "change_id"} | {listed: read(row[listed])}


def build_bundle(
    found: StoredRows,
    milestones: Sequence[Milestone],
    rows: Sequence[Row],
    segment: ChainSegment | None,
) -> bytes:
    """Return the bundle as JSON. `rows` are the change's audit rows as stored, `segment` the chain that they
    are part of, where it can be shown."""
    whole = {"format": FORMAT if segment else WITHOUT_SEGMENT, **evidence_parts(found, rows)}
    whole["timeline"] = [{"at": time_to_text(each.at), "words": each.words} for each in milestones]
    seq, hash_ = segment.head if segment else (rows[-1]["seq"], rows[-1]["hash"])
    whole["audit"]["head"] = {"seq": seq, "hash": hash_}
    if segment:
        whole["audit"]["links"] = segment.links
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()
