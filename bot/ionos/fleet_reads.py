"""Reads of the whole fleet: every contract, v1 and nine regions of v2 at once, with gaps named."""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Self, TypeVar

from bot.domain.api_capabilities import Operation
from bot.domain.cluster import BackupLocation, Cluster, Gap, Listing, PostgresVersion
from bot.domain.errors import BadArgument, CloudError, ConfigError, NotFound, UnreadableAnswer
from bot.ionos.cluster_lookup import describe_gaps, quote_name
from bot.ionos.contract_client import ContractClient, may_hide
from bot.ionos.credentials import Addresses, ContractAccess
from bot.ionos.endpoint import Endpoint, EndpointRefusal
from bot.ionos.merge import find_conflicts, gather_listings, merge_clusters
from bot.ionos.not_found import NOT_ASKED, ClusterQuery, explain_not_found, missing_error
from bot.ionos.read_cache import NoCache, ReadCache, SharedReads, TimedCache
from bot.ionos.transport import TransportOptions
from bot.ionos.v1.client import V1Client
from bot.ionos.v2.client import V2Client
from bot.ionos.wait import PASSING
from bot.runtime.clock import Clock
from bot.runtime.work_turns import skip_turn, take_turn

Thing = TypeVar("Thing")

OnListing = Callable[[Listing[Cluster]], Awaitable[None]]
"""Receives each listing of the whole fleet, one cluster per id, before the one who asked for it."""


async def ignore_listing(_listing: Listing[Cluster]) -> None:
    """Ignore a listing."""


RECENT = 30.0
"""Seconds for which a picker may show an earlier listing."""


class FleetReads:
    """The read operations. Listings never raise CloudError: an endpoint that failed is a gap."""

    def __init__(self, contracts: Sequence[ContractClient], gaps: tuple[Gap, ...], clock: Clock) -> None:
        self._contracts = {contract.name: contract for contract in contracts}
        self._gaps = gaps
        self._clock = clock
        self._cache: ReadCache = NoCache()
        self.on_listing: OnListing = ignore_listing
        self._recent = TimedCache(clock, RECENT)
        self._shared = SharedReads()
        self._read: set[tuple[str, str]] = set()
        """Contract and id of every cluster that this process has read: its account can see them."""

    def cached(self, cache: ReadCache) -> Self:
        """Return this fleet, over the same connections, with its listings kept in `cache`."""
        fleet = copy.copy(self)
        fleet._cache = cache  # noqa: SLF001 - a copy of itself
        return fleet

    async def close(self) -> None:
        """Close every connection."""
        for contract in self._contracts.values():
            await contract.transport.close()

    async def clusters(self) -> Listing[Cluster]:
        """Return every cluster, one per id. Raises ConfigError when no contract is configured."""
        return merge_clusters(await self.sightings())

    async def sightings(self, ready: Callable[[], Awaitable[None]] = take_turn) -> Listing[Cluster]:
        """Return every cluster as often as it is seen: twice where both APIs show it.

        `ready` is awaited before they are handed out, see `SharedReads`.
        """

        async def read() -> Listing[Cluster]:
            found = find_conflicts(await self._all(lambda api: api.clusters()))
            self._read |= {(each.contract, each.id.lower()) for each in found.items}
            merged = merge_clusters(found)
            self._recent.keep("clusters", merged)
            await self.on_listing(merged)
            return found

        return await self._cache.get("sightings", lambda: self._shared.get("sightings", read, ready))

    async def recent_clusters(self) -> Listing[Cluster]:
        """Return every cluster as of at most 30 seconds ago: for pickers, never for decisions."""

        async def read() -> Listing[Cluster]:
            # All who ask wait for the first of them, who therefore waits for no turn.
            return merge_clusters(await self.sightings(skip_turn))

        return await self._recent.get("clusters", read)

    def newest_clusters(self) -> Listing[Cluster] | None:
        """Return what `recent_clusters` would return without a call, None where it needs one."""
        return self._recent.newest("clusters")

    async def cluster(self, cluster: Cluster) -> Cluster:
        """Read a known cluster again. One that v1 no longer has is looked up in v2 under the same id.

        The result then has `api` v2. Raises NotFound when neither finds it, which does not mean that it is
        gone (the next step says so if v2 cannot be asked with these credentials), and v2's error when that is
        temporary.
        """
        contract = self._of(cluster)
        api = contract.of(cluster)
        try:
            found = await api.cluster(cluster.id)
        except NotFound as error:
            if isinstance(api, V2Client):
                raise missing_error(cluster, error) from None
            found = await self._moved(contract, cluster, error)
        self._read.add((cluster.contract, cluster.id.lower()))
        return found

    async def doubt_absence(self, cluster: Cluster) -> str:
        """Return why a cluster may exist although its address does not find it; "" when it is missing from a
        complete listing, too.

        An account that has not shown the cluster to this process, and shows no other of the contract, may be
        one that never could.
        """
        was_read = (cluster.contract, cluster.id.lower()) in self._read
        listing = await self.sightings()
        if any(each.id.lower() == cluster.id.lower() for each in listing.items):
            return "a listing shows it, but its own address does not"
        hiding = [each for each in listing.gaps if may_hide(each, cluster)]
        if hiding:
            return f"not every listing could be read: {describe_gaps(hiding)}"
        if not was_read and not any(each.contract == cluster.contract for each in listing.items):
            return f"contract {cluster.contract} shows no clusters; its token may see less than before"
        return ""

    async def counterpart(self, cluster: Cluster) -> Cluster | None:
        """Return the v2 cluster with the id of a v1 cluster; None when v2 has none.

        Raises CloudError when v2 did not answer, which is not "none".
        """
        try:
            return await self._of(cluster).need_v2(cluster.region).cluster(cluster.id)
        except NotFound:
            return None

    async def versions(self) -> Listing[PostgresVersion]:
        """Return the PostgreSQL majors for new clusters, by API, contract and region."""

        async def of(api: V1Client | V2Client) -> Listing[PostgresVersion]:
            listing = await api.versions()
            return Listing((*listing.items,), listing.gaps)

        return await self._cache.get("versions", lambda: self._all(of))

    async def versions_for(self, cluster: Cluster) -> tuple[str, ...]:
        """Return the majors that this cluster can be upgraded to, without its current one.

        Raises CloudError, also for an answer without the list, which is not "none".
        """
        asked = ClusterQuery(cluster=cluster, operation=Operation.READ, part="list of versions")
        offered = await self._followed(asked, lambda api: api.upgrades(cluster))
        if offered.gaps and not offered.items:
            name, why = quote_name(cluster.name), offered.gaps[0]
            raise UnreadableAnswer(
                f"The versions that {name} can be upgraded to are unknown: {why}.", "Try again later."
            )
        return offered.items

    async def backup_locations(self) -> Listing[BackupLocation]:
        """Return v2's backup locations, by contract and region."""

        async def of(api: V1Client | V2Client) -> Listing[BackupLocation]:
            return await api.backup_locations() if isinstance(api, V2Client) else Listing(())

        return await self._cache.get("locations", lambda: self._all(of))

    async def probe(self) -> Listing[str]:
        """Call every address once; return those that accepted the credentials, the others as gaps."""

        async def of(api: V1Client | V2Client) -> Listing[str]:
            await api.probe()
            return Listing((str(api.place),))

        return await self._all(of, advise=True)

    def _of(self, cluster: Cluster) -> ContractClient:
        return self.require_contract(cluster.contract)

    def require_contract(self, name: str) -> ContractClient:
        """Return a contract of the settings. Raises ConfigError."""
        if name not in self._contracts:
            raise ConfigError(
                f"There is no contract {name} in the settings.", "Add it under ionos.contracts."
            )
        return self._contracts[name]

    async def _all(
        self, ask: Callable[[V1Client | V2Client], Awaitable[Listing[Thing]]], *, advise: bool = False
    ) -> Listing[Thing]:
        if not self._contracts:
            raise ConfigError(
                "No IONOS contract is configured.",
                "Set IONOS_TOKEN, or name a contract and its token under ionos.contracts in app.yaml.",
            )

        async def one(api: V1Client | V2Client) -> Listing[Thing] | CloudError:
            try:
                return await ask(api)
            except CloudError as error:
                return error

        apis = [api for contract in self._contracts.values() for api in contract.everywhere()]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(api)) for api in apis]
        answers = [task.result() for task in tasks]
        listings = _placed_listings((api.place for api in apis), answers, advise=advise)
        return gather_listings(listings, self._gaps)

    async def _asked(self, asked: ClusterQuery, ask: Callable[[], Awaitable[Thing]]) -> Thing:
        """Return the result of `ask`; a 404 is explained by looking up the cluster. Raises CloudError."""
        try:
            return await ask()
        except NotFound as error:
            raise explain_not_found(error, asked, await self.cluster(asked.cluster)) from None

    async def _followed(
        self, asked: ClusterQuery, ask: Callable[[V1Client | V2Client], Awaitable[Thing]]
    ) -> Thing:
        """Do as `_asked`, and follow a cluster that has moved to v2: for reads only."""
        contract = self._of(asked.cluster)
        try:
            return await ask(contract.of(asked.cluster))
        except NotFound as error:
            now = await self.cluster(asked.cluster)
            if now.api is asked.cluster.api:
                raise explain_not_found(error, asked, now) from None
            return await ask(contract.of(now))

    async def _moved(self, contract: ContractClient, cluster: Cluster, error: NotFound) -> Cluster:
        """Return the v2 cluster of one that v1 no longer has."""
        try:
            return await contract.need_v2(cluster.region).cluster(cluster.id)
        except NotFound:
            raise missing_error(cluster, error) from None
        except (CloudError, BadArgument) as trouble:
            if isinstance(trouble, PASSING) and contract.v2:
                raise
            raise missing_error(cluster, error, f"{NOT_ASKED}{trouble.sentence}") from None


def _placed_listings(
    places: Iterable[Endpoint], answers: Iterable[Listing[Thing] | CloudError], *, advise: bool
) -> Iterator[Listing[Thing]]:
    """Return each endpoint's listing. The first gap of each reason has the next step; with `advise`, every
    gap has it in its reason."""
    told: set[str] = set()
    for place, answer in zip(places, answers, strict=True):
        if isinstance(answer, CloudError):
            why = _why(place, answer)
            step = answer.next_step if why not in told else ""
            told.add(why)
            gap = EndpointRefusal(
                where=str(place), why=why, step=step, is_passing=isinstance(answer, PASSING)
            )
            if advise:
                gap = replace(gap, why=f"{why}. {answer.next_step}", step="")
            yield Listing((), (_placed(gap, place),))
        else:
            yield Listing(answer.items, tuple(_placed(gap, place) for gap in answer.gaps))


def _placed(gap: Gap, place: Endpoint) -> Gap:
    return replace(gap, api=place.api, contract=place.contract, region=place.region)


def _why(place: Endpoint, error: CloudError) -> str:
    """Return the reason, without the endpoint and the full stop."""
    why = error.sentence.removeprefix(f"{place} ").removesuffix(".")
    status = error.fault.status if error.fault else None
    if status is not None and str(status) not in why:
        why += f" ({status})"
    return why


def open_contracts(
    accesses: Sequence[ContractAccess], addresses: Addresses, clock: Clock, wiring: TransportOptions
) -> tuple[ContractClient, ...]:
    """Open one client per contract. Raises ConfigError for a name used twice."""
    if len({access.name for access in accesses}) < len(accesses):
        raise ConfigError("Two contracts have the same name.", "Names under ionos.contracts must differ.")
    return tuple(ContractClient.open(access, addresses, clock, wiring) for access in accesses)
