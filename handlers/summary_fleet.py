"""`/pg summary fleet`: the fleet in a few numbers, and what needs a look."""

from collections import Counter
from collections.abc import Collection, Iterable

from bot.access.owners import mention_owners
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as
from bot.domain.attempt import WORKING
from bot.domain.cluster import Cluster, Gap
from bot.domain.reply import Fields, Reply, Table, Text, warn_of_gaps
from handlers.shared.list_titles import NO_CLUSTERS, RESTING, UNREAD, title_fleet, title_no_clusters
from handlers.shared.summary_parts import name_clusters


@known_as("summarize", "summarise")
@headline(Task.REPORT)
@command(examples=("summary fleet",))
async def summary_fleet(_args: Arguments, ctx: Context) -> Reply:
    """Summarize the fleet: counts, and clusters that are not AVAILABLE.

    Meant for a scheduled report, which shows what changed since the last run.
    """
    listing = await ctx.clusters()
    parts = warn_of_gaps(listing.gaps)
    if not listing.items:
        parts.append(Text(UNREAD if listing.gaps else NO_CLUSTERS))
        return Reply(title_no_clusters(listing.gaps), tuple(parts), ok=not listing.gaps)
    unrest = [each for each in listing.items if each.state != RESTING]
    parts.append(Fields(_count_clusters(listing.items)))
    parts.append(_make_table(unrest, listing.items, ctx) if unrest else Text(_describe_calm(listing.gaps)))
    # What is being worked on ends by itself, so that it is nobody's turn.
    parts += mention_owners(
        (ctx.tags(each).owner for each in unrest if each.state not in WORKING), ctx.settings
    )
    return Reply(title_fleet(listing.items, listing.gaps), tuple(parts))


def _make_table(unrest: list[Cluster], clusters: Iterable[Cluster], ctx: Context) -> Table:
    names = name_clusters(clusters)
    rows = [(names[each.id], each.state, ctx.tags(each).owner, each.region) for each in unrest]
    rows.sort(key=lambda row: row[0])
    columns = ("Cluster", "State", "Owner", "Region")
    return Table(f"Not {RESTING}", columns, tuple(rows), name="not-available")


def _describe_calm(gaps: Collection[Gap]) -> str:
    seen = " that could be read" if gaps else ""
    return f"Every cluster{seen} is {RESTING}."


def _count_clusters(clusters: tuple[Cluster, ...]) -> tuple[tuple[str, int], ...]:
    apis = Counter(each.api.value for each in clusters)
    return (("Clusters", len(clusters)), *((f"On {api}", count) for api, count in sorted(apis.items())))
