"""Activity around a planned change: other changes of the cluster, the last one, and maintenance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.changes.record import OPEN, ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.domain.cluster import Cluster
from bot.domain.maintenance_window import find_opening, is_open
from bot.domain.times import format_ago, format_span
from handlers.shared.cluster_change import describe_last_change

NEAR = timedelta(hours=4)
"""Time before a maintenance window from which on it is warned of."""


@dataclass(frozen=True, slots=True)
class ConcurrentActivity:
    """Warnings and notes shown with a plan, never part of its digest: they change with the clock."""

    warnings: tuple[str, ...]
    notes: tuple[str, ...]


async def find_concurrent_activity(cluster: Cluster, ctx: Context) -> ConcurrentActivity:
    """Return what approvers of a change of this cluster should know besides. Raises StoreError."""
    rows = ctx.changes.rows
    # Planned again, a change must not take itself for another one.
    others = [
        each
        for each in reversed(await rows.newest(OPEN))
        if each.plan.target.id == cluster.id and each.id != ctx.invocation.trace
    ]
    ahead = [each for each in others if each.plan.occupies and each.state is not ChangeState.PROPOSED]
    beside = [each for each in others if each not in ahead]
    window = _note_window(cluster, ctx)
    return ConcurrentActivity(
        warnings=(*(f"{_name_change(each)} {_AHEAD[each.state]}" for each in ahead), *window),
        notes=(
            *(f"{_name_change(each)} {_describe_open(each)}" for each in beside),
            describe_last_change(cluster, ctx.now()),
            *_through_us(await rows.of_cluster(cluster.id, [ChangeState.DONE]), ctx),
            *([f"Maintenance window: {cluster.maintenance}."] if cluster.maintenance and not window else []),
        ),
    )


_AHEAD = {
    ChangeState.APPROVED: "is approved and runs first. This change is then checked again.",
    ChangeState.RUNNING: "is running. This change waits until it ends, and is then checked again.",
    ChangeState.UNKNOWN: "has an unknown outcome. This change waits until someone records it.",
}


def _describe_open(other: ChangeRecord) -> str:
    if not other.plan.occupies:
        return "is open as well. The two changes don't affect each other."
    return "also waits for a decision. The change that runs second may need a new decision."


def _name_change(other: ChangeRecord) -> str:
    return f"{other.id} ({other.plan.action}, requested by {other.requester.name})"


def _through_us(done: Iterable[ChangeRecord], ctx: Context) -> tuple[str, ...]:
    """Name the newest change of the cluster through the bot: the API only tells whose token it was."""
    newest = max(done, key=lambda each: (each.proposed_at, each.id), default=None)
    if newest is None:
        return ()
    since = format_ago(newest.ended_at or ctx.now(), ctx.now())
    return (f"Last change through the bot: {_name_change(newest)}, {since}.",)


def _note_window(cluster: Cluster, ctx: Context) -> tuple[str, ...]:
    now = ctx.now()
    start = find_opening(cluster.maintenance, now)
    if start is None or start - now > NEAR:
        return ()
    when = "has been open since" if is_open(start, now) else f"opens in {format_span(start - now)}, at"
    return (f"The maintenance window {when} {ctx.format_time(start)}. IONOS may restart the cluster in it.",)
