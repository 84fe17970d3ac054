"""What has to hold before somebody's word about a change counts; each raises why it does not."""

from dataclasses import dataclass
from datetime import datetime

from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.approval_requirement import RequirementKind
from bot.domain.errors import Denied, InputError
from bot.domain.plan import Harm
from bot.domain.times import in_both


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Who speaks, in which roles for this cluster, where and when. `is_unsure`: user groups that could not be
    read might give them more."""

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


def must_wait_for_votes(record: ChangeRecord, voter: Approver) -> None:
    """Votes are what it waits for, and there is time left."""
    if record.state is not ChangeState.PROPOSED:
        raise over(record)
    if record.need.kind is not RequirementKind.APPROVAL:
        raise InputError(
            f"{record.id} needs {record.need.words()} by {record.requester.name}, no approval.",
            f"{record.requester.name} types “change confirm {record.id}”.",
        )
    not_expired(record, voter)


def not_expired(record: ChangeRecord, voter: Approver) -> None:
    """There is time left to decide."""
    if voter.at >= record.expires_at:
        raise InputError(
            f"{record.id} expired at {in_both(record.expires_at, record.requester.time_zone)}.",
            "Ask for it anew.",
        )


def same_digest(record: ChangeRecord, digest: str) -> None:
    """What the voter has looked at is what the change is, where the button says what that was."""
    if digest and not record.digest.startswith(digest):
        raise InputError(
            f"{record.id} is not what that button was for.", f"Look at it again: “change show {record.id}”."
        )


def seat_of(record: ChangeRecord, voter: Approver) -> frozenset[str]:
    """The roles in which somebody decides about it; at least one."""
    roles = voter.roles & record.need.roles.keys()
    if not roles:
        raise refusal(
            voter,
            f"{record.id} needs {record.need.words()}, and you have none of these roles.",
            "“whoami” shows those that you have.",
        )
    return roles


def has_a_say(record: ChangeRecord, voter: Approver, what: str, *, may_ask: bool) -> None:
    """Those who asked or could approve. Where nobody approves, whoever may ask for the same (`may_ask`): else
    a requester who has left would hold the cluster's turn for ever."""
    if voter.id == record.requester.id or not voter.roles.isdisjoint(record.need.roles):
        return
    if may_ask and not record.need.roles:
        return
    others = "whoever could approve it" if record.need.roles else "whoever may ask for the same"
    raise refusal(
        voter,
        f"Only {record.requester.name} or {others} may {what} ({record.id}).",
        f"“change show {record.id}” says how it stands.",
    )


def refusal(voter: Approver, sentence: str, step: str) -> Denied:
    """Nobody is told that they lack a role which they may have."""
    if voter.is_unsure:
        return Denied(
            "Slack does not say which user groups you are in, so nobody can tell whether you may.",
            "Try again in a moment.",
        )
    return Denied(sentence, step)


def may_approve_own(record: ChangeRecord) -> None:
    """Never what is destructive; else where the rule lets its requester vote."""
    if record.plan.harm is Harm.DESTRUCTIVE or not record.need.own_vote:
        raise Denied(
            f"You asked for {record.id} yourself: somebody else has to approve it.",
            f"Still needed: {record.still_needed}; “change withdraw {record.id}” takes it back.",
        )


def over(record: ChangeRecord) -> InputError:
    """The error that says how it ended."""
    if record.state is ChangeState.UNKNOWN:
        return InputError(
            f"Nobody can tell yet whether {record.id} ran.",
            f"Look at the cluster, then “change settle {record.id} ran” or “… not-run”.",
        )
    how = f" ({record.result})" if record.result else ""
    return InputError(
        f"{record.id} is {record.state} already{how}.", f"“change show {record.id}” has it all."
    )
