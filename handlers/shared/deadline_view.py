"""The deadline of the migration as a part of a reply."""

from collections.abc import Sequence
from datetime import UTC

from bot.commands.context import Context
from bot.domain.reply import Part, Text
from migrations.burn_down import BurnDownGoal, Forecast
from migrations.deadline import compare_with_deadline, describe_deadline


def show_deadline(ctx: Context, expected: Sequence[tuple[BurnDownGoal, Forecast]] = ()) -> list[Part]:
    """Return the countdown, and how many clusters would miss the deadline; nothing without a deadline."""
    deadline = ctx.settings.migration.deadline
    if deadline is None:
        return []
    today = ctx.now().astimezone(UTC).date()
    lines = (describe_deadline(deadline, today), *compare_with_deadline(expected, deadline, today))
    return [Text("\n".join(lines))]
