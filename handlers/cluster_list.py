"""`/pg cluster list`: the fleet over both APIs and every region."""

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, Task, command, headline, known_as
from bot.commands.parser import spell
from bot.domain.byte_sizes import describe_size, format_gigabytes
from bot.domain.cluster import Api, Cluster, Listing, major_version
from bot.domain.name_match import fold_name, matches_name
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import join_some, quote_text
from bot.domain.reply import Note, Part, Reply, Table, Text, warn_of_gaps
from bot.settings.model import Tags, same_region
from handlers.shared.argument_types import Generation, SkippedRows

Sort = Literal["name", "state", "region", "version", "ram", "storage", "created"]


class ClusterListArguments(Arguments):
    name: Annotated[
        str | None, Positional(), Field(description="Part of the name, or a pattern with * and ?")
    ] = None
    state: Annotated[str | None, Field(description="Only clusters in this state, such as BUSY")] = None
    region: Annotated[str | None, Field(description="Only clusters in this region, such as de/fra")] = None
    api: Annotated[Generation | None, Field(description="Only clusters on this API generation")] = None
    contract: Annotated[
        str | None, Field(description="Only clusters of this contract, by its name in app.yaml")
    ] = None
    owner: Annotated[str | None, Field(description="Only clusters of this owner, from app.yaml")] = None
    tier: Annotated[str | None, Field(description="Only clusters of this tier, from app.yaml")] = None
    sort: Annotated[Sort, Field(description="What to sort by")] = "name"
    skip: SkippedRows = 0


Row = tuple[Cluster, Tags]


@known_as("inventory")
@headline(Task.SEE)
@command(
    examples=(
        "cluster list",
        "cluster list orders",
        "cluster list --state BUSY --region de/fra",
        "cluster list --tier prod --sort storage",
    ),
    ionosctl={
        Api.V1: "ionosctl dbaas postgres cluster list [--name {name}]",
        Api.V2: "ionosctl dbaas postgres-v2 cluster list [--name {name}] [--state {state:upper}]"
        " [--location {region:place}]",
    },
)
async def cluster_list(args: ClusterListArguments, ctx: Context) -> Reply:
    """List clusters of both APIs, all regions and contracts.

    A region that does not answer is named, never left out in silence. Filters can be combined.
    """
    listing = await ctx.clusters()
    rows = [(each, ctx.tags(each)) for each in listing.items]
    found = sorted((row for row in rows if _matches_filters(row, args)), key=_ORDER[args.sort])
    parts: list[Part] = []
    again = spell(ctx.command, args, skip=0)
    if len(found) > args.skip:
        parts.append(_make_table(found, args.skip, again))
    elif found:
        parts.append(Text(_explain_skip(found, f"{ctx.invocation.line} {again}")))
    else:
        parts.append(Text(_explain_nothing(listing, args, ctx)))
    parts += warn_of_gaps(listing.gaps)
    parts += [Note(note) for note in _list_notes(found)]
    return Reply(_make_title(found, len(rows)), tuple(parts), ok=bool(found) or not listing.gaps)


def _matches_filters(row: Row, args: ClusterListArguments) -> bool:
    cluster, tags = row
    return (
        (args.name is None or _is_named(cluster.name, args.name))
        and _is_same(cluster.state, args.state)
        and (args.region is None or same_region(cluster.region, args.region))
        and _is_same(cluster.api.value, args.api)
        and _is_same(cluster.contract, args.contract)
        and _is_same(tags.owner, args.owner)
        and _is_same(tags.tier, args.tier)
    )


def _is_named(name: str, pattern: str) -> bool:
    return matches_name(name, pattern if any(mark in pattern for mark in "*?") else f"*{pattern}*")


def _is_same(value: str | None, given: str | None) -> bool:
    return given is None or fold_name(value or "") == fold_name(given)


_ORDER: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: (row[0].name.casefold(), row[0].id),
    "state": lambda row: (row[0].state, row[0].name.casefold()),
    "region": lambda row: (row[0].region, row[0].name.casefold()),
    "version": lambda row: (major_version(row[0].postgres_version), row[0].name.casefold()),
    "ram": lambda row: (-(row[0].ram_mb or 0), row[0].name.casefold()),
    "storage": lambda row: (-(row[0].storage_mb or 0), row[0].name.casefold()),
    "created": lambda row: (str(row[0].created_at or ""), row[0].name.casefold()),
}


def _make_table(rows: list[Row], skip: int, again: str) -> Table:
    shown = rows[skip:]
    columns: list[tuple[str, Callable[[Row], str | None]]] = [
        ("Name", lambda row: row[0].name),
        ("State", lambda row: row[0].state),
        ("Region", lambda row: row[0].region),
        ("API", lambda row: row[0].api.value),
        ("PostgreSQL", lambda row: row[0].postgres_version),
        ("Instances", lambda row: describe_size(row[0])),
        ("Storage", lambda row: format_gigabytes(row[0].storage_mb)),
    ]
    # A column that would be empty from top to bottom only takes room on a telephone.
    optional: list[tuple[str, Callable[[Row], str | None]]] = [
        ("Owner", lambda row: row[1].owner),
        ("Tier", lambda row: row[1].tier),
    ]
    columns += [each for each in optional if any(each[1](row) for row in rows)]
    if len({row[0].contract for row in rows}) > 1:
        columns.append(("Contract", lambda row: row[0].contract))
    cells = tuple(tuple(cell(row) for _, cell in columns) for row in shown)
    return Table(
        "Clusters", tuple(name for name, _ in columns), cells, name="clusters", again=again, skipped=skip
    )


def _make_title(found: list[Row], seen: int) -> str:
    if not found:
        return "No clusters found"
    states = Counter(cluster.state for cluster, _ in found)
    counts = ", ".join(f"{count} {state}" for state, count in states.most_common())
    number = f"{len(found)} cluster{'s' if len(found) != 1 else ''}"
    return f"{number}: {counts}" if len(found) == seen else f"{number} of {seen}: {counts}"


def _explain_skip(found: list[Row], again: str) -> str:
    number = "There is only 1" if len(found) == 1 else f"There are only {len(found):,}"
    return f"{number}, so none is left to show. {again} shows them from the first."


def _explain_nothing(listing: Listing[Cluster], args: ClusterListArguments, ctx: Context) -> str:
    if listing.gaps and not listing.items:
        return "Nothing could be read, so this says nothing about how many clusters there are."
    if not listing.items:
        return "There are no clusters that you may see."
    states = sorted({each.state for each in listing.items})
    regions = sorted({each.region for each in listing.items})
    sentences = [f"None of the {len(listing.items)} clusters fits."]
    if args.state is not None and not any(_is_same(each, args.state) for each in states):
        sentences.append(_describe_unknown("state", args.state.upper(), states))
    if args.region is not None and not any(same_region(each, args.region) for each in regions):
        sentences.append(_describe_unknown("region", args.region.casefold(), regions))
    sentences.append(f"{ctx.invocation.line} cluster list shows them all.")
    return " ".join(sentences)


def _describe_unknown(what: str, typed: str, known: list[str]) -> str:
    """Suggest the nearest value: the filter may be mistyped, or true of no cluster just now."""
    near = nearest_name(typed, known, 60, "ratio")
    hint = f"Did you mean {near}?" if near else f"There is {join_some(known, most=12)}."
    return f"No cluster has the {what} {quote_text(typed)}. {hint}"


def _list_notes(found: list[Row]) -> list[str]:
    odd = [cluster.name for cluster, _ in found if cluster.oddities]
    if not odd:
        return []
    some = ", ".join(odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
    return [f"The API's answer holds something unknown for {some}; cluster show says what."]
