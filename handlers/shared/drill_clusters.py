"""Clusters that drills made, from their creation until their deletion was seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.changes.record import DELETED_AGAIN, ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.domain.cluster import Cluster, ClusterRef, Listing
from bot.domain.reply import Choice, Choices, Column, Part, show_table, wide
from bot.ionos.contract_client import may_hide


class DrillSight(StrEnum):
    """The words for a drill's cluster in a listing of the fleet."""

    LISTED = "listed"
    BEING_CHANGED = "being_changed"
    UNREAD = "unread"
    NOT_FOUND = "not_found"


_WORDS = {
    DrillSight.BEING_CHANGED: "being created or deleted",
    DrillSight.UNREAD: "could not be read",
    DrillSight.NOT_FOUND: "not found, deletion not confirmed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillCluster:
    """The cluster of a drill whose deletion was not seen.

    `state` is the API's, null unless it is listed. It `is_left` if its drill is over and it may still be
    there. The id of `cluster` is empty while the drill has not learned it.
    """

    cluster: ClusterRef
    sight: DrillSight
    state: str | None
    is_left: bool
    copy_of: ClusterRef
    change_id: str
    started_at: datetime | None

    @classmethod
    def of(cls, drill: ChangeRecord, sight: DrillSight, seen: Cluster | None = None) -> "DrillCluster":
        planned = replace(ClusterRef.of(drill.plan.subject.as_cluster()), id=drill.made)
        return cls(
            cluster=ClusterRef.of(seen) if seen else planned,
            sight=sight,
            state=seen.state if seen else None,
            is_left=drill.state is not ChangeState.RUNNING and sight is not DrillSight.NOT_FOUND,
            copy_of=ClusterRef.of(drill.plan.target.as_cluster()),
            change_id=drill.id,
            started_at=drill.started_at,
        )

    @property
    def label(self) -> str:
        """Return its state, or in words why there is none."""
        return _WORDS.get(self.sight) or self.state or ""

    @property
    def is_deletable(self) -> bool:
        """Return whether it is there, nobody deletes it, and its drill is over."""
        return self.is_left and self.state is not None and self.state != "DESTROYING"


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
            found.append(DrillCluster.of(drill, DrillSight.LISTED, seen))
        elif not (drill.had_no_effect or await _is_deletion_seen(drill, ctx)):
            found.append(DrillCluster.of(drill, _judge_unseen(drill, listing)))
    return Listing(tuple(found), listing.gaps)


async def find_left_clusters(ctx: Context) -> tuple[DrillCluster, ...]:
    """Return the clusters that drills left behind; see `find_drill_clusters`."""
    return tuple(each for each in (await find_drill_clusters(ctx)).items if each.is_left)


def show_drill_clusters(found: Sequence[DrillCluster], caption: str = "Left behind by drills") -> list[Part]:
    """Return a table of them, and buttons for those that can be deleted."""
    buttons = tuple(
        Choice(f"Delete {each.cluster.name}", f"cluster delete {each.cluster.id}")
        for each in found
        if each.is_deletable
    )
    table = show_table(caption, _COLUMNS, found, name="drill-clusters")
    return [*table, Choices(buttons)] if buttons else table


_COLUMNS: tuple[Column[DrillCluster], ...] = (
    Column("Cluster", "name", cell=lambda each: each.cluster.name),
    Column("State", cell=lambda each: each.label),
    Column("Copy of", cell=lambda each: each.copy_of.name),
    Column("Change", cell=lambda each: each.change_id),
    wide("Created", cell=lambda each: each.started_at),
)


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


def _judge_unseen(drill: ChangeRecord, listing: Listing[Cluster]) -> DrillSight:
    if drill.state is ChangeState.RUNNING:
        return DrillSight.BEING_CHANGED
    made = drill.plan.subject.as_cluster()
    is_hidden = any(may_hide(each, made) for each in listing.gaps)
    return DrillSight.UNREAD if is_hidden else DrillSight.NOT_FOUND
