"""Collection of the facts of every v1 cluster, concurrently, in as few calls as the two APIs allow."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from bot.domain.cluster import (
    Api,
    Backup,
    BackupLocation,
    Cluster,
    ClusterDatabase,
    DbUser,
    Gap,
    Listing,
    PostgresVersion,
)
from bot.domain.errors import CloudError
from bot.domain.request import Progress, ignore_progress
from migrations.facts import NOT_FETCHED, ClusterFacts, FactNeed, MissingFact
from migrations.identity import find_home
from migrations.v2_presence import PresenceState, V2Presence, find_hiding_gap, find_v1_gap, pair_fleet

MAX_CONCURRENT = 16
"""Clusters whose users and databases are asked for at the same time; the API's rate limits are unknown."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Offer = TypeVar("Offer", PostgresVersion, BackupLocation)


class ReadableFleet(Protocol):
    """The reads that the collector needs; `bot.ionos.fleet.Fleet` has them."""

    async def sightings(self) -> Listing[Cluster]: ...

    async def versions(self) -> Listing[PostgresVersion]: ...

    async def backup_locations(self) -> Listing[BackupLocation]: ...

    async def all_backups(self) -> Listing[Backup]: ...

    async def users(self, cluster: Cluster, *, system: bool = False) -> Listing[DbUser]: ...

    async def databases(self, cluster: Cluster) -> Listing[ClusterDatabase]: ...


def any_cluster(_cluster: Cluster) -> bool:
    """Return True for every cluster."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedFacts:
    """Facts of every v1 cluster with its presence in v2, and the gaps.

    `in_v2` is every cluster that v2 shows, whether or not it was ever in v1.
    """

    facts: tuple[tuple[ClusterFacts, V2Presence], ...]
    gaps: tuple[Gap, ...]
    in_v2: tuple[Cluster, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """The listings that come whole, before any cluster is read by itself, and their indexes."""

    sightings: Listing[Cluster]
    versions: Listing[PostgresVersion] | None
    locations: Listing[BackupLocation] | None
    backups: Listing[Backup] | None
    in_v1: Sequence[Cluster]
    presences: Mapping[str, V2Presence]
    namesakes: dict[tuple[str, str | None], list[Cluster]]
    backups_by_cluster: dict[str, list[Backup]]

    def gaps(self) -> tuple[Gap, ...]:
        listings = (self.sightings, self.versions, self.locations, self.backups)
        return tuple(dict.fromkeys(gap for each in listings if each is not None for gap in each.gaps))


class Collector:
    """Reads what the active rules need and nothing else; the lists first, then cluster by cluster."""

    def __init__(
        self, fleet: ReadableFleet, needs: frozenset[FactNeed], progress: Progress = ignore_progress
    ) -> None:
        self._fleet = fleet
        self._needs = needs
        self._progress = progress
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)
        self._done = 0

    async def collect(
        self,
        now: datetime,
        *,
        owner_of: Callable[[Cluster], str | None],
        include: Callable[[Cluster], bool] = any_cluster,
        may_see: Callable[[Cluster], bool] = any_cluster,
    ) -> CollectedFacts:
        """Return the facts of every v1 cluster that `include` selects. Raises ConfigError without any
        contract.

        A cluster that may not be seen is as if v1 did not show it, also where another has its name.
        """
        await self._progress("Reading clusters, versions and backups in every region")
        lists = await self._read_lists(may_see)
        wanted = [
            ClusterFacts(cluster=each, read_at=now, owner=owner_of(each))
            for each in lists.in_v1
            if include(each)
        ]
        read = await asyncio.gather(*(self._read_accounts(each, len(wanted)) for each in wanted))
        facts = await asyncio.to_thread(lambda: tuple(self._add_lists(each, lists) for each in read))
        in_v2 = tuple(each for each in lists.sightings.items if each.api is Api.V2)
        return CollectedFacts(facts=facts, gaps=lists.gaps(), in_v2=in_v2)

    async def _read_lists(self, may_see: Callable[[Cluster], bool]) -> _Lists:
        async def if_needed(need: FactNeed, read: Callable[[], Awaitable[Listing[T]]]) -> Listing[T] | None:
            return await read() if need in self._needs else None

        sightings, versions, locations, backups = await asyncio.gather(
            self._fleet.sightings(),
            if_needed(FactNeed.V2_VERSIONS, self._fleet.versions),
            if_needed(FactNeed.V2_LOCATIONS, self._fleet.backup_locations),
            if_needed(FactNeed.BACKUPS, self._fleet.all_backups),
        )
        in_v1 = [each for each in _v1_clusters(sightings) if may_see(each)]
        return _Lists(
            sightings=sightings,
            versions=versions,
            locations=locations,
            backups=backups,
            in_v1=in_v1,
            presences=pair_fleet(in_v1, sightings.items, sightings.gaps),
            namesakes=_group_by(in_v1, lambda each: (each.name, find_home(each).region)),
            backups_by_cluster=_group_by(
                backups.items if backups else (), lambda each: (each.cluster_id or "").casefold()
            ),
        )

    async def _read_accounts(self, facts: ClusterFacts, total: int) -> ClusterFacts:
        cluster = facts.cluster
        async with self._slots:
            users = await self._read_if_needed(
                FactNeed.USERS, lambda: self._fleet.users(cluster, system=True)
            )
            databases = await self._read_if_needed(FactNeed.DATABASES, lambda: self._fleet.databases(cluster))
        self._done += 1
        if self._done % 50 == 0:
            await self._progress(f"Checking cluster {self._done:,} of {total:,}")
        return replace(facts, users=users, databases=databases)

    async def _read_if_needed(
        self, need: FactNeed, read: Callable[[], Awaitable[Listing[T]]]
    ) -> tuple[T, ...] | MissingFact:
        if need not in self._needs:
            return NOT_FETCHED
        try:
            listing = await read()
        except CloudError as error:
            return MissingFact(error.sentence)
        # An incomplete list proves nothing about what is missing from it.
        return MissingFact(str(listing.gaps[0])) if listing.gaps else listing.items

    def _add_lists(self, facts: ClusterFacts, lists: _Lists) -> tuple[ClusterFacts, V2Presence]:
        cluster = facts.cluster
        where = lists.presences[cluster.id.casefold()]
        in_v2: Cluster | MissingFact | None = None
        if where.state is PresenceState.UNDETERMINED:
            in_v2 = MissingFact(where.how)
        elif where.state is PresenceState.VISIBLE:
            in_v2 = where.counterpart
        complete = replace(
            facts,
            backups=_cluster_backups(cluster, lists),
            v2_versions=select_region(cluster, lists.versions),
            v2_locations=select_region(cluster, lists.locations),
            v2_cluster=in_v2 if FactNeed.V2_CLUSTER in self._needs else NOT_FETCHED,
            v2_successor=where.counterpart if where.state is PresenceState.SUCCESSOR else None,
            namesakes=_namesakes(cluster, lists),
        )
        return complete, where


def _v1_clusters(sightings: Listing[Cluster]) -> Sequence[Cluster]:
    """Return each v1 cluster once, by id: two contracts of one token can show the same cluster."""
    found: dict[str, Cluster] = {}
    for each in sightings.items:
        if each.api is Api.V1:
            found.setdefault(each.id.casefold(), each)
    return sorted(found.values(), key=lambda each: (each.name.casefold(), each.id))


def select_region(cluster: Cluster, listing: Listing[Offer] | None) -> tuple[Offer, ...] | MissingFact:
    """Return what v2 lists for a cluster's region, or why that is not known."""
    if listing is None:
        return NOT_FETCHED
    home = find_home(cluster)
    region = home.v2_region
    if region is None:
        return MissingFact(home.why_unknown)
    gap = find_hiding_gap(cluster, listing.gaps)
    if gap is not None:
        return MissingFact(str(gap))
    return tuple(
        each for each in listing.items if each.region == region and each.contract == cluster.contract
    )


def _cluster_backups(cluster: Cluster, lists: _Lists) -> tuple[Backup, ...] | MissingFact:
    if lists.backups is None:
        return NOT_FETCHED
    lost = find_v1_gap(cluster, lists.backups.gaps)
    if lost is not None:
        return MissingFact(str(lost))
    return tuple(
        each for each in lists.backups_by_cluster.get(cluster.id.casefold(), ()) if each.api is Api.V1
    )


def _namesakes(cluster: Cluster, lists: _Lists) -> tuple[Cluster, ...] | MissingFact:
    home = find_home(cluster)
    if home.region is None:
        return MissingFact(home.why_unknown)
    return tuple(each for each in lists.namesakes[cluster.name, home.region] if each.id != cluster.id)


def _group_by(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for each in things:
        groups.setdefault(key(each), []).append(each)
    return groups
