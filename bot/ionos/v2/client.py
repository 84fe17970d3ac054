"""The v2 API of one region, one method per operation: domain types out. Source: ionos-v2.openapi.yaml."""

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from bot.domain.cluster import Backup, BackupLocation, Cluster, Listing, PostgresVersion
from bot.domain.cluster_spec import ClusterChange, Credentials, NewCluster, RestoreTo
from bot.ionos.base_client import AnsweredCall, BaseClient
from bot.ionos.endpoint import Endpoint, quote_segment
from bot.ionos.http_errors import outcome_unknown_error, unreadable_error
from bot.ionos.pagination import EntryReader
from bot.ionos.tolerant_models import read_answer, read_object, read_page
from bot.ionos.transport import Transport
from bot.ionos.v1.mapping import find_other_cluster
from bot.ionos.v2 import mapping, put, requests
from bot.ionos.v2 import responses as wire
from bot.ionos.write_intent import WriteIntent, WriteKind

_DONE = frozenset({200, 201, 202})


class V2Client:
    """API v2 of a contract in one region. Raises CloudError; writes raise OutcomeUnknown on a lost answer."""

    def __init__(self, transport: Transport, place: Endpoint) -> None:
        self.place = place
        self._ask = BaseClient(transport, place)
        self._to_cluster = partial(mapping.to_cluster, place=place)
        self._to_backup = partial(mapping.to_backup, place=place)
        self._to_version = partial(mapping.to_version, place=place)
        self._to_location = partial(mapping.to_location, place=place)
        self._stray = partial(mapping.find_other_region, place=place)

    # Clusters

    async def clusters(self) -> Listing[Cluster]:
        """Return every cluster of the region."""
        kind = EntryReader(wire.V2Cluster, self._to_cluster, attrgetter("id"), self._stray)
        return await self._ask.list("/clusters", kind, keep=True)

    async def create_cluster(self, new: NewCluster, credentials: Credentials) -> Cluster:
        """Begin to create a cluster, empty or from a backup; it is PROVISIONING at first."""
        body = requests.create_cluster(new, credentials)
        intent = WriteIntent(write=WriteKind.CREATE, about=new.name, secrets=(credentials.secret(),))
        said = await self._ask.write("POST /clusters", body, done=_DONE, intent=intent)
        return said.read(wire.V2Cluster, self._to_cluster)

    async def cluster(self, cluster_id: str) -> Cluster:
        """Return one cluster, read afresh."""
        said = await self._read_cluster(cluster_id)
        return said.read(wire.V2Cluster, self._to_cluster)

    async def change_cluster(
        self, cluster_id: str, change: ClusterChange, credentials: Credentials | None
    ) -> Cluster:
        """Read, change, PUT. It sets the primary user's password to the one in `credentials`.

        Raises ConfigError, BadArgument or NotOffered before any call.
        """
        put.check_change(change)
        own = requests.check_credentials(credentials)
        intent = WriteIntent(write=WriteKind.CHANGE, about=cluster_id, secrets=(own.secret(),))
        return await self._replace_cluster(
            cluster_id, intent, lambda read: put.apply_change(read, change, own)
        )

    async def restore(self, cluster_id: str, target: RestoreTo, credentials: Credentials | None) -> Cluster:
        """Begin to restore in place: a PUT of the whole cluster, which also sets the primary password.

        Raises ConfigError, BadArgument or NotOffered before any call.
        """
        put.check_restore(target)
        own = requests.check_credentials(credentials)
        intent = WriteIntent(write=WriteKind.RESTORE, about=cluster_id, secrets=(own.secret(),))
        return await self._replace_cluster(
            cluster_id, intent, lambda read: put.apply_restore(read, target, own)
        )

    async def delete_cluster(self, cluster_id: str) -> None:
        """Begin to delete. The cluster is DESTROYING and then answers 404."""
        intent = WriteIntent(write=WriteKind.DELETE, about=cluster_id)
        done = frozenset({200, 202, 204})
        await self._ask.write(f"DELETE /clusters/{quote_segment(cluster_id)}", done=done, intent=intent)

    # Backups

    async def backups(self, cluster_id: str | None = None) -> Listing[Backup]:
        """Return every backup of the region, or of one cluster."""

        def stray(entry: wire.V2Backup) -> str:
            about = entry.properties.cluster_id if entry.properties else None
            return self._stray(entry) or find_other_cluster(about, cluster_id)

        kind = EntryReader(wire.V2Backup, self._to_backup, attrgetter("id"), stray)
        query = {"filter.clusterId": cluster_id} if cluster_id is not None else {}
        return await self._ask.list("/backups", kind, query)

    async def backup(self, backup_id: str) -> Backup:
        """Return one backup."""
        said = await self._ask.get(f"/backups/{quote_segment(backup_id)}")
        return said.read(
            wire.V2Backup, self._to_backup, lambda backup: backup.id.lower() == backup_id.lower()
        )

    # Places for backups

    async def backup_locations(self) -> Listing[BackupLocation]:
        """Return where this region can keep backups."""
        kind = EntryReader(wire.WireLocation, self._to_location, attrgetter("id"))
        return await self._ask.list("/backup-locations", kind)

    async def backup_location(self, location_id: str) -> BackupLocation:
        """Return one place for backups."""
        said = await self._ask.get(f"/backup-locations/{quote_segment(location_id)}")
        return said.read(wire.WireLocation, self._to_location)

    # Versions

    async def versions(self) -> Listing[PostgresVersion]:
        """Return the PostgreSQL majors of this region, with their status."""
        kind = EntryReader(wire.WireVersion, self._to_version, attrgetter("name"))
        return await self._ask.list("/versions", kind)

    async def upgrades(self, cluster: Cluster) -> Listing[str]:
        """Return the names of the majors that this cluster can be moved to, without its present one."""
        offered = await self.versions()
        return mapping.find_upgrades(cluster, offered, self.place)

    async def version(self, version_id: str) -> PostgresVersion:
        """Return one PostgreSQL major."""
        said = await self._ask.get(f"/versions/{quote_segment(version_id)}")
        return said.read(wire.WireVersion, self._to_version)

    async def probe(self) -> None:
        """Make the cheapest call that shows that the address answers and takes the credentials."""
        said = await self._ask.get("/clusters", {"limit": "1"})
        said.require_region(read_page(wire.V2Cluster, said.answer, said.call).href)

    async def _read_cluster(self, cluster_id: str) -> AnsweredCall:
        said = await self._ask.get(f"/clusters/{quote_segment(cluster_id)}")
        named = read_object(said.answer, said.call).get("id")
        if not isinstance(named, str) or named.lower() != cluster_id.lower():
            raise unreadable_error(
                said.call, "it is about another cluster, or does not say which", said.answer
            )
        if other := self._stray(read_answer(wire.V2Cluster, said.answer, said.call).value):
            raise unreadable_error(said.call, f"it is about {other}", said.answer)
        return said

    async def _replace_cluster(
        self, cluster_id: str, intent: WriteIntent, build: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> Cluster:
        said = await self._read_cluster(cluster_id)
        read = read_object(said.answer, said.call).get("properties")
        properties = build(read if isinstance(read, dict) else {})
        missing = put.find_missing(properties)
        if missing:
            why = f"it lacks {', '.join(missing)}, which a change would then reset"
            raise unreadable_error(said.call, why, said.answer)
        body = {"id": cluster_id, "properties": properties}
        done = await self._ask.write(
            f"PUT /clusters/{quote_segment(cluster_id)}", body, done=_DONE, intent=intent
        )
        if done.answer.status == 201:
            # 201 means that there was no such cluster any more, and that the PUT has made a new, empty one.
            raise outcome_unknown_error(
                done.call, "says that it created a new cluster under this id", done.answer
            )
        return done.read(wire.V2Cluster, self._to_cluster)
