"""Checks of decisions: who decides, what is missing, how long each counts, and the code that it may need.

Codes are in memory alone. After a restart, or in another process, people ask for a new one.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from bot.access.policy import unread_groups_error
from bot.audit.lineage_store import DecisionCut
from bot.changes.record import ChangeRecord, ChangeState, Vote
from bot.domain.approval_requirement import ApprovalRequirement, RequirementKind
from bot.domain.errors import Denied, InputError
from bot.domain.plan import Harm, Plan
from bot.domain.redaction import forget_secrets, remember_secrets
from bot.domain.times import format_full_span, in_both
from bot.runtime.clock import Clock


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


MAX_REMEMBERED = 10_000
"""Decisions whose age this process remembers; beyond them the earliest are forgotten."""


def find_allowed_age(record: ChangeRecord, need: ApprovalRequirement, plan: Plan | None = None) -> timedelta:
    """Return how old a decision may be when this plan is sent, by default the change's own.

    Where data is lost from a fixed time on, the loss grows as fast as the decision ages.
    """
    end = (plan or record.plan).loses_after
    if end is None:
        return need.valid_for
    return min(need.valid_for, need.extra_loss + (end - (record.plan.loses_after or end)))


def is_good(record: ChangeRecord, vote: Vote, at: datetime) -> bool:
    """Return whether a vote is not too old yet to let the change be sent, by its own requirement."""
    return at <= vote.at + find_allowed_age(record, record.need)


def describe_terms(record: ChangeRecord) -> str:
    """Say how long a decision about a change will be good."""
    return f"Each decision is valid for {_allowed_words(record, find_allowed_age(record, record.need))}"


def describe_limit(record: ChangeRecord) -> str:
    """Say until when the decisions about a change let it be sent."""
    until = in_both(
        record.first_decided_at + find_allowed_age(record, record.need), record.requester.time_zone
    )
    return f"If it isn't sent by {until}, it needs new decisions"


ASKS_THEN = ", then needs new decisions"
"""In the progress of a change that a freeze holds for longer than its decisions are good."""


def describe_freeze(record: ChangeRecord, until: datetime) -> str:
    """Say until when a change freeze holds a change, and whether it has to ask again then."""
    zone = record.requester.time_zone
    words = f"Held by a change freeze until {in_both(until, zone)}"
    limit = record.first_decided_at + find_allowed_age(record, record.need)
    return f"{words}{ASKS_THEN}: they were valid until {in_both(limit, zone)}" if until > limit else words


def _allowed_words(record: ChangeRecord, allowed: timedelta) -> str:
    of_loss = record.plan.loses_after is not None and allowed < record.need.valid_for
    return format_full_span(allowed) + " of further data loss" * of_loss


@dataclass(slots=True)
class DecisionAges:
    """The ages of decisions. Setting the clock back while this process runs makes none younger.

    They count from when the time was known for the first time: a clock may be wrong at the start.
    """

    clock: Clock
    cut: DecisionCut | None = None
    _started: tuple[datetime, float] | None = None
    _seen: dict[tuple[str, str], float] = field(default_factory=dict)
    """Monotonic seconds of decisions, by change and person; nobody's is the proposal itself."""

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> tuple[datetime, float]:
        """Return a time, and the monotonic seconds of it: the first that are known."""
        now, doubt = (self.clock.now(), self.clock.monotonic()), self.clock.doubt
        if self._started is None and (doubt is None or doubt.is_known):
            self._started = now
        return self._started or now

    def note(self, change_id: str, voter: str = "") -> None:
        """Remember that a person has just decided, or that a change was proposed that needs nothing."""
        self._seen[change_id, voter] = self.clock.monotonic()
        if len(self._seen) > MAX_REMEMBERED:
            del self._seen[next(iter(self._seen))]

    def describe_lapse(self, record: ChangeRecord, allowed: timedelta) -> str:
        """Say why the decisions about a change no longer let it be sent; empty where they do."""
        now, ticks = self.clock.now(), self.clock.monotonic()
        start, start_ticks = self._start()
        oldest = timedelta()
        verb = {RequirementKind.APPROVAL: "approved", RequirementKind.NONE: "requested"}
        done = verb.get(record.need.kind, "confirmed")
        if self.cut is not None and record.first_decided_at <= self.cut.at:
            when = f"{self.cut.at:%Y-%m-%d %H:%M} UTC"
            return f"it was {done} before {when}, and it is unknown whether it has run: {self.cut.why}"
        for voter, at in record.decision_times:
            seen = self._seen.get((record.id, voter))
            if seen is None and at > start:
                return "the clock was set back after it was decided, so the age of the decision is unknown"
            before = (start - at).total_seconds()
            ticked = ticks - start_ticks + before if seen is None else ticks - seen
            oldest = max(oldest, now - at, timedelta(seconds=ticked))
        if oldest <= allowed:
            return ""
        words = _allowed_words(record, allowed)
        return f"it was {done} {format_full_span(oldest)} ago, and decisions are valid for {words}"


LIFETIME = timedelta(minutes=10)

MOST_TRIES = 5
"""Wrong codes after which the right one no longer counts."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Characters of codes: no two that are mistaken for each other when read."""


class CodeNeeded(Exception):
    """A decision about this change counts only with a code, and none was given."""

    def __init__(self, record: ChangeRecord) -> None:
        super().__init__(record.id)
        self.record = record


@dataclass(slots=True)
class _Issued:
    """A code, its end (UTC), and how often a wrong one may still be typed."""

    code: str
    until: datetime
    tries: int = MOST_TRIES


@dataclass(slots=True)
class StepUpCodes:
    """The codes that count now, by change and person: the last one that each was sent."""

    clock: Clock
    _issued: dict[tuple[str, str], _Issued] = field(default_factory=dict)

    def issue(self, change_id: str, person: str) -> str:
        """Return a new code, such as `K7QM-2PXF`, in place of the person's earlier one for this change."""
        now, own = self.clock.now(), (change_id, person)
        for key in [key for key, each in self._issued.items() if key == own or each.until <= now]:
            self._drop(key)
        code = "".join(secrets.choice(ALPHABET) for _ in range(8))
        self._issued[own] = _Issued(code, now + LIFETIME)
        remember_secrets(_spellings(code))
        return _spellings(code)[1]

    def is_issued(self, change_id: str, person: str) -> bool:
        """Return whether the person has a code for this change that is still valid."""
        issued = self._issued.get((change_id, person))
        return issued is not None and self.clock.now() < issued.until

    def take(self, record: ChangeRecord, person: str, typed: str) -> None:
        """Use up the code that a person typed. Raises CodeNeeded for none, and InputError for one that does
        not count."""
        code = "".join(each for each in typed.upper() if each.isalnum())
        if not code:
            raise CodeNeeded(record)
        key = (record.id, person)
        issued = self._issued.get(key)
        if issued is not None and compare_digest(code.encode(), issued.code.encode()):
            self._drop(key)
            if self.clock.now() < issued.until:
                return
        elif issued is not None:
            issued.tries -= 1
            if not issued.tries:
                self._drop(key)
        raise InputError(
            "This code is wrong, already used or expired.",
            "Leave out --code to get a new one.",
        )

    def _drop(self, key: tuple[str, str]) -> None:
        forget_secrets(_spellings(self._issued.pop(key).code))


def _spellings(code: str) -> tuple[str, str]:
    return code, f"{code[:4]}-{code[4:]}"
