"""Clusters that drills made, from their creation until their deletion was seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.changes.record import DELETED_AGAIN, ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.domain.cluster import Cluster, Listing
from bot.domain.reply import Choice, Choices, Column, Part, Table, wide
from bot.ionos.contract_client import may_hide

NOT_FOUND = "not found, deletion not confirmed"


@dataclass(frozen=True, slots=True)
class DrillCluster:
    """The cluster of a drill. `seen` is as a listing shows it, None where none does; `state` is in words."""

    drill: ChangeRecord
    state: str
    seen: Cluster | None = None

    @property
    def is_left(self) -> bool:
        """Return whether it may still be there although its drill is over."""
        return self.drill.state is not ChangeState.RUNNING and self.state != NOT_FOUND


async def find_drill_clusters(
    ctx: Context, may_see: Callable[[ChangeRecord], bool] | None = None, *, recent: bool = False
) -> Listing[DrillCluster]:
    """Return the clusters of drills whose deletion was not seen, the newest first, where the person may see
    the drill; with `recent`, as of at most half a minute ago. What a listing of the whole fleet shows is
    there, whatever its drill said."""
    may_see = may_see or (lambda drill: ctx.may_see_plan(drill.plan))
    listing = await (ctx.fleet.recent_clusters() if recent else ctx.fleet.clusters())
    by_id = {each.id: each for each in listing.items}
    found = []
    for drill in await ctx.changes.rows.find_throwaways(by_id):
        if not may_see(drill):
            continue
        seen = by_id.get(drill.made) if drill.made else _find_by_name(drill, listing.items)
        if seen is not None:
            found.append(DrillCluster(drill, seen.state, seen))
        elif not (drill.had_no_effect or await _is_deletion_seen(drill, ctx)):
            found.append(DrillCluster(drill, _describe_unseen(drill, listing)))
    return Listing(tuple(found), listing.gaps)


async def show_left_clusters(
    ctx: Context, may_see: Callable[[ChangeRecord], bool] | None = None, *, recent: bool = False
) -> list[Part]:
    """Return the clusters that drills left behind, with a button to delete each that is seen. The arguments
    are those of `find_drill_clusters`."""
    found = await find_drill_clusters(ctx, may_see, recent=recent)
    return show_drill_clusters("Left behind by drills", [each for each in found.items if each.is_left])


def show_drill_clusters(caption: str, found: Sequence[DrillCluster]) -> list[Part]:
    """Return a table of them, and buttons for those that are seen and whose drill is over."""
    if not found:
        return []
    columns: tuple[Column[Any] | str, ...] = (
        Column("Cluster", "name"),
        "State",
        "Copy of",
        "Change",
        wide("Created"),
    )
    rows = tuple(
        (each.drill.plan.subject.name, each.state, each.drill.plan.target.name, each.drill.id, made_at)
        for each in found
        for made_at in (each.drill.started_at,)
    )
    left = [each.seen for each in found if each.is_left and each.seen and each.seen.state != "DESTROYING"]
    buttons = tuple(Choice(f"Delete {each.name}", f"cluster delete {each.id}") for each in left)
    table = Table(caption, columns, rows, name="drill-clusters")
    return [table, Choices(buttons)] if buttons else [table]


def _find_by_name(drill: ChangeRecord, clusters: Sequence[Cluster]) -> Cluster | None:
    """Return the cluster of a drill that never learned its id; its name is made for it alone."""
    made = drill.plan.subject
    return next((each for each in clusters if (each.name, each.contract) == (made.name, made.contract)), None)


async def _is_deletion_seen(drill: ChangeRecord, ctx: Context) -> bool:
    """Return whether the drill, or a change after it, has deleted the cluster and seen it go."""
    if drill.result.endswith(DELETED_AGAIN):
        return True
    done = await ctx.changes.rows.of_cluster(drill.made, [ChangeState.DONE]) if drill.made else []
    return any("delete" in each.plan.order for each in done)


def _describe_unseen(drill: ChangeRecord, listing: Listing[Cluster]) -> str:
    if drill.state is ChangeState.RUNNING:
        return "being created or deleted"
    made = drill.plan.subject.as_cluster()
    return "could not be read" if any(may_hide(each, made) for each in listing.gaps) else NOT_FOUND
