"""Rows of the audit log as they are read again, and the question that finds them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRequest:
    """One API request of a row. `status` is None when no answer came; `said` is the API's own refusal."""

    method: str
    url: str
    status: int | None
    milliseconds: float
    request_id: str | None
    attempt: int
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row. `about` are the ids of all clusters that anything under its trace was about."""

    seq: int
    at: datetime
    kind: str
    trace: str
    team: str
    actor: str
    channel: str
    command: str
    text: str
    outcome: str
    detail: str
    requests: tuple[SentRequest, ...]
    milliseconds: float | None
    clusters: frozenset[str]
    about: frozenset[str]
    change: str | None
    roles: str | None
    rule: str | None
    policy: str | None
    digest: str | None
    prev: str
    hash: str

    @property
    def names(self) -> tuple[str, ...]:
        """Whoever it was, by each name: the user of the machine and, last, the Slack person."""
        return tuple(self.actor.split(" as ")) if self.actor.startswith("os:") else (self.actor,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which rows, newest first: every filter that is given must fit.

    `actor` is a part of it, `command` its beginning, `cluster` an id; `since` is included and `until` is
    not. `before` gives only older rows than that number. `words` are searched in the full text.
    `every_step` also gives the row from before a command ran when there is one of how it ended.
    """

    actor: str | None = None
    cluster: str | None = None
    command: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None
    before: int | None = None
    limit: int = 50
    every_step: bool = False


class AuditReader(Protocol):
    """What reads the audit log. Every method raises StoreError. It asks nobody who may see a row."""

    async def find(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """The rows that fit, newest first."""
        ...

    async def row(self, seq: int) -> AuditRow | None:
        """One row by its number."""
        ...

    async def story(self, name: str) -> tuple[AuditRow, ...]:
        """Everything of one trace or change, oldest first."""
        ...

    async def proof(self, name: str) -> tuple[dict[str, Any], ...]:
        """The same rows as `story`, as they are stored: their hashes are over exactly this."""
        ...

    async def head(self) -> tuple[int, str] | None:
        """The last row's number and hash; None while the log is empty."""
        ...

    async def sent(self) -> tuple[AuditRow, ...]:
        """Every row of a mutating request, oldest first, each with the requests of the row of its answer."""
        ...

    async def beginning(self) -> datetime | None:
        """When the log begins; None while it is empty."""
        ...
