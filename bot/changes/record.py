"""A change as stored: its plan, its state, and the decisions about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from bot.domain.approval_requirement import ApprovalCondition, ApprovalRequirement, RequirementKind
from bot.domain.phrases import join_names
from bot.domain.plan import Harm, Plan
from bot.domain.quorum import NO_NAMES, RoleNames, describe_approvals, missing_approvals
from bot.domain.request import Actor, Origin


class ChangeState(StrEnum):
    """States of a change. The words are stored; people read the `label`."""

    PROPOSED = "proposed"
    APPROVED = "approved"  # queued behind the cluster's other change, or until the end of a change freeze
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, and the outcome is unknown: people decide
    NOT_IN_EFFECT = "accepted but not in effect"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REPLACED = "replaced"  # the plan is outdated; another change supersedes it

    @property
    def label(self) -> str:
        return _LABELS.get(self, self.value)


_LABELS = {
    ChangeState.PROPOSED: "pending approval",
    ChangeState.DONE: "succeeded",
    ChangeState.UNKNOWN: "outcome unknown",
    ChangeState.NOT_IN_EFFECT: "not in effect",
    ChangeState.REPLACED: "superseded",
}
"""The labels that differ from the stored words."""


OPEN = frozenset({ChangeState.PROPOSED, ChangeState.APPROVED, ChangeState.RUNNING, ChangeState.UNKNOWN})
"""Not over yet."""

OVER = frozenset(ChangeState) - OPEN
"""As they stay."""

NEVER_RAN = frozenset({ChangeState.DENIED, ChangeState.WITHDRAWN, ChangeState.EXPIRED, ChangeState.REPLACED})
"""Over before anything left for the cloud."""

ACCEPTED = "It was accepted"
"""The beginning of the result of a failed change that the cloud had accepted."""

LATE, LATE_THROWAWAY = timedelta(hours=3), timedelta(hours=51)
"""How long the rest may take, besides waiting for the cluster: planning again, and finding an effect. A
throwaway cluster is looked for, and deleted, for a day each."""

DELETED_AGAIN = "it is deleted again"
"""The end of the result of a drill whose cluster was seen to go after a deletion of ours."""

WAITING = frozenset({ChangeState.PROPOSED, ChangeState.APPROVED})
"""Nothing has left for the cloud."""


class DecisionKind(StrEnum):
    """The decisions that people make about a change; each is recorded."""

    APPROVE = "approve"
    DENY = "deny"
    CONFIRM = "confirm"
    OVERRIDE = "break glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One decision: by whom, when, in which roles, about which digest, and the note of an approval."""

    voter: str
    name: str
    word: DecisionKind
    roles: frozenset[str]
    digest: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person who asked, and where: `id` is a Slack user id; at the terminal, `name` is the machine's
    user."""

    id: str
    name: str
    team: str
    origin: str
    channel: str
    time_zone: str

    @property
    def actor(self) -> str:
        """Return the requester as the audit log writes actors."""
        origin = Origin(self.origin)
        id_ = self.name if origin is Origin.TERMINAL else self.id
        return str(Actor(origin=origin, id=id_, person=self.id))


@dataclass(frozen=True, slots=True)
class MissingApprovals:
    """One approval condition, and the roles whose approval it lacks; none where it is satisfied."""

    condition: ApprovalCondition
    roles: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return the missing approvals in words; empty where it is satisfied."""
        return describe_approvals(self.roles)


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
    def label(self) -> str:
        """The state as people read it; a change that its requester confirms waits for no approval."""
        is_confirmed = self.state is ChangeState.PROPOSED and self.need.kind is not RequirementKind.APPROVAL
        return "pending confirmation" if is_confirmed else self.state.label

    @property
    def is_unsent(self) -> bool:
        """Return whether nothing was sent to the cloud or is about to be: the change can still be stopped."""
        return self.state in WAITING or (self.state is ChangeState.RUNNING and not self.is_armed)

    @property
    def is_open(self) -> bool:
        """Return whether something may still happen."""
        return self.state in OPEN

    def needs_person(self, now: datetime) -> bool:
        """Return whether nothing but a person can end it: its outcome is unknown, or it was sent and runs for
        longer than following it can take."""
        if self.state is ChangeState.UNKNOWN:
            return True
        if self.state is not ChangeState.RUNNING or not self.is_armed or self.started_at is None:
            return False
        return now - self.started_at > timedelta(seconds=self.plan.ending.limit) + (
            LATE_THROWAWAY if self.plan.throwaway else LATE
        )

    @property
    def had_no_effect(self) -> bool:
        """Return whether it ended and changed nothing: it never ran, was not accepted, or did not happen."""
        failed = self.state is ChangeState.FAILED and not (self.is_armed and self.result.startswith(ACCEPTED))
        return failed or self.state in NEVER_RAN

    @property
    def asks_code(self) -> bool:
        """Return whether decisions that let it run need a code that is sent to the person."""
        return self.need.step_up and self.plan.harm is Harm.DESTRUCTIVE

    @property
    def approvals(self) -> tuple[Vote, ...]:
        """The votes for it that count: of its own digest."""
        return tuple(v for v in self.votes if v.word is DecisionKind.APPROVE and v.digest == self.digest)

    @property
    def decision_times(self) -> tuple[tuple[str, datetime], ...]:
        """Return the people whose decisions let it run, with the times: break-glass alone, else approvals or
        the confirmation. Where nobody has decided, the proposal itself is nobody's decision."""
        counted = [vote for vote in self.votes if vote.word is DecisionKind.OVERRIDE] or [
            vote for vote in self.votes if vote.word is not DecisionKind.DENY and vote.digest == self.digest
        ]
        return tuple((vote.voter, vote.at) for vote in counted) or (("", self.proposed_at),)

    @property
    def first_decided_at(self) -> datetime:
        """Return the time of the earliest decision that lets it run."""
        return min(at for _, at in self.decision_times)

    @property
    def break_glass_by(self) -> str:
        """Return the person who broke the glass; empty for nobody."""
        return next((vote.voter for vote in self.votes if vote.word is DecisionKind.OVERRIDE), "")

    @property
    def is_unreviewed(self) -> bool:
        """Return whether it was run by break-glass and awaits its post-incident review."""
        return bool(self.skipped and not self.reviewed_by)

    @property
    def needs_approver(self) -> bool:
        """Return whether it awaits an approval, or a review, by other people."""
        return self.is_unreviewed or (self.state is ChangeState.PROPOSED and bool(self.missing_roles()))

    def missing_approvals(self, need: ApprovalRequirement) -> tuple[MissingApprovals, ...]:
        """Return the approval conditions of any requirement for this change, each with the roles whose
        approval its votes do not give; no role where it is satisfied."""
        return tuple(MissingApprovals(each, self._missing_for(each, need)) for each in need.approvals)

    def _missing_for(self, condition: ApprovalCondition, need: ApprovalRequirement) -> tuple[str, ...]:
        is_own_counted = need.counts_own_vote(condition) and self.plan.harm is not Harm.DESTRUCTIVE
        counted = [v.roles for v in self.approvals if is_own_counted or v.voter != self.requester.id]
        return missing_approvals(condition.roles, counted)

    def missing_roles(self, need: ApprovalRequirement | None = None) -> tuple[str, ...]:
        """Return the roles whose approval is still needed, by default for the change's own requirement: once
        for each condition that lacks it, none after break-glass."""
        found = () if self.skipped else self.missing_approvals(need or self.need)
        return tuple(role for each in found for role in each.roles)

    def describe_missing(self, names: RoleNames = NO_NAMES) -> str:
        """Return the missing approvals in words: `2 DBA approvals (Ann, Cem or Dee)`; with their rules where
        there are several conditions."""
        if len(self.need.approvals) == 1 or self.skipped:
            return describe_approvals(self.missing_roles(), names) or "nothing"
        lacking = [each for each in self.missing_approvals(self.need) if each.roles]
        words = (f"{describe_approvals(each.roles, names)} ({each.condition.rule})" for each in lacking)
        return join_names(words) or "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One line for the thread below a change's card. `tells` are the people it mentions."""

    id: int
    change_id: str
    at: datetime
    words: str
    tells: tuple[str, ...] = ()
    posted: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A posted card of a change, and the version that it shows."""

    change_id: str
    channel: str
    ts: str
    version: int


class PostKind(IntEnum):
    """The posts that a change can be waiting for, in the order in which one person's are sent."""

    CARD = 1
    FURTHER_CARD = 2
    EDIT = 3
    LINE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPost:
    """One thing about a change that Slack does not show yet.

    `place` is a channel, "" for the first card, or THREAD for a line; `number` is the version that an edit
    shows, or the id of the line. `is_glass`: somebody used break-glass.
    """

    kind: PostKind
    change_id: str
    requester: str
    place: str
    ts: str
    number: int
    is_glass: bool
