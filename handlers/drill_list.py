"""`/pg drill list`: the clusters that drills made and that may still be there."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, returns
from bot.domain.phrases import format_count
from bot.domain.reply import Note, Reply, Text, warn_of_gaps
from bot.domain.result import CommandResult
from handlers.shared.drill_clusters import DrillCluster, DrillSight, find_drill_clusters, show_drill_clusters
from handlers.shared.list_titles import describe_gaps


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillList(CommandResult):
    """The clusters of drills whose deletion was not seen, the newest first."""

    clusters: tuple[DrillCluster, ...]


@returns(DrillList)
@command(examples=("drill list",))
async def drill_list(_args: Arguments, ctx: Context) -> Reply:
    """List temporary clusters of drills that may still exist.

    If its drill has finished, a cluster has a button to delete it. That needs approval like any deletion.
    """
    listing = await find_drill_clusters(ctx)
    found = listing.items
    result = DrillList(clusters=found)
    parts = warn_of_gaps(listing.gaps)
    parts += show_drill_clusters(found, "Clusters of drills")
    if any(each.sight is DrillSight.NOT_FOUND for each in found):
        parts.append(
            Note("Clusters that were not found may have been deleted by someone else. Check in the DCD.")
        )
    if not found:
        parts.append(Text(f"`{ctx.invocation.line} drill CLUSTER` tests a backup in a temporary cluster."))
        title = "No drill cluster was found" if listing.gaps else "No drill cluster is left"
        return Reply(f"{title}{describe_gaps(listing.gaps)}", tuple(parts), result=result)
    left = sum(1 for each in found if each.is_left)
    number = format_count(len(found), "drill cluster")
    title = (
        f"{left} of {number} {'was' if left == 1 else 'were'} left behind"
        if left
        else f"{number}, none left behind"
    )
    return Reply(f"{title}{describe_gaps(listing.gaps)}", tuple(parts), result=result)
