"""The burn-down of the move to v2 for programs: counts by day, and forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Literal

from bot.commands.context import Context
from bot.domain.reply import Part, Text
from migrations.burn_down import (
    STANDINGS,
    BurnDownDay,
    BurnDownGoal,
    Forecast,
    Standing,
    compare_with_deadline,
    describe_deadline,
)
from migrations.clients import ClientState
from migrations.readiness import Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCounts:
    """Clusters by the verdict on their clients. `not_asked` are those of runs before there was one."""

    verdicts: dict[ClientState, int]
    not_asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """Known clusters at the end of a day (UTC), and by both verdicts those that v1 still showed."""

    day: date
    standings: dict[Standing, int]
    verdicts: dict[Readiness, int]
    clients: ClientCounts

    @classmethod
    def of(cls, counted: BurnDownDay) -> "DayCounts":
        return cls(
            day=counted.day,
            standings={each: counted.standings.get(each, 0) for each in STANDINGS},
            verdicts={each: counted.verdicts.get(each, 0) for each in Readiness},
            clients=ClientCounts(
                verdicts={each: counted.clients.get(each, 0) for each in ClientState},
                not_asked=counted.clients.get("", 0),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalForecast:
    """A forecast of the day on which no cluster is left before a goal, and why; null where there is none.

    `left` were left on the day `since`, and `pace_per_week` fewer are each week.
    """

    goal: Literal["pending", "ready_for_v2", "clients_off_v1"]
    day: date | None
    why: str
    since: date | None
    left: int | None
    pace_per_week: float | None
    left_on_deadline: int | None


def show_deadline(ctx: Context, expected: Sequence[tuple[BurnDownGoal, Forecast]] = ()) -> list[Part]:
    """Return the countdown, and how many clusters would miss the deadline; nothing without a deadline."""
    deadline = ctx.settings.migration.deadline
    if deadline is None:
        return []
    today = _find_today(ctx)
    lines = (describe_deadline(deadline, today), *compare_with_deadline(expected, deadline, today))
    return [Text("\n".join(lines))]


def record_forecast(ctx: Context, goal: BurnDownGoal, expected: Forecast) -> GoalForecast:
    """Return a forecast for programs; it says nothing of a deadline that has passed."""
    deadline = ctx.settings.migration.deadline
    is_ahead = deadline is not None and deadline >= _find_today(ctx)
    is_told = expected.pace is not None
    return GoalForecast(
        goal=goal.key,
        day=expected.day,
        why=expected.why,
        since=expected.since if is_told else None,
        left=expected.left if is_told else None,
        pace_per_week=None if expected.pace is None else round(expected.pace * 7, 2),
        left_on_deadline=expected.left_on(deadline) if deadline and is_ahead else None,
    )


def _find_today(ctx: Context) -> date:
    return ctx.now().astimezone(UTC).date()
