"""Requirements that a change must satisfy before it runs, as app.yaml states them and changes store them."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from bot.domain.errors import BadArgument
from bot.domain.phrases import join_names
from bot.domain.times import parse_clock, parse_duration

EXPIRES = timedelta(hours=24)

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
    if not isinstance(value, str) or value.startswith("P"):
        return value  # ISO 8601, as stored changes have it
    try:
        return parse_duration(value)
    except BadArgument:
        raise ValueError("it must be a duration such as 24h or 3d") from None


_all_zones = cache(available_timezones)
"""Walks the whole zone database on the disk, 20 ms each time."""


def _parse_clock(value: object) -> object:
    """`8:00` and `6pm` as 08:00 and 18:00, which compare as text."""
    found = parse_clock(value) if isinstance(value, str) else None
    return value if found is None or found.second else f"{found:%H:%M}"


def _check_zone(value: str) -> str:
    if value not in _all_zones():
        raise ValueError("it must be the name of a time zone, such as Europe/Berlin")
    return value


def _check_role(role: str) -> str:
    if role in _OF_ITSELF:
        raise ValueError(f"nobody can be put into {role}: {_OF_ITSELF[role]}")
    return role


_OF_ITSELF = {
    "owner": "who has it follows from the cluster (owner under clusters)",
    "everyone": "all full members have it, no guest",
}
"""Roles that cannot be assigned: under `people` they would hold on every cluster, and for guests."""

Role = Annotated[str, AfterValidator(_check_role)]
Duration = Annotated[timedelta, BeforeValidator(_parse_length)]
Zone = Annotated[str, BeforeValidator(_check_zone)]
Count = Annotated[int, Field(ge=1, le=20)]
_Clock = Annotated[
    str, BeforeValidator(_parse_clock), StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")
]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


class ChangeFreeze(_Frozen):
    """A change freeze: hours in which nothing runs that needs approval, in `zone`; `until` is excluded."""

    days: tuple[Day, ...] = DAYS
    since: Annotated[_Clock, Field(alias="from")] = "00:00"
    until: Annotated[_Clock, Field(alias="to")] = "24:00"
    zone: Zone = "UTC"

    @model_validator(mode="after")
    def _in_order(self) -> "ChangeFreeze":
        if self.since >= self.until:
            raise ValueError("from must be before to; a freeze over midnight is two")
        return self

    def words(self) -> str:
        """Return the freeze in words: `sat and sun, 00:00 to 24:00 (Europe/Berlin)`."""
        days = "every day" if len(self.days) == len(DAYS) else join_names(self.days)
        return f"{days}, {self.since} to {self.until} ({self.zone})"

    def covers(self, at: datetime) -> bool:
        """Return whether the freeze is in force at this time."""
        local = at.astimezone(ZoneInfo(self.zone))
        clock = f"{local:%H:%M}"
        return DAYS[local.weekday()] in self.days and self.since <= clock < self.until

    def ends(self, at: datetime) -> datetime:
        """Return the end of the freeze that covers `at`, in its own zone."""
        local = at.astimezone(ZoneInfo(self.zone))
        if self.until == "24:00":
            return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return datetime.combine(local.date(), time.fromisoformat(self.until), local.tzinfo)


class ApprovalRequirement(_Frozen):
    """The condition for running a change. For `approval`: a number of approvals per role, and an expiry.

    `roles` are those of app.yaml, and `owner` of the cluster. `own_vote` lets the requester approve, except
    for destructive changes. `break_glass` are the roles that may run it without approval. `rule` names the
    approval rule that it comes from.
    """

    kind: RequirementKind = RequirementKind.CONFIRM
    roles: dict[str, Count] = Field(default_factory=dict)
    expires: Duration = EXPIRES
    reason: bool = False
    own_vote: bool = False
    freeze: tuple[ChangeFreeze, ...] = ()
    break_glass: tuple[str, ...] = ()
    rule: str = "default"

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
        """Return the freezes in words; empty without any."""
        return "; ".join(each.words() for each in self.freeze)

    def words(self) -> str:
        """Return the requirement in words: `approval by 2 dba and 1 owner`."""
        if self.kind is not RequirementKind.APPROVAL:
            return {
                RequirementKind.NONE: "nothing",
                RequirementKind.CONFIRM: "a confirmation",
                RequirementKind.NAME: "the cluster's name, typed",
            }[self.kind]
        return "approval by " + " and ".join(f"{count} {role}" for role, count in self.roles.items())


def combine_requirements(one: ApprovalRequirement, other: ApprovalRequirement) -> ApprovalRequirement:
    """Return the heavier of two requirements with the conditions of the other; `one` where they are equal.

    The kind decides, then the number of approvals, then whether the requester may approve. The roles are
    those of the heavier one alone. The lighter one adds its other conditions: a reason, its freezes, no
    approval by the requester, no break-glass where it allows none. `rule` then names both.
    """
    more, less = sorted((one, other), key=_weigh, reverse=True)
    kept: dict[str, object] = {
        "reason": more.reason or less.reason,
        "freeze": tuple(dict.fromkeys((*more.freeze, *less.freeze))),
    }
    if less.kind is RequirementKind.APPROVAL:
        kept["own_vote"] = more.own_vote and less.own_vote
        kept["break_glass"] = tuple(role for role in more.break_glass if role in less.break_glass)
    both = more.model_copy(update=kept)
    return more if both == more else both.model_copy(update={"rule": _both_rules(more, less)})


def _weigh(need: ApprovalRequirement) -> tuple[int, int, bool]:
    return need.kind.weight, sum(need.roles.values()), not need.own_vote


def _both_rules(more: ApprovalRequirement, less: ApprovalRequirement) -> str:
    return more.rule if more.rule == less.rule else f"{more.rule}, with the conditions of {less.rule}"
