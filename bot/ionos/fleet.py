"""The fleet: all clusters of every contract and region, over both APIs."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace

from bot.domain.api_capabilities import Operation, require_operation
from bot.domain.cluster import Api, Backup, Cluster, ClusterDatabase, DbUser, Gap, Listing, LogLine
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.domain.errors import NotFound
from bot.ionos.cluster_lookup import quote_name
from bot.ionos.contract_client import ContractClient
from bot.ionos.credentials import Addresses, ContractAccess
from bot.ionos.fleet_reads import FleetReads, open_contracts
from bot.ionos.merge import find_conflicts, merge_backups
from bot.ionos.not_found import ClusterQuery
from bot.ionos.rate_spacing import RateSpacing
from bot.ionos.transport import TransportOptions
from bot.ionos.v1.client import V1Client
from bot.ionos.v1.requests import fit_window
from bot.ionos.v2.client import V2Client
from bot.ionos.wait import ClusterLooks, ClusterWait, WaitGoal, WaitResult
from bot.runtime.clock import Clock


class Fleet(FleetReads):
    """The fleet with its operations on one cluster, whichever API it is on.

    Raises NotOffered for what that API lacks, before any call. Writes are sent once and never repeated: a
    lost answer is OutcomeUnknown. No method waits for a change to be done; `wait_for` does.
    """

    def __init__(self, contracts: Sequence[ContractClient], gaps: tuple[Gap, ...], clock: Clock) -> None:
        super().__init__(contracts, gaps, clock)
        self._pacing = RateSpacing(clock)

    # Clusters

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
        if cluster.api is Api.V1:
            return await self._asked(asked, lambda: self._v1(cluster).change_cluster(cluster.id, change))
        return await self._asked(
            asked, lambda: self._v2(cluster).change_cluster(cluster.id, change, credentials)
        )

    async def delete(self, cluster: Cluster) -> None:
        """Start to delete a cluster."""
        asked = ClusterQuery(cluster=cluster, operation=Operation.DELETE)
        api = self._of(cluster).of(cluster)
        await self._asked(asked, lambda: api.delete_cluster(cluster.id))

    async def restore(
        self, cluster: Cluster, target: RestoreTo, credentials: Credentials | None = None
    ) -> None:
        """Start to restore in place. v1 needs the backup's id; v2 the time, and `credentials` as `change`."""
        operation = Operation.RESTORE if target.backup_id is None else Operation.RESTORE_FROM_BACKUP
        require_operation(operation, cluster.api)
        part = "" if target.backup_id is None else f"backup {quote_name(target.backup_id)}"
        asked = ClusterQuery(cluster=cluster, operation=operation, part=part)
        if cluster.api is Api.V1:
            await self._asked(asked, lambda: self._v1(cluster).restore(cluster.id, target))
        else:
            await self._asked(asked, lambda: self._v2(cluster).restore(cluster.id, target, credentials))

    async def wait_for(self, cluster: Cluster, goal: WaitGoal | None = None) -> WaitResult:
        """Poll a cluster until the goal is reached; see `bot.ionos.wait`.

        It is followed to v2: a cluster that v2 still shows is not gone.
        """
        looks = ClusterLooks(
            at_address=lambda: self.cluster(cluster),
            doubt_absence=lambda: self.doubt_absence(cluster),
        )
        return await ClusterWait(looks, goal or WaitGoal(), self._clock).until_done()

    # Backups and logs

    async def backups(self, cluster: Cluster) -> Listing[Backup]:
        """Return a cluster's backups, from v2 if it has moved there. Raises CloudError when unreadable."""

        async def of(api: V1Client | V2Client) -> Listing[Backup]:
            return await (
                api.cluster_backups(cluster.id) if isinstance(api, V1Client) else api.backups(cluster.id)
            )

        asked = ClusterQuery(cluster=cluster, operation=Operation.BACKUPS, part="list of backups")
        return await self._cache.get(f"backups {cluster.id}", lambda: self._followed(asked, of))

    async def all_backups(self) -> Listing[Backup]:
        """Return every backup of every contract, those of deleted clusters included while they exist."""

        async def read() -> Listing[Backup]:
            return merge_backups(find_conflicts(await self._all(lambda api: api.backups())))

        return await self._cache.get("backups", lambda: self._shared.get("backups", read))

    async def backup(self, cluster: Cluster, backup_id: str) -> Backup:
        """Return one backup, read from the cluster's API."""
        api = self._of(cluster).of(cluster)
        part = f"backup {quote_name(backup_id)}"
        asked = ClusterQuery(cluster=cluster, operation=Operation.BACKUPS, part=part)
        return await self._asked(asked, lambda: api.backup(backup_id))

    async def logs(self, cluster: Cluster, window: LogWindow) -> tuple[LogLine, ...]:
        """Return the lines of `log_listing`; unreadable ones say so in their text."""
        return (await self.log_listing(cluster, window)).items

    async def log_listing(self, cluster: Cluster, window: LogWindow) -> Listing[LogLine]:
        """Return log lines by instance, with oddities of the answer. v1 only, at most 30 days back.

        They may hold secrets typed as SQL. Raises BadArgument for another window.
        """
        require_operation(Operation.LOGS, cluster.api)
        requested = fit_window(window, self._clock.now())
        asked = ClusterQuery(cluster=cluster, operation=Operation.LOGS, part="logs")
        return await self._asked(asked, lambda: self._v1(cluster).logs(cluster.id, requested))

    # Users, v1 only

    async def users(self, cluster: Cluster, *, system: bool = False) -> Listing[DbUser]:
        """Return a cluster's users; system users only with `system`."""
        asked = _users_query(cluster)

        def read() -> Awaitable[Listing[DbUser]]:
            return self._asked(asked, lambda: self._v1(cluster).users(cluster.id, system=system))

        return await self._cache.get(f"users {cluster.id} {system}", read)

    async def user(self, cluster: Cluster, name: str) -> DbUser:
        """Return one user."""
        asked = _users_query(cluster, name)

        async def read() -> Listing[DbUser]:
            return Listing((await self._asked(asked, lambda: self._v1(cluster).user(cluster.id, name)),))

        return (await self._cache.get(f"users {cluster.id} named {name}", read)).items[0]

    async def create_user(self, cluster: Cluster, user: Credentials) -> DbUser:
        """Create a user; the cluster is BUSY meanwhile."""
        return await self._asked(
            _users_query(cluster), lambda: self._v1(cluster).create_user(cluster.id, user)
        )

    async def change_password(self, cluster: Cluster, user: Credentials) -> DbUser:
        """Set a user's password; the cluster is BUSY meanwhile."""
        asked = _users_query(cluster, user.username)
        return await self._asked(asked, lambda: self._v1(cluster).change_password(cluster.id, user))

    async def delete_user(self, cluster: Cluster, name: str) -> None:
        """Delete a user, at the earliest ten seconds after the last deletion in this cluster."""
        asked = _users_query(cluster, name)
        async with self._pacing.turn(cluster.id):
            await self._asked(asked, lambda: self._v1(cluster).delete_user(cluster.id, name))

    # Databases, v1 only

    async def databases(self, cluster: Cluster) -> Listing[ClusterDatabase]:
        """Return a cluster's databases; a new one may be missing for a moment."""
        asked = _databases_query(cluster)

        def read() -> Awaitable[Listing[ClusterDatabase]]:
            return self._asked(asked, lambda: self._v1(cluster).databases(cluster.id))

        return await self._cache.get(f"databases {cluster.id}", read)

    async def database(self, cluster: Cluster, name: str) -> ClusterDatabase:
        """Return one database."""
        asked = _databases_query(cluster, name)
        return await self._asked(asked, lambda: self._v1(cluster).database(cluster.id, name))

    async def create_database(self, cluster: Cluster, name: str, owner: str) -> ClusterDatabase:
        """Create a database."""
        asked = _databases_query(cluster)
        return await self._asked(asked, lambda: self._v1(cluster).create_database(cluster.id, name, owner))

    async def delete_database(self, cluster: Cluster, name: str) -> None:
        """Delete a database, at the earliest ten seconds after the last deletion in this cluster."""
        asked = _databases_query(cluster, name)
        async with self._pacing.turn(cluster.id):
            await self._asked(asked, lambda: self._v1(cluster).delete_database(cluster.id, name))

    def _v1(self, cluster: Cluster) -> V1Client:
        return self._of(cluster).need_v1()

    def _v2(self, cluster: Cluster) -> V2Client:
        return self._of(cluster).need_v2(cluster.region)


def _users_query(cluster: Cluster, name: str | None = None) -> ClusterQuery:
    """Return the query for an error message. Raises NotOffered where the API has no users."""
    require_operation(Operation.USERS, cluster.api)
    part = "list of users" if name is None else f"user {quote_name(name)}"
    return ClusterQuery(cluster=cluster, operation=Operation.USERS, part=part)


def _databases_query(cluster: Cluster, name: str | None = None) -> ClusterQuery:
    """Return the query for an error message. Raises NotOffered where the API has no databases."""
    require_operation(Operation.DATABASES, cluster.api)
    part = "list of databases" if name is None else f"database {quote_name(name)}"
    return ClusterQuery(cluster=cluster, operation=Operation.DATABASES, part=part)


def open_fleet(
    accesses: Sequence[ContractAccess],
    addresses: Addresses,
    *,
    clock: Clock,
    wiring: TransportOptions | None = None,
) -> Fleet:
    """Open the fleet of these contracts; nothing is sent yet. Raises ConfigError for a name used twice."""
    # A proxy from the environment must not see requests to this machine: it would get the token in clear.
    wiring = replace(wiring or TransportOptions(), direct_hosts=addresses.hosts_on_this_machine)
    return Fleet(open_contracts(accesses, addresses, clock, wiring), addresses.gaps, clock)
