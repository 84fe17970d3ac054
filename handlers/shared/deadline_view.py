"""The deadline of the migration as a part of a reply."""

from collections.abc import Sequence
from datetime import UTC, date

from bot.commands.context import Context
from bot.domain.reply import Part, Text
from handlers.shared.burn_down_records import GoalForecast
from migrations.burn_down import BurnDownGoal, Forecast, compare_with_deadline, describe_deadline


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
    return GoalForecast.of(goal, expected, deadline if is_ahead else None)


def _find_today(ctx: Context) -> date:
    return ctx.now().astimezone(UTC).date()
