"""A change as programs read it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.approval_requirement import ApprovalRequirement
from bot.domain.cluster import ClusterRef
from bot.domain.error_codes import ExitCode
from bot.domain.plan import Harm, Plan, PlanEffect, ReadinessEffect
from bot.domain.result import CommandResult


class ChangeStatus(StrEnum):
    """The states of a change, as programs read them."""

    PENDING = "pending"
    APPROVED = "approved"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"
    NOT_IN_EFFECT = "not_in_effect"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


_STATUS = {
    ChangeState.PROPOSED: ChangeStatus.PENDING,
    ChangeState.DONE: ChangeStatus.SUCCEEDED,
    ChangeState.UNKNOWN: ChangeStatus.OUTCOME_UNKNOWN,
    ChangeState.NOT_IN_EFFECT: ChangeStatus.NOT_IN_EFFECT,
    ChangeState.REPLACED: ChangeStatus.SUPERSEDED,
}
"""The states whose stored word is another one."""

_EXIT_CODES = {
    ChangeStatus.PENDING: ExitCode.WAITING,
    ChangeStatus.APPROVED: ExitCode.WAITING,
    ChangeStatus.RUNNING: ExitCode.WAITING,
    ChangeStatus.SUCCEEDED: ExitCode.OK,
    ChangeStatus.OUTCOME_UNKNOWN: ExitCode.UNKNOWN_OUTCOME,
    ChangeStatus.DENIED: ExitCode.DENIED,
}
"""Of those that say more than FAILED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect:
    """One effect of a change, in words."""

    what: str
    before: str
    after: str

    @classmethod
    def of(cls, effect: PlanEffect) -> "PlannedEffect":
        return cls(what=effect.what, before=effect.before, after=effect.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The plan of a change. `arguments` are the command's with ids and absolute times."""

    command: str
    action: str
    cluster: ClusterRef
    risk: Harm
    requires: str
    arguments: dict[str, Any]
    effects: tuple[PlannedEffect, ...]
    readiness: ReadinessEffect | None

    @classmethod
    def of(cls, plan: Plan, need: ApprovalRequirement) -> "PlanView":
        return cls(
            command=plan.command,
            action=plan.action,
            cluster=ClusterRef.of(plan.target.as_cluster()),
            risk=plan.harm,
            requires=need.words(),
            arguments=plan.arguments,
            effects=tuple(map(PlannedEffect.of, plan.effects)),
            readiness=plan.readiness,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRef:
    """A person. `id` is the Slack user id; empty for a user of the bot's machine whom nobody knows there.
    `name` is null where Slack does not say it."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenApproval:
    """An approval that counts."""

    by: PersonRef
    roles: tuple[str, ...]
    at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionView:
    """A condition that the change must satisfy, in words, and the roles whose approval it lacks."""

    rule: str
    requires: str
    missing_roles: tuple[str, ...]

    @classmethod
    def list_of(cls, record: ChangeRecord) -> "tuple[ConditionView, ...]":
        return tuple(
            cls(rule=each.condition.rule, requires=each.condition.words(), missing_roles=each.roles)
            for each in record.missing_approvals(record.need)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A change as it stands. `progress` and `outcome` are in words, `created_cluster_id` is of a cluster that
    it made, `digest` is what approvers approve. `reviewer_name` has who reviewed a change that ran through
    break-glass."""

    id: str
    status: ChangeStatus
    is_open: bool
    plan: PlanView
    requester: PersonRef
    reason: str
    requested_at: datetime
    expires_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    digest: str
    approvals: tuple[GivenApproval, ...]
    conditions: tuple[ConditionView, ...]
    break_glass_by: str | None
    reviewer_name: str | None
    progress: str
    outcome: str
    created_cluster_id: str | None
    supersedes: str | None

    @classmethod
    def of(cls, record: ChangeRecord) -> "ChangeView":
        return cls(
            id=record.id,
            status=_STATUS.get(record.state) or ChangeStatus(record.state.value),
            is_open=record.is_open,
            plan=PlanView.of(record.plan, record.need),
            requester=PersonRef(id=record.requester.id, name=record.requester.name),
            reason=record.reason,
            requested_at=record.proposed_at,
            expires_at=record.expires_at,
            started_at=record.started_at,
            ended_at=record.ended_at,
            digest=record.digest,
            approvals=tuple(
                GivenApproval(
                    by=PersonRef(id=vote.voter, name=vote.name),
                    roles=tuple(sorted(vote.roles)),
                    at=vote.at,
                    note=vote.note,
                )
                for vote in record.approvals
            ),
            conditions=ConditionView.list_of(record),
            break_glass_by=record.break_glass_by or None,
            reviewer_name=record.reviewed_by or None,
            progress=record.progress,
            outcome=record.result,
            created_cluster_id=record.made or None,
            supersedes=record.replaces or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange(CommandResult):
    """The plan of a change that was only tried (`--dry-run`)."""

    plan: PlanView

    @classmethod
    def of(cls, plan: Plan, need: ApprovalRequirement) -> "PlannedChange":
        return cls(plan=PlanView.of(plan, need))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult(CommandResult):
    """A change that was requested, or decided about, as it stands now."""

    change: ChangeView
    is_requested: bool
    """Whether this command has requested it: then the exit code says how far it is."""
    needs_code: bool
    """Whether nothing was decided yet: the command has to be repeated with the code that was sent."""

    @property
    def exit_code(self) -> ExitCode:
        """Return whether the requested change is over, and how it ended; or that it waits for a code."""
        if not self.is_requested:
            return ExitCode.WAITING if self.needs_code else ExitCode.OK
        return _EXIT_CODES.get(self.change.status, ExitCode.FAILED)

    @classmethod
    def of(
        cls, record: ChangeRecord, *, is_requested: bool = False, needs_code: bool = False
    ) -> "ChangeResult":
        return cls(change=ChangeView.of(record), is_requested=is_requested, needs_code=needs_code)
