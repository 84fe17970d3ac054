"""The watch: which known v1 clusters v2 shows now, and what differs between the two."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.cluster import Api, Cluster, Gap, Listing
from migrations.v1_v2_diff import Difference, compare
from migrations.v2_presence import PresenceState, V2Listings, stand


class WatchedFleet(Protocol):
    """What is looked at; `bot.ionos.fleet.Fleet` is one."""

    async def sightings(self) -> Listing[Cluster]: ...


class SeenCluster(Protocol):
    """A v1 cluster that was seen some time, when v2 was first seen to show it, and how we know."""

    @property
    def cluster(self) -> Cluster: ...

    @property
    def appeared_at(self) -> datetime | None: ...

    @property
    def how(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Appeared:
    """A known v1 cluster that v2 shows, what v2 shows, and how we know that it is the same."""

    cluster: Cluster
    counterpart: Cluster
    how: str


class SightingLog(Protocol):
    """Where it is kept which clusters are known and which have appeared."""

    async def remember(
        self, clusters: Sequence[Cluster], in_both: Sequence[Appeared], at: datetime
    ) -> None: ...

    async def known(self) -> Sequence[SeenCluster]: ...

    async def appear(self, found: Sequence[Appeared], at: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """What the two APIs show at one moment, and where nobody could look."""

    in_v1: tuple[Cluster, ...]
    in_v2: tuple[Cluster, ...]
    gaps: tuple[Gap, ...]


async def look(fleet: WatchedFleet, may_see: Callable[[Cluster], bool]) -> FleetSnapshot:
    """Both APIs, every region. Raises ConfigError without any contract."""
    listing = await fleet.sightings()
    return FleetSnapshot(
        in_v1=tuple(each for each in listing.items if each.api is Api.V1 and may_see(each)),
        in_v2=tuple(each for each in listing.items if each.api is Api.V2),
        gaps=listing.gaps,
    )


async def note(sightings: SightingLog, now: FleetSnapshot, at: datetime) -> tuple[SeenCluster, ...]:
    """Keep what a look found; gives back every cluster that is known by then. Raises StoreError."""
    shown = V2Listings.among(now.in_v2)
    await sightings.remember(now.in_v1, _matched(now.in_v1, shown), at)
    known = await sightings.known()
    found = appeared(known, now)
    if not found:
        return tuple(known)
    await sightings.appear(found, at)
    return tuple(await sightings.known())


def appeared(known: Iterable[SeenCluster], now: FleetSnapshot) -> tuple[Appeared, ...]:
    """Those of the known that v2 shows and had not been seen to show."""
    waiting = (each.cluster for each in known if each.appeared_at is None)
    return _matched(waiting, V2Listings.among(now.in_v2))


def _matched(clusters: Iterable[Cluster], shown: V2Listings) -> tuple[Appeared, ...]:
    found = ((each, shown.find(each)) for each in clusters)
    return tuple(Appeared(each, match[1], match[0]) for each, match in found if match is not None)


def undetermined(known: Iterable[SeenCluster], now: FleetSnapshot) -> tuple[Cluster, ...]:
    """Those of which nobody can tell, because v2 could not be asked where they would be."""
    shown = V2Listings.among(now.in_v2)
    waiting = (each.cluster for each in known if each.appeared_at is None)
    return tuple(
        each for each in waiting if stand(each, shown, now.gaps).standing is PresenceState.UNDETERMINED
    )


def left_v1(known: Iterable[SeenCluster], now: FleetSnapshot) -> tuple[tuple[Cluster, Cluster | None], ...]:
    """Known clusters that v1 does not show any more, although it was asked, and what v2 shows of each.

    One of which v2 shows nothing counts only where v2 could be asked: else it may just be out of sight.
    """
    still = {each.id for each in now.in_v1}
    shown, found = V2Listings.among(now.in_v2), list[tuple[Cluster, Cluster | None]]()
    for each in known:
        cluster = each.cluster
        if cluster.id in still or _is_v1_silent(cluster, now.gaps):
            continue
        where = stand(cluster, shown, now.gaps)
        if where.standing is not PresenceState.UNDETERMINED:
            found.append((cluster, where.counterpart))
    return tuple(found)


def differences(before: Cluster, after: Cluster) -> tuple[Difference, ...]:
    """What differs, those that somebody should look at first."""
    return tuple(sorted(compare(before, after), key=lambda each: not each.is_alarm))


def _is_v1_silent(cluster: Cluster, gaps: Sequence[Gap]) -> bool:
    return any(gap.api in {None, Api.V1} and gap.contract in {None, cluster.contract} for gap in gaps)
