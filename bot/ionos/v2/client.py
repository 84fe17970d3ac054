"""The v2 API of one region, one method per operation: domain types out. Source: ionos-v2.openapi.yaml."""

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from bot.domain.cluster import Backup, BackupLocation, Cluster, Listing, PostgresVersion
from bot.domain.cluster_spec import ClusterChange, Credentials, NewCluster, RestoreTo
from bot.ionos.base_client import AnsweredCall, BaseClient, WriteIntent
from bot.ionos.endpoint import Endpoint, quote_segment
from bot.ionos.http_errors import outcome_unknown_error, unreadable_error
from bot.ionos.pagination import EntryReader
from bot.ionos.tolerant_models import read_answer, read_object, read_page
from bot.ionos.transport import Transport
from bot.ionos.v1.responses import find_other_cluster
from bot.ionos.v2 import requests
from bot.ionos.v2 import responses as wire

_DONE = frozenset({200, 201, 202})
_PASSWORD = "; the primary user's password may be the configured one already"  # noqa: S105  a sentence


class V2Client(BaseClient):
    """API v2 of a contract in one region. Raises CloudError; writes raise OutcomeUnknown on a lost answer."""

    def __init__(self, transport: Transport, place: Endpoint) -> None:
        super().__init__(transport, place)
        self._stray = partial(wire.find_other_region, place=place)
        to_cluster = partial(wire.to_cluster, place=place)
        self._clusters: EntryReader[wire.V2Cluster, Cluster]
        self._clusters = EntryReader(wire.V2Cluster, to_cluster, attrgetter("id"), self._stray)
        self._to_backup = partial(wire.to_backup, place=place)

    # Clusters

    async def clusters(self) -> Listing[Cluster]:
        """Return every cluster of the region."""
        return await self._list("/clusters", self._clusters, keep=True)

    async def create_cluster(self, new: NewCluster, credentials: Credentials) -> Cluster:
        """Begin to create a cluster, empty or from a backup; it is PROVISIONING at first."""
        body = requests.create_cluster(new, credentials)
        look = "is a cluster named {about} listed, PROVISIONING or AVAILABLE?"
        intent = WriteIntent(look, new.name, secrets=(credentials.secret(),))
        said = await self._write("POST /clusters", body, done=_DONE, intent=intent)
        return said.read(self._clusters)

    async def cluster(self, cluster_id: str) -> Cluster:
        """Return one cluster, read afresh."""
        return (await self._read_cluster(cluster_id)).read(self._clusters)

    async def change_cluster(
        self, cluster_id: str, change: ClusterChange, credentials: Credentials | None
    ) -> Cluster:
        """Read, change, PUT. It sets the primary user's password to the one in `credentials`.

        Raises ConfigError, BadArgument or NotOffered before any call.
        """
        requests.check_change(change)
        own = requests.check_credentials(credentials)
        look = f"is cluster {{about}} UPDATING, is its last change new, and has it the new values{_PASSWORD}?"
        intent = WriteIntent(look, cluster_id, secrets=(own.secret(),))
        return await self._replace_cluster(
            cluster_id, intent, lambda read: requests.apply_change(read, change, own)
        )

    async def restore(self, cluster_id: str, target: RestoreTo, credentials: Credentials | None) -> Cluster:
        """Begin to restore in place: a PUT of the whole cluster, which also sets the primary password.

        Raises ConfigError, BadArgument or NotOffered before any call.
        """
        requests.check_restore(target)
        own = requests.check_credentials(credentials)
        look = (
            "is cluster {about} UPDATING, is its last change new, and has it a backup that it had not before"
            f"{_PASSWORD}?"
        )
        intent = WriteIntent(look, cluster_id, secrets=(own.secret(),))
        return await self._replace_cluster(
            cluster_id, intent, lambda read: requests.apply_restore(read, target, own)
        )

    # Backups

    async def backups(self, cluster_id: str | None = None) -> Listing[Backup]:
        """Return every backup of the region, or of one cluster."""

        def stray(entry: wire.V2Backup) -> str:
            about = entry.properties.cluster_id if entry.properties else None
            return self._stray(entry) or find_other_cluster(about, cluster_id)

        kind = EntryReader(wire.V2Backup, self._to_backup, attrgetter("id"), stray)
        query = {"filter.clusterId": cluster_id} if cluster_id is not None else {}
        return await self._list("/backups", kind, query)

    async def backup_locations(self) -> Listing[BackupLocation]:
        """Return where this region can keep backups."""
        to_location = partial(wire.to_location, place=self.place)
        kind = EntryReader(wire.WireLocation, to_location, attrgetter("id"))
        return await self._list("/backup-locations", kind)

    # Versions

    async def versions(self) -> Listing[PostgresVersion]:
        """Return the PostgreSQL majors of this region, with their status."""
        to_version = partial(wire.to_version, place=self.place)
        return await self._list("/versions", EntryReader(wire.WireVersion, to_version, attrgetter("name")))

    async def upgrades(self, cluster: Cluster) -> Listing[str]:
        """Return the names of the majors that this cluster can be moved to, without its present one."""
        return wire.find_upgrades(cluster, await self.versions(), self.place)

    async def probe(self) -> None:
        """Make the cheapest call that shows that the address answers and takes the credentials."""
        said = await self._get("/clusters", {"limit": "1"})
        said.require_region(read_page(wire.V2Cluster, said.answer, said.call).href)

    async def _read_cluster(self, cluster_id: str) -> AnsweredCall:
        said = await self._get(f"/clusters/{quote_segment(cluster_id)}")
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
        missing = requests.find_missing(properties)
        if missing:
            why = f"it lacks {', '.join(missing)}, which a change would then reset"
            raise unreadable_error(said.call, why, said.answer)
        body = {"id": cluster_id, "properties": properties}
        done = await self._write(
            f"PUT /clusters/{quote_segment(cluster_id)}", body, done=_DONE, intent=intent
        )
        if done.answer.status == 201:
            # 201 means that there was no such cluster any more, and that the PUT has made a new, empty one.
            raise outcome_unknown_error(
                done.call, "says that it created a new cluster under this id", done.answer
            )
        return done.read(self._clusters)
