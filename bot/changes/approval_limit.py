"""Limits of decisions: their age when the change is sent, and the growth of the data loss meanwhile."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.audit.lineage_store import DecisionCut
from bot.changes.record import ChangeRecord, Vote
from bot.domain.approval_requirement import ApprovalRequirement, RequirementKind
from bot.domain.plan import Plan
from bot.domain.times import format_full_span, in_both
from bot.runtime.clock import Clock

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
