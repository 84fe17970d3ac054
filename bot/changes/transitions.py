"""The life of a change as pure steps: what each word of each person does to it, or why it does nothing.

proposed → approved → running → done | failed | accepted but not in effect | unknown
proposed, approved → denied | withdrawn | expired; approved → replaced, when what it rests on has changed.
Every function takes a change as it is inside the transaction and returns the step, or raises with the reason.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.audit.records import AuditEntry
from bot.changes import guards
from bot.changes.guards import Approver
from bot.changes.record import ChangeRecord, ChangeState, DecisionKind, Vote
from bot.changes.transition import Transition
from bot.domain.approval_requirement import RequirementKind
from bot.domain.errors import BadArgument, Denied, InputError
from bot.domain.phrases import listed


def approve(record: ChangeRecord, voter: Approver, digest: str = "") -> Transition:
    """Add an approval; the last that is needed makes the change approved."""
    guards.must_wait_for_votes(record, voter)
    guards.same_digest(record, digest)
    roles = guards.seat_of(record, voter)
    if voter.id == record.requester.id:
        guards.may_approve_own(record)
    if any(vote.voter == voter.id for vote in record.approvals):
        raise InputError(f"You have approved {record.id} already.", _missing_words(record))
    vote = _vote(record, voter, DecisionKind.APPROVE, roles)
    after = replace(record, votes=(*record.votes, vote))
    step = _step(record, voter, "approved")
    step.vote = vote
    if not after.missing():
        step.fields |= {"state": ChangeState.APPROVED.value, "progress": ""}
    step.tell = (f"{voter.name} approved. {_missing_words(after)}", ())
    return step


def take_back(record: ChangeRecord, voter: Approver) -> Transition:
    """Take an approval back, until the change runs."""
    if not record.is_unsent:
        raise InputError(
            f"{record.id} is {record.state}: an approval can be taken back only until it is sent.",
            _story_hint(record),
        )
    if not any(vote.voter == voter.id for vote in record.approvals):
        raise InputError(f"You have not approved {record.id}.", _story_hint(record))
    after = replace(record, votes=tuple(vote for vote in record.votes if vote.voter != voter.id))
    step = _step(record, voter, "approval taken back")
    step.unvote = voter.id
    if after.missing():
        step.fields |= {"state": ChangeState.PROPOSED.value, "progress": "", "started_at": None}
    step.tell = (f"{voter.name} took the approval back. {_missing_words(after)}", ())
    return step


def deny(record: ChangeRecord, voter: Approver, digest: str = "", reason: str = "") -> Transition:
    """Say no: one is enough."""
    guards.must_wait_for_votes(record, voter)
    guards.same_digest(record, digest)
    roles = guards.seat_of(record, voter)
    step = _end(record, voter, ChangeState.DENIED, f"{voter.name} denied it{_because(reason)}")
    step.vote = _vote(record, voter, DecisionKind.DENY, roles)
    return step


def withdraw(record: ChangeRecord, voter: Approver, reason: str = "", *, may_ask: bool = False) -> Transition:
    """The requester takes the request back, or whoever has a say in it stops it, before it is sent."""
    if record.state is ChangeState.RUNNING and record.is_armed:
        raise InputError(
            f"{record.id} runs: what has been sent cannot be called back.",
            f"“change show {record.id}” follows it.",
        )
    if not record.is_unsent:
        raise guards.over(record)
    guards.has_a_say(record, voter, "stop it", may_ask=may_ask)
    word = "withdrew" if voter.id == record.requester.id else "cancelled"
    return _end(record, voter, ChangeState.WITHDRAWN, f"{voter.name} {word} it{_because(reason)}")


def confirm(record: ChangeRecord, voter: Approver, digest: str = "", name: str = "") -> Transition:
    """The requester says yes to their own change, with the cluster's name where that is asked for."""
    if record.state is not ChangeState.PROPOSED:
        raise guards.over(record)
    if record.need.kind is RequirementKind.APPROVAL:
        raise InputError(
            f"{record.id} needs {record.need.words()}; confirming does not replace it.",
            _missing_words(record),
        )
    if voter.id != record.requester.id:
        raise Denied(f"{record.id} is for {record.requester.name} to confirm.", _story_hint(record))
    guards.not_expired(record, voter)
    guards.same_digest(record, digest)
    if record.need.kind is RequirementKind.NAME and name.strip() != record.plan.target.called:
        raise BadArgument(
            f"To confirm {record.id}, type the cluster's name exactly: {record.plan.target.called}.",
            f"“change confirm {record.id} --name …”; names with blanks go into quotes.",
        )
    step = _step(record, voter, "confirmed")
    step.fields["state"] = ChangeState.APPROVED.value
    step.vote = _vote(record, voter, DecisionKind.CONFIRM, voter.roles)
    return step


def break_glass(
    record: ChangeRecord, voter: Approver, name: str, reason: str, skipped: Iterable[str] = ()
) -> Transition:
    """Go ahead without the approvals that are missing; whoever asked and everybody `skipped` is told."""
    guards.must_wait_for_votes(record, voter)
    if voter.roles.isdisjoint(record.need.break_glass):
        allowed = listed(record.need.break_glass) or "nobody"
        raise guards.refusal(
            voter,
            f"Going ahead without approval is for {allowed} here ({record.need.rule}).",
            _missing_words(record),
        )
    if not reason.strip():
        raise BadArgument("Going ahead without approval needs --reason.", "Say what cannot wait.")
    if name.strip() != record.plan.target.called:
        raise BadArgument(
            f"To go ahead without approval, type the cluster's name exactly: {record.plan.target.called}.",
            "It goes behind --name; names with blanks go into quotes.",
        )
    words = f"{voter.name} went ahead without approval by {record.still_needed}: {reason.strip()}"
    step = _step(record, voter, "break-glass", reason)
    step.fields |= {"state": ChangeState.APPROVED.value, "skipped": words, "reviewed_by": ""}
    step.vote = _vote(record, voter, DecisionKind.OVERRIDE, voter.roles)
    told = dict.fromkeys((record.requester.id, *skipped))
    told.pop(voter.id, None)
    step.tell = (f"{words}. Somebody else has to review it: “change review {record.id}”.", tuple(told))
    return step


def review(record: ChangeRecord, voter: Approver, reason: str = "") -> Transition:
    """Somebody else has looked at what went ahead without approval."""
    if not record.skipped:
        raise InputError(f"{record.id} went the normal way: there is nothing to review.", _story_hint(record))
    if record.reviewed_by:
        raise InputError(f"{record.id} was reviewed by {record.reviewed_by} already.", _story_hint(record))
    if voter.roles.isdisjoint(record.need.roles):
        anyone = " or ".join(sorted(record.need.roles))
        sentence = f"To review {record.id} takes one of the roles that could have approved it: {anyone}."
        raise guards.refusal(voter, sentence, "“whoami” shows those that you have.")
    if voter.id == record.overridden_by:
        raise Denied(
            "Whoever went ahead without approval does not review it.",
            "Ask somebody who could have approved it.",
        )
    step = _step(record, voter, "reviewed", reason)
    step.fields["reviewed_by"] = voter.name
    step.tell = (f"{voter.name} reviewed it{_because(reason)}", ())
    return step


def settle(
    record: ChangeRecord, voter: Approver, *, ran: bool, reason: str = "", may_ask: bool = False
) -> Transition:
    """A person says whether a change whose outcome is unknown has happened."""
    if record.state is not ChangeState.UNKNOWN:
        raise InputError(f"{record.id} is {record.state}: there is nothing to settle.", _story_hint(record))
    guards.has_a_say(record, voter, "say so", may_ask=may_ask)
    if ran:
        # It goes on to be followed and read back, as if the answer had arrived.
        step = _step(record, voter, "said to have run", reason)
        step.fields |= {"state": ChangeState.RUNNING.value, "progress": f"{voter.name} says that it ran"}
        step.fields |= {"result": "", "said_ran": voter.name}
        step.accepted = True
        step.tell = (f"{voter.name} says that it ran{_because(reason)}", ())
        return step
    words = f"{voter.name} says that it did not run{_because(reason)}"
    return _end(record, voter, ChangeState.FAILED, words)


def expire(record: ChangeRecord, now: datetime, policy: str) -> Transition | None:
    """Nobody decided in time. None while there is time."""
    if record.state is not ChangeState.PROPOSED or now < record.expires_at:
        return None
    bot = Approver(
        id="",
        name="Nobody",
        team=record.requester.team,
        actor="bot",
        roles=frozenset(),
        channel="",
        trace=record.id,
        policy=policy,
        at=now,
    )
    return _end(record, bot, ChangeState.EXPIRED, "Nobody decided in time")


def _end(record: ChangeRecord, voter: Approver, state: ChangeState, words: str) -> Transition:
    step = _step(record, voter, state.value, words)
    step.fields |= {"state": state.value, "result": words, "progress": "", "ended_at": voter.at}
    # Whoever ends their own request knows it; everybody else's word has to reach the requester.
    step.tell = (f"{words}.", () if voter.id == record.requester.id else (record.requester.id,))
    return step


def _vote(record: ChangeRecord, voter: Approver, word: DecisionKind, roles: frozenset[str]) -> Vote:
    return Vote(voter=voter.id, name=voter.name, word=word, roles=roles, digest=record.digest, at=voter.at)


def _because(reason: str) -> str:
    return f": {reason.strip()}" if reason.strip() else ""


def _missing_words(record: ChangeRecord) -> str:
    if not record.missing():
        return "That is all that was needed."
    return f"Still needed: {record.still_needed}."


def _step(record: ChangeRecord, voter: Approver, outcome: str, detail: str = "") -> Transition:
    entry = AuditEntry(
        at=voter.at,
        kind="decision",
        trace=voter.trace,
        team=voter.team,
        actor=voter.actor,
        channel=voter.channel,
        command=record.plan.command,
        text=record.plan.action,
        outcome=outcome,
        detail=detail,
        change=record.id,
        digest=record.digest,
        roles=" ".join(sorted(voter.roles)),
        rule=record.need.rule,
        policy=voter.policy,
        clusters=frozenset({record.plan.target.id} - {""}),
    )
    return Transition(at=voter.at, entry=entry)


def _story_hint(record: ChangeRecord) -> str:
    return f"“change show {record.id}” says how it stands."
