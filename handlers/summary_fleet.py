"""`/pg summary fleet`: the fleet in a few numbers, and what needs a look."""

from dataclasses import dataclass

from bot.access.owners import mention_owners
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as, returns
from bot.domain.attempt import WORKING
from bot.domain.cluster import Api
from bot.domain.reply import Column, Fields, Reply, Text, show_table, warn_of_gaps
from bot.domain.result import CommandResult
from handlers.shared.list_titles import RESTING, reply_no_clusters, title_fleet
from handlers.shared.records import TaggedCluster
from handlers.shared.summary_parts import name_clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryFleet(CommandResult):
    """The clusters that are not AVAILABLE, and how many there are in all."""

    not_available: tuple[TaggedCluster, ...]
    cluster_count: int
    by_api: dict[Api, int]


@returns(SummaryFleet)
@known_as("summarize", "summarise")
@headline(Task.REPORT)
@command(examples=("summary fleet",))
async def summary_fleet(_args: Arguments, ctx: Context) -> Reply:
    """Summarize the fleet: counts, and clusters that are not AVAILABLE.

    Meant for a scheduled report, which shows what changed since the last run.
    """
    listing = await ctx.clusters()
    names = name_clusters((each.id, each.name, each.region) for each in listing.items)
    tagged = [TaggedCluster.of(each, ctx.tags(each)) for each in listing.items if each.state != RESTING]
    unrest = sorted(tagged, key=lambda each: names[each.id])
    result = SummaryFleet(
        not_available=tuple(unrest),
        cluster_count=len(listing.items),
        by_api={api: sum(1 for each in listing.items if each.api is api) for api in Api},
    )
    parts = warn_of_gaps(listing.gaps)
    if not listing.items:
        return reply_no_clusters(listing.gaps, parts, result)
    on_apis = ((f"On {api}", count) for api, count in result.by_api.items() if count)
    parts.append(Fields((("Clusters", result.cluster_count), *on_apis)))
    columns: tuple[Column[TaggedCluster], ...] = (
        Column("Cluster", cell=lambda each: names[each.id]),
        Column("State", cell=lambda each: each.state),
        Column("Owner", cell=lambda each: each.owner),
        Column("Region", cell=lambda each: each.region),
    )
    seen = " that could be read" if listing.gaps else ""
    table = show_table(f"Not {RESTING}", columns, unrest, name="not-available")
    parts += table or [Text(f"Every cluster{seen} is {RESTING}.")]
    # What is being worked on ends by itself, so that it is nobody's turn.
    parts += mention_owners((each.owner for each in unrest if each.state not in WORKING), ctx.settings)
    return Reply(title_fleet(listing.items, listing.gaps), tuple(parts), result=result)
