"""`/pg cluster list`: the fleet over both APIs and every region."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, Task, command, headline, known_as
from bot.commands.form_layout import InForm
from bot.commands.parser import spell
from bot.domain.byte_sizes import describe_size, format_gigabytes
from bot.domain.cluster import Api, Cluster, Listing, major_version
from bot.domain.name_match import fold_name, matches_name
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import format_count, join_some, quote_text
from bot.domain.reply import Column, Note, Part, Reply, Table, Text, warn_of_gaps, wide
from bot.settings.model import Tags, same_region
from handlers.shared.argument_types import Generation, OwnerFilter, RegionFilter, SkippedRows, TierFilter
from handlers.shared.list_titles import NO_CLUSTERS, UNREAD, describe_gaps, title_clusters, title_no_clusters

Sort = Literal["name", "state", "region", "version", "ram", "storage", "created"]


class ClusterListArguments(Arguments):
    name: Annotated[
        str | None,
        Positional(),
        InForm(hint="Part of the name, or a pattern with * and ?"),
        Field(description="Part of the name, or a pattern with * and ?"),
    ] = None
    state: Annotated[
        str | None,
        InForm(hint="", example="BUSY"),
        Field(description="Only clusters in this state, such as BUSY"),
    ] = None
    region: RegionFilter = None
    api: Annotated[
        Generation | None,
        InForm(label="API", hint=""),
        Field(description="Only clusters on this API generation"),
    ] = None
    contract: Annotated[
        str | None,
        InForm(hint="Its name in app.yaml."),
        Field(description="Only clusters of this contract, by its name in app.yaml"),
    ] = None
    owner: OwnerFilter = None
    tier: TierFilter = None
    sort: Annotated[Sort, InForm(label="Sort by", hint=""), Field(description="Sort order")] = "name"
    skip: SkippedRows = 0


Row = tuple[Cluster, Tags]


@known_as("inventory", "largest", "biggest", "fullest", "smallest")
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

    You can combine filters. A region that does not respond is always named.
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
    return Reply(_make_title(found, listing), tuple(parts), ok=bool(found) or not listing.gaps)


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


_COLUMNS: tuple[tuple[Column, Callable[[Row], str | None]], ...] = (
    (Column("Name"), lambda row: row[0].name),
    (Column("State"), lambda row: row[0].state),
    (Column("PostgreSQL", "version"), lambda row: row[0].postgres_version),
    (Column("Size"), lambda row: describe_size(row[0])),
    (wide("Region"), lambda row: row[0].region),
    (wide("API"), lambda row: row[0].api.value),
    (wide("Storage"), lambda row: format_gigabytes(row[0].storage_mb)),
    (wide("Owner"), lambda row: row[1].owner),
    (wide("Tier"), lambda row: row[1].tier),
    (wide("Contract"), lambda row: row[0].contract),
)


def _make_table(rows: list[Row], skip: int, again: str) -> Table:
    cells = tuple(tuple(cell(row) for _, cell in _COLUMNS) for row in rows[skip:])
    names = [cluster.name for cluster, _ in rows]
    # The region tells clusters of the same name apart.
    is_told = len(names) == len(set(names))
    columns = tuple(
        column if is_told or column.name != "region" else replace(column, is_wide=False)
        for column, _ in _COLUMNS
    )
    return Table("Clusters", columns, cells, name="clusters", again=again, skipped=skip)


def _make_title(found: list[Row], listing: Listing[Cluster]) -> str:
    if found:
        return title_clusters([cluster for cluster, _ in found], len(listing.items), listing.gaps)
    if listing.items:
        return f"None of {format_count(len(listing.items), 'cluster')} matches{describe_gaps(listing.gaps)}"
    return title_no_clusters(listing.gaps)


def _explain_skip(found: list[Row], again: str) -> str:
    number = "Only 1 cluster matches" if len(found) == 1 else f"Only {len(found):,} clusters match"
    return f"{number}, so no more are left to show. Start again with: {again}"


def _explain_nothing(listing: Listing[Cluster], args: ClusterListArguments, ctx: Context) -> str:
    if listing.gaps and not listing.items:
        return UNREAD
    if not listing.items:
        return NO_CLUSTERS
    states = sorted({each.state for each in listing.items})
    regions = sorted({each.region for each in listing.items})
    sentences = ["No cluster matches all of your filters."]
    if args.state is not None and not any(_is_same(each, args.state) for each in states):
        sentences.append(_describe_unknown("state", args.state.upper(), states))
    if args.region is not None and not any(same_region(each, args.region) for each in regions):
        sentences.append(_describe_unknown("region", args.region.casefold(), regions))
    sentences.append(f"To see all of them: {ctx.invocation.line} cluster list")
    return " ".join(sentences)


def _describe_unknown(what: str, typed: str, known: list[str]) -> str:
    """Suggest the nearest value: the filter may be mistyped, or true of no cluster just now."""
    near = nearest_name(typed, known, 60, "ratio")
    hint = f"Did you mean {near}?" if near else f"Found: {join_some(known, most=12)}."
    return f"No cluster has the {what} {quote_text(typed)}. {hint}"


def _list_notes(found: list[Row]) -> list[str]:
    odd = [cluster.name for cluster, _ in found if cluster.oddities]
    if not odd:
        return []
    some = ", ".join(odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
    return [f"The API returned unknown values for {some}; “cluster show” lists them."]
