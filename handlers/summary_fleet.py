"""`/pg summary fleet`: the fleet in a few numbers, and what needs a look."""

from collections import Counter

from bot.command import Arguments, command
from bot.context import Context
from bot.domain import Cluster
from bot.reply import Fields, Part, Reply, Table, Text, Warn
from bot.reports.mentions import mentions
from bot.wording import counted

RESTING = "AVAILABLE"
"""The state, in both APIs, of a cluster that needs no look."""

PASSING = frozenset({"BUSY", "CREATING", "UPDATING", "DESTROYING", "DEPLOYING", "RESTORING"})
"""States that end by themselves, so that they are nobody's turn."""


@command(examples=("summary fleet",))
async def summary_fleet(_args: Arguments, ctx: Context) -> Reply:
    """Sum up the fleet: how many clusters, and which are not AVAILABLE.

    Made for a report, whose difference from last time says what is new.
    """
    listing = await ctx.clusters()
    gaps: list[Part] = [Warn(f"Could not look at {gap}") for gap in listing.gaps]
    if not listing.items:
        return Reply("No clusters found", tuple(gaps), ok=not gaps)
    unrest = sorted((each for each in listing.items if each.state != RESTING), key=lambda each: each.name)
    rows = tuple((each.name, each.state, ctx.tags(each).owner, each.region) for each in unrest)
    needs = [each for each in unrest if each.state not in PASSING]
    parts: list[Part] = [*gaps, Fields(_numbers(listing.items))]
    if rows:
        columns = ("Cluster", "State", "Owner", "Region")
        parts.append(Table(f"Not {RESTING}", columns, rows, name="not-available"))
    else:
        parts.append(Text(f"Every cluster is {RESTING}."))
    parts += mentions((ctx.tags(each).owner for each in needs), ctx.settings)
    return Reply(_title(listing.items), tuple(parts))


def _title(clusters: tuple[Cluster, ...]) -> str:
    states = Counter(each.state for each in clusters).most_common()
    return f"{counted(len(clusters), 'cluster')}: {', '.join(f'{count} {state}' for state, count in states)}"


def _numbers(clusters: tuple[Cluster, ...]) -> tuple[tuple[str, int], ...]:
    apis = Counter(each.api.value for each in clusters)
    return (("Clusters", len(clusters)), *((f"On {api}", count) for api, count in sorted(apis.items())))
