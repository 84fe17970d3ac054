"""The checks before a decision about a change: who decides, whether it is still open, and what is missing."""

from dataclasses import dataclass
from datetime import datetime

from bot.access.policy import unread_groups_error
from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.approval_requirement import RequirementKind
from bot.domain.errors import Denied, InputError
from bot.domain.plan import Harm
from bot.domain.times import in_both


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """The person who decides, with the roles that count for this cluster, where and when. `is_unsure`: user
    groups that could not be read might give more roles."""

    id: str
    name: str
    team: str
    actor: str
    roles: frozenset[str]
    channel: str
    trace: str
    policy: str
    at: datetime
    is_unsure: bool = False


def require_pending(record: ChangeRecord, voter: Approver) -> None:
    """Require that the change is pending approval and has not expired."""
    if record.state is not ChangeState.PROPOSED:
        raise ended_error(record)
    if record.need.kind is not RequirementKind.APPROVAL:
        raise InputError(
            f"{record.id} needs no approval: {record.requester.name} has to confirm it.",
            f"{record.requester.name} runs “change confirm {record.id}”.",
        )
    require_not_expired(record, voter)


def require_not_expired(record: ChangeRecord, voter: Approver) -> None:
    """Require that there is time left to decide."""
    if voter.at >= record.expires_at:
        raise InputError(
            f"{record.id} expired at {in_both(record.expires_at, record.requester.time_zone)}.",
            "Request it again.",
        )


def require_same_digest(record: ChangeRecord, digest: str) -> None:
    """Require that the button's digest, where it carries one, is the change's."""
    if digest and not record.digest.startswith(digest):
        raise InputError(
            f"That button is for another plan than that of {record.id}.",
            f"Check the plan again: “change show {record.id}”.",
        )


def approving_roles(record: ChangeRecord, voter: Approver) -> frozenset[str]:
    """Return the roles in which the approver decides, in any of the conditions; at least one."""
    roles = voter.roles & record.need.roles
    if not roles:
        raise role_error(
            voter,
            f"{record.id} needs {record.need.words()}, and you have none of these roles.",
            "“whoami” shows your roles.",
        )
    return roles


def require_requester_or_approver(record: ChangeRecord, voter: Approver, what: str, *, may_ask: bool) -> None:
    """Require the requester or an approver. Without approvers, a person who may propose the same (`may_ask`)
    counts: otherwise a requester who has left would block the cluster for ever."""
    if voter.id == record.requester.id or not voter.roles.isdisjoint(record.need.roles):
        return
    if may_ask and not record.need.roles:
        return
    others = "an approver" if record.need.roles else "somebody who may request the same change"
    raise role_error(
        voter,
        f"Only {record.requester.name} or {others} can {what} ({record.id}).",
        show_hint(record),
    )


def role_error(voter: Approver, sentence: str, step: str) -> Denied:
    """Return the error for a missing role, unless the approver may have it: unread user groups leave that
    open."""
    return unread_groups_error() if voter.is_unsure else Denied(sentence, step)


def require_another_approver(record: ChangeRecord, roles: frozenset[str]) -> None:
    """Refuse a requester's own approval of a destructive change, and of any other unless the rule of a
    condition that these roles count for allows it."""
    own = [each for each in record.need.approvals if record.need.counts_own_vote(each)]
    if record.plan.harm is Harm.DESTRUCTIVE or not any(roles & each.roles.keys() for each in own):
        raise Denied(
            f"You requested {record.id} yourself, so somebody else has to approve it.",
            f"Waiting for {record.describe_missing()}. “change withdraw {record.id}” withdraws it.",
        )


def ended_error(record: ChangeRecord) -> InputError:
    if record.state is ChangeState.UNKNOWN:
        return InputError(
            f"The outcome of {record.id} is unknown.",
            f"Check the cluster, then use “change settle {record.id} ran” or “… not-run”.",
        )
    how = f" ({record.result})" if record.result else ""
    return InputError(f"{record.id} is already {record.label}{how}.", show_hint(record))


def missing_words(record: ChangeRecord) -> str:
    if not record.missing_roles():
        return "That was the last approval needed."
    return f"Waiting for {record.describe_missing()}."


def show_hint(record: ChangeRecord) -> str:
    return f"“change show {record.id}” shows its state."
