"""The watch: known v1 clusters that v2 shows now, and the differences between the two views."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.cluster import Api, Cluster, Gap
from bot.domain.migration_records import Appeared, ClusterSighting
from migrations.collect import ReadableFleet
from migrations.v1_v2_diff import Difference, compare_clusters
from migrations.v2_presence import PresenceState, V2Listings, find_presence


class SightingLog(Protocol):
    """The rows of known clusters and of those that have appeared."""

    async def remember(
        self,
        clusters: Sequence[Cluster],
        in_both: Sequence[Appeared],
        at: datetime,
        accounts: Mapping[str, str],
    ) -> None: ...

    async def known(self) -> Sequence[ClusterSighting]: ...

    async def appear(self, found: Sequence[Appeared], at: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """The clusters of both APIs at one moment, and the gaps. `accounts` has a digest of each account that was
    asked, by contract."""

    in_v1: tuple[Cluster, ...]
    in_v2: tuple[Cluster, ...]
    gaps: tuple[Gap, ...]
    accounts: Mapping[str, str]

    def asked_for(self, known: ClusterSighting) -> bool:
        """Return whether the account was asked that last showed this cluster: another one may not see it."""
        account = self.accounts.get(known.cluster.contract)
        return account is not None and known.account in {"", account}


async def read_fleet(
    fleet: ReadableFleet, may_see: Callable[[Cluster], bool], accounts: Mapping[str, str]
) -> FleetSnapshot:
    """Read both APIs, every region. Raises ConfigError without any contract."""
    listing = await fleet.sightings()
    return FleetSnapshot(
        in_v1=tuple(each for each in listing.items if each.api is Api.V1 and may_see(each)),
        in_v2=tuple(each for each in listing.items if each.api is Api.V2),
        gaps=listing.gaps,
        accounts=accounts,
    )


async def record_sightings(
    sightings: SightingLog, now: FleetSnapshot, at: datetime
) -> tuple[ClusterSighting, ...]:
    """Store the clusters of a snapshot; returns every cluster known by then. Raises StoreError."""
    shown = V2Listings.from_clusters(now.in_v2)
    await sightings.remember(now.in_v1, _match(now.in_v1, shown), at, now.accounts)
    known = await sightings.known()
    found = find_appeared(known, now)
    if not found:
        return tuple(known)
    await sightings.appear(found, at)
    return tuple(await sightings.known())


def find_appeared(known: Iterable[ClusterSighting], now: FleetSnapshot) -> tuple[Appeared, ...]:
    """Return the known clusters that v2 shows for the first time."""
    waiting = (each.cluster for each in known if each.appeared_at is None)
    return _match(waiting, V2Listings.from_clusters(now.in_v2))


def _match(clusters: Iterable[Cluster], shown: V2Listings) -> tuple[Appeared, ...]:
    found = ((each, shown.find(each)) for each in clusters)
    return tuple(Appeared(each, match[1], match[0]) for each, match in found if match is not None)


def find_undetermined(known: Iterable[ClusterSighting], now: FleetSnapshot) -> tuple[Cluster, ...]:
    """Return the known clusters whose presence is open, because v2 did not respond where they would be."""
    shown = V2Listings.from_clusters(now.in_v2)
    waiting = (each.cluster for each in known if each.appeared_at is None)
    return tuple(
        each for each in waiting if find_presence(each, shown, now.gaps).state is PresenceState.UNDETERMINED
    )


def find_left_v1(
    known: Iterable[ClusterSighting], now: FleetSnapshot
) -> tuple[tuple[Cluster, Cluster | None], ...]:
    """Return known clusters that v1 does not show any more, although it responded, and what v2 shows of each.

    One of which v2 shows nothing counts only where v2 responded and the account was asked that has shown it:
    else it may just be out of sight.
    """
    still = {each.id for each in now.in_v1}
    shown, found = V2Listings.from_clusters(now.in_v2), list[tuple[Cluster, Cluster | None]]()
    for each in known:
        cluster = each.cluster
        if cluster.id in still or _is_v1_silent(cluster, now.gaps):
            continue
        where = find_presence(cluster, shown, now.gaps)
        if where.counterpart is None and not now.asked_for(each):
            continue
        if where.state is not PresenceState.UNDETERMINED:
            found.append((cluster, where.counterpart))
    return tuple(found)


def sort_differences(before: Cluster, after: Cluster) -> tuple[Difference, ...]:
    """Return the differences, those that somebody should look at first."""
    return tuple(sorted(compare_clusters(before, after), key=lambda each: not each.is_alarm))


def _is_v1_silent(cluster: Cluster, gaps: Sequence[Gap]) -> bool:
    return any(gap.api in {None, Api.V1} and gap.contract in {None, cluster.contract} for gap in gaps)
