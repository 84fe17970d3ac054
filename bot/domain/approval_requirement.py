"""Requirements that a change must satisfy before it runs, as app.yaml states them and changes store them."""

from contextlib import suppress
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from bot.domain.closed_choices import spelled_freely
from bot.domain.errors import BadArgument
from bot.domain.phrases import join_names
from bot.domain.quorum import describe_approvals
from bot.domain.stored_values import FrozenModel
from bot.domain.time_words import parse_clock
from bot.domain.times import parse_duration

EXPIRES = timedelta(hours=24)

EXTRA_LOSS = timedelta(minutes=15)
"""Growth of the data loss that an approval allows where no condition says otherwise."""

MOST_IN_A_ROW = 31
"""Adjoining freezes that are followed from one into the next, such as the days of a closed season."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class RequirementKind(StrEnum):
    """Kinds of requirement, from the lightest to the heaviest."""

    NONE = "none"
    CONFIRM = "confirm"
    NAME = "type the name"
    APPROVAL = "approval"

    @property
    def weight(self) -> int:
        """Position in the order: a heavier kind asks for more."""
        return list(RequirementKind).index(self)


def _parse_length(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("it must be a duration with a unit, such as 24h or 3d")  # noqa: TRY004 - pydantic's
    if not isinstance(value, str) or value.startswith("P"):
        return value  # ISO 8601, as stored changes have it
    try:
        return parse_duration(value)
    except BadArgument:
        raise ValueError("it must be a duration such as 24h or 3d") from None


def _parse_clock(value: object) -> object:
    """`8:00` and `6pm` as 08:00 and 18:00, which compare as text."""
    found = parse_clock(value) if isinstance(value, str) else None
    return value if found is None or found.second else f"{found:%H:%M}"


def _check_zone(value: object) -> object:
    # To list all zones takes 20 ms. Lists leave out the further copies of the database in posix and right/.
    with suppress(OSError, ValueError, LookupError):
        if isinstance(value, str) and not value.startswith(("posix", "right/")) and ZoneInfo(value):
            return value
    raise ValueError("it must be the name of a time zone, such as Europe/Berlin")


def _check_role(role: str) -> str:
    if role in _OF_ITSELF:
        raise ValueError(f"the role {role} can't be assigned: {_OF_ITSELF[role]}")
    return role


_OF_ITSELF = {
    "owner": "each cluster has its own (owner under clusters)",
    "everyone": "all full members have it, and guests do not",
}
"""Roles that cannot be assigned: under `people` they would hold on every cluster, and for guests."""

Role = Annotated[str, AfterValidator(_check_role)]
Duration = Annotated[timedelta, BeforeValidator(_parse_length)]
Zone = Annotated[str, BeforeValidator(_check_zone)]
BreakGlassBy = Literal["another", "requester"]
"""Who may use break-glass on a change: anybody with the role but its requester, or also the requester."""
_Clock = Annotated[
    str, BeforeValidator(_parse_clock), StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")
]


class _Frozen(FrozenModel):
    model_config = ConfigDict(populate_by_name=True)


class ChangeFreeze(_Frozen):
    """A change freeze: hours in which nothing runs that needs approval, in `zone`; `until` is excluded."""

    days: Annotated[tuple[Day, ...], spelled_freely(Day)] = DAYS
    since: Annotated[_Clock, Field(alias="from")] = "00:00"
    until: Annotated[_Clock, Field(alias="to")] = "24:00"
    zone: Zone = "UTC"

    @model_validator(mode="after")
    def _in_order(self) -> "ChangeFreeze":
        if self.since >= self.until:
            raise ValueError("from must be before to; split a freeze over midnight into two")
        return self

    def words(self) -> str:
        """Return the freeze in words: `sat and sun, 00:00 to 24:00 (Europe/Berlin)`."""
        days = "every day" if len(self.days) == len(DAYS) else join_names(self.days)
        return f"{days}, {self.since} to {self.until} ({self.zone})"

    def covers(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.zone))
        clock = f"{local:%H:%M}"
        return DAYS[local.weekday()] in self.days and self.since <= clock < self.until

    def ends(self, at: datetime) -> datetime:
        """Return the end of the freeze that covers `at`, in its own zone."""
        local = at.astimezone(ZoneInfo(self.zone))
        if self.until == "24:00":
            return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return datetime.combine(local.date(), time.fromisoformat(self.until), local.tzinfo)


class ApprovalCondition(_Frozen):
    """One condition for running a change, from one rule. For `approval`: a number of approvals per role.

    `roles` are those of app.yaml, `owner` of the cluster, and Slack ids. `own_vote` lets the requester
    approve, except for destructive changes. `break_glass` are the roles that may run it without approval;
    `break_glass_by` says whether the requester may be the one. With `step_up`, decisions about destructive
    changes need a code that is sent to the person. `valid_for` is how long a decision is good before the
    change is sent, `extra_loss` by how much its data loss may grow meanwhile; None adds no limit. `rule` is
    the name of the rule that it comes from.
    """

    kind: RequirementKind = RequirementKind.CONFIRM
    roles: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    expires: Duration = EXPIRES
    reason: bool = False
    own_vote: bool = False
    freeze: tuple[ChangeFreeze, ...] = ()
    break_glass: tuple[str, ...] = ()
    # What conditions of earlier releases mean; rules say otherwise.
    break_glass_by: BreakGlassBy = "requester"
    step_up: bool = False
    valid_for: Duration | None = None
    extra_loss: Duration | None = None
    rule: str = "default"

    def implies(self, other: "ApprovalCondition") -> bool:
        """Return whether whatever satisfies this condition satisfies the other one as well."""
        held = (
            self.kind.weight >= other.kind.weight
            and self.expires <= other.expires
            and self.reason >= other.reason
            and self.step_up >= other.step_up
            and (self.valid_for or _NO_LIMIT) <= (other.valid_for or _NO_LIMIT)
            and (self.extra_loss or _NO_LIMIT) <= (other.extra_loss or _NO_LIMIT)
            and set(self.freeze) >= set(other.freeze)
        )
        if other.kind is RequirementKind.NAME and self.kind is RequirementKind.APPROVAL:
            return held and not self.own_vote  # else the requester's click would stand in for the typed name
        if other.kind is not RequirementKind.APPROVAL or not held:
            return held
        return (
            all(self.roles.get(role, 0) >= count for role, count in other.roles.items())
            and self.own_vote <= other.own_vote
            and set(self.break_glass) <= set(other.break_glass)
            and other.break_glass_by in {self.break_glass_by, "requester"}
        )

    def words(self) -> str:
        """Return the condition in words: `2 DBA approvals and 1 owner approval`."""
        if self.kind is RequirementKind.APPROVAL:
            return describe_approvals(role for role, count in self.roles.items() for _ in range(count))
        return _WORDS[self.kind]

    def audit_words(self) -> str:
        """Return the condition in the words that the audit log stores, and that evidence is checked by."""
        if self.kind is RequirementKind.APPROVAL:
            return "approval by " + " and ".join(f"{count} {role}" for role, count in self.roles.items())
        return _AUDIT_WORDS[self.kind]


_NO_LIMIT = timedelta.max

_WORDS = {
    RequirementKind.NONE: "nothing",
    RequirementKind.CONFIRM: "a confirmation",
    RequirementKind.NAME: "a confirmation with the cluster's name",
}
_AUDIT_WORDS = {**_WORDS, RequirementKind.NAME: "the cluster's name, typed"}


class ApprovalRequirement(_Frozen):
    """The conditions for running a change; all must hold, and there is at least one.

    Confirming, typing the name and approval are ordered: what is approved needs no confirmation. Each
    approval condition is satisfied on its own: one vote may count for several, and in each it takes one seat.

    One condition is stored as earlier releases stored the whole requirement, without the list around it.
    """

    conditions: Annotated[tuple[ApprovalCondition, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _read_single(cls, stored: Any) -> Any:
        return (
            {"conditions": (stored,)} if isinstance(stored, dict) and "conditions" not in stored else stored
        )

    @model_serializer(mode="wrap")
    def _write_single(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        whole: dict[str, Any] = dump(self)
        return whole["conditions"][0] if len(self.conditions) == 1 else whole

    @classmethod
    def of(cls, *conditions: ApprovalCondition) -> "ApprovalRequirement":
        """Return the requirement that all of these hold; what another one implies is left out."""
        kept: list[ApprovalCondition] = []
        for each in conditions:
            if not any(other.implies(each) for other in kept):
                kept = [*(other for other in kept if not each.implies(other)), each]
        return cls(conditions=tuple(kept))

    def union(self, *others: "ApprovalRequirement") -> "ApprovalRequirement":
        """Return the requirement that this one and all the others hold."""
        return self.of(*self.conditions, *(each for other in others for each in other.conditions))

    def because(self, why: str) -> "ApprovalRequirement":
        """Return the requirement with a reason behind the name of each rule."""
        return self.of(*(each.model_copy(update={"rule": f"{each.rule}{why}"}) for each in self.conditions))

    def at_least(self, kind: RequirementKind) -> "ApprovalRequirement":
        """Return the requirement with its first condition raised to this kind, unless it is of that kind or
        a higher one."""
        if self.kind.weight >= kind.weight:
            return self
        first, *others = self.conditions
        return self.of(first.model_copy(update={"kind": kind}), *others)

    @property
    def kind(self) -> RequirementKind:
        return max((each.kind for each in self.conditions), key=lambda kind: kind.weight)

    @property
    def approvals(self) -> tuple[ApprovalCondition, ...]:
        return tuple(each for each in self.conditions if each.kind is RequirementKind.APPROVAL)

    @property
    def deciding(self) -> tuple[ApprovalCondition, ...]:
        """The conditions that somebody still has to do something for: those of the highest kind."""
        return tuple(each for each in self.conditions if each.kind is self.kind)

    @property
    def roles(self) -> frozenset[str]:
        """Every role that may approve in any condition."""
        return frozenset(role for each in self.approvals for role in each.roles)

    @property
    def expires(self) -> timedelta:
        """The shortest time in which it has to be decided."""
        return min(each.expires for each in self.conditions)

    @property
    def valid_for(self) -> timedelta:
        """The shortest time for which a decision is good before the change is sent."""
        stated = (each.valid_for for each in self.conditions if each.valid_for)
        return min(stated, default=min(self.expires, EXPIRES))

    @property
    def extra_loss(self) -> timedelta:
        """The least growth of the data loss that a decision allows."""
        return min((each.extra_loss for each in self.conditions if each.extra_loss), default=EXTRA_LOSS)

    @property
    def freeze(self) -> tuple[ChangeFreeze, ...]:
        return tuple(dict.fromkeys(freeze for each in self.conditions for freeze in each.freeze))

    @property
    def break_glass(self) -> tuple[str, ...]:
        """The roles that every approval condition lets run the change without approval."""
        first, *others = self.approvals or (ApprovalCondition(),)
        return tuple(role for role in first.break_glass if all(role in each.break_glass for each in others))

    @property
    def requester_may_break_glass(self) -> bool:
        """Return whether every approval condition lets the requester use break-glass."""
        return all(each.break_glass_by == "requester" for each in self.approvals)

    @property
    def step_up(self) -> bool:
        """Return whether decisions about a destructive change need a code."""
        return any(each.step_up for each in self.conditions)

    def counts_own_vote(self, condition: ApprovalCondition) -> bool:
        """Return whether the requester's approval counts for this condition of a change that is not
        destructive. It does not stand in for a name that another rule wants typed."""
        return condition.own_vote and all(each.kind is not RequirementKind.NAME for each in self.conditions)

    @property
    def rule(self) -> str:
        """The rules of the deciding conditions: `approval rule 1; approval rule 3`."""
        return "; ".join(dict.fromkeys(each.rule for each in self.deciding))

    def words(self) -> str:
        """Return the requirement in words: `2 DBA approvals, and 1 owner approval`."""
        return ", and ".join(dict.fromkeys(each.words() for each in self.deciding))

    def audit_words(self) -> str:
        return ", and ".join(dict.fromkeys(each.audit_words() for each in self.deciding))

    def frozen_until(self, at: datetime) -> datetime | None:
        """Return the end of the freeze in force and of those that adjoin it; None without a freeze.

        Where freezes adjoin without end, return the end of the last one followed.
        """
        end = self._end(at)
        for _ in range(MOST_IN_A_ROW):
            further = self._end(end) if end is not None else None
            if further is None:
                break
            end = further
        return end

    def _end(self, at: datetime) -> datetime | None:
        return max((each.ends(at) for each in self.freeze if each.covers(at)), default=None)

    def freezes(self) -> str:
        return "; ".join(each.words() for each in self.freeze)
