"""The v1 API, one method per operation: domain types out. Source: ionos-v1.openapi.yaml."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from bot.domain.cluster import Backup, Cluster, ClusterDatabase, DbUser, Listing, LogLine, PostgresVersion
from bot.domain.cluster_spec import ClusterChange, Credentials, LogWindow, NewCluster, RestoreTo
from bot.ionos.base_client import AnsweredCall, BaseClient
from bot.ionos.endpoint import Endpoint, quote_segment
from bot.ionos.http_errors import unreadable_error
from bot.ionos.pagination import EntryReader
from bot.ionos.tolerant_models import read_answer, read_page
from bot.ionos.transport import Transport
from bot.ionos.v1 import mapping, requests
from bot.ionos.v1 import responses as wire
from bot.ionos.write_intent import WriteIntent, WriteKind

_ACCEPTED = frozenset({202})
_GONE = frozenset({204})
# Creating and changing are documented as 200; the neighbours mean the same and are no reason to doubt.
_CLUSTER_DONE = frozenset({200, 201, 202})


class V1Client:
    """API v1 of a contract. Raises CloudError; writes raise OutcomeUnknown when their answer is lost."""

    def __init__(self, transport: Transport, place: Endpoint) -> None:
        self.place = place
        self._ask = BaseClient(transport, place)
        self._to_cluster = partial(mapping.to_cluster, place=place)
        self._to_backup = partial(mapping.to_backup, place=place)

    # Clusters

    async def clusters(self) -> Listing[Cluster]:
        """Return every cluster of the contract."""
        kind = EntryReader(wire.V1Cluster, self._to_cluster, attrgetter("id"))
        return await self._ask.list("/clusters", kind, keep=True)

    async def create_cluster(self, new: NewCluster, credentials: Credentials) -> Cluster:
        """Begin to create a cluster, empty or from a backup; it is BUSY at first."""
        body = requests.create_cluster(new, credentials)
        intent = WriteIntent(write=WriteKind.CREATE, about=new.name, secrets=(credentials.secret(),))
        said = await self._ask.write("POST /clusters", body, done=_CLUSTER_DONE, intent=intent)
        return said.read(wire.V1Cluster, self._to_cluster)

    async def cluster(self, cluster_id: str) -> Cluster:
        """Return one cluster, read afresh."""
        said = await self._ask.get(_cluster_path(cluster_id))
        cluster = said.read(wire.V1Cluster, self._to_cluster)
        if cluster.id.lower() != cluster_id.lower():
            raise unreadable_error(said.call, "it is about another cluster", said.answer)
        return cluster

    async def change_cluster(self, cluster_id: str, change: ClusterChange) -> Cluster:
        """Send a PATCH of only what the change names. The cluster becomes BUSY a little later."""
        body = requests.change_cluster(change)
        intent = WriteIntent(write=WriteKind.CHANGE, about=cluster_id)
        said = await self._ask.write(
            f"PATCH {_cluster_path(cluster_id)}", body, done=_CLUSTER_DONE, intent=intent
        )
        return said.read(wire.V1Cluster, self._to_cluster)

    async def delete_cluster(self, cluster_id: str) -> None:
        """Begin to delete. The cluster is DESTROYING and then answers 404."""
        intent = WriteIntent(write=WriteKind.DELETE, about=cluster_id)
        done = frozenset({200, 202, 204})
        await self._ask.write(f"DELETE {_cluster_path(cluster_id)}", done=done, intent=intent)

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

    # Logs

    async def logs(self, cluster_id: str, window: LogWindow) -> Listing[LogLine]:
        """Return log lines of at most the last 30 days, at most 5,000 a call."""
        said = await self._ask.get(f"{_cluster_path(cluster_id)}/logs", requests.log_query(window))
        reading = read_answer(wire.Logs, said.answer, said.call)
        if reading.value.instances is None:
            raise unreadable_error(said.call, "it holds no list of instances", said.answer)
        return mapping.to_log_lines(reading, self.place)

    # Backups and restore

    async def backups(self) -> Listing[Backup]:
        """Return every backup of the contract."""
        return await self._list_backups("/clusters/backups")

    async def cluster_backups(self, cluster_id: str) -> Listing[Backup]:
        """Return every backup of one cluster."""
        return await self._list_backups(f"{_cluster_path(cluster_id)}/backups", cluster_id)

    async def backup(self, backup_id: str) -> Backup:
        """Return one backup. v1 ids are no UUIDs."""
        said = await self._ask.get(f"/clusters/backups/{quote_segment(backup_id)}")
        return said.read(
            wire.V1Backup, self._to_backup, lambda backup: backup.id.lower() == backup_id.lower()
        )

    async def restore(self, cluster_id: str, target: RestoreTo) -> None:
        """Begin to restore in place, up to but not including the target time."""
        body = requests.restore_cluster(target)
        intent = WriteIntent(write=WriteKind.RESTORE, about=cluster_id)
        await self._ask.write(
            f"POST {_cluster_path(cluster_id)}/restore", body, done=_ACCEPTED, intent=intent
        )

    # Users

    async def users(self, cluster_id: str, *, system: bool = False) -> Listing[DbUser]:
        """Return the cluster's users; system users only when asked for."""
        kind = EntryReader(wire.WireUser, partial(mapping.to_user, cluster_id=cluster_id), attrgetter("name"))
        return await self._ask.list(_users_path(cluster_id), kind, {"system": "true"} if system else {})

    async def create_user(self, cluster_id: str, user: Credentials) -> DbUser:
        """Create a user. The cluster is BUSY meanwhile."""
        body = requests.create_user(user)
        intent = WriteIntent(write=WriteKind.CREATE_USER, about=user.username, secrets=(user.secret(),))
        return await self._write_user(f"POST {_users_path(cluster_id)}", body, cluster_id, intent)

    async def user(self, cluster_id: str, name: str) -> DbUser:
        """Return one user."""
        said = await self._ask.get(f"{_users_path(cluster_id)}/{quote_segment(name)}")
        to_user = partial(mapping.to_user, cluster_id=cluster_id)
        return said.read(wire.WireUser, to_user, lambda user: user.name == name)

    async def change_password(self, cluster_id: str, user: Credentials) -> DbUser:
        """Set a user's password, which is all that can change. The cluster is BUSY meanwhile."""
        path = f"{_users_path(cluster_id)}/{quote_segment(user.username)}"
        intent = WriteIntent(write=WriteKind.CHANGE_PASSWORD, about=user.username, secrets=(user.secret(),))
        return await self._write_user(f"PATCH {path}", requests.change_password(user), cluster_id, intent)

    async def delete_user(self, cluster_id: str, name: str) -> None:
        """Delete a user."""
        intent = WriteIntent(write=WriteKind.DELETE_USER, about=name)
        await self._ask.write(
            f"DELETE {_users_path(cluster_id)}/{quote_segment(name)}", done=_GONE, intent=intent
        )

    # Databases

    async def databases(self, cluster_id: str) -> Listing[ClusterDatabase]:
        """Return the cluster's databases; a new one may be missing for a moment."""
        kind = EntryReader(
            wire.WireDatabase, partial(mapping.to_database, cluster_id=cluster_id), attrgetter("name")
        )
        return await self._ask.list(_databases_path(cluster_id), kind)

    async def create_database(self, cluster_id: str, name: str, owner: str) -> ClusterDatabase:
        """Create a database."""
        body = requests.create_database(name, owner)
        intent = WriteIntent(write=WriteKind.CREATE_DATABASE, about=name)
        said = await self._ask.write(
            f"POST {_databases_path(cluster_id)}", body, done=frozenset({200, 201}), intent=intent
        )
        return said.read(wire.WireDatabase, partial(mapping.to_database, cluster_id=cluster_id))

    async def database(self, cluster_id: str, name: str) -> ClusterDatabase:
        """Return one database."""
        said = await self._ask.get(f"{_databases_path(cluster_id)}/{quote_segment(name)}")
        to_database = partial(mapping.to_database, cluster_id=cluster_id)
        return said.read(wire.WireDatabase, to_database, lambda database: database.name == name)

    async def delete_database(self, cluster_id: str, name: str) -> None:
        """Delete a database."""
        intent = WriteIntent(write=WriteKind.DELETE_DATABASE, about=name)
        await self._ask.write(
            f"DELETE {_databases_path(cluster_id)}/{quote_segment(name)}", done=_GONE, intent=intent
        )

    # About the API

    async def probe(self) -> None:
        """Make the cheapest call that shows that the address answers and takes the credentials."""
        said = await self._ask.get("/clusters", {"limit": "1"})
        read_page(wire.V1Cluster, said.answer, said.call)

    async def _list_backups(self, path: str, cluster_id: str | None = None) -> Listing[Backup]:
        def stray(entry: wire.V1Backup) -> str:
            about = entry.properties.cluster_id if entry.properties else None
            return mapping.find_other_cluster(about, cluster_id)

        return await self._ask.list(
            path, EntryReader(wire.V1Backup, self._to_backup, attrgetter("id"), stray)
        )

    async def _list_versions(self, path: str) -> Listing[PostgresVersion]:
        said: AnsweredCall = await self._ask.get(path)
        reading = read_answer(wire.VersionNames, said.answer, said.call)
        if reading.value.data is None:
            raise unreadable_error(said.call, "it holds no list of versions", said.answer)
        return mapping.to_versions(reading, self.place)

    async def _write_user(
        self, request: str, body: Mapping[str, Any], cluster_id: str, intent: WriteIntent
    ) -> DbUser:
        said = await self._ask.write(request, body, done=frozenset({200, 201}), intent=intent)
        return said.read(wire.WireUser, partial(mapping.to_user, cluster_id=cluster_id))


def _cluster_path(cluster_id: str) -> str:
    return f"/clusters/{quote_segment(cluster_id)}"


def _users_path(cluster_id: str) -> str:
    return f"{_cluster_path(cluster_id)}/users"


def _databases_path(cluster_id: str) -> str:
    return f"{_cluster_path(cluster_id)}/databases"
