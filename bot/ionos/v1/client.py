"""The v1 API, one method per operation: domain types out. Source: ionos-v1.openapi.yaml."""

from functools import partial
from operator import attrgetter

from bot.domain.cluster import Backup, Cluster, ClusterDatabase, DbUser, Listing, LogLine, PostgresVersion
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.ionos.base_client import BaseClient, WriteIntent
from bot.ionos.endpoint import Endpoint, quote_segment
from bot.ionos.http_errors import unreadable_error
from bot.ionos.pagination import EntryReader
from bot.ionos.tolerant_models import read_answer, read_page
from bot.ionos.transport import Transport
from bot.ionos.v1 import requests
from bot.ionos.v1 import responses as wire

_GONE = frozenset({204})
# Creating and changing are documented as 200; the neighbours mean the same and are no reason to doubt.
_CLUSTER_DONE = frozenset({200, 201, 202})
_DONE = frozenset({200, 201})


class V1Client(BaseClient):
    """API v1 of a contract. Raises CloudError; writes raise OutcomeUnknown when their answer is lost."""

    def __init__(self, transport: Transport, place: Endpoint) -> None:
        super().__init__(transport, place)
        to_cluster = partial(wire.to_cluster, place=place)
        self._clusters: EntryReader[wire.V1Cluster, Cluster]
        self._clusters = EntryReader(wire.V1Cluster, to_cluster, attrgetter("id"))
        self._to_backup = partial(wire.to_backup, place=place)

    # Clusters

    async def clusters(self) -> Listing[Cluster]:
        """Return every cluster of the contract."""
        return await self._list("/clusters", self._clusters, keep=True)

    async def create_cluster(self, new: NewCluster, credentials: Credentials) -> Cluster:
        """Begin to create a cluster, empty or from a backup; it is BUSY at first."""
        body = requests.create_cluster(new, credentials)
        look = "is a cluster named {about} listed, BUSY or AVAILABLE?"
        intent = WriteIntent(look, new.name, secrets=(credentials.secret(),))
        said = await self._write("POST /clusters", body, done=_CLUSTER_DONE, intent=intent)
        return said.read(self._clusters)

    async def cluster(self, cluster_id: str) -> Cluster:
        """Return one cluster, read afresh."""
        said = await self._get(_cluster_path(cluster_id))
        cluster = said.read(self._clusters)
        if cluster.id.lower() != cluster_id.lower():
            raise unreadable_error(said.call, "it is about another cluster", said.answer)
        return cluster

    async def change_cluster(
        self, cluster_id: str, change: ClusterChange, _credentials: Credentials | None = None
    ) -> Cluster:
        """Send a PATCH of only what the change names. The cluster becomes BUSY a little later."""
        look = "is cluster {about} BUSY, is its last change new, and has it the new values?"
        said = await self._write(
            f"PATCH {_cluster_path(cluster_id)}",
            requests.change_cluster(change),
            done=_CLUSTER_DONE,
            intent=WriteIntent(look, cluster_id),
        )
        return said.read(self._clusters)

    # Versions

    async def versions(self) -> Listing[PostgresVersion]:
        """Return majors that new clusters may use."""
        return await self._list_versions("/versions")

    async def cluster_versions(self, cluster_id: str) -> Listing[PostgresVersion]:
        """Return majors that this cluster can be moved to."""
        return await self._list_versions(f"{_cluster_path(cluster_id)}/versions")

    async def upgrades(self, cluster: Cluster) -> Listing[str]:
        """Return the names of the majors that this cluster can be moved to, without its present one."""
        offered = await self.cluster_versions(cluster.id)
        names = (each.name for each in offered.items if each.name != cluster.postgres_version)
        return Listing(tuple(names), offered.gaps)

    async def _list_versions(self, path: str) -> Listing[PostgresVersion]:
        said = await self._get(path)
        reading = read_answer(wire.VersionNames, said.answer, said.call)
        if reading.value.data is None:
            raise unreadable_error(said.call, "it holds no list of versions", said.answer)
        return wire.to_versions(reading, self.place)

    # Logs

    async def logs(self, cluster_id: str, window: LogWindow) -> Listing[LogLine]:
        """Return log lines of at most the last 30 days, at most 5,000 a call."""
        said = await self._get(f"{_cluster_path(cluster_id)}/logs", requests.log_query(window))
        reading = read_answer(wire.Logs, said.answer, said.call)
        if reading.value.instances is None:
            raise unreadable_error(said.call, "it holds no list of instances", said.answer)
        return wire.to_log_lines(reading, self.place)

    # Backups and restore

    async def backups(self, cluster_id: str | None = None) -> Listing[Backup]:
        """Return every backup of the contract, or of one cluster."""

        def stray(entry: wire.V1Backup) -> str:
            about = entry.properties.cluster_id if entry.properties else None
            return wire.find_other_cluster(about, cluster_id)

        path = "/clusters/backups" if cluster_id is None else f"{_cluster_path(cluster_id)}/backups"
        return await self._list(path, EntryReader(wire.V1Backup, self._to_backup, attrgetter("id"), stray))

    async def restore(
        self, cluster_id: str, target: RestoreTo, _credentials: Credentials | None = None
    ) -> None:
        """Begin to restore in place, up to but not including the target time."""
        look = "is cluster {about} BUSY, is its last change new, and has it a backup that it had not before?"
        await self._write(
            f"POST {_cluster_path(cluster_id)}/restore",
            requests.restore_cluster(target),
            done=frozenset({202}),
            intent=WriteIntent(look, cluster_id),
        )

    # Users

    async def users(self, cluster_id: str, *, system: bool = False) -> Listing[DbUser]:
        """Return the cluster's users; system users only when asked for."""
        query = {"system": "true"} if system else {}
        return await self._list(_users_path(cluster_id), _users_of(cluster_id), query)

    async def user(self, cluster_id: str, name: str) -> DbUser:
        said = await self._get(_users_path(cluster_id, name))
        return said.read(_users_of(cluster_id), lambda user: user.name == name)

    async def create_user(self, cluster_id: str, user: Credentials) -> DbUser:
        """Create a user. The cluster is BUSY meanwhile."""
        look = "is the cluster BUSY, and does it have a user {about}?"
        intent = WriteIntent(look, user.username, secrets=(user.secret(),))
        path, body = _users_path(cluster_id), requests.create_user(user)
        said = await self._write(f"POST {path}", body, done=_DONE, intent=intent)
        return said.read(_users_of(cluster_id))

    async def change_password(self, cluster_id: str, user: Credentials) -> DbUser:
        """Set a user's password, which is all that can change. The cluster is BUSY meanwhile."""
        look = "is the cluster BUSY, and does user {about} log in with the new password or with the old one?"
        intent = WriteIntent(look, user.username, secrets=(user.secret(),))
        path, body = _users_path(cluster_id, user.username), requests.change_password(user)
        said = await self._write(f"PATCH {path}", body, done=_DONE, intent=intent)
        return said.read(_users_of(cluster_id))

    async def delete_user(self, cluster_id: str, name: str) -> None:
        intent = WriteIntent("does the cluster still have a user {about}?", name)
        await self._write(f"DELETE {_users_path(cluster_id, name)}", done=_GONE, intent=intent)

    # Databases

    async def databases(self, cluster_id: str) -> Listing[ClusterDatabase]:
        """Return the cluster's databases; a new one may be missing for a moment."""
        return await self._list(_databases_path(cluster_id), _databases_of(cluster_id))

    async def database(self, cluster_id: str, name: str) -> ClusterDatabase:
        said = await self._get(_databases_path(cluster_id, name))
        return said.read(_databases_of(cluster_id), lambda database: database.name == name)

    async def create_database(self, cluster_id: str, name: str, owner: str) -> ClusterDatabase:
        look = "does the cluster have a database {about}? A new one may be missing for a moment."
        path, body = _databases_path(cluster_id), requests.create_database(name, owner)
        said = await self._write(f"POST {path}", body, done=_DONE, intent=WriteIntent(look, name))
        return said.read(_databases_of(cluster_id))

    async def delete_database(self, cluster_id: str, name: str) -> None:
        intent = WriteIntent("does the cluster still have a database {about}?", name)
        await self._write(f"DELETE {_databases_path(cluster_id, name)}", done=_GONE, intent=intent)

    # About the API

    async def probe(self) -> None:
        """Make the cheapest call that shows that the address answers and takes the credentials."""
        said = await self._get("/clusters", {"limit": "1"})
        read_page(wire.V1Cluster, said.answer, said.call)


def _users_of(cluster_id: str) -> EntryReader[wire.WireUser, DbUser]:
    return EntryReader(wire.WireUser, partial(wire.to_user, cluster_id=cluster_id), attrgetter("name"))


def _databases_of(cluster_id: str) -> EntryReader[wire.WireDatabase, ClusterDatabase]:
    to_database = partial(wire.to_database, cluster_id=cluster_id)
    return EntryReader(wire.WireDatabase, to_database, attrgetter("name"))


def _cluster_path(cluster_id: str) -> str:
    return f"/clusters/{quote_segment(cluster_id)}"


def _users_path(cluster_id: str, *name: str) -> str:
    return "/".join((_cluster_path(cluster_id), "users", *map(quote_segment, name)))


def _databases_path(cluster_id: str, *name: str) -> str:
    return "/".join((_cluster_path(cluster_id), "databases", *map(quote_segment, name)))
