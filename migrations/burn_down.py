"""The burn-down: clusters by presence and verdicts on each day, forecasts of when none is left, and the
deadline: the days that are left, and how often owners are reminded of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Literal

from bot.domain.migration_records import ClusterVerdict, StoredVerdict
from bot.domain.phrases import format_count
from migrations.clients import ClientState
from migrations.readiness import Readiness
from migrations.v2_presence import PresenceState


class AfterV1(StrEnum):
    """The presence in v2 of a cluster that v1 no longer shows."""

    MOVED = "only in v2"  # whether that is a migration is for people to say
    REPLACED = "only a probable successor in v2"  # v2 does not show its id, but another one
    GONE = "in neither"


Standing = PresenceState | AfterV1

STANDINGS: tuple[Standing, ...] = (*PresenceState, *AfterV1)

WINDOW_DAYS = 28
"""The forecast is drawn through this many days."""

MIN_DAYS = 7
MIN_RUN_DAYS = 3
"""Less than this says nothing about where it is going."""

MAX_FORECAST_DAYS = 3 * 365
"""A date beyond this is not a forecast."""

REMINDERS = ((90, timedelta(days=30)), (30, timedelta(days=7)))
"""More than so many days before the deadline, owners of blocked clusters are mentioned so often; from then on
daily."""

DAILY = timedelta(days=1)

IN_V1 = frozenset(PresenceState)


@dataclass(frozen=True, slots=True)
class BurnDownDay:
    """Clusters by presence at the end of a day, and by both verdicts those that v1 still shows."""

    day: date
    standings: Mapping[str, int]
    verdicts: Mapping[str, int]
    clients: Mapping[str, int] = field(default_factory=dict)

    @property
    def pending(self) -> int:
        """Clusters that v2 did not show, as far as anybody could tell."""
        return self.standings.get(PresenceState.PENDING, 0)

    @property
    def undetermined(self) -> int:
        """Clusters that could not be judged, such as those of a region that did not respond."""
        return self.standings.get(PresenceState.UNDETERMINED, 0)

    @property
    def unsettled(self) -> int:
        """Clusters that may be pending: a region that did not respond moves none of them."""
        return self.pending + self.undetermined

    @property
    def unready(self) -> int:
        """Clusters of v1 that are not ready, the inconclusive among them."""
        return sum(self.verdicts.values()) - self.verdicts.get(Readiness.READY, 0)

    @property
    def on_v1(self) -> int | None:
        """Clusters whose clients are not known to be off v1; None where an earlier release did not ask."""
        return (
            None
            if self.clients.get("")
            else sum(self.clients.values()) - self.clients.get(ClientState.OFF_V1, 0)
        )


@dataclass(frozen=True, slots=True)
class BurnDownGoal:
    """A number of clusters that is to fall to none. `name` has the word clusters once; `done` says in words
    that none is left."""

    key: Literal["pending", "ready_for_v2", "clients_off_v1"]
    name: str
    count: Callable[[BurnDownDay], int | None]
    done: str


PENDING = BurnDownGoal("pending", "pending clusters", lambda each: each.unsettled, "no cluster is pending")
READY_FOR_V2 = BurnDownGoal(
    "ready_for_v2",
    "clusters not ready for v2",
    lambda each: each.unready,
    "every v1 cluster is ready for v2",
)
CLIENTS_OFF_V1 = BurnDownGoal(
    "clients_off_v1",
    "clusters whose clients may still use v1",
    lambda each: each.on_v1,
    "all clients have left v1",
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day on which a goal is reached, or None, and why. `pace` is clusters a day, `left` those that were
    left on the day `since`; None where nothing can be told."""

    day: date | None
    why: str
    left: int = 0
    pace: float | None = None
    since: date = date.min

    def left_on(self, day: date) -> int | None:
        """Return the clusters that are left on a day at this pace; None where nothing can be told."""
        if self.pace is None:
            return None
        return max(0, ceil(self.left - max(0.0, self.pace) * (day - self.since).days))


def build_burn_down(entries: Sequence[StoredVerdict], now: datetime, days: int) -> tuple[BurnDownDay, ...]:
    """Return the last `days` days up to today, beginning with the first that has an entry. Days are UTC."""
    if not entries:
        return ()
    today = now.astimezone(UTC).date()
    first = max(entries[0].at.astimezone(UTC).date(), today - timedelta(days=days - 1))
    waiting, newest, found = iter(entries), dict[str, ClusterVerdict](), []
    upcoming = next(waiting, None)
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        while upcoming is not None and upcoming.at.astimezone(UTC).date() <= day:
            newest[upcoming.verdict.cluster_id] = upcoming.verdict
            upcoming = next(waiting, None)
        found.append(_summarize_day(day, newest.values()))
    return tuple(found)


def latest_verdicts(entries: Sequence[StoredVerdict], day: date) -> tuple[ClusterVerdict, ...]:
    """Return the latest verdict of each cluster up to that day."""
    newest = {
        each.verdict.cluster_id: each.verdict for each in entries if each.at.astimezone(UTC).date() <= day
    }
    return tuple(newest.values())


def count_pending(said: Iterable[ClusterVerdict], group: Callable[[ClusterVerdict], str]) -> dict[str, int]:
    """Count pending clusters by `group`."""
    return dict(Counter(group(each) for each in said if each.standing == PresenceState.PENDING))


def make_forecast(
    days: Sequence[BurnDownDay],
    looks: Iterable[datetime],
    entries: Iterable[StoredVerdict] = (),
    goal: BurnDownGoal = PENDING,
) -> Forecast:
    """Fit a straight line through the number of a goal, on the days of the window that have a run.

    It begins when the newest contract among the `entries` came in: before, the days count other clusters.
    """
    looked = {at.astimezone(UTC).date() for at in looks}
    began, newest = _find_newest_contract(entries)
    counted = [(each.day, goal.count(each)) for each in days[-WINDOW_DAYS:] if each.day in looked]
    window = [(day, left) for day, left in counted if day >= began and left is not None]
    if not window:
        return Forecast(None, "no run in the last 28 days")
    last, left = window[-1]
    if left == 0:
        return Forecast(None, goal.done, pace=0.0, since=last)
    span = (last - window[0][0]).days
    if len(window) < MIN_RUN_DAYS or span < MIN_DAYS:
        since = f" since contract {newest} was added" if newest else ""
        return Forecast(
            None, f"it needs runs on {MIN_RUN_DAYS} different days, over at least {MIN_DAYS} days{since}"
        )
    pace = -_slope(window)
    known = Forecast(None, f"the number of {goal.name} is not going down", left, pace, last)
    if pace <= 0:
        return known
    if left / pace > MAX_FORECAST_DAYS:
        return replace(known, why="at this pace it would take more than three years")
    reached = last + timedelta(days=round(left / pace))
    return replace(known, day=reached, why=f"{pace * 7:.1f} clusters a week over the last {span} days")


def describe_deadline(deadline: date, today: date) -> str:
    """Say how many days are left, or that the deadline has passed. Both days are UTC."""
    days = (deadline - today).days
    when = f"in {format_count(days, 'day')}" if days else "today"
    if days < 0:
        when = f"over: it passed {format_count(-days, 'day')} ago"
    return f"The deadline of the migration, {deadline:%Y-%m-%d}, is {when}."


def reminder_period(deadline: date, today: date) -> timedelta:
    """Return how often owners of blocked clusters are mentioned: more often the nearer the deadline is."""
    days = (deadline - today).days
    return next((period for more_than, period in REMINDERS if days > more_than), DAILY)


def compare_with_deadline(
    expected: Sequence[tuple[BurnDownGoal, Forecast]], deadline: date, today: date
) -> list[str]:
    """Say for each goal how many clusters miss the deadline at today's pace; nothing once it has passed."""
    if today > deadline:
        return []
    return [_compare_goal(goal, each.left_on(deadline), deadline) for goal, each in expected]


def _compare_goal(goal: BurnDownGoal, left: int | None, deadline: date) -> str:
    if left is None:
        return f"No forecast yet for {goal.name} on {deadline:%Y-%m-%d}."
    name = goal.name.replace("clusters", "cluster", 1) if left == 1 else goal.name
    return f"At this pace, {f'{left:,}' if left else 'no'} {name} will be left on {deadline:%Y-%m-%d}."


def _find_newest_contract(entries: Iterable[StoredVerdict]) -> tuple[date, str]:
    """Return the contract that came in last, and the day; an empty name where all came in on one day."""
    first: dict[str, date] = {}
    for each in entries:
        first.setdefault(each.verdict.contract, each.at.astimezone(UTC).date())
    contract = max(first, key=lambda name: first[name], default="")
    return first.get(contract, date.min), contract if len(set(first.values())) > 1 else ""


def _slope(window: Sequence[tuple[date, int]]) -> float:
    """Return clusters a day, by least squares."""
    points = [((day - window[0][0]).days, left) for day, left in window]
    middle = sum(x for x, _ in points) / len(points)
    height = sum(y for _, y in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * (y - height) for x, y in points) / spread


def _summarize_day(day: date, said: Iterable[ClusterVerdict]) -> BurnDownDay:
    known = list(said)
    return BurnDownDay(
        day,
        Counter(each.standing for each in known),
        Counter(each.verdict for each in known if each.standing in IN_V1),
        Counter(each.clients for each in known if each.standing in IN_V1),
    )
