"""`/pg version list`: the PostgreSQL majors that new clusters can have."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, command, known_as, returns
from bot.domain.cluster import Api, Listing, PostgresVersion, same_region
from bot.domain.phrases import join_names
from bot.domain.reply import Column, Note, Reply, make_table, wide
from bot.domain.result import CommandResult
from handlers.shared.argument_types import Generation
from handlers.shared.list_titles import describe_gaps, show_list


class VersionListArguments(Arguments):
    api: Annotated[Generation | None, InForm(label="API", hint="")] = None
    """Only this API generation"""
    region: Annotated[str | None, InForm(hint="API v2 only.", example="de/fra")] = None
    """Only this region, such as de/fra; v2 only"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOffer:
    """A PostgreSQL major with all regions that say the same of it. v1 says only the name, for all of its
    regions: there `regions` is null."""

    name: str
    api: Api
    status: str | None
    can_upgrade_to: tuple[str, ...]
    regions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionList(CommandResult):
    """The PostgreSQL majors that new clusters can have."""

    versions: tuple[VersionOffer, ...]


@returns(VersionList)
@known_as("available versions", "which versions", "versions on offer")
@command(
    examples=("version list", "version list --api v2 --region de/fra"),
    ionosctl={
        Api.V1: "ionosctl dbaas postgres version list",
        Api.V2: "ionosctl dbaas postgres-v2 version list [--location {region:place}]",
    },
)
async def version_list(args: VersionListArguments, ctx: Context) -> Reply:
    """List the available PostgreSQL versions and upgrade paths.

    v1 reports only the names. v2 reports status and upgrade paths, for each region.
    """
    listing = await ctx.fleet.versions()
    found = [each for each in listing.items if _matches_filters(each, args)]
    versions = _merge_regions(found)
    table = make_table("PostgreSQL versions", _COLUMNS, versions, name="versions")
    again = f"`{ctx.invocation.line} version list` shows every version."
    note = Note("v1 does not report status or upgrade paths.")
    majors = sorted({each.name for each in found}, key=_rank_name)
    return Reply(
        _make_title(majors, listing),
        (*show_list(table, listing.gaps, again), note),
        ok=bool(versions) or not listing.gaps,
        result=VersionList(versions=tuple(versions)),
    )


_COLUMNS: tuple[Column[VersionOffer], ...] = (
    Column("Version", cell=lambda version: version.name),
    Column("API", cell=lambda version: version.api.value),
    Column("Status", cell=lambda version: version.status),
    Column("Upgrades to", cell=lambda version: ", ".join(version.can_upgrade_to) or None),
    wide("Regions", cell=lambda version: ", ".join(version.regions or ("all",))),
)


def _make_title(majors: list[str], listing: Listing[PostgresVersion]) -> str:
    if majors:
        return f"New clusters can run PostgreSQL {join_names(majors)}{describe_gaps(listing.gaps)}"
    return "The PostgreSQL versions could not be read" if listing.gaps else "No PostgreSQL version matches"


def _matches_filters(version: PostgresVersion, args: VersionListArguments) -> bool:
    in_region = args.region is None or (
        version.region is not None and same_region(version.region, args.region)
    )
    return in_region and args.api in {None, version.api.value}


def _merge_regions(versions: list[PostgresVersion]) -> list[VersionOffer]:
    """Return one record for what is the same everywhere, with the regions that offer it."""
    regions: dict[tuple[str, Api, str | None, tuple[str, ...]], set[str | None]] = defaultdict(set)
    for each in versions:
        regions[each.name, each.api, each.status, each.can_upgrade_to].add(each.region)
    merged = (
        VersionOffer(
            name=name,
            api=api,
            status=status,
            can_upgrade_to=upgrades,
            regions=tuple(sorted(filter(None, offering))) or None,
        )
        for (name, api, status, upgrades), offering in regions.items()
    )
    return sorted(merged, key=lambda each: (each.api, _rank_name(each.name)))


def _rank_name(name: str) -> tuple[int, str]:
    return (int(name), name) if name.isdecimal() else (0, name)
