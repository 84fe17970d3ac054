"""The state machine of a change as pure functions, and the conditions of each transition.

proposed → approved → running → done | failed | accepted but not in effect | unknown
proposed, approved → denied | withdrawn | expired; approved → replaced, when the plan is outdated.
Every function takes a change as it is inside the transaction and returns the transition, or raises the
reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.audit.records import AuditEntry, bot_entry
from bot.changes.decision_checks import (
    Approver,
    approving_roles,
    describe_limit,
    ended_error,
    is_good,
    missing_words,
    require_another_approver,
    require_not_expired,
    require_pending,
    require_requester_or_approver,
    require_same_digest,
    role_error,
    show_hint,
)
from bot.changes.record import ChangeRecord, ChangeState, DecisionKind, Vote
from bot.domain.approval_requirement import RequirementKind
from bot.domain.attempt import Attempt
from bot.domain.errors import BadArgument, Denied, InputError
from bot.domain.name_match import same_name
from bot.domain.phrases import join_names
from bot.domain.quorum import format_role
from bot.runtime.checked_clock import TOLERANCE

ThreadLine = tuple[str, tuple[str, ...]]
"""A line for the change's thread, and the people it mentions."""


@dataclass(slots=True, kw_only=True)
class Transition:
    """The effect of one transaction on one change, all of it or nothing.

    `fields` are columns of the change that get new values; `vote` is added or replaces the voter's old one,
    `unvote` is taken back; `accepted` says that the cloud has accepted it, so that a password stored for it
    is due for delivery; `with_code` that the person typed a code that was sent to them; `tell` becomes a
    thread line that mentions people; `entry` goes to the audit log. `refused_at` is a place where Slack
    refuses a card: if that was known, the transaction does nothing; `cards` are places for cards instead.
    `turns` are the keys under which an alarm keeps other changes waiting.
    """

    at: datetime
    entry: AuditEntry | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    vote: Vote | None = None
    unvote: str = ""
    accepted: bool = False
    with_code: bool = False
    attempt: Attempt | None = None
    tell: ThreadLine | None = None
    refused_at: str = ""
    cards: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()


def approve(record: ChangeRecord, voter: Approver, digest: str = "", note: str = "") -> Transition:
    """Add an approval, or renew one that is too old; the last that is needed makes the change approved.

    The `note` is shown on the card, and kept in the audit log.
    """
    require_pending(record, voter)
    require_same_digest(record, digest)
    roles = approving_roles(record, voter)
    if voter.id == record.requester.id:
        require_another_approver(record, roles)
    if any(vote.voter == voter.id and is_good(record, vote, voter.at) for vote in record.approvals):
        raise InputError(f"You already approved {record.id}.", missing_words(record))
    vote = replace(_make_vote(record, voter, DecisionKind.APPROVE, roles), note=note.strip())
    after = replace(record, votes=(*(each for each in record.votes if each.voter != voter.id), vote))
    step = _start_transition(record, voter, "approved", vote.note)
    step.vote = vote
    if not after.missing_roles():
        step.fields |= {"state": ChangeState.APPROVED.value, "progress": ""}
    words = f"{voter.name} approved{_because(note)}".rstrip(".")
    step.tell = (f"{words}. {missing_words(after)} {describe_limit(after)}.", ())
    return step


def take_back_approval(record: ChangeRecord, voter: Approver) -> Transition:
    """Take an approval back, until the change runs."""
    if not record.is_unsent:
        raise InputError(
            f"{record.id} is {record.label}: an approval can be taken back only until the change is sent.",
            show_hint(record),
        )
    if not any(vote.voter == voter.id for vote in record.approvals):
        raise InputError(f"You have not approved {record.id}.", show_hint(record))
    after = replace(record, votes=tuple(vote for vote in record.votes if vote.voter != voter.id))
    step = _start_transition(record, voter, "approval taken back")
    step.unvote = voter.id
    if after.missing_roles():
        step.fields |= {"state": ChangeState.PROPOSED.value, "progress": "", "started_at": None}
    step.tell = (f"{voter.name} took the approval back. {missing_words(after)}", ())
    return step


def deny(record: ChangeRecord, voter: Approver, digest: str = "", reason: str = "") -> Transition:
    """Say no: one is enough."""
    require_pending(record, voter)
    require_same_digest(record, digest)
    roles = approving_roles(record, voter)
    step = _end_change(record, voter, ChangeState.DENIED, f"{voter.name} denied it{_because(reason)}")
    step.vote = _make_vote(record, voter, DecisionKind.DENY, roles)
    return step


def withdraw(record: ChangeRecord, voter: Approver, reason: str = "", *, may_ask: bool = False) -> Transition:
    """Let the requester take the change back, or an approver stop it, before it is sent."""
    if record.state is ChangeState.RUNNING and record.is_armed:
        raise InputError(
            f"{record.id} is running: a change that was sent can't be cancelled.",
            f"“change show {record.id}” shows its progress.",
        )
    if not record.is_unsent:
        raise ended_error(record)
    require_requester_or_approver(record, voter, "stop it", may_ask=may_ask)
    word = "withdrew" if voter.id == record.requester.id else "cancelled"
    return _end_change(record, voter, ChangeState.WITHDRAWN, f"{voter.name} {word} it{_because(reason)}")


def confirm(record: ChangeRecord, voter: Approver, digest: str = "", name: str = "") -> Transition:
    """Let the requester confirm their own change, with the cluster's name where that is required."""
    if record.state is not ChangeState.PROPOSED:
        raise ended_error(record)
    if record.need.kind is RequirementKind.APPROVAL:
        raise InputError(
            f"{record.id} needs {record.need.words()}, so confirming it isn't enough.",
            missing_words(record),
        )
    if voter.id != record.requester.id:
        raise Denied(f"Only {record.requester.name} can confirm {record.id}.", show_hint(record))
    require_not_expired(record, voter)
    require_same_digest(record, digest)
    if record.need.kind is RequirementKind.NAME and not same_name(name, record.plan.target.called):
        raise BadArgument(
            f"To confirm {record.id}, type the cluster's name: {record.plan.target.called}.",
            f"Use “change confirm {record.id} --name …”, with quotes around a name with spaces.",
        )
    step = _start_transition(record, voter, "confirmed")
    step.fields["state"] = ChangeState.APPROVED.value
    step.vote = _make_vote(record, voter, DecisionKind.CONFIRM, voter.roles)
    return step


def break_glass(
    record: ChangeRecord, voter: Approver, name: str, reason: str, skipped: Iterable[str] = ()
) -> Transition:
    """Run without the missing approvals; the requester and everybody `skipped` is mentioned."""
    require_pending(record, voter)
    if voter.roles.isdisjoint(record.need.break_glass):
        allowed = join_names(map(format_role, record.need.break_glass)) or "nobody"
        raise role_error(
            voter,
            f"Break-glass is only for {allowed} here ({record.need.rule}).",
            missing_words(record),
        )
    if voter.id == record.requester.id and not record.need.requester_may_break_glass:
        raise Denied(
            f"You requested {record.id} yourself, so somebody else has to use break-glass "
            f"({record.need.rule}).",
            f"Ask somebody else in {join_names(map(format_role, record.need.break_glass))}.",
        )
    if not reason.strip():
        raise BadArgument("Break-glass needs --reason.", "Say why it can't wait for approval.")
    if not same_name(name, record.plan.target.called):
        raise BadArgument(
            f"To use break-glass, type the cluster's name: {record.plan.target.called}.",
            "Use --name, with quotes around a name with spaces.",
        )
    words = f"{voter.name} used break-glass without {record.describe_missing()}: {reason.strip()}"
    step = _start_transition(record, voter, "break-glass", reason)
    step.fields |= {"state": ChangeState.APPROVED.value, "skipped": words, "reviewed_by": ""}
    step.vote = _make_vote(record, voter, DecisionKind.OVERRIDE, voter.roles)
    mentioned = dict.fromkeys((record.requester.id, *skipped))
    mentioned.pop(voter.id, None)
    step.tell = (
        f"{words}. Somebody else has to review it with “change review {record.id}”.",
        tuple(mentioned),
    )
    return step


def review(record: ChangeRecord, voter: Approver, reason: str = "") -> Transition:
    """Record the post-incident review of a break-glass change."""
    if not record.skipped:
        raise InputError(f"{record.id} didn't use break-glass, so it needs no review.", show_hint(record))
    if record.reviewed_by:
        raise InputError(f"{record.reviewed_by} already reviewed {record.id}.", show_hint(record))
    if voter.roles.isdisjoint(record.need.roles):
        anyone = join_names(map(format_role, sorted(record.need.roles)), "or")
        sentence = f"Only people who could have approved {record.id} can review it ({anyone})."
        raise role_error(voter, sentence, "“whoami” shows your roles.")
    if voter.id in {record.break_glass_by, record.requester.id}:
        raise Denied(
            "The requester and the person who used break-glass can't review it.",
            "Ask somebody else who could have approved it.",
        )
    step = _start_transition(record, voter, "reviewed", reason)
    step.fields["reviewed_by"] = voter.name
    step.tell = (f"{voter.name} reviewed it{_because(reason)}", ())
    return step


def settle(
    record: ChangeRecord, voter: Approver, *, ran: bool, reason: str = "", may_ask: bool = False
) -> Transition:
    """Record a person's answer whether a change whose outcome is unknown, or that is stuck, has happened.

    One that the audit log disproves ends either way: nobody can say what would be followed. One that was
    followed in vain ends by the person's word.
    """
    if not record.needs_person(voter.at):
        raise InputError(f"{record.id} is {record.label}: there is nothing to settle.", show_hint(record))
    require_requester_or_approver(record, voter, "settle it", may_ask=may_ask)
    said = f"{voter.name} says that it ran{_because(reason)}"
    if ran and record.result.startswith(STOPPED):
        return _end_change(record, voter, ChangeState.FAILED, f"{said}; it was stopped and is not followed")
    if ran and (record.said_ran or record.state is ChangeState.RUNNING):
        step = _end_change(record, voter, ChangeState.DONE, f"{said}; it could not be followed")
        step.fields["said_ran"], step.accepted = voter.name, True
        return step
    if ran:
        # It is followed and read back as if the answer had arrived.
        step = _start_transition(record, voter, "said to have run", reason)
        step.fields |= {"state": ChangeState.RUNNING.value, "progress": f"{voter.name} says that it ran"}
        step.fields |= {"result": "", "said_ran": voter.name}
        step.accepted, step.tell = True, (said, ())
        return step
    words = f"{voter.name} says that it did not run{_because(reason)}"
    return _end_change(record, voter, ChangeState.FAILED, words)


def end_unsent(record: ChangeRecord, at: datetime, actor: str, why: str) -> Transition | None:
    """End a change that was not sent, on behalf of somebody at the machine; None for any other."""
    if not record.is_unsent:
        return None
    operator = replace(_bot(record, at, record.policy), actor=actor)
    return _end_change(record, operator, ChangeState.WITHDRAWN, why)


STOPPED = "Stopped: the audit log does not prove it"
"""The beginning of the result of a change that its audit rows disprove."""


def stop_unproven(
    record: ChangeRecord, at: datetime, why: str, turns: Iterable[str], tells: Iterable[str]
) -> Transition:
    """Stop a change that its audit rows disprove, until a person has looked; `tells` are mentioned.

    One that is over stays as it is.
    """
    words = f"{STOPPED} ({why})"
    entry = replace(alarm_entry(record.id, at, why), text=record.plan.action, digest=record.digest)
    step = Transition(at=at, entry=entry, turns=tuple(turns))
    if record.is_open:
        step.fields = {"state": ChangeState.UNKNOWN.value, "progress": "", "result": words}
    step.tell = (f"{words}. Nothing more is sent for it.", tuple(tells))
    return step


def alarm_entry(change_id: str, at: datetime, why: str) -> AuditEntry:
    """Return the audit entry about a change that its rows disprove, readable or not."""
    return replace(bot_entry(at, "alarm", "stopped", why), trace=change_id, change=change_id)


def expire(record: ChangeRecord, now: datetime, policy: str) -> Transition | None:
    """Expire a change that nobody decided in time; None while there is time."""
    if record.state is not ChangeState.PROPOSED or now < record.expires_at:
        return None
    return _end_change(record, _bot(record, now, policy), ChangeState.EXPIRED, "Nobody decided in time")


REOPENED = "Open again: it had expired only because of a wrong clock"
SHORTENED = "A wrong clock had given it more time than its rule allows"


def mend_expiry(record: ChangeRecord, now: datetime, approvers: tuple[str, ...]) -> Transition | None:
    """Reopen a change that expired by a wrong clock alone, or give one the time that its rule gives from now
    on, which is right; None for any other."""
    ahead = now + timedelta(seconds=TOLERANCE)
    until = min(record.expires_at, now + record.need.expires)
    if record.state is ChangeState.PROPOSED and until != record.expires_at:
        entry = change_entry(record, now, "decision", "time shortened", SHORTENED)
        return Transition(at=now, entry=replace(entry, actor="bot"), fields={"expires_at": until})
    is_early = record.state is ChangeState.EXPIRED and record.ended_at is not None and record.ended_at > ahead
    if not is_early or until <= now:
        return None
    entry = change_entry(record, now, "decision", "reopened", REOPENED)
    step = Transition(at=now, entry=replace(entry, actor="bot"), tell=(f"{REOPENED}.", approvers))
    step.fields = {"state": ChangeState.PROPOSED.value, "result": "", "progress": "", "ended_at": None}
    if until != record.expires_at:
        step.fields["expires_at"] = until
    return step


def _bot(record: ChangeRecord, at: datetime, policy: str) -> Approver:
    return Approver(
        id="",
        name="Nobody",
        team=record.requester.team,
        actor="bot",
        roles=frozenset(),
        channel="",
        trace=record.id,
        policy=policy,
        at=at,
    )


def _end_change(record: ChangeRecord, voter: Approver, state: ChangeState, words: str) -> Transition:
    step = _start_transition(record, voter, state.value, words)
    step.fields |= {"state": state.value, "result": words, "progress": "", "ended_at": voter.at}
    # A requester who ends their own change knows it; anybody else's decision has to reach them.
    step.tell = (f"{words}.", () if voter.id == record.requester.id else (record.requester.id,))
    return step


def _make_vote(record: ChangeRecord, voter: Approver, word: DecisionKind, roles: frozenset[str]) -> Vote:
    return Vote(voter=voter.id, name=voter.name, word=word, roles=roles, digest=record.digest, at=voter.at)


def _because(reason: str) -> str:
    return f": {reason.strip()}" if reason.strip() else ""


def change_entry(record: ChangeRecord, at: datetime, kind: str, outcome: str, detail: str) -> AuditEntry:
    """Return an audit entry about a change, with the requester as its actor."""
    return AuditEntry(
        at=at,
        kind=kind,
        trace=record.id,
        team=record.requester.team,
        actor=record.requester.actor,
        channel=record.requester.channel,
        command=record.plan.command,
        text=record.plan.action,
        outcome=outcome,
        detail=detail,
        change=record.id,
        digest=record.digest,
        policy=record.policy,
        rule=record.need.rule,
        clusters=frozenset({record.plan.target.id} - {""}),
    )


def _start_transition(record: ChangeRecord, voter: Approver, outcome: str, detail: str = "") -> Transition:
    entry = replace(
        change_entry(record, voter.at, "decision", outcome, detail),
        trace=voter.trace,
        team=voter.team,
        actor=voter.actor,
        channel=voter.channel,
        policy=voter.policy,
        roles=" ".join(sorted(voter.roles)),
    )
    return Transition(at=voter.at, entry=entry)
