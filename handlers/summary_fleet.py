"""`/pg summary fleet`: the fleet in a few numbers, and what needs a look."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.access.owners import mention_owners
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as, returns
from bot.domain.attempt import WORKING
from bot.domain.cluster import Api, Cluster, Gap
from bot.domain.reply import Column, Fields, Reply, Table, Text, make_table, warn_of_gaps
from bot.domain.result import CommandResult
from handlers.shared.list_titles import NO_CLUSTERS, RESTING, UNREAD, title_fleet, title_no_clusters
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
    names = name_clusters(listing.items)
    tagged = [TaggedCluster.of(each, ctx.tags(each)) for each in listing.items if each.state != RESTING]
    unrest = sorted(tagged, key=lambda each: names[each.id])
    result = SummaryFleet(
        not_available=tuple(unrest),
        cluster_count=len(listing.items),
        by_api=_count_apis(listing.items),
    )
    parts = warn_of_gaps(listing.gaps)
    if not listing.items:
        parts.append(Text(UNREAD if listing.gaps else NO_CLUSTERS))
        return Reply(title_no_clusters(listing.gaps), tuple(parts), ok=not listing.gaps, result=result)
    on_apis = ((f"On {api}", count) for api, count in result.by_api.items() if count)
    parts.append(Fields((("Clusters", result.cluster_count), *on_apis)))
    parts.append(_make_table(unrest, names) if unrest else Text(_describe_calm(listing.gaps)))
    # What is being worked on ends by itself, so that it is nobody's turn.
    parts += mention_owners((each.owner for each in unrest if each.state not in WORKING), ctx.settings)
    return Reply(title_fleet(listing.items, listing.gaps), tuple(parts), result=result)


def _make_table(unrest: Iterable[TaggedCluster], names: dict[str, str]) -> Table:
    columns: tuple[Column[TaggedCluster], ...] = (
        Column("Cluster", cell=lambda each: names[each.id]),
        Column("State", cell=lambda each: each.state),
        Column("Owner", cell=lambda each: each.owner),
        Column("Region", cell=lambda each: each.region),
    )
    return make_table(f"Not {RESTING}", columns, unrest, name="not-available")


def _describe_calm(gaps: Collection[Gap]) -> str:
    seen = " that could be read" if gaps else ""
    return f"Every cluster{seen} is {RESTING}."


def _count_apis(clusters: Iterable[Cluster]) -> dict[Api, int]:
    counts = Counter(each.api for each in clusters)
    return {api: counts[api] for api in Api}
