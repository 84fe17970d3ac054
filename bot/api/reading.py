"""Reading the whole fleet: every contract, v1 and nine regions of v2 at once, and where we could not look."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.api.access import Access, Addresses
from bot.api.contract import Contract
from bot.api.merging import gathered, merged
from bot.api.place import Place
from bot.api.transport import Wiring
from bot.api.v1 import V1
from bot.api.v2 import V2
from bot.api.waiting import PASSING
from bot.clock import Clock
from bot.domain import Api, BackupLocation, Cluster, Gap, Listing, PostgresVersion
from bot.errors import BadArgument, CloudError, ConfigError, NotFound

Thing = TypeVar("Thing")

RECENT = 30.0
"""Seconds for which a picker may show what was listed before."""


class Reading:
    """Everything that only looks. Listings never raise CloudError: what failed is a gap."""

    def __init__(self, contracts: Sequence[Contract], gaps: tuple[Gap, ...], clock: Clock) -> None:
        self._contracts = {contract.name: contract for contract in contracts}
        self._gaps = gaps
        self._clock = clock
        self._recent: tuple[float, Listing[Cluster]] | None = None
        self._recent_lock = asyncio.Lock()

    async def close(self) -> None:
        """Close every connection."""
        for contract in self._contracts.values():
            await contract.transport.close()

    async def clusters(self) -> Listing[Cluster]:
        """Every cluster, one per id. Raises ConfigError when no contract is configured."""
        return merged(await self.sightings())

    async def sightings(self) -> Listing[Cluster]:
        """Every cluster as often as it is seen: a cluster that both APIs show comes twice."""
        return await self._all(lambda api: api.clusters())

    async def recent_clusters(self) -> Listing[Cluster]:
        """Every cluster as of at most 30 seconds ago: for pickers and suggestions, never for decisions."""
        async with self._recent_lock:
            now = self._clock.monotonic()
            if self._recent is None or now - self._recent[0] > RECENT:
                self._recent = (now, await self.clusters())
            return self._recent[1]

    async def cluster(self, cluster: Cluster) -> Cluster:
        """A known cluster, read afresh. One that v1 no longer knows is looked for in v2, under the same id.

        The result then says so in `api`. Raises NotFound when it is gone (its next step says so if v2 cannot
        be asked with these credentials), and v2's error when that may pass: then nobody can tell yet.
        """
        contract = self._of(cluster)
        if cluster.api is Api.V2:
            return await contract.need_v2(cluster.region).cluster(cluster.id)
        try:
            return await contract.need_v1().cluster(cluster.id)
        except NotFound as gone:
            return await self._moved(contract, cluster, gone)

    async def counterpart(self, cluster: Cluster) -> Cluster | None:
        """What v2 shows under the id of a v1 cluster; None when it shows nothing.

        Raises CloudError when v2 could not be asked: that is not "nothing".
        """
        try:
            return await self._of(cluster).need_v2(cluster.region).cluster(cluster.id)
        except NotFound:
            return None

    async def versions(self) -> Listing[PostgresVersion]:
        """The PostgreSQL majors that new clusters may use, by API, contract and region."""

        async def of(api: V1 | V2) -> Listing[PostgresVersion]:
            return Listing(await api.versions()) if isinstance(api, V1) else await api.versions()

        return await self._all(of)

    async def versions_for(self, cluster: Cluster) -> tuple[str, ...]:
        """The majors that this cluster can be upgraded to, without its present one. Raises CloudError."""
        contract = self._of(cluster)
        if cluster.api is Api.V1:
            names = tuple(each.name for each in await contract.need_v1().cluster_versions(cluster.id))
            return tuple(name for name in names if name != cluster.postgres_version)
        offered = await contract.need_v2(cluster.region).versions()
        own = [each for each in offered.items if each.name == cluster.postgres_version]
        return own[0].can_upgrade_to if own else ()

    async def backup_locations(self) -> Listing[BackupLocation]:
        """Where v2 can keep backups, by contract and region."""

        async def of(api: V1 | V2) -> Listing[BackupLocation]:
            return await api.backup_locations() if isinstance(api, V2) else Listing(())

        return await self._all(of)

    async def probe(self) -> Listing[str]:
        """One cheap call to every address: those that answered and took the credentials, and the rest."""

        async def of(api: V1 | V2) -> Listing[str]:
            await api.probe()
            return Listing((str(api.place),))

        return await self._all(of, advise=True)

    def _of(self, cluster: Cluster) -> Contract:
        return self._named(cluster.contract)

    def _named(self, name: str) -> Contract:
        if name not in self._contracts:
            raise ConfigError(
                f"There is no contract {name} in the settings.", "Add it under ionos.contracts."
            )
        return self._contracts[name]

    async def _all(
        self, ask: Callable[[V1 | V2], Awaitable[Listing[Thing]]], *, advise: bool = False
    ) -> Listing[Thing]:
        if not self._contracts:
            raise ConfigError(
                "No IONOS contract is configured.",
                "Set IONOS_TOKEN, or name a contract and its token under ionos.contracts in app.yaml.",
            )

        async def one(api: V1 | V2) -> Listing[Thing]:
            try:
                listing = await ask(api)
            except CloudError as error:
                listing = Listing((), (_gap(api.place, error, advise=advise),))
            return Listing(listing.items, tuple(_placed(gap, api.place) for gap in listing.gaps))

        apis = [api for contract in self._contracts.values() for api in contract.everywhere()]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(api)) for api in apis]
        return gathered((task.result() for task in tasks), self._gaps)

    async def _moved(self, contract: Contract, cluster: Cluster, gone: NotFound) -> Cluster:
        """What v2 shows of a cluster that v1 no longer knows."""
        try:
            return await contract.need_v2(cluster.region).cluster(cluster.id)
        except NotFound:
            raise gone from None
        except (CloudError, BadArgument) as error:
            if isinstance(error, PASSING) and contract.v2:
                raise
            advice = f"It may have moved to v2, which could not be asked: {error.sentence}"
            raise NotFound(gone.sentence, advice, fault=gone.fault) from None


def _placed(gap: Gap, place: Place) -> Gap:
    return replace(gap, api=place.api, contract=place.contract, region=place.region)


def _gap(place: Place, error: CloudError, *, advise: bool) -> Gap:
    why = error.sentence.removeprefix(f"{place} ").removesuffix(".")
    return Gap(where=str(place), why=f"{why}. {error.next_step}" if advise else why)


def open_contracts(
    accesses: Sequence[Access], addresses: Addresses, clock: Clock, wiring: Wiring
) -> tuple[Contract, ...]:
    """One per access. Raises ConfigError when two have the same name."""
    if len({access.name for access in accesses}) < len(accesses):
        raise ConfigError("Two contracts have the same name.", "Names under ionos.contracts must differ.")
    return tuple(Contract.open(access, addresses, clock, wiring) for access in accesses)
