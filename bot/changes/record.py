"""A change as it is kept: its plan, where it stands in its life, and who has decided what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.approval_requirement import ApprovalRequirement, RequirementKind
from bot.domain.plan import Plan
from bot.domain.quorum import empty_seats, in_words
from bot.domain.request import Actor, Origin


class ChangeState(StrEnum):
    """Where a change stands. The words are what people read."""

    PROPOSED = "proposed"
    APPROVED = "approved"  # waits for its turn: the cluster's other change, or the end of a freeze
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, and nobody can tell whether it happened: people decide
    NOT_IN_EFFECT = "accepted but not in effect"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REPLACED = "replaced"  # what it rested on has changed; another proposal took its place


OPEN = frozenset({ChangeState.PROPOSED, ChangeState.APPROVED, ChangeState.RUNNING, ChangeState.UNKNOWN})
"""Not over yet."""

OVER = frozenset(ChangeState) - OPEN
"""As they stay."""

NEVER_RAN = frozenset({ChangeState.DENIED, ChangeState.WITHDRAWN, ChangeState.EXPIRED, ChangeState.REPLACED})
"""Over before anything left for the cloud."""

ACCEPTED = "It was accepted"
"""What the result of a failed change begins with that the cloud had taken."""

WAITING = frozenset({ChangeState.PROPOSED, ChangeState.APPROVED})
"""Nothing has left for the cloud."""


class DecisionKind(StrEnum):
    """What people say about a change; each is recorded."""

    APPROVE = "approve"
    DENY = "deny"
    CONFIRM = "confirm"
    OVERRIDE = "break glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Who said what, when, in which roles, about which digest."""

    voter: str
    name: str
    word: DecisionKind
    roles: frozenset[str]
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asked, and where: `id` is a Slack user id; `name` at the terminal that of the machine's user."""

    id: str
    name: str
    team: str
    origin: str
    channel: str
    time_zone: str

    @property
    def actor(self) -> str:
        """As the audit has it."""
        origin = Origin(self.origin)
        id_ = self.name if origin is Origin.TERMINAL else self.id
        return str(Actor(origin=origin, id=id_, person=self.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """One change. `version` grows with everything that its cards show. Times in UTC.

    `progress` is what it is doing, `result` how it ended, both in words; `made` the id of what it made;
    `replaces` the change whose place it took; `skipped` says who went ahead without approval, and why.
    `said_ran` is who said, of an outcome that nobody could tell, that it ran.
    `is_armed`: its one attempt is recorded, so its request may have left.
    """

    id: str
    state: ChangeState
    version: int
    proposed_at: datetime
    expires_at: datetime
    requester: Requester
    plan: Plan
    digest: str
    need: ApprovalRequirement
    policy: str
    reason: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    progress: str = ""
    result: str = ""
    made: str = ""
    replaces: str = ""
    skipped: str = ""
    reviewed_by: str = ""
    said_ran: str = ""
    is_armed: bool = False
    votes: tuple[Vote, ...] = ()

    @property
    def is_unsent(self) -> bool:
        """Whether nothing has left for the cloud, and nothing is about to: it can still be stopped."""
        return self.state in WAITING or (self.state is ChangeState.RUNNING and not self.is_armed)

    @property
    def is_open(self) -> bool:
        """Whether something may still happen."""
        return self.state in OPEN

    @property
    def came_to_nothing(self) -> bool:
        """Whether it is over and has changed nothing: it never ran, was not taken, or did not happen."""
        failed = self.state is ChangeState.FAILED and not (self.is_armed and self.result.startswith(ACCEPTED))
        return failed or self.state in NEVER_RAN

    @property
    def approvals(self) -> tuple[Vote, ...]:
        """The votes for it that count: of its own digest."""
        return tuple(v for v in self.votes if v.word is DecisionKind.APPROVE and v.digest == self.digest)

    @property
    def overridden_by(self) -> str:
        """Who went ahead without approval; empty for nobody."""
        return next((vote.voter for vote in self.votes if vote.word is DecisionKind.OVERRIDE), "")

    @property
    def is_unreviewed(self) -> bool:
        """Whether it went ahead without approval, and nobody has looked at it since."""
        return bool(self.skipped and not self.reviewed_by)

    def missing(self) -> tuple[str, ...]:
        """The roles whose approval is still needed."""
        if self.need.kind is not RequirementKind.APPROVAL or self.skipped:
            return ()
        return empty_seats(self.need.roles, [vote.roles for vote in self.approvals])

    @property
    def still_needed(self) -> str:
        """`missing` in words: `2 × dba and owner`; empty when nothing is."""
        return in_words(self.missing())


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One line of a change's story, for the thread below its card. `tells` are people mentioned in it."""

    id: int
    change_id: str
    at: datetime
    words: str
    tells: tuple[str, ...] = ()
    posted: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """Where a card of a change is, and which version of it is shown there."""

    change_id: str
    channel: str
    ts: str
    version: int
