"""`/pg cluster list`: the fleet over both APIs and every region."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Positional, Task, command, headline, known_as, returns
from bot.commands.parser import spell
from bot.domain.byte_sizes import describe_size, format_gigabytes
from bot.domain.cluster import Api, Cluster, Listing, major_version, same_region
from bot.domain.name_match import fold_name, matches_name
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import format_count, join_some, quote_text
from bot.domain.reply import Column, Note, Reply, Table, Text, make_table, warn_of_gaps, wide
from bot.domain.result import CommandResult
from handlers.shared.argument_types import Generation, OwnerFilter, RegionFilter, SkippedRows, TierFilter
from handlers.shared.list_titles import NO_CLUSTERS, UNREAD, describe_gaps, title_clusters, title_no_clusters
from handlers.shared.records import TaggedCluster

Sort = Literal["name", "state", "region", "version", "ram", "storage", "created"]


class ClusterListArguments(Arguments):
    name: Annotated[str | None, Positional(), InForm(hint="Part of the name, or a pattern with * and ?")] = (
        None
    )
    """Part of the name, or a pattern with * and ?"""
    state: Annotated[str | None, InForm(hint="", example="BUSY")] = None
    """Only clusters in this state, such as BUSY"""
    region: RegionFilter = None
    api: Annotated[Generation | None, InForm(label="API", hint="")] = None
    """Only clusters on this API generation"""
    contract: Annotated[str | None, InForm(hint="Its name in app.yaml.")] = None
    """Only clusters of this contract, by its name in app.yaml"""
    owner: OwnerFilter = None
    tier: TierFilter = None
    sort: Annotated[Sort, InForm(label="Sort by", hint="")] = "name"
    """Sort order"""
    skip: SkippedRows = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterList(CommandResult):
    """The clusters that match, in the order of --sort."""

    clusters: tuple[TaggedCluster, ...]


@returns(ClusterList)
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
    # Rows by the thousand are made beside the loop.
    return await asyncio.to_thread(_list_clusters, await ctx.clusters(), args, ctx)


def _list_clusters(listing: Listing[Cluster], args: ClusterListArguments, ctx: Context) -> Reply:
    clusters = [TaggedCluster.of(each, ctx.tags(each)) for each in listing.items]
    found = sorted((each for each in clusters if _matches_filters(each, args)), key=_ORDER[args.sort])
    again = spell(ctx.command, args, skip=0)
    part: Table | Text
    if len(found) > args.skip:
        part = _make_table(found, args.skip, again)
    elif found:
        number = f"{format_count(len(found), 'cluster')} match{'es' if len(found) == 1 else ''}"
        again = f"{ctx.invocation.line} {again}"
        part = Text(f"Only {number}, so no more are left to show. Start again with: {again}")
    else:
        part = Text(_explain_nothing(listing, args, ctx))
    return Reply(
        _make_title(found, listing),
        (part, *warn_of_gaps(listing.gaps), *_note_oddities(found)),
        ok=bool(found) or not listing.gaps,
        result=ClusterList(clusters=tuple(found[args.skip :])),
    )


def _matches_filters(cluster: TaggedCluster, args: ClusterListArguments) -> bool:
    return (
        (args.name is None or _is_named(cluster.name, args.name))
        and _is_same(cluster.state, args.state)
        and (args.region is None or same_region(cluster.region, args.region))
        and _is_same(cluster.api.value, args.api)
        and _is_same(cluster.contract, args.contract)
        and _is_same(cluster.owner, args.owner)
        and _is_same(cluster.tier, args.tier)
    )


def _is_named(name: str, pattern: str) -> bool:
    return matches_name(name, pattern if any(mark in pattern for mark in "*?") else f"*{pattern}*")


def _is_same(value: str | None, given: str | None) -> bool:
    return given is None or fold_name(value or "") == fold_name(given)


_ORDER: dict[str, Callable[[TaggedCluster], Any]] = {
    "name": lambda cluster: (cluster.name.casefold(), cluster.id),
    "state": lambda cluster: (cluster.state, cluster.name.casefold()),
    "region": lambda cluster: (cluster.region, cluster.name.casefold()),
    "version": lambda cluster: (major_version(cluster.postgres_version), cluster.name.casefold()),
    "ram": lambda cluster: (-(cluster.ram_mb or 0), cluster.name.casefold()),
    "storage": lambda cluster: (-(cluster.storage_mb or 0), cluster.name.casefold()),
    "created": lambda cluster: (str(cluster.created_at or ""), cluster.name.casefold()),
}


_COLUMNS: tuple[Column[TaggedCluster], ...] = (
    Column("Name", cell=lambda cluster: cluster.name),
    Column("State", cell=lambda cluster: cluster.state),
    Column("PostgreSQL", "version", cell=lambda cluster: cluster.postgres_version),
    Column("Size", cell=describe_size),
    wide("Region", cell=lambda cluster: cluster.region),
    wide("API", cell=lambda cluster: cluster.api.value),
    wide("Storage", cell=lambda cluster: format_gigabytes(cluster.storage_mb)),
    wide("Owner", cell=lambda cluster: cluster.owner),
    wide("Tier", cell=lambda cluster: cluster.tier),
    wide("Contract", cell=lambda cluster: cluster.contract),
)


def _make_table(found: list[TaggedCluster], skip: int, again: str) -> Table:
    names = [cluster.name for cluster in found]
    # The region tells clusters of the same name apart.
    is_told = len(names) == len(set(names))
    columns = [
        column if is_told or column.name != "region" else replace(column, is_wide=False)
        for column in _COLUMNS
    ]
    return replace(make_table("Clusters", columns, found[skip:]), again=again, skipped=skip)


def _make_title(found: list[TaggedCluster], listing: Listing[Cluster]) -> str:
    if found:
        return title_clusters(found, len(listing.items), listing.gaps)
    if listing.items:
        return f"None of {format_count(len(listing.items), 'cluster')} matches{describe_gaps(listing.gaps)}"
    return title_no_clusters(listing.gaps)


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


def _note_oddities(found: list[TaggedCluster]) -> list[Note]:
    some = join_some((cluster.name for cluster in found if cluster.oddities), most=3)
    return [Note(f"The API returned unknown values for {some}; “cluster show” lists them.")] if some else []
