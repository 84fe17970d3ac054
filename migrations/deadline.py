"""The deadline of the move to v2: the days that are left, and how often owners are reminded of it."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.domain.phrases import format_count
from migrations.burn_down import BurnDownGoal, Forecast

REMINDERS = ((90, timedelta(days=30)), (30, timedelta(days=7)))
"""More than so many days before the deadline, owners of blocked clusters are mentioned so often; from then on
daily."""

DAILY = timedelta(days=1)


def describe_deadline(deadline: date, today: date) -> str:
    """Say how many days are left, or that the deadline has passed. Both days are UTC."""
    days = (deadline - today).days
    when = "today"
    if days > 0:
        when = f"in {format_count(days, 'day')}"
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
