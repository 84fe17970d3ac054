"""The fleet: all clusters of every contract, over v1 and nine regions of v2 at once, with gaps named."""

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Self, TypeVar

from bot.domain.api_capabilities import Operation, require_operation
from bot.domain.cluster import (
    Api,
    Backup,
    BackupLocation,
    Cluster,
    ClusterDatabase,
    DbUser,
    Gap,
    Listing,
    LogLine,
    PostgresVersion,
)
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.domain.errors import BadArgument, CloudError, ConfigError, NotFound, UnreadableAnswer
from bot.ionos.cluster_lookup import (
    NOT_ASKED,
    ClusterQuery,
    describe_gaps,
    explain_not_found,
    missing_error,
    quote_name,
)
from bot.ionos.contract_client import ContractClient, may_hide
from bot.ionos.credentials import Addresses, ContractAccess
from bot.ionos.merge import find_conflicts, gather_answers, merge_backups, merge_clusters
from bot.ionos.read_cache import NoCache, ReadCache, SharedReads, TimedCache
from bot.ionos.transport import TransportOptions
from bot.ionos.v1.client import V1Client
from bot.ionos.v1.requests import fit_window
from bot.ionos.v2.client import V2Client
from bot.ionos.wait import PASSING, ClusterWait, WaitGoal, WaitResult
from bot.runtime.clock import Clock
from bot.runtime.work_turns import skip_turn, take_turn

Thing = TypeVar("Thing")
AnyClient = V1Client | V2Client

OnListing = Callable[[Listing[Cluster]], Awaitable[None]]
"""Receives each listing of the whole fleet, one cluster per id, before the one who asked for it."""


async def ignore_listing(_listing: Listing[Cluster]) -> None:
    """Ignore a listing."""


RECENT = 30.0
"""Seconds for which a picker may show an earlier listing."""

BETWEEN_DELETIONS = 10.0
"""Seconds between two deletions of users or databases of a cluster; sooner gives 500 (notes 4)."""


class Fleet:
    """All clusters of every contract, and the operations on one of them, whichever API it is on.

    Listings of the fleet never raise CloudError: an endpoint that failed is a gap. Operations raise
    NotOffered for what their API lacks, before any call. Writes are sent once and never repeated: a lost
    answer is OutcomeUnknown. No method waits for a change to be done; `wait_for` does.
    """

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
        self._deleting: dict[str, asyncio.Lock] = {}
        self._deleted_at: dict[str, float] = {}

    def cached(self, cache: ReadCache) -> Self:
        """Return this fleet, over the same connections, with its listings kept in `cache`."""
        fleet = copy.copy(self)
        fleet._cache = cache  # noqa: SLF001 - a copy of itself
        return fleet

    async def close(self) -> None:
        for contract in self._contracts.values():
            await contract.transport.close()

    # Reads of the whole fleet

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

    async def all_backups(self) -> Listing[Backup]:
        """Return every backup of every contract, those of deleted clusters included while they exist."""

        async def read() -> Listing[Backup]:
            return merge_backups(find_conflicts(await self._all(lambda api: api.backups())))

        return await self._cache.get("backups", lambda: self._shared.get("backups", read))

    async def versions(self) -> Listing[PostgresVersion]:
        """Return the PostgreSQL majors for new clusters, by API, contract and region."""
        return await self._cache.get("versions", lambda: self._all(lambda api: api.versions()))

    async def backup_locations(self) -> Listing[BackupLocation]:
        """Return v2's backup locations, by contract and region."""

        async def of(api: AnyClient) -> Listing[BackupLocation]:
            return await api.backup_locations() if isinstance(api, V2Client) else Listing(())

        return await self._cache.get("locations", lambda: self._all(of))

    async def probe(self) -> Listing[str]:
        """Call every address once; return those that accepted the credentials, the others as gaps."""

        async def of(api: AnyClient) -> Listing[str]:
            await api.probe()
            return Listing((str(api.place),))

        return await self._all(of, advise=True)

    # Reads of one cluster

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

    async def backups(self, cluster: Cluster) -> Listing[Backup]:
        """Return a cluster's backups, from v2 if it has moved there. Raises CloudError when unreadable."""
        asked = ClusterQuery(cluster=cluster, operation=Operation.BACKUPS, part="list of backups")
        return await self._cache.get(
            f"backups {cluster.id}", lambda: self._followed(asked, lambda api: api.backups(cluster.id))
        )

    async def logs(self, cluster: Cluster, window: LogWindow) -> Listing[LogLine]:
        """Return log lines by instance, with oddities of the answer; unreadable ones say so in their text. v1
        only, at most 30 days back.

        They may hold secrets typed as SQL. Raises BadArgument for another window.
        """
        require_operation(Operation.LOGS, cluster.api)
        requested = fit_window(window, self._clock.now())
        return await self._on_v1(Operation.LOGS, cluster, "logs", lambda api: api.logs(cluster.id, requested))

    # Changes of clusters

    async def create(self, new: NewCluster, credentials: Credentials) -> Cluster:
        """Start to create a cluster, empty or from a backup."""
        contract = self.require_contract(new.contract)
        api = contract.need_v1() if new.api is Api.V1 else contract.need_v2(new.region)
        try:
            return await api.create_cluster(new, credentials)
        except NotFound as error:
            raise NotFound(
                f"{api.place} does not find something that the new cluster refers to.",
                "Check its data centre, its LAN and, if there is one, its backup.",
                fault=error.fault,
            ) from None

    async def change(
        self, cluster: Cluster, change: ClusterChange, credentials: Credentials | None = None
    ) -> Cluster:
        """Start to change a cluster. v2 needs `credentials`, and sets the primary password from them."""
        asked = ClusterQuery(cluster=cluster, operation=Operation.CHANGE)
        return await self._asked(asked, lambda api: api.change_cluster(cluster.id, change, credentials))

    async def delete(self, cluster: Cluster) -> None:
        """Start to delete a cluster."""
        asked = ClusterQuery(cluster=cluster, operation=Operation.DELETE)
        await self._asked(asked, lambda api: api.delete_cluster(cluster.id))

    async def restore(
        self, cluster: Cluster, target: RestoreTo, credentials: Credentials | None = None
    ) -> None:
        """Start to restore in place. v1 needs the backup's id; v2 the time, and `credentials` as `change`."""
        operation = Operation.RESTORE if target.backup_id is None else Operation.RESTORE_FROM_BACKUP
        require_operation(operation, cluster.api)
        part = "" if target.backup_id is None else f"backup {quote_name(target.backup_id)}"
        asked = ClusterQuery(cluster=cluster, operation=operation, part=part)
        await self._asked(asked, lambda api: api.restore(cluster.id, target, credentials))

    async def wait_for(self, cluster: Cluster, goal: WaitGoal | None = None) -> WaitResult:
        """Poll a cluster until the goal is reached; see `bot.ionos.wait`.

        It is followed to v2: a cluster that v2 still shows is not gone.
        """
        wait = ClusterWait(
            lambda: self.cluster(cluster),
            lambda: self.doubt_absence(cluster),
            goal or WaitGoal(),
            self._clock,
        )
        return await wait.until_done()

    # Users, v1 only

    async def users(self, cluster: Cluster, *, system: bool = False) -> Listing[DbUser]:
        """Return a cluster's users; system users only with `system`."""
        return await self._cache.get(
            f"users {cluster.id} {system}",
            lambda: self._on_users(cluster, lambda api: api.users(cluster.id, system=system)),
        )

    async def user(self, cluster: Cluster, name: str) -> DbUser:
        async def read() -> Listing[DbUser]:
            return Listing((await self._on_users(cluster, lambda api: api.user(cluster.id, name), name),))

        return (await self._cache.get(f"users {cluster.id} named {name}", read)).items[0]

    async def create_user(self, cluster: Cluster, user: Credentials) -> DbUser:
        """Create a user; the cluster is BUSY meanwhile."""
        return await self._on_users(cluster, lambda api: api.create_user(cluster.id, user))

    async def change_password(self, cluster: Cluster, user: Credentials) -> DbUser:
        """Set a user's password; the cluster is BUSY meanwhile."""
        return await self._on_users(cluster, lambda api: api.change_password(cluster.id, user), user.username)

    async def delete_user(self, cluster: Cluster, name: str) -> None:
        """Delete a user, at the earliest ten seconds after the last deletion in this cluster."""
        require_operation(Operation.USERS, cluster.api)
        async with self._deletion_turn(cluster):
            await self._on_users(cluster, lambda api: api.delete_user(cluster.id, name), name)

    # Databases, v1 only

    async def databases(self, cluster: Cluster) -> Listing[ClusterDatabase]:
        """Return a cluster's databases; a new one may be missing for a moment."""
        return await self._cache.get(
            f"databases {cluster.id}",
            lambda: self._on_databases(cluster, lambda api: api.databases(cluster.id)),
        )

    async def database(self, cluster: Cluster, name: str) -> ClusterDatabase:
        return await self._on_databases(cluster, lambda api: api.database(cluster.id, name), name)

    async def create_database(self, cluster: Cluster, name: str, owner: str) -> ClusterDatabase:
        return await self._on_databases(cluster, lambda api: api.create_database(cluster.id, name, owner))

    async def delete_database(self, cluster: Cluster, name: str) -> None:
        """Delete a database, at the earliest ten seconds after the last deletion in this cluster."""
        require_operation(Operation.DATABASES, cluster.api)
        async with self._deletion_turn(cluster):
            await self._on_databases(cluster, lambda api: api.delete_database(cluster.id, name), name)

    # Ways to ask

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
        self, ask: Callable[[AnyClient], Awaitable[Listing[Thing]]], *, advise: bool = False
    ) -> Listing[Thing]:
        if not self._contracts:
            raise ConfigError(
                "No IONOS contract is configured.",
                "Set IONOS_TOKEN, or name a contract and its token under ionos.contracts in app.yaml.",
            )

        async def one(api: AnyClient) -> Listing[Thing] | CloudError:
            try:
                return await ask(api)
            except CloudError as error:
                return error

        apis = [api for contract in self._contracts.values() for api in contract.everywhere()]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(api)) for api in apis]
        answers = ((api.place, task.result()) for api, task in zip(apis, tasks, strict=True))
        return gather_answers(answers, self._gaps, advise=advise)

    async def _asked(self, asked: ClusterQuery, ask: Callable[[AnyClient], Awaitable[Thing]]) -> Thing:
        """Return what the cluster's API says; a 404 is explained by looking up the cluster. Raises
        CloudError."""
        api = self._of(asked.cluster).of(asked.cluster)
        try:
            return await ask(api)
        except NotFound as error:
            raise explain_not_found(error, asked, await self.cluster(asked.cluster)) from None

    async def _followed(self, asked: ClusterQuery, ask: Callable[[AnyClient], Awaitable[Thing]]) -> Thing:
        """Do as `_asked`, and follow a cluster that has moved to v2: for reads only."""
        contract = self._of(asked.cluster)
        try:
            return await ask(contract.of(asked.cluster))
        except NotFound as error:
            now = await self.cluster(asked.cluster)
            if now.api is asked.cluster.api:
                raise explain_not_found(error, asked, now) from None
            return await ask(contract.of(now))

    async def _on_v1(
        self, operation: Operation, cluster: Cluster, part: str, ask: Callable[[V1Client], Awaitable[Thing]]
    ) -> Thing:
        """Do as `_asked` what only v1 offers. Raises NotOffered for a cluster of v2."""
        require_operation(operation, cluster.api)
        v1 = self._of(cluster).need_v1()
        asked = ClusterQuery(cluster=cluster, operation=operation, part=part)
        return await self._asked(asked, lambda _: ask(v1))

    async def _on_users(
        self, cluster: Cluster, ask: Callable[[V1Client], Awaitable[Thing]], name: str | None = None
    ) -> Thing:
        part = "list of users" if name is None else f"user {quote_name(name)}"
        return await self._on_v1(Operation.USERS, cluster, part, ask)

    async def _on_databases(
        self, cluster: Cluster, ask: Callable[[V1Client], Awaitable[Thing]], name: str | None = None
    ) -> Thing:
        part = "list of databases" if name is None else f"database {quote_name(name)}"
        return await self._on_v1(Operation.DATABASES, cluster, part, ask)

    @asynccontextmanager
    async def _deletion_turn(self, cluster: Cluster) -> AsyncIterator[None]:
        """Wait until the previous deletion in this cluster has ended, and for the pause after it."""
        async with self._deleting.setdefault(cluster.id, asyncio.Lock()):
            if cluster.id in self._deleted_at:
                pause = self._deleted_at[cluster.id] + BETWEEN_DELETIONS - self._clock.monotonic()
                await self._clock.sleep(max(pause, 0))
            try:
                yield
            finally:
                self._deleted_at[cluster.id] = self._clock.monotonic()

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


def open_fleet(
    accesses: Sequence[ContractAccess],
    addresses: Addresses,
    *,
    clock: Clock,
    wiring: TransportOptions | None = None,
) -> Fleet:
    """Open the fleet of these contracts; nothing is sent yet. Raises ConfigError for a name used twice."""
    if len({access.name for access in accesses}) < len(accesses):
        raise ConfigError("Two contracts have the same name.", "Names under ionos.contracts must differ.")
    # A proxy from the environment must not see requests to this machine: it would get the token in clear.
    wiring = replace(wiring or TransportOptions(), direct_hosts=addresses.hosts_on_this_machine)
    contracts = [ContractClient.open(access, addresses, clock, wiring) for access in accesses]
    return Fleet(contracts, addresses.gaps, clock)
