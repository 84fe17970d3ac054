"""What of a change its audit rows hold as it is stored, so that they prove every word of its bundle.

Played again from the first row to the last, they give the change, its votes and its attempt; the plan and the
need, which never alter, are there by their SHA-256. `bot.audit.evidence` does so without this code.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.changes.record import ChangeRecord, Vote
from bot.changes.transition import Transition
from bot.domain.approval_requirement import ApprovalRequirement
from bot.domain.attempt import Attempt
from bot.domain.plan import Plan, canonical
from bot.runtime.database.columns import time_to_text

ALTERING = ("state", "started_at", "ended_at", "result", "made", "skipped", "reviewed_by", "said_ran")
"""What of a change its steps alter, but for what nobody relies on: progress and version."""


def proposal(record: ChangeRecord) -> str:
    """For the row of its plan: the change as it begins."""
    parts = {"plan": record.plan, "need": record.need}
    whole = {name: sha256(each.model_dump(mode="json")) for name, each in parts.items()}
    return canonical({"change": change(record), **whole})


def step(done: Transition, after: int | None) -> str:
    """For the row of a step: what it alters, and the number of the change's row before."""
    fields = {name: _value(value) for name, value in done.fields.items() if name in ALTERING}
    parts = {
        "fields": fields,
        "vote": done.vote and vote(done.vote),
        "unvote": done.unvote,
        "attempt": done.attempt and attempt(done.attempt),
    }
    return canonical({"after": after, **{name: each for name, each in parts.items() if each}})


def change(record: ChangeRecord) -> dict[str, Any]:
    """The change itself, as rows and bundles have it."""
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


def vote(vote: Vote) -> dict[str, Any]:
    """Who said what."""
    return {
        "voter": vote.voter,
        "name": vote.name,
        "word": vote.word.value,
        "roles": sorted(vote.roles),
        "digest": vote.digest,
        "at": time_to_text(vote.at),
    }


def attempt(attempt: Attempt) -> dict[str, Any]:
    """The one time that its request may leave."""
    return {"armed_at": time_to_text(attempt.armed_at), "baseline": sorted(attempt.baseline)}


def plan(plan: Plan) -> dict[str, Any]:
    """As it was stored, of whichever release: what a later one added to plans is not in it."""
    return plan.model_dump(mode="json", exclude_unset=True)


def need(need: ApprovalRequirement) -> dict[str, Any]:
    """As it was stored."""
    return need.model_dump(mode="json", exclude_unset=True)


def sha256(value: Mapping[str, Any]) -> str:
    """Over its canonical JSON, as other rows and programs compute it."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _value(value: Any) -> Any:
    return time_to_text(value) if isinstance(value, datetime) else value
