"""Entries of the audit log as they are written, rows as they are read, and the query that finds them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.request import ApiRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row to be written, without secrets: its maker has already redacted them.

    `kind` is `invocation` (before anything is done), `request` (before a mutating request leaves for the
    cloud) or `outcome` (after it); `plan`, `decision`, `intent` and `change` in the life of a change;
    `name` for a name that a cluster has lost; `policy`, `anchor`, `checkpoint` and `sealed` for the log
    itself. `trace` joins the rows of one request. `outcome` is one word, such as `accepted`, `intended`,
    `ok`, `denied`, `mistyped`, `failed`, `error`.

    `clusters` are the ids of the clusters concerned, besides those that its mutating requests name; `change`
    is the id of its change and `digest` that change's; `roles` are the actor's, `rule` the rule that allowed
    or refused it, and `policy` the version of the policy that decided (`Policy.version`). `kept` is the part
    of the change that the row's transaction stores, as JSON (`bot.changes.proof`). `code` is that of
    the error with which it ended (`bot.domain.error_codes`).
    """

    at: datetime
    kind: str
    trace: str
    team: str
    actor: str
    channel: str
    command: str = ""
    text: str = ""
    outcome: str = ""
    detail: str = ""
    requests: tuple[ApiRequest, ...] = ()
    milliseconds: float | None = None
    clusters: frozenset[str] = frozenset()
    change: str = ""
    roles: str = ""
    rule: str = ""
    policy: str = ""
    digest: str = ""
    kept: str = ""
    code: str = ""


def bot_entry(at: datetime, kind: str, outcome: str, detail: str = "", text: str = "") -> AuditEntry:
    """Return an entry of the bot's own, about no request."""
    return AuditEntry(
        at=at,
        kind=kind,
        trace="-",
        team="",
        actor="bot",
        channel="",
        text=text,
        outcome=outcome,
        detail=detail,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row. `about` are the ids of all clusters that any row of its trace concerns."""

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
    requests: tuple[ApiRequest, ...]
    milliseconds: float | None
    clusters: frozenset[str]
    about: frozenset[str]
    change: str | None
    roles: str | None
    rule: str | None
    policy: str | None
    digest: str | None
    code: str | None
    prev: str
    hash: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the actor: the user of the machine and, last, the Slack person."""
        return tuple(self.actor.split(" as ")) if self.actor.startswith("os:") else (self.actor,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSegment:
    """A part of the chain: `links` are number and content digest of the rows that are not shown themselves,
    `head` is number and hash of its last row."""

    links: tuple[tuple[int, str], ...]
    head: tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableRows:
    """The rows of `actor`, and those of traces about one of `clusters`, by id."""

    actor: str
    clusters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Filters of rows, newest first; a row must match all that are given.

    `actor` is a part of the actor, `command` the beginning of the command, `cluster` an id; `since` is
    included and `until` is not. `before` limits to rows with a smaller number. `words` are searched in the
    full text. With `every_step`, a finished command also has the row from before it ran. `readable` leaves
    out rows that cannot be visible to somebody.
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
    readable: ReadableRows | None = None


def split_actor(rows: Iterable[AuditRow]) -> Callable[[AuditRow], str]:
    """Return a function that names the person of any of these rows.

    That is the Slack person, also where an earlier release wrote only the user of the machine, as long as
    that user never acted as anybody else.
    """
    acted: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        acted[row.names[0]].add(row.names[-1])
    alone = {name: others - {name} for name, others in acted.items()}
    known = {name: next(iter(others)) for name, others in alone.items() if len(others) == 1}
    return lambda row: known.get(row.actor, row.names[-1])
