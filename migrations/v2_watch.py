"""The watch: known v1 clusters that v2 shows now, and the differences between the two views."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.cluster import Api, Cluster, Gap
from bot.domain.migration_records import Appeared, ClusterSighting
from migrations.collect import ReadableFleet
from migrations.v1_v2_diff import Difference, compare_clusters
from migrations.v2_presence import SAME_ID, PresenceState, V2Presence, find_v1_gap, pair_fleet


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
    known = await sightings.known()
    # Thousands of clusters are paired beside the loop.
    presences = await asyncio.to_thread(_pair_known, known, now)
    await sightings.remember(now.in_v1, _list_shown(now.in_v1, presences), at, now.accounts)
    found = await asyncio.to_thread(find_appeared, known, now)
    if found:
        await sightings.appear(found, at)
    return tuple(await sightings.known())


def find_appeared(known: Iterable[ClusterSighting], now: FleetSnapshot) -> tuple[Appeared, ...]:
    """Return the known clusters that v2 shows for the first time, or whose probable successor it does.

    One that had a probable successor before appears once more when v2 shows its own id.
    """
    known = tuple(known)
    waiting = {each.cluster.id for each in known if each.appeared_at is None}
    succeeded = {each.cluster.id for each in known if each.has_successor}
    return tuple(
        each
        for each in _list_shown((each.cluster for each in known), _pair_known(known, now))
        if each.cluster.id in waiting or (each.cluster.id in succeeded and each.how == SAME_ID)
    )


def _pair_known(known: Iterable[ClusterSighting], now: FleetSnapshot) -> Mapping[str, V2Presence]:
    """Return the presence of every cluster that v1 shows or once showed: each counterpart is of one alone."""
    return pair_fleet((*now.in_v1, *(each.cluster for each in known)), now.in_v2, now.gaps)


def _list_shown(clusters: Iterable[Cluster], presences: Mapping[str, V2Presence]) -> tuple[Appeared, ...]:
    found = ((each, presences[each.id.casefold()]) for each in clusters)
    return tuple(Appeared(each, where.counterpart, where.how) for each, where in found if where.counterpart)


def find_undetermined(known: Iterable[ClusterSighting], now: FleetSnapshot) -> tuple[Cluster, ...]:
    """Return the known clusters whose presence is open, because v2 did not respond where they would be, or
    several match."""
    known = tuple(known)
    presences = _pair_known(known, now)
    return tuple(
        each.cluster
        for each in known
        if each.appeared_at is None
        and presences[each.cluster.id.casefold()].state is PresenceState.UNDETERMINED
    )


def find_left_v1(
    known: Iterable[ClusterSighting], now: FleetSnapshot
) -> tuple[tuple[Cluster, V2Presence], ...]:
    """Return known clusters that v1 does not show any more, although it responded, and their presence in v2:
    visible, a probable successor, or pending, which says that v2 shows nothing.

    A cluster that v2 doesn't show counts only where v2 responded, and was asked with the account that has
    shown the cluster: else the account may just not see it.
    """
    known = tuple(known)
    presences = _pair_known(known, now)
    still, found = {each.id for each in now.in_v1}, list[tuple[Cluster, V2Presence]]()
    for each in known:
        cluster = each.cluster
        if cluster.id in still or find_v1_gap(cluster, now.gaps):
            continue
        where = presences[cluster.id.casefold()]
        if where.counterpart is None and not now.asked_for(each):
            continue
        if where.state is not PresenceState.UNDETERMINED:
            found.append((cluster, where))
    return tuple(found)


def sort_differences(before: Cluster, after: Cluster) -> tuple[Difference, ...]:
    """Return the differences, those that somebody should look at first."""
    return tuple(sorted(compare_clusters(before, after), key=lambda each: not each.is_alarm))
