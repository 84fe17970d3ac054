"""`/pg version list`: the PostgreSQL majors that new clusters can have."""

from collections import defaultdict
from typing import Annotated, Any

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as
from bot.commands.form_layout import InForm
from bot.domain.cluster import Api, Listing, PostgresVersion
from bot.domain.phrases import join_names
from bot.domain.reply import Column, Note, Part, Reply, Table, Text, warn_of_gaps, wide
from bot.settings.model import same_region
from handlers.shared.argument_types import Generation
from handlers.shared.list_titles import UNREAD, describe_gaps


class VersionListArguments(Arguments):
    api: Annotated[
        Generation | None, InForm(label="API", hint=""), Field(description="Only this API generation")
    ] = None
    region: Annotated[
        str | None,
        InForm(hint="API v2 only.", example="de/fra"),
        Field(description="Only this region, such as de/fra; v2 only"),
    ] = None


Row = tuple[str, str, str | None, str | None, str | None]


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
    rows = _merge_regions(found)
    columns: tuple[Column[Any] | str, ...] = ("Version", "API", "Status", "Upgrades to", wide("Regions"))
    parts: list[Part] = [Table("PostgreSQL versions", columns, rows, name="versions")] if rows else []
    if not rows:
        again = f"`{ctx.invocation.line} version list` shows every version."
        parts.append(Text(UNREAD if listing.gaps else again))
    parts += warn_of_gaps(listing.gaps)
    parts.append(Note("v1 does not report status or upgrade paths."))
    majors = sorted({each.name for each in found}, key=_rank_name)
    return Reply(_make_title(majors, listing), tuple(parts), ok=bool(rows) or not listing.gaps)


def _make_title(majors: list[str], listing: Listing[PostgresVersion]) -> str:
    if majors:
        return f"New clusters can run PostgreSQL {join_names(majors)}{describe_gaps(listing.gaps)}"
    return "The PostgreSQL versions could not be read" if listing.gaps else "No PostgreSQL version matches"


def _matches_filters(version: PostgresVersion, args: VersionListArguments) -> bool:
    in_region = args.region is None or (
        version.region is not None and same_region(version.region, args.region)
    )
    return in_region and args.api in {None, version.api.value}


def _merge_regions(versions: list[PostgresVersion]) -> tuple[Row, ...]:
    """Return one row for what is the same everywhere, with the regions that offer it."""
    regions: dict[tuple[str, str, str | None, tuple[str, ...]], set[str]] = defaultdict(set)
    for each in versions:
        regions[each.name, each.api.value, each.status, each.can_upgrade_to].add(each.region or "all")
    keys = sorted(regions, key=lambda key: (key[1], _rank_name(key[0])))
    return tuple(
        (
            name,
            api,
            status,
            ", ".join(upgrades) or None,
            ", ".join(sorted(regions[name, api, status, upgrades])),
        )
        for name, api, status, upgrades in keys
    )


def _rank_name(name: str) -> tuple[int, str]:
    return (int(name), name) if name.isdecimal() else (0, name)
