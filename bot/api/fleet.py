"""One fleet over both APIs, every region and every contract: what the rest of the bot talks to."""

from collections.abc import Sequence
from dataclasses import replace

from bot.api.access import Access, Addresses
from bot.api.contract import Contract
from bot.api.operations import Operation, require
from bot.api.pacing import Pacing
from bot.api.reading import Reading, open_contracts
from bot.api.transport import Wiring
from bot.api.v1 import V1
from bot.api.v1_send import check_window
from bot.api.v2 import V2
from bot.api.waiting import GONE, Wait, Waited, Wish
from bot.clock import Clock
from bot.domain import Api, Backup, Cluster, Database, DbUser, Gap, Listing, LogLine
from bot.wanted import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo


class Fleet(Reading):
    """Reads through `Reading`; everything here is about one cluster, on whichever API it is.

    Raises NotOffered for what that API lacks, before any call. Writes are sent once and never repeated: a
    lost answer is OutcomeUnknown. No method waits for a change to be done; `wait_for` does.
    """

    def __init__(self, contracts: Sequence[Contract], gaps: tuple[Gap, ...], clock: Clock) -> None:
        super().__init__(contracts, gaps, clock)
        self._pacing = Pacing(clock)

    # Clusters

    async def create(self, new: NewCluster, credentials: Credentials) -> Cluster:
        """Begin to create a cluster, empty or from a backup."""
        contract = self._named(new.contract)
        if new.api is Api.V1:
            return await contract.need_v1().create_cluster(new, credentials)
        return await contract.need_v2(new.region).create_cluster(new, credentials)

    async def change(
        self, cluster: Cluster, change: ClusterChange, credentials: Credentials | None = None
    ) -> Cluster:
        """Begin to change a cluster. v2 needs `credentials`, and sets the primary password to them."""
        if cluster.api is Api.V1:
            return await self._v1(cluster).change_cluster(cluster.id, change)
        return await self._v2(cluster).change_cluster(cluster.id, change, credentials)

    async def delete(self, cluster: Cluster) -> None:
        """Begin to delete a cluster."""
        api = self._v1(cluster) if cluster.api is Api.V1 else self._v2(cluster)
        await api.delete_cluster(cluster.id)

    async def restore(
        self, cluster: Cluster, target: RestoreTo, credentials: Credentials | None = None
    ) -> None:
        """Begin to restore in place. v1 needs the backup's id; v2 the time, and `credentials` as `change`."""
        if target.backup_id is not None:
            require(Operation.RESTORE_FROM_BACKUP, cluster.api)
        if cluster.api is Api.V1:
            await self._v1(cluster).restore(cluster.id, target)
        else:
            await self._v2(cluster).restore(cluster.id, target, credentials)

    async def wait_for(self, cluster: Cluster, wish: Wish | None = None) -> Waited:
        """Look at a cluster until the wish is met; see `bot.api.waiting`."""
        wish = wish or Wish()

        async def look() -> Cluster:
            # A cluster that shall go is gone when its own API says so; one that shall stay may move to v2.
            return await (self._where_it_was(cluster) if GONE in wish.states else self.cluster(cluster))

        return await Wait(look, wish, self._clock).until_done()

    # Backups and logs

    async def backups(self, cluster: Cluster) -> Listing[Backup]:
        """A cluster's backups. Raises CloudError when none could be read."""
        if cluster.api is Api.V1:
            return await self._v1(cluster).cluster_backups(cluster.id)
        return await self._v2(cluster).backups(cluster.id)

    async def all_backups(self) -> Listing[Backup]:
        """Every backup of every contract, those of deleted clusters included while they are kept."""
        return await self._all(lambda api: api.backups())

    async def backup(self, cluster: Cluster, backup_id: str) -> Backup:
        """One backup, looked up where the cluster is."""
        api = self._v1(cluster) if cluster.api is Api.V1 else self._v2(cluster)
        return await api.backup(backup_id)

    async def logs(self, cluster: Cluster, window: LogWindow) -> tuple[LogLine, ...]:
        """Log lines, by instance. v1 only. They may hold secrets that somebody typed as SQL."""
        require(Operation.LOGS, cluster.api)
        check_window(window, self._clock.now())
        return await self._v1(cluster).logs(cluster.id, window)

    # Users, v1 only

    async def users(self, cluster: Cluster, *, system: bool = False) -> Listing[DbUser]:
        """A cluster's users; system users only when asked for."""
        require(Operation.USERS, cluster.api)
        return await self._v1(cluster).users(cluster.id, system=system)

    async def user(self, cluster: Cluster, name: str) -> DbUser:
        """One user."""
        require(Operation.USERS, cluster.api)
        return await self._v1(cluster).user(cluster.id, name)

    async def create_user(self, cluster: Cluster, user: Credentials) -> DbUser:
        """Create a user; the cluster is BUSY meanwhile."""
        require(Operation.USERS, cluster.api)
        return await self._v1(cluster).create_user(cluster.id, user)

    async def change_password(self, cluster: Cluster, user: Credentials) -> DbUser:
        """Set a user's password; the cluster is BUSY meanwhile."""
        require(Operation.USERS, cluster.api)
        return await self._v1(cluster).change_password(cluster.id, user)

    async def delete_user(self, cluster: Cluster, name: str) -> None:
        """Delete a user, ten seconds after the last deletion in this cluster at the earliest."""
        require(Operation.USERS, cluster.api)
        async with self._pacing.turn(cluster.id):
            await self._v1(cluster).delete_user(cluster.id, name)

    # Databases, v1 only

    async def databases(self, cluster: Cluster) -> Listing[Database]:
        """A cluster's databases; a new one may be missing for a moment."""
        require(Operation.DATABASES, cluster.api)
        return await self._v1(cluster).databases(cluster.id)

    async def database(self, cluster: Cluster, name: str) -> Database:
        """One database."""
        require(Operation.DATABASES, cluster.api)
        return await self._v1(cluster).database(cluster.id, name)

    async def create_database(self, cluster: Cluster, name: str, owner: str) -> Database:
        """Create a database."""
        require(Operation.DATABASES, cluster.api)
        return await self._v1(cluster).create_database(cluster.id, name, owner)

    async def delete_database(self, cluster: Cluster, name: str) -> None:
        """Delete a database, ten seconds after the last deletion in this cluster at the earliest."""
        require(Operation.DATABASES, cluster.api)
        async with self._pacing.turn(cluster.id):
            await self._v1(cluster).delete_database(cluster.id, name)

    def _v1(self, cluster: Cluster) -> V1:
        return self._of(cluster).need_v1()

    def _v2(self, cluster: Cluster) -> V2:
        return self._of(cluster).need_v2(cluster.region)

    async def _where_it_was(self, cluster: Cluster) -> Cluster:
        api = self._v1(cluster) if cluster.api is Api.V1 else self._v2(cluster)
        return await api.cluster(cluster.id)


def open_fleet(
    accesses: Sequence[Access], addresses: Addresses, *, clock: Clock, wiring: Wiring | None = None
) -> Fleet:
    """A fleet over these contracts. Nothing is sent yet. Raises ConfigError when two have the same name."""
    # A proxy of the environment must not see what is meant for this machine: it would get the token in clear.
    wiring = replace(wiring or Wiring(), direct_hosts=addresses.hosts_on_this_machine)
    return Fleet(open_contracts(accesses, addresses, clock, wiring), addresses.gaps, clock)
