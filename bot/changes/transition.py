"""What one transaction does to one change: built up by the rules of its life, carried out by the store."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.audit.records import AuditEntry
from bot.changes.record import Vote
from bot.domain.attempt import Attempt

Tell = tuple[str, tuple[str, ...]]
"""A line of a change's story, and whom it mentions."""


@dataclass(slots=True, kw_only=True)
class Transition:
    """All of it or nothing.

    `fields` are columns of the change that get new values; `vote` is added or takes the place of the
    voter's old one, `unvote` is taken back; `accepted` says that the cloud has taken it, so
    that a password kept for it is due to be handed over; `tell` becomes a milestone that mentions people;
    `entry` goes to the audit. `refused_at` is where Slack refuses a card: where that was known, nothing of
    the step is done.
    """

    at: datetime
    entry: AuditEntry | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    vote: Vote | None = None
    unvote: str = ""
    accepted: bool = False
    attempt: Attempt | None = None
    tell: Tell | None = None
    refused_at: str = ""
