"""Models of v2's answers, field by field. Source: ionos-v2.openapi.yaml and the notes, sections 5 to 13."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from bot.domain.cluster import Api, Connection
from bot.ionos.cluster_fields import DomainPart, with_properties
from bot.ionos.tolerant_models import ReadModel
from bot.ionos.v1.responses import Resource, V1ChangeMetadata, V1Window

STATES = frozenset({"PROVISIONING", "AVAILABLE", "UPDATING", "DESTROYING", "FAILED"})


class V2Connection(DomainPart):
    """The private network of a cluster."""

    expected: ClassVar = ("datacenter_id", "lan_id", "primary_instance_address")

    datacenter_id: str | None = None
    lan_id: str | None = None
    primary_instance_address: str | None = None

    def domain(self) -> tuple[Connection, ...]:
        """Return the network in the domain's words."""
        address = self.primary_instance_address
        return (Connection(datacenter_id=self.datacenter_id, lan_id=self.lan_id, address=address),)


class WireCredentials(ReadModel):
    """The primary user, if the answer names it. A password never comes back."""

    username: str | None = None
    database: str | None = None


class V2ClusterMetadata(V1ChangeMetadata):
    """A cluster's server side; `status_message` says why it FAILED."""

    expected: ClassVar = ("state",)
    known: ClassVar = {"state": STATES}

    state: str | None = None
    status_message: str | None = None
    dns_name: str | None = None


@with_properties(Api.V2, maintenance=V1Window, connections=V2Connection)
class V2ClusterProperties(ReadModel):
    """A cluster's properties on v2, with what the table of properties does not have. GB.

    The place of backups comes in either of two forms (notes section 13.8); the older one is here.
    """

    known: ClassVar = {
        "replication": frozenset({"ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"}),
        "pooler": frozenset({"DISABLED", "TRANSACTION", "SESSION"}),
    }

    credentials: WireCredentials | None = None
    restore_from_backup: Any = None
    older_backup_location: str | None = Field(default=None, alias="backupLocation")


class V2Cluster(Resource):
    """A cluster, in its envelope."""

    expected: ClassVar = ("id", "metadata", "properties")

    metadata: V2ClusterMetadata | None = None
    properties: V2ClusterProperties | None = None


class V2BackupMetadata(V1ChangeMetadata):
    """Free-form; the official CLI reads state and creation date from it."""

    state: str | None = None


class V2BackupProperties(ReadModel):
    """A backup. `latest_recovery_target_time` null means up to now."""

    expected: ClassVar = ("cluster_id", "postgres_cluster_version", "is_active")

    cluster_id: str | None = None
    postgres_cluster_version: str | None = None
    is_active: bool | None = None
    earliest_recovery_target_time: datetime | None = None
    latest_recovery_target_time: datetime | None = None
    location: str | None = None


class V2Backup(Resource):
    """A backup, in its envelope."""

    metadata: V2BackupMetadata | None = None
    properties: V2BackupProperties | None = None


class LocationProperties(ReadModel):
    """A place for backups."""

    expected: ClassVar = ("location",)

    location: str | None = None


class WireLocation(Resource):
    """A place for backups, in its envelope. Its metadata is free-form and says nothing that we need."""

    metadata: Any = None
    properties: LocationProperties | None = None


class VersionProperties(ReadModel):
    """A PostgreSQL major; the documented status values are examples, so that others are no oddity."""

    expected: ClassVar = ("version", "can_upgrade_to")

    version: str | None = None
    status: str | None = None
    comment: str | None = None
    can_upgrade_to: list[str | None] | None = None


class WireVersion(Resource):
    """A PostgreSQL major, in its envelope. Its metadata is free-form and says nothing that we need."""

    metadata: Any = None
    properties: VersionProperties | None = None
