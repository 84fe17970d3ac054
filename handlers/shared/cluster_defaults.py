"""Defaults of a new cluster: from the cluster that it is to be like, else small and plain ones."""

import ipaddress
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bot.changes.operation import require_readable
from bot.commands.context import Context
from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import (
    Api,
    Cluster,
    Connection,
    Listing,
    MaintenanceWindow,
    PostgresVersion,
    host_region,
    major_version,
)
from bot.domain.cluster_properties import PROPERTIES
from bot.domain.errors import BadArgument, InputError
from bot.domain.phrases import quote_text
from bot.domain.plan import PlanTarget
from handlers.shared.cluster_change import STRICT

BEST_HOSTS = range(3, 11)
"""The last part of the addresses that are preferred in a subnet (ionos-api-notes, section 10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """Values that one API requires and the other leaves out. v1 keeps 7 days (ionos-api-notes, section 3)."""

    maintenance: MaintenanceWindow | None = None
    retention_days: int | None = None
    names_backup_location: bool = False


DEFAULTS = {
    Api.V1: Defaults(),
    Api.V2: Defaults(
        maintenance=MaintenanceWindow(day="Sunday", time="03:00:00"),
        retention_days=7,
        names_backup_location=True,
    ),
}

NEWEST = Api.V2
"""The API for new clusters that nothing ties to the other one: IONOS recommends it (mapping, section 1)."""

_PLAIN = Cluster(
    id="",
    api=NEWEST,
    contract="",
    region="",
    name="",
    state="",
    instances=1,
    cores=2,
    ram_mb=4 * MB_PER_GB,
    storage_mb=20 * MB_PER_GB,
    replication="ASYNCHRONOUS",
)


_LEFT_BEHIND: Mapping[str, Any] = dict.fromkeys(
    ("backup_location", *(each.field for each in PROPERTIES if not (each.v1 and each.v2)))
)
"""Fields that a cluster on the other API leaves open: those of one API alone, and the backup location."""


def make_template(like: Cluster | None, api: Api) -> Cluster:
    """Return the cluster from which a new one on `api` takes over what nobody says.

    Its sizes are whole GB; it has nothing that only the other API has, or that no new cluster may have.
    """
    if like is None:
        return replace(_PLAIN, api=api, maintenance=DEFAULTS[api].maintenance)
    return replace(
        like,
        ram_mb=_round_to_gb(like.ram_mb),
        storage_mb=_round_to_gb(like.storage_mb),
        replication=STRICT if like.replication == STRICT else "ASYNCHRONOUS",
        pooler=like.pooler.casefold() if like.pooler else None,
        maintenance=like.maintenance or DEFAULTS[api].maintenance,
        **(_LEFT_BEHIND if like.api is not api else {}),
    )


def check_name_is_free(place: Cluster, listing: Listing[Cluster]) -> None:
    """Raise InputError where the API of `place` has a cluster of its name already, also when the other API
    shows that one, and Unreachable where the API did not respond."""
    if any(
        (each.name, each.contract) == (place.name, place.contract) and place.api in (each.api, *each.also_in)
        for each in listing.items
    ):
        raise InputError(
            f"A cluster called {place.name} already exists on {place.api} in {place.contract}.",
            "Choose another name.",
        )
    require_readable(PlanTarget.of(place), listing.gaps)


def find_free_address(like: Connection, clusters: Iterable[Cluster]) -> str:
    """Return the first of the preferred addresses in a network that none of these clusters has.

    Other machines in the LAN are unknown here. Raises BadArgument when there is none.
    """
    taken = list_addresses(like, clusters)
    with suppress(ValueError):
        subnet = ipaddress.IPv4Interface(like.address or "").network
        for host in BEST_HOSTS:
            address = subnet.network_address + host
            if host < subnet.num_addresses - 1 and str(address) not in taken:
                return f"{address}/{subnet.prefixlen}"
    raise BadArgument(
        "The bot found no free address in that network.", "Add --address, such as 192.168.1.7/24."
    )


def list_addresses(network: Connection, clusters: Iterable[Cluster]) -> set[str]:
    """Return these clusters' addresses in a network. The same ones elsewhere are other machines'."""
    return {
        each.address.partition("/")[0]
        for cluster in clusters
        for each in cluster.connections
        if each.address and (each.datacenter_id, each.lan_id) == (network.datacenter_id, network.lan_id)
    }


async def pick_version(given: str | None, place: Cluster, ctx: Context) -> str:
    """Return the major for a new cluster at `place`. Raises BadArgument for one that is not offered there.

    It is the given one, else the recommended, else the newest that is neither on trial nor on its way out.
    """
    offered = [
        each
        for each in (await ctx.fleet.versions()).items
        if (each.api, each.contract) == (place.api, place.contract)
        and (each.region is None or host_region(each.region) == host_region(place.region))
    ]
    names = [each.name for each in sorted(offered, key=lambda each: major_version(each.name))]
    if given is not None and (given in names or not names):
        return given
    if given is None and offered:
        return _pick_recommended(offered)
    raise BadArgument(
        f"PostgreSQL {quote_text(given)} is not available there." if given else "No version was given.",
        f"Available: {', '.join(names)}."
        if names
        else "Add --version; the list of available versions could not be read.",
    )


async def pick_backup_location(given: str | None, place: Cluster, ctx: Context) -> str | None:
    """Return where the backups of a new cluster go; None where its API chooses. Raises BadArgument."""
    if given is not None or not DEFAULTS[place.api].names_backup_location:
        return given
    names = [
        each.name
        for each in (await ctx.fleet.backup_locations()).items
        if each.contract == place.contract and host_region(each.region) == host_region(place.region)
    ]
    if not names:
        raise BadArgument("The list of backup locations could not be read.", "Add --backup-location.")
    return names[0]


def _pick_recommended(offered: list[PostgresVersion]) -> str:
    known = sorted(offered, key=lambda each: major_version(each.name), reverse=True)
    recommended = [each for each in known if each.status == "RECOMMENDED"]
    sound = [each for each in known if each.status not in {"BETA", "DEPRECATED"}]
    return next(each.name for each in (*recommended, *sound, *known))


def _round_to_gb(megabytes: int | None) -> int | None:
    """Round up to whole GB."""
    return None if megabytes is None else -(-megabytes // MB_PER_GB) * MB_PER_GB
